"""The judge: plain data in, points and a hint out. Pure: it needs neither the learner's kernel nor any file.

Everything in the data may be forged. The judge draws the instances itself from the seed (and refuses another seed
than the one it was told to expect), computes the right values itself, and believes no points; so forged data earn
exactly what the same answer, typed honestly, earns.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lyaplab.school.checks import Check, kind_word
from lyaplab.school.exercise import Exercise, Misconception
from lyaplab.school.plain import MAX_MESSAGE, Node, NoValue, decode, short
from lyaplab.school.result import Checked, Result

PRINTS = "What your function prints is not looked at: only what it returns."
NO_STOP = "Here an endless loop cannot be stopped for you: if a check does not come back, interrupt the kernel (■)."


@dataclass(frozen=True)
class _Instance:
    """One comparison: the arguments, the value that came and the value that is right."""

    arguments: tuple[Any, ...]
    value: Any
    right: Any


def judge(exercise: Exercise, data: Any, *, seed: int | None = None) -> Result:
    """Points and a hint for an answer in plain data.

    Parameters
    ----------
    exercise : Exercise
    data : dict
        What `lyaplab.school.watch.plain_answer` made, or anybody's forgery of it.
    seed : int, optional
        The seed that was asked for; values taken at the instances of another seed earn nothing. None accepts the
        seed in the data (the learner's own check).

    Returns
    -------
    Result

    Examples
    --------
    >>> from lyaplab.school import Close, Exercise
    >>> two = Exercise("two", "1 + 1", stub="two = ...", solution="two = 2", reference=2.0, checks=[Close(1e-9)])
    >>> judge(two, {"seed": 0, "answer": {"kind": "number", "value": 2.0}})
    Result(two: 1 of 1 points, right)
    """
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            return _judge(exercise, data if isinstance(data, dict) else {}, seed)
        except Exception as error:  # the reference or a check is the author's code
            return broken(exercise, error)


def broken(exercise: Exercise, error: Exception) -> Result:
    """The result where the exercise's own code fails: a learner gets a word for that, too."""
    word = f"This exercise is broken, not your answer ({short(f'{type(error).__name__}: {error}', MAX_MESSAGE)})."
    return Result(False, 0.0, exercise.points, f"{word} Please report it.", "unreadable", exercise.name, exercise.title)


def _judge(exercise: Exercise, data: dict[str, Any], seed: int | None) -> Result:
    node = data.get("answer")
    node = node if isinstance(node, dict) else {}
    notes = tuple(_notes(node))
    if exercise.open:
        return _open(exercise, decode(node), notes)
    own = _valid_seed(data.get("seed"))
    if own is None or (seed is not None and own != seed and exercise.draw is not None):
        unasked = NoValue("garbled", "These values were not taken where they were asked for. Run the check again.")
        return _unjudged(exercise, unasked, notes, seed=seed or 0)
    instances = exercise.instances(own)
    values = _values(exercise, node, instances)
    if isinstance(values, NoValue):
        return _unjudged(exercise, values, notes, seed=own)
    return _compared(exercise, [
        _Instance(arguments, value, exercise.right(arguments))
        for arguments, value in zip(instances, values, strict=True)
    ], notes)  # fmt: skip


# ------------------------------------------------------------------ reading the data


def _valid_seed(seed: Any) -> int | None:
    return seed if type(seed) is int and 0 <= seed < 2**63 else None


def _values(exercise: Exercise, node: Node, instances: Sequence[tuple[Any, ...]]) -> list[Any] | NoValue:
    """The values of the answer at all instances, or why there are none."""
    if exercise.draw is None:
        value = decode(node)
        if isinstance(value, np.ndarray) and value.size == 0 and np.size(exercise.right()):
            return NoValue("nothing", "Not answered yet: this is empty.")
        return value if isinstance(value, NoValue) else [value]
    if node.get("kind") != "function" or not isinstance(node.get("values"), list):
        value = decode(node)
        if isinstance(value, NoValue) and value.kind in ("nothing", "garbled", "failure", "timeout"):
            return value
        what = "something else" if isinstance(value, NoValue) else kind_word(value)
        return NoValue("other", f"Here a function `{exercise.arguments}` is expected; this is {what}.")
    values = [decode(value) for value in node["values"][: len(instances)]]
    if values and all(isinstance(value, NoValue) and value.kind == "nothing" for value in values):
        if node["values"][0].get("type") == "NoneType":
            return NoValue("nothing", "Not answered yet: the function returns nothing (is a `return` missing?).")
        return values[0]
    for arguments, value in zip(instances, values, strict=False):
        if isinstance(value, NoValue):
            word = "The function returns nothing." if value.kind == "nothing" else value.word
            return NoValue("failure", f"{word}{_where(exercise, arguments)}")
    if len(values) < len(instances):
        return decode(None)  # no honest function stops half-way without a failure
    return values


def _notes(node: Node) -> list[str]:
    notes = [PRINTS] if node.get("printed") is True and node.get("kind") == "function" else []
    given = _in_words(decode(node))
    if given:
        notes.append(f"Judged: {given}.")
    warned = node.get("warned")
    if isinstance(warned, str) and warned:
        notes.append(f"Python warned: {short(warned, MAX_MESSAGE)}")
    if node.get("interruptible") is False:
        notes.append(NO_STOP)
    return notes


def _in_words(value: Any) -> str:
    """Write a short answer out, so that a learner sees which value was judged; "" for what is long or no value."""
    if isinstance(value, str):
        return repr(value) if len(value) <= 40 else ""
    if isinstance(value, bool | complex):
        return str(value)
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, np.ndarray) and value.size <= 9:
        return np.array2string(value, precision=4, separator=", ").replace("\n", "")
    return ""


def _where(exercise: Exercise, arguments: tuple[Any, ...]) -> str:
    """At which instance: " (For w = 1.5, x = 0.2.)"; "" when there is only one."""
    if not arguments:
        return ""
    names = exercise.arguments.split("(")[1].rstrip(")").split(", ")
    if len(names) != len(arguments):
        return ""
    texts = [f"{name} = {_brief(value)}" for name, value in zip(names, arguments, strict=True)]
    return f" (For {', '.join(texts)}.)"


def _brief(value: Any) -> str:
    if isinstance(value, np.ndarray):
        small = np.array2string(value, precision=3, separator=", ").replace("\n", "")
        return small if value.size <= 4 else kind_word(value)
    if isinstance(value, (float, np.floating)):
        return f"{value:.4g}"
    return short(repr(value), 40)


# ------------------------------------------------------------------ judging


def _compared(exercise: Exercise, instances: list[_Instance], notes: tuple[str, ...]) -> Result:
    """Make every check on every instance; a known misconception speaks before the check that failed."""
    faults = [_fault(exercise, check, instances) for check in exercise.checks]
    passed = not any(faults)
    if passed:
        points, verdict = exercise.points, "right"
    else:
        pairs = zip(exercise.checks, faults, strict=True)
        points = sum(check.points or 0.0 for check, fault in pairs if not fault)
        verdict = "partly" if points else "wrong"
    met = None if passed else _misconception(exercise, instances)
    hint = met.hint if met else next((fault for fault in faults if fault), "")
    look = (met.look if met else None) or next((rung.look for rung in exercise.rungs if rung.look), None)
    return Result(
        passed, points, exercise.points, hint, verdict, exercise.name, exercise.title,
        checked=_checked(exercise, instances[0].right, [not fault for fault in faults]),
        notes=() if passed else notes, misconception=met.name if met else "",
        look=None if passed else look, rungs=exercise.rungs,
    )  # fmt: skip


def _fault(exercise: Exercise, check: Check, instances: list[_Instance]) -> str:
    for instance in instances:
        fault = check.fault(instance.value, instance.right, instance.arguments)
        if fault:
            return fault + _where(exercise, instance.arguments)
    return ""


def _misconception(exercise: Exercise, instances: list[_Instance]) -> Misconception | None:
    """The known wrong answer that this one is, at every instance."""
    for misconception in exercise.misconceptions:
        if all(exercise.same(each.value, exercise.wrong(misconception, each.arguments)) for each in instances):
            return misconception
    return None


def _checked(exercise: Exercise, right: Any, verdicts: Sequence[bool | None]) -> tuple[Checked, ...]:
    often = f", on {exercise.times} random instances" if exercise.draw else ""
    texts = [check.text(right) + often for check in exercise.checks]
    return tuple(Checked(text, verdict) for text, verdict in zip(texts, verdicts, strict=True))


def _unjudged(exercise: Exercise, why: NoValue, notes: tuple[str, ...], *, seed: int) -> Result:
    """The result where there is no value to compare: not answered, or not readable."""
    right = exercise.right(exercise.instances(seed)[0])
    return Result(
        False, 0.0, exercise.points, why.word, "unanswered" if why.kind == "nothing" else "unreadable",
        exercise.name, exercise.title, checked=_checked(exercise, right, [None] * len(exercise.checks)),
        notes=() if why.kind == "nothing" else notes, rungs=exercise.rungs,
    )  # fmt: skip


def _open(exercise: Exercise, value: Any, notes: tuple[str, ...]) -> Result:
    """Any answer that is not empty is done; a person marks it."""
    empty = isinstance(value, np.ndarray) and value.size == 0
    if isinstance(value, NoValue) or empty:
        unanswered = empty or value.kind == "nothing"
        word = "Write your answer in your own words, between the quotes." if unanswered else value.word
        verdict = "unanswered" if unanswered else "unreadable"
        return Result(
            False, 0.0, exercise.points, word, verdict, exercise.name, exercise.title,
            notes=notes, rungs=exercise.rungs,
        )  # fmt: skip
    return Result(
        True, exercise.points, exercise.points, "", "kept", exercise.name, exercise.title, rungs=exercise.rungs
    )
