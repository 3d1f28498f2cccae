"""Where a curve of log-distances is a straight line: an objective rule, and the slope with its error."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["DIVERGES", "NO_DIVERGENCE", "NO_REGION", "Line", "line_of"]

Array = NDArray[np.float64]

DIVERGES = "linear region"
NO_DIVERGENCE = "no divergence"
NO_REGION = "no linear region"

# The rule, in nats and shares: a region ends so far below saturation, grows by so much, and its halves are so alike.
_BELOW = 0.5
_LEAST_GROWTH = 1.0
_ALIKE = 0.2
# A curve that goes nowhere stays within so much altogether, and so far below saturation.
_FLAT = 1.0
_FAR_BELOW = 1.0
# A region is looked for among so many places of the curve, and holds at least so many.
_PLACES = 64
_FEWEST = 5


@dataclass(frozen=True)
class Line:
    """A curve, and the straight line in it.

    Parameters
    ----------
    verdict : str
        `DIVERGES`, `NO_DIVERGENCE` or `NO_REGION`.
    slope, stderr : float
        In nats per step; NaN where there is no region.
    region : tuple of int, optional
        First and last step.
    curve, scatter : ndarray(float, shape=(K + 1,))
        Weighted mean of the blocks' curves, and its standard error.
    """

    verdict: str
    slope: float
    stderr: float
    region: tuple[int, int] | None
    curve: Array
    scatter: Array


def line_of(curves: Array, weights: Array, saturation: float) -> Line:
    """Find the straight part of a mean curve, and its slope.

    Parameters
    ----------
    curves : ndarray(float, shape=(blocks, K + 1))
        Mean log-distances after 0 to K steps, of stretches of a series.
    weights : ndarray(float, shape=(blocks,))
        How many references each block has.
    saturation : float
        Mean log-distance of points that have nothing to do with each other.

    Returns
    -------
    Line

    Examples
    --------
    >>> k = np.arange(30.0)
    >>> line = line_of(np.minimum(0.4 * k - 6.0, 0.0)[None, :], np.ones(1), 0.0)
    >>> line.verdict, round(line.slope, 3), line.region
    ('linear region', 0.4, (0, 13))
    """
    shares = weights / weights.sum()
    curve = shares @ curves
    scatter = _standard_error(curves, shares)
    region, verdict = _growing(curve, saturation), DIVERGES
    if region is None and _is_flat(curve, saturation):
        region, verdict = (0, len(curve) - 1), NO_DIVERGENCE
    if region is None:
        return Line(NO_REGION, math.nan, math.nan, None, curve, scatter)
    first, last = region
    slopes = _slope(curves[:, first : last + 1])
    middle = (first + last) // 2
    halves = [float(_slope(curve[None, a : b + 1])[0]) for a, b in ((first, middle), (middle, last))]
    random = float(_standard_error(slopes[:, None], shares)[0]) if len(slopes) > 1 else math.nan
    stderr = math.hypot(random, 0.5 * (halves[1] - halves[0]))
    return Line(verdict, float(shares @ slopes), stderr, region, curve, scatter)


def _standard_error(values: Array, shares: Array) -> Array:
    """Standard error of the weighted mean of rows."""
    if len(values) < 2:
        return np.full(values.shape[1], np.nan)
    return np.sqrt(shares @ (values - shares @ values) ** 2 / (len(values) - 1))


def _slope(curves: Array) -> Array:
    """Slope of each row's best straight line."""
    k = np.arange(curves.shape[1]) - 0.5 * (curves.shape[1] - 1)
    return curves @ k / (k @ k)


def _is_flat(curve: Array, saturation: float) -> bool:
    return bool(np.ptp(curve) < _FLAT and curve.max() < saturation - _FAR_BELOW)


def _growing(curve: Array, saturation: float) -> tuple[int, int] | None:
    """Return first and last step of the straight stretch over which the curve grows most, or None."""
    high = np.flatnonzero(~(curve < saturation - _BELOW))
    below = int(high[0]) if len(high) else len(curve)
    if below < _FEWEST:
        return None
    places = np.unique(np.linspace(0, below - 1, min(below, _PLACES)).round().astype(np.int64))
    slopes = _slopes_between(places.astype(float), curve[places])
    first, last = np.triu_indices(len(places), _FEWEST - 1)
    middle = (first + last) // 2
    slope, early, late = slopes[first, last], slopes[first, middle], slopes[middle, last]
    growth = slope * (places[last] - places[first])
    straight = np.abs(late - early) <= _ALIKE * slope
    growth[~straight | (growth < _LEAST_GROWTH)] = -np.inf
    best = int(growth.argmax())
    return (int(places[first[best]]), int(places[last[best]])) if growth[best] > 0.0 else None


def _slopes_between(t: Array, y: Array) -> Array:
    """Return the slope of the best straight line through places a to b, for all a < b, from running sums."""
    sums = np.cumsum(np.stack([np.ones_like(t), t, y, t * t, t * y]), axis=1)
    before = np.concatenate([np.zeros((5, 1)), sums[:, :-1]], axis=1)
    n, st, sy, stt, sty = sums[:, None, :] - before[:, :, None]
    spread = n * stt - st**2
    return np.divide(n * sty - st * sy, spread, out=np.zeros_like(spread), where=n > 1.5)
