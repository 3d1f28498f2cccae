"""The exponents of a run against its length, with bands that shrink."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lyaplab.engine.errorbars import standard_error
from lyaplab.engine.lyapunov import Spectrum
from lyaplab.widgets._convergence import widening
from lyaplab.widgets._scene import limits_around, nice_ticks
from lyaplab.widgets._stage import Axis, Stage
from lyaplab.widgets._tangentplane import ROLES

__all__ = ["SCALES", "Running", "Trace", "leading"]

Array = NDArray[np.float64]

SCALES = ("leading", "all", "largest")
"""Which exponents the figure is scaled to."""

CURVES = 6
WIDTH, HEIGHT = 800, 280
# An exponent that lies further from the first than so many times the size of the first two does not set the scale.
_FAR = 6.0
# The beginning of a run says little, and would set the scale of the whole figure: this part of the decades is left out.
_BEGINNING = 0.3
# Standard errors by which the second half of a run may differ from the whole, and points that it needs to be judged.
_DRIFT, _LEAST_POINTS = 5.0, 9
# Points of a trace in each decade.
_DENSE = 80.0


class Trace:
    """Running estimates of one run from its partial results, which keep only evenly spread checkpoints each."""

    def __init__(self) -> None:
        self.times, self.history = np.empty(0), np.empty((0, 0))

    def add(self, spectrum: Spectrum) -> None:
        """Take what a partial result has beyond those before."""
        if not len(self.times):
            self.times, self.history = spectrum.times, spectrum.history
            return
        new = spectrum.times > self.times[-1]
        self.times = np.concatenate([self.times, spectrum.times[new]])
        self.history = np.concatenate([self.history, spectrum.history[new]])
        # A run is seen on a scale of decades: its last point in each small part of one is enough.
        part = np.floor(_DENSE * np.log10(self.times))
        keep = np.append(part[1:] > part[:-1], True)
        self.times, self.history = self.times[keep], self.history[keep]

    def drift(self) -> float | None:
        """Give the largest exponent of the second half of the run alone, if it is not that of the whole.

        An orbit that was chaotic for a while and came to rest has exponents that belong to neither.
        """
        if len(self.times) < _LEAST_POINTS:
            return None
        late = self.times >= 0.5 * self.times[-1]
        times, growth = self.times[late], (self.times * self.history[:, 0])[late]
        if len(times) < _LEAST_POINTS or not np.isfinite(growth).all():
            return None
        value = (growth[-1] - growth[0]) / (times[-1] - times[0])
        error = float(standard_error(times - times[0], (growth - growth[0])[:, None])[0])
        whole = float(self.history[-1, 0])
        margin = max(_DRIFT * error, 0.01 * abs(whole) + 1e-4)
        return float(value) if abs(value - whole) > margin else None


def leading(exponents: Array) -> int:
    """Count the exponents that a figure is scaled to: those beside which the first ones can still be told apart.

    Examples
    --------
    >>> leading(np.array([0.9056, 0.0, -14.57])), leading(np.array([0.42, -1.62]))
    (2, 2)
    """
    first = exponents[: min(2, len(exponents))]
    size = max(float(np.abs(first[np.isfinite(first)]).max(initial=0.0)), 1e-3)
    finite = np.isfinite(exponents)
    near = finite & (np.where(finite, exponents, -1e300) >= exponents[0] - _FAR * size)
    return max(1, min(CURVES, int(np.count_nonzero(np.cumprod(near)))))


class Running:
    """A figure of the leading exponents: running values, two standard errors around them, and steps made by hand.

    Parameters
    ----------
    count : int
        Exponents that are measured.
    unit : str
        "step" or "time".
    time_step : float
        Length of a step in that unit.
    hand : bool
        Whether steps can be made by hand.

    Attributes
    ----------
    stage : Stage
    """

    def __init__(self, *, count: int, unit: str, time_step: float, hand: bool) -> None:
        self._least, self._hand = float(np.log10(time_step)), hand
        self._curves = min(count, CURVES)
        along = "steps, powers of ten" if unit == "step" else "time, powers of ten"
        self._title = f"λ per {unit}"  # the figure is low where the page is narrow: no room for "unit of time"
        x = Axis(along, self._least, self._least + 3, most=10, whole=True)
        self.stage = stage = Stage(x=x, y=Axis(self._title, -1, 1), width=WIDTH, height=HEIGHT)
        stage.rule("zero", y=0.0, role="ink", width=1.0, dashed=True)
        for i in range(self._curves):
            stage.band(f"sure {i + 1}", role=self._role(i), label="± 2 standard errors" if i == 0 else None)
            stage.line(f"exponent {i + 1}", role=self._role(i), width=2.0 if i < 3 else 1.4, label=self._label(i))
        for i in range(self._curves if hand else 0):
            stage.dots(f"hand {i + 1}", role=self._role(i), size=6, label="your steps" if i == 0 else None)

    def _role(self, i: int) -> str:
        return ROLES[i] if i < len(ROLES) else "arrow"

    def _label(self, i: int) -> str | None:
        names = ["λ₁", "λ₂", "λ₃", "λ₄", "λ₅", "λ₆"]
        if i <= 3:
            return names[i] if i < 3 or self._curves == 4 else f"λ₄ to {names[self._curves - 1]}"
        return None

    def show(self, spectrum: Spectrum, trace: Trace, *, scale: str) -> None:
        """Show how far a run has come."""
        times, history = trace.times, trace.history
        if not len(times):
            return
        curves = min(self._curves, len(spectrum.exponents))
        half = np.array([widening(times, spectrum.stderr[i]) for i in range(curves)])
        end = max(self._least + 2, np.ceil(2 * np.log10(times[-1])) / 2)
        counted = {"all": curves, "largest": 1, "leading": leading(spectrum.exponents[:curves])}[scale]
        begin = self._least if self._hand else max(self._least, np.floor(2 * np.log10(times[0])) / 2)
        with self.stage.redraw() as stage:
            stage.limits(
                x=(begin, end), y=_height(times, history[:, :counted], half[:counted], zero=scale != "largest")
            )
            title = stage.scene().y.title(self._title)
            stage.rename(y=title)
            stage.relabel("exponent 1", "λ₁" if title else f"λ₁ {self._title[2:]}")
            for i in range(self._curves):
                if i >= curves or not np.isfinite(spectrum.exponents[i]):
                    stage.hide(f"exponent {i + 1}", f"sure {i + 1}")
                    continue
                curve = history[:, i]
                stage.show(f"exponent {i + 1}", np.log10(times), curve)
                stage.show_band(f"sure {i + 1}", np.log10(times), curve - half[i], curve + half[i])

    def show_hand(self, times: Array, rates: Array) -> None:
        """Show the exponents (steps, d) that steps made by hand have come to."""
        with self.stage.redraw() as stage:
            for i in range(self._curves if self._hand else 0):
                stage.show(f"hand {i + 1}", np.log10(times), rates[:, i])


def _height(times: Array, curves: Array, half: Array, *, zero: bool) -> tuple[float, float]:
    """Limits that hold the curves with their bands, but for their beginnings; round, so that they seldom change."""
    decades = np.log10(times)
    settled = decades >= decades[0] + _BEGINNING * (decades[-1] - decades[0])
    parts: Sequence[Array | float] = [(curves - half.T)[settled], (curves + half.T)[settled], *([0.0] if zero else [])]
    low, high = limits_around(*parts)
    ticks = nice_ticks(low, high, 10)
    step = ticks[1] - ticks[0] if len(ticks) > 1 else high - low
    return float(np.floor(low / step) * step), float(np.ceil(high / step) * step)
