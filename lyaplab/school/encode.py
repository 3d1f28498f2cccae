"""Whatever a learner has, as plain data: the nodes that `lyaplab.school.plain` describes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lyaplab.school.plain import MAX_DEPTH, MAX_NAME, MAX_NUMBERS, MAX_TEXT, Node, decode, short


class Budget:
    """How many numbers an answer may still hold; one budget serves all values of a function."""

    def __init__(self, numbers: int = MAX_NUMBERS) -> None:
        self.left = numbers

    def take(self, numbers: int) -> bool:
        """Take `numbers` from the budget; False, and nothing taken, when there are not that many."""
        if numbers > self.left:
            return False
        self.left -= numbers
        return True


def encode(value: Any, budget: Budget | None = None, *, depth: int = 0) -> Node:
    """A learner's value as a node.

    Builtin values are read by their own type's methods, so that a subclass cannot interfere. Other objects are
    asked for an array, which runs their code: call this inside `lyaplab.school.watch.attempt`.

    Examples
    --------
    >>> encode(2)
    {'kind': 'number', 'value': 2.0}
    >>> encode([1.0, float("nan")])
    {'kind': 'array', 'shape': [2], 'type': 'real', 'values': [1.0, 'nan']}
    >>> encode(...)
    {'kind': 'nothing', 'type': 'ellipsis'}
    """
    budget = budget or Budget()
    cls = type(value)
    if value is None or value is ... or value is NotImplemented:
        return {"kind": "nothing", "type": type_name(cls)}
    if cls is bool or cls is np.bool_:
        return {"kind": "bool", "value": bool(value)}
    if issubclass(cls, str):
        return _encode_text(str.__str__(value))
    if issubclass(cls, (list, tuple)):
        return _encode_list(value, budget, depth)
    if issubclass(cls, np.ndarray):
        return _encode_array(np.ndarray.view(value, np.ndarray), budget)
    if issubclass(cls, np.generic):
        return _encode_array(np.asarray(value), budget)
    if issubclass(cls, int):
        return _number(_int_as_float(int.__int__(value)))
    if issubclass(cls, float):
        return _number(float.__float__(value))
    if issubclass(cls, complex):
        return _complex(complex.__complex__(value))
    if callable(value):
        return {"kind": "function", "values": None}
    return _encode_object(value, budget)


def type_name(cls: type) -> str:
    """The name of a type, short and safe to print."""
    name = type.__dict__["__name__"].__get__(cls)  # a hostile metaclass cannot get in between
    return short(name, MAX_NAME)


def _encode_text(text: str) -> Node:
    if not text.strip():
        return {"kind": "nothing", "type": "text"}
    # a lone surrogate is no valid JSON text in UTF-8
    return {"kind": "text", "value": text[:MAX_TEXT].encode("utf-8", "replace").decode("utf-8")}


def _encode_list(value: Any, budget: Budget, depth: int) -> Node:
    length = list.__len__(value) if issubclass(type(value), list) else tuple.__len__(value)
    if depth >= MAX_DEPTH or not budget.take(length):
        return {"kind": "large", "shape": [length]}
    iterator = list.__iter__(value) if issubclass(type(value), list) else tuple.__iter__(value)
    items = [encode(item, budget, depth=depth + 1) for item in iterator]
    for unusable in ("nothing", "large", "other", "function"):
        for item in items:
            if item["kind"] == unusable:
                return item
    stacked = _stack(items)
    return stacked or {"kind": "list", "items": items}


def _stack(items: list[Node]) -> Node | None:
    """One array out of equally shaped numbers or arrays, None when they do not fit together."""
    parts = [decode(item) for item in items]
    flags = [isinstance(part, bool) for part in parts]
    if any(flags) and not all(flags):
        return None
    if not all(isinstance(part, (bool, float, complex, np.ndarray)) for part in parts):
        return None
    if len({np.shape(part) for part in parts}) > 1:
        return None
    return _encode_array(np.array(parts, dtype=None if parts else float), Budget())


def _encode_array(array: np.ndarray, budget: Budget) -> Node:
    if array.dtype.kind in "US" and array.size <= budget.left:
        return encode(array.astype(str).tolist(), budget)
    if array.dtype.kind not in "biufc":
        return {"kind": "other", "type": f"array of {short(str(array.dtype), 20)}"}
    if not budget.take(max(array.size, 1)):
        return {"kind": "large", "shape": list(array.shape)}
    if array.ndim == 0:
        return encode(array.item(), budget) if array.dtype.kind != "f" else _number(float(array))
    shape = list(array.shape)
    if array.dtype.kind == "b":
        return {"kind": "array", "shape": shape, "type": "bool", "values": array.ravel().tolist()}
    if array.dtype.kind == "c":
        flat = array.astype(np.complex128).ravel().view(np.float64)
        return {"kind": "array", "shape": shape, "type": "complex", "values": [_plain(x) for x in flat.tolist()]}
    flat = array.astype(np.float64).ravel()
    return {"kind": "array", "shape": shape, "type": "real", "values": [_plain(x) for x in flat.tolist()]}


def _encode_object(value: Any, budget: Budget) -> Node:
    """Tensors, series, fractions and the like, by the array or the number they say they are."""
    cls = type(value)
    if cls is range:
        return encode(list(value[: budget.left + 1]), budget)
    if hasattr(cls, "__array__"):
        return _encode_array(np.asarray(value), budget)
    if hasattr(cls, "__float__"):
        return _number(float(value))
    return {"kind": "other", "type": type_name(cls)}


def _number(value: float) -> Node:
    return {"kind": "number", "value": _plain(value)}


def _complex(value: complex) -> Node:
    return {"kind": "complex", "value": [_plain(value.real), _plain(value.imag)]}


def _plain(value: float) -> float | str:
    """A float as JSON knows it: NaN and the infinities become words."""
    return value if math.isfinite(value) else str(value)


def _int_as_float(value: int) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf
