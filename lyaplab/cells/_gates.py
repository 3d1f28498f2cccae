"""What gated cells share: parameters in blocks of n rows, one for each gate, and squashing row by row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lyaplab.kernel.card import Parameter
from lyaplab.kernel.compile import inline
from lyaplab.kernel.squash import sigmoid_slope, tanh_slope

__all__ = ["Stacked", "add", "drive", "interval", "sigmoid_in_place", "tanh_in_place", "transposed"]


@dataclass(frozen=True)
class Stacked(Parameter):
    """A parameter whose rows are blocks of n, one for each gate.

    Parameters
    ----------
    blocks : tuple of str
        The gates, in the order of the rows. A single weight of a small network is called by parameter, gate and place:
        with the gates r and z the weights of two units are ``w_r11``, ``w_r12``, ..., ``w_z22``, of one unit ``w_r``
        and ``w_z``.

    Examples
    --------
    >>> Stacked("W", ("2*n", "n"), blocks=("r", "z")).resolve({"n": 3})
    (6, 3)
    """

    blocks: tuple[str, ...] = ()


def transposed(M):
    """Return the transposed matrix, or each of several, in C order."""
    return M.swapaxes(-1, -2).copy()


def interval(W, drive, low, high):
    """Return the least and greatest value of W h + drive for h between low and high, unit by unit."""
    positive, negative = np.maximum(W, 0.0), np.minimum(W, 0.0)
    return positive @ low + negative @ high + drive, positive @ high + negative @ low + drive


@inline
def drive(u, U, b, y):
    """y = U u + b, row by row; U and b may carry a leading axis: one set for each row."""
    count = y.shape[0]
    for v in range(count):
        for i in range(y.shape[1]):
            total = b[i] if b.ndim == 1 else b[v * b.shape[0] // count, i]
            for j in range(u.shape[1]):
                total += U[i, j] * u[v, j] if U.ndim == 2 else U[v * U.shape[0] // count, i, j] * u[v, j]
            y[v, i] = total


@inline
def add(b, y):
    """y += b, row by row; b may have a row for each of y, or for each block of them."""
    count = y.shape[0]
    for v in range(count):
        for i in range(y.shape[1]):
            y[v, i] += b[i] if b.ndim == 1 else b[v * b.shape[0] // count, i]


# One array of values and one of slopes in a loop of their own: only so does the compiler fill the vector registers.


@inline
def sigmoid_in_place(values, slopes):
    """Squash a row of values to sigmoid(values), and note the slopes."""
    for i in range(values.shape[0]):
        values[i], slopes[i] = sigmoid_slope(values[i])


@inline
def tanh_in_place(values, slopes):
    """Squash a row of values to tanh(values), and note the slopes."""
    for i in range(values.shape[0]):
        values[i], slopes[i] = tanh_slope(values[i])
