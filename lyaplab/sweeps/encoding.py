"""What was measured of a network, as strict JSON that comes back to the last bit.

Numbers, words, booleans and None stand for themselves. JSON has no word for NaN and infinity, nor for arrays, so these
are objects: ``{"dtype": "<f8", "shape": [2], "data": [1.5, "nan"]}``, complex numbers as pairs; an empty shape is a
lone number.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from lyaplab.engine.result import Result

__all__ = ["decoded", "encoded", "measured"]

# Of a result, what is no more than its way there; and what is worth a column though it follows from the rest.
_ON_THE_WAY = ("times", "history", "orthonormalisations", "target")
_FOLLOWS = ("kaplan_yorke", "entropy_rate")
_BY_NAME = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


def measured(name: str, value: Any) -> dict[str, Any]:
    """Return what a measure gave as named values, each in JSON's words.

    Parameters
    ----------
    name : str
        What a lone value is called.
    value : number, word, array, None, Result, or mapping of these
        A result gives its fields, a mapping its entries; within a mapping they are joined by a dot.

    Raises
    ------
    TypeError
        If something in it is none of these.

    Examples
    --------
    >>> measured("slope", np.float64(0.5))
    {'slope': 0.5}
    >>> measured("", {"peak": float("inf"), "which": np.arange(2)})  # doctest: +ELLIPSIS
    {'peak': {'dtype': '<f8', 'shape': [], 'data': ['inf']}, 'which': {'dtype': '<i8', 'shape': [2], 'data': [0, 1]}}
    """
    parts = _parts(value)
    if parts is None:
        return {name: encoded(value, name=name)}
    flat: dict[str, Any] = {}
    for key, part in parts.items():
        inner = _parts(part)
        if inner is None:
            flat[key] = encoded(part, name=key)
        else:
            flat.update({f"{key}.{below}": each for below, each in measured(key, part).items()})
    return flat


def _parts(value: Any) -> dict[str, Any] | None:
    """The named parts of a result, a mapping or a named tuple; None of anything else."""
    if isinstance(value, Mapping):
        return {str(key): part for key, part in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        parts = {field.name: getattr(value, field.name) for field in fields(value)}
        if isinstance(value, Result):
            parts = {key: part for key, part in parts.items() if key not in _ON_THE_WAY and part is not None}
            parts.update({key: getattr(value, key) for key in _FOLLOWS if hasattr(value, key)})
        return parts
    return value._asdict() if hasattr(value, "_asdict") else None


def encoded(value: Any, *, name: str = "value") -> Any:
    """Return a number, a word, None or an array in JSON's words."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return float(value)
    array = _as_array(value)
    if array is None:
        raise TypeError(
            f"{name} must be a number, a word, an array or a result of lyaplab, got {type(value).__name__}: "
            "return these, or a dict of them"
        )
    flat = array.reshape(-1)
    numbers = (flat.view(flat.real.dtype) if flat.dtype.kind == "c" else flat).tolist()
    data = [each if not isinstance(each, float) or math.isfinite(each) else str(each) for each in numbers]
    return {"dtype": array.dtype.str, "shape": list(array.shape), "data": data}


def _as_array(value: Any) -> np.ndarray | None:
    """The value as an array of numbers, booleans or words in this machine's order; None where it is no such thing."""
    if not isinstance(value, np.ndarray | list | tuple | float | complex):
        return None
    try:
        array = np.asarray(value)
    except ValueError:  # rows of several lengths
        return None
    small = array.dtype.kind in "biuU" or (array.dtype.kind == "f" and array.itemsize <= 8)
    small = small or (array.dtype.kind == "c" and array.itemsize <= 16)
    return array.astype(array.dtype.newbyteorder("="), order="C") if small else None


def decoded(value: Any) -> Any:
    """Return what was encoded.

    Examples
    --------
    >>> decoded(encoded(np.array([1.0 + 2.0j, np.nan])))
    array([ 1.+2.j, nan+0.j])
    >>> decoded(encoded(-np.inf))
    -inf
    """
    if not isinstance(value, dict):
        return value
    dtype = np.dtype(value["dtype"])
    named = _BY_NAME if dtype.kind in "fc" else {}
    data = [named.get(each, each) if isinstance(each, str) else each for each in value["data"]]
    if dtype.kind == "c":
        array = np.array(data, dtype=dtype.type(0).real.dtype).view(dtype)
    else:
        array = np.array(data, dtype=dtype)
    array = array.reshape(value["shape"])
    return array if array.ndim else array.item()
