"""Slow points: local minima of the speed at which a system almost rests (Sussillo & Barak 2013)."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lyaplab.engine.descent import descended, refining
from lyaplab.engine.fixed_points import eigenvalues_of
from lyaplab.engine.linearise import Linearisation, rows_at_once
from lyaplab.engine.newton import RESIDUAL, distinct
from lyaplab.engine.result import Result, last
from lyaplab.kernel import Cell, one_blas_thread

__all__ = ["SlowPoints", "iter_slow_points", "slow_points"]

Array = NDArray[np.float64]
Box = tuple[Array, Array] | None

# Candidates closer than this are one; found once more, they are refined for nothing.
_CLOSE = 1e-3


@dataclass(frozen=True, repr=False)
class SlowPoints(Result):
    """Local minima of the speed that are no fixed points.

    Parameters
    ----------
    points : ndarray(float, shape=(K, d))
        The slowest first.
    q : ndarray(float, shape=(K,))
        Half the squared speed: |F(x) - x|²/2 of a map, |dx/dt|²/2 of a flow.
    gradients : ndarray(float, shape=(K,))
        Length of the gradient of q: how well each is known.
    eigenvalues : ndarray(complex, shape=(K, d))
        As of a fixed point: what a small deviation does while the state lingers. One of them says that it neither
        grows nor shrinks: the Jacobian of the field is singular at a minimum of the speed.
    hits : ndarray(int, shape=(K,))
        How many starts ended at each.
    starts : int
        Number of starts.
    at_rest : float
        Share of the starts that ended at fixed points instead.
    unit : str
        "step" for maps, "time" for flows.
    """

    points: Array
    q: Array
    gradients: Array
    eigenvalues: NDArray[np.complex128]
    hits: NDArray[np.intp]
    starts: int
    at_rest: float
    unit: str = "step"

    def __len__(self) -> int:
        return len(self.points)

    def table(self) -> dict[str, np.ndarray]:
        """Return the columns q, hits, x1, x2, ..."""
        columns = {f"x{i + 1}": self.points[:, i] for i in range(self.points.shape[1])}
        return {"q": self.q, "hits": self.hits, **columns}

    def __repr__(self) -> str:
        found = f"{len(self)} found" + (f", q from {self.q[0]:.2g} to {self.q[-1]:.2g}" if len(self) else "")
        return f"SlowPoints({found}; {self.at_rest:.0%} of {self.starts} starts came to rest instead)"


def slow_points(
    cell: Cell,
    p: tuple[Array, ...],
    *,
    starts: Array,
    inputs: Array,
    dt: float | None = None,
    bounds: Box = None,
) -> SlowPoints:
    """Find local minima of q = |F(x) - x|²/2 (|dx/dt|²/2 of a flow) that are not zero.

    Parameters
    ----------
    cell, p : Cell, tuple of ndarray
        The system and its parameters.
    starts : ndarray(float, shape=(B, n))
        First guesses.
    inputs : ndarray(float, shape=(m,))
        The constant input.
    dt : float, optional
        Time step of a flow.
    bounds : tuple of ndarray(float, shape=(n,)), optional
        (low, high) within which to look.

    Returns
    -------
    SlowPoints
    """
    # All starts together: hardly any is left over for a round of its own.
    search = iter_slow_points(cell, p, starts=starts, inputs=inputs, dt=dt, bounds=bounds, at_once=len(starts))
    return last(search)


def iter_slow_points(
    cell: Cell,
    p: tuple[Array, ...],
    *,
    starts: Array,
    inputs: Array,
    dt: float | None = None,
    bounds: Box = None,
    at_once: int | None = None,
) -> Iterator[SlowPoints]:
    """Search as `slow_points` does, a few starts at a time; each result holds what was found so far.

    Parameters
    ----------
    at_once : int, optional
        How many starts go downhill together, by default as many as are linearised together.

    Yields
    ------
    SlowPoints
        Its `starts` are those whose end has been looked at; the last one has them all. A candidate takes several
        rounds, after each of which the same result comes again.
    """
    linearised = Linearisation(cell, p, inputs=inputs, dt=dt, rows=rows_at_once(*starts.shape))
    listing = _Listing(linearised, bounds, dt is not None, starts.shape[1])
    size = at_once or linearised.rows
    for first in range(0, len(starts), size):
        with one_blas_thread():
            listing.descend(starts[first : first + size])
        result = listing.result()
        while listing.waiting:
            yield result
            with one_blas_thread():
                decided = listing.refine()
            if decided:
                result = listing.result()
        yield result


class _Listing:
    """The candidates that descents have ended at, and what became of each."""

    def __init__(self, linearised: Linearisation, bounds: Box, flow: bool, n: int) -> None:
        self.linearised, self.bounds, self.flow = linearised, bounds, flow
        self.waiting: list[Array] = []
        self._candidates, self._hits = np.empty((0, n)), np.empty(0, dtype=np.intp)
        self._refined: dict[bytes, Array | None] = {}
        self._way: Generator[None, None, Array | None] | None = None
        self._tried = self._resting = 0

    def descend(self, starts: Array) -> None:
        """Go downhill from some more starts."""
        ends, q = descended(self.linearised, starts, self.bounds)
        resting = np.sqrt(2.0 * q) <= RESIDUAL * (1.0 + np.abs(ends).max(axis=1, initial=0.0))
        new = ends[~resting & np.isfinite(q)]
        counts = np.concatenate([self._hits, np.ones(len(new), dtype=np.intp)])
        self._candidates, self._hits = distinct(np.concatenate([self._candidates, new]), counts, within=_CLOSE)
        self.waiting = [x for x in self._candidates if x.tobytes() not in self._refined]
        self._tried += len(starts)
        self._resting += int(resting.sum())

    def refine(self) -> bool:
        """Take one round of the candidate whose turn it is; say whether that was its last."""
        x = self.waiting[0]
        if self._way is None:
            self._way = refining(self.linearised, x, self.bounds)
        try:
            next(self._way)
            return False
        except StopIteration as end:
            self._refined[x.tobytes()] = end.value
            self._way = None
            del self.waiting[0]
            return True

    def result(self) -> SlowPoints:
        """What is known so far."""
        ends = [self._refined.get(x.tobytes()) for x in self._candidates]
        keep = np.array([x is not None for x in ends], dtype=bool)
        points = np.array([x for x in ends if x is not None]).reshape(-1, self._candidates.shape[1])
        points, hits = distinct(points, self._hits[keep])
        F, J = self.linearised.fields(points)
        q = 0.5 * (F * F).sum(axis=1)
        order = np.argsort(q, kind="stable")
        with one_blas_thread():
            eigenvalues = eigenvalues_of(J, flow=self.flow)[order]
        return SlowPoints(
            points=points[order],
            q=q[order],
            gradients=np.linalg.norm(np.einsum("bij,bi->bj", J, F), axis=1)[order],
            eigenvalues=eigenvalues,
            hits=hits[order],
            starts=self._tried,
            at_rest=self._resting / max(1, self._tried),
            unit="time" if self.flow else "step",
        )
