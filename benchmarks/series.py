"""The largest exponent of a series by Rosenstein's method, against nolds with the same settings.

nolds fits one line to the whole curve; lyaplab also looks for the stretch that is straight. What is compared before
the timing is the curve itself.

    python -m benchmarks series
"""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np

from benchmarks.clock import BUSY, in_turn, ratio
from lyaplab.engine.from_data import lyapunov_from_data
from lyaplab.model import Model

LENGTHS = (500, 1000, 2000, 4000)
# Settings of each system's series.
SYSTEMS = {
    "henon": {"dimension": 2, "lag": 1, "theiler": 5, "steps": 15},
    "lorenz63": {"dimension": 3, "lag": 16, "theiler": 60, "steps": 200},
}
REPEATS = 3
# The curves are the same but for rounding.
AGREE = 1e-10


def series_of(name: str, length: int) -> np.ndarray:
    """Return the first variable of an orbit on the attractor."""
    return Model(name).orbit(length, warmup=2000)[:, 0]


def check(series: np.ndarray, curve: np.ndarray, ours: np.ndarray) -> None:
    """Refuse to time two curves that are not the same; ours is in standard deviations."""
    error = np.abs(curve - np.log(series.std()) - ours).max()
    if not error < AGREE:
        raise AssertionError(f"nolds differs by {error:.2g} in the mean logarithm of the distance")


def main() -> None:
    """Print the table."""
    if find_spec("nolds") is None:
        print("skipped: nolds (not installed)")
        return
    from benchmarks.others.by_nolds import divergence_by_nolds

    print("series          rows   nolds / lyaplab")
    for name, settings in SYSTEMS.items():
        for length in LENGTHS:
            series = series_of(name, length)
            check(series, divergence_by_nolds(series, **settings), lyapunov_from_data(series, **settings).curve)
            times = in_turn(
                {
                    "lyaplab": lambda s=series, o=settings: lyapunov_from_data(s, **o),
                    "nolds": lambda s=series, o=settings: divergence_by_nolds(s, **o),
                },
                repeats=REPEATS,
                clock=BUSY,
            )
            print(f"{name:12s} {length:7d} {ratio(times, 'nolds', 'lyaplab'):17.1f}", flush=True)
    print("(wanted: above 1 everywhere)")
