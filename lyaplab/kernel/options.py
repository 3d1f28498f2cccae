"""How lyaplab asks Numba to compile, and how many threads BLAS may use meanwhile."""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager
from functools import cache
from typing import Any

from numba import config
from threadpoolctl import ThreadpoolController

__all__ = ["DISABLED", "INLINE", "KERNEL", "one_blas_thread"]

# NUMBA_DISABLE_JIT=1 runs everything in plain Python, for debuggers and coverage.
DISABLED = bool(getattr(config, "DISABLE_JIT", False))

# `fastmath` leaves out nnan and ninf: -inf, NaN and divergence are results here.
# `_nrt=False`: nothing in a kernel allocates, so there is no reference counting. It was nine tenths of the time of
# a two-unit step, and half the time of compilation.
KERNEL: Any = {
    "error_model": "numpy",
    "fastmath": {"reassoc", "contract", "arcp"},
    "nogil": True,
    "_nrt": False,
}

# Cells and their vocabulary are inlined into the kernel that calls them and need no entry point of their own.
INLINE: Any = {**KERNEL, "forceinline": True, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}


class _OneThread(AbstractContextManager["_OneThread"]):
    """The limit, counted: the first to enter notes what was before, and the last to leave brings it back.

    Most BLAS have one pool for all threads of Python. Where every thread has a limit of its own (OpenMP), a thread sets
    it on entering and brings its own back on leaving. threadpoolctl reserves the common pool for the thread that
    last limited it, and ignores others without a word: that reservation is lifted around every change.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._before: dict[int, int] = {}
        self._here = threading.local()

    def __enter__(self) -> _OneThread:
        with self._lock:
            depth = getattr(self._here, "depth", 0)
            if depth == 0:
                self._here.before = _limited(_libraries(own=True))
            if self._inside == 0:
                self._before = _limited(_libraries(own=False))
            self._here.depth = depth + 1
            self._inside += 1
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._here.depth -= 1
            self._inside -= 1
            if self._here.depth == 0:
                _restore(_libraries(own=True), self._here.before)
            if self._inside == 0:
                _restore(_libraries(own=False), self._before)


@cache
def _libraries(*, own: bool) -> tuple[Any, ...]:
    """Return the BLAS libraries with a limit of its own for each thread, or those with a common one.

    Finding them takes a millisecond; kernels call SciPy's, so it has to be loaded before.
    """
    import scipy.linalg.cython_blas  # noqa: F401

    found = ThreadpoolController().select(user_api="blas").lib_controllers
    per_thread = [library for library in found if getattr(library, "threading_layer", "") in ("openmp", "intel", "gnu")]
    return tuple(library for library in found if (library in per_thread) is own)


def _limited(libraries: tuple[Any, ...]) -> dict[int, int]:
    """Set the libraries to one thread; return what each had before."""
    before = {place: library.get_num_threads() for place, library in enumerate(libraries)}
    _restore(libraries, dict.fromkeys(before, 1))
    return before


def _restore(libraries: tuple[Any, ...], threads: dict[int, int]) -> None:
    for place, library in enumerate(libraries):
        release = getattr(library, "clear_controlling_thread", None)
        if release is not None:
            release(force=True)
        library.set_num_threads(threads[place])
        if release is not None:
            release(force=True)


_ONE_THREAD = _OneThread()


def one_blas_thread() -> AbstractContextManager[object]:
    """Limit BLAS to one thread inside a `with` block, safely from several threads at once.

    Small products on two threads of a busy machine are tens of times slower than on one; lyaplab's parallelism is
    over networks, never inside one.

    Examples
    --------
    >>> with one_blas_thread():
    ...     pass
    """
    return _ONE_THREAD
