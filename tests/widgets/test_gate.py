"""Predict first: nothing opens before a commitment, and a restart finds it again."""

from __future__ import annotations

import ipywidgets as W
import numpy as np
import pytest

import lyaplab as ll
from lyaplab.school.predict import Gate, Prediction
from lyaplab.school.progress import Progress
from lyaplab.widgets._gate import PredictGate
from lyaplab.widgets._sketch import Sketch

WHERE = Prediction(
    "where", "Where does <it> rest?", options=("at 0", "at 1"), truth="at 1", explain="Because it grows."
)
MANY = Prediction("many", "How many?", kind="number", low=0, high=10, truth=3, tolerance=0.5, unit="points")
CURVE = Prediction(
    "curve", "Draw it.", kind="curve", domain=(0, 4), low=-1, high=1, truth=lambda t: t / 4, tolerance=0.1
)


@pytest.fixture
def progress(tmp_path):
    return lambda: Progress("01_test", "1", folder=tmp_path)


def texts(view):
    return view.status.value + view.explanation.value


def test_nothing_is_on_the_page_before_the_commitment(progress):
    then = W.Label("the experiment")
    view = PredictGate(Gate(WHERE, progress()), then)
    assert view.body.children == ()
    view.commit()
    assert "Make a prediction first" in view.status.value
    view.explain()  # however it is called, it says nothing yet
    assert "grows" not in texts(view)
    view.answer.value = "at 0"
    assert view.body.children == ()
    view.commit()
    assert view.body.children[0] is then
    assert view.answer.disabled
    assert not view.go.disabled  # it has the focus
    assert view.go.description == "Committed"
    view.close()
    assert then.comm is not None  # the experiment is somebody else's


def test_the_explanation_waits_until_one_has_looked(progress):
    view = PredictGate(Gate(WHERE, progress()), W.Label())
    view.answer.value = "at 0"
    view.commit()
    assert "grows" not in texts(view)
    view.body.children[1].click()
    assert "Because it grows." in view.explanation.value
    assert "Not as you predicted" in view.explanation.value
    view.close()


def test_a_gate_without_an_experiment_explains_at_once(progress):
    view = PredictGate(Gate(WHERE, progress()))
    view.answer.value = "at 1"
    view.commit()
    assert "As you predicted" in view.explanation.value
    view.close()


def test_the_first_commitment_stands_and_is_found_after_a_restart(progress):
    view = PredictGate(Gate(WHERE, progress()), W.Label("there"))
    view.answer.value = "at 0"
    view.commit()
    view.close()
    again = PredictGate(Gate(WHERE, progress()), W.Label("there"))
    assert again.answer.value == "at 0"
    assert len(again.body.children) == 3
    again.answer.value = "at 1"
    again.commit()
    assert again.gate.value == "at 0"
    again.close()


@pytest.mark.parametrize(("typed", "kept"), [("3", 3.0), (" 3,5 ", 3.5), ("11", None), ("many", None), ("", None)])
def test_a_number_is_typed(progress, typed, kept):
    view = PredictGate(Gate(MANY, progress()), W.Label())
    view._number().value = typed
    view.commit()
    assert view.gate.value == kept
    assert bool(view.body.children) is (kept is not None)
    if kept is None and typed:
        assert "0 to 10" in view.status.value
    view.close()


def test_enter_in_the_number_commits_it(progress):
    view = PredictGate(Gate(MANY, progress()), W.Label())
    submit = {"event": "submit"}  # what the page sends
    view._number()._handle_custom_msg(submit, [])
    assert "Make a prediction first" in view.status.value
    view._number().value = "3"
    view._number()._handle_custom_msg({"event": "other"}, [])
    assert not view.gate.committed
    view._number()._handle_custom_msg(submit, [])
    assert view.gate.value == 3.0 and view.body.children
    view._number()._handle_custom_msg(submit, [])  # once more does nothing
    assert view.gate.value == 3.0
    view.close()


def test_a_curve_is_drawn_kept_and_compared(progress):
    view = PredictGate(Gate(CURVE, progress()), W.Label())
    view.commit()
    assert view.body.children == ()
    view.answer.typed.value = "0 0, 4 1"
    view.commit()
    x, y = np.array(view.gate.value).T
    assert y == pytest.approx(x / 4, abs=1e-6)
    view.body.children[1].click()
    assert "As you predicted" in view.explanation.value
    truth = next(layer for layer in view.answer.stage.scene().layers if layer.name == "truth")
    assert truth.y == pytest.approx(truth.x / 4)
    view.close()
    again = PredictGate(Gate(CURVE, progress()), W.Label())
    assert again.answer.value[1] == pytest.approx(again.answer.x / 4, abs=1e-6)
    again.close()


def test_the_experiments_state_is_found_again(progress):
    web = ll.Cobweb("tanh", w=0.5)
    view = PredictGate(Gate(WHERE, progress()), web)
    view.answer.value = "at 0"
    view.commit()
    web.w = 1.75
    view.close()
    web.close()
    web = ll.Cobweb("tanh", w=0.5)
    again = PredictGate(Gate(WHERE, progress()), web)
    assert web.w == 1.75
    again.close()
    web.close()


def test_a_kept_state_that_no_longer_fits_is_left(progress):
    kept = progress()
    kept.commit("where", "at 0", instead=True)
    kept.keep_state("where", {"params": {"r": 3.0}})
    web = ll.Cobweb("tanh", w=0.5)
    view = PredictGate(Gate(WHERE, progress()), web)
    assert web.w == 0.5
    view.close()
    web.close()


# --- the sketch -----------------------------------------------------------------------------------


@pytest.fixture
def sketch():
    sketch = Sketch(domain=(0.0, 4.0), low=-1.0, high=1.0)
    yield sketch
    sketch.close()


def stroke(sketch, first, last, height):
    """Move the samples from `first` to `last`, as HandDraw sends them: all of them, with these changed."""
    y = np.array(sketch._pen.y, dtype=float)
    y[first:last] = height
    sketch._pen.y = y


def test_a_stroke_is_extended_to_the_ends_that_the_mouse_has_not_reached(sketch):
    assert sketch.value is None
    stroke(sketch, 20, 30, 0.5)
    assert sketch.value[1] == pytest.approx(np.full(64, 0.5))
    stroke(sketch, 40, 64, -0.5)
    y = sketch.value[1]
    assert y[:30] == pytest.approx(np.full(30, 0.5))
    assert y[40:] == pytest.approx(np.full(24, -0.5))
    assert np.all(np.diff(y[29:41]) < 0)  # a straight line between the strokes


def test_a_slider_lifts_the_curve_near_it_and_a_stroke_keeps_that(sketch):
    sketch.sliders[0].value = 0.8
    y = sketch.value[1]
    assert y[0] == pytest.approx(0.8)
    assert y[-1] == pytest.approx(0.0)
    stroke(sketch, 50, 64, -0.9)
    assert sketch.value[1][0] == pytest.approx(0.8)
    assert sketch.value[1][-1] == pytest.approx(-0.9)


def test_sliders_stand_at_the_curve_whoever_drew_it(sketch):
    stroke(sketch, 0, 64, 0.5)
    assert [slider.value for slider in sketch.sliders] == pytest.approx([0.5] * 5)
    assert sketch.value[1] == pytest.approx(np.full(64, 0.5))
    sketch.typed.value = "0 -1, 4 1"
    assert [slider.value for slider in sketch.sliders] == pytest.approx([-1, -0.5, 0, 0.5, 1])
    before = sketch.value[1]
    sketch.sliders[2].value = 0.1  # one notch from where the curve is, not from where it was at first
    lifted = sketch.value[1] - before
    assert lifted.max() == pytest.approx(0.1, abs=0.004)
    assert lifted[[0, -1]] == pytest.approx([0, 0])


def test_a_slider_between_two_notches_does_not_move_the_curve(sketch):
    stroke(sketch, 0, 64, 0.337)
    assert sketch.sliders[1].value == pytest.approx(0.3)
    assert sketch.value[1] == pytest.approx(np.full(64, 0.337))
    sketch.sliders[1].value = 0.30000000001  # the page's rounding
    assert sketch.value[1] == pytest.approx(np.full(64, 0.337))


def test_a_late_answer_of_the_page_is_no_hand(sketch):
    stroke(sketch, 0, 64, 0.5)
    stroke(sketch, 0, 64, -0.5)
    sketch.sliders[0].value = 0.5  # what the first stroke had set comes back
    assert sketch.value[1] == pytest.approx(np.full(64, -0.5))
    assert sketch.sliders[0].value == pytest.approx(-0.5)


def test_a_slider_held_at_the_top_is_not_pulled(sketch):
    for notch in range(1, 11):
        sketch.sliders[3].value = 0.1 * notch
    assert sketch.sliders[3].value == pytest.approx(1.0)
    assert sketch.value[1].max() == pytest.approx(1.0, abs=0.03)


@pytest.mark.parametrize("typed", ["", "0", "0 0", "0 0, 1", "a b, c d", "0 nan, 1 1", "0 0, 1 1e999"])
def test_unfinished_points_draw_nothing(sketch, typed):
    sketch.typed.value = typed
    assert sketch.value is None


def test_what_is_drawn_stays_within_the_range(sketch):
    sketch.typed.value = "0 -5; 4 5"
    assert (sketch.value[1].min(), sketch.value[1].max()) == (-1.0, 1.0)


def test_a_locked_sketch_takes_no_more(sketch):
    sketch.lock()
    assert sketch.stage.figure.interaction is None
    assert all(slider.disabled for slider in sketch.sliders)
    assert sketch.typed.disabled
