"""Long work on one thread, in pieces, with progress and Stop.

A long measurement is an iterator that yields a partial result every 30 to 100 ms. The worker runs it
on a daemon thread, hands over each partial result under the view's lock, and looks between two
pieces whether Stop was pressed. The last good picture stays whatever happens.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

__all__ = ["Job", "Progress", "Worker"]

REPORTS_APART = 0.1
"""Seconds between two reports of progress: more would only fill the wire."""

CLOSING = 5.0
"""Seconds that `close` waits for a piece of work to end; a learner's own loop may never do so."""


@dataclass(frozen=True)
class Progress:
    """How far a job has come.

    Attributes
    ----------
    phase : str
        ``"running"``, ``"done"``, ``"stopped"`` or ``"failed"``.
    fraction : float
        Between 0 and 1; nan when the job cannot tell.
    elapsed : float
        Seconds since the job began.

    Examples
    --------
    >>> print(Progress("running", 0.25, 4.0))
    25 %, about 12 s left
    >>> print(Progress("stopped", 0.5, 4.0))
    stopped at 50 %
    """

    phase: str
    fraction: float
    elapsed: float

    @property
    def left(self) -> float:
        """Estimated seconds to come, nan when unknown."""
        return self.elapsed * (1 / self.fraction - 1) if self.fraction > 0 else float("nan")

    def __str__(self) -> str:
        known = self.fraction == self.fraction
        percent = f"{100 * self.fraction:.0f} %" if known else ""
        if self.phase == "stopped":
            return f"stopped at {percent}" if known else "stopped"
        if self.phase == "failed":
            return "failed"
        if self.phase == "done":
            return f"done in {_seconds(self.elapsed)}"
        # an estimate from the first moments would jump about
        if self.elapsed < 0.5 or not self.left > 0:
            return percent or "running"
        return f"{percent}, about {_seconds(self.left)} left"


def _seconds(seconds: float) -> str:
    if seconds < 1:
        return "1 s" if seconds >= 0.5 else f"{seconds:.1f} s"
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.0f} h"


@dataclass(frozen=True)
class Job:
    """One piece of long work.

    Attributes
    ----------
    pieces : callable
        ``pieces(stop)`` returns the iterable of partial results; a job that waits should wait on
        the event `stop`, so that Stop is prompt.
    deliver : callable
        Takes one partial result; runs on the worker's thread under its lock.
    fraction : callable, optional
        From a partial result to how much is done, 0 to 1.
    """

    pieces: Callable[[threading.Event], Iterable[Any]]
    deliver: Callable[[Any], None]
    fraction: Callable[[Any], float] | None = None


class Worker:
    """Run one job at a time on a daemon thread that lives only while there is work.

    A job that is started while another runs stops that one first: of several, the newest wins.

    Parameters
    ----------
    lock : threading.RLock, optional
        Held while a partial result is delivered.
    report : callable, optional
        Takes a `Progress`, at most ten times a second and once at the end.
    failed : callable, optional
        Takes the exception of a job that failed; without it the exception goes to
        `threading.excepthook`.
    now : callable
        The clock, in seconds.

    Examples
    --------
    >>> seen = []
    >>> worker = Worker()
    >>> worker.start(Job(lambda stop: iter(range(3)), seen.append))
    >>> worker.wait(), seen
    (True, [0, 1, 2])
    """

    def __init__(
        self,
        *,
        lock: threading.RLock | None = None,
        report: Callable[[Progress], None] | None = None,
        failed: Callable[[BaseException], None] | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._lock = lock if lock is not None else threading.RLock()
        self._report, self._failed, self._now = report, failed, now
        self._mutex = threading.Lock()  # guards the fields below
        self._next: Job | None = None
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._busy = False
        self._closed = False

    @property
    def running(self) -> bool:
        """Whether a job is under way."""
        return self._busy

    def start(self, job: Job) -> None:
        """Begin a job, stopping the one that runs; returns at once.

        Raises
        ------
        RuntimeError
            After `close`.
        """
        with self._mutex:
            if self._closed:
                raise RuntimeError("this widget is closed: make a new one to measure again")
            self._next = job
            self._stop.set()
            if not self._busy:
                self._busy = True
                self._thread = threading.Thread(target=self._loop, name="lyaplab-worker", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """Ask the job to end before its next piece; returns at once."""
        with self._mutex:
            self._next = None
            self._stop.set()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until no job runs; True when that came before `timeout` seconds."""
        with self._mutex:  # a thread that is just being started cannot be joined
            thread = self._thread
        if thread is None or thread is threading.current_thread():
            return True
        thread.join(timeout)
        return not thread.is_alive()

    def close(self) -> None:
        """Stop the job and wait for its thread; the worker takes no further jobs."""
        with self._mutex:
            self._closed = True
        self.stop()
        self.wait(CLOSING)

    def _loop(self) -> None:
        """Run jobs until none is left; the thread's body."""
        try:
            while (taken := self._take()) is not None:
                self._run(*taken)
        except BaseException:
            with self._mutex:  # a complaint that is raised on, as tests ask for, ends this thread
                self._busy = False
            raise

    def _take(self) -> tuple[Job, threading.Event] | None:
        """Take the job that waits; when there is none, the thread counts as gone from here on."""
        with self._mutex:
            job, self._next = self._next, None
            if job is None:
                self._busy = False
                return None
            self._stop = threading.Event()
            return job, self._stop

    def _run(self, job: Job, stop: threading.Event) -> None:
        started = self._now()
        reported = float("-inf")
        fraction = 0.0 if job.fraction else float("nan")
        phase = "done"
        self._tell(Progress("running", fraction, 0.0))
        try:
            for partial in job.pieces(stop):
                if not self._hand_over(job, partial, stop):
                    phase = "stopped"
                    break
                if job.fraction is not None:
                    fraction = min(1.0, max(0.0, float(job.fraction(partial))))
                now = self._now()
                if now - reported >= REPORTS_APART:
                    reported = now
                    self._tell(Progress("running", fraction, now - started))
            else:
                phase = "stopped" if stop.is_set() else "done"
        except Exception as error:
            phase = "failed"
            self._complain(error)
        if phase == "done" and fraction == fraction:
            fraction = 1.0
        self._tell(Progress(phase, fraction, self._now() - started))

    def _hand_over(self, job: Job, partial: Any, stop: threading.Event) -> bool:
        """Deliver a partial result under the lock, unless Stop comes first."""
        # whoever holds the lock may be waiting for us in close(): never wait for it blindly
        while not self._lock.acquire(timeout=0.05):
            if stop.is_set():
                return False
        try:
            if stop.is_set():
                return False
            job.deliver(partial)
            return not stop.is_set()  # Stop may have come while delivering: then no further piece begins
        finally:
            self._lock.release()

    def _tell(self, progress: Progress) -> None:
        if self._report is None:
            return
        try:
            self._report(progress)
        except Exception as error:
            self._complain(error)

    def _complain(self, error: Exception) -> None:
        if self._failed is None:
            raise error
        self._failed(error)
