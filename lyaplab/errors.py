"""What lyaplab says when something is wrong: two exceptions, and checks of arguments that name what came.

This module imports nothing of the package, so every room may use it.
"""

from __future__ import annotations

import difflib
import math
import numbers
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "CellError",
    "DivergenceError",
    "finite_array",
    "number",
    "one_of",
    "positive_int",
    "unknown",
    "whole_number",
]


class CellError(Exception):
    """A cell's function cannot be compiled or run; the message is two readable lines."""


class DivergenceError(ArithmeticError):
    """An orbit left the range of floating-point numbers.

    Attributes
    ----------
    step : int
        The first step, counted from the start of the run (warm-up included), whose state is not finite.
    partial : object
        What was reached before, where the run keeps it: of a training the record up to its last good state.
    """

    def __init__(
        self, step: int, *, what: str = "the orbit", advice: str = "", counted: str = "step", partial: Any = None
    ) -> None:
        self.step = int(step)
        self.partial = partial
        text = f"{what} leaves the range of floating-point numbers at {counted} {self.step}"
        super().__init__(f"{text}: {advice}" if advice else text)


def unknown(kind: str, name: object, names: Iterable[str]) -> ValueError:
    """Make the error for a misspelled name, with the nearest right one.

    Parameters
    ----------
    kind : str
        What the name stands for, such as ``"cell"`` or ``"preset"``.
    name : object
        What came.
    names : iterable of str
        What is there.

    Returns
    -------
    ValueError
        To be raised by the caller.

    Examples
    --------
    >>> unknown("cell", "tahn", ["tanh", "rate"])
    ValueError("unknown cell 'tahn': did you mean 'tanh'? Known: rate, tanh")
    """
    known = sorted(str(known) for known in names)
    near = difflib.get_close_matches(str(name), known, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}? " if near else ""
    listing = ", ".join(known) if known else "none"
    return ValueError(f"unknown {kind} {name!r}: {hint}Known: {listing}")


def one_of(name: str, value: object, names: Iterable[str]) -> str:
    """Return `value` if it is one of `names`; else raise with the nearest right one."""
    known = list(names)
    if value not in known:
        raise unknown(name, value, known)
    return str(value)


def positive_int(name: str, value: Any, *, minimum: int = 1) -> int:
    """Return `value` as an int of at least `minimum`; floats with a fraction, strings and booleans are refused.

    Examples
    --------
    >>> positive_int("steps", 10.0)
    10
    >>> positive_int("steps", -1)
    Traceback (most recent call last):
    ...
    ValueError: steps must be a whole number of at least 1, got -1
    """
    expected = f"{name} must be a whole number of at least {minimum}, got {_shown(value)}"
    if isinstance(value, bool | np.bool_) or not isinstance(value, numbers.Real):
        raise TypeError(expected)
    whole = isinstance(value, numbers.Integral) or float(value).is_integer()
    if not whole or value < minimum:
        raise ValueError(expected)
    return int(value)  # type: ignore[call-overload]


def whole_number(name: str, value: Any, *, low: float | None = None, high: float | None = None) -> int:
    """Return `value` as an int within [low, high], by default of at least 0; a switch (0 or 1) takes booleans too.

    Examples
    --------
    >>> whole_number("reset_after", False, low=0, high=1)
    0
    >>> whole_number("reset_after", 2, low=0, high=1)
    Traceback (most recent call last):
    ...
    ValueError: reset_after must be 0 or 1, got 2
    """
    plain = value.item() if isinstance(value, np.ndarray | np.generic) and np.ndim(value) == 0 else value
    switch = (low, high) == (0, 1)
    if switch and isinstance(plain, bool):
        return int(plain)
    least = int(low or 0)
    if high is None:
        return positive_int(name, plain, minimum=least)
    if isinstance(plain, numbers.Real) and not isinstance(plain, bool) and plain in range(least, int(high) + 1):
        return int(float(plain))
    expected = "0 or 1" if switch else f"a whole number from {least} to {int(high)}"
    kind = ValueError if isinstance(plain, numbers.Real) else TypeError
    raise kind(f"{name} must be {expected}, got {_shown(value)}")


def number(name: str, value: Any, *, low: float | None = None, high: float | None = None) -> float:
    """Return `value` as a finite float within [low, high]; strings, arrays and booleans are refused.

    Examples
    --------
    >>> number("gain", "1.5")
    Traceback (most recent call last):
    ...
    TypeError: gain must be a number, got '1.5' (str)
    """
    scalar = value.item() if isinstance(value, np.ndarray | np.generic) and np.ndim(value) == 0 else value
    if isinstance(scalar, bool) or not isinstance(scalar, numbers.Real):
        raise TypeError(f"{name} must be a number, got {_shown(value)} ({type(value).__name__})")
    result = float(scalar)
    if not math.isfinite(result):
        raise ValueError(f"{name} must be finite, got {result}")
    if (low is not None and result < low) or (high is not None and result > high):
        raise ValueError(f"{name} must be {_interval(low, high)}, got {result:g}")
    return result


def finite_array(
    name: str, value: Any, *, shape: tuple[int | None, ...] | None = None
) -> NDArray[np.float64]:
    """Return `value` as a new C-ordered float64 array that is finite and has the expected shape.

    Parameters
    ----------
    name : str
        The argument's name, for the message.
    value : array_like
        What came.
    shape : tuple of int or None, optional
        The expected shape; None in a place accepts any length there.

    Returns
    -------
    ndarray(float)

    Raises
    ------
    TypeError
        If `value` is not made of real numbers.
    ValueError
        If the shape differs, or an entry is NaN or infinite (the first such index is named).

    Examples
    --------
    >>> finite_array("W", [[1, 2], [3, float("nan")]], shape=(2, 2))
    Traceback (most recent call last):
    ...
    ValueError: W must be finite, but W[1, 1] is nan
    """
    try:
        raw = np.asarray(value)
    except ValueError as error:
        raise ValueError(f"{name} must be an array of numbers with rows of one length: {error}") from None
    if raw.dtype.kind not in "iuf":
        raise TypeError(f"{name} must be an array of real numbers, got {_shown(value)} (dtype {raw.dtype})")
    array = np.array(raw, dtype=np.float64, order="C")
    if shape is not None and not _fits(array.shape, shape):
        raise ValueError(f"{name} must have shape {_shape(shape)}, got {_shape(array.shape)}")
    bad = np.argwhere(~np.isfinite(array))
    if len(bad):
        place = tuple(int(i) for i in bad[0])
        index = ", ".join(map(str, place))
        raise ValueError(f"{name} must be finite, but {name}{f'[{index}]' if place else ''} is {array[place]}")
    return array


def _fits(shape: tuple[int, ...], expected: tuple[int | None, ...]) -> bool:
    return len(shape) == len(expected) and all(
        want is None or have == want for have, want in zip(shape, expected, strict=True)
    )


def _shape(shape: tuple[int | None, ...]) -> str:
    inner = ", ".join("any" if length is None else str(length) for length in shape)
    return f"({inner},)" if len(shape) == 1 else f"({inner})"


def _interval(low: float | None, high: float | None) -> str:
    if low is not None and high is not None:
        return f"between {low:g} and {high:g}"
    return f"at least {low:g}" if low is not None else f"at most {high:g}"


def _shown(value: object) -> str:
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else text[:57] + "..."
