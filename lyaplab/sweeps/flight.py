"""Rows on their way through an executor: in batches, a bounded number at a time, and again where a worker was lost.

Only the protocol of concurrent.futures is used: `submit`, and of a future `add_done_callback`, `result` and `cancel`.
"""

from __future__ import annotations

import queue
import warnings
from collections import Counter, deque
from collections.abc import Generator, Iterable, Sequence
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future, ProcessPoolExecutor
from typing import Any

from lyaplab.sweeps.grid import Row
from lyaplab.sweeps.processes import Processes
from lyaplab.sweeps.sending import CannotSend
from lyaplab.sweeps.task import Outcome, Task, work

__all__ = ["Flight"]

# A batch takes about this long: overhead is small beside it, and Stop, progress and a lost worker cost no more.
_BATCH_SECONDS = 0.25
_LARGEST_BATCH = 256
# A row whose worker was lost this often while it ran alone has an error, and is not tried again.
_TRIES = 2
# Batches in flight where the executor does not say how many workers it has: enough for some 30 of them.
_IN_FLIGHT = 64
# How often a wait looks up, so that Ctrl-C is heard on Windows too.
_LOOK_SECONDS = 0.2

Batch = Sequence[int]


class Flight:
    """The rows of one sweep and who measures them.

    Parameters
    ----------
    executor : Executor
        Who measures.
    task : Task
        How.
    rows : sequence of dict
        All rows of the grid.
    todo : iterable of int
        Which of them, in the order in which they are handed out.
    in_flight : int, optional
        How many batches are handed out at a time, by default two for each worker.
    """

    def __init__(
        self, executor: Executor, task: Task, rows: Sequence[Row], todo: Iterable[int], in_flight: int | None = None
    ) -> None:
        self._executor, self._task, self._rows = executor, task, rows
        self._waiting = deque(todo)
        self._again: deque[int] = deque()  # rows of a lost batch: each goes alone
        self._tries: Counter[int] = Counter()
        self._flying: dict[Future[Any], Batch] = {}
        self._landed: queue.SimpleQueue[Future[Any]] = queue.SimpleQueue()
        workers = getattr(executor, "_max_workers", None)
        self._width = in_flight or (2 * workers if isinstance(workers, int) else _IN_FLIGHT)
        self._seconds: float | None = None  # of a row
        self._works = False  # whether anything has come back yet
        self._own: Processes | None = None  # what took the place of somebody's broken pool

    def outcomes(self) -> Generator[list[tuple[int, Outcome]]]:
        """Yield rows as they come, in any order; what is still under way is cancelled when nobody asks for the next."""
        try:
            while self._hand_out():
                future = self._next()
                batch = self._flying.pop(future)
                try:
                    outcomes, seconds = future.result()
                except (Exception, CancelledError) as error:
                    lost = self._lost(batch, error)
                    if lost:
                        yield lost
                else:
                    self._works = True
                    each = seconds / len(batch)
                    self._seconds = each if self._seconds is None else 0.7 * self._seconds + 0.3 * each
                    yield outcomes
        finally:
            for future in list(self._flying):
                future.cancel()
            if self._own is not None:
                self._own.shutdown(cancel_futures=True)
            elif isinstance(self._executor, Processes) and self._flying:
                self._executor.interrupt()

    def _hand_out(self) -> bool:
        """Fill up what is under way; tell whether there is anything."""
        while len(self._flying) < self._width and (self._again or self._waiting):
            source = self._again or self._waiting
            size = 1 if source is self._again else self._batch_size()
            batch = [source.popleft() for _ in range(min(size, len(source)))]
            self._submit(batch)
        return bool(self._flying)

    def _batch_size(self) -> int:
        """How many rows take a quarter of a second; fewer near the end, so that all workers end together."""
        if self._seconds is None:
            return 1
        fair = -(-len(self._waiting) // self._width)
        return max(1, min(_LARGEST_BATCH, fair, int(_BATCH_SECONDS / max(self._seconds, 1e-9))))

    def _submit(self, batch: Batch) -> None:
        rows = [(place, self._rows[place]) for place in batch]
        attempt = self._tries[batch[0]] if len(batch) == 1 else 0
        try:
            future = self._executor.submit(work, self._task, rows, attempt)
        except BrokenExecutor as error:
            self._replace(error)
            future = self._executor.submit(work, self._task, rows, attempt)
        self._flying[future] = batch
        future.add_done_callback(self._landed.put)

    def _next(self) -> Future[Any]:
        while True:
            try:
                future = self._landed.get(timeout=_LOOK_SECONDS)
            except queue.Empty:
                continue
            if future in self._flying:
                return future

    def _lost(self, batch: Batch, error: BaseException) -> list[tuple[int, Outcome]]:
        """Try the rows of a lost batch again, each alone; return the error of one that has been lost too often.

        What goes wrong in a measure is an outcome: an exception of the future itself speaks of the worker.
        """
        if isinstance(error, CannotSend):
            raise error
        if isinstance(error, CancelledError):
            raise RuntimeError("the executor has cancelled rows of this sweep: is it being shut down?") from error
        if isinstance(error, BrokenExecutor):
            # Everything that was under way is lost with it, and nobody knows by whose fault.
            self._again.extend(batch)
            self._replace(error)
            return []
        if not self._works:
            self._try(error)
        if len(batch) > 1:
            self._again.extend(batch)
            return []
        (place,) = batch
        self._tries[place] += 1
        if self._tries[place] < _TRIES:
            self._again.append(place)
            return []
        words = f"{type(error).__name__}: {error}, {_TRIES} times while it measured this network"
        return [(place, {"error": words, "lost": True})]

    def _try(self, error: BaseException) -> None:
        """Give the executor nothing to do: if it fails at that, no row is to blame, and none will come."""
        try:
            self._executor.submit(work, self._task, [], len(self._tries)).result()
        except Exception as again:
            raise RuntimeError(f"the executor cannot measure anything: {type(again).__name__}: {again}") from error
        self._works = True

    def _replace(self, error: BaseException) -> None:
        """Go on in processes of our own in the place of a pool of processes that broke."""
        if self._own is not None:  # that has been done; this is one of its last batches
            return
        if not isinstance(self._executor, ProcessPoolExecutor):
            raise RuntimeError(
                f"the executor has broken ({error}): give a new one; with save=... the sweep goes on where it was"
            ) from error
        warnings.warn(
            "a process of the executor was killed: the sweep goes on in new ones", RuntimeWarning, stacklevel=2
        )
        self._executor = self._own = Processes(self._executor._max_workers)  # type: ignore[attr-defined]
