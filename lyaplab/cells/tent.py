"""The tent map x' = mu min(x, 1 - x): the same slope everywhere, so the exponent is log mu exactly."""

from __future__ import annotations

import math

from lyaplab.kernel.algebra import at, copy, scale
from lyaplab.kernel.card import Card, KnownValue, Parameter, Preset
from lyaplab.kernel.cell import Cell


# w holds the slope.
def step(q, x, u, y, w):
    rows = x.shape[0]
    for v in range(rows):
        mu = at(q[0], v, rows)
        rises = x[v, 0] < 0.5
        y[v, 0] = mu * (x[v, 0] if rises else 1.0 - x[v, 0])
        w[v, 0] = mu if rises else -mu


def push(q, w, V, A, Z):
    scale(w, V, Z)


def pull(q, w, G, A, H):
    copy(G, A)
    scale(w, G, H)


def grad(p, x, u, w, A, dp):
    rows = x.shape[0]
    dmu = dp[0]
    for v in range(rows):
        dmu[v * dmu.shape[0] // rows] += A[v, 0] * min(x[v, 0], 1.0 - x[v, 0])


CARD = Card(
    title="tent map",
    equation=r"x_{t+1} = \mu \min(x_t, 1 - x_t)",
    equation_text="x' = mu min(x, 1 - x)",
    reference="R. L. Devaney, An Introduction to Chaotic Dynamical Systems, 2nd edition, Addison-Wesley (1989).",
    state=("x",),
    size=1,
    bounds=(0.0, 1.0),
    view=(0.0, 1.0),
    start=(0.3,),
    # At mu = 2 every orbit in binary floating-point numbers falls to 0 within 55 steps: only digits are shifted out.
    parameters=(
        Parameter("mu", (), (0.0, 2.2), 1.9, tex=r"\mu", about="slope of both sides", limits=(0.0, None)),
    ),
    presets={
        "settling": Preset({"mu": 0.8}, "Too flat: everything falls to 0.", "fixed point", stable=1),
        "two-bands": Preset({"mu": 1.3}, "Chaos that changes between two bands at every step.", "chaos", stable=0),
        "chaos": Preset({"mu": 1.9}, "One band of chaos, stretched alike everywhere.", "chaos", stable=0),
        "divergent": Preset({"mu": 2.1}, "The tip is above 1: almost every orbit escapes.", "divergent", stable=0),
    },
    known=(
        KnownValue("exponents", (math.log(1.9),), 1e-10, source="exact: log mu"),
        KnownValue("exponents", (math.log(1.3),), 1e-10, {"mu": 1.3}, source="exact: log mu"),
        KnownValue("exponents", (math.log(0.8),), 1e-10, {"mu": 0.8}, source="exact: log mu"),
        KnownValue("fixed_points", ((0.0,), (1.9 / 2.9,)), 1e-12, source="exact: 0 and mu/(1 + mu)"),
    ),
)

CELL = Cell("tent", step=step, push=push, pull=pull, grad=grad, size=(1, 1, 1), card=CARD)
