"""How the widget of learning is looked at: target, horizon, rate and time, what they may be, and their controls."""

from __future__ import annotations

import math
import numbers
from collections.abc import Sequence
from typing import Any

import ipywidgets as W
import traitlets as T

from lyaplab.model import Knob
from lyaplab.widgets._closing import close_tree
from lyaplab.widgets._controls import KnobRow
from lyaplab.widgets._explorer import Explorer
from lyaplab.widgets._filtersystem import FilterSystem
from lyaplab.widgets._learning import Asked, stride
from lyaplab.widgets._state import Finite

__all__ = ["OutlierView", "target_of"]

MOST_UPDATES, LONGEST, MOST_SAMPLES = 20_000, 400, 1000
# What the rows of buttons choose among, and how it is called.
_TRAINED = {"W": "W", "all": "W, u, v"}
_SAMPLED = {0: "exact", 100: "100 trials", 10: "10", 1: "1"}
_PACES = {"even": "even", "limited": "as the moment allows"}
# A target dragged this close to the real axis is real.
_REAL = 0.04
# Rates that the slider offers; what is typed may be larger.
_LEAST_RATE, _FASTEST = 0.05, 3.0


class OutlierView(Explorer):
    """An explorer with the traits of the widget of learning; not to be used by itself."""

    groups = (*Explorer.groups, "filter", "loss", "course", "plane")
    system_kind = FilterSystem
    _system: FilterSystem
    play_every = 0.15
    _planned: int
    _parts: tuple[W.Widget, ...] = ()
    """What has to be closed though it may be hidden."""

    pole = T.List(Finite(), [1.0, 0.0], minlen=2, maxlen=2, help="Real and imaginary part of the target's pole.").tag(
        sync=True, view=True
    )
    horizon = T.Int(20, min=2, max=LONGEST, help="Steps T of a trial: lags below T count.").tag(sync=True, view=True)
    rate = Finite(0.5, help="Learning rate as a multiple of the critical one.").tag(sync=True, view=True)
    train = T.Enum(tuple(_TRAINED), "W", help="What is trained.").tag(sync=True, view=True)
    samples = T.Int(0, min=0, max=MOST_SAMPLES, help="Trials of noise for each gradient; 0 for the exact one.").tag(
        sync=True, view=True
    )
    pace = T.Enum(tuple(_PACES), "even", help="Whether steps are as long as the goal or the moment allows.").tag(
        sync=True, view=True
    )
    updates = T.Int(1400, min=10, max=MOST_UPDATES, help="How many updates there are.").tag(sync=True, view=True)
    t = T.Int(1400, min=0, max=MOST_UPDATES, help="The update after which the network is shown.").tag(
        sync=True, view=True
    )

    # --- what the numbers may be ---------------------------------------------------------------

    @T.validate("rate")
    def _check_rate(self, proposal: dict[str, Any]) -> float:
        if not proposal["value"] > 0.0:
            raise T.TraitError(f"rate must be positive, got {proposal['value']:g}: nothing would be learnt")
        return float(proposal["value"])

    def _view_of(self, start: Any) -> dict[str, Any]:
        return self._system.view_of(self._system.opened)

    def preset(self, name: str) -> None:
        """Show a preset, as one step of undo.

        Raises
        ------
        ValueError
            When there is no such preset; the nearest name is given.
        """
        values, _ = self._system.preset(name)
        self._show_state({"params": values, "view": self._system.view_of(name)})
        self._mark_preset(name)

    @property
    def asked(self) -> Asked:
        """What is to be learnt, as the controls stand now."""
        knobs = self._knob_values()
        return Asked(
            n=int(knobs["n"]), g=knobs["g"], angle=math.radians(knobs["angle"]), norm=knobs["norm"],
            seed=int(knobs["seed"]), pole=complex(*self.pole), horizon=self.horizon, rate=self.rate, train=self.train,
            samples=self.samples, pace=self.pace, updates=self.updates,
        )  # fmt: skip

    def _after_change(self, names: Any) -> None:
        """A look at the end of the training stays there when the end moves."""
        names = tuple(names)
        if "updates" in names and self.t >= self._planned:
            with self._lock:
                self._put({}, {"t": self.updates})
                self._settle_state()
            names = (*names, "t")
        self._planned = self.updates
        super()._after_change(names)

    def close(self) -> None:
        """Stop what runs, and close every part, also what is hidden; a second call does nothing."""
        super().close()
        for part in self._parts:
            close_tree(part)

    # --- controls ------------------------------------------------------------------------------

    def _controls(self) -> list[W.Widget]:
        self._planned = self.updates
        controls = super()._controls()
        self._show_in_controls(())
        wanted = {**self._system.view_of(self._system.opened)}
        knobs, _ = self._system.preset(self._system.opened)
        as_is = knobs == self._knob_values() and all(getattr(self, key) == value for key, value in wanted.items())
        self._mark_preset(self._system.opened if as_is else None)
        return controls

    def _extras(self) -> Sequence[W.Widget]:
        about = "of the target's pole: where the eigenvalue has to go"
        self._target = [
            KnobRow(Knob("re", self.pole[0], -1.0, 1.0, 0.01, tex="Re λ*", about=f"real part {about}"),
                    self.guarded(lambda value: self._aimed(complex(value, self.pole[1])))),
            KnobRow(Knob("im", self.pole[1], -1.0, 1.0, 0.01, tex="Im λ*", about=f"imaginary part {about}"),
                    self.guarded(lambda value: self._aimed(complex(self.pole[0], value)))),
        ]  # fmt: skip
        pickers = [
            self.view_picker(name, title, {word: value for value, word in choices.items()})
            for name, title, choices in (
                ("train", "Trained", _TRAINED), ("samples", "Gradient", _SAMPLED), ("pace", "Steps", _PACES)
            )
            if self._shown(name)
        ]  # fmt: skip
        self._parts = tuple(self._target)
        rows: list[W.Widget] = [*self._target] if self._shown("pole") else []
        for name, low, high, step, tex, words in (
            ("horizon", 2, 200, 1, "T", "steps of a trial: lags below T count"),
            ("rate", _LEAST_RATE, _FASTEST, 0.05, "rate", "learning rate as a multiple of the critical one"),
            ("updates", 10, 3000, 10, "K", "how many updates there are"),
            ("t", 0, self.updates, 1, "k", "the update after which the network is shown"),
        ):
            if self._shown(name):
                rows.append(self.view_row(name, low, high, step=step, tex=tex, about=words))
        return [*rows, *pickers]

    def _aimed(self, pole: complex) -> None:
        self.pole = [float(f"{pole.real:.12g}"), float(f"{pole.imag:.12g}")]

    def _dragged_target(self, pole: complex) -> None:
        """Take the target to where the hand is: in the upper half, within the circle, on the real axis if close."""
        pole = complex(pole.real, abs(pole.imag))
        pole /= max(1.0, abs(pole))
        if pole.imag < _REAL:
            pole = complex(pole.real)
        self.pole = [math.trunc(1000 * pole.real) / 1000, math.trunc(1000 * pole.imag) / 1000]

    def _step(self) -> bool:
        """Go on to the next look; from the end back to the beginning."""
        self.t = next((update for update in self.asked.looks if update > self.t), 0)
        return self.t < self.updates

    def _show_in_controls(self, names: tuple[str, ...]) -> None:
        super()._show_in_controls(names)
        for row, value in zip(self._target, self.pole, strict=True):
            row.show(value)
        if "t" in self._rows:
            self._rows["t"].reach(0, max(self.updates, self.t), stride(self.updates))
        preset = self._presets.value if self._presets is not None else None
        if preset is not None and names and set(names) - {"t"}:
            view = self._system.view_of(preset)
            if any(getattr(self, name) != view[name] for name in view if name != "t"):
                self._mark_preset(None)


def target_of(value: Any) -> list[float]:
    """Give the pole that a target stands for.

    Examples
    --------
    >>> target_of("integrator"), target_of(0.9), target_of(0.7 + 0.4j)
    ([1.0, 0.0], [0.9, 0.0], [0.7, 0.4])
    """
    if value == "integrator":
        return [1.0, 0.0]
    if isinstance(value, bool) or not isinstance(value, numbers.Complex):
        raise TypeError(f"target must be a pole, real or complex, or 'integrator', got {value!r}")
    return [float(complex(value).real), float(complex(value).imag)]
