"""How a state space is looked at: the numbers of its view, what they may be, and the hands that change them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import traitlets as T
from numpy.typing import ArrayLike, NDArray

from lyaplab.errors import finite_array
from lyaplab.model import Model
from lyaplab.widgets._explorer import Explorer
from lyaplab.widgets._spread import keeps_moving
from lyaplab.widgets._state import Finite

__all__ = ["MOST_STARTS", "SpaceView"]

Array = NDArray[np.float64]

MOST_STEPS, MOST_WARMUP, MOST_STARTS = 20_000, 5000, 8
# How long orbits are drawn at first: steps of a map, units of time of a flow, within these steps
FIRST_STEPS, FIRST_TIME, FEWEST, MOST_FIRST = 1000, 120.0, 500, 4000
# ... and steps of a map of few state variables
FIRST_FEW = 200
# Steps of a large map that go before: its orbit is then where it belongs
SETTLING = 200
# Up to so many state variables, points are found at once
QUICK = 4


class SpaceView(Explorer):
    """An explorer of many state variables with the traits of the state space; not to be used by itself."""

    structure = {"n": 64}

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

    # --- as a link ------------------------------------------------------------------------------

    def link(self) -> str:
        """Write the whole state as a text that `ll.open` turns into this widget again; inputs do not fit into it."""
        if self._inputs is not None:
            raise ValueError("inputs are your own array and do not fit a link: share the notebook that makes them")
        return super().link()
