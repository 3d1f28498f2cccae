"""Many networks in one call: one network a thread, and as many threads as there are cores.

Kernels let go of Python's lock and keep BLAS to one thread, so networks run side by side in one process. What comes out
for a network has the same bits as when it is measured alone.
"""

from __future__ import annotations

import os
import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lyaplab.engine.dimension import entropy_rate, kaplan_yorke
from lyaplab.engine.exponents import Spectrum
from lyaplab.engine.lyapunov import SpectrumRun
from lyaplab.engine.result import Result
from lyaplab.errors import DivergenceError
from lyaplab.kernel import one_blas_thread

__all__ = ["Spectra", "cores", "follow_many", "side_by_side"]

Array = NDArray[np.float64]
Outcome = Spectrum | ArithmeticError

# A table is made and handed on at most this often.
_PICTURE_SECONDS = 0.05


def cores() -> int:
    """How many cores this process may use."""
    allowed = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed else os.cpu_count() or 1


def side_by_side(runs: Sequence[Callable[[], SpectrumRun]], *, threads: int) -> Iterator[tuple[int, Outcome]]:
    """Measure the runs on some threads; yield the place and the outcome of each as it ends, in any order.

    Parameters
    ----------
    runs : sequence of callable
        Each makes its run; it is called on the thread that the run is made on.
    threads : int
        How many at a time.

    Yields
    ------
    place : int
        Which of the runs has ended.
    outcome : Spectrum or ArithmeticError
        Its spectrum, or what went wrong with its numbers. Any other error ends them all, and is raised.
    """
    ended: queue.SimpleQueue[tuple[int, Outcome | BaseException | None]] = queue.SimpleQueue()
    stop = threading.Event()

    def work(place: int) -> None:
        try:
            ended.put((place, _outcome(runs[place], stop)))
        except BaseException as error:
            ended.put((place, error))

    pool = ThreadPoolExecutor(min(threads, max(1, len(runs))), thread_name_prefix="lyaplab")
    try:
        for place in range(len(runs)):
            pool.submit(work, place)
        for _ in runs:
            place, outcome = ended.get()
            if not isinstance(outcome, Outcome):
                assert outcome is not None
                raise outcome
            yield place, outcome
    finally:
        # Also when nobody asks for the next: every thread stops at the end of its piece.
        stop.set()
        pool.shutdown(wait=True, cancel_futures=True)


def _outcome(make: Callable[[], SpectrumRun], stop: threading.Event) -> Outcome | None:
    try:
        # The limit is set once for a network, and not at every piece.
        with one_blas_thread():
            run = make()
            for _ in run.pieces():
                if stop.is_set():
                    return None
            return run.result()
    except ArithmeticError as error:
        return error


@dataclass(frozen=True, repr=False)
class Spectra(Result):
    """Lyapunov exponents of many networks, one row for each in the order they came in.

    Parameters
    ----------
    exponents, stderr : ndarray(float, shape=(B, k))
        In descending order, in nats per `unit`; NaN for a network that is not done, or that diverged.
    sum_rule_error, kaplan_yorke, entropy_rate : ndarray(float, shape=(B,))
        As of each network's `Spectrum`.
    steps : ndarray(int, shape=(B,))
        Steps that were counted; 0 for a network that is not done, and for one that diverged the step where it did.
    faults : list of str
        What went wrong with a network; empty where nothing did.
    unit : str
        "step" for maps, "time" for flows.
    """

    exponents: Array
    stderr: Array
    sum_rule_error: Array
    kaplan_yorke: Array
    entropy_rate: Array
    steps: NDArray[np.int64]
    faults: list[str]
    unit: str = "step"

    @property
    def failed(self) -> NDArray[np.bool_]:
        """Which networks diverged, shape (B,)."""
        return np.array([bool(fault) for fault in self.faults], dtype=bool)

    @property
    def done(self) -> NDArray[np.bool_]:
        """Which networks have been measured or have failed, shape (B,)."""
        return self.failed | (self.steps > 0)

    def table(self) -> dict[str, np.ndarray]:
        """Return the columns largest, stderr, kaplan_yorke, entropy_rate, steps and fault."""
        return {
            "largest": self.exponents[:, 0],
            "stderr": self.stderr[:, 0],
            "kaplan_yorke": self.kaplan_yorke,
            "entropy_rate": self.entropy_rate,
            "steps": self.steps,
            "fault": np.array(self.faults, dtype=object),
        }

    def __len__(self) -> int:
        return len(self.exponents)

    def __repr__(self) -> str:
        count, done, failed = len(self), int(self.done.sum()), int(self.failed.sum())
        good = self.exponents[self.done & ~self.failed, 0]
        reach = f"; largest exponents {good.min():.4f} to {good.max():.4f} per {self.unit}" if len(good) else ""
        missing = f", {done} done" if done < count else ""
        return f"Spectra({count} networks{missing}" + (f", {failed} diverged" if failed else "") + f"{reach})"


class _Table:
    """The columns of `Spectra`, as they fill."""

    def __init__(self, count: int, k: int, unit: str) -> None:
        self._each = [np.full((count, k), np.nan) for _ in range(2)]
        self._single = [np.full(count, np.nan) for _ in range(3)]
        self._steps = np.zeros(count, dtype=np.int64)
        self._faults = [""] * count
        self._unit = unit

    def note(self, place: int, outcome: Outcome) -> None:
        if isinstance(outcome, ArithmeticError):
            self._faults[place] = str(outcome)
            self._steps[place] = outcome.step if isinstance(outcome, DivergenceError) else 0
            return
        self._steps[place] = outcome.steps
        for column, values in zip(self._each, (outcome.exponents, outcome.stderr), strict=True):
            column[place] = values
        known = bool(np.isfinite(outcome.exponents[0]) or np.isneginf(outcome.exponents[0]))
        together = (kaplan_yorke(outcome.exponents), entropy_rate(outcome.exponents)) if known else (np.nan, np.nan)
        for single, value in zip(self._single, (outcome.sum_rule_error, *together), strict=True):
            single[place] = value

    def spectra(self) -> Spectra:
        exponents, stderr = (column.copy() for column in self._each)
        rule, dimension, entropy = (column.copy() for column in self._single)
        return Spectra(
            exponents, stderr, rule, dimension, entropy, self._steps.copy(), list(self._faults), self._unit
        )


def follow_many(
    runs: Sequence[Callable[[], SpectrumRun]], *, k: int, unit: str = "step", threads: int | None = None
) -> Iterator[Spectra]:
    """Yield the table whenever a run has ended, at most every 50 ms or so; the last one yielded is complete.

    Parameters
    ----------
    runs : sequence of callable
        Each makes the run of one network.
    k : int
        Number of exponents.
    unit : str, optional
        "step" or "time".
    threads : int, optional
        How many networks run at a time, by default as many as there are cores.

    Yields
    ------
    Spectra
    """
    table = _Table(len(runs), k, unit)
    shown = time.perf_counter()
    left = len(runs)
    for place, outcome in side_by_side(runs, threads=cores() if threads is None else threads):
        table.note(place, outcome)
        left -= 1
        now = time.perf_counter()
        if left == 0 or now - shown > _PICTURE_SECONDS:
            shown = now
            yield table.spectra()
