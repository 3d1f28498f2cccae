"""Gradients through time: against central differences for every kind of cell, loss and forcing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lyaplab as ll
from lyaplab.kernel import one_blas_thread
from lyaplab.training.batches import as_batch
from lyaplab.training.gradient import BackThroughTime, through_inverse

T, B = 7, 3
STACK = ll.Model.stack([ll.Model("tanh", n=3, m=1, seed=1), ll.Model("tanh", n=2, m=3, seed=2)])
NETWORKS = {
    "tanh": ll.Network.random("tanh", 2, n=3, m=1, seed=1),
    "gru": ll.Network.random("gru", 2, n=3, m=1, seed=2),
    "lstm": ll.Network.random("lstm", 2, n=2, m=1, seed=3),
    "plrnn": ll.Network.random("plrnn", 2, n=4, m=1, seed=4, bias=False),
    "shallow_plrnn": ll.Network.random("shallow_plrnn", 2, n=2, m=1, hidden=5, seed=5),
    "stack": ll.Network(STACK, ll.Readout.random(2, 2, seed=4)),
}
FORCINGS = {
    "every": ll.Forcing(1),
    "sparse": ll.Forcing(3),
    "random": ll.Forcing((2, 4)),
    "windows": ll.Forcing(3, to="zero"),
    "general": ll.Forcing(2, alpha=0.3),
    "always a little": ll.Forcing(1, alpha=0.1),
}


def sequences(net, *, seed=0):
    rng = np.random.default_rng(seed)
    targets = rng.standard_normal((B, T, net.outputs))
    if net.readout.kind == "softmax":
        targets = rng.integers(0, net.outputs, (B, T))
    return {"targets": targets, "inputs": rng.standard_normal((B, T, net.m)) if net.m else None}


def differences(net, loss, *, step=1e-6):
    """The gradient of loss(network) by central differences; 0 where the mask leaves an entry out."""
    gradient = np.zeros(net.layout.size)
    for i in range(net.layout.size):
        if net.layout.free is None or net.layout.free[i]:
            nudge = step * (np.arange(net.layout.size) == i)
            up, down = loss(net.with_theta(net.theta + nudge)), loss(net.with_theta(net.theta - nudge))
            gradient[i] = (up - down) / (2 * step)
    return gradient


def check(net, **options):
    def loss(network):
        return ll.loss_gradient(network, **options).loss

    expected = differences(net, loss)
    np.testing.assert_allclose(ll.loss_gradient(net, **options).theta, expected, atol=1e-7 * np.abs(expected).max())


@pytest.mark.parametrize("name", NETWORKS)
def test_every_kind_of_cell(name):
    net = NETWORKS[name]
    x0 = np.random.default_rng(1).uniform(-0.5, 0.5, (B, net.model.d))
    check(net, **sequences(net), x0=x0)


@pytest.mark.parametrize("forcing", FORCINGS)
@pytest.mark.parametrize("name", ["tanh", "lstm", "plrnn"])
def test_every_forcing(name, forcing):
    net = NETWORKS[name]
    check(net, **sequences(net), start=np.random.default_rng(2).standard_normal((B, 2)), forcing=FORCINGS[forcing])


def test_cross_entropy_with_weights():
    net = ll.Network.random("tanh", 4, n=3, m=1, seed=1, kind="softmax")
    weights = np.random.default_rng(3).uniform(0.0, 1.0, (B, T))
    check(net, **sequences(net), weights=weights, ignore=2)
    given = sequences(net)
    p = net.predict(inputs=given["inputs"], x0=np.zeros(3))
    likely = np.take_along_axis(p, given["targets"][..., None], axis=2)[..., 0]
    weights[:, :2] = 0.0
    loss = ll.loss_gradient(net, **given, weights=weights).loss
    assert loss == pytest.approx(-(weights * np.log(likely)).sum() / weights.sum(), rel=1e-12)


def test_squared_error_is_that_of_the_predictions():
    net, given = NETWORKS["tanh"], sequences(NETWORKS["tanh"])
    errors = net.predict(inputs=given["inputs"], x0=np.zeros(3)) - given["targets"]
    assert ll.loss_gradient(net, **given).loss == pytest.approx((errors**2).mean(), rel=1e-12)
    assert ll.loss_gradient(net, **given, ignore=4).loss == pytest.approx((errors[:, 4:] ** 2).mean(), rel=1e-12)


@pytest.mark.parametrize("name", ["tanh", "lstm"])
@pytest.mark.parametrize("to", ["data", "zero"])
def test_sparse_forcing_is_independent_windows(name, to):
    """SCIENCE: where tau divides T, the same loss and the same gradient, to rounding."""
    net = ll.Network.random(name, 2, n=3, seed=6)
    rng = np.random.default_rng(7)
    batch = as_batch(net, rng.standard_normal((B, 12, 2)), start=rng.standard_normal((B, 2)))
    forcing = ll.Forcing(4, to=to)
    assert forcing.splits(batch) and not ll.Forcing(5).splits(batch) and not ll.Forcing(4, alpha=0.5).splits(batch)
    windows = forcing.windows(batch)
    assert windows.targets.shape == (4, 3 * B, 2)
    found = []
    with one_blas_thread():
        for part, forced in ((batch, forcing), (windows, None)):
            run = BackThroughTime(net, steps=len(part.targets), rows=part.targets.shape[1])
            run.theta[...] = net.theta
            found.append((run(part, forcing=forced, rng=rng), run.gradient))
    assert found[0][0] == pytest.approx(found[1][0], rel=1e-12)
    np.testing.assert_allclose(found[0][1], found[1][1], rtol=1e-12, atol=1e-12 * np.abs(found[1][1]).max())


def test_the_gradient_of_long_sequences_in_pieces_is_that_at_once(monkeypatch):
    net, given = NETWORKS["lstm"], sequences(NETWORKS["lstm"])
    whole = ll.loss_gradient(net, **given)
    monkeypatch.setattr("lyaplab.training.gradient._PIECE", 1)
    apart = ll.loss_gradient(net, **given)
    np.testing.assert_allclose(apart.theta, whole.theta, rtol=1e-12, atol=1e-15)
    assert apart.loss == pytest.approx(whole.loss, rel=1e-14)


@given(st.integers(0, 10_000))
def test_the_gradient_along_a_direction_is_the_slope_of_the_loss(seed):
    """Duality, anywhere: the pull of the loss against a push of the weights."""
    rng = np.random.default_rng(seed)
    net = NETWORKS["tanh"].with_theta(rng.standard_normal(NETWORKS["tanh"].layout.size))
    given, direction = sequences(net, seed=seed), rng.standard_normal(net.layout.size)
    gradient = ll.loss_gradient(net, **given).theta
    up, down = (ll.loss_gradient(net.with_theta(net.theta + h * direction), **given).loss for h in (1e-6, -1e-6))
    assert gradient @ direction == pytest.approx((up - down) / 2e-6, rel=1e-6, abs=1e-7)


@pytest.mark.parametrize("shape", [(2, 5), (3, 3), (5, 2)])
def test_the_derivative_of_the_pseudo_inverse(shape):
    rng = np.random.default_rng(0)
    B_, G = rng.standard_normal(shape), rng.standard_normal(shape[::-1])
    found = through_inverse(G, B_, np.linalg.pinv(B_))
    for i, j in np.ndindex(shape):
        nudge = np.zeros(shape)
        nudge[i, j] = 1e-6
        slope = (G * (np.linalg.pinv(B_ + nudge) - np.linalg.pinv(B_ - nudge))).sum() / 2e-6
        assert found[i, j] == pytest.approx(slope, rel=1e-6, abs=1e-8)


def test_a_fixed_readout_is_left_out_of_the_gradient():
    fixed = ll.Network(ll.Model("tanh", n=2, seed=1), ll.Readout(np.eye(2), trainable=False))
    moving = ll.Network(fixed.model, ll.Readout(np.eye(2)))
    rng = np.random.default_rng(0)
    given = {"targets": rng.standard_normal((T, 2)), "start": rng.standard_normal(2), "forcing": 3}
    ours, theirs = ll.loss_gradient(fixed, **given), ll.loss_gradient(moving, **given)
    assert set(theirs.gradient) - set(ours.gradient) == {"readout.B"}
    np.testing.assert_allclose(ours.gradient["W"], theirs.gradient["W"], rtol=1e-12)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"targets": np.zeros((T, 3))}, r"targets must have shape \(any, 2\)"),
        ({"targets": np.zeros((T, 2))}, "inputs must be given: the network has m=1"),
        ({"targets": np.zeros((T, 2)), "inputs": np.zeros((T + 1, 1))}, r"inputs must have shape \(7, 1\)"),
        ({**sequences(NETWORKS["tanh"]), "ignore": T}, "nor all 0"),
        ({**sequences(NETWORKS["tanh"]), "x0": np.zeros((B, 3)), "start": np.zeros((B, 2))}, "leave one of the two"),
        ({**sequences(NETWORKS["tanh"]), "forcing": 0}, "tau must be a whole number of at least 1, got 0"),
        ({**sequences(NETWORKS["tanh"]), "forcing": (4, 2)}, r"pair \(least, most\)"),
    ],
)
def test_what_does_not_fit_is_named(options, message):
    with pytest.raises(ValueError, match=message):
        ll.loss_gradient(NETWORKS["tanh"], **options)


def test_classes_must_be_there():
    net = ll.Network.random("tanh", 3, n=2, kind="softmax")
    with pytest.raises(ValueError, match="classes from 0 to 2"):
        ll.loss_gradient(net, [0, 3])
