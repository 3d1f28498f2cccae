"""Is a plain function analytic? Then the complex step gives its derivatives to the last digit."""

from __future__ import annotations

import dis
import math
import numbers
import types
from collections.abc import Callable
from typing import Any

import numpy as np

from lyaplab.errors import CellError
from lyaplab.kernel.explain import explain_python

__all__ = ["is_analytic", "values_at"]

_POINTS = 12


def values_at(function: Callable[..., Any], state: tuple[Any, ...], values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Call `function` in plain Python and return one value for each state variable.

    Raises
    ------
    CellError
        Two lines: what went wrong, and the line of the function where it did.
    """
    name = function.__name__
    try:
        result = function(*state, *values)
    except Exception as error:
        raise CellError(explain_python(error, function)) from None
    if isinstance(result, list | np.ndarray):
        kind = type(result).__name__
        raise CellError(f"{name} returns one {kind}\n  return the values side by side, as in: return x, y")
    result = result if isinstance(result, tuple) else (result,)
    if len(result) != len(state):
        raise CellError(
            f"{name} returns {len(result)} value{'s' * (len(result) != 1)} for {len(state)} state variable"
            f"{'s' * (len(state) != 1)}\n  return one value for each argument without a default, as a tuple"
        )
    for value in result:
        if not isinstance(value, numbers.Number | np.generic):
            raise CellError(f"{name} must return numbers, got {type(value).__name__}\n  as {value!r:.60}")
    return result


def is_analytic(function: Callable[..., Any], n: int, values: tuple[float, ...]) -> bool:
    """Compare the complex step with central differences at random points, for states and parameters.

    Returns
    -------
    bool
        False when they disagree anywhere, or when the function does not take complex numbers, or takes powers: the
        compiled power of a complex number goes through its angle, whose rounding error is larger than the step.
    """
    if _takes_powers(function, set()):
        return False
    rng = np.random.default_rng(0)
    compared = 0
    for _ in range(_POINTS):
        point = [float(s) for s in rng.uniform(-1.5, 1.5, n)] + [float(v) for v in values]
        for j in range(len(point)):
            agree = _agree(function, point, j)
            if agree is False:
                return False
            compared += agree is True
    return compared > 0


def _takes_powers(function: Any, seen: set[int]) -> bool:
    """Tell whether the function, or a plain one that it names, has ``**`` or pow in it."""
    plain = getattr(function, "py_func", function)
    if not isinstance(plain, types.FunctionType) or id(plain) in seen:
        return False
    if (plain.__module__ or "").split(".")[0] in ("numpy", "numba", "math", "cmath"):
        return False
    seen.add(id(plain))
    for step in dis.get_instructions(plain):
        power = step.opname == "BINARY_OP" and step.argrepr in ("**", "**=")
        if power or step.argval in ("pow", "power", "float_power"):
            return True
    named = [plain.__globals__.get(name) for name in plain.__code__.co_names]
    held = [cell.cell_contents for cell in plain.__closure__ or ()]
    return any(_takes_powers(item, seen) for item in (*named, *held))


def _agree(function: Callable[..., Any], point: list[float], j: int) -> bool | None:
    """Tell whether both derivatives along argument j agree; None where the function has no finite value."""
    h = 1e-6 * max(1.0, abs(point[j]))

    def moved(value: Any) -> np.ndarray:
        result = function(*point[:j], value, *point[j + 1 :])
        return np.array(result if isinstance(result, tuple) else (result,), dtype=complex)

    try:
        ahead, behind = moved(point[j] + h).real, moved(point[j] - h).real
    except (ArithmeticError, ValueError):  # outside the function's domain: such a point says nothing
        return None
    try:
        with np.errstate(all="ignore"):
            complex_step = moved(complex(point[j], 1e-30)).imag / 1e-30
    except (TypeError, ValueError, ArithmeticError):
        return False
    if not (np.isfinite(ahead).all() and np.isfinite(behind).all()):
        return None
    difference = (ahead - behind) / (2 * h)
    scale = 1.0 + np.abs(difference) + np.abs(ahead)
    close = np.abs(complex_step - difference) <= 1e-6 * scale
    return bool(close.all()) and not math.isnan(float(complex_step.sum()))
