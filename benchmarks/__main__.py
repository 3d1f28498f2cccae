"""Run the benchmarks named on the command line, or all of them."""

from __future__ import annotations

import argparse
import platform
import sys
from importlib import import_module
from importlib.util import find_spec

# One module with a function `main()` for each; one that is not there yet is left out.
TOPICS = (
    "spectrum", "small", "peers", "series", "many", "sweep", "fixed_points", "bifurcation", "training", "forcing",
    "filter", "memory", "start", "widgets",
)  # fmt: skip


def main() -> int:
    """Print the benchmarks asked for."""
    there = [topic for topic in TOPICS if find_spec(f"benchmarks.{topic}")]
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("topics", nargs="*", metavar="topic", help=f"any of: {', '.join(there)}")
    chosen = parser.parse_args().topics or there
    wrong = [topic for topic in chosen if topic not in there]
    if wrong:
        parser.error(f"unknown topic {wrong[0]!r}; there are: {', '.join(there)}")
    print(f"Python {platform.python_version()} on {platform.machine()}; ratios of one run, medians of repeats")
    for topic in chosen:
        print(f"\n== {topic}", flush=True)
        import_module(f"benchmarks.{topic}").main()
    return 0


if __name__ == "__main__":
    sys.exit(main())
