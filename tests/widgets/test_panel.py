"""The panel of a result: verdict, hint, and a ladder of help that is recorded."""

from __future__ import annotations

import pytest

import lyaplab as ll
from lyaplab.school import result as result_module
from lyaplab.school.exercise import Look, Rung
from lyaplab.school.predict import Gate, Prediction
from lyaplab.school.result import Checked, Result
from lyaplab.widgets import _live
from lyaplab.widgets._gate import PredictGate
from lyaplab.widgets._panel import Panel, panel_of

RUNGS = (
    Rung("nudge", "A nudge", "What is the slope of <tanh> at 0?"),
    Rung("look", "Where to look", "Set w to 1.5.", Look("Set w to 1.5.", "Cobweb", {"params": {"w": 1.5}})),
    Rung("step", "One worked step", "F'(h) = `w (1 - tanh(w h)**2)`"),
    Rung("solution", "The solution", "slope = 1.5\n"),
)


def wrong(exercise="slope", **more):
    return Result(
        False, 0, 2, hint="You forgot the chain rule.", verdict="wrong", exercise=exercise, title="The slope",
        checked=(Checked("within 0.001", False),), rungs=RUNGS, **more,
    )  # fmt: skip


@pytest.fixture(autouse=True)
def no_other_widget_is_open():
    """Widgets of other tests are out of reach here."""
    _live._open.clear()


@pytest.fixture
def view():
    view = ll.Cobweb("tanh", w=0.5)
    yield view
    view.close()


def labels(panel):
    return [button.description for button in panel.ladder.children]


def test_it_says_verdict_check_and_hint_in_words():
    panel = Panel(wrong())
    text = panel.verdict.value
    for part in ("Not yet", "The slope", "within 0.001", "You forgot the chain rule."):
        assert part in text
    assert "lesson.help" not in text  # here there are buttons
    panel.close()


def test_the_ladder_is_climbed_rung_by_rung_and_recorded(view):
    recorded = []
    panel = Panel(wrong(recorder=recorded.append))
    assert labels(panel) == ["A nudge"]
    assert panel.shown.value == ""
    for count in range(1, 5):
        panel.ladder.children[-1].click()
        assert recorded == [rung.kind for rung in RUNGS[:count]]
    assert labels(panel) == [rung.label for rung in RUNGS]
    assert "&lt;tanh&gt;" in panel.shown.value
    assert "<pre>slope = 1.5</pre>" in panel.shown.value.replace("\n", "")
    panel.ladder.children[0].click()  # again: nothing is recorded twice
    assert len(recorded) == 4
    panel.close()


def test_look_sets_the_live_widget_and_undo_brings_it_back(view):
    panel = Panel(wrong())
    panel.climb()
    assert view.w == 0.5
    panel.climb()
    assert view.w == 1.5
    assert "Undo" in panel.note.value
    view.undo()
    assert view.w == 0.5
    panel.ladder.children[1].click()  # pressed again, it is shown again
    assert view.w == 1.5
    panel.close()


def test_look_without_a_live_widget_says_what_to_do():
    other = ll.Cobweb("logistic", r=3.0)  # a cobweb, but it has no w
    panel = Panel(wrong(look=RUNGS[1].look))
    next(part for part in panel.children if getattr(part, "description", "") == "Show me in the widget").click()
    assert "run the cell" in panel.note.value
    assert other.r == 3.0
    panel.close()
    other.close()


def test_the_newest_widget_that_fits_is_chosen(view):
    newer = ll.Cobweb("tanh", w=0.7)
    newest = ll.Cobweb("logistic")
    panel = Panel(wrong(look=RUNGS[1].look))
    panel._look(RUNGS[1].look)
    assert (view.w, newer.w) == (0.5, 1.5)
    newer.close()
    panel._look(RUNGS[1].look)
    assert view.w == 1.5
    newest.close()
    panel.close()


def test_a_widget_that_stood_above_comes_before_a_newer_one(view):
    panel = Panel(wrong(exercise="above"))  # checked while `view` was the newest
    below = ll.Cobweb("tanh", w=0.7)
    again = Panel(wrong(exercise="above"))  # checked again, with another widget further down
    again._look(RUNGS[1].look)
    assert (view.w, below.w) == (1.5, 0.7)
    for part in (panel, again, below):
        part.close()


def test_a_widget_behind_a_prediction_is_out_of_reach(view):
    gate = PredictGate(Gate(Prediction("rest", "Where?", options=("at 0", "at 1"), truth="at 1")), view)
    panel = Panel(wrong(exercise="gated"))
    panel._look(RUNGS[1].look)
    assert view.w == 0.5 and "run the cell" in panel.note.value
    gate.answer.value = "at 0"
    gate.commit()
    panel._look(RUNGS[1].look)
    assert view.w == 1.5
    gate.close()
    panel.close()


def test_help_taken_before_is_open_but_sets_nothing(view):
    recorded = []
    panel = Panel(wrong(help_taken=("nudge", "look"), recorder=recorded.append))
    assert labels(panel) == ["A nudge", "Where to look", "One worked step"]
    assert recorded == []
    assert view.w == 0.5
    panel.close()


def test_a_right_answer_offers_the_solution_to_compare_with():
    panel = Panel(Result(True, 2, 2, exercise="slope", rungs=RUNGS))
    assert labels(panel) == ["The solution"]
    panel.close()


def test_a_check_that_runs_again_closes_the_old_panel():
    first = panel_of(wrong())
    second = panel_of(wrong())
    assert first.comm is None
    assert second.comm is not None
    second.close()


def test_results_show_panels_where_widgets_are_imported():
    bundle = wrong()._repr_mimebundle_()
    assert bundle[result_module.WIDGET]["model_id"]
    assert "You forgot" in bundle["text/html"]
    assert bundle["text/plain"] == "0"
