"""State space: the orbit of many units in its principal components, turned by hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import ipywidgets as W
import numpy as np
import traitlets as T
from numpy.typing import ArrayLike, NDArray

from lyaplab.errors import finite_array
from lyaplab.model import Model
from lyaplab.widgets import _spacewords
from lyaplab.widgets._explorer import Explorer
from lyaplab.widgets._resting import Resting, found_at_once, search
from lyaplab.widgets._run import LongRun
from lyaplab.widgets._schedule import breathe
from lyaplab.widgets._space import Space
from lyaplab.widgets._spaceside import SpaceSide
from lyaplab.widgets._speedline import SpeedLine
from lyaplab.widgets._spread import Spread, keeps_moving, starts_of
from lyaplab.widgets._stage import Stage
from lyaplab.widgets._state import Finite
from lyaplab.widgets._turning import seen_from
from lyaplab.widgets._worker import Job

__all__ = ["StateSpace"]

Array = NDArray[np.float64]

MOST_STEPS, MOST_WARMUP, MOST_STARTS = 20_000, 5000, 8
# How long orbits are drawn at first: steps of a map, units of time of a flow, within these steps
FIRST_STEPS, FIRST_TIME, FEWEST, MOST_FIRST = 1000, 120.0, 500, 4000
# ... and steps of a map of few state variables
FIRST_FEW = 200
# Steps of a large map that go before: its orbit is then where it belongs
SETTLING = 200
# So many steps while a finger moves and the whole would be slow
COARSE_STEPS = 400
# Up to so many state variables, points are found at once
QUICK = 4


class StateSpace(Explorer):
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
    structure = {"n": 64}
    groups = (*Explorer.groups, "points", "speed")

    azimuth = Finite(30.0, help="Turned around the third axis, in degrees.").tag(sync=True, view=True)
    elevation = Finite(35.0, help="Seen from above, in degrees.").tag(sync=True, view=True)
    starts = T.Int(1, min=1, max=MOST_STARTS, help="How many orbits.").tag(sync=True, view=True)
    steps = T.Int(FIRST_STEPS, min=2, max=MOST_STEPS, help="How many steps are drawn.").tag(sync=True, view=True)
    warmup = T.Int(0, min=0, max=MOST_WARMUP, help="Steps before the first that is drawn.").tag(sync=True, view=True)
    now = T.Int(0, min=0, max=MOST_STEPS, help="The step that is marked.").tag(sync=True, view=True)
    x0 = T.List(Finite(), [], help="The first start; one number for all variables; empty for the model's own.").tag(
        sync=True, view=True
    )

    def __init__(
        self,
        system: Any,
        *,
        inputs: ArrayLike | None = None,
        preset: str | None = None,
        hide: Iterable[str] = (),
        **params: Any,
    ) -> None:
        self._inputs = None if inputs is None else finite_array("inputs", inputs, shape=(None, None))
        if "x0" in params:
            params["x0"] = finite_array("x0", np.atleast_1d(params["x0"]), shape=(None,)).tolist()
        super().__init__(system, preset=preset, hide=hide, **params)

    @T.validate("x0")
    def _check_x0(self, proposal: dict[str, Any]) -> list[float]:
        first, d = list(proposal["value"]), self._system.model.d
        if len(first) not in (0, 1, d):
            raise T.TraitError(f"x0 must hold {d} numbers, or one for all state variables, got {len(first)}")
        return first

    def _suits(self, model: Model) -> None:
        if model.d < 2:
            raise ValueError(
                f"StateSpace shows two or more state variables, this {model.cell.name} has one: use ll.Cobweb"
            )
        if self._inputs is not None and (self._inputs.shape[1] != model.m or len(self._inputs) < 3):
            raise ValueError(
                f"inputs must have the shape (T, {model.m}) with at least three rows for this {model.cell.name},"
                f" got {self._inputs.shape}"
            )
        self._flow, self._flat, self._quick = model.time_step is not None, model.d == 2, model.d <= QUICK
        self._held = None if self._inputs is None else self._inputs.mean(axis=0)
        self._opening = True

    def _view_of(self, start: Array | None) -> dict[str, Any]:
        view: dict[str, Any] = {"now": 0}
        if self._opening:
            self._opening = False
            dt = self._system.model.time_step
            if dt is None:
                view["steps"] = FIRST_FEW if self._quick else FIRST_STEPS
            else:
                view["steps"] = int(np.clip(round(FIRST_TIME / dt), FEWEST, MOST_FIRST))
            wanders = not self._quick and dt is None and keeps_moving(self._system.model, SETTLING)
            view["warmup"] = SETTLING if wanders else 0
            if self._inputs is not None:
                view |= {"steps": min(FIRST_STEPS, len(self._inputs) - 1), "warmup": 0}
            if self._flat:
                view |= {"azimuth": 0.0, "elevation": 90.0}
        if start is not None:
            own = np.ravel(start).tolist()
            view["x0"] = own[:1] if len(set(own)) == 1 else own
        return view

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

    # --- what the hand does --------------------------------------------------------------------

    def _turned(self, azimuth: float) -> None:
        self.azimuth = float(round(azimuth))

    def _tilted(self, elevation: float) -> None:
        self.elevation = float(round(elevation))

    def _moved(self, step: int) -> None:
        self.now = int(np.clip(step, 0, self.steps - 1))

    def _step(self) -> bool:
        """Move the mark along the orbit: one step of a map, a hundredth of what is drawn of a flow."""
        stride = max(1, self.steps // 100) if self._flow else 1
        self.now = min(self.steps - 1, self.now + stride) if self.now < self.steps - 1 else 0
        return self.now < self.steps - 1

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

    def link(self) -> str:
        """Write the whole state as a text that `ll.open` turns into this widget again; inputs do not fit into it."""
        if self._inputs is not None:
            raise ValueError("inputs are your own array and do not fit a link: share the notebook that makes them")
        return super().link()

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
