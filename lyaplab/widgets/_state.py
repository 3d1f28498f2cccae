"""What a widget shows, as data: one JSON dict, one synced trait for each value in it, undo and reset.

    state = {"widget": "Cobweb", "version": 1,
             "params": {"cell": "logistic", "r": 3.2},      the system: its cell and its knobs
             "view": {"x0": 0.1, "steps": 12}}              how it is looked at

Every knob of the model becomes a synced Float trait, so that `jslink` and `observe` work; every
trait that a widget tags with ``view=True`` belongs to the view. Dict and traits always agree:
whichever is set, the other follows.
"""

from __future__ import annotations

import copy
import json
import math
import threading
from collections.abc import Iterable, Mapping
from typing import Any

import ipywidgets as W
import traitlets as T

from lyaplab.errors import unknown
from lyaplab.widgets import _link
from lyaplab.widgets._history import History

__all__ = ["Finite", "Stateful"]


class Finite(T.Float):
    """A Float trait that refuses nan and infinity: neither fits a link nor a slider."""

    info_text = "a finite number"

    def validate(self, obj: Any, value: Any) -> float:
        """Check one value; traitlets calls this on every set."""
        if isinstance(value, bool):
            self.error(obj, value)
        number = super().validate(obj, value)
        if number is None or not math.isfinite(number):
            self.error(obj, value)
        return float(number)


class Stateful(W.VBox):
    """A box of widgets whose whole state is one dict, with undo, reset and a link.

    Subclasses call `_adopt` before ``super().__init__()`` and answer `_after_change`.
    """

    version = 1
    state = T.Dict(help="The whole state: widget, version, params, view.").tag(sync=True)

    def _adopt(self, fixed: Mapping[str, Any], knobs: Mapping[str, float], view: Mapping[str, Any]) -> None:
        """Take on a system: make a trait for each knob, set the view, and keep both as the first state.

        Parameters
        ----------
        fixed : mapping
            What names the system and never changes in this widget, such as ``{"cell": "tanh", "n": 1}``.
        knobs : mapping
            Name and first value of each knob.
        view : mapping
            Values of traits tagged ``view=True`` that differ from their defaults.
        """
        self._lock = threading.RLock()
        self._putting = False
        self._fixed = dict(fixed)
        # a learner may call a parameter "layout": such a knob's trait gets an underscore
        self._trait_of = {name: name if not hasattr(self, name) else f"{name}_" for name in knobs}
        self._views = sorted(self.trait_names(view=True))
        self.add_traits(**{self._trait_of[name]: Finite(float(value)).tag(sync=True) for name, value in knobs.items()})
        self._put(dict(knobs), dict(view))
        self._begin()
        self.observe(self._take_trait, [*self._trait_of.values(), *self._views])

    def _begin(self) -> None:
        """Take the state as it is for the first one: what reset goes back to."""
        self._history = History()
        self._settle_state()
        self._first = self._last

    # --- what comes in -------------------------------------------------------------------------

    @T.validate("state")
    def _check_state(self, proposal: dict) -> dict:
        """Refuse what this widget cannot show; fill in what is left out."""
        if self._putting:
            return proposal["value"]
        return self._completed(proposal["value"])

    @T.observe("state")
    def _take_dict(self, change: dict) -> None:
        with self._lock:
            if self._putting or change["new"] == self._last:
                return
            self._remember(what=None)
            self._put(self._knobs_in(change["new"]["params"]), change["new"]["view"])
            self._settle_state()
        self._after_change(())

    def _take_trait(self, change: dict) -> None:
        """One trait was set, by a control, by code or by a link to another widget."""
        with self._lock:
            if self._putting:
                return
            self._remember(what=change["name"])
            self._settle_state()
        self._after_change((change["name"],))

    def _after_change(self, names: Iterable[str]) -> None:
        """Show the new state; `names` are the traits that changed, empty when many did."""

    def _remember(self, *, what: str | None) -> None:
        self._history.remember(self._last, what=what)

    def _settle_state(self) -> None:
        """Make the dict agree with the traits; `_lock` is held."""
        self._last = self._snapshot()
        self._putting = True
        try:
            self.state = copy.deepcopy(self._last)
        finally:
            self._putting = False

    def _put(self, knobs: Mapping[str, Any], view: Mapping[str, Any]) -> None:
        """Set traits without recording a step; `_lock` is held or the widget is not yet shown."""
        self._putting = True
        try:
            for name, value in knobs.items():
                setattr(self, self._trait_of[name], value)
            for name, value in view.items():
                setattr(self, name, value)
        finally:
            self._putting = False

    def _knobs_in(self, params: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in params.items() if name not in self._fixed}

    def _knob_values(self) -> dict[str, float]:
        return {name: getattr(self, trait) for name, trait in self._trait_of.items()}

    def _snapshot(self) -> dict[str, Any]:
        view = {name: getattr(self, name) for name in self._views}
        return {
            "widget": self._widget_name(),
            "version": self.version,
            "params": {**self._fixed, **self._knob_values()},
            "view": json.loads(json.dumps(view)),  # a plain copy: tuples become lists
        }

    @classmethod
    def _widget_name(cls) -> str:
        """Name the widget; traits added to one object give that object a class of the same name."""
        return cls.__name__

    # --- checks --------------------------------------------------------------------------------

    def _completed(self, state: Any) -> dict[str, Any]:
        """Check a state word by word and return it with nothing left out."""
        if not isinstance(state, Mapping):
            raise TypeError(f"state must be a dict with 'params' and 'view', got {type(state).__name__}")
        _link.plain(dict(state), "state")
        for key in state:
            if key not in _link.KEYS:
                raise unknown("entry of state", key, _link.KEYS)
        full = copy.deepcopy(self._last)
        if state.get("widget", full["widget"]) != full["widget"]:
            raise ValueError(f"this state is of a {state['widget']}, this widget is a {full['widget']}")
        if state.get("version", self.version) != self.version:
            raise ValueError(
                f"this state has version {state['version']}, this {full['widget']} understands"
                f" version {self.version}: update lyaplab"
            )
        self._merge(full["params"], state.get("params", {}), "parameter")
        self._merge(full["view"], state.get("view", {}), "view value")
        return full

    def _merge(self, have: dict[str, Any], new: Any, kind: str) -> None:
        if not isinstance(new, Mapping):
            raise TypeError(f"state must hold a dict for each {kind}, got {type(new).__name__}")
        for name, value in new.items():
            if name not in have:
                raise unknown(kind, name, have)
            if name in self._fixed and kind == "parameter":
                if value != self._fixed[name]:
                    raise ValueError(
                        f"this widget shows {name} = {self._fixed[name]!r}, the state asks for {value!r}:"
                        " open it as a widget of its own"
                    )
                continue
            trait = self._trait_of[name] if kind == "parameter" else name
            have[name] = self._checked(trait, name, value)

    def _checked(self, trait_name: str, name: str, value: Any) -> Any:
        try:
            return self.traits()[trait_name]._validate(self, value)
        except T.TraitError as error:
            raise ValueError(f"{name} cannot be {value!r}: {error}") from None

    # --- going back ----------------------------------------------------------------------------

    def undo(self) -> None:
        """Go back to the state before the last gesture; does nothing at the beginning."""
        with self._lock:
            before = self._history.back()
            if before is None:
                return
            self._put(self._knobs_in(before["params"]), before["view"])
            self._settle_state()
        self._after_change(())

    def reset(self) -> None:
        """Go back to the state in which the widget opened; undo takes it back."""
        self._show_state(self._first)

    def _show_state(self, state: Mapping[str, Any]) -> None:
        """Show a whole or partial state as one step of undo."""
        self.state = self._completed(state)
