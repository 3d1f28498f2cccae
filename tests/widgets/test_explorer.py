"""The base of every widget, shown on the cobweb: state, undo, controls, errors, links, an end."""

from __future__ import annotations

import json
import threading

import ipywidgets as W
import numpy as np
import pytest
import traitlets as T

import lyaplab as ll
from lyaplab.model import Knob
from lyaplab.widgets._controls import KnobRow, pretty
from lyaplab.widgets._history import GESTURE, History
from lyaplab.widgets._menu import Menu


@pytest.fixture
def view():
    view = ll.Cobweb("logistic", r=3.2)
    yield view
    view.close()


@pytest.fixture
def quiet(monkeypatch):
    """As a learner has it: exceptions of callbacks are shown, not raised."""
    monkeypatch.setenv("LYAPLAB_RAISE", "0")


class Fragile(ll.Cobweb):
    """A widget with a mistake in it."""

    def _draw(self, coarse):
        if self.r > 4:
            raise ZeroDivisionError("r is\ntoo <large>")
        super()._draw(coarse)


# --- state ----------------------------------------------------------------------------------------


def test_the_state_says_everything_and_is_json(view):
    assert view.state == {
        "widget": "Cobweb",
        "version": 1,
        "params": {"cell": "logistic", "r": 3.2},
        "view": {"x0": 0.3, "steps": 12},
    }
    json.dumps(view.state)


def test_a_trait_moves_the_state_and_the_controls(view):
    view.r = 3.5
    view.x0 = 0.25
    assert view.state["params"]["r"] == 3.5
    assert view.state["view"]["x0"] == 0.25
    assert view._rows["r"].box.value == view._rows["r"].slider.value == 3.5


def test_the_state_moves_the_traits_and_may_be_partial(view):
    view.state = {"params": {"r": 2.5}}
    assert (view.r, view.x0) == (2.5, 0.3)
    assert view.state["view"]["steps"] == 12
    view.state = {"view": {"steps": 3}}
    assert (view.r, view.steps) == (2.5, 3)
    assert len(view.numbers()["orbit"]) == 4


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ({"param": {}}, "'params'"),
        ({"params": {"rr": 1.0}}, "'r'"),
        ({"params": {"r": float("nan")}}, "finite"),
        ({"params": {"r": "3"}}, "r cannot be '3'"),
        ({"params": {"r": True}}, "r cannot be True"),
        ({"params": {"r": None}}, "r cannot be None"),
        ({"params": {"r": [1]}}, "r cannot be"),
        ({"params": {"cell": "tanh"}}, "cell = 'logistic'"),
        ({"view": {"x": 1.0}}, "'x0'"),
        ({"view": {"steps": 1.5}}, "steps cannot be"),
        ({"view": {"steps": 10**6}}, "steps cannot be"),
        ({"widget": "PhasePlane"}, "PhasePlane"),
        ({"version": 2}, "update lyaplab"),
        ({"view": {"x0": object()}}, "plain data"),
    ],
)
def test_a_bad_state_is_refused_and_changes_nothing(view, state, message):
    before = view.state
    with pytest.raises(ValueError, match=message):
        view.state = state
    assert view.state == before
    assert view.r == 3.2


@pytest.mark.parametrize("state", [{"params": [1]}, {"view": 3}])
def test_a_state_of_the_wrong_type_is_refused(view, state):
    with pytest.raises(TypeError, match="dict"):
        view.state = state


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "3", None])
def test_a_trait_refuses_what_is_no_finite_number(view, value):
    with pytest.raises(T.TraitError):
        view.r = value
    assert view.r == 3.2


def test_its_repr_says_what_it_shows(view):
    assert repr(view) == "Cobweb('logistic', r=3.2)"


def test_knobs_can_be_observed_and_linked(view):
    heard = []
    view.observe(lambda change: heard.append(change["new"]), "r")
    slider = W.FloatSlider(min=0, max=4, value=3.0)
    link = W.link((slider, "value"), (view, "r"))
    assert view.r == 3.0
    view.r = 3.9
    assert slider.value == 3.9
    assert heard == [3.0, 3.9]
    assert view.trait_metadata("r", "sync") is True
    link.unlink()
    slider.close()


def test_a_learners_parameter_may_have_any_name():
    @ll.map
    def odd(x, layout=0.5, state=0.1):
        return layout * x + state

    view = ll.Cobweb(odd)
    view.layout_ = 0.25
    assert view.state["params"] == {"cell": "odd", "layout": 0.25, "state": 0.1}
    assert view.numbers()["fixed_points"] == pytest.approx([0.1 / 0.75])
    view.close()


# --- undo, reset, presets -------------------------------------------------------------------------


def test_one_drag_is_one_step_of_undo(view):
    for r in np.linspace(3.2, 3.6, 30):
        view.r = float(r)
    view.x0 = 0.5
    view.undo()
    assert (view.r, view.x0) == (3.6, 0.3)
    view.undo()
    assert view.r == 3.2
    view.undo()  # nothing is left, nothing happens
    assert view.r == 3.2
    assert view._rows["r"].box.value == 3.2


def test_steps_by_the_button_are_undone_one_by_one(view):
    view.step()
    view.step()
    assert view.steps == 14
    view.undo()
    assert view.steps == 13


def test_reset_goes_to_the_beginning_and_can_be_undone(view):
    first = view.state
    view.r, view.x0 = 3.9, 0.7
    view.reset()
    assert view.state == first
    view.undo()
    assert (view.r, view.x0) == (3.9, 0.7)


def test_a_preset_is_one_step_and_its_button_stays_pressed_until_a_knob_leaves_it(view):
    view.preset("chaos")
    assert view.r == 4.0
    assert view._presets.value == "chaos"
    view.x0 = 0.4
    assert view._presets.value == "chaos"
    view.r = 3.99
    assert view._presets.value is None
    view._presets.value = "settling"  # as a click does
    assert view.r == 2.8
    with pytest.raises(ValueError, match="chaos"):
        view.preset("chaotic")


def test_marking_the_preset_at_the_beginning_sets_nothing():
    view = ll.Cobweb("logistic", preset="chaos", x0=0.123)
    assert view._presets.value == "chaos"
    assert view.x0 == 0.123
    view.undo()
    assert view.x0 == 0.123
    view.close()


def test_history_is_bounded_and_counts_pauses():
    time = [0.0]
    history = History(length=3, now=lambda: time[0])
    for step in range(10):
        time[0] += 2 * GESTURE
        history.remember(step, what="r")
    assert len(history) == 3
    assert [history.back() for _ in range(4)] == [9, 8, 7, None]


# --- controls -------------------------------------------------------------------------------------


def test_hide_leaves_out_controls_but_keeps_the_knobs():
    view = ll.Cobweb("tanh", w=1.5, hide=("b", "menu", "presets", "play"))
    assert set(view._rows) == {"w", "x0", "steps"}
    view.b = 0.2
    assert view.state["params"]["b"] == 0.2
    words = [button.description for button in _all(view, W.Button)]
    assert words == ["Measure λ", "Stop", "Undo", "Reset"]
    view.close()
    with pytest.raises(ValueError, match="'b'"):
        ll.Cobweb("tanh", w=1.5, hide=("bb",))


def test_every_input_has_a_label(view):
    for box in _all(view, W.BoundedFloatText) + _all(view, W.ToggleButtons) + _all(view, W.Textarea):
        assert box.description


def test_a_late_echo_of_the_slider_does_not_undo_a_drag():
    heard = []
    row = KnobRow(Knob("x0", 0.0, -1.0, 1.0, 0.01), heard.append)
    for place in (-0.1, -0.2, -0.3041):  # a drag in the figure: the row shows each place
        row.show(place)
    row.slider.value = -0.1  # the page answers to the first of them only now
    assert heard == [] and row.box.value == -0.3041 and row.slider.value == pytest.approx(-0.3)
    row.slider.value = -0.1  # each place is answered once: this is a finger
    assert heard == [-0.1] and row.box.value == -0.1
    row.close()


def test_a_row_ignores_the_pages_rounding_but_not_the_finger():
    heard = []
    row = KnobRow(Knob("r", 3.1234, 0.0, 4.0, 0.05), heard.append)
    assert row.slider.value == pytest.approx(3.10)
    row.slider.value = 3.1 + 1e-15  # the page sends back what it has rounded
    assert heard == []
    row.slider.value = 3.3
    assert heard == [3.3]
    row.box.value = 0.3333
    assert heard == [3.3, 0.3333]
    row.show(7.0)  # from elsewhere, beyond the range
    assert (row.box.value, row.slider.max) == (7.0, 7.0)
    assert heard == [3.3, 0.3333]
    row.close()


def test_a_whole_number_stays_one():
    heard = []
    row = KnobRow(Knob("n", 3, 1, 9, 1, True), heard.append)
    row.slider.value = 4.0
    assert heard == [4]
    assert isinstance(heard[0], int)
    row.close()


@pytest.mark.parametrize("tex", ["<script>", "a<b", r"\frac{1}{2}", ""])
def test_names_are_shown_safely(tex):
    assert "<" not in pretty(tex)


# --- errors ---------------------------------------------------------------------------------------


def test_an_error_is_one_line_in_the_widget_and_the_picture_stays(quiet):
    view = Fragile("logistic", r=3.2)
    before = view.numbers()
    view.r = 4.5
    view.settle()
    assert isinstance(view.error, ZeroDivisionError)
    assert "role='alert'" in view._card.error.value
    assert "\n" not in view._card.error.value
    assert "too <large>" not in view._card.error.value  # what an exception says is text, not HTML
    assert "ZeroDivisionError" in view.describe()
    after = view.numbers()
    assert all(np.array_equal(before[name], after[name]) for name in before)
    view.r = 3.3
    view.settle()
    assert view.error is None
    assert view._card.error.value == ""
    view.close()


def test_an_error_at_the_very_beginning_still_gives_a_widget(quiet):
    view = Fragile("logistic", r=4.5)
    assert "ZeroDivisionError" in view.describe()
    assert view.numbers() == {}
    view.r = 3.0
    assert "fixed point" in view.describe()
    view.close()


def test_tests_have_errors_raised_on(monkeypatch):
    monkeypatch.setenv("LYAPLAB_RAISE", "1")
    view = Fragile("logistic", r=3.2)
    view.settle()
    with pytest.raises(ZeroDivisionError):
        view.r = 4.5
        view.settle()
    assert view.error is not None
    view.close()


def test_an_exception_in_a_callback_is_shown(quiet, view):
    view.guarded(lambda: 1 / 0)()
    assert "ZeroDivisionError" in view._card.error.value


# --- words ----------------------------------------------------------------------------------------


def test_the_words_are_a_live_region_and_escaped(view):
    view.settle()
    assert "role='status'" in view._card.words.value
    view._card.say("<b>x</b>")
    assert "<b>x" not in view._card.words.value


def test_the_static_face_has_a_picture_and_words(view):
    view.r = 3.4
    bundle = view._repr_mimebundle_()
    assert bundle["text/plain"] == view.describe()
    assert "3.4" in bundle["text/plain"]
    assert bundle["image/png"].startswith("iVBOR")
    assert "application/vnd.jupyter.widget-view+json" in bundle


def test_menu_drawers_show_link_code_and_files(view):
    (menu,) = _all(view, Menu)
    menu.toggle("Link")
    assert menu.text.value == view.link()
    assert "ll.open(" in menu.about.value and menu.about.layout.display == ""
    menu.toggle("Code")
    assert menu.text.value == view.code()
    assert "without the widget" in menu.about.value and ">Copy</button>" in menu.about.value
    menu.toggle("Save")
    assert menu.text.layout.display == menu.about.layout.display == "none"
    assert menu.saves.value.count("download=") == 3
    menu.toggle("Save")
    assert menu.saves.layout.display == "none"


def test_a_bad_file_ending_is_refused(view, tmp_path):
    with pytest.raises(ValueError, match="png"):
        view.save(tmp_path / "picture.pgn")


# --- links ----------------------------------------------------------------------------------------


def test_own_cells_and_own_weights_do_not_fit_a_link(view):
    @ll.map
    def mine(x, a=0.5):
        return a * x

    own = ll.Cobweb(mine)
    with pytest.raises(ValueError, match=r"own cell.*save"):
        own.link()
    own.close()


def test_a_link_of_another_widget_or_cell_is_refused(view):
    from lyaplab.widgets._link import encode

    for state, message in [
        ({**view.state, "widget": "Cobwb"}, "'Cobweb'"),
        ({**view.state, "params": {"cell": "logistics"}}, "'logistic'"),
        ({**view.state, "params": {"cell": "../x", "r": 1.0}}, "unknown cell"),
        ({**view.state, "params": {"cell": ["tanh"]}}, "must name a cell"),
        ({**view.state, "params": {"cell": "tanh", "n": 10**9}}, "at most"),
        ({**view.state, "params": {"cell": "henon"}}, "PhasePlane"),
        ({**view.state, "params": {"cell": "logistic", "q": 1.0}}, "'q'"),
    ]:
        with pytest.raises(ValueError, match=message):
            ll.open(encode(state))


def test_what_a_link_opens_resets_to_the_link():
    view = ll.Cobweb("tanh", w=2.0, x0=0.3)
    again = ll.open(view.link())
    again.w = 0.5
    again.reset()
    assert (again.w, again.x0) == (2.0, 0.3)
    view.close()
    again.close()


# --- threads --------------------------------------------------------------------------------------


def test_two_threads_may_set_values_at_once(view):
    def turn(name, values):
        for value in values:
            setattr(view, name, float(value))

    threads = [
        threading.Thread(target=turn, args=("r", np.linspace(2.5, 3.9, 200))),
        threading.Thread(target=turn, args=("x0", np.linspace(0.1, 0.9, 200))),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    view.settle()
    assert (view.r, view.x0) == (pytest.approx(3.9), pytest.approx(0.9))
    assert view.state["params"]["r"] == view.r
    assert view.state["view"]["x0"] == view.x0
    assert view.numbers()["orbit"][0] == view.x0
    assert view.error is None


def _all(root, kind):
    """All parts of a widget of one kind, in the order in which they are shown."""
    found = [root] if isinstance(root, kind) else []
    for child in getattr(root, "children", ()):
        found += _all(child, kind)
    return found
