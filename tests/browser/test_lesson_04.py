"""Lesson 04 in a real browser: untouched from top to bottom, its widgets drawn, and a wrong answer's hint."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat

LESSON = Path(__file__).parents[2] / "lessons" / "04_spectrum.ipynb"
CELLS = nbformat.read(LESSON, as_version=4).cells
AREA = next(i for i, each in enumerate(CELLS) if 'lesson.predict("area"' in each.source)
GATES = {"area": "it stays as it is", "thick": "a curve"}


def cell(part: str) -> int:
    """The number of the code cell that holds this text."""
    return next(i for i, each in enumerate(CELLS) if each.cell_type == "code" and part in each.source)


def show(page, index: int):
    """Bring cell `index` into the window and return it."""
    page.page.evaluate(
        """(index) => {
          const content = window.jupyterapp.shell.currentWidget.content;
          content.activeCellIndex = index;
          return content.scrollToItem(index, 'start');
        }""",
        index,
    )
    found = page.find(f".jp-Cell[data-windowed-list-index='{index}']")
    found.wait_for()
    return found


def commit(page, key: str):
    """Commit a prediction, and wait for the meter behind it."""
    gate = show(page, cell(f'lesson.predict("{key}"'))
    assert gate.locator(".lyap-explorer").count() == 0
    gate.get_by_text(GATES[key], exact=True).click()
    gate.locator(".lyap-commit").click()
    gate.locator(".lyap-figure path.line").first.wait_for(state="attached")
    return gate


def test_it_runs_untouched_its_meters_work_and_a_wrong_answer_gets_its_hint(notebook):
    page = notebook(LESSON, seconds=300)
    page.assert_clean()
    assert page.python("(lesson.progress().done, lesson.progress().points)") == [0, 0]
    free = show(page, cell('ll.SpectrumMeter("tanh", n=50'))
    free.locator(".lyap-figure path.line").first.wait_for(state="attached")
    commit(page, "thick")

    gate = commit(page, "area")
    for _ in range(3):
        gate.locator(".lyap-step").click()
    gate.locator(".lyap-words").get_by_text(re.compile("1 QR")).first.wait_for()
    assert page.python("meter.now") == 3
    page.portraits("lesson-04-qr", f".jp-Cell[data-windowed-list-index='{AREA}']")

    page.run_cell(cell("second = ..."), "second = np.log(0.25)")
    page.run_cell(cell('lesson.check("second"'))
    panel = show(page, cell('lesson.check("second"'))
    panel.get_by_text("That is the growth of areas").first.wait_for()
    page.assert_clean()
