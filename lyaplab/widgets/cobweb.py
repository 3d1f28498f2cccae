"""Cobweb: a map of one variable, drawn as bounces between its curve and the diagonal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import ipywidgets as W
import numpy as np
import traitlets as T
from numpy.typing import NDArray

from lyaplab.errors import DivergenceError
from lyaplab.model import Model
from lyaplab.widgets._convergence import Convergence
from lyaplab.widgets._explorer import Explorer
from lyaplab.widgets._reading import measured, place, reading, regime, short
from lyaplab.widgets._scalar import coarse_kind, finite_orbit, window
from lyaplab.widgets._schedule import breathe
from lyaplab.widgets._stage import Axis, Stage
from lyaplab.widgets._state import Finite
from lyaplab.widgets._web import CURVE_POINTS, Web, curve_of, near
from lyaplab.widgets._worker import Job

__all__ = ["Cobweb"]

Array = NDArray[np.float64]

MOST_STEPS = 200
QUICK_STEPS, QUICK_WARMUP = 1000, 200
LONG_STEPS = 50_000_000
STARTS = 64  # of Newton's method; on a line these are many
WIDTH, HEIGHT = 430, 414  # a square plot inside the axes


class Cobweb(Explorer):
    """A map of one variable: its curve, the diagonal, and the orbit that bounces between them.

    Parameters
    ----------
    system : str, Cell, Model or function
        With one state variable: ``"tanh"``, ``"logistic"``, or a learner's own map.
    preset : str, optional
        Settings of the cell's card.
    hide : iterable of str, optional
        Controls that are not shown.
    **params
        Knobs (``w=2.0``, ``r=3.2``) and the view: ``x0`` the start, ``steps`` how many are drawn.

    Raises
    ------
    ValueError
        When the system has more than one state variable, or a name is unknown.

    Examples
    --------
    >>> view = Cobweb("logistic", r=2.8, x0=0.2)
    >>> view.r, view.x0, view.error
    (2.8, 0.2, None)
    >>> view.numbers()["fixed_points"].round(4)
    array([0.    , 0.6429])
    >>> view.close()
    """

    title = "Cobweb"
    sentence = "From a state go up to the curve <i>F</i>, across to the diagonal, and again: that is the orbit."
    structure = {"n": 1}
    measured_from = ("x0",)
    groups = (*Explorer.groups, "exponent")

    x0 = Finite(0.1, help="Where the orbit starts.").tag(sync=True, view=True)
    steps = T.Int(12, min=0, max=MOST_STEPS, help="How many steps are drawn.").tag(sync=True, view=True)

    def _suits(self, model: Model) -> None:
        if model.d != 1:
            raise ValueError(
                f"Cobweb shows one state variable, this {model.cell.name} has {model.d}: use ll.PhasePlane for two"
            )

    def _view_of(self, start: Array | None) -> dict[str, Any]:
        return {} if start is None else {"x0": float(start[0])}

    # --- the picture ---------------------------------------------------------------------------

    def _build(self) -> Sequence[Stage]:
        self._window = low, high = window(self.model)
        state = self.model.state_names[0]
        self._estimate: tuple[float, float] = (float("nan"), float("nan"))
        self._long: Any = None
        self._away: int | None = None
        self._web = Web(state, (low, high), width=WIDTH, height=HEIGHT, dragged=self._dragged)
        self.web, now = self._web.stage, Axis(f"{state}ₜ", low, high)
        self.time = Stage(x=Axis("step t", 0, 15), y=now, width=WIDTH, height=HEIGHT)
        self.time.line("thread", role="orbit", width=1.2)
        self.time.dots("orbit", role="orbit", label="orbit", size=6)
        self.time.points("now", role="second", label="last step")
        self.convergence = Convergence(longest=LONG_STEPS, width=2 * WIDTH)
        return (self.web, self.time, self.convergence.stage)

    def _stage_boxes(self) -> Sequence[W.Widget]:
        for stage in (self.web, self.time):
            stage.box.layout.flex = "1 1 300px"
            stage.box.layout.align_self = "flex-end"  # both show the same states, at the same height
        row = W.HBox([self.web.box, self.time.box])
        row.add_class("lyap-figures-row")
        self._figures = W.VBox([row])
        return [self._figures]

    def _open_convergence(self, wanted: bool) -> None:
        """Show the third figure while there is a long run: the widget opens calm."""
        row = self._figures.children[:1]
        self._figures.children = (*row, self.convergence.stage.box) if wanted else row

    def _extras(self) -> Sequence[W.Widget]:
        low, high = self._window
        step = float(f"{(high - low) / 200:.1g}")
        first = f"{self.model.state_names[0]}_0"
        rows = [
            self.view_row("x0", low, high, step=step, tex=first, about="where the orbit starts"),
            self.view_row("steps", 0, 60, step=1, about="how many steps are drawn"),
        ]
        self._exponent = W.HTML()
        self._exponent.add_class("lyap-numbers")
        self._run = self.long_run("Measure λ", self._measure, tip="a long run, with its error bar")
        measuring = [self._exponent, self._run] if self._shown("exponent") else []
        return [*(row for row in rows if self._shown(row.knob.name)), *measuring]

    def _dragged(self, x: float, y: float) -> None:
        self.x0 = float(f"{x:.4g}")  # as fine as the eye; more digits would not fit into the number box

    def _draw(self, coarse: bool) -> None:
        """Show curve and orbit as soon as they are known; what takes longer follows."""
        model, start, steps = self.model, np.array([self.x0]), self.steps
        curve, orbit = curve_of(model, self._window), finite_orbit(model, steps + 1, start)
        drawn = {"curve_x": curve[0], "curve": curve[1], "orbit": orbit}
        self._web.show_orbit(curve, orbit, start=self.x0)
        breathe()
        self._show_time(drawn["orbit"])
        found = model.fixed_points(starts=STARTS)
        drawn["fixed_points"], drawn["slopes"] = found.points[:, 0], found.eigenvalues[:, 0].real
        kinds = tuple(coarse_kind(kind) for kind in found.kinds)
        self._web.show_fixed_points(drawn["fixed_points"], drawn["slopes"], kinds)
        if not coarse or not self._drew:
            self._survey(model, start)
        drawn["exponent"] = np.array([self._estimate[0]])
        self._said, self._drawn, self._kinds = self._knob_values(), drawn, kinds
        self._exponent.value = self._exponent_html()

    def _survey(self, model: Model, start: Array) -> None:
        """Measure quickly where the orbit goes and what its exponent is; one that runs away has none."""
        try:
            spectrum = model.lyapunov_spectrum(QUICK_STEPS, x0=start, warmup=QUICK_WARMUP)
            self._estimate = (float(spectrum.exponents[0]), float(spectrum.stderr[0]))
            self._tail = model.orbit(64, x0=start, warmup=QUICK_STEPS)[:, 0]
            self._away = None
        except DivergenceError as error:
            self._estimate = (float("nan"), float("nan"))
            self._away = error.step

    def _show_time(self, states: Array) -> None:
        orbit = near(states, self._window)
        t = np.arange(len(orbit), dtype=float)
        span = next(length for length in (15, 30, 60, 100, MOST_STEPS) if length >= t[-1])
        with self.time.redraw() as time:
            time.limits(x=(-0.03 * span, span))  # room for the whole of the first dot
            time.show("thread", t, orbit)
            time.show("orbit", t, orbit)
            time.show("now", t[-1:], orbit[-1:])

    def _exponent_html(self) -> str:
        if self._away is not None:
            return f"<div>The orbit runs away: it leaves every range at step {self._away}.</div>"
        value, stderr = self._best()
        steps = QUICK_STEPS if self._long is None else int(self._long.times[-1])
        return (
            f"<div><i>λ</i> = <b>{measured(value, stderr)}</b> <span class='lyap-unit'>({steps:,} steps)</span></div>"
            f"<div>{reading(value, stderr, unit=self._system.model.unit)}</div>"
        )

    # --- one step, and many --------------------------------------------------------------------

    def _step(self) -> bool:
        if self.steps >= MOST_STEPS:
            return False
        self.steps += 1
        return self.steps < MOST_STEPS

    def measure(self) -> None:
        """Measure the exponent on a long run, as the button does; returns at once."""
        self._run.start()

    def _measure(self) -> Job:
        model, start = self.model, np.array([self.x0])

        def pieces(stop: Any) -> Iterator[Any]:
            return model.iter_lyapunov_spectrum(LONG_STEPS, x0=start, warmup=QUICK_WARMUP)

        return Job(pieces, self._converge, fraction=lambda spectrum: float(spectrum.times[-1]) / LONG_STEPS)

    def _converge(self, spectrum: Any) -> None:
        """Show how far the long run has come; the worker calls this under the lock."""
        self._long = spectrum
        if self.convergence.show(spectrum, beginning=(QUICK_STEPS, self._estimate[0])):
            self._open_convergence(True)
        self._exponent.value = self._exponent_html()
        self._speaking.request()

    def _best(self) -> tuple[float, float]:
        """The exponent and its standard error, of the long run if there is one."""
        if self._long is None:
            return self._estimate
        return float(self._long.exponents[0]), float(self._long.stderr[0])

    def _forget_measured(self) -> None:
        self._long = None
        self._open_convergence(False)

    def _still_stages(self) -> Sequence[Stage]:
        return (self.web, self.time) if self._long is None else self.stages

    # --- in words, in numbers, in code ---------------------------------------------------------

    def _numbers(self) -> dict[str, Array]:
        return self._drawn

    def _describe(self) -> str:
        name, orbit = self._system.model.cell.name, self._drawn["orbit"]
        knobs = ", ".join(f"{knob} = {short(value)}" for knob, value in self._said.items())
        points = [
            f"{place(x)} (slope {short(slope)}, {kind})"
            for x, slope, kind in zip(self._drawn["fixed_points"], self._drawn["slopes"], self._kinds, strict=True)
        ]
        count = {0: "no fixed point", 1: "one fixed point: "}.get(len(points), f"{len(points)} fixed points: ")
        return (
            f"Cobweb of the {name} map with {knobs}: {count}{', '.join(points)}. "
            f"{self._so_far(orbit)}; {self._outcome()}"
        )

    def _so_far(self, orbit: Array) -> str:
        """Say where the steps that are drawn lead."""
        steps, start = len(orbit) - 1, f"{self._system.model.state_names[0]}₀ = {short(orbit[0])}"
        if steps == 0:
            return f"The orbit starts at {start}"
        return f"{steps} step{'s' * (steps > 1)} from {start} lead{'s' * (steps == 1)} to {place(orbit[-1])}"

    def _outcome(self) -> str:
        """Say where the orbit goes in the long run."""
        if self._away is not None:
            return f"the orbit runs away and leaves every range at step {self._away}."
        told = f"in the long run the orbit {regime(self._tail)}."
        if not self._shown("exponent"):
            return told
        return f"{told} Exponent {reading(*self._best(), unit=self._system.model.unit)}"

    def _code(self) -> str:
        low, high = self._window
        quick = f"model.lyapunov_spectrum({QUICK_STEPS}, x0=start, warmup={QUICK_WARMUP}).exponents[:1]"
        exponent = quick if self._away is None else "np.array([np.nan])  # the orbit runs away"
        return f"""
start = np.array([{self.x0!r}])
orbit = model.orbit({len(self._drawn["orbit"])}, x0=start)[:, 0]

curve_x = np.linspace({low!r}, {high!r}, {CURVE_POINTS})
curve = model.step(curve_x[:, None])[:, 0]

found = model.fixed_points(starts={STARTS})
fixed_points, slopes = found.points[:, 0], found.eigenvalues[:, 0].real

exponent = {exponent}
"""
