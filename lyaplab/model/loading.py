"""From a file back to a model."""

from __future__ import annotations

from os import PathLike

import numpy as np
from numpy.typing import NDArray

from lyaplab.kernel.cell import Cell
from lyaplab.model.measures import Model
from lyaplab.model.storage import read_model

__all__ = ["load"]


def load(path: str | PathLike[str], *, cell: Cell | None = None) -> Model:
    """Read a model that `Model.save` wrote.

    Parameters
    ----------
    path : path
        An npz file.
    cell : Cell, optional
        The cell, where it is one of your own: code is never read from a file.

    Returns
    -------
    Model

    Raises
    ------
    ValueError
        If the file is not one of ours, or its arrays do not fit the cell.
    """
    name, settings, weights = read_model(path)
    if cell is not None and cell.name != name:
        raise ValueError(f"path holds weights of the cell {name!r}, got cell={cell.name!r}")
    kind = cell if cell is not None else name
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
