"""How a phase plane is looked at: the numbers of its view, what they may be, and the hands that change them."""

from __future__ import annotations

from typing import Any

import numpy as np
import traitlets as T
from numpy.typing import NDArray

from lyaplab.model import Model
from lyaplab.widgets._explorer import Explorer
from lyaplab.widgets._portrait import Portrait, Window, window_of
from lyaplab.widgets._state import Finite

__all__ = ["LAYERS", "MOST_STARTS", "PlaneView"]

Array = NDArray[np.float64]

MOST_STARTS = 4
MOST_STEPS = 5000
# How long orbits are drawn at first: steps of a map, units of time of a flow
FIRST_STEPS, FIRST_TIME = 200, 20.0
LAYERS = ("basins", "arrows", "nullclines")


class PlaneView(Explorer):
    """An explorer of two state variables with the traits of the phase plane; not to be used by itself."""

    structure = {"n": 2}
    measured_from = ("window",)
    _portrait: Portrait | None

    starts = T.List(T.List(Finite(), minlen=2, maxlen=2), [[0.0, 0.0]], minlen=1, maxlen=MOST_STARTS).tag(
        sync=True, view=True
    )
    steps = T.Int(FIRST_STEPS, min=1, max=MOST_STEPS, help="How many steps are drawn.").tag(sync=True, view=True)
    now = T.Int(0, min=0, max=MOST_STEPS, help="The step that is marked; 0 for none.").tag(sync=True, view=True)
    chosen = T.List(Finite(), [], maxlen=2, help="The fixed point nearest to here is looked at.").tag(
        sync=True, view=True
    )
    window = T.List(Finite(), [], maxlen=4, help="Left, right, bottom, top; when empty chosen by itself.").tag(
        sync=True, view=True
    )
    basins = T.Bool(True, help="Whether basins are coloured.").tag(sync=True, view=True)
    arrows = T.Bool(True, help="Whether the field of arrows is seen.").tag(sync=True, view=True)
    nullclines = T.Bool(True, help="Whether nullclines are seen.").tag(sync=True, view=True)

    @T.validate("window")
    def _check_window(self, proposal: dict[str, Any]) -> list[float]:
        edges = list(proposal["value"])
        if edges and (len(edges) != 4 or not (edges[0] < edges[1] and edges[2] < edges[3])):
            raise T.TraitError(f"window must be [left, right, bottom, top] or [], got {edges}")
        return edges

    def _suits(self, model: Model) -> None:
        if model.d != 2:
            other = ": use ll.Cobweb for one" if model.d == 1 else ""
            raise ValueError(f"PhasePlane shows two state variables, this {model.cell.name} has {model.d}{other}")
        self._own_window = window_of(model)
        self._flow = model.time_step is not None
        self._opening = True

    def _view_of(self, start: Array | None) -> dict[str, Any]:
        view: dict[str, Any] = {"now": 0}
        if self._opening:
            self._opening = False
            left, right, bottom, top = self._own_window
            view["starts"] = [[left + 0.12 * (right - left), bottom + 0.73 * (top - bottom)]]
            dt = self._system.model.time_step
            view["steps"] = FIRST_STEPS if dt is None else int(min(MOST_STEPS, max(50, round(FIRST_TIME / dt))))
        if start is not None:
            view["starts"] = [[float(value) for value in start]]
        return view

    # --- what the hand does --------------------------------------------------------------------

    def _dragged(self, index: int, x: float, y: float) -> None:
        self._typed([[x, y] if i == index else list(place) for i, place in enumerate(self.starts)])

    def _typed(self, places: list[list[float]]) -> None:
        self.starts = places

    def _switched(self, name: str, on: bool) -> None:
        setattr(self, name, on)

    def _picked(self, index: int) -> None:
        assert self._portrait is not None
        self.chosen = [float(value) for value in self._portrait.found.points[index]]

    def _named(self, place: int) -> None:
        if self._portrait is not None:
            self._picked(self._portrait.by_letter[place])

    def _step(self) -> bool:
        """Move the mark along the orbits: one step of a map, a sixtieth of what is drawn of a flow."""
        stride = max(1, self.steps // 60) if self._flow else 1
        self.now = min(self.steps, self.now + stride) if self.now < self.steps else 0
        return self.now < self.steps

    @property
    def _window(self) -> Window:
        left, right, bottom, top = self.window or self._own_window
        return left, right, bottom, top
