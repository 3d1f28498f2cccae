"""Checks: what is asked of an answer, said in words before it is asked.

Each check compares one value with the expected one. In an exercise whose answer is a function the same check is made
on every random instance.
"""

from __future__ import annotations

import operator
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True, kw_only=True)
class Check(ABC):
    """The base of all checks; a kind of check says what it asks (`_text`) and what is wrong (`_fault`).

    Parameters
    ----------
    points : float or None
        What it earns by itself; None: it counts only together with all others.
    hint : str
        The author's own sentence in place of the check's.
    """

    points: float | None = None
    hint: str = ""

    def text(self, expected: Any) -> str:
        """What is checked, in words, *with its tolerance*."""
        return self._text(expected)

    def fault(self, value: Any, expected: Any, arguments: tuple[Any, ...]) -> str:
        """What is wrong with `value`, as a kind sentence; "" when it is right."""
        fault = self._fault(value, expected, arguments)
        return self.hint or fault if fault else ""

    def same(self, value: Any, other: Any) -> bool | None:
        """Whether two answers are the same to this check; None when it cannot tell."""
        return None

    @abstractmethod
    def _text(self, expected: Any) -> str: ...

    @abstractmethod
    def _fault(self, value: Any, expected: Any, arguments: tuple[Any, ...]) -> str: ...


def numeric(value: Any) -> bool:
    """Whether `value` is a number or an array of numbers (True and False are not numbers)."""
    if isinstance(value, np.ndarray):
        return value.dtype.kind in "iufc"
    return isinstance(value, (int, float, complex, np.number)) and not isinstance(value, bool)


def kind_word(value: Any) -> str:
    """What a value is, in words.

    >>> kind_word(2.0), kind_word("two"), kind_word(np.zeros((2, 3)))
    ('a number', 'text', 'an array of shape (2, 3)')
    """
    if isinstance(value, (bool, np.bool_)):
        return "True or False"
    if isinstance(value, str):
        return "text"
    if isinstance(value, np.ndarray) and value.ndim:
        return f"an array of shape {value.shape}"
    if isinstance(value, (list, tuple)):
        return "a list of different things"
    return "a number"


def _matched(value: Any, expected: Any) -> np.ndarray | str:
    """`value` as an array of `expected`'s shape, or a kind word saying what it is instead."""
    want = np.asarray(expected)
    if not numeric(value):
        return f"Here {kind_word(want)} is expected; this is {kind_word(value)}."
    got = np.asarray(value)
    if want.ndim == 0 and got.size == 1:
        got = got.reshape(())  # a system of one unit naturally gives arrays of one number
    if got.shape != want.shape:
        return f"Here {kind_word(want)} is expected; this is {kind_word(got)}."
    return got


@dataclass(frozen=True)
class Close(Check):
    """The number, or every element of the array, is within a tolerance of the expected one; shapes agree.

    Parameters
    ----------
    tolerance : float
        Largest absolute difference.
    relative : float
        Largest difference in proportion to the expected number; the larger of the two limits counts.
    any_order : bool
        Rows (or numbers of a vector) may come in any order, as a list of fixed points or eigenvalues may.

    Examples
    --------
    >>> Close(0.01).text(3.14)
    'the value, within ±0.01'
    >>> Close(0.01).fault(3.1, 3.14159, ())
    'Not within ±0.01 of the right value.'
    >>> Close(1e-9, any_order=True).fault(np.array([2.0, 1.0]), np.array([1.0, 2.0]), ())
    ''
    """

    tolerance: float = 1e-6
    relative: float = 0.0
    any_order: bool = False

    def _limits(self) -> str:
        if self.relative and self.tolerance:
            return f"within ±{self.tolerance:g} or {100 * self.relative:g} %"
        return f"within {100 * self.relative:g} %" if self.relative else f"within ±{self.tolerance:g}"

    def _text(self, expected: Any) -> str:
        order = ", in any order" if self.any_order else ""
        what = "every number" if np.ndim(expected) else "the value"
        return f"{what}, {self._limits()}{order}"

    def _fault(self, value: Any, expected: Any, arguments: tuple[Any, ...]) -> str:
        got = _matched(value, expected)
        if isinstance(got, str):
            return got
        if np.isnan(got).any() and not np.isnan(np.asarray(expected)).any():
            return "There is a NaN (not a number) in it."
        if self._near(got, np.asarray(expected)):
            return ""
        if got.ndim == 0:
            return f"Not {self._limits()} of the right value."
        return f"Not every number is {self._limits()} of the right one."

    def same(self, value: Any, other: Any) -> bool | None:
        """Whether both have one shape and are within the tolerance."""
        if not numeric(value) or not numeric(other):
            return False
        got, want = np.asarray(value), np.asarray(other)
        if want.ndim == 0 and got.size == 1:
            got = got.reshape(())
        return got.shape == want.shape and self._near(got, want)

    def _near(self, got: np.ndarray, want: np.ndarray) -> bool:
        if self.any_order and want.ndim:
            got = _in_order_of(got, want)
        with np.errstate(all="ignore"):
            limit = np.maximum(self.tolerance, self.relative * np.abs(want))
            near = (np.abs(got - want) <= limit) | (got == want) | (np.isnan(got) & np.isnan(want))
        return bool(near.all())


def _in_order_of(got: np.ndarray, want: np.ndarray) -> np.ndarray:
    """The rows of `got`, each beside the row of `want` that it is nearest to (none used twice)."""
    left, chosen = list(range(len(got))), []
    for row in want:
        if not left:
            break
        chosen.append(left.pop(int(np.argmin([_gap(got[k], row) for k in left]))))
    return got[chosen]


def _gap(a: np.ndarray, b: np.ndarray) -> float:
    """The distance of two rows; infinities of one sign are no distance apart, NaN is far from everything."""
    with np.errstate(all="ignore"):
        apart = np.where(a == b, 0.0, np.abs(a - b))
    return float(np.nan_to_num(apart, nan=np.inf).sum())


@dataclass(frozen=True)
class Shape(Check):
    """The answer has the shape of the expected one.

    >>> Shape().text(np.zeros((2, 3)))
    'the shape (2, 3)'
    """

    def _text(self, expected: Any) -> str:
        return f"the shape {np.shape(expected)}" if np.ndim(expected) else "that it is a single number"

    def _fault(self, value: Any, expected: Any, arguments: tuple[Any, ...]) -> str:
        got = _matched(value, expected)
        return got if isinstance(got, str) else ""


@dataclass(frozen=True)
class Sign(Check):
    """Every number has the sign of the expected one; numbers below `zero` count as zero.

    >>> Sign().fault(-0.1, 0.7, ())
    'The sign is not right.'
    """

    zero: float = 1e-12

    def _text(self, expected: Any) -> str:
        return "the sign of every number" if np.ndim(expected) else "the sign"

    def _fault(self, value: Any, expected: Any, arguments: tuple[Any, ...]) -> str:
        got = _matched(value, expected)
        if isinstance(got, str):
            return got
        if np.array_equal(self._signs(got), self._signs(np.asarray(expected))):
            return ""
        return "Not every sign is right." if got.ndim else "The sign is not right."

    def _signs(self, array: np.ndarray) -> np.ndarray:
        return np.where(np.abs(array) <= self.zero, 0.0, np.sign(np.real(array)))


@dataclass(frozen=True)
class Order(Check):
    """The numbers come in order.

    Parameters
    ----------
    direction : {"falling", "rising"}

    Examples
    --------
    >>> Order("falling").fault(np.array([1.0, 2.0]), np.array([2.0, 1.0]), ())
    'The numbers are not in falling order.'
    """

    direction: str = "falling"

    def __post_init__(self) -> None:
        if self.direction not in ("falling", "rising"):
            raise ValueError(f"direction: got {self.direction!r}, expected 'falling' or 'rising'")

    def _text(self, expected: Any) -> str:
        return f"{self.direction} order"

    def _fault(self, value: Any, expected: Any, arguments: tuple[Any, ...]) -> str:
        if not isinstance(value, np.ndarray) or not numeric(value) or value.dtype.kind == "c":
            return f"Here numbers in {self.direction} order are expected; this is {kind_word(value)}."
        compare = operator.ge if self.direction == "falling" else operator.le
        flat = value.ravel()
        if bool(np.all(compare(flat[:-1], flat[1:]))):
            return ""
        return f"The numbers are not in {self.direction} order."
