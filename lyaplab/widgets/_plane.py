"""The stage of a phase plane: its marks, and how a portrait, basins and orbits are shown on them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from lyaplab.engine.basins import Basins
from lyaplab.widgets._basinpaint import pixels
from lyaplab.widgets._portrait import Portrait, Window, marker_of, visible
from lyaplab.widgets._scene import Marker
from lyaplab.widgets._shapes import joined
from lyaplab.widgets._stage import Axis, Stage

Array = NDArray[np.float64]

# kinds of fixed points: marker, role
_MARKERS: dict[str, tuple[Marker, str]] = {
    "stable": ("disc", "stable"),
    "saddle": ("diamond", "saddle"),
    "unstable": ("square", "unstable"),
    "marginal": ("ring", "saddle"),
}

# A thread joins so many dots of a map's orbit; more would be a ball of wool
_THREAD = 40
# Pixels of a raster of basins: fewer show stairs
_RASTER = 400


class Plane:
    """The marks of a phase plane.

    Parameters
    ----------
    names : pair of str
        The state variables, in Unicode.
    flow : bool
        Whether the system is a flow; a map's orbits are dots.
    dragged : callable, optional
        Takes (index, x, y) of a start that moves; without it there is nothing to drag.
    clicked : callable, optional
        Takes the index of a fixed point.
    size : (int, int), optional
        Width and height in pixels.

    Attributes
    ----------
    stage : Stage
    """

    def __init__(
        self,
        names: Sequence[str],
        *,
        flow: bool,
        dragged: Callable[[int, float, float], None] | None = None,
        clicked: Callable[[int], None] | None = None,
        size: tuple[int, int] = (540, 524),
    ) -> None:
        self._flow, self._grabbed = flow, dragged is not None
        self._window: Window = (0.0, 1.0, 0.0, 1.0)
        self._painted: tuple[Basins | None, int] = (None, 0)
        self._places: dict[str, NDArray[np.intp]] = {}
        one, two = names
        self.stage = stage = Stage(x=Axis(one, 0, 1), y=Axis(two, 0, 1), width=size[0], height=size[1])
        still = (f"d{one}/dt = 0", f"d{two}/dt = 0") if flow else (f"{one}′ = {one}", f"{two}′ = {two}")
        stage.raster("basins")
        stage.line("field", role="arrow", width=1.0, table=False)
        stage.line("first", role="first", label=still[0], width=2.2)
        stage.line("second", role="second", label=still[1], width=2.2, dashed=True)
        if flow:
            stage.line("orbit", role="orbit", width=2.4)
        else:
            stage.line("thread", role="muted", width=1.0, table=False)
            stage.dots("orbit", role="orbit", size=4.4)
        # a ring around the chosen point: a disc, and a smaller one of paper upon it
        stage.dots("rim", role="accent", size=23, table=False)
        stage.dots("hole", role="paper", size=18.5, table=False)
        for kind, (marker, role) in _MARKERS.items():
            label = None if kind == "marginal" else kind

            def pressed(index: int, kind: str = kind) -> None:
                if clicked is not None:
                    clicked(int(self._places[kind][index]))

            stage.points(kind, role=role, marker=marker, label=label, on_click=pressed if clicked else None)
        stage.points("now", role="start", marker="ring")
        if dragged is not None:
            stage.handles("starts", label="drag a start", on_move=dragged)

    def frame(self, window: Window) -> None:
        """Set what is seen of the plane."""
        if window != self._window:
            self._window, self._painted = window, (None, 0)
            self.stage.limits(x=window[:2], y=window[2:])

    def show_lines(self, portrait: Portrait, seen: Collection[str]) -> None:
        """Show arrows and nullclines, those of them that are in `seen` ("arrows", "nullclines")."""
        lines = {"field": portrait.field, "first": portrait.nullclines[0], "second": portrait.nullclines[1]}
        for name, line in lines.items():
            if ("arrows" if name == "field" else "nullclines") in seen:
                self.stage.show(name, *line)
            else:
                self.stage.hide(name)

    def show_points(self, portrait: Portrait, *, coloured: bool, chosen: int | None) -> None:
        """Show the fixed points.

        Parameters
        ----------
        portrait : Portrait
        coloured : bool
            Whether the stable ones have the colours of their basins.
        chosen : int or None
            The one that gets a ring.
        """
        found, stage = portrait.found, self.stage
        kinds = np.array([marker_of(kind) for kind in found.kinds])
        for kind in _MARKERS:
            self._places[kind] = which = np.flatnonzero(kinds == kind)
            roles = portrait.roles() if kind == "stable" and coloured else ()
            names = [portrait.letter(int(i)) for i in which]
            stage.show(kind, found.points[which, 0], found.points[which, 1], roles=roles, names=names)
        place = found.points[chosen : chosen + 1] if chosen is not None else np.empty((0, 2))
        stage.show("rim", place[:, 0], place[:, 1])
        stage.show("hole", place[:, 0], place[:, 1])

    def show_basins(self, basins: Basins | None, *, coarse: bool = False) -> None:
        """Colour the basins; None takes the colours away; stairs are rounded off if there is time."""
        across = 1 if coarse else _RASTER
        if basins is None:
            self.stage.hide("basins")
        elif basins is not self._painted[0] or across != self._painted[1]:
            self.stage.show_raster("basins", pixels(basins, across=across))
        self._painted = (basins, across)

    def show_orbits(
        self, starts: Sequence[Sequence[float]], orbits: Sequence[Array], now: int, *, thread: int = _THREAD
    ) -> None:
        """Show orbits with the places that they start from.

        Parameters
        ----------
        starts : sequence of (float, float)
        orbits : sequence of ndarray, shape (T, 2)
        now : int
            The step that is marked; 0 for none.
        thread : int, optional
            How many dots of a map's orbit are joined.
        """
        stage = self.stage
        seen = [visible(orbit, self._window) for orbit in orbits]
        stage.show("orbit", *joined(seen))
        if not self._flow:
            stage.show("thread", *joined([orbit[:thread] for orbit in seen]))
        marks = np.array([orbit[min(now, len(orbit) - 1)] for orbit in seen] if now else []).reshape(-1, 2)
        stage.show("now", marks[:, 0], marks[:, 1])
        if not self._grabbed:
            return
        places = np.array(starts, dtype=float)
        names = [str(i + 1) for i in range(len(places))] if len(places) > 1 else []
        stage.show("starts", places[:, 0], places[:, 1], names=names)
