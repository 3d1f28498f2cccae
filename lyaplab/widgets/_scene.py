"""What a figure shows, as plain data, and the plain geometry behind it.

A :class:`Scene` is all that the still pictures and the table are made of (``_still.py``). Nothing in
this file knows bqplot or the page.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lyaplab.drawing.axis import Axis, limits_around, nice_ticks

__all__ = [
    "MARGIN", "MARKERS", "Axis", "FloatArray", "Kind", "Layer", "Marker", "Scene", "equal_y", "limits_around",
    "nice_ticks", "plot_size",
]  # fmt: skip

FloatArray = NDArray[np.float64]
Marker = Literal["disc", "ring", "diamond", "square", "triangle"]
Kind = Literal["line", "dots", "points", "handle", "raster", "band", "text"]

MARKERS: tuple[Marker, ...] = ("disc", "ring", "diamond", "square", "triangle")

# Pixels between the figure's edge and the plot: room for tick labels and the axis' title, no more.
MARGIN = {"top": 6, "right": 10, "bottom": 46, "left": 58}


@dataclass(frozen=True)
class Layer:
    """One mark of a figure with the data it shows; the order of layers is the order of drawing.

    ``x`` and ``y`` are one-dimensional, with NaN where a line is interrupted. A band has its lower
    edge in ``y`` and its upper one in ``upper``; a raster has ``image`` (ny, nx, 4), row 0 at the
    bottom, and its extent in ``x`` and ``y`` (two numbers each).
    """

    name: str
    kind: Kind
    role: str
    label: str | None = None
    marker: Marker = "disc"
    width: float = 2.0
    size: float = 5.0
    dashed: bool = False
    crosses: bool = False
    table: bool = True
    align: Literal["start", "middle", "end"] = "start"
    shift: tuple[float, float] = (0.0, 0.0)
    x: FloatArray = field(default_factory=lambda: np.empty(0))
    y: FloatArray = field(default_factory=lambda: np.empty(0))
    upper: FloatArray | None = None
    image: NDArray[np.uint8] | None = None
    roles: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether there is nothing to draw."""
        return self.image is None if self.kind == "raster" else not len(self.x)

    def colours(self) -> tuple[str, ...]:
        """Give the roles of its points: one each where they differ, else the mark's own."""
        return self.roles or (self.role,)


@dataclass(frozen=True)
class Scene:
    """A figure as plain data: its size in pixels, its axes and its layers, lowest first."""

    width: int
    height: int
    x: Axis
    y: Axis
    layers: tuple[Layer, ...]

    @property
    def plot(self) -> tuple[int, int]:
        """Width and height of the plotting area in pixels."""
        return plot_size(self.width, self.height)

    def to_pixels(self, x: ArrayLike, y: ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Turn data into pixels, measured from the plotting area's upper left corner."""
        width, height = self.plot
        across = (np.asarray(x, float) - self.x.low) / self.x.span * width
        down = (self.y.high - np.asarray(y, float)) / self.y.span * height
        return across, down

    def legend(self) -> tuple[Layer, ...]:
        """Give the layers that the legend explains: those with a label, also while they are empty.

        A legend that loses and regains entries while a slider moves would make the page jump.
        """
        return tuple(layer for layer in self.layers if layer.label)


def plot_size(width: int, height: int) -> tuple[int, int]:
    """Give the pixels that remain for data in a figure of this size."""
    return width - MARGIN["left"] - MARGIN["right"], height - MARGIN["top"] - MARGIN["bottom"]


def equal_y(x: Axis, y: Axis, *, width: int, height: int) -> Axis:
    """Set the limits of `y` around its middle so that one unit is as long on both axes."""
    across, down = plot_size(width, height)
    half = x.span * down / across / 2
    middle = (y.low + y.high) / 2
    return replace(y, low=middle - half, high=middle + half)
