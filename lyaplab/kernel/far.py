"""Kernels that are called through their address, so that they are compiled once and not again in every caller.

Numba copies a called function into its caller and optimises it there anew: a long one that every cell's kernel calls
is then compiled for every cell. A far kernel is compiled once; whoever calls it is handed its address as a number.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

from llvmlite import ir
from numba import cfunc, types
from numba.extending import intrinsic

from lyaplab.kernel.compile import kernel
from lyaplab.kernel.helpers import python_forms
from lyaplab.kernel.options import DISABLED

__all__ = ["Far", "call_far"]

_BY_ADDRESS: dict[int, Callable[..., Any]] = {}


class Far:
    """A kernel of three C-ordered float arrays that returns nothing, and its address.

    Parameters
    ----------
    function : callable
        Loops over three arrays.
    dimensions : tuple of int
        How many axes each array has.

    Examples
    --------
    >>> import numpy as np
    >>> def add(a, b, c):
    ...     for i in range(a.shape[0]):
    ...         c[i] = a[i] + b[i]
    >>> total = np.zeros(2)
    >>> Far(add, (1, 1, 1))(np.ones(2), np.ones(2), total)
    >>> total
    array([2., 2.])
    """

    def __init__(self, function: Callable[..., Any], dimensions: tuple[int, int, int]) -> None:
        self._function = function
        self._kernel: Any = kernel(function)
        self._kinds = tuple(types.Array(types.float64, axes, "C") for axes in dimensions)
        self.__doc__ = function.__doc__

    def __call__(self, a: Any, b: Any, c: Any) -> None:
        """Run it from Python."""
        self._kernel(a, b, c)

    @cached_property
    def address(self) -> int:
        """Where the machine code lies; compiled, or read from the cache, when first asked for."""
        if DISABLED:
            _BY_ADDRESS[id(self)] = self._function
            return id(self)
        self._kernel.compile(self._kinds)
        result = self._kernel.overloads[self._kinds]
        try:
            return int(result.library.get_pointer_to_function(result.fndesc.llvm_cfunc_wrapper_name))
        except AttributeError:  # private names of Numba: without them it is compiled in every process
            self._kernel = cfunc(types.none(*self._kinds), nogil=True, error_model="numpy")(self._function)
            return int(self._kernel.address)


@intrinsic
def _call_far(typing, address, a, b, c):
    return types.none(types.int64, a, b, c), _call


def _call(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    kinds = [context.get_value_type(kind) for kind in signature.args[1:]]
    function = ir.FunctionType(context.get_value_type(types.none), kinds).as_pointer()
    builder.call(builder.inttoptr(args[0], function), args[1:])
    return context.get_dummy_value()


def _in_python(address: int, a: Any, b: Any, c: Any) -> None:
    _BY_ADDRESS[address](a, b, c)


call_far: Any = _call_far
"""``call_far(address, a, b, c)``, inside a kernel: call the far kernel at `address` with three arrays."""
python_forms[call_far] = _in_python
