"""How the spectrum meter is looked at: the numbers of its view, and what they may be."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import traitlets as T
from numpy.typing import ArrayLike, NDArray

from lyaplab.errors import finite_array
from lyaplab.model import Model
from lyaplab.widgets._drive import Drive
from lyaplab.widgets._explorer import Explorer
from lyaplab.widgets._meter_system import MeterSystem
from lyaplab.widgets._others import KINDS
from lyaplab.widgets._running import SCALES
from lyaplab.widgets._state import Finite

__all__ = ["MOST_NOW", "SMALL", "MeterView"]

Array = NDArray[np.float64]

SMALL = 3
"""Up to so many state variables, the tangents are drawn and pushed by hand."""

MOST_NOW = 600
"""Most sub-steps by hand; three make a QR."""

_MOST_APART = 50
# The error at which a run stops: that of the last of many exponents falls slowly.
_GOAL, _LARGE_GOAL = 0.001, 0.01
# Of a flow, time between two QRs by hand at first.
_APART_TIME = 0.1


class MeterView(Explorer):
    """An explorer with the traits of the spectrum meter; not to be used by itself."""

    system_kind = MeterSystem
    _system: MeterSystem

    until = Finite(_GOAL, help="A run stops when every standard error is below.").tag(sync=True, view=True)
    k = T.Int(100, min=1, help="At most so many exponents are measured.").tag(sync=True, view=True)
    warmup = T.Int(500, min=0, max=20_000, help="Steps before growth is counted.").tag(sync=True, view=True)
    x0 = T.List(Finite(), [], help="The first state; empty for the model's own.").tag(sync=True, view=True)
    amplitude = Finite(0.0, help="Standard deviation of the noise on each input.").tag(sync=True, view=True)
    noise = T.Int(0, min=0, max=10**6, help="Seed of the noise.").tag(sync=True, view=True)
    now = T.Int(0, min=0, max=MOST_NOW, help="Sub-steps by hand.").tag(sync=True, view=True)
    apart = T.Int(1, min=1, max=_MOST_APART, help="Steps from one QR by hand to the next.").tag(sync=True, view=True)
    plane = T.List(T.Int(min=1, max=SMALL), [1, 2], minlen=2, maxlen=2, help="The axes that are seen.").tag(
        sync=True, view=True
    )
    scale = T.Enum(SCALES, "leading", help="Which exponents set the scale.").tag(sync=True, view=True)
    against = T.Enum(KINDS, "starts", help="In what the others differ.").tag(sync=True, view=True)
    many = T.Int(4, min=1, max=12, help="How many others.").tag(sync=True, view=True)

    def __init__(
        self,
        system: Any,
        *,
        inputs: ArrayLike | None = None,
        preset: str | None = None,
        hide: Iterable[str] = (),
        **params: Any,
    ) -> None:
        self._given: Array | None = None
        if inputs is not None:
            array = finite_array("inputs", inputs, shape=(None,) * (2 if np.ndim(inputs) < 3 else 3))
            self._given = array.reshape(-1, *array.shape[-2:])
        if "x0" in params:
            params["x0"] = finite_array("x0", np.atleast_1d(params["x0"]), shape=(None,)).tolist()
        super().__init__(system, preset=preset, hide=hide, **params)
        if self._system.opened is not None:
            self._mark_preset(self._system.opened)

    # --- what the numbers may be ---------------------------------------------------------------

    @T.validate("until")
    def _check_until(self, proposal: dict[str, Any]) -> float:
        if proposal["value"] <= 0:
            raise T.TraitError(f"until must be positive, got {proposal['value']:g}")
        return float(proposal["value"])

    @T.validate("amplitude")
    def _check_amplitude(self, proposal: dict[str, Any]) -> float:
        if proposal["value"] < 0:
            raise T.TraitError(f"amplitude must not be negative, got {proposal['value']:g}")
        return float(proposal["value"])

    @T.validate("x0")
    def _check_x0(self, proposal: dict[str, Any]) -> list[float]:
        first, d = list(proposal["value"]), self._system.model.d
        if len(first) not in (0, 1, d):
            raise T.TraitError(f"x0 must hold {d} numbers, or one for all state variables, got {len(first)}")
        return first

    @T.validate("plane")
    def _check_plane(self, proposal: dict[str, Any]) -> list[int]:
        axes, d = list(proposal["value"]), self._system.model.d
        if axes[0] == axes[1] or max(axes) > max(d, 2):  # of one variable the second axis is empty
            raise T.TraitError(f"plane must name two different axes of {d}, such as [1, 2], got {axes}")
        return axes

    # --- what the view opens with --------------------------------------------------------------

    def _suits(self, model: Model) -> None:
        given = self._given
        if given is not None and (given.shape[2] != model.m or given.shape[1] < 2 or model.m == 0):
            raise ValueError(
                f"inputs must have the shape (T, {model.m}) or (B, T, {model.m}) with at least two rows for this"
                f" {model.cell.name}, got {given.shape[1:] if len(given) == 1 else given.shape}"
            )
        self._small = model.d <= SMALL
        self._opening = True

    def _view_of(self, start: Array | None) -> dict[str, Any]:
        view: dict[str, Any] = {"now": 0, "x0": [], "amplitude": 0.0}
        if self._opening:
            self._opening = False
            system = self._system
            dt = system.model.time_step
            view["apart"] = 1 if dt is None else int(np.clip(round(_APART_TIME / dt), 1, _MOST_APART))
            view["until"] = _GOAL if self._small else _LARGE_GOAL
            view["against"] = "seeds" if "seed" in system.knobs else "starts"
            if self._given is not None:
                view["warmup"] = min(500, self._given.shape[1] // 4)
                view["against"] = "inputs" if len(self._given) > 1 else view["against"]
            if system.opened is not None:
                view |= system.view_of(system.opened)
        if start is not None:
            own = np.ravel(start).tolist()
            view["x0"] = own[:1] if len(set(own)) == 1 else own
        return view

    def preset(self, name: str) -> None:
        """Show a preset of the cell's card, or of the random network, as one step of undo.

        Raises
        ------
        ValueError
            When there is no such preset; the nearest name is given.
        """
        values, start = self._system.preset(name)
        self._show_state({"params": values, "view": {**self._view_of(start), **self._system.view_of(name)}})
        self._mark_preset(name)

    def _show_in_controls(self, names: tuple[str, ...]) -> None:
        super()._show_in_controls(names)
        shown = self._presets.value if self._presets is not None else None
        if shown is not None and any(getattr(self, key) != value for key, value in self._system.view_of(shown).items()):
            self._mark_preset(None)

    # --- what follows from it ------------------------------------------------------------------

    @property
    def _start(self) -> Array | None:
        """The first state; None is the model's own."""
        if not self.x0:
            return None
        return np.broadcast_to(np.asarray(self.x0, float), self.model.d).copy()

    @property
    def _drive(self) -> Drive:
        """What drives the network."""
        return Drive(self._system.model.m, self.amplitude, self.noise, self._given)

    def _voids(self, names: tuple[str, ...]) -> bool:
        """A measurement is void when it would come out otherwise now: not when a step is taken or taken back."""
        try:
            return self._measures() != self._measured
        except (TypeError, ValueError):  # a knob where there is no model
            return True

    _measured: tuple[Any, ...] | None = None
    """What `_measures` gave when the last measurement began."""

    def _measures(self) -> tuple[Any, ...]:
        """All that a measurement depends on, but for its length."""
        return (self.model, tuple(self.x0), self.warmup, self.k, self._drive.key)

    def link(self) -> str:
        """Write the whole state as a text that `ll.open` turns into this widget again; inputs do not fit into it."""
        if self._given is not None:
            raise ValueError("inputs are your own array and do not fit a link: share the notebook that makes them")
        return super().link()
