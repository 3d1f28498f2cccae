"""Maps of a plane: what several cells share. Each writes one function, which returns the image and its derivative."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lyaplab.kernel.algebra import at
from lyaplab.kernel.card import Card
from lyaplab.kernel.cell import Cell
from lyaplab.kernel.compile import inline
from lyaplab.kernel.unroll import unrolled

__all__ = ["plane_map"]


def plane_map(
    move: Callable[..., Any], gradient: Callable[..., Any], *, name: str, card: Card
) -> Cell:
    """Make a cell of a map of the plane.

    Parameters
    ----------
    move : callable
        ``move(x, y, a, b, ...)`` with the card's parameters returns x', y' and the derivatives dx'/dx, dx'/dy,
        dy'/dx, dy'/dy: sines and exponentials are taken once for both.
    gradient : callable
        ``gradient(x, y, gx, gy, a, b, ...)`` returns one number for each parameter, gx dx'/da + gy dy'/da.
    name, card : str, Card
        Of the cell.

    Returns
    -------
    Cell
    """
    count = len(card.parameters)
    moved, slopes = inline(move), inline(gradient)
    settings, collect, values = (
        unrolled("settings", count, at=at), unrolled("collect", count), unrolled("values", count)
    )  # fmt: skip

    # w holds the four entries of the Jacobian.
    def step(q, x, u, y, w):
        B = x.shape[0]
        for r in range(B):
            point = (x[r, 0], x[r, 1])
            y[r, 0], y[r, 1], w[r, 0], w[r, 1], w[r, 2], w[r, 3] = moved(*(point + settings(q, r, B)))

    def push(q, w, V, A, Z):
        block = V.shape[0] // w.shape[0]
        for v in range(V.shape[0]):
            r = v // block
            first, second = V[v, 0], V[v, 1]
            Z[v, 0] = w[r, 0] * first + w[r, 1] * second
            Z[v, 1] = w[r, 2] * first + w[r, 3] * second

    def pull(q, w, G, A, H):
        block = G.shape[0] // w.shape[0]
        for v in range(G.shape[0]):
            r = v // block
            first, second = G[v, 0], G[v, 1]
            A[v, 0], A[v, 1] = first, second
            H[v, 0] = w[r, 0] * first + w[r, 2] * second
            H[v, 1] = w[r, 1] * first + w[r, 3] * second

    def grad(p, x, u, w, A, dp):
        B = x.shape[0]
        for r in range(B):
            point = (x[r, 0], x[r, 1], A[r, 0], A[r, 1])
            collect(dp, r, B, values(slopes(*(point + settings(p, r, B)))))

    return Cell(name, step=step, push=push, pull=pull, grad=grad, size=(2, 4, 2), inputs=0, card=card)
