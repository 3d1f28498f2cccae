"""The spectrum of a tanh network, against the matrix products that it cannot do without.

One product moves n tangents, and Gram-Schmidt has as many operations: two products a step for a full spectrum, one for
the ten largest exponents of many. The yardstick is the bare call of BLAS in a compiled loop; `np.dot(A, B, out=C)` in
Numba, which a person would write, is slower below n = 50.
"""

from __future__ import annotations

import numba
import numpy as np

from benchmarks.clock import BUSY, in_turn, ratio
from lyaplab.engine.spectrum import BUDGET, TangentRun
from lyaplab.kernel import kernel
from lyaplab.kernel.blas import gemm
from lyaplab.model import Model

# Sizes n and k, the share to reach with an orthonormalisation at every step, and the one aimed at.
GOALS = {
    (10, 10): (0.35, 0.45),
    (32, 32): (0.50, 0.60),
    (64, 64): (0.73, 0.85),
    (100, 100): (0.79, 0.85),
    (200, 200): (0.88, 0.90),
    (512, 512): (0.89, 0.92),
    (100, 10): (0.65, 0.65),
}
# Floating-point operations of one measurement.
WORK = 2e8
# Marks of a run are not wanted here.
NEVER = 10**9


@kernel
def products(A, B, C, count):
    """Multiply `count` times by BLAS."""
    for _ in range(count):
        gemm(A, B, C)


@numba.njit(nogil=True)
def dots(A, B, C, count):
    """Multiply `count` times as Numba's users do."""
    for _ in range(count):
        np.dot(A, B, C)


def tangents(n: int, k: int, *, budget: float) -> TangentRun:
    """A run of k tangents of a chaotic network, past its transient."""
    net = Model("tanh", n=n, gain=1.5, seed=1)
    warmup = min(200, 20_000 // n)
    run = TangentRun(net.cell, net._p, x0=net.start, inputs=np.zeros((1, 0)), k=k, warmup=warmup, budget=budget)
    run.advance(max(10, 20_000 // n), spacing=NEVER)
    return run


def measure(n: int, k: int) -> dict[str, list[float]]:
    """Times of the products, of a step with an orthonormalisation each, and of a step with adaptive intervals."""
    a_step = 2 if k == n else 1
    steps = max(10, int(WORK / (2 * a_step * k * n * n + 4000)))
    every, adaptive = tangents(n, k, budget=0.0), tangents(n, k, budget=BUDGET)
    rng = np.random.default_rng(1)
    A, B, C = rng.standard_normal((k, n)), rng.standard_normal((n, n)), np.empty((k, n))
    return in_turn(
        {
            "products": lambda: products(A, B, C, a_step * steps),
            "dots": lambda: dots(A, B, C, a_step * steps),
            "every": lambda: every.advance(every.time + steps, spacing=NEVER),
            "adaptive": lambda: adaptive.advance(adaptive.time + steps, spacing=NEVER),
        },
        clock=BUSY,
    )


def main() -> None:
    """Print the table."""
    print("   n    k   share of the products (by np.dot)   at least   aim   adaptive / every step")
    for (n, k), (least, aim) in GOALS.items():
        times = measure(n, k)
        share, by_dot = ratio(times, "products", "every"), ratio(times, "dots", "every")
        adaptive = ratio(times, "adaptive", "every")
        print(f"{n:4d} {k:4d} {share:15.0%} {by_dot:20.0%} {least:12.0%} {aim:7.0%} {adaptive:16.2f}", flush=True)
    print("(products: two of n rows a step where k = n, else one of k rows)")
    print("(adaptive: at most 0.70 wanted where the spread of growth leaves room)")
