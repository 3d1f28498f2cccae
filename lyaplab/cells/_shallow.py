"""The functions of the shallow PLRNN, one hidden layer of relus, and of its clipped form, which is bounded.

- z' = A z + W1 relu(W2 z + h2) + C u + h1 in the shallow PLRNN,
- z' = A z + W1 [relu(W2 z + h2) - relu(W2 z)] + C u + h1 in the clipped one.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lyaplab.cells._piecewise import add_diagonal, diagonal_gradient, entry, relu_slope
from lyaplab.kernel.algebra import affine, column_sums, copy, outer, rows, scale
from lyaplab.kernel.card import NETWORK, Card, Parameter
from lyaplab.kernel.weights import random_weights

__all__ = ["HYPER", "PARAMETERS", "functions", "shallow_weights"]

Array = NDArray[np.float64]

PARAMETERS = (
    Parameter("A", ("n",), (-2.0, 2.0), 0.5, tex="a", about="diagonal of A: how much of state i stays"),
    Parameter("W1", ("n", "hidden"), (-4.0, 4.0), tex="w^1", about="weight from hidden unit j to state i"),
    Parameter("W2", ("hidden", "n"), (-4.0, 4.0), tex="w^2", about="weight from state j to hidden unit i"),
    Parameter("C", ("n", "m"), (-3.0, 3.0), tex="c", about="weight of input j to state i"),
    Parameter("h1", ("n",), (-2.0, 2.0), tex="h^1", about="bias of state i"),
    Parameter("h2", ("hidden",), (-2.0, 2.0), tex="h^2", about="bias of hidden unit i"),
)

HYPER = (
    *NETWORK,
    Parameter("hidden", range=(1, 200), default=20, about="number of hidden units", limits=(1, None), integer=True),
)


def shallow_weights(
    card: Card, n: int, rng: np.random.Generator, *, hidden: int = 20, **options: Any
) -> dict[str, Array]:
    """Draw weights as for every network; the hidden biases are N(0, 1), so that the kinks lie apart."""
    weights = random_weights(card, n, rng, hidden=hidden, **options)
    weights["h2"] = rng.standard_normal(hidden)
    return weights


def _inputs(p):
    return p[3].shape[-1]


def _prepare(p):
    A, W1, W2, C, h1, h2 = p
    return A, W1, W1.swapaxes(-1, -2).copy(), W2, W2.swapaxes(-1, -2).copy(), C, h1, h2


def functions(*, clipped: bool) -> dict[str, Any]:
    """Return the arguments of Cell that make a shallow PLRNN, or its clipped form."""

    def size(p):
        n, hidden = p[1].shape[-2:]
        return n, 3 * hidden, n + 2 * hidden

    # w holds the hidden rates, their slopes by W2 z, and their slopes by h2.
    def step(q, x, u, y, w):
        a, W1, W1T, W2, W2T, C, h1, h2 = q
        hidden = W2T.shape[-1]
        count = x.shape[0]
        rows(x, W2, W2T, w[:, :hidden])
        for v in range(count):
            for i in range(hidden):
                bare, bare_slope = relu_slope(w[v, i]) if clipped else (0.0, 0.0)
                lifted, slope = relu_slope(w[v, i] + entry(h2, v, count, i))
                w[v, i], w[v, hidden + i], w[v, 2 * hidden + i] = lifted - bare, slope - bare_slope, slope
        affine(w[:, :hidden], W1, W1T, u, C, h1, y)
        add_diagonal(a, x, y)

    def push(q, w, V, A, Z):
        hidden = w.shape[1] // 3
        inner = A[:, :hidden]
        rows(V, q[3], q[4], inner)
        scale(w[:, hidden : 2 * hidden], inner, inner)
        rows(inner, q[1], q[2], Z)
        add_diagonal(q[0], V, Z)

    # A keeps the adjoint at z', then at W2 z, then at h2.
    def pull(q, w, G, A, H):
        n, hidden = G.shape[1], w.shape[1] // 3
        at_sum, at_bias = A[:, n : n + hidden], A[:, n + hidden :]
        copy(G, A[:, :n])
        rows(G, q[2], q[1], at_sum)
        scale(w[:, 2 * hidden :], at_sum, at_bias)
        scale(w[:, hidden : 2 * hidden], at_sum, at_sum)
        rows(at_sum, q[4], q[3], H)
        add_diagonal(q[0], G, H)

    def grad(p, x, u, w, A, dp):
        da, dW1, dW2, dC, dh1, dh2 = dp
        n, hidden = x.shape[1], w.shape[1] // 3
        G = A[:, :n]
        diagonal_gradient(G, x, da)
        outer(G, w[:, :hidden], dW1)
        outer(A[:, n : n + hidden], x, dW2)
        outer(G, u, dC)
        column_sums(G, dh1)
        column_sums(A[:, n + hidden :], dh2)

    written = {"step": step, "push": push, "pull": pull, "grad": grad}
    return {**written, "size": size, "prepare": _prepare, "inputs": _inputs}
