"""Period doublings: where along a parameter a cycle loses its stability through the multiplier -1."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lyaplab.engine.bifurcation import Bifurcation
from lyaplab.engine.linearise import Linearisation
from lyaplab.engine.result import Result
from lyaplab.kernel import Cell, one_blas_thread

__all__ = ["Doublings", "Window", "certain_windows", "follow_doublings"]

Array = NDArray[np.float64]
Parameters = tuple[Array, ...]

# An orbit that has come nearer to its cycle than by this factor, in nats, has told its period for certain.
_SETTLED = 25.0
# Windows of fewer columns than this are left out: a few of them may agree by chance.
_LEAST = 3
# A bracket is crossed in at least so many steps, each halved so often where the cycle would be lost.
_STEPS, _HALVINGS = 8, 6
_NEWTON, _BISECTIONS = 12, 60
# A cycle that jumps farther than this in one step, relative to its size, is taken for another.
_JUMP = 0.2
_EPS = float(np.finfo(float).eps)
# Roundings that a multiplier may be off by, for each step of the cycle.
_BLUR = 1000
# Newton's method has arrived when a step is as small as this, relative to the states.
_ARRIVED = 4 * _EPS


class Window(NamedTuple):
    """Neighbouring columns of a diagram with the same period: the first, the last, the period."""

    first: int
    last: int
    period: int


@dataclass(frozen=True, repr=False)
class Doublings(Result):
    """Where cycles double their period, with what the doublings of one cascade have to do with each other.

    Parameters
    ----------
    param : str
        Name of the parameter.
    values : ndarray(float, shape=(K,))
        Where the multiplier is -1, in ascending order of the periods.
    errors : ndarray(float, shape=(K,))
        How far from there each value may lie.
    periods : ndarray(int, shape=(K,))
        Period of the cycle that loses its stability to one of twice as many steps.
    done : float
        Share of the candidates that have been looked at (1 at the end).
    """

    param: str
    values: Array
    errors: Array
    periods: NDArray[np.int64]
    done: float = 1.0

    def __len__(self) -> int:
        return len(self.values)

    def merged(self, other: Doublings) -> Doublings:
        """Return these and those of another window; the same doubling is kept once, as it is known best."""
        values, errors, periods = (
            np.concatenate([getattr(self, name), getattr(other, name)]) for name in ("values", "errors", "periods")
        )
        kept: list[int] = []
        for i in np.lexsort((errors, periods)):
            near = [j for j in kept if periods[j] == periods[i]]
            if all(abs(values[i] - values[j]) > 4 * (errors[i] + errors[j]) for j in near):
                kept.append(int(i))
        order = sorted(kept, key=lambda i: (periods[i], values[i]))
        return Doublings(self.param, values[order], errors[order], periods[order])

    @property
    def ratios(self) -> tuple[Array, Array]:
        """Ratio of the gap before each doubling to the gap after it, and its error; NaN where a neighbour is missing.

        Feigenbaum's number is what these come to along a cascade: 4.669.
        """
        ratios, errors = np.full(len(self), np.nan), np.full(len(self), np.nan)
        for i in range(len(self)):
            before, after = self._neighbour(i, 0.5), self._neighbour(i, 2.0)
            if before is None or after is None:
                continue
            a, b, c = self.values[[before, i, after]]
            (ea, eb, ec) = self.errors[[before, i, after]]
            gap = c - b
            if (b - a) * gap <= 0:
                continue
            ratios[i] = (b - a) / gap
            errors[i] = (ea + eb + abs(ratios[i]) * (eb + ec)) / abs(gap)
        return ratios, errors

    def _neighbour(self, i: int, factor: float) -> int | None:
        """The nearest doubling of half or of twice the period."""
        found = np.flatnonzero(self.periods == factor * self.periods[i])
        return int(found[np.argmin(np.abs(self.values[found] - self.values[i]))]) if len(found) else None

    def table(self) -> dict[str, np.ndarray]:
        """Return the columns period, the parameter, its error, ratio and the ratio's error."""
        ratios, errors = self.ratios
        return {
            "period": self.periods, self.param: self.values, "error": self.errors, "ratio": ratios,
            "ratio_error": errors,
        }  # fmt: skip

    def __repr__(self) -> str:
        each = [f"{p} -> {2 * p} at {v:.7g}" for p, v in zip(self.periods, self.values, strict=True)]
        return f"Doublings({self.param}: {', '.join(each) or 'none found'})"


def certain_windows(periods: NDArray[np.int64], exponents: Array, warmup: float) -> list[Window]:
    """Find where a diagram's period is certain: the orbit had time to settle, and neighbours agree.

    Parameters
    ----------
    periods, exponents : ndarray, shape (P,)
        As of a `Bifurcation` with one start.
    warmup : float
        How long each orbit has been left to settle, in the exponents' unit.

    Returns
    -------
    list of Window

    Examples
    --------
    >>> certain_windows(np.array([1, 1, 1, 2, 2, 2]), np.array([-1.0, -1.0, -0.5, -1e-3, -0.5, -0.5]), 1000)
    [Window(first=0, last=2, period=1)]
    """
    with np.errstate(invalid="ignore"):
        certain = np.where((periods > 0) & (exponents * warmup < -_SETTLED), periods, 0)
    edges = np.flatnonzero(np.diff(certain)) + 1
    runs = zip([0, *edges.tolist()], [*edges.tolist(), len(certain)], strict=True)
    found = [Window(first, end - 1, int(certain[first])) for first, end in runs if end > first]
    return [window for window in found if window.period and window.last - window.first + 1 >= _LEAST]


def follow_doublings(
    cell: Cell,
    parameters: Callable[[float], Parameters],
    *,
    diagram: Bifurcation,
    inputs: Array,
    warmup: int,
) -> Iterator[Doublings]:
    """Yield the doublings in a diagram as they are found, lowest period first; the last one yielded is complete.

    Where a window of period p and one of 2p are neighbours, the cycle of period p is followed by Newton's method from
    one to the other, and its multiplier is brought to -1 by bisection. No orbit has to settle for that.

    Parameters
    ----------
    cell : Cell
        A map.
    parameters : callable
        ``parameters(value)`` gives the cell's parameters.
    diagram : Bifurcation
        A complete diagram of the map with one start.
    inputs : ndarray(float, shape=(m,))
        The constant input.
    warmup : int
        That of the diagram.

    Yields
    ------
    Doublings
    """
    windows = certain_windows(diagram.periods, diagram.exponents, warmup)
    pairs = [
        (here, there)
        for one, other in pairwise(windows)
        for here, there in ((one, other), (other, one))
        if there.period == 2 * here.period
    ]
    found: list[tuple[int, float, float]] = []
    for count, (calm, doubled) in enumerate(sorted(pairs, key=lambda pair: pair[0].period), start=1):
        inner, outer = (calm.last, doubled.first) if calm.last < doubled.first else (calm.first, doubled.last)
        branch = _Branch(cell, parameters, inputs, calm.period)
        with one_blas_thread():
            place = branch.doubling(diagram.values[inner], diagram.values[outer], diagram.ends[inner])
        if place is not None:
            found.append((calm.period, *place))
        yield _listed(diagram.param, found, count / len(pairs))
    if not pairs:
        yield _listed(diagram.param, [], 1.0)


def _listed(param: str, found: list[tuple[int, float, float]], done: float) -> Doublings:
    rows = sorted(found)
    values, errors = (np.array([row[i] for row in rows], dtype=float) for i in (1, 2))
    return Doublings(param, values, errors, np.array([row[0] for row in rows], dtype=np.int64), done)


class _Branch:
    """One cycle, stable or not, followed along the parameter."""

    def __init__(self, cell: Cell, parameters: Callable[[float], Parameters], inputs: Array, period: int) -> None:
        self._cell, self._parameters, self._inputs, self._period = cell, parameters, inputs, period

    def doubling(self, inner: float, outer: float, x: Array) -> tuple[float, float] | None:
        """Return the value between `inner` and `outer` where the multiplier is -1, and its error, or None.

        `x` is a state of the cycle at `inner`, where it is stable.
        """
        start = self._cycle(inner, x)
        if start is None or start[1] <= -1.0:
            return None
        bracket = self._crossed(inner, outer, *start)
        return None if bracket is None else self._bisected(*bracket)

    def _crossed(self, inner: float, outer: float, x: Array, multiplier: float) -> tuple | None:
        """Follow the cycle outwards until its multiplier is beyond -1; the last step encloses the place."""
        here, step, halved = inner, (outer - inner) / _STEPS, 0
        while halved < _HALVINGS:
            there = min(here + step, outer) if step > 0 else max(here + step, outer)
            following = self._cycle(there, x)
            if following is None:
                step, halved = step / 2, halved + 1
                continue
            if following[1] <= -1.0:
                return here, multiplier, x, there, following[1]
            if there == outer:
                return None
            here, (x, multiplier) = there, following
        return None

    def _bisected(self, here: float, calm: float, x: Array, there: float, wild: float) -> tuple[float, float] | None:
        """Close the bracket in [here, there]; each cycle is the next one's first guess."""
        slope = (wild - calm) / (there - here)
        for _ in range(_BISECTIONS):
            middle = 0.5 * (here + there)
            if middle in (here, there):
                break
            between = self._cycle(middle, x)
            if between is None:
                return None
            x, multiplier = between
            if abs(there - here) > 1e-6 * max(abs(here), abs(there)):
                slope = (wild - calm) / (there - here)
            if multiplier <= -1.0:
                there, wild = middle, multiplier
            else:
                here, calm = middle, multiplier
        # What rounding leaves of a product of so many slopes blurs the place at which it is -1.
        blurred = _BLUR * _EPS * self._period * max(1.0, self._stretch) / abs(slope)
        value = 0.5 * (here + there)
        return value, float(abs(there - here) + 2 * _EPS * abs(value) + blurred)

    def _cycle(self, value: float, x: Array) -> tuple[Array, float] | None:
        """The cycle near x by Newton's method: its state and most negative real multiplier; None where it is lost."""
        flow = Linearisation(
            self._cell, self._parameters(value), inputs=self._inputs, dt=None, rows=1, period=self._period
        )
        began, identity = x, np.eye(len(x))
        for _ in range(_NEWTON):
            F, J = flow.fields(x[None])
            try:
                step = np.linalg.solve(J[0], F[0])
            except np.linalg.LinAlgError:
                return None
            x = x - step
            size = 1e-12 + np.abs(x).max()
            if not np.isfinite(x).all() or np.abs(x - began).max() > _JUMP * size:
                return None
            if np.abs(step).max() <= _ARRIVED * size:
                break
        turns = J[0] + identity
        values = np.linalg.eigvals(turns)
        # How much rounding is stretched on the way round.
        self._stretch = float(np.linalg.norm(np.linalg.inv(J[0]), 2))
        real = values.real[np.abs(values.imag) <= 1e-9 * (1.0 + np.abs(values))]
        return x, float(real.min()) if len(real) else 0.0
