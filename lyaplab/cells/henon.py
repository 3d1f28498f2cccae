"""The Hénon map x' = 1 - a x² + y, y' = b x: a strange attractor whose volumes shrink by |b| at every step."""

from __future__ import annotations

import math

import numpy as np

from lyaplab.kernel.algebra import at
from lyaplab.kernel.card import Card, KnownValue, Parameter, Preset
from lyaplab.kernel.cell import Cell


# w holds the entries of the Jacobian that vary: dx'/dx and b.
def step(q, x, u, y, w):
    count = x.shape[0]
    for v in range(count):
        a, b = at(q[0], v, count), at(q[1], v, count)
        y[v, 0] = 1.0 - a * x[v, 0] * x[v, 0] + x[v, 1]
        y[v, 1] = b * x[v, 0]
        w[v, 0] = -2.0 * a * x[v, 0]
        w[v, 1] = b


def push(q, w, V, A, Z):
    block = V.shape[0] // w.shape[0]
    for v in range(V.shape[0]):
        r = v // block
        Z[v, 0] = w[r, 0] * V[v, 0] + V[v, 1]
        Z[v, 1] = w[r, 1] * V[v, 0]


def pull(q, w, G, A, H):
    block = G.shape[0] // w.shape[0]
    for v in range(G.shape[0]):
        r = v // block
        A[v, 0], A[v, 1] = G[v, 0], G[v, 1]
        H[v, 0] = w[r, 0] * G[v, 0] + w[r, 1] * G[v, 1]
        H[v, 1] = G[v, 0]


def grad(p, x, u, w, A, dp):
    count = x.shape[0]
    da, db = dp
    for v in range(count):
        da[v * da.shape[0] // count] -= A[v, 0] * x[v, 0] * x[v, 0]
        db[v * db.shape[0] // count] += A[v, 1] * x[v, 0]


def fixed_point(a: float, b: float, sign: int) -> tuple[float, float]:
    """Return one of the two solutions of x = 1 - a x² + b x, y = b x."""
    x = (b - 1.0 + sign * math.sqrt((1.0 - b) ** 2 + 4.0 * a)) / (2.0 * a)
    return x, b * x


def bounds(p, u):
    """A box somewhat larger than the two roots of a x² + (1 - b) x = 1, y = b x."""
    a, b = abs(float(p[0][0])), float(p[1][0])
    # For a = 0 one root is left (none for b = 1).
    root = (abs(1.0 - b) + math.sqrt((1.0 - b) ** 2 + 4.0 * a)) / (2.0 * a) if a else 1.0 / (abs(1.0 - b) or 1.0)
    high = np.array([1.0 + 1.5 * root, 1.0 + 1.5 * abs(b) * root])
    return -high, high


CARD = Card(
    title="Hénon map",
    equation=r"x_{t+1} = 1 - a x_t^2 + y_t, \quad y_{t+1} = b\, x_t",
    equation_text="x' = 1 - a x^2 + y, y' = b x",
    reference="M. Hénon, A two-dimensional mapping with a strange attractor,"
    " Communications in Mathematical Physics 50 (1976) 69-77.",
    state=("x", "y"),
    size=2,
    bounds=bounds,
    view=((-1.6, -0.5), (1.6, 0.5)),
    start=(0.1, 0.1),
    parameters=(
        Parameter("a", (), (0.0, 1.6), 1.4, tex="a", about="how strongly the plane is folded"),
        Parameter("b", (), (-0.5, 0.5), 0.3, tex="b", about="area left after a step"),
    ),
    presets={
        "settling": Preset({"a": 0.2}, "One fixed point attracts.", "fixed point", stable=1),
        "two-cycle": Preset({"a": 0.7}, "The orbit alternates between two places.", "cycle", stable=0, period=2),
        "four-cycle": Preset({"a": 1.0}, "The two-cycle has doubled its period.", "cycle", stable=0, period=4),
        "seven-cycle": Preset({"a": 1.25}, "A window of order amid chaos.", "cycle", stable=0, period=7),
        "chaos": Preset({"a": 1.4}, "Hénon's strange attractor.", "chaos", stable=0),
        "divergent": Preset({"a": 1.5}, "The attractor has broken up: orbits escape.", "divergent", stable=0),
    },
    known=(
        KnownValue("exponents", (0.41922, -1.62319), 1e-3, steps=1_000_000, source="literature"),
        KnownValue("sum", (math.log(0.3),), 1e-10, steps=1_000_000, source="exact: log b"),
        KnownValue("kaplan_yorke", (1.2583,), 1e-3, steps=1_000_000, source="literature"),
        KnownValue(
            "fixed_points", (fixed_point(1.4, 0.3, -1), fixed_point(1.4, 0.3, 1)), 1e-9, source="exact: a quadratic"
        ),
    ),
)

CELL = Cell("henon", step=step, push=push, pull=pull, grad=grad, size=(2, 2, 2), card=CARD)
