"""Checks that are not about numbers alone: one of a few options, and a statement that holds."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from lyaplab.school.checks import Check


class OneOf(Check):
    """The answer is the right one of a few options (text in any case, numbers, True or False).

    Examples
    --------
    >>> kind = OneOf("stable", "unstable")
    >>> kind.text("stable")
    "one of 'stable', 'unstable'"
    >>> kind.fault(" Stable", "stable", ())
    ''
    >>> kind.fault("stabel", "stable", ())
    "Choose one of 'stable', 'unstable' (nearest to yours: 'stable')."
    """

    def __init__(self, *options: str | float | bool, points: float | None = None, hint: str = "") -> None:
        if len(options) < 2:
            raise ValueError(f"OneOf: got {len(options)} option(s), expected at least two")
        object.__setattr__(self, "options", options)
        super().__init__(points=points, hint=hint)

    options: tuple[str | float | bool, ...]

    def _text(self, expected: Any) -> str:
        return "one of " + ", ".join(repr(option) for option in self.options)

    def _fault(self, value: Any, expected: Any, arguments: tuple[Any, ...]) -> str:
        choice = _option(value)
        known = {_option(option): option for option in self.options}
        if choice == _option(expected):
            return ""
        if choice in known:
            return "Another choice is right."
        word = f"Choose {self._text(expected)}"
        near = difflib.get_close_matches(str(choice), [k for k in known if isinstance(k, str)], n=1)
        return f"{word} (nearest to yours: {known[near[0]]!r})." if near else f"{word}."

    def same(self, value: Any, other: Any) -> bool | None:
        """Whether both are the same option."""
        return bool(_option(value) == _option(other))


def _option(value: Any) -> Any:
    """An option by what counts: text without case and outer blanks; True is not 1."""
    if isinstance(value, str):
        return value.strip().casefold()
    if isinstance(value, (bool, np.bool_)):
        return ("truth", bool(value))
    if isinstance(value, (int, float, np.number)):
        return float(np.real(value))
    return ("none of them",)


@dataclass(frozen=True)
class Property(Check):
    """A statement holds for the answer (and, of a function, for its value on every random instance).

    Parameters
    ----------
    statement : str
        What must hold, as the learner reads it: "the columns are orthonormal".
    holds : callable
        `holds(value, *arguments) -> bool`; `value` as plain data gives it: float, complex, str, list or array.

    Examples
    --------
    >>> even = Property("f is an even function", lambda value, x: value == x * x)
    >>> even.fault(4.0, None, (-2.0,)), even.fault(5.0, None, (-2.0,))
    ('', 'This does not hold: f is an even function.')
    """

    statement: str = ""
    holds: Callable[..., Any] = bool

    def _text(self, expected: Any) -> str:
        return self.statement

    def _fault(self, value: Any, expected: Any, arguments: tuple[Any, ...]) -> str:
        try:
            true = bool(self.holds(value, *arguments))
        except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError):
            true = False  # the value is not what the statement speaks about: text, another shape
        return "" if true else f"This does not hold: {self.statement}."
