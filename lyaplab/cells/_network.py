"""What the plain networks share: the weights W, U, b as their functions want them, and the gradient by these."""

from __future__ import annotations

import math

from lyaplab.cells._gates import transposed
from lyaplab.kernel.algebra import column_sums, outer

__all__ = ["grad", "prepare", "rotation"]


def prepare(p):
    """W, its transpose, U, b and the transpose of U."""
    W, U, b = p
    return W, transposed(W), U, b, transposed(U)


def grad(p, x, u, w, A, dp):
    """The gradient by W, U and b, where A holds the adjoint of W x + U u + b."""
    dW, dU, db = dp
    outer(A, x, dW)
    outer(A, u, dU)
    column_sums(A, db)


def rotation(radius: float, angle: float) -> list[list[float]]:
    """Return the 2 x 2 matrix that turns by `angle` and stretches by `radius`.

    Examples
    --------
    >>> rotation(2.0, 0.0)
    [[2.0, -0.0], [0.0, 2.0]]
    """
    c, s = radius * math.cos(angle), radius * math.sin(angle)
    return [[c, -s], [s, c]]
