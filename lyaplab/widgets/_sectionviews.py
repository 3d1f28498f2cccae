"""Figures of a section: the states at which an orbit passes, and each pass against the next."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lyaplab.engine.section import ReturnMap, Section
from lyaplab.widgets._planewords import pretty_names
from lyaplab.widgets._scene import limits_around
from lyaplab.widgets._stage import Axis, Stage

Array = NDArray[np.float64]

_WIDTH, _HEIGHT = 400, 386
# A coordinate that varies less than this part of the widest one is what the section holds fixed.
_FIXED = 1e-6
# So many dots and more are drawn small.
_MANY = 300


def section(result: Section) -> list[Stage]:
    """The passes in the first two coordinates that vary, and the first of them from pass to pass."""
    varying = _varying(result.points)
    names = pretty_names([str(name) for name in result.names])
    states = result.points
    if len(varying) > 1:
        x, y = Axis(names[varying[0]], *limits_around(states[:, varying[0]])), varying[1]
        across = states[:, varying[0]]
    else:  # one coordinate alone is seen as it goes with time
        x, y = Axis("time" if result.unit == "time" else "step", *limits_around(result.times)), varying[0]
        across = result.times
    stage = Stage(x=x, y=Axis(names[y], *limits_around(states[:, y])), width=_WIDTH, height=_HEIGHT)
    both = len(np.unique(result.directions)) > 1
    for name, role, sign, label in (("passes", "orbit", 1, "upwards"), ("down", "first", -1, "downwards")):
        chosen = result.directions == sign if both else np.full(len(states), sign == 1)
        if chosen.any():
            stage.dots(name, role=role, label=label if both else None, size=_size(len(states)))
            stage.show(name, across[chosen], states[chosen, y])
    # With both ways in one list, a pass and the next are two different things.
    return [stage] if both or len(result) < 2 else [stage, *return_map(result.return_map(varying[0]))]


def return_map(result: ReturnMap) -> list[Stage]:
    """Each pass against the next, with the diagonal on which a pass returns to itself."""
    name = pretty_names([result.name])[0]
    limits = limits_around(result.now, result.after)
    now = Axis(f"{name}ₙ" if len(name) == 1 else f"{name} at a pass", *limits)
    after = Axis(f"{name}ₙ₊₁" if len(name) == 1 else f"{name} at the next", *limits)
    stage = Stage(x=now, y=after, width=_WIDTH, height=_HEIGHT)
    stage.rule("diagonal", slope=1.0, role="muted", dashed=True)
    stage.dots("returns", role="first", size=_size(len(result.now)))
    stage.show("returns", result.now, result.after)
    return [stage]


def _varying(states: Array) -> list[int]:
    """The coordinates that vary over the section, at least one."""
    if len(states) < 2:
        return list(range(states.shape[1]))
    widths = np.ptp(states, axis=0)
    wide = np.flatnonzero(widths > _FIXED * max(float(widths.max()), 1e-300))
    return [int(i) for i in wide] or list(range(states.shape[1]))


def _size(count: int) -> float:
    return 6.0 if count < _MANY else 3.0
