"""How a space of three axes is seen from a direction: an orthographic projection, and its axes in words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["along", "mixed", "percent", "seen_from"]

Array = NDArray[np.float64]

# A component with less than this part of an axis is left out of its title.
_LITTLE = 0.005


def seen_from(azimuth: float, elevation: float) -> Array:
    """Give the directions that lie across and up in the picture.

    Parameters
    ----------
    azimuth, elevation : float
        In degrees. At (0, 90) the third axis points at the eye, the first lies across, the second up; at an elevation
        of 0 the third points up.

    Returns
    -------
    ndarray(float, shape=(2, 3))
        Orthonormal rows.

    Examples
    --------
    >>> seen_from(0, 90).round(12) + 0.0
    array([[1., 0., 0.],
           [0., 1., 0.]])
    >>> seen_from(90, 0).round(12) + 0.0
    array([[ 0., -1.,  0.],
           [ 0.,  0.,  1.]])
    """
    a, e = np.radians([azimuth, elevation])
    return np.array(
        [
            [np.cos(a), -np.sin(a), 0.0],
            [np.sin(a) * np.sin(e), np.cos(a) * np.sin(e), np.cos(e)],
        ]
    )


def percent(share: float) -> str:
    """Write a share; what is there is never 0 %, and what is missing never 100 %.

    Examples
    --------
    >>> percent(0.4349), percent(0.0002), percent(0.9997), percent(1.0), percent(0.0)
    ('43 %', '< 1 %', '> 99 %', '100 %', '0 %')
    """
    if 1e-9 < share < 0.005:
        return "< 1 %"
    if 0.995 <= share < 1 - 1e-9:
        return "> 99 %"
    return f"{100 * share:.0f} %"


def along(direction: Sequence[float] | Array, shares: Sequence[float] | Array) -> str:
    """Write what lies along an axis of the picture: one component with its share, or a mixture.

    Examples
    --------
    >>> along([1.0, 0.0, 0.0], [0.43, 0.2, 0.1]), along([0.0, 0.8, -0.6], [0.43, 0.2, 0.1])
    ('PC1, 43 %', '0.80 PC2 − 0.60 PC3')
    """
    parts = _parts(direction[: len(shares)])
    if len(parts) == 1 and direction[parts[0]] > 0:
        return f"PC{parts[0] + 1}, {percent(shares[parts[0]])}"
    return mixed(direction, [f"PC{i + 1}" for i in range(len(shares))])


def mixed(direction: Sequence[float] | Array, names: Sequence[str]) -> str:
    """Write a direction as a sum of named ones; what is all along one of them is its name alone.

    Examples
    --------
    >>> mixed([0.6, 0.0, 0.8], "xyz"), mixed([0.0, -1.0, 0.0], "xyz"), mixed([1.0, 0.0, 0.0], "xyz")
    ('0.60 x + 0.80 z', '−y', 'x')
    """
    parts, words = _parts(direction[: len(names)]), ""
    for i in parts:
        sign = "−" if direction[i] < 0 else "+" if words else ""
        size = f"{abs(direction[i]):.2f} " if len(parts) > 1 else ""
        words += f"{' ' if words else ''}{sign}{' ' if words and sign else ''}{size}{names[i]}"
    return words


def _parts(direction: Sequence[float] | Array) -> list[int]:
    """Which components of a direction are worth a word."""
    return [i for i, weight in enumerate(direction) if abs(weight) >= _LITTLE]
