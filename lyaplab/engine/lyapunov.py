"""Lyapunov exponents along one orbit, in pieces of 50 ms that leave no trace in the result."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from lyaplab.engine.errorbars import standard_error
from lyaplab.engine.exponents import Spectrum, spectrum_of_batch
from lyaplab.engine.spectrum import BUDGET, TangentRun
from lyaplab.kernel import Cell, one_blas_thread

__all__ = ["Spectrum", "SpectrumRun", "follow_run", "follow_spectrum", "spectrum_of_batch"]

Array = NDArray[np.float64]

# Marks along a run: checkpoints of the history, and at least as many blocks of the error bar.
_MARKS = 64
# A piece of a run takes about this long, so that Stop and progress cost nothing.
_PIECE_SECONDS = 0.05
# Floating-point operations spent on the sum rule's determinants.
_AUDIT_WORK = 4e6
# With `until` the errors are looked at after so many steps first, and then whenever the run is that much longer.
_FIRST_LOOK = 1024
_NEXT_LOOK = 1.25


class _Marks:
    """Growth of the tangents at marks along a run, as running estimates and error bars."""

    def __init__(self, k: int) -> None:
        self.times = np.zeros(1)
        self.growth = np.zeros((1, k))

    def add(self, times: NDArray[np.int64], growth: Array) -> None:
        self.times = np.concatenate([self.times, times])
        self.growth = np.concatenate([self.growth, growth])

    def halve(self) -> None:
        """Keep every other mark: blocks stay of one length while a run grows."""
        self.times, self.growth = self.times[::2], self.growth[::2]

    def with_end(self, end: int, growth: Array) -> tuple[Array, Array]:
        """All marks, and one at the end of the run."""
        if self.times[-1] == end:
            return self.times, self.growth
        return np.append(self.times, end), np.vstack([self.growth, growth])


def _thinned(times: Array, growth: Array) -> tuple[Array, Array]:
    """At most about _MARKS of the marks, evenly spread, without the zero."""
    count = len(times) - 1
    chosen = np.unique(np.linspace(1, count, min(count, _MARKS)).round().astype(int))
    return times[chosen], growth[chosen]


class SpectrumRun:
    """A spectrum on its way. What it comes to does not depend on how fast the machine is, not in the last bit.

    Parameters
    ----------
    cell, p, x0, inputs, k, steps, warmup, dt, until, budget
        As for `follow_spectrum`.
    """

    def __init__(
        self,
        cell: Cell,
        p: tuple[Array, ...],
        *,
        x0: Array,
        inputs: Array,
        k: int,
        steps: int,
        warmup: int,
        dt: float | None = None,
        until: float | None = None,
        budget: float = BUDGET,
    ) -> None:
        self._run = run = TangentRun(cell, p, x0=x0, inputs=inputs, k=k, warmup=warmup, budget=budget)
        self._steps, self._until, self._dt = steps, until, dt
        self._unit = 1.0 if dt is None else dt
        self._marks = _Marks(k)
        # With `until` the marks start close and thin out as the run grows.
        self._spacing = max(1, steps // _MARKS) if until is None else 16
        self._audited = _audit_length(run.n, steps) if k == run.n else 0
        self._rule = math.nan
        self._length = max(16, int(2e6 / (run.n * run.n * k + 50)))

    def pieces(self) -> Iterator[None]:
        """Run to the end, and return every 50 ms or so."""
        if self._run.time < 0:
            yield from self._advance(0)
        for goal in self._looks():
            while goal // self._spacing > 4 * _MARKS and self._until is not None:
                self._spacing *= 2
                self._marks.halve()
            traced = min(self._audited, goal - self._run.time)
            # Stop short, so that the traced stretch begins at an orthonormal frame.
            yield from self._advance(goal - traced)
            if traced:
                self._audit(goal)
                yield
            if self._until is not None and (reached := self.result()) and reached.converged:
                return

    def result(self) -> Spectrum | None:
        """The spectrum so far; None before the first step that counts."""
        run, unit = self._run, self._unit
        if run.time <= 0:
            return None
        sums = run.sums
        rates = sums / (run.time * unit)
        order = np.argsort(-rates, kind="stable")
        every = self._marks.with_end(run.time, sums)
        times, growth = _thinned(*every)
        return Spectrum(
            exponents=rates[order],
            stderr=standard_error(*every)[order] / unit,
            times=times * unit,
            history=(growth / (times[:, None] * unit))[:, order],
            steps=run.time,
            unit="step" if self._dt is None else "time",
            sum_rule_error=self._rule,
            orthonormalisations=run.orthonormalisations,
            target=self._until,
        )

    def _looks(self) -> Iterator[int]:
        """Steps after which the errors are looked at: the end; with `until` also before."""
        look = float(_FIRST_LOOK)
        while self._until is not None and look < self._steps:
            yield int(look)
            look *= _NEXT_LOOK
        yield self._steps

    def _advance(self, end: int) -> Iterator[None]:
        while self._run.time < end:
            began, before = time.perf_counter(), self._run.time
            goal = min(end, before + self._length)
            self._marks.add(*self._run.advance(goal, spacing=self._spacing, last=end))
            pace = (time.perf_counter() - began) / (self._run.time - before)
            self._length = int(np.clip(_PIECE_SECONDS / max(pace, 1e-9), 1, 10 * self._length))
            yield

    def _audit(self, end: int) -> None:
        """Run to `end`, and hold the growth on the way against the determinants of all steps."""
        before, start = self._run.sums, self._run.time
        with one_blas_thread():
            total = float(np.linalg.slogdet(self._run.jacobians(end - start))[1].sum())
        self._marks.add(*self._run.advance(end, spacing=self._spacing))
        growth = float(_gain(before, self._run.sums).sum())
        if math.isinf(growth) or math.isinf(total):
            self._rule = 0.0 if growth == total else math.inf
        else:
            self._rule = abs(growth - total) / ((end - start) * self._unit)


def follow_spectrum(
    cell: Cell,
    p: tuple[Array, ...],
    *,
    x0: Array,
    inputs: Array,
    k: int,
    steps: int,
    warmup: int,
    dt: float | None = None,
    until: float | None = None,
    budget: float = BUDGET,
) -> Iterator[Spectrum]:
    """Yield the running spectrum every 50 ms or so; the last one yielded is the result.

    Parameters
    ----------
    cell, p : Cell, tuple of ndarray
        The system and its parameters.
    x0 : ndarray(float, shape=(n,))
        First state.
    inputs : ndarray(float, shape=(T, m))
        One row for each step, warm-up included; T = 1 holds a constant input.
    k : int
        Number of exponents.
    steps : int
        Steps to count; with `until` the greatest number.
    warmup : int
        Steps before.
    dt : float, optional
        Time step of a flow.
    until : float, optional
        Stop as soon as every standard error (per unit) is below.
    budget : float, optional
        Spread of growth, in nats, between two orthonormalisations.

    Yields
    ------
    Spectrum

    Raises
    ------
    DivergenceError
        At the first step that is not finite.
    """
    return follow_run(
        SpectrumRun(cell, p, x0=x0, inputs=inputs, k=k, steps=steps, warmup=warmup, dt=dt, until=until, budget=budget)
    )


def follow_run(run: SpectrumRun) -> Iterator[Spectrum]:
    """Yield what a run has come to, piece by piece, and at last what it comes to."""
    for _ in run.pieces():
        partial = run.result()
        if partial is not None:
            yield partial
    final = run.result()
    assert final is not None
    yield final


def _audit_length(n: int, steps: int) -> int:
    """Steps whose determinants the sum rule is checked on: all that the work allowed for it buys."""
    return int(np.clip(_AUDIT_WORK / (n**3 + 200), 4, min(steps, 1024)))


def _gain(before: Array, after: Array) -> Array:
    """Growth since `before`; a direction that was dead already stays at -inf."""
    return np.where(np.isneginf(after), -np.inf, after - np.where(np.isneginf(before), 0.0, before))
