"""From lesson.md and exercises.py to the learner's notebook: the same bytes on every build.

lesson.md is MyST as jupytext reads it. It tells the story; an exercise is only named in it, by an empty cell:

    ```{code-cell} ipython3
    :exercise: slope
    ```

which becomes two cells: `slope-solution` with the stub of exercises.py, and `slope-check` with the check. In the
solved notebook the solution stands in place of the stub. A cell tagged `widget` has its source folded away.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lyaplab import errors
from lyaplab.school.lessons import read_plan
from lyaplab.school.plan import Plan

KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
PREDICT = re.compile(r"""\.predict\(\s*["']([^"']*)["']""")
CHECK = re.compile(r"""\.check\(\s*["']""")
HEADLINE = re.compile(r"^# +(.+?)\s*$", re.MULTILINE)
FENCED = re.compile(r"^(```|~~~).*?^\1\s*$", re.MULTILINE | re.DOTALL)

Cell = dict[str, Any]


def build_lessons(root: str | Path) -> tuple[Path, ...]:
    """Build every lesson of a folder, each into `<name>.ipynb` beside its own folder.

    Parameters
    ----------
    root : path
        The folder of lessons.

    Returns
    -------
    tuple of Path
        The notebooks whose contents changed.

    Raises
    ------
    ValueError
        When a lesson contradicts its exercises; every problem is named. Nothing is written then.
    """
    stale = _stale(Path(root))
    for path, data in stale:
        path.write_bytes(data)
    return tuple(path for path, _ in stale)


def stale_lessons(root: str | Path) -> tuple[Path, ...]:
    """The notebooks that are not what `build_lessons` would write now (missing ones, too).

    Raises
    ------
    ValueError
        As `build_lessons` does.
    """
    return tuple(path for path, _ in _stale(Path(root)))


def _stale(root: Path) -> list[tuple[Path, bytes]]:
    built = [(root / f"{folder.name}.ipynb", build_notebook(folder)) for folder in _folders(root)]
    return [(path, data) for path, data in built if not path.is_file() or path.read_bytes() != data]


def _folders(root: Path) -> list[Path]:
    folders = sorted(file.parent for file in root.glob("*/lesson.md"))
    if not folders:
        raise ValueError(f"no lessons in {root.name!r}: expected folders with a lesson.md")
    return folders


def build_notebook(folder: str | Path, *, solved: bool = False) -> bytes:
    """The notebook of one lesson, as the bytes of its file.

    Parameters
    ----------
    folder : path
        Holds lesson.md and exercises.py.
    solved : bool
        With the solutions in place of the stubs, for tests and instructors.

    Raises
    ------
    ValueError
        When lesson.md names an exercise or a prediction that does not exist, leaves one out, names one twice, or has
        another headline than the plan's title.
    ImportError
        When jupytext is not installed (extra `dev`).
    """
    folder = Path(folder)
    plan = read_plan(folder)
    source = _cells(folder / "lesson.md")
    problems = list(_problems(source, plan))
    if problems:
        raise ValueError(f"{folder.name}/lesson.md: " + "; ".join(problems))
    cells = [cell for each in source for cell in _built(each, plan, solved=solved)]
    _identify(cells)
    notebook = {
        "cells": cells,
        "metadata": {
            "kernelspec": KERNEL,
            "language_info": {"name": "python"},
            "lyaplab": {"lesson": folder.name, "version": plan.version},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    # the layout of nbformat's own writer, so that a save in JupyterLab changes no more than it must
    return (json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def _cells(path: Path) -> list[Cell]:
    """The cells of a lesson.md, as jupytext reads them: cell_type, source and metadata."""
    import jupytext

    notebook = jupytext.reads(path.read_text("utf-8"), fmt="md:myst")
    return [{"cell_type": c.cell_type, "source": c.source, "metadata": dict(c.metadata)} for c in notebook.cells]


# ------------------------------------------------------------------ is it consistent?


def _problems(cells: list[Cell], plan: Plan) -> Iterator[str]:
    """Everything in which lesson.md and exercises.py do not agree."""
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    prose = "\n".join(FENCED.sub("", cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    named = [str(cell["metadata"]["exercise"]) for cell in code if "exercise" in cell["metadata"]]
    yield from _agree("exercise", named, [exercise.name for exercise in plan.exercises])
    asked = [key for cell in code for key in PREDICT.findall(cell["source"])]
    yield from _agree("prediction", asked, [prediction.key for prediction in plan.predictions])
    headlines = HEADLINE.findall(prose)
    if headlines != [plan.title]:
        yield f"expected exactly one headline '# {plan.title}' (the plan's title), got {headlines}"
    for cell in code:
        if "exercise" in cell["metadata"] and cell["source"].strip():
            yield f"the cell of exercise {cell['metadata']['exercise']!r} has source: stub and check come by themselves"
        elif CHECK.search(cell["source"]):
            yield "a cell calls lesson.check: name the exercise by ':exercise:' instead"


def _agree(kind: str, named: list[str], known: list[str]) -> Iterator[str]:
    for name in dict.fromkeys(named):
        if name not in known:
            yield str(errors.unknown(kind, name, known))
        elif named.count(name) > 1:
            yield f"{kind} {name!r} is there {named.count(name)} times"
    for name in known:
        if name not in named:
            yield f"{kind} {name!r} of exercises.py is not used"


# ------------------------------------------------------------------ cells


def _built(cell: Cell, plan: Plan, *, solved: bool) -> Iterator[Cell]:
    """The notebook's cells for one cell of lesson.md."""
    metadata = cell["metadata"]
    if cell["cell_type"] == "code" and "exercise" in metadata:
        exercise = next(each for each in plan.exercises if each.name == metadata["exercise"])
        stub = exercise.solution if solved else exercise.stub
        yield _code(stub.strip("\n"), _graded(exercise.name, "solution"), cell_id=f"{exercise.name}-solution")
        check = f'lesson.check("{exercise.name}", {exercise.name})'
        yield _code(check, _graded(exercise.name, "check", exercise.points), cell_id=f"{exercise.name}-check")
        return
    kept = {"tags": list(metadata["tags"])} if metadata.get("tags") else {}
    if cell["cell_type"] == "markdown":
        yield {"cell_type": "markdown", "id": "", "metadata": kept, "source": _lines(cell["source"])}
        return
    folded = {"jupyter": {"source_hidden": True}} if "widget" in kept.get("tags", ()) else {}
    yield _code(cell["source"], kept | folded)


def _code(source: str, metadata: dict[str, Any], *, cell_id: str = "") -> Cell:
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": cell_id,
        "metadata": metadata,
        "outputs": [],
        "source": _lines(source),
    }


def _graded(name: str, kind: str, points: float | None = None) -> dict[str, Any]:
    """A cell's metadata for nbgrader; nothing is locked, a learner may edit everything."""
    check = kind == "check"
    grading = {
        "schema_version": 3,
        "grade_id": f"{name}-{kind}",
        "grade": check,
        "solution": not check,
        "task": False,
        "locked": False,
        "cell_type": "code",
    }
    return {"nbgrader": grading | ({"points": points} if check else {}), "tags": [kind]}


def _lines(source: str) -> list[str]:
    return source.splitlines(keepends=True)


def _identify(cells: list[Cell]) -> None:
    """Give every other cell an id that depends on its contents only, so that editing one leaves the rest alone."""
    seen: dict[str, int] = {}
    for cell in cells:
        if cell["id"]:
            continue
        contents = cell["cell_type"] + "".join(cell["source"])
        name = hashlib.sha256(contents.encode()).hexdigest()[:12]
        seen[name] = seen.get(name, 0) + 1
        cell["id"] = name if seen[name] == 1 else f"{name}-{seen[name]}"
