"""The browser harness itself: what other browser tests rely on."""

from __future__ import annotations

import pytest

SLIDER = """
import ipywidgets as w
slider, label = w.IntSlider(max=1000), w.Label("0")
slider.observe(lambda change: setattr(label, "value", str(change.new)), "value")
slider.add_class("t-slider"); label.add_class("t-label")
w.VBox([slider, label])
"""


def test_a_slider_moves_by_keyboard_and_by_mouse_and_the_kernel_answers(notebook):
    page = notebook(["%%md # Title", SLIDER])
    page.press("ArrowRight", times=3, on=".t-slider .noUi-handle")
    page.find(".t-label >> text=/^3$/").wait_for()
    assert page.python("slider.value") == 3
    page.drag(".t-slider .noUi-handle", 60, 0)
    page.find(".t-label >> text=/^\\d{2,3}$/").wait_for()
    assert page.python("slider.value") > 3
    page.assert_clean()


def test_cells_run_one_by_one_and_their_errors_are_seen(notebook):
    page = notebook(["x = 1", "x"])
    assert page.output_text(1) == "1"
    page.run_cell(1, "x + 41")
    assert page.output_text(1) == "42"
    page.run_cell(1, "1 / 0")
    assert page.cell_errors() == ["ZeroDivisionError: division by zero"]
    with pytest.raises(AssertionError):
        page.assert_clean()


def test_the_kernel_restarts_and_forgets(notebook):
    page = notebook(["x = 1"])
    page.restart_kernel()
    with pytest.raises(RuntimeError, match="NameError"):
        page.python("x")


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_theme_is_the_one_asked_for(notebook, theme):
    page = notebook([SLIDER], theme=theme)
    assert page.page.get_attribute("body", "data-jp-theme-light") == ("true" if theme == "light" else "false")


def test_memory_is_measured_in_page_and_kernel(notebook):
    page = notebook(["big = None"])
    before = page.kernel_memory(), page.heap()
    page.run_cell(0, "big = bytearray(range(256)) * 2**18")
    page.page.evaluate("() => { window.big = Array.from({length: 5e6}, (_, i) => i + 0.5) }")
    after = page.kernel_memory(), page.heap()
    assert after[0] - before[0] > 50
    assert after[1] - before[1] > 20


def test_portraits_show_light_dark_and_narrow(notebook, tmp_path, monkeypatch):
    monkeypatch.setenv("LYAPLAB_SHOTS", str(tmp_path))
    page = notebook([SLIDER])
    page.portraits("slider", ".widget-vbox")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "slider-dark.png", "slider-light.png", "slider-narrow.png"]  # fmt: skip
    assert page.page.get_attribute("body", "data-jp-theme-light") == "true"
