"""A curve that somebody draws: with the mouse, with sliders from the keyboard, or by typing points."""

from __future__ import annotations

import time
from typing import Any

import ipywidgets as W
import numpy as np
import traitlets as T
from bqplot.interacts import HandDraw
from numpy.typing import ArrayLike, NDArray

from lyaplab.widgets._closing import close_tree
from lyaplab.widgets._legend import math_html
from lyaplab.widgets._stage import Axis, Stage

__all__ = ["Sketch"]

Array = NDArray[np.float64]

SAMPLES = 64
KNOTS = 5
NOTCHES = 20
"""Steps of a slider from the bottom to the top."""
ECHO = 2.0
"""Seconds in which the page may answer with a place where the kernel has put a slider."""


class Sketch(W.VBox):
    """A figure to draw a curve into.

    What is drawn is kept at 64 places. Three hands draw: the mouse (bqplot's HandDraw, which moves
    the samples that it passes), a slider for each of five places (which lifts the curve near it, and
    stands at its height whoever drew it), and a line of typed points. Places that no hand has touched
    follow their nearest neighbour.

    Parameters
    ----------
    domain : (float, float)
        The range of x.
    low, high : float
        The range of y.
    labels : (str, str)
        Titles of the axes.

    Attributes
    ----------
    drawn : bool
        A trait: whether there is anything yet.

    Examples
    --------
    >>> sketch = Sketch(domain=(0.0, 10.0), low=-1.0, high=1.0)
    >>> sketch.value is None
    True
    >>> sketch.typed.value = "0 0, 10 1"
    >>> x, y = sketch.value
    >>> float(y[0]), float(y[-1])
    (0.0, 1.0)
    >>> sketch.close()
    """

    drawn = T.Bool(False)

    def __init__(
        self,
        *,
        domain: tuple[float, float] = (0.0, 1.0),
        low: float = 0.0,
        high: float = 1.0,
        labels: tuple[str, str] = ("x", "y"),
    ) -> None:
        self._range = (low, high)
        self.x: Array = np.linspace(*domain, SAMPLES)
        self._y = np.full(SAMPLES, (low + high) / 2)
        self._touched = np.zeros(SAMPLES, dtype=bool)
        self._knots = np.linspace(*domain, KNOTS)
        self._notch = (high - low) / NOTCHES
        self._shown = [NOTCHES // 2] * KNOTS  # where each slider stands, in notches
        self._echoes: list[dict[int, float]] = [{} for _ in range(KNOTS)]
        self.stage = self._build_stage(labels)
        self.sliders = [self._slider(place, labels) for place in range(KNOTS)]
        self.typed = W.Text(placeholder=_example(self.x, low, high), description="or points", continuous_update=False)
        self.typed.observe(self._type, "value")
        keys = W.HBox(self.sliders)
        keys.add_class("lyap-keys")  # each stands below its place in the figure
        note = W.HTML(f"<span class='lyap-note'>or with keys, the height at {math_html(labels[0] + ' =')}</span>")
        super().__init__([self.stage.box, note, keys, self.typed])
        self.add_class("lyap-sketch")

    def _build_stage(self, labels: tuple[str, str]) -> Stage:
        low, high = self._range
        margin = 0.05 * (high - low)
        across, up = Axis(labels[0], self.x[0], self.x[-1]), Axis(labels[1], low - margin, high + margin)
        stage = Stage(x=across, y=up, width=520, height=280)
        stage.line("truth", role="second", label=None, width=2.4, dashed=True)
        # what the mouse moves is not seen: the kernel would have to write into it while the page does
        stage.line("pen", role="paper", width=1.0, table=False)
        stage.line("guess", role="start", label="your curve: draw here", width=3.0)
        stage.show("pen", self.x, self._y)
        self._pen = stage.figure.marks[[layer.name for layer in stage.scene().layers].index("pen")]
        self._pen_y = np.array(self._pen.y, dtype=float)
        self._pen.observe(self._draw, "y")
        stage.figure.interaction = HandDraw(lines=self._pen)
        stage.figure.add_class("lyap-drawable")
        return stage

    def _slider(self, place: int, labels: tuple[str, str]) -> W.FloatSlider:
        low, high = self._range
        at = f"{self._knots[place]:g}"
        slider = W.FloatSlider(
            value=(low + high) / 2, min=low, max=high, step=self._notch, orientation="vertical",
            readout=False, description=at, tooltip=f"height at {labels[0]} = {at}",
            layout=W.Layout(height="110px", width="48px"),
        )  # fmt: skip
        slider.observe(lambda change: self._slid(place, change["new"]), "value")
        return slider

    @property
    def value(self) -> tuple[Array, Array] | None:
        """The curve as x and y, each of shape (64,); None before anything is drawn."""
        return (self.x.copy(), self._filled()) if self.drawn else None

    def put(self, points: ArrayLike) -> None:
        """Show a curve through points, shape (k, 2), as it was committed."""
        pairs = np.asarray(points, dtype=float)
        order = np.argsort(pairs[:, 0])
        self._set(np.interp(self.x, pairs[order, 0], pairs[order, 1]), np.ones(SAMPLES, dtype=bool))

    def reveal(self, x: ArrayLike, y: ArrayLike, *, label: str = "what happens") -> None:
        """Lay the true curve beside the drawn one."""
        self.stage.relabel("truth", label)
        self.stage.show("truth", x, y)

    def lock(self) -> None:
        """Take no further strokes."""
        self.stage.figure.interaction = None
        self.stage.relabel("guess", "your curve")
        for hand in (*self.sliders, self.typed):
            hand.disabled = True

    def close(self) -> None:
        """Close the figure and the controls."""
        if self.comm is not None:
            self.stage.close()
            close_tree(self)

    def _filled(self) -> Array:
        """The curve with untouched places filled from their neighbours: HandDraw leaves the ends behind."""
        if not self._touched.any():
            return self._y
        return np.asarray(np.interp(self.x, self.x[self._touched], self._y[self._touched]))

    def _draw(self, change: dict[str, Any]) -> None:
        """Take the samples that the mouse has moved since the last message."""
        y = np.asarray(change["new"], dtype=float)
        if y.shape != self._pen_y.shape:
            return
        moved = y != self._pen_y
        self._pen_y = y.copy()
        self._set(np.where(moved, y, self._y), self._touched | moved)

    def _slid(self, place: int, value: float) -> None:
        """Lift the curve near one place by as many notches as its slider has been moved."""
        notch = round((value - self._range[0]) / self._notch)
        if notch == self._shown[place]:
            return
        if self._echoes[place].pop(notch, 0.0) > time.monotonic():
            # The page answers late, with a place where the slider stood before the curve went on.
            self._stand(place, self._shown[place])
            return
        lifted = notch - self._shown[place]
        self._shown[place] = notch
        reach = (self._knots[-1] - self._knots[0]) / (KNOTS - 1)
        near = np.clip(1 - np.abs(self.x - self._knots[place]) / reach, 0, 1)
        # The slider in the hand is left alone: rounding must not pull it back.
        self._set(self._filled() + lifted * self._notch * near, np.ones(SAMPLES, dtype=bool), held=place)

    def _follow(self, held: int | None) -> None:
        """Have each slider, but the one in the hand, stand at the notch nearest to the curve."""
        low, _ = self._range
        heights = np.interp(self._knots, self.x, self._filled())
        for place, height in enumerate(heights):
            notch = round((float(height) - low) / self._notch)
            if place != held and notch != self._shown[place]:
                self._echoes[place][notch] = time.monotonic() + ECHO
                self._stand(place, notch)

    def _stand(self, place: int, notch: int) -> None:
        self._shown[place] = notch
        self.sliders[place].value = self._range[0] + notch * self._notch

    def _type(self, change: dict[str, Any]) -> None:
        numbers = change["new"].replace(",", " ").replace(";", " ").split()
        try:
            values = np.array([float(number) for number in numbers])
        except ValueError:
            return  # an unfinished line is no mistake yet: the gate says what it expects
        if len(values) >= 4 and len(values) % 2 == 0 and np.isfinite(values).all():
            self.put(values.reshape(-1, 2))

    def _set(self, y: Array, touched: NDArray[np.bool_], *, held: int | None = None) -> None:
        self._y, self._touched = np.clip(y, *self._range), touched
        self.drawn = bool(touched.any())
        self.stage.show("guess", self.x, self._filled())
        self._follow(held)


def _example(x: Array, low: float, high: float) -> str:
    """Write three points within the range, to show how points are typed."""
    places = zip((x[0], (x[0] + x[-1]) / 2, x[-1]), (low, (low + high) / 2, high), strict=True)
    return ", ".join(f"{a:g} {b:g}" for a, b in places)
