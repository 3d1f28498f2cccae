from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from lyaplab.school import build_lessons, build_notebook, stale_lessons

ROOT = Path(__file__).parents[2]
TOY = Path(__file__).parent / "lessons" / "toy"


@pytest.fixture
def course(tmp_path):
    """A course of one lesson, to be changed at will."""
    shutil.copytree(TOY, tmp_path / "course" / "toy")
    return tmp_path / "course"


def _cells(data):
    return {cell["id"]: cell for cell in json.loads(data)["cells"]}


def test_it_is_a_valid_notebook():
    notebook = nbformat.reads(build_notebook(TOY).decode(), as_version=4)
    nbformat.validate(notebook)
    assert notebook.metadata.lyaplab == {"lesson": "toy", "version": "3"}
    assert all(not cell.get("outputs") and cell.get("execution_count") is None for cell in notebook.cells)
    assert notebook.cells[0].source.startswith("# A toy lesson")


def test_a_save_by_jupyter_changes_nothing():
    data = build_notebook(TOY).decode()
    assert nbformat.writes(nbformat.reads(data, as_version=4), version=4).rstrip("\n") + "\n" == data


def test_the_same_bytes_in_every_process():
    code = (
        "import sys, hashlib; from lyaplab.school import build_notebook\n"
        "print(hashlib.sha256(build_notebook(sys.argv[1])).hexdigest())"
    )
    hashes = set()
    for salt in ("0", "1"):
        environment = os.environ | {"PYTHONHASHSEED": salt}
        command = [sys.executable, "-c", code, str(TOY)]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
        hashes.add(done.stdout)
    assert len(hashes) == 1


def test_an_exercise_becomes_two_cells():
    cells = _cells(build_notebook(TOY))
    stub, check = cells["growth-solution"], cells["growth-check"]
    assert "".join(stub["source"]).startswith("def growth(w, h):") and "..." in "".join(stub["source"])
    assert check["source"] == ['lesson.check("growth", growth)']
    assert check["metadata"]["nbgrader"] == {
        "schema_version": 3,
        "grade_id": "growth-check",
        "grade": True,
        "solution": False,
        "task": False,
        "locked": False,
        "cell_type": "code",
        "points": 3,
    }
    assert stub["metadata"]["nbgrader"]["solution"] and not stub["metadata"]["nbgrader"]["locked"]
    assert sum(cell["metadata"].get("nbgrader", {}).get("points", 0) for cell in cells.values()) == 11


def test_the_solved_version_differs_in_the_solutions_only():
    learner, solved = _cells(build_notebook(TOY)), _cells(build_notebook(TOY, solved=True))
    assert list(learner) == list(solved)
    changed = [name for name in learner if learner[name] != solved[name]]
    assert changed == [f"{name}-solution" for name in ("slope", "kind", "points", "growth", "apply", "why")]


def test_the_learners_version_holds_no_solution():
    text = build_notebook(TOY).decode()
    assert "np.tanh(w * h) ** 2" not in text and "0.8586" not in text


def test_widget_cells_are_folded():
    cells = _cells(build_notebook(TOY)).values()
    folded = [cell for cell in cells if cell["metadata"].get("jupyter", {}).get("source_hidden")]
    assert [cell["source"] for cell in folded] == [['lesson.predict("where")']]


def test_ids_stay_when_another_cell_changes(course):
    before = set(_cells(build_notebook(course / "toy")))
    page = course / "toy" / "lesson.md"
    page.write_text(page.read_text().replace("Another part.", "Quite another part."))
    after = set(_cells(build_notebook(course / "toy")))
    assert len(before - after) == len(after - before) == 1


def test_build_and_stale(course):
    notebook = course / "toy.ipynb"
    assert stale_lessons(course) == (notebook,)
    assert not notebook.exists()
    assert build_lessons(course) == (notebook,)
    assert stale_lessons(course) == build_lessons(course) == ()
    notebook.write_bytes(notebook.read_bytes().replace(b"rest", b"stop"))
    assert stale_lessons(course) == (notebook,)


def _edit(course, old, new, *, file="lesson.md"):
    page = course / "toy" / file
    text = page.read_text()
    assert old in text
    page.write_text(text.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (":exercise: slope", ":exercise: slop", "unknown exercise 'slop': did you mean 'slope'"),
        (":exercise: slope", ":exercise: kind", "exercise 'kind' is there 2 times"),
        (":exercise: slope", ":exercise: kind", "exercise 'slope' of exercises.py is not used"),
        (":exercise: slope\n", ":exercise: slope\n\nslope = 2\n", "has source"),
        ('predict("where")', 'predict("were")', "unknown prediction 'were': did you mean 'where'"),
        ('predict("count")', 'predict("where")', "prediction 'where' is there 2 times"),
        ("lesson.progress()", 'lesson.check("slope", 1)', "by ':exercise:' instead"),
        ("# A toy lesson", "# Another lesson", "expected exactly one headline '# A toy lesson'"),
        ("## Do", "# Do", "exactly one headline"),
    ],
)
def test_what_does_not_agree_is_named(course, old, new, message):
    _edit(course, old, new)
    with pytest.raises(ValueError, match=r"toy/lesson\.md: ") as caught:
        build_lessons(course)
    assert message in str(caught.value)
    assert not (course / "toy.ipynb").exists()


def test_a_comment_in_code_is_no_headline(course):
    _edit(course, "One part.", "One part.\n\n```python\n# not a headline\n```")
    build_notebook(course / "toy")


def test_an_empty_course(tmp_path):
    with pytest.raises(ValueError, match=r"expected folders with a lesson\.md"):
        build_lessons(tmp_path)
