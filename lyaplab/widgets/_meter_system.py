"""The system behind the spectrum meter: whatever a Model can be, and random networks whose size is a knob."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from lyaplab import cells
from lyaplab.errors import number, one_of
from lyaplab.model import Model
from lyaplab.widgets._random_network import Setting
from lyaplab.widgets._system import System

__all__ = ["LARGEST", "LEAST", "Drawn", "MeterSystem"]

LEAST, LARGEST = 4, 200
"""Fewest and most units of a network that is drawn; a Model that is given may have more."""

# Of a named network: its units, its inputs, and the seed of its weights.
_UNITS, _INPUTS, _SEED = 50, 10, 1
# A meter is opened where there is something to be measured.
_OPENING = "chaos"


_NOISE = {"amplitude": 1.0}
# What these words say is measured in tests/widgets/test_spectrum_meter.py.
_SETTINGS: dict[str, dict[str, Setting]] = {
    "tanh": {
        "chaotic": Setting("Several exponents are positive: errors grow in many directions at a time.", {"gain": 1.8}),
        "silent": Setting("Below the transition all exponents are negative: the network comes to rest.", {"gain": 0.8}),
        "driven": Setting("Chaos under white noise: the input silences it.", {"gain": 1.8}, _NOISE),
        "small": Setting("20 units: fewer exponents on the same curve.", {"gain": 1.8, "n": 20}),
        "large": Setting("100 units: the spectrum as a curve, the dimension in proportion.", {"gain": 1.8, "n": 100}),
    },
    "lstm": {
        "memory": Setting("64 exponents of 32 units: the leading ones are close to zero, so errors are kept long.",
                          {"gain": 4.0, "n": 32}),
        "chaotic": Setting("Strong weights: several exponents are positive.", {"gain": 8.0, "n": 32, "seed": 6}),
        "driven": Setting("Alone these 20 units come to rest; noise makes chaos.", {"gain": 6.0, "n": 20}, _NOISE),
        "forgetful": Setting("Weak weights: an error is gone after a few steps.", {"gain": 1.0, "n": 32}),
    },
    "gru": {
        "chaotic": Setting("Strong weights: several exponents are positive.", {"gain": 6.0, "n": 32, "seed": 3}),
        "memory": Setting("The leading exponents are close to zero: errors are kept long.", {"gain": 2.0}),
        "driven": Setting("Under noise errors are forgotten; without, they live on.", {"gain": 3.0, "n": 32}, _NOISE),
        "forgetful": Setting("Weak weights: an error is gone after a few steps.", {"gain": 1.0, "n": 32}),
    },
    "rate": {
        "chaotic": Setting("A flow of 100 units: several exponents are positive.", {"gain": 4.0, "n": 100, "seed": 3}),
        "silent": Setting("Below the transition all exponents are negative.", {"gain": 0.8}),
    },
    "leaky": {
        "chaotic": Setting("100 units: several exponents are positive.", {"gain": 4.0, "n": 100, "seed": 3}),
        "silent": Setting("Below the transition all exponents are negative.", {"gain": 0.8}),
    },
}  # fmt: skip


class MeterSystem(System):
    """A model whose knobs can be turned; a named network of no stated size is one that is drawn (`Drawn`).

    Examples
    --------
    >>> MeterSystem.of("henon").model.preset, MeterSystem.of("tanh").model.d
    ('chaos', 50)
    >>> MeterSystem.of("tanh", preset="two-cycle").model.d
    2
    """

    opened: str | None = None
    """The preset of a random network that it opened with."""

    @classmethod
    def of(
        cls,
        system: Any,
        *,
        preset: str | None = None,
        structure: Mapping[str, Any] | None = None,
        params: Mapping[str, Any] | None = None,
    ) -> MeterSystem:
        """Make one from a cell's name, a Cell, a plain function or a Model; see `System.of`."""
        given = dict(params or {})
        cell = cells.find(system) if isinstance(system, str) else system
        card = getattr(cell, "card", None)
        if card is not None and not isinstance(system, Model):
            if preset is not None:
                one_of("preset", preset, {*card.presets, *_SETTINGS.get(cell.name, {})})
            if _is_drawn(cell, preset, given):
                return Drawn(cell, given, preset)
            if preset is None and not given and _OPENING in card.presets:
                preset = _OPENING
        made = super().of(system, preset=preset, structure=structure, params=given)
        assert isinstance(made, MeterSystem)
        return made

    def view_of(self, name: str) -> dict[str, Any]:
        """What a preset says of the view."""
        return {}


def _is_drawn(cell: Any, preset: str | None, given: Mapping[str, Any]) -> bool:
    """Tell whether numbers alone make this network, and its size may be turned."""
    card = cell.card
    names, numbers = {parameter.name for parameter in card.hyper}, {"n", "m", "gain", "seed"}
    scalars = {parameter.name for parameter in card.parameters if not parameter.shape}
    if not numbers <= names or "hidden" in names or not set(given) <= numbers | scalars:
        return False
    if preset is not None:
        return preset in _SETTINGS.get(cell.name, {})
    return int(given.get("n", _UNITS)) >= LEAST


class Drawn(MeterSystem):
    """A random network: size, gain and seed are knobs, and it always has inputs, which are silent at first.

    Examples
    --------
    >>> system = Drawn(cells.find("tanh"), {"n": 20}, None)
    >>> system.fixed, system.values
    ({'cell': 'tanh', 'm': 10}, {'n': 20.0, 'gain': 1.0, 'seed': 1.0})
    """

    settings: ClassVar[Mapping[str, Mapping[str, Setting]]] = _SETTINGS
    """Presets of each cell's networks."""

    def __init__(self, cell: Any, given: Mapping[str, Any], preset: str | None) -> None:
        asked = dict(given)
        inputs = int(asked.pop("m", _INPUTS))
        super().__init__(Model(cell, n=_UNITS, m=inputs, seed=_SEED), {"m": inputs})
        self._own_presets = self.settings.get(cell.name, {})
        calm = preset is None and not set(given) - {"m"}
        self.opened = next(iter(self._own_presets), None) if calm else preset
        self.knobs["n"] = replace(self.knobs["n"], low=LEAST, high=LARGEST, tex="n", about="how many units")
        farthest = max([self.knobs["gain"].high, *(each.knobs.get("gain", 0) for each in self._own_presets.values())])
        self.knobs["gain"] = replace(self.knobs["gain"], high=float(farthest))  # as far as the presets go
        self._usual = self.values
        wanted = {**(self.preset(self.opened)[0] if self.opened is not None else {}), **asked}
        self.knobs = {
            name: replace(knob, value=knob.check(wanted.get(name, knob.value))) for name, knob in self.knobs.items()
        }
        self.model = self.with_values(self.values)

    def with_values(self, values: Mapping[str, float]) -> Model:
        """Draw the network of these knobs; the same values give the same Model."""
        number("n", values["n"], low=LEAST, high=1000)
        return super().with_values(values)

    def presets(self) -> dict[str, str]:
        """Names and words of the presets."""
        return {name: setting.about for name, setting in getattr(self, "_own_presets", {}).items()}

    def preset(self, name: str) -> tuple[dict[str, float], None]:
        """Give a preset's knob values; what it does not name is as usual."""
        setting = self._own_presets[one_of("preset", name, tuple(self._own_presets))]
        return {key: float(setting.knobs.get(key, value)) for key, value in self._usual.items()}, None

    def view_of(self, name: str) -> dict[str, Any]:
        """What a preset says of the view: the noise that drives the network."""
        return {"amplitude": 0.0, **self._own_presets[name].view} if name in self._own_presets else {}

    def code(self, values: Mapping[str, float]) -> str:
        """Write the line that makes ``model``."""
        whole = {name: int(value) if self.knobs[name].integer else value for name, value in values.items()}
        order = ("n", *(name for name in whole if name != "n"))
        said = ", ".join([f"m={self.sizes['m']}", *(f"{name}={whole[name]!r}" for name in order)])
        name = self.model.cell.name
        if not self.own:
            return f"model = ll.Model({name!r}, {said})"
        return f"# {name} is your own system: define it above\nmodel = ll.Model({name}, {said})"
