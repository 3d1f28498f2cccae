"""A sweep of small networks on processes of this machine, against a bare loop over Model in one process.

The loop measures the same rows, and writes nothing. Rows are short on purpose: what is left of them beside making the
network, sending, saving and gathering is the worst case. On a busy machine processes get what its other users leave;
the best of some repeats is printed too. The last column is what sending and gathering cost with one process.
"""

from __future__ import annotations

import itertools
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import lyaplab as ll
from lyaplab.engine.many import cores

# Networks and steps of each.
SIZES = {2: (300, 300), 10: (200, 1000), 50: (30, 500)}
REPEATS = 5


class Contest:
    """The same rows by a loop, by processes on all cores, and by one process."""

    def __init__(self, n: int, count: int, steps: int, folder: Path) -> None:
        self.rows = [{"cell": "tanh", "n": n, "gain": 1.5, "seed": seed} for seed in range(count)]
        self.steps = steps
        self.files = (folder / f"{n}-{number}.jsonl" for number in itertools.count())

    def loop(self) -> None:
        for row in self.rows:
            ll.Model(**row).lyapunov_spectrum(self.steps, warmup=20)

    def sweep(self, pool: ll.Processes) -> None:
        how = {"save": next(self.files), "executor": pool, "progress": False}
        ll.sweep(self.rows, "lyapunov_spectrum", steps=self.steps, warmup=20, **how)


def seconds(thing: Callable[..., None], *args: ll.Processes) -> float:
    """Seconds of one call."""
    began = time.perf_counter()
    thing(*args)
    return time.perf_counter() - began


def main() -> None:
    """Print the table."""
    print(f"{cores()} cores; time of the loop / of the sweep, saved to a file")
    print("   n   rows   rows per second of the loop   on all cores (best)   on one process (best)")
    with ll.Processes() as every, ll.Processes(1) as one, tempfile.TemporaryDirectory() as folder:
        for n, (count, steps) in SIZES.items():
            contest = Contest(n, count, steps, Path(folder))
            for pool in (every, one):  # processes start, kernels are loaded
                contest.sweep(pool)
            contest.loop()
            times = [
                (seconds(contest.loop), seconds(contest.sweep, every), seconds(contest.sweep, one))
                for _ in range(REPEATS)
            ]
            all_cores, single = ([turn[0] / turn[place] for turn in times] for place in (1, 2))
            rate = count / median(turn[0] for turn in times)
            print(
                f"{n:4d} {count:6d} {rate:22.0f} {median(all_cores):24.2f} ({max(all_cores):.2f})"
                f" {median(single):16.2f} ({max(single):.2f})",
                flush=True,
            )
