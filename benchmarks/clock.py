"""Times of several things in turn, so that a busy moment of the machine meets all of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from statistics import median

from lyaplab.kernel import one_blas_thread

REPEATS = 15


def in_turn(things: Mapping[str, Callable[[], object]], *, repeats: int = REPEATS) -> dict[str, list[float]]:
    """Seconds of every thing, repeat by repeat, on one BLAS thread; each is run once before, unmeasured."""
    times: dict[str, list[float]] = {name: [] for name in things}
    with one_blas_thread():
        for thing in things.values():
            thing()
        for _ in range(repeats):
            for name, thing in things.items():
                began = time.perf_counter()
                thing()
                times[name].append(time.perf_counter() - began)
    return times


def ratio(times: Mapping[str, list[float]], over: str, under: str) -> float:
    """Median over the repeats of the ratio of two things timed next to each other."""
    return median(a / b for a, b in zip(times[over], times[under], strict=True))
