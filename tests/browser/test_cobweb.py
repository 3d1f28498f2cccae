"""The cobweb in a real page: every hand moves it, nothing is lost, a long run stops."""

from __future__ import annotations

import pytest

IMPORT = "import lyaplab as ll"
VIEW = [IMPORT, "view = ll.Cobweb('logistic', r=3.2)\nview"]
ROOT = ".lyap-explorer"
WORDS = ".lyap-words .widget-html-content"

NAMELESS = """root => [...root.querySelectorAll('button, input, textarea, [role=slider]')]
    .filter(e => e.checkVisibility({visibilityProperty: true}))
    .filter(e => !(e.ariaLabel || e.innerText?.trim() || e.labels?.[0]?.innerText))
    .map(e => e.outerHTML)"""


def knob(name: str) -> str:
    return f".lyap-knob-{name}"


def path_of_curve(page) -> str:
    return page.find(".lyap-figure").first.locator("path.line").nth(1).get_attribute("d")


def wait_for_words(page, text: str) -> None:
    page.find(WORDS).filter(has_text=text).first.wait_for()


def test_a_slider_key_moves_figure_number_and_words(notebook):
    page = notebook(VIEW)
    wait_for_words(page, "r = 3.2")
    before = path_of_curve(page)
    page.press("ArrowRight", times=5, on=f"{knob('r')} .noUi-handle")
    wait_for_words(page, "r = 3.3")
    assert path_of_curve(page) != before
    assert page.find(f"{knob('r')} input").first.input_value() == "3.3"
    assert page.python("view.r") == pytest.approx(3.3)
    page.assert_clean()


def test_by_keyboard_alone(notebook):
    page = notebook(VIEW)
    wait_for_words(page, "r = 3.2")
    page.press("ArrowUp", times=4, on=f"{knob('x0')} input")  # the numeric twin of the drag
    wait_for_words(page, "from x₀ = 0.32")
    assert page.page.evaluate("document.activeElement.type") == "number"  # JupyterLab has not taken the focus
    page.press("Enter", on=".lyap-step")
    wait_for_words(page, "13 steps")
    page.press("Space")
    wait_for_words(page, "14 steps")
    page.press("Enter", on=".lyap-undo")
    wait_for_words(page, "13 steps")
    page.press("Enter", on=".lyap-choices button:has-text('chaos')")
    wait_for_words(page, "r = 4")
    page.press("Enter", on=".lyap-reset")
    wait_for_words(page, "r = 3.2")
    assert page.python("view.state['view']") == {"x0": 0.3, "steps": 12}
    page.assert_clean()


def test_every_control_has_a_name_for_screen_readers(notebook):
    page = notebook(VIEW)
    wait_for_words(page, "r = 3.2")
    page.page.wait_for_function("document.querySelector('.lyap-words .widget-html-content').ariaLive === 'polite'")
    nameless = page.find(ROOT).first.evaluate(NAMELESS)
    assert nameless == []
    figure = page.find(".lyap-figure").first
    assert "fixed points" in figure.get_attribute("aria-label")
    assert figure.get_attribute("role") == "img"


def test_the_start_can_be_dragged_and_undone_in_one_step(notebook):
    page = notebook(VIEW)
    wait_for_words(page, "from x₀ = 0.3 ")
    page.drag(page.find(".lyap-figure").first.locator(".dot[style*='grip']").first, 60, -40)
    page.page.wait_for_function("!document.querySelector('.lyap-words').innerText.includes('from x₀ = 0.3 ')")
    box = page.find(f"{knob('x0')} input").first
    page.wait_until(lambda: page.python("view.x0") == pytest.approx(float(box.input_value())))  # moves under way
    assert 0.4 < page.python("view.x0") < 0.7
    page.press("Enter", on=".lyap-undo")
    wait_for_words(page, "from x₀ = 0.3 ")
    page.assert_clean()


def test_stop_ends_a_long_run_while_the_page_stays_alive(notebook):
    page = notebook([IMPORT, "from lyaplab.widgets import cobweb\ncobweb.LONG_STEPS = 10**12", VIEW[1]])
    wait_for_words(page, "r = 3.2")
    page.press("Enter", on=".lyap-measure")
    page.find(".lyap-run").filter(has_text="left").first.wait_for()
    page.find(".lyap-figure").nth(2).wait_for()  # the third figure has opened and converges
    page.shot("cobweb-measuring", ROOT)
    page.press("ArrowUp", on=f"{knob('steps')} input")  # answers while the run goes on
    wait_for_words(page, "13 steps")
    assert page.python("view._run.worker.running")
    page.press("Enter", on=".lyap-stop")
    page.find(".lyap-run").filter(has_text="stopped").first.wait_for()
    assert not page.python("view._run.worker.running")
    assert page.find(".lyap-figure").count() == 3  # the last good picture stays
    assert page.page.evaluate("document.activeElement.innerText") == "Stop"
    page.assert_clean()


def test_play_runs_only_when_asked(notebook):
    page = notebook(VIEW)
    wait_for_words(page, "12 steps")
    page.press("Enter", on=".lyap-play")
    page.find(".lyap-play").filter(has_text="Pause").wait_for()
    page.page.wait_for_function("document.querySelector('.lyap-knob-steps input').value > 13")
    page.press("Enter")
    page.find(".lyap-play").filter(has_text="Play").wait_for()
    assert page.python("view.playing") is False
    page.assert_clean()


def test_an_exception_shows_in_the_widget(notebook):
    fragile = """
class Fragile(ll.Cobweb):
    def _draw(self, coarse):
        if self.r > 3.2:
            raise RuntimeError("no further")
        super()._draw(coarse)
view = Fragile("logistic", r=3.2)
view"""
    page = notebook([IMPORT, fragile])
    wait_for_words(page, "r = 3.2")
    picture = path_of_curve(page)
    page.press("ArrowRight", times=3, on=f"{knob('r')} .noUi-handle")
    page.find(".lyap-error [role=alert]").filter(has_text="no further").first.wait_for()
    assert path_of_curve(page) == picture
    page.shot("cobweb-error", ROOT)
    page.press("Enter", on=".lyap-reset")
    page.find(".lyap-error [role=alert]").first.wait_for(state="detached")
    page.assert_clean()


def test_a_link_a_code_and_files_are_offered(notebook):
    page = notebook(VIEW)
    wait_for_words(page, "r = 3.2")
    page.press("Enter", on=".lyap-link")
    box = page.find(".lyap-copy textarea").first
    box.wait_for()
    page.page.wait_for_function("document.querySelector('.lyap-copy textarea').value.startsWith('lyaplab:v1:')")
    assert page.python(f"ll.open({box.input_value()!r}).state == view.state")
    page.press("Enter", on=".lyap-code")
    page.page.wait_for_function("document.querySelector('.lyap-copy textarea').value.includes('ll.Model(')")
    page.shot("cobweb-code", ROOT)
    page.press("Enter", on=".lyap-save")
    page.find(".lyap-file").nth(2).wait_for()
    with page.page.expect_download() as download:
        page.find(".lyap-file").first.click()
    assert download.value.suggested_filename == "cobweb.svg"
    page.assert_clean()


def test_knobs_link_in_the_page(notebook):
    linked = """
import ipywidgets as W
mine = W.FloatSlider(min=2.5, max=4, value=3.0, step=0.1)
mine.add_class("mine")
view = ll.Cobweb("logistic", r=3.0)
W.jslink((mine, "value"), (view, "r"))
W.VBox([mine, view])"""
    page = notebook([IMPORT, linked])
    wait_for_words(page, "r = 3")
    page.press("ArrowRight", times=5, on=".mine .noUi-handle")
    wait_for_words(page, "r = 3.5")
    page.assert_clean()


def test_portraits(notebook):
    page = notebook([IMPORT, "view = ll.Cobweb('tanh', w=2.0, x0=0.05)\nview"])
    wait_for_words(page, "w = 2")
    page.portraits("cobweb", ROOT)
    page.assert_clean()


def test_the_code_is_copied_by_a_button(notebook):
    page = notebook(VIEW)
    wait_for_words(page, "r = 3.2")
    page.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.press("Enter", on=".lyap-code")
    page.find(".lyap-about").filter(has_text="without the widget").first.wait_for()
    page.press("Enter", on=".lyap-clipboard")
    page.find(".lyap-clipboard").filter(has_text="Copied").first.wait_for()
    assert page.page.evaluate("navigator.clipboard.readText()") == page.python("view.code()")
    page.shot("cobweb-code", ROOT)
    page.press("Enter", on=".lyap-link")
    page.find(".lyap-about").filter(has_text="opens the picture again").first.wait_for()
    page.assert_clean()


def test_slopes_can_be_read_on_top_of_lines(notebook):
    page = notebook([IMPORT, "view = ll.Cobweb('logistic', r=3.9, x0=0.08, steps=40)\nview"])
    label = page.find(".lyap-figure text").filter(has_text="slope").first
    label.wait_for()
    seen = label.evaluate("e => [getComputedStyle(e).paintOrder, getComputedStyle(e).stroke]")
    assert seen == ["stroke", "rgb(255, 255, 255)"]
    page.shot("cobweb-slopes", ROOT)
    page.assert_clean()
