"""The antisymmetric network h' = h + eps tanh((W - W^T - gamma 1) h + U x + b): exponents near zero by construction."""

from __future__ import annotations

import math

import numpy as np

from lyaplab.cells._euler import identity, per_matrix
from lyaplab.kernel.algebra import affine, at, column_sums, outer, rows, scale
from lyaplab.kernel.card import NETWORK, Card, KnownValue, Parameter, Preset
from lyaplab.kernel.cell import Cell
from lyaplab.kernel.compile import inline
from lyaplab.kernel.squash import tanh_rows


def size(p):
    n = p[0].shape[-1]
    return n, n, 2 * n


def prepare(p):
    W, U, b, gamma, eps = p
    M = W - W.swapaxes(-1, -2) - per_matrix(gamma) * identity(W)
    return M, M.swapaxes(-1, -2).copy(), U, b, eps


@inline
def add_rows(X, Y):
    """Y += X, rows of Y belonging to the rows of X one by one."""
    for v in range(Y.shape[0]):
        for i in range(Y.shape[1]):
            Y[v, i] += X[v, i]


# w holds eps times the slopes of tanh.
def step(q, x, u, y, w):
    M, MT, U, b, eps = q
    count = x.shape[0]
    affine(x, M, MT, u, U, b, y)
    tanh_rows(y, w)
    for v in range(count):
        length = at(eps, v, count)
        for i in range(x.shape[1]):
            y[v, i] = x[v, i] + length * y[v, i]
            w[v, i] *= length


def push(q, w, V, A, Z):
    rows(V, q[0], q[1], Z)
    scale(w, Z, Z)
    add_rows(V, Z)


# A keeps the adjoint at the pre-activation, and its negative for the transposed half of the gradient.
def pull(q, w, G, A, H):
    n = G.shape[1]
    scale(w, G, A[:, :n])
    rows(A[:, :n], q[1], q[0], H)
    for v in range(G.shape[0]):
        for i in range(n):
            A[v, n + i] = -A[v, i]
            H[v, i] += G[v, i]


def grad(p, x, u, w, A, dp):
    dW, dU, db, _, _ = dp
    n = x.shape[1]
    outer(A[:, :n], x, dW)
    outer(x, A[:, n:], dW)
    outer(A[:, :n], u, dU)
    column_sums(A[:, :n], db)


def bounds(p, u):
    """At a fixed point (gamma 1 - W + W^T) h = U u + b, and so gamma |h| <= |U u + b|."""
    _, U, b, gamma, _ = p
    if gamma[0] < 1e-6:
        return None
    reach = np.full(len(b), 0.1 + 1.01 * np.linalg.norm(U @ u + b) / gamma[0])
    return -reach, reach


def upper(n):
    """W has n (n - 1)/2 free entries, those above the diagonal: the rest would only repeat them."""
    return np.triu(np.ones((n, n), dtype=bool), 1)


_SPIRAL = {"W": [[0.0, 1.0], [0.0, 0.0]], "gamma": 0.5, "eps": 0.5}

CARD = Card(
    title="antisymmetric network",
    equation=r"h_{t+1} = h_t + \varepsilon \tanh((W - W^\top - \gamma 1) h_t + U x_t + b)",
    equation_text="h' = h + eps tanh((W - W^T - gamma 1) h + U x + b)",
    reference="B. Chang, M. Chen, E. Haber and E. H. Chi, AntisymmetricRNN: a dynamical system view on recurrent neural"
    " networks, ICLR (2019).",
    state=("h",),
    bounds=bounds,
    view=(-3.5, 3.5),
    parameters=(
        Parameter(
            "W", ("n", "n"), (-4.0, 4.0), tex="w", mask=upper,
            about="weight from unit j to unit i, and its negative from i to j; only above the diagonal",
        ),
        Parameter("U", ("n", "m"), (-3.0, 3.0), tex="u", about="weight of input j to unit i"),
        Parameter("b", ("n",), (-1.5, 1.5), tex="b", about="bias of unit i"),
        Parameter(
            "gamma", (), (0.0, 1.0), 0.1, tex=r"\gamma", about="diffusion, which makes up for Euler's growth",
            limits=(0.0, None), trainable=False,
        ),
        Parameter(
            "eps", (), (0.01, 1.0), 0.1, tex=r"\varepsilon", about="length of a step",
            limits=(1e-6, None), trainable=False,
        ),
    ),
    hyper=NETWORK,
    presets={
        "settling": Preset(
            _SPIRAL, "Diffusion outweighs the growth of Euler's method: the orbit winds into its resting place.",
            "fixed point", stable=1, start=(2.5, 1.0),
        ),
        "invariant-circle": Preset(
            {"W": [[0.0, 1.2], [0.0, 0.0]], "gamma": 0.1, "eps": 0.6},
            "Too little diffusion for this step: the resting place repels, and the orbit goes round for ever.",
            "quasi-periodic", stable=0, start=(0.3, 0.0),
        ),
        "cycle": Preset(
            {"W": [[0.0, 3.1], [0.0, 0.0]], "b": [0.1, -0.1], "gamma": 0.9, "eps": 0.8},
            "Large steps lock the turn: eight places in turn.", "cycle", stable=0, period=8, start=(1.5, 0.0),
        ),
        "chaos": Preset(
            {
                "W": [[0.0, -1.6, -1.8], [0.0, 0.0, 0.4], [0.0, 0.0, 0.0]], "b": [0.2, 0.9, -0.2],
                "gamma": 1.0, "eps": 1.0,
            },
            "Steps too large for the differential equation behind: what is stable there is chaotic here.",
            "chaos", stable=0, start=(1.7, 0.4, -0.3),
        ),
    },
    known=(
        KnownValue(
            "exponents", (0.5 * math.log(0.8125),) * 2, 1e-9, _SPIRAL,
            source="exact: log|1 - eps gamma ± i eps w|, both, since the Jacobian is normal",
        ),
        KnownValue(
            "exponents", (math.log(0.9), math.log(0.9)), 1e-9, {"n": 2, "W": [[0.0, 0.0], [0.0, 0.0]], "gamma": 1.0},
            source="exact: log(1 - eps gamma)",
        ),
        KnownValue(
            "fixed_points", ((1.2, -0.4),), 1e-9, {**_SPIRAL, "b": [1.0, 1.0]},
            source="exact: (gamma 1 - W + W^T)^-1 b",
        ),
    ),
)  # fmt: skip

CELL = Cell("antisymmetric", step=step, push=push, pull=pull, grad=grad, size=size, prepare=prepare, card=CARD)
