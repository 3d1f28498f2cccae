"""The transition to chaos: what the figures show is what engine and theory say, coarse first and then refined."""

from __future__ import annotations

import math
import threading
import time

import numpy as np
import pytest

import lyaplab as ll
from lyaplab.engine.region import line_of
from lyaplab.theory import mean_field_flow, mean_field_map
from lyaplab.widgets import _gainsweep, _transition
from lyaplab.widgets._twins import PAIRS, Twins, read


@pytest.fixture(autouse=True)
def errors_are_raised(monkeypatch):
    monkeypatch.setenv("LYAPLAB_RAISE", "1")


@pytest.fixture
def view():
    view = ll.ChaosTransition("tanh", preset="chaos")
    yield view
    view.close()


def layer(stage, name):
    return next(layer for layer in stage.scene().layers if layer.name == name)


def within(box):
    """All widgets in a box, however deep."""
    return [part for child in getattr(box, "children", ()) for part in (child, *within(child))]


# --- the rate of twins ----------------------------------------------------------------------------


def test_the_slope_is_that_of_the_engines_rule_on_independently_followed_twins(view):
    view.settle()
    model = ll.Model("tanh", n=100, gain=1.8, seed=8)
    rng = np.random.default_rng(0)
    starts = model.orbit(701, warmup=500)[::100]
    push = rng.standard_normal((8, 100))
    curves = []
    for start, direction in zip(starts, push, strict=True):
        size = np.sqrt(np.mean(direction**2))
        one, other = (model.orbit(401, x0=x) for x in (start, start + 1e-9 * direction / size))
        curves.append(0.5 * np.log(np.mean((one - other) ** 2, axis=1)))
    orbit = model.orbit(401, x0=starts[0])
    strangers = 0.5 * np.log(np.mean((orbit[200:] - orbit[:201]) ** 2, axis=1)).mean()
    line = line_of(np.array(curves), np.ones(8), saturation=strangers)
    slope, stderr = view.numbers()["slope"]
    # alone a trajectory is rounded otherwise than beside others: the curves part once the distance is of order one
    assert slope == pytest.approx(line.slope, rel=0.02)
    assert stderr == pytest.approx(line.stderr, rel=0.3)
    assert f"part at {slope:.4f} ± {stderr:.4f}" in view.describe()
    assert layer(view.distance.stage, "slope").label == f"slope {slope:.4f} ± {stderr:.4f}"


def test_the_slope_agrees_with_the_exponent_without_any_tangent(view):
    slope, stderr = view.numbers()["slope"]
    exponent, error = view.numbers()["exponent"]
    long = view.model.lyapunov_spectrum(20_000, k=1, warmup=2000)
    assert exponent == pytest.approx(long.exponents[0], abs=4 * math.hypot(error, long.stderr[0]))
    assert slope == pytest.approx(exponent, abs=4 * math.hypot(stderr, error))


def test_the_line_goes_through_the_curve_and_the_band_holds_two_errors(view):
    view.settle()
    mean, line, band = (layer(view.distance.stage, name) for name in ("mean", "slope", "sure"))
    region = layer(view.distance.stage, "region")
    inside = (mean.x >= region.x[0]) & (mean.x <= region.x[-1])
    fitted = np.interp(mean.x[inside], line.x, line.y)
    assert np.abs(fitted - mean.y[inside]).max() < 1.0
    assert np.mean(fitted - mean.y[inside]) == pytest.approx(0.0, abs=1e-9)
    slope, stderr = view.numbers()["slope"]
    rise = (line.y[-1] - line.y[0]) / (line.x[-1] - line.x[0])
    assert rise * math.log(10) == pytest.approx(slope)
    edge = (band.upper[-1] - line.y[-1]) / (line.x[-1] - line.x[1])
    assert edge * math.log(10) == pytest.approx(2 * stderr)


def straight(*pieces, pairs=PAIRS, scatter=0.05, size=1.0):
    """Twins whose log-distances go along pieces (steps, slope), from 1e-9 on."""
    slopes = np.concatenate([[0.0], *(np.full(steps, slope) for steps, slope in pieces)])
    mean = np.log(1e-9) + np.cumsum(slopes)
    noise = scatter * np.random.default_rng(1).standard_normal((len(mean), pairs))
    rng = np.random.default_rng(2)
    states = size * rng.standard_normal((len(mean), 10))
    return Twins(states, states, np.exp(mean[:, None] + noise))


def test_verdicts():
    grown = read(straight((200, 0.1), (200, 0.0)))
    assert (grown.verdict, grown.region[0] < 30, grown.region[1] < 220) == ("part", True, True)
    assert grown.slope == pytest.approx(0.1, abs=0.003)
    fallen = read(straight((60, -0.1)))
    assert fallen.verdict == "meet"
    assert fallen.slope == pytest.approx(-0.1, abs=0.005)
    # a push that first turns into its lasting direction says nothing about the long run
    for turn in (0.1, -0.1):
        stayed = read(straight((30, turn), (370, 0.0)))
        assert stayed.verdict == "stay"
        assert abs(stayed.slope) < 2 * stayed.stderr
    bent = read(straight(*((2, 0.2 * (-1) ** (k // 10)) for k in range(200)), scatter=0.0))
    assert (bent.verdict, math.isnan(bent.slope), bent.region) == ("undecided", True, None)


def test_distances_that_are_rounding_are_left_out():
    twins = straight((300, -0.1))
    assert twins.seen == pytest.approx(math.log(1e5) / 0.1, abs=8)
    assert read(twins).slope == pytest.approx(-0.1, abs=0.005)


@pytest.mark.parametrize(
    ("cell", "preset", "verdict"),
    [
        ("tanh", "silent", "meet"), ("tanh", "edge", "stay"), ("tanh", "loop", "stay"), ("tanh", "small", "meet"),
        ("rate", "loop", "stay"), ("rate", "chaos", "part"),
    ],
)  # fmt: skip
def test_presets_show_what_they_say(cell, preset, verdict):
    view = ll.ChaosTransition(cell, preset=preset, hide=("sweep",))
    with view._lock:
        portrait = view._finish()
    value, stderr, _ = portrait.exponent
    assert portrait.parting.verdict == verdict
    if verdict == "stay":
        assert value == pytest.approx(0.0, abs=max(3 * stderr, 1e-4))
    else:
        assert math.copysign(1, value) == {"meet": -1, "part": 1}[verdict]
        assert abs(value) > 4 * stderr
    view.close()


# --- what is seen -------------------------------------------------------------------------------------


def test_a_hidden_figure_is_nowhere_and_words_are_silent_about_it():
    whole = ll.ChaosTransition("tanh", n=30, gain=1.5)
    view = ll.ChaosTransition("tanh", n=30, gain=1.5, hide=("eigenvalues", "gains"))
    parts = (view.activity, view.cloud, view.distance, view.gains)
    assert [part.stage.box in within(view) for part in parts] == [True, False, True, False]
    assert [*view._still_stages()] == [view.activity.stage, view.distance.stage]
    assert [*whole._still_stages()] == [
        part.stage for part in (whole.activity, whole.cloud, whole.distance, whole.gains)
    ]
    assert whole.describe().startswith(view.describe())
    for text in ("eigenvalues", "Largest exponent"):
        assert text in whole.describe() and text not in view.describe()
    assert "λ" in whole._measured.value and "λ" not in view._measured.value
    assert whole._run in within(whole) and view._run not in within(view)  # its marks would have no place
    assert view.numbers()["exponent"] == pytest.approx(whole.numbers()["exponent"])
    for each in (whole, view):
        each.close()


# --- eigenvalues ------------------------------------------------------------------------------------


def test_eigenvalues_are_those_of_the_weights_and_of_the_jacobian(view):
    view.t = 30
    numbers = view.numbers()
    W = view.model.weights["W"]
    assert numbers["at_rest"] == pytest.approx(np.sort_complex(np.linalg.eigvals(W)), abs=1e-9)
    state = view.model.orbit(31, x0=view._portrait.twins.states[0])[30]
    J = (1 - np.tanh(W @ state) ** 2)[:, None] * W
    assert numbers["along"] == pytest.approx(np.sort_complex(np.linalg.eigvals(J)), abs=1e-8)
    law = layer(view.cloud.stage, "law")
    assert np.hypot(law.x, law.y) == pytest.approx(1.8)
    assert f"{(np.abs(numbers['at_rest']) >= 1).sum()} of W" in view.describe()


def test_eigenvalues_of_a_flow_are_those_of_its_field():
    view = ll.ChaosTransition("rate", n=20, gain=1.5, seed=1, hide=("sweep",), steps=200, t=50)
    with view._lock:  # the theory of the flow takes a while and is not needed
        portrait = view._portrait
        portrait.eigenvalues_at_once()
    W, h = view.model.weights["W"], portrait.twins.states[50]
    assert portrait.at_rest == pytest.approx(np.sort_complex(np.linalg.eigvals(W - np.eye(20))), abs=1e-9)
    J = W / np.cosh(h) ** 2 - np.eye(20)
    assert portrait.along == pytest.approx(np.sort_complex(np.linalg.eigvals(J)), abs=1e-8)
    law = layer(view.cloud.stage, "law")
    assert np.hypot(law.x + 1, law.y) == pytest.approx(1.5)
    view.close()


# --- the exponent against gain --------------------------------------------------------------------------


def test_the_line_is_theory(view):
    line = layer(view.gains.stage, "theory")
    below = line.x < 1
    assert line.y[below] == pytest.approx(np.log(line.x[below]))
    for gain in (1.2, 1.5, 2.0):
        assert np.interp(gain, line.x, line.y) == pytest.approx(mean_field_map(gain).exponent, abs=1e-4)


def test_the_line_of_the_flow_is_theory_between_its_nodes_too():
    gains, exponents = _transition.theory_line(flow=True)
    assert np.interp(0.7, gains, exponents) == pytest.approx(-0.3)
    assert np.interp(1.8, gains, exponents) == pytest.approx(mean_field_flow(1.8).exponent, abs=5e-4)


def test_many_networks_are_those_of_the_engine(view, monkeypatch):
    monkeypatch.setattr(_gainsweep, "GAINS", 3)
    monkeypatch.setattr(_gainsweep, "SEEDS", 2)
    view.measure()
    assert view._run.wait(100)
    mine, other = view._swept
    assert (mine.n, other.n, mine.done, other.done) == (100, 20, 1.0, 1.0)
    model = ll.Model("tanh", n=20, gain=float(other.gains[2]), seed=1)
    alone = model.lyapunov_spectrum(1500, k=1, warmup=500)
    assert other.exponents[2, 1] == alone.exponents[0]
    assert other.mean[2] == pytest.approx(other.exponents[2].mean())
    assert other.stderr[2] == pytest.approx(np.ptp(other.exponents[2]) / 2)  # of two
    assert layer(view.gains.stage, "mine").y == pytest.approx(mine.mean)
    assert layer(view.gains.stage, "other").marker == "diamond"
    assert "6 networks of 20 units" in view.describe()
    view.gain, view.seed = 1.2, 5.0  # other networks of the same sizes: what was measured holds
    assert view._swept
    view.n = 50
    view.settle()
    assert not view._swept
    assert layer(view.gains.stage, "mine").empty
    assert layer(view.gains.stage, "mine").label == "N = 50"


def test_stop_keeps_what_is_measured(view, monkeypatch):
    monkeypatch.setattr(_gainsweep, "SEEDS", 500)
    view.measure()
    while not view._swept:
        assert not view._run.wait(0.02)
    view._run.stop()
    assert view._run.wait(60)
    assert "stopped" in view._run.note.value
    assert 0 < view._swept[0].done < 1
    assert not layer(view.gains.stage, "mine").empty


# --- coarse, then refined; hands ------------------------------------------------------------------------------


def test_a_move_is_coarse_first_and_refined_later(view):
    view.settle()
    assert view._portrait.done
    with view._lock:  # nothing can be refined meanwhile
        view.gain = 1.7
        view._schedule.flush()
        first = view._portrait
        assert (first.done, first.parting, first.twins.pairs) == (False, None, 1)
        assert layer(view.distance.stage, "pairs").empty
        assert layer(view.distance.stage, "slope").empty
        coarse = first.exponent
        assert layer(view.gains.stage, "this").y == pytest.approx([coarse.value])
        one = layer(view.distance.stage, "mean").y
    view.settle()
    assert view._portrait is first
    assert (first.done, first.twins.pairs) == (True, PAIRS)
    assert first.exponent.steps > 10 * coarse.steps
    assert first.exponent.stderr < coarse.stderr
    assert first.exponent.value == pytest.approx(coarse.value, abs=5 * coarse.stderr)
    assert np.log10(first.twins.distances[:, 0]) == pytest.approx(one)  # the pair on show stays as it was


def test_refinement_comes_by_itself(view):
    while not view._portrait.done:
        assert not threading.Event().wait(0.02)
    assert layer(view.distance.stage, "slope").x.size == 3


def test_a_mark_moved_in_time_measures_nothing_anew(view):
    view.settle()
    before = view._portrait
    view.step()
    view.settle()
    assert view.t == 181
    assert view._portrait.exponent is before.exponent
    assert view._portrait.twins is before.twins
    assert not np.allclose(view._portrait.along, before.along)
    window = view.activity.stage.scene().x
    assert (window.low, window.high) == (131, 231)


def test_handles_turn_gain_and_time(view):
    def drag(stage, name, x):
        message = {"event": "drag_end", "index": 0, "point": {"x": x, "y": 0.0}}
        mark = stage._plot._marks[name]
        mark._handle_custom_msg({**message, "event": "drag"}, [])
        mark._handle_custom_msg(message, [])

    drag(view.gains.stage, "gain", 1.234)
    assert view.gain == 1.234
    drag(view.distance.stage, "time", 77.4)
    assert view.t == 77
    view.undo()
    assert view.gain == 1.234


def test_sizes_from_two_to_five_hundred():
    view = ll.ChaosTransition("tanh", n=2, gain=1.5, seed=1, hide=("sweep",))
    assert view.numbers()["activity"].shape == (401, 2)
    assert view.model.d == 2
    view.n = 3
    assert view.numbers()["at_rest"].shape == (3,)
    again = ll.open(view.link())
    assert again.state == view.state
    again.close()
    view.close()


@pytest.mark.parametrize(
    ("system", "arguments", "message"),
    [
        ("logistic", {}, "random networks"),
        ("tanh", {"n": 501}, "n"),
        ("tanh", {"gian": 1.2}, "gain"),
        ("tanh", {"preset": "chaotic"}, "chaos"),
        (ll.Model("tanh", W=[[0.0, 1.0], [1.0, 0.0]]), {}, "weights of its own"),
        (ll.Model("tanh", n=10, symmetry=0.5), {}, "symmetry"),
    ],
)
def test_what_does_not_suit_is_said(system, arguments, message):
    with pytest.raises(ValueError, match=message):
        ll.ChaosTransition(system, **arguments)


def test_a_model_is_shown_as_it_is():
    view = ll.ChaosTransition(ll.Model("tanh", n=30, gain=1.3, seed=4))
    assert (view.n, view.gain, view.seed) == (30.0, 1.3, 4.0)
    assert np.array_equal(view.model.weights["W"], ll.Model("tanh", n=30, gain=1.3, seed=4).weights["W"])
    assert "ll.Model('tanh', n=30, gain=1.3, seed=4)" in view.code()
    view.close()


def test_closing_ends_what_runs(monkeypatch):
    monkeypatch.setattr(_gainsweep, "SEEDS", 500)
    threads = set(threading.enumerate())
    view = ll.ChaosTransition("tanh", preset="chaos")
    view.measure()
    view.gain = 1.4
    view.close()
    patience = time.monotonic() + 30  # a timer that was just drawing is let go, not waited for
    while not set(threading.enumerate()) <= threads and time.monotonic() < patience:
        time.sleep(0.02)
    assert set(threading.enumerate()) <= threads
