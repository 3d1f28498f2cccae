"""The picture without the page: the scenes of a widget as SVG, as PNG and as a table.

Drawn by us from plain data, because a browser is not always there (a book, a file, an alt text) and
because saving from the page fails silently for many.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray

from lyaplab.errors import number, one_of
from lyaplab.widgets._palette import THEMES, Theme, colour
from lyaplab.widgets._pens import Pen, Place, PngPen, SvgPen, written
from lyaplab.widgets._scene import MARGIN, FloatArray, Layer, Scene
from lyaplab.widgets._shapes import decimate
from lyaplab.widgets._symbols import SIGN_WIDTH, draw_cross, draw_marker, draw_sign

__all__ = ["to_csv", "to_png", "to_svg"]

_WIDEST = 1120  # pixels; scenes that do not fit beside each other go below
_KEY_HEIGHT = 26
_LETTER = 6.3  # average width of a letter of the legend


def to_svg(
    scene: Scene | Sequence[Scene], theme: Theme = "light", *, title: str = "", description: str = ""
) -> str:
    """Write one scene, or several side by side, as an SVG file.

    Parameters
    ----------
    scene : Scene or sequence of Scene
    theme : {"light", "dark"}
    title, description : str
        Read out by screen readers.

    Examples
    --------
    >>> from lyaplab.widgets._scene import Axis
    >>> to_svg(Scene(200, 160, Axis("t", 0, 1), Axis("x", 0, 1), ()), title="Nothing")[:34]
    '<svg xmlns="http://www.w3.org/2000'
    """
    scenes = _several(scene)
    one_of("theme", theme, THEMES)
    sheet = _Sheet.of(scenes)
    # clip paths are found by name in the whole page: two pictures in one page must not share names
    frames = repr([(one.width, one.height, one.x, one.y) for one in scenes])
    prefix = "lyap-" + hashlib.blake2b(frames.encode(), digest_size=5).hexdigest()
    pen = SvgPen(lambda role: colour(role, theme), prefix=prefix)
    _draw(pen, sheet)
    words = f"<title>{escape(title)}</title>" * bool(title) + f"<desc>{escape(description)}</desc>" * bool(description)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {sheet.width} {sheet.height}" '
        f'width="{sheet.width}" height="{sheet.height}" style="background:{colour("paper", theme)}">{words}{pen}</svg>'
    )


def to_png(scene: Scene | Sequence[Scene], theme: Theme = "light", *, scale: float = 2.0) -> bytes:
    """Paint one scene, or several side by side, as a PNG file.

    Parameters
    ----------
    scene : Scene or sequence of Scene
    theme : {"light", "dark"}
    scale : float
        Pixels of the file for one pixel of the figure.
    """
    one_of("theme", theme, THEMES)
    sheet = _Sheet.of(_several(scene))
    factor = number("scale", scale, low=0.2, high=6.0)
    pen = PngPen((sheet.width, sheet.height), lambda role: colour(role, theme), scale=factor)
    _draw(pen, sheet)
    return pen.png()


def to_csv(scene: Scene | Sequence[Scene]) -> str:
    """Write the numbers of all curves and points, one row a point: figure, series, x, y.

    A band comes as two series, its lower and its upper edge. Fields of arrows, reference lines, words
    and rasters are not numbers that one would look up: they stay out.
    """
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(("figure", "series", "x", "y"))
    for count, one in enumerate(_several(scene), start=1):
        for layer in one.layers:
            if not layer.table or layer.empty:
                continue
            series = [(layer.name, layer.y)]
            if layer.upper is not None:
                series = [(f"{layer.name} low", layer.y), (f"{layer.name} high", layer.upper)]
            for name, values in series:
                pairs = zip(layer.x.tolist(), values.tolist(), strict=True)
                table.writerows((count, name, repr(x), repr(y)) for x, y in pairs)  # repr keeps every digit
    return out.getvalue()


def _several(scene: Scene | Sequence[Scene]) -> tuple[Scene, ...]:
    return (scene,) if isinstance(scene, Scene) else tuple(scene)


@dataclass(frozen=True)
class _Sheet:
    """Where each scene lies on the common sheet."""

    width: int
    height: int
    scenes: tuple[tuple[Scene, Place], ...]

    @classmethod
    def of(cls, scenes: Sequence[Scene]) -> _Sheet:
        placed, x, y, tallest, widest = [], 0, 0, 0, 0
        for scene in scenes:
            if x and x + scene.width > _WIDEST:
                x, y, tallest = 0, y + tallest, 0
            placed.append((scene, (float(x), float(y))))
            x += scene.width
            tallest = max(tallest, scene.height + round(_key_height(scene)))
            widest = max(widest, x)
        return cls(widest, y + tallest, tuple(placed))


def _draw(pen: Pen, sheet: _Sheet) -> None:
    for scene, (left, top) in sheet.scenes:
        _draw_key(pen, scene, (left, top))
        corner = (left + MARGIN["left"], top + _key_height(scene) + MARGIN["top"])
        with pen.window(corner, scene.plot):
            for layer in scene.layers:
                if not layer.empty:
                    _draw_layer(pen, layer, scene, corner)
        _draw_axes(pen, scene, corner)


def _key_rows(scene: Scene) -> list[list[tuple[Layer, float]]]:
    """Lay the legend's entries into rows; with each entry, its width."""
    rows: list[list[tuple[Layer, float]]] = []
    room = 0.0
    for layer in scene.legend():
        width = SIGN_WIDTH + 6 + _LETTER * len(written(layer.label or "")) + 12
        if not rows or room + width > scene.width - 20:
            rows.append([])
            room = 0.0
        rows[-1].append((layer, width))
        room += width
    return rows


def _key_height(scene: Scene) -> float:
    rows = len(_key_rows(scene))
    return _KEY_HEIGHT * rows + 8.0 if rows else 4.0


def _draw_key(pen: Pen, scene: Scene, corner: Place) -> None:
    y = corner[1] + 6 + _KEY_HEIGHT / 2
    for row in _key_rows(scene):
        x = corner[0] + (scene.width - sum(width for _, width in row)) / 2 + 8
        for layer, width in row:
            draw_sign(pen, layer, (x, y))
            pen.words(layer.label or "", (x + SIGN_WIDTH + 6, y), role="ink", size=13)
            x += width
        y += _KEY_HEIGHT


def _draw_axes(pen: Pen, scene: Scene, corner: Place) -> None:
    left, top = corner
    width, height = scene.plot
    across, _ = scene.to_pixels(scene.x.places(), np.zeros(len(scene.x.places())))
    _, down = scene.to_pixels(np.zeros(len(scene.y.places())), scene.y.places())
    for x, name in zip(across, scene.x.names(), strict=True):
        pen.path([(left + x, top + height), (left + x, top + height + 6)], stroke="grid")
        pen.words(name, (left + x, top + height + 15), role="muted", size=12, anchor="middle")
    for y, name in zip(down, scene.y.names(), strict=True):
        pen.path([(left - 6, top + y), (left, top + y)], stroke="grid")
        pen.words(name, (left - 10, top + y), role="muted", size=12, anchor="end")
    middle = (left + width / 2, top + height + 36)
    pen.words(scene.x.label, middle, role="ink", size=15, anchor="middle", face="math")
    side = (left - 44, top + height / 2)
    pen.words(scene.y.label, side, role="ink", size=15, anchor="middle", face="math", upright=False)


def _draw_layer(pen: Pen, layer: Layer, scene: Scene, corner: Place) -> None:
    if layer.kind == "raster":
        _draw_raster(pen, layer, scene, corner)
        return
    x, y = decimate(layer.x, layer.y, scene) if layer.kind in ("line", "dots") else (layer.x, layer.y)
    across, down = scene.to_pixels(x, y)
    places = np.stack([across + corner[0], down + corner[1]], axis=1)
    if layer.kind == "line":
        for piece in _pieces(places):
            pen.path(_tuples(piece), stroke=layer.role, width=layer.width, dashed=layer.dashed)
    elif layer.kind == "dots":
        for at in _tuples(places[np.isfinite(places).all(axis=1)]):
            if layer.crosses:
                draw_cross(pen, at, size=layer.size, role=layer.role)
            else:
                pen.disc(at, layer.size / 2, fill=layer.role)
    elif layer.kind == "band" and layer.upper is not None:
        _, top = scene.to_pixels(layer.x, layer.upper)
        edge = np.stack([across, top], axis=1) + corner
        pen.path(_tuples(np.concatenate([places, edge[::-1]])), fill=layer.role, closed=True, opacity=0.18)
    elif layer.kind == "text":
        for (x0, y0), text in zip(_tuples(places), layer.names, strict=True):
            at = (x0 + layer.shift[0], y0 + layer.shift[1])
            pen.words(text, at, role=layer.role, size=layer.size, anchor=layer.align, halo=True)
    else:
        _draw_points(pen, layer, _tuples(places))


def _draw_points(pen: Pen, layer: Layer, places: Sequence[Place]) -> None:
    roles = layer.colours()
    for index, at in enumerate(places):
        draw_marker(pen, layer, at, roles[index % len(roles)])
        if index < len(layer.names):
            pen.words(layer.names[index], (at[0] + 8, at[1] - 9), role="ink", size=12, face="bold", halo=True)


def _draw_raster(pen: Pen, layer: Layer, scene: Scene, corner: Place) -> None:
    assert layer.image is not None
    across, down = scene.to_pixels(layer.x, layer.y)
    at = (float(across[0]) + corner[0], float(down[1]) + corner[1])
    pen.pixels(np.ascontiguousarray(layer.image[::-1]), at, (float(across[1] - across[0]), float(down[0] - down[1])))


def _pieces(places: FloatArray) -> Iterator[FloatArray]:
    """Cut a line at its gaps."""
    seen: NDArray[np.bool_] = np.isfinite(places[:, 0]) & np.isfinite(places[:, 1])
    for piece in np.split(np.arange(len(places)), np.flatnonzero(np.diff(seen)) + 1):
        if seen[piece[0]] and len(piece) > 1:
            yield places[piece]


def _tuples(places: FloatArray) -> list[Place]:
    return [(float(x), float(y)) for x, y in places]
