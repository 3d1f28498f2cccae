"""Results shown as small widgets: every kind has a view whose figure holds the result's own numbers."""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from PIL import Image

import lyaplab as ll
import lyaplab.theory
import lyaplab.widgets
from lyaplab.engine.cycles import Cycles
from lyaplab.engine.result import Result
from lyaplab.widgets._reading import measured
from lyaplab.widgets._results import VIEWS, result_view

PAIR = ll.Model("tanh", preset="three-attractors")
# Where two fixed points have just met and gone: the state lingers there.
GHOSTS = ll.Model("tanh", n=2, W=[[1.5, 0.05], [-0.05, 1.5]], b=[0.22, 0.22])
LOGISTIC = ll.Model("logistic", r=4.0)

SHOWN = {
    "Spectrum": lambda: ll.Model("lorenz63").lyapunov_spectrum(5000),
    "GradientNorms": lambda: ll.Model("henon").gradient_norms(300),
    "GradientHorizons": lambda: ll.gradient_horizons(PAIR, 100),
    "LossSlice": lambda: ll.loss_slice(LOGISTIC, horizons=(2, 40), span=0.01, points=101),
    "FixedPoints": lambda: PAIR.fixed_points(),
    "SlowPoints": lambda: GHOSTS.slow_points(64),
    "Cycles": lambda: ll.Model("henon").cycles(6),
    "Basins": lambda: PAIR.basins(resolution=(30, 20)),
    "Section": lambda: ll.Model("roessler").section("y", steps=20_000),
    "ReturnMap": lambda: ll.Model("roessler").section("y", steps=20_000).return_map(),
    "TwoTrajectories": lambda: LOGISTIC.two_trajectories(2000),
    "SeriesExponent": lambda: ll.lyapunov_from_data(LOGISTIC.orbit(1000)[:, 0]),
}
# Results in which there is little or nothing to see.
BARE = {
    "no slow point": lambda: ll.Model("henon").slow_points(8),
    "no cycle": lambda: Cycles(
        np.empty((0, 2, 2)), np.empty(0, int), np.empty((0, 2), complex), np.empty(0, str), np.empty(0), 2, 8, 0.0
    ),
    "no pass": lambda: ll.Model("lorenz63").section("x", 1000.0, steps=100),
    "a pass": lambda: ll.Model("lorenz63").section("y", steps=60),
    "on a line": lambda: ll.Model("tanh", n=1, W=[[2.0]]).fixed_points(),
    "slow on a line": lambda: ll.Model("tanh", n=1, W=[[1.5]], b=[0.22]).slow_points(16),
    "a cycle on a line": lambda: ll.Model("logistic", r=3.2).cycles(2),
    "wiped out": lambda: ll.Model("logistic", r=2.0).two_trajectories(200),
    "no weights": lambda: ll.gradient_horizons(ll.Model("lorenz63"), 50),
    "gradients wiped out": lambda: ll.gradient_horizons(ll.Model("logistic", r=2.0), 50, x0=[0.5], warmup=0),
    "many horizons": lambda: ll.loss_slice(LOGISTIC, horizons=range(2, 12), span=0.01, points=11),
    "noise": lambda: ll.lyapunov_from_data(np.random.default_rng(0).standard_normal(600)),
    "a sine": lambda: ll.lyapunov_from_data(np.sin(0.1234 * np.arange(600))),
}


@pytest.fixture(params=SHOWN)
def result(request) -> Result:
    made = SHOWN[request.param]()
    assert type(made).__name__ == request.param
    return made


def layers(stage) -> dict:
    return {layer.name: layer for layer in stage.scene().layers}


def bundle_of(view) -> dict:
    data = view._repr_mimebundle_()
    return data[0] if isinstance(data, tuple) else data


def test_every_view_is_shown_here():
    assert {kind.__name__ for kind in VIEWS} == set(SHOWN)


def test_shown_with_words_and_a_still(result):
    view = result.show()
    assert view.words == repr(result)
    data = bundle_of(view)
    assert data["text/plain"] == repr(result)
    assert any(not layer.empty for stage in view.stages for layer in stage.scene().layers)
    image = Image.open(io.BytesIO(base64.b64decode(data["image/png"])))
    assert len(np.unique(np.asarray(image.convert("L")))) > 10  # something is drawn on it
    view.close()


@pytest.mark.parametrize("kind", BARE)
def test_a_result_in_which_there_is_little_to_see_is_shown_too(kind):
    result = BARE[kind]()
    view = result.show()
    assert view.stages and view.words == repr(result)
    assert "image/png" in bundle_of(view)
    view.close()


def test_the_spectrum_shows_its_own_numbers():
    spectrum = ll.Model("henon").lyapunov_spectrum(5000)
    view = spectrum.show()
    running, whole = map(layers, view.stages)
    np.testing.assert_allclose(running["exponent-0"].y, spectrum.history[:, 0])
    np.testing.assert_allclose(running["exponent-0"].x, spectrum.times)
    np.testing.assert_allclose(whole["exponents"].y, spectrum.exponents)


def test_the_slope_of_a_flow_is_drawn_per_step():
    norms = ll.Model("lorenz63", dt=0.02).gradient_norms(2000)
    line = layers(norms.show().stages[0])["slope"]
    rise = (line.y[1] - line.y[0]) / (line.x[1] - line.x[0])
    assert rise == pytest.approx(norms.slope * 0.02)


def test_gradients_on_a_ring_grow_like_the_horizon():
    found = ll.gradient_horizons(ll.Model("tanh", preset="invariant-circle"), 3000)
    state, weights = map(layers, found.show().stages)
    assert np.array_equal(state["state"].y, found.log_norms) and abs(state["slope"].y[-1]) < 1.0
    long = weights["tangent"].x > 2  # from 100 steps on, beside the dashed line
    slope = np.polyfit(weights["tangent"].x[long], weights["tangent"].y[long], 1)[0]
    assert slope == pytest.approx(np.diff(weights["like T"].y)[0] / np.diff(weights["like T"].x)[0], rel=0.05)


def test_a_slice_has_a_lane_for_each_horizon_as_far_as_there_is_room():
    found = ll.loss_slice(ll.Model("logistic", r=3.9), horizons=(2, 5, 40), span=0.01, points=101)
    lanes = layers(found.show().stages[0])
    assert [float(np.nanmin(lanes[f"T = {T}"].y)) for T in (2, 5, 40)] == [2.0, 1.0, 0.0]
    assert lanes["T = 40"].y == pytest.approx(0.82 * found.losses[2] / found.losses[2].max())
    many = layers(BARE["many horizons"]().show().stages[0])
    assert sum(name.startswith("T = ") for name in many) == 6 and {"T = 2", "T = 11"} <= set(many)


def test_the_distance_of_two_trajectories_grows_as_the_exponent_says():
    found = LOGISTIC.two_trajectories(5000)
    grown, running = map(layers, found.show().stages)
    # e^(0.693 t) has log10(2) t powers of ten
    assert grown["distance"].y[-1] == pytest.approx(5000 * np.log10(2.0), rel=0.01)
    assert grown["slope"].y[-1] == pytest.approx(grown["distance"].y[-1])
    np.testing.assert_allclose(running["estimate"].y, found.history)
    band = running["sure"]
    assert band.upper[-1] - band.y[-1] == pytest.approx(4 * found.stderr)
    assert band.upper[0] - band.y[0] > 5 * (band.upper[-1] - band.y[-1])


def test_the_line_of_a_series_has_its_slope_and_lies_on_the_curve():
    found = SHOWN["SeriesExponent"]()
    shown = layers(found.show().stages[0])
    line, curve = shown["slope"], shown["curve"]
    assert (line.y[1] - line.y[0]) / (line.x[1] - line.x[0]) == pytest.approx(found.exponent)
    inside = (found.times >= found.region[0]) & (found.times <= found.region[1])
    on_line = np.interp(found.times[inside], line.x, line.y)
    assert np.abs(on_line - curve.y[inside]).max() < 0.2
    assert shown["region"].x.tolist() == found.region.tolist()
    assert shown["slope"].label == f"slope {measured(found.exponent, found.stderr)} per step"


def test_a_series_without_a_region_claims_no_slope():
    shown = layers(BARE["noise"]().show().stages[0])
    assert shown["slope"].empty and shown["slope"].label is None
    assert shown["region"].empty and shown["region"].label is None
    assert not shown["curve"].empty


def test_cycles_show_every_state_once_and_multipliers_per_step():
    found = ll.Model("logistic", r=3.84).cycles(3)
    plane, growths = map(layers, found.show().stages)
    states = np.sort(np.concatenate([plane[kind].x for kind in ("stable", "unstable")]))
    assert len(states) == int(found.periods.sum()) == 8
    np.testing.assert_allclose(plane["stable"].y, 3.84 * plane["stable"].x * (1 - plane["stable"].x))
    stable = int(np.flatnonzero(found.stable)[0])
    assert growths["stable"].y[0] == pytest.approx(np.log(abs(found.multipliers[stable, 0])) / 3)
    assert growths["stable"].y[0] == pytest.approx(
        ll.Model("logistic", r=3.84).lyapunov_spectrum(20_000).exponents[0], abs=1e-3
    )


def test_slow_points_carry_their_speed():
    found = SHOWN["SlowPoints"]()
    shown = layers(found.show().stages[0])["slow"]
    np.testing.assert_allclose(shown.x, found.points[:, 0])
    assert shown.names[0] == "q = 0.00026"


def test_a_section_shows_the_coordinates_that_vary():
    found = SHOWN["Section"]()
    states, returns = found.show().stages
    assert (states.scene().x.label, states.scene().y.label) == ("x", "z")  # y is held
    np.testing.assert_allclose(layers(states)["passes"].x, found.points[:, 0])
    np.testing.assert_allclose(layers(returns)["returns"].y, found.points[1:, 0])


def test_a_section_passed_both_ways_tells_them_apart():
    found = ll.Model("roessler").section("y", direction="both", steps=5000)
    (stage,) = found.show().stages
    shown = layers(stage)
    assert len(shown["passes"].x) == (found.directions == 1).sum()
    assert len(shown["down"].x) == (found.directions == -1).sum()


def test_basins_and_attractors_have_one_colour():
    shown = layers(SHOWN["Basins"]().show().stages[0])
    assert shown["attractors"].roles == ("basin-1", "basin-2", "basin-3")


def test_what_is_no_result_is_refused():
    with pytest.raises(TypeError, match="no view for a int"):
        result_view(3)
