"""Answers as plain data: JSON that a judge in another process can read and never has to believe.

A *node* is a small dictionary with a `kind`:

========== ==================================================================
`nothing`  an untouched stub: `...`, `None`, blank text; `type` says which
`number`   `value`: a float, or one of the words "nan", "inf", "-inf"
`complex`  `value`: two such numbers
`bool`     `value`
`text`     `value`
`array`    `shape`, `type` ("real", "complex", "bool") and flat `values`
`list`     `items`: nodes (ragged or mixed lists)
`function` `values`: one node for each instance, or None when it was not called
`failure`  an exception: `type`, `text`, `line`, and `call` when the call itself did not fit
`timeout`  `seconds`
`large`    `shape`: more numbers than an answer may have
`other`    `type`: the name of a Python type that no exercise asks for
========== ==================================================================

`lyaplab.school.encode` makes nodes out of whatever a learner has; `decode` trusts nothing and reads them back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

MAX_NUMBERS = 20_000  # in a whole answer
MAX_TEXT = 20_000  # characters
MAX_DEPTH = 5  # lists in lists
MAX_NAME = 60  # characters of a type's name or of an exception's type
MAX_MESSAGE = 200  # characters of an exception's text

Node = dict[str, Any]


@dataclass(frozen=True)
class NoValue:
    """What `decode` gives where there is nothing to judge, with a kind word saying why.

    Parameters
    ----------
    kind : str
        The node's kind ("nothing", "failure", "timeout", "large", "other", "function", "garbled").
    word : str
        One sentence for the learner.
    """

    kind: str
    word: str


def short(text: str, length: int) -> str:
    """Printable text of at most `length` characters, whatever came in."""
    text = "".join(c if c.isprintable() else " " for c in text[: 4 * length]).strip()
    text = text.encode("utf-8", "replace").decode("utf-8")
    return text if len(text) <= length else text[: length - 1] + "…"


def decode(node: Any) -> Any:
    """The value of a node, which may come from anybody: checked piece by piece, never raising.

    Returns
    -------
    float, complex, bool, str, ndarray, list or NoValue

    Examples
    --------
    >>> decode({"kind": "array", "shape": [2], "type": "real", "values": [1.0, "inf"]})
    array([ 1., inf])
    >>> decode({"kind": "array", "shape": [3], "type": "real", "values": [1.0]}).kind
    'garbled'
    """
    try:
        return _decode(node, 0)
    except (KeyError, TypeError, ValueError, OverflowError, AttributeError):
        return NoValue("garbled", "This answer could not be read. Run the check again.")


def _decode(node: Any, depth: int) -> Any:
    kind = node["kind"]
    if depth > MAX_DEPTH:
        raise ValueError("nested too deep")
    if kind == "number":
        return _float(node["value"])
    if kind == "complex":
        real, imag = node["value"]
        return complex(_float(real), _float(imag))
    if kind == "bool":
        return _typed(node["value"], bool)
    if kind == "text":
        return str(_typed(node["value"], str))[:MAX_TEXT]
    if kind == "array":
        return _decode_array(node)
    if kind == "list":
        return [_decode(item, depth + 1) for item in _typed(node["items"], list)[:MAX_NUMBERS]]
    return NoValue(kind, _word(kind, node))


def _decode_array(node: Node) -> np.ndarray:
    values = _typed(node["values"], list)
    shape = tuple(int(_typed(n, int)) for n in _typed(node["shape"], list))
    if len(values) > 2 * MAX_NUMBERS or len(shape) > 8 or min(shape, default=0) < 0:
        raise ValueError("too large")
    if node["type"] == "bool":
        return np.array([_typed(v, bool) for v in values], dtype=bool).reshape(shape)
    flat = np.array([_float(v) for v in values], dtype=np.float64)
    if node["type"] == "complex":
        flat = flat.view(np.complex128)
    elif node["type"] != "real":
        raise ValueError("unknown type of array")
    return flat.reshape(shape)


def _float(value: Any) -> float:
    if type(value) is str and value in ("nan", "inf", "-inf"):
        return float(value)
    if type(value) not in (int, float):
        raise TypeError("not a number")
    return float(value)


def _typed(value: Any, cls: type) -> Any:
    if type(value) is not cls:
        raise TypeError(f"not a {cls.__name__}")
    return value


def _word(kind: str, node: Node) -> str:
    """The kind word for an answer that cannot be judged."""
    if kind == "nothing":
        return "Not answered yet."
    if kind == "timeout":
        return f"Stopped after {_float(node['seconds']):g} seconds: is there a loop that never ends?"
    if kind == "large":
        return f"This is too large to check (shape {_shape_text(node['shape'])}): a much smaller answer is expected."
    if kind == "other":
        name = short(_typed(node["type"], str), MAX_NAME)
        return f"An answer of the type {name} cannot be checked: give a number, a text or an array, e.g. one it holds."
    if kind == "function":
        return "This is a function; its value is expected. Call it, and give what it returns."
    if kind == "failure":
        return _failure_word(node)
    raise ValueError("unknown kind")


def _failure_word(node: Node) -> str:
    name, text = short(_typed(node["type"], str), MAX_NAME), short(_typed(node["text"], str), MAX_MESSAGE)
    what = f"{name}: {text}" if text else name
    if node.get("call"):
        return f"Your function could not be called with these arguments ({what})."
    if name == "SystemExit":
        return "Your function ends Python (sys.exit). Let it return its value instead."
    if name == "KeyboardInterrupt":
        return "Interrupted before it was done. Run the check again."
    line = node.get("line")
    where = f" in line {line}" if type(line) is int else ""
    return f"Python stopped{where} with {what}."


def _shape_text(shape: Any) -> str:
    return "×".join(str(int(_typed(n, int))) for n in _typed(shape, list)[:8])
