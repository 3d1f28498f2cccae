"""The forcing lab: what it shows is what was shipped, or what the trainer makes, to the last bit."""

from __future__ import annotations

import numpy as np
import pytest

import lyaplab as ll
from lyaplab.widgets._labattractor import in_space
from lyaplab.widgets._labsystem import LabSystem
from lyaplab.widgets._labtraining import Bench

WAVES = ll.data.from_array(np.sin(0.3 * np.arange(900.0)[:, None] + [0.0, 1.5]), names=("a", "b"), exponent=0.05)


@pytest.fixture(autouse=True)
def errors_are_raised(monkeypatch):
    monkeypatch.setenv("LYAPLAB_RAISE", "1")


@pytest.fixture(scope="module")
def runs():
    return ll.data.shipped("lorenz63-forcing")


@pytest.fixture
def lab():
    view = ll.ForcingLab()
    yield view
    view.close()


@pytest.fixture
def own(monkeypatch):
    monkeypatch.setattr("lyaplab.widgets._labtraining._REDUCED", 0.005)  # 40 updates
    view = ll.ForcingLab(WAVES, tau=5)
    yield view
    view.close()


def layer(stage, name):
    return next(layer for layer in stage.scene().layers if layer.name == name)


# --- what was shipped ----------------------------------------------------------------------------------------------


def test_a_shipped_run_is_there_at_once_to_the_last_bit(lab, runs):
    index = runs.at(int(lab.tau), int(lab.seed))
    _, test = runs.series()
    network = runs.network(index)
    half = len(test) // 2
    wanted = network.predict(4000, x0=network.infer(test.values[half]))
    assert np.array_equal(lab.numbers()["generated"], wanted)
    assert lab.numbers()["d_stsp"] == runs.d_stsp[index]
    shown = layer(lab.picture.course.loss, "loss")
    np.testing.assert_allclose(10.0**shown.y, runs.loss[index], rtol=1e-6)
    assert 10.0 ** layer(lab.picture.course.norm, "clip").y[0] == pytest.approx(runs.settings["clip"])
    assert not lab._train.worker.running  # calm: nothing learns before it is asked to


def test_presets_lie_on_both_sides_of_the_horizon_and_only_the_good_one_is_good(runs):
    system = LabSystem.of("lorenz63")
    taus = {name: int(system.preset(name)[0]["tau"]) for name in system.presets()}
    assert taus["short"] < taus["good"] < system.tau_pred < taus["long"]
    medians = dict(zip(runs.taus.tolist(), runs.median("d_stsp"), strict=True))
    assert medians[taus["good"]] < 0.25 * min(medians[taus["short"]], medians[taus["long"]])


def test_between_two_runs_the_nearer_one_is_shown_and_the_words_say_so(lab):
    lab.tau = 22  # the geometric middle of 15 and 30 is 21.2
    assert "no run yet, shown is the nearest shipped run, τ = 30, seed" in lab.describe()
    lab.tau = 21
    assert "no run yet, shown is the nearest shipped run, τ = 15, seed" in lab.describe()
    lab.tau = 15
    assert "Network of the shipped run with τ = 15, seed" in lab.describe()


def test_all_runs_stand_against_tau_with_the_horizon_and_the_floor(lab, runs):
    lab.settle()
    stage = lab.picture.sweep.stage
    shown = layer(stage, "shipped")
    np.testing.assert_allclose(10.0**shown.x, runs.tau, rtol=1e-12)
    np.testing.assert_allclose(10.0**shown.y, runs.d_stsp, rtol=1e-6)
    np.testing.assert_allclose(10.0 ** layer(stage, "medians").y, runs.median("d_stsp"), rtol=1e-6)
    assert 10.0 ** layer(stage, "horizon").x[0] == pytest.approx(np.log(2) / runs.exponent)
    assert 10.0 ** layer(stage, "level").y[0] == pytest.approx(runs.floor)
    lab.measure = "exponent"
    lab.settle()
    np.testing.assert_allclose(layer(stage, "shipped").y, runs.exponents[:, 0] / 0.01, rtol=1e-6)
    assert layer(stage, "level").y[0] == pytest.approx(0.9056, abs=2e-3)  # Lorenz, per unit of time
    lab.shipped = False
    lab.settle()
    assert layer(stage, "shipped").empty


def test_the_two_spectra_are_those_of_lorenz_and_of_the_network(lab, runs):
    lab.settle()
    stage = lab.picture.ladder.stage
    np.testing.assert_allclose(layer(stage, "data").y, [0.9056, 0.0, -14.5723], atol=0.02)
    index = runs.at(int(lab.tau), int(lab.seed))
    np.testing.assert_allclose(layer(stage, "learnt").y, runs.exponents[index] / 0.01, rtol=1e-6)


def test_a_view_along_an_axis_shows_two_coordinates(lab):
    lab.azimuth, lab.elevation = 0.0, 0.0
    lab.settle()
    shown = layer(lab.picture.attractors.data, "data")
    data = lab.numbers()["data"]
    np.testing.assert_allclose(np.stack([shown.x, shown.y]), data[:, [0, 2]].T, atol=1e-12)
    assert [axis.label for axis in (lab.stages[0].scene().x, lab.stages[0].scene().y)] == ["x, sd", "z, sd"]
    lab.on_top = True
    lab.settle()
    assert lab.picture.attractors.seen == [lab.stages[0]]
    on_top = layer(lab.stages[0], "learnt on top")
    np.testing.assert_allclose(on_top.x, lab.numbers()["generated"][:, 0], atol=1e-12)


def test_an_earlier_moment_shows_the_weights_of_that_time(lab, runs):
    lab.moment = 12.0  # the moments are 0, 2, 10, 30 and 100 percent
    assert lab._seen().moment == runs.moments[2]
    index = runs.at(int(lab.tau), int(lab.seed))
    assert np.array_equal(lab.network.theta, runs.network(index, 2).theta)
    wanted = ll.judge(lab.network, runs.series()[1])
    assert lab.numbers()["d_stsp"] == wanted.d_stsp
    assert "after 800 of 8,000 updates" in lab.describe()


# --- what is made here ---------------------------------------------------------------------------------------------


def trained(view, updates):
    """What the trainer makes of the untrained network of a view."""
    system = view._system
    settings = system.settings(int(view.tau), int(view.seed), view._bench.planned(view.length))
    return ll.train(system.network(int(view.seed)), system.series.values, **settings, pause=updates)


def test_steps_by_hand_are_gradient_steps(own):
    for _ in range(3):
        own.step()
    own.settle()
    wanted = trained(own, 3)
    assert np.array_equal(own.network.theta, wanted.network.theta)
    assert np.array_equal(own._look.run.record.gradient_norm, wanted.gradient_norm)
    assert "after 3 of 40 updates" in own.describe()


def test_a_run_goes_on_from_where_it_was_to_the_same_end(own):
    own.step()
    own.train(wait=True)
    assert own._look.run.done == 40
    assert np.array_equal(own.network.theta, trained(own, 40).network.theta)
    judged = ll.judge(own.network, WAVES)
    assert own.numbers()["d_stsp"] == judged.d_stsp
    assert layer(own.picture.sweep.stage, "own").y[0] == pytest.approx(np.log10(judged.d_stsp))
    own.moment = 50.0
    assert own._seen().moment == 20 and np.array_equal(own.network.theta, trained(own, 20).network.theta)


def test_play_takes_steps_until_pause_and_another_tau_ends_it(own):
    own.play()
    assert own.playing
    own.tau = 8
    assert own._player.worker.wait(30)
    assert not own.playing
    assert set(own._bench.runs) <= {(5, 0, 40)}
    own.reset()
    assert not own._bench.runs and own.tau == 5


def test_looking_from_elsewhere_does_not_stop_a_run(own):
    own.length = "full"
    own.train()
    own.on_top = True
    assert own._train.worker.running
    own.tau = 6
    assert own._train.wait(30)
    done = own._bench.begun(5, 0)
    assert done is None or done.done < 8000


def test_filling_in_makes_every_run_once():
    bench = Bench(LabSystem.of(WAVES, params={"tau": 5}))
    shares = []
    for run, share in bench.fill([2, 7], [0, 1], 4):
        bench.take(run)
        shares.append(share)
    assert set(bench.runs) == {(tau, seed, 4) for tau in (2, 7) for seed in (0, 1)}
    assert all(run.judged is not None and run.done == 4 for run in bench.runs.values())
    assert shares == sorted(shares) and shares[-1] == 1.0
    assert list(bench.fill([2, 7], [0, 1], 4)) == []


class Hasty(LabSystem):
    """Learns far too fast."""

    def settings(self, tau, seed, updates=None):
        return {**super().settings(tau, seed, updates), "rate": 1e200}


def test_a_run_that_diverges_ends_with_its_last_good_weights():
    bench = Bench(Hasty.of(WAVES, params={"tau": 5}))
    *_, run = bench.follow(5, 0, 40)
    assert run.lost is not None and run.over and run.done < 40
    assert np.isfinite(run.network(run.done).theta).all()
    assert not np.isnan(run.judged.escaped) or np.isfinite(run.judged.distance)


# --- data, names and bounds ----------------------------------------------------------------------------------------


def test_one_column_is_drawn_in_delays_and_learnt_by_three_units():
    x = ll.Model("henon").orbit(800, warmup=50)[:, :1]
    view = ll.ForcingLab(x, tau=3)
    assert view.network.model.n == 3 and len(view.picture.names) == 3
    lag = view.picture._lag
    values = view._system.test.values[400:, 0]
    np.testing.assert_array_equal(in_space(values[:, None], lag)[:, 2], values[2 * lag :])
    view.close()


def _all(widget):
    for child in getattr(widget, "children", ()):
        yield child
        yield from _all(child)


def test_what_is_hidden_is_not_there():
    view = ll.ForcingLab(WAVES, tau=5, hide=("sweep", "course", "training", "seed"))
    view.settle()
    assert view.picture.sweep.stage not in view._still_stages()
    words = [getattr(button, "description", "") for button in _all(view)]
    assert "seed" not in view._rows and "Train" not in words and "Step" in words
    view.close()


@pytest.mark.parametrize(
    ("data", "arguments", "words"),
    [
        ("lorenz", {}, "did you mean 'lorenz63'"),
        ("lorenz63", {"run": "god"}, "did you mean 'good'"),
        (WAVES, {"tau": 900}, "less than the 900 rows"),
        (WAVES, {"tau": 0}, "tau"),
        (np.ones((100, 2)), {}, "must vary"),
        (np.sin(np.arange(900.0)), {"run": "good"}, "horizon"),
        ("lorenz63", {"hide": ("attractor",)}, "did you mean 'attractors'"),
    ],
)
def test_bad_input_is_told(data, arguments, words):
    with pytest.raises(ValueError, match=words):
        ll.ForcingLab(data, **arguments)


def test_a_lab_without_a_run_says_so_and_its_axis_has_round_numbers(own):
    names = own.picture.sweep.stage.scene().y.names()
    assert len(names) >= 2
    assert len(set(names)) == len(names)
    assert "the network is untrained" in own.describe()
    assert "run made here" not in own.describe()
