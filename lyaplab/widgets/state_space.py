"""State space: the orbit of many units in its principal components, turned by hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import ipywidgets as W

from lyaplab.model import Model
from lyaplab.widgets import _spacewords
from lyaplab.widgets._resting import Resting, found_at_once, search
from lyaplab.widgets._run import LongRun
from lyaplab.widgets._schedule import breathe
from lyaplab.widgets._space import Space
from lyaplab.widgets._spaceside import SpaceSide
from lyaplab.widgets._spaceview import MOST_STARTS, SpaceView
from lyaplab.widgets._speedline import SpeedLine
from lyaplab.widgets._spread import Spread, starts_of
from lyaplab.widgets._stage import Stage
from lyaplab.widgets._turning import seen_from
from lyaplab.widgets._worker import Job

__all__ = ["StateSpace"]

# So many steps while a finger moves and the whole would be slow
COARSE_STEPS = 400


class StateSpace(SpaceView):
    """The orbit of many state variables in its first three principal components, and where it rests or lingers.

    A map's orbit is drawn as dots, a flow's as a line, both coloured by speed. The places are fixed points and slow
    points under no input, or under the mean of `inputs`.

    Parameters
    ----------
    system : str, Cell, Model or function
        With two state variables or more: ``"tanh"`` (64 units when nothing else is said), or any Model.
    inputs : array_like(float, shape=(T, m)), optional
        Drives all orbits, which are then no longer than it is.
    preset : str, optional
        Settings of the cell's card.
    hide : iterable of str, optional
        Controls that are not shown; beside those of every widget "points" and "speed".
    **params
        Sizes and knobs (``n=100``, ``gain=1.5``) and the view: ``azimuth`` and ``elevation`` in degrees, ``starts``
        how many orbits, ``x0`` the first state of the first one, ``steps``, ``warmup``, ``now`` the marked step.

    Raises
    ------
    ValueError
        When the system has one state variable, a name is unknown, or the inputs do not fit.

    Examples
    --------
    >>> view = StateSpace("lorenz63", rho=28.0, steps=1000)
    >>> view.numbers()["axes"].shape, len(view.numbers()["fixed_points"])
    ((3, 3), 3)
    >>> view.close()
    """

    title = "State space"
    sentence = "Where many units go together, seen in the few directions in which they move most."
    groups = (*SpaceView.groups, "points", "speed")

    # --- stages and controls -------------------------------------------------------------------

    def _build(self) -> Sequence[Stage]:
        self._spread: Spread | None = None
        self._spread_of: tuple[Any, int] = ((), 0)
        self._resting: Resting | None = None
        self._resting_of: Model | None = None
        self.space = Space(
            flow=self._flow, flat=self._flat, few=self._quick, turned=self._turned, tilted=self._tilted,
        )  # fmt: skip
        self.speed = SpeedLine(flow=self._flow, moved=self._moved)
        self.side = SpaceSide(flow=self._flow, points=self._shown("points"), offered=not self._quick)
        return (self.space.stage, self.speed.stage, self.side.eigen.stage)

    def _stage_boxes(self) -> Sequence[W.Widget]:
        self.space.stage.box.layout.flex = "1 1 380px"
        row = W.HBox([self.space.stage.box, self.side])
        row.add_class("lyap-figures-row")
        return [row, self.speed.stage.box] if self._shown("speed") else [row]

    def _still_stages(self) -> Sequence[Stage]:
        shown = (True, self._shown("speed"), self.side.full)
        return [stage for stage, there in zip(self.stages, shown, strict=True) if there]

    def _extras(self) -> Sequence[W.Widget]:
        far = max(4000, self.steps)
        rows: dict[str, tuple[float, float, str, str]] = {
            "azimuth": (-180, 180, "turn", "turned around the third axis, in degrees"),
            "elevation": (-90, 90, "tilt", "seen from above, in degrees"),
            "starts": (1, MOST_STARTS, "", "how many orbits"),
            "steps": (2, far, "", "how many steps are drawn"),
            "warmup": (0, 1000, "skip", "steps before the first that is drawn"),
            "now": (0, far, "", "the step that is marked"),
        }
        shown = [name for name in rows if self._shown(name) and not (self._flat and name == "elevation")]
        made: list[W.Widget] = []
        for low, high, tex, about, name in ((*rows[name], name) for name in shown):
            made.append(self.view_row(name, low, high, step=1, tex=tex, about=about))
        self._run: LongRun | None = None
        if self._shown("points") and not self._quick:
            tip = "fixed points and slow points; Stop keeps what is there"
            self._run = self.long_run("Find points", self._find, tip=tip)
            made.append(self._run)
        return made

    # --- the picture ---------------------------------------------------------------------------

    def _draw(self, coarse: bool) -> None:
        """Show the orbit as soon as it is known; its speed and, where they are found at once, the points follow."""
        model, view = self.model, seen_from(self.azimuth, self.elevation)
        spread = self._followed(model, coarse)
        resting = self._resting if self._resting_of is model else None
        with self.space.stage.redraw():
            self.space.show_orbits(spread, view, self.now)
        breathe()
        with self.space.stage.redraw():
            self.space.show_view(spread, view, self.azimuth, self.elevation)
            self.space.show_points(resting, spread, view)
        self.speed.show(spread, self.now, unit=model.time_step or 1.0)
        if self._quick and self._shown("points") and (resting is None or (resting.done < 1 and not coarse)):
            resting = found_at_once(model, self._held, before=resting, slow=not coarse)
            with self.space.stage.redraw():
                self.space.show_points(resting, spread, view)
            self._resting, self._resting_of = resting, model
        self.side.show(spread, resting)

    def _followed(self, model: Model, coarse: bool) -> Spread:
        """Give the orbits; they are followed again only when there is need."""
        steps = min(self.steps, COARSE_STEPS) if coarse else self.steps
        asked = (model, self.starts, tuple(self.x0), self.warmup)
        if self._spread is None or asked != self._spread_of[0] or self._spread_of[1] not in (steps, self.steps):
            starts = starts_of(model, self.x0, self.starts)
            self._spread = Spread.of(model, starts, steps, warmup=self.warmup, inputs=self._inputs)
            self._spread_of = (asked, steps)
        return self._spread

    # --- long work -----------------------------------------------------------------------------

    def find(self) -> None:
        """Look for fixed points and slow points, as the button does; returns at once.

        Of a few state variables they are on show anyway.
        """
        if self._run is not None:
            self._run.start()

    def _find(self) -> Job:
        model = self.model

        def pieces(stop: Any) -> Iterator[Resting]:
            return search(model, self._held)

        def deliver(resting: Resting) -> None:
            self._resting, self._resting_of = resting, model
            self._schedule.request()

        return Job(pieces, deliver, fraction=lambda resting: resting.done)

    def _forget_measured(self) -> None:
        if self._resting_of is not self.model:
            self._resting = self._resting_of = None

    # --- in words, in numbers, in code ---------------------------------------------------------

    def _describe(self) -> str:
        assert self._spread is not None
        model = self._system.model
        at = "" if self._flat else f", seen from azimuth {self.azimuth:g}° and elevation {self.elevation:g}°"
        resting = self._resting if self._shown("points") else None
        system = (model.cell.name, model.d, self._knob_values())
        return _spacewords.describe(system, self._spread, resting, unit=model.unit, at=at)

    def _numbers(self) -> dict[str, Any]:
        assert self._spread is not None
        spread, found, resting = self._spread, self._spread.found, self._resting
        numbers: dict[str, Any] = {"orbits": spread.orbits, "speeds": spread.speeds}
        numbers |= {"axes": found.axes, "shares": found.shares, "places": found.project(spread.orbits)}
        if resting is not None and resting.slow is not None and resting.done >= 1 and self._shown("points"):
            fixed = resting.fixed
            numbers |= {"fixed_points": fixed.points, "eigenvalues": fixed.eigenvalues}
            numbers["slow_points"] = resting.slow.points
        return numbers

    def _code(self) -> str:
        assert self._spread is not None
        resting = self._resting if self._shown("points") else None
        return _spacewords.code(
            self.x0, self._spread, resting,
            warmup=self.warmup, flow=self._flow, driven=self._inputs is not None, quick=self._quick,
        )  # fmt: skip
