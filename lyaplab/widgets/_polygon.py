"""The polygon of cumulative sums: its highest corner is the entropy rate, its zero the Kaplan-Yorke dimension."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lyaplab.engine.lyapunov import Spectrum
from lyaplab.widgets._reading import measured, short
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
        At most so large: the errors of the exponents added up, as if all erred together.
    rule : float
        |sum - mean log|det J||, nan when not all exponents are known.
    complete : bool
        Whether the sum of all is on the polygon.
    """

    sums: Array
    dimension: float
    entropy: float
    dimension_error: float
    entropy_error: float
    rule: float
    complete: bool

    @classmethod
    def of(cls, spectrum: Spectrum, *, d: int) -> Sums:
        """Add up a spectrum of a system of d state variables."""
        exponents, errors = spectrum.exponents, np.nan_to_num(spectrum.stderr)
        finite = int(np.count_nonzero(np.cumprod(np.isfinite(exponents))))
        sums = np.concatenate([[0.0], np.cumsum(exponents[:finite])])
        dimension = spectrum.kaplan_yorke
        j = int(dimension)
        slope = abs(float(exponents[j])) if 0 < dimension < len(exponents) else np.inf
        # D = j + S_j / |lambda_j+1|
        doubt = errors[:j].sum() / slope + (dimension - j) * (errors[j] / slope if j < len(errors) else 0.0)
        return cls(
            sums=sums,
            dimension=dimension,
            entropy=spectrum.entropy_rate,
            dimension_error=float(np.nan_to_num(doubt)),
            entropy_error=float(errors[exponents > 0].sum()),
            rule=spectrum.sum_rule_error,
            complete=finite == d,
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
        per = "step" if unit == "step" else "unit of time"
        x, y = Axis("number of exponents j", 0, 2, whole=True), Axis(f"λ₁ + … + λⱼ per {per}", -1, 1)
        self.stage = stage = Stage(x=x, y=y, width=WIDTH, height=HEIGHT)
        stage.band("above", role="first")
        stage.rule("zero", y=0.0, role="ink", width=1.0, dashed=True)
        stage.line("polygon", role="second", width=2.2, label="sum of j exponents")
        stage.dots("corners", role="second", size=6)
        stage.points("entropy", role="first", marker="triangle", label="entropy rate")
        stage.points("dimension", role="unstable", marker="diamond", label="dimension")
        stage.text("value", dx=10, dy=-10)
        stage.text("value left", dx=-10, dy=-10, align="end")

    def show(self, sums: Sums) -> None:
        """Show a polygon and its two points."""
        S, D = sums.sums, sums.dimension
        j = np.arange(len(S), dtype=float)
        last, low, high = _frame(sums)
        with self.stage.redraw() as stage:
            stage.limits(x=(0.0, last), y=(low, high))
            stage.show("polygon", j, S)
            stage.show("corners", *((j, S) if last <= _CORNERS else (np.empty(0), np.empty(0))))
            grid = np.append(j[j < D], D)
            stage.show_band("above", grid, np.zeros_like(grid), np.maximum(np.interp(grid, j, S), 0.0))
            if sums.entropy > 0:
                top = int(np.argmax(S))
                stage.show("entropy", [top], [S[top]])
            else:
                stage.hide("entropy")
            height = float(np.interp(D, j, S)) if D >= len(S) - 1 else 0.0
            stage.show("dimension", [D], [height])
            shown, hidden = ("value", "value left") if D < 0.6 * last else ("value left", "value")
            stage.show_text(shown, [D], [height], [f"D = {short(D)}"])
            stage.hide(hidden)


def _frame(sums: Sums) -> tuple[float, float, float]:
    """How many exponents are shown, and the limits of the sums: the zero and what lies before it count."""
    S, D, k = sums.sums, sums.dimension, len(sums.sums) - 1
    if D == 0.0:
        last = float(max(1, min(k, 6)))
        fall = -float(S[: int(last) + 1].min()) or 1.0
        return last, -1.1 * fall, 0.25 * fall
    last = float(max(1, min(k, max(3, np.ceil(1.35 * D)))))
    top = max(float(S.max()), 1e-6)
    fall = -float(S[: int(last) + 1].min())
    low = -1.12 * fall if fall <= _DEEP * top else -0.8 * top
    return last, min(low, -0.12 * top), 1.25 * top


def reading_html(sums: Sums, *, unit: str) -> str:
    """Write dimension, entropy rate and sum rule, each with what it means."""
    per = "step" if unit == "step" else "unit of time"
    entropy = f"{measured(sums.entropy, sums.entropy_error)} nats per {per}"
    rows = [
        ("Kaplan–Yorke dimension", f"<b>{measured(sums.dimension, sums.dimension_error)}</b>"),
        ("entropy rate, the sum of the positive", f"<b>{entropy}</b>"),
        ("sum of all", _rule(sums)),
    ]
    lines = "".join(f"<tr><td>{name}</td><td>{value}</td></tr>" for name, value in rows)
    return f"<table class='lyap-sums'>{lines}</table>"


def _rule(sums: Sums) -> str:
    """Say whether the exponents add up to the mean of ln|det J|."""
    if not sums.complete:
        return "needs all exponents, and finite ones"
    total = f"<b>{short(float(sums.sums[-1]), 5)}</b>"
    if np.isnan(sums.rule):
        return f"{total}; held against ln|det J| at the end of a run"
    return f"{total}; the mean of ln|det <i>J</i>| within {short(max(sums.rule, 1e-16), 1)}"
