"""Lesson 06 as a student meets it: every lab behind its prediction, and the hint of one wrong answer."""

from __future__ import annotations

from tests.browser.harness import NARROW, WIDE, Notebook
from tests.browser.student import LESSONS, code_cells, commit, show, words

LESSON = LESSONS / "06_learning_chaos.ipynb"
CELLS = code_cells(LESSON)


def cell(part: str) -> int:
    """The number of the code cell that holds this text."""
    return next(number for number, source in CELLS.items() if part in source)


# What a student commits at each gate, and what the lab behind it says.
GATES = {
    "window": ("it draws the butterfly", r"τ = 200.* far from that"),
    "always": ("it dwells where the data dwell", r"τ = 1, .* far from that"),
    "best": ("76 rows, the predictability time", r"τ = 120.* least in the median at τ = 30"),
    "hidden": ("to the x of the data", r"y, z.* roughly that"),
}


def portraits(page: Notebook) -> None:
    """Pictures of all labs, with one change of theme and of width for all of them: each takes a second."""
    labs = {key: cell(f'lesson.predict("{key}"') for key in GATES} | {"own": cell("ll.ForcingLab(mine)")}
    for look in ("light", "dark", "narrow"):
        page.theme("dark" if look == "dark" else "light")
        page.resize(NARROW if look == "narrow" else WIDE)
        for key, number in labs.items():
            show(page, number)
            page.shot(f"lesson-06-{key}-{look}", f".jp-Cell[data-windowed-list-index='{number}']")
    page.resize(WIDE)


def test_it_runs_untouched_and_every_lab_opens_behind_its_prediction(notebook):
    page = notebook(LESSON, seconds=300)
    page.assert_clean()
    assert page.python("(lesson.progress().done, lesson.progress().points)") == [0, 0]
    for key, (choice, said) in GATES.items():
        number = cell(f'lesson.predict("{key}"')
        words(commit(page, number, choose=choice), said)
    words(show(page, cell("ll.ForcingLab(mine)")), "duffing")
    portraits(page)

    check = cell('lesson.check("tau_pred"')
    page.run_cell(cell("tau_pred = ..."), "tau_pred = np.log(2) / 1.50")
    page.run_cell(check)
    show(page, check)
    page.output(check).get_by_text("doubling time in units of time").first.wait_for()
    page.assert_clean()
