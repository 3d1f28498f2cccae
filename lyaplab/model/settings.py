"""From what a person says (sizes, a preset, arrays, single weights) to the arrays that a cell wants, and back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lyaplab.errors import finite_array, number, positive_int, unknown, whole_number
from lyaplab.kernel.card import Card, Parameter
from lyaplab.model.naming import largest_index, names_of_entries, tex_of

__all__ = ["Knob", "Settings", "settle"]

Array = NDArray[np.float64]

# Systems of up to this many state variables offer every single weight as a knob.
_SMALL = 3
_SIZES = ("n", "m")


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
    hyper : dict of str to number
        Sizes, gain, seed; empty of what own weights made meaningless.
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
                if parameter.name != "m":
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
        hyper = {name: value for name, value in self.hyper.items() if not own or name in _SIZES}
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
        yield from names_of_entries(parameter, shape, n)


def settle(card: Card, given: Mapping[str, Any]) -> Settings:
    """Turn a person's words into settings.

    Parameters
    ----------
    card : Card
        Of the cell.
    given : mapping
        Hyper-parameters (n, m, gain, seed), arrays by the card's names, single weights ("w12", "b1"), scalars.

    Returns
    -------
    Settings

    Raises
    ------
    ValueError, TypeError
        Naming the argument, what came and what is expected.
    """
    hyper = {p.name: p.default for p in card.hyper}
    arrays = {name: value for name, value in given.items() if name in card.names}
    numbers = {name: value for name, value in given.items() if name in hyper}
    single = {name: value for name, value in given.items() if name not in arrays and name not in numbers}
    sizes = _sizes(card, arrays, numbers, single)
    valid = {
        name: (parameter, place)
        for parameter in card.parameters
        for name, place in _elements(parameter, parameter.resolve(sizes), sizes["n"])
    }
    for name in single:
        if name not in valid:
            raise unknown("parameter", name, {*hyper, *card.names, *valid})
    for parameter in card.hyper:
        if parameter.name in numbers:
            hyper[parameter.name] = _hyper(parameter, numbers[parameter.name])
    hyper.update({name: size for name, size in sizes.items() if name in hyper})
    own = any(_is_drawn(card, valid[name][0]) for name in single) or any(
        _is_drawn(card, p) for p in card.parameters if p.name in arrays
    )
    if own:
        for name in numbers:
            if name not in _SIZES:
                raise ValueError(f"{name} has no effect beside weights of your own: leave one of the two out")
        hyper = {name: hyper[name] for name in _SIZES if name in hyper}
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


def _is_drawn(card: Card, parameter: Parameter) -> bool:
    """Tell what the card's numbers make: recurrent weights (gain, seed), or else what each place has (a forcing)."""
    recurrent = [p for p in card.parameters if len(p.shape) == 2 and p.shape[1] == "n"]
    return parameter in recurrent if recurrent else "n" in parameter.shape


def _hyper(parameter: Parameter, value: Any) -> float | int:
    low, high = parameter.limits
    if parameter.integer:
        return positive_int(parameter.name, value, minimum=int(low or 0))
    return number(parameter.name, value, low=low, high=high)


def _start(card: Card, sizes: dict[str, int], hyper: dict[str, Any], own: bool) -> dict[str, Array]:
    """Draw the weights; beside own recurrent weights, matrices that are not given are zero."""
    rng = np.random.default_rng(int(hyper.get("seed", 0)))
    rest = {name: value for name, value in hyper.items() if name not in ("n", "seed")}
    drawn = card.init(card, sizes["n"], rng, **rest)
    weights = {}
    for parameter in card.parameters:
        array = np.array(drawn[parameter.name], dtype=float)
        weights[parameter.name] = np.zeros_like(array) if own and len(parameter.shape) == 2 else array
    return weights


def _sizes(
    card: Card, arrays: Mapping[str, Any], numbers: Mapping[str, Any], single: Mapping[str, Any]
) -> dict[str, int]:
    """Find n and m: as said, else from the arrays, else from the names of single weights, else by default."""
    by_name = {p.name: p for p in card.hyper}
    found: dict[str, int] = {}
    for name in _SIZES:
        if name in numbers:
            found[name] = int(_hyper(by_name[name], numbers[name]))
    for parameter in card.parameters:
        if parameter.name in arrays:
            shape = _shape(parameter, arrays[parameter.name])
            for length, symbol in zip(shape, parameter.shape, strict=False):
                factor, star, name = str(symbol).rpartition("*")
                found.setdefault(name, length // (int(factor) if star else 1))
    if card.size is not None:
        found["n"] = card.size
    elif "n" not in found:
        indices = [largest_index(card, name) for name in [*single, *arrays]]
        if any(index is not None for index in indices):
            found["n"] = max(index for index in indices if index is not None)
    for name in _SIZES:
        default = by_name[name].default if name in by_name else 0
        found.setdefault(name, int(default))
    return found


def _shape(parameter: Parameter, value: Any) -> tuple[int, ...]:
    """Return the shape of a given array; one number stands for any array of one."""
    try:
        shape = np.shape(value)
    except ValueError:  # rows of several lengths: this says so and names the argument
        shape = finite_array(parameter.name, value).shape
    if parameter.shape and shape:
        wanted = ", ".join(map(str, parameter.shape)) + "," * (len(parameter.shape) == 1)
        if len(shape) != len(parameter.shape):
            raise ValueError(f"{parameter.name} must have shape ({wanted}), got {shape}")
        if any(length == 0 and symbol != "m" for length, symbol in zip(shape, parameter.shape, strict=True)):
            raise ValueError(f"{parameter.name} must have shape ({wanted}) with at least one unit, got {shape}")
    return shape
