"""Learning as a dynamical system: what the widget shows is theory, the scalar map, and what each preset says."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest
import traitlets as T
from ipywidgets.widgets import widget as registry
from scipy.optimize import minimize

import lyaplab as ll
from lyaplab.widgets._filtersystem import FilterSystem
from lyaplab.widgets._learning import Theory, stride
from lyaplab.widgets._learningwords import verdict


@pytest.fixture(autouse=True)
def errors_are_raised(monkeypatch):
    monkeypatch.setenv("LYAPLAB_RAISE", "1")


@pytest.fixture
def lab():
    """Make widgets that are closed at the end."""
    made = []

    def make(**params):
        made.append(ll.OutlierLab(**params))
        return made[-1]

    yield make
    for view in made:
        view.close()


def layer(stage, name):
    return next(layer for layer in stage.scene().layers if layer.name == name)


def finished(view):
    view.settle()
    return view._learnt.moment(view.t)


# --- theory ------------------------------------------------------------------------------------------


def test_the_reduced_equations_are_those_of_one_outlier(lab):
    view = lab(n=20, g=0.0, target=0.9, horizon=80, updates=300)
    theory = Theory(view.asked)
    one = ll.theory.outlier_flow(theory.task, times=theory.flow.times)
    assert theory.eigenvalues.shape[1] == 1
    assert np.abs(theory.eigenvalues[:, 0] - one.eigenvalue).max() < 1e-6
    assert np.abs(theory.filter(one.times[200]) - one.eigenvalue[200] ** theory.task.lags).max() < 1e-6


def test_the_theory_of_a_pair_ends_as_the_target_and_has_the_rate_of_the_network(lab):
    view = lab(preset="oscillator", n=20, g=0.0)
    moment, theory = finished(view), view._theory
    assert theory.filter(theory.until) == pytest.approx(theory.task.filter(theory.task.lags), abs=1e-4)
    assert theory.filter(0.0)[0] == pytest.approx(view.norm**2 * math.cos(theory.asked.angle), abs=1e-12)
    assert moment.run.record.rate[0] == pytest.approx(view.rate * theory.critical, rel=1e-2)
    view.norm = 3.0  # the start is steeper than the goal then
    assert finished(view).run.record.rate[0] == pytest.approx(view.rate * view._theory.critical, rel=1e-2)


@pytest.mark.parametrize(("g", "share"), [(0.0, 0.01), (0.02, 0.02)])
def test_the_outlier_of_a_network_takes_the_time_that_theory_says(lab, g, share):
    view = lab(n=100, g=g, target=0.9, horizon=80, rate=0.1, updates=1000)
    moment = finished(view)
    times, reached = moment.run.record.snapshot_times, moment.run.record.leading.real
    found = float(np.interp(0.8, reached[: reached.argmax() + 1], times[: reached.argmax() + 1]))
    assert found == pytest.approx(0.5017, rel=share)  # SCIENCE: 0.5016 by another integrator


def test_the_critical_rate_of_the_integrator_is_known(lab):
    view = lab(preset="integrator", n=20)
    assert view.numbers()["critical"] == pytest.approx(12 / (19 * 20 * 39), rel=1e-12)
    assert view.numbers()["leading"][-1] == pytest.approx(1.0, abs=2e-3)


# --- what the presets say ----------------------------------------------------------------------------


def test_a_pair_comes_out_by_meeting_on_the_real_axis(lab):
    view = lab(preset="oscillator", n=50)
    moment = finished(view)
    numbers = view.numbers()
    assert numbers["leading"][-1] == pytest.approx(0.702, abs=2e-3)
    assert numbers["turning"][-1] == pytest.approx(0.384, abs=2e-3)
    out = np.hypot(numbers["leading"], numbers["turning"]) > 0.12
    real = numbers["turning"][out] == 0.0
    assert real[:5].all() and not real[-20:].any()
    assert len(moment.outliers) == 2
    assert "a pair of eigenvalues has come out" in view._measured.value


def test_it_is_stuck_at_the_best_single_exponential(lab):
    view = lab(preset="stuck", n=20)
    moment = finished(view)
    task = Theory(view.asked).task

    def loss(point):
        return 0.5 * float(np.sum((point[0] * point[1] ** task.lags - task.filter(task.lags)) ** 2))

    best = minimize(loss, [0.8, 0.5], tol=1e-12)
    assert moment.loss == pytest.approx(best.fun, rel=1e-6)
    assert moment.outliers == pytest.approx([best.x[1]], abs=1e-3)
    assert (moment.outliers.imag == 0.0).all()
    assert "Stuck" in view.describe()


def test_a_full_disc_learns_without_an_outlier(lab):
    view = lab(preset="lazy")
    moment = finished(view)
    assert not len(moment.outliers)
    assert moment.loss < 1e-3 * moment.run.record.loss[0]
    assert moment.relative_change < 0.05
    assert moment.change == pytest.approx(np.linalg.norm(moment.run.record.W - moment.run.record.W0), rel=1e-9)
    assert "Lazy" in view.describe()
    assert layer(view.course.stage, "none").names == ("no eigenvalue leaves the disc",)


def test_above_the_critical_rate_the_outlier_is_an_orbit_of_the_scalar_map(lab):
    view = lab(preset="unstable rate", n=20, g=0.0)
    moment = finished(view)
    lags, rate, place = np.arange(50.0), float(moment.run.record.rate[0]), 0.0
    orbit = [place]
    for _ in range(view.updates):
        error = place**lags - 0.9**lags
        place -= rate * float(error[1:] @ (lags[1:] * place ** (lags[1:] - 1.0)))
        orbit.append(place)
    record = moment.run.record
    assert record.leading.real == pytest.approx(np.array(orbit)[record.snapshot_updates], abs=1e-6)
    assert abs(orbit[-1] - orbit[-2]) > 0.03 and abs(orbit[-1] - orbit[-3]) < 1e-6
    assert "between two places" in view.describe()
    assert stride(view.updates) % 2  # both places are looked at
    for rate, said in ((1.3, "between four places"), (2.0, "without rest")):
        view.rate = rate  # periods double on the way to chaos
        assert said in view.describe()


def test_every_preset_opens_at_its_end_and_says_so(lab):
    view = lab(n=10)
    for name in FilterSystem.of("linear").presets():
        view.preset(name)
        assert view.t == view.updates
        assert view._presets.value == name
    view.rate = 0.7
    assert view._presets.value is None
    with pytest.raises(ValueError, match="oscillator"):
        view.preset("oscilator")


# --- when it goes wrong ------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [5.0, 1e6])
def test_a_training_that_is_lost_ends_with_the_step_and_a_sentence(lab, rate):
    view = lab(n=20, target=0.9, horizon=50, rate=rate, updates=300)
    moment = finished(view)
    assert moment.run.lost is not None and moment.run.done
    assert f"Update {moment.run.lost} threw the loss" in view.describe()
    assert view.error is None
    for stage in view.stages:
        scene = stage.scene()
        assert math.isfinite(scene.x.span) and scene.x.span > 0 and math.isfinite(scene.y.span)
    view.rate = 0.5
    assert "Learnt" in verdict(finished(view), view._theory)


def test_what_cannot_be_learnt_is_refused_and_the_picture_stays(lab, monkeypatch):
    view = lab(n=10, updates=30)
    before = view.numbers()["loss"]
    monkeypatch.delenv("LYAPLAB_RAISE")
    view.pole = [1.2, 0.0]
    view.settle()
    assert "within the unit circle, got modulus 1.2" in view._card.error.value
    assert (view.numbers()["loss"] == before).all()
    view.undo()
    view.settle()
    assert view.error is None
    for name, value in (("rate", 0.0), ("horizon", 0), ("updates", 0), ("samples", -1)):
        with pytest.raises(T.TraitError):
            setattr(view, name, value)
    with pytest.raises(ValueError, match="n must"):
        ll.OutlierLab(n=1)
    with pytest.raises(ValueError, match="leave out 'tanh'"):
        ll.OutlierLab("tanh")
    with pytest.raises(TypeError, match="target must be a pole"):
        ll.OutlierLab(target="oscillator")


# --- hands -------------------------------------------------------------------------------------------


def test_the_target_is_dragged_and_typed(lab):
    view = lab(n=10, updates=30)
    view._dragged_target(0.6 - 0.3j)
    assert view.pole == [0.6, 0.3]
    view._dragged_target(0.5 + 0.02j)  # close to the real axis it is real
    assert view.pole == [0.5, 0.0]
    view._dragged_target(3.0 + 4.0j)
    assert view.pole == [0.6, 0.8]
    view._target[1].box.value = 0.1
    assert view.pole == [0.6, 0.1]
    view.settle()
    target = layer(view.plane.stage, "target")
    assert (target.x[0], target.y[0]) == (0.6, 0.1)
    view.undo()
    assert view.pole[1] != 0.1


def test_one_time_moves_all_figures(lab):
    view = lab(preset="leaky integrator", n=20, updates=100)
    end = finished(view)
    assert view.t == end.update == 100
    view.step()
    view.settle()
    assert view.t == 0  # from the end back to the beginning
    at_first = layer(view.filter.stage, "filter").y
    assert at_first[2:] == pytest.approx(np.zeros(48), abs=0.02)
    view._dragged_time(0.5 * view._learnt.until)
    view.settle()
    moment = finished(view)
    assert abs(moment.update - 50) <= stride(100)
    assert layer(view.filter.stage, "filter").y == pytest.approx(moment.filter)
    assert layer(view.course.stage, "time").x[0] == layer(view.loss.stage, "here").x[0] == moment.time
    assert view._learnt is moment.run  # looking elsewhere trains nothing anew
    view.t = 100
    view.updates = 150  # the end stays the end
    assert view.t == 150


def test_the_row_of_the_moment_has_the_range_of_the_training(lab):
    view = lab(n=10, updates=40)
    assert view._rows["t"].slider.max == 40
    view.updates = 80
    assert (view._rows["t"].slider.max, view._rows["t"].box.value) == (80, 80)


def test_a_training_that_is_stopped_is_taken_as_it_is(lab):
    view = lab(n=150, target=0.9, horizon=100, updates=5000)
    view._schedule.flush()
    view._resting.flush()
    deadline = time.monotonic() + 60
    while view._learnt is None or not view._learnt.record.updates:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    view._run.halt.click()
    assert view._run.wait(60)
    view.settle()
    done = view._learnt.record.updates
    assert 0 < done < 5000
    numbers, names = view.numbers(), {}
    assert len(numbers["loss"]) == done + 1
    exec(view.code(), names)
    assert all(np.allclose(values, names[name], rtol=1e-9, atol=1e-12) for name, values in numbers.items())
    view._dragged_time(0.0)
    view.settle()
    assert view._learnt.record.updates == done  # looking elsewhere does not go on
    view.updates = 40
    assert finished(view).run.done and view._learnt.record.updates == 40


def test_sampled_gradients_tremble_about_the_goal(lab):
    view = lab(n=20, g=0.0, target=0.8, horizon=30, samples=10, updates=200)
    sampled = view.numbers()["leading"]
    view.samples = 0
    exact = view.numbers()["leading"]
    assert np.abs(sampled - exact).max() > 1e-9
    assert sampled[-1] == pytest.approx(0.8, abs=0.05)


def test_what_is_hidden_is_closed_too():
    before = set(registry._instances)
    ll.OutlierLab(n=5, updates=20, hide=("pole", "train", "samples", "pace", "loss", "t")).close()
    left = [type(registry._instances[key]).__name__ for key in set(registry._instances) - before]
    assert left == []
