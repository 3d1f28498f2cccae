"""The tanh network h' = tanh(W h + U x + b): the recurrent network of Elman, and of PyTorch's nn.RNN."""

from __future__ import annotations

from lyaplab.kernel.algebra import affine, column_sums, outer, rows, scale, tanh_rows
from lyaplab.kernel.card import NETWORK, Card, Parameter
from lyaplab.kernel.cell import Cell


def size(p):
    n = p[0].shape[-1]
    return n, n, n


def prepare(p):
    W, U, b = p
    return W, W.swapaxes(-1, -2).copy(), U, b


def step(q, x, u, y, w):
    W, WT, U, b = q
    affine(x, W, WT, u, U, b, y)
    tanh_rows(y, w)


def push(q, w, V, A, Z):
    rows(V, q[0], q[1], Z)
    scale(w, Z, Z)


def pull(q, w, G, A, H):
    scale(w, G, A)
    rows(A, q[1], q[0], H)


def grad(p, x, u, w, A, dp):
    dW, dU, db = dp
    outer(A, x, dW)
    outer(A, u, dU)
    column_sums(A, db)


CARD = Card(
    title="tanh network",
    equation=r"h_{t+1} = \tanh(W h_t + U x_t + b)",
    equation_text="h' = tanh(W h + U x + b)",
    reference="J. L. Elman, Finding structure in time, Cognitive Science 14 (1990) 179-211.",
    state=("h",),
    bounds=(-1.0, 1.0),
    view=(-1.2, 1.2),
    parameters=(
        Parameter("W", ("n", "n"), (-3.0, 3.0), tex="w", about="weight of the connection from unit j to unit i"),
        Parameter("U", ("n", "m"), (-3.0, 3.0), tex="u", about="weight of input j to unit i"),
        Parameter("b", ("n",), (-1.5, 1.5), tex="b", about="bias of unit i"),
    ),
    hyper=NETWORK,
)

CELL = Cell("tanh", step=step, push=push, pull=pull, grad=grad, size=size, prepare=prepare, card=CARD)
