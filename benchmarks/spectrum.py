"""The full spectrum of a tanh network, against the two matrix products a step that it cannot do without.

One product moves n tangents, and Gram-Schmidt has as many operations. The yardstick is the bare call of BLAS in a
compiled loop; `np.dot(A, B, out=C)` in Numba, which a person would write, is slower below n = 50.
"""

from __future__ import annotations

import numba
import numpy as np

from benchmarks.clock import in_turn, ratio
from lyaplab.engine.spectrum import BUDGET, TangentRun
from lyaplab.kernel import kernel
from lyaplab.kernel.blas import gemm
from lyaplab.model import Model

# Sizes, the share to reach with an orthonormalisation at every step, and the one aimed at.
GOALS = {10: (0.35, 0.45), 32: (0.50, 0.60), 64: (0.73, 0.85), 100: (0.79, 0.85), 200: (0.88, 0.90)}
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


def tangents(n: int, *, budget: float) -> TangentRun:
    """A run of all n tangents of a chaotic network, past its transient."""
    net = Model("tanh", n=n, gain=1.5, seed=1)
    run = TangentRun(
        net.cell, net._p, x0=net.start, inputs=np.zeros((1, 0)), k=n, warmup=200, budget=budget
    )
    run.advance(max(10, 20_000 // n), spacing=NEVER)
    return run


def measure(n: int) -> dict[str, list[float]]:
    """Times of the products, of a step with an orthonormalisation each, and of a step with adaptive intervals."""
    steps = max(10, int(WORK / (4 * n**3 + 4000)))
    every, adaptive = tangents(n, budget=0.0), tangents(n, budget=BUDGET)
    A, B, C = np.random.default_rng(1).standard_normal((3, n, n))
    return in_turn(
        {
            "products": lambda: products(A, B, C, 2 * steps),
            "dots": lambda: dots(A, B, C, 2 * steps),
            "every": lambda: every.advance(every.time + steps, spacing=NEVER),
            "adaptive": lambda: adaptive.advance(adaptive.time + steps, spacing=NEVER),
        }
    )


def main() -> None:
    """Print the table."""
    print("   n   share of two products (by np.dot)   at least   aim   adaptive / every step")
    for n, (least, aim) in GOALS.items():
        times = measure(n)
        share, by_dot = ratio(times, "products", "every"), ratio(times, "dots", "every")
        adaptive = ratio(times, "adaptive", "every")
        print(f"{n:4d} {share:15.0%} {by_dot:18.0%} {least:12.0%} {aim:7.0%} {adaptive:16.2f}", flush=True)
    print("(adaptive: at most 0.70 wanted where the spread of growth leaves room)")
