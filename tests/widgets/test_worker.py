"""One worker thread: pieces, progress, Stop, and never two jobs at once."""

from __future__ import annotations

import threading
from itertools import count

import pytest

from lyaplab.widgets._worker import Job, Progress, Worker

LONG = 60  # seconds; only ever waited in full when something is broken


def endless(stop):
    return count()


def test_partial_results_arrive_in_order_under_the_lock():
    lock = threading.RLock()
    seen = []

    def deliver(partial):
        grabbed = []
        other = threading.Thread(target=lambda: grabbed.append(lock.acquire(blocking=False)))
        other.start()
        other.join()
        seen.append((partial, grabbed[0]))

    worker = Worker(lock=lock)
    worker.start(Job(lambda stop: iter(range(3)), deliver))
    assert worker.wait(LONG)
    assert seen == [(0, False), (1, False), (2, False)]


def test_stop_ends_an_endless_job_before_its_next_piece():
    reports, seen, some = [], [], threading.Event()

    def deliver(partial):
        seen.append(partial)
        some.set()

    worker = Worker(report=reports.append)
    worker.start(Job(endless, deliver))
    assert some.wait(LONG)
    worker.stop()
    assert worker.wait(LONG)
    assert reports[-1].phase == "stopped"
    assert not worker.running
    assert seen == list(range(len(seen)))


def test_a_new_job_replaces_the_running_one_and_they_never_overlap():
    active, most, done = [0], [0], threading.Event()

    def pieces(name):
        def run(stop):
            active[0] += 1
            most[0] = max(most[0], active[0])
            try:
                yield from ((name, i) for i in (range(3) if name == "last" else count()))
            finally:
                active[0] -= 1

        return run

    def deliver(partial):
        if partial == ("last", 2):
            done.set()

    worker = Worker()
    for name in ("first", "second", "third", "last"):
        worker.start(Job(pieces(name), deliver))
    assert done.wait(LONG)
    assert worker.wait(LONG)
    assert most[0] == 1
    worker.close()


def test_progress_comes_at_most_ten_times_a_second_and_once_at_the_end():
    time, reports = [0.0], []

    def pieces(stop):
        for i in range(100):
            time[0] += 0.01  # a second in all
            yield i

    worker = Worker(report=reports.append, now=lambda: time[0])
    worker.start(Job(pieces, lambda partial: None, fraction=lambda partial: (partial + 1) / 100))
    assert worker.wait(LONG)
    assert len(reports) <= 10 + 3
    assert reports[0] == Progress("running", 0.0, 0.0)
    assert reports[-1].phase == "done"
    assert reports[-1].fraction == 1.0
    fractions = [report.fraction for report in reports]
    assert fractions == sorted(fractions)


def test_time_left_is_estimated():
    assert Progress("running", 0.25, 4.0).left == pytest.approx(12.0)
    assert Progress("running", 0.0, 4.0).left != Progress("running", 0.0, 4.0).left  # nan: unknown
    assert str(Progress("running", float("nan"), 1.0)) == "running"
    assert str(Progress("done", 1.0, 200.0)) == "done in 3 min"


def test_an_exception_is_reported_and_the_worker_goes_on():
    failures, reports, seen = [], [], []
    worker = Worker(failed=failures.append, report=reports.append)

    def broken(stop):
        yield 1
        raise ValueError("a bad piece")

    worker.start(Job(broken, seen.append))
    assert worker.wait(LONG)
    assert [str(failure) for failure in failures] == ["a bad piece"]
    assert reports[-1].phase == "failed"
    worker.start(Job(lambda stop: iter([2]), seen.append))
    assert worker.wait(LONG)
    assert seen == [1, 2]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_an_exception_that_is_raised_on_does_not_leave_the_worker_busy():
    def raise_on(error):
        raise error

    worker = Worker(failed=raise_on)
    worker.start(Job(lambda stop: (1 / 0 for _ in range(1)), lambda partial: None))
    assert worker.wait(LONG)
    assert not worker.running
    seen = []
    worker.start(Job(lambda stop: iter([2]), seen.append))
    assert worker.wait(LONG)
    assert seen == [2]


def test_close_stops_joins_and_takes_no_more():
    before = set(threading.enumerate())
    some = threading.Event()
    worker = Worker()
    worker.start(Job(endless, lambda partial: some.set()))
    assert some.wait(LONG)
    worker.close()
    assert set(threading.enumerate()) <= before
    with pytest.raises(RuntimeError, match="closed"):
        worker.start(Job(endless, print))


def test_close_does_not_deadlock_with_a_delivery_that_waits_for_the_same_lock():
    lock = threading.RLock()
    begun = threading.Event()

    def pieces(stop):
        for i in count():
            begun.set()
            yield i

    worker = Worker(lock=lock)
    with lock:
        worker.start(Job(pieces, lambda partial: None))
        assert begun.wait(LONG)
        worker.close()
    assert worker.wait(0)


def test_a_waiting_job_is_woken_by_stop():
    worker = Worker()
    begun = threading.Event()

    def pieces(stop):
        begun.set()
        yield 1
        stop.wait(LONG)

    worker.start(Job(pieces, lambda partial: None))
    assert begun.wait(LONG)
    worker.stop()
    assert worker.wait(LONG / 2)
