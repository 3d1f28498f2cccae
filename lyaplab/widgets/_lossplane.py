"""The loss along a line in weight space, one lane for each horizon: a smooth valley, or shattered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from lyaplab.training.loss_slice import LossSlice
from lyaplab.widgets._reading import short
from lyaplab.widgets._stage import Axis, Stage

__all__ = ["HORIZONS", "LossPlane", "loss_lanes", "slice_in_words"]

HORIZONS = (10, 30, 100, 300)
"""Steps of each loss."""

WIDTH, HEIGHT = 800, 330
# Colours that lanes take in turn, and most lanes of one figure.
_COLOURS, _LANES = 4, 6
# Part of a lane that a curve takes; room for its name at the left and a little at the right, in half widths.
_TALL, _LEFT, _RIGHT = 0.82, 0.36, 0.06


class LossPlane:
    """A stage with a lane for each horizon, the shortest on top.

    Parameters
    ----------
    horizons : sequence of int, optional
        Steps of each loss.

    Attributes
    ----------
    stage : Stage
    """

    def __init__(self, horizons: Sequence[int] = HORIZONS) -> None:
        across = Axis("distance from these weights, in one direction", -1.0, 1.0)
        up = Axis("loss", -0.1, len(horizons), ticks=())
        self.stage = stage = Stage(x=across, y=up, width=WIDTH, height=HEIGHT)
        stage.box.add_class("lyap-lanes")  # where there are no ticks, bqplot chooses some
        for lane, steps in enumerate(horizons[::-1]):
            stage.rule(f"zero {steps}", y=float(lane), role="grid", width=1.0)
        stage.rule("here", x=0.0, role="grid", width=1.0)
        for i, steps in enumerate(horizons):
            stage.line(f"T = {steps}", role=f"speed-{1 + i % _COLOURS}", width=1.6)
        stage.text("names", role="ink", align="start", dy=4)

    def show(self, found: LossSlice, span: float) -> None:
        """Show as much of a slice as is known."""
        with self.stage.redraw() as stage:
            low, high = -(1 + _LEFT) * span, (1 + _RIGHT) * span
            stage.limits(x=(low, high))
            lanes = np.arange(len(found.horizons))[::-1]
            for lane, steps, loss in zip(lanes, found.horizons.tolist(), found.losses, strict=True):
                seen = np.where(np.isfinite(loss), loss, np.nan)
                largest = float(np.nanmax(seen)) if np.isfinite(seen).any() else 0.0
                stage.show(f"T = {steps}", found.distances, lane + _TALL * seen / (largest or 1.0))
            places = np.full(len(lanes), low + 0.02 * (high - low))
            stage.show_text("names", places, lanes + 0.4, [f"T = {steps}" for steps in found.horizons.tolist()])


def loss_lanes(result: LossSlice) -> list[Stage]:
    """Draw a slice that is known as a whole; of many horizons a few, from the shortest to the longest."""
    count = len(result.horizons)
    picked = np.unique(np.linspace(0, count - 1, min(count, _LANES)).round().astype(int))
    some = replace(result, horizons=result.horizons[picked], losses=result.losses[picked])
    plane = LossPlane(some.horizons.tolist())
    plane.show(some, float(np.abs(result.distances).max()))
    return [plane.stage]


def slice_in_words(found: LossSlice) -> str:
    """Say of each horizon how rough the loss is.

    Examples
    --------
    >>> valley = np.abs(np.linspace(-1.0, 1.0, 5))
    >>> slice_in_words(LossSlice(np.linspace(-1, 1, 5), np.array([10]), valley[None], np.ones(1)))
    'Up and down over its own range, the loss runs 2 times for T = 10; a smooth valley does so 2 times.'
    """
    runs = [
        f"{short(value, 2)} times for T = {T}" if np.isfinite(value) else f"without a bound for T = {T}"
        for T, value in zip(found.horizons.tolist(), found.roughness.tolist(), strict=True)
    ]
    return f"Up and down over its own range, the loss runs {', '.join(runs)}; a smooth valley does so 2 times."
