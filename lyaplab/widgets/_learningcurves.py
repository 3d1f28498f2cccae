"""Learning over time: the outlier, the loss, and the filter so far, each with theory beside it."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from lyaplab.theory import FilterTask
from lyaplab.widgets._learning import Moment, Run, Theory, left_the_disc
from lyaplab.widgets._outlierplane import HEIGHT, NETWORK, TARGET, THEORY, WIDTH
from lyaplab.widgets._scene import limits_around
from lyaplab.widgets._shapes import joined
from lyaplab.widgets._stage import Axis, Stage

__all__ = ["FilterPlane", "LossCourse", "OutlierCourse"]

Array = NDArray[np.float64]

_TIME = "learning time (rate × updates)"
# The axis of the handle goes on by this share at both ends: there is room for the whole of it.
_MARGIN = 0.03
# How many powers of ten of the loss are shown: what is below is rounding, or soon will be.
_DECADES = 9.0


class OutlierCourse:
    """A stage with the eigenvalues that leave the disc against time, and a handle that moves the time.

    Parameters
    ----------
    dragged : callable
        Takes the time that the handle was dragged to.
    """

    def __init__(self, dragged: Callable[[float], None]) -> None:
        along = Axis(_TIME, 0.0, 1.0, most=5)
        self.stage = stage = Stage(x=along, y=Axis("outlier λ", -0.2, 1.2), width=WIDTH, height=HEIGHT)
        stage.rule("zero", y=0.0, role="grid", width=1.0)
        stage.line("now", role="muted", width=1.2, table=False)
        stage.line("goal", role=TARGET, width=1.4, table=False)
        stage.line("real", role=NETWORK, label="Re λ", width=3.2)
        stage.line("imaginary", role=NETWORK, label="Im λ", width=1.4)
        stage.line("theory", role=THEORY, label="theory", width=1.8, dashed=True)
        stage.line("theory imaginary", role=THEORY, width=1.2, dashed=True)
        stage.text("none", role="muted", align="middle")
        stage.handle("time", role="start", label="drag the time", along="x", on_move=lambda x, _: dragged(x))

    def show_goal(self, theory: Theory, until: float) -> None:
        """Show theory and the target, over a stretch of time."""
        pole, times, values = theory.asked.pole, theory.flow.times, theory.eigenvalues
        upper = np.abs(values.imag).max(axis=1)
        turns = bool((upper > 1e-9).any())
        levels = [pole.real, *([abs(pole.imag)] if pole.imag else [])]
        low = min(-0.12, 1.1 * pole.real)
        with self.stage.redraw() as stage:
            stage.limits(x=(-_MARGIN * until, (1 + _MARGIN) * until), y=(low - 0.06, 1.12))
            stage.show("goal", *joined([[[0.0, level], [until, level]] for level in levels]))
            seen = times <= until * (1 + 1e-9)
            stage.show("theory", *joined([np.column_stack([times, part])[seen] for part in values.real.T]))
            stage.show("theory imaginary", times[seen], upper[seen] if turns else np.full(seen.sum(), np.nan))

    def show_start(self) -> None:
        """Show that nothing has been learnt yet."""
        with self.stage.redraw() as stage:
            stage.hide("real", "imaginary", "none")
            self.show_time(0.0)

    def show(self, moment: Moment) -> None:
        """Show the whole of a training so far, and the time of the look."""
        record, trails = moment.run.record, moment.run.trails
        times = record.snapshot_times
        # Within the disc every eigenvalue turns somehow: of an outlier it is said once it is one.
        turning = np.where(np.abs(trails) > left_the_disc(record.eigenvalues[0]), np.abs(trails.imag), 0.0)
        upper = turning.max(axis=1, initial=0.0)
        axes = self.stage.scene()
        with self.stage.redraw() as stage:
            real = np.clip(trails.real, axes.y.low, axes.y.high)
            stage.show("real", *joined([np.column_stack([times, part]) for part in real.T]))
            stage.show("imaginary", times, np.where(upper > 1e-6, np.clip(upper, None, axes.y.high), np.nan))
            silent = moment.run.done and not trails.shape[1]
            middle, low = 0.5 * (axes.x.low + axes.x.high), axes.y.low + 0.06 * axes.y.span
            stage.show_text("none", [middle] * silent, [low] * silent, ["no eigenvalue leaves the disc"] * silent)
            self.show_time(moment.time)

    def show_time(self, time: float) -> None:
        """Put the mark and the handle at a time."""
        axis = self.stage.scene().y
        self.stage.show("now", [time, time], [axis.low, axis.high])
        self.stage.show("time", time, axis.low + 0.05 * (axis.high - axis.low))


class LossCourse:
    """A stage with the exact loss against time."""

    def __init__(self) -> None:
        along, up = Axis(_TIME, 0.0, 1.0, most=5), Axis("loss, powers of ten", -_DECADES, 1.0, most=6)
        self.stage = stage = Stage(x=along, y=up, width=WIDTH, height=HEIGHT)
        stage.line("now", role="muted", width=1.2, table=False)
        stage.line("loss", role=NETWORK, label="network", width=2.6)
        stage.line("theory", role=THEORY, label="theory", width=1.8, dashed=True)
        stage.points("here", role=NETWORK)

    def show_goal(self, theory: Theory, until: float, run: Run | None) -> None:
        """Show theory over a stretch of time; there will be room for the training too."""
        powers = _powers(theory.flow.loss)
        seen = theory.flow.times <= until * (1 + 1e-9)
        top = float(powers[0])
        least = min(float(powers[seen].min()), math.inf if run is None else float(_powers(run.record.loss).min()))
        low = max(top - _DECADES, least) - 0.4
        with self.stage.redraw() as stage:
            stage.limits(x=(-_MARGIN * until, (1 + _MARGIN) * until), y=(low, top + 0.8))
            shown = np.where(powers >= low, powers, np.nan)
            stage.show("theory", theory.flow.times[seen], shown[seen])

    def show_start(self) -> None:
        """Show that nothing has been learnt yet."""
        self.stage.hide("loss", "here", "now")

    def show(self, moment: Moment) -> None:
        """Show the whole of a training so far, and the time of the look."""
        record, axis = moment.run.record, self.stage.scene().y
        # What lies closer than a pixel is no news; kept are neighbours, so that what jumps to and fro is seen to.
        kept = np.unique(np.linspace(0, record.updates, 601).astype(int))
        powers = np.clip(_powers(record.loss[kept]), axis.low, None)
        here = float(np.clip(_powers(np.array([moment.loss])), axis.low, None)[0])
        with self.stage.redraw() as stage:
            stage.show("loss", record.time[kept], powers)
            stage.show("now", [moment.time] * 2, [axis.low, axis.high])
            stage.show("here", moment.time, here)


class FilterPlane:
    """A stage with the filter that the network is, the target's, and theory's, lag by lag."""

    def __init__(self) -> None:
        self.stage = stage = Stage(x=Axis("lag τ, steps", 0, 1), y=Axis("filter", -1, 1), width=WIDTH, height=HEIGHT)
        stage.rule("zero", y=0.0, role="grid", width=1.0)
        stage.line("target", role=TARGET, label="target", width=4.0)
        stage.line("filter", role=NETWORK, label="network", width=2.2)
        stage.line("theory", role=THEORY, label="theory", width=1.8, dashed=True)

    def show_goal(self, task: FilterTask) -> None:
        """Show the target."""
        lags, wanted = task.lags, task.filter(task.lags)
        low, high = limits_around(0.0, 1.0, wanted)
        with self.stage.redraw() as stage:
            stage.limits(x=(-0.02 * lags[-1], 1.02 * lags[-1]), y=(low - 0.1, high + 0.1))
            stage.show("target", lags, wanted)

    def show_start(self) -> None:
        """Show that nothing has been learnt yet."""
        self.stage.hide("filter", "theory")

    def show(self, moment: Moment, theory: Theory) -> None:
        """Show one look at a training, and theory at the same time."""
        lags, axis = theory.task.lags, self.stage.scene().y
        with self.stage.redraw() as stage:
            stage.show("filter", lags, np.clip(moment.filter, axis.low, axis.high))
            stage.show("theory", lags, np.clip(theory.filter(moment.time), axis.low, axis.high))


def _powers(losses: Array) -> Array:
    return np.log10(np.maximum(losses, 1e-300))
