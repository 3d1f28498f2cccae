"""What the piecewise-linear cells share: relu with its slope, and the diagonal part A z.

The slope of relu at 0 is 0, as in the literature. A direction that meets only zero slopes, and no diagonal part, dies:
its exponent is -inf, which is a result.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lyaplab.kernel.compile import inline

__all__ = ["add_diagonal", "diagonal_gradient", "entry", "off_diagonal", "reach_of", "relu_slope"]

Array = NDArray[np.float64]


def off_diagonal(n: int) -> NDArray[np.bool_]:
    """Where W may have entries: everywhere but on the diagonal, which belongs to A."""
    return ~np.eye(n, dtype=bool)


def reach_of(A: Array, most: Array) -> tuple[Array, Array] | None:
    """Return a box for all z with (1 - A) z = something between -most and most; None where an entry of A is 1."""
    left = np.abs(1.0 - A)
    if left.min() < 1e-3:
        return None
    return -most / left - 1e-9, most / left + 1e-9


@inline
def relu_slope(x):
    """(relu(x), its slope), by selection, so that NaN stays NaN."""
    return (0.0, 0.0) if x <= 0.0 else (x, 1.0)


@inline
def entry(vector, row, count, i):
    """Entry i of a vector for a row of `count`; (B, n) holds one vector for each block of rows."""
    return vector[i] if vector.ndim == 1 else vector[row * vector.shape[0] // count, i]


@inline
def add_diagonal(a, X, Y):
    """Y += a X, the diagonal part, row by row."""
    count = Y.shape[0]
    for v in range(count):
        for i in range(Y.shape[1]):
            Y[v, i] += entry(a, v, count, i) * X[v, i]


@inline
def diagonal_gradient(G, x, da):
    """da += the sum over rows of G x, entry by entry."""
    for v in range(x.shape[0]):
        for i in range(x.shape[1]):
            da[i] += G[v, i] * x[v, i]
