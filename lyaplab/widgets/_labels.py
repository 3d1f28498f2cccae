"""Labels that find their own place: beside their point, off what can be grabbed, and across as few lines as can be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lyaplab.widgets._scene import Layer, Scene
from lyaplab.widgets._stage import Stage

__all__ = ["Labels"]

Array = NDArray[np.float64]
Box = tuple[float, float, float, float]
"""Left, top, right, bottom, in pixels of the plot."""

# Pixels: a letter's average width, how far a line of text reaches above and below its base, a handle, a marker.
_LETTER, _ABOVE, _BELOW = 7.0, 11.0, 4.0
_HANDLE, _MARKER = 12.0, 7.0
# What it costs to lie there; a line costs what its owner says.
_OUTSIDE, _ON_HANDLE, _ON_LABEL, _ON_MARKER = 1000.0, 300.0, 100.0, 30.0


class _Spot(NamedTuple):
    """One side of a point: where its text begins, or ends."""

    name: str
    dx: float
    dy: float
    align: Literal["start", "end"]


# In order of preference, where all is free.
_SPOTS = (
    _Spot("below", 10.0, 18.0, "start"),
    _Spot("right", 13.0, 4.0, "start"),
    _Spot("above left", -10.0, -9.0, "end"),
    _Spot("above", 10.0, -10.0, "start"),
    _Spot("below left", -10.0, 18.0, "end"),
    _Spot("left", -13.0, 4.0, "end"),
)


class Labels:
    """Words beside points of a stage.

    Parameters
    ----------
    stage : Stage
        Gets one mark of text for each side of a point.
    name : str
        What the marks' names begin with.
    lines : mapping of str to float
        Names of lines of the stage, and what it costs to lie across each.

    Examples
    --------
    >>> from lyaplab.widgets._scene import Axis
    >>> stage = Stage(x=Axis("x", 0, 1), y=Axis("y", 0, 1))
    >>> labels = Labels(stage, "tags", lines={})
    >>> labels.show([0.5, 0.97], [0.5, 0.5], ["here", "at the edge"])
    >>> labels.spots
    ('below', 'above left')
    >>> stage.close()
    """

    def __init__(self, stage: Stage, name: str, *, lines: Mapping[str, float]) -> None:
        self._stage, self._name, self._lines = stage, name, dict(lines)
        self.spots: tuple[str, ...] = ()
        for spot in _SPOTS:
            stage.text(f"{name} {spot.name}", dx=spot.dx, dy=spot.dy, align=spot.align)

    def show(self, x: ArrayLike, y: ArrayLike, texts: Sequence[str]) -> None:
        """Show a text beside each point; call it when all else is drawn."""
        across, down = np.asarray(x, float), np.asarray(y, float)
        self.spots = tuple(spots(self._stage.scene(), across, down, texts, lines=self._lines))
        with self._stage.redraw() as stage:
            for spot in _SPOTS:
                here = np.array([chosen == spot.name for chosen in self.spots], dtype=bool)
                words = [text for text, chosen in zip(texts, here, strict=True) if chosen]
                stage.show_text(f"{self._name} {spot.name}", across[here], down[here], words)


def spots(scene: Scene, x: Array, y: Array, texts: Sequence[str], *, lines: Mapping[str, float]) -> list[str]:
    """Choose a side of each point: the cheapest, and of those the first."""
    across, down = scene.to_pixels(x, y)
    markers = [_around(a, b, _MARKER) for a, b in zip(across, down, strict=True)]
    handles = [
        _around(float(a), float(b), _HANDLE)
        for layer in scene.layers
        if layer.kind == "handle"
        for a, b in zip(*scene.to_pixels(layer.x, layer.y), strict=True)
    ]
    paths = [(lines[layer.name], _path(scene, layer)) for layer in scene.layers if layer.name in lines]
    chosen: list[str] = []
    taken: list[Box] = []
    for i, text in enumerate(texts):
        boxes = [box_of(spot, float(across[i]), float(down[i]), text) for spot in _SPOTS]
        others = [box for j, box in enumerate(markers) if j != i]
        costs = [
            _OUTSIDE * _leaves(box, scene.plot)
            + _ON_HANDLE * _count(box, handles)
            + _ON_LABEL * _count(box, taken)
            + _ON_MARKER * _count(box, others)
            + sum(cost for cost, path in paths if _crosses(box, path))
            for box in boxes
        ]
        best = int(np.argmin(costs))
        chosen.append(_SPOTS[best].name)
        taken.append(boxes[best])
    return chosen


def box_of(spot: _Spot, x: float, y: float, text: str) -> Box:
    """The pixels that a text covers beside a point."""
    width = _LETTER * len(text)
    left = x + spot.dx - (width if spot.align == "end" else 0.0)
    return left, y + spot.dy - _ABOVE, left + width, y + spot.dy + _BELOW


def _around(x: float, y: float, reach: float) -> Box:
    return x - reach, y - reach, x + reach, y + reach


def _leaves(box: Box, plot: tuple[int, int]) -> bool:
    return box[0] < 0 or box[1] < 0 or box[2] > plot[0] or box[3] > plot[1]


def _count(box: Box, others: Sequence[Box]) -> int:
    return sum(box[0] < b[2] and b[0] < box[2] and box[1] < b[3] and b[1] < box[3] for b in others)


def _path(scene: Scene, layer: Layer) -> Array:
    """A line in pixels, (n, 2), dense enough that its pieces are hardly longer than a letter."""
    points = np.column_stack(scene.to_pixels(layer.x, layer.y))
    begin, along = points[:-1], np.diff(points, axis=0)
    seen = np.isfinite(begin + along).all(axis=1)
    begin, along = begin[seen], along[seen]
    counts = 2 + np.minimum(200, np.abs(along).max(axis=1, initial=0.0) / _LETTER).astype(int)
    # Which piece each point belongs to, and how far along it lies.
    piece = np.repeat(np.arange(len(counts)), counts)
    share = (np.arange(len(piece)) - np.repeat(np.cumsum(counts) - counts, counts)) / (counts[piece] - 1)
    return begin[piece] + share[:, None] * along[piece]


def _crosses(box: Box, path: Array) -> bool:
    if not len(path):
        return False
    x, y = path[:, 0], path[:, 1]
    return bool(((box[0] < x) & (x < box[2]) & (box[1] < y) & (y < box[3])).any())
