"""What orbits end up on, found from where many of them have got to: fixed points, cycles, and sets without a period."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lyaplab.engine.orbit import orbit
from lyaplab.engine.regime import recurrence
from lyaplab.errors import DivergenceError
from lyaplab.kernel import Cell

__all__ = ["Catalogue"]

Array = NDArray[np.float64]

# Points that stand for a set without a period; a flow's are this far apart in time.
_POINTS = 512
_APART = 0.1
# Coming back this close, relative to the size of the states, counts as the same state.
_RETURN = 1e-6
# Relative to the span of the window: attractors nearer to each other are one, and so are sets mostly that near.
_SAME, _SAME_SET = 1e-3, 0.02
_PUSH = 1e-6
# Ends that lie in one cell of a grid this fine are followed once.
_GRID = 200
# A system without attractors, such as one that keeps areas, has another set for every start: no more are looked for.
_MOST, _TRIALS = 16, 64
# Cells of that grid, the fullest, whose ends are looked at.
_CANDIDATES = 256


class Catalogue:
    """The attractors known so far.

    Parameters
    ----------
    cell, p : Cell, tuple of ndarray
        The system and its parameters.
    inputs : ndarray(float, shape=(m,))
        The constant input.
    span : float
        What counts as far: the longer side of the window.
    far : float
        Beyond that, an orbit has left.
    steps : int
        Ends are followed for ten times as many steps before they are looked at.
    dt : float or None
        Time step of a flow.

    Attributes
    ----------
    reach : float
        How close counts as arrived: a twentieth of the window, but at most half way to the next attractor.
    points : ndarray(float, shape=(M, d))
        Points of all attractors.
    owners : ndarray(int, shape=(M,))
        The attractor that each belongs to.
    periods : list of int
        Of each attractor, in steps; 1 for a fixed point, 0 for a set that does not come back.
    """

    def __init__(
        self, cell: Cell, p: tuple[Array, ...], *, inputs: Array, span: float, far: float, steps: int,
        dt: float | None,
    ) -> None:  # fmt: skip
        self._cell, self._p, self._inputs, self._dt = cell, p, inputs, dt
        self._span, self._far, self._steps = span, far, steps
        self._tried = 0
        self.reach = 0.05 * span
        self.points = np.empty((0, cell.size(p)[0]))
        self.owners = np.empty(0, dtype=np.int64)
        self.periods: list[int] = []

    def __len__(self) -> int:
        return len(self.periods)

    @property
    def firsts(self) -> Array:
        """The first point of each attractor, shape (K, d)."""
        return self.points[np.searchsorted(self.owners, np.arange(len(self)))]

    def note(self, fixed_points: Array) -> None:
        """Take fixed points as they are given."""
        for point in fixed_points:
            self._add(point[None], 1)

    def search(self, ends: Array) -> None:
        """Follow ends that no known attractor explains, the most frequent first, and note what they come to."""
        if len(ends) == 0 or len(self) >= _MOST or self._tried >= _TRIALS:
            return
        cells = np.floor(ends / (self._span / _GRID)).astype(np.int64)
        _, first, counts = np.unique(cells, axis=0, return_index=True, return_counts=True)
        waiting = ends[first[np.argsort(-counts, kind="stable")[:_CANDIDATES]]]
        while len(waiting) and len(self) < _MOST and self._tried < _TRIALS:
            self._tried += 1
            self._follow(waiting[0])
            waiting = waiting[1:]
            if len(self) and len(waiting):
                waiting = waiting[_distances(waiting, self.points).min(axis=1) > self.reach]

    def sort(self) -> None:
        """Order the attractors by their first points."""
        firsts = [self.points[self.owners == owner][0].tolist() for owner in range(len(self))]
        order = sorted(range(len(self)), key=firsts.__getitem__)
        self.points = np.concatenate([self.points[:0], *(self.points[self.owners == owner] for owner in order)])
        self.periods = [self.periods[owner] for owner in order]
        self.owners = np.repeat(np.arange(len(order)), [np.sum(self.owners == owner) for owner in order])

    def _follow(self, end: Array) -> None:
        """Follow an orbit until it has settled, and note the attractor if it is new."""
        # A start on the very border rests on a saddle: pushed a little, it leaves.
        end = end + _PUSH * self._span * np.random.default_rng(0).standard_normal(len(end))
        stride = 1 if self._dt is None else max(1, round(_APART / self._dt))
        try:
            path = orbit(
                self._cell, self._p, x0=end[None], inputs=self._inputs[None, None], steps=_POINTS * stride,
                warmup=10 * self._steps,
            )[:, 0]  # fmt: skip
        except DivergenceError:
            return
        # A flow moves by dt in a step: it has to move that much less to count as at rest.
        period = recurrence(path[-4 * 64 :], _RETURN * (self._dt or 1.0)) or 0
        if self._dt is not None and period != 1:
            period = 0
        points = path[-period:] if period else path[::stride]
        points = points[np.lexsort(points.T[::-1])]
        if np.abs(points).sum(axis=1).max() <= self._far and not self._knows(points, period):
            self._add(points, period)

    def _add(self, points: Array, period: int) -> None:
        if len(self):
            self.reach = min(self.reach, 0.5 * float(_distances(points, self.points).min()))
        self.points = np.concatenate([self.points, points])
        self.owners = np.append(self.owners, np.full(len(points), len(self)))
        self.periods.append(period)

    def _knows(self, points: Array, period: int) -> bool:
        if not len(self):
            return False
        if period:
            distances = _distances(points[:1], self.points[self._long(period)])
            return bool(distances.min(initial=np.inf) < _SAME * self._span)
        sets = self.points[self._long(0)]
        near = _distances(points, sets).min(axis=1, initial=np.inf) < _SAME_SET * self._span
        return bool(np.mean(near) > 0.5)

    def _long(self, period: int) -> NDArray[np.bool_]:
        """Which points belong to attractors of a period."""
        return np.array(self.periods)[self.owners] == period


def _distances(a: Array, b: Array) -> Array:
    """Distances of all points of a from all of b, shape (A, B)."""
    square = np.zeros((len(a), len(b)))
    for i in range(a.shape[1]):
        square += (a[:, i, None] - b[None, :, i]) ** 2
    return np.sqrt(square)
