"""Training in the forcing lab: runs that are made here, one update at a time or thousands, and kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import lyaplab.training.trainer as trainer
from lyaplab.errors import DivergenceError
from lyaplab.widgets._lablook import judged
from lyaplab.widgets._labruns import Run
from lyaplab.widgets._labsystem import LabSystem

__all__ = ["Bench"]

# Weights of a run made here are kept so many times, so that its course can be seen again.
_KEPT = 8
# A reduced run has this share of the updates of a full one.
_REDUCED = 0.25


class Bench:
    """The runs that have been made here, by tau, seed and planned updates.

    Parameters
    ----------
    system : LabSystem
        Whose series is learnt.
    """

    def __init__(self, system: LabSystem) -> None:
        self._system = system
        self.runs: dict[tuple[int, int, int], Run] = {}

    def planned(self, length: str) -> int:
        """How many updates a run of a length ("reduced" or "full") has."""
        whole = int(self._system.settings(1, 0)["updates"])
        return whole if length == "full" else max(1, round(_REDUCED * whole))

    def run(self, tau: int, seed: int, planned: int) -> Run:
        """Give a run as far as it has come; one that is new has made no update."""
        known = self.runs.get((tau, seed, planned))
        return known if known is not None else Run.begun(self._system.network(seed), tau, seed, planned)

    def begun(self, tau: int, seed: int) -> Run | None:
        """Give the run of a tau and a seed that has come furthest, if any was begun."""
        there = [run for (t, s, _), run in self.runs.items() if (t, s) == (tau, seed)]
        return max(there, key=lambda run: run.done) if there else None

    def take(self, run: Run) -> None:
        """Keep a run as far as it has come."""
        self.runs[run.tau, run.seed, run.planned] = run

    def drop(self, tau: int, seed: int, planned: int) -> None:
        """Forget a run: the next one begins anew."""
        self.runs.pop((tau, seed, planned), None)

    def follow(self, tau: int, seed: int, planned: int, *, pause: int | None = None) -> Iterator[Run]:
        """Go on with a run, and yield it every 50 ms or so; the last one is judged where it came to its end.

        A run whose loss leaves the range of floats ends with its last good state.
        """
        run = self.run(tau, seed, planned)
        settings = self._system.settings(tau, seed, planned)
        network, values = self._system.network(seed), self._system.series.values
        try:
            for record in trainer.iter_train(
                network, values, **settings, snapshots=max(1, planned // _KEPT), resume=run.record, pause=pause
            ):
                run = run.with_record(record)
                yield run
        except DivergenceError as error:
            run = replace(run.with_record(error.partial), lost=error.step)
        if run.over:
            yield replace(run, judged=judged(run.network(run.done), self._system.test))

    def fill(self, taus: list[int], seeds: list[int], planned: int) -> Iterator[tuple[Run, float]]:
        """Make the runs of several tau and seeds in turn; yield each with the share of all that is done."""
        wanted = [(tau, seed) for seed in seeds for tau in taus]
        for place, (tau, seed) in enumerate(wanted):
            known = self.runs.get((tau, seed, planned))
            if known is not None and known.judged is not None:
                continue
            for run in self.follow(tau, seed, planned):
                yield run, (place + run.done / planned) / len(wanted)
