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
    """The limit, counted: the first to enter sets it and the last to leave lifts it, whatever the thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._limit: Any = None

    def __enter__(self) -> _OneThread:
        with self._lock:
            if self._inside == 0:
                self._limit = _controller().limit(limits=1, user_api="blas")
            self._inside += 1
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside == 0:
                self._limit.restore_original_limits()


@cache
def _controller() -> ThreadpoolController:
    """Find the BLAS libraries once (a millisecond); kernels call SciPy's, so it has to be loaded before."""
    import scipy.linalg.cython_blas  # noqa: F401

    return ThreadpoolController()


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
