"""The spectrum meter in words, and as code that makes its numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lyaplab.engine.lyapunov import Spectrum
from lyaplab.model import Model
from lyaplab.widgets._drive import Drive
from lyaplab.widgets._others import Others
from lyaplab.widgets._polygon import Sums
from lyaplab.widgets._reading import measured, short

__all__ = ["Shown", "code", "describe", "exponents_html", "numbers"]

Array = NDArray[np.float64]

# Up to so many exponents are written out one by one.
_WRITTEN = 4
# Slower than this many steps (or units of time) counts as memory.
_MEMORY = 10.0


@dataclass(frozen=True)
class Shown:
    """What a picture shows.

    Parameters
    ----------
    model : Model
    knobs : mapping
        The knobs' values.
    spectrum : Spectrum
        The best there is.
    sums : Sums
        What it adds up to.
    drive : Drive
    x0 : ndarray or None
        First state; None is the model's own.
    asked, warmup : int
        Steps that were asked for, and the steps before.
    complete : bool
        Whether the run has come to its own end.
    logs : ndarray(float, shape=(count, d)) or None
        Logarithms of the steps made by hand; None where no steps can be made.
    apart, before : int
        Steps of the system from one QR by hand to the next, and before the first.
    others : Others or None
    """

    model: Model
    knobs: Mapping[str, float]
    spectrum: Spectrum
    sums: Sums
    drive: Drive
    x0: Array | None
    asked: int
    warmup: int
    complete: bool
    logs: Array | None
    apart: int
    before: int
    others: Others | None

    @property
    def unit(self) -> str:
        """One step, or one unit of time."""
        return "step" if self.spectrum.unit == "step" else "unit of time"

    @property
    def rates(self) -> Array:
        """The meter after each of the steps made by hand, (count, d)."""
        assert self.logs is not None
        times = self.apart * np.arange(1, len(self.logs) + 1) * (self.model.time_step or 1.0)
        return np.cumsum(self.logs, axis=0) / times[:, None]


def _certain(spectrum: Spectrum) -> tuple[int, int]:
    """Count the exponents that are positive, and those that cannot be told from zero."""
    doubt = np.maximum(2 * np.nan_to_num(spectrum.stderr), 1e-6)
    return int((spectrum.exponents > doubt).sum()), int((np.abs(spectrum.exponents) <= doubt).sum())


def _means(shown: Shown) -> str:
    """Say what the signs of the exponents mean."""
    positive, zero = _certain(shown.spectrum)
    driven = not shown.drive.silent
    none = "zero" if shown.model.time_step is None or driven else "zero, as along every flow that does not rest"
    if positive:
        first = f"{positive} positive: small errors grow, {'chaos under this input' if driven else 'chaos'}"
        return f"{first}; {zero} that cannot be told from {none}" if zero else first
    if zero:
        return f"none certainly positive, {zero} that cannot be told from zero: errors neither grow nor shrink for long"
    return "all negative: errors die out" + (", so the state follows its input alone" if driven else "")


def describe(shown: Shown) -> str:
    """Put a picture into words."""
    model, spectrum, sums = shown.model, shown.spectrum, shown.sums
    knobs = ", ".join(f"{name} = {short(value)}" for name, value in shown.knobs.items())
    count, units = len(spectrum.exponents), model.n
    gated = f" of {units} units, whose state is {' and '.join(model.card.state)}" if model.d > units else ""
    length = "" if shown.complete and shown.asked else ", not at its end"
    parts = [
        f"Lyapunov spectrum of {model.cell.name}{f' with {knobs}' if knobs else ''}, {shown.drive.in_words()}:"
        f" {count} exponent{'s' * (count > 1)}{gated} after {spectrum.steps:,} steps{length}.",
        f"{_listed(spectrum)} per {shown.unit}; {_means(shown)}.",
        f"Kaplan-Yorke dimension {measured(sums.dimension, sums.dimension_error)},"
        f" entropy rate {measured(sums.entropy, sums.entropy_error)} nats per {shown.unit}{_total(sums)}.",
    ]
    if spectrum.note and shown.complete:
        parts.append(f"{spectrum.note[0].upper()}{spectrum.note[1:]}.")
    if shown.logs is not None and len(shown.logs):
        told = ", ".join(short(value) for value in shown.rates[-1])
        many = len(shown.logs)
        parts.append(f"By hand, {many} QR{'s' * (many > 1)} give {told}.")
    if shown.others is not None and shown.others.spectra:
        parts.append(_among(shown.spectrum, shown.others))
    return " ".join(parts)


def _listed(spectrum: Spectrum) -> str:
    said = [measured(value, error) for value, error in zip(spectrum.exponents, spectrum.stderr, strict=True)]
    if len(said) <= _WRITTEN:
        return ", ".join(said)
    return f"{', '.join(said[:3])} and so on down to {short(float(spectrum.exponents[-1]))}"


def _total(sums: Sums) -> str:
    if not sums.complete:
        return ""
    rule = "" if np.isnan(sums.rule) else f", which is the mean of ln|det J| within {short(max(sums.rule, 1e-16), 1)}"
    return f"; the exponents add up to {short(float(sums.sums[-1]), 5)}{rule}"


def _among(spectrum: Spectrum, others: Others) -> str:
    """Say how far the others scatter."""
    first = others.exponents[:, 0]
    if len(first) == 1:
        return f"{others.legend()}: largest exponent {short(float(first[0]))}."
    spread = float(np.std(np.append(first, spectrum.exponents[0]), ddof=1))
    return (
        f"{others.legend()}: largest exponents from {short(float(first.min()))} to {short(float(first.max()))};"
        f" with this one they scatter by {short(spread, 2)}."
    )


def exponents_html(shown: Shown, goal: float) -> str:
    """Write the exponents with their errors, what they mean, and how far the run is from its goal."""
    spectrum, count = shown.spectrum, len(shown.spectrum.exponents)
    few = count <= _WRITTEN
    indices = list(range(count)) if few else [0, 1, 2, count - 1]
    rows = [
        f"<tr><td><i>λ</i><sub>{i + 1}</sub></td><td><b>{measured(float(spectrum.exponents[i]), float(spectrum.stderr[i]))}"
        "</b></td></tr>"
        for i in indices
    ]
    if not few:
        rows.insert(3, "<tr><td>⋮</td><td></td></tr>")
    finite = spectrum.stderr[np.isfinite(spectrum.stderr)]
    worst = float(finite.max()) if len(finite) else float("nan")
    sign = "≤" if worst <= goal else ">"
    reach = f"largest error {short(worst, 2)} {sign} {short(goal, 2)}" if np.isfinite(worst) else "no error bar yet"
    return (
        f"<table>{''.join(rows)}</table><div>{_means(shown)[0].upper()}{_means(shown)[1:]}.</div>{_memory(shown)}"
        f"<div class='lyap-unit'>per {shown.unit}; {spectrum.steps:,} steps, {reach}</div>"
    )


def _memory(shown: Shown) -> str:
    """For gated cells: how many of the exponents belong to something that is kept."""
    model, spectrum = shown.model, shown.spectrum
    if model.d == model.n:
        return ""
    slow = int((np.abs(spectrum.exponents) < 1.0 / _MEMORY).sum())
    h = " and ".join(f"<i>{name}</i>" for name in model.card.state)
    return (
        f"<div>{len(spectrum.exponents)} exponents for {model.n} units: the state is {h}. {slow} of them keep"
        f" an error for more than {_MEMORY:g} {shown.unit}s.</div>"
    )


# --- numbers and code ----------------------------------------------------------------------------------------


def numbers(shown: Shown) -> dict[str, Array]:
    """Give the numbers of a picture by name."""
    spectrum = shown.spectrum
    found = {
        "exponents": spectrum.exponents,
        "kaplan_yorke": np.array(spectrum.kaplan_yorke),
        "entropy_rate": np.array(spectrum.entropy_rate),
        "sums": np.append(0.0, np.cumsum(spectrum.exponents)),
    }
    if shown.complete:
        found["stderr"] = spectrum.stderr
    if shown.logs is not None:
        found["logs"] = shown.logs
        if len(shown.logs):
            found["meter"] = shown.rates[-1]
    if shown.others is not None and shown.others.done:
        found["others"] = shown.others.exponents
    return found


def code(shown: Shown) -> str:
    """Write what makes the numbers of a picture."""
    parts = [_spectrum_code(shown)]
    if shown.logs is not None:
        parts.append(_hand_code(shown))
    if shown.others is not None and shown.others.done:
        parts.append(_others_code(shown.others))
    return "\n".join(parts)


def _spectrum_code(shown: Shown) -> str:
    start = "None" if shown.x0 is None else f"np.array({shown.x0.tolist()!r})"
    given = "# inputs is your own array (sequences, steps, inputs)\n" if shown.drive.given is not None else ""
    rows = "" if shown.drive.silent else f", inputs={shown.drive.code(str(shown.warmup + shown.asked))}"
    target = shown.spectrum.target if shown.complete else None
    until = "" if target is None else f", until={target!r}"
    steps = shown.asked if shown.complete else shown.spectrum.steps
    k = f", k={len(shown.spectrum.exponents)}" if len(shown.spectrum.exponents) < shown.model.d else ""
    errors = "stderr = spectrum.stderr\n" if shown.complete else ""
    return f"""{given}start = {start}
spectrum = model.lyapunov_spectrum({steps}{k}, x0=start{rows}, warmup={shown.warmup}{until})
exponents = spectrum.exponents
{errors}kaplan_yorke, entropy_rate = spectrum.kaplan_yorke, spectrum.entropy_rate
sums = np.append(0.0, np.cumsum(exponents))
"""


def _hand_code(shown: Shown) -> str:
    assert shown.logs is not None
    rows = shown.before + shown.apart * len(shown.logs)
    driven = not shown.drive.silent
    orbit = f"states = model.orbit({max(rows, 1)}, x0=start{', inputs=rows' if driven else ''})"
    each = "[model.jacobian(x, u) for x, u in zip(states, rows)]" if driven else "model.jacobian(states)"
    length = shown.apart * len(shown.logs) * (shown.model.time_step or 1.0)
    meter = f"meter = logs.sum(axis=0) / {length!r}\n" if length else ""
    rows_line = f"rows = {shown.drive.code(str(max(rows, 1)))}\n" if driven else ""
    return f"""
# by hand: push a frame, make it orthogonal, take the logarithms
{rows_line}{orbit}
frame, logs, since = np.eye({shown.model.d}), [], {-shown.before}
for J in {each}:
    frame, since = J @ frame, since + 1
    if since <= 0 or since % {shown.apart} == 0:
        frame, R = np.linalg.qr(frame)
        if since > 0:
            logs.append(np.log(np.abs(np.diag(R))))
logs = np.array(logs[:{len(shown.logs)}]).reshape(-1, {shown.model.d})
{meter}"""


def _others_code(others: Others) -> str:
    """Write what measures the others, each as long as all."""
    kind, count, drive = others.kind, len(others.members), others.drive
    if kind == "seeds":
        seeds = [int(member.model.settings["seed"]) for member in others.members]
        nets = f"[model.with_knobs(seed=seed) for seed in {seeds}]"
    elif kind == "sizes":
        nets = f"[model.with_knobs(n=n) for n in {[member.model.n for member in others.members]}]"
    else:
        nets = f"[model] * {count}"
    start = {"starts": "starts[i]", "sizes": "None"}.get(kind, "start")
    before = ""
    if kind == "starts":
        before = (
            "low, high = model.view\n"
            f"starts = np.random.default_rng(0).uniform(low, high, ({count}, model.d))\n"
        )
    other = "(i + 1)" if kind == "inputs" else ""
    rows = "" if drive.silent else f", inputs={drive.code(str(others.warmup + others.steps), other=other)}"
    return f"""
{before}spectra = [
    net.lyapunov_spectrum({others.steps}, k=min({others.k}, net.d), x0={start}{rows}, warmup={others.warmup})
    for i, net in enumerate({nets})
]
others = np.full(({count}, max(len(one.exponents) for one in spectra)), np.nan)
for row, one in zip(others, spectra):
    row[: len(one.exponents)] = one.exponents
"""
