"""Lesson 03 as a student meets it: untouched from top to bottom, a start typed to eight digits, a hint."""

from __future__ import annotations

from pathlib import Path

import nbformat

LESSON = Path(__file__).parents[2] / "lessons" / "03_chaos.ipynb"
CELLS = nbformat.read(LESSON, as_version=4).cells


def cell(part: str) -> int:
    """The number of the code cell that holds this text."""
    return next(i for i, each in enumerate(CELLS) if each.cell_type == "code" and part in each.source)


ONSET = cell('lesson.predict("onset"')


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


def commit(page, index: int, number: str):
    """Commit a number as the prediction of cell `index`, and wait for the widget behind it."""
    gate = show(page, index)
    gate.locator(".lyap-ask input[type=text]").fill(number)
    gate.locator(".lyap-ask input[type=text]").press("Tab")
    gate.locator(".lyap-commit").click()
    gate.locator(".lyap-explorer svg").first.wait_for()
    return gate


def test_it_runs_from_top_to_bottom_untouched_and_every_widget_is_drawn(notebook):
    page = notebook(LESSON, seconds=300)
    page.assert_clean()
    assert page.python("(lesson.progress().done, lesson.progress().points)") == [0, 0]
    show(page, cell("lesson.progress()")).get_by_text("0 of 13 done, 0 of 15 points").wait_for()
    for part, number in (("billionth", "27"), ("closer", "1000"), ("onset", "1"), ("twelve", "12")):
        commit(page, cell(f'lesson.predict("{part}"'), number)
    show(page, cell("sun_curve.show()")).get_by_text("strangers").first.wait_for()
    show(page, ONSET)
    page.portraits("lesson-03-onset", f".jp-Cell[data-windowed-list-index='{ONSET}']")
    page.assert_clean()


def test_a_start_is_typed_to_eight_digits_and_a_known_wrong_answer_gets_its_hint(notebook):
    page = notebook(LESSON, run=False)
    page.run_cell(cell("ll.lesson("))
    web = cell('lesson.predict("billionth"')
    page.run_cell(web)
    gate = commit(page, web, "1000000")
    typed = gate.locator(".lyap-knob-x0 input").first
    typed.fill("0.20000001")
    typed.press("Enter")
    gate.locator(".lyap-words").get_by_text("0.2").first.wait_for()
    assert page.python("web.x0") == 0.20000001
    answer, check = cell("horizon = ..."), cell('lesson.check("horizon"')
    page.run_cell(answer, "horizon = np.log(2) / 0.09")
    page.run_cell(check)
    show(page, check)
    page.output(check).get_by_text("That is the doubling time").first.wait_for()
    page.run_cell(answer, "horizon = np.log(1e5) / 0.09")
    page.run_cell(check)
    page.output(check).get_by_text("1 of 1 point").first.wait_for()
    page.assert_clean()
