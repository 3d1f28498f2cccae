"""The eigenvalues of a network that learns, in the complex plane, with theory's course and the target's poles."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lyaplab.theory import circular_law
from lyaplab.widgets._learning import Asked, Moment, Theory
from lyaplab.widgets._scene import plot_size
from lyaplab.widgets._shapes import joined
from lyaplab.widgets._stage import Axis, Stage

__all__ = ["HEIGHT", "NETWORK", "TARGET", "THEORY", "WIDTH", "OutlierPlane"]

NETWORK, THEORY, TARGET = "second", "first", "third"
"""Colours: the same in all figures."""

WIDTH, HEIGHT = 404, 330
# Half the height of the plane: a few sizes, so that it stands still; what a step threw still farther is not seen.
_REACHES = (1.2, 1.5, 2.0, 3.0)
# From so many units on, marks are smaller.
_MANY = 150


class OutlierPlane:
    """A stage with all eigenvalues of W, the unit circle, and a handle at the target's pole.

    Parameters
    ----------
    dragged : callable
        Takes the place that the target was dragged to, as a complex number.

    Attributes
    ----------
    stage : Stage
    """

    def __init__(self, dragged: Callable[[complex], None]) -> None:
        x, y = (Axis(label, -1.2, 1.2, always=(-1.0, 1.0)) for label in ("Re λ", "Im λ"))
        self.stage = stage = Stage(x=x, y=y, width=WIDTH, height=HEIGHT, equal=True)
        stage.rule("real", y=0.0, role="grid", width=1.0)
        stage.rule("imaginary", x=0.0, role="grid", width=1.0)
        stage.line("circle", role="ink", width=1.4, table=False)
        stage.line("disc", role="muted", width=1.2, dashed=True, table=False)
        stage.dots("bulk", role=NETWORK, label="network", size=4.0)
        stage.line("trail", role=NETWORK, width=3.0)
        stage.line("theory", role=THEORY, label="theory", width=2.0, dashed=True)
        stage.points("theory now", role=THEORY, marker="ring")
        stage.points("mirrored", role=TARGET, marker="diamond")
        stage.handle(
            "target", role=TARGET, label="target: drag it", on_move=lambda x, y: dragged(complex(x, y)),
            on_release=lambda x, y: dragged(complex(x, y)),
        )  # fmt: skip
        # On top of the target, with a rim, and small enough that what has arrived is seen within it.
        stage.dots("rims", role="paper", size=10.0, table=False)
        stage.dots("outliers", role=NETWORK, size=7.0)

    def show_goal(self, asked: Asked) -> None:
        """Show what waits for nothing: the disc at first, and the target."""
        pole, turn = asked.pole, np.linspace(0.0, 2.0 * np.pi, 181)
        outline = circular_law(asked.g).outline() if asked.g > 0.0 else (np.empty(0), np.empty(0))
        with self.stage.redraw() as stage:
            stage.show("circle", np.cos(turn), np.sin(turn))
            stage.show("disc", *outline)
            stage.show("target", pole.real, pole.imag)
            if pole.imag:
                stage.show("mirrored", pole.real, -pole.imag)
            else:
                stage.hide("mirrored")

    def show_start(self, eigenvalues: np.ndarray) -> None:
        """Show a network that has not learnt anything."""
        with self.stage.redraw() as stage:
            self._reach(1.0)
            stage.show("bulk", eigenvalues.real, eigenvalues.imag, size=_size(len(eigenvalues)))
            stage.hide("rims", "outliers", "trail", "theory now")

    def show_theory(self, theory: Theory) -> None:
        """Show the way that theory says."""
        course = theory.eigenvalues
        self.stage.show("theory", *joined([np.column_stack([part.real, part.imag]) for part in course.T]))

    def show(self, moment: Moment, theory: Theory) -> None:
        """Show one look at a training, the way to there, and theory at the same time."""
        values, out = moment.eigenvalues, moment.outliers
        inside = values[~np.isin(values, out)]
        so_far = moment.run.trails[: moment.place + 1]
        now = theory.eigenvalues[theory.at(moment.time)]
        with self.stage.redraw() as stage:
            self._reach(float(np.abs(moment.run.record.leading).max()))
            stage.show("bulk", inside.real, inside.imag, size=_size(len(values)))
            stage.show("trail", *joined([np.column_stack([part.real, part.imag]) for part in so_far.T]))
            stage.show("rims", out.real, out.imag)
            stage.show("outliers", out.real, out.imag)
            stage.show("theory now", now.real, now.imag)

    def _reach(self, farthest: float) -> None:
        reach = next((size for size in _REACHES if size >= 1.06 * farthest), _REACHES[-1])
        across, down = plot_size(WIDTH, HEIGHT)
        wide = reach * across / down
        self.stage.limits(x=(-wide, wide), y=(-reach, reach))


def _size(count: int) -> float:
    return 2.8 if count > _MANY else 4.0
