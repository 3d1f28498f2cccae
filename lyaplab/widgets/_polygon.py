"""The polygon of cumulative sums: its highest corner is the entropy rate, its zero the Kaplan-Yorke dimension."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lyaplab.engine.dimension import entropy_rate, kaplan_yorke
from lyaplab.engine.lyapunov import Spectrum
from lyaplab.report.phrases import long_unit
from lyaplab.report.spectral import error_of
from lyaplab.widgets._reading import short, told
from lyaplab.widgets._stage import Axis, Stage

__all__ = ["Polygon", "Sums", "reading_html"]

Array = NDArray[np.float64]

WIDTH, HEIGHT = 390, 350
# Corners beyond which they are drawn as a line alone.
_CORNERS = 40
# What falls further below zero than so many times its height is not shown.
_DEEP = 4.0


@dataclass(frozen=True)
class Sums:
    """What a spectrum adds up to.

    Parameters
    ----------
    sums : ndarray(float, shape=(k + 1,))
        S_j = lambda_1 + ... + lambda_j, from S_0 = 0 on; as far as exponents are finite.
    dimension, entropy : float
        Where the polygon falls below zero, and its greatest height.
    dimension_error, entropy_error : float
        As if all exponents erred in the same way.
    other : float
        The dimension, were the exponents zero that cannot be told from it.
    rule : float
        |sum - mean log|det J||, nan when not all exponents are known.
    complete : bool
        Whether all exponents are known, and finite.
    known : bool
        Whether the polygon comes down to zero.
    """

    sums: Array
    dimension: float
    entropy: float
    dimension_error: float
    entropy_error: float
    other: float
    rule: float
    complete: bool
    known: bool

    @classmethod
    def of(cls, spectrum: Spectrum, *, d: int) -> Sums:
        """Add up a spectrum of a system of d state variables."""
        exponents = spectrum.exponents
        finite = int(np.count_nonzero(np.cumprod(np.isfinite(exponents))))
        marginal = np.abs(exponents) <= 2 * np.nan_to_num(spectrum.stderr)
        sums = np.concatenate([[0.0], np.cumsum(exponents[:finite])])
        return cls(
            sums=sums,
            dimension=spectrum.kaplan_yorke,
            entropy=spectrum.entropy_rate,
            dimension_error=error_of(spectrum, kaplan_yorke),
            entropy_error=error_of(spectrum, entropy_rate),
            other=kaplan_yorke(np.where(marginal, 0.0, exponents)),
            rule=spectrum.sum_rule_error,
            complete=finite == d,
            known=len(exponents) == d or float(sums[-1]) < 0.0,
        )

    def dimension_in_words(self) -> str:
        """Write the dimension with its error, or with the other that it may be."""
        if not self.known:
            return f"at least {short(self.dimension)}"
        if abs(self.other - self.dimension) > 0.5:
            return f"{short(self.dimension)}, or {short(self.other)} if what is near zero is zero"
        return told(self.dimension, self.dimension_error)

    def rule_in_words(self) -> str:
        """Say whether the exponents add up to the mean of ln|det J|; empty where that is not known."""
        if not self.complete:
            return ""
        total = short(float(self.sums[-1]), 5)
        return (
            total if np.isnan(self.rule) else f"{total}, the mean of ln|det J| within {short(max(self.rule, 1e-16), 1)}"
        )


class Polygon:
    """A figure of the cumulative sums.

    Parameters
    ----------
    unit : str
        "step" or "time".

    Attributes
    ----------
    stage : Stage
    """

    def __init__(self, *, unit: str) -> None:
        self._title = f"their sum, per {long_unit(unit)}"
        x, y = Axis("number of exponents j", 0, 2, whole=True), Axis(self._title, -1, 1)
        self.stage = stage = Stage(x=x, y=y, width=WIDTH, height=HEIGHT)
        stage.band("above", role="first")
        stage.rule("zero", y=0.0, role="ink", width=1.0, dashed=True)
        stage.line("polygon", role="second", width=2.2, label=f"sum per {long_unit(unit)}")
        stage.dots("corners", role="second", size=6)
        stage.points("entropy", role="first", marker="triangle", label="entropy rate")
        stage.points("dimension", role="unstable", marker="diamond", label="dimension")
        stage.text("value", dx=10, dy=-10)
        stage.text("value left", dx=-10, dy=-10, align="end")

    def show(self, sums: Sums) -> None:
        """Show a polygon and its two points."""
        S, end = sums.sums, sums.dimension
        j = np.arange(len(S), dtype=float)
        last, low, high = _frame(sums)
        with self.stage.redraw() as stage:
            stage.limits(x=(-0.03 * last, 1.03 * last), y=(low, high))
            stage.rename(y=stage.scene().y.title(self._title))
            stage.show("polygon", j, S)
            stage.show("corners", *((j, S) if last <= _CORNERS else (np.empty(0), np.empty(0))))
            grid = np.append(j[j < end], end)
            stage.show_band("above", grid, np.zeros_like(grid), np.maximum(np.interp(grid, j, S), 0.0))
            if sums.entropy > 0:
                top = int(np.argmax(S))
                stage.show("entropy", [top], [S[top]])
            else:
                stage.hide("entropy")
            height = float(S[-1]) if end >= len(S) - 1 else 0.0
            stage.show("dimension", [end], [height])
            shown, hidden = ("value", "value left") if end < 0.6 * last else ("value left", "value")
            stage.show_text(shown, [end], [height], [f"D = {short(end)}"])
            stage.hide(hidden)


def _frame(sums: Sums) -> tuple[float, float, float]:
    """How many exponents are shown, and the limits of the sums: the zero and what lies before it count."""
    S, end, k = sums.sums, sums.dimension, len(sums.sums) - 1
    if end == 0.0:
        last = float(max(1, min(k, 6)))
        fall = -float(S[: int(last) + 1].min()) or 1.0
        return last, -1.1 * fall, 0.25 * fall
    last = float(max(1, min(k, max(3, np.ceil(1.35 * end)))))
    top = max(float(S.max()), 1e-6)
    fall = -float(S[: int(last) + 1].min())
    low = -1.12 * fall if fall <= _DEEP * top else -0.8 * top
    return last, min(low, -0.12 * top), 1.25 * top


def reading_html(sums: Sums, *, unit: str) -> str:
    """Write dimension, entropy rate and sum of all."""
    entropy = f"{told(sums.entropy, sums.entropy_error)} nats per {long_unit(unit)}"
    rows = (
        ("◇", "unstable", "Kaplan–Yorke dimension", sums.dimension_in_words()),
        ("△", "first", "entropy rate: sum of the positive", entropy),
        ("Σ", "muted", "sum of all", sums.rule_in_words() or "needs all exponents, and finite ones"),
    )
    lines = "".join(
        f"<tr><td style='color:var(--lyap-{role})' aria-hidden='true'>{sign}</td><td>{name}<br><b>{value}</b></td></tr>"
        for sign, role, name, value in rows
    )
    return f"<table class='lyap-sums'>{lines}</table>"
