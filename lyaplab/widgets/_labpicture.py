"""The figures of the forcing lab and how they are arranged."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import ipywidgets as W
import numpy as np
from numpy.typing import NDArray

from lyaplab.engine.embedding import choose_lag
from lyaplab.report.phrases import long_unit
from lyaplab.widgets._labattractor import Attractors, in_space
from lyaplab.widgets._labcurves import Beside, Course, Ladder
from lyaplab.widgets._lablook import STEPS, Look
from lyaplab.widgets._labsweep import Point, SweepPlane
from lyaplab.widgets._labsystem import LabSystem
from lyaplab.widgets._stage import Stage
from lyaplab.widgets._turning import seen_from

__all__ = ["FIGURES", "LabPicture"]

Array = NDArray[np.float64]

FIGURES = ("attractors", "series", "spectrum", "sweep", "course")
"""What may be hidden."""

# Steps of more than so many standard deviations in the mean are jumps.
_JUMP = 0.5
# Times of tau_pred that a free run is drawn beside the data.
_HORIZONS = 12
_LEAST, _MOST, _USUAL = 60, 2000, 600


class LabPicture:
    """Attractors on top, a free run and the spectra below, then all runs against tau, and the course of one.

    Parameters
    ----------
    system : LabSystem
    wanted : callable
        Tells by name which of `FIGURES` is to be there.
    dragged : callable
        Takes a tau.
    """

    def __init__(self, system: LabSystem, *, wanted: Callable[[str], bool], dragged: Callable[[int], None]) -> None:
        series = system.series
        self._system, self._wanted = system, wanted
        values = system.test.values[len(system.test) // 2 :][:STEPS]
        self._lag = choose_lag(values[:, 0]) if values.shape[1] == 1 else 0
        self._data = in_space(values, self._lag)
        self.names = _axes(series.names, self._lag)
        unit = long_unit(system.unit)
        jumps = np.abs(np.diff(self._data, axis=0)).mean() > _JUMP
        self.attractors = Attractors(self.names, self._data, smooth=not jumps)
        self.beside, self.course = Beside(series.names[0]), Course()
        self.ladder = Ladder(unit)
        self.sweep = SweepPlane(int(system.knobs["tau"].high), unit, dragged)
        self._length = self._long(system.tau_pred, len(values))

    @staticmethod
    def _long(tau_pred: float, rows: int) -> int:
        usual = _HORIZONS * tau_pred if np.isfinite(tau_pred) else _USUAL
        return min(rows, int(np.clip(usual, _LEAST, _MOST)))

    @property
    def stages(self) -> tuple[Stage, ...]:
        """All stages, shown or not."""
        return (
            *self.attractors.stages, self.beside.stage, self.ladder.stage, self.sweep.stage, *self.course.stages,
        )  # fmt: skip

    @property
    def seen(self) -> list[Stage]:
        """The stages that are on show."""
        there: list[tuple[str, Sequence[Stage]]] = [
            ("attractors", self.attractors.seen), ("series", [self.beside.stage]), ("spectrum", [self.ladder.stage]),
            ("sweep", [self.sweep.stage]), ("course", self.course.stages),
        ]  # fmt: skip
        return [stage for name, stages in there if self._wanted(name) for stage in stages]

    def boxes(self) -> Sequence[W.Widget]:
        """Arrange them."""
        course = W.VBox([stage.box for stage in self.course.stages])
        rows = [
            [("attractors", self.attractors.row, "lyap-wide")],
            [("series", self.beside.stage.box, "lyap-long"), ("spectrum", self.ladder.stage.box, "lyap-short")],
            [("sweep", self.sweep.stage.box, "lyap-half"), ("course", course, "lyap-half")],
        ]
        stack = []
        for row in rows:
            kept = [(box, name) for key, box, name in row if self._wanted(key)]
            for box, name in kept:
                box.add_class(name)
            line = W.HBox([box for box, _ in kept])
            line.add_class("lyap-figures-row")
            stack += [line] if kept else []
        whole = W.VBox(stack)
        whole.add_class("lyap-stack")
        return [whole]

    # --- what they show ------------------------------------------------------------------------

    def show_attractors(self, look: Look, angles: tuple[float, float], *, on_top: bool) -> None:
        """Show both attractors from a direction, in degrees."""
        view = seen_from(*angles) if len(self.names) > 2 else np.eye(2, 3)
        self.attractors.arrange(on_top)
        self.attractors.show_learnt(in_space(look.generated, self._lag), view)
        self.attractors.show_data(self._data, view)

    def show_run(self, look: Look) -> None:
        """Show the free run beside the data, and the course of training."""
        test, run = self._system.test, look.run
        data = test.values[len(test) // 2 :][1 : self._length + 1, 0]
        self.beside.show(data, look.generated[: self._length, 0], self._system.tau_pred)
        clip = self._system.settings(run.tau, run.seed).get("clip")
        self.course.show(run.updates, run.loss, run.norm, planned=run.planned, moment=look.moment, clip=clip)

    def show_sweep(self, points: Sequence[Point], tau: int, measure: str, shown: Point | None) -> None:
        """Show what came of all runs."""
        system = self._system
        level = {"distance": system.floor, "exponent": system.exponent / system.per, "gradient": np.nan}[measure]
        self.sweep.show_tau(tau)
        self.sweep.show(points, measure=measure, level=level, tau_pred=system.tau_pred, shown=shown)

    def show_spectra(self, look: Look) -> None:
        """Show the exponents, as soon as those of the network are known."""
        learnt = np.empty(0) if look.judged is None else look.judged.exponents / self._system.per
        self.ladder.show(self._system.exponents / self._system.per, learnt)


def _axes(names: Sequence[str], lag: int) -> list[str]:
    """Name the axes of the space that a series is drawn in."""
    if lag:
        return [names[0], f"{names[0]}(+{lag})", f"{names[0]}(+{2 * lag})"]
    return [str(name) for name in names[:3]]
