"""How far a reconstructed attractor is from the true one in state space: by bins, or by Gaussian mixtures.

Chaos parts two orbits of one system too, so points are not compared one by one. What is compared is where an orbit
dwells; `spectra` compares how fast it turns. Two orbits of one system never agree exactly either: a measure says
something only beside its floor, what one half of the data comes to against the other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import logsumexp

from lyaplab.engine.result import Result
from lyaplab.errors import finite_array, number, positive_int

__all__ = [
    "ROUNDING",
    "MixtureDivergence",
    "StateSpaceDivergence",
    "mixture_divergence",
    "standard",
    "state_space_divergence",
]

Array = NDArray[np.float64]

# Beyond these, bins outnumber the points of any series that one has.
_MOST_DIMENSIONS = 5
# Bins reach this far from the mean, in standard deviations of the true data.
_REACH = 2.0
# Rows of a table of distances that are held at a time.
_CHUNK = 200
# The deviation of the mean of many equal numbers, relative to their size: what is left of a constant by rounding.
ROUNDING = 1e-12


@dataclass(frozen=True)
class StateSpaceDivergence(Result):
    """Divergence of two distributions over bins.

    Parameters
    ----------
    value : float
        Kullback-Leibler divergence from the true distribution to the generated one, in nats.
    outside_true, outside_generated : float
        Share of the points that lie outside all bins; together they make one bin more.
    bins : int
        For each dimension, from -2 to 2 standard deviations of the true data.
    smoothing : float
        What is added to each count.
    """

    value: float
    outside_true: float
    outside_generated: float
    bins: int
    smoothing: float


@dataclass(frozen=True)
class MixtureDivergence(Result):
    """Divergence of two Gaussian mixtures, one Gaussian around every point.

    Parameters
    ----------
    value : float
        Kullback-Leibler divergence from the true mixture to the generated one, in nats.
    stderr : float
        Standard error of `value` from the random samples; that the points themselves are few comes on top.
    width : float
        Standard deviation of each Gaussian, in those of the true data.
    centres : int
        Gaussians of the larger mixture.
    samples : int
        Random points that the mean is taken over.
    """

    value: float
    stderr: float
    width: float
    centres: int
    samples: int


def state_space_divergence(
    true: ArrayLike, generated: ArrayLike, *, bins: int = 10, smoothing: float = 1e-5
) -> StateSpaceDivergence:
    """Compare where two orbits dwell, by the shares of their points in bins.

    Both are brought to mean 0 and variance 1 of the true data, dimension by dimension. Bins go from -2 to 2; all points
    outside make one bin more, so that an orbit that has left cannot look good. Points that are not finite are outside.

    Parameters
    ----------
    true, generated : array_like(float, shape=(T, N) or (T,))
        Lengths may differ, but the fewer the points the larger the value, even of two orbits of one system.
    bins : int, optional
        For each dimension.
    smoothing : float, optional
        Added to each count, so that an empty bin is no infinite surprise.

    Returns
    -------
    StateSpaceDivergence

    Raises
    ------
    ValueError, TypeError
        For more than five dimensions, where bins stay empty; for a true series that is constant in a dimension.

    Notes
    -----
    D = sum over bins of p log(p/q), p = (count + smoothing)/(T + smoothing (bins^N + 1)).

    Examples
    --------
    >>> x = np.random.default_rng(1).standard_normal((20_000, 1))
    >>> bool(state_space_divergence(x[:10_000], x[10_000:]).value < 0.003), state_space_divergence(x, x).value
    (True, 0.0)
    >>> state_space_divergence(x, x + 10.0).outside_generated
    1.0
    """
    points, made = standard(true, generated, finite=False)
    bins, smoothing = positive_int("bins", bins), number("smoothing", smoothing, low=0.0)
    if smoothing == 0.0:
        raise ValueError("smoothing must be positive: a bin that only true points fall into would be infinitely far")
    dimensions = points.shape[1]
    if dimensions > _MOST_DIMENSIONS:
        raise ValueError(
            f"true has {dimensions} dimensions, and bins of more than {_MOST_DIMENSIONS} stay empty: choose columns,"
            " or use mixture_divergence"
        )
    counts = [_counts(each, bins) for each in (points, made)]
    p, q = ((count + smoothing) / (count.sum() + smoothing * len(count)) for count in counts)
    left, gone = (float(count[-1] / count.sum()) for count in counts)
    return StateSpaceDivergence(float(np.sum(p * np.log(p / q))), left, gone, bins, smoothing)


def _counts(points: Array, bins: int) -> Array:
    """How many points lie in each bin, those outside last."""
    with np.errstate(invalid="ignore"):
        inside = np.all(np.abs(points) < _REACH, axis=1)  # NaN is not
    cells = np.floor((points[inside] + _REACH) * (bins / (2.0 * _REACH))).astype(np.int64)
    flat = np.minimum(cells, bins - 1) @ (bins ** np.arange(points.shape[1]))
    counts = np.bincount(flat, minlength=bins ** points.shape[1] + 1).astype(np.float64)
    counts[-1] = len(points) - len(flat)
    return counts


def mixture_divergence(
    true: ArrayLike,
    generated: ArrayLike,
    *,
    width: float = 0.1**0.5,
    centres: int = 2_000,
    samples: int = 1_000,
    seed: int = 0,
) -> MixtureDivergence:
    """Compare where two orbits dwell, by Gaussians around their points: for more dimensions than bins can fill.

    Parameters
    ----------
    true, generated : array_like(float, shape=(T, N) or (T,))
        Both are brought to mean 0 and variance 1 of the true data.
    width : float, optional
        Standard deviation of each Gaussian.
    centres : int, optional
        Points of each, evenly spread over it, that carry Gaussians; all where there are fewer.
    samples : int, optional
        Random points of the true mixture.
    seed : int, optional
        Of these.

    Returns
    -------
    MixtureDivergence

    Raises
    ------
    ValueError, TypeError
        For a generated series that is not finite; for a true series that is constant in a dimension.

    Notes
    -----
    D = mean of log p(x) - log q(x) over samples x of p, p the true mixture. Others take the mean over samples of q.

    Examples
    --------
    >>> x = np.random.default_rng(1).standard_normal((4_000, 8))
    >>> found = mixture_divergence(x[:2000], x[2000:], width=1.0)
    >>> bool(found.value < 0.1), bool(mixture_divergence(x, 3.0 * x, width=1.0).value > 1.0)
    (True, True)
    """
    points, made = standard(true, generated)
    width = number("width", width, low=0.0)
    if width == 0.0:
        raise ValueError("width must be positive, got 0")
    count, drawn = positive_int("centres", centres), positive_int("samples", samples, minimum=2)
    rng = np.random.default_rng(positive_int("seed", seed, minimum=0))
    p, q = (each[np.unique(np.linspace(0, len(each) - 1, count).astype(int))] for each in (points, made))
    x = p[rng.integers(len(p), size=drawn)] + width * rng.standard_normal((drawn, points.shape[1]))
    surplus = _log_density(x, p, width) - _log_density(x, q, width)
    stderr = float(surplus.std(ddof=1) / np.sqrt(drawn))
    return MixtureDivergence(float(surplus.mean()), stderr, width, max(len(p), len(q)), drawn)


def _log_density(x: Array, centres: Array, width: float) -> Array:
    """Log density of a mixture at points (samples, N), but for a number that depends on N and width alone."""
    parts = []
    for piece in np.array_split(x, -(-len(x) // _CHUNK)):
        squares = (piece**2).sum(axis=1)[:, None] + (centres**2).sum(axis=1) - 2.0 * piece @ centres.T
        parts.append(logsumexp(-0.5 * squares / width**2, axis=1))
    return np.concatenate(parts) - np.log(len(centres))


def standard(true: ArrayLike, generated: ArrayLike, *, finite: bool = True) -> tuple[Array, Array]:
    """Return both as (T, N), in standard deviations of the true one from its mean."""
    points = _columns(finite_array("true", true))
    made = _columns(finite_array("generated", generated) if finite else np.asarray(generated, dtype=np.float64))
    if points.shape[1] != made.shape[1]:
        raise ValueError(f"generated must have the {points.shape[1]} dimensions of true, got {made.shape[1]}")
    for name, array in (("true", points), ("generated", made)):
        if len(array) < 2:
            raise ValueError(f"{name} must have at least two rows, got {len(array)}")
    mean, scale = points.mean(axis=0), points.std(axis=0)
    for column in np.flatnonzero(scale <= ROUNDING * (1.0 + np.abs(mean))):
        raise ValueError(f"true must vary, but its column {column} is constant")
    with np.errstate(over="ignore"):  # an orbit on its way to infinity
        return (points - mean) / scale, (made - mean) / scale


def _columns(array: Array) -> Array:
    if array.ndim not in (1, 2):
        raise ValueError(f"a series must have shape (T, N) or (T,), got {array.shape}")
    return array[:, None] if array.ndim == 1 else array
