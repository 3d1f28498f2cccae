"""The Lipschitz network h' = h + eps (A h + tanh(W h + U x + b)), A and W between symmetric and antisymmetric."""

from __future__ import annotations

import math

import numpy as np

from lyaplab.cells._euler import identity, per_matrix
from lyaplab.kernel.algebra import affine, at, column_sums, outer, rows, scale
from lyaplab.kernel.card import NETWORK, Card, KnownValue, Parameter, Preset
from lyaplab.kernel.cell import Cell
from lyaplab.kernel.squash import tanh_rows


def size(p):
    n = p[0].shape[-1]
    return n, 2 * n, 4 * n


def between(M, beta, gamma):
    """(1 - beta)(M + M^T) + beta (M - M^T) - gamma 1: M less gamma at beta = 1/2, antisymmetric but for gamma at 1."""
    return M + (1.0 - 2.0 * per_matrix(beta)) * M.swapaxes(-1, -2) - per_matrix(gamma) * identity(M)


def prepare(p):
    M_A, M_W, U, b, beta_A, gamma_A, beta_W, gamma_W, eps = p
    # Both linear parts of a step in one matrix: 1 + eps A.
    E = identity(M_A) + per_matrix(eps) * between(M_A, beta_A, gamma_A)
    W = between(M_W, beta_W, gamma_W)
    return W, W.swapaxes(-1, -2).copy(), U, b, E, E.swapaxes(-1, -2).copy(), beta_A, beta_W, eps


# w holds tanh of the pre-activation, then eps times its slopes.
def step(q, x, u, y, w):
    W, WT, U, b, E, ET, _, _, eps = q
    n, count = x.shape[1], x.shape[0]
    affine(x, W, WT, u, U, b, w[:, :n])
    tanh_rows(w[:, :n], w[:, n:])
    rows(x, E, ET, y)
    for v in range(count):
        length = at(eps, v, count)
        for i in range(n):
            y[v, i] += length * w[v, i]
            w[v, n + i] *= length


def push(q, w, V, A, Z):
    n = V.shape[1]
    bent = A[:, :n]
    rows(V, q[0], q[1], bent)
    scale(w[:, n:], bent, bent)
    rows(V, q[4], q[5], Z)
    for v in range(V.shape[0]):
        for i in range(n):
            Z[v, i] += bent[v, i]


# A keeps the adjoint at W h, the same times 1 - 2 beta for M^T, and both for A h.
def pull(q, w, G, A, H):
    n, count = G.shape[1], G.shape[0]
    scale(w[:, n:], G, A[:, :n])
    rows(A[:, :n], q[1], q[0], A[:, n : 2 * n])
    rows(G, q[5], q[4], H)
    for v in range(count):
        length = at(q[8], v, count)
        back_W, back_A = 1.0 - 2.0 * at(q[7], v, count), 1.0 - 2.0 * at(q[6], v, count)
        for i in range(n):
            H[v, i] += A[v, n + i]
            A[v, n + i] = back_W * A[v, i]
            A[v, 2 * n + i] = length * G[v, i]
            A[v, 3 * n + i] = back_A * length * G[v, i]


def grad(p, x, u, w, A, dp):
    dM_A, dM_W, dU, db = dp[0], dp[1], dp[2], dp[3]
    n = x.shape[1]
    outer(A[:, :n], x, dM_W)
    outer(x, A[:, n : 2 * n], dM_W)
    outer(A[:, 2 * n : 3 * n], x, dM_A)
    outer(x, A[:, 3 * n :], dM_A)
    outer(A[:, :n], u, dU)
    column_sums(A[:, :n], db)


def bounds(p, u):
    """At a fixed point -A h = tanh(...), and so |h| <= sqrt(n)/mu where A + A^T has no eigenvalue above -2 mu < 0."""
    M_A, _, _, _, beta_A, gamma_A, _, _, _ = p
    A = between(M_A, beta_A, gamma_A)
    mu = -0.5 * np.linalg.eigvalsh(A + A.T).max()
    if mu < 1e-3:
        return None
    reach = np.full(len(A), math.sqrt(len(A)) / mu)
    return -reach, reach


_UNIT = {"M_A": [[0.0]], "M_W": [[2.0]], "beta_A": 0.5, "beta_W": 0.5, "gamma_A": 1.0, "gamma_W": 0.0, "eps": 0.5}
_SHARED = {"beta_A": 0.75, "beta_W": 0.75}
_HIGH = 0.9575040241

CARD = Card(
    title="Lipschitz network",
    equation=r"h_{t+1} = h_t + \varepsilon [A h_t + \tanh(W h_t + U x_t + b)]",
    equation_text="h' = h + eps (A h + tanh(W h + U x + b)), A of M_A and W of M_W",
    reference="N. B. Erichson, O. Azencot, A. Queiruga, L. Hodgkinson and M. W. Mahoney, Lipschitz recurrent neural"
    " networks, ICLR (2021).",
    state=("h",),
    bounds=bounds,
    view=(-2.5, 2.5),
    parameters=(
        Parameter(
            "M_A", ("n", "n"), (-4.0, 4.0), tex="m^A",
            about="what A is made of: A = (1 - beta)(M + M^T) + beta (M - M^T) - gamma 1",
        ),
        Parameter("M_W", ("n", "n"), (-4.0, 4.0), tex="m^W", about="what W is made of, in the same way"),
        Parameter("U", ("n", "m"), (-3.0, 3.0), tex="u", about="weight of input j to unit i"),
        Parameter("b", ("n",), (-1.5, 1.5), tex="b", about="bias of unit i"),
        Parameter(
            "beta_A", (), (0.5, 1.0), 0.75, tex=r"\beta_A", limits=(0.0, 1.0), trainable=False,
            about="share of the antisymmetric part in A: 1/2 is M_A itself, 1 is antisymmetric",
        ),
        Parameter(
            "gamma_A", (), (0.0, 2.0), 1.0, tex=r"\gamma_A", trainable=False, about="diffusion in A",
            limits=(0.0, None),
        ),
        Parameter(
            "beta_W", (), (0.5, 1.0), 0.75, tex=r"\beta_W", limits=(0.0, 1.0), trainable=False,
            about="share of the antisymmetric part in W: 1/2 is M_W itself, 1 is antisymmetric",
        ),
        Parameter(
            "gamma_W", (), (0.0, 2.0), 0.0, tex=r"\gamma_W", trainable=False, about="diffusion in W",
            limits=(0.0, None),
        ),
        Parameter(
            "eps", (), (0.01, 1.0), 0.1, tex=r"\varepsilon", about="length of a step", limits=(1e-6, None),
            trainable=False,
        ),
    ),
    hyper=NETWORK,
    presets={
        "unit-bistable": Preset(
            _UNIT, "The unit excites itself more than it leaks: it keeps the sign it started with.",
            "fixed point", stable=2, start=(0.1,),
        ),
        "settling": Preset(
            {"M_A": [[0.0, 0.0], [0.0, 0.0]], "M_W": [[0.5, -1.0], [1.0, 0.5]], "eps": 0.5, **_SHARED},
            "One resting place; the orbit winds into it.", "fixed point", stable=1, start=(2.0, 1.0),
        ),
        "invariant-circle": Preset(
            {"M_A": [[0.0, 0.0], [0.0, 0.0]], "M_W": [[2.5, -2.0], [2.0, 2.5]], "eps": 0.2, **_SHARED},
            "The units chase each other round a circle; no place to rest.",
            "quasi-periodic", stable=0, start=(0.2, 0.1),
        ),
        "chaos": Preset(
            {
                "M_A": [[0.4, 1.2], [0.5, -2.2]], "M_W": [[0.4, -3.9], [2.4, 1.0]], "beta_A": 0.7, "beta_W": 0.7,
                "gamma_A": 0.8, "eps": 0.9,
            },
            "Steps too large for the differential equation behind: two units are enough for chaos.",
            "chaos", stable=0, start=(0.3, 0.3),
        ),
    },
    known=(
        KnownValue("fixed_points", ((-_HIGH,), (0.0,), (_HIGH,)), 1e-8, _UNIT, source="exact root of h = tanh(2 h)"),
        KnownValue(
            "exponents", (math.log(0.5 + (1.0 - _HIGH**2)),), 1e-8, _UNIT,
            source="exact: log(1 + eps (2 sech(2 h)^2 - 1)) at the root",
        ),
        KnownValue(
            "exponents", (0.5 * math.log(0.7**2 + 0.2**2),) * 2, 1e-9,
            {"M_A": [[0.0, 1.0], [0.0, 0.0]], "M_W": [[0.0, 0.0], [0.0, 0.0]], "beta_A": 1.0, "gamma_A": 1.5,
             "eps": 0.2},
            source="exact: log|1 - eps gamma ± i eps|, a normal matrix",
        ),
    ),
)  # fmt: skip

CELL = Cell("lipschitz", step=step, push=push, pull=pull, grad=grad, size=size, prepare=prepare, card=CARD)
