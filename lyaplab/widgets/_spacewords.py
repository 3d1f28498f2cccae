"""A state space in words, beside the picture and for those who cannot see it, and in code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from lyaplab.widgets._planewords import counted
from lyaplab.widgets._reading import short
from lyaplab.widgets._resting import FIXED_STARTS, QUICK_STARTS, SLOW_STARTS, Resting
from lyaplab.widgets._spread import Spread
from lyaplab.widgets._turning import percent

__all__ = ["code", "describe", "points_html", "shares_html"]

LEADING = "<b>Eigenvalues, least stable</b>"
"""What stands above the eigenvalues of the fixed point that is left fastest."""

# A speed below this is rounding.
_NOTHING = 1e-12
_SIGNS = {
    "stable": ("●", "stable"), "saddle": ("◇", "saddle"), "unstable": ("□", "unstable"),
    "marginal": ("○", "saddle"), "slow": ("△", "second"),
}  # fmt: skip


def shares_html(spread: Spread) -> str:
    """Write how much of the variance each component holds, as a small table with bars."""
    shares = [*spread.found.shares, max(0.0, 1.0 - float(spread.found.shares.sum()))]
    names = [f"PC{i + 1}" for i in range(len(shares) - 1)] + ["the rest"]
    rows = [
        f"<tr><td>{name}</td><td class='lyap-share'><span style='width:{100 * share:.1f}%'></span></td>"
        f"<td>{percent(share)}</td></tr>"
        for name, share in zip(names, shares, strict=True)
        if name != "the rest" or share > 1e-9
    ]
    return f"<b>Share of the variance</b><table class='lyap-shares'>{''.join(rows)}</table>"


def points_html(resting: Resting | None, *, offered: bool) -> str:
    """Write what was found, one line for each kind; `offered` tells whether there is a button that finds it."""
    title = "<b>Places of rest</b>"
    if resting is None:
        return f"{title}<div class='lyap-meaning'>not looked for yet{': press Find points' if offered else ''}</div>"
    rows = [_row(kind.split()[0], counted(count, kind)) for kind, count in resting.counts.items()]
    if resting.slow is not None and len(resting.slow):
        slowest = short(float(np.sqrt(2 * resting.slow.q[0])), 2)
        rows.append(
            _row("slow", f"{counted(len(resting.slow), 'slow point')} <span class='lyap-unit'>speed ≥ {slowest}</span>")
        )
    return title + ("".join(rows) or "<div class='lyap-meaning'>none found</div>")


def _row(kind: str, words: str) -> str:
    sign, role = _SIGNS[kind]
    return f"<div><span style='color:var(--lyap-{role})' aria-hidden='true'>{sign}</span> {words}</div>"


def describe(
    system: tuple[str, int, Mapping[str, float]], spread: Spread, resting: Resting | None, *, unit: str, at: str
) -> str:
    """Put a state space into a few sentences.

    Parameters
    ----------
    system : (str, int, mapping)
        Name of the cell, number of state variables, knobs.
    spread : Spread
    resting : Resting or None
    unit : str
        "step" or "time".
    at : str
        From where it is seen.
    """
    name, d, knobs = system
    settings = ", ".join(f"{knob} = {short(value)}" for knob, value in knobs.items())
    steps, orbits = spread.speeds.shape
    one = "unit of time" if unit == "time" else "step"
    said = [
        f"State space of the {name} {'flow' if unit == 'time' else 'map'}{f' with {settings}' if settings else ''}:"
        f" {counted(orbits, 'orbit')} of {steps:,} steps in {d} state variables."
    ]
    if spread.lost is not None:
        said.append(f"An orbit leaves the range of numbers at step {spread.lost}; what comes before is shown.")
    shares = spread.found.shares
    each = ", ".join(f"PC{i + 1} {percent(share)}" for i, share in enumerate(shares))
    which = "Its" if orbits == 1 else "Their"
    said.append(f"{which} first principal components hold {percent(float(shares.sum()))} of the variance ({each}){at}.")
    speeds = np.where(spread.speeds < _NOTHING, 0.0, spread.speeds)
    slow, middle, fast = (short(float(v), 2) for v in np.quantile(speeds, [0.0, 0.5, 1.0]))
    said.append(f"The speed is between {slow} and {fast} per {one}, with a median of {middle}.")
    said += _points(resting, one)
    return " ".join(said)


def _points(resting: Resting | None, one: str) -> list[str]:
    if resting is None:
        return []
    total = len(resting.fixed)
    kinds = ", ".join(counted(count, kind) for kind, count in resting.counts.items())
    number = counted(total, "fixed point")
    number = number.capitalize() if resting.done >= 1 else f"So far {number}"
    said = [f"{number}: {kinds}." if total else f"{number} was found."]
    if resting.slow is not None and len(resting.slow):
        speed = short(float(np.sqrt(2 * resting.slow.q[0])), 2)
        number = counted(len(resting.slow), "slow point").capitalize()
        said.append(f"{number}, the slowest with speed {speed} per {one}.")
    leading = [way.eigenvalues[0] for way in resting.ways if len(way.eigenvalues)]
    if leading:
        grow = [abs(value) for value in leading] if one == "step" else [value.real for value in leading]
        said.append(
            f"The fastest way out of a point grows {short(float(max(grow)), 2)}-fold a step."
            if one == "step"
            else f"The fastest way out of a point grows at the rate {short(float(max(grow)), 2)} per unit of time."
        )
    return said


def code(
    first: Sequence[float],
    spread: Spread,
    resting: Resting | None,
    *,
    warmup: int,
    flow: bool,
    driven: bool,
    quick: bool,
) -> str:
    """Write the Python that makes the numbers from `model`."""
    steps, count = spread.speeds.shape
    own = f"np.full(model.d, {list(first)!r})" if len(first) else "model.start"
    others = f"np.random.default_rng(0).uniform(*model.view, ({count - 1}, model.d))"
    lines = ["# inputs is your own array (T, m): define it above"] if driven else []
    given = f"x0=starts, warmup={warmup}" + (f", inputs=inputs[:{warmup + steps + 1}]" if driven else "")
    lines += [
        f"starts = np.concatenate([{own}[None], {others}])",
        f"states = model.orbit({steps + 1}, {given})",
        "orbits = states[:-1]",
    ]
    if flow and not driven:
        lines.append("speeds = np.linalg.norm(model.field(orbits.reshape(-1, model.d)).reshape(orbits.shape), axis=2)")
    else:
        lines.append(f"speeds = np.linalg.norm(np.diff(states, axis=0), axis=2){' / model.time_step' if flow else ''}")
    again = given.replace(f":{warmup + steps + 1}]", f":{warmup + steps}]")
    lines += [
        "",
        f"found = model.components({steps}, k={len(spread.found.shares)}, {again})",
        "axes, shares, places = found.axes, found.shares, found.project(orbits)",
    ]
    if resting is not None and resting.done >= 1:
        lines += ["", *_search(driven, quick)]
    return "\n".join(lines)


def _search(driven: bool, quick: bool) -> list[str]:
    held = ", inputs=inputs.mean(axis=0)" if driven else ""
    if quick:
        searches = [
            f"fixed = model.fixed_points({held.lstrip(', ')})",
            f"slow = model.slow_points({QUICK_STARTS}{held})",
        ]
    else:
        searches = [
            f"*_, fixed = model.iter_fixed_points({FIXED_STARTS}, from_orbit=True{held})",
            f"*_, slow = model.iter_slow_points({SLOW_STARTS}{held})",
        ]
    return [*searches, "fixed_points, eigenvalues, slow_points = fixed.points, fixed.eigenvalues, slow.points"]
