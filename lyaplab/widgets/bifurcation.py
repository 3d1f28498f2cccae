"""Bifurcation: where orbits end up at every value of a parameter, and what they do at one of them."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any

import ipywidgets as W
import numpy as np
from numpy.typing import NDArray

from lyaplab.engine.bifurcation import Bifurcation as Columns
from lyaplab.engine.doublings import Doublings
from lyaplab.model import Model
from lyaplab.widgets import _diagramwords as words
from lyaplab.widgets._attractorview import AttractorView, Settled, lengths, settled
from lyaplab.widgets._diagram import Diagram
from lyaplab.widgets._diagramcontrols import DiagramControls
from lyaplab.widgets._diagrampaint import extent_of, windows_of
from lyaplab.widgets._planewords import pretty_names
from lyaplab.widgets._schedule import REST, breathe
from lyaplab.widgets._stage import Stage
from lyaplab.widgets._sweep import FULL, ROUGH, Plan, Sweeper
from lyaplab.widgets._swept import Swept
from lyaplab.widgets._worker import Job

__all__ = ["Bifurcation"]

Array = NDArray[np.float64]
Range = tuple[float, float]

# Of the work in full, what is the diagram's; the rest is measuring doublings.
_DIAGRAM = 0.9
# Seconds between two pictures of a diagram that fills.
_APART = 0.2


class Bifurcation(Swept):
    """An orbit diagram over a parameter, its exponent beneath, and the orbit at a marker beside it.

    Parameters
    ----------
    system : str, Cell, Model or function
        With up to three state variables: ``"logistic"``, ``"tanh"``, ``"henon"``, or a learner's own map or flow.
    preset : str, optional
        Settings of the cell's card.
    hide : iterable of str, optional
        Controls that are not shown; beside those of every widget "zoom", "orbits", "beside", "over", "variable",
        "doublings".
    **params
        Knobs (``r=3.2``; that of the swept parameter is the marker) and the view: ``over`` the swept parameter,
        ``span`` and ``heights`` what is seen, ``variable`` the state variable, ``orbits`` how they begin ("fresh",
        "many", "up", "down"), ``x0`` the first state, ``beside`` the figure beside the diagram.

    Raises
    ------
    ValueError
        When the system has more state variables, nothing to sweep, or a name is unknown.

    Examples
    --------
    >>> view = Bifurcation("logistic", r=3.2, span=[2.8, 4.0])
    >>> view.wait()
    True
    >>> view.doublings().values[:2].round(4)
    array([3.    , 3.4495])
    >>> view.close()
    """

    title = "Bifurcation"
    sentence = "Where orbits end up at every value of a parameter: brush a part to look closer."
    structure = {"n": 1}
    groups = (*Swept.groups, "zoom", "doublings")

    # --- stages and controls -------------------------------------------------------------------

    def _build(self) -> Sequence[Stage]:
        self._drawn: Plan | None = None
        self._asked: Plan | None = None
        self._rough: Columns | None = None
        self._fine: Columns | None = None
        self._found: Settled | None = None
        self._found_of: Any = None
        self._here: Doublings | None = None
        self._known: dict[Any, Doublings] = {}
        self._painted: Any = None
        self._painted_when = 0.0
        self.diagram = Diagram(dragged=self._dragged, brushed=self._brushed)
        self.attractor = AttractorView(self.model)
        self._sweeper = Sweeper(self.diagram.columns)
        return (self.diagram.states, self.diagram.exponents, *self.attractor.stages)

    def _stage_boxes(self) -> Sequence[W.Widget]:
        self._rows_of_view = DiagramControls(
            {"over": self._params, "variable": self._variables, "beside": self._kinds},
            shown=self._shown, chosen=self._choose, zoomed=self._zoomed, guarded=self.guarded,
        )  # fmt: skip
        self._marker_words, self._table = W.HTML(), W.HTML()
        for text in (self._marker_words, self._table):
            text.add_class("lyap-numbers")
        main = W.VBox([self.diagram.states.box, self.diagram.exponents.box])
        main.add_class("lyap-main")
        beside = self._rows_of_view.beside
        tables = [self._table] if self._shown("doublings") else []
        aside = W.VBox([*([beside] if beside else []), self.attractor.box, self._marker_words, *tables])
        aside.add_class("lyap-aside")
        row = W.HBox([main, aside])
        row.add_class("lyap-figures-row")
        return [row]

    def _extras(self) -> Sequence[W.Widget]:
        self._run = self.long_run("Refine", self._refine, tip="compute it in full again; Stop keeps what is there")
        return [*self._rows_of_view.rows, self._run]

    # --- the picture ---------------------------------------------------------------------------

    def _draw(self, coarse: bool) -> None:
        """Show the marker, then a rough diagram where another is due, then the orbit; the full diagram follows."""
        plan, model = self._plan(), self.model
        if plan != self._drawn:
            rough = self._sweeper.rough(plan, coarse=coarse)
            self._drawn, self._rough, self._fine, self._here = plan, rough, None, None
            self._own_extent = extent_of(rough)
        self._seen = self._seen_heights()
        self.diagram.rename(*pretty_names([plan.param, plan.variable]), flow=plan.flow)
        self.diagram.frame((plan.low, plan.high), self._seen)
        self._show_diagram()
        self.diagram.show_marker(self._value)
        breathe()
        self._show_attractor(model)
        self._show_in_rows(plan)
        if not coarse and plan != self._asked and self._fine is None:
            self._run.start()

    def _show_diagram(self) -> None:
        assert self._drawn is not None
        key = (id(self._rough), id(self._fine), self._seen)
        if key == self._painted:
            return
        self._painted = key
        diagram, effort = self._complete
        self._windows = windows_of(diagram, effort.settling)
        self.diagram.show((self._fine, self._rough), self._windows)

    def _show_attractor(self, model: Model) -> None:
        """Show where the orbit goes at the marker, from where the diagram's own orbit there has come."""
        plan, start = self._drawn, self._start
        assert plan is not None
        key = (model, tuple(start.tolist()))
        if self._found is None or key != self._found_of:
            self._found, self._found_of = settled(model, start), key
        self._marker_words.value = words.marker_html(self._found, plan, self._value)
        number = self._variables.index(plan.variable)
        self.attractor.show(self.beside, model, self._found, variable=number, heights=self._reach(number))

    @property
    def _from_end(self) -> int | None:
        """The column whose orbit is continued at the marker; None where every orbit starts anew."""
        if self.orbits not in ("up", "down"):
            return None
        diagram, _ = self._complete
        nearest = int(np.argmin(np.abs(diagram.values - self._value)))
        return nearest if np.isfinite(diagram.ends[nearest]).all() else None

    @property
    def _start(self) -> Array:
        column = self._from_end
        return np.array(self.x0) if column is None else self._complete[0].ends[column]

    @property
    def _complete(self) -> tuple[Columns, Any]:
        """The best diagram that is complete, and the effort it was made with."""
        assert self._drawn is not None and self._rough is not None
        flow = self._drawn.flow
        if self._fine is not None and self._fine.done >= 1:
            return self._fine, FULL[flow]
        return self._rough, ROUGH[flow]

    def _whole_heights(self) -> Range:
        """All that the states may span: as the card says, else as the diagram is."""
        if self.model.card.view is None or self._flow:
            return self._own_extent
        return self._reach(self._variables.index(self.variable))

    def _reach(self, number: int) -> Range:
        """All that a state variable of the map or flow itself may span."""
        if self.model.card.view is None and not self._flow:
            return self._own_extent
        low, high = self.model.view
        return float(low[number]), float(high[number])

    def _seen_heights(self) -> Range:
        low, high = self.heights or self._whole_heights()
        return low, high

    def _show_in_rows(self, plan: Plan) -> None:
        """Show in the controls what is chosen; the swept knob is the marker's own."""
        names = dict(zip(("span", "heights"), pretty_names([plan.param, plan.variable]), strict=True))
        values = {name: getattr(self, name) for name in ("over", "variable", "orbits", "beside", "x0")}
        self._rows_of_view.show({**values, "span": (plan.low, plan.high), "heights": self._seen}, names=names)
        for name, trait in self._trait_of.items():
            if trait not in self._rows:
                continue
            knob, swept = self._system.knobs[name], name == plan.param
            low, high = (plan.low, plan.high) if swept else (knob.low, knob.high)
            step = float(f"{(high - low) / 400:.1g}") if swept else knob.step
            self._rows[trait].reach(low, high, step)
            (self._rows[trait].add_class if swept else self._rows[trait].remove_class)("lyap-swept")

    # --- long work -----------------------------------------------------------------------------

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the full diagram is there; True when that came before `timeout` seconds."""
        self.settle()
        return self._run.wait(timeout)

    def doublings(self) -> Doublings | None:
        """Give the period doublings measured in all windows so far; None where there are none to measure."""
        return self._known.get(self._plan().system)

    def _refine(self) -> Job:
        plan = self._asked = self._plan()
        columns, effort = 2 * self.diagram.columns, FULL[plan.flow]
        counted = not plan.flow and plan.orbits != "many" and self._shown("doublings")

        def pieces(stop: Any) -> Iterator[Columns | Doublings]:
            if stop.wait(REST):  # a finger that moves on would make it void at once
                return
            for diagram in plan.pieces(columns, effort):
                yield diagram
            if counted:
                yield from plan.model.iter_doublings(diagram, warmup=effort.settling)

        def fraction(part: Columns | Doublings) -> float:
            if isinstance(part, Doublings):
                return _DIAGRAM + (1 - _DIAGRAM) * part.done
            return (_DIAGRAM if counted else 1.0) * part.done

        return Job(pieces, lambda part: self._take_part(plan, part), fraction=fraction)

    def _take_part(self, plan: Plan, part: Columns | Doublings) -> None:
        """Show how far the work has come; the worker calls this under the lock."""
        if plan != self._drawn:
            return
        if isinstance(part, Columns):
            self._fine = part
            now = time.monotonic()
            if part.done < 1 and now - self._painted_when < _APART:
                return
            self._painted_when = now
            self._show_diagram()
            if part.done >= 1:
                self._show_attractor(self.model)
                self._speaking.request()
        elif part.done >= 1:
            self._here = part
            before = self._known.get(plan.system)
            self._known[plan.system] = part if before is None else before.merged(part)
            self._table.value = words.table_html(self._known[plan.system])
            self._speaking.request()

    def _voids(self, names: tuple[str, ...]) -> bool:
        return self._plan() != self._asked

    def _forget_measured(self) -> None:
        self._asked = self._here = None
        known = self.doublings()
        self._table.value = "" if known is None else words.table_html(known)

    def _still_stages(self) -> Sequence[Stage]:
        return (self.diagram.states, self.attractor.stage(self.beside), self.diagram.exponents)

    # --- in words, in numbers, in code ---------------------------------------------------------

    def _describe(self) -> str:
        assert self._drawn is not None and self._found is not None
        name, diagram = self._system.model.cell.name, self._complete[0]
        known = self.doublings() if self._shown("doublings") else None
        return words.describe(name, self._knob_values(), self._drawn, diagram, self._windows, self._found, known)

    def _numbers(self) -> dict[str, Any]:
        assert self._found is not None
        diagram = self._complete[0]
        numbers: dict[str, Any] = {
            "values": diagram.values, "states": diagram.states, "exponents": diagram.exponents,
            "periods": diagram.periods, "orbit": self._found.orbit,
        }  # fmt: skip
        if self._here is not None:
            numbers |= {"doublings": self._here.values, "doubled_periods": self._here.periods}
        return numbers

    def _code(self) -> str:
        assert self._drawn is not None and self._found is not None
        diagram, effort = self._complete
        settling, seen, _ = lengths(self.model)
        return words.code(
            self._drawn, effort, len(diagram), (settling, seen), from_end=self._from_end,
            lost=self._found.lost is not None, doublings=self._here is not None,
        )  # fmt: skip
