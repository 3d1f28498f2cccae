"""The cobweb: what it shows is what the numerics say."""

from __future__ import annotations

import math
import threading

import numpy as np
import pytest

import lyaplab as ll
from lyaplab.errors import DivergenceError
from lyaplab.widgets import cobweb
from lyaplab.widgets._reading import measured, reading, regime


@pytest.fixture(autouse=True)
def errors_are_raised(monkeypatch):
    monkeypatch.setenv("LYAPLAB_RAISE", "1")


@pytest.fixture
def view():
    view = ll.Cobweb("logistic", r=3.2, x0=0.1, steps=30)
    yield view
    view.close()


def layer(stage, name):
    return next(layer for layer in stage.scene().layers if layer.name == name)


def test_the_curve_the_orbit_and_the_stairs_are_those_of_the_map(view):
    numbers = view.numbers()
    x = numbers["curve_x"]
    assert numbers["curve"] == pytest.approx(3.2 * x * (1 - x))
    orbit = numbers["orbit"]
    assert len(orbit) == 31
    assert orbit[0] == 0.1
    assert orbit[1:] == pytest.approx(3.2 * orbit[:-1] * (1 - orbit[:-1]))
    stairs = layer(view.web, "stairs")
    corners_on_curve = stairs.x[1::2], stairs.y[1::2]
    assert corners_on_curve[1] == pytest.approx(3.2 * corners_on_curve[0] * (1 - corners_on_curve[0]))
    assert stairs.x[2::2] == pytest.approx(stairs.y[2::2])  # the others lie on the diagonal
    assert stairs.y[0] == view.web.scene().y.low  # it begins at the axis, where the start is grabbed
    assert layer(view.time, "orbit").y == pytest.approx(orbit)


def test_fixed_points_stand_by_kind_with_their_slopes(view):
    assert view.numbers()["fixed_points"] == pytest.approx([0, 1 - 1 / 3.2], abs=1e-9)
    assert view.numbers()["slopes"] == pytest.approx([3.2, 2 - 3.2])
    assert len(layer(view.web, "unstable").x) == 2
    assert layer(view.web, "stable").empty
    view.r = 2.5
    view.settle()
    assert layer(view.web, "stable").x == pytest.approx([0.6])
    assert layer(view.web, "stable").marker == "disc"
    assert layer(view.web, "unstable").marker == "square"
    texts = [name for part in view.web.scene().layers if part.kind == "text" for name in part.names]
    assert sorted(texts) == ["slope 2.5", "slope −0.5"]


@pytest.mark.parametrize(("cell", "knobs"), [("logistic", {"r": 3.2}), ("logistic", {"r": 4.0}), ("tanh", {"w": 2.0})])
def test_slopes_stand_where_the_start_is_not(cell, knobs):
    view = ll.Cobweb(cell, **knobs, steps=30)
    for x0 in np.linspace(*view._window, 25):
        view.x0 = float(x0)
        view.settle()
        scene = view.web.scene()
        grip = np.array(scene.to_pixels(layer(view.web, "start").x, layer(view.web, "start").y)).ravel()
        for text in (part for part in scene.layers if part.kind == "text"):
            for x, y, word in zip(*scene.to_pixels(text.x, text.y), text.names, strict=True):
                left = x + text.shift[0] - (7 * len(word) if text.align == "end" else 0)
                middle = y + text.shift[1] - 4
                beside = grip[0] + 7 < left or left + 7 * len(word) < grip[0] - 7
                assert beside or abs(grip[1] - middle) > 13, (x0, word)
                assert left >= 0 and left + 7 * len(word) <= scene.plot[0]
                assert 0 < middle < scene.plot[1]
    view.close()


def test_a_slope_of_one_is_marginal():
    view = ll.Cobweb("tanh", w=1.0, x0=0.5)
    assert layer(view.web, "marginal").x == pytest.approx([0.0], abs=1e-3)
    assert "marginal" in view.describe()
    view.close()


def test_both_figures_show_the_same_states_at_the_same_height(view):
    web, time = view.web.scene(), view.time.scene()
    assert (web.y.low, web.y.high, web.height) == (time.y.low, time.y.high, time.height)


def test_the_exponent_is_right_within_its_error(view):
    exact = 0.5 * math.log(abs(4 + 2 * 3.2 - 3.2**2))  # of the two-cycle
    assert view.numbers()["exponent"] == pytest.approx([exact], abs=5e-3)
    assert "repeats every 2 steps (0.513, 0.799)" in view.describe()


def test_a_long_run_converges_and_says_so(view, monkeypatch):
    monkeypatch.setattr(cobweb, "LONG_STEPS", 2_000_000)
    view.r = 4.0
    assert len(view._figures.children) == 1  # calm: no third figure before it is asked for
    view.measure()
    assert view._run.wait(60)
    value, stderr = view._best()
    assert value == pytest.approx(math.log(2), abs=max(4 * stderr, 1e-4))
    assert stderr < 1e-3
    assert len(view._figures.children) == 2
    band, line = layer(view.convergence.stage, "sure"), layer(view.convergence.stage, "lambda")
    widths = band.upper - band.y
    assert widths[-1] < widths[0] / 10  # the band has shrunk
    assert line.y[-1] == pytest.approx(value, abs=1e-6)
    assert "2,000,000 steps" in view._exponent.value
    view.x0 = 0.3  # another orbit: the measurement is void
    view.settle()
    assert view._long is None
    assert len(view._figures.children) == 1


def test_stop_keeps_what_is_there(view, monkeypatch):
    monkeypatch.setattr(cobweb, "LONG_STEPS", 10**12)
    view.measure()
    while view._long is None:
        assert not view._run.wait(0.02)
    view._run.stop()
    assert view._run.wait(60)
    assert "stopped" in view._run.note.value
    assert len(view._figures.children) == 2


def test_closing_ends_what_runs(monkeypatch):
    monkeypatch.setattr(cobweb, "LONG_STEPS", 10**12)
    threads = set(threading.enumerate())
    view = ll.Cobweb("logistic", r=3.2)
    view.measure()
    view.play()
    view.x0 = 0.4
    view.close()
    assert set(threading.enumerate()) <= threads


def test_a_measurement_that_fails_says_so_and_the_picture_stays(monkeypatch):
    monkeypatch.setenv("LYAPLAB_RAISE", "0")
    view = ll.Cobweb("logistic", r=4.5, x0=0.3)
    before = view.numbers()["curve"]
    view.measure()
    assert view._run.wait(60)
    assert isinstance(view.error, DivergenceError)
    assert "failed" in view._run.note.value
    assert "leaves the range" in view._card.error.value
    assert np.array_equal(view.numbers()["curve"], before)
    view.close()


def test_a_step_adds_one_bounce_and_marks_it(view):
    before = view.numbers()["orbit"]
    view.step()
    orbit = view.numbers()["orbit"]
    assert len(orbit) == len(before) + 1
    last = layer(view.web, "last")
    assert (last.x[-1], last.y[-1]) == pytest.approx((orbit[-1], orbit[-1]))
    assert last.x[0] == pytest.approx(orbit[-2])


def test_play_ends_by_itself(monkeypatch):
    monkeypatch.setattr(ll.Cobweb, "play_every", 0.0)
    view = ll.Cobweb("logistic", r=3.2, steps=cobweb.MOST_STEPS - 3)
    assert not view.playing
    view.play()
    assert view._player.worker.wait(60)
    assert view.steps == cobweb.MOST_STEPS
    view.undo()
    assert view.steps == cobweb.MOST_STEPS - 3  # one play is one step of undo
    view.close()


def test_an_orbit_that_runs_away_is_drawn_as_far_as_it_goes():
    view = ll.Cobweb("logistic", r=4.5, x0=0.3, steps=60)
    assert view.error is None
    orbit = view.numbers()["orbit"]
    assert 5 < len(orbit) < 61
    assert np.isfinite(orbit).all()
    assert "runs away" in view.describe()
    assert math.isnan(view.numbers()["exponent"][0])
    assert np.abs(layer(view.time, "orbit").y).max() < 100  # the page computes in float32
    view.close()


def test_a_learners_own_map_from_a_plain_function():
    def sine(x, r=0.8):
        return r * np.sin(np.pi * x)

    view = ll.Cobweb(sine)
    orbit = view.numbers()["orbit"]
    assert orbit[1] == pytest.approx(0.8 * math.sin(math.pi * orbit[0]))
    assert "def" in view.code() or "define it above" in view.code()
    view.close()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("henon",), "PhasePlane"),
        (("logistics",), "'logistic'"),
        (("tanh", "bistabel"), "preset"),
    ],
)
def test_what_does_not_suit_is_said(arguments, message):
    with pytest.raises(ValueError, match=message):
        ll.Cobweb(arguments[0], preset=arguments[1] if len(arguments) > 1 else None)


def test_a_model_is_shown_as_it_is():
    model = ll.Model("tanh", n=1).with_knobs(w=1.5, b=0.25)
    view = ll.Cobweb(model)
    assert (view.w, view.b) == (1.5, 0.25)
    again = ll.open(view.link())
    assert again.numbers()["orbit"] == pytest.approx(view.numbers()["orbit"])
    again.close()
    view.close()


@pytest.mark.parametrize(
    ("exponent", "stderr", "said"),
    [
        (-0.5108, 0.0, "after 10 steps an error is 170 times smaller"),
        (-0.01, 0.0, "after 100 steps an error is 2.7 times smaller"),
        (-3.0, 0.0, "10¹³ times smaller"),
        (math.log(2), 0.001, "doubles every 1 step."),
        (0.1, 0.0, "doubles every 6.93 steps"),
        (0.001, 0.001, "neither grow nor shrink"),
        (-math.inf, math.nan, "wiped out"),
        (math.nan, math.nan, "not known"),
    ],
)
def test_an_exponent_in_words(exponent, stderr, said):
    assert said in reading(exponent, stderr)


def test_error_bars_decide_the_digits():
    assert measured(0.69312, 0.0012) == "0.6931 ± 0.0012"
    assert measured(123.4, 12.0) == "123 ± 12"


def test_regimes_in_words():
    assert regime(np.full(40, 0.5)) == "rests at 0.5"
    assert regime(np.tile([0.1, 0.2, 0.3], 20)).startswith("repeats every 3 steps")
    wandering = ll.Model("logistic", r=4.0).orbit(64, x0=[0.3], warmup=100)[:, 0]
    assert regime(wandering).startswith("does not repeat")
