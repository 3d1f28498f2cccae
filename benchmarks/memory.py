"""The most memory that a spectrum of 512 units takes, above the import, in a fresh process with a warm cache.

A run keeps 64 marks and no orbit, so its length makes no difference; the default is short. ``python -m
benchmarks.memory 10000`` is the whole (some minutes).
"""

from __future__ import annotations

import subprocess
import sys

SIZE, STEPS, WANTED = 512, 60, 150

SCRIPT = """
import resource, sys
import lyaplab as ll
net = ll.Model("tanh", n=8, gain=2.0, seed=1)
net.lyapunov_spectrum(2, warmup=2)  # the import of Numba, and machine code from the cache
def megabytes():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform != "darwin" else 1024**2)
before = megabytes()
steps = int(sys.argv[1])
spectrum = ll.Model("tanh", n={size}, gain=2.0, seed=1).lyapunov_spectrum(steps, warmup=10)
print(megabytes() - before)
"""


def peak(steps: int) -> float:
    """Megabytes that the run adds to the peak of the process."""
    script = SCRIPT.format(size=SIZE)
    subprocess.run([sys.executable, "-c", script, "2"], capture_output=True, check=True)
    done = subprocess.run([sys.executable, "-c", script, str(steps)], capture_output=True, text=True, check=True)
    return float(done.stdout)


def main(steps: int = STEPS) -> None:
    """Print the peak."""
    runs = (steps,) if steps != STEPS else (STEPS // 3, STEPS)
    for length in runs:
        print(f"spectrum of {SIZE} units over {length} steps: {peak(length):.0f} MB above the import"
              f" (wanted: at most {WANTED} over 10,000 steps)", flush=True)  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else STEPS)
