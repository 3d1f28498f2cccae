"""Figures of results that are rates: exponents and the curves that they are read off."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lyaplab.engine.cross_check import TwoTrajectories
from lyaplab.engine.from_data import SeriesExponent
from lyaplab.engine.gradients import GradientNorms
from lyaplab.engine.horizons import GradientHorizons
from lyaplab.engine.lyapunov import Spectrum
from lyaplab.widgets._convergence import widening
from lyaplab.widgets._reading import measured
from lyaplab.widgets._scene import limits_around
from lyaplab.widgets._stage import Axis, Stage

Array = NDArray[np.float64]

# Curves of more exponents than this are drawn for the leading ones only.
_CURVES = 12
_HEIGHT = 320
# The beginning of a run says little, and would set the scale of the whole figure.
_BEGINNING = 0.04
# An axis goes on a little beyond its last tick, whose number would be cut off.
_ROOM = 0.04


def spectrum(result: Spectrum) -> list[Stage]:
    """Convergence of the leading exponents with their final error, and the spectrum over the index."""
    shown = min(len(result.exponents), _CURVES)
    low, high = limits_around(result.history[:, :shown])
    along = Axis(_time(result.unit), 0.0, float(result.times[-1]))
    running = Stage(x=along, y=Axis(f"λ per {_one(result.unit)}", low, high), width=460, height=_HEIGHT)
    running.rule("zero", y=0.0, dashed=True)
    for i in range(shown):
        running.band(f"error-{i}", role="second")
        running.line(f"exponent-{i}", role="orbit" if i else "first", width=1.6)
    with running.redraw():
        for i in range(shown):
            if np.isfinite(result.exponents[i]):
                value, error = result.exponents[i], np.nan_to_num(result.stderr[i])
                ends = result.times[[0, -1]]
                running.show_band(f"error-{i}", ends, [value - error] * 2, [value + error] * 2)
                running.show(f"exponent-{i}", result.times, result.history[:, i])
    count = len(result.exponents)
    up = Axis(f"λᵢ per {_one(result.unit)}", *limits_around(result.exponents))
    # Exponents are counted: where there are few, each has its tick.
    ticks = tuple(range(1, count + 1)) if count <= 8 else None
    whole = Stage(x=Axis("index i", 0.5, count + 0.5, ticks=ticks), y=up, width=300, height=_HEIGHT)
    whole.rule("zero", y=0.0, dashed=True)
    whole.dots("exponents", role="orbit", size=6 if count < 60 else 3)
    whole.show("exponents", np.arange(1, count + 1), result.exponents)
    return [running, whole]


def two_trajectories(result: TwoTrajectories) -> list[Stage]:
    """The distance as it would be had nobody brought the second back, and the running slope with its error."""
    times, value = result.times, result.exponent
    error = float(np.nan_to_num(result.stderr))
    end = float(times[-1])
    powers = np.concatenate([[0.0], result.history * times]) / np.log(10.0)
    since = np.concatenate([[0.0], times])
    grown = Stage(
        x=Axis(_time(result.unit), 0.0, end),
        y=Axis("growth of the distance, powers of ten", *limits_around(powers, 0.0)),
        width=460, height=_HEIGHT,
    )  # fmt: skip
    grown.rule("zero", y=0.0, dashed=True)
    grown.line("distance", role="orbit", label="distance", width=2.6)
    grown.line("slope", role="first", label=f"slope {measured(value, error)} per {_one(result.unit)}", dashed=True)
    half = widening(times, error)
    # The beginning, which scatters most, may leave the figure.
    settled = times >= _BEGINNING * end
    height = limits_around((result.history - half)[settled], (result.history + half)[settled])
    running = Stage(
        x=Axis(_time(result.unit), 0.0, end), y=Axis(f"λ per {_one(result.unit)}", *height), width=400, height=_HEIGHT
    )
    running.rule("zero", y=0.0, dashed=True)
    running.band("sure", role="second", label="± 2 standard errors")
    running.line("estimate", role="orbit", label="running estimate", width=2.0)
    running.line("value", role="first", dashed=True)
    with grown.redraw(), running.redraw():
        grown.show("distance", since, powers)
        if np.isfinite(value):
            grown.show("slope", [0.0, end], [0.0, value * end / np.log(10.0)])
            running.show_band("sure", times, value - half, value + half)
            running.show("estimate", times, result.history)
            running.show("value", [0.0, end], [value, value])
    return [grown, running]


def gradients(result: GradientNorms) -> list[Stage]:
    """Log of the norm against the lag, with the fitted slope through its last point."""
    last = float(result.lags[-1])
    up = Axis("ln norm of the product", *limits_around(result.log_norms))
    stage = Stage(x=Axis("lag in steps", 0.0, last), y=up, width=560, height=_HEIGHT)
    stage.line("norms", role="orbit", label="product of Jacobians", width=2.2)
    slope = measured(result.slope, result.stderr)
    stage.line("slope", role="first", label=f"slope {slope} per {_one(result.unit)}", dashed=True)
    with stage.redraw():
        stage.show("norms", result.lags, result.log_norms)
        if np.isfinite(result.slope) and np.isfinite(result.log_norms[-1]):
            # The slope is per unit; the axis counts steps.
            rise = result.slope * result.time_step
            stage.show("slope", [0.0, last], [result.log_norms[-1] - rise * last, result.log_norms[-1]])
    return [stage]


def horizons(result: GradientHorizons) -> list[Stage]:
    """By the first state against the horizon, where a rate is a slope; by the weights against its logarithm."""
    T = result.horizons.astype(float)
    last, rate = float(T[-1]), result.exponent * result.time_step
    error = 2.0 * float(np.nan_to_num(result.exponent_stderr)) * result.time_step
    ends = np.array([0.0, last])
    slope = rate * ends if np.isfinite(rate) else 0.0 * ends
    height = limits_around(result.log_norms, slope - error * ends, slope + error * ends)
    along = Axis("horizon T, steps", 0.0, (1.0 + _ROOM) * last, most=5)
    state = Stage(x=along, y=Axis("ln norm, by the first state", *height), width=430, height=_HEIGHT)
    state.band("sure", role="second")
    exponent = measured(result.exponent, result.exponent_stderr)
    state.line("state", role="orbit", label="of the state", width=2.6)
    state.line("slope", role="first", label=f"slope {exponent} per {_one(result.unit)}", width=2.0, dashed=True)
    with state.redraw():
        state.show_band("sure", ends, slope - error * ends, slope + error * ends)
        state.show("state", T, _finite(result.log_norms))
        state.show("slope", ends, slope)
    return [state] if result.lacking else [state, _by_weights(result)]


def _by_weights(result: GradientHorizons) -> Stage:
    """Derivatives by the weights against the logarithm of the horizon, with what grows like the horizon itself."""
    powers = np.log10(result.horizons)
    tangents, slopes = _finite(result.log_tangents), _finite(result.log_gradients)
    end = max(float(powers[-1]), 0.1)
    along = Axis("horizon T, powers of ten", 0.0, (1.0 + _ROOM) * end, most=5)
    up = Axis("ln norm, by the weights", *limits_around(tangents, slopes))
    stage = Stage(x=along, y=up, width=430, height=_HEIGHT)
    stage.line("like T", role="muted", label="like T", width=1.4, dashed=True)
    stage.line("gradient", role="first", label="of the loss", width=1.6)
    stage.line("tangent", role="second", label="of the state", width=2.6)
    with stage.redraw():
        start = float(tangents[0]) if np.isfinite(tangents[0]) else 0.0
        stage.show("like T", [0.0, end], [start, start + end * np.log(10.0)])
        stage.show("gradient", powers, slopes)
        stage.show("tangent", powers, tangents)
    return stage


def series(result: SeriesExponent) -> list[Stage]:
    """The mean log-distance of neighbours with its scatter, the part that counts, and its slope."""
    curve, scatter = result.curve, 2.0 * np.nan_to_num(result.scatter)
    low, high = limits_around(curve - scatter, curve + scatter, result.saturation)
    along = Axis(_time(result.unit), 0.0, float(result.times[-1]))
    up = Axis("mean ln distance, in standard deviations", low, high)
    stage = Stage(x=along, y=up, width=640, height=380)
    stage.band("region", role="muted", label=None if result.region is None else result.verdict)
    stage.rule("strangers", y=result.saturation, dashed=True, label="strangers")
    stage.band("scatter", role="second", label="± 2 standard errors")
    stage.line("curve", role="orbit", label="neighbours", width=2.4)
    slope = f"slope {measured(result.exponent, result.stderr)} per {_one(result.unit)}"
    stage.line("slope", role="first", label=None if result.region is None else slope, width=2.2, dashed=True)
    with stage.redraw():
        stage.show_band("scatter", result.times, curve - scatter, curve + scatter)
        stage.show("curve", result.times, curve)
        if result.region is not None:
            stage.show_band("region", result.region, [low, low], [high, high])
            stage.show("slope", *_through(result))
    return [stage]


def _through(result: SeriesExponent) -> tuple[Array, Array]:
    """The straight line of the region, drawn a little beyond both its ends: it would hide under the curve."""
    assert result.region is not None
    inside = (result.times >= result.region[0]) & (result.times <= result.region[1])
    middle, height = result.times[inside].mean(), result.curve[inside].mean()
    beyond = 0.25 * (result.region[1] - result.region[0])
    times = np.array([max(0.0, result.region[0] - beyond), min(result.times[-1], result.region[1] + beyond)])
    return times, height + result.exponent * (times - middle)


def _finite(logs: Array) -> Array:
    """Leave out what has vanished altogether."""
    return np.where(np.isfinite(logs), logs, np.nan)


def _time(unit: str) -> str:
    return "steps" if unit == "step" else "time"


def _one(unit: str) -> str:
    return "step" if unit == "step" else "unit of time"
