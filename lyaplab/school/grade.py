"""`lyaplab check notebook.ipynb`: run a learner's notebook in a fresh kernel and judge its answers here.

The notebook's kernel is only believed to hand over plain data. Points are given by the judge in this process, with
this installation's exercises, on random instances that this process has asked for.
"""

from __future__ import annotations

import json
import math
import os
import re
import secrets
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lyaplab.school.exercise import Exercise
from lyaplab.school.judge import judge
from lyaplab.school.lessons import SEED, Lesson, lesson_folders
from lyaplab.school.plain import MAX_MESSAGE, MAX_NAME, short
from lyaplab.school.progress import ENVIRONMENT, Progress
from lyaplab.school.result import ANSWER, Result

CELL_SECONDS = 60.0
MAX_NOTEBOOK = 50_000_000  # bytes
MUTE = "import os as _os, sys as _sys; _sys.stdout = _sys.stderr = open(_os.devnull, 'w')  # no endless printing"
LESSON_CALL = re.compile(r"""\blesson\(\s*["']([^"']+)["']\s*\)""")

Cell = dict[str, Any]


@dataclass(frozen=True)
class Score:
    """What a notebook earns.

    Parameters
    ----------
    notebook : str
        The file's name.
    lesson : str
        The lesson's id, "" when it is not known.
    results : tuple of Result
        One for each exercise of the lesson, in its order.
    notes : tuple of str
        What went wrong on the way.
    """

    notebook: str
    lesson: str = ""
    results: tuple[Result, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def points(self) -> float:
        """Points earned."""
        return sum(result.points for result in self.results)

    @property
    def max_points(self) -> float:
        """Points that can be earned."""
        return sum(result.max_points for result in self.results)

    @property
    def passed(self) -> bool:
        """Whether every exercise of a known lesson passed."""
        return bool(self.results) and all(result.passed for result in self.results)

    def __str__(self) -> str:
        """The table of scores."""
        width = max((len(result.exercise) for result in self.results), default=0)
        lines = [f"{self.notebook}: {self.lesson or 'no lesson'}"]
        for result in self.results:
            points = f"{result.points:g} / {result.max_points:g}"
            hint = f"  {result.hint}" if result.hint else ""
            lines.append(f"  {result.exercise:<{width}}  {points:>9}  {result.headline}{hint}")
        if self.results:
            lines.append(f"  {'in all':<{width}}  {f'{self.points:g} / {self.max_points:g}':>9}")
        return "\n".join(lines + [f"  note: {note}" for note in self.notes])


def check_notebook(path: str | Path, *, cell_seconds: float = CELL_SECONDS, seconds: float = 600.0) -> Score:
    """Run a notebook in a fresh kernel and score it. Nothing is written: no notebook, no progress.

    Parameters
    ----------
    path : path
        The notebook; it is run in its own folder.
    cell_seconds : float
        How long one cell may take. A cell that takes longer, or ends its kernel, is left out in a second run.
    seconds : float
        How long everything may take.

    Returns
    -------
    Score
        Also for a file that is no notebook, or a kernel that dies: with a note, and no points.

    Raises
    ------
    ImportError
        When nbclient is not installed (extra `lab`).
    """
    path = Path(path)
    notebook = _read(path)
    if isinstance(notebook, str):
        return Score(path.name, notes=(notebook,))
    name = _lesson_name(notebook)
    folder = lesson_folders().get(name)
    if folder is None:
        known = ", ".join(lesson_folders()) or "none"
        return Score(path.name, notes=(f"lesson {short(name, MAX_NAME)!r} is not one of this lyaplab ({known})",))
    lesson = Lesson(folder, progress=Progress(name, "0", folder=None))
    seed = secrets.randbits(48)
    run = _Run([_source(cell) for cell in notebook["cells"]], path.parent, seed)
    run.execute(cell_seconds, seconds)
    results = tuple(_judged(exercise, run, seed) for exercise in lesson.exercises.values())
    return Score(path.name, name, results, tuple(_remarks(notebook, lesson)) + tuple(run.notes))


# ------------------------------------------------------------------ reading


def _read(path: Path) -> dict[str, Any] | str:
    """The notebook as JSON, or a sentence that says why there is none."""
    try:
        if path.stat().st_size > MAX_NOTEBOOK:
            return f"the file has more than {MAX_NOTEBOOK:,} bytes"
        notebook = json.loads(path.read_text("utf-8"))
    except OSError as error:
        return f"the file cannot be read ({error.strerror})"
    except (ValueError, RecursionError):
        return "the file is not a notebook (not JSON)"
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if not isinstance(cells, list) or not all(isinstance(cell, dict) for cell in cells):
        return "the file is not a notebook (no cells)"
    return notebook


def _source(cell: Cell) -> str:
    """The source of a code cell; "" for every other cell."""
    source = cell.get("source", "") if cell.get("cell_type") == "code" else ""
    return "".join(map(str, source)) if isinstance(source, list) else str(source)


def _lesson_name(notebook: dict[str, Any]) -> str:
    """The lesson's id from the metadata, or else from the call that loads it."""
    metadata = notebook.get("metadata")
    own = metadata.get("lyaplab") if isinstance(metadata, dict) else None
    named = own.get("lesson") if isinstance(own, dict) else None
    if isinstance(named, str):
        return named
    calls = (LESSON_CALL.search(_source(cell)) for cell in notebook["cells"])
    return next((call.group(1) for call in calls if call), "")


def _remarks(notebook: dict[str, Any], lesson: Lesson) -> Iterator[str]:
    metadata = notebook.get("metadata")
    own = metadata.get("lyaplab") if isinstance(metadata, dict) else None
    version = own.get("version") if isinstance(own, dict) else None
    if version is not None and str(version) != lesson.version:
        text = short(str(version), 20)
        yield f"the notebook is of version {text} of the lesson, this lyaplab has version {lesson.version}"


# ------------------------------------------------------------------ running


class _Run:
    """The notebook's sources, run once; a cell that hangs or kills is left out and the rest run again."""

    def __init__(self, sources: list[str], folder: Path, seed: int) -> None:
        self.sources, self.folder = sources, folder
        self.environment = os.environ | {ENVIRONMENT: "off", SEED: str(seed)}
        self.answers: dict[str, Any] = {}  # exercise -> its last plain data
        self.raised: dict[int, str] = {}  # number of a cell that raised -> the exception in a line
        self.left_out: dict[int, str] = {}  # number of a cell that hung or killed the kernel -> what it did
        self.stopped = ""

    @property
    def notes(self) -> list[str]:
        """What went wrong, a line each."""
        words = {number: f"raised {error}" for number, error in self.raised.items()}
        words |= {number: f"{what}: left out" for number, what in self.left_out.items()}
        lines = [f"cell {number} {words[number]}" for number in sorted(words)]
        return lines + ([self.stopped] if self.stopped else [])

    def error(self, call: re.Pattern[str]) -> str:
        """The exception of a cell whose source has this call, "" when none raised."""
        return next((error for number, error in self.raised.items() if call.search(self.sources[number - 1])), "")

    def execute(self, cell_seconds: float, seconds: float) -> None:
        """Run everything; again without the cell, whenever one hangs or kills the kernel."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                if self._whole(cell_seconds, end):
                    return
            except (RuntimeError, OSError) as error:  # what Jupyter raises when a kernel does not start
                self.stopped = f"no kernel could be run here ({short(str(error), MAX_MESSAGE)})"
                return
        self.stopped = f"stopped after {seconds:g} seconds"

    def _whole(self, cell_seconds: float, end: float) -> bool:
        """Run all cells but those left out; False when one more had to be left out on the way."""
        import nbformat
        from jupyter_client.kernelspec import KernelSpecManager
        from jupyter_client.manager import AsyncKernelManager
        from nbclient import NotebookClient
        from nbclient.exceptions import CellTimeoutError, DeadKernelError

        self.answers, self.raised = {}, {}
        run = self

        class Client(NotebookClient):
            def process_message(self, msg: Any, cell: Any, cell_index: int) -> Any:
                # outputs are read as they pass, none is kept
                if msg["msg_type"] in ("status", "execute_input", "error"):
                    return super().process_message(msg, cell, cell_index)
                if msg["msg_type"] in ("execute_result", "display_data"):
                    run._take(msg["content"].get("data"))
                return None

        cells = [nbformat.v4.new_code_cell(source) for source in (MUTE, *self.sources)]
        client = Client(
            nbformat.v4.new_notebook(cells=cells),
            # this Python's own kernel: a user may have registered another one under the same name
            km=AsyncKernelManager(kernel_name="python3", kernel_spec_manager=KernelSpecManager(kernel_dirs=[])),
            allow_errors=True,
            shutdown_kernel="immediate",  # a loop may catch an interrupt, nothing catches the end
            resources={"metadata": {"path": str(self.folder.resolve())}},
        )
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}  # of the process; cells print elsewhere
        with client.setup_kernel(env=self.environment, cleanup_kc=True, **quiet):
            for number, cell in enumerate(cells):
                if not cell.source.strip() or number in self.left_out:
                    continue
                client.timeout = limit = max(math.ceil(min(cell_seconds, end - time.monotonic())), 1)
                try:
                    client.execute_cell(cell, number)
                except CellTimeoutError:
                    self.left_out[number] = f"took longer than {limit} seconds"
                    return False
                except DeadKernelError:
                    self.left_out[number] = "ended the kernel"
                    return False
                for output in cell.outputs:
                    if output.output_type == "error":
                        self.raised[number] = _error(output)
        return True

    def _take(self, data: Any) -> None:
        answer = data.get(ANSWER) if isinstance(data, dict) else None
        if isinstance(answer, dict) and isinstance(answer.get("exercise"), str):
            self.answers[answer["exercise"]] = answer


def _error(output: Any) -> str:
    return f"{short(str(output.ename), MAX_NAME)}: {short(str(output.evalue), MAX_MESSAGE)}"


def _judged(exercise: Exercise, run: _Run, seed: int) -> Result:
    """The result of an exercise from the data that came; without data, a word about why."""
    data = run.answers.get(exercise.name)
    result = judge(exercise, data or {"seed": seed, "answer": {"kind": "nothing"}}, seed=seed)
    if data is not None:
        return result
    call = re.compile(rf"""\.check\(\s*["']{exercise.name}["']""")
    if not any(call.search(source) for source in run.sources):
        return replace(result, hint="The notebook does not check this exercise.")
    error = run.error(call)
    return replace(result, hint=f"Its check did not run ({error})." if error else "Its check did not run.")
