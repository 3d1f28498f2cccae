"""How many units and inputs a person means: as said, else as the arrays have, else as single weights are named."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from lyaplab.errors import finite_array, positive_int
from lyaplab.kernel.card import Card, Parameter
from lyaplab.model.naming import largest_index

__all__ = ["sizes_of"]


def sizes_of(
    card: Card, arrays: Mapping[str, Any], numbers: Mapping[str, Any], single: Mapping[str, Any]
) -> dict[str, int]:
    """Find n, m and what else the card's shapes speak of.

    Parameters
    ----------
    card : Card
        Of the cell.
    arrays, numbers, single : mapping
        What was given: arrays by the card's names, hyper-parameters, and single weights ("w12").

    Returns
    -------
    dict of str to int
        As said, else from the arrays, else from the names of single weights, else by default.
    """
    by_name = {p.name: p for p in card.hyper}
    found: dict[str, int] = {}
    for name in card.sizes:
        if name in numbers:
            found[name] = positive_int(name, numbers[name], minimum=int(by_name[name].limits[0] or 0))
    for parameter in card.parameters:
        if parameter.name in arrays:
            shape = _shape(parameter, arrays[parameter.name])
            # A plain n tells more than 3*n, which a wrong array need not be a multiple of.
            told = sorted(zip(shape, parameter.shape, strict=False), key=lambda pair: "*" in str(pair[1]))
            for length, symbol in told:
                factor, star, name = str(symbol).rpartition("*")
                found.setdefault(name, max(length // int(factor), 1) if star else length)
    if card.size is not None:
        found["n"] = card.size
    elif "n" not in found:
        indices = [largest_index(card, name) for name in [*single, *arrays]]
        if any(index is not None for index in indices):
            found["n"] = max(index for index in indices if index is not None)
    for name in card.sizes:
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
