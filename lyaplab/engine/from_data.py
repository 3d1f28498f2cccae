"""The largest Lyapunov exponent of a measured series, by how its neighbours part; and when there is none to be seen."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lyaplab.engine.divergence import METHODS, Divergence, Pairs, ball_size, follow_divergence, saturation
from lyaplab.engine.embedding import RESOLUTION, choose_dimension, choose_lag, delay_points, mean_period
from lyaplab.engine.region import line_of
from lyaplab.engine.result import Result, last
from lyaplab.errors import finite_array, number, one_of, positive_int

__all__ = ["SeriesExponent", "iter_lyapunov_from_data", "lyapunov_from_data"]

Array = NDArray[np.float64]

# Rows below which nothing can be said.
_SHORTEST = 50
# Pairs are followed for so many mean periods, or for so many steps if those are more.
_PERIODS = 6
_LEAST_STEPS = 20
# A piece of work takes about this long, in seconds, so that Stop and progress cost nothing.
_PIECE = 0.05


@dataclass(frozen=True, repr=False)
class SeriesExponent(Result):
    """Largest exponent of a series, and the curve that it was read off.

    Parameters
    ----------
    exponent : float
        Slope of the curve over its region, in nats per `unit`; NaN where there is no region.
    stderr : float
        Scatter of the slope over stretches of the series; and over regions that the rule finds half as good or
        better, at least half of what the halves of the region differ by; as the root of the sum of their squares.
    verdict : str
        "linear region": distances grow exponentially. "no divergence": neighbours stay neighbours, the exponent is 0
        within its error. "no linear region": the series shows no exponential growth, and no number is claimed.
    times : ndarray(float, shape=(K + 1,))
        Since the pairs were closest, in `unit`.
    curve : ndarray(float, shape=(K + 1,))
        Mean logarithm of the pairs' distance, in standard deviations of the series.
    scatter : ndarray(float, shape=(K + 1,))
        Its standard error, over stretches of the series.
    region : ndarray(float, shape=(2,)) or None
        First and last of the times that the slope was read off.
    saturation : float
        The curve's height for points that have nothing to do with each other.
    method : str
        "rosenstein" or "kantz".
    dimension, lag, theiler : int
        Of the embedding, and steps that neighbours are apart in time.
    eps : float
        Radius of Kantz's balls in units of the series; 0 for Rosenstein.
    unit : str
        "step", or "time" where `dt` was given.
    done : float
        Share of the series that has been followed (1 at the end).
    """

    exponent: float
    stderr: float
    verdict: str
    times: Array
    curve: Array
    scatter: Array
    region: Array | None
    saturation: float
    method: str
    dimension: int
    lag: int
    theiler: int
    eps: float = 0.0
    unit: str = "step"
    done: float = 1.0

    @property
    def embedding(self) -> tuple[int, int]:
        """Dimension and lag."""
        return self.dimension, self.lag

    def table(self) -> dict[str, np.ndarray]:
        """Return the columns time, log_distance and scatter."""
        return {"time": self.times, "log_distance": self.curve, "scatter": self.scatter}

    def __repr__(self) -> str:
        said = self.verdict
        if self.region is not None:
            said = (
                f"{self.exponent:.4f}±{self.stderr:.1g} per {self.unit}; {self.verdict}"
                f" from {self.region[0]:.4g} to {self.region[1]:.4g}"
            )
        return (
            f"SeriesExponent({said}; {self.method}, dimension {self.dimension}, lag {self.lag},"
            f" Theiler window {self.theiler})"
        )


def lyapunov_from_data(
    series: ArrayLike,
    method: str = "rosenstein",
    *,
    dimension: int | None = None,
    lag: int | None = None,
    theiler: int | None = None,
    steps: int | None = None,
    eps: float | None = None,
    dt: float | None = None,
) -> SeriesExponent:
    """Estimate the largest Lyapunov exponent of a measured series.

    Points of a delay embedding that come close to each other at different times are followed, and the mean logarithm
    of their distance is drawn against time. Where it rises along a straight line, well below the distance of strangers,
    the slope is the exponent. Noise has no such line, and then no exponent is claimed.

    Parameters
    ----------
    series : array_like(float, shape=(T,) or (T, d))
        Equally spaced in time. Several columns are the coordinates of a state.
    method : {"rosenstein", "kantz"}, optional
        The nearest neighbour of each point, distances in the embedding; or all neighbours within `eps`, mean distance
        in the newest coordinate.
    dimension : int, optional
        Of the embedding; by default the first with less than 1 % false nearest neighbours. 1 for a (T, d) series.
    lag : int, optional
        Steps between coordinates; by default the first minimum of the mutual information, or where the
        autocorrelation falls below 1/e, whichever comes first.
    theiler : int, optional
        Neighbours are more than so many steps apart in time; by default the mean period, the reciprocal of the mean
        frequency of the power spectrum.
    steps : int, optional
        How far pairs are followed; by default six mean periods, at least 20 steps, at most a quarter of the series.
    eps : float, optional
        Radius of Kantz's balls, in units of the series; by default half the points have ten neighbours.
    dt : float, optional
        Time between rows; the exponent is then per unit time.

    Returns
    -------
    SeriesExponent

    Raises
    ------
    TypeError, ValueError
        If the series is too short, constant, or not finite, or an option is out of range.

    Notes
    -----
    The region is the stretch of the curve over which it grows most, among all that (1) begin when no coordinate of
    the points is left that made them neighbours, (dimension - 1) lag steps on, (2) end half a nat or more below
    saturation, (3) grow by a nat or more, (4) have slopes in their two halves that differ by at most a fifth; what
    they differ by, times the length, is twice subtracted from the growth. If there is none, but the curve stays a nat
    or more below saturation and within one nat altogether, neighbours do not part.

    References
    ----------
    M. T. Rosenstein, J. J. Collins and C. J. De Luca, Physica D 65, 117 (1993); H. Kantz, Phys. Lett. A 185, 77 (1994);
    J. Theiler, Phys. Rev. A 34, 2427 (1986).

    Examples
    --------
    >>> import lyaplab as ll
    >>> x = ll.Model("logistic", r=4.0).orbit(2000)[:, 0]
    >>> estimate = lyapunov_from_data(x)
    >>> estimate.verdict, bool(abs(estimate.exponent - np.log(2)) < 0.03)
    ('linear region', True)
    >>> lyapunov_from_data(np.random.default_rng(0).standard_normal(1000)).verdict
    'no linear region'
    """
    partials = iter_lyapunov_from_data(
        series, method, dimension=dimension, lag=lag, theiler=theiler, steps=steps, eps=eps, dt=dt
    )
    return last(partials)


def iter_lyapunov_from_data(
    series: ArrayLike,
    method: str = "rosenstein",
    *,
    dimension: int | None = None,
    lag: int | None = None,
    theiler: int | None = None,
    steps: int | None = None,
    eps: float | None = None,
    dt: float | None = None,
) -> Iterator[SeriesExponent]:
    """Yield the running estimate every 50 ms or so; stop by not asking for the next. Arguments as above."""
    rows, scale = _scaled(series)
    method = one_of("method", method, METHODS)
    step = None if dt is None else number("dt", dt, low=0.0)
    if step == 0.0:
        raise ValueError("dt must be positive, got 0")
    radius = None if eps is None else number("eps", eps, low=0.0) / scale
    if radius == 0.0:
        raise ValueError("eps must be positive, got 0")
    if radius is not None and method != "kantz":
        raise ValueError("eps belongs to method='kantz': with 'rosenstein' each point has one neighbour")
    given = {"dimension": dimension, "lag": lag, "theiler": theiler, "steps": steps}
    return _follow(_pairs(rows, method, given, radius), scale, step)


def _scaled(series: ArrayLike) -> tuple[Array, float]:
    """Return the series as rows in standard deviations, and the standard deviation."""
    rows = finite_array("series", series)
    if rows.ndim not in (1, 2) or 0 in rows.shape[1:]:
        raise ValueError(f"series must have shape (T,) or (T, d), got {rows.shape}")
    if len(rows) < _SHORTEST:
        raise ValueError(f"series must have at least {_SHORTEST} rows, got {len(rows)}")
    rows = rows.reshape(len(rows), -1)
    largest = float(np.abs(rows).max())
    # Dividing first keeps huge and tiny numbers within the range of their squares.
    unit = rows / largest if largest > 0.0 else rows
    spread = float(np.sqrt(unit.var(axis=0).mean()))
    if spread <= 1e-14:
        raise ValueError(f"series must vary, got the constant {rows[0, 0]:g}")
    return np.ascontiguousarray((unit - unit.mean(axis=0)) / spread), largest * spread


def _pairs(rows: Array, method: str, given: dict[str, int | None], radius: float | None) -> Pairs:
    """Settle what was left open, and embed."""
    count = len(rows)
    period = mean_period(rows)
    chosen = {
        name: None if value is None else positive_int(name, value, minimum=0 if name == "theiler" else 1)
        for name, value in given.items()
    }
    theiler = chosen["theiler"] if chosen["theiler"] is not None else min(math.ceil(period), count // 10)
    steps = chosen["steps"] or min(max(_LEAST_STEPS, round(_PERIODS * period)), count // 4)
    alone = rows.shape[1] == 1
    lag = chosen["lag"] or (choose_lag(rows[:, 0]) if alone else 1)
    dimension = chosen["dimension"] or (choose_dimension(rows, lag=lag, theiler=theiler) if alone else 1)
    left = count - steps - (dimension - 1) * lag
    if left < theiler + 20:
        raise ValueError(
            f"series of {count} rows is too short for dimension={dimension}, lag={lag}, theiler={theiler} and"
            f" steps={steps}: {max(left, 0)} points are left to compare, {theiler + 20} are needed"
        )
    if method == "kantz" and radius is None:
        points = delay_points(rows[: count - steps], dimension=dimension, lag=lag)
        radius = max(ball_size(points, theiler), RESOLUTION)
    return Pairs(rows, dimension, lag, theiler, steps, method, radius or 0.0, _resolution(rows))


def _resolution(rows: Array) -> float:
    """The smallest step between two values of the series: digits of a rounded series, rounding of an exact one."""
    gaps = np.diff(np.sort(rows, axis=0), axis=0)
    seen = gaps[gaps > RESOLUTION]
    return float(seen.min()) if len(seen) else RESOLUTION


def _follow(pairs: Pairs, scale: float, dt: float | None) -> Iterator[SeriesExponent]:
    height = saturation(pairs)
    began = time.perf_counter()
    for so_far in follow_divergence(pairs):
        if so_far.done == 1.0 or time.perf_counter() - began > _PIECE:
            yield _result(pairs, so_far, height, scale, dt)
            began = time.perf_counter()


def _result(pairs: Pairs, so_far: Divergence, height: float, scale: float, dt: float | None) -> SeriesExponent:
    curves, weights = so_far.curves
    if len(curves) == 0:
        if so_far.done == 1.0:
            raise ValueError("no point of the series has enough neighbours: eps must be larger, or theiler smaller")
        curves, weights = np.full((1, pairs.steps + 1), np.nan), np.ones(1)
    line = line_of(curves, weights, saturation=height, start=pairs.span)
    unit = 1.0 if dt is None else dt
    settings: dict[str, Any] = {
        "method": pairs.method,
        "dimension": pairs.dimension,
        "lag": pairs.lag,
        "theiler": pairs.theiler,
        "eps": pairs.eps * scale,
        "unit": "step" if dt is None else "time",
        "done": so_far.done,
    }
    return SeriesExponent(
        exponent=line.slope / unit,
        stderr=line.stderr / unit,
        verdict=line.verdict,
        times=unit * np.arange(pairs.steps + 1, dtype=np.float64),
        curve=line.curve,
        scatter=line.scatter,
        region=None if line.region is None else unit * np.array(line.region, dtype=float),
        saturation=height,
        **settings,
    )
