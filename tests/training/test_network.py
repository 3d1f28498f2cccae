"""Networks with a readout: what is read, what is inferred, and files that come back to the last bit."""

from __future__ import annotations

import numpy as np
import pytest

import lyaplab as ll

STACK = ll.Model.stack([ll.Model("plrnn", n=4, m=2, seed=1), ll.Model("lstm", n=3, m=4, seed=2)])
NETWORKS = {
    "lstm": ll.Network.random("lstm", 2, n=4, m=3, seed=1),
    "plrnn": ll.Network.random("plrnn", 3, n=5, seed=2, bias=False),
    "softmax": ll.Network.random("tanh", 3, n=5, m=1, seed=3, kind="softmax"),
    "stack": ll.Network(STACK, ll.Readout.random(2, 3, seed=4)),
    "fixed": ll.Network(ll.Model("shallow_plrnn", n=3, hidden=6), ll.Readout(np.eye(3), trainable=False)),
}


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("suffix", ["npz", "safetensors"])
def test_a_file_gives_back_every_bit(name, suffix, tmp_path):
    net, file = NETWORKS[name], tmp_path / f"net.{suffix}"
    if suffix == "safetensors":
        pytest.importorskip("safetensors")
    net.save(file)
    back = ll.load(file)
    assert isinstance(back, ll.Network) and repr(back) == repr(net)
    np.testing.assert_array_equal(back.theta, net.theta)
    for array, weights in back.model.weights.items():
        np.testing.assert_array_equal(weights, net.model.weights[array])


@pytest.mark.parametrize("name", NETWORKS)
def test_theta_goes_in_and_out(name):
    net = NETWORKS[name]
    theta = net.theta + 0.01 * (1.0 if net.layout.free is None else net.layout.free)
    changed = net.with_theta(theta)
    np.testing.assert_array_equal(changed.theta, theta)
    assert type(changed.model) is type(net.model) and repr(changed.readout) == repr(net.readout)
    for array in net.layout.names:
        np.testing.assert_array_equal(changed.layout.split(changed.theta)[array], net.layout.split(theta)[array])


def test_what_is_not_trainable_is_not_in_theta():
    assert "reset_after" not in ll.Network.random("gru", 1, n=2).layout.names
    assert "dt" not in ll.Network(ll.Model("lorenz63"), ll.Readout(np.eye(3))).layout.names
    assert NETWORKS["fixed"].layout.names[-1] == "h2"


def test_the_mask_of_a_stack_is_that_of_its_layer():
    layout = NETWORKS["stack"].layout
    free = layout.split(layout.free)
    np.testing.assert_array_equal(free["W1"], 1.0 - np.eye(4))
    assert free["W2"].all() and free["readout.B"].all()


def test_an_lstm_shows_h_and_a_stack_its_top_layer():
    net = NETWORKS["lstm"]
    state = np.arange(8.0)
    np.testing.assert_allclose(net.read(state), net.readout.B @ state[:4] + net.readout.bias)
    stack = NETWORKS["stack"]
    state = np.arange(10.0)
    np.testing.assert_allclose(stack.read(state), stack.readout.B @ state[4:7] + stack.readout.bias)
    assert ll.Network(ll.Model("lstm", n=1), ll.Readout([[1.0]])).readout.units == 1


def test_inferred_states_show_the_observation_and_are_the_smallest():
    net = NETWORKS["stack"]
    x = np.random.default_rng(0).standard_normal((6, 2))
    states = net.infer(x)
    np.testing.assert_allclose(net.read(states), x, atol=1e-12)
    assert not states[:, :4].any() and not states[:, 7:].any()
    h = states[:, 4:7]
    row_space = np.linalg.pinv(net.readout.B) @ net.readout.B
    np.testing.assert_allclose(h @ row_space, h, atol=1e-12)


def test_a_softmax_gives_probabilities():
    net = NETWORKS["softmax"]
    p = net.predict(inputs=np.ones((7, 1)))
    assert p.shape == (7, 3)
    np.testing.assert_allclose(p.sum(axis=1), 1.0)
    np.testing.assert_allclose(net.readout([1e4, 0, 0, 0, 0]), np.round(net.readout([1e4, 0, 0, 0, 0])))
    with pytest.raises(ValueError, match="linear readout only"):
        net.infer([0.1, 0.2, 0.7])


def test_predictions_are_read_after_each_step():
    net = NETWORKS["lstm"]
    inputs = np.random.default_rng(1).standard_normal((2, 5, 3))
    together = net.predict(inputs=inputs)
    assert together.shape == (2, 5, 2)
    for sequence, read in zip(inputs, together, strict=True):
        x = net.model.start
        for u, expected in zip(sequence, read, strict=True):
            x = net.model.step(x, inputs=u)
            np.testing.assert_allclose(net.read(x), expected, atol=1e-12)
        np.testing.assert_allclose(net.predict(inputs=sequence), read, atol=1e-14)
    starts = np.zeros((4, net.model.d))
    assert NETWORKS["lstm"].predict(3, x0=starts).shape == (4, 3, 2)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ll.Network(ll.Model("lstm", n=3), ll.Readout(np.ones((1, 6)))), "each of the 3 units that 'lstm'"),
        (lambda: ll.Network("tanh", ll.Readout([[1.0]])), "model must be a Model, got str"),
        (lambda: ll.Readout([[1.0]], bias=[1.0, 2.0]), r"bias must have shape \(1,\)"),
        (lambda: ll.Readout(np.ones((0, 2))), "at least one output"),
        (lambda: ll.Readout([[np.nan]]), "B must be finite"),
        (lambda: ll.Readout([[1.0]], kind="softmx"), "did you mean 'softmax'"),
        (lambda: NETWORKS["plrnn"].infer(np.ones(2)), "3 numbers in its last axis"),
        (lambda: ll.Model("tanh", n=2).with_weights(V=[1.0]), "unknown weights 'V'"),
        (lambda: ll.Model("plrnn", n=2).with_weights(W=np.ones((2, 2))), r"no entry \[0, 0\]"),
    ],
)
def test_what_does_not_fit_is_named(make, message):
    with pytest.raises((ValueError, TypeError), match=message):
        make()


def test_a_cell_without_parameter_gradient_is_refused():
    def step(q, x, u, y, w):
        for row in range(x.shape[0]):
            y[row, 0] = 0.5 * x[row, 0]

    cell = ll.Cell("halving", step=step, size=(1, 0, 1))
    with pytest.raises(ValueError, match=r"'halving' cannot be trained: it lacks .* grad"):
        ll.Network(ll.Model(cell), ll.Readout([[1.0]]))
