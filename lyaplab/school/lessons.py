"""`ll.lesson("01_fixed_points")`: a lesson as its notebook meets it."""

from __future__ import annotations

import dataclasses
import difflib
import importlib.util
import os
import secrets
import sys
from importlib import metadata
from pathlib import Path
from types import ModuleType
from typing import Any

from lyaplab import errors
from lyaplab.school import predict as predict_module
from lyaplab.school.bar import ProgressBar
from lyaplab.school.exercise import Exercise, Rung
from lyaplab.school.judge import broken, judge
from lyaplab.school.plan import Plan
from lyaplab.school.predict import Gate
from lyaplab.school.progress import Progress, progress_folder
from lyaplab.school.result import Result
from lyaplab.school.style import panel, words
from lyaplab.school.watch import plain_answer

SEED = "LYAPLAB_CHECK_SEED"  # a grader's seed for the random instances
FOLDERS = "LYAPLAB_LESSONS"  # further folders of lessons, a teacher's own


def lesson(name: str) -> Lesson:
    """The lesson called `name`, from the installed package.

    Parameters
    ----------
    name : str
        Its folder's name, such as "01_fixed_points".

    Returns
    -------
    Lesson

    Raises
    ------
    ValueError
        When there is no such lesson; the message lists what there is and names the nearest.
    """
    found = lesson_folders()
    if not isinstance(name, str) or name not in found:
        raise errors.unknown("lesson", name, found)
    return Lesson(found[name])


def lesson_folders() -> dict[str, Path]:
    """Every lesson that is installed: name -> folder, in the course's order.

    Looked for inside the package (a wheel), beside it (an editable install) and in the folders that LYAPLAB_LESSONS
    names; never in the working folder, so that a notebook works wherever it was copied to.
    """
    package = Path(__file__).resolve().parents[1]
    places = [package / "lessons"]
    if (package.parent / "pyproject.toml").is_file():
        places.append(package.parent / "lessons")
    places += [Path(place) for place in os.environ.get(FOLDERS, "").split(os.pathsep) if place]
    found: dict[str, Path] = {}
    for place in places:
        for file in sorted(place.glob("*/exercises.py")):
            found.setdefault(file.parent.name, file.parent)
    return dict(sorted(found.items()))


def read_plan(folder: Path) -> Plan:
    """The `PLAN` of a lesson's folder.

    Raises
    ------
    ValueError
        When its exercises.py defines no PLAN.
    """
    plan = getattr(_module(folder / "exercises.py"), "PLAN", None)
    if not isinstance(plan, Plan):
        raise ValueError(f"{folder.name}/exercises.py defines no PLAN = Plan(...)")
    return plan


def _module(file: Path) -> ModuleType:
    name = f"_lyaplab_lesson_{file.parent.name}"
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None and spec.loader is not None  # a .py file always has a loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses and pickle look a class's module up here
    spec.loader.exec_module(module)
    return module


class Lesson:
    """A lesson: its exercises, its predictions and what is remembered of them.

    Parameters
    ----------
    folder : path
        Holds exercises.py.
    progress : Progress, optional
        By default the progress file of the working folder.

    Attributes
    ----------
    id, title, version : str
    minutes : int
    exercises : dict of Exercise
    """

    def __init__(self, folder: str | os.PathLike[str], *, progress: Progress | None = None) -> None:
        self.folder = Path(folder)
        self.id = self.folder.name
        plan = read_plan(self.folder)
        self.title, self.minutes, self.version = plan.title, plan.minutes, plan.version
        self.exercises: dict[str, Exercise] = {exercise.name: exercise for exercise in plan.exercises}
        self._progress = progress or Progress(self.id, self.version, folder=progress_folder())
        self._gates = {prediction.key: Gate(prediction, self._progress) for prediction in plan.predictions}

    def __repr__(self) -> str:
        return f"Lesson({self.id}: {self.title}, {len(self.exercises)} exercises, about {self.minutes} minutes)"

    # ------------------------------------------------------------- checking

    def check(self, name: str, answer: Any = ...) -> Result:
        """Check an answer to an exercise; as a cell's last expression the Result shows itself.

        Parameters
        ----------
        name : str
            The exercise's name.
        answer : object
            Whatever the learner has. It never raises on it.

        Returns
        -------
        Result
        """
        exercise = self.exercises.get(name) if isinstance(name, str) else None
        if exercise is None:
            return self._unknown(name)
        try:
            data = plain_answer(exercise, answer, seed=_seed())
            result = judge(exercise, data)
        except Exception as error:  # drawing the instances failed, and so on: the exercise's own fault
            return broken(exercise, error)
        data |= {"lesson": self.id, "version": self.version}
        self._keep(exercise, result, data)
        taken = self._progress.exercise(exercise.name).get("help", [])
        result = dataclasses.replace(
            result, data=data, help_taken=tuple(taken), recorder=lambda kind: self._progress.help(exercise.name, kind)
        )
        return result.with_notes(self._progress.notice)

    def _keep(self, exercise: Exercise, result: Result, data: dict[str, Any]) -> None:
        if result.verdict == "unanswered":
            return
        answer = data["answer"].get("value", "") if exercise.open else ""
        self._progress.attempt(
            exercise.name, points=result.points, max_points=exercise.points, done=result.passed, answer=str(answer)
        )

    def _unknown(self, name: object) -> Result:
        shown = name if isinstance(name, str) else type(name).__name__
        near = difflib.get_close_matches(str(shown), list(self.exercises), n=1)
        hint = (
            f"The installed lyaplab ({_installed()}, lesson {self.id} version {self.version}) does not know the "
            f"exercise `{str(shown)[:60]}`. Is this notebook newer? Then update lyaplab: `pip install -U lyaplab`."
        )
        if near:
            hint += f" Or did you mean `{near[0]}`?"
        return Result(False, 0.0, 0.0, hint, "unknown", str(shown)[:60])

    # ------------------------------------------------------------- help, stubs, predictions, progress

    def help(self, name: str) -> Ladder:
        """The ladder of help of an exercise, one rung further at each call. It costs no points."""
        exercise = self._exercise(name)
        taken = set(self._progress.exercise(name).get("help", []))
        new = next((rung for rung in exercise.rungs if rung.kind not in taken), None)
        if new is not None:
            self._progress.help(name, new.kind)
            taken.add(new.kind)
        return Ladder(exercise.title, tuple(rung for rung in exercise.rungs if rung.kind in taken), len(exercise.rungs))

    def stub(self, name: str) -> str:
        """The source that the learner's cell began with, to begin again."""
        return self._exercise(name).stub

    def _exercise(self, name: str) -> Exercise:
        if name not in self.exercises:
            raise errors.unknown("exercise", name, self.exercises)
        return self.exercises[name]

    def predict(self, key: str, *, then: Any = None) -> Any:
        """The gate of a prediction: its widget where there are widgets, else the `Gate` itself.

        Parameters
        ----------
        key : str
        then : widget, optional
            What opens once the prediction is committed.
        """
        if key not in self._gates:
            raise errors.unknown("prediction", key, self._gates)
        gate = self._gates[key]
        if predict_module.gate_factory is None:
            return gate
        return predict_module.gate_factory(gate, then)

    def progress(self) -> ProgressBar:
        """What is done and how many minutes are left; also `.download()` and `.restore(...)`."""
        return ProgressBar(
            self.title,
            self.minutes,
            exercises=list(self.exercises.values()),
            gates=list(self._gates.values()),
            progress=self._progress,
        )

    def state(self, name: str) -> Any:
        """A widget's last state in this lesson, None when none was kept."""
        return self._progress.state(name)

    def keep_state(self, name: str, state: Any) -> None:
        """Keep a widget's state (JSON) to find it again after a restart."""
        self._progress.keep_state(name, state)


@dataclasses.dataclass(frozen=True)
class Ladder:
    """The rungs of help taken so far, of `total`."""

    title: str
    rungs: tuple[Rung, ...]
    total: int

    def __repr__(self) -> str:
        lines = [f"{rung.label}: {rung.text}" for rung in self.rungs]
        return "\n".join([*lines, *self._more()])

    def _more(self) -> list[str]:
        left = self.total - len(self.rungs)
        return [f"Run this again for more help ({left} left)."] if left else []

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        parts = [f'<p class="ll-head">{words(self.title)}</p>']
        for rung in self.rungs:
            text = f"<pre>{words(rung.text)}</pre>" if rung.kind == "solution" else words(rung.text)
            parts.append(f"<p><b>{rung.label}.</b></p>{text}")
        parts += [f'<p class="ll-muted">{words(line)}</p>' for line in self._more()]
        return {"text/plain": repr(self), "text/html": panel("".join(parts), label="Help")}


def _seed() -> int:
    """A fresh seed for the random instances, or the one a grader has set."""
    given = os.environ.get(SEED, "")
    return int(given) if given.isdecimal() and len(given) < 19 else secrets.randbits(48)


def _installed() -> str:
    try:
        return metadata.version("lyaplab")
    except metadata.PackageNotFoundError:
        return "not installed as a package"
