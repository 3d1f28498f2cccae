"""Fixed points of chaotic random networks, against Newton's method written plainly with NumPy, and of small systems.

The plain one is the baseline: steps of length 2 at most, no line search, 100 rounds, all starts that have not converged
linearised and solved in one batch. Both get the same five networks, and the same 256 starts.
"""

from __future__ import annotations

import time

import numpy as np

import lyaplab as ll
from benchmarks.clock import in_turn
from lyaplab.engine.linearise import field_jacobians
from lyaplab.engine.newton import distinct
from lyaplab.kernel import one_blas_thread

UNITS, GAIN, SEEDS, STARTS = 100, 1.8, range(5), 256
ROUNDS, LONGEST, RESIDUAL = 100, 2.0, 1e-10


def plain_newton(net: ll.Model, starts: np.ndarray) -> tuple[np.ndarray, float]:
    """Distinct solutions of F(x) = x, and the share of starts that converged."""
    x, todo = starts.copy(), np.arange(len(starts))
    solved = np.zeros(len(x), dtype=bool)
    low, high = net.bounds
    for _ in range(ROUNDS):
        driven = np.zeros((len(todo), net.m))
        F, J = field_jacobians(net.cell, net._p, x=x[todo], inputs=driven, dt=net.time_step)
        done = np.linalg.norm(F, axis=1) <= RESIDUAL
        solved[todo[done]] = True
        F, J, todo = F[~done], J[~done], todo[~done]
        if not len(todo):
            break
        step = np.linalg.solve(J, -F[:, :, None])[:, :, 0]
        step *= np.minimum(1.0, LONGEST / np.linalg.norm(step, axis=1))[:, None]
        x[todo] = np.clip(x[todo] + step, low, high)
    return distinct(x[solved])[0], float(solved.mean())


def large() -> None:
    """Print what both find in the chaotic networks."""
    print(f"tanh, {UNITS} units, gain {GAIN}, {STARTS} starts")
    print("seed   plain: points, converged, s     lyaplab: points, converged, s    time")
    shares = []
    for seed in SEEDS:
        net = ll.Model("tanh", n=UNITS, gain=GAIN, seed=seed)
        starts = net._guesses(STARTS, np.zeros(0))
        net.fixed_points(1)
        with one_blas_thread():
            began = time.perf_counter()
            points, converged = plain_newton(net, starts)
            between = time.perf_counter()
            found = net.fixed_points(STARTS)
            ended = time.perf_counter()
        plain, own = between - began, ended - between
        shares.append(own / plain)
        print(
            f"{seed:4d} {len(points):13d} {converged:10.0%} {plain:8.2f}"
            f" {len(found):17d} {found.converged:10.0%} {own:7.2f} {shares[-1]:8.2f}",
            flush=True,
        )
    print(f"median share of the plain time: {np.median(shares):.2f} (at most 0.33 wanted)")


def small() -> None:
    """Print the time of small systems, of which a slider has ten milliseconds."""
    systems = (
        ll.Model("tanh", preset="bistable"),
        ll.Model("rate", preset="bistable"),
        ll.Model("rate", preset="limit-cycle"),
        ll.Model("logistic"),
        ll.Model("lorenz63"),
    )
    times = in_turn({f"{net.cell.name} {net.preset or ''}": net.fixed_points for net in systems})
    for name, values in times.items():
        print(f"{name:20s} {1e3 * float(np.median(values)):6.2f} ms, {STARTS} starts")


def main() -> None:
    """Print both tables."""
    large()
    small()
