"""Work arrays that lie well in memory.

A step of two units is a dozen instructions, and where its numbers happen to lie decides whether it takes one time or
nearly two: numbers that straddle a cache line, or that lie 4096 bytes apart from others, wait for each other.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

__all__ = ["workspace"]

# Bytes of a cache line, and how many numbers fit.
_LINE = 64
_NUMBERS = _LINE // 8


def workspace(*shapes: tuple[int, ...]) -> tuple[NDArray[np.float64], ...]:
    """Make uninitialised arrays that lie one behind the other, each at the beginning of a cache line.

    Parameters
    ----------
    *shapes : tuple of int

    Returns
    -------
    tuple of ndarray(float)
        C-ordered, as many as there are shapes.

    Examples
    --------
    >>> x, w = workspace((2, 3), (4,))
    >>> x.shape, w.shape, x.ctypes.data % 64, (w.ctypes.data - x.ctypes.data) % 64
    ((2, 3), (4,), 0, 0)
    """
    lengths = [math.prod(shape) for shape in shapes]
    places = np.cumsum([0, *(-(-length // _NUMBERS) * _NUMBERS for length in lengths)])
    block = np.empty(int(places[-1]) + _NUMBERS)
    first = -block.ctypes.data % _LINE // 8
    return tuple(
        block[first + place : first + place + length].reshape(shape)
        for shape, place, length in zip(shapes, places, lengths, strict=False)
    )
