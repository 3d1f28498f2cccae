"""The bqplot figure behind a stage: built once, and sent only what differs from what it shows.

With ``_marks.py`` the one place that knows bqplot and its habits.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Collection
from typing import Any

import bqplot
import ipywidgets
import numpy as np
from bqplot.interacts import BrushSelector

from lyaplab.widgets import _marks
from lyaplab.widgets._legend import legend_html
from lyaplab.widgets._palette import variable
from lyaplab.widgets._scene import MARGIN, Axis, Layer, Scene

_serial = itertools.count(1)

# Seconds of rest in which the thread that sends messages gets its turn.
_HANDOVER = 0.0005

# The order in which marks are sent.
_TURN = ("line", "handle", "points", "dots", "band", "text", "raster")


class Plot:
    """A figure, its axes, its marks and its legend, as widgets.

    Attributes
    ----------
    figure, legend, box : ipywidgets.Widget
        `box` holds the two others.
    """

    def __init__(self) -> None:
        self._marks: dict[str, bqplot.Mark] = {}
        self._spare: dict[str, ipywidgets.Image] = {}
        self._rasters: dict[str, Any] = {}
        self._brush: BrushSelector | None = None
        self._mounted = 0
        self._inset = 0.0
        self._sent = 0
        self._framed: tuple[Any, ...] = ()
        self._aspect = f"lyap-aspect-{next(_serial)}"
        self._scales = {"x": bqplot.LinearScale(), "y": bqplot.LinearScale()}
        quiet: dict[str, Any] = {"grid_lines": "none", "color": variable("muted")}
        self._axes = {
            "x": bqplot.Axis(scale=self._scales["x"], side="bottom", label_offset="34px", **quiet),
            "y": bqplot.Axis(scale=self._scales["y"], side="left", label_offset="40px", **quiet),
        }
        self.figure = bqplot.Figure(
            axes=list(self._axes.values()),
            fig_margin=dict(MARGIN),
            padding_x=0,
            padding_y=0,
            display_toolbar=False,
            animation_duration=0,
            background_style={"fill": variable("paper")},
        )
        self.legend = ipywidgets.HTML()
        self.box = ipywidgets.VBox([self.legend, self.figure])
        for widget, names in (
            (self.figure, ("lyap-figure", self._aspect)),
            (self.legend, ("lyap-legend",)),
            (self.box, ("lyap-stage",)),
        ):
            for name in ("lyap", *names):
                widget.add_class(name)

    def add(self, layer: Layer, *, along: str | None = None) -> bqplot.Mark:
        """Make the mark of a layer; it appears with the next :meth:`send`."""
        mark = _marks.build(layer, self._scales, along=along)
        self._marks[layer.name] = mark
        if layer.kind == "raster":
            self._spare[layer.name] = ipywidgets.Image(value=_marks.png(_marks.CLEAR), format="png")
        self._inset = max(self._inset, _marks.inset(layer))
        return mark

    def on_click(self, name: str, heard: Callable[[int], None]) -> None:
        """Call `heard` with the index of a marker that is clicked."""

        def unpack(_: Any, message: dict[str, Any]) -> None:
            heard(int(message["data"]["index"]))

        self.figure.add_class("lyap-picks")
        self._marks[name].on_element_click(unpack)

    def brush(self, heard: Callable[[tuple[float, float], tuple[float, float]], None]) -> None:
        """Call `heard` with the ranges of x and y that the mouse has selected; the selection then goes."""
        selector = BrushSelector(x_scale=self._scales["x"], y_scale=self._scales["y"])

        def ended(change: dict[str, Any]) -> None:
            if change["new"] or selector.selected is None:
                return
            (left, bottom), (right, top) = np.sort(np.asarray(selector.selected, dtype=float), axis=0).tolist()
            with selector.hold_sync():
                selector.selected_x = selector.selected_y = None
            selector.reset()
            heard((left, right), (bottom, top))

        selector.observe(ended, "brushing")
        self.figure.interaction = self._brush = selector
        self.figure.add_class("lyap-brushed")

    def send(self, scene: Scene, changed: Collection[str]) -> None:
        """Bring the page up to date with the scene, what the eye waits for first.

        Each widget that differs is a message, and the page works through them one by one: limits, lines and points
        come before words, pixels and the legend.

        Parameters
        ----------
        scene : Scene
            What is to be seen.
        changed : collection of str
            Names of the layers that may differ; the others are not looked at.
        """
        before = self._sent
        self._fit(scene)
        for layer in sorted(scene.layers, key=lambda layer: _TURN.index(layer.kind)):
            if layer.name in changed:
                if layer.kind == "raster":
                    self._paint(layer)
                self._set(self._marks[layer.name], _marks.traits(layer, scene))
        self._set(self.legend, {"value": self._legend(scene)})
        self._set(self.box.layout, {"max_width": f"{scene.width}px"})
        if self._mounted != len(self._marks):
            self._mounted = len(self._marks)
            self._set(self.figure, {"marks": list(self._marks.values())})
        if self._sent > before:
            # Another thread hands the messages on. Left alone, it gets its turn only after the switch interval of
            # 5 ms, while whoever draws goes on to the next figure.
            time.sleep(_HANDOVER)

    def _fit(self, scene: Scene) -> None:
        """Set scales and ticks so that the plot's edges lie on the limits.

        bqplot pulls in every scale of a figure by the radius of its largest marker: the scales are
        given that much less, and so end where the limits are.
        """
        if (framed := (scene.x, scene.y, scene.width, scene.height, self._inset)) == self._framed:
            return
        self._framed = framed
        for name, axis, pixels in (("x", scene.x, scene.plot[0]), ("y", scene.y, scene.plot[1])):
            less = self._inset * axis.span / pixels
            self._set(self._scales[name], {"min": axis.low + less, "max": axis.high - less})
            # Two messages, since one has no order: the page writes new ticks a moment later, in the format of before.
            title = {"label": axis.label, "label_offset": _offset(name, axis)}
            self._set(self._axes[name], {**title, **_ticks(axis)})
            self._set(self._axes[name], {"tick_values": np.array(axis.places())})
        ratio = scene.width / scene.height
        # bqplot checks at each assignment that the least ratio is not above the largest
        names = ("max_aspect_ratio", "min_aspect_ratio")
        order = names if ratio > self.figure.max_aspect_ratio else names[::-1]
        self._set(self.figure, dict.fromkeys(order, ratio))

    def _legend(self, scene: Scene) -> str:
        # ipywidgets' Layout knows no aspect ratio, so the legend carries this one rule
        shape = f"<style>.{self._aspect}{{aspect-ratio:{scene.width}/{scene.height}}}</style>"
        return shape + legend_html(scene.legend())

    def _paint(self, layer: Layer) -> None:
        """Show new pixels: bqplot redraws an image only when it is another widget, so two take turns."""
        if layer.image is None or self._rasters.get(layer.name) is layer.image:
            return
        self._rasters[layer.name] = layer.image
        mark, fresh = self._marks[layer.name], self._spare[layer.name]
        self._spare[layer.name] = mark.image
        fresh.value = _marks.png(layer.image)  # it has to be there before the mark names it
        self._set(mark, {"image": fresh})

    def _set(self, widget: Any, traits: dict[str, Any]) -> None:
        """Send those traits that differ, in one message."""
        new = {name: value for name, value in traits.items() if not _same(getattr(widget, name), value)}
        if new:
            self._sent += 1
            with widget.hold_sync():
                for name, value in new.items():
                    setattr(widget, name, value)

    def close(self) -> None:
        """Close every widget of the figure, with their layouts."""
        images = [mark.image for mark in self._marks.values() if isinstance(mark, bqplot.Image)]
        own = (self.figure.scale_x, self.figure.scale_y, self.figure, self.legend, self.box)
        if self._brush is not None:
            self._brush.close()
        parts = (*self._spare.values(), *images, *self._marks.values())
        for widget in (*parts, *self._axes.values(), *self._scales.values(), *own):
            for name in ("layout", "style"):
                if isinstance(getattr(widget, name, None), ipywidgets.Widget):
                    getattr(widget, name).close()
            widget.close()


def _ticks(axis: Axis) -> dict[str, Any]:
    """How ticks are written: as numbers, or as the powers of ten that they stand for."""
    if not axis.powers:
        return {"tick_format": f".{axis.decimals()}f", "tick_labels": None}
    return {"tick_labels": dict(zip(map(_key, axis.places()), axis.names(), strict=True))}


def _key(place: float) -> str:
    """Write a number as the page does, whose dictionaries are asked by text."""
    return str(int(place)) if place == int(place) else repr(float(place))


def _offset(name: str, axis: Axis) -> str:
    """How far the title lies from its axis: further from long numbers."""
    if name == "x":
        return "34px"
    return "40px" if axis.title("fits", most=3 if axis.powers else 4) else "46px"


def _same(old: Any, new: Any) -> bool:
    """Tell whether a trait already has this value; NaN equals NaN."""
    if isinstance(old, np.ndarray) or isinstance(new, np.ndarray):
        if old is None or new is None:
            return old is new
        before, after = np.asarray(old), np.asarray(new)
        if before.dtype.kind != after.dtype.kind and before.size and after.size:
            return False
        if after.dtype.kind != "f":
            return bool(np.array_equal(before, after))
        return bool(np.array_equal(before, after, equal_nan=True))
    return bool(old == new) if not isinstance(new, ipywidgets.Widget) else old is new
