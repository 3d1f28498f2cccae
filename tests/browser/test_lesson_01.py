"""Lesson 01 as a student meets it: in a real browser, from an untouched notebook to a passed exercise."""

from __future__ import annotations

import pytest

from tests.browser.student import LESSONS, code_cells, commit, show, words

LESSON = LESSONS / "01_fixed_points.ipynb"
CELLS = code_cells(LESSON)


def cell(part: str) -> int:
    """The number of the code cell that holds this text."""
    return next(number for number, source in CELLS.items() if part in source)


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


def drag_start(page, gate, dx: float) -> None:
    """Drag the first start sideways, once the figure has found its place and size."""
    grip = gate.locator(GRIP).first
    grip.scroll_into_view_if_needed()
    grip.element_handle().wait_for_element_state("stable")
    page.drag(grip, dx, 0)


def test_it_runs_from_top_to_bottom_untouched(notebook):
    page = notebook(LESSON, seconds=300)
    page.assert_clean()
    assert page.python("(lesson.progress().done, lesson.progress().points)") == [0, 0]
    bar = show(page, cell("lesson.progress()"))
    bar.get_by_text("0 of 13 done, 0 of 15 points").wait_for()


def test_nothing_is_revealed_before_the_prediction(start):
    page = start(WEB)
    gate = show(page, WEB)
    gate.get_by_text("at a value between 0 and 1", exact=True).wait_for()
    assert gate.locator(".lyap-explorer").count() == 0
    assert "0.9575" not in gate.inner_text()
    commit(page, WEB, "back at 0")
    gate.get_by_text("Compare with your prediction").click()
    gate.get_by_text("At 0.9575.").wait_for()
    page.assert_clean()


def test_a_slider_moves_the_figure_follows_and_undo_brings_it_back(start):
    page = start(WEB)
    gate = commit(page, WEB, "back at 0")
    words(gate, "w = 2, b = 0: 3 fixed points")
    before = page.python("web.state")
    curve = gate.locator(".lyap-figure path.line").nth(1)
    drawn = curve.get_attribute("d")
    page.press("ArrowLeft", times=3, on=".lyap-knob-w .noUi-handle")
    words(gate, r"w = 1\.\d+, b = 0")
    assert curve.get_attribute("d") != drawn
    assert page.python("web.w") < 2
    gate.locator(".lyap-undo").click()
    words(gate, "w = 2, b = 0: 3 fixed points")
    assert page.python("web.state") == before
    page.assert_clean()


def test_the_start_moves_by_mouse_and_by_keyboard(start):
    page = start(WEB)
    gate = commit(page, WEB, "back at 0")
    words(gate, "from h₀ = 0.1 ")
    drag_start(page, gate, -60)
    words(gate, "from h₀ = −")
    dragged = page.python("web.x0")
    assert dragged < 0
    page.press("ArrowUp", times=2, on=".lyap-knob-x0 input")
    words(gate, f"from h₀ = −(?!{abs(dragged):.3g})")
    assert page.python("web.x0") > dragged
    page.assert_clean()


def test_a_start_in_the_plane_is_dragged_into_another_basin(start):
    page = start(PLANE)
    gate = commit(page, PLANE, typed="6")
    words(gate, "nine fixed points")
    words(gate, r"comes to rest at C \(−0\.96, 0\.96\)")
    drag_start(page, gate, 220)
    words(gate, r"comes to rest at I \(0\.96, 0\.96\)")
    assert page.python("plane.starts[0][0]") > 0
    gate.locator(".lyap-undo").click()
    words(gate, r"comes to rest at C \(−0\.96, 0\.96\)")
    page.assert_clean()


def test_a_known_wrong_answer_gets_its_hint_and_the_right_one_passes(start):
    page = start()
    page.run_cell(ANSWER, "rest = 0.858560\nexponent = np.log(1 - rest**2)")
    page.run_cell(CHECK)
    show(page, CHECK)
    panel = page.output(CHECK)
    panel.get_by_text("Not yet").first.wait_for()
    panel.get_by_text("What is inside it").first.wait_for()
    panel.get_by_text("A nudge").first.click()
    panel.get_by_text("the logarithm of its size").first.wait_for()
    page.run_cell(ANSWER, "rest = 0.858560\nexponent = np.log(1.5 * (1 - rest**2))")
    page.run_cell(CHECK)
    page.output(CHECK).get_by_text("2 of 2 points").first.wait_for()
    page.assert_clean()


def test_progress_survives_a_restart_of_the_kernel(start):
    page = start(WEB)
    gate = commit(page, WEB, "back at 0")
    page.run_cell(ANSWER, "exponent = -0.930610")
    page.run_cell(CHECK)
    kept = page.python("(lesson.progress().done, lesson.progress().points)")
    assert kept == [2, 2]
    page.restart_kernel()
    page.run_cell(SETUP)
    assert page.python("(lesson.progress().done, lesson.progress().points)") == kept
    page.run_cell(WEB)  # what was predicted stands, and the widget opens at once
    gate = show(page, WEB)
    words(gate, "w = 2, b = 0: 3 fixed points")
    gate.get_by_text("Committed").wait_for()
    page.assert_clean()


def test_formulas_wear_the_colours_of_the_curves_in_both_themes(start):
    page = start(WEB)
    commit(page, WEB, "back at 0")
    colour = """() => {
      const curve = getComputedStyle(document.querySelector('.lyap')).getPropertyValue('--lyap-first').trim();
      const probe = document.createElement('i');
      probe.style.color = curve;
      const symbols = [...document.querySelectorAll('mjx-container [style*="rgb(194, 65, 12)"]')];
      return symbols.length > 0 && symbols.every(each => getComputedStyle(each).color === probe.style.color);
    }"""
    page.page.wait_for_function(colour)
    page.theme("dark")
    page.page.wait_for_function(colour)
    page.assert_clean()


def test_portraits(start):
    page = start(WEB, PLANE)
    commit(page, WEB, "back at 0")
    page.portraits("lesson-01-one-unit", f".jp-Cell[data-windowed-list-index='{WEB}']")
    commit(page, PLANE, typed="6")
    page.portraits("lesson-01-two-units", f".jp-Cell[data-windowed-list-index='{PLANE}']")
    page.assert_clean()
