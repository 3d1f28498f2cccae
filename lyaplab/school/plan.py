"""A lesson's own page: what `exercises.py` ends with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass

from lyaplab import errors
from lyaplab.school.exercise import Exercise
from lyaplab.school.predict import Prediction


@dataclass(frozen=True)
class Plan:
    """A lesson's name, length, exercises and predictions; `exercises.py` ends with `PLAN = Plan(...)`.

    Parameters
    ----------
    title : str
        The same as the one headline of `lesson.md`.
    minutes : int
    version : str
        To be raised whenever an exercise changes its name or its meaning.
    exercises : sequence of Exercise
    predictions : sequence of Prediction

    Raises
    ------
    ValueError
        When two exercises, or two predictions, share a name.
    """

    title: str
    _: KW_ONLY
    minutes: int
    version: str
    exercises: Sequence[Exercise]
    predictions: Sequence[Prediction] = ()

    def __post_init__(self) -> None:
        errors.positive_int("minutes", self.minutes)
        for kind, names in (
            ("exercises", [exercise.name for exercise in self.exercises]),
            ("predictions", [prediction.key for prediction in self.predictions]),
        ):
            for name in names:
                if names.count(name) > 1:
                    raise ValueError(f"lesson {self.title!r}: two {kind} are called {name!r}")
