"""The stage of a cobweb: the curve of a map of one variable, the diagonal, and the orbit between them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from lyaplab.model import Model
from lyaplab.widgets._labels import Labels
from lyaplab.widgets._reading import short
from lyaplab.widgets._scene import Marker
from lyaplab.widgets._shapes import staircase
from lyaplab.widgets._stage import Axis, Stage

__all__ = ["CURVE_POINTS", "Web", "curve_of", "near"]

Array = NDArray[np.float64]

CURVE_POINTS = 401
# kind of a fixed point, its marker, its colour
KINDS: tuple[tuple[str, Marker, str], ...] = (
    ("stable", "disc", "stable"),
    ("unstable", "square", "unstable"),
    ("marginal", "ring", "saddle"),
)


class Web:
    """The marks of a cobweb.

    Parameters
    ----------
    state : str
        Name of the state variable.
    window : (float, float)
        What both axes span.
    width, height : int
        In pixels.
    dragged : callable, optional
        Takes (x, y) of the start that moves; without it there is nothing to drag.

    Attributes
    ----------
    stage : Stage
    """

    def __init__(
        self,
        state: str,
        window: tuple[float, float],
        *,
        width: int,
        height: int,
        dragged: Callable[[float, float], None] | None = None,
    ) -> None:
        self._window = window
        now, then = Axis(f"{state}ₜ", *window), Axis(f"{state}ₜ₊₁", *window)
        self.stage = stage = Stage(x=now, y=then, width=width, height=height)
        stage.rule("diagonal", role="muted", slope=1.0, through=(0.0, 0.0), dashed=True)
        stage.line("curve", role="first", label="F", width=2.6)
        stage.line("stairs", role="orbit", width=1.4)
        stage.line("last", role="second", width=3.0)
        for name, marker, role in KINDS:
            stage.points(name, role=role, marker=marker, label=None if name == "marginal" else name)
        stage.dots("visits", role="orbit", size=6)
        self._slopes = Labels(stage, "slopes", lines={"curve": 4.0, "diagonal": 3.0, "stairs": 1.0})
        if dragged is not None:
            stage.handle("start", role="start", label="drag me", along="x", on_move=dragged)

    def frame(self, window: tuple[float, float]) -> None:
        """Set what both axes span."""
        if window != self._window:
            self._window = window
            self.stage.limits(x=window, y=window)

    def show_orbit(self, curve: tuple[Array, Array], orbit: Array, *, start: float | None = None) -> None:
        """Show the curve and an orbit's stairs.

        Parameters
        ----------
        curve : pair of ndarray
        orbit : ndarray, shape (T,)
        start : float, optional
            Where the orbit starts: its stairs begin at the axis, and its last step is marked. Without it the orbit has
            settled, and is seen where it is even when it moves no more.
        """
        low, high = self._window
        across, up = staircase(near(orbit, self._window))
        with self.stage.redraw() as stage:
            stage.show("curve", *curve)
            if start is not None:
                # the first step begins at the axis, where the start is grabbed
                across, up = np.append(across[0], across[1:]), np.append(low, up[1:])
                stage.show("last", across[-3:], up[-3:])
                stage.show("start", start, low + 0.03 * (high - low))
            else:
                stage.show("visits", orbit[:-1], orbit[1:])
            stage.show("stairs", across, up)

    def show_fixed_points(self, places: Array, slopes: Array, kinds: Sequence[str]) -> None:
        """Show where the curve meets the diagonal, by kind, with the slope there."""
        with self.stage.redraw() as stage:
            for name, _, _ in KINDS:
                chosen = places[np.array([kind == name for kind in kinds], dtype=bool)]
                stage.show(name, chosen, chosen)
            self._slopes.show(places, places, [f"slope {short(slope)}" for slope in slopes])


def curve_of(model: Model, window: tuple[float, float]) -> tuple[Array, Array]:
    """Give the curve of a map of one variable within a window."""
    x = np.linspace(*window, CURVE_POINTS)
    return x, model.step(x[:, None])[:, 0]


def near(orbit: Array, window: tuple[float, float]) -> Array:
    """Keep what is drawn of an orbit that runs away within a few windows: the page computes in float32."""
    low, high = window
    return np.clip(orbit, low - 9 * (high - low), high + 9 * (high - low))
