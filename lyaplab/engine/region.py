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
# Each nat by which the halves differ costs so many nats of growth.
_COST_OF_BEND = 2.0
# Regions with this share of the best one's score could have been taken as well.
_AS_GOOD = 0.5
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


def line_of(curves: Array, weights: Array, *, saturation: float, start: int = 0) -> Line:
    """Find the straight part of a mean curve, and its slope.

    Parameters
    ----------
    curves : ndarray(float, shape=(blocks, K + 1))
        Mean log-distances after 0 to K steps, of stretches of a series.
    weights : ndarray(float, shape=(blocks,))
        How many references each block has.
    saturation : float
        Mean log-distance of points that have nothing to do with each other.
    start : int, optional
        Steps that a region must leave out.

    Returns
    -------
    Line

    Examples
    --------
    >>> k = np.arange(30.0)
    >>> line = line_of(np.minimum(0.4 * k - 6.0, 0.0)[None, :], np.ones(1), saturation=0.0)
    >>> line.verdict, round(line.slope, 3), line.region
    ('linear region', 0.4, (0, 13))
    """
    shares = weights / weights.sum()
    curve = shares @ curves
    scatter = _standard_error(curves, shares)
    found = _growing(curve, saturation, start)
    if found is not None:
        verdict, (region, choice) = DIVERGES, found
    elif _is_flat(curve[start:], saturation):
        verdict, region = NO_DIVERGENCE, (start, len(curve) - 1)
        # Whatever the curve does within its bounds, a growth could hide in.
        choice = float(np.ptp(curve[start:])) / (region[1] - region[0])
    else:
        return Line(NO_REGION, math.nan, math.nan, None, curve, scatter)
    slopes = _slope(curves[:, region[0] : region[1] + 1])
    stderr = math.hypot(float(_standard_error(slopes[:, None], shares)[0]), choice)
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
    return bool(len(curve) >= _FEWEST and np.ptp(curve) < _FLAT and curve.max() < saturation - _FAR_BELOW)


def _growing(curve: Array, saturation: float, start: int) -> tuple[tuple[int, int], float] | None:
    """Return first and last step of the best straight stretch, and how other good ones differ in slope; or None."""
    high = np.flatnonzero(~(curve < saturation - _BELOW))
    below = int(high[0]) if len(high) else len(curve)
    if below - start < _FEWEST:
        return None
    places = np.unique(np.linspace(start, below - 1, min(below - start, _PLACES)).round().astype(np.int64))
    slopes = _slopes_between(places.astype(float), curve[places])
    first, last = np.triu_indices(len(places), _FEWEST - 1)
    middle = (first + last) // 2
    slope, early, late = slopes[first, last], slopes[first, middle], slopes[middle, last]
    growth = slope * (places[last] - places[first])
    bend = np.abs(late - early)
    allowed = (bend <= _ALIKE * slope) & (growth >= _LEAST_GROWTH)
    if not allowed.any():
        return None
    score = growth - _COST_OF_BEND * bend * (places[last] - places[first])
    best = int(np.where(allowed, score, -np.inf).argmax())
    others = slope[allowed & (score >= _AS_GOOD * score[best])]
    region = int(places[first[best]]), int(places[last[best]])
    spread = float(np.sqrt(np.mean((others - slope[best]) ** 2)))
    return region, max(spread, 0.5 * float(bend[best]))


def _slopes_between(t: Array, y: Array) -> Array:
    """Return the slope of the best straight line through places a to b, for all a < b, from running sums."""
    sums = np.cumsum(np.stack([np.ones_like(t), t, y, t * t, t * y]), axis=1)
    before = np.concatenate([np.zeros((5, 1)), sums[:, :-1]], axis=1)
    n, st, sy, stt, sty = sums[:, None, :] - before[:, :, None]
    spread = n * stt - st**2
    return np.divide(n * sty - st * sy, spread, out=np.zeros_like(spread), where=n > 1.5)
