"""The Lyapunov spectrum as a result: exponents with their errors, convergence, dimension, entropy and sum rule."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lyaplab.engine.dimension import entropy_rate, kaplan_yorke
from lyaplab.engine.errorbars import standard_error
from lyaplab.engine.result import Result
from lyaplab.engine.spectrum import BUDGET, TangentRun
from lyaplab.kernel import Cell

__all__ = ["Spectrum", "follow_spectrum", "spectrum_of_batch"]

Array = NDArray[np.float64]

# Marks along a run: checkpoints of the history and blocks of the error bar.
_MARKS = 64
# A chunk of a run takes about this long, so that Stop and progress cost nothing.
_CHUNK_SECONDS = 0.05
# Floating-point operations spent on the sum rule's determinants.
_AUDIT_WORK = 4e6


@dataclass(frozen=True, repr=False)
class Spectrum(Result):
    """Lyapunov exponents of one orbit, or their mean over a batch of input sequences.

    Parameters
    ----------
    exponents : ndarray(float, shape=(k,))
        In descending order, in nats per `unit`.
    stderr : ndarray(float, shape=(k,))
        Standard errors: of block averages along the run, or over the sequences of a batch.
    times : ndarray(float, shape=(checkpoints,))
        Lengths of run, in `unit`, that the history was taken at.
    history : ndarray(float, shape=(checkpoints, k))
        Running estimates at these times.
    steps : int
        Steps that were counted (for each sequence).
    unit : str
        "step" for maps, "time" for flows.
    sum_rule_error : float
        |sum of the exponents - mean log|det J|| over the last steps of the run, in nats per `unit`; NaN when k < d,
        infinite when only one of the two is.
    orthonormalisations : int
        How often the tangents were re-orthonormalised.
    target : float or None
        The standard error asked for by ``until=``.
    sequences : ndarray(float, shape=(B, k)) or None
        Exponents of every sequence of a batch.
    """

    exponents: Array
    stderr: Array
    times: Array
    history: Array
    steps: int
    unit: str = "step"
    sum_rule_error: float = math.nan
    orthonormalisations: int = 0
    target: float | None = None
    sequences: Array | None = None

    @property
    def kaplan_yorke(self) -> float:
        """Kaplan-Yorke dimension (a lower bound when fewer than all exponents are known and their sum is positive)."""
        return kaplan_yorke(self.exponents)

    @property
    def entropy_rate(self) -> float:
        """Sum of the positive exponents, in nats per `unit`."""
        return entropy_rate(self.exponents)

    @property
    def converged(self) -> bool:
        """Whether every standard error is below the one asked for (True when none was)."""
        return self.target is None or bool(np.all(self.stderr[np.isfinite(self.exponents)] < self.target))

    @property
    def note(self) -> str:
        """What the reader should know of the run, or an empty string."""
        if not self.converged:
            worst = float(np.nanmax(self.stderr))
            return (
                f"stopped at the cap of {self.steps} steps: the greatest standard error is {worst:.2g},"
                f" {self.target:.2g} was asked for"
            )
        if np.isneginf(self.exponents).any() and math.isinf(self.sum_rule_error):
            return "-inf may mean a direction that one step shrinks beyond double precision: the sum rule disagrees"
        return ""

    def table(self) -> dict[str, np.ndarray]:
        """Return the columns exponent and stderr."""
        return {"exponent": self.exponents, "stderr": self.stderr}

    def __repr__(self) -> str:
        shown = [f"{e:.4f}±{s:.1g}" for e, s in zip(self.exponents[:4], self.stderr[:4], strict=True)]
        more = f", ... {len(self.exponents)} in all" if len(self.exponents) > 4 else ""
        rule = "" if math.isnan(self.sum_rule_error) else f", sum rule to {self.sum_rule_error:.1g}"
        note = f"; {self.note}" if self.note else ""
        return (
            f"Spectrum({', '.join(shown)}{more} per {self.unit}; {self.steps} steps,"
            f" Kaplan-Yorke dimension {self.kaplan_yorke:.3g}{rule}{note})"
        )


class _Marks:
    """Growth of the tangents at marks along a run, as running estimates and error bars."""

    def __init__(self, k: int) -> None:
        self.times = np.zeros(1)
        self.growth = np.zeros((1, k))

    def add(self, times: NDArray[np.int64], growth: Array) -> None:
        self.times = np.concatenate([self.times, times])
        self.growth = np.concatenate([self.growth, growth])

    def stderr(self) -> Array:
        return standard_error(self.times, self.growth)

    def thinned(self) -> tuple[Array, Array]:
        """At most about _MARKS of the marks, evenly spread, without the zero."""
        count = len(self.times) - 1
        chosen = np.unique(np.linspace(1, count, min(count, _MARKS)).round().astype(int))
        return self.times[chosen], self.growth[chosen]


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
    run = TangentRun(cell, p, x0=x0, inputs=inputs, k=k, warmup=warmup, budget=budget)
    marks = _Marks(k)
    unit = 1.0 if dt is None else dt
    audited = _audit_length(run.n, steps) if k == run.n else 0
    # With `until` the marks start close and thin out as the run grows.
    spacing = max(1, steps // _MARKS) if until is None else 32
    length = max(16, int(2e6 / (run.n * run.n * k + 50)))
    rule = math.nan
    if warmup > 0:
        run.advance(0, spacing=spacing)
    while run.time < steps:
        began = time.perf_counter()
        before = run.time
        goal = min(steps, run.time + length)
        last = goal == steps or (until is not None and len(marks.times) > _MARKS)
        if audited and last and goal - before > audited:
            # Stop short, so that the traced stretch begins at an orthonormal frame.
            marks.add(*run.advance(goal - audited, spacing=spacing))
        start, grown = run.time, run.sums.copy()
        audits = bool(audited) and last and goal - start <= audited
        J = run.jacobians(goal - start) if audits else None
        times, growth = run.advance(goal, spacing=spacing)
        if len(times) == 0 or times[-1] != run.time:
            times, growth = np.append(times, run.time), np.vstack([growth, run.sums])
        marks.add(times, growth)
        if J is not None:
            rule = _sum_rule(J, _gain(grown, run.sums)) / unit
        result = _spectrum(run, marks, unit, dt, rule, until)
        finished = until is not None and result.converged and run.time >= min(steps, 32 * spacing)
        yield result
        if finished:
            return
        if until is not None and run.time > 4 * _MARKS * spacing:
            spacing *= 2
        pace = (time.perf_counter() - began) / max(1, run.time - before)
        length = int(np.clip(_CHUNK_SECONDS / max(pace, 1e-9), 1, 10 * length))


def _spectrum(run: TangentRun, marks: _Marks, unit: float, dt: Any, rule: float, until: Any) -> Spectrum:
    rates = run.sums / (run.time * unit)
    order = np.argsort(-rates, kind="stable")
    times, growth = marks.thinned()
    return Spectrum(
        exponents=rates[order],
        stderr=marks.stderr()[order] / unit,
        times=times * unit,
        history=(growth / (times[:, None] * unit))[:, order],
        steps=run.time,
        unit="step" if dt is None else "time",
        sum_rule_error=rule,
        orthonormalisations=run.orthonormalisations,
        target=until,
    )


def _audit_length(n: int, steps: int) -> int:
    """Steps whose determinants the sum rule is checked on: all that the work allowed for it buys."""
    return int(np.clip(_AUDIT_WORK / (n**3 + 200), 4, min(steps, 1024)))


def _gain(before: Array, after: Array) -> Array:
    """Growth since `before`; a direction that was dead already stays at -inf."""
    return np.where(np.isneginf(after), -np.inf, after - np.where(np.isneginf(before), 0.0, before))


def _sum_rule(J: Array, grown: Array) -> float:
    """Return |sum of growth - sum of log|det J|| per step, over the steps whose Jacobians J (steps, n, n) are given."""
    total = float(np.linalg.slogdet(J)[1].sum())
    growth = float(grown.sum())
    if math.isinf(growth) or math.isinf(total):
        return 0.0 if growth == total else math.inf
    return abs(growth - total) / len(J)


def spectrum_of_batch(spectra: list[Spectrum]) -> Spectrum:
    """Join the spectra of several input sequences: mean exponents, and their scatter as the error."""
    each = np.array([s.exponents for s in spectra])
    first = spectra[0]
    scatter = each.std(axis=0, ddof=1) / math.sqrt(len(each)) if len(each) > 1 else first.stderr
    length = min(len(s.times) for s in spectra)
    return Spectrum(
        exponents=each.mean(axis=0),
        stderr=scatter,
        times=first.times[:length],
        history=np.mean([s.history[:length] for s in spectra], axis=0),
        steps=first.steps,
        unit=first.unit,
        sum_rule_error=max(s.sum_rule_error for s in spectra),
        orthonormalisations=sum(s.orthonormalisations for s in spectra),
        target=first.target,
        sequences=each,
    )
