"""The one decorator that turns a Python function into a compiled kernel; Numba's private names are used only here.

What is private: a dispatcher's `_cache` and `_compile_for_args` (and the option `_nrt`). When a Numba release takes
them away, kernels still compile, without the disk cache and with Numba's own messages; a test tells us.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba import njit
from numba.core import errors
from numba.core.dispatcher import Dispatcher

from lyaplab.errors import CellError
from lyaplab.kernel.cache import KernelCache
from lyaplab.kernel.explain import explain
from lyaplab.kernel.helpers import with_helpers
from lyaplab.kernel.options import DISABLED, INLINE, KERNEL

__all__ = ["PRIVATE_NAMES_PRESENT", "inline", "kernel"]

PRIVATE_NAMES_PRESENT = hasattr(Dispatcher, "_compile_for_args") and hasattr(Dispatcher, "enable_caching")


def kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile `function` on first call, keep the machine code on disk, and explain failures in two lines.

    Parameters
    ----------
    function : callable
        Loops over arrays; it must neither allocate nor assign whole arrays.

    Returns
    -------
    callable
        The compiled function; it releases the GIL.

    Raises
    ------
    CellError
        On call, if a cell's function cannot be compiled.
    """
    dispatcher = njit(**KERNEL)(function)
    if DISABLED or not PRIVATE_NAMES_PRESENT:
        return dispatcher
    dispatcher._cache = KernelCache(function)
    compile_for = dispatcher._compile_for_args

    def compile_or_explain(*args: Any, **kwargs: Any) -> Any:
        try:
            return compile_for(*args, **kwargs)
        except errors.NumbaError as error:
            raise CellError(explain(error)) from None
        except (TypeError, ValueError, AttributeError, LookupError, NotImplementedError, AssertionError) as error:
            # Numba evaluates constant expressions of the cell while it compiles, and may trip over them.
            cell = next((arg.name for arg in args if hasattr(arg, "_numba_type_")), function.__name__)
            raise CellError(f"{cell} cannot be compiled: {type(error).__name__}: {error}") from error

    dispatcher._compile_for_args = compile_or_explain
    return dispatcher


def inline(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a cell's function or a word of its vocabulary, and the plain helpers it names, into whoever calls it."""
    return function if isinstance(function, Dispatcher) else njit(**INLINE)(with_helpers(function, inline))
