"""A small system as functions of one point, over tuples of numbers, and its two ways to move.

A `PointFunctions` of n state variables and some parameters is

    value(s, a)          f(s), where s (n numbers) is the state and a the parameters
    tangent(s, v, a)     Df v
    adjoint(s, g, a)     Df^T g
    partials(s, g, a)    g^T df/da, one number for each parameter

Tuples of known length live in registers: the loops over rows below cost about as much as a loop written by hand for
just this system. Larger systems are functions over rows instead (rows.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lyaplab.kernel.algebra import at
from lyaplab.kernel.compile import inline
from lyaplab.kernel.rows import CellFunctions
from lyaplab.kernel.unroll import unrolled

__all__ = ["PointFunctions", "as_map", "as_rk4", "by_complex_step", "by_differences", "given"]

# Cube root of the machine epsilon: where truncation and rounding of a central difference balance.
RELATIVE_STEP = 6.055454452393343e-06


@dataclass(frozen=True)
class PointFunctions:
    """A system at one point: its value, its derivative both ways, and the derivative by its parameters."""

    n: int
    parameters: int
    value: Callable[..., Any]
    tangent: Callable[..., Any]
    adjoint: Callable[..., Any]
    partials: Callable[..., Any] | None


def given(
    function: Callable[..., Any],
    n: int,
    parameters: int,
    *,
    jvp: Callable[..., Any],
    vjp: Callable[..., Any],
    gradient: Callable[..., Any] | None,
) -> PointFunctions:
    """Take written derivatives: ``jvp(x, y, vx, vy, a, b)``, ``vjp(x, y, gx, gy, a, b)``, ``gradient`` alike."""
    of, jvp, vjp = inline(function), inline(jvp), inline(vjp)
    values, results = unrolled("values", n), unrolled("values", parameters)

    def value(s, a):
        return values(of(*(s + a)))

    def tangent(s, v, a):
        return values(jvp(*(s + v + a)))

    def adjoint(s, g, a):
        return values(vjp(*(s + g + a)))

    if gradient is None:
        return PointFunctions(n, parameters, inline(value), inline(tangent), inline(adjoint), None)
    slope = inline(gradient)

    def partials(s, g, a):
        return results(slope(*(s + g + a)))

    return PointFunctions(n, parameters, inline(value), inline(tangent), inline(adjoint), inline(partials))


def by_complex_step(function: Callable[..., Any], n: int, parameters: int) -> PointFunctions:
    """Differentiate an analytic function by an imaginary step: exact to the last digit."""
    of = inline(function)
    values, dual, image = unrolled("values", n), unrolled("dual", n), unrolled("image", n)

    def value(s, a):
        return values(of(*(s + a)))

    def tangent(s, v, a):
        return image(values(of(*(dual(s, v) + a))))

    value, tangent = inline(value), inline(tangent)
    adjoint = unrolled("adjoint", n, tangent=tangent)
    partials = unrolled("complex partials", n, parameters, of=of, values=values, image=image)
    return PointFunctions(n, parameters, value, tangent, adjoint, partials)


def by_differences(function: Callable[..., Any], n: int, parameters: int) -> PointFunctions:
    """Differentiate any function by central differences: right to about ten digits."""
    of = inline(function)
    values, along, largest, apart = (unrolled(word, n) for word in ("values", "along", "largest", "apart"))

    def value(s, a):
        return values(of(*(s + a)))

    value = inline(value)

    def tangent(s, v, a):
        length = largest(v)
        if length > 0.0:
            h = RELATIVE_STEP * max(1.0, largest(s)) / length
            return apart(0.5 / h, value(along(s, h, v), a), value(along(s, -h, v), a))
        return apart(0.0, s, s)

    tangent = inline(tangent)
    adjoint = unrolled("adjoint", n, tangent=tangent)
    partials = unrolled("partials by differences", n, parameters, value=value, apart=apart, h=RELATIVE_STEP)
    return PointFunctions(n, parameters, value, tangent, adjoint, partials)


def as_map(system: PointFunctions) -> CellFunctions:
    """Return the cell x' = f(x). It saves x in w: the derivatives are taken there."""
    n = system.n
    value, tangent, adjoint = system.value, system.tangent, system.adjoint
    partials: Any = system.partials
    load, store = unrolled("load", n), unrolled("store", n)
    settings, collect = unrolled("settings", system.parameters, at=at), unrolled("collect", system.parameters)

    def step(q, x, u, y, w):
        B = x.shape[0]
        for r in range(B):
            s = load(x, r, 0)
            store(w, r, 0, s)
            store(y, r, 0, value(s, settings(q, r, B)))

    def push(q, w, V, A, Z):
        B = w.shape[0]
        block = V.shape[0] // B
        for r in range(B):
            s, a = load(w, r, 0), settings(q, r, B)
            for v in range(r * block, r * block + block):
                store(Z, v, 0, tangent(s, load(V, v, 0), a))

    def pull(q, w, G, A, H):
        B = w.shape[0]
        block = G.shape[0] // B
        for r in range(B):
            s, a = load(w, r, 0), settings(q, r, B)
            for v in range(r * block, r * block + block):
                g = load(G, v, 0)
                store(A, v, 0, g)
                store(H, v, 0, adjoint(s, g, a))

    def grad(p, x, u, w, A, dp):
        B = x.shape[0]
        for r in range(B):
            collect(dp, r, B, partials(load(w, r, 0), load(A, r, 0), settings(p, r, B)))

    def size(n, m, scratch):
        return n, n, n

    return CellFunctions(step, push, pull, grad if partials else None, size)


def as_rk4(system: PointFunctions, *, dt: int) -> CellFunctions:
    """Return the classical Runge-Kutta step of dx/dt = f(x); derivatives are those of the discrete step.

    Parameters
    ----------
    system : PointFunctions
        The right-hand side.
    dt : int
        Index of the time step among the cell's parameters.
    """
    n = system.n
    value, tangent, adjoint = system.value, system.tangent, system.adjoint
    partials: Any = system.partials
    load, store, along, mean = (unrolled(word, n) for word in ("load", "store", "along", "mean"))
    settings, collect = unrolled("settings", system.parameters, at=at), unrolled("collect", system.parameters)

    # w holds the four states that the slopes are taken at.
    def step(q, x, u, y, w):
        B = x.shape[0]
        for r in range(B):
            h, a = at(q[dt], r, B), settings(q, r, B)
            first = load(x, r, 0)
            slope1 = value(first, a)
            second = along(first, 0.5 * h, slope1)
            slope2 = value(second, a)
            third = along(first, 0.5 * h, slope2)
            slope3 = value(third, a)
            fourth = along(first, h, slope3)
            slope4 = value(fourth, a)
            store(w, r, 0, first)
            store(w, r, n, second)
            store(w, r, 2 * n, third)
            store(w, r, 3 * n, fourth)
            store(y, r, 0, along(first, h, mean(slope1, slope2, slope3, slope4)))

    def push(q, w, V, A, Z):
        B = w.shape[0]
        block = V.shape[0] // B
        for r in range(B):
            h, a = at(q[dt], r, B), settings(q, r, B)
            first, second, third, fourth = load(w, r, 0), load(w, r, n), load(w, r, 2 * n), load(w, r, 3 * n)
            for v in range(r * block, r * block + block):
                start = load(V, v, 0)
                slope1 = tangent(first, start, a)
                slope2 = tangent(second, along(start, 0.5 * h, slope1), a)
                slope3 = tangent(third, along(start, 0.5 * h, slope2), a)
                slope4 = tangent(fourth, along(start, h, slope3), a)
                store(Z, v, 0, along(start, h, mean(slope1, slope2, slope3, slope4)))

    # A keeps the adjoints of the four slopes, for the parameter gradient.
    def pull(q, w, G, A, H):
        B = w.shape[0]
        block = G.shape[0] // B
        for r in range(B):
            h, a = at(q[dt], r, B), settings(q, r, B)
            first, second, third, fourth = load(w, r, 0), load(w, r, n), load(w, r, 2 * n), load(w, r, 3 * n)
            for v in range(r * block, r * block + block):
                g = load(G, v, 0)
                none = along(g, -1.0, g)
                slope4 = along(none, h / 6.0, g)
                back4 = adjoint(fourth, slope4, a)
                slope3 = along(along(none, h / 3.0, g), h, back4)
                back3 = adjoint(third, slope3, a)
                slope2 = along(along(none, h / 3.0, g), 0.5 * h, back3)
                back2 = adjoint(second, slope2, a)
                slope1 = along(along(none, h / 6.0, g), 0.5 * h, back2)
                back1 = adjoint(first, slope1, a)
                store(A, v, 0, slope1)
                store(A, v, n, slope2)
                store(A, v, 2 * n, slope3)
                store(A, v, 3 * n, slope4)
                total = along(along(g, 1.0, back1), 1.0, back2)
                store(H, v, 0, along(along(total, 1.0, back3), 1.0, back4))

    def grad(p, x, u, w, A, dp):
        B = x.shape[0]
        for r in range(B):
            a = settings(p, r, B)
            for stage in range(4):
                collect(dp, r, B, partials(load(w, r, stage * n), load(A, r, stage * n), a))

    def field(q, x, u, y):
        B = x.shape[0]
        for r in range(B):
            store(y, r, 0, value(load(x, r, 0), settings(q, r, B)))

    def field_push(q, x, u, V, A, Z):
        B = x.shape[0]
        block = V.shape[0] // B
        for r in range(B):
            s, a = load(x, r, 0), settings(q, r, B)
            for v in range(r * block, r * block + block):
                store(Z, v, 0, tangent(s, load(V, v, 0), a))

    def size(n, m, scratch):
        return n, 4 * n, 4 * n

    return CellFunctions(step, push, pull, grad if partials else None, size, field, field_push)
