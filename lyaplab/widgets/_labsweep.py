"""What comes of each run, against tau: every seed, the medians, and where the data's own horizon lies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lyaplab.widgets._labattractor import DATA, LEARNT
from lyaplab.widgets._scene import limits_around
from lyaplab.widgets._stage import Axis, Stage

__all__ = ["MEASURES", "Point", "SweepPlane"]

Array = NDArray[np.float64]

MEASURES = ("distance", "exponent", "gradient")
"""What is drawn against tau: D_stsp, the largest exponent, the largest gradient norm."""

_SIZE = (390, 364)
_TITLES = {"distance": "D_stsp, nats", "exponent": "λ₁ per {unit}", "gradient": "largest gradient norm"}
_LEVELS = {"distance": "data against data", "exponent": "λ₁ of the data", "gradient": None}
# A free run that leaves the range of floats has no distance: it is drawn at the upper edge.
_EDGE = 0.04
# An axis of logarithms is at least so many decades long: a shorter one has hardly a round number to be ticked at.
_DECADES = 2.0


class Point(NamedTuple):
    """One run: its tau and seed, whether it was made here, and what came of it; NaN where that is not known."""

    tau: int
    seed: int
    own: bool
    distance: float
    exponent: float
    gradient: float


class SweepPlane:
    """The figure.

    Parameters
    ----------
    longest : int
        Largest tau.
    unit : str
        Of exponents, in words.
    dragged : callable
        Takes a tau, while the hand moves it.
    """

    def __init__(self, longest: int, unit: str, dragged: Callable[[int], None]) -> None:
        self._unit, self._longest = unit, longest
        self._tau, self._measure = 1, ""
        x = Axis("τ, steps between forced states", -0.12, np.log10(longest) + 0.12, powers=True)
        self.stage = stage = Stage(x=x, y=Axis("", -1, 1), width=_SIZE[0], height=_SIZE[1])
        stage.rule("horizon", x=0.0, role="muted", label="τ_pred", dashed=True)
        stage.rule("level", y=0.0, role=DATA, label="data against data", dashed=True, width=1.6)
        stage.line("medians", role=LEARNT, label="median", width=1.4)
        stage.points("shipped", role=LEARNT, marker="ring", label="run")
        stage.points("own", role=LEARNT, label="your run")
        stage.points("shown", role="start", marker="ring", label="shown")
        stage.handle(
            "tau", label="drag τ", along="x", on_move=lambda x, _: dragged(int(np.clip(round(10.0**x), 1, longest))),
            on_release=lambda *_: self._show_handle(),
        )  # fmt: skip

    def show(
        self, points: Sequence[Point], *, measure: str, level: float, tau_pred: float, shown: Point | None
    ) -> None:
        """Show the runs.

        Parameters
        ----------
        points : sequence of Point
        measure : str
            One of `MEASURES`.
        level : float
            What the data themselves come to; NaN for nothing.
        tau_pred : float
            Steps in which a small error doubles.
        shown : Point or None
            The one whose network is on show.
        """
        logs = measure != "exponent"
        taus = np.log10([point.tau for point in points]) if points else np.empty(0)
        values = np.array([getattr(point, measure) for point in points], dtype=float)
        if logs:
            with np.errstate(divide="ignore", invalid="ignore"):
                values, level = np.log10(values), float(np.log10(level)) if level > 0 else np.nan
        values[~np.isfinite(values)] = np.nan
        own = np.array([point.own for point in points], dtype=bool)
        with self.stage.redraw() as stage:
            self._frame(stage, measure, values, level)
            stage.place_rule("horizon", x=float(np.log10(tau_pred)) if np.isfinite(tau_pred) else -9.0)
            stage.show("medians", *_medians(taus[~own], values[~own]))
            stage.show("shipped", taus[~own], values[~own])
            stage.show("own", taus[own], values[own])
            seen = [] if shown is None else [i for i, point in enumerate(points) if point == shown]
            stage.show("shown", taus[seen], values[seen])
            self._show_handle()

    def show_tau(self, tau: int) -> None:
        """Put the handle at a tau."""
        self._tau = tau
        self._show_handle()

    def _frame(self, stage: Stage, measure: str, values: Array, level: float) -> None:
        """Set title, limits and level; a level that is not known lies below the figure."""
        known = [level] if np.isfinite(level) else []
        low, high = limits_around(values, known) if len(known) or np.isfinite(values).any() else (-1.0, 1.0)
        if measure != "exponent":
            more = max(0.0, _DECADES - (high - low)) / 2.0
            low, high = low - more, high + more
        room = 0.06 * (high - low)  # the handle lies on the lower edge
        low = low - room
        if measure != self._measure:
            self._measure = measure
            stage.powers(y=measure != "exponent")
            stage.rename(y=_TITLES[measure].format(unit=self._unit))
            stage.relabel("level", _LEVELS[measure])
        stage.limits(y=(low, high))
        stage.place_rule("level", y=level if np.isfinite(level) else low - 1.0)

    def _show_handle(self) -> None:
        scene = self.stage.scene()
        self.stage.show("tau", np.log10(self._tau), scene.y.low + _EDGE * scene.y.span)


def _medians(taus: Array, values: Array) -> tuple[Array, Array]:
    """Give the median of each tau that has one."""
    places = np.unique(taus)
    middles = [np.nanmedian(values[taus == place]) if np.isfinite(values[taus == place]).any() else np.nan
               for place in places]  # fmt: skip
    return places, np.array(middles)
