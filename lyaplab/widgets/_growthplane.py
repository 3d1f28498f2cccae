"""One end of the chain: the norm of the growing product against the number of steps multiplied, and its slope."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lyaplab.widgets._chain import BOXES, Growing
from lyaplab.widgets._reading import short
from lyaplab.widgets._scene import limits_around, nice_ticks
from lyaplab.widgets._stage import Axis, Stage

__all__ = ["GrowthPlane", "Limits", "common_limits", "taken"]

Array = NDArray[np.float64]
Limits = tuple[float, float]

WIDTH, HEIGHT = 390, 300
# The axis goes on by so much at both ends: there is room for the whole of the handle.
_MARGIN = 0.04


class _Words(NamedTuple):
    """What is said of one end, and in which colour."""

    role: str
    along: str
    vector: str


_ENDS = {
    "right": _Words("first", "lag, steps forwards", "one tangent"),
    "left": _Words("second", "lag, steps backwards", "one gradient"),
}


class GrowthPlane:
    """A stage with the growth of the product from one end of the chain.

    Parameters
    ----------
    end : {"right", "left"}
        Where the product begins: with the first step, or with the last.
    dragged : callable
        Takes the number of boxes that the handle was dragged to.

    Attributes
    ----------
    stage : Stage
    """

    def __init__(self, end: str, *, dragged: Callable[[int], None]) -> None:
        words = _ENDS[end]
        self._steps, self._dragged = BOXES, dragged
        along = Axis(words.along, -_MARGIN * BOXES, BOXES * (1 + _MARGIN), most=5)
        self.stage = stage = Stage(x=along, y=Axis("ln norm", -1.0, 1.0, most=6), width=WIDTH, height=HEIGHT)
        stage.rule("zero", y=0.0, role="grid", width=1.2)
        stage.line("slope", role="muted", label="slope λ", width=1.4, dashed=True)
        stage.line("vector", role="arrow", label=words.vector, width=1.2)
        stage.line("to come", role=words.role, width=1.2, table=False)
        if end == "left":
            stage.line("taken", role="start", width=2.2)
        stage.line("norm", role=words.role, label="norm of the product", width=3.0)
        stage.handle("now", role=words.role, on_move=lambda x, _: self._move(x), on_release=lambda x, _: self._move(x))

    def show(self, growing: Growing, boxes: int, exponent: float, limits: Limits) -> None:
        """Show a growing product of which so many boxes are multiplied, and the slope that is expected of it."""
        steps = self._steps = len(growing.log_lengths) - 1
        done = growing.lags <= boxes * steps // BOXES
        finite = np.isfinite(growing.log_norms)
        value = growing.after(boxes)
        with self.stage.redraw() as stage:
            stage.limits(x=(-_MARGIN * steps, (1 + _MARGIN) * steps), y=limits)
            stage.relabel("slope", f"slope λ = {short(exponent)}")
            stage.show("slope", [0.0, steps], [0.0, exponent * steps if math.isfinite(exponent) else 0.0])
            stage.show("vector", np.arange(steps + 1.0), _seen(growing.log_lengths))
            stage.show("to come", growing.lags, _seen(growing.log_norms))
            stage.show("norm", growing.lags[done & finite], growing.log_norms[done & finite])
            stage.show("now", boxes * steps / BOXES, value if math.isfinite(value) else limits[0])

    def show_taken(self, logs: Array | None) -> None:
        """Show what clipping and truncation leave of the gradient; None when neither is asked for."""
        with self.stage.redraw() as stage:
            stage.relabel("taken", None if logs is None else "what is left of it")
            if logs is None:
                stage.hide("taken")
            else:
                stage.show("taken", np.arange(float(len(logs))), _seen(logs))

    def _move(self, x: float) -> None:
        self._dragged(int(np.clip(round(x / self._steps * BOXES), 0, BOXES)))


def taken(log_lengths: Array, *, clip: float, truncate: int) -> Array | None:
    """Return the logarithm of what is left of a gradient at each lag after truncation, then clipping of the whole.

    Parameters
    ----------
    log_lengths : ndarray(float, shape=(T + 1,))
        Of the gradient by the state at each lag.
    clip : float
        Most that the norm of all of them together may be; 0 for no clipping.
    truncate : int
        Longest lag that is followed; 0 for all.

    Returns
    -------
    ndarray(float, shape=(T' + 1,)) or None
        None when there is neither.

    Examples
    --------
    >>> taken(np.log([3.0, 4.0]), clip=1.0, truncate=0).round(3)  # 3 and 4 have the norm 5
    array([-0.511, -0.223])
    >>> taken(np.log([3.0, 4.0]), clip=0.0, truncate=1) is None  # nothing lies further back
    True
    """
    kept = log_lengths[: truncate + 1] if truncate else log_lengths
    whole = 0.5 * float(np.logaddexp.reduce(2.0 * kept))
    excess = whole - math.log(clip) if clip > 0.0 else 0.0
    if excess <= 0.0 and len(kept) == len(log_lengths):
        return None
    scaled: Array = kept - max(0.0, excess)
    return scaled


def common_limits(*curves: Array | float) -> Limits:
    """Return limits that hold all curves, on round numbers, so that they seldom move."""
    low, high = limits_around(0.0, *curves)
    ticks = nice_ticks(low, high, 16)
    step = ticks[1] - ticks[0] if len(ticks) > 1 else high - low
    return math.floor(low / step) * step, math.ceil(high / step) * step


def _seen(logs: Array) -> Array:
    """Leave out what has vanished altogether."""
    return np.where(np.isfinite(logs), logs, np.nan)
