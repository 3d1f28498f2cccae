"""The forcing lab in words, as a table, and as code that makes its numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lyaplab.engine.dimension import kaplan_yorke
from lyaplab.report.phrases import long_unit
from lyaplab.training.judging import HORIZONS
from lyaplab.widgets._lablook import STEPS, Look
from lyaplab.widgets._labruns import Judged
from lyaplab.widgets._labsweep import Point
from lyaplab.widgets._labsystem import LabSystem
from lyaplab.widgets._reading import short

__all__ = ["Shown", "code", "describe", "numbers", "table_html"]

Array = NDArray[np.float64]

# Times the floor up to which an attractor counts as learnt, and from which on as missed: words only.
_LEARNT, _MISSED = 4.0, 30.0
# Exponents that are written out, and how far a largest one may lie from zero and still count as none, in units of λ.
_WRITTEN, _NONE = 3, 0.1
# Exponents below this, in the unit of the table, are 0.
_NOTHING = 1e-3


@dataclass(frozen=True)
class Shown:
    """What a picture shows.

    Parameters
    ----------
    system : LabSystem
    look : Look
    tau, seed : int
        That are asked for; the run on show may be the nearest there is.
    points : sequence of Point
        All runs that are drawn against tau.
    """

    system: LabSystem
    look: Look
    tau: int
    seed: int
    points: Sequence[Point]

    @property
    def unit(self) -> str:
        """One step, or one unit of time."""
        return long_unit(self.system.unit)


def describe(shown: Shown) -> str:
    """Put a picture into words."""
    system, look, run = shown.system, shown.look, shown.look.run
    horizon = system.tau_pred
    known = f"a small error doubles in τ_pred = {short(horizon)} steps" if np.isfinite(horizon) else "τ_pred is unknown"
    source = "shipped run" if not run.own else "run made here"
    here = f"τ = {run.tau}, seed {run.seed}, after {look.moment:,} of {run.planned:,} updates"
    if run.own and not run.done:
        whose = f"No run with τ = {run.tau}, seed {run.seed} yet: the network is untrained."
    elif run.tau != shown.tau:
        whose = f"Forced every τ = {shown.tau} steps: no run yet, shown is the nearest {source}, {here}."
    else:
        whose = f"Network of the {source} with {here}."
    parts = [f"Data: {system.series.name}, {', '.join(system.series.names)}{_noise(system)}; {known}.", whose]
    if run.lost is not None:
        parts.append(f"Its training stopped at update {run.lost:,}: the loss left the range of floats.")
    if look.judged is not None:
        parts.append(_verdict(shown, look.judged))
    best = _best(shown.points)
    if best is not None:
        parts.append(f"Of all runs, D_stsp is least in the median at τ = {best[0]}: {short(best[1])}.")
    return " ".join(parts)


def _noise(system: LabSystem) -> str:
    noise = system.series.noise
    return f", learnt under {100 * noise:.3g} % of noise" if noise else ""


def _verdict(shown: Shown, judged: Judged) -> str:
    """Say how good the network is."""
    if not np.isnan(judged.escaped):
        return f"Running freely it escapes to infinity after {judged.escaped:,.0f} steps."
    if not np.isfinite(judged.exponents).all():
        return f"Running freely it leaves the data behind for good: D_stsp {short(judged.distance)}."
    floor, system = shown.system.floor, shown.system
    ratio = judged.distance / floor if floor > 0 else np.inf
    word = "close to" if ratio < _LEARNT else "far from" if ratio > _MISSED else "roughly"
    largest, true = judged.exponents[0] / system.per, system.exponent / system.per
    beside = f", of the data {short(float(true))}" if np.isfinite(true) else ""
    least = f"D_stsp {short(judged.distance)}, data against data {short(floor)}"
    return (
        f"Running freely its attractor is {word} that of the data: {least};"
        f" largest exponent {short(float(largest))} per {shown.unit}{beside}: {_motion(judged, system)}."
    )


def _motion(judged: Judged, system: LabSystem) -> str:
    """Name the motion of the free run by its largest exponent."""
    scale = system.exponent if np.isfinite(system.exponent) and system.exponent > 0 else 1e-2
    largest = float(judged.exponents[0])
    if largest > _NONE * scale:
        return "chaos"
    return "it comes to rest or to a cycle" if largest < -_NONE * scale else "no chaos, neighbours stay neighbours"


def _best(points: Sequence[Point]) -> tuple[int, float] | None:
    """Give tau and the median distance of the best tau that was tried more than nowhere else."""
    taus = sorted({point.tau for point in points if np.isfinite(point.distance)})
    if len(taus) < 2:
        return None
    known = [point for point in points if np.isfinite(point.distance)]
    medians = [float(np.median([point.distance for point in known if point.tau == tau])) for tau in taus]
    place = int(np.argmin(medians))
    return taus[place], medians[place]


def table_html(shown: Shown) -> str:
    """Write how the network compares with the data."""
    system, judged = shown.system, shown.look.judged
    data, learnt = system.exponents / system.per, None if judged is None else judged.exponents / system.per
    rows = [("<i>D</i><sub>stsp</sub>", system.floor, None if judged is None else judged.distance),
            ("<i>D</i><sub>H</sub>", system.spectrum_floor, None if judged is None else judged.spectral)]  # fmt: skip
    for i in range(min(_WRITTEN, max(len(data), 1 if learnt is None else len(learnt)))):
        name = f"<i>λ</i><sub>{i + 1}</sub>"
        rows.append((name, _rate(data, i), None if learnt is None else _rate(learnt, i)))
    rows.append(("dimension", _dimension(data), None if learnt is None else _dimension(learnt)))
    for place, ahead in enumerate(HORIZONS):
        steps = "step" if ahead == 1 else "steps"
        rows.append((f"error, {ahead} {steps}", np.nan, None if judged is None else float(judged.errors[place])))
    lines = "".join(
        f"<tr><td>{name}</td><td class='lyap-of-data'>{_told(ours)}</td><td class='lyap-of-network'>"
        f"{'…' if theirs is None else _told(theirs)}</td></tr>"
        for name, ours, theirs in rows
    )
    head = "<tr><th></th><th class='lyap-of-data'>data</th><th class='lyap-of-network'>network</th></tr>"
    return (
        f"<table class='lyap-judged'>{head}{lines}</table>"
        f"<div class='lyap-unit'>D of the data: one half against the other; λ per {shown.unit}; errors in sd²</div>"
    )


def _rate(values: Array, place: int) -> float:
    """Give an exponent; what is as small as its error is 0."""
    value = float(values[place]) if place < len(values) else float("nan")
    return 0.0 if abs(value) < _NOTHING else value


def _dimension(exponents: Array) -> float:
    whole = len(exponents) > 1 and bool(np.isfinite(exponents).all())
    return float(kaplan_yorke(exponents)) if whole else float("nan")


def _told(value: float) -> str:
    return "–" if np.isnan(value) else short(value)


# --- numbers and code ----------------------------------------------------------------------------------------


def numbers(shown: Shown) -> dict[str, Array]:
    """Give the numbers of a picture by name."""
    look = shown.look
    found = {"generated": look.generated, "data": shown.system.test.values[len(shown.system.test) // 2 :][:STEPS]}
    if look.judged is not None:
        found |= {"exponents": look.judged.exponents, "errors": look.judged.errors}
        found["d_stsp"] = np.array(look.judged.distance)
    return found


def code(shown: Shown) -> str:
    """Write what makes the numbers of a picture."""
    look, run = shown.look, shown.look.run
    lines = ["half = len(test) // 2", f"data = test.values[half:][:{STEPS}]", *_network_lines(shown)]
    escape = "" if len(look.generated) else "  # it escapes at once"
    lines.append(f"generated = network.predict({len(look.generated)}, x0=network.infer(test.values[half])){escape}")
    if look.judged is not None:
        shipped = not run.own and look.moment == run.done
        lines += [] if shipped else ["found = ll.judge(network, test)"]
        lines += [
            f"{name} = {f'runs.{name}[{run.index}]' if shipped else f'found.{name}'}"
            for name in ("d_stsp", "exponents", "errors")
        ]
    return "\n".join(lines)


def _network_lines(shown: Shown) -> list[str]:
    """Write what makes the network."""
    look, run = shown.look, shown.look.run
    if run.runs is not None:
        return [f"network = runs.network({run.index}, {run.place(look.moment)})  # tau {run.tau}, seed {run.seed}"]
    lines = [shown.system.network_code(run.seed)]
    if look.moment:
        said = shown.system.settings(run.tau, run.seed, run.planned)
        settings = ", ".join(f"{key}={value!r}" for key, value in said.items())
        train = f"ll.train(network, series.values, {settings}, pause={look.moment}).network"
        if run.lost is None or look.moment < run.done:
            return [*lines, f"network = {train}"]
        lines += ["try:", f"    {train}", "except ll.DivergenceError as error:", "    network = error.partial.network"]
    return lines
