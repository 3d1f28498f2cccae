"""Systems of two and three variables, against loops written by hand for just one system.

The hand-written loops orthonormalise at every step, keep everything in registers and, like the engine, gather growth
as a product whose logarithm is taken now and then.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

import lyaplab as ll
from benchmarks.clock import BUSY, in_turn, of_fastest, ratio
from lyaplab.engine.spectrum import BUDGET, TangentRun
from lyaplab.kernel import inline, kernel
from lyaplab.kernel.squash import tanh_slope

STEPS = 20_000
REPEATS = 100
NEVER = 10**9


@inline
def gathered(factor, growth, total, i):
    """Multiply a factor by growth; bring it to account when it nears the end of floats."""
    factor *= growth
    if 1e-100 < factor < 1e100:
        return factor
    total[i] += np.log(factor)
    return 1.0


@inline
def frame_of_two(a0, a1, b0, b1):
    """Gram-Schmidt of two tangents in the plane: lengths, and the new tangents."""
    first = np.sqrt(a0 * a0 + a1 * a1)
    a0, a1 = a0 / first, a1 / first
    along = a0 * b0 + a1 * b1
    b0, b1 = b0 - along * a0, b1 - along * a1
    second = np.sqrt(b0 * b0 + b1 * b1)
    return first, second, a0, a1, b0 / second, b1 / second


@kernel
def henon_by_hand(a, b, x, total, steps):
    """Both exponents of the Hénon map."""
    x0, x1 = x[0], x[1]
    a0, a1, b0, b1 = 1.0, 0.0, 0.0, 1.0
    f0 = f1 = 1.0
    for _ in range(steps):
        slope = -2.0 * a * x0
        a0, a1 = slope * a0 + a1, b * a0
        b0, b1 = slope * b0 + b1, b * b0
        x0, x1 = 1.0 - a * x0 * x0 + x1, b * x0
        first, second, a0, a1, b0, b1 = frame_of_two(a0, a1, b0, b1)
        f0, f1 = gathered(f0, first, total, 0), gathered(f1, second, total, 1)
    x[0], x[1] = x0, x1


@kernel
def tanh_by_hand(W, x, total, steps):
    """Both exponents of a tanh network of two units."""
    w00, w01, w10, w11 = W[0, 0], W[0, 1], W[1, 0], W[1, 1]
    x0, x1 = x[0], x[1]
    a0, a1, b0, b1 = 1.0, 0.0, 0.0, 1.0
    f0 = f1 = 1.0
    for _ in range(steps):
        y0, s0 = tanh_slope(w00 * x0 + w01 * x1)
        x1, s1 = tanh_slope(w10 * x0 + w11 * x1)
        x0 = y0
        a0, a1 = s0 * (w00 * a0 + w01 * a1), s1 * (w10 * a0 + w11 * a1)
        b0, b1 = s0 * (w00 * b0 + w01 * b1), s1 * (w10 * b0 + w11 * b1)
        first, second, a0, a1, b0, b1 = frame_of_two(a0, a1, b0, b1)
        f0, f1 = gathered(f0, first, total, 0), gathered(f1, second, total, 1)
    x[0], x[1] = x0, x1


@kernel
def rate_by_hand(W, dt, x, total, steps):
    """Both exponents of a rate network of two units in Euler steps."""
    w00, w01, w10, w11 = W[0, 0], W[0, 1], W[1, 0], W[1, 1]
    x0, x1 = x[0], x[1]
    a0, a1, b0, b1 = 1.0, 0.0, 0.0, 1.0
    f0 = f1 = 1.0
    for _ in range(steps):
        r0, s0 = tanh_slope(x0)
        r1, s1 = tanh_slope(x1)
        x0, x1 = x0 + dt * (w00 * r0 + w01 * r1 - x0), x1 + dt * (w10 * r0 + w11 * r1 - x1)
        p0, p1 = s0 * a0, s1 * a1
        a0, a1 = a0 + dt * (w00 * p0 + w01 * p1 - a0), a1 + dt * (w10 * p0 + w11 * p1 - a1)
        p0, p1 = s0 * b0, s1 * b1
        b0, b1 = b0 + dt * (w00 * p0 + w01 * p1 - b0), b1 + dt * (w10 * p0 + w11 * p1 - b1)
        first, second, a0, a1, b0, b1 = frame_of_two(a0, a1, b0, b1)
        f0, f1 = gathered(f0, first, total, 0), gathered(f1, second, total, 1)
    x[0], x[1] = x0, x1


@inline
def lorenz_slope(x, y, z, sigma, rho, beta):
    """Lorenz's right-hand side."""
    return sigma * (y - x), x * (rho - z) - y, x * y - beta * z


@inline
def lorenz_tangent(x, y, z, vx, vy, vz, sigma, rho, beta):
    """Its derivative."""
    return sigma * (vy - vx), (rho - z) * vx - vy - x * vz, y * vx + x * vy - beta * vz


@kernel
def lorenz_by_hand(sigma, rho, beta, h, x, V, total, steps):
    """All three exponents of Lorenz's system in Runge-Kutta steps."""
    x0, x1, x2 = x[0], x[1], x[2]
    f0 = f1 = f2 = 1.0
    for _ in range(steps):
        k0, k1, k2 = lorenz_slope(x0, x1, x2, sigma, rho, beta)
        p0, p1, p2 = x0 + 0.5 * h * k0, x1 + 0.5 * h * k1, x2 + 0.5 * h * k2
        l0, l1, l2 = lorenz_slope(p0, p1, p2, sigma, rho, beta)
        q0, q1, q2 = x0 + 0.5 * h * l0, x1 + 0.5 * h * l1, x2 + 0.5 * h * l2
        m0, m1, m2 = lorenz_slope(q0, q1, q2, sigma, rho, beta)
        r0, r1, r2 = x0 + h * m0, x1 + h * m1, x2 + h * m2
        n0, n1, n2 = lorenz_slope(r0, r1, r2, sigma, rho, beta)
        for i in range(3):
            v0, v1, v2 = V[i, 0], V[i, 1], V[i, 2]
            a0, a1, a2 = lorenz_tangent(x0, x1, x2, v0, v1, v2, sigma, rho, beta)
            w0, w1, w2 = v0 + 0.5 * h * a0, v1 + 0.5 * h * a1, v2 + 0.5 * h * a2
            b0, b1, b2 = lorenz_tangent(p0, p1, p2, w0, w1, w2, sigma, rho, beta)
            w0, w1, w2 = v0 + 0.5 * h * b0, v1 + 0.5 * h * b1, v2 + 0.5 * h * b2
            c0, c1, c2 = lorenz_tangent(q0, q1, q2, w0, w1, w2, sigma, rho, beta)
            w0, w1, w2 = v0 + h * c0, v1 + h * c1, v2 + h * c2
            d0, d1, d2 = lorenz_tangent(r0, r1, r2, w0, w1, w2, sigma, rho, beta)
            V[i, 0] = v0 + h / 6.0 * (a0 + 2.0 * (b0 + c0) + d0)
            V[i, 1] = v1 + h / 6.0 * (a1 + 2.0 * (b1 + c1) + d1)
            V[i, 2] = v2 + h / 6.0 * (a2 + 2.0 * (b2 + c2) + d2)
        x0 += h / 6.0 * (k0 + 2.0 * (l0 + m0) + n0)
        x1 += h / 6.0 * (k1 + 2.0 * (l1 + m1) + n1)
        x2 += h / 6.0 * (k2 + 2.0 * (l2 + m2) + n2)
        a0, a1, a2, b0, b1, b2, c0, c1, c2 = (
            V[0, 0], V[0, 1], V[0, 2], V[1, 0], V[1, 1], V[1, 2], V[2, 0], V[2, 1], V[2, 2],
        )  # fmt: skip
        first = np.sqrt(a0 * a0 + a1 * a1 + a2 * a2)
        a0, a1, a2 = a0 / first, a1 / first, a2 / first
        along = a0 * b0 + a1 * b1 + a2 * b2
        b0, b1, b2 = b0 - along * a0, b1 - along * a1, b2 - along * a2
        along = a0 * c0 + a1 * c1 + a2 * c2
        c0, c1, c2 = c0 - along * a0, c1 - along * a1, c2 - along * a2
        second = np.sqrt(b0 * b0 + b1 * b1 + b2 * b2)
        b0, b1, b2 = b0 / second, b1 / second, b2 / second
        along = b0 * c0 + b1 * c1 + b2 * c2
        c0, c1, c2 = c0 - along * b0, c1 - along * b1, c2 - along * b2
        third = np.sqrt(c0 * c0 + c1 * c1 + c2 * c2)
        c0, c1, c2 = c0 / third, c1 / third, c2 / third
        V[0, 0], V[0, 1], V[0, 2], V[1, 0], V[1, 1], V[1, 2], V[2, 0], V[2, 1], V[2, 2] = (
            a0, a1, a2, b0, b1, b2, c0, c1, c2,
        )  # fmt: skip
        f0, f1 = gathered(f0, first, total, 0), gathered(f1, second, total, 1)
        f2 = gathered(f2, third, total, 2)
    x[0], x[1], x[2] = x0, x1, x2


@ll.flow(dt=0.01)
def own_lorenz(x, y, z, sigma=10.0, rho=28.0, beta=8 / 3):
    return sigma * (y - x), x * (rho - z) - y, x * y - beta * z


@ll.map
def own_henon(x, y, a=1.4, b=0.3):
    return 1 - a * x * x + y, b * x


def by_hand() -> dict[str, Callable[[], object]]:
    """The loops, each at a state of its own."""
    W = np.array([[1.6, -1.5], [1.5, 1.6]])
    plane, network, rates = np.full(2, 0.1), np.full(2, 0.1), np.full(2, 0.1)
    space, frame, total = np.array([1.0, 2.0, 20.0]), np.eye(3), np.zeros(3)
    return {
        "henon": lambda: henon_by_hand(1.4, 0.3, plane, total, STEPS),
        "tanh": lambda: tanh_by_hand(W, network, total, STEPS),
        "rate": lambda: rate_by_hand(W, 0.1, rates, total, STEPS),
        "lorenz63": lambda: lorenz_by_hand(10.0, 28.0, 8 / 3, 0.01, space, frame, total, STEPS),
    }


def engine(net: ll.Model, budget: float) -> Callable[[], object]:
    """All exponents of a model by the engine."""
    run = TangentRun(net.cell, net._p, x0=net.start, inputs=np.zeros((1, 0)), k=net.d, warmup=100, budget=budget)
    return lambda: run.advance(max(run.time, 0) + STEPS, spacing=NEVER)


def main() -> None:
    """Print the table."""
    W = [[1.6, -1.5], [1.5, 1.6]]
    systems = (
        ("tanh, 2 units", ll.Model("tanh", W=W), "tanh"),
        ("rate, 2 units", ll.Model("rate", W=W), "rate"),
        ("henon", ll.Model("henon"), "henon"),
        ("henon as @ll.map", ll.Model(own_henon), "henon"),
        ("lorenz63", ll.Model("lorenz63"), "lorenz63"),
        ("lorenz as @ll.flow", ll.Model(own_lorenz), "lorenz63"),
    )
    print("system                every step / by hand   as it runs / by hand   fastest of each   by hand, us a step")
    for name, net, hand in systems:
        things = {"hand": by_hand()[hand], "every": engine(net, 0.0), "adaptive": engine(net, BUDGET)}
        times = in_turn(things, repeats=REPEATS, clock=BUSY)
        every, adaptive = ratio(times, "every", "hand"), ratio(times, "adaptive", "hand")
        fastest, step = of_fastest(times, "adaptive", "hand"), 1e6 * min(times["hand"]) / STEPS
        print(f"{name:20s} {every:15.2f} {adaptive:22.2f} {fastest:20.2f} {step:18.3f}", flush=True)
    print("(n = 2 and 3: at most 1.3 wanted; medians of the repeats' ratios, and the ratio of the fastest repeats)")


if __name__ == "__main__":
    main()
