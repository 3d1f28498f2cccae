"""The column of controls of a widget, built from what its model can turn."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar

import ipywidgets as W
import traitlets as T

from lyaplab.errors import unknown
from lyaplab.model import Knob
from lyaplab.widgets._controls import KnobRow, button, choices
from lyaplab.widgets._faults import Faulty
from lyaplab.widgets._run import LongRun, Player
from lyaplab.widgets._state import Stateful
from lyaplab.widgets._switches import Picker
from lyaplab.widgets._system import System
from lyaplab.widgets._worker import Job

__all__ = ["Board"]


class Board(Stateful, Faulty):
    """A widget with controls: presets, a row for each knob, its own, and step, play, undo, reset."""

    groups: ClassVar[tuple[str, ...]] = ("presets", "play", "menu", "words")
    """What `hide` knows beside the names of knobs and of numbers of the view."""
    play_every: ClassVar[float] = 0.4
    """Seconds between two steps of Play."""
    _system: System

    def _begin_board(self, hide: Iterable[str]) -> None:
        """Prepare an empty board; called before anything is built."""
        self._hidden = self._checked_hide(hide)
        self._rows: dict[str, KnobRow] = {}
        self._pickers: dict[str, tuple[Picker, tuple[str, ...], list[Any]]] = {}
        self._runs: list[LongRun] = []
        self._player: Player | None = None
        self._presets: W.ToggleButtons | None = None
        self._marking = False

    def _checked_hide(self, hide: Iterable[str]) -> frozenset[str]:
        names = (hide,) if isinstance(hide, str) else tuple(hide)
        known = (*self._trait_of, *self._views, *self.groups)
        for name in names:
            if name not in known:
                raise unknown("name in hide", name, known)
        return frozenset(names)

    def _shown(self, name: str) -> bool:
        return name not in self._hidden

    # --- what a subclass may add ---------------------------------------------------------------

    def _extras(self) -> Sequence[W.Widget]:
        """Make the controls of this widget alone, shown below the knobs; called once."""
        return ()

    def _step(self) -> bool:
        """Take one step: one event that can be understood; False when there is none left.

        A widget that has this gets Step and Play.
        """
        return False

    def step(self) -> None:
        """Take one step, as the Step button does; it is a step of undo of its own."""
        self._history.pause()
        self._step()

    def _begin_play(self) -> None:
        """Prepare for the first step of Play: all of them are one step of undo."""
        self._history.pause()

    def play(self) -> None:
        """Take one step after the other until `pause`, as the Play button does."""
        if self._player is not None:
            self._player.play()

    def pause(self) -> None:
        """Pause what `play` has begun."""
        if self._player is not None:
            self._player.pause()

    @property
    def playing(self) -> bool:
        """Whether it plays now; nothing plays unless asked."""
        return self._player is not None and self._player.playing

    def preset(self, name: str) -> None:
        """Show a preset of the cell's card, as one step of undo."""
        raise NotImplementedError

    # --- building ------------------------------------------------------------------------------

    def _controls(self) -> list[W.Widget]:
        """Make all controls, each at the place where every widget has it."""
        shown = {name: knob for name, knob in self._system.knobs.items() if self._shown(name)}
        knobs = [self._row(self._trait_of[name], knob) for name, knob in shown.items()]
        controls: list[W.Widget] = [*knobs, *self._extras(), self._bar()]
        presets = self._system.presets()
        if presets and self._shown("presets"):
            self._presets = choices("preset", presets, self.guarded(self._press_preset), tips=presets.values())
            controls.insert(0, self._presets)
            self._mark_preset(self._system.model.preset)
        self._show_pickers()
        return controls

    def _row(self, trait: str, knob: Knob, kind: type[KnobRow] = KnobRow) -> KnobRow:
        def turned(value: float) -> None:
            with self.hold_sync():  # what the widget tells the page of itself comes after the picture
                setattr(self, trait, value)

        self._rows[trait] = kind(knob, self.guarded(turned))
        return self._rows[trait]

    def view_row(
        self,
        name: str,
        low: float,
        high: float,
        *,
        step: float,
        tex: str = "",
        about: str = "",
        kind: type[KnobRow] = KnobRow,
    ) -> KnobRow:
        """Make the numeric twin of a number in the view: a box and a slider, kept in step with its trait.

        Parameters
        ----------
        name : str
            The trait; a whole number stays one.
        low, high, step : float
            Range and step of the slider.
        tex, about : str
            Its name as TeX, and what it is.
        kind : type of KnobRow, optional
            `PowerRow` for a number over many powers of ten.
        """
        value = getattr(self, name)
        integer = isinstance(self.traits()[name], T.Int)
        return self._row(name, Knob(name, value, low, high, step, integer, tex=tex, about=about), kind)

    def view_picker(self, name: str, title: str, options: Mapping[str, Any]) -> Picker:
        """Make a row of buttons for a trait of the view, and keep it in step.

        Parameters
        ----------
        name : str
            The trait.
        title : str
            In front of the buttons.
        options : mapping of str to value
            A button for each value.
        """
        values = list(options.values())
        picker = Picker(title, self.guarded(lambda place: setattr(self, name, values[place])))
        self._pickers[name] = (picker, tuple(options), values)
        return picker

    def _show_pickers(self) -> None:
        for name, (picker, words, values) in self._pickers.items():
            value = getattr(self, name)
            picker.show(words, values.index(value) if value in values else None)

    def long_run(self, text: str, begin: Callable[[], Job], *, tip: str = "") -> LongRun:
        """Make the controls of a long measurement; it stops when its system changes, and with the widget."""
        run = LongRun(text, begin, tip=tip, lock=self._lock, failed=self._job_failed, guarded=self.guarded)
        self._runs.append(run)
        return run

    def _bar(self) -> W.HBox:
        """Make the row that is at the same place everywhere: step, play, undo, reset."""
        made = []
        if type(self)._step is not Board._step and self._shown("play"):
            self._player = Player(
                self._step, begin=self._begin_play, every=self.play_every,
                lock=self._lock, failed=self._job_failed, guarded=self.guarded,
            )  # fmt: skip
            made = [button("Step", self.guarded(self.step), tip="one step", name="step"), self._player.button]
        made += [
            button("Undo", self.guarded(self.undo), tip="go back one step", name="undo"),
            button("Reset", self.guarded(self.reset), tip="go back to the beginning", name="reset"),
        ]
        bar = W.HBox(made)
        bar.add_class("lyap-row")
        bar.add_class("lyap-steps")
        return bar

    # --- keeping up ----------------------------------------------------------------------------

    def _show_in_controls(self, names: tuple[str, ...]) -> None:
        """Let the controls show the traits that changed; all of them when `names` is empty."""
        for trait, row in self._rows.items():
            if not names or trait in names:
                row.show(getattr(self, trait))
        self._show_pickers()
        preset = self._presets.value if self._presets is not None else None
        if preset is not None and self._system.preset(preset)[0] != self._knob_values():
            self._mark_preset(None)

    def _mark_preset(self, name: str | None) -> None:
        """Press the button of the preset that is shown; none when the knobs have left it."""
        if self._presets is None:
            return
        self._marking = True
        try:
            self._presets.value = name if name in self._presets.options else None
        finally:
            self._marking = False

    def _press_preset(self, name: str) -> None:
        """Show a preset whose button was pressed by a hand, not by `_mark_preset`."""
        if not self._marking:
            self.preset(name)

    def _close_board(self) -> None:
        """Stop what runs and wait for its threads."""
        for run in self._runs:
            run.worker.close()
        if self._player is not None:
            self._player.close()
