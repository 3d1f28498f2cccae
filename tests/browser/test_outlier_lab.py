"""Learning in a real page: a training that runs by itself, a target that is dragged, themes and widths."""

from __future__ import annotations

IMPORT = "import os; os.environ['LYAPLAB_RAISE'] = '1'\nimport lyaplab as ll"
ROOT = ".lyap-explorer"
FIGURE = f"{ROOT} .lyap-figure >> nth="
BESIDE = f"{ROOT} .lyap-numbers"
SIZE = (1240, 1300)


def curve(page, figure: int, role: str):
    """A line of a figure."""
    return page.find(f"{FIGURE}{figure} >> .curve .line[style*='--lyap-{role}']").first


def wait_for_other(page, line, before: str) -> None:
    page.page.wait_for_function("([line, d]) => line.getAttribute('d') !== d", arg=[line.element_handle(), before])


def test_an_eigenvalue_leaves_the_disc_and_follows_its_target(notebook):
    page = notebook([IMPORT, "view = ll.OutlierLab(preset='oscillator', n=20, updates=200); view"], size=SIZE)
    page.find(BESIDE).filter(has_text="200 of 200").first.wait_for()
    page.portraits("outlier-lab", ROOT)
    page.resize(SIZE)
    before = curve(page, 2, "second").get_attribute("d")
    page.press("Enter", on=f"{ROOT} .lyap-step")  # from the end to the beginning
    page.find(BESIDE).filter(has_text="No eigenvalue has left the disc yet").first.wait_for()
    wait_for_other(page, curve(page, 2, "second"), before)
    page.press("Enter", on=f"{ROOT} .lyap-undo")
    page.find(BESIDE).filter(has_text="200 of 200").first.wait_for()
    before = curve(page, 2, "third").get_attribute("d")
    page.drag(page.find(f"{FIGURE}0 >> .dot[style*='--lyap-grip']").first, -60, 20)
    wait_for_other(page, curve(page, 2, "third"), before)
    page.find(BESIDE).filter(has_text="200 of 200").first.wait_for()
    assert page.python("view.pole[0] < 0.6 and 0 < view.pole[1] < 0.4") is True
    page.find(f"{ROOT} .lyap-choices button").filter(has_text="unstable rate").first.click()
    page.find(BESIDE).filter(has_text="jumps between two places").first.wait_for()
    page.find(f"{ROOT} .lyap-words").filter(has_text="never arrives").first.wait_for()
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
    line = curve(page, 2, "second").element_handle()
    page.page.wait_for_function("e => getComputedStyle(e).stroke === 'rgb(125, 178, 255)'", arg=line)
