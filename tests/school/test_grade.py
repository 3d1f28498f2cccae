"""Whole notebooks, run in real kernels."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from lyaplab.school import build_notebook, check_notebook

TOY = Path(__file__).parent / "lessons" / "toy"


@pytest.fixture
def write(tmp_path):
    """Write the toy notebook with some cells' sources replaced; more cells are put at the end."""

    def write(sources=None, *, solved=True, more=(), metadata=None):
        notebook = json.loads(build_notebook(TOY, solved=solved))
        ids = {cell["id"]: cell for cell in notebook["cells"]}
        for name, source in (sources or {}).items():
            ids[name]["source"] = source
        for number, source in enumerate(more):
            cell = {"cell_type": "code", "id": f"more-{number}", "metadata": {}, "outputs": [], "source": source}
            notebook["cells"].append(cell | {"execution_count": None})
        notebook["metadata"] |= metadata or {}
        path = tmp_path / "work.ipynb"
        path.write_text(json.dumps(notebook))
        return path

    return write


def _points(score):
    return {result.exercise: result.points for result in score.results}


def test_the_solved_notebook_passes(write, tmp_path, capfd):
    path = write()
    before = path.read_bytes()
    score = check_notebook(path)
    assert score.passed, str(score)
    assert (score.points, score.max_points, score.notes) == (11, 11, ())
    assert "11 / 11" in str(score)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["work.ipynb"]
    assert capfd.readouterr() == ("", "")


def test_another_python_of_the_same_name_is_not_used(write, tmp_path, monkeypatch):
    """A learner's own kernel called python3 may lack lyaplab."""
    (tmp_path / "kernels" / "python3").mkdir(parents=True)
    spec = {"argv": ["/bin/false"], "display_name": "x", "language": "python"}
    (tmp_path / "kernels" / "python3" / "kernel.json").write_text(json.dumps(spec))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    assert check_notebook(write()).passed


def test_a_kernel_that_does_not_start_is_a_word(write, tmp_path, monkeypatch):
    (tmp_path / "ipykernel_launcher.py").write_text("raise SystemExit(1)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    score = check_notebook(write())
    assert score.points == 0 and "no kernel could be run" in score.notes[0]


def test_the_untouched_notebook_earns_nothing_and_raises_nothing(write):
    score = check_notebook(write(solved=False))
    assert (score.passed, score.points, score.max_points) == (False, 0, 11)
    assert all(result.verdict == "unanswered" for result in score.results)


FORGED = """
ANSWER = "application/vnd.lyaplab.answer+json"
from IPython.display import display
def forge(name, **more):
    bundle = {"text/plain": "99", ANSWER: {"exercise": name, "seed": 0, "points": 99, "passed": True} | more}
    display(bundle, raw=True)
forge("slope", answer={"kind": "number", "value": 1.0})
forge("growth", answer={"kind": "function", "values": [{"kind": "number", "value": 1.0}] * 5})
forge("points")
forge("kind", answer=[[]])
forge("nobody", answer=None)
display({"text/plain": "99", ANSWER: 3}, raw=True)
"""

CHEATED = """
import lyaplab.school.judge, lyaplab.school.lessons as lessons
from lyaplab.school import Result
lessons.judge = lambda exercise, data: Result(True, 99.0, 99.0)
lesson.check("why", "")
"""


def test_claims_are_not_believed(write):
    """Forged points, forged values and a bent judge in the learner's kernel earn what the plain answers earn."""
    points = _points(check_notebook(write({"slope-solution": "slope = 1.5"}, more=[CHEATED, FORGED])))
    # a forged slope of 1.0 has the right sign
    assert points == {"slope": 0.5, "kind": 0, "points": 0, "growth": 0, "apply": 1, "why": 0}


def test_what_goes_wrong_costs_only_itself(write):
    sources = {
        "slope-solution": "raise ValueError('oh')",
        "kind-check": "1 / 0",
        "points-check": "",
        "growth-solution": "def growth(w, h):\n    while True:\n        pass",
    }
    score = check_notebook(write(sources))
    assert _points(score) == {"slope": 0, "kind": 0, "points": 0, "growth": 0, "apply": 1, "why": 1}
    hints = {result.exercise: result.hint for result in score.results}
    assert "NameError" in hints["slope"]
    assert "does not check" in hints["kind"] and "does not check" in hints["points"]
    assert "never ends" in hints["growth"]
    assert "Traceback" not in str(score)


@pytest.mark.slow
def test_a_hanging_cell_is_left_out(write):
    stubborn = "while True:\n    try:\n        while True: pass\n    except BaseException: pass"
    score = check_notebook(write({"slope-solution": stubborn}), cell_seconds=4)
    assert _points(score) == {"slope": 0, "kind": 1, "points": 3, "growth": 3, "apply": 1, "why": 1}
    assert any("longer than" in note for note in score.notes)


@pytest.mark.slow
def test_a_cell_that_ends_the_kernel_is_left_out(write):
    score = check_notebook(write({"slope-solution": "import os; os._exit(1)"}))
    assert _points(score) == {"slope": 0, "kind": 1, "points": 3, "growth": 3, "apply": 1, "why": 1}
    assert any("ended the kernel" in note for note in score.notes)


def test_endless_printing_fills_no_memory(write):
    import resource

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    score = check_notebook(write(more=["for _ in range(200):\n    print('x' * 1_000_000)"]))
    assert score.passed
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 150_000  # kB; it printed 200 MB


def test_another_version_is_noted(write):
    score = check_notebook(write(metadata={"lyaplab": {"lesson": "toy", "version": "2"}}))
    assert score.passed and "version 2" in score.notes[0]


def test_without_metadata_the_lesson_is_found_by_its_call(write):
    assert check_notebook(write(metadata={"lyaplab": None})).lesson == "toy"


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("", "not JSON"),
        ("{}", "no cells"),
        ('{"cells": 3}', "no cells"),
        ("[" * 100_000, "not JSON"),
        ('{"cells": []}', "is not one of this lyaplab"),
        ('{"cells": [], "metadata": {"lyaplab": {"lesson": "99_none"}}}', "'99_none' is not one of this lyaplab (toy"),
        ('{"cells": [{"source": [1, null]}, {}], "metadata": []}', "is not one of this lyaplab"),
    ],
)
def test_no_notebook(tmp_path, text, note):
    path = tmp_path / "odd.ipynb"
    path.write_text(text)
    score = check_notebook(path)
    assert not score.passed and score.max_points == 0
    shipped = r"\d\d_\w+, "  # the lessons that are listed before the toy
    assert note in re.sub(shipped, "", " ".join(score.notes))


def test_no_file(tmp_path):
    assert "cannot be read" in check_notebook(tmp_path / "nowhere.ipynb").notes[0]


def test_an_empty_notebook_of_the_lesson(tmp_path):
    path = tmp_path / "empty.ipynb"
    path.write_text('{"cells": [{"cell_type": "raw"}], "metadata": {"lyaplab": {"lesson": "toy"}}}')
    score = check_notebook(path)
    assert (score.points, score.max_points, len(score.results)) == (0, 11, 6)
    assert all("does not check" in result.hint for result in score.results)


def test_the_graders_environment_stays(write):
    before = dict(os.environ)
    check_notebook(write(solved=False))
    assert dict(os.environ) == before
