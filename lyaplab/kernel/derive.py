"""Missing derivatives, by central differences over rows: slower than written ones, right to about ten digits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from lyaplab.kernel.compile import inline
from lyaplab.kernel.rows import CellFunctions, RowFunctions, as_map

__all__ = ["central", "from_step"]

# Cube root of the machine epsilon: where truncation and rounding of a central difference balance.
_RELATIVE_STEP = 6.055454452393343e-06


def central(f: Callable[..., Any]) -> RowFunctions:
    """Return `f` with derivatives by central differences of itself.

    Parameters
    ----------
    f : callable
        ``f(q, x, u, y, s)`` over rows.

    Notes
    -----
    All tangents of all states are shifted at once, so a parameter with one value for each row keeps its rows.
    """
    f = inline(f)

    # A: shifted states, inputs of their rows, one result, the other result, f's scratch, and as much unused: behind
    # the inputs u ends with f's scratch too, and the two widths together tell where.
    def jvp(q, x, u, V, A, Z):
        K, n = V.shape
        m = 2 * u.shape[1] + 3 * n - A.shape[1]
        block = K // x.shape[0]
        shifted, inputs = A[:, :n], A[:, n : n + m]
        ahead, s = A[:, n + m : 2 * n + m], A[:, 3 * n + m : 3 * n + u.shape[1]]
        for v in range(K):
            for j in range(m):
                inputs[v, j] = u[v // block, j]
            h = _shift(x, v // block, V, v)
            for i in range(n):
                shifted[v, i] = x[v // block, i] + h * V[v, i]
        f(q, shifted, inputs, ahead, s)
        for v in range(K):
            h = _shift(x, v // block, V, v)
            for i in range(n):
                shifted[v, i] = x[v // block, i] - h * V[v, i]
        f(q, shifted, inputs, Z, s)
        for v in range(K):
            h = _shift(x, v // block, V, v)
            half = 0.5 / h if h > 0.0 else 0.0
            for i in range(n):
                Z[v, i] = half * (ahead[v, i] - Z[v, i])

    def vjp(q, x, u, G, A, H):
        K, n = G.shape
        m = 2 * u.shape[1] + 3 * n - A.shape[1]
        block = K // x.shape[0]
        shifted, inputs = A[:, :n], A[:, n : n + m]
        ahead, behind, s = A[:, n + m : 2 * n + m], A[:, 2 * n + m : 3 * n + m], A[:, 3 * n + m : 3 * n + u.shape[1]]
        for v in range(K):
            for j in range(m):
                inputs[v, j] = u[v // block, j]
            for i in range(n):
                shifted[v, i] = x[v // block, i]
        for j in range(n):
            for v in range(K):
                shifted[v, j] = x[v // block, j] + _shift_one(x[v // block, j])
            f(q, shifted, inputs, ahead, s)
            for v in range(K):
                shifted[v, j] = x[v // block, j] - _shift_one(x[v // block, j])
            f(q, shifted, inputs, behind, s)
            for v in range(K):
                total = 0.0
                for i in range(n):
                    total += G[v, i] * (ahead[v, i] - behind[v, i])
                H[v, j] = 0.5 * total / _shift_one(x[v // block, j])
                shifted[v, j] = x[v // block, j]

    return RowFunctions(f, jvp, vjp, None, lambda n, m, scratch: 3 * n + m + 2 * scratch)


@inline
def _shift_one(x):
    """Step length for one coordinate."""
    return _RELATIVE_STEP * max(1.0, abs(x))


@inline
def _shift(x, r, V, v):
    """Factor h of the tangent V[v] such that x + h V is a small step; 0 for a zero tangent. x may be wider."""
    state = 1.0
    tangent = 0.0
    for i in range(V.shape[1]):
        state = max(state, abs(x[r, i]))
        tangent = max(tangent, abs(V[v, i]))
    return _RELATIVE_STEP * state / tangent if tangent > 0.0 else 0.0


def from_step(step: Callable[..., Any]) -> CellFunctions:
    """Complete a cell that is given by `step` alone: what the step saves in w is its scratch here."""
    push_inputs, pull_inputs = _by_input(step)
    return replace(as_map(central(step)), push_inputs=push_inputs, pull_inputs=pull_inputs)


def _by_input(step: Callable[..., Any]) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Return the derivatives by the input, where `as_map` has saved x, u and room for what the step saves."""
    f = inline(step)

    # A: states, shifted inputs, one result, the other result, what the step saves.
    def push_inputs(q, w, V, A, Z):
        (K, m), n = V.shape, Z.shape[1]
        block = K // w.shape[0]
        x, shifted, ahead = A[:, :n], A[:, n : n + m], A[:, n + m : 2 * n + m]
        behind, s = A[:, 2 * n + m : 3 * n + m], A[:, 3 * n + m : 2 * n + w.shape[1]]
        for v in range(K):
            for i in range(n):
                x[v, i] = w[v // block, i]
            h = _shift(w[:, n:], v // block, V, v)
            for j in range(m):
                shifted[v, j] = w[v // block, n + j] + h * V[v, j]
        f(q, x, shifted, ahead, s)
        for v in range(K):
            h = _shift(w[:, n:], v // block, V, v)
            for j in range(m):
                shifted[v, j] = w[v // block, n + j] - h * V[v, j]
        f(q, x, shifted, behind, s)
        for v in range(K):
            h = _shift(w[:, n:], v // block, V, v)
            half = 0.5 / h if h > 0.0 else 0.0
            for i in range(n):
                Z[v, i] += half * (ahead[v, i] - behind[v, i])

    def pull_inputs(q, w, G, A, H):
        (K, m), n = H.shape, G.shape[1]
        block = K // w.shape[0]
        x, shifted, ahead = A[:, :n], A[:, n : n + m], A[:, n + m : 2 * n + m]
        behind, s = A[:, 2 * n + m : 3 * n + m], A[:, 3 * n + m : 2 * n + w.shape[1]]
        for v in range(K):
            for i in range(n):
                x[v, i] = w[v // block, i]
            for j in range(m):
                shifted[v, j] = w[v // block, n + j]
        for j in range(m):
            for v in range(K):
                shifted[v, j] = w[v // block, n + j] + _shift_one(w[v // block, n + j])
            f(q, x, shifted, ahead, s)
            for v in range(K):
                shifted[v, j] = w[v // block, n + j] - _shift_one(w[v // block, n + j])
            f(q, x, shifted, behind, s)
            for v in range(K):
                total = 0.0
                for i in range(n):
                    total += G[v, i] * (ahead[v, i] - behind[v, i])
                H[v, j] = 0.5 * total / _shift_one(w[v // block, n + j])
                shifted[v, j] = w[v // block, n + j]

    return push_inputs, pull_inputs
