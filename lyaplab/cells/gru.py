"""The gated recurrent unit: two gates say how much of the state is read, and how much of it is kept.

    r, z = sigmoid(W h + U x + b)                                    the reset gate and the update gate
    n    = tanh(r * (W_n h + b_n) + U_n x + b_in)                    the new content, reset after the product (PyTorch)
    n    = tanh(W_n (r * h) + b_n + U_n x + b_in)                    or before it (Cho et al.; Keras by a switch)
    h'   = (1 - z) * n + z * h

Both conventions are one formula: with the factors seen = 1, shown = r (after) or seen = r, shown = 1 (before),
n = tanh(shown * (W_n (seen * h) + b_n) + U_n x + b_in). The derivatives below are those of this formula.
"""

from __future__ import annotations

import math

from lyaplab.cells._gates import Stacked, add, drive, sigmoid_in_place, tanh_in_place, transposed
from lyaplab.kernel.algebra import affine, at, column_sums, gemm, outer, rows
from lyaplab.kernel.card import NETWORK, Card, KnownValue, Parameter, Preset
from lyaplab.kernel.cell import Cell
from lyaplab.kernel.compile import inline

# From here on one matrix for all gates pays, when as many tangents as units are pushed.
_FOLDED = 6


def size(p):
    n = p[0].shape[-1]
    return n, 8 * n, 5 * n


def prepare(p):
    """Split what belongs to the gates r and z from what belongs to the new content."""
    W, U, b, b_n, reset_after = p
    n = W.shape[-1]
    gates, new = W[..., : 2 * n, :].copy(), W[..., 2 * n :, :].copy()
    inputs = U[..., : 2 * n, :].copy(), U[..., 2 * n :, :].copy()
    biases = b[..., : 2 * n].copy(), b[..., 2 * n :].copy()
    by_state = gates, transposed(gates), new, transposed(new)
    return *by_state, *inputs, *biases, b_n, reset_after, U, transposed(U)


# w holds, n columns each:
#   0  seen     factor of h inside W_n: 1 or r
#   1  crossed  d(seen h)/d(pre-activation of r): 0 or h r'
#   2  by_r     dh'/d(pre-activation of r), without the way through W_n
#   3  by_z     dh'/d(pre-activation of z)
#   4  by_n     dh'/d(W_n seen h)
#   5  z        share of h that is kept
#   6  by_x     dh'/d(pre-activation of n)
#   7  read     seen h, which W_n reads
def step(q, x, u, y, w):
    gates, gatesT, new, newT, U, U_n, b, b_in, b_n, after, _, _ = q
    count, n = x.shape
    affine(x, gates, gatesT, u, U, b, w[:, 2 * n : 4 * n])
    for v in range(count):
        _open(w[v], x[v], at(after, v, count) > 0.5)
    rows(w[:, 7 * n :], new, newT, w[:, 4 * n : 5 * n])
    add(b_n, w[:, 4 * n : 5 * n])
    drive(u, U_n, b_in, y)
    for v in range(count):
        _renew(w[v], x[v], y[v])


@inline
def _open(s, h, after):
    """From the pre-activations of r and z: the gates, and what W_n reads. Columns 2, 3 get slopes, column 6 shown."""
    n = h.shape[0]
    sigmoid_in_place(s[2 * n : 4 * n], s[: 2 * n])
    for i in range(n):
        r, z = s[2 * n + i], s[3 * n + i]
        r_slope, z_slope = s[i], s[n + i]
        s[i] = 1.0 if after else r
        s[n + i] = 0.0 if after else h[i] * r_slope
        s[2 * n + i] = r_slope if after else 0.0
        s[3 * n + i] = z_slope
        s[5 * n + i] = z
        s[6 * n + i] = r if after else 1.0
        s[7 * n + i] = s[i] * h[i]


@inline
def _renew(s, h, y):
    """From U_n x + b_in in y and what W_n gave: the next state, and the derivatives."""
    n = h.shape[0]
    for i in range(n):
        y[i] += s[6 * n + i] * s[4 * n + i]
        s[2 * n + i] *= s[4 * n + i]
        s[4 * n + i] = s[6 * n + i]
    # The content replaces its pre-activation in y, and its slope the factor shown.
    tanh_in_place(y, s[6 * n : 7 * n])
    for i in range(n):
        z, content = s[5 * n + i], y[i]
        by_x = (1.0 - z) * s[6 * n + i]
        s[2 * n + i] *= by_x
        s[3 * n + i] *= h[i] - content
        s[4 * n + i] *= by_x
        s[6 * n + i] = by_x
        y[i] = (1.0 - z) * content + z * h[i]


def push(q, w, V, A, Z):
    gates, gatesT, new, newT, after = q[0], q[1], q[2], q[3], q[9]
    n = V.shape[1]
    if V.shape[0] < w.shape[0] * n or n < _FOLDED:
        _push_through(gates, gatesT, new, newT, w, V, A, Z)
    else:
        _push_folded(gates, gatesT, new, newT, after, w, V, A, Z)


@inline
def _push_through(gates, gatesT, new, newT, w, V, A, Z):
    """Z = J V by one product for the gates and one for the new content."""
    n = V.shape[1]
    block = V.shape[0] // w.shape[0]
    rows(V, gates, gatesT, A[:, : 2 * n])
    for v in range(V.shape[0]):
        s, a = w[v // block], A[v]
        for i in range(n):
            a[3 * n + i] = s[i] * V[v, i] + s[n + i] * a[i]
    rows(A[:, 3 * n : 4 * n], new, newT, A[:, 2 * n : 3 * n])
    for v in range(V.shape[0]):
        s, a = w[v // block], A[v]
        for i in range(n):
            gated = s[2 * n + i] * a[i] + s[3 * n + i] * a[n + i] + s[4 * n + i] * a[2 * n + i]
            Z[v, i] = gated + s[5 * n + i] * V[v, i]


@inline
def _push_folded(gates, gatesT, new, newT, after, w, V, A, Z):
    """Z = J V with the transposed Jacobian of every state built in A: one product for all its tangents."""
    n = V.shape[1]
    block = V.shape[0] // w.shape[0]
    if gates.ndim == 3:
        _push_through(gates, gatesT, new, newT, w, V, A, Z)
    else:
        for r in range(w.shape[0]):
            first, last = r * block, (r + 1) * block
            a = A[first:last]
            if at(after, r, w.shape[0]) > 0.5:
                _fold(w[r], gatesT, newT, a)
            else:
                _see(w[r], gatesT, a[:, n : 2 * n])
                gemm(a[:n, n : 2 * n], newT, a[:n, 2 * n : 3 * n])
                _fold(w[r], gatesT, a[:, 2 * n : 3 * n], a)
            gemm(V[first:last], a[:n, :n], Z[first:last])


@inline
def _see(s, gatesT, A):
    """Build what the new content sees of a tangent, seen v + crossed W_r v, as a transposed matrix in A."""
    n = gatesT.shape[0]
    for i in range(n):
        for j in range(n):
            A[i, j] = s[n + j] * gatesT[i, j]
        A[i, i] += s[i]


@inline
def _fold(s, gatesT, newT, A):
    """Build the transposed Jacobian in the first n rows and columns of A."""
    n = gatesT.shape[0]
    for i in range(n):
        row, gate, content = A[i], gatesT[i], newT[i]
        for j in range(n):
            gated = s[2 * n + j] * gate[j] + s[3 * n + j] * gate[n + j]
            row[j] = gated + s[4 * n + j] * content[j]
        row[i] += s[5 * n + i]


# A holds the adjoints of: the pre-activations of r, z and n, W_n seen h, seen h.
def pull(q, w, G, A, H):
    n = G.shape[1]
    block = G.shape[0] // w.shape[0]
    for v in range(G.shape[0]):
        s, a = w[v // block], A[v]
        for i in range(n):
            a[n + i] = s[3 * n + i] * G[v, i]
            a[2 * n + i] = s[6 * n + i] * G[v, i]
            a[3 * n + i] = s[4 * n + i] * G[v, i]
    rows(A[:, 3 * n : 4 * n], q[3], q[2], A[:, 4 * n :])
    for v in range(G.shape[0]):
        s, a = w[v // block], A[v]
        for i in range(n):
            a[i] = s[2 * n + i] * G[v, i] + s[n + i] * a[4 * n + i]
    rows(A[:, : 2 * n], q[1], q[0], H)
    for v in range(G.shape[0]):
        s, a = w[v // block], A[v]
        for i in range(n):
            H[v, i] += s[i] * a[4 * n + i] + s[5 * n + i] * G[v, i]


def grad(p, x, u, w, A, dp):
    dW, dU, db, db_n, _ = dp
    n = x.shape[1]
    driven, product = A[:, : 3 * n], A[:, 3 * n : 4 * n]
    outer(A[:, : 2 * n], x, dW[: 2 * n])
    outer(product, w[:, 7 * n :], dW[2 * n :])
    outer(driven, u, dU)
    column_sums(driven, db)
    column_sums(product, db_n)


def push_inputs(q, w, V, A, Z):
    n = Z.shape[1]
    block = V.shape[0] // w.shape[0]
    rows(V, q[10], q[11], A[:, : 3 * n])
    for v in range(V.shape[0]):
        s, a = w[v // block], A[v]
        for i in range(n):
            a[4 * n + i] = s[n + i] * a[i]
            Z[v, i] += s[2 * n + i] * a[i] + s[3 * n + i] * a[n + i] + s[6 * n + i] * a[2 * n + i]
    # The way through W_n is there where the reset acts before it.
    rows(A[:, 4 * n :], q[2], q[3], A[:, 3 * n : 4 * n])
    for v in range(V.shape[0]):
        for i in range(n):
            Z[v, i] += w[v // block, 4 * n + i] * A[v, 3 * n + i]


def pull_inputs(q, w, G, A, H):
    rows(A[:, : 3 * G.shape[1]], q[11], q[10], H)


# Weights of the gates r and z of two units that stay half open.
_HALF_OPEN = [[0.0, 0.0]] * 4
# Chaos in small gated networks: T. Laurent and J. von Brecht, A recurrent neural network without chaos (2017).
_TURBULENT = [[0.0, 1.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [-5.0, -8.0], [8.0, 5.0]]
# Slope of tanh(2 h) at the root of h = tanh(2 h).
_SLOPE = 2.0 * (1.0 - 0.9575040240772687**2)

CARD = Card(
    title="gated recurrent unit (GRU)",
    equation=r"r, z = \sigma(W h_t + U x_t + b), \quad"
    r" n = \tanh(r \odot (W_n h_t + b_n) + U_n x_t + b_{in}), \quad h_{t+1} = (1 - z) \odot n + z \odot h_t",
    equation_text="r, z = sigmoid(W h + U x + b), n = tanh(r (W_n h + b_n) + U_n x + b_in), h' = (1 - z) n + z h",
    reference="K. Cho et al., Learning phrase representations using RNN encoder-decoder for statistical machine"
    " translation, EMNLP (2014) 1724-1734.",
    state=("h",),
    bounds=(-1.0, 1.0),
    view=(-1.2, 1.2),
    parameters=(
        Stacked(
            "W", ("3*n", "n"), (-9.0, 9.0), tex="w", blocks=("r", "z", "n"),
            about="weight of the connection from unit j to gate or content of unit i",
        ),
        Stacked(
            "U", ("3*n", "m"), (-3.0, 3.0), tex="u", blocks=("r", "z", "n"), about="weight of input j likewise"
        ),
        Stacked("b", ("3*n",), (-6.0, 6.0), tex="b", blocks=("r", "z", "in"), about="bias of gate or content of i"),
        Parameter("b_n", ("n",), (-3.0, 3.0), tex="b_n", about="bias of the content of unit i beside W_n h"),
        Parameter(
            "reset_after", (), (0, 1), 1, tex="after", limits=(0, 1), integer=True, trainable=False,
            about="where the reset gate acts: 1 after the product W_n h (PyTorch), 0 before it (Cho et al.)",
        ),
    ),
    hyper=NETWORK,
    presets={
        "unit-settling": Preset(
            {"w_n": 1.0}, "The unit excites itself too little.", "fixed point", stable=1, start=(0.9,)
        ),
        "unit-bistable": Preset(
            {"w_n": 4.0}, "The unit keeps the sign it started with.", "fixed point", stable=2, start=(0.1,)
        ),
        "unit-slow": Preset(
            {"w_n": 1.0, "b_z": 4.0}, "98 % is kept at every step.", "fixed point", stable=1, start=(0.9,)
        ),
        "unit-two-cycle": Preset(
            {"w_n": -8.0}, "The unit inhibits itself: its sign changes.", "cycle", stable=0, period=2, start=(0.1,)
        ),
        "unit-chaos": Preset(
            {"w_z": 6.0, "w_n": -4.0, "b_r": 1.0, "b_z": -2.0, "b_in": -1.0},
            "A gate that closes when the unit is active is enough for chaos in a single unit.",
            "chaos", stable=0, start=(0.1,),
        ),
        "winner-take-all": Preset(
            {"W": [*_HALF_OPEN, [3.0, -2.0], [-2.0, 3.0]]}, "The units inhibit each other: one stays alone.",
            "fixed point", stable=2, start=(0.5, 0.45),
        ),
        "four-attractors": Preset(
            {"W": [*_HALF_OPEN, [4.0, 0.4], [0.4, 4.0]]}, "Two almost independent switches: four resting places.",
            "fixed point", stable=4, start=(-0.25, 0.5),
        ),
        "invariant-circle": Preset(
            {"W": [*_HALF_OPEN, [1.0, -5.0], [5.0, 1.0]]}, "The orbit goes round and never repeats itself.",
            "quasi-periodic", stable=0, start=(0.1, 0.0),
        ),
        "chaos": Preset(
            {"W": _TURBULENT, "reset_after": 0}, "Two units without any bias, and chaos: the reset acts before W_n.",
            "chaos", stable=0, start=(0.3, 0.3),
        ),
        "six-cycle": Preset(
            {"W": _TURBULENT}, "The same with the reset after W_n.", "cycle", stable=0, period=6, start=(0.3, 0.3)
        ),
    },
    known=(
        KnownValue("exponents", (math.log(0.5),) * 2, 1e-12, {"W": [[0.0, 0.0]] * 6}, source="exact: z = 1/2"),
        KnownValue(
            "exponents", (-math.log1p(math.exp(-4.0)),), 1e-12, {"w_n": 0.0, "b_z": 4.0}, source="exact: log sigmoid(4)"
        ),
        KnownValue("exponents", (math.log(0.75),), 1e-8, {"w_n": 1.0}, source="exact: log(1/2 + w/4)"),
        KnownValue(
            "fixed_points", ((-0.9575040241,), (0.0,), (0.9575040241,)), 1e-8, {"w_n": 4.0},
            source="exact root of h = tanh(2 h): r = 1/2",
        ),
        KnownValue(
            "exponents", (math.log(0.5 + 0.5 * _SLOPE),), 1e-8, {"w_n": 4.0},
            source="exact: there it is a leaky unit with a = 1/2 and w = 2",
        ),
        KnownValue(
            "fixed_points", ((math.tanh(0.9),),), 1e-9, {"w_n": 0.0, "b_in": 0.5, "b_n": 0.8},
            source="exact: tanh(b_in + r b_n)",
        ),
        KnownValue(
            "fixed_points", ((math.tanh(0.5 + 0.8),),), 1e-9,
            {"w_n": 0.0, "b_in": 0.5, "b_n": 0.8, "reset_after": 0}, source="exact: tanh(b_in + b_n)",
        ),
    ),
)  # fmt: skip

CELL = Cell(
    "gru", step=step, push=push, pull=pull, grad=grad, push_inputs=push_inputs, pull_inputs=pull_inputs,
    size=size, prepare=prepare, card=CARD,
)  # fmt: skip
