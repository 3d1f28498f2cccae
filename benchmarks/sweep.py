"""A sweep of small networks on processes of this machine, against a bare loop over Model in one process.

The loop measures the same rows, and writes nothing. Rows are short on purpose: what is left of them beside making the
network, sending, saving and gathering is the worst case. On a busy machine processes get what its other users leave;
the best of some repeats is printed too. The last column is what sending and gathering cost with one process.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np

import lyaplab as ll
from lyaplab.engine.many import cores

# Networks and steps of each.
SIZES = {2: (2000, 300), 10: (1000, 1000), 50: (60, 500)}
REPEATS = 3


def seconds(thing: Callable[[], object]) -> float:
    """Seconds of one call."""
    began = time.perf_counter()
    thing()
    return time.perf_counter() - began


def loop(rows: list[dict], steps: int) -> list[np.ndarray]:
    """What a sweep is held against."""
    return [ll.Model(**row).lyapunov_spectrum(steps, warmup=20).exponents for row in rows]


def main() -> None:
    """Print the table."""
    print(f"{cores()} cores; time of the loop / of the sweep, saved to a file")
    print("   n   rows   rows per second of the loop   on all cores (best)   on one process (best)")
    with ll.Processes() as every, ll.Processes(1) as one, tempfile.TemporaryDirectory() as folder:
        for n, (count, steps) in SIZES.items():
            rows = [{"cell": "tanh", "n": n, "gain": 1.5, "seed": seed} for seed in range(count)]
            names = (Path(folder) / f"{n}-{number}.jsonl" for number in range(1000))

            def swept(executor: ll.Processes, rows: list[dict] = rows, names=names, steps: int = steps) -> None:
                how = {"executor": executor, "save": next(names), "progress": False}
                ll.sweep(rows, "lyapunov_spectrum", steps=steps, warmup=20, **how)

            for executor in (every, one):  # processes start, kernels are loaded
                swept(executor, rows[:8])
            loop(rows[:1], steps)
            times = [(seconds(lambda: loop(rows, steps)), *map(seconds, (lambda: swept(every), lambda: swept(one))))
                     for _ in range(REPEATS)]  # fmt: skip  # noqa: B023
            all_cores, single = ([a[0] / a[place] for a in times] for place in (1, 2))
            rate = count / median(a[0] for a in times)
            print(
                f"{n:4d} {count:6d} {rate:22.0f} {median(all_cores):24.2f} ({max(all_cores):.2f})"
                f" {median(single):16.2f} ({max(single):.2f})",
                flush=True,
            )
