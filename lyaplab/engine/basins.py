"""Basins: what every start of a plane ends up on, as a raster."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lyaplab.engine.attractors import Catalogue
from lyaplab.engine.result import Result
from lyaplab.kernel import Cell, kernel, one_blas_thread
from lyaplab.kernel.cell import step
from lyaplab.kernel.workspace import workspace

__all__ = ["LEFT", "UNDECIDED", "Basins", "follow_basins"]

Array = NDArray[np.float64]
Labels = NDArray[np.int16]

# Labels of starts that come to no attractor: still under way, or beyond every range.
UNDECIDED, LEFT = -1, -2
# Rows of states that are advanced together: they stay in the processor's first cache.
_BLOCK = 256
# A piece of a raster takes about this long, in seconds, so that Stop and progress cost nothing.
_PIECE = 0.05
# Starts to each side of the rough raster that attractors are first looked for with.
_SCOUTS = 20
# So many windows away from the window, a state has left.
_FAR = 1e6


@dataclass(frozen=True, repr=False)
class Basins(Result):
    """A raster of starts, each labelled by the attractor that its orbit comes close to.

    Parameters
    ----------
    labels : ndarray(int, shape=(ny, nx))
        Index of the attractor; -1 for none of them (still under way), and -2 where the orbit leaves every range. Where
        attractors were given, -1 for all that reach none. Row 0 is the lowest.
    attractors : ndarray(float, shape=(K, 2))
        One point of each, in the plane.
    low, high : ndarray(float, shape=(2,))
        Corners of the window; starts are centres of cells.
    done : float
        Share of the raster that has been computed (1 at the end).
    points : ndarray(float, shape=(M, d))
        Points of all attractors: the fixed points, all places of the cycles, many of other sets.
    owners : ndarray(int, shape=(M,))
        The attractor that each point belongs to.
    periods : ndarray(int, shape=(K,))
        Of each attractor, in steps: 1 for a fixed point, 0 for a set that does not come back (of a flow, a cycle too).
    """

    labels: Labels
    attractors: Array
    low: Array
    high: Array
    done: float = 1.0
    points: Array = field(default_factory=lambda: np.empty((0, 2)))
    owners: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    periods: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))

    def __repr__(self) -> str:
        share = [f"{np.mean(self.labels == i):.0%}" for i in range(len(self.attractors))]
        gone = np.mean(self.labels == LEFT)
        left = f"; {gone:.0%} leave" if gone else ""
        size = f"{self.labels.shape[1]} x {self.labels.shape[0]}"
        return f"Basins({size} starts; shares {', '.join(share) or 'none'}{left})"


@kernel
def _settle(cell, q, X, u, w, steps):
    """Advance the rows X[0] by an even number of steps, in pairs that end there."""
    for _ in range(steps // 2):
        step(cell, q, X[0], u, X[1], w)
        step(cell, q, X[1], u, X[0], w)


@kernel
def _nearest(x, points, owners, distance, far, labels):
    """Label each row by the owner of the nearest point within `distance`: -1 for none, -2 beyond `far`."""
    for b in range(x.shape[0]):
        labels[b] = UNDECIDED
        best = distance * distance
        size = 0.0
        for i in range(x.shape[1]):
            size += abs(x[b, i])
        # What is not a number is not within any range either.
        if not size <= far:
            labels[b] = LEFT
            continue
        for k in range(points.shape[0]):
            square = 0.0
            for i in range(x.shape[1]):
                square += (x[b, i] - points[k, i]) ** 2
            if square < best:
                best = square
                labels[b] = owners[k]


class _Raster:
    """Starts of a plane, advanced block by block."""

    def __init__(self, cell: Cell, p: tuple[Array, ...], inputs: Array, x0: Array, axes: tuple[int, int]) -> None:
        self._cell, self._q, self._x0, self._axes = cell, cell.prepare(p), x0, list(axes)
        n = len(x0)
        self._X, self._u, self._w = workspace((2, _BLOCK, n), (_BLOCK, len(inputs)), (_BLOCK, cell.size(p)[1]))
        self._u[...] = inputs

    def ends(self, xs: Array, ys: Array, steps: int) -> Array:
        """Return where the starts of some rows come to, shape (len(ys) * len(xs), n)."""
        starts = np.tile(self._x0, (len(ys) * len(xs), 1))
        starts[:, self._axes] = np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2)
        with one_blas_thread():
            for first in range(0, len(starts), _BLOCK):
                part = starts[first : first + _BLOCK]
                X = self._X if len(part) == _BLOCK else np.empty((2, *part.shape))
                X[0] = part
                # An even number of steps ends in the same array.
                _settle(self._cell, self._q, X, self._u[: len(part)], self._w[: len(part)], steps + steps % 2)
                part[...] = X[0]
        return starts


def follow_basins(
    cell: Cell,
    p: tuple[Array, ...],
    *,
    attractors: Array | None,
    inputs: Array,
    low: Array,
    high: Array,
    resolution: tuple[int, int],
    steps: int,
    x0: Array | None = None,
    axes: tuple[int, int] = (0, 1),
    dt: float | None = None,
) -> Iterator[Basins]:
    """Yield the raster as it fills, as many rows at a time as take about 50 ms; the last one yielded is complete.

    Parameters
    ----------
    cell, p : Cell, tuple of ndarray
        A system and its parameters.
    attractors : ndarray(float, shape=(K, n)) or None
        Stable fixed points; None looks for attractors of any kind.
    inputs : ndarray(float, shape=(m,))
        The constant input.
    low, high : ndarray(float, shape=(2,))
        Corners of the window.
    resolution : tuple of int
        (nx, ny) starts.
    steps : int
        Steps before the distance is taken.
    x0 : ndarray(float, shape=(n,)), optional
        State variables that are not in the plane; not needed where there are two.
    axes : tuple of int, optional
        The state variables of the plane.
    dt : float, optional
        Time step of a flow.

    Yields
    ------
    Basins
    """
    nx, ny = resolution
    labels = np.full((ny, nx), UNDECIDED, dtype=np.int16)
    xs, ys = _centres(low[0], high[0], nx), _centres(low[1], high[1], ny)
    raster = _Raster(cell, p, inputs, np.zeros(2) if x0 is None else x0, axes)
    span = float(np.max(high - low))
    far = _FAR * (span + float(np.abs([low, high]).max()))
    known = Catalogue(cell, p, inputs=inputs, span=span, far=far, steps=steps, dt=dt)
    if attractors is None:
        scouts = raster.ends(_centres(low[0], high[0], _SCOUTS), _centres(low[1], high[1], _SCOUTS), steps)
        known.search(_staying(scouts, far))
        known.sort()
    else:
        known.note(attractors)
    first, rows = 0, 1
    while first < ny:
        began = time.perf_counter()
        last = min(ny, first + rows)
        ends = raster.ends(xs, ys[first:last], steps)
        part = np.empty(len(ends), dtype=np.int16)
        _nearest(ends, known.points, known.owners, known.reach, far, part)
        if attractors is None:
            before = len(known)
            known.search(_staying(ends[part == UNDECIDED], far))
            if len(known) > before:
                _nearest(ends, known.points, known.owners, known.reach, far, part)
        else:
            part[part == LEFT] = UNDECIDED
        labels[first:last] = part.reshape(last - first, nx)
        pace = (time.perf_counter() - began) / (last - first)
        first, rows = last, max(1, min(4 * rows, int(_PIECE / pace)))
        yield Basins(
            labels.copy() if last < ny else labels, known.firsts[:, list(axes)], low, high, last / ny,
            known.points, known.owners, np.array(known.periods, dtype=np.int64),
        )  # fmt: skip


def _centres(low: float, high: float, count: int) -> Array:
    """Centres of the cells of an axis."""
    return low + (high - low) * (np.arange(count) + 0.5) / count


def _staying(ends: Array, far: float) -> Array:
    """The ends that have not left."""
    return ends[np.abs(ends).sum(axis=1) <= far]
