"""The piecewise-linear network z' = A z + W relu(z) + C u + h: its Jacobian is constant in every orthant."""

from __future__ import annotations

import math

from lyaplab.cells._piecewise import add_diagonal, entry, off_diagonal
from lyaplab.kernel.algebra import add_inputs, copy, outer, rows
from lyaplab.kernel.card import NETWORK, Card, KnownValue, Parameter, Preset
from lyaplab.kernel.cell import Cell


def size(p):
    n = p[0].shape[-1]
    return n, n, n


def inputs(p):
    return p[2].shape[-1]


def prepare(p):
    A, W, C, h = p
    return A, W, W.swapaxes(-1, -2).copy(), C, h


# w holds relu(z), which is above 0 where its slope is 1. Rows are short: what can share a loop over them does.
def step(q, x, u, y, w):
    a, W, WT, C, h = q
    count = x.shape[0]
    for v in range(count):
        for i in range(x.shape[1]):
            w[v, i] = 0.0 if x[v, i] <= 0.0 else x[v, i]
    rows(w, W, WT, y)
    for v in range(count):
        for i in range(x.shape[1]):
            y[v, i] += entry(a, v, count, i) * x[v, i] + entry(h, v, count, i)
    if u.shape[1] > 0:
        add_inputs(u, C, y)


def push(q, w, V, A, Z):
    block = V.shape[0] // w.shape[0]
    for v in range(V.shape[0]):
        for i in range(V.shape[1]):
            A[v, i] = 0.0 if w[v // block, i] <= 0.0 else V[v, i]
    rows(A, q[1], q[2], Z)
    add_diagonal(q[0], V, Z)


def pull(q, w, G, A, H):
    count, block = G.shape[0], G.shape[0] // w.shape[0]
    copy(G, A)
    rows(G, q[2], q[1], H)
    for v in range(count):
        for i in range(G.shape[1]):
            through = 0.0 if w[v // block, i] <= 0.0 else H[v, i]
            H[v, i] = through + entry(q[0], v, count, i) * G[v, i]


def grad(p, x, u, w, A, dp):
    da, dW, dC, dh = dp
    for v in range(x.shape[0]):
        for i in range(x.shape[1]):
            da[i] += A[v, i] * x[v, i]
            dh[i] += A[v, i]
    outer(A, w, dW)
    outer(A, u, dC)


CARD = Card(
    title="piecewise-linear network",
    equation=r"z_{t+1} = A z_t + W \max(z_t, 0) + C u_t + h",
    equation_text="z' = A z + W relu(z) + C u + h",
    reference="D. Durstewitz, A state space approach for piecewise-linear recurrent neural networks for identifying"
    " computational dynamics from neural measurements, PLoS Computational Biology 13 (2017) e1005542.",
    state=("z",),
    view=(-2.5, 2.5),
    parameters=(
        Parameter("A", ("n",), (-1.5, 1.5), 0.5, tex="a", about="diagonal of A: how much of unit i stays"),
        Parameter(
            "W", ("n", "n"), (-4.0, 4.0), tex="w", about="weight of the connection from unit j to unit i",
            mask=off_diagonal,
        ),
        Parameter("C", ("n", "m"), (-3.0, 3.0), tex="c", about="weight of input j to unit i"),
        Parameter("h", ("n",), (-2.0, 2.0), tex="h", about="bias of unit i"),
    ),
    hyper=NETWORK,
    presets={
        "winner-take-all": Preset(
            {"A": [0.5, 0.5], "W": [[0.0, -1.0], [-1.0, 0.0]], "h": [0.5, 0.5]},
            "The units inhibit each other: the one that leads at first stays alone.",
            "fixed point", stable=2, start=(0.5, 0.45),
        ),
        "spiral": Preset(
            {"A": [0.8, 0.8], "W": [[0.0, -0.4], [0.4, 0.0]], "h": [0.6, 0.0]},
            "Where both units are active the map is linear and turns: the orbit winds inwards.",
            "fixed point", stable=1, start=(2.2, 0.2),
        ),
        "line-attractor": Preset(
            {"A": [1.0, 0.5], "W": [[0.0, 0.0], [0.5, 0.0]]},
            "A unit that keeps all of itself: a line of resting places, a memory of the start.",
            "fixed point", stable=0, start=(1.3, -1.0),
        ),
        "rotation": Preset(
            {"A": [0.8, 0.8], "W": [[0.0, -0.6], [0.6, 0.0]], "h": [0.8, -0.4]},
            "Round a point where both units are active, a turn without growth: lengths stay, both exponents are 0.",
            "quasi-periodic", stable=0, start=(1.3, 1.0),
        ),
        "cycle": Preset(
            {"A": [0.4, -0.8], "W": [[0.0, -2.8], [1.1, 0.0]], "h": [0.4, -0.6]},
            "The orbit goes through two linear maps in turn, three states in all.",
            "cycle", stable=0, period=3, start=(0.1, 0.1),
        ),
        "chaos": Preset(
            {"A": [0.4, -0.8], "W": [[0.0, -2.8], [1.9, 0.0]], "h": [0.4, -1.0]},
            "Two units, and a map that is linear in each quarter of the plane: enough for chaos.",
            "chaos", stable=0, start=(0.1, 0.1),
        ),
        "growing": Preset(
            {"A": [0.5, 0.5], "W": [[0.0, 1.0], [1.0, 0.0]], "h": [0.5, 0.5]},
            "The units excite each other, and nothing saturates: no bound.", "divergent", stable=0, start=(0.1, 0.0),
        ),
    },
    known=(
        KnownValue(
            "fixed_points", ((-1.0, 1.0), (1.0 / 3.0, 1.0 / 3.0), (1.0, -1.0)), 1e-9,
            {"A": [0.5, 0.5], "W": [[0.0, -1.0], [-1.0, 0.0]], "h": [0.5, 0.5]},
            source="exact: (1 - A - W D)^-1 h in the orthant D",
        ),
        KnownValue(
            "exponents", (math.log(0.5), math.log(0.25)), 1e-9,
            {"A": [0.5, 0.25], "W": [[0.0, -1.0], [-1.0, 0.0]], "h": [0.5, 0.1]},
            source="exact: one unit is silent, so J = A where the orbit rests",
        ),
        KnownValue(
            "sum", (math.log(0.8),), 1e-9, {"A": [0.8, 0.8], "W": [[0.0, -0.4], [0.4, 0.0]], "h": [0.6, 0.0]},
            source="exact: log det(A + W) where both units are active",
        ),
        KnownValue(
            "exponents", (0.0, 0.0), 1e-12, {"preset": "rotation"},
            source="exact: A + W is orthogonal, and the orbit stays where both units are active",
        ),
    ),
)  # fmt: skip

CELL = Cell(
    "plrnn", step=step, push=push, pull=pull, grad=grad, size=size, prepare=prepare, inputs=inputs, card=CARD
)
