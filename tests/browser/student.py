"""A lesson as a student works through it: cells found by what they hold, predictions committed."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
from playwright.sync_api import Locator

from tests.browser.harness import Notebook

LESSONS = Path(__file__).parents[2] / "lessons"


def code_cells(lesson: Path) -> dict[int, str]:
    """The sources of a notebook's code cells, by their numbers among all cells."""
    cells = nbformat.read(lesson, as_version=4).cells
    return {number: each.source for number, each in enumerate(cells) if each.cell_type == "code"}


def show(page: Notebook, index: int) -> Locator:
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


def commit(page: Notebook, index: int, choose: str | None = None, *, typed: str | None = None) -> Locator:
    """Commit the prediction of cell `index`, chosen or typed, and wait for the widget behind it."""
    gate = show(page, index)
    if choose is not None:
        gate.get_by_text(choose, exact=True).click()
    else:
        gate.locator(".lyap-ask input[type=text]").fill(typed or "")
        gate.locator(".lyap-ask input[type=text]").press("Tab")
    gate.locator(".lyap-commit").click()
    gate.locator(".lyap-explorer svg").first.wait_for()
    return gate


def words(gate: Locator, pattern: str) -> None:
    """Wait until the widget behind a gate says so, in the words below its picture."""
    gate.locator(".lyap-words").get_by_text(re.compile(pattern)).first.wait_for()
