"""The spectrum meter in words, and as code that makes its numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lyaplab.engine.lyapunov import Spectrum
from lyaplab.model import Model
from lyaplab.report.phrases import long_unit, many
from lyaplab.widgets._drive import Drive
from lyaplab.widgets._others import Others
from lyaplab.widgets._polygon import Sums
from lyaplab.widgets._reading import short, told
from lyaplab.widgets._spectrumplane import signs

__all__ = ["Shown", "code", "counts_html", "describe", "exponents_html", "numbers"]

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
    before : int
        Steps before the first QR by hand.
    others : Others or None
    logs : ndarray(float, shape=(count, d)), optional
        What the QRs by hand have added; None where none can be made.
    apart : int, optional
        Steps of the system from one QR by hand to the next.
    drift : float, optional
        The largest exponent of the second half of the run, where it is not that of the whole.
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
    before: int
    others: Others | None
    logs: Array | None = None
    apart: int = 1
    drift: float | None = None

    @property
    def unit(self) -> str:
        """One step, or one unit of time."""
        return long_unit(self.spectrum.unit)

    @property
    def times(self) -> Array:
        """When the QRs by hand were made, in the unit of the exponents."""
        count = 0 if self.logs is None else len(self.logs)
        return np.arange(1.0, count + 1) * (self.apart * (self.model.time_step or 1.0))

    @property
    def rates(self) -> Array:
        """The meter after each QR by hand, (count, d)."""
        assert self.logs is not None
        sums: Array = np.cumsum(self.logs, axis=0)
        return sums / self.times[:, None]


def _means(shown: Shown) -> str:
    """Say what the signs of the exponents mean."""
    if shown.drift is not None:
        return f"not settled: the second half of the run alone has {short(shown.drift)} as its largest exponent"
    positive, zero, _ = (int(kind.sum()) for kind in signs(shown.spectrum))
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
        f" {many(count, 'exponent')}{gated} after {many(spectrum.steps, 'step')}{length}.",
        f"{_listed(spectrum)} per {shown.unit}; {_means(shown)}.",
        f"Kaplan-Yorke dimension {sums.dimension_in_words()};"
        f" entropy rate {told(sums.entropy, sums.entropy_error)} nats per {shown.unit}"
        + (f"; the exponents add up to {sums.rule_in_words()}." if sums.complete else "."),
    ]
    if spectrum.note and shown.complete:
        parts.append(f"{spectrum.note[0].upper()}{spectrum.note[1:]}.")
    if shown.logs is not None and len(shown.logs):
        rates = ", ".join(short(value) for value in shown.rates[-1])
        parts.append(f"By hand, {many(len(shown.logs), 'QR')} {'gives' if len(shown.logs) == 1 else 'give'} {rates}.")
    if shown.others is not None and (shown.others.found or shown.others.lost):
        parts.append(_among(shown.spectrum, shown.others))
    return " ".join(parts)


def _listed(spectrum: Spectrum) -> str:
    said = [told(value, error) for value, error in zip(spectrum.exponents, spectrum.stderr, strict=True)]
    if len(said) <= _WRITTEN:
        return ", ".join(said)
    return f"{', '.join(said[:3])} and so on down to {short(float(spectrum.exponents[-1]))}"


def _among(spectrum: Spectrum, others: Others) -> str:
    """Say how far the others scatter."""
    lost = f" {others.lost} of the orbits from elsewhere run away." if others.lost else ""
    if not others.found:
        return lost.strip()
    first = others.exponents[:, 0]
    if len(first) == 1:
        return f"{others.legend()}: largest exponent {short(float(first[0]))}.{lost}"
    spread = float(np.std(np.append(first, spectrum.exponents[0]), ddof=1))
    return (
        f"{others.legend()}: largest exponents from {short(float(first.min()))} to {short(float(first.max()))};"
        f" with this one they scatter by {short(spread, 2)}.{lost}"
    )


def exponents_html(shown: Shown, goal: float) -> str:
    """Write the exponents with their errors, what they mean, and how far the run is from its goal."""
    spectrum, count = shown.spectrum, len(shown.spectrum.exponents)
    few = count <= _WRITTEN
    indices = list(range(count)) if few else [0, 1, 2, count - 1]
    rows = [
        f"<tr><td><i>λ</i><sub>{i + 1}</sub></td><td><b>{told(float(spectrum.exponents[i]), float(spectrum.stderr[i]))}"
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
        f"<table>{''.join(rows)}</table><div>{_means(shown)[0].upper()}{_means(shown)[1:]}.</div>"
        f"<div class='lyap-unit'>per {shown.unit}; {spectrum.steps:,} steps, {reach}</div>"
    )


def counts_html(shown: Shown) -> str:
    """Write, for many exponents, how many there are of each kind, their mean, and how many keep what they hold."""
    model, exponents = shown.model, shown.spectrum.exponents
    positive, zero, negative = (int(kind.sum()) for kind in signs(shown.spectrum))
    rows = [
        ("●", "first", "positive", str(positive)),
        ("●", "third", "not told from zero", str(zero)),
        ("●", "second", "negative", str(negative)),
        ("", "muted", f"keep errors for over {_MEMORY:g} {long_unit(shown.spectrum.unit, several=True)}",
         str(int((np.abs(exponents) < 1.0 / _MEMORY).sum()))),
        ("", "muted", "mean of all", short(float(exponents.mean()), 4)),
    ]  # fmt: skip
    lines = "".join(
        f"<tr><td style='color:var(--lyap-{role})' aria-hidden='true'>{sign}</td><td>{name}</td>"
        f"<td><b>{value}</b></td></tr>"
        for sign, role, name, value in rows
    )
    names = " and ".join(f"<i>{name}</i>" for name in model.card.state)
    gated = f"<div>{model.d} exponents of {model.n} units: the state is {names}.</div>" if model.d > model.n else ""
    return f"<table class='lyap-counts'>{lines}</table>{gated}"


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
    meter = f"meter = logs.sum(axis=0) / {float(shown.times[-1])!r}\n" if len(shown.logs) else ""
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
        before = f"low, high = model.view\nstarts = np.random.default_rng(0).uniform(low, high, ({count}, model.d))\n"
    other = "(i + 1)" if kind == "inputs" else ""
    rows = "" if drive.silent else f", inputs={drive.code(str(others.warmup + others.steps), other=other)}"
    measured = f"{others.steps}, k=min({others.k}, net.d), x0={start}{rows}, warmup={others.warmup}"
    return f"""
{before}spectra = []
for i, net in enumerate({nets}):
    try:
        spectra.append(net.lyapunov_spectrum({measured}).exponents)
    except ll.DivergenceError:
        pass  # this orbit runs away
others = np.full((len(spectra), max(map(len, spectra), default=0)), np.nan)
for row, spectrum in zip(others, spectra):
    row[: len(spectrum)] = spectrum
"""
