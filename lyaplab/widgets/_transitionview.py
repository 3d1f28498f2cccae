"""How a random network is looked at on its way to chaos: the numbers of the view, presets, and the hands."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import traitlets as T

from lyaplab.widgets._explorer import Explorer
from lyaplab.widgets._random_network import LARGEST, RandomNetwork

__all__ = ["APART", "COMPARED", "FLOW_STEPS", "STEPS", "TransitionView"]

MOST_STEPS = 5000
# Steps of the twins and before them, of a map and of a flow.
STEPS, FLOW_STEPS = 400, 2000
WARMUP, FLOW_WARMUP = 500, 1000
APART = (-12, -9, -6, -3)
COMPARED = (0, 20, 100, 500)


class TransitionView(Explorer):
    """An explorer of a random network with the traits of the chaos transition; not to be used by itself."""

    system_kind = RandomNetwork
    _system: RandomNetwork

    steps = T.Int(STEPS, min=20, max=MOST_STEPS, help="How many steps twins are followed.").tag(sync=True, view=True)
    warmup = T.Int(WARMUP, min=0, max=MOST_STEPS, help="How many steps come before.").tag(sync=True, view=True)
    apart = T.Int(-9, min=-14, max=-1, help="Twins start 10 to this power apart.").tag(sync=True, view=True)
    t = T.Int(0, min=0, max=MOST_STEPS, help="The step that is marked.").tag(sync=True, view=True)
    compare = T.Int(20, min=0, max=LARGEST, help="Another number of units, measured against gain; 0 for none.").tag(
        sync=True, view=True
    )

    def __init__(self, system: Any = "tanh", *, preset: str | None = None, hide: Iterable[str] = (), **params: Any):
        super().__init__(system, preset=preset, hide=hide, **params)

    def _view_of(self, start: Any) -> dict[str, Any]:
        return {**self._usual_view(), **self._system.opening_view}

    def _usual_view(self) -> dict[str, Any]:
        flow = self._system.model.time_step is not None
        if flow:
            return {"steps": FLOW_STEPS, "warmup": FLOW_WARMUP, "apart": -6, "t": 0}
        return {"steps": STEPS, "warmup": WARMUP, "apart": -9, "t": 0}

    def preset(self, name: str) -> None:
        """Show a preset, as one step of undo.

        Raises
        ------
        ValueError
            When there is no such preset; the nearest name is given.
        """
        values, _ = self._system.preset(name)
        self._show_state({"params": values, "view": {**self._usual_view(), **self._system.view_of(name)}})
        self._mark_preset(name)

    # --- what the hand does --------------------------------------------------------------------

    def _dragged_time(self, time: float) -> None:
        unit = self._system.model.time_step if not self._flow else self.model.time_step
        self.t = max(0, min(self.steps, round(time / (unit or 1.0))))

    def _dragged_gain(self, gain: float) -> None:
        self.gain = round(gain, 3)

    def _picked_apart(self, place: int) -> None:
        self.apart = APART[place]

    def _picked_size(self, place: int) -> None:
        self.compare = COMPARED[place]

    def _step(self) -> bool:
        """Move the mark along the orbit: one step of a map, a hundredth of what is shown of a flow."""
        stride = max(1, self.steps // 100) if self._flow else 1
        self.t = min(self.steps, self.t + stride) if self.t < self.steps else 0
        return self.t < self.steps
