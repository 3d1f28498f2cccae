"""The orbit diagram: what it shows is what the engine and theory say, and every hand does what it should."""

from __future__ import annotations

import threading

import numpy as np
import pytest

import lyaplab as ll
from lyaplab.engine.bifurcation import Bifurcation as Columns
from lyaplab.model import Knob
from lyaplab.widgets._controls import KnobRow
from lyaplab.widgets._diagrampaint import painted, split_at_zero
from lyaplab.widgets._diagramwords import precise

SPAN = [2.8, 3.6]


@pytest.fixture(autouse=True)
def errors_are_raised(monkeypatch):
    monkeypatch.setenv("LYAPLAB_RAISE", "1")


@pytest.fixture
def view():
    view = ll.Bifurcation("logistic", r=3.2, span=SPAN)
    assert view.wait(120)
    yield view
    view.close()


def layer(stage, name):
    return next(layer for layer in stage.scene().layers if layer.name == name)


def test_states_and_exponents_are_the_engines(view):
    numbers = view.numbers()
    assert numbers["values"][[0, -1]].tolist() == SPAN
    diagram = ll.Model("logistic").bifurcation(
        "r", numbers["values"], x0=[0.3], steps=1500, warmup=3000, keep=numbers["states"].shape[1]
    )
    np.testing.assert_array_equal(numbers["states"], diagram.states)
    np.testing.assert_allclose(numbers["exponents"], diagram.exponents, atol=1e-12)
    # what is drawn of the exponents lies on the same curve, cut at zero
    for name, sign in (("positive", 1), ("negative", -1)):
        drawn = layer(view.diagram.exponents, name)
        seen = np.isfinite(drawn.y)
        assert seen.sum() > 20 and (sign * drawn.y[seen] >= 0).all()
        of_engine = np.isin(drawn.x, diagram.values) & seen & (drawn.y > view.diagram.exponents.scene().y.low)
        at = np.searchsorted(diagram.values, drawn.x[of_engine])
        np.testing.assert_allclose(drawn.y[of_engine], diagram.exponents[at], atol=1e-12)


def test_both_figures_have_one_axis(view):
    above, below = view.diagram.states.scene(), view.diagram.exponents.scene()
    assert (above.x.low, above.x.high, above.width) == (below.x.low, below.x.high, below.width)
    assert above.to_pixels(3.3, 0)[0] == below.to_pixels(3.3, 0)[0]


def test_doublings_lie_where_theory_says_within_the_errors_that_are_shown(view):
    found = view.doublings()
    exact = ll.theory.doublings(4)
    assert found.periods.tolist() == [1, 2, 4, 8]
    assert (np.abs(found.values - exact) <= found.errors).all()
    assert "<td>3.449489743</td><td>4.751446</td>" in view._table.value
    assert "Measured doublings: 1 to 2 at 3, 2 to 4 at 3.44949" in view.describe()


def test_a_closer_look_adds_doublings_and_ratios_come_to_feigenbaums_number(view):
    view.zoom((3.563, 3.5702))
    assert view.wait(120)
    assert view.numbers()["doubled_periods"].tolist() == [8, 16, 32]  # of this window alone
    found = view.doublings()
    assert found.periods.tolist() == [1, 2, 4, 8, 16, 32]
    ratios, errors = found.ratios
    assert abs(ratios[4] - ll.theory.feigenbaum().delta) < 1e-3
    assert errors[4] < 1e-6
    view.undo()
    assert view.wait(120)
    assert len(view.doublings()) == 6  # what has been measured is not forgotten


def test_periods_stand_over_their_windows_only(view):
    words = layer(view.diagram.states, "periods")
    assert words.names[:3] == ("1", "2", "4")
    r1, r2, r3 = ll.theory.doublings(3)
    assert words.x[0] < r1 < words.x[1] < r2 < words.x[2] < r3
    low, high = view.diagram.states.scene().y.low, view.diagram.states.scene().y.high
    assert low < view._seen[1] < words.y[0] < high
    line = layer(view.diagram.states, "windows")
    pairs = line.x[np.isfinite(line.x)].reshape(-1, 2)
    for r in (*ll.theory.doublings(4), 3.5999):  # a doubling is never claimed, nor is chaos
        assert not ((pairs[:, 0] < r) & (r < pairs[:, 1])).any()


def test_the_marker_leaves_the_diagram_alone_and_shows_the_orbit(view):
    fine, picture = view._fine, layer(view.diagram.states, "diagram").image
    view.r = 3.5
    view.settle()
    assert view._fine is fine and layer(view.diagram.states, "diagram").image is picture
    assert layer(view.diagram.exponents, "grip").x == [3.5]
    assert layer(view.diagram.states, "marker").x.tolist() == [3.5, 3.5]
    orbit = np.unique(view.numbers()["orbit"].round(9))
    np.testing.assert_allclose(orbit, np.unique(ll.Model("logistic", r=3.5).orbit(64, warmup=3000).round(9)))
    assert len(layer(view.attractor.stage("cobweb"), "visits").x) and "repeats every 4 steps" in view.describe()
    view.diagram.exponents._grips["grip"]._moved(0, 3.05, 0.4)
    view.settle()
    assert view.r == 3.05


def test_a_zoom_takes_the_marker_along_and_is_one_step_of_undo(view):
    before = view.state
    view._brushed((3.4, 3.5), (0.3, 0.7))
    assert (view.span, view.heights, view.r) == ([3.4, 3.5], [0.3, 0.7], 3.45)
    view.undo()
    assert view.state == before
    view._brushed((3.4, 3.401), (0.3, 0.7))  # a click is no brush
    assert view.state == before
    view._brushed((3.1, 3.5), (0.3, 0.301))  # a level stroke selects values alone
    assert (view.span, view.heights, view.r) == ([3.1, 3.5], [], 3.2)
    view._zoomed("out")
    assert view.span == pytest.approx([2.6, 3.8])
    for _ in range(2):
        view._zoomed("out")
    assert view.span == [] and view._plan().low == 0.0  # all that the knob has
    view.r = 1.0
    before = view.state
    view._zoomed("whole")
    assert (view.span, view.heights, view.r) == (SPAN, [], 3.2)  # what the view opened with
    view.undo()
    assert view.state == before


def test_whole_is_the_opening_range_of_what_is_swept_now():
    view = ll.Bifurcation("tanh", w=2.0, over="b", span=[-1.0, 1.0], heights=[-0.5, 0.5], orbits="down")
    view.zoom((-0.2, 0.2), (0.0, 0.3))
    view._zoomed("whole")
    assert (view.span, view.heights) == ([-1.0, 1.0], [-0.5, 0.5])
    view._choose("over", "w")
    view.zoom((1.0, 2.5))
    view._zoomed("whole")
    assert (view.span, view.heights) == ([], [])
    view.close()


def test_hysteresis_jumps_at_the_saddle_nodes():
    fold = ll.theory.saddle_node_bias(2.0)
    jumps = {}
    for way in ("up", "down"):
        view = ll.Bifurcation("tanh", w=2.0, b=0.0, over="b", span=[-1.0, 1.0], orbits=way)
        assert view.wait(120)
        numbers = view.numbers()
        jumps[way] = numbers["values"][np.argmax(numbers["states"][:, -1] > 0)]
        # the marker's orbit is that of the branch that was followed
        assert np.sign(numbers["orbit"][-1, 0]) == (-1 if way == "up" else 1)
        view.close()
    assert jumps["up"] == pytest.approx(fold, abs=0.005) and jumps["down"] == pytest.approx(-fold, abs=0.005)


def test_several_starts_show_what_coexists():
    view = ll.Bifurcation("tanh", w=2.0, b=0.0, orbits="many", span=[1.5, 2.5])
    assert view.wait(120)
    states = view.numbers()["states"]
    assert states.ndim == 3 and (states[:, :, -1].min(axis=1) < 0).all() and (states[:, :, -1].max(axis=1) > 0).all()
    assert "doublings" not in view.numbers()  # from one start only
    view.close()


def test_two_state_variables_and_a_flow_are_shown():
    plane = ll.Bifurcation("henon", a=1.0, variable="y", beside="time")
    assert plane.wait(120)
    np.testing.assert_allclose(plane.doublings().values[:2], [3 * 0.49 / 4, (5 * 0.09 - 1.8 + 5) / 4], atol=1e-11)
    assert "run away at" in plane.describe()
    plane.over = "b"  # another parameter: its own range
    assert plane._plan().low == -0.5
    plane.close()
    flow = ll.Bifurcation("rate", n=1, w=2.0, b=0.1)  # a flow shows its maxima, and where it rests
    flow.settle()
    flow._run.stop()
    rest = flow.model.fixed_points().points.max()
    assert flow.numbers()["orbit"][-1, 0] == pytest.approx(rest, abs=1e-6)
    assert "rest" in layer(flow.diagram.states, "periods").names and "dt" not in flow._params
    assert flow.attractor.kinds == ("time",) and "comes to rest" in flow.describe()
    flow.close()


def test_stop_keeps_what_is_there_and_closing_ends_the_work():
    threads = set(threading.enumerate())
    view = ll.Bifurcation("logistic")
    view._run.stop()
    assert view._run.wait(60)
    assert len(view.numbers()["values"]) > 50  # the rough one
    view.r = 3.0
    view.settle()
    assert not view._run.worker.running  # the marker does not begin it again
    view._run.start()
    view.close()
    assert set(threading.enumerate()) <= threads


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ll.Bifurcation("tanh", n=100), "up to 3 state variables, this tanh has 100"),
        (lambda: ll.Bifurcation("logistic", over="rr"), "unknown over 'rr': did you mean 'r'"),
        (lambda: ll.Bifurcation("logistic", span=[4.0, 3.0]), r"span must be \[low, high\]"),
        (lambda: ll.Bifurcation("logistic", x0=[0.1, 0.2]), "x0 must hold 1 numbers, got 2"),
        (lambda: ll.Bifurcation("henon", variable="z"), "unknown variable 'z'"),
    ],
)
def test_what_does_not_suit_is_said(make, message):
    with pytest.raises(Exception, match=message):
        make()


def test_a_range_downwards_is_told_in_the_widget(monkeypatch):
    monkeypatch.setenv("LYAPLAB_RAISE", "0")
    view = ll.Bifurcation("logistic")
    view._rows_of_view._boxes["span"].boxes[0].value = 5.0
    assert "from the lower to the higher" in view._card.error.value and view.span == []
    view.close()


def columns(states, periods=None):
    states = np.array(states, float)
    count = len(states)
    return Columns(
        "r", np.arange(count, dtype=float), states, np.zeros(count),
        np.zeros(count, int) if periods is None else np.array(periods), np.full(count, -1), np.zeros((count, 1)),
    )  # fmt: skip


def test_pixels_are_as_opaque_as_their_place_is_visited():
    often, seldom = [0.15] * 15 + [0.75], [0.45] * 16
    image = painted([columns([often, seldom])], low=0.0, high=1.0, size=(2, 10))
    assert image.shape == (10, 2, 4)
    alpha = image[..., 3]
    assert alpha[1, 0] == alpha[4, 1] == 255 and 50 < alpha[7, 0] < 255
    assert alpha[9, 0] == 0 and 0 < alpha[2, 0] < 255  # a line has a rim
    assert len(np.unique(image[..., :3].reshape(-1, 3), axis=0)) == 1  # one hue


def test_what_is_not_there_yet_is_filled_from_the_rough_one_and_what_has_left_stays_empty():
    fine = columns([[0.15], [np.nan], [np.nan], [np.nan]], periods=[0, -1, 0, 0])
    image = painted([fine, columns([[0.55], [0.95]])], low=0.0, high=1.0, size=(4, 10))[..., 3]
    assert image[1, 0] and not image[:, 1].any() and image[9, 2] and image[9, 3] and not image[5].any()


def test_a_curve_is_cut_at_zero():
    x = np.linspace(0, 3 * np.pi, 1000)
    above, below = split_at_zero(x, np.sin(x))
    assert np.nanmin(above[1]) >= 0 >= np.nanmax(below[1])
    assert np.isnan(above[1]).sum() <= 2 and np.isnan(below[1]).sum() <= 2  # gaps, not floods of them


def test_numbers_show_the_digits_that_their_errors_leave():
    assert precise(4.66921, 3e-4, 6) == "4.66921 ± 0.00030"
    assert precise(-1.0, 1e-13, 6) == "−1.000000"


def test_what_the_page_makes_of_a_new_range_is_no_hand():
    heard = []
    row = KnobRow(Knob("r", 3.49, 0.0, 4.0, 0.02), heard.append)
    row.reach(3.3397, 3.6401, 0.0008)
    assert (row.slider.min, row.slider.max, row.box.step, row.box.min) == (3.3397, 3.6401, 0.0008, 0.0)
    row.slider.value = 3.4896  # the page rounds to the other side
    row.show(3.2)  # as undo does
    row.reach(2.8, 4.0, 0.003)
    row.slider.value = 3.34  # the page has clipped 3.2 to the old range, and rounded that to the new steps
    assert heard == [] and row.slider.value == pytest.approx(3.2, abs=0.0015)
    row.slider.value = 3.202  # a key
    assert heard == [3.202] and row.box.value == 3.202
    row.close()
