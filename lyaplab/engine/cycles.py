"""Cycles of a map: states that come back after some steps, found as the fixed points of as many steps at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lyaplab.engine.fixed_points import eigenvalues_of
from lyaplab.engine.kinds import kind_of, listing
from lyaplab.engine.linearise import Linearisation, rows_at_once, step_rows
from lyaplab.engine.newton import newton
from lyaplab.engine.result import Result
from lyaplab.kernel import Cell, one_blas_thread

__all__ = ["Cycles", "cycles"]

Array = NDArray[np.float64]

# How far from the next point of its cycle a point's image may fall, relative to its size.
_NEXT = 1e-4
# States of a box that are tried when it is asked whether a step leads out of it.
_TRIED = 256


@dataclass(frozen=True, repr=False)
class Cycles(Result):
    """Cycles whose period divides a given number of steps, each once, wherever on it a start ended.

    Parameters
    ----------
    points : ndarray(float, shape=(K, period, d))
        The states of each cycle in their order, from the one with the smallest first coordinate on; a cycle of smaller
        period goes round several times.
    periods : ndarray(int, shape=(K,))
        The true periods: divisors of `period`. Cycles are sorted by them; a fixed point has 1.
    multipliers : ndarray(complex, shape=(K, d))
        Eigenvalues of the product of Jacobians once round the cycle; the least stable first.
    kinds : ndarray(str, shape=(K,))
        "stable", "saddle", "unstable" or "marginal".
    residuals : ndarray(float, shape=(K,))
        |F(...F(x)...) - x| once round the cycle, at the first state.
    period : int
        The number of steps that was asked for.
    starts : int
        Number of starts.
    converged : float
        Share of the starts from which F^period(x) = x was solved.
    """

    points: Array
    periods: NDArray[np.intp]
    multipliers: NDArray[np.complex128]
    kinds: NDArray[np.str_]
    residuals: Array
    period: int
    starts: int
    converged: float

    def __len__(self) -> int:
        return len(self.points)

    @property
    def stable(self) -> NDArray[np.bool_]:
        """Which cycles are stable."""
        return self.kinds == "stable"

    def table(self) -> dict[str, np.ndarray]:
        """Return the columns period, kind, residual and the first state x1, x2, ..."""
        columns = {f"x{i + 1}": self.points[:, 0, i] for i in range(self.points.shape[2])}
        return {"period": self.periods, "kind": self.kinds, "residual": self.residuals, **columns}

    def __repr__(self) -> str:
        words = [
            f"of period {period}: {listing(self.kinds[self.periods == period]).replace('point', 'cycle')}"
            for period in np.unique(self.periods)
        ]
        found = "; ".join(words) or "none found"
        return f"Cycles({found}; {self.converged:.0%} of {self.starts} starts converged)"


def cycles(
    cell: Cell,
    p: tuple[Array, ...],
    *,
    period: int,
    starts: Array,
    inputs: Array,
    bounds: tuple[Array, Array] | None = None,
    half_width: float = 1.0,
) -> Cycles:
    """Find where F^period(x) = x, from many starts.

    Parameters
    ----------
    cell, p : Cell, tuple of ndarray
        A map and its parameters.
    period : int
        Number of steps.
    starts : ndarray(float, shape=(B, n))
        First guesses.
    inputs : ndarray(float, shape=(m,))
        The constant input.
    bounds : tuple of ndarray(float, shape=(n,)), optional
        (low, high) that holds all fixed points. Guesses are kept there if no step leads out of it.
    half_width : float, optional
        Of the region where solutions are likely; it limits the length of a step.

    Returns
    -------
    Cycles
    """
    n = starts.shape[1]
    box = bounds if bounds is not None and _holds(cell, p, bounds, inputs) else None
    paths, multipliers, residuals, periods = [], [], [], []
    with one_blas_thread():
        # Each divisor is looked for on its own: among the many solutions of many steps a short cycle is easily missed,
        # and where it gives birth to a longer one it is a multiple solution, of which few digits can be known.
        for length in (length for length in range(1, period + 1) if period % length == 0):
            round_ = Linearisation(
                cell, p, inputs=inputs, dt=None, rows=rows_at_once(*starts.shape), period=length
            )
            ends = newton(round_, starts, bounds=box, half_width=half_width)
            # What a start found belongs to a whole cycle, whose other points hardly ever lack then.
            images = _images(cell, p, ends.distinct()[0], inputs, length).reshape(-1, n)
            points, _ = newton(round_, images, bounds=box, half_width=half_width).distinct()
            found = _as_cycles(points, _images(cell, p, points, inputs, 2)[1], length)
            own = points[np.array(found, dtype=int).reshape(len(found), length)]
            F, J = round_.fields(own[:, 0])
            paths.append(np.tile(own, (1, period // length, 1)))
            multipliers.append(eigenvalues_of(J, flow=False))
            periods += [length] * len(found)
            residuals.append(np.sqrt((F * F).sum(axis=1)))
    values = np.concatenate(multipliers)
    return Cycles(
        points=np.concatenate(paths),
        periods=np.array(periods, dtype=np.intp),
        multipliers=values,
        kinds=np.array([kind_of(of_one, flow=False).split()[0] for of_one in values], dtype="U16"),
        residuals=np.concatenate(residuals),
        period=period,
        starts=len(starts),
        converged=float(ends.solved.mean()),
    )


def _holds(cell: Cell, p: tuple[Array, ...], bounds: tuple[Array, Array], inputs: Array) -> bool:
    """Whether no step leads out of the box, as far as some states tell."""
    low, high = bounds
    x = np.random.default_rng(0).uniform(low, high, (_TRIED, len(low)))
    # Its corners are where a step leads out first.
    x[: _TRIED // 2] = np.where(x[: _TRIED // 2] < 0.5 * (low + high), low, high)
    y = step_rows(cell, p, x=x, inputs=np.ascontiguousarray(np.tile(inputs, (_TRIED, 1))))
    slack = 1e-9 * (high - low)
    return bool(((low - slack <= y) & (y <= high + slack)).all())


def _images(cell: Cell, p: tuple[Array, ...], x: Array, inputs: Array, count: int) -> Array:
    """The states x and those after them: (count, B, n)."""
    rows, driven = [np.ascontiguousarray(x)], np.tile(inputs, (len(x), 1))
    for _ in range(count - 1):
        rows.append(step_rows(cell, p, x=rows[-1], inputs=driven))
    return np.array(rows)


def _as_cycles(points: Array, images: Array, period: int) -> list[list[int]]:
    """Sort points into cycles of just this period, by where a step leads each; each from its first point on.

    Points come sorted, so the one with the smallest number on a cycle has the smallest first coordinate.
    """
    following = np.empty(len(points), dtype=int)
    for i, image in enumerate(images):
        gaps = np.abs(points - image).max(axis=1)
        nearest = int(gaps.argmin())
        following[i] = nearest if gaps[nearest] <= _NEXT * (1.0 + np.abs(image).max()) else -1
    found = []
    for first in range(len(points)):
        cycle = [first]
        # A walk that does not come back began on a longer way to a cycle, or on one that lacks a point.
        while len(cycle) < period and following[cycle[-1]] > first:
            cycle.append(int(following[cycle[-1]]))
        if len(cycle) == period and following[cycle[-1]] == first:
            found.append(cycle)
    return found
