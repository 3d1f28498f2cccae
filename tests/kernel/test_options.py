"""One BLAS thread inside the guard, whatever the number of Python threads in it; as many as before outside."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
import scipy.linalg.cython_blas  # noqa: F401  the BLAS that kernels call
from threadpoolctl import threadpool_info, threadpool_limits

from lyaplab.kernel import one_blas_thread


def blas_threads() -> set[int]:
    return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}


@pytest.fixture
def before() -> Iterator[set[int]]:
    """Two threads outside."""
    with threadpool_limits(2, user_api="blas"):
        yield blas_threads()


def test_one_thread_inside_and_as_before_outside(before):
    with one_blas_thread():
        assert blas_threads() == {1}
        with one_blas_thread():
            assert blas_threads() == {1}
        assert blas_threads() == {1}
    assert blas_threads() == before


def test_threads_that_overlap_leave_the_limit_as_it_was(before):
    seen: list[set[int]] = []
    entered, leave = threading.Barrier(3), threading.Event()

    def work(stay: bool) -> None:
        with one_blas_thread():
            entered.wait(timeout=30)
            if stay:
                leave.wait(timeout=30)
            seen.append(blas_threads())

    threads = [threading.Thread(target=work, args=(stay,)) for stay in (True, False)]
    for thread in threads:
        thread.start()
    entered.wait(timeout=30)
    threads[1].join(timeout=30)
    assert blas_threads() == {1}  # the other is still inside
    leave.set()
    threads[0].join(timeout=30)
    assert blas_threads() == before
    assert seen == [{1}, {1}]


def test_an_error_inside_lifts_the_limit(before):
    with pytest.raises(KeyError), one_blas_thread():
        raise KeyError("inside")
    assert blas_threads() == before


def test_a_thread_is_heard_after_another_was(before):
    with one_blas_thread():
        pass
    seen: list[set[int]] = []

    def work() -> None:
        with one_blas_thread():
            seen.append(blas_threads())

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(timeout=30)
    assert seen == [{1}]
    assert blas_threads() == before


def test_a_limit_around_in_another_thread_does_not_matter():
    seen: list[set[int]] = []

    def work() -> None:
        with one_blas_thread():
            seen.append(blas_threads())

    with threadpool_limits(2, user_api="blas"):
        thread = threading.Thread(target=work)
        thread.start()
        thread.join(timeout=30)
        assert blas_threads() == {2}
    assert seen == [{1}]
