"""How neighbours of an embedded series part: the mean logarithm of their distance against time, in pieces."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from lyaplab.engine.embedding import delay_points, nearest_outside
from lyaplab.kernel import kernel

__all__ = ["METHODS", "Divergence", "Pairs", "ball_size", "follow_divergence", "saturation"]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

METHODS = ("rosenstein", "kantz")

# Stretches of the series whose own curves tell the scatter.
_BLOCKS = 32
_SEARCHED_TOGETHER = 1000
# Pairs at random that tell the distance at which nothing is left of closeness.
_RANDOM_PAIRS = 2000
# The balls of Kantz's method: half of the references have so many neighbours, and fewer than the least do not count.
_NEIGHBOURS = 10
_LEAST_NEIGHBOURS = 3
_BALL_REFERENCES = 200


@dataclass
class Divergence:
    """Sums of log-distances of each block of references, and how many they are.

    Parameters
    ----------
    sums : ndarray(float, shape=(blocks, K + 1))
        Log-distances after 0 to K steps.
    counts : ndarray(float, shape=(blocks,))
        References of each block; 0 for blocks that were not reached yet.
    done : float
        Share of the blocks that were followed.
    """

    sums: Array
    counts: Array
    done: float = 0.0

    @property
    def curves(self) -> tuple[Array, Array]:
        """Mean curve of each block that has references, and how many those are."""
        kept = self.counts > 0.0
        return self.sums[kept] / self.counts[kept, None], self.counts[kept]


@dataclass
class Pairs:
    """What a run needs to know of the embedded series.

    Parameters
    ----------
    series : ndarray(float, shape=(T, d))
    dimension, lag, theiler : int
    steps : int
        How far pairs are followed, K.
    method : str
        One of `METHODS`.
    eps : float
        Radius of the balls of Kantz's method.
    floor : float
        Distances below count as this: the resolution of the series.
    """

    series: Array
    dimension: int
    lag: int
    theiler: int
    steps: int
    method: str
    eps: float = 0.0
    floor: float = 1e-10
    tree: cKDTree = field(init=False)

    def __post_init__(self) -> None:
        # Only points that can be followed for all K steps are references and partners.
        points = delay_points(self.series[: len(self.series) - self.steps], dimension=self.dimension, lag=self.lag)
        self.tree = cKDTree(points)

    @property
    def span(self) -> int:
        """Steps from the first to the last coordinate of a point."""
        return (self.dimension - 1) * self.lag

    def of(self, references: Indices) -> tuple[Indices, Indices]:
        """Return the pairs of some references, ordered by reference."""
        if self.method == "rosenstein":
            partners, _ = nearest_outside(self.tree, references, theiler=self.theiler)
            return references[partners >= 0], partners[partners >= 0]
        around = cKDTree(self.tree.data[references])
        found = around.sparse_distance_matrix(self.tree, self.eps, output_type="ndarray")
        first, second = references[found["i"]], found["j"].astype(np.int64)
        apart = np.abs(first - second) > self.theiler
        order = np.argsort(first[apart], kind="stable")
        return first[apart][order], second[apart][order]

    def add(self, first: Indices, second: Indices, sums: Array) -> int:
        """Add the log-distances of pairs after 0, 1, ... steps to `sums`; return the number of references."""
        if self.method == "rosenstein":
            squares, products = np.empty(len(sums) + self.span), np.ones(len(sums))
            _follow_pairs(self.series, first, second, self.dimension, self.lag, self.floor**2, squares, products, sums)
            return len(first)
        means = np.empty(len(sums))
        return int(_follow_balls(self.series, first, second, self.span, _LEAST_NEIGHBOURS, self.floor, means, sums))


def follow_divergence(pairs: Pairs) -> Iterator[Divergence]:
    """Yield the sums as they grow, a stretch of references at a time.

    Parameters
    ----------
    pairs : Pairs

    Yields
    ------
    Divergence
        The same object each time.
    """
    count = pairs.tree.n
    blocks = min(_BLOCKS, max(1, count // 10))
    so_far = Divergence(np.zeros((blocks, pairs.steps + 1)), np.zeros(blocks))
    edges = np.linspace(0, count, blocks + 1).astype(np.int64)
    # Neighbours of many references cost little more than those of one: short series are searched in one go.
    at_once = max(1, _SEARCHED_TOGETHER * blocks // count)
    for begin in range(0, blocks, at_once):
        end = min(begin + at_once, blocks)
        first, second = pairs.of(np.arange(edges[begin], edges[end]))
        cuts = np.searchsorted(first, edges[begin : end + 1])
        for block in range(begin, end):
            mine = slice(cuts[block - begin], cuts[block - begin + 1])
            so_far.counts[block] = pairs.add(first[mine], second[mine], so_far.sums[block])
        so_far.done = end / blocks
        yield so_far


def saturation(pairs: Pairs) -> float:
    """Return the mean log-distance of points that have nothing to do with each other: where every curve ends."""
    rng = np.random.default_rng(0)
    first, second = rng.integers(0, pairs.tree.n, (2, min(_RANDOM_PAIRS, 4 * pairs.tree.n)))
    apart = np.abs(first - second) > pairs.theiler
    if pairs.method == "rosenstein":
        gaps = pairs.tree.data[first[apart]] - pairs.tree.data[second[apart]]
    else:
        gaps = pairs.series[first[apart] + pairs.span] - pairs.series[second[apart] + pairs.span]
    distances = np.maximum(np.sqrt((gaps**2).sum(axis=1)), pairs.floor)
    return float(np.log(distances).mean() if pairs.method == "rosenstein" else np.log(distances.mean()))


def ball_size(points: Array, theiler: int) -> float:
    """Return the radius within which half of the points have ten neighbours outside the Theiler window."""
    places = np.unique(np.linspace(0, len(points) - 1, min(len(points), _BALL_REFERENCES)).astype(np.int64))
    tenth = []
    for place in places:
        squares = ((points - points[place]) ** 2).sum(axis=1)
        far = np.concatenate([squares[: max(place - theiler, 0)], squares[place + theiler + 1 :]])
        if len(far) >= _NEIGHBOURS:
            tenth.append(np.partition(far, _NEIGHBOURS - 1)[_NEIGHBOURS - 1])
    return float(np.sqrt(np.median(tenth))) if tenth else 0.0


@kernel
def _follow_pairs(series, first, second, dimension, lag, floor, squares, products, sums):
    """Add log-distances of embedded points to `sums`; logs are taken of products, since they cost most of the time."""
    for pair in range(first.shape[0]):
        i, j = first[pair], second[pair]
        for t in range(squares.shape[0]):
            square = 0.0
            for c in range(series.shape[1]):
                gap = series[i + t, c] - series[j + t, c]
                square += gap * gap
            squares[t] = square
        for k in range(sums.shape[0]):
            square = 0.0
            for m in range(dimension):
                square += squares[k + m * lag]
            products[k] *= max(square, floor)
            if products[k] < 1e-150 or products[k] > 1e150:
                sums[k] += 0.5 * np.log(products[k])
                products[k] = 1.0
    for k in range(sums.shape[0]):
        sums[k] += 0.5 * np.log(products[k])


@kernel
def _follow_balls(series, first, second, span, least, floor, means, sums):
    """Add the log of the mean distance to all neighbours, in the newest coordinate; return how many references had any.

    Pairs come ordered by reference.
    """
    begin, references = 0, 0
    while begin < first.shape[0]:
        end = begin
        while end < first.shape[0] and first[end] == first[begin]:
            end += 1
        if end - begin >= least:
            references += 1
            i = first[begin] + span
            for k in range(means.shape[0]):
                means[k] = 0.0
            for pair in range(begin, end):
                j = second[pair] + span
                for k in range(means.shape[0]):
                    square = 0.0
                    for c in range(series.shape[1]):
                        gap = series[i + k, c] - series[j + k, c]
                        square += gap * gap
                    means[k] += np.sqrt(square)
            for k in range(means.shape[0]):
                sums[k] += np.log(max(means[k] / (end - begin), floor))
        begin = end
    return references
