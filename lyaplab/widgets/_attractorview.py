"""What the orbit does at one value of a parameter: as a cobweb, in the phase plane, or against time."""

from __future__ import annotations

import math
from dataclasses import dataclass

import ipywidgets as W
import numpy as np
from numpy.typing import NDArray

from lyaplab.engine.regime import recurrence
from lyaplab.errors import DivergenceError
from lyaplab.model import Model
from lyaplab.widgets._plane import Plane
from lyaplab.widgets._planewords import pretty_names
from lyaplab.widgets._portrait import Portrait, Window
from lyaplab.widgets._scalar import coarse_kind
from lyaplab.widgets._schedule import breathe
from lyaplab.widgets._stage import Axis, Stage
from lyaplab.widgets._web import Web, curve_of

__all__ = ["AttractorView", "Settled", "kinds_of", "lengths", "settled"]

Array = NDArray[np.float64]
Range = tuple[float, float]

WIDTH, HEIGHT = 290, 281
# States of a map that are looked at, how many of them make a cobweb, and how many are drawn against time; of a flow,
# units of time
MAP_STATES, STAIRS, MAP_STEPS, FLOW_TIME = 240, 80, 40, 40.0
# Coming back this close, relative to the size of the states, counts as the same state.
_RETURN = 1e-6
# The figure goes on beyond the states by this part of what they span.
_ROOM = 0.05
# An orbit that stays this close to a fixed point, in parts of the window, rests there.
_AT_REST = 2e-3
# How long an orbit is given to settle, and how long its exponent is measured: steps of a map, units of time of a flow.
SETTLING, MEASURING = {False: 2000, True: 200}, {False: 2000, True: 200}


@dataclass(frozen=True)
class Settled:
    """An orbit that has settled.

    Attributes
    ----------
    orbit : ndarray, shape (T, d)
        Its states; empty when it runs away.
    exponent, stderr : float
        Its largest exponent and the standard error; NaN when it runs away.
    lost : int or None
        The step at which it leaves the range of floats.
    """

    orbit: Array
    exponent: float
    stderr: float
    lost: int | None = None


def lengths(model: Model) -> tuple[int, int, int]:
    """Give the steps that an orbit settles, is seen, and is measured for."""
    step, flow = model.time_step or 1.0, model.time_step is not None
    seen = MAP_STATES if not flow else math.ceil(FLOW_TIME / step)
    return math.ceil(SETTLING[flow] / step), seen, math.ceil(MEASURING[flow] / step)


def settled(model: Model, start: Array) -> Settled:
    """Follow an orbit after it has settled, and measure its exponent."""
    settling, seen, measuring = lengths(model)
    try:
        orbit = model.orbit(seen, x0=start, warmup=settling)
        spectrum = model.lyapunov_spectrum(measuring, k=1, x0=start, warmup=settling)
    except DivergenceError as error:
        return Settled(np.empty((0, model.d)), math.nan, math.nan, error.step)
    return Settled(orbit, float(spectrum.exponents[0]), float(spectrum.stderr[0]))


def kinds_of(model: Model) -> tuple[str, ...]:
    """Name the figures that a system can have beside its diagram.

    Examples
    --------
    >>> kinds_of(Model("logistic")), kinds_of(Model("henon")), kinds_of(Model("lorenz63"))
    (('cobweb', 'time'), ('plane', 'time'), ('time',))
    """
    if model.d == 2:
        return "plane", "time"
    return ("cobweb", "time") if model.d == 1 and model.time_step is None else ("time",)


class AttractorView:
    """The figure beside an orbit diagram.

    Parameters
    ----------
    model : Model
        For the number and the names of its state variables.

    Attributes
    ----------
    kinds : tuple of str
        The figures that there are: "cobweb" or "plane", and "time".
    box : Widget
    """

    def __init__(self, model: Model) -> None:
        self._flow = model.time_step is not None
        self._dt = model.time_step or 1.0
        self._names = pretty_names(model.state_names)
        self._drawn_of: tuple[Model, Window] | None = None
        self._portrait: Portrait | None = None
        self._web: Web | None = None
        self._plane: Plane | None = None
        self.kinds = kinds_of(model)
        if "cobweb" in self.kinds:
            self._web = Web(self._names[0], (0.0, 1.0), width=WIDTH, height=HEIGHT)
        elif "plane" in self.kinds:
            self._plane = Plane(self._names, flow=self._flow, size=(WIDTH, HEIGHT))
        span = FLOW_TIME if self._flow else MAP_STEPS
        along = Axis("time t" if self._flow else "step t", -0.02 * span, span)
        self._time = Stage(x=along, y=Axis("x", 0, 1), width=WIDTH, height=HEIGHT)
        self._time.line("thread", role="orbit", width=2.0 if self._flow else 1.0)
        if not self._flow:
            self._time.dots("orbit", role="orbit", size=6)
        first = self._web or self._plane
        self._stages = {kind: first.stage if first and kind != "time" else self._time for kind in self.kinds}
        self.box = W.VBox([self._stages[self.kinds[0]].box])

    @property
    def stages(self) -> tuple[Stage, ...]:
        """All stages, on show or not."""
        return tuple(self._stages.values())

    def stage(self, kind: str) -> Stage:
        """The stage of one kind."""
        return self._stages[kind]

    def show(self, kind: str, model: Model, found: Settled, *, variable: int, heights: Range) -> None:
        """Show a settled orbit.

        Parameters
        ----------
        kind : str
            Which of `kinds`.
        model : Model
        found : Settled
        variable : int
            Number of the state variable that is drawn against time.
        heights : pair of float
            What it spans; a cobweb spans it both ways.
        """
        if self.box.children != (self._stages[kind].box,):
            self.box.children = (self._stages[kind].box,)
        if kind == "cobweb":
            self._show_web(model, found.orbit[:STAIRS, 0], heights)
        elif kind == "plane":
            self._show_plane(model, found.orbit)
        else:
            self._show_time(found.orbit[:, variable], self._names[variable], heights)

    def _show_web(self, model: Model, orbit: Array, window: Range) -> None:
        assert self._web is not None
        self._web.frame(_with_room(window))
        self._web.show_orbit(curve_of(model, window), orbit)
        breathe()
        found = model.fixed_points(starts=64)
        kinds = [coarse_kind(kind) for kind in found.kinds]
        self._web.show_fixed_points(found.points[:, 0], found.eigenvalues[:, 0].real, kinds)

    def _show_plane(self, model: Model, orbit: Array) -> None:
        assert self._plane is not None
        plane, (low, high) = self._plane, model.view
        window: Window = (float(low[0]), float(high[0]), float(low[1]), float(high[1]))
        with plane.stage.redraw():
            plane.frame(window)
            # a cycle is closed; a thread through all of a strange attractor would be a ball of wool
            period = recurrence(orbit, _RETURN) if len(orbit) else None
            plane.show_orbits([], [orbit], 0, thread=0 if period is None else period + 1)
        breathe()
        if (model, window) != self._drawn_of:
            self._portrait = Portrait.of(model, window, after=self._portrait)
            self._drawn_of = model, window
        assert self._portrait is not None
        with plane.stage.redraw():
            plane.show_lines(self._portrait, {"arrows", "nullclines"})
            plane.show_points(self._portrait, coloured=False, chosen=self._resting(self._portrait, orbit, window))

    def _resting(self, portrait: Portrait, orbit: Array, window: Window) -> int | None:
        """The fixed point that the orbit rests at: a dot under its marker would not be seen."""
        if not len(orbit):
            return None
        place = portrait.nearest(orbit[-1].tolist(), window)
        unit = np.array([window[1] - window[0], window[3] - window[2]])
        at_rest = place is not None and (np.abs(orbit - portrait.found.points[place]) < _AT_REST * unit).all()
        return place if at_rest else None

    def _show_time(self, states: Array, name: str, heights: Range) -> None:
        count = round(FLOW_TIME / self._dt) if self._flow else MAP_STEPS
        t = self._dt * np.arange(len(states))[: count + 1]
        self._time.rename(y=name)
        with self._time.redraw() as time:
            time.limits(y=_with_room(heights))
            time.show("thread", t, states[: count + 1])
            if not self._flow:
                time.show("orbit", t, states[: count + 1])


def _with_room(limits: Range) -> Range:
    """Give limits a little beyond these: a marker on the edge is seen whole."""
    room = _ROOM * (limits[1] - limits[0])
    return limits[0] - room, limits[1] + room
