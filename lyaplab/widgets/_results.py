"""Small widgets that show one result of the engine: what `Result.show()` gives.

A result does not change, so there are no controls: one figure, one sentence, and a still picture beside the live one
for places without a kernel.
"""

from __future__ import annotations

import base64
import html
from collections.abc import Callable
from typing import Any

import ipywidgets as W
import numpy as np

from lyaplab.engine.basins import Basins
from lyaplab.engine.fixed_points import FixedPoints
from lyaplab.engine.gradients import GradientNorms
from lyaplab.engine.lyapunov import Spectrum
from lyaplab.widgets._closing import close_tree
from lyaplab.widgets._palette import BASINS, basin_role, tint
from lyaplab.widgets._stage import Axis, Stage
from lyaplab.widgets._still import to_png
from lyaplab.widgets._style import style

__all__ = ["ResultView", "result_view"]

# Curves of more exponents than this are drawn for the leading ones only.
_CURVES = 12
# Marker and role of a fixed point, by the first word of its kind: the shape says it without the colour.
_KINDS = {"stable": "disc", "saddle": "diamond", "unstable": "square", "marginal": "ring"}


class ResultView(W.VBox):
    """One result as a figure and a sentence.

    Parameters
    ----------
    stages : list of Stage
        Figures, side by side where there is room.
    words : str
        The result in words.
    """

    def __init__(self, stages: list[Stage], words: str) -> None:
        self.stages = tuple(stages)
        self.words = words
        figures = W.HBox([stage.box for stage in stages])
        figures.add_class("lyap-figures")
        text = W.HTML(html.escape(words))
        text.add_class("lyap-words")
        super().__init__([style(), figures, text])
        for name in ("lyap", "lyap-card"):
            self.add_class(name)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle = super()._repr_mimebundle_(**kwargs)
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        picture = to_png([stage.scene() for stage in self.stages])
        data["image/png"] = base64.b64encode(picture).decode("ascii")
        data["text/plain"] = self.words
        return bundle

    def close(self) -> None:
        """Close every part."""
        for stage in self.stages:
            stage.close()
        close_tree(self, keep=(style(),))


def result_view(result: Any) -> ResultView:
    """Return the view of a result.

    Raises
    ------
    TypeError
        If there is none for results of this kind.

    Examples
    --------
    >>> import lyaplab as ll
    >>> view = ll.Model("henon").lyapunov_spectrum(5000).show()
    >>> view.words[:8]
    'Spectrum'
    """
    for kind, draw in _VIEWS.items():
        if isinstance(result, kind):
            return ResultView(draw(result), repr(result))
    raise TypeError(f"there is no view for a {type(result).__name__}")


def _spectrum(result: Spectrum) -> list[Stage]:
    """Convergence of the leading exponents with their final error, and the spectrum over the index."""
    shown = min(len(result.exponents), _CURVES)
    finite = result.history[:, :shown][np.isfinite(result.history[:, :shown])]
    low, high = _limits(finite)
    unit = "step" if result.unit == "step" else "unit of time"
    time = "steps" if result.unit == "step" else "time"
    along = Axis(time, 0.0, float(result.times[-1]))
    running = Stage(x=along, y=Axis(f"λ per {unit}", low, high), width=460, height=320)
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
    low, high = _limits(result.exponents[np.isfinite(result.exponents)])
    whole = Stage(x=Axis("index i", 0.5, count + 0.5), y=Axis(f"λᵢ per {unit}", low, high), width=300, height=320)
    whole.rule("zero", y=0.0, dashed=True)
    whole.dots("exponents", role="orbit", size=6 if count < 60 else 3)
    whole.show("exponents", np.arange(1, count + 1), result.exponents)
    return [running, whole]


def _gradients(result: GradientNorms) -> list[Stage]:
    """Log of the norm against the lag, with the fitted slope through its last point."""
    finite = result.log_norms[np.isfinite(result.log_norms)]
    low, high = _limits(finite)
    last = float(result.lags[-1])
    stage = Stage(x=Axis("lag in steps", 0.0, last), y=Axis("log ‖∂x(T)/∂x(T−lag)‖", low, high), width=520, height=320)
    stage.line("norms", role="orbit", label="product of Jacobians", width=2.2)
    stage.line("slope", role="first", label=f"slope {result.slope:.4g} per {result.unit}", dashed=True)
    with stage.redraw():
        stage.show("norms", result.lags, result.log_norms)
        if np.isfinite(result.slope) and len(finite):
            # The slope is per unit; the axis counts steps.
            rise = result.slope * result.time_step
            stage.show("slope", [0.0, last], [result.log_norms[-1] - rise * last, result.log_norms[-1]])
    return [stage]


def _fixed_points(result: FixedPoints) -> list[Stage]:
    """The points in their first two coordinates, and all eigenvalues in the complex plane."""
    points = result.points if len(result) else np.zeros((0, 1))
    second = points[:, 1] if points.shape[1] > 1 else np.zeros(len(points))
    x, y = (points[:, 0] if len(points) else np.zeros(0)), second
    across, up = _limits(x), _limits(y)
    plane = Stage(x=Axis("x₁", *across), y=Axis("x₂" if points.shape[1] > 1 else "", *up), width=360, height=320)
    eigenvalues = result.eigenvalues.ravel()
    circle = np.exp(2j * np.pi * np.linspace(0, 1, 200))
    flow = result.unit == "time"
    reach = max(1.2, float(np.abs(eigenvalues).max(initial=0.0)) * 1.1)
    values = Stage(x=Axis("Re", -reach, reach), y=Axis("Im", -reach, reach), width=360, height=320, equal=True)
    if flow:
        values.rule("border", x=0.0, label="Re = 0")
    else:
        values.line("border", role="muted", label="unit circle", width=1.2)
        values.show("border", circle.real, circle.imag)
    for word, marker in _KINDS.items():
        chosen = np.array([kind.startswith(word) for kind in result.kinds], dtype=bool)
        if not chosen.any():
            continue
        role = word if word != "marginal" else "warn"
        many = int(chosen.sum()) > 300 or eigenvalues.size > 300
        for stage, (a, b) in (
            (plane, (x[chosen], y[chosen])),
            (values, (result.eigenvalues[chosen].real.ravel(), result.eigenvalues[chosen].imag.ravel())),
        ):
            if many:
                stage.dots(word, role=role, label=word, size=4)
            else:
                stage.points(word, role=role, marker=marker, label=word)  # type: ignore[arg-type]
            stage.show(word, a, b)
    return [plane, values]


def _basins(result: Basins) -> list[Stage]:
    """The raster with its attractors."""
    stage = Stage(
        x=Axis("x₁", float(result.low[0]), float(result.high[0])),
        y=Axis("x₂", float(result.low[1]), float(result.high[1])),
        width=460,
        height=420,
    )
    stage.raster("basins")
    stage.points("attractors", role="stable", marker="disc", label="stable")
    colours = np.array([*(tint(basin_role(i)) for i in range(BASINS)), (0, 0, 0, 0)], dtype=np.uint8)
    index = np.where(result.labels < 0, BASINS, result.labels % BASINS)
    with stage.redraw():
        stage.show_raster(
            "basins", colours[index], x=(result.low[0], result.high[0]), y=(result.low[1], result.high[1])
        )
        if len(result.attractors):
            stage.show("attractors", result.attractors[:, 0], result.attractors[:, 1])
    return [stage]


_VIEWS: dict[type, Callable[[Any], list[Stage]]] = {
    Spectrum: _spectrum,
    GradientNorms: _gradients,
    FixedPoints: _fixed_points,
    Basins: _basins,
}


def _limits(values: Any) -> tuple[float, float]:
    """Limits of an axis around the values, never of width zero."""
    values = np.asarray(values, dtype=float)
    if values.size == 0:
        return -1.0, 1.0
    low, high = float(values.min()), float(values.max())
    margin = 0.08 * (high - low) or 0.1 * max(1.0, abs(high))
    return low - margin, high + margin

