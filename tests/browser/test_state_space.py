"""The state space in a real page: knobs, turning, long work, themes, widths."""

from __future__ import annotations

import re

IMPORT = "import os; os.environ['LYAPLAB_RAISE'] = '1'\nimport lyaplab as ll"
VIEW = [IMPORT, "view = ll.StateSpace('tanh', steps=1000); view"]
ROOT = ".lyap-explorer"
HANDLE = f"{ROOT} .dot[style*='--lyap-grip']"
ORBIT = f"{ROOT} .lyap-figure >> nth=0 >> .curve .line[style*='--lyap-speed-1']"
WIDE = (1240, 1150)


def wait_for_other_orbit(page, before: str) -> None:
    line = page.find(ORBIT).first.element_handle()
    page.page.wait_for_function("([line, d]) => line.getAttribute('d') !== d", arg=[line, before])


def narrow_and_dark(page) -> None:
    """Nothing sticks out of a narrow card, and the colours of speed follow the theme."""
    page.resize((620, 1000))
    root = page.find(ROOT).bounding_box()
    for part in page.find(f"{ROOT} input, {ROOT} button, {ROOT} .lyap-figure").all():
        box = part.bounding_box()
        if box is not None:
            assert box["x"] >= root["x"] - 1 and box["x"] + box["width"] <= root["x"] + root["width"] + 1

    def seen() -> str:
        return page.find(ORBIT).first.evaluate("e => getComputedStyle(e).stroke")

    light = seen()
    page.theme("dark")
    line = page.find(ORBIT).first.element_handle()
    page.page.wait_for_function("([e, c]) => getComputedStyle(e).stroke !== c", arg=[line, light])
    assert re.findall(r"\d+", light) == ["32", "32", "107"]
    assert re.findall(r"\d+", seen()) == ["106", "92", "255"]
    page.assert_clean()


def test_it_answers_to_keys_to_the_mouse_and_to_undo(notebook):
    page = notebook(VIEW, size=WIDE)
    page.find(HANDLE).first.wait_for()
    page.portraits("state-space", ROOT)
    page.resize(WIDE)
    before = page.find(ORBIT).first.get_attribute("d")
    page.press("ArrowLeft", times=3, on=f"{ROOT} .lyap-knob-gain .noUi-handle")
    wait_for_other_orbit(page, before)
    assert page.python("view.gain") < 1.5
    page.python("view.settle()")
    before = page.find(ORBIT).first.get_attribute("d")
    page.press("ArrowRight", times=5, on=f"{ROOT} .lyap-knob-elevation .noUi-handle")
    wait_for_other_orbit(page, before)
    assert page.python("view.elevation") == 40
    page.drag(HANDLE, 40, 0)  # the first handle turns
    box = page.find(f"{ROOT} .lyap-knob-azimuth input").element_handle()
    page.page.wait_for_function("box => +box.value > 60", arg=box)
    page.find(f"{ROOT} .lyap-undo").click()  # one drag, one step
    page.page.wait_for_function("box => +box.value === 30", arg=box)
    assert page.python("[view.azimuth, view.elevation]") == [30, 40]
    page.assert_clean()
    narrow_and_dark(page)


def test_points_are_found_and_a_search_is_stopped(notebook):
    endless = "from lyaplab.widgets import _resting; _resting.FIXED_STARTS = 10**5"
    page = notebook([*VIEW, endless], size=WIDE)
    page.press("Enter", on=f"{ROOT} .lyap-measure")
    page.find(f"{ROOT} .dot[style*='--lyap-saddle']").first.wait_for()  # they come as they are found
    page.find(f"{ROOT} .lyap-stop").click()
    page.find(f"{ROOT} .lyap-run").filter(has_text="stopped at").first.wait_for(timeout=5000)
    assert page.find(f"{ROOT} .dot[style*='--lyap-saddle']").count() >= 1  # what was found stays
    assert page.python("view._run.worker.running") is False
    page.assert_clean()
