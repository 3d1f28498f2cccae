"""The speed along an orbit against time, with a moment that can be dragged."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lyaplab.widgets._scene import limits_around
from lyaplab.widgets._space import quarters
from lyaplab.widgets._spread import CLASSES, Spread
from lyaplab.widgets._stage import Axis, Stage

__all__ = ["SpeedLine"]

_WIDTH, _HEIGHT = 764, 210
# Of the height, where the handle lies; of the width, what is kept free before the first moment and after the last.
_LOW, _FREE = 0.07, (0.012, 0.022)


class SpeedLine:
    """A small stage: powers of ten of the speed of the first orbit, in the colours that the orbit has.

    Parameters
    ----------
    flow : bool
        Whether the system is a flow.
    moved : callable
        Takes the number of the step to which the moment was dragged.

    Attributes
    ----------
    stage : Stage
    """

    def __init__(self, *, flow: bool, moved: Callable[[int], None]) -> None:
        self._unit, self._flow, self._place = 1.0, flow, (0.0, 0.0)
        along = Axis("time t" if flow else "step t", 0, 1)
        self.stage = stage = Stage(x=along, y=Axis("log₁₀ speed", 0, 1, most=4), width=_WIDTH, height=_HEIGHT)
        for number in range(1, CLASSES + 1):
            if flow:
                stage.line(f"speed {number}", role=f"speed-{number}", width=1.8)
            else:
                stage.dots(f"speed {number}", role=f"speed-{number}", size=2.6)
        stage.line("moment", role="start", width=1.4, table=False)
        stage.points("now", role="start", marker="ring")
        stage.handle(
            "drag",
            label=f"drag along the orbit; speed is {'|dx/dt|' if flow else '|x′ − x|'}",
            along="x",
            on_move=lambda x, _: moved(round(x / self._unit)),
            on_release=lambda *_: stage.show("drag", *self._place),
        )

    def show(self, spread: Spread, now: int, *, unit: float) -> None:
        """Show the speed of the first orbit, and the moment `now`; a step takes `unit` of time."""
        self._unit = unit
        powers = spread.powers
        low, high = limits_around(powers)
        low -= 0.12 * (high - low)  # room for the handle
        times = self._unit * np.arange(len(powers))
        at = min(now, len(powers) - 1)
        with self.stage.redraw() as stage:
            whole = len(times) * self._unit
            stage.limits(x=(-_FREE[0] * whole, (1.0 + _FREE[1]) * whole), y=(low, high))
            seen = np.stack([times, powers], axis=1)[:, None]
            for number, (x, y) in enumerate(quarters(spread.classes[:, :1], seen, lines=self._flow), start=1):
                stage.show(f"speed {number}", x, y)
            stage.show("moment", [times[at]] * 2, [low, high])
            self._place = (float(times[at]), low + _LOW * (high - low))
            stage.show("drag", *self._place)
            stage.show("now", times[at], powers[at])
