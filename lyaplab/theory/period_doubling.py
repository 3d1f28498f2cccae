"""The logistic map's cascade of period doublings, and the two numbers that all such cascades share."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lyaplab.errors import positive_int

__all__ = ["Feigenbaum", "doublings", "feigenbaum", "superstable"]

Array = NDArray[np.float64]

# Neighbouring parameters of later levels agree in too many digits for the quotients of their gaps.
_DEEPEST = 12
_NEWTON = 60


class Feigenbaum(NamedTuple):
    """Limits of the cascade.

    Parameters
    ----------
    delta : float
        Ratio of the gaps between neighbouring doublings.
    alpha : float
        Ratio by which the cycle's width shrinks from one doubling to the next.
    end : float
        Parameter where the doublings accumulate.
    """

    delta: float
    alpha: float
    end: float


def superstable(levels: int) -> Array:
    """Return the parameters r at which 1/2 lies on the cycle of period 1, 2, 4, ...

    Parameters
    ----------
    levels : int
        How many, at most 12: a cycle of 2048 points.

    Returns
    -------
    ndarray(float, shape=(levels,))

    Raises
    ------
    TypeError, ValueError
        If `levels` is no whole number from 1 to 12.

    Examples
    --------
    >>> superstable(3).round(6)
    array([2.      , 3.236068, 3.498562])
    """
    levels = _levels(levels)
    found = [2.0, 1.0 + math.sqrt(5.0)]
    while len(found) < levels:
        # The next gap is about a Feigenbaum ratio smaller.
        guess = found[-1] + (found[-1] - found[-2]) / 4.67
        found.append(_superstable_near(guess, 2 ** len(found)))
    return np.array(found[:levels])


def doublings(levels: int) -> Array:
    """Return the parameters r at which the cycle of period 1, 2, 4, ... turns unstable, with the multiplier -1.

    Parameters
    ----------
    levels : int
        How many, at most 12.

    Returns
    -------
    ndarray(float, shape=(levels,))

    Raises
    ------
    TypeError, ValueError
        If `levels` is no whole number from 1 to 12.

    References
    ----------
    M. J. Feigenbaum, Quantitative universality for a class of nonlinear transformations, J. Stat. Phys. 19, 25 (1978).

    Examples
    --------
    >>> doublings(4).round(6)
    array([3.      , 3.44949 , 3.54409 , 3.564407])
    """
    levels = _levels(levels)
    found = [3.0, 1.0 + math.sqrt(6.0)]
    centres = superstable(min(levels + 1, _DEEPEST))
    while len(found) < levels:
        level = len(found)
        guess = found[-1] + (found[-1] - found[-2]) / 4.67
        found.append(_doubling_near(guess, centres[level], 2**level))
    return np.array(found[:levels])


def feigenbaum() -> Feigenbaum:
    """Compute Feigenbaum's delta and alpha, and the end of the logistic map's cascade, from superstable cycles.

    The quotients of neighbouring gaps come closer to delta by a fixed factor per level; Aitken's method takes the
    rest away. The result is good to about 1e-6.

    Returns
    -------
    Feigenbaum

    References
    ----------
    M. J. Feigenbaum, Quantitative universality for a class of nonlinear transformations, J. Stat. Phys. 19, 25 (1978).

    Examples
    --------
    >>> delta, alpha, end = feigenbaum()
    >>> round(delta, 5), round(alpha, 5), round(end, 6)
    (4.6692, 2.50291, 3.569946)
    """
    parameters = superstable(11)
    gaps = np.diff(parameters)
    widths = np.array([_opposite(r, 2**level) - 0.5 for level, r in enumerate(parameters) if level > 0])
    delta = _aitken(gaps[:-1] / gaps[1:])
    alpha = _aitken(-widths[:-1] / widths[1:])
    return Feigenbaum(delta, alpha, float(parameters[-1] + gaps[-1] / (delta - 1.0)))


def _levels(levels: int) -> int:
    if positive_int("levels", levels) > _DEEPEST:
        raise ValueError(f"levels must be at most {_DEEPEST}, got {levels}")
    return int(levels)


def _superstable_near(r: float, period: int) -> float:
    """Newton's method on f^period(1/2) = 1/2, with the derivative by r carried along."""
    for _ in range(_NEWTON):
        x, by_r = 0.5, 0.0
        for _ in range(period):
            x, by_r = r * x * (1.0 - x), x * (1.0 - x) + r * (1.0 - 2.0 * x) * by_r
        change = (x - 0.5) / by_r
        r -= change
        if abs(change) < 1e-15 * r:
            break
    return r


def _doubling_near(r: float, centre: float, period: int) -> float:
    """Newton's method on f^period(x) = x with the multiplier -1, near the superstable parameter `centre`."""
    x = 0.5
    # The stable cycle at a place between centre and doubling is the start; it attracts.
    inside = 0.5 * (centre + r)
    for _ in range(200 * period):
        x = inside * x * (1.0 - x)
    for _ in range(_NEWTON):
        value, slope, by_r, curve, mixed = _cycle_derivatives(x, r, period)
        matrix = np.array([[slope - 1.0, by_r], [curve, mixed]])
        change = np.linalg.solve(matrix, [value - x, slope + 1.0])
        x, r = x - float(change[0]), r - float(change[1])
        if np.abs(change).max() < 1e-15:
            break
    return r


def _cycle_derivatives(x: float, r: float, period: int) -> tuple[float, float, float, float, float]:
    """Return f^period, its derivatives by x and by r, and those of the derivative by x."""
    slope, by_r, curve, mixed = 1.0, 0.0, 0.0, 0.0
    for _ in range(period):
        f_x, f_r = r * (1.0 - 2.0 * x), x * (1.0 - x)
        mixed = f_x * mixed + ((1.0 - 2.0 * x) - 2.0 * r * by_r) * slope
        curve = f_x * curve - 2.0 * r * slope**2
        slope, by_r = f_x * slope, f_x * by_r + f_r
        x = r * x * (1.0 - x)
    return x, slope, by_r, curve, mixed


def _opposite(r: float, period: int) -> float:
    """The point of a superstable cycle nearest to 1/2: half a period away from it."""
    x = 0.5
    for _ in range(period // 2):
        x = r * x * (1.0 - x)
    return x


def _aitken(sequence: Array) -> float:
    """The limit of a sequence that approaches it geometrically, by its last three terms."""
    a, b, c = sequence[-3:].tolist()
    bend = c - 2.0 * b + a
    return c - (c - b) ** 2 / bend if bend else c
