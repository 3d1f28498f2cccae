"""The linear network behind the widget of learning: what it is drawn from, and what is worth opening with."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lyaplab.errors import number, one_of, unknown
from lyaplab.model import Knob, Model
from lyaplab.training.linear_filter import FilterNetwork
from lyaplab.widgets._random_network import Setting
from lyaplab.widgets._system import System

__all__ = ["LARGEST", "FilterSystem"]

LARGEST = 300
"""Most units: beyond, nobody would wait for a training."""

_CELL = "linear"
_KNOBS = (
    Knob("n", 100, 2, LARGEST, 1, True, tex="N", about="how many units"),
    Knob("g", 0.02, 0.0, 1.0, 0.01, about="radius of the disc of eigenvalues at the start: 0 learns rich, near 1 lazy"),
    Knob("angle", 0.0, 0.0, 90.0, 1.0, unit="°", tex="\\alpha", about="angle between input and output weights u and v"),
    Knob("norm", 1.0, 0.1, 4.0, 0.05, tex="|u|", about="length of u and of v at the start"),
    Knob("seed", 1, 0, 99, 1, True, about="draws W, u and v"),
)

# What the view is when a preset says nothing else. What presets say is measured in tests/widgets/test_outlier_lab.py.
_USUAL: dict[str, Any] = {
    "pole": [0.9, 0.0], "horizon": 50, "rate": 0.5, "train": "W", "samples": 0, "pace": "even", "updates": 300,
}  # fmt: skip
_PAIR = {"pole": [0.702, 0.384], "train": "all", "updates": 450}
_SETTINGS = {
    "integrator": Setting(
        "To sum up 20 steps, one eigenvalue leaves the others and goes to 1.",
        {}, {"pole": [1.0, 0.0], "horizon": 20, "updates": 1400},
    ),
    "leaky integrator": Setting("A memory that fades: one eigenvalue goes to 0.9.", {}, {}),
    "oscillator": Setting(
        "Two eigenvalues come out, meet on the real axis, and part as a pair.", {"angle": 90.0, "norm": 0.3}, _PAIR
    ),
    "stuck": Setting(
        "With u = v learning keeps W symmetric: it rests at a saddle and never oscillates.",
        {"g": 0.0, "norm": 0.3}, _PAIR,
    ),
    "lazy": Setting(
        "A full disc: every lag learns by itself, W hardly moves, and nothing leaves the disc.",
        {"g": 0.9, "angle": 90.0, "norm": 2.0}, {"pole": [0.8, 0.0], "train": "all"},
    ),
    "unstable rate": Setting(
        "Above the critical rate each step overshoots: the eigenvalue jumps to and fro for ever.", {}, {"rate": 1.2}
    ),
}  # fmt: skip


class FilterSystem(System):
    """A linear network drawn from its size, the radius of its disc, the angle and length of u and v, and a seed.

    Parameters
    ----------
    given : mapping
        Values of knobs.
    preset : str or None
        What is used for those that are not given; by default the first one.

    Attributes
    ----------
    opened : str
        The preset that it opened with.

    Examples
    --------
    >>> system = FilterSystem({"n": 20}, None)
    >>> system.values
    {'n': 20.0, 'g': 0.02, 'angle': 0.0, 'norm': 1.0, 'seed': 1.0}
    >>> system.net(system.values).n
    20
    """

    def __init__(self, given: Mapping[str, Any], preset: str | None) -> None:
        self.opened = next(iter(_SETTINGS)) if preset is None else one_of("preset", preset, tuple(_SETTINGS))
        for name in given:
            if name not in self._usual:
                raise unknown("parameter", name, self._usual)
        wanted = {**self.preset(self.opened)[0], **given}
        self.knobs = {knob.name: replace(knob, value=knob.check(wanted[knob.name])) for knob in _KNOBS}
        self.sizes, self.fixed, self.own = {}, {"cell": _CELL}, False
        self._drawn: tuple[tuple[float, ...], FilterNetwork] = ((), self._draw(self.values))
        self.model = self._drawn[1].model

    @classmethod
    def of(
        cls,
        system: Any,
        *,
        preset: str | None = None,
        structure: Mapping[str, Any] | None = None,
        params: Mapping[str, Any] | None = None,
    ) -> FilterSystem:
        """Make one; the only system that there is, is the cell ``"linear"``."""
        if system != _CELL:
            shown = repr(system) if isinstance(system, str) else type(system).__name__
            raise ValueError(
                f"this widget draws linear networks by itself, from n, g, angle, norm and seed: leave out {shown};"
                " ll.learn_filter trains one with weights of your own"
            )
        return cls(params or {}, preset)

    @property
    def _usual(self) -> dict[str, float]:
        return {knob.name: float(knob.value) for knob in _KNOBS}

    def net(self, values: Mapping[str, float]) -> FilterNetwork:
        """Draw the network of these knobs; the same values give the same network."""
        key = tuple(values.values())
        if key != self._drawn[0]:
            self._drawn = (key, self._draw(values))
        return self._drawn[1]

    def _draw(self, values: Mapping[str, float]) -> FilterNetwork:
        n = int(number("n", values["n"], low=2, high=LARGEST))
        return FilterNetwork.random(
            n, g=values["g"], aligned=math.radians(values["angle"]), norms=values["norm"], seed=int(values["seed"])
        )

    def with_values(self, values: Mapping[str, float]) -> Model:
        """Give the network of these knobs as a model."""
        return self.net(values).model

    @property
    def start(self) -> None:
        """No preset proposes a first state."""

    def presets(self) -> dict[str, str]:
        """Names and words of the presets."""
        return {name: setting.about for name, setting in _SETTINGS.items()}

    def preset(self, name: str) -> tuple[dict[str, float], None]:
        """Give a preset's knob values; what it does not name is as usual."""
        setting = _SETTINGS[one_of("preset", name, tuple(_SETTINGS))]
        return {key: float(setting.knobs.get(key, value)) for key, value in self._usual.items()}, None

    def view_of(self, name: str) -> dict[str, Any]:
        """What a preset says of the view: the target, and how it is learnt; it opens at the end of the training."""
        view = {**_USUAL, **_SETTINGS[name].view}
        return {**view, "t": view["updates"]}

    def must_fit_link(self, values: Mapping[str, float]) -> None:
        """Allow any link: knobs are all there is."""

    def code(self, values: Mapping[str, float]) -> str:
        """Write the line that makes ``net``."""
        drawn = f"g={values['g']!r}, aligned=np.radians({values['angle']!r}), norms={values['norm']!r}"
        return f"net = ll.FilterNetwork.random({int(values['n'])}, {drawn}, seed={int(values['seed'])})"
