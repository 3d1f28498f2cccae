"""Two figures over time: what a few units do around the marked time, and how far the twins are all along."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from lyaplab.widgets._reading import estimate
from lyaplab.widgets._shapes import joined
from lyaplab.widgets._stage import Axis, Stage
from lyaplab.widgets._transition import Portrait
from lyaplab.widgets._twins import Parting

__all__ = ["HEIGHT", "SHOWN", "WIDTH", "Activity", "Distance"]

Array = NDArray[np.float64]

WIDTH, HEIGHT = 404, 268
SHOWN = 5
"""Units whose activity is drawn."""

# How far a trace reaches from its line: two neighbours just do not touch.
_REACH = 0.44
# Steps that the activity is shown for, about the marked one: so many that each can be seen.
_WINDOW, _FLOW_WINDOW = 100, 600
# The axis of the handle goes on by this share at both ends: there is room for the whole of it.
_MARGIN = 0.03
# Powers of ten that the axis goes below the twins' first distance.
_BELOW = 6
# The fitted line goes on beyond both ends of its stretch: it would hide under the curve.
_BEYOND = 0.12


class Activity:
    """The activity of a few units, one above the other, with the twin on top, about the marked time."""

    def __init__(self, *, flow: bool) -> None:
        along = Axis("time t" if flow else "step t", 0, 1)
        self._window = _FLOW_WINDOW if flow else _WINDOW
        self.stage = stage = Stage(x=along, y=Axis("unit", 0.4, SHOWN + 0.6), width=WIDTH, height=HEIGHT)
        stage.line("lines", role="grid", width=1.0, table=False)
        stage.line("orbit", role="orbit", label="activity", width=2.6)
        stage.line("twin", role="first", label="its twin", width=1.1)
        stage.line("now", role="start", label="time of J", width=1.4, table=False)

    def show(self, portrait: Portrait) -> None:
        """Show the pair of trajectories of a portrait, and its time."""
        unit = portrait.asked.model.time_step or 1.0
        last = portrait.asked.steps
        first = max(0, min(portrait.t - self._window // 2, last - self._window))
        part = slice(first, first + self._window + 1)
        times: Array = unit * np.arange(last + 1.0)[part]
        count = min(SHOWN, portrait.asked.model.d)
        states, twin = portrait.twins.states[part, :count], portrait.twins.twin[part, :count]
        # A map's units stay within 1; those of a flow are shrunk to fit.
        scale = _REACH / max(1.0, float(np.abs(portrait.twins.states[:, :count]).max()))
        bases = np.arange(1.0, count + 1)
        now, low = unit * portrait.t, 0.4
        with self.stage.redraw() as stage:
            stage.limits(x=(float(times[0]), float(times[-1])), y=(low, count + 0.6))
            stage.show("lines", *joined([[[times[0], base], [times[-1], base]] for base in bases]))
            stage.show("orbit", *traces(times, bases + scale * states))
            stage.show("twin", *traces(times, bases + scale * twin))
            stage.show("now", [now, now], [low, count + 0.6])


class Distance:
    """The distance of the twins in powers of ten, with the straight line that the rate is read off.

    Parameters
    ----------
    flow : bool
    dragged : callable
        Takes the time, in the axis' unit, that the handle was dragged to.
    """

    def __init__(self, *, flow: bool, dragged: Callable[[float], None]) -> None:
        along = Axis("time t" if flow else "step t", 0, 1)
        up = Axis("distance, powers of ten", -15, 1)
        self.stage = stage = Stage(x=along, y=up, width=WIDTH, height=HEIGHT)
        stage.band("region", role="muted")
        stage.rule("one", y=0.0, dashed=True)
        stage.line("pairs", role="arrow", label="pairs", width=0.8)
        stage.line("mean", role="orbit", label="mean", width=2.4)
        stage.band("sure", role="first")
        stage.line("slope", role="first", label="slope", width=2.0, dashed=True)
        stage.line("now", role="start", width=1.4, table=False)
        stage.handle("time", role="start", label="drag the time", along="x", on_move=lambda x, _: dragged(x))

    def show(self, portrait: Portrait) -> None:
        """Show the distances of a portrait, and what was read off them."""
        twins, unit = portrait.twins, portrait.asked.model.time_step or 1.0
        times: Array = unit * np.arange(float(len(twins.states)))
        seen = twins.seen
        powers = np.log10(np.maximum(twins.distances[:seen], 1e-300))
        low, high = portrait.asked.apart - _BELOW, 1.0
        with self.stage.redraw() as stage:
            stage.limits(x=(-_MARGIN * times[-1], (1 + _MARGIN) * times[-1]), y=(low, high))
            each = powers if twins.pairs > 1 else powers[:, :0]
            stage.show("pairs", *traces(times[:seen], each))
            stage.show("mean", times[:seen], powers.mean(axis=1))
            stage.show("now", [unit * portrait.t] * 2, [low, high])
            stage.show("time", unit * portrait.t, low + 0.045 * (high - low))
            stage.relabel("mean", "mean" if twins.pairs > 1 else "one pair")
            self._show_rate(portrait.parting, times, twins.logs)
            rate = portrait.rate
            said = rate is not None and rate.region is not None
            stage.relabel("slope", f"slope {estimate(rate.slope, rate.stderr)}" if rate and said else "slope")

    def _show_rate(self, parting: Parting | None, times: Array, logs: Array) -> None:
        if parting is None or parting.region is None:
            self.stage.hide("region", "sure", "slope")
            return
        first, last = parting.region
        inside = slice(first, last + 1)
        middle = 0.5 * (first + last)
        beyond = _BEYOND * (last - first)
        steps = np.array([max(0.0, first - beyond), middle, min(len(times) - 1.0, last + beyond)])
        height = logs[:, inside].mean()
        decade, unit = np.log(10.0), times[1] - times[0]
        line = (height + parting.slope * (steps - middle)) / decade
        half = 2 * parting.stderr * np.abs(steps - middle) / decade
        scene = self.stage.scene()
        self.stage.show_band("region", times[[first, last]], [scene.y.low] * 2, [scene.y.high] * 2)
        self.stage.show_band("sure", unit * steps, line - half, line + half)
        self.stage.show("slope", unit * steps, line)


def traces(times: Array, columns: Array) -> tuple[Array, Array]:
    """Lay the columns of (T, k) into one interrupted line over the times (T,).

    Examples
    --------
    >>> traces(np.array([0.0, 1.0]), np.array([[1.0, 2.0], [3.0, 4.0]]))[1]
    array([ 1.,  3., nan,  2.,  4.])
    """
    return joined([np.column_stack([times, column]) for column in columns.T])
