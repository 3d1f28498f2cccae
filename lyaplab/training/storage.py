"""A network with its readout on disk: the file of its model, and the readout beside it."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from typing import Any

from numpy.typing import NDArray

from lyaplab.model.loading import Cells, restored
from lyaplab.model.storage import refusal
from lyaplab.training.layout import OF_READOUT
from lyaplab.training.network import Network
from lyaplab.training.readout import Readout

__all__ = ["restored_network"]


def restored_network(
    path: str | PathLike[str], header: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]], *, cell: Cells = None
) -> Network:
    """Make the network that `Network.save` wrote, from the header and the arrays that were read.

    Parameters
    ----------
    path : path
        Where they were read, for messages.
    header, arrays : mapping
        As `lyaplab.model.storage.read_arrays` returns them.
    cell : str, Cell or iterable of these, optional
        The cell, or those of a stack, where they are your own: code is never read from a file.

    Raises
    ------
    ValueError
        If the header is damaged, or the arrays do not fit.
    """
    weights = {name: array for name, array in arrays.items() if not name.startswith(OF_READOUT)}
    own: dict[str, Any] = {name.removeprefix(OF_READOUT): arrays[name] for name in arrays if name not in weights}
    try:
        readout = Readout(**own, **header["readout"])
    except TypeError:
        raise refusal(path, " with a damaged readout") from None
    return Network(restored(path, header, weights, cell=cell), readout)
