"""The sheet under a stage: its layers as plain data, its limits, and when what is sent.

A layer is immutable; showing something replaces it. So a redraw that fails is undone by putting the
old layers back, and a still picture is made of exactly what the page shows.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Self

import ipywidgets
import numpy as np

from lyaplab.errors import positive_int, unknown
from lyaplab.widgets._grip import Grip
from lyaplab.widgets._palette import colour
from lyaplab.widgets._plot import Plot
from lyaplab.widgets._scene import Axis, Layer, Scene, equal_y


class Sheet:
    """Layers by name, in the order of drawing, and the plot that shows them."""

    def __init__(self, x: Axis, y: Axis, *, width: int = 600, height: int = 500, equal: bool = False) -> None:
        self.on_error: Callable[[Exception], None] | None = None
        self._lock = threading.RLock()
        self._depth = 0
        self._sending = False
        self._layers: dict[str, Layer] = {}
        self._rules: dict[str, tuple[str, float, tuple[float, float]]] = {}
        self._grips: dict[str, Grip] = {}
        self._changed: set[str] = set()
        self._equal = equal
        self._size = _checked_size(width, height)
        self._x, self._y = x, y
        self._plot = Plot()
        self.limits()

    @contextmanager
    def redraw(self) -> Iterator[Self]:
        """Collect changes and send them together; an exception inside leaves the old picture."""
        with self._lock:
            before = dict(self._layers)
            self._depth += 1
            try:
                yield self
            except BaseException:
                self._layers = before
                raise
            finally:
                self._depth -= 1
            self._commit()

    def rename(self, *, x: str | None = None, y: str | None = None) -> None:
        """Change the titles of the axes."""
        with self.redraw():
            self._x = replace(self._x, label=self._x.label if x is None else x)
            self._y = replace(self._y, label=self._y.label if y is None else y)

    def limits(self, *, x: tuple[float, float] | None = None, y: tuple[float, float] | None = None) -> None:
        """Set what the axes span."""
        with self.redraw():
            if x is not None:
                self._x = replace(self._x, low=x[0], high=x[1])
            if y is not None:
                self._y = replace(self._y, low=y[0], high=y[1])
            if self._equal:
                self._y = equal_y(self._x, self._y, width=self._size[0], height=self._size[1])
            self._draw_rules()
            self._changed.update(self._layers)

    def powers(self, *, y: bool) -> None:
        """Say whether the y axis bears logarithms, which are ticked as powers of ten."""
        with self.redraw():
            self._y = replace(self._y, powers=y)

    def resize(self, width: int, height: int) -> None:
        """Set the size in pixels that the figure takes where there is room."""
        with self.redraw():
            self._size = _checked_size(width, height)
            self.limits()

    # ---- what is there --------------------------------------------------------------------------

    @property
    def figure(self) -> ipywidgets.DOMWidget:
        """The figure alone, without the legend."""
        self._commit()
        return self._plot.figure

    @property
    def legend(self) -> ipywidgets.DOMWidget:
        """The legend, a row of HTML."""
        self._commit()
        return self._plot.legend

    @property
    def box(self) -> ipywidgets.DOMWidget:
        """The legend above the figure."""
        self._commit()
        return self._plot.box

    def scene(self) -> Scene:
        """Give what is shown as plain data, lowest layer first."""
        with self._lock:
            return Scene(*self._size, self._x, self._y, tuple(self._layers.values()))

    def close(self) -> None:
        """Close all widgets of the stage; it cannot be shown again."""
        with self._lock:
            self._plot.close()

    # ---- inside ---------------------------------------------------------------------------------

    def _add(self, layer: Layer, *, along: str | None = None) -> Any:
        colour(layer.role)  # a misspelled role fails here, with the nearest right one
        with self._lock:
            if layer.name in self._layers:
                raise ValueError(f"the stage already has a mark named {layer.name!r}")
            self._layers[layer.name] = layer
            return self._plot.add(layer, along=along)

    def _of(self, name: str, *kinds: str) -> Layer:
        if name not in self._layers:
            raise unknown("mark", name, self._layers)
        layer = self._layers[name]
        if kinds and layer.kind not in kinds:
            raise ValueError(f"{name!r} is a {layer.kind}, this shows {' or '.join(kinds)}")
        return layer

    def _put(self, layer: Layer) -> None:
        with self._lock:
            self._layers[layer.name] = layer
            self._changed.add(layer.name)
            self._commit()

    def _commit(self) -> None:
        """Send what changed, unless a redraw is still collecting; a held point is left to the page."""
        with self._lock:
            if self._depth:
                return
            held = {name for name, grip in self._grips.items() if grip.held}
            self._sending = True
            try:
                self._plot.send(self.scene(), self._changed - held)
            finally:
                self._sending = False
            self._changed &= held

    def _draw_rules(self) -> None:
        """Lay the straight lines across the present limits."""
        x, y = np.array([self._x.low, self._x.high]), np.array([self._y.low, self._y.high])
        for name, (kind, value, through) in self._rules.items():
            if kind == "x":
                line = (np.full(2, value), y)
            elif kind == "y":
                line = (x, np.full(2, value))
            else:
                line = (x, through[1] + value * (x - through[0]))
            self._layers[name] = replace(self._layers[name], x=line[0], y=line[1])
            self._changed.add(name)

    def _move(self, name: str, index: int, to: tuple[float, float]) -> tuple[float, float] | None:
        """Take a dragged point to its allowed place; None when it is there no more."""
        with self._lock:
            layer = self._layers[name]
            if index >= len(layer.x):
                return None
            before = (float(layer.x[index]), float(layer.y[index]))
            place = self._grips[name].place(self.scene(), before, to)
            x, y = layer.x.copy(), layer.y.copy()
            x[index], y[index] = place
            self._put(replace(layer, x=x, y=y))
            return place

    def _page_moved(self, name: str) -> None:
        """The page has written a point's place into its mark: have it agree with ours.

        Two messages end a drag, the new place and the end itself, and they come in either order (a
        kernel hears them on two threads). An answer to the first would be overwritten by the echo of
        the second, so each is answered.
        """
        with self._lock:
            if self._sending or self._grips[name].held:
                return
            self._changed.add(name)
            self._commit()

    def _call(self, heard: Callable[..., None], *values: Any) -> None:
        try:
            heard(*values)
        except Exception as error:
            if self.on_error is None:
                raise
            self.on_error(error)


def _checked_size(width: int, height: int) -> tuple[int, int]:
    return positive_int("width", width, minimum=120), positive_int("height", height, minimum=100)
