"""A small figure as SVG: axes, lines, dots and error bars, in colours that follow the theme of the page."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lyaplab.drawing.axis import Axis
from lyaplab.drawing.palette import variable

__all__ = ["SHAPES", "Figure", "Key", "sign"]

Array = NDArray[np.float64]

WIDTH, HEIGHT = 460, 280
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 18, 10, 44

# Marks by their corners around (0, 0), or by the radius of a disc; and whether they are filled.
SHAPES: dict[str, tuple[tuple[tuple[float, float], ...] | float, bool]] = {
    "disc": (3.2, True),
    "ring": (3.2, False),
    "diamond": (((0.0, -4.4), (4.4, 0.0), (0.0, 4.4), (-4.4, 0.0)), False),
    "square": (((-3.3, -3.3), (3.3, -3.3), (3.3, 3.3), (-3.3, 3.3)), False),
    "below": (((-4.0, -3.5), (4.0, -3.5), (0.0, 3.5)), True),
}
# So many marks have room at their full size; more are drawn smaller.
_ROOM = 120


@dataclass(frozen=True)
class Key:
    """One entry of a legend: the mark's colour, its shape (or "line", "dashes", "dots"), and what it stands for."""

    role: str
    shape: str
    words: str


def sign(key: Key) -> str:
    """Draw the mark of a legend's entry."""
    colour = variable(key.role)
    if key.shape in SHAPES:
        body = f'<path d="{_mark(key.shape, 11.0, 7.0)}" {_painted(colour, key.shape)}/>'
    else:
        body = f'<path d="M1,7H21" fill="none" stroke="{colour}" stroke-width="2"{_DASHES[key.shape]}/>'
    return f'<svg width="22" height="14" viewBox="0 0 22 14" aria-hidden="true" focusable="false">{body}</svg>'


_DASHES = {"line": "", "dashes": ' stroke-dasharray="6 4"', "dots": ' stroke-dasharray="2 3"'}


def _mark(shape: str, x: float, y: float, size: float = 1.0) -> str:
    """Write one mark as a path."""
    form = SHAPES[shape][0]
    if isinstance(form, float):
        r = size * form
        arc = f"a{r:.1f},{r:.1f} 0 1,0"
        return f"M{x - r:.1f},{y:.1f}{arc} {2 * r:.1f},0{arc} {-2 * r:.1f},0z"
    return "M" + "L".join(f"{x + size * dx:.1f},{y + size * dy:.1f}" for dx, dy in form) + "z"


def _painted(colour: str, shape: str) -> str:
    filled = SHAPES[shape][1]
    inside = colour if filled else variable("paper")
    return f'fill="{inside}" stroke="{colour}" stroke-width="{0.5 if filled else 1.4}"'


@dataclass
class Figure:
    """A figure that is being drawn; what is drawn later lies on top.

    Parameters
    ----------
    x, y : Axis
        Its axes; all that is drawn lies within their limits.
    words : str
        What it shows, for who cannot see it.
    equal : bool, optional
        Whether one unit is as long on both axes: the limits of x are widened around their middle.
    """

    x: Axis
    y: Axis
    words: str
    equal: bool = False
    keys: list[Key] = field(default_factory=list)
    _marks: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.equal:
            half = 0.5 * self.y.span * (WIDTH - _LEFT - _RIGHT) / (HEIGHT - _TOP - _BOTTOM)
            middle = 0.5 * (self.x.low + self.x.high)
            self.x = Axis(self.x.label, middle - half, middle + half)

    def across(self, x: ArrayLike) -> Array:
        """Pixels from the left."""
        return _LEFT + (np.asarray(x, dtype=float) - self.x.low) / self.x.span * (WIDTH - _LEFT - _RIGHT)

    def down(self, y: ArrayLike) -> Array:
        """Pixels from the top."""
        return _TOP + (self.y.high - np.asarray(y, dtype=float)) / self.y.span * (HEIGHT - _TOP - _BOTTOM)

    def line(self, x: ArrayLike, y: ArrayLike, role: str, *, width: float = 2.0, shape: str = "line") -> None:
        """Draw a line, with a gap where a number is not finite."""
        pieces, drawing = [], False
        for px, py in zip(self.across(x), self.down(y), strict=True):
            if np.isfinite(px) and np.isfinite(py):
                pieces.append(f"{'L' if drawing else 'M'}{px:.1f},{py:.1f}")
                drawing = True
            else:
                drawing = False
        self._add(f'<path d="{"".join(pieces)}" fill="none" stroke="{variable(role)}" stroke-width="{width}"'
                  f'{_DASHES[shape]} stroke-linejoin="round"/>')  # fmt: skip

    def rule(self, *, x: float | None = None, y: float | None = None, role: str = "muted") -> None:
        """Draw a thin dashed line across the whole figure, where it is within the limits."""
        if y is not None and self.y.low <= y <= self.y.high:
            self.line([self.x.low, self.x.high], [y, y], role, width=1.0, shape="dashes")
        if x is not None and self.x.low <= x <= self.x.high:
            self.line([x, x], [self.y.low, self.y.high], role, width=1.0, shape="dashes")

    def points(self, x: ArrayLike, y: ArrayLike, role: str, *, shape: str = "disc") -> None:
        """Draw marks of one shape; what is not finite is left out."""
        size = min(1.0, max(0.5, math.sqrt(_ROOM / max(1, np.size(x)))))
        places = [
            _mark(shape, px, py, size)
            for px, py in zip(self.across(x), self.down(y), strict=True)
            if np.isfinite(px) and np.isfinite(py)
        ]
        if places:
            self._add(f'<path d="{"".join(places)}" {_painted(variable(role), shape)}/>')

    def bars(self, x: ArrayLike, low: ArrayLike, high: ArrayLike, role: str) -> None:
        """Draw upright error bars with caps."""
        places = [
            f"M{px:.1f},{top:.1f}V{bottom:.1f}M{px - 2.5:.1f},{top:.1f}h5M{px - 2.5:.1f},{bottom:.1f}h5"
            for px, top, bottom in zip(self.across(x), self.down(high), self.down(low), strict=True)
            if np.isfinite(px + top + bottom)
        ]
        if places:
            self._add(f'<path d="{"".join(places)}" fill="none" stroke="{variable(role)}" stroke-width="1.2"/>')

    def circle(self, radius: float, role: str = "ink") -> None:
        """Draw a circle around zero, as far as it is within the limits."""
        turn = np.linspace(0.0, 2.0 * np.pi, 181)
        x, y = radius * np.cos(turn), radius * np.sin(turn)
        inside = (x >= self.x.low) & (x <= self.x.high) & (y >= self.y.low) & (y <= self.y.high)
        self.line(np.where(inside, x, np.nan), y, role, width=1.3)

    def _add(self, mark: str) -> None:
        self._marks.append(mark)

    def __str__(self) -> str:
        keys = "".join(f"<li>{sign(key)}{escape(key.words)}</li>" for key in self.keys)
        legend = f"<figcaption><ul>{keys}</ul></figcaption>" if keys else ""
        size = f'viewBox="0 0 {WIDTH} {HEIGHT}" focusable="false"'
        return (
            f'<figure><svg {size} role="img" aria-label="{escape(self.words)}">'
            f"{self._axes()}{''.join(self._marks)}</svg>{legend}</figure>"
        )

    def _axes(self) -> str:
        bottom, left = HEIGHT - _BOTTOM, _LEFT
        xs = zip(self.across(self.x.places()), self.x.names(), strict=True)
        ys = zip(self.down(self.y.places()), self.y.names(), strict=True)
        parts: Sequence[str] = [
            *(f'<path class="g" d="M{px:.1f},{_TOP}V{bottom}"/>' + _text(px, bottom + 17, name) for px, name in xs),
            *(f'<path class="g" d="M{left},{py:.1f}H{WIDTH - _RIGHT}"/>' + _text(left - 7, py + 4, name, "end")
              for py, name in ys),
            _text(0.5 * (left + WIDTH - _RIGHT), HEIGHT - 6, self.x.label, kind="a"),
            f'<g transform="rotate(-90)">{_text(-0.5 * (_TOP + bottom), 14, self.y.label, kind="a")}</g>',
        ]  # fmt: skip
        return "".join(parts)


def _text(x: float, y: float, words: str, anchor: str = "middle", *, kind: str = "t") -> str:
    said = escape(words.replace("-", "−"))
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{said}</text>'
