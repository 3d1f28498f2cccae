"""The functions of the dendritic PLRNN, whose unit is a sum of B relus, and of its clipped form, which is bounded.

z' = A z + W phi(z) + C u + h, with

- phi_i(z) = sum_b alpha_b relu(z_i + theta_ib) in the dendritic PLRNN,
- phi_i(z) = sum_b alpha_b [relu(z_i + theta_ib) - relu(z_i)] in the clipped one.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lyaplab.cells._piecewise import add_diagonal, diagonal_gradient, entry, off_diagonal, relu_slope
from lyaplab.kernel.algebra import affine, column_sums, copy, outer, rows, scale
from lyaplab.kernel.card import NETWORK, Card, Parameter
from lyaplab.kernel.compile import inline
from lyaplab.kernel.weights import random_weights

__all__ = ["HYPER", "PARAMETERS", "dendritic_weights", "functions"]

Array = NDArray[np.float64]

PARAMETERS = (
    Parameter("A", ("n",), (-1.5, 1.5), 0.5, tex="a", about="diagonal of A: how much of unit i stays"),
    Parameter(
        "W", ("n", "n"), (-4.0, 4.0), tex="w", about="weight of the connection from unit j to unit i",
        mask=off_diagonal,
    ),
    Parameter("C", ("n", "m"), (-3.0, 3.0), tex="c", about="weight of input j to unit i"),
    Parameter("h", ("n",), (-2.0, 2.0), tex="h", about="bias of unit i"),
    Parameter("alpha", ("bases",), (-3.0, 3.0), 0.2, tex=r"\alpha", about="weight of basis b"),
    Parameter("theta", ("n", "bases"), (-3.0, 3.0), tex=r"\theta", about="threshold of basis b in unit i"),
)  # fmt: skip

HYPER = (
    *NETWORK,
    Parameter("bases", range=(1, 50), default=5, about="number of relus in a unit", limits=(1, None), integer=True),
)


def dendritic_weights(
    card: Card, n: int, rng: np.random.Generator, *, bases: int = 5, **options: Any
) -> dict[str, Array]:
    """Draw weights as for every network, thresholds N(0, 1), and give each basis the same weight 1/bases."""
    weights = random_weights(card, n, rng, bases=bases, **options)
    weights["alpha"] = np.full(bases, 1.0 / bases)
    weights["theta"] = rng.standard_normal((n, bases))
    return weights


def _size(p):
    n = p[0].shape[-1]
    return n, 2 * n, 2 * n


def _inputs(p):
    return p[2].shape[-1]


def _prepare(p):
    A, W, C, h, alpha, theta = p
    return A, W, W.swapaxes(-1, -2).copy(), C, h, alpha, theta


@inline
def threshold(theta, row, count, i, b):
    """Threshold of basis b in unit i for a row of `count`."""
    return theta[i, b] if theta.ndim == 2 else theta[row * theta.shape[0] // count, i, b]


@inline
def expand(alpha, theta, clipped, x, values, slopes):
    """Set values = phi(x), and its slopes."""
    count = x.shape[0]
    for v in range(count):
        for i in range(x.shape[1]):
            bare, bare_slope = relu_slope(x[v, i]) if clipped else (0.0, 0.0)
            value, slope = 0.0, 0.0
            for b in range(theta.shape[-1]):
                weight = entry(alpha, v, count, b)
                lifted, lifted_slope = relu_slope(x[v, i] + threshold(theta, v, count, i, b))
                value += weight * (lifted - bare)
                slope += weight * (lifted_slope - bare_slope)
            values[v, i], slopes[v, i] = value, slope


@inline
def expansion_gradient(alpha, theta, clipped, x, back, dalpha, dtheta):
    """Add the gradients by alpha and theta, given back = the adjoint at phi."""
    for v in range(x.shape[0]):
        for i in range(x.shape[1]):
            bare, _ = relu_slope(x[v, i]) if clipped else (0.0, 0.0)
            for b in range(theta.shape[1]):
                lifted, slope = relu_slope(x[v, i] + theta[i, b])
                dalpha[b] += back[v, i] * (lifted - bare)
                dtheta[i, b] += back[v, i] * alpha[b] * slope


def functions(*, clipped: bool) -> dict[str, Any]:
    """Return the arguments of Cell that make a dendritic PLRNN, or its clipped form."""

    # w holds phi(z), then its slopes.
    def step(q, x, u, y, w):
        a, W, WT, C, h, alpha, theta = q
        n = x.shape[1]
        expand(alpha, theta, clipped, x, w[:, :n], w[:, n:])
        affine(w[:, :n], W, WT, u, C, h, y)
        add_diagonal(a, x, y)

    def push(q, w, V, A, Z):
        n = V.shape[1]
        scale(w[:, n:], V, A[:, :n])
        rows(A[:, :n], q[1], q[2], Z)
        add_diagonal(q[0], V, Z)

    # A keeps the adjoint at z', then at phi.
    def pull(q, w, G, A, H):
        n = G.shape[1]
        copy(G, A[:, :n])
        rows(G, q[2], q[1], A[:, n:])
        scale(w[:, n:], A[:, n:], H)
        add_diagonal(q[0], G, H)

    def grad(p, x, u, w, A, dp):
        da, dW, dC, dh, dalpha, dtheta = dp
        n = x.shape[1]
        G = A[:, :n]
        diagonal_gradient(G, x, da)
        outer(G, w[:, :n], dW)
        outer(G, u, dC)
        column_sums(G, dh)
        expansion_gradient(p[4], p[5], clipped, x, A[:, n:], dalpha, dtheta)

    written = {"step": step, "push": push, "pull": pull, "grad": grad}
    return {**written, "size": _size, "prepare": _prepare, "inputs": _inputs}
