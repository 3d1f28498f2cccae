"""The transition to chaos in a real page: gain by hand and key, time by drag, Stop, both themes, widths."""

from __future__ import annotations

IMPORT = "import os; os.environ['LYAPLAB_RAISE'] = '1'\nimport lyaplab as ll"
VIEW = [IMPORT, "view = ll.ChaosTransition('tanh', preset='chaos'); view"]
ROOT = ".lyap-explorer"
WORDS = ".lyap-words .widget-html-content"
DISTANCE, GAINS = 2, 3  # places of the figures in the page
WIDE = (1240, 1100)


def wait_for_words(page, text: str) -> None:
    page.find(WORDS).filter(has_text=text).first.wait_for()


def distance_path(page):
    """The mean distance, as it is drawn."""
    return page.find(f"{ROOT} .lyap-figure").nth(DISTANCE).locator("path.line").nth(4).get_attribute("d")


def test_gain_and_time_by_slider_handle_and_key(notebook):
    page = notebook(VIEW, size=WIDE)
    wait_for_words(page, "part at")
    before = distance_path(page)
    page.press("ArrowLeft", times=5, on=".lyap-knob-gain .noUi-handle")
    wait_for_words(page, "gain 1.75")
    assert distance_path(page) != before
    assert page.find(".lyap-knob-gain input").first.input_value() == "1.75"
    page.press("Enter", on=".lyap-choices button:has-text('silent')")
    wait_for_words(page, "draw together")
    page.press("Enter", on=".lyap-undo")
    wait_for_words(page, "gain 1.75")
    page.press("Enter", on=".lyap-reset")
    wait_for_words(page, "gain 1.8,")
    page.page.wait_for_function("d => [...document.querySelectorAll('path.line')].some(e => e.getAttribute('d') === d)",
                                arg=before)  # fmt: skip
    # handles, and their numeric twins
    figures = page.find(f"{ROOT} .lyap-figure")
    page.drag(figures.nth(GAINS).locator(".dot[style*='grip']").first, -60, 0)
    page.page.wait_for_function("() => document.querySelector('.lyap-knob-gain input').value < 1.5")
    page.drag(figures.nth(DISTANCE).locator(".dot[style*='grip']").first, 80, 0)
    page.page.wait_for_function("() => document.querySelector('.lyap-knob-t input').value > 220")
    page.press("ArrowUp", times=2, on=".lyap-knob-t input")
    page.press("Enter", on=".lyap-step")
    page.press("Enter", on=".lyap-choices button:has-text('10⁻⁶')")
    wait_for_words(page, "Twins 10⁻⁶")
    page.assert_clean()


def test_stop_ends_the_sweep_while_the_page_answers(notebook):
    endless = "from lyaplab.widgets import _gainsweep\n_gainsweep.SEEDS = 2000"
    page = notebook([IMPORT, endless, VIEW[1]], size=WIDE)
    wait_for_words(page, "gain 1.8,")
    page.press("Enter", on=".lyap-measure")
    page.find(".lyap-run").filter(has_text="left").first.wait_for()
    page.press("ArrowLeft", times=3, on=".lyap-knob-gain .noUi-handle")  # the sweep is of all gains: it goes on
    page.page.wait_for_function("() => document.querySelector('.lyap-knob-gain input').value === '1.77'")
    assert page.python("view._run.worker.running")
    page.press("Enter", on=".lyap-stop")
    page.find(".lyap-run").filter(has_text="stopped").first.wait_for()
    wait_for_words(page, "networks of 100 units")
    assert page.python("len(view._swept)") == 2
    page.assert_clean()


def test_portraits_in_both_themes_and_widths(notebook):
    page = notebook(VIEW, size=WIDE)
    wait_for_words(page, "part at")
    crosses = page.find(f"{ROOT} path.line[style*='--lyap-start']").first
    light = crosses.evaluate("e => getComputedStyle(e).stroke")
    page.portraits("chaos-transition", ROOT)
    page.theme("dark")
    page.page.wait_for_function("([e, c]) => getComputedStyle(e).stroke !== c", arg=[crosses.element_handle(), light])
    page.theme("light")
    page.resize((560, 1100))
    root = page.find(ROOT).first.bounding_box()
    for part in page.find(f"{ROOT} input, {ROOT} button, {ROOT} .lyap-figure").all():
        box = part.bounding_box()
        if box is not None:
            assert box["x"] >= root["x"] - 1 and box["x"] + box["width"] <= root["x"] + root["width"] + 1
    page.assert_clean()
