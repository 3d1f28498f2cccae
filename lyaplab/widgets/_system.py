"""The system behind a widget: a Model, which of its numbers are knobs, and how it is written down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lyaplab import cells
from lyaplab.errors import one_of
from lyaplab.kernel.plain import map as map_of
from lyaplab.model import Knob, Model

__all__ = ["SIZES", "System", "sizes_of"]

SIZES = ("n", "m", "hidden", "bases")
"""Arguments of Model that change how many numbers there are: a widget fixes them when it opens."""


class System:
    """A model whose knobs can be turned.

    Attributes
    ----------
    model : Model
        As it was when the widget opened.
    knobs : dict of str to Knob
        What gets a slider; sizes such as n are fixed and do not.
    fixed : dict
        What names the system in a widget's state: the cell and its sizes.
    own : bool
        Whether the cell is the learner's, so that no name finds it.

    Examples
    --------
    >>> system = System.of("logistic", params={"r": 3.2})
    >>> system.fixed, system.values
    ({'cell': 'logistic'}, {'r': 3.2})
    """

    def __init__(self, model: Model, sizes: Mapping[str, Any]) -> None:
        self.model = model
        self.sizes = dict(sizes)
        self.knobs: dict[str, Knob] = {name: knob for name, knob in model.knobs.items() if name not in sizes}
        self.fixed: dict[str, Any] = {"cell": model.cell.name, **self.sizes}
        self.own = not _is_registered(model.cell)
        self._settings: dict[str, tuple[dict[str, float], NDArray[np.float64] | None]] = {}
        self._turned: tuple[tuple[float, ...], Model] = (tuple(self.values.values()), model)

    @classmethod
    def of(
        cls,
        system: Any,
        *,
        preset: str | None = None,
        structure: Mapping[str, Any] | None = None,
        params: Mapping[str, Any] | None = None,
    ) -> System:
        """Make one from a cell's name, a Cell, a plain function or a Model.

        Parameters
        ----------
        system : str, Cell, function or Model
        preset : str, optional
            Of the cell's card.
        structure : mapping, optional
            Sizes when nothing else is said; those that the cell does not know are left out.
        params : mapping, optional
            Values of knobs, and further arguments of Model.
        """
        given = dict(params or {})
        calm = preset is None and not given
        if isinstance(system, Model):
            model = system
            sizes = sizes_of(model)
        else:
            cell = map_of(system) if callable(system) and not hasattr(system, "card") else system
            card = _cell(cell).card
            known = {parameter.name for parameter in card.hyper}
            wanted = {name: value for name, value in (structure or {}).items() if name in known}
            if "n" in wanted:  # two state variables are two units of a tanh network, and one LSTM cell
                wanted["n"] = max(1, wanted["n"] // len(card.state))
            said = {name: given.pop(name) for name in list(given) if name in known and name in SIZES}
            wanted |= said
            start = {} if preset is not None else wanted
            model = Model(cell, preset=preset, **start)
            sizes = sizes_of(model)
            if any(np.ndim(value) for value in given.values()):
                model = Model(cell, preset=preset, **said, **given)  # arrays bring their own sizes
                sizes, given = sizes_of(model), {}
            if calm and (fitting := cls(model, sizes).presets()):
                model = Model(cell, preset=next(iter(fitting)))  # a card's first preset is the one to open with
        knobs = {name: given.pop(name) for name in list(given) if name in model.knobs}
        if given:  # arrays such as W=..., or a misspelled name: Model knows what to say
            model = Model(model.cell, **{**sizes, **given})
        return cls(model.with_knobs(**knobs) if knobs else model, sizes)

    @property
    def values(self) -> dict[str, float]:
        """The knobs' values when the widget opened."""
        return {name: float(knob.value) for name, knob in self.knobs.items()}

    @property
    def start(self) -> NDArray[np.float64] | None:
        """The first state that the preset or the card proposes, if one does."""
        preset = self.model.card.presets.get(self.model.preset or "")
        proposed = self.model.card.start is not None or (preset is not None and preset.start is not None)
        return self.model.start if proposed else None

    def with_values(self, values: Mapping[str, float]) -> Model:
        """Turn the knobs; the same values give the same Model."""
        key = tuple(values.values())
        if key != self._turned[0]:
            self._turned = (key, self.model.with_knobs(**values))
        return self._turned[1]

    def presets(self) -> dict[str, str]:
        """Names and words of the presets that this widget can show without changing a size."""
        return {name: preset.about for name, preset in self.model.card.presets.items() if self._fits(name)}

    def preset(self, name: str) -> tuple[dict[str, float], NDArray[np.float64] | None]:
        """Give a preset's knob values and its first state."""
        if name not in self._settings:
            one_of("preset", name, self.presets())
            preset = self.model.card.presets[name]
            knobs = Model(self.model.cell, preset=name).knobs
            start = None if preset.start is None else np.asarray(preset.start, dtype=float)
            self._settings[name] = {key: float(knobs[key].value) for key in self.knobs}, start
        return self._settings[name]

    def _fits(self, name: str) -> bool:
        model = Model(self.model.cell, preset=name)
        return sizes_of(model) == self.sizes and set(self.knobs) <= set(model.knobs)

    def must_fit_link(self, values: Mapping[str, float]) -> None:
        """Raise ValueError when names and knobs alone would not bring this system back."""
        name = self.model.cell.name
        if self.own:
            raise ValueError(
                f"{name!r} is your own cell, which does not fit a link: share the notebook that defines it,"
                " or keep the weights with view.model.save('net.npz')"
            )
        if not self._drawn_again(values):
            raise ValueError(
                "these weights are your own and do not fit a link: keep them with view.model.save('net.npz');"
                " ll.load('net.npz') brings them back"
            )

    def _drawn_again(self, values: Mapping[str, float]) -> bool:
        """Tell whether the cell's name, sizes and knobs make the same weights."""
        try:
            again = Model(self.model.cell, **self.sizes).with_knobs(**values)
        except (TypeError, ValueError):  # layers on layers are made of more than sizes
            return False
        mine = self.with_values(values).weights
        return again.weights.keys() == mine.keys() and all(
            np.array_equal(again.weights[key], mine[key]) for key in mine
        )

    def code(self, values: Mapping[str, float]) -> str:
        """Write the line that makes ``model``."""
        name = self.model.cell.name
        sizes = "".join(f", {key}={value!r}" for key, value in self.sizes.items())
        knobs = ", ".join(f"{key}={value!r}" for key, value in values.items())
        turned = f".with_knobs({knobs})" if knobs else ""
        if not self._drawn_again(values):
            return "# the weights are your own: view.model.save('net.npz') keeps them\nmodel = ll.load('net.npz')"
        if not self.own:
            return f"model = ll.Model({name!r}{sizes}){turned}"
        return f"# {name} is your own system: define it above\nmodel = ll.Model({name}{sizes}){turned}"


def sizes_of(model: Model) -> dict[str, Any]:
    """Give the sizes that the cell's card leaves open, with the model's values."""
    sizes = {name: int(model.settings[name]) for name in model.card.sizes if name in model.settings}
    return {name: size for name, size in sizes.items() if size or name != "m"}


def _cell(cell: Any) -> Any:
    return cells.find(cell) if isinstance(cell, str) else cell


def _is_registered(cell: Any) -> bool:
    try:
        return cells.find(cell.name) is cell
    except ValueError:
        return False
