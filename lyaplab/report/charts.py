"""The charts of a page: the spectrum with its errors, gradients against the lag, eigenvalues in the complex plane."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lyaplab.drawing.axis import Axis, limits_around
from lyaplab.drawing.numbers import measured, short
from lyaplab.report.figure import Figure, Key
from lyaplab.report.phrases import long_unit, with_error

if TYPE_CHECKING:
    from lyaplab.report.page import Report

__all__ = ["CHARTS", "eigenvalues_of_points", "eigenvalues_of_weights", "gradients", "spectrum"]

Array = NDArray[np.float64]

# Matrices beyond these are not drawn: their marks could not be told apart.
_MATRICES = (("second", "disc"), ("first", "diamond"), ("third", "square"), ("start", "ring"))
# Fixed points whose eigenvalues are drawn, those that most starts reached.
_POINTS = 12
_KINDS = {"stable": ("stable", "disc"), "saddle": ("saddle", "diamond"), "unstable": ("unstable", "square"),
          "marginal": ("start", "ring")}  # fmt: skip
_AT = {"stable": "at a stable point", "saddle": "at a saddle", "unstable": "at an unstable point",
       "marginal": "at a marginal point"}  # fmt: skip


def spectrum(page: Report) -> Figure | None:
    """Every exponent with two standard errors; None for a single one, which needs no picture."""
    own = page.spectrum
    if own is None or len(own.exponents) < 2:
        return None
    index, values = np.arange(1, len(own.exponents) + 1), own.exponents
    half = 2.0 * np.nan_to_num(own.stderr)
    low, high = limits_around(values - half, values + half, 0.0)
    count = len(values)
    words = (
        f"Lyapunov spectrum: {count} exponents with error bars, from {short(float(values[0]))} down to"
        f" {short(float(values[-1]))} per {long_unit(own.unit)}; {int((values > 0).sum())} above zero."
    )
    ticks = tuple(range(1, count + 1)) if count <= 8 else None
    along = Axis("index i", 0.4, count + 0.6, ticks=ticks)
    figure = Figure(along, Axis(f"λᵢ per {long_unit(own.unit)}", low, high), words)
    figure.rule(y=0.0)
    figure.bars(index, values - half, values + half, "muted")
    up, down, dead = values > half, values < -half, np.isneginf(values)
    classes = ((up, "first", "diamond", "grows"), (~(up | down), "start", "square", "not told from 0"),
               (down, "second", "disc", "shrinks"))  # fmt: skip
    for these, role, shape, said in classes:
        if these.any():
            figure.points(index[these], values[these], role, shape=shape)
            figure.keys.append(Key(role, shape, said))
    if dead.any():
        figure.points(index[dead], np.full(int(dead.sum()), low + 0.03 * (high - low)), "second", shape="below")
        figure.keys.append(Key("second", "below", "−∞"))
    figure.keys.append(Key("muted", "line", "± 2 standard errors"))
    return figure


def gradients(page: Report) -> Figure | None:
    """Log-norm of the product of Jacobians against the lag, stretch by stretch, with the fitted slope."""
    own = page.gradients
    if own is None or len(own.lags) < 2:
        return None
    with np.errstate(invalid="ignore"):
        mean = own.log_norms.mean(axis=0)
    end, rate = float(own.lags[-1]), own.slope * own.time_step
    drawn = [own.log_norms, np.zeros(1)]
    fitted = math.isfinite(rate) and math.isfinite(mean[-1])
    line = np.array([mean[-1] - rate * end, mean[-1]]) if fitted else np.empty(0)
    slope = with_error(own.slope, own.stderr, own.unit)
    words = f"Logarithm of the norm of gradients against the lag, to lag {int(end)}: its slope is {slope}."
    up = Axis("ln ‖∂x(T)/∂x(T−lag)‖", *limits_around(*drawn, line))
    figure = Figure(Axis("lag in steps", 0.0, end), up, words)
    figure.rule(y=0.0)
    if len(own.log_norms) > 1:
        for each in own.log_norms:
            figure.line(own.lags, each, "arrow", width=0.9)
        kind = "each sequence" if page.drive is not None and page.drive.sequences > 1 else "each stretch of orbit"
        figure.keys.append(Key("arrow", "line", kind))
    figure.line(own.lags, mean, "orbit", width=2.2)
    figure.keys.append(Key("orbit", "line", "mean"))
    if fitted:
        figure.line([0.0, end], line, "first", shape="dashes")
        figure.keys.append(Key("first", "dashes", f"slope {measured(own.slope, own.stderr)}"))
    return figure


def eigenvalues_of_weights(page: Report) -> Figure | None:
    """Eigenvalues of the recurrent weights with the unit circle."""
    own = page.weights
    if own is None:
        return None
    shown = list(own.by_name.items())[: len(_MATRICES)]
    reach = 1.12 * max(1.0, *(float(np.abs(values).max()) for _, values in shown))
    names = ", ".join(f"{name} within {short(float(np.abs(values).max()))}" for name, values in shown)
    figure = _plane(reach, f"Eigenvalues of the recurrent weights in the complex plane: {names} of zero; unit circle.")
    figure.keys.append(Key("ink", "line", "unit circle"))
    for (role, shape), (name, values) in zip(_MATRICES, shown, strict=False):
        figure.points(values.real, values.imag, role, shape=shape)
        figure.keys.append(Key(role, shape, name))
    figure.circle(1.0)
    return figure


def eigenvalues_of_points(page: Report) -> Figure | None:
    """Eigenvalues of the Jacobian at the fixed points, with the border of stability."""
    own = page.fixed_points
    if own is None or not len(own):
        return None
    flow = own.unit == "time"
    order = np.argsort(-own.hits, kind="stable")[:_POINTS]
    values, kinds = own.eigenvalues[order], own.kinds[order]
    border = "the imaginary axis" if flow else "the unit circle"
    words = f"Eigenvalues of the Jacobian at {len(order)} of {len(own)} fixed points in the complex plane; {border}."
    figure = _plane(1.12 * max(1.0 if not flow else 0.1, float(np.abs(values).max())), words)
    figure.keys.append(Key("ink", "line", border.removeprefix("the ")))
    for kind, (role, shape) in _KINDS.items():
        these = values[np.char.startswith(kinds.astype(str), kind)].ravel()
        if len(these):
            figure.points(these.real, these.imag, role, shape=shape)
            figure.keys.append(Key(role, shape, _AT[kind]))
    if flow:
        figure.line([0.0, 0.0], [figure.y.low, figure.y.high], "ink", width=1.3)
    else:
        figure.circle(1.0)
    return figure


def _plane(reach: float, words: str) -> Figure:
    return Figure(Axis("Re μ", -reach, reach), Axis("Im μ", -reach, reach), words, equal=True)


CHARTS = {
    "weights": eigenvalues_of_weights,
    "spectrum": spectrum,
    "gradients": gradients,
    "fixed_points": eigenvalues_of_points,
}
