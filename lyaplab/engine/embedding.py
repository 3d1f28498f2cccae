"""Delay embedding of a measured series: points, lag, dimension, and the neighbours of a point.

The point of time t is (x[t], x[t + lag], ..., x[t + (dimension - 1) lag]); a series of several columns gives all of
them at each of these times.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from lyaplab.kernel import kernel

__all__ = ["RESOLUTION", "choose_dimension", "choose_lag", "delay_points", "mean_period", "nearest_outside"]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

# Bins of each axis for the mutual information; each holds the same share of the series.
_BINS = 16
# A minimum of it counts below this share of its first value: a pure tone's never falls, and wobbles with rounding.
_FALLEN = 0.7
# A neighbour is false if one more coordinate parts it by ten distances, or by two standard deviations.
_FALSE_RATIO = 10.0
_FALSE_SIZE = 2.0
_FALSE_SHARE = 0.01
_MOST_DIMENSIONS = 8
# Digits below this share of the series' size are rounding.
RESOLUTION = 1e-10
# So many references tell the share of false neighbours.
_REFERENCES = 2000


def delay_points(series: Array, *, dimension: int, lag: int) -> Array:
    """Return the points of a delay embedding.

    Parameters
    ----------
    series : ndarray(float, shape=(T, d))
        Rows in time.
    dimension, lag : int
        Number of rows in a point, and steps between them.

    Returns
    -------
    ndarray(float, shape=(T - (dimension - 1) lag, dimension d))

    Examples
    --------
    >>> delay_points(np.arange(5.0)[:, None], dimension=2, lag=2)
    array([[0., 2.], [1., 3.], [2., 4.]])
    """
    count = len(series) - (dimension - 1) * lag
    return np.concatenate([series[m * lag : m * lag + count] for m in range(dimension)], axis=1)


def mean_period(series: Array) -> float:
    """Return the reciprocal of the power spectrum's mean frequency, in steps.

    Parameters
    ----------
    series : ndarray(float, shape=(T, d))

    Returns
    -------
    float

    Examples
    --------
    >>> round(mean_period(np.sin(2 * np.pi * np.arange(1000.0) / 25)[:, None]), 6)
    25.0
    """
    power = (np.abs(np.fft.rfft(series - series.mean(axis=0), axis=0)) ** 2).sum(axis=1)
    frequencies = np.arange(len(power)) / len(series)
    return float(power.sum() / (power * frequencies).sum())


def choose_lag(x: Array) -> int:
    """Return the lag of an embedding: where x stops telling its own future twice over.

    That is the first minimum of the mutual information, or the first lag at which the autocorrelation is below 1/e,
    whichever comes first; 1 for most maps.

    Parameters
    ----------
    x : ndarray(float, shape=(T,))

    Returns
    -------
    int
        In steps, at most a tenth of the series.

    References
    ----------
    A. M. Fraser and H. L. Swinney, Phys. Rev. A 33, 1134 (1986).

    Examples
    --------
    >>> choose_lag(np.sin(2 * np.pi * np.arange(2000.0) / 100.1))
    20
    """
    longest = max(1, len(x) // 10)
    centred = x - x.mean()
    spectrum = np.abs(np.fft.rfft(centred, 2 * len(x))) ** 2
    autocorrelation = np.fft.irfft(spectrum)[: longest + 1]
    below = np.flatnonzero(autocorrelation[1:] < autocorrelation[0] / math.e)
    linear = int(below[0]) + 1 if len(below) else longest
    if linear == 1:
        return 1
    information = _mutual_information(x, linear)
    turning = (np.diff(information) > 0.0) & (information[:-1] < _FALLEN * information[0])
    minima = np.flatnonzero(turning)
    return int(minima[0]) + 1 if len(minima) else linear


def _mutual_information(x: Array, longest: int) -> Array:
    """Mutual information of x[t] and x[t + lag] in nats, for lags 1 to `longest`."""
    bins = np.empty(len(x), dtype=np.int64)
    bins[np.argsort(x, kind="stable")] = np.arange(len(x)) * _BINS // len(x)
    counts = np.zeros((longest, _BINS, _BINS))
    _count_joint(bins, counts)
    joint = counts / counts.sum(axis=(1, 2), keepdims=True)
    apart = joint.sum(axis=1, keepdims=True) * joint.sum(axis=2, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(joint > 0.0, joint * np.log(joint / apart), 0.0)
    return terms.sum(axis=(1, 2))


@kernel
def _count_joint(bins, counts):
    """Count how often a value of one bin is followed, lag steps later, by one of another."""
    for place in range(counts.shape[0]):
        lag = place + 1
        for t in range(bins.shape[0] - lag):
            counts[place, bins[t], bins[t + lag]] += 1.0


def choose_dimension(series: Array, *, lag: int, theiler: int) -> int:
    """Return the smallest dimension of an embedding with hardly any false nearest neighbours.

    A neighbour is false if it is close only because the points are folded onto each other: one more coordinate parts
    the two. Below 1 % of them the embedding counts as unfolded. Noise never unfolds: then it is 8, the most tried.

    Parameters
    ----------
    series : ndarray(float, shape=(T, d))
    lag, theiler : int
        Steps between coordinates, and steps that a neighbour must be apart in time.

    Returns
    -------
    int

    References
    ----------
    M. B. Kennel, R. Brown and H. D. I. Abarbanel, Phys. Rev. A 45, 3403 (1992).

    Examples
    --------
    >>> x = [0.3]
    >>> for _ in range(500):
    ...     x.append(3.9 * x[-1] * (1 - x[-1]))
    >>> choose_dimension(np.array(x)[:, None], lag=1, theiler=3)
    1
    """
    size = _FALSE_SIZE * float(np.sqrt(series.var(axis=0).sum()))
    for dimension in range(1, _MOST_DIMENSIONS):
        count = len(series) - dimension * lag
        if count < 2 * theiler + 10:
            return dimension
        points = delay_points(series[: count + (dimension - 1) * lag], dimension=dimension, lag=lag)
        references = np.unique(np.linspace(0, count - 1, min(count, _REFERENCES)).astype(np.int64))
        partners, distances = nearest_outside(cKDTree(points), references, theiler=theiler)
        usable = partners >= 0
        first, second = references[usable], partners[usable]
        # A series that repeats itself has neighbours whose distance is rounding.
        near = np.maximum(distances[usable], RESOLUTION * size)
        step = np.sqrt(((series[first + dimension * lag] - series[second + dimension * lag]) ** 2).sum(axis=1))
        false = (step > _FALSE_RATIO * near) | (np.hypot(step, near) > size)
        if len(false) == 0 or false.mean() < _FALSE_SHARE:
            return dimension
    return _MOST_DIMENSIONS


def nearest_outside(tree: cKDTree, references: Indices, *, theiler: int) -> tuple[Indices, Array]:
    """Return each reference's nearest neighbour that is more than `theiler` steps away in time.

    Parameters
    ----------
    tree : scipy.spatial.cKDTree
        Of all points, in the order of time.
    references : ndarray(int, shape=(R,))
        Places of points in the tree.
    theiler : int
        Points at most so many steps apart are no neighbours.

    Returns
    -------
    partners : ndarray(int, shape=(R,))
        Places of the neighbours; -1 where all points are too close in time.
    distances : ndarray(float, shape=(R,))

    Examples
    --------
    >>> tree = cKDTree(np.array([[0.0], [0.1], [5.0], [0.3]]))
    >>> nearest_outside(tree, np.array([0]), theiler=1)
    (array([3]), array([0.3]))
    """
    partners = np.full(len(references), -1, dtype=np.int64)
    distances = np.full(len(references), np.inf)
    waiting = np.arange(len(references))
    # At most 2 theiler + 1 points are too close in time, the reference among them. Along a flow most are, so more
    # and more neighbours are asked for, but only where all of those before were too close.
    most = min(2 * theiler + 2, tree.n)
    wanted = min(4, most)
    while len(waiting):
        places = references[waiting]
        found = tree.query(tree.data[places], k=np.arange(1, wanted + 1))
        apart = np.abs(found[1] - places[:, None]) > theiler
        apart &= found[1] < tree.n
        best = apart.argmax(axis=1)
        rows = np.flatnonzero(apart.any(axis=1))
        partners[waiting[rows]] = found[1][rows, best[rows]]
        distances[waiting[rows]] = found[0][rows, best[rows]]
        if wanted == most:
            break
        waiting = np.delete(waiting, rows)
        wanted = min(4 * wanted, most)
    return partners, distances
