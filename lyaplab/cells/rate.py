"""The rate network dh/dt = -h + W tanh(h) + U x + b, in Euler steps of length dt."""

from __future__ import annotations

import numpy as np

from lyaplab.kernel.algebra import affine, at, column_sums, copy, outer, rows, scale
from lyaplab.kernel.card import NETWORK, Card, KnownValue, Parameter, Preset
from lyaplab.kernel.cell import Cell
from lyaplab.kernel.compile import inline
from lyaplab.kernel.squash import tanh_beside


def size(p):
    n = p[0].shape[-1]
    return n, 2 * n, n


def prepare(p):
    W, U, b, dt = p
    return W, W.swapaxes(-1, -2).copy(), U, b, dt


@inline
def blend(dt, X, Y):
    """Y = (1 - dt) X + dt Y: the leak, and what comes in."""
    count = Y.shape[0]
    for v in range(count):
        share = at(dt, v, count)
        kept = 1.0 - share
        if Y.shape[1] == 2:
            # Without an inner loop, as in `affine`.
            Y[v, 0], Y[v, 1] = kept * X[v, 0] + share * Y[v, 0], kept * X[v, 1] + share * Y[v, 1]
        else:
            for i in range(Y.shape[1]):
                Y[v, i] = kept * X[v, i] + share * Y[v, i]


# w holds the slopes of tanh(h), then tanh(h).
def step(q, x, u, y, w):
    W, WT, U, b, dt = q
    rates = w[:, x.shape[1] :]
    copy(x, y)
    tanh_beside(y, w)
    copy(y, rates)
    affine(rates, W, WT, u, U, b, y)
    blend(dt, x, y)


def push(q, w, V, A, Z):
    scale(w[:, : V.shape[1]], V, A)
    rows(A, q[0], q[1], Z)
    blend(q[4], V, Z)


def pull(q, w, G, A, H):
    n, count = G.shape[1], G.shape[0]
    rows(G, q[1], q[0], H)
    scale(w[:, :n], H, H)
    blend(q[4], G, H)
    for v in range(count):
        share = at(q[4], v, count)
        for i in range(n):
            A[v, i] = share * G[v, i]


def grad(p, x, u, w, A, dp):
    dW, dU, db, _ = dp
    outer(A, w[:, x.shape[1] :], dW)
    outer(A, u, dU)
    column_sums(A, db)


def bounds(p, u):
    """|h_i| <= sum_j |W_ij| + |(U u + b)_i| at every fixed point, since |tanh| < 1."""
    W, U, b, _ = p
    reach = np.abs(W).sum(axis=-1) + np.abs(U @ u + b)
    return -reach, reach


CARD = Card(
    title="rate network",
    equation=r"\dot h = -h + W \tanh(h) + U x + b",
    equation_text="h' = (1 - dt) h + dt (W tanh(h) + U x + b)",
    reference="H. Sompolinsky, A. Crisanti and H. J. Sommers, Chaos in random neural networks,"
    " Physical Review Letters 61 (1988) 259-262.",
    state=("h",),
    bounds=bounds,
    view=(-3.0, 3.0),
    time_step="dt",
    parameters=(
        Parameter("W", ("n", "n"), (-4.0, 4.0), tex="w", about="weight of the connection from unit j to unit i"),
        Parameter("U", ("n", "m"), (-3.0, 3.0), tex="u", about="weight of input j to unit i"),
        Parameter("b", ("n",), (-1.5, 1.5), tex="b", about="bias of unit i"),
        Parameter(
            "dt", (), (0.01, 0.5), 0.1, unit="time constants", tex=r"\mathrm{d}t", about="time step of Euler's method",
            limits=(1e-6, 1.0), trainable=False,
        ),
    ),
    hyper=NETWORK,
    presets={
        "unit-settling": Preset(
            {"w": 0.5}, "The unit excites itself too little: it comes to rest at 0.",
            "fixed point", stable=1, start=(2.0,),
        ),
        "unit-bistable": Preset(
            {"w": 2.0}, "The unit excites itself and keeps the sign it started with.",
            "fixed point", stable=2, start=(0.1,),
        ),
        "settling": Preset(
            {"W": [[0.5, -1.5], [1.5, 0.5]]}, "One resting place; the orbit winds into it.",
            "fixed point", stable=1, start=(2.0, 1.5),
        ),
        "bistable": Preset(
            {"W": [[1.4, 0.6], [0.6, 1.0]]},
            "Both units excite each other: both high or both low, and a saddle between.",
            "fixed point", stable=2, start=(-1.5, 1.2),
        ),
        "three-attractors": Preset(
            {"W": [[1.8, -0.4], [-0.4, 1.8]], "b": [0.3, 0.3]},
            "Three resting places, kept apart by two saddles.", "fixed point", stable=3, start=(-0.6, 0.5),
        ),
        "four-attractors": Preset(
            {"W": [[1.8, 0.2], [0.2, 1.8]]}, "Two almost independent switches: four resting places.",
            "fixed point", stable=4, start=(-0.4, 1.0),
        ),
        "limit-cycle": Preset(
            {"W": [[1.6, -1.5], [1.5, 1.6]]}, "The units chase each other round a cycle; no place to rest.",
            "cycle", stable=0, start=(0.2, 0.1),
        ),
        "network-cycle": Preset(
            {"n": 64, "gain": 1.5, "seed": 0}, "64 random units go round one closed curve in their space.", "cycle",
        ),
        "network-settling": Preset(
            {"n": 64, "gain": 0.9, "seed": 0}, "Weights too weak to keep anything up: all 64 units come to rest.",
            "fixed point", stable=1,
        ),
        "network-chaos": Preset(
            {"n": 64, "gain": 2.5, "seed": 6}, "64 random units wander about and never repeat themselves.", "chaos",
        ),
    },
    known=(
        KnownValue(
            "fixed_points", ((-1.9150080482,), (0.0,), (1.9150080482,)), 1e-8, {"w": 2.0},
            source="exact root of h = 2 tanh(h)",
        ),
        KnownValue(
            "exponents", (-0.8339755732,), 1e-8, {"w": 2.0, "dt": 0.001}, 20_000, 50_000,
            source="exact: log(1 + dt s)/dt with s = -1 + 2 sech(h)^2 at the root",
        ),
    ),
)  # fmt: skip

CELL = Cell("rate", step=step, push=push, pull=pull, grad=grad, size=size, prepare=prepare, card=CARD)
