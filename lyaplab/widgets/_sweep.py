"""What an orbit diagram is asked for, and the computing of it: roughly while a finger moves, then in full."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lyaplab.engine.bifurcation import Bifurcation
from lyaplab.model import Model

__all__ = ["ORBITS", "Effort", "Plan", "Sweeper"]

Array = NDArray[np.float64]

# How the orbits of a diagram begin.
ORBITS = {
    "fresh": "every value starts anew from the same state",
    "many": "every value starts from several states: attractors that coexist all show",
    "up": "from the lowest value on, each orbit goes on from where the one before has ended",
    "down": "from the highest value on, each orbit goes on from where the one before has ended",
}
_STARTS = 6
# Several starts keep this part of the states each: the column is as dense then.
_SHARE = 4


class Effort(NamedTuple):
    """How much is done for each column: what an orbit is given to settle, then measured for, and what is kept of it.

    The first two are steps of a map, or units of time of a flow.
    """

    settling: int
    measuring: int
    keep: int


# For maps, and for flows.
ROUGH = {False: Effort(300, 240, 160), True: Effort(60, 60, 20)}
FULL = {False: Effort(3000, 1500, 600), True: Effort(400, 400, 60)}


@dataclass(frozen=True)
class Plan:
    """What a diagram shows; two plans are equal where their diagrams are.

    Attributes
    ----------
    model : Model
        With the swept parameter at any value.
    others : tuple
        The other knobs: names and values.
    param : str
        What is swept, from `low` to `high`.
    variable : str
        Which state variable is shown.
    orbits : str
        How they begin, see `ORBITS`.
    x0 : tuple of float
        The first state.
    """

    model: Model = field(compare=False)
    others: tuple[tuple[str, float], ...]
    param: str
    low: float
    high: float
    variable: str
    orbits: str
    x0: tuple[float, ...]

    @property
    def flow(self) -> bool:
        """Whether the system is a flow, which shows the maxima of its variable."""
        return self.model.time_step is not None

    @property
    def system(self) -> tuple[Any, ...]:
        """What is swept whatever part of it is seen."""
        return self.others, self.param, self.orbits, self.x0

    def values(self, columns: int) -> Array:
        """The values of the parameter."""
        return np.linspace(self.low, self.high, columns)

    def starts(self) -> Array:
        """The first states: one, of shape (d,), or several, of shape (S, d)."""
        one = np.array(self.x0)
        if self.orbits != "many":
            return one
        low, high = self.model.view
        spread = np.random.default_rng(0).uniform(low, high, (_STARTS - 1, len(one)))
        return np.concatenate([one[None], spread.round(4)])

    def options(self, effort: Effort) -> dict[str, Any]:
        """Options of `Model.bifurcation`, but the starts."""
        step = self.model.time_step or 1.0
        settling, measuring = (math.ceil(length / step) for length in effort[:2])
        keep = min(effort.keep // (_SHARE if self.orbits == "many" else 1), measuring)
        options: dict[str, Any] = {"axis": self.variable, "steps": measuring, "warmup": settling, "keep": keep}
        return options | ({"follow": self.orbits} if self.orbits in ("up", "down") else {})

    def pieces(self, columns: int, effort: Effort) -> Iterator[Bifurcation]:
        """Compute it in pieces of some 50 ms."""
        return self.model.iter_bifurcation(self.param, self.values(columns), x0=self.starts(), **self.options(effort))


class Sweeper:
    """Rough diagrams, as fine as the time allows: it learns how long a column takes.

    Parameters
    ----------
    most : int
        Columns of a rough diagram at most: one for each pixel.
    """

    QUICK, CALM = 0.012, 0.1  # seconds, while a finger moves and when it rests
    LEAST, PROBE = 72, 8

    def __init__(self, most: int) -> None:
        self._most = most
        self._costs: dict[tuple[str, ...], float] = {}

    def rough(self, plan: Plan, *, coarse: bool) -> Bifurcation:
        """Compute a diagram at once, with fewer columns and shorter orbits than in full."""
        kind = (plan.param, plan.orbits)
        if kind not in self._costs:
            self._compute(plan, self.PROBE)  # compiles, perhaps: not to be counted
            self._compute(plan, self.PROBE)
        columns = (self.QUICK if coarse else self.CALM) / self._costs[kind]
        return self._compute(plan, int(min(max(columns, self.LEAST), self._most)))

    def _compute(self, plan: Plan, columns: int) -> Bifurcation:
        began = time.perf_counter()
        *_, diagram = plan.pieces(columns, ROUGH[plan.flow])
        self._costs[plan.param, plan.orbits] = max((time.perf_counter() - began) / columns, 1e-9)
        return diagram
