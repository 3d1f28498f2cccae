"""The state space: what it shows is what the numerics say, from whichever side it is seen."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import traitlets as T
from hypothesis import given
from hypothesis import strategies as st

import lyaplab as ll
from lyaplab.widgets import _resting
from lyaplab.widgets._space import ways_out
from lyaplab.widgets._spread import Spread
from lyaplab.widgets._turning import seen_from

angles = st.floats(-180, 180)


@pytest.fixture(autouse=True)
def errors_are_raised(monkeypatch):
    monkeypatch.setenv("LYAPLAB_RAISE", "1")


@pytest.fixture
def view():
    view = ll.StateSpace("tanh", steps=300)
    yield view
    view.close()


def layer(stage, name):
    return next(layer for layer in stage.scene().layers if layer.name == name)


def drag(stage, name, x, y):
    """Say what the page says while the mouse drags a handle and lets it go."""
    for event in ("drag_start", "drag", "drag_end"):
        content = {"event": event, "index": 0, "point": {"x": x, "y": y}}
        stage._plot._marks[name]._handle_custom_msg(content, [])


def drawn(view):
    """All dots of the orbit, whatever their speed."""
    parts = [layer(view.space.stage, f"speed {number}") for number in range(1, 5)]
    return np.concatenate([np.stack([part.x, part.y], axis=1) for part in parts])


# --- the picture ----------------------------------------------------------------------------------


@given(azimuth=angles, elevation=st.floats(-90, 90))
def test_a_view_is_two_orthonormal_directions(azimuth, elevation):
    seen = seen_from(azimuth, elevation)
    np.testing.assert_allclose(seen @ seen.T, np.eye(2), atol=1e-12)


def test_the_dots_are_the_orbit_projected_on_its_components(view):
    states = view.model.orbit(301, warmup=200)
    centred = states[:-1] - states[:-1].mean(axis=0)
    _, sizes, axes = np.linalg.svd(centred, full_matrices=False)
    numbers = view.numbers()
    np.testing.assert_allclose(numbers["orbits"][:, 0], states[:-1])
    np.testing.assert_allclose(np.abs(np.sum(numbers["axes"] * axes[:3], axis=1)), 1.0, atol=1e-9)
    np.testing.assert_allclose(numbers["shares"], sizes[:3] ** 2 / np.sum(sizes**2))
    np.testing.assert_allclose(numbers["speeds"][:, 0], np.linalg.norm(np.diff(states, axis=0), axis=1))
    expected = numbers["places"][:, 0] @ seen_from(view.azimuth, view.elevation).T
    np.testing.assert_allclose(np.sort(drawn(view), axis=0), np.sort(expected, axis=0))


def test_colours_are_quarters_of_the_speed(view):
    lengths = [len(layer(view.space.stage, f"speed {number}").x) for number in range(1, 5)]
    assert lengths == [75, 75, 75, 75]
    powers = [layer(view.speed.stage, f"speed {number}").y for number in range(1, 5)]
    assert all(slow.max() <= fast.min() for slow, fast in pairwise(powers))
    np.testing.assert_allclose(np.sort(10 ** np.concatenate(powers)), np.sort(view.numbers()["speeds"][:, 0]))


def test_turning_is_rigid_and_titles_say_what_lies_along_the_axes(view):
    limits = view.space.stage.scene().x
    distance = np.ptp(drawn(view), axis=0)
    view.azimuth, view.elevation = 0.0, 90.0
    view.settle()
    assert view.space.stage.scene().x.label == f"PC1, {100 * view.numbers()['shares'][0]:.0f} %"
    np.testing.assert_allclose(np.sort(drawn(view)[:, 0]), np.sort(view.numbers()["places"][:, 0, 0]))
    assert (view.space.stage.scene().x.low, view.space.stage.scene().x.high) == (limits.low, limits.high)
    assert np.ptp(drawn(view), axis=0) != pytest.approx(distance)


def test_handles_turn_and_tilt(view):
    stage = view.space.stage
    end = float(np.nanmax(layer(stage, "rails").x))
    drag(stage, "turn", 1.1 * end, 0.0)  # the mouse may leave the rail, the handle does not
    view.settle()
    assert view.azimuth == 180
    assert layer(stage, "turn").x[0] == pytest.approx(end)
    drag(stage, "tilt", 0.0, 0.0)
    assert view.elevation == 0
    view.undo()
    view.undo()
    assert (view.azimuth, view.elevation) == (30, 35)


def test_the_moment_is_marked_in_both_figures(view):
    drag(view.speed.stage, "drag", 120.2, 0.0)
    view.settle()
    assert view.now == 120
    mark, moment = layer(view.space.stage, "now"), layer(view.speed.stage, "now")
    place = view.numbers()["places"][120, 0] @ seen_from(view.azimuth, view.elevation).T
    assert (mark.x[0], mark.y[0]) == pytest.approx(tuple(place))
    assert (moment.x[0], moment.y[0]) == pytest.approx((120, np.log10(view.numbers()["speeds"][120, 0])))
    view.step()
    assert view.now == 121


def test_a_flow_is_a_line_whose_speed_is_that_of_its_field():
    view = ll.StateSpace("rate", n=2, preset="limit-cycle", steps=400)
    numbers = view.numbers()
    field = view.model.field(numbers["orbits"][:, 0])
    np.testing.assert_allclose(numbers["speeds"][:, 0], np.linalg.norm(field, axis=1))
    assert layer(view.space.stage, "speed 1").kind == "line"
    assert view.speed.stage.scene().x.high == pytest.approx(40, rel=0.03)  # in units of time
    assert not any(part.name == "tilt" for part in view.space.stage.scene().layers)  # there is no third axis
    view.close()


def test_an_orbit_that_rests_is_a_dot_and_one_that_runs_away_is_drawn_as_far_as_it_goes():
    view = ll.StateSpace("tanh", n=8, gain=0.5, warmup=5000, steps=50)
    assert np.abs(drawn(view)).max() < 1e-9
    assert view.space.stage.scene().x.span < 1e-3
    view.close()
    view = ll.StateSpace("henon", a=1.4, x0=[2.0, 2.0])
    assert "leaves the range" in view.describe()
    assert len(view.numbers()["orbits"]) < 20
    view.close()


# --- places of rest -------------------------------------------------------------------------------


def test_points_of_a_small_system_are_there_by_themselves():
    view = ll.StateSpace("tanh", n=2, preset="three-attractors")
    found = view.model.fixed_points()
    np.testing.assert_allclose(view.numbers()["fixed_points"], found.points)
    assert len(layer(view.space.stage, "stable").x) == 3
    assert len(layer(view.space.stage, "saddle").x) == 2
    assert len(layer(view.space.stage, "slow").x) == len(view.model.slow_points(64)) == 1
    assert "three stable nodes" in view.describe()
    # A saddle's way out lies along its eigenvector, whichever way it is projected.
    way = layer(view.space.stage, "saddle ways")
    spread = view._spread
    values, vectors = np.linalg.eig(view.model.jacobian(found.points[~found.stable][0]))
    direction = spread.found.axes @ vectors[:, np.abs(values).argmax()].real
    stroke = np.array([way.x[1] - way.x[0], way.y[1] - way.y[0]])
    assert abs(stroke[0] * direction[1] - stroke[1] * direction[0]) < 1e-9 * np.linalg.norm(stroke)
    view.close()


def test_a_plane_that_is_left_turning_is_a_circle_in_space():
    net = ll.Model("tanh", n=64, gain=1.5, seed=6)
    spread = Spread.of(net, net.start[None], 200)
    out = net.unstable_directions(np.zeros(64))
    place = spread.placed(np.zeros(64))
    row, drawn_ways = 0, ways_out(place, out, spread)
    for way in drawn_ways:
        around = np.linalg.norm(way - place, axis=1)
        np.testing.assert_allclose(around, around[0])
        assert (len(way) > 2) == bool(out.eigenvalues[row].imag)
        row += 2 if out.eigenvalues[row].imag else 1
    assert len(drawn_ways) == 2


def test_find_points_of_a_network(view, monkeypatch):
    monkeypatch.setattr(_resting, "FIXED_STARTS", 48)
    monkeypatch.setattr(_resting, "SLOW_STARTS", 8)
    assert "fixed_points" not in view.numbers()
    view.find()
    assert view._run.wait(60)
    view.settle()
    numbers = view.numbers()
    *_, fixed = view.model.iter_fixed_points(48, from_orbit=True)
    np.testing.assert_allclose(numbers["fixed_points"], fixed.points)
    assert view.side.full
    kinds = ("stable", "saddle", "unstable", "marginal", "slow")
    shown = sum(len(layer(view.space.stage, kind).x) for kind in kinds)
    assert shown == len(fixed) + len(numbers["slow_points"])
    view.azimuth = 100.0
    view.undo()  # seen from elsewhere and back: what was found is still true
    view.settle()
    assert "fixed_points" in view.numbers()
    view.gain = 1.2  # another system: it is void
    view.settle()
    assert "fixed_points" not in view.numbers() and not view.side.full


def test_stop_keeps_what_is_there(view, monkeypatch):
    monkeypatch.setattr(_resting, "FIXED_STARTS", 10**5)
    view.find()
    while view._resting is None:
        assert not view._run.wait(0.02)
    view._run.stop()
    assert view._run.wait(60)
    assert "stopped" in view._run.note.value
    assert "So far" in view.describe()
    assert "fixed_points" not in view.numbers()  # a search that was stopped is not what the code would find


# --- any model ------------------------------------------------------------------------------------


def test_own_weights_are_taken_as_they_are_and_do_not_fit_a_link():
    W = 1.4 * np.linalg.qr(np.random.default_rng(0).standard_normal((10, 10)))[0]
    for view in (ll.StateSpace(ll.Model.from_arrays("tanh", W=W)), ll.StateSpace("tanh", W=W)):
        np.testing.assert_array_equal(view.model.weights["W"], W)
        assert list(view._trait_of) == []
        with pytest.raises(ValueError, match="your own"):
            view.link()
        assert "ll.load" in view.code()
        view.close()


def test_layers_and_gates_have_all_their_state_shown():
    stack = ll.Model.stack([ll.Model("tanh", n=4, m=0, seed=1), ll.Model("tanh", n=3, m=4, seed=2)])
    for model, d in ((stack, 7), (ll.Model("lstm", n=4, seed=1), 8)):
        view = ll.StateSpace(model, steps=50)
        assert view.numbers()["orbits"].shape == (50, 1, d)
        view.close()


def test_inputs_drive_the_orbit():
    drive = np.sin(np.arange(120) / 5)[:, None]
    model = ll.Model("tanh", n=2, m=1, w11=0.5, w22=0.5)
    view = ll.StateSpace(model, inputs=drive, starts=2, warmup=20)
    orbits = view.numbers()["orbits"]
    np.testing.assert_allclose(orbits[:, 0], model.orbit(99, x0=model.start, inputs=drive[:119], warmup=20))
    held = model.fixed_points(inputs=drive.mean(axis=0)).points
    np.testing.assert_allclose(view.numbers()["fixed_points"], held)
    with pytest.raises(ValueError, match="inputs are your own"):
        view.link()
    names = {"inputs": drive, "model": model}
    exec(view.code().replace("model = ", "_ = "), names)
    np.testing.assert_allclose(names["places"], view.numbers()["places"])
    view.close()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"system": "logistic"}, "two or more state variables"),
        ({"system": "tanh", "inputs": np.ones((50, 2))}, r"inputs must have the shape \(T, 0\)"),
        ({"system": "tanh", "azimut": 3.0}, "azimut"),
        ({"system": "tanh", "hide": ["azimut"]}, "'azimuth'"),
    ],
)
def test_what_does_not_suit_is_said(arguments, message):
    with pytest.raises((ValueError, TypeError), match=message):
        ll.StateSpace(**arguments)


def test_a_first_state_has_one_number_or_one_for_each_variable():
    view = ll.StateSpace("henon", x0=0.1, steps=20)
    assert (view.numbers()["orbits"][0, 0] == 0.1).all()
    with pytest.raises(T.TraitError, match="2 numbers"):
        view.x0 = [0.1, 0.2, 0.3]
    view.close()


def test_what_is_hidden_is_not_there():
    view = ll.StateSpace("tanh", hide=("points", "speed", "azimuth"), steps=50)
    assert view._run is None and "azimuth" not in view._rows
    assert "fixed point" not in view.describe()
    view.find()  # nothing to press, nothing to do
    assert len(view._still_stages()) == 1
    view.close()
