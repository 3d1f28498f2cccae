"""A widget's state as a short text that can be mailed, and back.

The text comes from strangers, so nothing in it is trusted: its size is capped before it is decoded,
its JSON holds plain finite numbers, short strings and shallow lists, and what the words mean is
checked by the widget that opens it.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
from typing import Any

__all__ = ["PREFIX", "decode", "encode", "plain"]

PREFIX = "lyaplab:v1:"
MAX_CHARACTERS = 16_000
MAX_ITEMS = 400
MAX_STRING = 200
MAX_DEPTH = 5
KEYS = ("widget", "version", "params", "view")


def encode(state: dict[str, Any]) -> str:
    """Write a state as a link.

    Parameters
    ----------
    state : dict
        With the keys ``widget``, ``version``, ``params`` and ``view``; plain data only.

    Returns
    -------
    str
        ``lyaplab:v1:`` and base64url of the state's JSON.

    Raises
    ------
    ValueError
        When the state is not plain data or too large for a link.

    Examples
    --------
    >>> link = encode({"widget": "Cobweb", "version": 1, "params": {"r": 3.2}, "view": {}})
    >>> link.startswith("lyaplab:v1:"), decode(link)["params"]
    (True, {'r': 3.2})
    """
    plain(state, "state")
    text = json.dumps(state, separators=(",", ":"), sort_keys=True, allow_nan=False)
    packed = base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
    if len(PREFIX) + len(packed) > MAX_CHARACTERS:
        raise ValueError(
            f"this state is too large for a link ({len(packed)} characters, at most {MAX_CHARACTERS}):"
            " keep it with view.model.save('net.npz')"
        )
    return PREFIX + packed


def decode(link: str) -> dict[str, Any]:
    """Read a state back from a link.

    Parameters
    ----------
    link : str
        As `encode` writes it; white space around it, as mail programs add, is ignored.

    Returns
    -------
    dict
        The state: plain data, not yet checked against any widget.

    Raises
    ------
    TypeError, ValueError
        When the text is no link, too long, damaged, or holds anything but plain data.

    Examples
    --------
    >>> decode("lyaplab:v1:!!!")
    Traceback (most recent call last):
    ...
    ValueError: this link is damaged: it is not base64url text (was it cut when copied?)
    """
    if not isinstance(link, str):
        raise TypeError(f"link must be text that begins with {PREFIX!r}, not {type(link).__name__}")
    if len(link) > 2 * MAX_CHARACTERS:
        raise ValueError(f"this link is too long: {len(link)} characters, at most {MAX_CHARACTERS}")
    text = "".join(link.split())
    if len(text) > MAX_CHARACTERS:
        raise ValueError(f"this link is too long: {len(text)} characters, at most {MAX_CHARACTERS}")
    if not text.startswith(PREFIX):
        raise ValueError(f"a link begins with {PREFIX!r}, this begins with {text[:12]!r}")
    state = _unpack(text[len(PREFIX) :])
    if not isinstance(state, dict) or set(state) != set(KEYS):
        raise ValueError(f"this link is damaged: it must hold exactly {', '.join(KEYS)}")
    plain(state, "link")
    return state


def _unpack(packed: str) -> Any:
    """Undo base64url and JSON, each with its own word about what is wrong."""
    try:
        raw = base64.b64decode(packed + "=" * (-len(packed) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(
            "this link is damaged: it is not base64url text (was it cut when copied?)"
        ) from None
    try:
        return json.loads(raw.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise ValueError("this link is damaged: it does not hold JSON (was it cut when copied?)") from None


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not a number")


def plain(value: Any, name: str, *, depth: int = 0) -> None:
    """Check that a value is plain data: finite numbers, short strings, shallow lists and dicts.

    Parameters
    ----------
    value : object
        What is checked.
    name : str
        How the error calls it.
    depth : int
        How deep it lies already.

    Raises
    ------
    ValueError
        When it is anything else, or too deep, too long.

    Examples
    --------
    >>> plain({"x0": [0.1, 0.2]}, "view")
    >>> plain({"x0": float("nan")}, "view")
    Traceback (most recent call last):
    ...
    ValueError: view['x0'] is nan, expected a finite number
    """
    if depth > MAX_DEPTH:
        raise ValueError(f"{name} is nested too deeply (at most {MAX_DEPTH} levels)")
    if value is None or isinstance(value, bool):
        return
    if isinstance(value, int | float):
        # an integer of a thousand digits is plain JSON too, but no number for us
        if abs(value) > 1e300 or not math.isfinite(value):
            raise ValueError(f"{name} is {str(value)[:20]}, expected a finite number")
        return
    if isinstance(value, str):
        if len(value) > MAX_STRING:
            raise ValueError(f"{name} is a text of {len(value)} characters, at most {MAX_STRING}")
        return
    if isinstance(value, list | tuple):
        items = list(enumerate(value))
    elif isinstance(value, dict) and all(isinstance(key, str) for key in value):
        items = list(value.items())
    else:
        raise ValueError(f"{name} is a {type(value).__name__}, expected plain data (numbers, text, lists)")
    if len(items) > MAX_ITEMS:
        raise ValueError(f"{name} has {len(items)} entries, at most {MAX_ITEMS}")
    for key, item in items:
        plain(item, f"{name}[{key!r}]", depth=depth + 1)
