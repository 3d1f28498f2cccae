"""The spectrum meter: what it shows is what the numerics say, and what pencil and paper do."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lyaplab as ll
from lyaplab.engine.exponents import Spectrum
from lyaplab.engine.spectrum import TangentRun
from lyaplab.widgets import spectrum_meter
from lyaplab.widgets._meter_system import _SETTINGS, MeterSystem
from lyaplab.widgets._polygon import Polygon, Sums
from lyaplab.widgets._running import leading
from lyaplab.widgets._tangentplane import TangentPlane
from lyaplab.widgets._tangents import Push, orthogonal


@pytest.fixture(autouse=True)
def errors_are_raised(monkeypatch):
    monkeypatch.setenv("LYAPLAB_RAISE", "1")


@pytest.fixture
def henon():
    view = ll.SpectrumMeter("henon")
    yield view
    view.close()


@pytest.fixture
def net():
    view = ll.SpectrumMeter("tanh", n=12, m=2, gain=1.8, seed=3)
    yield view
    view.close()


def layer(stage, name):
    return next(layer for layer in stage.scene().layers if layer.name == name)


# --- the run -----------------------------------------------------------------------------------------


def test_the_first_estimate_is_that_of_the_model_to_the_last_bit(henon):
    numbers = henon.numbers()
    wanted = ll.Model("henon").lyapunov_spectrum(4000, warmup=500)
    assert np.array_equal(numbers["exponents"], wanted.exponents)
    assert np.array_equal(numbers["stderr"], wanted.stderr)
    assert numbers["kaplan_yorke"] == wanted.kaplan_yorke
    assert not henon._run.worker.running  # calm: no long run before it is asked for


def test_a_run_converges_to_what_the_model_measures_to_the_last_bit(henon):
    henon.until = 0.002
    henon.measure(wait=True)
    wanted = ll.Model("henon").lyapunov_spectrum(spectrum_meter.CAP, until=0.002)
    numbers = henon.numbers()
    assert np.array_equal(numbers["exponents"], wanted.exponents)
    assert np.array_equal(numbers["stderr"], wanted.stderr)
    assert numbers["stderr"].max() < 0.002
    assert numbers["exponents"] == pytest.approx([0.4192, -1.6232], abs=4 * 0.002)  # literature
    assert numbers["exponents"].sum() == pytest.approx(math.log(0.3), abs=1e-10)  # exact
    assert f"{wanted.steps:,} steps" in henon.describe()


def test_the_bands_shrink_around_the_exponents(henon):
    henon.measure(wait=True)
    stage = henon.picture.running.stage
    exponents = henon.numbers()["exponents"]
    for i in (1, 2):
        band, line = layer(stage, f"sure {i}"), layer(stage, f"exponent {i}")
        width = band.upper - band.y
        assert width[-1] == pytest.approx(4 * henon.numbers()["stderr"][i - 1])
        assert width[-1] < width[0] / 20
        assert line.y[-1] == exponents[i - 1]
        assert (np.diff(line.x) > 0).all()


def test_stop_keeps_what_is_there(henon, monkeypatch):
    monkeypatch.setattr(spectrum_meter, "CAP", 10**12)
    henon.until = 1e-12
    henon.measure()
    while henon._long is None:
        assert not henon._run.wait(0.01)
    henon._run.stop()
    assert henon._run.wait(60)
    henon.settle()
    assert "stopped" in henon._run.note.value
    numbers = henon.numbers()
    assert np.array_equal(numbers["exponents"], henon._long.exponents)
    assert "stderr" not in numbers  # those of a run that ends here of itself are others
    names = {}
    exec(henon.code(), names)
    assert names["exponents"] == pytest.approx(numbers["exponents"], abs=1e-9)


def test_a_step_and_its_undo_leave_the_measurement_and_a_knob_does_not(henon):
    henon.measure(wait=True)
    measured = henon._long
    henon.step()
    henon.apart = 3
    henon.undo()
    henon.undo()
    assert henon.now == 0
    assert henon._long is measured
    henon.a = 1.3
    assert henon._long is None


def test_noise_drives_it_as_the_model_is_driven(net):
    net.amplitude, net.noise, net.until = 0.7, 5, 0.02
    net.measure(wait=True)
    model = ll.Model("tanh", n=12, m=2, gain=1.8, seed=3)
    rows = 0.7 * np.random.default_rng(5).standard_normal((500 + spectrum_meter.DRIVEN_CAP, 2))
    assert np.array_equal(net.numbers()["exponents"], model.lyapunov_spectrum(inputs=rows, until=0.02).exponents)
    assert "white noise of amplitude 0.7" in net.describe()


def test_given_inputs_and_own_weights():
    rng = np.random.default_rng(0)
    model = ll.Model("tanh", W=rng.standard_normal((5, 5)), U=rng.standard_normal((5, 2)))
    batch = rng.standard_normal((3, 800, 2))
    view = ll.SpectrumMeter(model, inputs=batch)
    view.measure(wait=True)
    view.compare(wait=True)
    warmup = view.warmup
    every = model.lyapunov_spectrum(600, inputs=batch, warmup=warmup).sequences
    assert np.array_equal(view.numbers()["others"], every[1:])
    first = model.lyapunov_spectrum(inputs=batch[0], warmup=warmup, until=view.until)
    assert np.array_equal(view.numbers()["exponents"], first.exponents)
    assert "Stopped at the cap" in view.describe()
    with pytest.raises(ValueError, match="your own array"):
        view.link()
    view.close()
    alone = ll.SpectrumMeter(model, inputs=batch[1])
    assert "amplitude" not in alone._rows  # no noise beside given inputs
    alone.close()


def test_a_run_that_was_a_transient_says_so(henon):
    view = ll.SpectrumMeter("lorenz63", preset="transient-chaos", warmup=0, until=0.02)
    view.measure(wait=True)
    late = view._trace.drift()
    # at rest: the real part of the leading eigenvalue of a fixed point, which the whole run is far from
    resting = ll.Model("lorenz63", preset="transient-chaos").fixed_points()
    leading = resting.eigenvalues[resting.stable][0].real.max()
    assert late == pytest.approx(leading, abs=0.002)
    whole, error = view.numbers()["exponents"][0], view.numbers()["stderr"][0]
    assert 0.01 < whole - leading < 3 * error  # of the whole the error tells as much
    assert "not settled: the second half of the run alone has" in view.describe()
    view.close()
    henon.measure(wait=True)
    assert "not settled" not in henon.describe()


# --- by hand -----------------------------------------------------------------------------------------


def henon_jacobians(count, warmup):
    """By hand: the orbit, and the derivatives of 1 - a x^2 + y and b x."""
    x, y, found = 0.1, 0.1, []
    for _ in range(warmup + count):
        found.append(np.array([[-2 * 1.4 * x, 1.0], [0.3, 0.0]]))
        x, y = 1 - 1.4 * x * x + y, 0.3 * x
    return found


@pytest.mark.parametrize("apart", [1, 3])
def test_steps_by_hand_are_a_plain_qr_of_the_jacobians(henon, apart):
    henon.warmup, henon.apart, henon.now = 20, apart, 3 * 8 + 1
    jacobians = henon_jacobians(8 * apart, 20)
    frame, sums = np.eye(2), np.zeros(2)
    for i, J in enumerate(jacobians):
        frame = J @ frame
        if i < 20 or (i - 19) % apart == 0:
            frame, R = np.linalg.qr(frame)
            sums += np.log(np.abs(np.diag(R))) * (i >= 20)
    assert henon.numbers()["logs"].sum(axis=0) == pytest.approx(sums, abs=1e-6)  # the orbit is chaotic
    assert henon.numbers()["meter"] == pytest.approx(sums / (8 * apart), abs=1e-6)
    assert "By hand, 8 QRs give" in henon.describe()
    henon.now = 3
    assert "By hand, 1 QR gives" in henon.describe()


def test_steps_by_hand_are_the_beginning_of_the_run():
    view = ll.SpectrumMeter("lorenz63", now=3 * 10)
    model = ll.Model("lorenz63")
    arguments = {"x0": model.start, "inputs": np.zeros((1, 0)), "k": 3, "warmup": 500, "budget": 0.0}
    run = TangentRun(model.cell, model._p, **arguments)
    run.advance(10 * view.apart, spacing=10)
    assert view.apart == 10
    assert view.numbers()["logs"].sum(axis=0) == pytest.approx(run.sums, abs=1e-7)
    dots = layer(view.picture.running.stage, "hand 1")
    assert dots.x[-1] == pytest.approx(math.log10(10 * 10 * 0.01))
    assert dots.y[-1] == pytest.approx(view.numbers()["meter"][0])
    view.close()


def test_three_steps_make_a_qr(henon):
    henon.warmup = 20
    henon.settle()
    stage = henon.picture.tangents.stage
    assert layer(stage, "ellipse").empty
    J = henon_jacobians(1, 20)[-1]
    frame = np.array([[layer(stage, role).x[1], layer(stage, role).y[1]] for role in ("first", "second")]).T
    assert frame.T @ frame == pytest.approx(np.eye(2), abs=1e-12)
    henon.step()  # push
    henon.settle()
    pushed = np.array([[layer(stage, role).x[1], layer(stage, role).y[1]] for role in ("first", "second")]).T
    assert pushed == pytest.approx(J @ frame, abs=1e-9)
    ellipse = np.array([layer(stage, "ellipse").x, layer(stage, "ellipse").y])
    assert np.linalg.norm(np.linalg.solve(J, ellipse), axis=0) == pytest.approx(1.0)  # the image of the circle
    henon.step()  # Gram-Schmidt
    henon.settle()
    left = np.array([[layer(stage, role).x[1], layer(stage, role).y[1]] for role in ("first", "second")]).T
    assert left[:, 0] == pytest.approx(pushed[:, 0])
    assert left[:, 0] @ left[:, 1] == pytest.approx(0.0, abs=1e-12)
    assert len(henon.numbers()["logs"]) == 0
    henon.step()  # logarithms
    assert henon.numbers()["logs"][0] == pytest.approx(np.log(np.linalg.norm(left, axis=0)))


@settings(max_examples=20)
@given(st.integers(0, 10**6), st.sampled_from([(0, 1), (0, 2), (1, 2)]))
def test_the_ellipse_is_the_outline_of_the_image_of_the_ball(seed, axes):
    product = np.random.default_rng(seed).standard_normal((3, 3))
    after, lengths = orthogonal(product)
    plane = TangentPlane(["x", "y", "z"])
    plane.show([Push(product, np.eye(3), product, after, lengths)], 1, axes)
    outline = np.array([layer(plane.stage, "ellipse").x, layer(plane.stage, "ellipse").y])
    plane.stage.close()
    angles = np.linspace(0, np.pi, 7)
    directions = np.array([np.cos(angles), np.sin(angles)]).T
    # how far the image of the unit ball reaches in a direction u is |J' u|
    reach = np.linalg.norm(directions @ product[list(axes)], axis=1)
    assert (directions @ outline).max(axis=1) == pytest.approx(reach, rel=2e-3, abs=2e-3)


def test_one_variable_has_a_tangent_too():
    view = ll.SpectrumMeter("logistic", r=4.0, now=3, warmup=0, x0=[0.3])
    assert view.numbers()["logs"][0, 0] == pytest.approx(math.log(abs(4 - 8 * 0.3)))
    assert view.numbers()["exponents"] == pytest.approx([math.log(2)], abs=5e-3)
    view.close()


# --- sums ----------------------------------------------------------------------------------------------


def spectrum_of(exponents, stderr=0.0):
    values = np.sort(np.asarray(exponents, float))[::-1]
    return Spectrum(values, np.full(len(values), stderr), np.array([1.0]), values[None], steps=1)


@settings(max_examples=40)
@given(st.lists(st.floats(-5, 5).map(lambda x: round(x, 3)), min_size=1, max_size=12))
def test_the_polygon_crosses_zero_at_the_kaplan_yorke_dimension(exponents):
    sums = Sums.of(spectrum_of(exponents), d=len(exponents))
    assert sums.dimension == ll.kaplan_yorke(exponents)
    j = np.arange(len(sums.sums))
    if 0 < sums.dimension < len(exponents):
        assert np.interp(sums.dimension, j, sums.sums) == pytest.approx(0.0, abs=1e-9)
    assert sums.sums.max() == pytest.approx(sums.entropy, abs=1e-12)
    polygon = Polygon(unit="step")
    polygon.show(sums)
    mark = layer(polygon.stage, "dimension")
    scene = polygon.stage.scene()
    polygon.stage.close()
    assert mark.x == pytest.approx([ll.kaplan_yorke(exponents)])
    assert scene.x.low < mark.x[0] < scene.x.high
    assert scene.y.low <= mark.y[0] <= scene.y.high


def test_an_exponent_that_may_be_zero_leaves_the_dimension_open():
    assert "0, or 1 if" in Sums.of(spectrum_of([-0.001, -0.5], 0.001), d=2).dimension_in_words()
    assert Sums.of(spectrum_of([0.4, 0.1]), d=3).dimension_in_words() == "at least 2"
    assert Sums.of(spectrum_of([0.4, -math.inf]), d=2).rule_in_words() == ""


def test_the_scale_leaves_out_what_would_flatten_the_rest():
    assert leading(np.array([0.07, 0.0, -5.39])) == 2
    assert leading(np.array([0.1, 0.09, 0.05, 0.01, -0.1, -0.2, -0.3])) == 6
    assert leading(np.array([-math.inf])) == 1


# --- many exponents, and others ------------------------------------------------------------------------


def test_a_gated_cell_has_two_exponents_a_unit():
    view = ll.SpectrumMeter("lstm", n=5, gain=6.0)
    assert len(view.numbers()["exponents"]) == 10
    plane = view.picture.spectrum.stage
    assert plane.scene().x.high == 2.0
    places = np.sort(np.concatenate([layer(plane, name).x for name in ("positive", "near zero", "negative")]))
    assert places == pytest.approx(np.arange(1, 11) / 5)
    assert layer(plane, "units").x == pytest.approx([1.0, 1.0])
    assert "10 exponents of 5 units, whose state is h and c" in view.describe()
    view.close()


def test_error_bars_stand_on_their_exponents(net):
    errors = layer(net.picture.spectrum.stage, "errors")
    numbers = net.numbers()
    assert errors.x[::3] == pytest.approx(np.arange(1, 13) / 12)
    assert errors.y[1::3] - errors.y[::3] == pytest.approx(4 * numbers["stderr"])


@pytest.mark.parametrize("kind", ["seeds", "sizes", "starts", "inputs"])
def test_others_are_measured_as_the_model_would(net, kind, monkeypatch):
    monkeypatch.setattr(spectrum_meter, "OTHER_STEPS", (200, 200))
    net.against, net.many, net.amplitude = kind, 2, 0.4
    net.compare(wait=True)
    others = net.numbers()["others"]
    assert len(others) == 2
    model = net.model
    rows = [0.4 * np.random.default_rng(seed).standard_normal((700, 2)) for seed in range(3)]
    low, high = model.view
    starts = np.random.default_rng(0).uniform(low, high, (2, 12))
    expected = {
        "seeds": lambda i: model.with_knobs(seed=4 + i).lyapunov_spectrum(200, inputs=rows[0]),
        "sizes": lambda i: model.with_knobs(n=(6, 24)[i]).lyapunov_spectrum(200, inputs=rows[0]),
        "starts": lambda i: model.lyapunov_spectrum(200, inputs=rows[0], x0=starts[i]),
        "inputs": lambda i: model.lyapunov_spectrum(200, inputs=rows[1 + i]),
    }[kind]
    for i in range(2):
        wanted = expected(i).exponents
        assert np.array_equal(others[i][: len(wanted)], wanted)
        assert np.isnan(others[i][len(wanted) :]).all()
    assert layer(net.picture.spectrum.stage, "others").label == f"2 other {kind}"
    assert f"2 other {kind}: largest exponents from" in net.describe()
    names = {}
    exec(net.code(), names)
    assert np.array_equal(names["others"], others, equal_nan=True)


def test_others_need_something_to_differ_in(net, monkeypatch):
    monkeypatch.setenv("LYAPLAB_RAISE", "0")
    net.against = "inputs"
    net._over.go.click()
    assert "no other inputs" in str(net.error)


def test_of_a_small_system_others_get_a_figure_of_their_own(henon, monkeypatch):
    monkeypatch.setattr(spectrum_meter, "OTHER_STEPS", (500, 500))
    figures = henon.picture._figures
    before = len(figures.children)
    henon.compare(wait=True)
    assert len(henon.numbers()["others"]) == 4 - henon._others.lost
    assert f"{henon._others.lost} of the orbits from elsewhere run away" in henon.describe()
    names = {}
    exec(henon.code(), names)
    assert np.array_equal(names["others"], henon.numbers()["others"])
    assert len(figures.children) == before + 1
    assert len(henon._still_stages()) == 4
    henon.b = 0.2
    henon.settle()
    assert len(figures.children) == before


# --- how it opens ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "name"), [(cell, name) for cell in ("tanh", "lstm", "gru") for name in _SETTINGS[cell] if name != "large"]
)
def test_a_preset_shows_what_its_words_say(cell, name):
    system = MeterSystem.of(cell, preset=name)
    amplitude = system.view_of(name)["amplitude"]
    rows = amplitude * np.random.default_rng(0).standard_normal((8000, 10))
    largest = system.model.lyapunov_spectrum(3000, k=4, inputs=rows, warmup=5000)  # no transient
    first, error = largest.exponents[0], largest.stderr[0]
    alone = system.model.lyapunov_spectrum(3000, k=4, warmup=5000).exponents[0]
    if name == "chaotic":
        assert (largest.exponents[:2] > 2 * largest.stderr[:2]).all()
    elif name in ("silent", "forgetful"):
        assert first < -0.1
    elif name == "memory":
        assert -0.05 < first < 0
    elif name == "small":
        assert first > 2 * error
    elif cell == "lstm":
        assert first > 2 * error
        assert alone < -0.1
    else:
        assert first < -2 * error
        assert alone > 0


@pytest.mark.parametrize(("cell", "farthest"), [("lstm", 8.0), ("gru", 6.0), ("tanh", 4.0)])
def test_the_slider_of_the_gain_goes_as_far_as_the_presets(cell, farthest):
    view = ll.SpectrumMeter(cell, n=4)
    assert view._rows["gain"].slider.max == farthest
    assert farthest >= max(setting.knobs["gain"] for setting in _SETTINGS[cell].values())
    view.close()


def test_presets_of_a_random_network_turn_its_size_and_its_noise():
    view = ll.SpectrumMeter("tanh")
    assert (view.n, view.amplitude, view._presets.value) == (50, 0.0, "chaotic")
    view.preset("driven")
    assert (view.amplitude, view._presets.value) == (1.0, "driven")
    assert "all negative: errors die out, so the state follows its input alone" in view.describe()
    view.amplitude = 0.5
    assert view._presets.value is None
    view.preset("small")
    assert (view.n, view.model.d, view.amplitude) == (20, 20, 0.0)
    assert len(view.numbers()["exponents"]) == 20
    view.undo()
    assert view.n == 50
    again = ll.open(view.link())
    assert again.state == view.state
    again.close()
    view.close()


def test_small_systems_open_where_there_is_chaos_and_step(henon):
    assert henon._presets.value == "chaos"
    assert henon._player is not None
    large = ll.SpectrumMeter("tanh", n=8)
    assert large._player is None  # a QR of many vectors cannot be drawn
    assert large.model.m == 10
    large.close()


def test_fewer_exponents_than_there_are(net):
    net.k = 3
    numbers = net.numbers()
    assert np.array_equal(numbers["exponents"], net.model.lyapunov_spectrum(4000, k=3).exponents)
    assert "add up" not in net.describe()


def test_what_is_hidden_is_not_there():
    view = ll.SpectrumMeter("henon", hide=("tangents", "others", "until"))
    assert "logs" not in view.numbers()
    assert view._player is None
    assert {"until", "now", "apart", "many"}.isdisjoint(view._rows)
    assert len(view._still_stages()) == 2
    view.close()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"preset": "chaotik"}, "chaotic"),
        ({"inputs": np.zeros((50, 3))}, r"inputs must have the shape \(T, 10\)"),
        ({"inputs": [[np.nan]]}, "inputs"),
        ({"until": 0.0}, "until must be positive"),
        ({"amplitude": -1.0}, "amplitude must not be negative"),
        ({"x0": [0.1, 0.2]}, "x0 must hold 50 numbers"),
        ({"plane": [2, 2]}, "two different axes"),
        ({"gian": 1.0}, "gain"),
    ],
)
def test_what_does_not_suit_is_said(arguments, message):
    with pytest.raises(Exception, match=message):
        ll.SpectrumMeter("tanh", **arguments)


def test_an_orbit_that_runs_away_is_said_and_the_picture_stays(henon, monkeypatch):
    before = henon.numbers()["exponents"]
    monkeypatch.setenv("LYAPLAB_RAISE", "0")
    henon.preset("divergent")
    assert "leaves the range" in henon.describe()
    assert np.array_equal(henon.numbers()["exponents"], before)
    henon.undo()
    henon.settle()
    assert henon.error is None
