"""Learning a filter: the whole network against its reduced dynamics, the record, and how a run stops and goes on."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest

import lyaplab as ll
from lyaplab.engine.krylov import krylov_gradient, krylov_room
from lyaplab.theory import time_to_level
from lyaplab.training.filter_steps import RULES

PAIR = 0.8 * np.exp(0.5j)
LEAKY, OSCILLATOR = ll.FilterTask(0.9, horizon=80), ll.FilterTask(PAIR, horizon=50)


def reached(record, level):
    """Time at which the outermost eigenvalue reaches a modulus, between two snapshots."""
    size = np.abs(record.leading)
    after = int(np.argmax(size >= level))
    assert after > 0, "the snapshots must begin below the level and end above it"
    return np.interp(level, size[after - 1 : after + 1], record.snapshot_times[after - 1 : after + 1])


@pytest.mark.parametrize("task", [OSCILLATOR, ll.FilterTask(PAIR)], ids=repr)
@pytest.mark.parametrize("train", ["W", "all"])
@pytest.mark.parametrize("method", ["descent", "flow"])
def test_a_large_network_does_what_two_units_do(task, train, method):
    large = ll.FilterNetwork.random(100 if task.horizon else 30, aligned=1.2, norms=(1.0, 0.7), seed=1)
    settings = {"train": train, "method": method, "rate": 0.05, "updates": 60, "snapshots": 20}
    whole, small = (ll.learn_filter(net, task, **settings) for net in (large, large.reduced()))
    np.testing.assert_allclose(whole.loss, small.loss, atol=1e-8)
    np.testing.assert_allclose(whole.filters, small.filters, atol=1e-8)
    outermost = np.sort_complex(np.array([row[np.argsort(-abs(row))[:2]] for row in whole.eigenvalues]))
    np.testing.assert_allclose(outermost, np.sort_complex(small.eigenvalues), atol=1e-7)


# How late or early the whole network is against one equation (2.7: .9 % at g .02; 2.4 % at .1; 4 to 17 % at .3).
@pytest.mark.parametrize(
    ("n", "g", "seed", "error"),
    [(100, 0.02, 1, 0.02), (100, 0.02, 2, 0.02), (400, 0.02, 1, 0.01), (100, 0.1, 1, 0.05), (200, 0.1, 2, 0.05),
     (100, 0.3, 1, 0.25)],
)  # fmt: skip
def test_time_to_level_of_an_outlier(n, g, seed, error):
    net = ll.FilterNetwork.random(n, g=g, aligned=0.0, seed=seed)
    looks = range(56, 71, 2) if g < 0.2 else range(30, 71, 2)
    run = ll.learn_filter(net, LEAKY, method="flow", rate=8e-3, updates=looks[-1], snapshots=looks)
    assert reached(run, 0.8) == pytest.approx(time_to_level(0.8, LEAKY), rel=error)


def test_time_to_level_of_a_pair():
    net = ll.FilterNetwork.random(100, g=0.02, seed=3)
    settings = {"train": "all", "method": "flow", "rate": 0.1, "updates": 200, "snapshots": range(20, 201, 4)}
    whole, small = (ll.learn_filter(start, OSCILLATOR, **settings) for start in (net, net.reduced()))
    assert reached(whole, 0.75) == pytest.approx(reached(small, 0.75), rel=0.02)
    assert abs(whole.leading[-1] - PAIR) < 0.03


def test_continuous_time_to_level():
    task = ll.FilterTask(0.1, continuous=True)
    net = ll.FilterNetwork.random(60, g=0.05, aligned=0.0, seed=1)
    run = ll.learn_filter(net, task, train="all", method="flow", rate=0.02, updates=50, snapshots=range(5, 51, 3))
    assert time_to_level(0.8, task) == pytest.approx(0.653, abs=1e-3)
    assert reached(run, 0.8) == pytest.approx(time_to_level(0.8, task, train="all"), rel=0.02)


@pytest.mark.parametrize("weights", ["last", "mean", [1.0, 0.2, 3.0, 0.0, 0.5, 0.5]])
def test_sampled_gradients_are_right_on_average(weights):
    task = ll.FilterTask(0.9, horizon=6, weights=weights)
    net, rng = ll.FilterNetwork.random(4, g=0.6, seed=2), np.random.default_rng(0)
    exact = ll.filter_gradient(net, task)
    W, u, v = net.W.copy(), net.u.copy(), net.v.copy()
    weighed, room, batches = task.weights.copy(), krylov_room(4, 6), []
    for _ in range(200):
        dW, du, dv = np.empty((4, 4)), np.empty(4), np.empty(4)
        noise = rng.standard_normal((50, 6))
        f = task.filter(np.arange(6))
        loss = krylov_gradient(W, u, v, f, weighed, noise, task.averaged, room, dW, du, dv)
        assert loss == exact.loss
        batches.append(np.concatenate([dW.ravel(), du, dv]))
    mean, error = np.mean(batches, axis=0), np.std(batches, axis=0) / np.sqrt(200 - 1)
    expected = np.concatenate([np.ravel(part) for part in exact[1:]])
    np.testing.assert_array_less(np.abs(mean - expected), 4.5 * error)
    assert np.median(error / np.abs(expected)) < 0.1


def test_noise_makes_the_outlier_jitter_about_its_place():
    net = ll.FilterNetwork.random(20, aligned=0.0, seed=1)
    task = ll.FilterTask(0.8, horizon=30)
    one, same, other = (
        ll.learn_filter(net, task, updates=600, samples=8, seed=seed, snapshots=10) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one.loss, same.loss)
    assert (one.loss[1:] != other.loss[1:]).any()
    assert one.leading[-30:].real.mean() == pytest.approx(0.8, abs=0.02)


def test_aligned_networks_never_oscillate_and_a_small_angle_is_enough():
    task, settings = OSCILLATOR, {"train": "all", "method": "flow", "rate": 0.1, "updates": 400, "snapshots": 2}
    stuck = ll.learn_filter(ll.FilterNetwork.random(30, aligned=0.0, seed=1), task, **settings)
    assert (np.abs(stuck.eigenvalues.imag) < 1e-9).all() and stuck.loss[-1] > 0.1
    free = ll.learn_filter(ll.FilterNetwork.random(30, aligned=0.2, seed=1), task, **settings)
    assert abs(free.leading[-1] - PAIR) < 1e-4
    # Both, and no others, leave 0; through their collision each column follows one of them.
    moved = np.abs(free.eigenvalues[-1]) > 0.1
    assert moved.sum() == 2
    assert np.abs(np.diff(free.eigenvalues, axis=0)).max() < 0.15
    np.testing.assert_allclose(np.sort(free.eigenvalues[-1, moved].imag), [-abs(PAIR.imag), abs(PAIR.imag)], atol=1e-4)
    assert free.overlaps[-1].min() > 0.99


def test_the_step_may_be_limited_by_the_curvature_of_now():
    task = ll.FilterTask("integrator", horizon=100)
    net = ll.FilterNetwork.random(20, aligned=0.0, seed=1)
    run = ll.learn_filter(net, task, limited=True, updates=300)
    assert run.leading[-1].real == pytest.approx(1.0, abs=1e-4)  # at constant rate it takes 127,000 updates
    assert run.rate[0] > 1e3 * run.rate[-1]


@pytest.mark.parametrize("method", RULES)
def test_every_rule_learns(method):
    rate = {"adam": 2e-3, "momentum": 2e-3}.get(method)
    net = ll.FilterNetwork.random(20, g=0.05, aligned=0.0, seed=1)
    run = ll.learn_filter(net, ll.FilterTask(0.8, horizon=40), method=method, rate=rate, updates=1500)
    assert run.loss[-1] < 1e-3 * run.loss[0] and run.updates == 1500
    np.testing.assert_allclose(run.loss[-1], ll.filter_loss(run.network, run.task))
    assert run.change[-1] == pytest.approx(np.linalg.norm(run.W - run.W0))


@pytest.fixture
def at_once(monkeypatch):
    """A partial record after every stretch, and stretches of one update."""
    monkeypatch.setattr("lyaplab.training.filter_learning._PIECE", -1.0)
    monkeypatch.setattr("lyaplab.training.filter_learning._STRETCH", 0.0)


@pytest.mark.parametrize(
    ("task", "settings"),
    [
        (LEAKY, {"method": "adam", "train": "all", "samples": 3}),
        (LEAKY, {"method": "momentum", "relative_rate": 0.05}),
        (LEAKY, {"method": "flow", "limited": True}),
        (ll.FilterTask(0.8), {"method": "flow"}),
    ],
)
def test_a_stopped_run_goes_on_from_its_file_to_the_last_bit(task, settings, at_once, monkeypatch, tmp_path):
    net = ll.FilterNetwork.random(8, g=0.3, seed=1)
    settings = {**settings, "updates": 40, "snapshots": 4, "seed": 5}
    stopped = list(islice(ll.iter_learn_filter(net, task, **settings), 17))[-1]
    assert stopped.updates == 17
    stopped.save(tmp_path / "run.npz")
    back = ll.FilterRecord.load(tmp_path / "run.npz")
    resumed = ll.learn_filter(net, back.task, resume=back, **settings)
    monkeypatch.undo()  # the whole run in longer stretches
    whole = ll.learn_filter(net, task, **settings)
    for name in ("W", "u", "v", "loss", "rate", "eigenvalues", "filters", "overlaps", "singular_values", "moments"):
        np.testing.assert_array_equal(getattr(resumed, name), getattr(whole, name), err_msg=name)
    assert resumed.generator == whole.generator and resumed.settings == whole.settings
    with pytest.raises(ValueError, match="resume was trained with seed=5, got 6"):
        ll.learn_filter(net, task, resume=back, **{**settings, "seed": 6})


def test_only_its_own_run_goes_on():
    net, other = (ll.FilterNetwork.random(4, seed=seed) for seed in (1, 2))
    run = ll.learn_filter(net, LEAKY, rate=0.01, updates=3)
    with pytest.raises(ValueError, match="resume is a run that began with another network"):
        ll.learn_filter(other, LEAKY, rate=0.01, updates=5, resume=run)
    with pytest.raises(ValueError, match="updates must be at least the 3 of resume, got 2"):
        ll.learn_filter(net, LEAKY, rate=0.01, updates=2, resume=run)
    with pytest.raises(TypeError, match="resume must be a FilterRecord"):
        ll.learn_filter(net, LEAKY, rate=0.01, resume=3)


@pytest.mark.parametrize("task", [LEAKY, ll.FilterTask(0.9)], ids=repr)
def test_too_high_a_rate_ends_with_the_update_and_the_last_good_state(task):
    net = ll.FilterNetwork.random(10, g=0.1, aligned=0.0, seed=1)
    with pytest.raises(ll.DivergenceError, match=r"at update \d+: .*\(relative_rate below 1\)") as caught:
        ll.learn_filter(net, task, relative_rate=4.0, updates=2000)
    record = caught.value.partial
    assert caught.value.step == record.updates + 1
    assert np.isfinite(record.loss).all() and record.snapshot_updates[-1] == record.updates
    assert record.loss[-1] == pytest.approx(ll.filter_loss(record.network, task))


def test_the_record():
    run = ll.learn_filter(ll.FilterNetwork.random(10, g=0.1, seed=1), LEAKY, updates=20, rate=0.01, snapshots=[0, 7])
    assert run.table()["loss"].shape == (21,) and run.time[-1] == pytest.approx(0.2)
    assert run.eigenvalues.shape == (2, 10) and run.filters.shape == (2, 80) and run.lags[-1] == 79
    np.testing.assert_allclose(run.snapshot_times, [0.0, 0.07])
    np.testing.assert_allclose(run.filters[0], run.start.kernel(run.lags), atol=1e-15)
    np.testing.assert_allclose(np.abs(run.eigenvalues[0]), np.abs(run.start.eigenvalues()))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"rate": 0.0}, "rate must be positive, got 0: nothing would be learnt"),
        ({"relative_rate": 0.0}, "relative_rate must be positive"),
        ({"rate": -1.0}, "rate must be at least 0"),
        ({"rate": 0.1, "relative_rate": 0.5}, "exclude each other"),
        ({"method": "adam", "relative_rate": 0.5}, "not for Adam"),
        ({"limited": True, "rate": 0.1}, "limited is for a relative_rate"),
        ({"method": "decent"}, "did you mean 'descent'"),
        ({"train": "v"}, "unknown train 'v'"),
        ({"updates": 0}, "updates must be"),
        ({"samples": 0}, "samples must be"),
        ({"snapshots": 0}, "snapshots must be"),
    ],
)
def test_bad_settings(settings, message):
    with pytest.raises(ValueError, match=message):
        ll.learn_filter(ll.FilterNetwork.random(4), LEAKY, **settings)


def test_bad_networks_for_a_task():
    with pytest.raises(ValueError, match="two units or more to oscillate"):
        ll.learn_filter(ll.FilterNetwork([[0.0]], [1.0], [1.0]), OSCILLATOR)
    with pytest.raises(ValueError, match=r"finite loss to begin with, got one of spectral radius 1\.1"):
        ll.learn_filter(ll.FilterNetwork([[1.1]], [1.0], [1.0]), ll.FilterTask(0.9))
    with pytest.raises(ValueError, match="samples need a task with a horizon"):
        ll.learn_filter(ll.FilterNetwork.random(4), ll.FilterTask(0.9), samples=4)
    with pytest.raises(TypeError, match="task must be a FilterTask"):
        ll.learn_filter(ll.FilterNetwork.random(4), 0.9)
