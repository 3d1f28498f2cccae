"""Orbits: states one after another, and the first step at which one leaves the range of floats."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lyaplab.errors import DivergenceError
from lyaplab.kernel import Cell, kernel, one_blas_thread
from lyaplab.kernel.cell import step

__all__ = ["orbit"]

# A chunk of an orbit holds about this many numbers: some tens of milliseconds.
_CHUNK = 2_000_000


@kernel
def _advance(cell, q, X, u, w, drive, first):
    """Fill X (steps + 1, B, n) from row 0; return the first row that is not finite, or -1."""
    for t in range(X.shape[0] - 1):
        y = X[t + 1]
        step(cell, q, X[t], u[(first + t) * drive], y, w)
        total = 0.0
        for b in range(y.shape[0]):
            for i in range(y.shape[1]):
                total += y[b, i]
        if not np.isfinite(total):
            # A finite sum of large numbers may overflow too: look at the entries.
            for b in range(y.shape[0]):
                for i in range(y.shape[1]):
                    if not np.isfinite(y[b, i]):
                        return t + 1
    return -1


def orbit(
    cell: Cell,
    p: tuple[NDArray[np.float64], ...],
    *,
    x0: NDArray[np.float64],
    inputs: NDArray[np.float64],
    steps: int,
    warmup: int = 0,
) -> NDArray[np.float64]:
    """Follow several states at once.

    Parameters
    ----------
    cell : Cell
        The system.
    p : tuple of ndarray
        Its parameters.
    x0 : ndarray(float, shape=(B, n))
        First states.
    inputs : ndarray(float, shape=(T, B, m))
        One row for each step, warm-up included; T = 1 holds a constant input.
    steps : int
        Number of states to keep.
    warmup : int, optional
        Steps before the first state that is kept.

    Returns
    -------
    ndarray(float, shape=(steps, B, n))
        Row 0 is the state after `warmup` steps.

    Raises
    ------
    DivergenceError
        At the first step whose state is not finite.
    """
    q = cell.prepare(p)
    batch, n = x0.shape
    w = np.empty((batch, cell.size(p)[1]))
    drive = int(len(inputs) > 1)
    result = np.empty((steps, batch, n))
    length = max(1, _CHUNK // max(1, batch * n))
    state, done = np.ascontiguousarray(x0), 0
    with one_blas_thread():
        while done < warmup:
            count = min(length, warmup - done)
            scratch = np.empty((count + 1, batch, n))
            scratch[0] = state
            _checked(_advance(cell, q, scratch, inputs, w, drive, done), done)
            state, done = scratch[-1], done + count
        result[0] = state
        for first in range(0, steps - 1, length):
            part = result[first : first + length + 1]
            _checked(_advance(cell, q, part, inputs, w, drive, warmup + first), warmup + first)
    return result


def _checked(row: int, before: int) -> None:
    if row >= 0:
        raise DivergenceError(before + row)
