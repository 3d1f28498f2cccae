"""Lesson 05 as a student meets it: every widget behind its prediction, a chain by hand, and a wrong answer's hint."""

from __future__ import annotations

from tests.browser.student import LESSONS, code_cells, commit, show, words

LESSON = LESSONS / "05_gradients.ipynb"
CELLS = code_cells(LESSON)


def cell(part: str) -> int:
    """The number of the code cell that holds this text."""
    return next(number for number, source in CELLS.items() if part in source)


# What a student commits at each gate, and what the widget behind it says.
GATES = {
    "settled": ({"choose": "it goes to zero"}, r"Stable: after 46 steps"),
    "chaotic": ({"typed": "300"}, r"Chaos: errors ahead and gradients behind"),
    "circle": ({"choose": "it stays bounded"}, r"Not told from zero"),
    "valley": ({"choose": "flat"}, r"Up and down over its own range"),
    "clip": ({"choose": "nearly all of it"}, r"Chaos: errors ahead and gradients behind"),
}


def test_it_runs_untouched_and_every_widget_opens_behind_its_prediction(notebook):
    page = notebook(LESSON, seconds=300)
    page.assert_clean()
    assert page.python("(lesson.progress().done, lesson.progress().points)") == [0, 0]
    for key, (prediction, said) in GATES.items():
        words(commit(page, cell(f'lesson.predict("{key}"'), **prediction), said)

    meet = cell('lesson.predict("meet"')
    chain = commit(page, meet, choose="it is the same everywhere")
    for _ in range(3):
        chain.locator(".lyap-step").click()
    words(chain, r"From the right, 3 of 10 boxes")
    assert page.python("(chain.forward, chain.backward)") == [3, 0]
    page.shot("lesson-05-chain", f".jp-Cell[data-windowed-list-index='{meet}']")

    check = cell('lesson.check("rest"')
    page.run_cell(cell("rest = ..."), "rest = 0.0")
    page.run_cell(check)
    show(page, check)
    page.output(check).get_by_text("What vanishes is the influence of the first state").first.wait_for()
    page.assert_clean()
