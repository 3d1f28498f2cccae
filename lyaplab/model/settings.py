"""From what a person says (sizes, a preset, arrays, single weights) to the arrays that a cell wants, and back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lyaplab.errors import number, one_of, positive_int, unknown, whole_number
from lyaplab.kernel.card import Card, Option, Parameter
from lyaplab.model.naming import names_of_entries, tex_of
from lyaplab.model.sizes import sizes_of

__all__ = ["Knob", "Settings", "Words", "settle"]

Array = NDArray[np.float64]

# Systems of up to this many state variables offer every single weight as a knob.
_SMALL = 3


@dataclass(frozen=True)
class Knob:
    """One number that a slider turns: a scalar parameter, a single weight, or a number that makes the weights."""

    name: str
    value: float
    low: float
    high: float
    step: float
    integer: bool = False
    unit: str = ""
    tex: str = ""
    about: str = ""
    limits: tuple[float | None, float | None] = (None, None)

    def check(self, value: Any) -> float:
        """Return `value` if the knob takes it; the slider's range may be left, the limits may not."""
        low, high = self.limits
        check = whole_number if self.integer else number
        return check(self.name, value, low=low, high=high)


@dataclass(frozen=True)
class Settings:
    """The arrays of one network and the numbers they were made from.

    Parameters
    ----------
    card : Card
        Of the cell.
    weights : dict of str to ndarray
        One array for each parameter, scalars with shape ().
    hyper : dict of str to number or word
        Sizes, gain, seed and the options that are in use; empty of what own weights made meaningless.
    own : bool
        Whether recurrent weights were given rather than drawn.
    given : tuple of str
        Names of the arrays that were given; a new gain or seed leaves them alone.
    """

    card: Card
    weights: dict[str, Array]
    hyper: dict[str, Any] = field(default_factory=dict)
    own: bool = False
    given: tuple[str, ...] = ()

    @property
    def n(self) -> int:
        """Number of units."""
        return self.card.size if self.card.size is not None else int(self.hyper["n"])

    @property
    def arrays(self) -> tuple[Array, ...]:
        """What the cell's functions receive: scalars as arrays of one number."""
        return tuple(np.atleast_1d(self.weights[name]) for name in self.card.names)

    def knobs(self) -> dict[str, Knob]:
        """Return the knobs of the network, in the order of the card."""
        knobs = {}
        for parameter in self.card.parameters:
            for name, place in _elements(parameter, self.weights[parameter.name].shape, self.n):
                value = float(self.weights[parameter.name][place])
                knobs[name] = _knob(parameter, name, value)
        if not self.own and (self.card.size is None and self.n > _SMALL):
            for parameter in self.card.hyper:
                if parameter.name in self.hyper and parameter.name != "m" and not _choices(parameter):
                    knobs[parameter.name] = _knob(parameter, parameter.name, float(self.hyper[parameter.name]))
        return knobs

    def place(self, name: str) -> tuple[int, tuple[int, ...]] | None:
        """Return the number of the array that a knob turns an entry of, and which; None where it draws the weights."""
        for index, parameter in enumerate(self.card.parameters):
            for entry, place in _elements(parameter, self.weights[parameter.name].shape, self.n):
                if entry == name:
                    return index, place
        return None

    def turned(self, values: Mapping[str, Any]) -> Settings:
        """Return the settings with some knobs at other values."""
        knobs = self.knobs()
        for name in values:
            if name not in knobs:
                raise unknown("knob", name, knobs)
        checked = {name: knobs[name].check(value) for name, value in values.items()}
        hyper = {name: value for name, value in checked.items() if name in self.hyper}
        if hyper:
            kept = {p.name: self.weights[p.name] for p in self.card.parameters if not p.shape or p.name in self.given}
            return settle(self.card, {**self.hyper, **kept, **checked})
        weights = {name: array.copy() for name, array in self.weights.items()}
        own = self.own
        for parameter in self.card.parameters:
            for name, place in _elements(parameter, weights[parameter.name].shape, self.n):
                if name in checked:
                    weights[parameter.name][place] = checked[name]
                    own = own or _is_drawn(self.card, parameter)
        # Once a weight is turned, gain and seed say nothing any more.
        hyper = {name: value for name, value in self.hyper.items() if not own or name in self.card.sizes}
        return Settings(self.card, weights, hyper, own, self.given)


def _knob(parameter: Parameter, name: str, value: float) -> Knob:
    low, high = parameter.range
    step = 1.0 if parameter.integer else float(f"{(high - low) / 200:.1g}")
    tex = tex_of(parameter, name)
    return Knob(
        name, value, low, high, step, parameter.integer, parameter.unit, tex, parameter.about, parameter.limits
    )


def _elements(
    parameter: Parameter, shape: tuple[int, ...], n: int
) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Yield the knob name and the place of each entry of a small array; a scalar is itself."""
    if not parameter.shape:
        yield parameter.name, ()
        return
    if n <= _SMALL:
        mask = parameter.mask(n) if parameter.mask is not None else None
        for name, place in names_of_entries(parameter, shape, n):
            if mask is None or mask[place]:
                yield name, place


class Words(NamedTuple):
    """What a person said, sorted: arrays, numbers that make weights, and single weights, by name."""

    arrays: dict[str, Any]
    numbers: dict[str, Any]
    single: dict[str, Any]

    @classmethod
    def of(cls, card: Card, given: Mapping[str, Any]) -> Words:
        """Sort; what the card does not name must be a single weight."""
        arrays = {name: value for name, value in given.items() if name in card.names}
        known = {p.name for p in card.hyper}
        numbers = {name: value for name, value in given.items() if name in known and name not in arrays}
        single = {name: value for name, value in given.items() if name not in arrays and name not in numbers}
        return cls(arrays, numbers, single)

    def places(self, card: Card, sizes: Mapping[str, int]) -> dict[str, tuple[Parameter, tuple[int, ...]]]:
        """Return which entry of which parameter every name of a single weight stands for; refuse one that is none."""
        valid = {
            name: (parameter, place)
            for parameter in card.parameters
            for name, place in _elements(parameter, parameter.resolve(sizes), sizes["n"])
        }
        for name in self.single:
            if name not in valid:
                raise unknown("parameter", name, {*(p.name for p in card.hyper), *card.names, *valid})
        return valid

    def own(self, card: Card, valid: Mapping[str, tuple[Parameter, tuple[int, ...]]]) -> bool:
        """Tell whether what the card would draw is given."""
        given = [valid[name][0] for name in self.single] + [p for p in card.parameters if p.name in self.arrays]
        return any(_is_drawn(card, parameter) for parameter in given)


def settle(card: Card, given: Mapping[str, Any]) -> Settings:
    """Turn a person's words into settings.

    Parameters
    ----------
    card : Card
        Of the cell.
    given : mapping
        Hyper-parameters (n, m, gain, seed, init), arrays by the card's names, single weights ("w12", "b1"), scalars.

    Returns
    -------
    Settings

    Raises
    ------
    ValueError, TypeError
        Naming the argument, what came and what is expected.
    """
    words = Words.of(card, given)
    arrays, numbers, single = words
    sizes = sizes_of(card, *words)
    valid = words.places(card, sizes)
    own = words.own(card, valid)
    hyper = _hyper(card, numbers)
    known = {p.name for p in card.hyper}
    hyper.update({name: size for name, size in sizes.items() if name in known})
    if own:
        for name in numbers:
            if name not in card.sizes:
                raise ValueError(f"{name} has no effect beside weights of your own: leave one of the two out")
        hyper = {name: hyper[name] for name in card.sizes if name in hyper}
    weights = _start(card, sizes, hyper, own)
    for name, value in arrays.items():
        shape = weights[name].shape
        if not shape or (np.ndim(value) == 0 and weights[name].size == 1):
            parameter = next(p for p in card.parameters if p.name == name)
            low, high = parameter.limits
            check = whole_number if parameter.integer else number
            weights[name] = np.full(shape, float(check(name, value, low=low, high=high)))
        else:
            weights[name] = card.check(name, value, sizes)
    for name, value in single.items():
        parameter, place = valid[name]
        weights[parameter.name][place] = number(name, value, low=parameter.limits[0], high=parameter.limits[1])
    return Settings(card, weights, hyper, own, tuple(name for name in arrays if weights[name].ndim))


def _choices(parameter: Parameter) -> tuple[Any, ...]:
    return parameter.choices if isinstance(parameter, Option) else ()


def _is_drawn(card: Card, parameter: Parameter) -> bool:
    """Tell what the card's numbers make: recurrent weights (gain, seed), or else what each place has (a forcing)."""
    return parameter.recurrent if _has_recurrent(card) else "n" in parameter.shape


def _has_recurrent(card: Card) -> bool:
    return any(parameter.recurrent for parameter in card.parameters)


def _hyper(card: Card, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the numbers and words that make the weights: what is said, what holds by default, and what that needs."""
    hyper: dict[str, Any] = {}
    law = given.get("init", next((_choices(p)[0] for p in card.hyper if p.name == "init"), None))
    for parameter in card.hyper:
        name = parameter.name
        option = parameter if isinstance(parameter, Option) else None
        belongs = option.belongs if option is not None else ""
        if name in given:
            value = _checked(parameter, given[name])
            if belongs and belongs != law:
                raise ValueError(f"{name} has no effect with init={law!r}: it belongs to init={belongs!r}")
            if option is not None and option.replaces:
                if option.replaces in given:
                    raise ValueError(f"{name} takes the place of {option.replaces}: leave one of the two out")
                del hyper[option.replaces]
            if option is None or not option.choices or value != option.choices[0]:
                hyper[name] = value
        elif option is None or (belongs == law and belongs and not option.replaces):
            hyper[name] = parameter.default
    return hyper


def _checked(parameter: Parameter, value: Any) -> Any:
    low, high = parameter.limits
    choices = _choices(parameter)
    if choices and all(isinstance(choice, str) for choice in choices):
        return one_of(parameter.name, value, choices)
    if choices:
        if value not in choices:
            raise ValueError(f"{parameter.name} must be one of {', '.join(map(repr, choices))}, got {value!r}")
        return choices[choices.index(value)]
    if parameter.integer:
        return positive_int(parameter.name, value, minimum=int(low or 0))
    return number(parameter.name, value, low=low, high=high)


def _start(card: Card, sizes: dict[str, int], hyper: dict[str, Any], own: bool) -> dict[str, Array]:
    """Draw the weights; beside own recurrent weights nothing is drawn: other matrices are zero, the rest by default."""
    rng = np.random.default_rng(int(hyper.get("seed", 0)))
    rest = {name: value for name, value in hyper.items() if name not in ("n", "seed")}
    drawn = card.init(card, sizes["n"], rng, **rest)
    weights = {}
    for parameter in card.parameters:
        array = np.array(drawn[parameter.name], dtype=float)
        if own and parameter.shape and _has_recurrent(card):
            array = np.full(array.shape, 0.0 if array.ndim == 2 else float(parameter.default))
        weights[parameter.name] = array
    return weights
