"""Lesson 01 as a student meets it: in a real browser, from an untouched notebook to a passed exercise."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest

LESSON = Path(__file__).parents[2] / "lessons" / "01_fixed_points.ipynb"
CELLS = nbformat.read(LESSON, as_version=4).cells


def cell(part: str) -> int:
    """The number of the code cell that holds this text."""
    return next(i for i, each in enumerate(CELLS) if each.cell_type == "code" and part in each.source)


GRIP = ".dot[style*='--lyap-grip']"
SETUP, WEB, PLANE = cell("ll.lesson("), cell('lesson.predict("where"'), cell('lesson.predict("crossings"')
ANSWER, CHECK = cell("exponent = ..."), cell('lesson.check("exponent"')


@pytest.fixture
def start(notebook):
    """Open the lesson and run some of its cells, one after the other, as a student does."""

    def start(*cells: int, **how):
        page = notebook(LESSON, run=False, **how)
        for each in (SETUP, *cells):
            page.run_cell(each)
        return page

    return start


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


def commit(page, index: int, choose: str | None = None, *, number: str | None = None):
    """Commit the prediction of cell `index`, and wait for the widget behind it."""
    gate = show(page, index)
    if choose is not None:
        gate.get_by_text(choose, exact=True).click()
    else:
        gate.locator(".lyap-ask input[type=text]").fill(number)
        gate.locator(".lyap-ask input[type=text]").press("Tab")
    gate.locator(".lyap-commit").click()
    gate.locator(".lyap-explorer svg").first.wait_for()
    return gate


def words(page, gate, pattern: str) -> None:
    """Wait until the widget behind a gate says so, in the words below its picture."""
    gate.locator(".lyap-words").get_by_text(re.compile(pattern)).first.wait_for()


def drag_start(page, gate, dx: float) -> None:
    """Drag the first start sideways, once the figure has found its place and size."""
    grip = gate.locator(GRIP).first
    grip.scroll_into_view_if_needed()
    grip.element_handle().wait_for_element_state("stable")
    page.drag(grip, dx, 0)



@pytest.mark.parametrize("n", range(12))
def test_scratch(start, n):
    import os
    page = start(WEB)
    gate = commit(page, WEB, "back at 0")
    words(page, gate, "from x0 = 0.1 ")
    if os.environ.get("LOST"):
        page.python(f"setattr(__import__('sys').modules['lyaplab.widgets._grip'], '_LOST', {os.environ['LOST']})")
    page.page.evaluate("() => { window.ends = []; }")
    drag_start(page, gate, -60)
    page.page.wait_for_timeout(3000)
    x0 = page.python("web.x0"); print(n, os.environ.get("LOST"), x0, flush=True)
