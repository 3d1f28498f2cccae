"""Gradients against lag in a real page: boxes multiplied from both ends, a point that is dragged, themes and widths."""

from __future__ import annotations

IMPORT = "import os; os.environ['LYAPLAB_RAISE'] = '1'\nimport lyaplab as ll"
ROOT = ".lyap-explorer"
SENTENCE = f"{ROOT} .lyap-duality"
SLICE = f"{ROOT} .lyap-figure >> nth=3 >> .curve .line[style*='--lyap-speed-4']"
SIZE = (1240, 1350)


def done(page, end: str):
    """The thick part of a curve: what is multiplied."""
    nth, role = {"left": (1, "second"), "right": (2, "first")}[end]
    return page.find(f"{ROOT} .lyap-figure >> nth={nth} >> .curve .line[style*='--lyap-{role}']").last


def wait_for_other(page, line, before: str) -> None:
    page.page.wait_for_function("([line, d]) => line.getAttribute('d') !== d", arg=[line.element_handle(), before])


def test_both_ends_are_multiplied_to_one_number(notebook):
    page = notebook(
        [IMPORT, "view = ll.GradientLag('tanh', preset='chaos', box=10, forward=9, backward=9); view"], size=SIZE
    )
    page.find(SENTENCE).filter(has_text="Multiply the boxes").first.wait_for()
    before = done(page, "right").get_attribute("d")
    page.press("Enter", on=f"{ROOT} .lyap-step")
    page.find(SENTENCE).filter(has_text="What will it be from the left?").first.wait_for()
    wait_for_other(page, done(page, "right"), before)
    page.find(f"{ROOT} .lyap-picker button").filter(has_text="left: a gradient").first.click()
    page.press("Enter", on=f"{ROOT} .lyap-step")
    page.find(SENTENCE).filter(has_text="From either end the same number").first.wait_for()
    found = page.python("[float(view.numbers()[name][-1]) for name in ('forward', 'backward')]")
    assert abs(found[0] - found[1]) < 1e-9
    page.find(SLICE).first.wait_for()
    page.portraits("gradient-lag", ROOT)
    page.resize(SIZE)
    before = done(page, "left").get_attribute("d")
    page.drag(page.find(f"{ROOT} .lyap-figure >> nth=1 >> .dot[style*='--lyap-grip']").first, -120, 30)
    wait_for_other(page, done(page, "left"), before)
    assert page.python("view.backward < 8 and view.side == 'left'") is True
    page.press("Enter", on=f"{ROOT} .lyap-undo")
    before = page.find(SLICE).first.get_attribute("d")
    page.find(f"{ROOT} .lyap-choices button").filter(has_text="fixed point").first.click()
    wait_for_other(page, page.find(SLICE).first, before)
    page.find(f"{ROOT} .lyap-words").filter(has_text="Stable").first.wait_for()
    narrow_and_dark(page)
    page.assert_clean()


def narrow_and_dark(page) -> None:
    """Nothing sticks out of a narrow card, and the colours follow the theme."""
    page.resize((560, 1000))
    root = page.find(ROOT).bounding_box()
    for part in page.find(f"{ROOT} input, {ROOT} button, {ROOT} .lyap-figure, {ROOT} table").all():
        box = part.bounding_box()
        if box is not None:
            assert box["x"] >= root["x"] - 1 and box["x"] + box["width"] <= root["x"] + root["width"] + 1
    page.theme("dark")
    line = page.find(SLICE).first.element_handle()
    page.page.wait_for_function("e => getComputedStyle(e).stroke === 'rgb(255, 224, 138)'", arg=line)
