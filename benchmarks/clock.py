"""Times of several things in turn, so that a busy moment of the machine meets all of them.

On a machine that others use, a long stretch is interrupted more often than a short one, and ratios of wall time grow.
What runs on one thread is therefore measured by the time that the process had a processor for: ``clock=BUSY``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from statistics import median

from lyaplab.kernel import one_blas_thread

REPEATS = 15
BUSY = time.process_time


def in_turn(
    things: Mapping[str, Callable[[], object]],
    *,
    repeats: int = REPEATS,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, list[float]]:
    """Seconds of every thing, repeat by repeat, on one BLAS thread; each is run once before, unmeasured."""
    times: dict[str, list[float]] = {name: [] for name in things}
    with one_blas_thread():
        for thing in things.values():
            thing()
        for _ in range(repeats):
            for name, thing in things.items():
                began = clock()
                thing()
                times[name].append(clock() - began)
    return times


def ratio(times: Mapping[str, list[float]], over: str, under: str) -> float:
    """Median over the repeats of the ratio of two things timed next to each other."""
    return median(a / b for a, b in zip(times[over], times[under], strict=True))


def of_fastest(times: Mapping[str, list[float]], over: str, under: str) -> float:
    """Ratio of the fastest repeats: what the code takes when no neighbour on the machine slows one of the two."""
    return min(times[over]) / min(times[under])
