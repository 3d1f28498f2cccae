"""The words of the sections on growth: spectrum, memory, gradients, echo state.

Each function gives lines as (label, value, note), or a table as (caption, header, rows).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from lyaplab.drawing.numbers import measured, short
from lyaplab.engine.dimension import entropy_rate, kaplan_yorke
from lyaplab.engine.exponents import Spectrum
from lyaplab.report.phrases import Lines, Rows, long_unit, many, with_error

if TYPE_CHECKING:
    from lyaplab.report.page import Report

__all__ = ["echo", "echo_table", "error_of", "gradients", "memory", "spectrum", "spectrum_table"]

# Within so many standard errors two numbers are the same, and a number is 0.
_ERRORS = 2.0
# Relative to the rate: gradients over a few hundred steps are no better than this.
_CLOSE = 2e-3
_FACTOR = 1000.0


def spectrum(page: Report) -> Lines:
    """Say what the exponents together say."""
    own, d = page.spectrum, page.size
    assert own is not None
    k, per = len(own.exponents), long_unit(own.unit)
    which = f"the {k} largest" if k > 1 else "the largest"
    which = ("the only one" if k == 1 else f"all {k}") if k == d else which + (f" of {d}" if d else "")
    length = f"{many(own.steps, 'step')}" + (f" of {len(own.sequences)} sequences" if own.sequences is not None else "")
    errors = "their scatter over the sequences" if own.sequences is not None else "block averages"
    value, error = float(own.exponents[0]), float(own.stderr[0])
    lines: Lines = [
        ("largest exponent", with_error(value, error, own.unit)),
        ("exponents", f"{which}, over {length}; errors are {errors}", own.note),
        ("their signs", _signs(own)),
        ("Kaplan-Yorke dim.", *_dimension(own, d)),
        ("entropy rate", f"{measured(own.entropy_rate, error_of(own, entropy_rate))} nats per {per}",
         "sum of the positive exponents: an upper bound, exact where Pesin's identity holds"),
        ("sum rule", *_sum_rule(own, d)),
    ]  # fmt: skip
    return lines


def _signs(own: Spectrum) -> str:
    margin = np.maximum(_ERRORS * np.nan_to_num(own.stderr), 1e-9)
    up, down = int((own.exponents > margin).sum()), int((own.exponents < -margin).sum())
    open_ = len(own.exponents) - up - down
    return f"{up} positive, {down} negative" + (f", {open_} not told from 0" if open_ else "")


def _dimension(own: Spectrum, d: int | None) -> tuple[str, str]:
    value = own.kaplan_yorke
    if len(own.exponents) != d and own.exponents.sum() >= 0.0:
        return f"at least {short(value)}", "the sum of the exponents measured is still positive: take a larger k"
    # What is not told from 0 may be 0, and then counts in full, as the phase of an oscillation does.
    marginal = np.abs(own.exponents) <= _ERRORS * np.nan_to_num(own.stderr)
    other = kaplan_yorke(np.where(marginal, 0.0, own.exponents))
    if abs(other - value) > 0.5:
        return f"{short(value)}, or {short(other)}", "the latter if the exponents that are not told from 0 are 0"
    return measured(value, error_of(own, kaplan_yorke)), ""


def _sum_rule(own: Spectrum, d: int | None) -> tuple[str, str]:
    if math.isnan(own.sum_rule_error):
        return "not checked", f"it needs all {d or 'exponents'}, k = d"
    total = with_error(float(own.exponents.sum()), 0.0, own.unit)
    return f"sum {total}", f"the mean of log|det J| is missed by {short(own.sum_rule_error, 2)}"


def error_of(own: Spectrum, function: Callable[[Any], float]) -> float:
    """Error of a number made of the exponents: scatter over sequences, else as if all erred in the same way."""
    if own.sequences is not None and len(own.sequences) > 1:
        each = np.array([function(row) for row in own.sequences])
        return float(each.std(ddof=1) / math.sqrt(len(each)))
    error = np.nan_to_num(own.stderr)
    return 0.5 * (function(own.exponents + error) - function(own.exponents - error))


def spectrum_table(page: Report) -> Rows:
    """Every exponent with its error."""
    own = page.spectrum
    assert own is not None
    written = [measured(float(value), float(error)) for value, error in zip(own.exponents, own.stderr, strict=True)]
    rows = [(str(i), *_parted(each)) for i, each in enumerate(written, start=1)]
    caption = f"nats per {long_unit(own.unit)}"
    if any(error == "–" for _, _, error in rows):
        caption += "; – where the error is rounding alone, or cannot be told"
    return caption, ("i", "exponent", "standard error"), tuple(rows)


def _parted(written: str) -> tuple[str, str]:
    """Value and error of a written number; an error that is rounding, or is not known, is none."""
    value, _, error = written.partition(" ± ")
    return value, error or "–"


def memory(page: Report) -> Lines:
    """Say the horizon, and what it means for this network."""
    own = page.memory
    assert own is not None
    units = long_unit(own.unit, several=True)
    if own.kind == "undecided":
        bound = "without bound" if math.isinf(own.least) else f"at least {short(own.least)} {units}"
        return [("horizon 1/|λ₁|", bound, "λ₁ is not told from 0: neither forgetting nor divergence is seen")]
    horizon = ("horizon 1/|λ₁|", f"{measured(own.horizon, own.stderr)} {units}")
    span = f"{short(math.log(_FACTOR) * own.horizon)} {units}"
    if own.horizon == 0.0:
        said = "one step wipes out whatever small difference there was"
    elif own.kind == "forgets":
        said = f"a small change of state or input fades to a thousandth in {span}: so long it is remembered"
    else:
        whole = f"{short(math.log(1e6) * own.horizon)} {units}"
        said = f"an error grows a thousandfold in {span}, and one of a millionth fills the state after some {whole}"
    lines: Lines = [horizon, ("that is", said)]
    if own.kind == "forgets" and (elsewhere := _elsewhere(page)):
        lines.append(("but", f"{elsewhere}: where the network ends is never forgotten, only small changes are"))
    return lines


def _elsewhere(page: Report) -> str:
    """Why a contracting network remembers its start all the same, or "" where nothing speaks for it."""
    if page.drive is not None:
        apart = page.echo is not None and page.echo.verdict == "does not forget its start"
        return "other starts under the same inputs stay apart" if apart else ""
    stable = int(page.fixed_points.stable.sum()) if page.fixed_points is not None else 0
    if stable > 1:
        return f"there are {stable} stable fixed points"
    return "" if page.verdict is None or page.verdict.agree else "other starts end elsewhere"


def gradients(page: Report) -> Lines:
    """Say how fast gradients grow on their way back, beside the exponent of the way forth."""
    own = page.gradients
    assert own is not None
    units = long_unit(own.unit, several=True)
    count = len(own.slopes)
    over = f"{count} sequences" if page.drive and page.drive.sequences > 1 else f"{count} stretches of the orbit"
    measured_over = f"lags to {many(int(own.lags[-1]), 'step')} in {over if count > 1 else 'one stretch of the orbit'}"
    lines: Lines = [("slope of ln norm", with_error(own.slope, own.stderr, own.unit), measured_over)]
    if page.spectrum is not None:
        lines.append(("beside λ₁", *_beside(page)))
    lag, verb = own.lag_for(_FACTOR), "grow" if own.slope > 0 else "shrink"
    if math.isinf(lag):
        lines.append((f"{_FACTOR:,.0f}-fold change", "no lag is known for it: the slope is not told from 0"))
    else:
        lines.append((f"{_FACTOR:,.0f}-fold change", f"gradients {verb} so much over {short(lag)} {units}"))
    return lines


def _beside(page: Report) -> tuple[str, str]:
    growth, own = page.gradients, page.spectrum
    assert growth is not None and own is not None
    value, error = float(own.exponents[0]), float(own.stderr[0])
    said = with_error(value, error, own.unit)
    if not (math.isfinite(value) and math.isfinite(growth.slope)):
        return said, "both are −∞" if value == growth.slope else "only one of the two is −∞"
    gap = abs(growth.slope - value)
    margin = _ERRORS * math.hypot(*np.nan_to_num([growth.stderr, error]))
    if gap <= max(margin, _CLOSE * abs(value)):
        return said, "the same within errors: one product of Jacobians, read forwards and backwards"
    return said, f"they differ by {short(gap)}: finite lags see the local growth, longer ones should agree"


def echo(page: Report) -> Lines:
    """Say whether the network forgets its start."""
    own = page.echo
    assert own is not None
    count = len(own.exponents)
    which = f"all {count}" if count == own.given else f"{count} of {own.given}"
    looked = "1 sequence" if own.given == 1 else f"{which} sequences"
    names, counts = np.unique(own.verdicts, return_counts=True)
    shares = ", ".join(f"{name} in {n}" for name, n in zip(names, counts, strict=True))
    meaning = {
        "forgets its start": "two starts under the same inputs meet: the echo state property holds here",
        "does not forget its start": "two starts under the same inputs stay apart: no echo state property here",
    }.get(own.verdict, f"of {looked}: {shares}")
    rate = own.replica_exponents[np.isfinite(own.replica_exponents)]
    near = with_error(float(rate.mean()), 0.0, own.unit) if len(rate) else "never near enough to measure a rate"
    return [
        ("verdict", own.verdict, meaning),
        ("conditional exponent", with_error(own.exponent, own.stderr, own.unit), f"over {looked}"),
        ("other starts approach", near),
    ]


def echo_table(page: Report) -> Rows | None:
    """The sequences one by one, where there are several."""
    own = page.echo
    assert own is not None
    if len(own.exponents) < 2:
        return None
    rows = [
        (str(i), measured(float(value), float(error)), "–" if math.isnan(rate) else short(float(rate)), str(verdict))
        for i, (value, error, rate, verdict) in enumerate(
            zip(own.exponents, own.stderrs, own.replica_exponents, own.verdicts, strict=True), start=1
        )
    ]
    header = ("sequence", "conditional exponent", "other starts", "verdict")
    return f"rates in nats per {long_unit(own.unit)}", header, tuple(rows)
