"""Processes as an executor: one that dies fails its own task, running ones can be ended, and none is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import CancelledError
from functools import partial

import pytest

from lyaplab.sweeps.processes import Processes, WorkerDied


def alive(pid):
    """Whether a process runs (a zombie does not)."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def soon(true, seconds=60.0):
    """Wait until something is true."""
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.02)
    return true()


@pytest.fixture(scope="module")
def pool():
    with Processes(1) as pool:
        yield pool


def test_answers_and_errors_come_back(pool):
    assert pool.submit(pow, 2, 10).result() == 1024
    with pytest.raises(ZeroDivisionError):
        pool.submit(divmod, 1, 0).result()
    assert pool.submit(os.getenv, "OMP_NUM_THREADS").result() == "1"


def test_what_is_printed_does_not_get_among_the_answers(pool):
    assert pool.submit(os.write, 1, b"printed\n").result() == 8
    assert pool.submit(print, "printed").result() is None
    assert pool.submit(input).exception() is not None  # there is nobody to ask


def test_a_dead_process_fails_its_task_alone(pool):
    first, second = pool.submit(os._exit, 7), pool.submit(abs, -1)
    with pytest.raises(WorkerDied, match="ended with status 7"):
        first.result()
    assert second.result() == 1
    pid = pool.submit(os.getpid).result()
    with pytest.raises(WorkerDied, match="SIGKILL"):
        pool.submit(os.kill, pid, signal.SIGKILL).result()


def test_ctrl_c_is_not_for_them(pool):
    pid = pool.submit(os.getpid).result()
    assert os.getpgid(pid) != os.getpgrp()
    pool.submit(os.kill, pid, signal.SIGINT).result()
    assert pool.submit(os.getpid).result() == pid


def test_interrupt_ends_what_runs_and_drops_what_waits(pool):
    pid = pool.submit(os.getpid).result()
    running, waiting = pool.submit(time.sleep, 10_000), pool.submit(abs, -1)
    assert soon(running.running)
    pool.interrupt()
    with pytest.raises(WorkerDied):
        running.result()
    with pytest.raises(CancelledError):
        waiting.result()
    assert soon(lambda: not alive(pid))
    assert pool.submit(abs, -2).result() == 2


def test_no_more_tasks_after_the_end():
    pool = Processes(2)
    pid = pool.submit(os.getpid).result()
    pool.shutdown()
    assert not alive(pid)
    with pytest.raises(RuntimeError, match="have been shut down"):
        pool.submit(abs, 1)


def test_threads_end_with_the_pool():
    before = threading.active_count()
    with Processes(1) as pool:
        assert pool.submit(abs, -1).result() == 1
    assert threading.active_count() == before


def test_nothing_is_left_of_a_killed_process():
    code = (
        "import os, time; from lyaplab.sweeps.processes import Processes; pool = Processes(1); "
        "print(pool.submit(os.getpid).result(), flush=True); pool.submit(time.sleep, 10_000); time.sleep(10_000)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    with parent:
        pid = int(parent.stdout.readline())
        assert alive(pid)
        parent.kill()
    assert soon(partial(lambda pid: not alive(pid), pid))


def test_count_is_checked():
    with pytest.raises(ValueError, match="count must be a whole number of at least 1, got 0"):
        Processes(0)
