"""The orbit diagram in a real page: marker, brush, keys, undo, Stop, both themes, a narrow window."""

from __future__ import annotations

import pytest

IMPORT = "import os; os.environ['LYAPLAB_RAISE'] = '1'\nimport lyaplab as ll"
VIEW = [IMPORT, "view = ll.Bifurcation('logistic', span=[2.8, 4.0], r=3.2); view"]
ROOT = ".lyap-explorer"
GRIP = f"{ROOT} .dot[style*='--lyap-grip']"
WORDS = ".lyap-words .widget-html-content"
WIDE = (1280, 1000)


@pytest.fixture
def page(notebook):
    page = notebook(VIEW, size=WIDE)
    page.find(GRIP).first.wait_for()
    page.python("view.wait(60)")
    return page


def wait_for_words(page, text: str) -> None:
    page.find(WORDS).filter(has_text=text).first.wait_for()


def picture(page) -> str:
    return page.find(f"{ROOT} image").first.get_attribute("href")


def test_the_marker_is_dragged_and_typed_and_undone(page):
    wait_for_words(page, "At r = 3.2 ")
    plots = page.find(f"{ROOT} .plotarea_events")
    above, below = plots.nth(0).bounding_box(), plots.nth(1).bounding_box()
    assert (above["x"], above["width"]) == pytest.approx((below["x"], below["width"]), abs=0.1)
    before = picture(page)
    page.drag(page.find(GRIP).first, 100, 0)
    box, expected = f"{ROOT} .lyap-knob-r input", 3.2 + 100 * 1.2 / below["width"]
    page.page.wait_for_function(  # the last move of the mouse may still be under way
        "([box, value]) => Math.abs(+box.value - value) < 0.01",
        arg=[page.find(box).first.element_handle(), expected],
    )
    moved = page.python("view.r")
    assert moved == pytest.approx(expected, abs=0.01)
    page.press("ArrowUp", times=4, on=box)
    page.page.wait_for_function("([box, was]) => +box.value > was", arg=[page.find(box).first.element_handle(), moved])
    assert moved < page.python("view.r") < moved + 0.05  # the box steps as finely as the picture
    assert picture(page) == before  # the diagram is that of all values
    for _ in range(2):
        page.press("Enter", on=f"{ROOT} .lyap-undo")
    wait_for_words(page, "At r = 3.2 ")
    page.assert_clean()


def test_a_brush_zooms_recomputes_and_undo_goes_back(page):
    before, plot = picture(page), page.find(f"{ROOT} .plotarea_events").first.bounding_box()
    assert "Measured doublings: 1 to 2 at 3," in page.python("view.describe()")
    mouse = page.page.mouse
    mouse.move(plot["x"] + 0.45 * plot["width"], plot["y"] + 0.2 * plot["height"])
    mouse.down()
    mouse.move(plot["x"] + 0.70 * plot["width"], plot["y"] + 0.6 * plot["height"], steps=6)
    mouse.up()
    page.page.wait_for_function(
        "([e, was]) => e.getAttribute('href') !== was",
        arg=[page.find(f"{ROOT} image").first.element_handle(), before],
    )
    assert page.python("view.wait(60)")
    low, high = page.python("view.span")
    assert (low, high) == pytest.approx((2.8 + 0.45 * 1.2, 2.8 + 0.70 * 1.2), abs=0.01)
    assert page.python("view.numbers()['values'][[0, -1]].tolist()") == [low, high]
    assert low < page.python("view.r") < high  # a marker outside comes along
    page.find(f"{ROOT} .brushintsel .selection").first.wait_for(state="hidden")
    page.find("text=/16 → 32/").first.wait_for()  # the table grows with every window
    boxes = page.find(f"{ROOT} .lyap-box-span input")
    assert float(boxes.first.input_value()) == pytest.approx(low)
    page.shot("bifurcation-zoomed", ROOT)
    page.press("Enter", on=f"{ROOT} .lyap-undo")
    wait_for_words(page, "from 2.8 to 4,")
    assert page.python("(view.span, view.heights, view.r)") == [[2.8, 4.0], [], 3.2]
    page.press("ArrowUp", on=f"{ROOT} .lyap-box-span input >> nth=0")  # the keyboard's way to zoom
    page.page.wait_for_function("!document.querySelector('.lyap-words').innerText.includes('from 2.8 to 4,')")
    page.press("Enter", on=f"{ROOT} .lyap-whole")
    wait_for_words(page, "from 2.8 to 4,")
    page.assert_clean()


def test_stop_ends_a_refinement_and_the_page_stays_alive(notebook):
    endless = """
from dataclasses import replace
def endless(begin):
    def begun(self):
        job = begin(self)
        def pieces(stop):
            while not stop.is_set():
                for part in job.pieces(stop):
                    yield replace(part, done=min(part.done, 0.9))
        return replace(job, pieces=pieces)
    return begun
ll.Bifurcation._refine = endless(ll.Bifurcation._refine)"""
    page = notebook([IMPORT, endless, VIEW[1]], size=WIDE)
    page.find(f"{ROOT} .lyap-run").filter(has_text="%").first.wait_for()
    before = page.python("view.r")
    page.press("ArrowRight", times=3, on=f"{ROOT} .lyap-knob-r .noUi-handle")
    page.page.wait_for_function("document.querySelector('.lyap-words').innerText.includes('At r = 3.2 ') === false")
    assert page.python("view.r") > before and page.python("view._run.worker.running")
    page.press("Enter", on=f"{ROOT} .lyap-stop")
    page.find(f"{ROOT} .lyap-run").filter(has_text="stopped").first.wait_for()
    assert not page.python("view._run.worker.running")
    page.assert_clean()


def test_portraits_and_a_narrow_page(page):
    page.portraits("bifurcation", ROOT)
    page.resize((480, 1000))
    root = page.find(ROOT).bounding_box()
    for part in page.find(f"{ROOT} input, {ROOT} button, {ROOT} .lyap-figure").all():
        box = part.bounding_box()
        if box is not None:
            assert box["x"] >= root["x"] - 1 and box["x"] + box["width"] <= root["x"] + root["width"] + 1
    page.theme("dark")
    marker = page.find(GRIP).first.evaluate("e => getComputedStyle(e).fill")
    assert marker == "rgb(200, 166, 255)"
    page.assert_clean()
