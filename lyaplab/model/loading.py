"""From the header and the arrays of a file that `Model.save` wrote back to a model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lyaplab.cells import find
from lyaplab.kernel.cell import Cell
from lyaplab.model.measures import Model
from lyaplab.model.storage import kinds_of

__all__ = ["Cells", "restored"]

# A cell or several, each by name or itself.
Cells = str | Cell | Iterable[str | Cell] | None


def restored(
    path: str | PathLike[str], header: Mapping[str, Any], weights: Mapping[str, NDArray[Any]], *, cell: Cells = None
) -> Model:
    """Make the model whose header and weights were read.

    Parameters
    ----------
    path : path
        Where they were read, for messages.
    header, weights : mapping
        As `lyaplab.model.storage.read_arrays` returns them.
    cell : str, Cell or iterable of these, optional
        The cell, or those of a stack, where they are your own: code is never read from a file.

    Raises
    ------
    ValueError
        If the header is damaged, or the arrays do not fit the cell.
    """
    kinds, stacked = kinds_of(path, header)
    said = [] if cell is None else [cell] if isinstance(cell, str | Cell) else list(cell)
    own = {each.name: each for each in said if isinstance(each, Cell)}
    for name in [each.name if isinstance(each, Cell) else each for each in said]:
        if name not in dict(kinds):
            held = ", ".join(repr(kind) for kind, _ in kinds)
            raise ValueError(f"path holds weights of the cell {held}, got cell={name!r}")
    if not stacked:
        name, settings = kinds[0]
        return _rebuilt(own.get(name, name), settings, weights)
    layers = []
    for number, (name, settings) in enumerate(kinds, start=1):
        kind = own[name] if name in own else find(name)
        given = {key: weights[f"{key}{number}"] for key in kind.card.names if f"{key}{number}" in weights}
        layers.append(_rebuilt(kind, settings, given))
    return Model.stack(layers)


def _rebuilt(kind: str | Cell, settings: Mapping[str, Any], weights: Mapping[str, Any]) -> Model:
    """Return one model; the settings are believed if they give the same weights."""
    loaded = Model.from_arrays(kind, **weights)
    if set(settings) <= {"n", "m"}:
        return loaded
    # A drawn network keeps its gain and seed, if drawing it again gives the same weights; another machine may round
    # the last digit in another way, so the weights are those of the file.
    scalars = {p.name: weights[p.name] for p in loaded.card.parameters if not p.shape}
    drawn = Model(kind, **{**settings, **scalars})
    same = all(_agree(drawn.weights[key], loaded.weights[key]) for key in weights)
    return drawn._holding(loaded.weights) if same else loaded


def _agree(one: NDArray[np.float64], other: NDArray[np.float64]) -> bool:
    return one.shape == other.shape and np.allclose(one, other, rtol=1e-9, atol=1e-12)
