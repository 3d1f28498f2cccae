"""From a layer to a bqplot mark: how each kind is built, and which traits show a layer's data.

:func:`build` makes the mark once; :func:`traits` says what its traits must be to show a layer, so that
the stage can send exactly those that differ. Only this file and ``_plot.py`` know bqplot.
"""

from __future__ import annotations

import io
import math
from typing import Any

import bqplot
import ipywidgets
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lyaplab.widgets._palette import variable
from lyaplab.widgets._scene import Layer, Scene
from lyaplab.widgets._shapes import crosses, decimate
from lyaplab.widgets._symbols import AREAS, CROSS_WIDTH, HANDLE_AREA

_SHAPES = {"disc": "circle", "ring": "circle", "diamond": "diamond", "square": "square", "triangle": "triangle-up"}
_NOWHERE = np.zeros(1, np.float32)
CLEAR = np.zeros((1, 1, 4), np.uint8)


def png(rgba: NDArray[np.uint8]) -> bytes:
    """Pack (ny, nx, 4) bytes, row 0 at the bottom, into a PNG, whose row 0 is at the top."""
    packed = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(rgba[::-1])).save(packed, "PNG", compress_level=1)
    return packed.getvalue()


def inset(layer: Layer) -> float:
    """Say by how many pixels bqplot pulls in all scales of a figure that holds this mark."""
    area = {"handle": HANDLE_AREA, "text": layer.size}.get(layer.kind, 0.0)
    if layer.kind == "points":
        area = AREAS[layer.marker]
    return math.sqrt(area) / 2 + 1 if area else 0.0


def build(layer: Layer, scales: dict[str, bqplot.Scale], *, along: str | None = None) -> bqplot.Mark:
    """Make the mark of a layer, still without data.

    Parameters
    ----------
    layer : Layer
        What is to be shown.
    scales : dict
        The figure's scales "x" and "y".
    along : {"x", "y"} or None
        The axis along which a handle is held.
    """
    colour = variable(layer.role)
    common: dict[str, Any] = {"scales": scales, "visible": False}
    if layer.kind == "line":
        pattern = "dashed" if layer.dashed else "solid"
        return bqplot.Lines(
            x=_NOWHERE, y=_NOWHERE, colors=[colour], stroke_width=layer.width, line_style=pattern, **common
        )
    if layer.kind == "dots":
        # isolated points of a line with round caps: thousands at the price of one path
        width = CROSS_WIDTH if layer.crosses else layer.size
        return bqplot.Lines(x=_NOWHERE, y=_NOWHERE, colors=[colour], stroke_width=width, **common)
    if layer.kind == "band":
        edges = np.zeros((2, 1), np.float32)
        shade = {"fill": "between", "fill_colors": [colour], "fill_opacities": [0.18], "opacities": [0.0, 0.0]}
        return bqplot.Lines(x=_NOWHERE, y=edges, colors=[colour], **shade, **common)
    if layer.kind == "raster":
        image = ipywidgets.Image(value=png(CLEAR), format="png")
        return bqplot.Image(image=image, pixelated=False, x=[0.0, 1.0], y=[0.0, 1.0], **common)
    if layer.kind == "text":
        style = {"default_size": layer.size, "font_weight": "normal", "align": layer.align}
        place = {"x_offset": layer.shift[0], "y_offset": layer.shift[1]}
        return bqplot.Label(x=_NOWHERE, y=_NOWHERE, text=[""], colors=[colour], **style, **place, **common)
    return _scatter(layer, common, along=along)


def _scatter(layer: Layer, common: dict[str, Any], *, along: str | None) -> bqplot.Scatter:
    handle = layer.kind == "handle"
    marker, area = ("circle", HANDLE_AREA) if handle else (_SHAPES[layer.marker], AREAS[layer.marker])
    filled = handle or layer.marker == "disc"
    # float64, also before there is data: bqplot writes a drag into an array of the same type
    common |= {"x": np.zeros(1), "y": np.zeros(1), "marker": marker, "default_size": area, "stroke_width": 2}
    if handle:
        # `enable_move` is heeded only in the constructor
        hold = {"enable_move": True, "restrict_x": along == "x", "restrict_y": along == "y"}
        return bqplot.Scatter(
            colors=[variable(layer.role)], stroke="var(--lyap-grip)", names_unique=False, **hold, **common
        )
    rim, fill = (variable("paper"), variable(layer.role)) if filled else (variable(layer.role), variable("paper"))
    return bqplot.Scatter(colors=[fill], stroke=rim, names_unique=False, **common)


def traits(layer: Layer, scene: Scene) -> dict[str, Any]:
    """Say what the traits of a layer's mark must be to show it (rasters: see :func:`png`).

    Lines come decimated and as float32; what is empty is hidden and keeps its old data.
    """
    shown: dict[str, Any]
    if layer.empty:
        return {"visible": False}
    if layer.kind == "raster":
        return {"visible": True, "x": [float(v) for v in layer.x], "y": [float(v) for v in layer.y]}
    if layer.kind == "line":
        x, y = decimate(layer.x, layer.y, scene)
        return {"visible": True, "x": x.astype(np.float32), "y": y.astype(np.float32)}
    if layer.kind == "dots":
        points = decimate(layer.x, layer.y, scene)
        x, y = crosses(*points, scene, size=layer.size) if layer.crosses else apart(*points)
        shown = {"visible": True, "x": x.astype(np.float32), "y": y.astype(np.float32)}
        return shown if layer.crosses else shown | {"stroke_width": layer.size}
    if layer.kind == "band":
        upper = layer.y if layer.upper is None else layer.upper
        edges = np.stack([layer.y, upper]).astype(np.float32)
        return {"visible": True, "x": layer.x.astype(np.float32), "y": edges}
    if layer.kind == "text":
        return {"visible": True, "x": layer.x, "y": layer.y, "text": np.array(layer.names, dtype=str)}
    shown = {"visible": True, "x": layer.x, "y": layer.y}
    if layer.kind == "handle" or layer.marker == "disc":
        shown["colors"] = [variable(role) for role in layer.colours()]
    shown["names"] = np.array(layer.names, dtype=str)
    return shown


def apart(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Put a gap between all points, so that a line with round caps shows them as dots."""
    spaced = np.full((2, 2 * len(x) - 1), np.nan)
    spaced[0, ::2], spaced[1, ::2] = x, y
    return spaced[0], spaced[1]
