"""A function with other functions in the place of those it names.

Two uses. Numba knows a global function only if it is compiled: a learner's function that calls plain Python functions
gets a copy of itself that calls their compiled forms. And compiled code does not notice an index out of range: a copy
that calls plain Python all the way down is tried once before. A copy shares the code, and so file and line numbers.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any

from numba.core.dispatcher import Dispatcher

__all__ = ["in_python", "is_foreign", "python_forms", "with_helpers"]

Function = Callable[..., Any]

# Functions of these packages are left alone.
_KNOWN = ("numba", "numpy", "math", "cmath", "builtins", "llvmlite", "scipy", "operator")

# What stands in plain Python for a word of our vocabulary that is no Python underneath, such as a call of BLAS.
python_forms: dict[Any, Function] = {}


def with_helpers(function: Function, compiled: Callable[[Function], Function]) -> Function:
    """Return `function`, or a copy of it that calls the compiled forms of the plain functions it names.

    Parameters
    ----------
    function : callable
        Perhaps a learner's function.
    compiled : callable
        Compiles a helper (and in turn the helpers that this one names).
    """
    helpers: dict[int, Function] = {id(function): function}

    def change(item: Any) -> Any:
        if not (isinstance(item, types.FunctionType) and is_foreign(item)):
            return item
        if id(item) not in helpers:
            helpers[id(item)] = compiled(item)
        return helpers[id(item)]

    return _rewired(function, change)


def in_python(function: Function) -> Function:
    """Return `function` with plain Python in the place of everything compiled that it reaches."""
    done: dict[int, Function] = {}

    def change(item: Any) -> Any:
        try:
            if item in python_forms:
                return python_forms[item]
        except TypeError:  # no name for a table: not one of our words
            return item
        plain = item.py_func if isinstance(item, Dispatcher) else item
        if not isinstance(plain, types.FunctionType) or _package(plain) in _KNOWN:
            return item
        if id(plain) not in done:
            done[id(plain)] = plain  # for a function that comes back to itself
            done[id(plain)] = _rewired(plain, change)
        return done[id(plain)]

    return change(function)


def is_foreign(function: Any) -> bool:
    """Tell a learner's function, or one that encloses a learner's, from those of this package and of libraries."""
    plain = function.py_func if isinstance(function, Dispatcher) else function
    if not isinstance(plain, types.FunctionType) or _package(plain) in _KNOWN:
        return False
    return _package(plain) != "lyaplab" or any(is_foreign(_content(cell)) for cell in plain.__closure__ or ())


def _rewired(function: Function, change: Callable[[Any], Any]) -> Function:
    """Return `function`, or a copy whose globals and closure hold what `change` made of them."""
    if not isinstance(function, types.FunctionType):
        return function
    named = {name: function.__globals__[name] for name in _names(function.__code__) if name in function.__globals__}
    changed = {name: new for name, old in named.items() if (new := change(old)) is not old}
    old_cells = function.__closure__ or ()
    cells = tuple(_changed_cell(cell, change) for cell in old_cells)
    if not changed and all(new is old for new, old in zip(cells, old_cells)):
        return function
    copy = types.FunctionType(
        function.__code__, {**function.__globals__, **changed}, function.__name__, function.__defaults__, cells or None
    )
    copy.__module__, copy.__qualname__, copy.__doc__ = function.__module__, function.__qualname__, function.__doc__
    return copy


def _names(code: types.CodeType) -> set[str]:
    """Names in the code and in the functions written inside it."""
    inner = (constant for constant in code.co_consts if isinstance(constant, types.CodeType))
    return set(code.co_names).union(*(_names(constant) for constant in inner))


def _changed_cell(cell: types.CellType, change: Callable[[Any], Any]) -> types.CellType:
    old = _content(cell)
    new = change(old)
    return cell if new is old else types.CellType(new)


def _content(cell: types.CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # a variable that is not bound yet
        return None


def _package(function: Any) -> str:
    return (function.__module__ or "").split(".")[0]
