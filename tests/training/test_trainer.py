"""The trainer: it learns, can be stopped and goes on to the last bit, and stops by itself where a loss diverges."""

from __future__ import annotations

import math
from itertools import islice

import numpy as np
import pytest

import lyaplab as ll
from lyaplab.training.adam import norm

NET = ll.Network.random("tanh", 2, n=6, seed=1)
TIME = np.arange(400.0)
SERIES = np.stack([np.sin(0.3 * TIME), np.cos(0.3 * TIME)], axis=1)
# Everything that has to come back when a run goes on: random windows, random forcing, a falling rate.
SETTINGS = {"updates": 60, "batch": 4, "steps": 12, "rate": (1e-2, 1e-3), "forcing": (3, 6), "clip": 1.0, "seed": 5}


def same(one, other):
    for name in ("loss", "gradient_norm", "rate", "moments", "snapshots", "snapshot_updates"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    np.testing.assert_array_equal(one.network.theta, other.network.theta)
    assert one.generator == other.generator and one.settings == other.settings


@pytest.fixture
def at_once(monkeypatch):
    """A partial record after every update."""
    monkeypatch.setattr("lyaplab.training.trainer._PIECE", -1.0)


@pytest.fixture(scope="module")
def whole():
    return ll.train(NET, SERIES, snapshots=20, **SETTINGS)


def test_a_stopped_run_goes_on_from_its_file_to_the_last_bit(whole, at_once, tmp_path):
    stopped = list(islice(ll.iter_train(NET, SERIES, snapshots=20, **SETTINGS), 25))[-1]
    assert stopped.updates == 25
    stopped.save(tmp_path / "run")
    back = ll.Record.load(tmp_path / "run.npz")
    same(back, stopped)
    same(ll.train(NET, SERIES, snapshots=20, resume=back, **SETTINGS), whole)


def test_a_run_that_pauses_after_each_step_is_the_same_run(whole):
    run = None
    for update in range(1, 61):
        run = ll.train(NET, SERIES, snapshots=20, resume=run, pause=update, **SETTINGS)
        assert run.updates == update
    same(run, whole)


def test_partial_records_are_the_beginning_of_the_whole(whole, at_once):
    parts = list(ll.iter_train(NET, SERIES, **SETTINGS))
    assert [part.updates for part in parts] == list(range(1, 61))
    for part in parts[::10]:
        np.testing.assert_array_equal(part.loss, whole.loss[: part.updates])


def test_the_record_tells_the_course(whole):
    assert whole.updates == 60 and whole.rate[0] == 1e-2 and (np.diff(whole.rate) < 0.0).all()
    assert whole.loss[-5:].mean() < 0.5 * whole.loss[0]
    np.testing.assert_array_equal(whole.snapshot_updates, [0, 20, 40, 60])
    np.testing.assert_array_equal(whole.snapshot(0).theta, NET.theta)
    np.testing.assert_array_equal(whole.snapshot(3).theta, whole.network.theta)
    assert list(whole.table()) == ["update", "loss", "gradient_norm", "rate"] and "60 updates" in repr(whole)


def test_the_loss_noted_is_that_of_the_network_before_the_update():
    given = {"targets": SERIES[None, 1:20], "start": SERIES[None, 0]}
    run = ll.train(NET, given, updates=3, snapshots=1, forcing=ll.Forcing(4, alpha=0.5))
    for update in range(3):
        found = ll.loss_gradient(run.snapshot(update), **given, forcing=ll.Forcing(4, alpha=0.5))
        assert run.loss[update] == pytest.approx(found.loss, rel=1e-12)
        assert run.gradient_norm[update] == pytest.approx(np.linalg.norm(found.theta), rel=1e-12)


def test_the_first_update_of_adam_has_the_length_of_the_rate():
    """After one update the moments are the gradient and its square: every number moves by the rate, downhill."""
    given = {"targets": SERIES[None, 1:20], "start": SERIES[None, 0]}
    run = ll.train(NET, given, updates=1, rate=1e-3)
    gradient = ll.loss_gradient(NET, **given).theta
    np.testing.assert_allclose(run.network.theta - NET.theta, -1e-3 * np.sign(gradient), rtol=1e-3)


def test_a_clipped_gradient_is_shortened_as_a_whole():
    given = {"targets": 100.0 * SERIES[None, 1:20], "start": SERIES[None, 0]}
    run, gradient = ll.train(NET, given, updates=1, clip=0.5), ll.loss_gradient(NET, **given).theta
    assert run.gradient_norm[0] == pytest.approx(np.linalg.norm(gradient)) and run.gradient_norm[0] > 0.5
    np.testing.assert_allclose(run.moments[0], 0.1 * 0.5 * gradient / np.linalg.norm(gradient), rtol=1e-12)


def test_norms_neither_overflow_nor_hide_what_is_not_a_number():
    assert norm(np.array([3e200, 4e200])) == pytest.approx(5e200)
    assert norm(np.zeros(3)) == 0.0 and norm(np.array([1.0, np.inf])) == np.inf
    assert math.isnan(norm(np.array([1.0, np.nan, 2.0])))


def test_a_run_that_diverges_keeps_its_last_good_state():
    net = ll.Network.random("plrnn", 2, n=4, seed=1)
    with pytest.raises(ll.DivergenceError, match=r"the loss .* at update \d+: lower the rate") as caught:
        ll.train(net, SERIES, updates=200, rate=1e3, steps=200)
    error = caught.value
    kept = error.partial
    assert isinstance(kept, ll.Record) and kept.updates == error.step - 1
    assert np.isfinite(kept.loss).all() and np.isfinite(kept.network.theta).all()
    again = ll.train(net, SERIES, updates=200, rate=1e-3, steps=5, forcing=5)
    assert np.isfinite(again.loss).all()


def test_where_the_first_loss_diverges_the_network_is_what_it_was():
    wild = ll.Network.random("plrnn", 2, n=4, seed=1, gain=1e4)
    with pytest.raises(ll.DivergenceError, match="at update 0") as caught:
        ll.train(wild, SERIES)
    assert caught.value.partial.updates == 0
    np.testing.assert_array_equal(caught.value.partial.network.theta, wild.theta)


def test_masked_weights_stay_zero_and_a_fixed_readout_stays():
    net = ll.Network(ll.Model("plrnn", n=3, seed=1), ll.Readout(np.eye(3)[:2], trainable=False))
    trained = ll.train(net, SERIES, updates=5, forcing=5).network
    assert not np.diag(trained.model.weights["W"]).any()
    assert (trained.model.weights["W"] != net.model.weights["W"]).sum() == 6
    np.testing.assert_array_equal(trained.readout.B, np.eye(3)[:2])


def test_sequences_and_tasks():
    """The sign of a sum of inputs, learnt from fixed sequences and from new ones every time."""
    rng = np.random.default_rng(0)
    net = ll.Network.random("tanh", 2, n=6, m=1, seed=1, kind="softmax")

    def task(rng, batch):
        inputs = rng.standard_normal((batch, 5, 1))
        return {"inputs": inputs, "targets": (inputs[..., 0].cumsum(axis=1) > 0).astype(int)}

    for data in (task, task(rng, 40)):
        run = ll.train(net, data, updates=150, rate=2e-2, ignore=1)
        assert run.loss[-10:].mean() < 0.6 * run.loss[0]
        assert run.loss[0] == pytest.approx(math.log(2.0), abs=0.3)


def test_windows_begin_at_inferred_states_of_the_series():
    net = ll.Network(ll.Model("linear", W=[[1.0]]), ll.Readout([[1.0]]))
    run = ll.train(net, TIME[:, None], updates=1, steps=3, batch=5)
    # It stands still where the series goes on by 1: errors 1, 2, 3.
    assert run.loss[0] == pytest.approx((1 + 4 + 9) / 3)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"forcing": 0}, "tau must be a whole number of at least 1, got 0"),
        ({"forcing": 400}, "tau must be less than the 400 rows of the series"),
        ({"steps": 400}, "steps must be less than the 400 rows"),
        ({"forcing": ll.Forcing(3, to="zero"), "clip": 0.0}, "clip must be positive"),
        ({"rate": (1e-3,)}, "rate must be a number or a pair"),
        ({"data": np.ones((300, 2))}, "its column 0 is constant"),
        ({"data": np.where(TIME[:, None] == 7, np.nan, SERIES)}, r"series\[7, 0\] is nan"),
        ({"data": SERIES[:, :1]}, r"series must have shape \(any, 2\)"),
        ({"data": lambda rng, batch: SERIES}, "a task must return a dict"),
    ],
)
def test_what_does_not_fit_is_named(options, message):
    with pytest.raises((ValueError, TypeError), match=message):
        ll.train(NET, **{"data": SERIES, **options})


def test_more_observations_than_units_cannot_be_forced():
    net = ll.Network.random("tanh", 3, n=2)
    with pytest.raises(ValueError, match="3 outputs are more than 2 units"):
        ll.train(net, np.random.default_rng(0).standard_normal((300, 3)), forcing=5)


def test_a_run_goes_on_only_as_it_began(whole):
    for change, message in (({"clip": 2.0}, "clip=1.0, got 2.0"), ({"updates": 90}, "updates=60, got 90")):
        with pytest.raises(ValueError, match=message):
            ll.train(NET, SERIES, resume=whole, **{**SETTINGS, **change})
    with pytest.raises(ValueError, match="resume is a run of"):
        ll.train(ll.Network.random("tanh", 2, n=5), SERIES, resume=whole, **SETTINGS)


def test_a_run_at_a_constant_rate_can_be_made_longer():
    short = ll.train(NET, SERIES, updates=3, forcing=4, steps=8)
    same(ll.train(NET, SERIES, updates=6, forcing=4, steps=8, resume=short),
         ll.train(NET, SERIES, updates=6, forcing=4, steps=8))  # fmt: skip
