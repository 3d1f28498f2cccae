"""Where the axes of a figure end, and where they are ticked."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from lyaplab.drawing.numbers import raised
from lyaplab.errors import number, positive_int

__all__ = ["Axis", "limits_around", "nice_ticks", "power_name", "with_ticks"]

# Labels of ticks that have room beside each other on the shortest axis.
_LABELS = 12
# Fewer decades than this are ticked within, too: at 2 and 5.
_DECADES = 1.9
# Powers of ten between these are written out.
_WRITTEN = (-3.0, 2.99)


@dataclass(frozen=True)
class Axis:
    """One axis of a figure: its title, what it spans, and where it is ticked.

    Parameters
    ----------
    label : str
        The title, in Unicode ("x₁", "step t").
    low, high : float
        The limits; the plot's edges lie exactly there.
    ticks : tuple of float or None
        Where to tick; chosen when None.
    most : int
        At most so many ticks are chosen: fewer on a short axis.
    always : tuple of float
        Places that are ticked beside the chosen ones, which give way; left out where they would run together.
    whole : bool
        Whether only whole numbers are ticked: what is on this axis is counted.
    powers : bool
        Whether what lies along the axis are powers of ten: 2 is ticked as 100. What is shown is given as logarithms.

    Examples
    --------
    >>> Axis("x", -1.4, 1.4).places()
    (-1.0, -0.5, 0.0, 0.5, 1.0)
    >>> Axis("t", 0, 400).names(), Axis("i", 0.5, 3.5, whole=True).names()
    (('0', '100', '200', '300', '400'), ('1', '2', '3'))
    >>> Axis("norm", -1, 8, powers=True).names(), Axis("loss", -1.2, 0, powers=True).names()
    (('1', '100', '10⁴', '10⁶', '10⁸'), ('0.1', '0.2', '0.5', '1'))
    """

    label: str
    low: float
    high: float
    ticks: tuple[float, ...] | None = None
    most: int = 6
    always: tuple[float, ...] = ()
    whole: bool = False
    powers: bool = False

    def __post_init__(self) -> None:
        low, high = number("low", self.low), number("high", self.high)
        if not low < high:
            raise ValueError(f"an axis needs low < high, got low={low:g}, high={high:g} for {self.label!r}")
        object.__setattr__(self, "low", low)
        object.__setattr__(self, "high", high)

    @property
    def span(self) -> float:
        """Length of the axis in its own unit."""
        return self.high - self.low

    def places(self) -> tuple[float, ...]:
        """Give the ticks: those asked for, else a few round numbers."""
        if self.ticks is not None:
            return tuple(t for t in self.ticks if self.low <= t <= self.high)
        chosen = nice_ticks(self.low, self.high, self.most)
        if self.whole or self.powers:
            chosen = tuple(tick for tick in chosen if tick == round(tick))
        if self.powers and self.span < _DECADES:
            chosen = tuple(tick for tick in _within_decades(self.low, self.high) if self.low <= tick <= self.high)
        return with_ticks(chosen, self.always, low=self.low, high=self.high)

    def decimals(self) -> int:
        """Say how many decimals tell all ticks apart."""
        for digits in range(7):
            if all(abs(t - round(t, digits)) <= 1e-9 * max(self.span, abs(t)) for t in self.places()):
                return digits
        return 7

    def names(self) -> tuple[str, ...]:
        """Write the ticks with as many decimals as they need, all alike."""
        if self.powers:
            return tuple(power_name(tick) for tick in self.places())
        digits = self.decimals()
        return tuple(f"{tick + 0.0:.{digits}f}" for tick in self.places())

    def title(self, words: str, *, most: int = 5) -> str:
        """Give the title if it has room beside the ticks: long numbers would run into it.

        Examples
        --------
        >>> Axis("", 0, 0.4).title("λ per step"), Axis("", 0.4185, 0.4195).title("λ per step")
        ('λ per step', '')
        """
        return words if max(map(len, self.names()), default=0) <= most else ""


def power_name(power: float) -> str:
    """Write ten to a power: as a plain number where that is short.

    Examples
    --------
    >>> power_name(2.0), power_name(math.log10(0.05)), power_name(-7.0), power_name(4 + math.log10(2))
    ('100', '0.05', '10⁻⁷', '2·10⁴')
    """
    if _WRITTEN[0] <= power <= _WRITTEN[1]:
        return f"{10.0**power:.12g}"
    whole = math.floor(power + 1e-9)
    factor = round(10.0 ** (power - whole))
    return f"{'' if factor == 1 else f'{factor}·'}10{raised(whole)}"


def _within_decades(low: float, high: float) -> tuple[float, ...]:
    """Give the logarithms of 1, 2 and 5 times the powers of ten around these limits."""
    decades = range(math.floor(low), math.ceil(high) + 1)
    return tuple(decade + math.log10(factor) for decade in decades for factor in (1, 2, 5))


def nice_ticks(low: float, high: float, count: int = 6) -> tuple[float, ...]:
    """Choose at most `count` round numbers (steps of 1, 2 or 5 times a power of ten) in [low, high].

    Examples
    --------
    >>> nice_ticks(0.0, 1.0)
    (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
    """
    most = positive_int("count", count)
    power = 10.0 ** math.floor(math.log10((high - low) / most))
    steps = (power * factor for factor in (1, 2, 5, 10, 20))
    step = next(s for s in steps if _multiples(low, high, s)[1] - _multiples(low, high, s)[0] < most)
    first, last = _multiples(low, high, step)
    # step is 1, 2 or 5 times a power of ten: rounding to its decimals removes 0.30000000000000004
    digits = max(0, -math.floor(math.log10(step)))
    return tuple(round(i * step, digits) + 0.0 for i in range(first, last + 1))


def with_ticks(
    chosen: tuple[float, ...], always: tuple[float, ...], *, low: float, high: float
) -> tuple[float, ...]:
    """Add ticks to chosen ones; a chosen one too close to them goes, and so do they where they run together.

    Examples
    --------
    >>> with_ticks((-2.0, 0.0, 2.0), (-1.0, 1.0), low=-2.5, high=2.5)
    (-2.0, -1.0, 0.0, 1.0, 2.0)
    >>> with_ticks((-5.0, 0.0, 5.0), (-1.0, 1.0), low=-9.0, high=9.0)
    (-5.0, -1.0, 1.0, 5.0)
    """
    room = (high - low) / _LABELS
    wanted = sorted(place for place in always if low <= place <= high)
    if any(after - before < room for before, after in pairwise(wanted)):
        return chosen
    kept = [tick for tick in chosen if all(abs(tick - place) >= room for place in wanted)]
    return tuple(sorted([*kept, *wanted]))


def _multiples(low: float, high: float, step: float) -> tuple[int, int]:
    """Give the first and the last multiple of `step` in [low, high]."""
    return math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)


def limits_around(*values: ArrayLike) -> tuple[float, float]:
    """Give limits of an axis a little beyond all finite values, never of width zero.

    Examples
    --------
    >>> limits_around([0.0, 1.0], 2.0, [np.nan])
    (-0.16, 2.16)
    >>> limits_around([])
    (-1.0, 1.0)
    """
    numbers = np.concatenate([np.asarray(part, float).ravel() for part in values])
    numbers = numbers[np.isfinite(numbers)]
    if not len(numbers):
        return -1.0, 1.0
    low, high = float(numbers.min()), float(numbers.max())
    margin = 0.08 * (high - low)
    # What differs by rounding alone does not differ.
    if margin <= 1e-9 * max(1.0, abs(high)):
        margin = 0.1 * max(1.0, abs(high))
    return low - margin, high + margin
