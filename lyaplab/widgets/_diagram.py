"""The two stages of an orbit diagram, one above the other on the same axis: the states, and their exponent."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from lyaplab.engine.bifurcation import Bifurcation
from lyaplab.engine.doublings import Window
from lyaplab.widgets._diagrampaint import brackets, painted, split_at_zero
from lyaplab.widgets._scene import plot_size
from lyaplab.widgets._stage import Axis, Stage

__all__ = ["Diagram"]

Array = NDArray[np.float64]
Range = tuple[float, float]

WIDTH, HEIGHT, LOW_HEIGHT = 520, 430, 184
# The strip above the states, in which periods stand: part of the height; and where in it line and number are.
_STRIP, _LINE, _NUMBER = 0.1, 0.018, 0.065
# A number needs so many pixels, and so many for each of its digits.
_ROOM, _DIGIT = 8, 8
# Parts of the exponents that the axis need not hold: at superstable cycles they go down to minus infinity.
_DIPS = 0.06


class Diagram:
    """An orbit diagram with its exponent beneath and a marker through both.

    Parameters
    ----------
    dragged : callable
        Takes the place of the marker that moves.
    brushed : callable
        Takes the ranges of the parameter and of the states that the mouse has selected.

    Attributes
    ----------
    states, exponents : Stage
    columns : int
        Pixels across: of a rough diagram, as many columns.
    """

    def __init__(self, *, dragged: Callable[[float], None], brushed: Callable[[Range, Range], None]) -> None:
        self.columns, self._rows = plot_size(WIDTH, HEIGHT)
        self._flow, self._value = False, float("nan")
        self._span: Range = (0.0, 1.0)
        self._heights: Range = (0.0, 1.0)
        self.states = states = Stage(x=Axis("", 0, 1), y=Axis("x", 0, 1), width=WIDTH, height=HEIGHT)
        states.raster("diagram", label="orbit", role="second")
        states.rule("ceiling", y=1.0, role="grid", width=1.0)
        states.line("windows", role="third", label="period", width=3.0)
        states.text("periods", role="ink", size=12, align="middle", dy=4.0)
        states.line("marker", role="start", width=1.6, table=False)
        states.brush(brushed)
        self.exponents = below = Stage(x=Axis("", 0, 1), y=Axis("λ", -1, 1, most=5), width=WIDTH, height=LOW_HEIGHT)
        below.band("chaos", role="first")
        below.rule("zero", y=0.0, role="ink", width=1.0)
        below.dots("others", role="arrow", size=2.0)
        below.line("negative", role="second", label="λ < 0: errors shrink", width=1.5)
        below.line("positive", role="first", label="λ > 0: errors grow", width=2.2)
        below.line("mark", role="start", width=1.6, table=False)
        below.handle("grip", role="start", label="drag me", along="x", on_move=lambda x, _: dragged(x))

    def rename(self, param: str, variable: str, *, flow: bool) -> None:
        """Set the titles of the axes."""
        self.states.rename(y=f"maxima of {variable}" if flow else variable)
        self._flow = flow
        self.exponents.rename(x=param, y="λ per time" if flow else "λ per step")

    def frame(self, span: Range, heights: Range) -> None:
        """Set what is seen: the range of the parameter, and that of the states."""
        if (span, heights) == (self._span, self._heights):
            return
        self._span, self._heights = span, heights
        top = heights[1] + _STRIP * (heights[1] - heights[0])
        with self.states.redraw() as states:
            states.limits(x=span, y=(heights[0], top))
            states.hide("windows", "periods")  # those of another part
            states.place_rule("ceiling", y=heights[1])
        self.exponents.limits(x=span)

    def show(self, layers: Sequence[Bifurcation | None], windows: Sequence[Window]) -> None:
        """Show diagrams, the finest first; windows and exponents are those of the first that is complete."""
        complete = next(diagram for diagram in layers if diagram is not None and diagram.done >= 1)
        fine = layers[0] is not None
        low, high = self._heights
        size = (2 * self.columns if fine else self.columns, self._rows)
        with self.states.redraw() as states:
            states.show_raster("diagram", painted(layers, low=low, high=high, size=size), x=self._span, y=(low, high))
            states.show("windows", *brackets(windows, complete.values, self._height(_LINE)))
            self._number(windows, complete.values)
        self._show_exponents(complete)
        self.show_marker(self._value)  # the axes may have changed

    def show_marker(self, value: float) -> None:
        """Put the marker at a value; outside of what is seen there is none."""
        self._value = value
        low, high = self._span
        inside = low <= value <= high
        with self.states.redraw() as states:
            states.show("marker", *((value, value), (self._heights[0], self._height(_STRIP))) if inside else ((), ()))
        with self.exponents.redraw() as below:
            axis = below.scene().y
            ends = (axis.low, axis.high)
            below.show("mark", *((value, value), ends) if inside else ((), ()))
            below.show("grip", *((value,), (axis.high - 0.1 * axis.span,)) if inside else ((), ()))

    def _height(self, part: float) -> float:
        return self._heights[1] + part * (self._heights[1] - self._heights[0])

    def _number(self, windows: Sequence[Window], values: Array) -> None:
        """Write the period over each window that is wide enough for it; of a flow, that it rests."""
        per_value = self.columns / (self._span[1] - self._span[0])
        # of a flow, only rest is certain: on a cycle neighbours neither part nor come together along it
        words = ["rest" if self._flow else str(w.period) for w in windows]
        wide = [
            (0.5 * (values[w.first] + values[w.last]), word)
            for w, word in zip(windows, words, strict=True)
            if (values[w.last] - values[w.first]) * per_value >= _ROOM + _DIGIT * len(word)
        ]
        middles = np.array([middle for middle, _ in wide])
        at = np.full(len(wide), self._height(_NUMBER))
        self.states.show_text("periods", middles, at, [word for _, word in wide])

    def _show_exponents(self, diagram: Bifurcation) -> None:
        rates = diagram.exponents.reshape(len(diagram), -1)
        low, high = exponent_limits(rates)
        # minus infinity goes out of the picture, and comes back
        lead = np.where(np.isneginf(rates[:, 0]), low - (high - low), rates[:, 0])
        above, under = split_at_zero(diagram.values, lead)
        with self.exponents.redraw() as below:
            below.limits(y=(low, high))
            below.show("positive", *above)
            below.show("negative", *under)
            heights = np.where(lead > 0, lead, 0.0)
            below.show_band("chaos", diagram.values, np.zeros(len(heights)), heights)
            others = rates[:, 1:]
            below.show("others", np.repeat(diagram.values, others.shape[1]), others.ravel())


def exponent_limits(rates: Array) -> Range:
    """Give round limits of an axis of exponents: zero, all that is above, and most of what is below.

    Examples
    --------
    >>> exponent_limits(np.array([-np.inf, -0.9, -0.5, 0.2]))
    (-1.0, 0.6)
    """
    seen = rates[np.isfinite(rates)]
    if not len(seen):
        return -1.0, 1.0
    bottom, top = min(0.0, float(np.quantile(seen, _DIPS))), max(0.0, float(seen.max()))
    reach = max(top - bottom, 0.02)
    step = 10.0 ** np.floor(np.log10(reach)) / 5
    low = np.floor((bottom - 0.08 * reach) / step) * step
    high = np.ceil((top + 0.3 * reach) / step) * step  # the handle has room above the curve
    return float(f"{low:.6g}"), float(f"{high:.6g}")
