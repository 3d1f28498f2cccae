"""Phase plane: what two state variables do to each other, from wherever they start."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import ipywidgets as W
import numpy as np

from lyaplab.engine.basins import Basins
from lyaplab.model import Model
from lyaplab.widgets import _planewords
from lyaplab.widgets._basinpaint import BasinPainter, laid_over
from lyaplab.widgets._eigenplane import EigenPlane, table
from lyaplab.widgets._plane import Plane
from lyaplab.widgets._planeview import LAYERS, MOST_STARTS, PlaneView
from lyaplab.widgets._portrait import Ending, Portrait, Window, corners, ending, follow, middle
from lyaplab.widgets._schedule import breathe
from lyaplab.widgets._stage import Stage
from lyaplab.widgets._startrows import StartRows
from lyaplab.widgets._switches import Picker, Switches
from lyaplab.widgets._worker import Job

__all__ = ["PhasePlane"]


class PhasePlane(PlaneView):
    """Two state variables against each other: arrows, nullclines, fixed points, basins, orbits.

    A map is drawn as a map (arrows F(x) - x, orbits as dots), a flow as a flow.

    Parameters
    ----------
    system : str, Cell, Model or function
        With two state variables: ``"tanh"``, ``"rate"``, or a learner's own map or flow.
    preset : str, optional
        Settings of the cell's card.
    hide : iterable of str, optional
        Controls that are not shown; beside those of every widget "starts", "show" and "points".
    **params
        Knobs (``w11=1.6``) and the view: ``starts`` up to four places, ``steps`` how many are drawn,
        ``chosen`` a place, whose nearest fixed point is looked at, ``window`` left, right, bottom and
        top of the plane, ``basins``, ``arrows`` and ``nullclines`` what is seen.

    Raises
    ------
    ValueError
        When the system has not two state variables, or a name is unknown.

    Examples
    --------
    >>> view = PhasePlane("tanh", w11=1.6, w12=-0.4, w21=0.3, w22=1.7, starts=[[-1.0, 0.5]])
    >>> view.numbers()["fixed_points"].round(2)[0]
    array([-0.95,  0.77])
    >>> view.close()
    """

    title = "Phase plane"
    sentence = "Where two state variables go next, from anywhere: drag a start and see where it ends."
    groups = (*PlaneView.groups, "starts", "show", "points")

    # --- stages and controls -------------------------------------------------------------------

    def _build(self) -> Sequence[Stage]:
        self._names = _planewords.pretty_names(self.model.state_names)
        self._portrait: Portrait | None = None
        self._drawn_of: tuple[Model, Window] | None = None
        self._stale = True
        self._rough: Basins | None = None
        self._refined: Basins | None = None
        self._painter = BasinPainter()
        self._endings: tuple[Ending, ...] = ()
        self._ended_of: Any = None
        self.plane = Plane(self._names, flow=self._flow, dragged=self._dragged, clicked=self._picked)
        self.eigen = EigenPlane(flow=self._flow)
        return (self.plane.stage, self.eigen.stage)

    def _stage_boxes(self) -> Sequence[W.Widget]:
        self.plane.stage.box.layout.flex = "1 1 380px"
        if not self._shown("points"):
            return [self.plane.stage.box]
        self._picker = Picker("Fixed point", self.guarded(self._named))
        self._eigen_words = W.HTML()
        self._eigen_words.add_class("lyap-numbers")
        side = W.VBox([self._picker, self.eigen.stage.box, self._eigen_words])
        side.add_class("lyap-side")
        row = W.HBox([self.plane.stage.box, side])
        row.add_class("lyap-figures-row")
        return [row]

    def _extras(self) -> Sequence[W.Widget]:
        rows: list[W.Widget] = []
        self._switches: Switches | None = None
        if self._shown("starts"):
            self._start_rows = StartRows(self.model.state_names, MOST_STARTS, self.guarded(self._typed))
            rows.append(self._start_rows)
        if self._shown("steps"):
            about = "how many steps of the orbits are drawn"
            rows.append(self.view_row("steps", 1, max(400, 2 * self.steps), step=1, about=about))
        seen = [name for name in LAYERS if self._shown(name)]
        if seen and self._shown("show"):
            self._switches = Switches("Show", seen, self.guarded(self._switched))
            rows.append(self._switches)
        self._run = self.long_run("Refine basins", self._refine, tip="every pixel of its own; Stop keeps what is there")
        if self._shown("basins"):
            rows.append(self._run)
        return rows

    # --- the picture ---------------------------------------------------------------------------

    def _draw(self, coarse: bool) -> None:
        """Show orbits and lines as soon as they are known; fixed points and, slowest of all, basins follow."""
        model, window = self.model, self._window
        portrait, seen = self._portrait, {name for name in LAYERS if getattr(self, name)}
        orbits = [follow(model, start, self.steps) for start in self.starts]
        with self.plane.stage.redraw():
            self.plane.frame(window)
            self.plane.show_orbits(self.starts, orbits, self.now)
        if portrait is None or (model, window) != self._drawn_of:
            portrait = Portrait.of(model, window, after=portrait)
            self._stale = True  # the basins on show are those of another model
        with self.plane.stage.redraw():
            self.plane.show_lines(portrait, seen)
        breathe()
        chosen = portrait.nearest(self.chosen or middle(window), window)
        with self.plane.stage.redraw():
            ringed = chosen if self._shown("points") else None
            self.plane.show_points(portrait, coloured="basins" in seen, chosen=ringed)
        self._portrait, self._drawn_of, self._orbits = portrait, (model, window), orbits
        self.plane.show_basins(self._best_basins(model, portrait, coarse), coarse=coarse)
        if not coarse and (asked := (model, window, str(self.starts))) != self._ended_of:
            self._endings = tuple(ending(model, start, portrait.found, window) for start in self.starts)
            self._ended_of = asked
        self._show_beside(portrait, chosen, window)

    def _show_beside(self, portrait: Portrait, chosen: int | None, window: Window) -> None:
        """Show what stands beside the plane: the chosen point, and the controls as they should be."""
        if self._shown("points"):
            self._show_chosen(portrait, chosen)
        if self._shown("starts"):
            self._start_rows.show(self.starts, window)
        if self._switches is not None:
            self._switches.show({name: getattr(self, name) for name in self._switches.names})

    def _best_basins(self, model: Model, portrait: Portrait, coarse: bool) -> Basins | None:
        """Give the best basins there are; while a finger moves, old ones rather than none."""
        if not self.basins or not len(portrait.attractors):
            return None
        if self._stale:
            painted = self._painter.paint(model, portrait.attractors, self._window, coarse=coarse)
            if painted is not None:
                self._rough = painted
            self._stale = coarse
        return self._rough if self._refined is None else laid_over(self._refined, self._rough)

    def _show_chosen(self, portrait: Portrait, index: int | None) -> None:
        """Show the eigenvalues of the chosen fixed point, and what they mean."""
        values = np.empty(0, complex) if index is None else portrait.found.eigenvalues[index]
        self.eigen.show(values)
        order = portrait.by_letter
        self._picker.show([portrait.letter(i) for i in order], None if index is None else order.index(index))
        title = "There is no fixed point." if index is None else _planewords.point(portrait, index)
        self._eigen_words.value = f"<b>{title}</b>{table(values, flow=self._flow)}"

    # --- long work -----------------------------------------------------------------------------

    def refine(self) -> None:
        """Compute the basins pixel by pixel, as the button does; returns at once."""
        self._run.start()

    def _refine(self) -> Job:
        model = self.model
        self.settle()
        assert self._portrait is not None
        attractors = self._portrait.attractors
        if not len(attractors):
            raise ValueError("there is no stable fixed point here, so there is no basin to refine")
        self.basins = True
        cells, (low, high) = self._painter.FINEST, corners(self._window)

        def pieces(stop: Any) -> Iterator[Basins]:
            return model.iter_basins(low=low, high=high, resolution=(cells, cells), attractors=attractors)

        return Job(pieces, self._refined_so_far, fraction=lambda basins: basins.done)

    def _refined_so_far(self, basins: Basins) -> None:
        self._refined = basins
        self._schedule.request()

    def _forget_measured(self) -> None:
        self._refined = None

    # --- in words, in numbers, in code ---------------------------------------------------------

    def _describe(self) -> str:
        assert self._portrait is not None
        system = (self._system.model.cell.name, self._knob_values())
        starts = list(zip(self.starts, self._endings, strict=True))
        return _planewords.describe(system, self._portrait, starts, flow=self._flow, window=self._window)

    def _numbers(self) -> dict[str, Any]:
        assert self._portrait is not None
        found = self._portrait.found
        numbers: dict[str, Any] = {f"orbit_{i}": orbit for i, orbit in enumerate(self._orbits, start=1)}
        numbers |= {"fixed_points": found.points, "eigenvalues": found.eigenvalues}
        basins = self._settled_basins()
        return numbers if basins is None else numbers | {"basins": basins.labels}

    def _settled_basins(self) -> Basins | None:
        """Give the basins on show, once they are complete."""
        basins = self._refined if self._refined is not None and self._refined.done >= 1 else self._rough
        return basins if self.basins and self._portrait and len(self._portrait.attractors) else None

    def _code(self) -> str:
        lengths = [len(orbit) for orbit in self._orbits]
        return _planewords.code(self.starts, lengths, self._settled_basins(), window=self._window)
