"""A system as functions over rows, f and its derivatives, and its two ways to move: as a map, or as a flow by RK4.

A `RowFunctions` knows nothing of time:

    f(q, x, u, y, s)             y = f(x, u); s (B, scratch) is work space
    jvp(q, x, u, V, A, Z)        Z = Df V;     row v belongs to state row v*B//K; A is scratch
    vjp(q, x, u, G, A, H)        H = Df^T G
    gradient(p, x, u, G, dp)     dp += sum over rows of g^T df/dp (may be missing)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lyaplab.kernel.algebra import at, copy
from lyaplab.kernel.compile import inline

__all__ = ["CellFunctions", "RowFunctions", "as_map", "as_rk4"]



@dataclass(frozen=True)
class RowFunctions:
    """A right-hand side over rows with its derivatives, and the columns of scratch that they need."""

    f: Callable[..., Any]
    jvp: Callable[..., Any]
    vjp: Callable[..., Any]
    gradient: Callable[..., Any] | None
    work: Callable[[int, int, int], int]  # (n, m, scratch) -> columns of A


@dataclass(frozen=True)
class CellFunctions:
    """What a Cell is made of, ready for its constructor."""

    step: Callable[..., Any]
    push: Callable[..., Any]
    pull: Callable[..., Any]
    grad: Callable[..., Any] | None
    size: Callable[[int, int, int], tuple[int, int, int]]  # (n, m, scratch) -> (n, nw, na)
    field: Callable[..., Any] | None = None
    field_push: Callable[..., Any] | None = None
    push_inputs: Callable[..., Any] | None = None
    pull_inputs: Callable[..., Any] | None = None


def as_map(system: RowFunctions) -> CellFunctions:
    """Return the cell x' = f(x, u). It saves x and u in w: the derivatives are taken there."""
    f, jvp, vjp = inline(system.f), inline(system.jvp), inline(system.vjp)
    gradient: Any = inline(system.gradient) if system.gradient else None

    def step(q, x, u, y, w):
        n, m = x.shape[1], u.shape[1]
        copy(x, w[:, :n])
        copy(u, w[:, n : n + m])
        f(q, x, u, y, w[:, n + m :])

    def push(q, w, V, A, Z):
        n = V.shape[1]
        jvp(q, w[:, :n], w[:, n:], V, A[:, n:], Z)

    def pull(q, w, G, A, H):
        n = G.shape[1]
        copy(G, A[:, :n])
        vjp(q, w[:, :n], w[:, n:], G, A[:, n:], H)

    def grad(p, x, u, w, A, dp):
        gradient(p, x, u, A[:, : x.shape[1]], dp)

    def size(n, m, scratch):
        return n, n + m + scratch, n + system.work(n, m, scratch)

    return CellFunctions(step, push, pull, grad if gradient else None, size)


def as_rk4(system: RowFunctions, *, dt: int) -> CellFunctions:
    """Return the classical Runge-Kutta step of dx/dt = f(x, u), the input held during a step.

    Derivatives are those of the discrete step, so forward and backward products agree to rounding.

    Parameters
    ----------
    system : RowFunctions
        The right-hand side.
    dt : int
        Index of the time step among the parameters.
    """
    f, jvp, vjp = inline(system.f), inline(system.jvp), inline(system.vjp)
    gradient: Any = inline(system.gradient) if system.gradient else None

    @inline
    def advance(q, x, slope, share, y):
        """Y = x + share dt slope, rows of slope and y belonging to the rows of x."""
        block = y.shape[0] // x.shape[0]
        for v in range(y.shape[0]):
            h = share * at(q[dt], v, y.shape[0])
            for i in range(y.shape[1]):
                y[v, i] = x[v // block, i] + h * slope[v, i]

    # w holds the four stage states, the sum of slopes, the input and f's scratch.
    def step(q, x, u, y, w):
        n, m = x.shape[1], u.shape[1]
        first, second, third, fourth = w[:, :n], w[:, n : 2 * n], w[:, 2 * n : 3 * n], w[:, 3 * n : 4 * n]
        total, held, s = w[:, 4 * n : 5 * n], w[:, 5 * n : 5 * n + m], w[:, 5 * n + m :]
        copy(u, held)
        copy(x, first)
        f(q, first, held, y, s)
        copy(y, total)
        advance(q, x, y, 0.5, second)
        f(q, second, held, y, s)
        add(total, 2.0, y)
        advance(q, x, y, 0.5, third)
        f(q, third, held, y, s)
        add(total, 2.0, y)
        advance(q, x, y, 1.0, fourth)
        f(q, fourth, held, y, s)
        add(total, 1.0, y)
        advance(q, x, total, 1.0 / 6.0, y)

    # A holds the tangent of a stage, the tangent of its slope, their weighted sum, and jvp's scratch.
    def push(q, w, V, A, Z):
        n = V.shape[1]
        held = w[:, 5 * n :]
        tangent, slope, total, s = A[:, :n], A[:, n : 2 * n], A[:, 2 * n : 3 * n], A[:, 5 * n :]
        jvp(q, w[:, :n], held, V, s, slope)
        copy(slope, total)
        advance(q, V, slope, 0.5, tangent)
        jvp(q, w[:, n : 2 * n], held, tangent, s, slope)
        add(total, 2.0, slope)
        advance(q, V, slope, 0.5, tangent)
        jvp(q, w[:, 2 * n : 3 * n], held, tangent, s, slope)
        add(total, 2.0, slope)
        advance(q, V, slope, 1.0, tangent)
        jvp(q, w[:, 3 * n : 4 * n], held, tangent, s, slope)
        add(total, 1.0, slope)
        advance(q, V, total, 1.0 / 6.0, Z)

    # A keeps the adjoints of the four slopes, for the parameter gradient; then work.
    def pull(q, w, G, A, H):
        n = G.shape[1]
        K = G.shape[0]
        held = w[:, 5 * n :]
        back, s = A[:, 4 * n : 5 * n], A[:, 5 * n :]
        for v in range(K):
            h = at(q[dt], v, K)
            for i in range(n):
                A[v, i] = h / 6.0 * G[v, i]
                A[v, n + i] = h / 3.0 * G[v, i]
                A[v, 2 * n + i] = h / 3.0 * G[v, i]
                A[v, 3 * n + i] = h / 6.0 * G[v, i]
                H[v, i] = G[v, i]
        for stage in range(3, -1, -1):
            adjoint = A[:, stage * n : (stage + 1) * n]
            vjp(q, w[:, stage * n : (stage + 1) * n], held, adjoint, s, back)
            add(H, 1.0, back)
            if stage > 0:
                share = 1.0 if stage == 3 else 0.5
                earlier = A[:, (stage - 1) * n : stage * n]
                for v in range(K):
                    h = share * at(q[dt], v, K)
                    for i in range(n):
                        earlier[v, i] += h * back[v, i]

    def grad(p, x, u, w, A, dp):
        n = x.shape[1]
        for stage in range(4):
            columns = slice(stage * n, (stage + 1) * n)
            gradient(p, w[:, columns], u, A[:, columns], dp)

    def size(n, m, scratch):
        return n, 5 * n + m + scratch, 5 * n + system.work(n, m, scratch)

    def field(q, x, u, y):
        f(q, x, u, y, x[:, :0])

    def field_push(q, x, u, V, A, Z):
        jvp(q, x, u, V, A[:, 5 * V.shape[1] :], Z)

    return CellFunctions(step, push, pull, grad if gradient else None, size, field, field_push)


@inline
def add(X, factor, Y):
    """X += factor Y."""
    for i in range(X.shape[0]):
        for j in range(X.shape[1]):
            X[i, j] += factor * Y[i, j]
