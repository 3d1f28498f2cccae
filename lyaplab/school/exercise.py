"""What an exercise is: a small declaration, from which stub, check, hints, help and tests all follow."""

from __future__ import annotations

import ast
import copy
import inspect
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import KW_ONLY, dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from lyaplab.school.checks import Check, Close
from lyaplab.school.choices import OneOf
from lyaplab.school.encode import encode
from lyaplab.school.plain import NoValue, decode

RUNGS = ("nudge", "look", "step", "solution")


@dataclass(frozen=True)
class Look:
    """Where to look in the widget: words, and the state that shows the conflict.

    Parameters
    ----------
    text : str
        What to do and what to watch, for a reader without the widget too.
    widget : str
        The name of the widget's class ("Cobweb"); "" when there is no state to set.
    state : dict
        JSON that the widget's `state` takes, for instance `{"params": {"w": 1.5}}`.
    """

    text: str
    widget: str = ""
    state: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Help:
    """The ladder of help below an exercise; the solution is the exercise's own.

    Parameters
    ----------
    nudge : str
        A question that sets the learner thinking again.
    look : Look or str
        Where to look in the widget.
    step : str
        One worked step.
    """

    nudge: str
    look: Look | str
    step: str


@dataclass(frozen=True)
class Rung:
    """One rung of the ladder: `kind` (nudge, look, step, solution), its label, its text, and the state to show."""

    kind: str
    label: str
    text: str
    look: Look | None = None


@dataclass(frozen=True)
class Misconception:
    """A wrong answer known in advance, with the hint that answers it.

    Parameters
    ----------
    name : str
        What went wrong, for the instructor: "forgot the chain rule".
    wrong : object or callable
        The wrong answer. In an exercise about a function: the wrong function. A callable without arguments is
        called when the answer is first needed.
    hint : str
        One or two sentences for the learner; they name the thought, not the answer.
    look : Look, optional
        The widget state that shows the conflict.
    """

    name: str
    wrong: Any
    hint: str
    look: Look | None = None


@dataclass(frozen=True)
class Exercise:
    """One exercise of a lesson.

    Parameters
    ----------
    name : str
        What the learner's check names, and the variable or function that the stub defines.
    title : str
    points : float
    stub : str
        The source that the learner finds. Defines `name`, untouched it answers nothing (`slope = ...`).
    solution : str
        The source that answers it; also the last rung of the ladder.
    reference : object or callable
        The right answer; a callable without arguments is called when it is first needed. With `draw`: the right
        function. In an open exercise: a model answer in words.
    checks : sequence of Check
    misconceptions : sequence of Misconception
    help : Help, optional
    draw : callable, optional
        `draw(rng) -> argument or tuple of arguments`. With it, the answer is a function, checked on `times` fresh
        random instances.
    times : int
        Number of instances.
    seconds : float
        How long the learner's code may run in one check.
    open : bool
        Any answer that is not empty counts as done; a person marks it.

    Raises
    ------
    ValueError
        When a part is missing or contradicts another; the message names the exercise and the part.
    """

    name: str
    title: str
    _: KW_ONLY
    points: float = 1.0
    stub: str
    solution: str
    reference: Any
    checks: Sequence[Check] = ()
    misconceptions: Sequence[Misconception] = ()
    help: Help | None = None
    draw: Callable[[np.random.Generator], Any] | None = None
    times: int = 6
    seconds: float = 5.0
    open: bool = False

    def __post_init__(self) -> None:
        for part, problem in self._problems():
            raise ValueError(f"exercise {self.name!r}: {part}: {problem}")

    def _problems(self) -> Iterator[tuple[str, str]]:
        """Everything that is wrong with the declaration, as (part, what is wrong)."""
        if not self.name.isidentifier() or len(self.name) > 50:
            yield "name", "expected a Python name of at most 50 characters, it is the learner's variable"
        if not self.title.strip():
            yield "title", "is empty"
        if not (math.isfinite(self.points) and self.points >= 0):
            yield "points", f"got {self.points}, expected a number of at least 0"
        for part, source in (("stub", self.stub), ("solution", self.solution)):
            if self.name not in _names_bound(source):
                yield part, f"does not define {self.name} (or is not valid Python)"
        if self.open:
            if self.checks or self.misconceptions or self.draw:
                yield "open", "an open exercise is marked by a person: no checks, misconceptions or draw"
            return
        if not self.checks:
            yield "checks", "expected at least one (or open=True)"
        if sum(check.points or 0 for check in self.checks) > self.points:
            yield "checks", f"their points add up to more than {self.points:g}"
        yield from self._problems_of_answers()

    def _problems_of_answers(self) -> Iterator[tuple[str, str]]:
        if self.reference is None:
            yield "reference", "is missing"
        if self.draw is not None and not callable(self.reference):
            yield "reference", "with draw, expected a function"
        for wrong in self.misconceptions:
            if not wrong.hint.strip():
                yield "misconceptions", f"{wrong.name!r} has no hint"
            if self.draw is not None and not callable(wrong.wrong):
                yield "misconceptions", f"{wrong.name!r}: with draw, expected a wrong function"
        for what in ("name", "hint"):
            texts = [getattr(wrong, what) for wrong in self.misconceptions]
            if len(set(texts)) < len(texts):
                yield "misconceptions", f"two have the same {what}"
        if self.draw is not None or callable(self.reference):
            return
        for check in self.checks:
            if isinstance(check, OneOf) and not any(check.same(self.reference, each) for each in check.options):
                yield "reference", f"{self.reference!r} is none of the options {check.options}"

    # ------------------------------------------------------------- answers

    def instances(self, seed: int) -> tuple[tuple[Any, ...], ...]:
        """The arguments of each check: `times` random ones with `draw`, else one empty tuple."""
        if self.draw is None:
            return ((),)
        return tuple(_tuple(self.draw(np.random.default_rng([seed, k]))) for k in range(self.times))

    def right(self, arguments: tuple[Any, ...] = ()) -> Any:
        """The reference's value at one instance, in the form in which a learner's answer arrives."""
        return self._right if self.draw is None else _settled(self.reference, arguments)

    @cached_property
    def _right(self) -> Any:
        return _settled(self.reference, ())

    def wrong(self, misconception: Misconception, arguments: tuple[Any, ...] = ()) -> Any:
        """The value of a misconception at one instance."""
        return _settled(misconception.wrong, arguments)

    def same(self, value: Any, other: Any) -> bool:
        """Whether two answers are the same to this exercise: by its first check that can tell."""
        verdicts = (check.same(value, other) for check in (*self.checks, Close(1e-9)))
        return bool(next(verdict for verdict in verdicts if verdict is not None))

    # ------------------------------------------------------------- words

    @cached_property
    def arguments(self) -> str:
        """How the function is called, from the reference's own parameters: "growth(w, x)"."""
        if self.draw is None:
            return self.name
        return f"{self.name}({', '.join(inspect.signature(self.reference).parameters)})"

    @cached_property
    def rungs(self) -> tuple[Rung, ...]:
        """The ladder of help, from the nudge to the solution."""
        last = Rung("solution", "The solution", self.solution.strip())
        if self.help is None:
            return (last,)
        look = self.help.look if isinstance(self.help.look, Look) else Look(self.help.look)
        return (
            Rung("nudge", "A nudge", self.help.nudge),
            Rung("look", "Where to look", look.text, look if look.widget else None),
            Rung("step", "One worked step", self.help.step),
            last,
        )


def _settled(value: Any, arguments: tuple[Any, ...]) -> Any:
    """An author's value as it would arrive from a learner."""
    if callable(value):
        value = value(*copy.deepcopy(arguments))
    settled = decode(encode(value))
    if isinstance(settled, NoValue):
        raise ValueError(f"an exercise's own answer is not one that can be given: {settled.word}")
    return settled


def _tuple(drawn: Any) -> tuple[Any, ...]:
    return drawn if isinstance(drawn, tuple) else (drawn,)


def _names_bound(source: str) -> set[str]:
    """The names that a source assigns or defines at its top level; none when it does not parse."""
    try:
        statements = ast.parse(source).body
    except SyntaxError:
        return set()
    names = set()
    for statement in statements:
        if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
            names.add(statement.name)
        for node in ast.walk(statement) if isinstance(statement, (ast.Assign, ast.AnnAssign)) else ():
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                names.add(node.id)
    return names
