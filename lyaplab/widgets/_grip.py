"""Dragging: from the page's messages to points that stay within the plot and on their line.

While a point is held, the page moves it by itself and the kernel must not answer with where it was a
moment ago; on release the kernel has the last word.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Literal

import numpy as np

from lyaplab.widgets._scene import Scene

Along = Literal["x", "y"] | tuple[tuple[float, float], tuple[float, float]] | None
Heard = Callable[[int, float, float], None]

# A release can get lost (the page is closed while dragging): after this long nobody holds the point.
_LOST = 1.0


class Grip:
    """The hold on one mark's points.

    Parameters
    ----------
    along : {"x", "y"}, pair of points, or None
        Where the points may go: on a parallel to an axis, on the line through two points, anywhere.
    moved : callable
        Given (index, x, y) as the page has it; returns nothing.
    released : callable
        Likewise, at the end.
    """

    def __init__(self, *, along: Along, moved: Heard, released: Heard) -> None:
        self._along = along
        self._moved, self._released = moved, released
        self._until = 0.0

    @property
    def held(self) -> bool:
        """Whether somebody holds a point just now."""
        return time.monotonic() < self._until

    def listen(self, mark: Any) -> None:
        """Hear the drags of a bqplot mark, whose messages carry x and y together."""
        mark.on_drag_start(lambda _, message: self._hold())
        mark.on_drag(self._on_drag)
        mark.on_drag_end(self._on_drag_end)

    def _hold(self) -> None:
        self._until = time.monotonic() + _LOST

    def _on_drag(self, _: Any, message: dict[str, Any]) -> None:
        self._hold()
        point = message["point"]
        self._moved(int(message["index"]), float(point["x"]), float(point["y"]))

    def _on_drag_end(self, _: Any, message: dict[str, Any]) -> None:
        self._until = 0.0
        point = message["point"]
        self._released(int(message["index"]), float(point["x"]), float(point["y"]))

    def place(self, scene: Scene, before: tuple[float, float], to: tuple[float, float]) -> tuple[float, float]:
        """Give the allowed point nearest to where the mouse is: on the line and within the limits.

        Parameters
        ----------
        scene : Scene
            The figure, for its limits.
        before : (float, float)
            Where the point was: its fixed coordinate, where it moves along an axis.
        to : (float, float)
            Where the mouse is.
        """
        x, y = to
        if self._along == "x":
            y = before[1]
        elif self._along == "y":
            x = before[0]
        elif self._along is not None:
            (x0, y0), (x1, y1) = self._along
            along = np.array([x1 - x0, y1 - y0])
            part = float(np.dot([x - x0, y - y0], along) / np.dot(along, along))
            low, high = self._inside(scene)
            x, y = np.array([x0, y0]) + np.clip(part, low, high) * along
        return _clip(float(x), scene.x), _clip(float(y), scene.y)

    def _inside(self, scene: Scene) -> tuple[float, float]:
        """Give the stretch of the line, in units of its two points, that lies within the limits."""
        assert isinstance(self._along, tuple)
        low, high = -np.inf, np.inf
        for start, end, axis in zip(*self._along, (scene.x, scene.y), strict=True):
            if start != end:
                a, b = sorted(((axis.low - start) / (end - start), (axis.high - start) / (end - start)))
                low, high = max(low, a), min(high, b)
        return (low, high) if low <= high else (0.0, 1.0)


def _clip(value: float, axis: Any) -> float:
    return min(max(value, axis.low), axis.high)
