"""The order in which a picture reaches the page: what the eye waits for comes first."""

from __future__ import annotations

import time

import ipywidgets as W
import pytest

import lyaplab as ll
from lyaplab.widgets._schedule import LONGEST_PAUSE
from lyaplab.widgets._stage import Axis, Stage


@pytest.fixture
def sent(monkeypatch):
    """Names of the widgets' classes, in the order in which their messages leave."""
    names = []
    send = W.Widget.send_state

    def noted(self, key=None):
        names.append((type(self).__name__, set(key) if isinstance(key, set | list) else {key}))
        return send(self, key)

    monkeypatch.setattr(W.Widget, "send_state", noted)
    return names


def test_lines_leave_before_words_whatever_was_made_first(sent):
    stage = Stage(x=Axis("t", 0, 10), y=Axis("x", -1, 1))
    stage.text("words")
    stage.line("orbit", role="orbit")
    sent.clear()
    with stage.redraw():
        stage.show_text("words", [1.0], [0.5], ["here"])
        stage.show("orbit", [0, 5, 10], [0.0, 0.5, 0.2])
    kinds = [name for name, _ in sent]
    assert kinds.index("Lines") < kinds.index("Label")
    stage.close()


def test_the_format_of_ticks_leaves_before_the_ticks(sent):
    stage = Stage(x=Axis("t", 0, 10), y=Axis("x", -1, 1))
    assert stage.figure is not None
    sent.clear()
    stage.limits(x=(0, 1))
    ticks = [keys for name, keys in sent if name == "Axis"]
    assert ["tick_format" in keys for keys in ticks] == [True, False]
    assert "tick_values" in ticks[1]
    stage.close()


@pytest.mark.parametrize(("name", "knob"), [("Cobweb", "w"), ("PhasePlane", "w11")])
def test_a_turned_knob_sends_lines_before_the_widget_tells_of_itself(sent, name, knob):
    view = getattr(ll, name)("tanh")
    row = view._rows[knob]
    view.settle()
    time.sleep(LONGEST_PAUSE + 0.1)  # the first picture is over: the next value is drawn at once
    sent.clear()
    row.slider.value += row.slider.step
    kinds = [kind for kind, _ in sent]
    first = kinds.index("Lines")
    assert first < kinds.index("BoundedFloatText")
    assert not any(kind == name for kind in kinds[:first])
    view.close()
