"""The stage: one bqplot figure with its legend, and the only way in which widgets draw.

A widget makes its marks once, by name and by role of colour, and from then on only says what they
show. The stage keeps that as plain data (:meth:`Stage.scene`), sends what differs and nothing else,
and hands drags back as points.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lyaplab.errors import number, one_of
from lyaplab.widgets._grip import Along, Grip
from lyaplab.widgets._palette import colour
from lyaplab.widgets._scene import MARKERS, Axis, Layer, Marker
from lyaplab.widgets._sheet import Sheet

__all__ = ["Axis", "Stage"]


class Stage(Sheet):
    """One figure and its legend.

    Marks are made in drawing order (the first lies lowest) by :meth:`raster`, :meth:`band`,
    :meth:`rule`, :meth:`line`, :meth:`dots`, :meth:`points`, :meth:`text`, :meth:`handle`; their data
    come by :meth:`show` and its kin, best inside :meth:`redraw`.

    Parameters
    ----------
    x, y : Axis
        Titles and limits; the plot's edges lie exactly on the limits.
    width, height : int
        Size in pixels where there is room; in a narrower place the figure shrinks in proportion.
    equal : bool
        Whether one unit is to be equally long on both axes; `y` gives way.

    Attributes
    ----------
    figure, legend : ipywidgets.Widget
        To be placed; `box` holds both, the legend on top.
    on_error : callable or None
        Is given exceptions of on_move, on_release and on_click; None lets them rise.

    Examples
    --------
    >>> stage = Stage(x=Axis("t", 0, 10), y=Axis("x", -1, 1))
    >>> stage.line("orbit", role="orbit")
    >>> stage.show("orbit", [0, 5, 10], [0.0, 0.5, 0.2])
    >>> stage.scene().layers[0].y
    array([0. , 0.5, 0.2])
    """

    # ---- making marks --------------------------------------------------------------------------

    def line(
        self, name: str, *, role: str, label: str | None = None, width: float = 2.0, dashed: bool = False,
        table: bool = True,
    ) -> None:  # fmt: skip
        """Make a line; `table` says whether its points belong into the CSV (an arrow field's do not)."""
        self._add(Layer(name, "line", role, label, width=width, dashed=dashed, table=table))

    def dots(
        self, name: str, *, role: str, label: str | None = None, size: float = 4.5, table: bool = True,
        crosses: bool = False,
    ) -> None:  # fmt: skip
        """Make a cloud of round dots, or of crosses, `size` pixels wide: thousands cost no more than a line."""
        self._add(Layer(name, "dots", role, label, size=size, table=table, crosses=crosses))

    def points(
        self, name: str, *, role: str, marker: Marker = "disc", label: str | None = None,
        on_click: Callable[[int], None] | None = None,
    ) -> None:  # fmt: skip
        """Make up to 300 markers; `on_click` is given the index of the one that was clicked."""
        one_of("marker", marker, MARKERS)
        self._add(Layer(name, "points", role, label, marker=marker))
        if on_click is not None:
            self._plot.on_click(name, lambda index: self._call(on_click, index))

    def text(
        self, name: str, *, role: str = "ink", size: int = 13, align: str = "start", dx: float = 0.0, dy: float = 0.0
    ) -> None:
        """Make words in the plot, `dx` and `dy` pixels right of and below their points."""
        anchor: Any = one_of("align", align, ("start", "middle", "end"))
        self._add(Layer(name, "text", role, size=size, align=anchor, shift=(dx, dy), table=False))

    def raster(self, name: str, *, label: str | None = None, role: str = "muted") -> None:
        """Make a picture of pixels, under everything made later."""
        self._add(Layer(name, "raster", role, label, table=False))

    def band(self, name: str, *, role: str, label: str | None = None) -> None:
        """Make a shaded band between two curves."""
        self._add(Layer(name, "band", role, label))

    def rule(
        self, name: str, *, x: float | None = None, y: float | None = None, slope: float | None = None,
        through: tuple[float, float] = (0.0, 0.0), role: str = "muted", label: str | None = None,
        width: float = 1.2, dashed: bool = False,
    ) -> None:  # fmt: skip
        """Make a straight line across the whole plot: upright at `x`, level at `y`, or of a `slope`."""
        given = [(key, value) for key, value in (("x", x), ("y", y), ("slope", slope)) if value is not None]
        if len(given) != 1:
            raise ValueError(f"a rule needs exactly one of x, y and slope, got {len(given)}")
        self._rules[name] = (given[0][0], number(*given[0]), through)
        self._add(Layer(name, "line", role, label, width=width, dashed=dashed, table=False))
        self._draw_rules()

    def place_rule(self, name: str, *, x: float | None = None, y: float | None = None) -> None:
        """Move a rule that is upright to another x, a level one to another y."""
        kind, _, through = self._rules[name]
        self._rules[name] = (kind, number(kind, x if kind == "x" else y), through)
        self._draw_rules()

    def handle(
        self, name: str, *, role: str = "start", label: str | None = None, along: Along = None,
        on_move: Callable[[float, float], None] | None = None,
        on_release: Callable[[float, float], None] | None = None,
    ) -> None:  # fmt: skip
        """Make one point that can be dragged; see :meth:`handles`."""
        move = (lambda _, x, y: on_move(x, y)) if on_move else None
        release = (lambda _, x, y: on_release(x, y)) if on_release else None
        self.handles(name, role=role, label=label, along=along, on_move=move, on_release=release)

    def handles(
        self, name: str, *, role: str = "start", label: str | None = None, along: Along = None,
        on_move: Callable[[int, float, float], None] | None = None,
        on_release: Callable[[int, float, float], None] | None = None,
    ) -> None:  # fmt: skip
        """Make points that can be dragged.

        Parameters
        ----------
        name, role, label : str
        along : {"x", "y"}, pair of points or None
            Keep the points on a parallel to an axis, or on the line through two points.
        on_move, on_release : callable
            Given the point's index and its place, for each move of the mouse and at the end. The
            place is within the limits and on the line.
        """
        mark = self._add(Layer(name, "handle", role, label), along=along if isinstance(along, str) else None)

        def moved(index: int, x: float, y: float) -> None:
            place = self._move(name, index, (x, y))
            if on_move is not None and place is not None:
                self._call(on_move, index, *place)

        def released(index: int, x: float, y: float) -> None:
            place = self._move(name, index, (x, y))
            if on_release is not None and place is not None:
                self._call(on_release, index, *place)

        self._grips[name] = Grip(along=along, moved=moved, released=released)
        self._grips[name].listen(mark)
        mark.observe(lambda _: self._page_moved(name), ["x", "y"])

    def brush(self, on_brush: Callable[[tuple[float, float], tuple[float, float]], None]) -> None:
        """Let the mouse select a part of the plot.

        Handles of a stage with a brush cannot be dragged: the brush takes every press.

        Parameters
        ----------
        on_brush : callable
            Given (low, high) of x and of y, within the limits, when the button is let go.
        """

        def brushed(x: tuple[float, float], y: tuple[float, float]) -> None:
            inside = [
                (max(low, axis.low), min(high, axis.high)) for (low, high), axis in ((x, self._x), (y, self._y))
            ]
            self._call(on_brush, *inside)

        self._plot.brush(brushed)

    # ---- saying what they show -----------------------------------------------------------------

    def show(
        self, name: str, x: ArrayLike, y: ArrayLike, *, roles: Sequence[str] = (), names: Sequence[str] = (),
        size: float | None = None,
    ) -> None:  # fmt: skip
        """Show a line, dots, points or handles.

        Parameters
        ----------
        name : str
            The mark's name.
        x, y : array_like, shape (n,)
            Numbers, or one each. NaN interrupts a line; nothing hides the mark.
        roles : sequence of str
            Discs and handles only: a colour for each point, in turn.
        names : sequence of str
            Points and handles only: words beside the points.
        size : float, optional
            Dots only: another width, in pixels.
        """
        across, down = _pair(name, x, y)
        layer = self._of(name, "line", "dots", "points", "handle")
        if layer.kind in ("line", "dots"):
            across, down = _trim(across, down)
        else:
            seen = np.isfinite(across) & np.isfinite(down)
            across, down = across[seen], down[seen]
        for role in roles:
            colour(role)
        wide = layer.size if size is None else size
        self._put(replace(layer, x=across, y=down, roles=tuple(roles), names=tuple(names), size=wide))

    def show_band(self, name: str, x: ArrayLike, low: ArrayLike, high: ArrayLike) -> None:
        """Shade between the curves `low` and `high` over `x`."""
        across, lower = _pair(name, x, low)
        _, upper = _pair(name, x, high)
        seen = np.isfinite(across) & np.isfinite(lower) & np.isfinite(upper)
        layer = self._of(name, "band")
        self._put(replace(layer, x=across[seen], y=lower[seen], upper=upper[seen]))

    def show_raster(
        self, name: str, rgba: NDArray[np.uint8] | None, *, x: tuple[float, float] | None = None,
        y: tuple[float, float] | None = None,
    ) -> None:  # fmt: skip
        """Show pixels (ny, nx, 4), row 0 at the bottom, over an extent (by default the limits); None hides them."""
        layer = self._of(name, "raster")
        if rgba is not None and (rgba.ndim != 3 or rgba.shape[2] != 4 or rgba.dtype != np.uint8):
            raise ValueError(f"a raster must be (ny, nx, 4) of uint8, got {rgba.shape} of {rgba.dtype}")
        extent_x = np.array(x or (self._x.low, self._x.high), float)
        extent_y = np.array(y or (self._y.low, self._y.high), float)
        self._put(replace(layer, image=rgba, x=extent_x, y=extent_y))

    def show_text(self, name: str, x: ArrayLike, y: ArrayLike, texts: Sequence[str]) -> None:
        """Show words at points."""
        across, down = _pair(name, x, y)
        if len(texts) != len(across):
            raise ValueError(f"{name!r} needs a text for each point, got {len(texts)} for {len(across)}")
        self._put(replace(self._of(name, "text"), x=across, y=down, names=tuple(texts)))

    def hide(self, *names: str) -> None:
        """Hide marks; showing data brings them back."""
        for name in names:
            self._put(replace(self._of(name), x=np.empty(0), y=np.empty(0), image=None))

    def relabel(self, name: str, label: str | None) -> None:
        """Change the legend's words for a mark; None takes it out of the legend."""
        self._put(replace(self._of(name), label=label))


def _pair(name: str, x: ArrayLike, y: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Copy coordinates as flat float arrays of one length."""
    across, down = (np.array(values, dtype=np.float64).ravel() for values in (x, y))
    if len(across) != len(down):
        raise ValueError(f"{name!r} needs as many x as y, got {len(across)} and {len(down)}")
    return across, down


def _trim(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Drop what is not finite at both ends of a line and turn infinities into gaps."""
    seen = np.isfinite(x) & np.isfinite(y)
    if not seen.any():
        return np.empty(0), np.empty(0)
    first, last = np.flatnonzero(seen)[[0, -1]]
    x, y, seen = x[first : last + 1], y[first : last + 1], seen[first : last + 1]
    return np.where(seen, x, np.nan), np.where(seen, y, np.nan)
