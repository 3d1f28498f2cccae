"""Many networks in one call, on one thread and on two: 50 gains by 10 seeds, in shorter runs where networks are large.

The ratio of the times is what a user gets, and on a busy machine what its other users leave; the best of some repeats
is printed too. The processor's time says whether two threads do more work than one: at 1.00 they do not hinder each
other.
"""

from __future__ import annotations

import time
from statistics import median

import numpy as np

from lyaplab.model import Model
from lyaplab.model.many import many_spectra

GAINS, SEEDS = 50, 10
# Steps of every network.
STEPS = {10: 10_000, 32: 1500, 100: 60}
REPEATS = 5


def once(nets: list[Model], steps: int, threads: int) -> tuple[float, float]:
    """Seconds of one call by the clock, and by the processor."""
    began, worked = time.perf_counter(), time.process_time()
    many_spectra(nets, steps, warmup=20, threads=threads)
    return time.perf_counter() - began, time.process_time() - worked


def main() -> None:
    """Print the table."""
    print(f"{GAINS * SEEDS} networks; wanted on two cores: 1.90")
    print("   n    steps   time of one thread / of two (best)   processor's time, two threads / one")
    for n, steps in STEPS.items():
        gains = np.linspace(0.5, 3.0, GAINS)
        nets = [Model("tanh", n=n, gain=gain, seed=seed) for gain in gains for seed in range(SEEDS)]
        many_spectra(nets[:2], 10, warmup=2)
        rows = [(once(nets, steps, 1), once(nets, steps, 2)) for _ in range(REPEATS)]
        got = [one[0] / two[0] for one, two in rows]
        work = median(two[1] / one[1] for one, two in rows)
        print(f"{n:4d} {steps:8d} {median(got):19.2f} ({max(got):.2f}) {work:28.2f}", flush=True)
