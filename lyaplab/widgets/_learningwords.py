"""What a training of a linear filter shows: beside the figures, in words, as numbers and as code."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lyaplab.report.phrases import many
from lyaplab.widgets._eigenplane import written
from lyaplab.widgets._learning import Moment, Run, Theory
from lyaplab.widgets._reading import short

__all__ = ["beside", "code", "describe", "numbers", "verdict"]

# Shares of the first loss below which something has been learnt, and has been learnt well.
_BETTER, _LEARNT = 0.1, 1e-3
# W has hardly moved when it did so by less than this share of its length.
_HARDLY = 0.1
# Periods that are told from a course that does not repeat.
_COUNTED = {2: "two", 4: "four", 8: "eight"}


def beside(moment: Moment | None, theory: Theory) -> str:
    """Write the numbers that stand beside the figures, and what they mean."""
    asked = theory.asked
    if moment is None:
        known = [("update", f"<b>0</b> of {asked.updates}"), ("target", f"λ* = {_pole(asked.pole)}")]
        return _facts(known, "Training begins.")
    run = moment.run
    facts = [("update", f"<b>{moment.update}</b> of {asked.updates}")]
    if run.record.updates:
        rate = short(float(run.record.rate[max(0, moment.update - 1)]))
        facts.append(("rate", f"{rate}, {short(asked.rate)} × critical"))
    facts += [
        ("outlier", f"λ = <b>{_outliers(moment)}</b>" if len(moment.outliers) else "<b>none</b>"),
        ("target", f"λ* = {_pole(asked.pole)}"),
        ("loss", f"<b>{short(moment.loss)}</b>, {short(float(run.record.loss[0]))} at first"),
        ("‖W − W₀‖", f"<b>{_moved(moment)}</b>"),
    ]
    return _facts(facts, verdict(moment, theory))


def _facts(facts: list[tuple[str, str]], sentence: str) -> str:
    each = "".join(f"<span><span class='lyap-unit'>{name}</span> {value}</span>" for name, value in facts)
    return f"<div class='lyap-facts'>{each}</div><div class='lyap-verdict'>{sentence}</div>"


def _pole(value: complex) -> str:
    return written(value).replace("+", "±") if value.imag else written(value)


def _outliers(moment: Moment) -> str:
    found = [value for value in moment.outliers if value.imag >= 0.0]
    return ", ".join(_pole(complex(value)) for value in found[:3]) if found else "none"


def _moved(moment: Moment) -> str:
    share = moment.relative_change
    if not math.isfinite(share):
        return short(moment.change)
    of_it = f"{short(share, 2)} times" if share > 1.0 else f"{short(100 * share, 2)} % of"
    return f"{short(moment.change)}, {of_it} ‖W₀‖"


def verdict(moment: Moment, theory: Theory) -> str:
    """Say in one or two sentences what the training has come to."""
    run, asked = moment.run, theory.asked
    last = run.record.updates
    if run.lost is not None:
        at = f" at {short(asked.rate)} times the critical rate" if asked.rate > 1.0 else ""
        return (
            f"Update {run.lost} threw the loss out of the range of numbers:{at} a step overshoots by more than it was"
            " off. The picture stays at the last good state."
        )
    if moment.update < last or not run.done:
        return _under_way(moment)
    if asked.rate > 1.0 and _jumps(run):
        places = _places(run)
        how = f"between {_COUNTED[places]} places" if places else "without rest"
        return (
            f"Above the critical rate a step overshoots by more than it was off: the outlier jumps {how}, and never"
            " arrives. The valley is the same; learning in it has become an unstable map."
        )
    share = moment.loss / float(run.record.loss[0])
    if asked.pole.imag and share > _LEARNT and asked.angle == 0.0:
        return "Stuck: with u = v the slope keeps W symmetric, and real eigenvalues cannot oscillate."
    if share > _BETTER:
        return "Not there yet: more updates, or another rate."
    if not len(moment.outliers):
        hardly = " and W has hardly moved" if moment.relative_change < _HARDLY else ""
        return f"Lazy: the filter is learnt, yet no eigenvalue has left the disc{hardly}."
    if share > _LEARNT:
        return "Nearly there: the last part of the way is slow."
    who = "a pair of eigenvalues" if asked.pole.imag else "one eigenvalue"
    return f"Learnt: {who} has come out of the disc and carries the memory."


def _under_way(moment: Moment) -> str:
    found = moment.outliers
    if not len(found):
        return "No eigenvalue has left the disc yet."
    if (np.abs(found.imag) > 1e-6).any():
        return "A pair has left the real axis: it turns, and so does the filter."
    if len(found) == 1:
        return "One real eigenvalue is out."
    return "Real eigenvalues are out; where two meet, a pair is born."


def _jumps(run: Run) -> bool:
    """Tell whether the loss still goes up and down at the end."""
    tail = run.record.loss[-40:]
    return float(np.ptp(tail)) > 1e-6 * float(run.record.loss[0]) and bool((np.diff(tail) > 0.0).any())


def _places(run: Run) -> int:
    """Count the places that the loss goes round at the end: a period, doubled how often; 0 when it does not repeat."""
    tail = run.record.loss[-40:]
    near = 1e-2 * float(np.ptp(tail))
    repeats = [period for period in _COUNTED if len(tail) > period and np.ptp(tail[::period]) < near]
    return repeats[0] if repeats else 0


def describe(moment: Moment, theory: Theory) -> str:
    """Put a picture into words."""
    asked, run = theory.asked, moment.run
    goal = "the integrator" if asked.pole == 1.0 else f"a filter with the pole {_pole(asked.pole)}"
    what = {"W": "W alone", "all": "W, u and v"}[asked.train]
    trials = many(asked.samples, "trial")
    how = f"the mean gradient of {trials} of noise" if asked.samples else "the exact gradient"
    reduced = theory.eigenvalues[theory.at(moment.time)]
    return " ".join([
        f"A linear network of {asked.n} units, eigenvalues at first in a disc of radius {short(asked.g)}, learns to be"
        f" {goal} over {asked.horizon} steps: {what} by {how}, at {short(asked.rate)} times the critical rate.",
        f"After {moment.update} of {asked.updates} updates the loss is {short(moment.loss)}, at first"
        f" {short(float(run.record.loss[0]))}; outliers: {_outliers(moment)}. Theory, from W = 0, says"
        f" {', '.join(_pole(complex(value)) for value in reduced if value.imag >= 0.0)} at this time.",
        f"W has moved by {_moved(moment)}.",
        verdict(moment, theory),
    ])  # fmt: skip


def numbers(moment: Moment, theory: Theory) -> dict[str, Any]:
    """Give the numbers of a picture by name."""
    record = moment.run.record
    return {
        "loss": record.loss, "time": record.time, "updates": record.snapshot_updates, "leading": record.leading.real,
        "turning": record.leading.imag, "change": record.change, "filter": moment.filter,
        "target": theory.task.filter(theory.task.lags), "critical": theory.critical, "theory_time": theory.flow.times,
        "theory_loss": theory.flow.loss, "theory": theory.flow.variables,
    }  # fmt: skip


def code(moment: Moment, theory: Theory) -> str:
    """Write what makes the numbers of a picture."""
    asked = theory.asked
    pole = asked.pole if asked.pole.imag else asked.pole.real
    told = {name: repr(value) for name, value in asked.settings.items()} | {"snapshots": asked.looks_in_code}
    done = moment.run.record.updates
    if not moment.run.done:  # stopped by hand
        looks = f"[update for update in {told['snapshots']} if update <= {done}]"
        told |= {"updates": str(done), "snapshots": looks}
    settings = ", ".join(f"{name}={value}" for name, value in told.items())
    angle = f"angle={asked.angle!r}, norm={asked.norm!r}, train={asked.train!r}"
    half = 0.5 * asked.angle
    p, q = asked.norm * math.cos(half), asked.norm * math.sin(half)
    return f"""
task = ll.FilterTask({pole!r}, horizon={asked.horizon})
try:
    record = ll.learn_filter(net, task, {settings})
except ll.DivergenceError as error:
    record = error.partial  # up to the last good state
loss, time, updates, change = record.loss, record.time, record.snapshot_updates, record.change
leading, turning = record.leading.real, record.leading.imag
filter = record.filters[{moment.place}]
target = task.filter(task.lags)

# The reduced equations: two units are all there is when W begins at 0.
two = ll.FilterNetwork(np.zeros((2, 2)), [{p!r}, {q!r}], [{p!r}, {-q!r}])
critical = min(ll.theory.critical_rate(task, at, train={asked.train!r}) for at in (None, two))
flow = ll.theory.pair_flow(task, until={theory.until!r}, {angle})
theory_time, theory_loss, theory = flow.times, flow.loss, flow.variables
"""
