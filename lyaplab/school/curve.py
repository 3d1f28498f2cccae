"""Reading a curve that a learner has typed or drawn."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")


def points(value: Any) -> tuple[np.ndarray, np.ndarray]:
    """The x and y of a curve, each of shape (points,); two empty arrays for what is no curve.

    Parameters
    ----------
    value : str, sequence of pairs, or (xs, ys)
        Typed points: any text with numbers, read two by two. Pairs: a list or an array of shape (points, 2). Drawn
        samples: a tuple of two sequences.

    Examples
    --------
    >>> points("0 0, 1 0.5")
    (array([0., 1.]), array([0. , 0.5]))
    >>> points(([0.0, 1.0, 2.0], [5.0, 6.0, 7.0]))[1]
    array([5., 6., 7.])
    """
    nothing = np.empty(0), np.empty(0)
    if isinstance(value, str):
        numbers = [float(text) for text in NUMBER.findall(value)]
        value = list(zip(numbers[::2], numbers[1::2], strict=False))
    try:
        array = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        return nothing
    if array.ndim == 2 and array.shape[1] == 2 and not (isinstance(value, tuple) and len(value) == 2):
        return array[:, 0], array[:, 1]
    if array.ndim == 2 and array.shape[0] == 2:
        return array[0], array[1]
    return nothing
