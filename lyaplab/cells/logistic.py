"""The logistic map x' = r x (1 - x): the shortest road from a fixed point to chaos."""

from __future__ import annotations

import math

from lyaplab.kernel.algebra import at, copy, scale
from lyaplab.kernel.card import Card, KnownValue, Parameter, Preset
from lyaplab.kernel.cell import Cell


def step(q, x, u, y, w):
    r = q[0]
    rows = x.shape[0]
    for v in range(rows):
        rate = at(r, v, rows)
        y[v, 0] = rate * x[v, 0] * (1.0 - x[v, 0])
        w[v, 0] = rate * (1.0 - 2.0 * x[v, 0])


def push(q, w, V, A, Z):
    scale(w, V, Z)


def pull(q, w, G, A, H):
    copy(G, A)
    scale(w, G, H)


def grad(p, x, u, w, A, dp):
    rows = x.shape[0]
    dr = dp[0]
    for v in range(rows):
        dr[v * dr.shape[0] // rows] += A[v, 0] * x[v, 0] * (1.0 - x[v, 0])


def bounds(p, u):
    """The interval of the map, widened to the fixed point 1 - 1/r where that lies outside."""
    r = float(p[0][0])
    other = 1.0 - 1.0 / r if r != 0.0 else 0.0
    return min(0.0, other), max(1.0, other)


CARD = Card(
    title="logistic map",
    equation=r"x_{t+1} = r\, x_t (1 - x_t)",
    equation_text="x' = r x (1 - x)",
    reference="R. M. May, Simple mathematical models with very complicated dynamics, Nature 261 (1976) 459-467.",
    state=("x",),
    size=1,
    bounds=bounds,
    view=(0.0, 1.0),
    start=(0.3,),
    parameters=(Parameter("r", (), (0.0, 4.0), 3.2, tex="r", about="growth rate"),),
    presets={
        "settling": Preset({"r": 2.8}, "One fixed point attracts.", "fixed point", stable=1),
        "two-cycle": Preset({"r": 3.2}, "The orbit alternates between two values.", "cycle", period=2),
        "four-cycle": Preset({"r": 3.5}, "The two-cycle has doubled its period.", "cycle", period=4),
        "three-cycle": Preset({"r": 3.83}, "A window of order behind the onset of chaos.", "cycle", period=3),
        "chaos": Preset({"r": 4.0}, "Every digit of the start is lost at log 2 per step.", "chaos"),
    },
    known=(
        KnownValue("exponents", (math.log(2.0),), 5e-4, {"r": 4.0}, 1_000_000, source="exact: log 2"),
        KnownValue("exponents", (math.log(0.5),), 1e-4, {"r": 2.5}, source="exact: log|2 - r|"),
        KnownValue("exponents", (0.5 * math.log(abs(4 + 2 * 3.2 - 3.2**2)),), 1e-4, {"r": 3.2}, source="exact 2-cycle"),
        KnownValue("exponents", (-0.87251,), 1e-4, {"r": 3.5}, source="own reference run of the 4-cycle"),
        KnownValue("exponents", (0.0,), 2e-3, {"r": 3.5699456}, 100_000, source="Feigenbaum's accumulation point"),
    ),
)

CELL = Cell("logistic", step=step, push=push, pull=pull, grad=grad, size=(1, 1, 1), card=CARD)
