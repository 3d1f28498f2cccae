"""The built lessons: up to date, quiet when untouched, and worth full marks when solved."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from lyaplab.school import build_notebook, check_notebook, lesson, stale_lessons

LESSONS = Path(__file__).parents[2] / "lessons"
FOLDERS = sorted(file.parent for file in LESSONS.glob("*/lesson.md"))
NAMES = [folder.name for folder in FOLDERS]

# What the prose must not hold: filler, haste, shouting.
FILLER = re.compile(
    r"\b(simply|just|obviously|clearly|of course|easy|easily|trivial(ly)?|very|basically)\b", re.IGNORECASE
)
AMERICAN = re.compile(r"\b(color(ed|s)?|neighbor\w*|behavior\w*|center\w*|analyze\w*|gray)\b", re.IGNORECASE)


@pytest.fixture(autouse=True)
def no_progress(monkeypatch):
    """A lesson under test leaves nothing behind."""
    monkeypatch.setenv("LYAPLAB_PROGRESS", "off")


@pytest.fixture
def prose(request) -> str:
    """The words of a lesson: no code, no formulas, no header."""
    text = (LESSONS / request.param / "lesson.md").read_text("utf-8").split("---\n", 2)[2]
    for part in (r"^```.*?^```$", r"\$\$.*?\$\$", r"\$[^$]*\$", r"`[^`]*`"):
        text = re.sub(part, "", text, flags=re.DOTALL | re.MULTILINE)
    return text


def test_the_built_notebooks_are_not_stale():
    assert stale_lessons(LESSONS) == (), "run: lyaplab lessons build"


@pytest.mark.parametrize("name", NAMES)
def test_an_untouched_notebook_runs_from_top_to_bottom(name, tmp_path):
    notebook = nbformat.read(LESSONS / f"{name}.ipynb", as_version=4)
    NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error"]
    assert not [output.text for output in outputs if output.get("name") == "stderr"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("folder", FOLDERS, ids=NAMES)
def test_the_solved_notebook_scores_full_marks(folder, tmp_path):
    path = tmp_path / f"{folder.name}.ipynb"
    path.write_bytes(build_notebook(folder, solved=True))
    score = check_notebook(path)
    assert score.passed, str(score)
    assert score.points == score.max_points > 0
    assert score.notes == ()


@pytest.mark.parametrize("name", NAMES)
def test_an_untouched_notebook_scores_nothing(name):
    score = check_notebook(LESSONS / f"{name}.ipynb")
    assert score.points == 0
    assert score.notes == ()
    assert {result.verdict for result in score.results} == {"unanswered"}


@pytest.mark.parametrize("name", NAMES)
def test_there_is_a_guide_for_the_instructor(name):
    guide = (LESSONS / name / "guide.md").read_text("utf-8")
    for part in ("Timing", "Board", "Wrong answers", "Discussion", "Variations"):
        assert re.search(rf"^## {part}", guide, re.MULTILINE), f"{name}/guide.md has no section {part!r}"
    for exercise in lesson(name).exercises.values():
        assert f"`{exercise.name}`" in guide, f"{name}/guide.md does not speak of {exercise.name}"


@pytest.mark.parametrize("name", NAMES)
def test_the_sections_take_as_long_as_the_lesson(name):
    text = (LESSONS / name / "lesson.md").read_text("utf-8")
    minutes = [int(number) for number in re.findall(r"^\| \[[^|]*\| (\d+) \|", text, re.MULTILINE)]
    assert sum(minutes) == lesson(name).minutes


@pytest.mark.parametrize("name", NAMES)
def test_the_contents_lead_to_headings(name):
    text = (LESSONS / name / "lesson.md").read_text("utf-8")
    headings = {heading.strip().replace(" ", "-") for heading in re.findall(r"^##+ (.*)$", text, re.MULTILINE)}
    links = re.findall(r"\]\(#([^)]*)\)", text)
    assert links
    assert set(links) <= headings


@pytest.mark.parametrize("prose", NAMES, indirect=True)
def test_the_prose_keeps_the_house_style(prose):
    assert FILLER.findall(prose) == []
    assert AMERICAN.findall(prose) == []
    assert "!" not in prose
