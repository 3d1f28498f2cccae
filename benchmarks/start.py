"""From nothing to a first spectrum, in fresh processes with scratch caches: cold, and once everything is compiled.

Seconds of this machine at this moment: here there is nothing to take a ratio to but the bare start of Python with
Numba, which is printed beside. Last, and some minutes long, `lyaplab warm`, which compiles everything.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from statistics import median

REPEATS = 5

SPECTRUM = """
import time
began = time.perf_counter()
import lyaplab as ll
imported = time.perf_counter()
ll.Model({cell!r})
ready = time.perf_counter()
ll.Model({cell!r}).lyapunov_spectrum(1000)
done = time.perf_counter()
print(imported - began, ready - imported, done - ready, done - began)
"""
BARE = """
import time
began = time.perf_counter()
import numba, scipy.linalg.cython_blas
print(time.perf_counter() - began)
"""


def seconds(script: str, cache: str) -> list[float]:
    """What a script prints, in a fresh process."""
    environment = {**os.environ, "LYAPLAB_CACHE": cache}
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env=environment
    )
    return [float(word) for word in done.stdout.split()]


def whole_warming(*cells: str) -> float:
    """Seconds of `lyaplab warm` with an empty cache, for some cells or for all."""
    with tempfile.TemporaryDirectory() as cache:
        environment = {**os.environ, "LYAPLAB_CACHE": cache}
        began = time.perf_counter()
        subprocess.run([sys.executable, "-m", "lyaplab", "warm", "--quiet", *cells], check=True, env=environment)
        return time.perf_counter() - began


def middle(rows: list[list[float]]) -> list[float]:
    """Median of every column."""
    return [median(column) for column in zip(*rows, strict=True)]


def main() -> None:
    """Print the table."""
    first = SPECTRUM.format(cell="tanh")
    next_one = SPECTRUM.format(cell="henon")
    with tempfile.TemporaryDirectory() as cache:
        bare = middle([seconds(BARE, cache) for _ in range(REPEATS)])[0]
        cold = seconds(first, cache)
        other = seconds(next_one, cache)
        warm = middle([seconds(first, cache) for _ in range(REPEATS)])
    print("seconds               import lyaplab   Model   spectrum   in all   in all / import of Numba and SciPy")
    for name, row in (("cold, tanh", cold), ("cold, next cell", other), ("warm, tanh", warm)):
        print(f"{name:20s} {row[0]:14.3f} {row[1]:8.2f} {row[2]:9.2f} {row[3]:9.2f} {row[3] / bare:16.1f}")
    print(f"(import of Numba and SciPy alone: {bare:.2f}; wanted on an idle machine: cold 4 s, warm spectrum 0.3 s)")
    print("lyaplab warm, all cells, with an empty cache:", end=" ", flush=True)
    seconds_of_all = whole_warming()
    print(f"{seconds_of_all:.0f} s, {seconds_of_all / cold[3]:.0f} times the first spectrum")
