"""What the networks share that are Euler steps of a differential equation with a matrix of a special form."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["identity", "per_matrix"]

Array = NDArray[np.float64]


def identity(W: Array) -> Array:
    """Return the identity of the size of W."""
    return np.eye(W.shape[-1])


def per_matrix(scalar: Array) -> Array | float:
    """Return a scalar parameter as a factor of matrices: a number, or one for each block of rows, shape (B, 1, 1)."""
    return float(scalar[0]) if len(scalar) == 1 else scalar[:, None, None]
