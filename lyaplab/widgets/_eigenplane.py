"""The eigenvalues of one fixed point: in the complex plane, and in words."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from lyaplab.widgets._reading import short
from lyaplab.widgets._stage import Axis, Stage

Complex = NDArray[np.complex128]


class EigenPlane:
    """A small stage with the region of stability: the unit circle of a map, the left half plane of a flow.

    Parameters
    ----------
    flow : bool
        Whether the system is a flow.

    Attributes
    ----------
    stage : Stage
    """

    def __init__(self, *, flow: bool) -> None:
        self.flow = flow
        # Of a map it is 1 that matters: where the circle meets the axes.
        border = () if flow else (-1.0, 1.0)
        x, y = (Axis(label, -1.5, 1.5, most=4, always=border) for label in ("Re μ", "Im μ"))
        self.stage = stage = Stage(x=x, y=y, width=240, height=224, equal=True)
        mark_stability(stage, flow=flow)
        stage.points("shrinking", role="stable", label="shrinks")
        stage.points("growing", role="unstable", marker="square", label="grows")

    def show(self, eigenvalues: Complex) -> None:
        """Show the eigenvalues of a fixed point; an empty array shows none."""
        reach = 1.25 * max([1.0, *np.abs(eigenvalues)])
        shrinking = is_shrinking(eigenvalues, flow=self.flow)
        with self.stage.redraw() as stage:
            stage.limits(x=(-reach, reach), y=(-reach, reach))
            show_stability(stage, flow=self.flow)
            stage.show("shrinking", eigenvalues.real[shrinking], eigenvalues.imag[shrinking])
            stage.show("growing", eigenvalues.real[~shrinking], eigenvalues.imag[~shrinking])


def mark_stability(stage: Stage, *, flow: bool) -> None:
    """Make the marks of the region of stability: the unit circle of a map, the left half plane of a flow."""
    stage.band("calm", role="stable")
    stage.rule("real", y=0.0, role="grid", width=1.0)
    stage.rule("imaginary", x=0.0, role="ink" if flow else "grid", width=1.4 if flow else 1.0)
    if not flow:
        stage.line("circle", role="ink", width=1.4, table=False)


def show_stability(stage: Stage, *, flow: bool) -> None:
    """Show the region of stability within the present limits."""
    if flow:
        left, reach = stage.scene().x.low, 9 * stage.scene().y.high
        stage.show_band("calm", [min(left, -1.0), 0.0], [-reach] * 2, [reach] * 2)
        return
    turn = np.linspace(0, 2 * np.pi, 181)
    half = np.cos(turn[:91])
    stage.show("circle", np.cos(turn), np.sin(turn))
    stage.show_band("calm", half, -np.sin(turn[:91]), np.sin(turn[:91]))


def is_shrinking(eigenvalues: Complex, *, flow: bool) -> NDArray[np.bool_]:
    """Tell which eigenvalues lie in the region of stability."""
    return np.asarray(eigenvalues.real < 0 if flow else np.abs(eigenvalues) < 1, dtype=bool)


def written(value: complex) -> str:
    """Write an eigenvalue.

    Examples
    --------
    >>> written(0.5 + 0j), written(0.1 - 0.2j)
    ('0.5', '0.1 − 0.2i')
    """
    if abs(value.imag) < 1e-9 * max(1.0, abs(value)):
        return short(value.real)
    return f"{short(value.real)} {'+' if value.imag > 0 else '−'} {short(abs(value.imag))}i"


def meaning(value: complex, *, flow: bool) -> str:
    """Say what one eigenvalue does to a small deviation.

    Examples
    --------
    >>> meaning(-0.5 + 0j, flow=False)
    '|μ| = 0.5 < 1: shrinks and changes sides'
    >>> meaning(-0.5 + 2j, flow=True)
    'halves in 1.39 units of time, turns once in 3.14'
    """
    if flow:
        return _flow_meaning(value)
    size = abs(value)
    if abs(size - 1) < 5e-7:
        said = "|μ| = 1: neither shrinks nor grows"
    else:
        relation, verb = ("<", "shrinks") if size < 1 else (">", "grows")
        said = f"|μ| = {short(size)} {relation} 1: {verb}"
    if abs(value.imag) > 1e-9:
        return f"{said}, turns {short(abs(math.degrees(math.atan2(value.imag, value.real))))}° a step"
    return f"{said} and changes sides" if value.real < 0 else said


def _flow_meaning(value: complex) -> str:
    rate = value.real
    if abs(rate) < 5e-7:
        said = "neither shrinks nor grows"
    else:
        said = f"{'halves' if rate < 0 else 'doubles'} in {short(math.log(2) / abs(rate))} units of time"
    if abs(value.imag) > 1e-9:
        return f"{said}, turns once in {short(2 * math.pi / abs(value.imag))}"
    return said


def table(eigenvalues: Complex, *, flow: bool) -> str:
    """Write eigenvalues and what they mean as an HTML table; a conjugate pair takes one row."""
    rows = []
    for value in eigenvalues:
        if value.imag < -1e-9:
            continue  # its partner speaks for both
        pair = abs(value.imag) > 1e-9
        shown = written(value).replace("+", "±") if pair else written(value)
        role = "stable" if is_shrinking(np.array([value]), flow=flow)[0] else "unstable"
        sign = "●" if role == "stable" else "□"
        rows.append(
            f"<tr><td><span style='color:var(--lyap-{role})' aria-hidden='true'>{sign}</span> "
            f"<i>μ</i> = <b>{shown}</b></td></tr><tr><td class='lyap-meaning'>{meaning(value, flow=flow)}</td></tr>"
        )
    return f"<table>{''.join(rows)}</table>"
