"""The words of the sections on what the network is and where it goes: network, weights, verdict, fixed points.

Each function gives lines as (label, value, note), or a table as (caption, header, rows).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lyaplab.drawing.numbers import measured, short
from lyaplab.engine.kinds import listing
from lyaplab.report.parts import Drive

if TYPE_CHECKING:
    from lyaplab.report.page import Report

__all__ = ["fixed_points", "fixed_points_table", "identity", "long_unit", "many", "verdict", "weights",
           "weights_table", "with_error"]  # fmt: skip

Lines = list[tuple[str, ...]]
Rows = tuple[str, tuple[str, ...], tuple[tuple[str, ...], ...]]

# Fixed points that are listed, those that most starts have reached first.
_LISTED = 10
# Shares of the starts below which there may well be more to find.
_FEW = 0.5


def many(count: int, what: str) -> str:
    """Write a number of things.

    Examples
    --------
    >>> many(1, "step"), many(12000, "step")
    ('1 step', '12,000 steps')
    """
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def identity(page: Report) -> Lines:
    """Say what the network is, and what drives it."""
    own = page.identity
    assert own is not None
    inputs = f", {many(own.m, 'input')}" if own.m else ""
    lines: Lines = [
        ("model", own.made),
        ("equation", own.equation),
        ("size", f"{many(own.d, 'state variable')}{inputs}, {many(own.parameters, 'parameter')}"),
    ]
    if own.time_step is not None:
        lines.append(("time step", f"{short(own.time_step)}", "a flow: all rates are per unit of time"))
    if own.derivatives != "given":
        lines.append(("derivatives", f"by {own.derivatives}"))
    if page.drive is not None:
        lines.append(("driven by", *_drive(page.drive)))
    elif own.m:
        lines.append(("driven by", "nothing: the inputs are held at 0", "inputs= measures the driven network"))
    return lines


def _drive(drive: Drive) -> tuple[str, str]:
    each = f"{many(drive.sequences, 'sequence')} of {many(drive.length, 'step')}"
    figures = f"mean {_range(drive.mean)}, standard deviation {_range(drive.spread)}"
    return f"{each}, the first {drive.warmup:,} not counted", figures


def _range(values: np.ndarray) -> str:
    low, high = short(float(values.min())), short(float(values.max()))
    return low if low == high else f"{low} to {high}"


def weights(page: Report) -> Lines:
    """Say the key figures of a single matrix; several have a table."""
    own = page.weights
    assert own is not None
    if len(own.names) > 1:
        return []
    return [
        ("matrix", f"{own.names[0]}, {own.sizes[0]} × {own.sizes[0]}"),
        ("spectral radius", short(float(own.radii[0]))),
        ("singular values", f"from {short(float(own.smallest[0]))} to {short(float(own.largest[0]))}"),
        ("rms·√n", short(float(own.gains[0])), "the spectral radius that independent entries would give"),
    ]


def weights_table(page: Report) -> Rows | None:
    """Key figures of several matrices."""
    own = page.weights
    assert own is not None
    if len(own.names) < 2:
        return None
    header = ("matrix", "size", "spectral radius", "largest σ", "smallest σ", "rms·√n")
    columns = (own.radii, own.largest, own.smallest, own.gains)
    rows = [
        (str(name), f"{size} × {size}", *(short(float(column[i])) for column in columns))
        for i, (name, size) in enumerate(zip(own.names, own.sizes, strict=True))
    ]
    caption = "σ are singular values; rms·√n is the spectral radius that independent entries would give"
    return caption, header, tuple(rows)


def verdict(page: Report) -> Lines:
    """Say what the network does, and whether other starts do the same."""
    own = page.verdict
    assert own is not None
    driven = page.drive is not None
    lines: Lines = [("under its inputs" if driven else "in the long run", own.words)]
    if page.echo is not None:
        known = page.echo.verdict != "undecided"
        lines.append(("echo state", f"the network {page.echo.verdict}" if known else "undecided"))
    if len(own.others):
        gone = int(np.isnan(own.others).sum())
        kept = own.others[~np.isnan(own.others)]
        values = _range(kept) if len(kept) else ""
        if own.agree and gone:
            said = "all of them diverge"
        elif own.agree:
            said = f"the same largest exponent ({values})"
        else:
            parts = [f"largest exponents {values}"] * bool(len(kept)) + [f"{gone} of them diverge"] * bool(gone)
            said = f"not the same: {', '.join(parts)}"
        note = "" if own.agree else "what the network does depends on where it starts, or one run is too short to tell"
        lines.append((f"from {len(own.others)} other starts", said, note))
    return lines


def fixed_points(page: Report) -> Lines:
    """Say how many places of rest were found, of which kinds, and how sure that is."""
    own = page.fixed_points
    assert own is not None
    found = listing(own.kinds) or "none"
    if own.continuum:
        found = f"{found}: samples of a {({1: 'line', 2: 'plane'}).get(own.continuum, 'space')} of resting places"
    held = ""
    if page.drive is not None:
        held = "under the mean of the inputs, held constant"
    elif page.identity is not None and page.identity.m:
        held = "without input"
    share = f"{own.converged:.0%} of {many(own.starts, 'start')} converged"
    doubt = "the others did not: there may be more fixed points than these" if own.converged < _FEW else ""
    lines: Lines = [("found", found, held), ("search", share, doubt)]
    if len(own):
        worst = float(own.residuals.max())
        lines.append(("residuals", f"at most {short(worst, 2)}" if worst else "0"))
    return lines


def fixed_points_table(page: Report) -> Rows | None:
    """The fixed points that most starts have reached, with what decides on their stability."""
    own = page.fixed_points
    assert own is not None
    if not len(own):
        return None
    flow = own.unit == "time"
    growth = own.eigenvalues.real if flow else np.abs(own.eigenvalues)
    unstable = (growth > (1e-6 if flow else 1.0 + 1e-6)).sum(axis=1)
    order = np.argsort(-own.hits, kind="stable")[:_LISTED]
    rows = [
        (
            str(own.kinds[i]), short(float(growth[i].max())), str(unstable[i]), str(own.hits[i]),
            short(float(own.residuals[i]), 2), short(float(np.linalg.norm(own.points[i]))),
        )
        for i in order
    ]  # fmt: skip
    most = "Re μ" if flow else "|μ|"
    left = f"the {len(rows)} of {len(own)} that most starts reached" if len(own) > len(rows) else "all of them"
    header = ("kind", most, "unstable", "starts", "residual", "|x|")
    caption = f"{left}: largest {most} of the Jacobian's eigenvalues, number of unstable directions, starts that came"
    return f"{caption}, distance from 0", header, tuple(rows)


def with_error(value: float, stderr: float, unit: str) -> str:
    """Write a rate with its error and unit.

    Examples
    --------
    >>> with_error(0.69312, 0.0012, "step")
    '0.6931 ± 0.0012 per step'
    """
    return f"{measured(value, stderr)} per {long_unit(unit)}"


def long_unit(unit: str, *, several: bool = False) -> str:
    """Write the unit of a model in words.

    Examples
    --------
    >>> long_unit("step", several=True), long_unit("time")
    ('steps', 'unit of time')
    """
    if unit == "step":
        return "steps" if several else "step"
    return "units of time" if several else "unit of time"
