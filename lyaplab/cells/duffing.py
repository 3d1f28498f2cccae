"""Duffing's oscillator: a ball between two wells, pushed to and fro; the phase of the push is the third variable."""

from __future__ import annotations

import numpy as np

from lyaplab.kernel.card import Card, KnownValue, Parameter, Preset
from lyaplab.kernel.cell import Cell
from lyaplab.kernel.compile import inline
from lyaplab.kernel.points import as_rk4, given

_TURN = 2.0 * np.pi


def rhs(x, v, phase, damping, drive, omega):
    return v, x - x * x * x - damping * v + drive * np.cos(phase), omega


def jvp(x, v, phase, vx, vv, vp, damping, drive, omega):
    return vv, (1.0 - 3.0 * x * x) * vx - damping * vv - drive * np.sin(phase) * vp, 0.0


def vjp(x, v, phase, gx, gv, gp, damping, drive, omega):
    return (1.0 - 3.0 * x * x) * gv, gx - damping * gv, -drive * np.sin(phase) * gv


def gradient(x, v, phase, gx, gv, gp, damping, drive, omega):
    return -gv * v, gv * np.cos(phase), gp


MOVES = as_rk4(given(rhs, 3, 3, jvp=jvp, vjp=vjp, gradient=gradient), dt=3)
advance = inline(MOVES.step)


def step(q, x, u, y, w):
    """A Runge-Kutta step, and the phase kept in [0, 2 pi): a shift, which no derivative notices."""
    advance(q, x, u, y, w)
    for r in range(y.shape[0]):
        y[r, 2] -= _TURN * np.floor(y[r, 2] / _TURN)


CARD = Card(
    title="Duffing oscillator",
    equation=r"\ddot x = x - x^3 - \delta \dot x + \gamma \cos\varphi, \quad \dot\varphi = \omega",
    equation_text="dx/dt = v, dv/dt = x - x^3 - damping v + drive cos(phase), dphase/dt = omega",
    reference="J. Guckenheimer and P. Holmes, Nonlinear Oscillations, Dynamical Systems, and Bifurcations of Vector"
    " Fields, Springer (1983), section 2.2.",
    state=("x", "v", "phase"),
    size=3,
    view=((-2.0, -2.0, 0.0), (2.0, 2.0, _TURN)),
    time_step="dt",
    start=(1.0, 0.0, 0.0),
    parameters=(
        Parameter("damping", (), (0.0, 0.5), 0.1, tex=r"\delta", about="friction"),
        Parameter("drive", (), (0.0, 0.5), 0.35, tex=r"\gamma", about="strength of the push"),
        Parameter("omega", (), (0.5, 2.0), 1.4, tex=r"\omega", about="radians of the push per unit of time"),
        Parameter(
            "dt", (), (0.001, 0.1), 0.02, tex=r"\mathrm{d}t", about="time step of the Runge-Kutta method",
            limits=(1e-6, None), trainable=False,
        ),
    ),
    presets={
        "one-well": Preset({"drive": 0.05}, "A weak push: the ball swings in one well.", "cycle", stable=0),
        "chaos": Preset({}, "The ball changes wells, never twice in the same manner.", "chaos", stable=0),
    },
    known=(
        KnownValue(
            "exponents", (0.129, 0.0, -0.229), 0.01, {}, 500_000, 10_000,
            source="own reference run (other collections differ: 0.0995)",
        ),
        KnownValue("sum", (-0.1,), 1e-6, {}, 500_000, 10_000, source="exact: the divergence -damping"),
    ),
)  # fmt: skip

CELL = Cell(
    "duffing",
    step=step,
    push=MOVES.push,
    pull=MOVES.pull,
    grad=MOVES.grad,
    field=MOVES.field,
    field_push=MOVES.field_push,
    size=MOVES.size(3, 0, 0),
    inputs=0,
    card=CARD,
)
