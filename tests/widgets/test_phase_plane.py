"""The phase plane: what it computes, what it shows, what the hand can do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import traitlets as T

import lyaplab as ll
from lyaplab.engine.basins import Basins
from lyaplab.widgets._basinpaint import BasinPainter, laid_over, pixels
from lyaplab.widgets._eigenplane import EigenPlane, is_shrinking, meaning, table, written
from lyaplab.widgets._palette import tint
from lyaplab.widgets._portrait import Portrait, ending, follow, visible, window_of
from lyaplab.widgets.phase_plane import PhasePlane

# two stable nodes A and E, two saddles B and D, an unstable node C
FIVE = {"w11": 1.6, "w12": -0.4, "w21": -0.4, "w22": 1.7, "b1": 0.0, "b2": 0.0}


@ll.map
def henon(x, y, a=1.4, b=0.3):
    return 1 - a * x * x + y, b * x


@ll.flow(dt=0.02)
def oscillator(x, y, mu=1.0):
    return y, mu * (1 - x * x) * y - x


@ll.flow(dt=0.05)
def damped(x, y, friction=0.5):
    return y, -x - friction * y


@pytest.fixture(autouse=True)
def loud(monkeypatch):
    monkeypatch.setenv("LYAPLAB_RAISE", "1")


@pytest.fixture
def view():
    made = PhasePlane("tanh", **FIVE, starts=[[-1.0, 0.55]])
    made.settle()
    yield made
    made.close()


def layer(view: PhasePlane, name: str) -> Any:
    return next(each for each in view.plane.stage.scene().layers if each.name == name)


def grab(view: PhasePlane, kind: str, index: int, x: float, y: float) -> None:
    """Say what the page says while a start is dragged."""
    handle = view.plane.stage.figure.marks[-1]
    handle._handle_custom_msg({"event": kind, "index": index, "point": {"x": x, "y": y}}, [])


# --- what is computed -------------------------------------------------------------------------------


@pytest.mark.parametrize("model", [ll.Model("tanh", n=2, W=[[1.6, -0.4], [-0.4, 1.7]]), ll.Model(oscillator)])
def test_nullclines_lie_where_their_variable_rests(model):
    window = window_of(model)
    portrait = Portrait.of(model, window)
    for axis, (x, y) in enumerate(portrait.nullclines):
        places = np.stack([x, y], axis=1)[np.isfinite(x)]
        assert len(places) > 50
        assert np.abs(model.field(places)[:, axis]).max() < 2e-2 * np.abs(model.field(places)).max()


def test_arrows_show_the_change_a_map_makes_and_the_speed_of_a_flow():
    for model in (ll.Model(henon), ll.Model(damped)):
        window = window_of(model)
        x, y = Portrait.of(model, window).field
        middle = np.array([(x[0] + x[1]) / 2, (y[0] + y[1]) / 2])
        along = np.array([x[1] - x[0], y[1] - y[0]])
        wanted = model.step(middle) - middle if model.time_step is None else model.field(middle)
        assert along[0] * wanted[1] == pytest.approx(along[1] * wanted[0], abs=1e-9)
        assert along @ wanted > 0


def test_the_window_holds_the_models_view_and_every_near_fixed_point():
    model = ll.Model(henon)
    left, right, bottom, top = window_of(model)
    found = model.fixed_points().points
    assert ((found > [left, bottom]) & (found < [right, top])).all()
    assert left <= model.view[0][0] and top >= model.view[1][1]


def test_endings_of_orbits():
    net = ll.Model("tanh", n=2, W=[[1.6, -0.4], [-0.4, 1.7]])
    window, found = window_of(net), net.fixed_points()
    rest = ending(net, [-1.0, 0.55], found, window)
    assert rest.what == "rest" and found.kinds[rest.point] == "stable node"
    assert rest.exponent == pytest.approx(np.log(np.abs(found.eigenvalues[rest.point]).max()))
    chaos = ll.Model(henon)
    end = ending(chaos, [0.1, 0.1], chaos.fixed_points(), window_of(chaos))
    assert end.what == "chaos" and end.exponent == pytest.approx(0.419, abs=0.05)
    lost = ending(chaos, [1.6, 0.4], chaos.fixed_points(), window_of(chaos))
    assert lost.what == "lost" and lost.step is not None
    cycle = ll.Model(henon, a=1.0)
    assert ending(cycle, [0.1, 0.1], cycle.fixed_points(), window_of(cycle)).period == 4
    turning = ll.Model("tanh", n=2, W=[[0.9, -0.7], [0.7, 0.9]])
    assert ending(turning, [0.1, 0.0], turning.fixed_points(), window_of(turning)).what == "loop"
    van = ll.Model(oscillator)
    assert ending(van, [0.1, 0.0], van.fixed_points(), window_of(van)).what == "loop"
    spiral = ll.Model(damped)
    end = ending(spiral, [0.5, 0.5], spiral.fixed_points(), window_of(spiral))
    assert end.what == "rest" and end.exponent == pytest.approx(-0.25)


def test_an_orbit_that_is_lost_is_followed_as_far_as_it_goes():
    model = ll.Model(henon)
    orbit = follow(model, [1.6, 0.4], 500)
    assert len(orbit) < 60 and np.isfinite(orbit).all()
    assert np.isnan(visible(orbit, window_of(model))[-1]).all()
    assert len(follow(model, [0.1, 0.1], 500)) == 501


def test_a_basin_has_the_colour_of_the_point_it_leads_to(view):
    raster, discs = layer(view, "basins"), layer(view, "stable")
    ny, nx = raster.image.shape[:2]
    assert len(discs.x) == 2 and len(set(discs.roles)) == 2
    for x, y, role in zip(discs.x, discs.y, discs.roles, strict=True):
        column = int((x - raster.x[0]) / (raster.x[1] - raster.x[0]) * nx)
        row = int((y - raster.y[0]) / (raster.y[1] - raster.y[0]) * ny)
        assert tuple(raster.image[row, column]) == tint(role)


def test_where_nothing_is_reached_the_raster_is_clear():
    none = Basins(np.array([[-1, 0]], np.int16), np.zeros((1, 2)), np.zeros(2), np.ones(2))
    assert pixels(none)[0, 0].tolist() == [0, 0, 0, 0] and pixels(none)[0, 1, 3] > 0


def test_enlarging_rounds_stairs_off_and_keeps_labels_in_place():
    labels = np.array([[0, 0, 1], [0, 1, 1], [1, 1, -1]], np.int16)
    rough = Basins(labels, np.zeros((2, 2)), np.zeros(2), np.ones(2))
    fine, coarse = pixels(rough, across=30), pixels(rough)
    assert fine.shape == (30, 30, 4) and coarse.shape == (3, 3, 4)
    assert np.array_equal(fine[5::10, 5::10], coarse)
    assert pixels(rough, across=2).shape == (3, 3, 4)


def test_unfinished_rows_come_from_the_rough_raster():
    low, high = np.zeros(2), np.ones(2)
    rough = Basins(np.array([[0, 1], [1, 0]], np.int16), np.zeros((2, 2)), low, high)
    fine = Basins(np.full((4, 4), -1, np.int16), np.zeros((2, 2)), low, high, done=0.25)
    fine.labels[0] = 1
    assert laid_over(fine, rough).labels.tolist() == [[1] * 4, [0, 0, 1, 1], [1, 1, 0, 0], [1, 1, 0, 0]]
    assert laid_over(fine, None) is fine


def test_basins_are_as_fine_as_time_allows():
    model = ll.Model("tanh", n=2, W=[[1.6, -0.4], [-0.4, 1.7]])
    found = model.fixed_points()
    window, attractors = window_of(model), found.points[found.stable]
    painter = BasinPainter()
    painter._cost = 1.0  # seconds a start: hopeless while a finger moves, the coarsest when it rests
    assert painter.paint(model, attractors, window, coarse=True) is None
    assert painter.paint(model, attractors, window, coarse=False).labels.shape == (32, 32)
    assert painter._cost < 1e-3
    assert painter.paint(model, np.empty((0, 2)), window, coarse=False) is None


# --- what is shown ----------------------------------------------------------------------------------


def test_fixed_points_by_kind_with_letters(view):
    assert layer(view, "stable").names == ("A", "E") and layer(view, "stable").marker == "disc"
    assert layer(view, "saddle").names == ("B", "D") and layer(view, "saddle").marker == "diamond"
    assert layer(view, "unstable").names == ("C",) and layer(view, "unstable").marker == "square"


def test_a_point_keeps_its_letter_when_it_crosses_another(view):
    # the sorted order of two points changes on the way; their names do not
    def named() -> dict[str, np.ndarray]:
        return {view._portrait.letter(i): point for i, point in enumerate(view._portrait.found.points)}

    view.starts = [[-0.9, 0.9], [0.9, -0.9]]
    view.settle()
    last, orders = named(), set()
    for b1 in np.linspace(0.0, 0.12, 13):
        view.b1 = float(b1)
        view.settle()
        now = named()
        for letter, point in now.items():
            assert letter not in last or np.linalg.norm(point - last[letter]) < 0.3, letter
        last = now
        orders.add("".join(view._portrait.letters))
        points = view.numbers()["fixed_points"]
        assert points.tolist() == sorted(points.tolist())  # numbers stay sorted
        marks = [layer(view, kind) for kind in ("stable", "saddle", "unstable")]
        shown = {name: (x, y) for mark in marks for name, x, y in zip(mark.names, mark.x, mark.y, strict=True)}
        assert set(shown) == set(now)
        assert all(shown[name] == pytest.approx(now[name]) for name in now)
    assert view._picker.row.options == tuple(sorted(now))


def test_crossing_points_swap_places_but_not_names():
    # the second unit rests at three places, the first one follows it with a slope that changes its sign
    view = PhasePlane("tanh", w11=0.0, w12=0.3, w21=0.0, w22=1.5, b1=0.0, b2=0.0)
    view.settle()
    before = {view._portrait.letter(i): p[1] for i, p in enumerate(view.numbers()["fixed_points"])}
    at = np.arctanh(before["C"]) / before["C"]
    assert at == pytest.approx(1.5) and before["B"] == pytest.approx(0.0) and before["A"] == pytest.approx(-before["C"])
    for slope in (0.1, -0.1, -0.3):
        view.w12 = slope
        view.settle()
    after = {view._portrait.letter(i): p[1] for i, p in enumerate(view.numbers()["fixed_points"])}
    assert after == pytest.approx(before)
    assert view._portrait.letters == ("C", "B", "A")
    assert view._picker.row.options == ("A", "B", "C")
    view._picker.row.index = 0
    view.settle()
    assert view.chosen[1] == pytest.approx(before["A"]) and "A: " in view._eigen_words.value
    assert "(A, C)" in view.describe()
    view.close()


def test_new_points_get_fresh_letters_and_a_preset_names_all_anew(view):
    view.w11 = 0.5
    view.settle()
    assert set(view._portrait.letters) < set("ABCDE")  # what is left keeps its names
    view.preset("three-attractors")
    view.settle()
    assert view._portrait.letters == tuple("ABCDEFGHI"[: len(view._portrait.found)])


def test_a_map_is_dots_and_a_flow_a_line(view):
    assert layer(view, "orbit").kind == "dots" and layer(view, "first").label == "h₁′ = h₁"
    flow = PhasePlane(oscillator, steps=100)
    flow.settle()
    assert layer(flow, "orbit").kind == "line" and layer(flow, "first").label == "dx/dt = 0"
    assert len(layer(flow, "orbit").x) == 101
    assert [each.name for each in flow.eigen.stage.scene().layers if each.kind == "line"] == ["real", "imaginary"]
    flow.close()


def test_eigenvalues_of_the_chosen_point(view):
    assert view._picker.row.options == ("A", "B", "C", "D", "E") and view._picker.row.index == 2
    view._picker.row.index = 1
    view.settle()
    assert view.chosen == pytest.approx(view.numbers()["fixed_points"][1].tolist())
    stages = {each.name: each for each in view.eigen.stage.scene().layers}
    assert len(stages["growing"].x) == len(stages["shrinking"].x) == 1
    assert abs(stages["shrinking"].x[0]) < 1 < stages["growing"].x[0]
    assert "B: saddle" in view._eigen_words.value
    assert layer(view, "rim").x[0] == view.chosen[0]


def test_a_click_on_a_marker_chooses_it(view):
    saddles = next(m for m in view.plane.stage.figure.marks if getattr(m, "marker", "") == "diamond")
    saddles._handle_custom_msg({"event": "element_click", "data": {"index": 1}}, [])
    assert view.chosen == pytest.approx(view.numbers()["fixed_points"][3].tolist())


def test_the_chosen_point_is_followed_while_a_knob_turns(view):
    view.chosen = [float(v) for v in view.numbers()["fixed_points"][4]]
    view.w11 = 1.5
    view.settle()
    assert view._picker.row.options[view._picker.row.index] == "E"
    view.w11, view.w22 = 0.5, 0.5
    view.settle()
    assert view._picker.row.options == ("A",) and view._picker.row.index == 0


def test_switches_take_layers_away(view):
    for name, shown in (("basins", "basins"), ("arrows", "field"), ("nullclines", "second")):
        view._switches.buttons[name].value = False
        view.settle()
        assert getattr(view, name) is False and layer(view, shown).empty
        setattr(view, name, True)
        view.settle()
        assert view._switches.buttons[name].value is True and not layer(view, shown).empty
    assert layer(view, "stable").roles


def test_without_basins_the_stable_points_wear_the_colour_of_the_legend(view):
    view.basins = False
    view.settle()
    assert layer(view, "stable").roles == ()


def test_the_window_can_be_chosen(view):
    view.window = [-2.0, 1.0, -3.0, 3.0]
    view.settle()
    scene = view.plane.stage.scene()
    assert (scene.x.low, scene.x.high, scene.y.low, scene.y.high) == (-2, 1, -3, 3)
    assert layer(view, "basins").x.tolist() == [-2, 1]
    assert (view._start_rows.boxes[0][1].min, view._start_rows.boxes[0][1].max) == (-3, 3)
    for wrong in ([1.0, -1.0, 0.0, 1.0], [0.0, 1.0]):
        with pytest.raises(T.TraitError, match="left, right, bottom, top"):
            view.window = wrong
    view.undo()
    view.settle()
    assert view.plane.stage.scene().x.low == window_of(view.model)[0]


def test_a_system_without_fixed_points():
    @ll.map
    def drift(x, y, speed=0.1):
        return x + speed, 0.5 * y

    view = PhasePlane(drift)
    assert "no fixed point" in view.describe()
    assert "no fixed point" in view._eigen_words.value and view._picker.row.options == ()
    view.close()


# --- what the hand does -----------------------------------------------------------------------------


def test_a_drag_moves_the_start_and_the_orbit(view):
    before = layer(view, "orbit").x.copy()
    grab(view, "drag", 0, 0.3, -0.4)
    view.settle()
    assert view.starts == [[0.3, -0.4]]
    after = layer(view, "orbit")
    assert (after.x[0], after.y[0]) == (0.3, -0.4) and not np.array_equal(before, after.x)
    assert view._start_rows.boxes[0][0].value == 0.3
    view.undo()
    view.settle()
    assert view.starts == [[-1.0, 0.55]]


def test_the_numeric_twin_moves_the_start(view):
    view._start_rows.boxes[0][1].value = -0.2
    view.settle()
    assert view.starts == [[-1.0, -0.2]]
    assert layer(view, "starts").y.tolist() == [-0.2]


def test_starts_come_and_go(view):
    for _ in range(9):
        view._start_rows.more.click()
    view.settle()
    assert len(view.starts) == 4
    assert layer(view, "starts").names == ("1", "2", "3", "4")
    shown = [row.layout.display for row in view._start_rows.children[1:-1]]
    assert shown == [""] * 4
    for _ in range(9):
        view._start_rows.fewer.click()
    view.settle()
    assert len(view.starts) == 1 and layer(view, "starts").names == ()
    assert [row.layout.display for row in view._start_rows.children[1:-1]] == ["", "none", "none", "none"]


def test_a_step_marks_the_next_state(view):
    view.step()
    view.step()
    view.settle()
    assert view.now == 2
    orbit, mark = view.numbers()["orbit_1"], layer(view, "now")
    assert (mark.x[0], mark.y[0]) == tuple(orbit[2])
    view.reset()
    view.settle()
    assert view.now == 0 and layer(view, "now").empty


def test_a_flow_is_stepped_by_a_visible_stretch_and_begins_again():
    view = PhasePlane(oscillator, steps=600, now=595)
    view.step()
    assert view.now == 600
    view.step()
    assert view.now == 0
    view.step()
    assert view.now == 10
    view.close()


def test_basins_are_refined_in_pieces_and_forgotten_when_a_knob_turns(view):
    rough = view.numbers()["basins"].shape
    view.refine()
    assert view._run.wait(60)
    view.settle()
    assert rough[0] <= 160 and view.numbers()["basins"].shape == (480, 480)
    assert layer(view, "basins").image.shape == (480, 480, 4)
    view.w11 = 1.7
    view.settle()
    assert view.numbers()["basins"].shape[0] <= 160


def test_stop_leaves_the_refined_rows(view):
    view.basins = False
    view.refine()
    view._run.stop()
    assert view._run.wait(10)
    view.settle()
    assert view.basins and not layer(view, "basins").empty
    assert view.numbers()["basins"].shape[0] <= 480


def test_there_is_nothing_to_refine_without_a_stable_point(monkeypatch):
    view = PhasePlane(oscillator)
    with pytest.raises(ValueError, match="no stable fixed point"):
        view.refine()
    view.close()


def test_a_preset_brings_its_start(view):
    view.now = 5
    view.preset("winner-take-all")
    view.settle()
    start = ll.Model("tanh", preset="winner-take-all").start
    assert view.starts == [pytest.approx(start.tolist())] and view.now == 0
    view.undo()
    assert view.w11 == 1.6


# --- in words, in code, on the way ------------------------------------------------------------------


def test_words(view):
    words = view.describe()
    assert "tanh map with w11 = 1.6, w12 = −0.4" in words
    assert "five fixed points: two stable nodes (A, E), two saddles (B, D), one unstable node (C)." in words
    assert "Start 1 at (−1, 0.55) comes to rest at A (−0.96, 0.97); exponent −1.87 per step" in words
    view.starts = [[-1.0, 0.55], [0.9, -0.2]]
    assert "Start 2 at (0.9, −0.2) comes to rest at E" in view.describe()


def test_words_of_chaos_and_of_loss():
    view = PhasePlane(henon, starts=[[0.1, 0.1], [1.6, 0.4]])
    words = view.describe()
    assert "henon map with a = 1.4, b = 0.3: two fixed points: two saddles (A, B)." in words
    assert "never repeats" in words and "chaos" in words
    assert "Start 2 at (1.6, 0.4) leaves the range of numbers at step" in words
    view.close()


@pytest.mark.parametrize("system", ["tanh", henon, damped])
def test_the_code_makes_the_same_numbers(system):
    view = PhasePlane(system, starts=[[0.1, 0.1], [0.3, -0.2]])
    names: dict[str, Any] = {} if isinstance(system, str) else {system.name: system}
    exec(view.code(), names)
    for name, values in view.numbers().items():
        assert np.array_equal(names[name], values), name
    view.close()


def test_a_state_brings_everything_back(view):
    view.starts = [[0.25, 0.5], [-0.5, 0.125]]
    view.basins, view.steps, view.chosen = False, 77, [0.5, 0.5]
    again = ll.open(view.link())
    assert again.state == view.state and again.w22 == 1.7
    again.close()


@pytest.mark.parametrize("largest", [0.5, 1.3, 1.8, 2.4, 4.7])
def test_the_unit_circle_has_its_tick_on_both_axes(largest):
    plane = EigenPlane(flow=False)
    plane.show(np.array([largest, 0.2]))
    scene = plane.stage.scene()
    assert {-1.0, 1.0} <= set(scene.x.places()) and {-1.0, 1.0} <= set(scene.y.places())
    plane.stage.close()


def test_meanings():
    assert meaning(0.9 + 0.7j, flow=False).startswith("|μ| = 1.14 > 1: grows, turns 37.9° a step")
    assert meaning(0.1 + 0j, flow=True) == "doubles in 6.93 units of time"
    assert meaning(1.0 + 0j, flow=False) == "|μ| = 1: neither shrinks nor grows"
    assert meaning(2j, flow=True) == "neither shrinks nor grows, turns once in 3.14"
    assert written(-0.5 + 0.25j) == "−0.5 + 0.25i"
    assert is_shrinking(np.array([0.9j, 1.1, -0.2]), flow=False).tolist() == [True, False, True]
    pair = table(np.array([0.9 + 0.7j, 0.9 - 0.7j]), flow=False)
    assert pair.count("<tr>") == 2 and "0.9 ± 0.7i" in pair


def test_a_still_picture_shows_the_same(view, tmp_path):
    svg = view.save(tmp_path / "plane.svg").read_text()
    assert "h₁′ = h₁" in svg and "comes to rest at A" in svg
    assert view.save(tmp_path / "plane.png").read_bytes().startswith(b"\x89PNG")
    assert "1,orbit,-1.0,0.55" in view.save(tmp_path / "plane.csv").read_text()


def test_what_does_not_suit_is_said():
    with pytest.raises(ValueError, match="two state variables, this logistic has 1: use ll.Cobweb"):
        PhasePlane("logistic")
    with pytest.raises(ValueError, match="two state variables, this tanh has 3"):
        PhasePlane("tanh", n=3)
    with pytest.raises(ValueError, match="did you mean 'starts'"):
        PhasePlane("tanh", hide=("start",))


def test_hidden_controls_are_not_there():
    view = PhasePlane("tanh", hide=("starts", "show", "points", "basins", "w11"))
    view.settle()
    assert not hasattr(view, "_start_rows") and not hasattr(view, "_picker") and view._switches is None
    assert layer(view, "rim").empty
    view.close()
