"""The shapes of markers, and the small sign of each mark in a legend, drawn with either pen."""

from __future__ import annotations

import math

from lyaplab.widgets._pens import Pen, Place
from lyaplab.widgets._scene import Layer, Marker

# Areas in square pixels, tuned so that all look equally large (bqplot measures markers by area too).
AREAS: dict[Marker, int] = {"disc": 92, "ring": 78, "diamond": 100, "square": 80, "triangle": 80}
HANDLE_AREA = 170
CROSS_WIDTH = 1.4
"""Pixels that the strokes of a cross are wide."""

SIGN_WIDTH, SIGN_HEIGHT = 24, 14


def radius(area: float) -> float:
    """Give the radius of a circle of this area."""
    return math.sqrt(area / math.pi)


def outline(marker: Marker, at: Place) -> list[Place]:
    """Give the corners of a diamond, square or triangle around a point, as bqplot draws them."""
    x, y = at
    area = AREAS[marker]
    if marker == "diamond":
        slim = math.tan(math.radians(30))
        high = math.sqrt(area / (2 * slim))
        wide = high * slim
        return [(x, y - high), (x + wide, y), (x, y + high), (x - wide, y)]
    if marker == "square":
        half = math.sqrt(area) / 2
        return [(x - half, y - half), (x + half, y - half), (x + half, y + half), (x - half, y + half)]
    side = math.sqrt(area / math.sqrt(3))
    return [(x, y - side), (x + side, y + side * 0.73), (x - side, y + side * 0.73)]


def draw_marker(pen: Pen, layer: Layer, at: Place, role: str) -> None:
    """Draw one point of a layer of points or handles."""
    if layer.kind == "handle":
        pen.disc(at, radius(HANDLE_AREA), fill=role, stroke="paper", width=2.5)
    elif layer.marker == "disc":
        pen.disc(at, radius(AREAS["disc"]), fill=role, stroke="paper", width=2)
    elif layer.marker == "ring":
        pen.disc(at, radius(AREAS["ring"]), fill="paper", stroke=role, width=2)
    else:
        pen.path(outline(layer.marker, at), fill="paper", stroke=role, width=2, closed=True)


def draw_cross(pen: Pen, at: Place, *, size: float, role: str) -> None:
    """Draw a cross, `size` pixels wide."""
    (x, y), half = at, size / 2
    for lean in (-half, half):
        pen.path([(x - half, y - lean), (x + half, y + lean)], stroke=role, width=CROSS_WIDTH)


def draw_sign(pen: Pen, layer: Layer, at: Place) -> None:
    """Draw the legend's sign of a layer, `SIGN_WIDTH` wide, starting at `at` (left, middle)."""
    x, y = at
    middle = (x + SIGN_WIDTH / 2, y)
    if layer.kind == "line":
        ends = [(x + 1, y), (x + SIGN_WIDTH - 1, y)]
        pen.path(ends, stroke=layer.role, width=min(layer.width, 2.6), dashed=layer.dashed)
    elif layer.kind == "dots":
        for shift in (5, 12, 19):
            if layer.crosses:
                draw_cross(pen, (x + shift, y), size=5, role=layer.role)
            else:
                pen.disc((x + shift, y), 2.2, fill=layer.role)
    elif layer.kind in ("band", "raster"):
        corners = [(x + 2, y - 5), (x + 22, y - 5), (x + 22, y + 5), (x + 2, y + 5)]
        pen.path(corners, fill=layer.role, closed=True, opacity=0.25)
    elif layer.kind == "points" and layer.marker == "disc":
        # points of several colours: the legend shows up to three of them
        roles = tuple(dict.fromkeys(layer.colours()))[:3]
        shifts = {1: (12,), 2: (7, 17), 3: (5, 12, 19)}[len(roles)]
        for shift, role in zip(shifts, roles, strict=True):
            pen.disc((x + shift, y), 5 if len(roles) == 1 else 3.4, fill=role)
    else:
        draw_marker(pen, layer, middle, layer.role)
