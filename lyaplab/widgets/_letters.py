"""Names of points that keep them while a picture moves: A is A in the next frame, wherever it has gone."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import count

import numpy as np
from numpy.typing import NDArray

__all__ = ["kept_letters", "letter"]

Array = NDArray[np.float64]

# A point that has moved further than this part of the window in one frame is taken for another.
_FAR = 0.25


def letter(index: int) -> str:
    """Name number `index`: A, B, C, ... Z, then numbers.

    Examples
    --------
    >>> letter(0), letter(25), letter(26)
    ('A', 'Z', '27')
    """
    return chr(ord("A") + index) if index < 26 else str(index + 1)


def kept_letters(
    points: Array, before: Array, letters: Sequence[str], *, unit: Array | Sequence[float] = (1.0, 1.0)
) -> tuple[str, ...]:
    """Name points by those of the frame before.

    Parameters
    ----------
    points, before : ndarray(float, shape=(K, d)), ndarray(float, shape=(L, d))
        Now, and in the frame before.
    letters : sequence of str
        The names of `before`.
    unit : array_like(float, shape=(d,))
        What is equally long along each axis.

    Returns
    -------
    tuple of str
        Nearest pairs first, each point has the name of its partner. A point without one gets the first letter that
        neither frame has: a name that has just gone does not come back at another place at once.

    Examples
    --------
    >>> kept_letters(np.array([[0.1], [0.2], [0.9]]), np.array([[0.22], [0.12]]), ("A", "B"), unit=[1.0])
    ('B', 'A', 'C')
    """
    names: dict[int, str] = {}
    if len(points) and len(before):
        distance = np.linalg.norm((points[:, None] - before[None]) / np.asarray(unit, float), axis=2)
        taken: set[int] = set()
        for flat in np.argsort(distance, axis=None, kind="stable"):
            now, then = (int(place) for place in np.unravel_index(flat, distance.shape))
            if distance[now, then] > _FAR:
                break
            if now not in names and then not in taken:
                names[now] = letters[then]
                taken.add(then)
    fresh = _fresh(letters)
    return tuple(names[i] if i in names else next(fresh) for i in range(len(points)))


def _fresh(used: Collection[str]) -> Iterator[str]:
    """Letters that are not in use, in order."""
    return (name for name in map(letter, count()) if name not in used)
