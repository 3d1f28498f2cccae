"""The largest exponent against gain: theory, this network, and many others of one or two sizes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from lyaplab.widgets._gainsweep import Swept
from lyaplab.widgets._parting import HEIGHT, WIDTH
from lyaplab.widgets._random_network import LEAST_GAIN, MOST_GAIN
from lyaplab.widgets._scene import Marker
from lyaplab.widgets._shapes import joined
from lyaplab.widgets._stage import Axis, Stage
from lyaplab.widgets._transition import Estimate

__all__ = ["GainPlane"]

Array = NDArray[np.float64]

# The axis goes on by so much at both ends: there is room for the whole of the handle.
_MARGIN = 0.06


# What shows networks of each size: the name of the marks, their colour, their shape.
_SIZES: tuple[tuple[str, str, Marker], ...] = (("mine", "first", "disc"), ("other", "third", "diamond"))


class GainPlane:
    """A stage with gain along, the largest exponent up, and a handle that turns the gain.

    Parameters
    ----------
    flow : bool
    dragged : callable
        Takes the gain that the handle was dragged to.
    """

    def __init__(self, *, flow: bool, dragged: Callable[[float], None]) -> None:
        self._low, self._high = (-0.66, 0.26) if flow else (-0.62, 0.36)
        along = Axis("gain g", LEAST_GAIN - _MARGIN, MOST_GAIN + _MARGIN, always=(1.0,))
        up = Axis(f"λ per {'unit of time' if flow else 'step'}", self._low, self._high)
        self.stage = stage = Stage(x=along, y=up, width=WIDTH, height=HEIGHT)
        stage.rule("zero", y=0.0, role="muted", width=1.2)
        stage.rule("one", x=1.0, role="muted", dashed=True)
        stage.line("now", role="start", width=1.4, table=False)
        stage.line("theory", role="second", label="theory N → ∞", width=2.2)
        for name, role, marker in _SIZES:
            stage.dots(f"{name}-seeds", role=role, size=2.6)
            stage.line(f"{name}-bars", role=role, width=1.6, table=False)
            stage.points(name, role=role, marker=marker)
        stage.line("this-bar", role="start", width=2.2, table=False)
        stage.points("this", role="start", marker="ring", label="this one")
        stage.handle("gain", role="start", label="drag the gain", along="x", on_move=lambda x, _: dragged(x))

    def show_theory(self, gains: Array, exponents: Array) -> None:
        """Show what the infinite network does."""
        self.stage.show("theory", gains, exponents)

    def show_gain(self, gain: float, exponent: Estimate | None) -> None:
        """Show the gain as it is, and the exponent of the network on show with two standard errors."""
        low, high = min(LEAST_GAIN, gain) - _MARGIN, max(MOST_GAIN, gain) + _MARGIN
        value, half = (np.nan, np.nan) if exponent is None else (exponent.value, 2 * np.nan_to_num(exponent.stderr))
        with self.stage.redraw() as stage:
            stage.limits(x=(low, high))
            stage.show("now", [gain, gain], [self._low, self._high])
            stage.show("this-bar", [gain, gain], [value - half, value + half])
            stage.show("this", [gain], [value])
            stage.show("gain", gain, self._low + 0.045 * (self._high - self._low))

    def show_sweep(self, sizes: tuple[int, ...], known: tuple[Swept, ...]) -> None:
        """Show what is known of many networks of these sizes; the legend names them also before."""
        names = ("mine", "other")
        with self.stage.redraw() as stage:
            for name, size in zip(names, (*sizes, None), strict=False):
                stage.relabel(name, None if size is None else f"N = {size}")
            for name in names[len(known) :]:
                stage.hide(name, f"{name}-seeds", f"{name}-bars")
            for name, swept in zip(names, known, strict=False):
                mean, half = swept.mean, 2 * swept.stderr
                each = np.repeat(swept.gains, swept.exponents.shape[1])
                bars = [[[g, m - h], [g, m + h]] for g, m, h in zip(swept.gains, mean, half, strict=True)]
                stage.show(f"{name}-seeds", each, swept.exponents.ravel())
                stage.show(f"{name}-bars", *joined(bars))
                stage.show(name, swept.gains, mean)
