"""The leaky network h' = (1 - a) h + a tanh(W h + U x + b): a share a of every unit is renewed at each step."""

from __future__ import annotations

import math

from lyaplab.cells._gates import transposed
from lyaplab.kernel.algebra import affine, at, column_sums, outer, rows
from lyaplab.kernel.card import NETWORK, Card, KnownValue, Parameter, Preset
from lyaplab.kernel.cell import Cell
from lyaplab.kernel.squash import tanh_beside


def size(p):
    n = p[0].shape[-1]
    return n, 2 * n, 2 * n


def prepare(p):
    W, U, b, a = p
    return W, transposed(W), U, b, a, transposed(U)


# w holds a times the slopes of tanh, then the way tanh - h that a share a is gone of.
def step(q, x, u, y, w):
    W, WT, U, b, a, _ = q
    count, n = x.shape
    affine(x, W, WT, u, U, b, y)
    tanh_beside(y, w)
    for v in range(count):
        share = at(a, v, count)
        for i in range(n):
            way = y[v, i] - x[v, i]
            w[v, i] *= share
            w[v, n + i] = way
            y[v, i] = x[v, i] + share * way


def push(q, w, V, A, Z):
    count, n = V.shape
    block = count // w.shape[0]
    rows(V, q[0], q[1], Z)
    for v in range(count):
        kept = 1.0 - at(q[4], v, count)
        for i in range(n):
            Z[v, i] = kept * V[v, i] + w[v // block, i] * Z[v, i]


# A holds the adjoint of the pre-activation, then that of the next state: the gradient of a wants it.
def pull(q, w, G, A, H):
    count, n = G.shape
    block = count // w.shape[0]
    for v in range(count):
        for i in range(n):
            A[v, i] = w[v // block, i] * G[v, i]
            A[v, n + i] = G[v, i]
    rows(A[:, :n], q[1], q[0], H)
    for v in range(count):
        kept = 1.0 - at(q[4], v, count)
        for i in range(n):
            H[v, i] += kept * G[v, i]


def push_inputs(q, w, V, A, Z):
    block = V.shape[0] // w.shape[0]
    rows(V, q[2], q[5], A[:, : Z.shape[1]])
    for v in range(Z.shape[0]):
        for i in range(Z.shape[1]):
            Z[v, i] += w[v // block, i] * A[v, i]


def pull_inputs(q, w, G, A, H):
    rows(A[:, : G.shape[1]], q[5], q[2], H)


def grad(p, x, u, w, A, dp):
    dW, dU, db, da = dp
    count, n = x.shape
    outer(A[:, :n], x, dW)
    outer(A[:, :n], u, dU)
    column_sums(A[:, :n], db)
    for v in range(count):
        for i in range(n):
            da[v * da.shape[0] // count] += A[v, n + i] * w[v, n + i]


# Slope of tanh(2 h) at the root of h = tanh(2 h).
_SLOPE = 2.0 * (1.0 - 0.9575040240772687**2)

CARD = Card(
    title="leaky network",
    equation=r"h_{t+1} = (1 - a) h_t + a \tanh(W h_t + U x_t + b)",
    equation_text="h' = (1 - a) h + a tanh(W h + U x + b)",
    reference="H. Jaeger, M. Lukoševičius, D. Popovici and U. Siewert, Optimization and applications of echo state"
    " networks with leaky-integrator neurons, Neural Networks 20 (2007) 335-352.",
    state=("h",),
    bounds=(-1.0, 1.0),
    view=(-1.2, 1.2),
    parameters=(
        Parameter("W", ("n", "n"), (-4.0, 4.0), tex="w", about="weight of the connection from unit j to unit i"),
        Parameter("U", ("n", "m"), (-3.0, 3.0), tex="u", about="weight of input j to unit i"),
        Parameter("b", ("n",), (-1.5, 1.5), tex="b", about="bias of unit i"),
        Parameter(
            "a", (), (0.01, 1.0), 0.3, tex="a", about="share of a unit that is renewed at every step",
            limits=(1e-6, 1.0),
        ),
    ),
    hyper=NETWORK,
    presets={
        "unit-settling": Preset(
            {"w": 0.8}, "The unit excites itself too little: it comes to rest at 0.",
            "fixed point", stable=1, start=(0.9,),
        ),
        "unit-bistable": Preset(
            {"w": 2.0}, "The unit excites itself and keeps the sign it started with.",
            "fixed point", stable=2, start=(0.1,),
        ),
        "unit-calm": Preset(
            {"w": -3.0, "a": 0.3}, "Strong inhibition, but only a small share is renewed: no swinging.",
            "fixed point", stable=1, start=(0.9,),
        ),
        "unit-two-cycle": Preset(
            {"w": -3.0, "a": 0.8}, "The same unit with most of it renewed: it changes its sign at every step.",
            "cycle", stable=0, period=2, start=(0.1,),
        ),
        "settling": Preset(
            {"W": [[0.7, -0.5], [0.5, 0.7]]}, "One resting place; the orbit winds into it.",
            "fixed point", stable=1, start=(0.9, 0.6),
        ),
        "bistable": Preset(
            {"W": [[1.4, 0.4], [0.4, 0.9]]},
            "Both units excite each other: both high or both low, and a saddle between.",
            "fixed point", stable=2, start=(-0.6, 0.9),
        ),
        "four-attractors": Preset(
            {"W": [[1.8, 0.2], [0.2, 1.8]]}, "Two almost independent switches: four resting places.",
            "fixed point", stable=4, start=(-0.25, 0.5),
        ),
        "invariant-circle": Preset(
            {"W": [[1.0, -3.0], [3.0, 1.0]]}, "The orbit goes round for ever and never comes back to the same place.",
            "quasi-periodic", stable=0, start=(0.1, 0.0),
        ),
        "chaos": Preset(
            {"W": [[-2.5, -4.0], [2.0, -3.5]], "b": [1.4, 0.4], "a": 0.8}, "Two units are enough for chaos.",
            "chaos", stable=0, start=(0.3, 0.3),
        ),
    },
    known=(
        KnownValue("exponents", (math.log(0.9),), 1e-8, {"w": 0.8, "a": 0.5}, source="exact: log(1 - a + a w)"),
        KnownValue(
            "exponents", (math.log(0.5 + 0.5 * _SLOPE),), 1e-8, {"w": 2.0, "a": 0.5},
            source="exact root of h = tanh(2 h), whatever the leak: log(1 - a + a 2 sech(2 h)^2)",
        ),
        KnownValue("exponents", (math.log(_SLOPE),), 1e-8, {"w": 2.0, "a": 1.0}, source="exact: without leak, tanh"),
        KnownValue(
            "fixed_points", ((-0.9575040241,), (0.0,), (0.9575040241,)), 1e-8, {"w": 2.0}, source="exact root"
        ),
    ),
)  # fmt: skip

CELL = Cell(
    "leaky", step=step, push=push, pull=pull, grad=grad, push_inputs=push_inputs, pull_inputs=pull_inputs,
    size=size, prepare=prepare, card=CARD,
)  # fmt: skip
