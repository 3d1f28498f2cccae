"""The spectrum meter in a real page: a run that converges, steps by hand, themes, widths, Stop."""

from __future__ import annotations

IMPORT = "import os; os.environ['LYAPLAB_RAISE'] = '1'\nimport lyaplab as ll"
ROOT = ".lyap-explorer"
RUN = f"{ROOT} .lyap-run >> nth=0"
CURVE = f"{ROOT} .lyap-figure >> nth=0 >> .curve .line[style*='--lyap-first']"
ARROW = f"{ROOT} .lyap-figure >> nth=1 >> .curve .line[style*='--lyap-first']"
SUBSTEP = f"{ROOT} .lyap-now"
SIZE = (1240, 1250)


def path(page, selector: str) -> str:
    return page.find(selector).first.get_attribute("d")


def wait_for_other(page, selector: str, before: str) -> None:
    line = page.find(selector).first.element_handle()
    page.page.wait_for_function("([line, d]) => line.getAttribute('d') !== d", arg=[line, before])


def narrow_and_dark(page) -> None:
    """Nothing sticks out of a narrow card, and the colours follow the theme."""
    page.resize((560, 1000))
    root = page.find(ROOT).bounding_box()
    for part in page.find(f"{ROOT} input, {ROOT} button, {ROOT} .lyap-figure, {ROOT} table").all():
        box = part.bounding_box()
        if box is not None:
            assert box["x"] >= root["x"] - 1 and box["x"] + box["width"] <= root["x"] + root["width"] + 1

    def seen() -> str:
        return page.find(CURVE).first.evaluate("e => getComputedStyle(e).stroke")

    assert seen() == "rgb(194, 65, 12)"
    page.theme("dark")
    line = page.find(CURVE).first.element_handle()
    page.page.wait_for_function("e => getComputedStyle(e).stroke === 'rgb(255, 154, 98)'", arg=line)


def test_it_runs_steps_and_goes_back(notebook):
    page = notebook([IMPORT, "view = ll.SpectrumMeter('henon'); view"], size=SIZE)
    page.find(CURVE).first.wait_for()
    before = path(page, CURVE)
    page.press("Enter", on=f"{ROOT} .lyap-measure")  # the first of the two runs
    page.find(RUN).filter(has_text="done").first.wait_for(timeout=60_000)
    wait_for_other(page, CURVE, before)
    assert page.python("bool(view.numbers()['stderr'].max() < view.until)") is True
    assert page.python("round(float(view.numbers()['kaplan_yorke']), 2)") == 1.26
    for done, name in enumerate(("1 push", "2 make orthogonal", "3 take logs"), start=1):
        before = path(page, ARROW)
        page.press("Enter", on=f"{ROOT} .lyap-step")
        page.find(SUBSTEP).filter(has_text=name).first.wait_for()
        assert page.python("view.now") == done
        if done != 2:  # Gram-Schmidt leaves the first vector alone
            wait_for_other(page, ARROW, before)
    page.find(f"{ROOT} .lyap-meter").first.wait_for()
    page.portraits("spectrum-meter", ROOT)
    page.resize(SIZE)
    page.press("Enter", on=f"{ROOT} .lyap-undo")
    page.find(SUBSTEP).filter(has_text="2 make orthogonal").first.wait_for()
    assert page.python("view._long is not None") is True  # a step and its undo measure nothing anew
    before = path(page, CURVE)
    page.press("ArrowLeft", times=4, on=f"{ROOT} .lyap-knob-a .noUi-handle")
    wait_for_other(page, CURVE, before)
    assert page.python("view.a < 1.4 and view._long is None") is True
    narrow_and_dark(page)
    page.assert_clean()


def test_many_exponents_and_a_run_that_is_stopped(notebook):
    page = notebook([IMPORT, "view = ll.SpectrumMeter('lstm', n=16, until=1e-9, many=2); view"], size=SIZE)
    page.find(f"{ROOT} .lyap-words").filter(has_text="32 exponents of 16 units").first.wait_for()
    page.press("Enter", on=f"{ROOT} .lyap-measure >> nth=1")
    page.find(f"{ROOT} .lyap-key").filter(has_text="2 other seeds").first.wait_for(timeout=60_000)
    page.press("Enter", on=f"{ROOT} .lyap-measure")
    page.find(RUN).filter(has_text="%").first.wait_for()
    page.page.wait_for_timeout(500)
    page.find(f"{ROOT} .lyap-stop").first.click()
    page.find(RUN).filter(has_text="stopped at").first.wait_for(timeout=5000)
    assert page.python("view._run.worker.running") is False
    assert page.python("view._long.steps > 1000") is True  # what was measured stays
    page.assert_clean()
