"""What is remembered of a learner's work on one lesson, as a plain document, and how two of them become one.

A document is JSON:

- `schema`, `lesson`, `version`
- `exercises`: name -> `points` (best), `max_points`, `done`, `attempts`, `help` (kinds of rungs), `answer` (open ones)
- `predictions`: key -> the committed value
- `states`: name -> a widget's state

Nothing here touches a file; `cleaned` makes a document out of whatever was read, and is the only way in.
"""

from __future__ import annotations

import json
import math
from typing import Any

from lyaplab.school.exercise import RUNGS
from lyaplab.school.plain import MAX_TEXT, short

SCHEMA = 1
MAX_BYTES = 1_000_000  # of a whole document
MAX_ENTRIES = 500  # of each section
MAX_VALUE = 64_000  # characters of one prediction or state as JSON

Document = dict[str, Any]


def blank(lesson: str, version: str) -> Document:
    """An empty document.

    >>> blank("01_fixed_points", "1")["exercises"]
    {}
    """
    sections: Document = {"exercises": {}, "predictions": {}, "states": {}}
    return {"schema": SCHEMA, "lesson": lesson, "version": version, **sections}


def parsed(data: bytes | str) -> Document:
    """The raw document in bytes or text.

    Raises
    ------
    ValueError
        When it is too large, is not JSON, or is not a document at all.
    """
    if len(data) > MAX_BYTES:
        raise ValueError(f"progress: got {len(data):,} bytes, expected at most {MAX_BYTES:,}")
    try:
        raw = json.loads(data, parse_constant=lambda name: None)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"progress: not JSON ({short(str(error), 80)})") from None
    if not isinstance(raw, dict) or type(raw.get("schema")) is not int or raw["schema"] < 1:
        raise ValueError("progress: not a lyaplab progress file (no schema number)")
    return raw


def cleaned(raw: Document, lesson: str, version: str) -> tuple[Document, bool]:
    """The valid part of a raw document, and whether all of it was valid."""
    document, whole = blank(lesson, version), True
    for section, check in (("exercises", _exercise), ("predictions", _small), ("states", _small)):
        entries = raw.get(section, {})
        if not isinstance(entries, dict):
            whole = False
            continue
        for name, entry in list(entries.items())[:MAX_ENTRIES]:
            clean = check(entry) if len(name) <= 100 else None
            if clean is None:
                whole = False
            else:
                document[section][name] = clean
    return document, whole


def _exercise(raw: Any) -> dict[str, Any] | None:
    if not isinstance(raw, dict):
        return None
    points, most, attempts = raw.get("points", 0.0), raw.get("max_points", 0.0), raw.get("attempts", 0)
    numbers = all(type(x) in (int, float) and math.isfinite(x) and 0 <= x < 1e6 for x in (points, most, attempts))
    taken, answer = raw.get("help", []), raw.get("answer", "")
    if not numbers or not isinstance(taken, list) or not isinstance(answer, str):
        return None
    entry: dict[str, Any] = {
        "points": float(points),
        "max_points": float(most),
        "done": raw.get("done") is True,
        "attempts": int(attempts),
        "help": [kind for kind in RUNGS if kind in taken],
    }
    return entry | ({"answer": answer[:MAX_TEXT]} if answer else {})


def _small(raw: Any) -> Any:
    if raw is None or len(json.dumps(raw)) > MAX_VALUE:
        return None
    return raw


def merged(own: Document, other: Document) -> Document:
    """Both documents in one: the best points, all help; where only one can stand, `own` stands.

    A prediction that was committed stays as it was; so do an open answer and a widget's state.
    """
    result = blank(own["lesson"], own["version"])
    for section in ("predictions", "states"):
        result[section] = {**other[section], **own[section]}
    for name in {**own["exercises"], **other["exercises"]}:
        mine, theirs = own["exercises"].get(name), other["exercises"].get(name)
        result["exercises"][name] = _best(mine, theirs) if mine and theirs else dict(mine or theirs)
    return result


def _best(mine: dict[str, Any], theirs: dict[str, Any]) -> dict[str, Any]:
    best = {
        "points": max(mine["points"], theirs["points"]),
        "max_points": mine["max_points"],
        "done": mine["done"] or theirs["done"],
        "attempts": max(mine["attempts"], theirs["attempts"]),
        "help": [kind for kind in RUNGS if kind in mine["help"] + theirs["help"]],
    }
    answer = mine.get("answer") or theirs.get("answer")
    return best | ({"answer": answer} if answer else {})


def attempted(document: Document, name: str, *, points: float, max_points: float, done: bool, answer: str) -> None:
    """Write one attempt into the document; an earlier better result stays."""
    entry = _entry(document, name)
    entry["points"] = max(entry["points"], points)
    entry["max_points"] = max_points
    entry["done"] = entry["done"] or done
    entry["attempts"] += 1
    if answer:
        entry["answer"] = answer[:MAX_TEXT]


def helped(document: Document, name: str, kind: str) -> None:
    """Write into the document that a rung of the ladder was taken."""
    entry = _entry(document, name)
    entry["help"] = [each for each in RUNGS if each in [*entry["help"], kind]]


def _entry(document: Document, name: str) -> dict[str, Any]:
    new = {"points": 0.0, "max_points": 0.0, "done": False, "attempts": 0, "help": []}
    return document["exercises"].setdefault(name, new)
