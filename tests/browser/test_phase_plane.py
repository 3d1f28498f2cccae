"""The phase plane in a real page: drag, keys, clicks, switches, long work, themes, widths."""

from __future__ import annotations

import re

import pytest

IMPORT = "import os; os.environ['LYAPLAB_RAISE'] = '1'\nimport lyaplab as ll"
SETTING = "w11=1.6, w12=-0.4, w21=-0.4, w22=1.7, b1=0, b2=0, starts=[[-1.0, 0.55], [0.9, 0.2]]"
VIEW = [IMPORT, f"view = ll.PhasePlane('tanh', {SETTING}); view"]
ROOT = ".lyap-explorer"
START = f"{ROOT} .dot[style*='--lyap-grip']"
WIDE = (1240, 1050)


def dots(page) -> str:
    """The path of the orbit's dots."""
    return page.find(f"{ROOT} .lyap-figure").first.locator(".curve .line").nth(4).get_attribute("d")


def wait_for_other_dots(page, before: str) -> None:
    page.page.wait_for_function(
        "([root, d]) => document.querySelector(root + ' .lyap-figure').querySelectorAll('.curve .line')[4]"
        ".getAttribute('d') !== d",
        arg=[f".jp-NotebookPanel:not(.lm-mod-hidden) {ROOT}", before],
    )


def test_portraits(notebook):
    page = notebook(VIEW, size=WIDE)
    page.find(START).first.wait_for()
    page.portraits("phase-plane", ROOT)
    page.assert_clean()


def test_a_drag_moves_the_start_and_the_orbit_follows(notebook):
    page = notebook(VIEW, size=WIDE)
    start = page.find(START).first
    start.wait_for()
    before = dots(page)
    plot = page.find(f"{ROOT} .plotarea_events").first.bounding_box()
    left, right, bottom, top = page.python("view._window")
    expected = -1.0 + 60 * (right - left) / plot["width"], 0.55 + 30 * (top - bottom) / plot["height"]
    page.drag(start, 60, -30)
    wait_for_other_dots(page, before)
    # the number boxes are the drag's twins; the last move of the mouse may still be under way
    boxes = page.find(f"{ROOT} .lyap-start-1 input")
    for index in (0, 1):
        page.page.wait_for_function(
            "([box, value]) => Math.abs(+box.value - value) < 0.02",
            arg=[boxes.nth(index).element_handle(), expected[index]],
        )
    assert page.python("view.starts[0]") == pytest.approx(expected, abs=0.02)
    assert page.python("view.starts[1]") == [0.9, 0.2]
    # one gesture, one step of undo
    page.find(f"{ROOT} .lyap-undo").click()
    assert page.python("view.starts[0]") == [-1.0, 0.55]
    page.assert_clean()


def test_the_number_box_does_what_the_drag_does(notebook):
    page = notebook(VIEW, size=WIDE)
    page.find(START).first.wait_for()
    before = dots(page)
    page.press("ArrowUp", times=5, on=f"{ROOT} .lyap-start-1 input >> nth=0")
    page.press("Tab")
    wait_for_other_dots(page, before)
    assert page.python("view.starts[0][0]") > -1.0
    page.assert_clean()


def test_a_knob_moves_the_whole_picture(notebook):
    page = notebook(VIEW, size=WIDE)
    page.find(START).first.wait_for()
    figure = page.find(f"{ROOT} .lyap-figure").first
    arrows = figure.locator(".curve .line").first
    before = arrows.get_attribute("d"), figure.locator("image").get_attribute("href")
    page.press("ArrowLeft", times=6, on=f"{ROOT} .lyap-knob-w11 .noUi-handle")
    page.page.wait_for_function("([e, d]) => e.getAttribute('d') !== d", arg=[arrows.element_handle(), before[0]])
    assert page.python("view.w11") < 1.6
    assert figure.locator("image").get_attribute("href") != before[1]
    page.assert_clean()


def test_fixed_points_are_chosen_by_click_and_by_key(notebook):
    page = notebook(VIEW, size=WIDE)
    page.find(START).first.wait_for()
    page.find(f"{ROOT} .dot[style*='--lyap-saddle']").nth(1).click()
    page.find("text=/D: saddle/").first.wait_for()
    page.press("Enter", on=f"{ROOT} .lyap-picker button >> nth=4")
    page.find("text=/E: stable node/").first.wait_for()
    assert page.python("view.chosen[0]") > 0.9
    page.assert_clean()


def test_switches_and_starts(notebook):
    page = notebook(VIEW, size=WIDE)
    page.find(START).first.wait_for()
    page.find(f"{ROOT} .lyap-show-arrows").click()
    page.find(f"{ROOT} .lyap-figure .curve .line").first.wait_for(state="hidden")
    page.find(f"{ROOT} .lyap-add-start").click()
    page.find(START).nth(2).wait_for()
    page.find(f"{ROOT} .lyap-start-3").wait_for()
    assert not page.find(f"{ROOT} .lyap-start-4").is_visible()
    assert page.python("len(view.starts)") == 3
    page.assert_clean()


def test_a_refinement_is_stopped_and_the_page_stays_alive(notebook):
    slow = (
        "@ll.flow(dt=0.005)\ndef damped(x, y, friction=0.5):\n    return y, x - x * x * x - friction * y\n"
        "view = ll.PhasePlane(damped, window=[-2, 2, -2, 2]); view"
    )
    page = notebook([IMPORT, slow], size=WIDE)
    page.find(START).first.wait_for()
    page.find(f"{ROOT} .lyap-measure").click()
    page.find("text=/%/").first.wait_for()
    before = dots_of_flow = page.find(f"{ROOT} .lyap-figure").first.locator(".curve .line").nth(3).get_attribute("d")
    page.drag(page.find(START).first, 40, 20)
    page.page.wait_for_function(
        "([e, d]) => e.getAttribute('d') !== d",
        arg=[page.find(f"{ROOT} .lyap-figure").first.locator(".curve .line").nth(3).element_handle(), before],
    )
    assert dots_of_flow
    page.find(f"{ROOT} .lyap-stop").click()
    page.find("text=/stopped at/").first.wait_for(timeout=5000)
    assert page.python("view._run.worker.running") is False
    assert page.python("view._settled_basins() is not None")
    page.assert_clean()


def test_all_layers_of_a_narrow_page_fit(notebook):
    page = notebook(VIEW, size=(620, 1000))
    page.find(START).first.wait_for()
    root = page.find(ROOT).bounding_box()
    for part in page.find(f"{ROOT} input, {ROOT} button, {ROOT} .lyap-figure").all():
        box = part.bounding_box()
        if box is not None:
            assert box["x"] >= root["x"] - 1 and box["x"] + box["width"] <= root["x"] + root["width"] + 1


def test_colours_follow_the_theme_without_the_kernel(notebook):
    page = notebook(VIEW, size=WIDE)
    page.find(START).first.wait_for()

    def seen() -> str:
        return page.find(START).first.evaluate("e => getComputedStyle(e).fill")

    light = seen()
    page.theme("dark")
    handle = page.find(START).first.element_handle()
    page.page.wait_for_function("([e, c]) => getComputedStyle(e).fill !== c", arg=[handle, light])
    assert re.findall(r"\d+", light) == ["124", "58", "237"]
    assert re.findall(r"\d+", seen()) == ["200", "166", "255"]
