"""Processes of this machine as an executor.

Why not the standard library's: there a killed process takes all others with it and leaves open which row was to
blame, running rows cannot be stopped, and every process runs the user's script again, so that a script needs a guard.
Here each process is an interpreter of its own that knows nothing of the script. A thread feeds it through a pipe and
waits for the answer; a dead process fails the one task that it had, and a new one takes its place.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any

from lyaplab.engine.many import cores
from lyaplab.errors import positive_int
from lyaplab.sweeps.worker import receive, send

__all__ = ["Processes", "WorkerDied"]

# Parallelism is over processes. Libraries read these when they are loaded.
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
_START = "from lyaplab.sweeps.worker import serve; serve()"


class WorkerDied(RuntimeError):
    """A process ended in the middle of its task."""


class Processes(Executor):
    """An executor of local processes that outlive a crash and can be stopped in the middle of a row.

    `ll.sweep` makes one for itself; made by hand, it serves several sweeps and starts its processes once.

    Parameters
    ----------
    count : int, optional
        How many, by default as many as there are cores. They start when there is work for them.

    Examples
    --------
    >>> with Processes(1) as pool:
    ...     pool.submit(abs, -3).result()
    3
    """

    def __init__(self, count: int | None = None) -> None:
        self._max_workers = cores() if count is None else positive_int("count", count)
        self._tasks: queue.SimpleQueue[tuple[Future[Any], bytes] | None] = queue.SimpleQueue()
        self._guard = threading.Lock()
        self._running: set[subprocess.Popen[bytes]] = set()
        self._threads: list[threading.Thread] = []
        self._waiting = 0
        self._closed = self._ending = False

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Return the future of ``fn(*args, **kwargs)``; what cannot be pickled is told at once."""
        message = pickle.dumps((fn, args, kwargs), protocol=pickle.HIGHEST_PROTOCOL)
        future: Future[Any] = Future()
        with self._guard:
            if self._closed:
                raise RuntimeError("these processes have been shut down")
            self._waiting += 1
            if self._waiting > len(self._threads) < self._max_workers:
                thread = threading.Thread(target=self._feed, name="lyaplab-process", daemon=True)
                self._threads.append(thread)
                thread.start()
        self._tasks.put((future, message))
        return future

    def interrupt(self) -> None:
        """Drop what waits and end what runs, at once; new tasks get new processes."""
        with contextlib.suppress(queue.Empty):
            while True:
                task = self._tasks.get_nowait()
                if task is not None:
                    task[0].cancel()
                    with self._guard:
                        self._waiting -= 1
        with self._guard:
            for process in self._running:
                process.kill()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more tasks; the processes end when theirs are done, or, if futures are cancelled, at once."""
        with self._guard:
            self._closed = True
            self._ending = cancel_futures
        if cancel_futures:
            self.interrupt()
        for _ in self._threads:
            self._tasks.put(None)
        if wait:
            for thread in self._threads:
                thread.join()

    def _feed(self) -> None:
        """Give one process its tasks, one by one, and renew it when it dies."""
        process: subprocess.Popen[bytes] | None = None
        while (task := self._tasks.get()) is not None:
            future, message = task
            if future.set_running_or_notify_cancel():
                try:
                    process = process or self._started()
                    good, answer = _ask(process, message)
                except BaseException as error:
                    good, answer = False, error if process is None else WorkerDied(self._ended(process))
                    process = None
                (future.set_result if good else future.set_exception)(answer)
            with self._guard:
                self._waiting -= 1
            del task, future, message
        if process is not None:
            self._ended(process)

    def _started(self) -> subprocess.Popen[bytes]:
        environment = {**os.environ, **dict.fromkeys(_ONE_THREAD, "1")}
        # Modules beside the notebook or the script are found as they are here.
        environment["PYTHONPATH"] = os.pathsep.join(os.path.abspath(path) for path in sys.path)
        # A group of their own: Ctrl-C in a terminal is for us, and we end them.
        apart: dict[str, Any] = (
            {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
            if os.name == "nt"
            else {"start_new_session": True}
        )
        with self._guard:
            if self._ending:
                raise RuntimeError("these processes have been shut down")
            process = subprocess.Popen(
                [sys.executable, "-P", "-c", _START],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=environment,
                **apart,
            )
            self._running.add(process)
        return process

    def _ended(self, process: subprocess.Popen[bytes]) -> str:
        """Let a process go; return how it ended, in words."""
        for pipe in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):
                pipe.close()  # type: ignore[union-attr]
        # It ends itself when its pipe does; one that hangs in foreign code does not.
        try:
            status = process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            status = process.wait()
        with self._guard:
            self._running.discard(process)
        if status >= 0:
            return f"a process ended with status {status}"
        with contextlib.suppress(ValueError):
            return f"a process was ended by {signal.Signals(-status).name}"
        return f"a process was ended by signal {-status}"


def _ask(process: subprocess.Popen[bytes], message: bytes) -> tuple[bool, Any]:
    send(process.stdin, message)
    return pickle.loads(receive(process.stdout))
