"""An orbit diagram in words (what screen readers read and alt texts say), in HTML, and in code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray

from lyaplab.engine.bifurcation import Bifurcation
from lyaplab.engine.doublings import Doublings, Window
from lyaplab.widgets._attractorview import Settled
from lyaplab.widgets._planewords import pretty_names
from lyaplab.widgets._reading import measured, reading, regime, short
from lyaplab.widgets._sweep import Effort, Plan

__all__ = ["code", "describe", "marker_html", "table_html"]

Array = NDArray[np.float64]

# Windows that are told in words, widest first.
_TOLD = 6
_BEGIN = {
    "fresh": "each value starts anew from {start}",
    "many": "each value starts from several states",
    "up": "followed upwards from {start}",
    "down": "followed downwards from {start}",
}
FEIGENBAUM = 4.669


def describe(
    name: str,
    knobs: Mapping[str, float],
    plan: Plan,
    diagram: Bifurcation,
    windows: Sequence[Window],
    found: Settled,
    doublings: Doublings | None,
) -> str:
    """Put a diagram into a few sentences: what is shown, its windows and its chaos, the orbit at the marker."""
    others = ", ".join(f"{knob} = {short(value)}" for knob, value in plan.others)
    start = f"({', '.join(short(x) for x in plan.x0)})" if len(plan.x0) > 1 else short(plan.x0[0])
    begin = _BEGIN[plan.orbits].format(start=start)
    shown = f"the maxima of {plan.variable}" if plan.flow else plan.variable
    said = [
        f"Orbit diagram of the {name} {'flow' if plan.flow else 'map'}{f' with {others}' if others else ''}: "
        f"{shown} over {plan.param} from {short(plan.low, 6)} to {short(plan.high, 6)}, {begin}.",
        _windows(windows, diagram.values, flow=plan.flow),
        _chaos(diagram),
        f"At {plan.param} = {short(knobs[plan.param], 6)} {outcome(found, plan)}",
    ]
    if doublings is not None and len(doublings):
        said.append(_doublings(doublings))
    return " ".join(part for part in said if part)


def outcome(found: Settled, plan: Plan) -> str:
    """Say where the orbit at the marker goes, and how fast errors grow there."""
    if found.lost is not None:
        return f"the orbit runs away and leaves every range at step {found.lost}."
    unit = "time" if plan.flow else "step"
    rate = reading(found.exponent, found.stderr, unit=unit)
    if plan.flow:
        moved = float(np.ptp(found.orbit, axis=0).max())
        told = "comes to rest" if moved < 1e-5 else "keeps moving"
    else:
        variable = plan.model.state_names.index(plan.variable)
        told = regime(found.orbit[:, variable])
    return f"the orbit {told}. Exponent {rate}"


def marker_html(found: Settled, plan: Plan, value: float) -> str:
    """Write what the orbit does at the marker."""
    name = pretty_names([plan.param])[0]
    head = f"<b>{escape(name)} = {short(value, 6)}</b>"
    if found.lost is not None:
        return f"<div>{head}: the orbit runs away (step {found.lost}).</div>"
    told = outcome(found, plan).partition(". Exponent ")[0].removeprefix("the orbit ")
    per = "time" if plan.flow else "step"
    return (
        f"<div>{head} &ensp;the orbit {escape(told)}.</div>"
        f"<div><i>λ</i> = <b>{measured(found.exponent, found.stderr)}</b> "
        f"<span class='lyap-unit'>per {per}</span></div>"
    )


def table_html(doublings: Doublings) -> str:
    """Write doublings with their errors, and the ratios of their gaps, as a table."""
    name = escape(pretty_names([doublings.param])[0])
    if not len(doublings):
        return f"<div class='lyap-meaning'>No doubling of a period is seen along {name} here.</div>"
    ratios, errors = doublings.ratios
    rows = []
    for i in cascades(doublings):
        period, value = int(doublings.periods[i]), precise(doublings.values[i], doublings.errors[i], 9)
        shown = precise(ratios[i], errors[i], 6) if np.isfinite(ratios[i]) else ""
        rows.append(f"<tr><td>{period} → {2 * period}</td><td>{value}</td><td>{shown}</td></tr>")
    rule = "gap before : gap after"
    end = f"<div class='lyap-meaning'>{rule}; along a whole cascade it comes to {FEIGENBAUM}…</div>"
    head = f"<tr><th>period</th><th>{name}</th><th>{'ratio' if np.isfinite(ratios).any() else ''}</th></tr>"
    return f"<table>{head}{''.join(rows)}</table>{end if np.isfinite(ratios).any() else ''}"


def cascades(doublings: Doublings) -> list[int]:
    """Order doublings cascade by cascade: 1, 2, 4, ... and then 3, 6, 12, ...

    Examples
    --------
    >>> found = Doublings("r", np.array([3.0, 3.84, 3.45]), np.zeros(3), np.array([1, 3, 2]))
    >>> cascades(found)
    [0, 2, 1]
    """
    periods = [int(period) for period in doublings.periods]
    odd = [period // (period & -period) for period in periods]
    return sorted(range(len(periods)), key=lambda i: (odd[i], periods[i], doublings.values[i]))


def precise(value: float, error: float, most: int) -> str:
    """Write a number with all digits that its error leaves, at most so many decimals; the error where it shows.

    Examples
    --------
    >>> precise(3.4494897427, 1e-13, 6), precise(4.66, 0.02, 6)
    ('3.449490', '4.660 ± 0.020')
    """
    if error < 0.5 * 10.0**-most:
        return f"{value:.{most}f}".replace("-", "−")
    return measured(value, error)


def code(
    plan: Plan, effort: Effort, columns: int, settling: tuple[int, int], *, from_end: int | None, lost: bool,
    doublings: bool,
) -> str:  # fmt: skip
    """Write the Python that makes a diagram's numbers from `model`.

    Parameters
    ----------
    plan, effort, columns
        Of the diagram.
    settling : (int, int)
        Steps that the orbit at the marker settles and is seen for.
    from_end : int or None
        The column whose end that orbit starts from; None for the start.
    lost : bool
        Whether that orbit runs away.
    doublings : bool
        Whether doublings are among the numbers.
    """
    options = "".join(f", {name}={value!r}" for name, value in plan.options(effort).items())
    lines = [
        f"values = np.linspace({plan.low!r}, {plan.high!r}, {columns})",
        f"starts = np.array({plan.starts().tolist()!r})",
        f"diagram = model.bifurcation({plan.param!r}, values, x0=starts{options})",
        "states, exponents, periods = diagram.states, diagram.exponents, diagram.periods",
        "",
    ]
    if lost:
        lines += [f"orbit = np.empty((0, {len(plan.x0)}))  # it runs away"]
    else:
        start = "starts" if plan.orbits == "fresh" else "starts[0]" if from_end is None else f"diagram.ends[{from_end}]"
        start = start if plan.orbits in ("fresh", "many") or from_end is not None else "starts"
        lines += [f"orbit = model.orbit({settling[1]}, x0={start}, warmup={settling[0]})"]
    if doublings:
        warmup = plan.options(effort)["warmup"]
        lines += [
            "",
            f"*_, found = model.iter_doublings(diagram, warmup={warmup})",
            "doublings, doubled_periods = found.values, found.periods",
        ]
    return "\n".join(lines)


def _windows(windows: Sequence[Window], values: Array, *, flow: bool) -> str:
    if not windows:
        return ""
    widest = sorted(windows, key=lambda w: values[w.first] - values[w.last])[:_TOLD]
    told = [
        f"{'' if flow else f'{w.period} '}from {short(values[w.first], 4)} to {short(values[w.last], 4)}"
        for w in sorted(widest, key=lambda w: w.first)
    ]
    more = f" and {len(windows) - _TOLD} narrower windows" if len(windows) > _TOLD else ""
    return f"{'At rest' if flow else 'Certain periods:'} {', '.join(told)}{more}."


def _chaos(diagram: Bifurcation) -> str:
    rates = diagram.exponents.reshape(len(diagram), -1)
    gone = float(np.mean((diagram.periods.reshape(rates.shape) == -1).any(axis=1)))
    lost = f" Orbits run away at {gone:.0%} of the values." if gone else ""
    with np.errstate(invalid="ignore"):
        chaotic = (rates > 2e-3).any(axis=1)
    if not chaotic.any():
        return f"The exponent is nowhere positive.{lost}"
    first = float(diagram.values[np.argmax(chaotic)])
    return f"The exponent is positive at {np.mean(chaotic):.0%} of the values, first at {short(first, 4)}.{lost}"


def _doublings(doublings: Doublings) -> str:
    order = cascades(doublings)
    periods, values = doublings.periods[order], doublings.values[order]
    each = [f"{p} to {2 * p} at {v:.6g}" for p, v in zip(periods, values, strict=True)]
    ratios, errors = doublings.ratios
    known = [precise(ratios[i], errors[i], 3) for i in order if np.isfinite(ratios[i])]
    told = f"; ratios of their gaps {', '.join(known)}" if known else ""
    return f"Measured doublings: {', '.join(each)}{told}.".replace("-", "−")
