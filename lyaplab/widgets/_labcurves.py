"""The smaller figures of the forcing lab: a free run beside the data, the course of training, two spectra."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lyaplab.widgets._labattractor import DATA, LEARNT
from lyaplab.widgets._scene import limits_around
from lyaplab.widgets._stage import Axis, Stage

__all__ = ["Beside", "Course", "Ladder"]

Array = NDArray[np.float64]

_LONG, _SHORT, _HALF = (536, 210), (250, 210), (390, 182)
# A run that goes far away is drawn so far, in standard deviations; and limits keep to whole ones.
_FAR = 8.0
# Exponents further down than so many times the largest are not drawn: beside them nothing could be told apart. Nor are
# those of a network that lie so many times as deep as the lowest of the data.
_DEEPEST, _BELOW = 20.0, 2.5
# The axis of updates ends a little further, so that its last number has room; and where what is not there is drawn.
_BEYOND, _NOWHERE = 1.03, -300.0


class Beside:
    """One coordinate of the data, and of a network that starts in the same place and runs freely.

    Parameters
    ----------
    name : str
        Of the coordinate.
    """

    def __init__(self, name: str) -> None:
        self.stage = stage = Stage(x=Axis("steps", 0, 1), y=Axis(f"{name}, sd", -3, 3), width=_LONG[0], height=_LONG[1])
        stage.rule("horizon", x=0.0, role="muted", label="τ_pred", dashed=True)
        stage.line("data", role=DATA, label="data", width=1.6)
        stage.line("learnt", role=LEARNT, label="network from the same start", width=1.6)

    def show(self, data: Array, learnt: Array, tau_pred: float) -> None:
        """Show both (T,); the rule tells after how many steps a small error has doubled."""
        with self.stage.redraw() as stage:
            reach = max(3.0, float(np.ceil(np.abs(data).max())))
            stage.limits(x=(0, len(data)), y=(-reach, reach))
            stage.place_rule("horizon", x=tau_pred if np.isfinite(tau_pred) else -1.0)
            stage.show("data", np.arange(len(data)), data)
            stage.show("learnt", np.arange(len(learnt)), np.where(np.abs(learnt) < _FAR, learnt, np.nan))


class Course:
    """Loss and gradient norm against the updates of a training run, one above the other."""

    def __init__(self) -> None:
        x, (width, height) = Axis("update", 0, 1, most=5), _HALF
        self.loss = Stage(x=x, y=Axis("loss, sd²", -2, 0, powers=True), width=width, height=height)
        self.norm = Stage(x=x, y=Axis("gradient norm", -2, 4, powers=True), width=width, height=height)
        self.loss.rule("moment", x=0.0, role="start", dashed=True)
        self.norm.rule("moment", x=0.0, role="start", label="weights shown", dashed=True)
        self.norm.rule("clip", y=0.0, role="muted", label="clipped to", dashed=True)
        self.loss.line("loss", role=LEARNT, width=1.6)
        self.norm.line("norm", role=LEARNT, width=1.6)

    @property
    def stages(self) -> tuple[Stage, Stage]:
        """The loss above, the gradient below."""
        return self.loss, self.norm

    def show(self, updates: Array, loss: Array, norm: Array, *, planned: int, moment: int, clip: float | None) -> None:
        """Show a course as far as it has come.

        Parameters
        ----------
        updates, loss, norm : ndarray(float, shape=(K,))
        planned : int
            Updates of the whole run.
        moment : int
            After how many updates the network is that is shown.
        clip : float or None
            Longest gradient that is followed as it is.
        """
        for stage, name, values in ((self.loss, "loss", loss), (self.norm, "norm", norm)):
            with np.errstate(divide="ignore", invalid="ignore"):
                powers = np.log10(values)
            powers[~np.isfinite(powers)] = np.nan
            with stage.redraw():
                known = [np.log10(clip)] if clip is not None and stage is self.norm else []
                stage.limits(x=(0, _BEYOND * max(1, planned)), y=_decades(np.append(powers, known)))
                stage.place_rule("moment", x=float(moment))
                if stage is self.norm:
                    stage.place_rule("clip", y=_NOWHERE if clip is None else float(np.log10(clip)))
                stage.show(name, updates, powers)


class Ladder:
    """The Lyapunov exponents of the data and of a network, in order.

    Parameters
    ----------
    unit : str
        Of the exponents, in words.
    """

    def __init__(self, unit: str) -> None:
        x, y = Axis("i", 0.5, 3.5, whole=True), Axis(f"λᵢ per {unit}", -1, 1)
        self.stage = stage = Stage(x=x, y=y, width=_SHORT[0], height=_SHORT[1])
        stage.rule("zero", y=0.0, role="muted", width=1.0)
        stage.points("data", role=DATA, label="data")
        stage.points("learnt", role=LEARNT, marker="square", label="network")

    def show(self, data: Array, learnt: Array) -> None:
        """Show the exponents (k,) of each, as far as they are known; those of a network without numbers are not."""
        count = max(len(data), min(len(learnt), max(3, len(data))))
        learnt = learnt[:count]
        largest = max(np.abs(data[:1]).max(initial=0.0), np.abs(learnt[:1]).max(initial=0.0), 1e-6)
        deepest = min(-_DEEPEST * largest, _BELOW * data.min(initial=0.0))
        parts = [values[np.isfinite(values) & (values >= deepest)] for values in (data, learnt)]
        with self.stage.redraw() as stage:
            stage.limits(x=(0.5, max(1, count) + 0.5), y=limits_around(*parts, 0.0))
            for name, values, aside in (("data", data, -0.06), ("learnt", learnt, 0.06)):
                seen = np.where(values >= deepest, values, np.nan)
                stage.show(name, np.arange(1, len(values) + 1) + aside, seen)


def _decades(powers: Array) -> tuple[float, float]:
    """Limits of powers of ten: half decades, so that they seldom change while a run goes on."""
    finite = powers[np.isfinite(powers)]
    if not len(finite):
        return -2.0, 0.0
    low, high = np.floor(2.0 * finite.min() - 0.1) / 2.0, np.ceil(2.0 * finite.max() + 0.1) / 2.0
    return float(low), float(max(high, low + 1.0))
