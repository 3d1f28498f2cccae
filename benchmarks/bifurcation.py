"""Orbit diagrams with the exponent under them, and basins, against loops written by hand for just one system.

The hand-written loops do one parameter after the other, keep everything in registers, and gather growth as a product
whose logarithm is taken now and then.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

import lyaplab as ll
from benchmarks.clock import in_turn, ratio
from lyaplab.kernel import inline, kernel
from lyaplab.kernel.squash import tanh_slope

VALUES, WARMUP, STEPS, KEEP = 800, 1000, 1000, 200
RESOLUTION = (300, 300)


@inline
def gathered(factor, growth, total, i):
    """Multiply a factor by growth; bring it to account when it nears the end of floats."""
    factor *= growth
    if 1e-100 < factor < 1e100:
        return factor
    total[i] += np.log(factor)
    return 1.0


@kernel
def logistic_by_hand(r, kept, total, warmup, steps):
    """The last states of every parameter, and its exponent."""
    keep = kept.shape[1]
    for i in range(r.shape[0]):
        x, f = 0.3, 1.0
        for _ in range(warmup):
            x = r[i] * x * (1.0 - x)
        for t in range(steps):
            if t >= steps - keep:
                kept[i, t - steps + keep] = x
            f = gathered(f, abs(r[i] * (1.0 - 2.0 * x)), total, i)
            x = r[i] * x * (1.0 - x)
        total[i] = (total[i] + np.log(f)) / steps


@kernel
def unit_by_hand(w, kept, total, warmup, steps):
    """The same of the unit h' = tanh(w h)."""
    keep = kept.shape[1]
    for i in range(w.shape[0]):
        x, f = 0.3, 1.0
        for _ in range(warmup):
            x, slope = tanh_slope(w[i] * x)
        for t in range(steps):
            if t >= steps - keep:
                kept[i, t - steps + keep] = x
            x, slope = tanh_slope(w[i] * x)
            f = gathered(f, abs(w[i] * slope), total, i)
        total[i] = (total[i] + np.log(f)) / steps


@kernel
def henon_by_hand(a, kept, total, warmup, steps):
    """The same of the Hénon map over a."""
    keep = kept.shape[1]
    for i in range(a.shape[0]):
        x0, x1, v0, v1, f = 0.1, 0.1, 1.0, 0.3, 1.0
        for t in range(warmup + steps):
            if t >= warmup + steps - keep:
                kept[i, t - warmup - steps + keep] = x0
            v0, v1 = v1 - 2.0 * a[i] * x0 * v0, 0.3 * v0
            x0, x1 = 1.0 - a[i] * x0 * x0 + x1, 0.3 * x0
            length = np.sqrt(v0 * v0 + v1 * v1)
            v0, v1 = v0 / length, v1 / length
            f = gathered(f, length, total, i)
            if t == warmup - 1:
                f = 1.0
                total[i] = 0.0
        total[i] = (total[i] + np.log(f)) / steps


@kernel
def pair_by_hand(w, W, b, kept, total, warmup, steps):
    """The same of two tanh units over the first weight."""
    keep = kept.shape[1]
    for i in range(w.shape[0]):
        x0, x1, v0, v1, f = 0.3, 0.3, 1.0, 0.3, 1.0
        for t in range(warmup + steps):
            if t >= warmup + steps - keep:
                kept[i, t - warmup - steps + keep] = x0
            y0, s0 = tanh_slope(w[i] * x0 + W[0, 1] * x1 + b[0])
            y1, s1 = tanh_slope(W[1, 0] * x0 + W[1, 1] * x1 + b[1])
            v0, v1 = s0 * (w[i] * v0 + W[0, 1] * v1), s1 * (W[1, 0] * v0 + W[1, 1] * v1)
            x0, x1 = y0, y1
            length = np.sqrt(v0 * v0 + v1 * v1)
            v0, v1 = v0 / length, v1 / length
            f = gathered(f, length, total, i)
            if t == warmup - 1:
                f = 1.0
                total[i] = 0.0
        total[i] = (total[i] + np.log(f)) / steps


def diagrams() -> dict[str, tuple[Callable[[], object], Callable[[], object]]]:
    """Each diagram of ours, and by hand."""
    kept, total = np.empty((VALUES, KEEP)), np.empty(VALUES)
    sizes = {"warmup": WARMUP, "steps": STEPS, "keep": KEEP}
    r, a, w = np.linspace(2.8, 4.0, VALUES), np.linspace(0.0, 1.4, VALUES), np.linspace(-2.0, 2.0, VALUES)
    logistic, henon, unit = ll.Model("logistic"), ll.Model("henon"), ll.Model("tanh", w=2.0)
    pair = ll.Model("tanh", preset="chaos")
    W, b = pair.weights["W"].copy(), pair.weights["b"].copy()

    def fresh(run: Callable[..., None], *arguments: object) -> None:
        total[:] = 0.0
        run(*arguments, kept, total, WARMUP, STEPS)

    return {
        "logistic": (lambda: ll.bifurcation(logistic, "r", r, **sizes), lambda: fresh(logistic_by_hand, r)),
        "one tanh unit": (lambda: ll.bifurcation(unit, "w", w, **sizes), lambda: fresh(unit_by_hand, w)),
        "henon": (lambda: ll.bifurcation(henon, "a", a, **sizes), lambda: fresh(henon_by_hand, a)),
        "two tanh units": (lambda: ll.bifurcation(pair, "w11", w, **sizes), lambda: fresh(pair_by_hand, w, W, b)),
    }


def main() -> None:
    """Print the tables."""
    print(f"{VALUES} parameters x {WARMUP + STEPS} steps with the exponent; wanted: about 1 by hand, some 20 ms")
    for name, (ours, by_hand) in diagrams().items():
        times = in_turn({"ours": ours, "by hand": by_hand}, repeats=9)
        share = ratio(times, "ours", "by hand")
        print(f"{name:16s} {1e3 * min(times['ours']):8.1f} ms {share:8.2f} by hand", flush=True)
    print(f"\nbasins of {RESOLUTION[0]} x {RESOLUTION[1]} starts, 100 steps; wanted: about 50 ms")
    for name in ("linear", "henon", "ikeda", "tanh", "leaky", "rate", "gru"):
        net = ll.Model(name) if ll.Model(name).card.size else ll.Model(name, n=2, seed=1)
        times = in_turn({"basins": lambda net=net: net.basins(resolution=RESOLUTION, steps=100)}, repeats=5)
        print(f"{name:16s} {1e3 * min(times['basins']):8.1f} ms", flush=True)
