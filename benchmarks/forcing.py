"""The sweep over tau: reconstructions of chaotic systems against the distance between forced states.

The table is that of the runs that come with lyaplab, all seeds; the last columns are of a slice that is trained anew
here. Bits differ between machines, and chaos makes of that other networks, so a slice agrees in size only.

    python -m benchmarks forcing
    python -m benchmarks.forcing lorenz63-forcing      # makes these runs anew, and ships them: some minutes
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

import lyaplab as ll
from lyaplab.sweeps.shipped import SHIPPED, make_shipped

# What is trained anew: one that is too short, one that is good, and one that is too long.
SLICE = {"taus": (1, 30, 200), "seeds": (0,)}
RUNS = Path(ll.__file__).parent / "data" / "runs"


def table(name: str, again: ll.ForcingRuns | None = None) -> None:
    """Print the runs of a name, a line for each tau."""
    runs = ll.data.shipped(name)
    print(f"\n{name}: {runs.cell}, {dict(runs.model)['n']} units, {runs.settings['updates']} updates")
    print(
        f"tau_pred {runs.tau_pred:.1f} steps, largest exponent of the data {runs.exponent:.5f} a step;"
        f" floor of d_stsp {runs.floor:.3f}, of d_spectrum {runs.spectrum_floor:.3f}"
    )
    print(" tau   d_stsp of each seed      median  d_spectrum   exponent of each network     largest gradients   again")
    for tau, middle, spectra in zip(runs.taus, runs.median("d_stsp"), runs.median("d_spectrum"), strict=True):
        rows = np.flatnonzero(runs.tau == tau)
        divergences = " ".join(f"{value:7.3g}" for value in runs.d_stsp[rows])
        exponents = " ".join(f"{value:8.4f}" for value in runs.exponents[rows, 0])
        norms = " ".join(f"{value:7.1e}" for value in runs.largest_gradient[rows])
        anew = ""
        if again is not None and tau in again.tau:
            anew = f"{again.d_stsp[again.at(int(tau))]:.3g}"
        print(f"{tau:4d}   {divergences} {middle:8.3g} {spectra:9.3f}   {exponents}   {norms}   {anew}", flush=True)


def growth(runs: ll.ForcingRuns) -> float:
    """Nats by which the largest gradient of a run grows with each unit of tau: of networks met in training."""
    long = runs.tau >= 15
    return float(np.polyfit(runs.tau[long], np.log(runs.largest_gradient[long]), 1)[0])


def main() -> None:
    """Print the tables, and train a slice of the first anew."""
    first, *others = SHIPPED
    with ll.Processes(1) as one:
        again = make_shipped(first, executor=one, **SLICE)
    table(first, again)
    runs = ll.data.shipped(first)
    print(f"largest gradient norm: {growth(runs):.3f} nats for each unit of tau, from 15 on")
    for name in others:
        table(name)


def make() -> int:
    """Make the runs named on the command line anew; rows go to a file beside, so that nothing is lost."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.forcing", description="Make shipped runs anew.")
    parser.add_argument("names", nargs="+", choices=tuple(SHIPPED))
    for name in parser.parse_args().names:
        rows = Path(f"{name}.jsonl")
        with ll.Processes(1) as one:
            make_shipped(name, save=rows, executor=one).save(RUNS / name)
        rows.unlink()
        table(name)
    return 0


if __name__ == "__main__":
    sys.exit(make())
