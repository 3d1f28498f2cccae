"""The predict gate, the sketch and the panel in a real page."""

from __future__ import annotations

import pytest

SETUP = """
import ipywidgets as W
import numpy as np
import lyaplab as ll
import lyaplab.widgets
from lyaplab.school.predict import Gate, Prediction
from lyaplab.widgets._gate import PredictGate
"""
CHOICE = """
where = Prediction("where", "The unit starts at 0.05 with weight 2. Where does it come to rest?",
    options=("at 0, where it started", "near 0.96", "it never rests"), truth="near 0.96",
    explain="The slope at 0 is `w = 2 > 1`: a small state grows until tanh bends it back.")
web = ll.Cobweb("tanh", w=2.0, x0=0.05)
gate = PredictGate(Gate(where), web)
gate"""
CURVE = """
orbit = Prediction("orbit", "Draw the state over time.", kind="curve", domain=(0, 20), low=-1, high=1,
    truth=lambda t: 1 - 2 / (1 + t), labels=("t", "h"), explain="It rises and levels off.")
gate = PredictGate(Gate(orbit), W.Label("the experiment"))
gate"""
PANEL = """
from lyaplab.school.exercise import Look, Rung
from lyaplab.school.result import Checked, Result
look = Look("Set w to 1.5 and look at the slope at 0.", "Cobweb", {"params": {"w": 1.5}})
web = ll.Cobweb("tanh", w=2.0, x0=0.05, hide=("menu",))
display(web)
Result(False, 0.5, 2, hint="Think of the chain rule: what does `w` do to the slope?", verdict="partly",
    exercise="slope", title="The slope at the origin", look=look,
    checked=(Checked("the sign", True), Checked("the value, within 0.001", False)),
    rungs=(Rung("nudge", "A nudge", "What is the slope of tanh at 0?"),
           Rung("look", "Where to look", look.text, look),
           Rung("step", "One worked step", "F'(h) = `w (1 - tanh(w h)**2)`"),
           Rung("solution", "The solution", "slope = 1.5")))
"""


def test_a_choice_by_keyboard_opens_the_experiment(notebook):
    page = notebook([SETUP, CHOICE])
    page.find(".lyap-question").wait_for()
    assert page.find(".lyap-explorer").count() == 0
    page.shot("gate-open", ".lyap-gate")
    page.press("Enter", on=".lyap-commit")
    page.find(".lyap-gate [role=status]").filter(has_text="Make a prediction first").wait_for()
    page.press("Space", on=".lyap-options button:has-text('near 0.96')")
    page.press("Enter", on=".lyap-commit")
    page.find(".lyap-explorer").wait_for()
    assert page.page.evaluate("document.activeElement.innerText") == "Committed"  # the focus has stayed
    page.press("Enter", on=".lyap-compare")
    page.find(".lyap-explain").filter(has_text="As you predicted").wait_for()
    page.portraits("gate", ".lyap-gate")
    page.assert_clean()


NUMBER = """
many = Prediction("many", "How many?", kind="number", low=0, high=10, truth=3, tolerance=0.5, explain="Three.")
gate = PredictGate(Gate(many), W.Label("the experiment"))
gate"""


def test_enter_in_the_field_commits_the_number(notebook):
    page = notebook([SETUP, NUMBER])
    page.find(".lyap-ask input").first.wait_for()
    page.find(".lyap-ask input").first.focus()
    page.page.keyboard.type("4")
    page.page.keyboard.press("Enter")
    page.find(".lyap-kept").wait_for()
    assert page.python("gate.gate.value") == 4
    page.assert_clean()


def test_a_curve_is_drawn_with_the_mouse(notebook):
    page = notebook([SETUP, CURVE])
    figure = page.find(".lyap-sketch .lyap-figure").first
    figure.wait_for()
    figure.scroll_into_view_if_needed()
    box = figure.bounding_box()
    mouse = page.page.mouse
    mouse.move(box["x"] + 120, box["y"] + 180)
    mouse.down()
    mouse.move(box["x"] + 260, box["y"] + 60, steps=12)
    mouse.move(box["x"] + 420, box["y"] + 40, steps=12)
    mouse.up()
    page.page.wait_for_timeout(300)
    _, y = page.python("[list(map(float, values)) for values in gate.answer.value]")
    assert y[0] == pytest.approx(y[6], abs=0.2)  # extended to the left end
    assert y[-1] > y[0] + 0.5
    # the sliders have gone with the curve, to the notch, and what they answer has not moved it
    places = page.python("[slider.value for slider in gate.answer.sliders]")
    heights = page.python("[float(y) for y in np.interp(gate.answer._knots, *gate.answer.value)]")
    assert places == pytest.approx(heights, abs=0.051) and max(places) > 0.5
    field = page.find(".lyap-sketch .plotarea_background").first
    assert field.evaluate("e => getComputedStyle(e).stroke") == "rgb(95, 108, 123)"  # a frame
    page.shot("sketch-drawn", ".lyap-gate")
    page.press("ArrowUp", times=3, on=".lyap-sketch .noUi-handle")
    page.page.wait_for_timeout(300)
    lifted = page.python("list(map(float, gate.answer.value[1]))")
    assert lifted[0] == pytest.approx(y[0] + 0.3, abs=0.02)
    page.press("Enter", on=".lyap-commit")
    page.find(".lyap-kept").wait_for()
    page.press("Enter", on=".lyap-compare")
    page.find(".lyap-explain").wait_for()
    page.shot("sketch-compared", ".lyap-gate")
    page.assert_clean()


def test_a_panel_offers_help_and_moves_the_widget(notebook):
    page = notebook([SETUP, PANEL])
    page.find(".lyap-panel").wait_for()
    assert page.find(".lyap-rung").count() == 0
    page.press("Enter", on=".lyap-help-nudge")
    page.find(".lyap-rung").filter(has_text="slope of tanh").wait_for()
    page.press("Enter", on=".lyap-help-look")
    page.find(".lyap-words .widget-html-content").filter(has_text="w = 1.5").wait_for()
    page.portraits("panel", ".lyap-panel")
    page.assert_clean()
