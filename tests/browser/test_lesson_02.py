"""Lesson 02 as a student meets it: every widget behind its prediction, and a wrong answer with its hint."""

from __future__ import annotations

from tests.browser.student import LESSONS, code_cells, commit, show, words

LESSON = LESSONS / "02_bifurcations.ipynb"
CELLS = code_cells(LESSON)


def cell(part: str) -> int:
    """The number of the code cell that holds this text."""
    return next(number for number, source in CELLS.items() if part in source)


# What a student commits at each gate, and what the widget behind it says.
GATES = {
    "fork": ({"typed": "0.5 0, 1 0, 2 1"}, r"h over w from 0\.5 to 2"),
    "swing": ({"choose": "it never repeats"}, r"2 from −2 to −1\.0"),
    "ring": ({"typed": "9"}, r"no|one fixed point"),
    "jump": ({"typed": "0"}, r"followed upwards from −1"),
    "share": ({"choose": "about a third"}, r"three fixed points"),
    "next": ({"typed": "3.56"}, r"2 to 4 at 3\.44949"),
}


def test_it_runs_untouched_and_every_widget_opens_behind_its_prediction(notebook):
    page = notebook(LESSON, seconds=300)
    page.assert_clean()
    assert page.python("(lesson.progress().done, lesson.progress().points)") == [0, 0]
    for key, (prediction, said) in GATES.items():
        index = cell(f'lesson.predict("{key}"')
        words(commit(page, index, **prediction), said)
        page.shot(f"lesson-02-{key}", f".jp-Cell[data-windowed-list-index='{index}']")
    network = show(page, cell("pair_model"))
    words(network, r"16 to 32 at 0\.833337")
    page.portraits("lesson-02-network", f".jp-Cell[data-windowed-list-index='{cell('pair_model')}']")
    assert page.python("(lesson.progress().done, lesson.progress().points)") == [6, 0]
    page.assert_clean()


def test_a_known_wrong_answer_gets_its_hint_and_the_right_one_passes(notebook):
    page = notebook(LESSON, run=False)
    page.run_cell(cell("ll.lesson("))
    answer, check = cell("def cycle_exponent"), cell('lesson.check("cycle_exponent"')
    blank = "return ...   # the blank: from the slopes to the exponent"
    for line, said in (
        ("return np.log(np.abs(slopes).mean())", "it is their logarithms that are averaged"),
        ("return np.log(np.abs(slopes)).mean()", "2 of 2 points"),
    ):
        assert blank in CELLS[answer]
        page.run_cell(answer, CELLS[answer].replace(blank, line))
        page.run_cell(check)
        show(page, check)
        page.output(check).get_by_text(said).first.wait_for()
    page.assert_clean()
