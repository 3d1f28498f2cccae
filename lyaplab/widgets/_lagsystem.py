"""The system behind the widget of gradients: its presets are the regimes of an orbit, under the same names for all."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lyaplab import cells
from lyaplab.errors import one_of
from lyaplab.model import Model
from lyaplab.widgets._meter_system import LEAST, Drawn
from lyaplab.widgets._random_network import Setting
from lyaplab.widgets._system import SIZES, System, sizes_of

__all__ = ["REGIMES", "LagNetwork", "LagSystem"]

Array = NDArray[np.float64]

REGIMES = ("fixed point", "cycle", "quasi-periodic", "chaos")
"""What an orbit may come to, and the names of the presets that show it."""

# State variables of a named network, and the most sliders that it may bring.
_UNITS, _MOST_KNOBS = 2, 12
# What is there beside the regimes of the card: tanh with a turn as its weights.
_ORTHOGONAL, _TURN = "orthogonal", 0.7
_ABOUT = "W turns and neither stretches nor shrinks: what is lost is lost to the slope of tanh alone."

# The regimes of these networks are told by `Model.regime` in tests/widgets/test_gradient_lag.py.
_NETWORKS: dict[str, dict[str, Setting]] = {
    "tanh": {
        "fixed point": Setting("Weak weights: 50 units come to rest.", {"n": 50, "gain": 0.8, "seed": 0}),
        "cycle": Setting("50 units swing between two states.", {"n": 50, "gain": 1.1, "seed": 4}),
        "quasi-periodic": Setting("50 units go round a closed loop.", {"n": 50, "gain": 1.1, "seed": 1}),
        "chaos": Setting("Strong weights: 50 units never repeat themselves.", {"n": 50, "gain": 1.8, "seed": 1}),
    },
    "lstm": {
        "fixed point": Setting("Weak weights: 20 gated units come to rest.", {"n": 20, "gain": 1.0, "seed": 0}),
        "quasi-periodic": Setting("20 gated units go round a closed loop.", {"n": 20, "gain": 4.0, "seed": 0}),
        "chaos": Setting("Gates are no protection: 20 units in chaos.", {"n": 20, "gain": 8.0, "seed": 2}),
    },
    "gru": {
        "fixed point": Setting("Weak weights: 20 gated units come to rest.", {"n": 20, "gain": 2.0, "seed": 0}),
        "quasi-periodic": Setting("20 gated units go round a closed loop.", {"n": 20, "gain": 3.0, "seed": 0}),
        "chaos": Setting("Gates are no protection: 20 units in chaos.", {"n": 20, "gain": 6.0, "seed": 4}),
    },
}  # fmt: skip


class LagSystem(System):
    """A model whose knobs can be turned; of a cell's presets one for each regime is on show.

    Examples
    --------
    >>> LagSystem.of("tanh", structure={"n": 2}).presets().keys()
    dict_keys(['fixed point', 'cycle', 'quasi-periodic', 'chaos', 'orthogonal'])
    >>> LagSystem.of("tanh", params={"n": 50}).presets().keys()
    dict_keys(['fixed point', 'cycle', 'quasi-periodic', 'chaos'])
    """

    opened: str | None = None
    """The preset that it opened with, under the name that it has here."""

    @classmethod
    def of(
        cls,
        system: Any,
        *,
        preset: str | None = None,
        structure: Mapping[str, Any] | None = None,
        params: Mapping[str, Any] | None = None,
    ) -> System:
        """Make one from a cell's name, a Cell, a plain function or a Model; see `System.of`."""
        given = dict(params or {})
        cell = cells.find(system) if isinstance(system, str) else system
        card = getattr(cell, "card", None)
        if card is None or isinstance(system, Model):
            return super().of(system, preset=preset, structure=structure, params=given)
        if _is_drawn(cell, given):
            return LagNetwork(cell, {"m": 0, **given}, preset)
        if any(name in given for name in SIZES) or (preset is None and given):
            return super().of(system, preset=preset, structure=structure, params=given)
        return cls._in_regime(cell, preset, structure or {}, given)

    @classmethod
    def _in_regime(
        cls, cell: Any, preset: str | None, structure: Mapping[str, Any], given: Mapping[str, Any]
    ) -> LagSystem:
        """Make a small system in a regime, by default the first that its card can show."""
        hyper = {parameter.name: parameter for parameter in cell.card.hyper}
        sizes = {
            name: max(1, size // len(cell.card.state)) if name == "n" else size
            for name, size in structure.items()
            if name in hyper and size >= (hyper[name].limits[0] or 0)
        }
        model = Model(cell, **sizes)
        sizes = sizes_of(model)
        small = cls(model, sizes)
        known = small.presets()
        wanted = next(iter(known), None) if preset is None else preset
        if wanted == _ORTHOGONAL and _ORTHOGONAL in known:
            made = cls(small.with_values({**small.preset(_ORTHOGONAL)[0], **given}), sizes)
            made.opened = _ORTHOGONAL
            return made
        named = None if wanted is None else small._cards.get(wanted, wanted)
        if named is not None:
            one_of("preset", named, {*known, *cell.card.presets})
        found = super().of(cell, preset=named, structure=sizes, params=given)
        assert isinstance(found, LagSystem)
        found.opened = next((regime for regime, name in small._cards.items() if name == named), None)
        return found

    @property
    def _cards(self) -> dict[str, str]:
        """The card's own name of the preset that shows each regime."""
        found: dict[str, str] = {}
        for name, preset in self.model.card.presets.items():
            if preset.regime in REGIMES and preset.regime not in found and self._fits(name):
                found[preset.regime] = name
        return {regime: found[regime] for regime in REGIMES if regime in found}

    @property
    def _turns(self) -> bool:
        return self.model.cell.name == "tanh" and self.model.d == _UNITS and not self.own

    def presets(self) -> dict[str, str]:
        """Names and words of the regimes that it can be in."""
        if not hasattr(self, "_presets"):
            known = {regime: self.model.card.presets[name].about for regime, name in self._cards.items()}
            self._presets = known | ({_ORTHOGONAL: _ABOUT} if self._turns else {})
        return self._presets

    def preset(self, name: str) -> tuple[dict[str, float], Array | None]:
        """Give the knob values and the first state of a regime, or of a preset of the card."""
        if name == _ORTHOGONAL and self._turns:
            cos, sin = math.cos(_TURN), math.sin(_TURN)
            turn = {"w11": cos, "w12": -sin, "w21": sin, "w22": cos}
            return {knob: turn.get(knob, 0.0) for knob in self.knobs}, None
        own = self._cards.get(name, name)
        if own not in self._settings:
            one_of("preset", name, {*self.presets(), *super().presets()})
            preset = self.model.card.presets[own]
            knobs = Model(self.model.cell, preset=own).knobs
            start = None if preset.start is None else np.asarray(preset.start, dtype=float)
            self._settings[own] = {key: float(knobs[key].value) for key in self.knobs}, start
        return self._settings[own]


class LagNetwork(Drawn):
    """A random network: size, gain and seed are knobs, each regime one setting of them.

    Examples
    --------
    >>> LagNetwork(cells.find("tanh"), {"n": 50, "m": 0}, "chaos").values
    {'n': 50.0, 'gain': 1.8, 'seed': 1.0}
    """

    settings = _NETWORKS

    def view_of(self, name: str) -> dict[str, Any]:
        """Nothing of the view: there are no inputs."""
        return {}


def _is_drawn(cell: Any, given: Mapping[str, Any]) -> bool:
    """Tell whether a network is to be drawn from size, gain and seed: a large one, or one of too many weights."""
    card, numbers = cell.card, {"n", "m", "gain", "seed"}
    scalars = {parameter.name for parameter in card.parameters if not parameter.shape}
    if not numbers <= {parameter.name for parameter in card.hyper} or not set(given) <= numbers | scalars:
        return False
    crowded = cell.name in _NETWORKS and len(Model(cell, n=max(1, _UNITS // len(card.state))).knobs) > _MOST_KNOBS
    return int(given.get("n", LEAST if crowded else 0)) >= LEAST
