"""The base of every widget: a system, its controls, its picture, its words, its end.

A widget is a small subclass: it declares traits for its view (tagged ``view=True``), builds its
stages, and answers `_draw`, `_describe`, `_code` and `_numbers`. Everything else comes from here and
from the files this is made of: state and undo in _state.py, controls in _board.py, link, code and
files in _export.py, errors in _faults.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

import ipywidgets as W
import numpy as np
from numpy.typing import NDArray

from lyaplab.errors import number, positive_int
from lyaplab.model import Model
from lyaplab.widgets import _live
from lyaplab.widgets._board import Board
from lyaplab.widgets._closing import close_tree
from lyaplab.widgets._export import Portable
from lyaplab.widgets._faults import one_line
from lyaplab.widgets._layout import Card
from lyaplab.widgets._menu import Menu
from lyaplab.widgets._schedule import LatestWins
from lyaplab.widgets._stage import Stage
from lyaplab.widgets._style import style
from lyaplab.widgets._system import SIZES, System

__all__ = ["Explorer"]

SPEAK_APART = 1.0
"""Seconds between two descriptions sent to the page: a screen reader must be able to finish."""

LARGEST = 1000
"""Most units or inputs that a link may ask for: it comes from a stranger."""


class Explorer(Board, Portable):
    """What all widgets share; not to be used by itself.

    Parameters
    ----------
    system : str, Cell, Model or function
        What is shown: the name of a cell, a Model, or a learner's own map.
    preset : str, optional
        Settings of the cell's card to open with.
    hide : iterable of str, optional
        Names of knobs and of groups of controls (see `groups`) that are not shown.
    **params
        Knobs (``r=3.2``), traits of the view (``x0=0.1``), and whatever else Model takes.

    Raises
    ------
    ValueError
        When a name is unknown or the system does not suit the widget.
    """

    title: ClassVar[str] = ""
    sentence: ClassVar[str] = ""
    """What the widget shows, in one line beside its title."""
    structure: ClassVar[Mapping[str, Any]] = {}
    """Arguments of Model when nothing else is said, such as ``{"n": 1}``; they get no knob."""
    measured_from: ClassVar[tuple[str, ...]] = ()
    """Traits of the view that a long measurement starts from: a change makes it void, as a knob does."""
    system_kind: ClassVar[type[System]] = System
    """What makes a system of what the user gives."""

    def __init__(self, system: Any, *, preset: str | None = None, hide: Iterable[str] = (), **params: Any) -> None:
        views = set(self.trait_names(view=True))
        view = {name: params.pop(name) for name in list(params) if name in views}
        self._system = self.system_kind.of(system, preset=preset, structure=self.structure, params=params)
        self._suits(self._system.model)
        self._adopt(self._system.fixed, self._system.values, {**self._view_of(self._system.start), **view})
        self._begin_board(hide)
        self._drew = False
        self._schedule = LatestWins(self._frame, lock=self._lock)
        self._speaking = LatestWins(self._speak, lock=self._lock, frame=SPEAK_APART, budget=float("inf"))
        self.stages = tuple(self._build())
        for stage in self.stages:
            stage.on_error = self._job_failed
        boxes, controls = self._stage_boxes(), self._controls()
        menu = [Menu({"Link": self.link, "Code": self.code}, self._files, self.guarded)] if self._shown("menu") else []
        self._card = Card(self.title, self._introduction(), boxes, controls, menu, words=self._shown("words"))
        super().__init__(self._card.children)
        for name in ("lyap", "lyap-card", "lyap-explorer", f"lyap-{self.title.lower().replace(' ', '-')}"):
            self.add_class(name)
        _live.enter(self)
        self._schedule.request()

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Explorer:
        """Make the widget that a state describes; `ll.open` calls this with what a link holds.

        Raises
        ------
        ValueError
            When the state names an unknown cell, an unknown value, or a value that does not suit.
        """
        params = state["params"]
        if not isinstance(params, Mapping) or not isinstance(params.get("cell"), str):
            raise ValueError("params must name a cell, such as {'cell': 'tanh'}")
        sizes = {name: positive_int(name, params[name], minimum=0) for name in SIZES if name in params}
        for name, size in sizes.items():
            number(name, size, high=LARGEST)
        arguments: dict[str, Any] = {**sizes}
        view = cls(params["cell"], **arguments)
        try:
            view.state = view._completed(state)
        except BaseException:
            view.close()
            raise
        view._begin()
        return view

    # --- what a subclass answers ---------------------------------------------------------------

    def _suits(self, model: Model) -> None:
        """Raise ValueError when this widget cannot show the model."""

    def _view_of(self, start: NDArray[np.float64] | None) -> dict[str, Any]:
        """Say which view a preset with this first state opens with."""
        return {}

    def _build(self) -> Sequence[Stage]:
        """Make the stages and their marks; called once."""
        raise NotImplementedError

    def _introduction(self) -> str:
        """Say in one line what is to be seen; where parts are hidden, only of what is left."""
        return self.sentence

    def _stage_boxes(self) -> Sequence[W.Widget]:
        """Arrange the stages; by default one below the other."""
        return [stage.box for stage in self.stages]

    def _draw(self, coarse: bool) -> None:
        """Compute, then show; take ``self.model`` once. Whatever raises leaves the last picture."""
        raise NotImplementedError

    def _describe(self) -> str:
        """Put what was drawn last into two or three sentences."""
        raise NotImplementedError

    def _numbers(self) -> dict[str, NDArray[np.float64]]:
        """Give the numbers of the picture that was drawn last, by name."""
        raise NotImplementedError

    def _forget_measured(self) -> None:
        """Forget what was measured of the system as it was before a change."""

    # --- the system ----------------------------------------------------------------------------

    @property
    def model(self) -> Model:
        """The model as the knobs stand now."""
        return self._system.with_values(self._knob_values())

    def preset(self, name: str) -> None:
        """Show a preset of the cell's card, as one step of undo.

        Raises
        ------
        ValueError
            When the card has no such preset; the nearest name is given.
        """
        values, start = self._system.preset(name)
        self._show_state({"params": values, "view": self._view_of(start)})
        self._mark_preset(name)

    def _after_change(self, names: Iterable[str]) -> None:
        names = tuple(names)
        self._show_in_controls(names)
        if self._voids(names):
            with self._lock:  # no partial result may come between
                for run in self._runs:
                    run.clear()  # what was measured was measured of another system
                self._forget_measured()
        self._schedule.request()

    def _voids(self, names: tuple[str, ...]) -> bool:
        """Tell whether a change of these traits (of many, when empty) makes void what was measured."""
        return not names or bool(set(names) & {*self._trait_of.values(), *self.measured_from})

    # --- picture and words ---------------------------------------------------------------------

    def _frame(self, coarse: bool) -> None:
        with self.reporting(clear=True):
            self._draw(coarse)
            self._drew = True
        self._speaking.request()

    def settle(self) -> None:
        """Draw what is pending, in full, before returning: the picture then shows the state."""
        self._schedule.flush()
        self._speaking.flush()

    def describe(self) -> str:
        """Say in words what the picture shows; it is what screen readers read and alt texts say."""
        self._schedule.flush()
        with self._lock:
            if self.error is None:
                return self._describe()
            last = f" The picture still shows what was there before. {self._describe()}" if self._drew else ""
            return f"{self.title}: {one_line(self.error)}.{last}"

    def numbers(self) -> dict[str, NDArray[np.float64]]:
        """Give the numbers that the picture shows, by name; `code` makes the same.

        Returns
        -------
        dict of str to ndarray
            Empty when nothing could be drawn yet.
        """
        self._schedule.flush()
        with self._lock:
            return {name: np.array(values) for name, values in self._numbers().items()} if self._drew else {}

    def _speak(self, coarse: bool) -> None:
        with self.reporting():
            self._card.say(self.describe())

    def _complain(self, text: str | None) -> None:
        self._card.complain(text)

    def __repr__(self) -> str:
        knobs = ", ".join(f"{name}={value:g}" for name, value in self._knob_values().items())
        return f"{type(self).__name__}({self._system.model.cell.name!r}{', ' if knobs else ''}{knobs})"

    # --- the end -------------------------------------------------------------------------------

    def close(self) -> None:
        """Stop what runs, wait for its threads, and close every part; a second call does nothing."""
        if self.comm is None:
            return
        _live.leave(self)
        self._close_board()
        self._schedule.close()
        self._speaking.close()
        for stage in self.stages:
            stage.close()
        close_tree(self, keep=(style(),))
