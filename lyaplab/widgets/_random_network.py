"""The random network behind a widget: its size, its gain and its seed are all knobs, and weights are drawn anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from lyaplab import cells
from lyaplab.errors import number, one_of, positive_int, unknown
from lyaplab.model import Model
from lyaplab.widgets._system import System

__all__ = ["LARGEST", "RandomNetwork", "Setting"]

LARGEST = 500
"""Most units: beyond, no picture would follow a hand."""

LEAST_GAIN, MOST_GAIN = 0.4, 2.5
# The network that knobs are turned on. It is large enough to be drawn rather than made of single weights.
_BASE = 100


@dataclass(frozen=True)
class Setting:
    """A preset: knobs and numbers of the view that are worth opening with, and what they show."""

    about: str
    knobs: Mapping[str, float]
    view: Mapping[str, Any] = field(default_factory=dict)


# Exponents of these networks are in tests/widgets/test_chaos_transition.py: what a preset says is measured there.
_MAP = {
    "silent": Setting("Below the transition: whatever the start, activity dies out.", {"gain": 0.8}, {"warmup": 0}),
    "edge": Setting("At the transition of the infinite network; this one stays active, and its twins stay twins.",
                    {"gain": 1.0}),
    "loop": Setting("Above it: no chaos yet in these 100 units, the activity goes round a closed loop.",
                    {"gain": 1.15}),
    "chaos": Setting("Twins part at a steady rate, until nothing is left of their likeness.",
                     {"gain": 1.8}, {"t": 180}),
    "small": Setting("20 units with the gain of chaos: this network has none.", {"gain": 1.8, "n": 20},
                     {"compare": 500}),
    "large": Setting("500 units: the exponent comes close to theory.", {"gain": 1.8, "n": 500},
                     {"t": 140, "compare": 20}),
}  # fmt: skip
_FLOW = {
    "silent": Setting("Below the transition: whatever the start, activity dies out.", {"gain": 0.6}, {"warmup": 0}),
    "edge": Setting("At the transition of the infinite network; this one still dies out.", {"gain": 1.0}),
    "loop": Setting("Above it: no chaos yet in these 100 units, the activity goes round a limit cycle.",
                    {"gain": 1.5}),
    "chaos": Setting("Twins part at a steady rate, until nothing is left of their likeness.",
                     {"gain": 2.5}, {"t": 1200}),
    "small": Setting("20 units with the gain of chaos: this network has none.", {"gain": 2.5, "n": 20},
                     {"compare": 500}),
    "large": Setting("500 units: the exponent comes close to theory.", {"gain": 2.5, "n": 500},
                     {"t": 700, "compare": 20}),
}  # fmt: skip
# Seeds of 100 units that go round at first and are chaotic further on.
_USUAL_MAP, _USUAL_FLOW = {"n": 100.0, "seed": 8.0}, {"n": 100.0, "seed": 3.0}


class RandomNetwork(System):
    """A network with Gaussian weights N(0, gain²/n), drawn anew for each size, gain and seed.

    Attributes
    ----------
    opened : str or None
        The preset that it opened with.

    Examples
    --------
    >>> system = RandomNetwork.of("tanh", params={"n": 3, "gain": 1.5})
    >>> system.values, system.with_values(system.values).d
    ({'gain': 1.5, 'n': 3.0, 'seed': 8.0}, 3)
    """

    opened: str | None = None

    @classmethod
    def of(
        cls,
        system: Any,
        *,
        preset: str | None = None,
        structure: Mapping[str, Any] | None = None,
        params: Mapping[str, Any] | None = None,
    ) -> RandomNetwork:
        """Make one from a cell's name, a Cell or a Model that was drawn at random; see `System.of`."""
        given = dict(params or {})
        if isinstance(system, Model):
            cell, given = system.cell, {**_drawn(system), **given}
        else:
            cell = cells.find(system) if isinstance(system, str) else system
        names = {parameter.name for parameter in getattr(getattr(cell, "card", None), "hyper", ())}
        if not {"n", "gain", "seed"} <= names or len(cell.card.state) != 1:
            raise ValueError(f"this widget shows random networks of one kind of unit, such as 'tanh', not {system!r}")
        return cls(Model(cell, n=_BASE), given, preset)

    def __init__(self, base: Model, given: Mapping[str, Any], preset: str | None) -> None:
        super().__init__(base, {})
        flow = base.time_step is not None
        self._settings_here, self._usual = (_FLOW, _USUAL_FLOW) if flow else (_MAP, _USUAL_MAP)
        if preset is None and not given:
            preset = next(iter(self._settings_here))
        knobs = {
            "gain": replace(base.knobs["gain"], low=LEAST_GAIN, high=MOST_GAIN, step=0.01),
            "n": replace(base.knobs["n"], tex="N"),
            **{name: knob for name, knob in base.knobs.items() if name not in ("gain", "n")},
        }
        for name in given:
            if name not in knobs:
                raise unknown("parameter", name, knobs)
        self.knobs = {name: replace(knob, value=self._usual.get(name, knob.value)) for name, knob in knobs.items()}
        self.opened = preset
        asked = {**(self.preset(preset)[0] if preset is not None else {}), **given}
        self.knobs = {
            name: replace(knob, value=knob.check(asked.get(name, knob.value))) for name, knob in self.knobs.items()
        }
        self._base = base
        self._turned = ((), base)
        self.model = self.with_values(self.values)

    def with_values(self, values: Mapping[str, float]) -> Model:
        """Draw the network of these knobs; the same values give the same Model."""
        key = tuple(values.values())
        if key != self._turned[0]:
            number("n", values["n"], low=2, high=LARGEST)
            self._turned = (key, self._base.with_knobs(**values))
        return self._turned[1]

    @property
    def start(self) -> None:
        """No preset proposes a first state: the network has its own."""

    @property
    def opening_view(self) -> dict[str, Any]:
        """What the preset that it opened with says of the view."""
        return self.view_of(self.opened) if self.opened is not None else {}

    def view_of(self, name: str) -> dict[str, Any]:
        """What a preset says of the view."""
        return dict(self._settings_here[name].view)

    def presets(self) -> dict[str, str]:
        """Names and words of the presets."""
        return {name: setting.about for name, setting in self._settings_here.items()}

    def preset(self, name: str) -> tuple[dict[str, float], None]:
        """Give a preset's knob values; what it does not name is as usual."""
        setting = self._settings_here[one_of("preset", name, tuple(self._settings_here))]
        usual = {key: self._usual.get(key, float(knob.value)) for key, knob in self._originals().items()}
        return {key: float(setting.knobs.get(key, value)) for key, value in usual.items()}, None

    def _originals(self) -> Mapping[str, Any]:
        """Knobs with the values that hold when nothing is said, such as the card's time step."""
        by_name = {**self.knobs}
        for parameter in self.model.card.parameters:
            if parameter.name in by_name:
                by_name[parameter.name] = replace(by_name[parameter.name], value=parameter.default)
        return by_name

    def code(self, values: Mapping[str, float]) -> str:
        """Write the line that makes ``model``."""
        whole = {name: int(value) if self.knobs[name].integer else value for name, value in values.items()}
        said = ", ".join(f"{name}={whole[name]!r}" for name in ("n", *(key for key in whole if key != "n")))
        name = self.model.cell.name
        if not self.own:
            return f"model = ll.Model({name!r}, {said})"
        return f"# {name} is your own system: define it above\nmodel = ll.Model({name}, {said})"


def _drawn(model: Model) -> dict[str, Any]:
    """Give the numbers that a random network was drawn from, if those are all there is to say about it."""
    hyper = {name: value for name, value in model.settings.items() if value or name != "m"}
    scalars: dict[str, Any] = {p.name: float(model.weights[p.name]) for p in model.card.parameters if not p.shape}
    if model.own_weights or set(hyper) != {"n", "gain", "seed"}:
        raise ValueError(
            "this widget draws its networks from n, gain and seed alone, and lays the theory of those beside them;"
            f" this one has {'weights of its own' if model.own_weights else ', '.join(hyper)}"
        )
    again = Model(model.cell, **hyper, **scalars)
    if any(not np.array_equal(again.weights[name], model.weights[name]) for name in model.weights):
        raise ValueError("this widget draws its networks from n, gain and seed alone; this one has further weights")
    return {"n": positive_int("n", hyper["n"]), "gain": hyper["gain"], "seed": hyper["seed"], **scalars}
