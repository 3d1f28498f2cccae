"""The forcing lab in a real page: shipped runs, a run made here, one gradient step, Stop, themes and widths."""

from __future__ import annotations

IMPORT = "import os; os.environ['LYAPLAB_RAISE'] = '1'\nimport lyaplab as ll"
ROOT = ".lyap-explorer"
RUN = f"{ROOT} .lyap-run >> nth=0"
LEARNT = f"{ROOT} .lyap-figure >> nth=1 >> .curve .line[style*='--lyap-first']"
WORDS = f"{ROOT} .lyap-words"
SIZE = (1240, 1400)


def path(page, selector: str) -> str:
    return page.find(selector).first.get_attribute("d")


def wait_for_other(page, selector: str, before: str) -> None:
    line = page.find(selector).first.element_handle()
    page.page.wait_for_function("([line, d]) => line.getAttribute('d') !== d", arg=[line, before])


def inside(page) -> None:
    """Nothing sticks out of the card."""
    root = page.find(ROOT).bounding_box()
    for part in page.find(f"{ROOT} input, {ROOT} button, {ROOT} .lyap-figure, {ROOT} table").all():
        box = part.bounding_box()
        if box is not None:
            assert box["x"] >= root["x"] - 1 and box["x"] + box["width"] <= root["x"] + root["width"] + 1


def test_shipped_runs_are_there_at_once_and_one_is_made_here(notebook):
    page = notebook([IMPORT, "view = ll.ForcingLab(); view"], size=SIZE)
    page.find(LEARNT).first.wait_for()
    page.find(WORDS).filter(has_text="shipped run").first.wait_for()
    page.portraits("forcing-lab", ROOT)
    page.resize((460, 1000))
    inside(page)
    page.resize(SIZE)
    before = path(page, LEARNT)
    page.press("ArrowRight", times=5, on=f"{ROOT} .lyap-knob-azimuth .noUi-handle")
    wait_for_other(page, LEARNT, before)
    assert page.python("view.azimuth") == -55
    page.find(f"{ROOT} button").filter(has_text="long").first.click()
    page.find(WORDS).filter(has_text="seed").first.wait_for()
    assert page.python("view.tau > view.tau_pred") is True
    page.find(f"{ROOT} button").filter(has_text="good").first.click()
    page.press("Enter", on=f"{ROOT} .lyap-step")
    page.find(WORDS).filter(has_text="after 1 of").first.wait_for()
    before = path(page, LEARNT)
    page.press("Enter", on=f"{ROOT} .lyap-measure")
    wait_for_other(page, LEARNT, before)
    page.find(f"{ROOT} .lyap-stop").first.click()
    page.find(RUN).filter(has_text="stopped at").first.wait_for(timeout=5000)
    done = page.python("view._bench.begun(view.tau, view.seed).done")
    assert done > 1
    page.find(WORDS).filter(has_text=f"after {done:,} of").first.wait_for()  # what has been learnt so far is judged
    page.shot("forcing-lab-trained", ROOT)
    page.find(f"{ROOT} button").filter(has_text="on top").first.click()
    page.find(f"{ROOT} .lyap-pair .lyap-figure").nth(1).wait_for(state="detached")
    page.shot("forcing-lab-on-top", ROOT)
    page.assert_clean()
