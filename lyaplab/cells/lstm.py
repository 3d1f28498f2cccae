"""Long short-term memory: a memory c that gates write, keep and read. The state is h, then c: 2n exponents.

    i, f, o = sigmoid(W h + U x + b)         what is written, kept and shown
    g       = tanh(W_g h + U_g x + b_g)
    c'      = f * c + i * g
    h'      = o * tanh(c')

Products of gates are unit by unit. Rows of W, U and b are in PyTorch's order: i, f, g, o.
"""

from __future__ import annotations

import math

import numpy as np

from lyaplab.cells._gates import Stacked, interval, sigmoid_in_place, tanh_in_place, transposed
from lyaplab.kernel.algebra import affine, column_sums, gemm, outer, rows
from lyaplab.kernel.card import NETWORK, Card, KnownValue, Preset
from lyaplab.kernel.cell import Cell
from lyaplab.kernel.compile import inline

# From here on two matrices for all four gates pay, when as many tangents as units are pushed.
_FOLDED = 6


def size(p):
    n = p[0].shape[-1]
    return 2 * n, 8 * n, 4 * n


def prepare(p):
    W, U, b = p
    return W, transposed(W), U, b, transposed(U)


# w holds, n columns each:
#   0 to 2   dc'/d(pre-activations of i, f, g)
#   3        dh'/d(pre-activation of o)
#   4        f, which is dc'/dc
#   5        dh'/dc'
#   6, 7     work
def step(q, x, u, y, w):
    W, WT, U, b, _ = q
    n = W.shape[-1]
    affine(x[:, :n], W, WT, u, U, b, w[:, : 4 * n])
    for v in range(x.shape[0]):
        _open(w[v])
        _remember(w[v], x[v], y[v])
        _show(w[v], y[v])


@inline
def _open(s):
    """From the pre-activations of i, f, g and o: the gates in columns 0 to 3, their slopes in columns 4 to 7."""
    n = s.shape[0] // 8
    sigmoid_in_place(s[: 2 * n], s[4 * n : 6 * n])
    tanh_in_place(s[2 * n : 3 * n], s[6 * n : 7 * n])
    sigmoid_in_place(s[3 * n : 4 * n], s[7 * n :])


@inline
def _remember(s, x, y):
    """Renew the memory, in both halves of y."""
    n = s.shape[0] // 8
    for j in range(n):
        i, f, g, memory = s[j], s[n + j], s[2 * n + j], x[n + j]
        y[j] = y[n + j] = f * memory + i * g
        s[j] = s[4 * n + j] * g
        s[n + j] = s[5 * n + j] * memory
        s[2 * n + j] = s[6 * n + j] * i
        s[4 * n + j] = f


@inline
def _show(s, y):
    """Show the memory through the gate o, in the first half of y."""
    n = s.shape[0] // 8
    tanh_in_place(y[:n], s[5 * n : 6 * n])
    for j in range(n):
        o, shown = s[3 * n + j], y[j]
        y[j] = o * shown
        s[3 * n + j] = s[7 * n + j] * shown
        s[5 * n + j] *= o


def push(q, w, V, A, Z):
    n = V.shape[1] // 2
    if V.shape[0] < w.shape[0] * n or n < _FOLDED:
        _push_through(q[0], q[1], w, V, A, Z)
    else:
        _push_folded(q[0], q[1], w, V, A, Z)


@inline
def _push_through(W, WT, w, V, A, Z):
    """Z = J V by one product with the weights of all four gates."""
    n = V.shape[1] // 2
    block = V.shape[0] // w.shape[0]
    rows(V[:, :n], W, WT, A)
    for v in range(V.shape[0]):
        s, a = w[v // block], A[v]
        for j in range(n):
            gated = s[j] * a[j] + s[n + j] * a[n + j] + s[2 * n + j] * a[2 * n + j]
            memory = gated + s[4 * n + j] * V[v, n + j]
            Z[v, n + j] = memory
            Z[v, j] = s[3 * n + j] * a[3 * n + j] + s[5 * n + j] * memory


@inline
def _push_folded(W, WT, w, V, A, Z):
    """Z = J V with the gates of every state folded into two matrices, built in A: half the work for many tangents."""
    n = V.shape[1] // 2
    block = V.shape[0] // w.shape[0]
    if W.ndim == 3:
        _push_through(W, WT, w, V, A, Z)
    else:
        for r in range(w.shape[0]):
            first, last = r * block, (r + 1) * block
            a = A[first:last]
            _fold(w[r], WT, a)
            gemm(V[first:last, :n], a[:n, : 2 * n], Z[first:last])
            _carry(w[r], V[first:last], Z[first:last])


@inline
def _fold(s, WT, A):
    """Build the transposed dh'/dh (by the gate o alone) and dc'/dh, side by side in the first n rows of A."""
    n = WT.shape[0]
    for i in range(n):
        row, weight = A[i], WT[i]
        for j in range(n):
            row[j] = s[3 * n + j] * weight[3 * n + j]
            gated = s[j] * weight[j] + s[n + j] * weight[n + j]
            row[n + j] = gated + s[2 * n + j] * weight[2 * n + j]


@inline
def _carry(s, V, Z):
    """Add what comes by way of the memory."""
    n = V.shape[1] // 2
    for v in range(V.shape[0]):
        for j in range(n):
            memory = Z[v, n + j] + s[4 * n + j] * V[v, n + j]
            Z[v, n + j] = memory
            Z[v, j] += s[5 * n + j] * memory


def pull(q, w, G, A, H):
    n = G.shape[1] // 2
    block = G.shape[0] // w.shape[0]
    for v in range(G.shape[0]):
        s, a = w[v // block], A[v]
        for j in range(n):
            memory = G[v, n + j] + s[5 * n + j] * G[v, j]
            H[v, n + j] = s[4 * n + j] * memory
            a[j] = s[j] * memory
            a[n + j] = s[n + j] * memory
            a[2 * n + j] = s[2 * n + j] * memory
            a[3 * n + j] = s[3 * n + j] * G[v, j]
    rows(A, q[1], q[0], H[:, :n])


def push_inputs(q, w, V, A, Z):
    n = Z.shape[1] // 2
    block = V.shape[0] // w.shape[0]
    rows(V, q[2], q[4], A)
    for v in range(V.shape[0]):
        s, a = w[v // block], A[v]
        for j in range(n):
            memory = s[j] * a[j] + s[n + j] * a[n + j] + s[2 * n + j] * a[2 * n + j]
            Z[v, n + j] += memory
            Z[v, j] += s[3 * n + j] * a[3 * n + j] + s[5 * n + j] * memory


def pull_inputs(q, w, G, A, H):
    rows(A, q[4], q[2], H)


def grad(p, x, u, w, A, dp):
    dW, dU, db = dp
    outer(A, x[:, : p[0].shape[-1]], dW)
    outer(A, u, dU)
    column_sums(A, db)


def bounds(p, u):
    """A box that holds every fixed point: c = i g / (1 - f) and h = o tanh(c) by intervals, a few times over.

    Each round puts in what the one before has left of h, and starts from |h| < 1. The input is constant, (m,), or
    anything between the two rows of (2, m).
    """
    W, U, b = p
    n = W.shape[-1]
    low, high = np.full(n, -1.0), np.full(n, 1.0)
    c_low = c_high = low
    fed = interval(U, b, *np.broadcast_to(u, (2, U.shape[-1])))
    for _ in range(_ROUNDS):
        recurrent = interval(W, 0.0, low, high)
        least, most = ((side + drive).reshape(4, n) for side, drive in zip(recurrent, fed, strict=True))
        # i/(1 - f) = sigmoid(i) (1 + exp(f)); it multiplies g of either sign.
        reach = [_sigmoid(side[0]) * (1.0 + np.exp(np.minimum(side[1], 700.0))) for side in (least, most)]
        c_low = np.minimum(reach[0] * np.tanh(least[2]), reach[1] * np.tanh(least[2]))
        c_high = np.maximum(reach[0] * np.tanh(most[2]), reach[1] * np.tanh(most[2]))
        shown = [_sigmoid(side[3]) for side in (least, most)]
        low = np.minimum(shown[0] * np.tanh(c_low), shown[1] * np.tanh(c_low))
        high = np.maximum(shown[0] * np.tanh(c_high), shown[1] * np.tanh(c_high))
    # The box may be a point: rounding, and Newton's method, want room around it.
    return np.concatenate([low, c_low]) - _ROOM, np.concatenate([high, c_high]) + _ROOM


def _sigmoid(a):
    return 0.5 + 0.5 * np.tanh(0.5 * a)


# Rounds of intervals (later ones hardly narrow the box), and how far beyond the last one the box goes.
_ROUNDS, _ROOM = 8, 1e-3


# Of two cells: weights of gates that stay half open, biases that open i, f and o, and weights with chaos.
_HALF_OPEN = [[0.0, 0.0]] * 4
_OPEN = [1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 1.0, 1.0]
# Chaos in gated networks of two units: T. Laurent and J. von Brecht, A recurrent neural network without chaos, 2017.
_TURBULENT = [
    [-1.0, -4.0], [-3.0, -2.0], [-2.0, 6.0], [0.0, -6.0], [-1.0, -6.0], [6.0, -9.0], [4.0, 1.0], [-9.0, -7.0],
]  # fmt: skip
# Where a cell without weights comes to rest with b_f = b_g = 1 and b_o = -1: sigmoid(0) (1 + e) tanh(1).
_HELD = 0.5 * (1.0 + math.e) * math.tanh(1.0)
_SHOWN = math.tanh(_HELD) / (1.0 + math.e)

CARD = Card(
    title="long short-term memory (LSTM)",
    equation=r"i, f, o = \sigma(W h_t + U x_t + b), \quad g = \tanh(W_g h_t + U_g x_t + b_g), \quad"
    r" c_{t+1} = f \odot c_t + i \odot g, \quad h_{t+1} = o \odot \tanh(c_{t+1})",
    equation_text="i, f, o = sigmoid(W h + U x + b), g = tanh(W_g h + U_g x + b_g), c' = f c + i g, h' = o tanh(c')",
    reference="S. Hochreiter and J. Schmidhuber, Long short-term memory, Neural Computation 9 (1997) 1735-1780;"
    " forget gate: F. A. Gers, J. Schmidhuber and F. Cummins, Neural Computation 12 (2000) 2451-2471.",
    state=("h", "c"),
    bounds=bounds,
    view=((-1.1, -3.0), (1.1, 3.0)),
    parameters=(
        Stacked(
            "W", ("4*n", "n"), (-9.0, 9.0), tex="w", blocks=("i", "f", "g", "o"),
            about="weight of the connection from unit j to gate or content of unit i",
        ),
        Stacked(
            "U", ("4*n", "m"), (-3.0, 3.0), tex="u", blocks=("i", "f", "g", "o"),
            about="weight of input j to gate or content of unit i",
        ),
        Stacked(
            "b", ("4*n",), (-6.0, 6.0), tex="b", blocks=("i", "f", "g", "o"),
            about="bias of gate or content of unit i",
        ),
    ),
    hyper=NETWORK,
    presets={
        "unit-latch": Preset(
            {"w_g": 4.0, "w_o": 1.0, "b_i": 1.0, "b_f": 1.0, "b_o": 1.0},
            "The cell writes what it shows: it remembers the sign it started with.",
            "fixed point", stable=2, start=(0.1, 0.0),
        ),
        "unit-settling": Preset(
            {"w_g": 0.5, "w_o": 1.0, "b_f": 1.0, "b_g": 0.5}, "One resting place, where as much is written as is lost.",
            "fixed point", stable=1, start=(-0.5, -2.0),
        ),
        "unit-long-memory": Preset(
            {"w_g": 0.2, "w_o": 1.0, "b_i": -4.0, "b_f": 4.0, "b_g": 0.5},
            "The forget gate keeps 98 % at every step: what c holds fades slowly.",
            "fixed point", stable=1, start=(0.5, 2.5),
        ),
        "unit-two-cycle": Preset(
            {"w_g": -6.0, "w_o": 1.0, "b_i": 1.0, "b_o": 2.0}, "The cell writes the opposite of what it shows.",
            "cycle", stable=0, period=2, start=(0.1, 0.2),
        ),
        "unit-four-cycle": Preset(
            {"w_f": 7.0, "w_g": -7.0, "w_o": 1.0, "b_i": 2.0, "b_f": -2.0, "b_o": 3.0},
            "It forgets only while it shows nothing, and comes round in four steps.",
            "cycle", stable=0, period=4, start=(0.1, 0.2),
        ),
        "unit-chaos": Preset(
            {"w_i": -5.5, "w_f": 7.5, "w_g": -7.0, "w_o": 1.0, "b_i": 0.5, "b_f": -2.0, "b_g": 0.5, "b_o": 2.5},
            "A single cell, two state variables, and chaos.", "chaos", stable=0, start=(0.1, 0.2),
        ),
        "four-attractors": Preset(
            {"W": [*_HALF_OPEN, [4.0, 0.3], [0.3, 4.0], [1.0, 0.0], [0.0, 1.0]], "b": _OPEN},
            "Two almost independent latches: four things to remember.",
            "fixed point", stable=4, start=(-0.25, 0.5, 0.0, 0.0),
        ),
        "invariant-circle": Preset(
            {"W": [*_HALF_OPEN, [1.0, -5.0], [5.0, 1.0], [1.0, 0.0], [0.0, 1.0]], "b": _OPEN},
            "The orbit goes round for ever and never comes back to the same place.",
            "quasi-periodic", stable=0, start=(0.1, 0.0, 0.1, 0.0),
        ),
        "chaos": Preset(
            {"W": _TURBULENT}, "Two cells without any bias, and chaos.",
            "chaos", stable=0, start=(0.3, 0.3, 0.0, 0.0),
        ),
    },
    known=(
        KnownValue(
            "exponents", (math.log(0.5), -math.inf), 1e-12, {"w_i": 0.0},
            source="exact: c halves, and h is overwritten: a dead direction",
        ),
        KnownValue(
            "exponents", (-math.log1p(math.exp(-3.0)), -math.inf), 1e-12, {"w_i": 0.0, "b_f": 3.0, "b_g": 1.0},
            source="exact: log f = log sigmoid(3)",
        ),
        KnownValue(
            "fixed_points", ((_SHOWN, _HELD),), 1e-9, {"w_i": 0.0, "b_f": 1.0, "b_g": 1.0, "b_o": -1.0},
            source="exact: c = i g / (1 - f), h = o tanh(c)",
        ),
    ),
)  # fmt: skip

CELL = Cell(
    "lstm", step=step, push=push, pull=pull, grad=grad, push_inputs=push_inputs, pull_inputs=pull_inputs,
    size=size, prepare=prepare, card=CARD,
)  # fmt: skip
