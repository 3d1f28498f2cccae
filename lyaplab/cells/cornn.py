"""The coupled oscillatory network: y'' = tanh(W y + Wz y' + U x + b) - gamma y - epsilon y', in steps of dt."""

from __future__ import annotations

import math

import numpy as np

from lyaplab.kernel.algebra import affine, at, column_sums, outer, rows
from lyaplab.kernel.card import NETWORK, Card, KnownValue, Parameter, Preset
from lyaplab.kernel.cell import Cell
from lyaplab.kernel.squash import tanh_slope


def size(p):
    n = p[0].shape[-1]
    return 2 * n, n, n


def prepare(p):
    W, Wz, U, b, gamma, epsilon, dt = p
    both = np.concatenate([W, Wz], axis=-1)
    return both, both.swapaxes(-1, -2).copy(), U, b, gamma, epsilon, dt


# The state is y, then z; w holds dt times the slopes of tanh. As in the authors' code, y moves with the new z.
def step(q, x, u, y, w):
    R, RT, U, b, gamma, epsilon, dt = q
    count, n = w.shape
    affine(x, R, RT, u, U, b, w)
    for v in range(count):
        pull_back, damping, length = at(gamma, v, count), at(epsilon, v, count), at(dt, v, count)
        for i in range(n):
            force, slope = tanh_slope(w[v, i])
            speed = x[v, n + i] + length * (force - pull_back * x[v, i] - damping * x[v, n + i])
            y[v, i] = x[v, i] + length * speed
            y[v, n + i] = speed
            w[v, i] = length * slope


def push(q, w, V, A, Z):
    count, n = V.shape[0], w.shape[1]
    block = count // w.shape[0]
    rows(V, q[0], q[1], A)
    for v in range(count):
        pull_back, damping, length = at(q[4], v, count), at(q[5], v, count), at(q[6], v, count)
        for i in range(n):
            speed = V[v, n + i] - length * (pull_back * V[v, i] + damping * V[v, n + i]) + w[v // block, i] * A[v, i]
            Z[v, i] = V[v, i] + length * speed
            Z[v, n + i] = speed


def pull(q, w, G, A, H):
    count, n = G.shape[0], w.shape[1]
    block = count // w.shape[0]
    for v in range(count):
        length = at(q[6], v, count)
        for i in range(n):
            A[v, i] = w[v // block, i] * (G[v, n + i] + length * G[v, i])
    rows(A, q[1], q[0], H)
    for v in range(count):
        pull_back, damping, length = at(q[4], v, count), at(q[5], v, count), at(q[6], v, count)
        for i in range(n):
            speed = G[v, n + i] + length * G[v, i]
            H[v, i] += G[v, i] - length * pull_back * speed
            H[v, n + i] += speed - length * damping * speed


def grad(p, x, u, w, A, dp):
    dW, dWz, dU, db = dp[0], dp[1], dp[2], dp[3]
    n = A.shape[1]
    outer(A, x[:, :n], dW)
    outer(A, x[:, n:], dWz)
    outer(A, u, dU)
    column_sums(A, db)


def bounds(p, u):
    """At a fixed point z = 0 and gamma y = tanh(...), and so |y| <= 1/gamma."""
    gamma, n = p[4][0], p[0].shape[-1]
    if gamma < 1e-3:
        return None
    reach = np.repeat([1.0 / gamma, 1.0], n)
    return -reach, reach


_RINGING = {"w": 0.5, "gamma": 1.0, "epsilon": 0.2}
_HIGH = 0.9575040241

CARD = Card(
    title="coupled oscillatory network",
    equation=r"\ddot y = \tanh(W y + W_z \dot y + U x + b) - \gamma y - \epsilon \dot y",
    equation_text="z' = z + dt (tanh(W y + Wz z + U x + b) - gamma y - epsilon z), y' = y + dt z'",
    reference="T. K. Rusch and S. Mishra, Coupled oscillatory recurrent neural network (coRNN): an accurate and"
    " (gradient) stable architecture for learning long time dependencies, ICLR (2021).",
    state=("y", "z"),
    bounds=bounds,
    view=(-3.0, 3.0),
    parameters=(
        Parameter("W", ("n", "n"), (-4.0, 4.0), tex="w", about="weight from the position of unit j to unit i"),
        Parameter("Wz", ("n", "n"), (-4.0, 4.0), tex="w^z", about="weight from the velocity of unit j to unit i"),
        Parameter("U", ("n", "m"), (-3.0, 3.0), tex="u", about="weight of input j to unit i"),
        Parameter("b", ("n",), (-1.5, 1.5), tex="b", about="bias of unit i"),
        Parameter(
            "gamma", (), (0.1, 10.0), 1.0, tex=r"\gamma", about="stiffness: the square of the frequency",
            limits=(0.0, None), trainable=False,
        ),
        Parameter(
            "epsilon", (), (0.0, 10.0), 1.0, tex=r"\epsilon", about="damping", limits=(0.0, None), trainable=False,
        ),
        Parameter(
            "dt", (), (0.01, 0.5), 0.1, tex=r"\mathrm{d}t", about="length of a step", limits=(1e-6, None),
            trainable=False,
        ),
    ),
    hyper=NETWORK,
    presets={
        "ringing": Preset(
            _RINGING, "One oscillator with a little damping: it swings, and comes to rest.",
            "fixed point", stable=1, start=(2.0, 0.0),
        ),
        "bistable": Preset(
            {"w": 2.0, "gamma": 1.0, "epsilon": 0.5}, "The unit pulls itself away from 0, to one side or the other.",
            "fixed point", stable=2, start=(0.1, 0.0),
        ),
        "self-sustained": Preset(
            {"w": 0.0, "wz": 1.2, "gamma": 0.9, "epsilon": 0.3},
            "Feedback of the velocity outweighs the damping: it swings for ever.",
            "quasi-periodic", stable=0, start=(0.3, 0.0),
        ),
        "chaos": Preset(
            {
                "W": [[1.1, 3.7], [3.9, -4.0]], "Wz": [[-3.2, 0.2], [3.0, 2.3]], "gamma": 1.4, "epsilon": 0.1,
                "dt": 0.2,
            },
            "Two oscillators that drive each other's velocity.", "chaos", start=(0.1, 0.1, 0.0, 0.0),
        ),
    },
    known=(
        KnownValue(
            "sum", (math.log(1.0 - 0.1 * 0.2),), 1e-10, _RINGING, source="exact: the determinant is 1 - dt epsilon"
        ),
        KnownValue(
            "exponents", (0.5 * math.log(1.0 - 0.1 * 0.2),) * 2, 1e-3, _RINGING,
            source="exact: a complex pair of eigenvalues with that product, reached as 1/T",
        ),
        KnownValue(
            "sum", (2.0 * math.log(1.0 - 0.1 * 0.5),), 1e-9,
            {"W": [[0.0, 3.0], [-3.0, 0.0]], "gamma": 1.0, "epsilon": 0.5},
            source="exact: n log(1 - dt epsilon) without weights from velocities, whatever the orbit does",
        ),
        KnownValue(
            "fixed_points", ((-_HIGH, 0.0), (0.0, 0.0), (_HIGH, 0.0)), 1e-8,
            {"w": 2.0, "gamma": 1.0, "epsilon": 0.5}, source="exact root of y = tanh(2 y)",
        ),
    ),
)  # fmt: skip

CELL = Cell("cornn", step=step, push=push, pull=pull, grad=grad, size=size, prepare=prepare, card=CARD)
