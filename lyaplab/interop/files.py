"""Files of weights: those that `Model.save` wrote, and those of others by PyTorch's names or by a cell's."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from typing import Any

from numpy.typing import NDArray

from lyaplab.cells import cells, find
from lyaplab.errors import finite_array
from lyaplab.interop.torch import from_torch, names_in
from lyaplab.kernel.cell import Cell
from lyaplab.model import Model
from lyaplab.model.loading import Cells, restored
from lyaplab.model.settings import settle
from lyaplab.model.storage import read_arrays, refusal
from lyaplab.training.network import Network
from lyaplab.training.storage import restored_network

__all__ = ["load"]

Arrays = Mapping[str, NDArray[Any]]


def load(path: str | PathLike[str], *, cell: Cells = None, part: str | None = None) -> Model | Network:
    """Read a network from an npz or a safetensors file. No code is read from a file, and no pickle.

    Parameters
    ----------
    path : path
        A file that `Model.save` wrote, which comes back to the last bit; or one of tensors by PyTorch's names
        ("rnn.weight_hh_l0", ...), or of one layer's arrays by the names of a cell's card ("W", "U", "b").
    cell : str, Cell or iterable of these, optional
        The cell, or those of a stack, where they are your own; and where the arrays fit several cells.
    part : str, optional
        Which recurrent network is meant, where a file of PyTorch's tensors holds several: how their names begin.

    Returns
    -------
    Model
        Or the Network that `Network.save` wrote, with its readout.

    Raises
    ------
    ValueError, TypeError
        If the file is damaged, of another kind (it is said what to do instead), or its arrays do not fit each other.

    Examples
    --------
    >>> import tempfile, os
    >>> net = Model("gru", n=5, m=2, seed=1)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = os.path.join(folder, "net.safetensors")
    ...     net.save(file)
    ...     back = load(file)
    >>> back.settings == net.settings, bool((back.weights["W"] == net.weights["W"]).all())
    (True, True)
    """
    header, arrays = read_arrays(path)
    names = names_in(arrays)
    if part is not None and (header is not None or not names):
        raise ValueError(f"part has no effect: {path} holds one network, and no tensors by PyTorch's names")
    if header is not None:
        # A file with a readout is that of a network.
        rebuild = restored_network if "readout" in header else restored
        return rebuild(path, header, arrays, cell=cell)
    if not names:
        return _by_card(path, arrays, cell)
    net = from_torch(arrays, part=part)
    kind = getattr(net, "layers", (net,))[0].cell.name
    if cell is not None and cell != kind:
        raise ValueError(f"path holds weights of the cell {kind!r}, got cell={cell!r}")
    return net


def _by_card(path: str | PathLike[str], arrays: Arrays, cell: Cells) -> Model:
    """Make a model of arrays by the names of a card: of the cell that is said, or else of the only one they fit."""
    if isinstance(cell, str | Cell):
        return Model.from_arrays(cell, **arrays)
    if cell is not None:
        raise ValueError(f"cell must be one cell: {path} has no header that tells of layers")
    named = [name for name in cells() if arrays and set(arrays) <= set(find(name).card.names)]
    held = ", ".join(f"{name} {array.shape}" for name, array in arrays.items()) or "nothing"
    if not named:
        raise refusal(path, f" without its header, which holds {held}")
    for name, array in arrays.items():
        finite_array(name, array)
    fitting, reasons = [], {}
    for name in named:
        try:
            settle(find(name).card, arrays)
            fitting.append(name)
        except (ValueError, TypeError) as error:
            reasons[name] = str(error)
    if len(fitting) == 1:
        return Model.from_arrays(fitting[0], **arrays)
    if fitting:
        raise refusal(
            path,
            f" without its header: {held} may be of the cells {', '.join(fitting)}; say which, as in"
            f" ll.load(path, cell={fitting[-1]!r})",
        )
    told = "; ".join(f"{name}: {reason}" for name, reason in reasons.items())
    raise refusal(path, f" without its header: {held} fit no cell ({told})")
