"""Linear networks as filters: what they are made of, and the cell `linear` that they are."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.linalg

import lyaplab as ll
from lyaplab.training.filter_snapshots import branches, overlap


def test_the_filter_is_the_response_to_one_pulse():
    net = ll.FilterNetwork.random(6, g=0.8, norms=(2.0, 0.5), seed=4)
    pulse = np.zeros((10, 1))
    pulse[0] = 1.0
    np.testing.assert_allclose(
        net.network.predict(x0=np.zeros(6), inputs=pulse)[:, 0], net.kernel(np.arange(10)), atol=1e-14
    )
    np.testing.assert_allclose(np.linalg.norm(net.u), 2.0)
    np.testing.assert_array_equal(net.kernel([7, 0, 2]), net.kernel(np.arange(10))[[7, 0, 2]])


def test_the_filter_in_continuous_time():
    net = ll.FilterNetwork.random(6, g=0.8, seed=4)
    times = np.array([0.0, 1.5, 0.25])
    exact = [net.v @ scipy.linalg.expm((net.W - np.eye(6)) * t) @ net.u for t in times]
    np.testing.assert_allclose(net.kernel(times, continuous=True), exact, atol=1e-13)


def test_loss_and_gradient_are_those_of_a_trained_network():
    """What back-propagation through time makes of one pulse: halved and summed, the same."""
    net, task = ll.FilterNetwork.random(7, g=0.7, seed=2), ll.FilterTask(0.6 + 0.5j, horizon=15)
    pulse = np.zeros((15, 1))
    pulse[0] = 1.0
    other = ll.loss_gradient(net.network, task.filter(np.arange(15))[:, None], inputs=pulse)
    loss, dW, du, dv = ll.filter_gradient(net, task)
    assert loss == pytest.approx(7.5 * other.loss, rel=1e-12)
    np.testing.assert_allclose(dW, 7.5 * other.gradient["W"], atol=1e-13)
    np.testing.assert_allclose(du, 7.5 * other.gradient["U"][:, 0], atol=1e-13)
    np.testing.assert_allclose(dv, 7.5 * other.gradient["readout.B"][0], atol=1e-13)
    assert ll.filter_loss(net, task) == loss


@pytest.mark.parametrize("angle", [0.0, 0.2, -1.0, np.pi])
def test_angles(angle):
    net = ll.FilterNetwork.random(9, aligned=angle, norms=(0.3, 3.0), seed=5)
    assert net.u @ net.v == pytest.approx(0.9 * np.cos(angle), abs=1e-12)


def test_the_plane_of_input_and_output():
    net = ll.FilterNetwork.random(30, g=0.0, aligned=0.7)
    small = net.reduced()
    np.testing.assert_allclose([small.u @ small.v, small.u @ small.u], [np.cos(0.7), 1.0])
    assert ll.FilterNetwork.random(30, aligned=0.0).reduced().n == 1


def test_branches_follow_their_eigenvalues():
    rng = np.random.default_rng(0)
    before = rng.standard_normal(50) + 1j * rng.standard_normal(50)
    moved = before + 1e-3 * rng.standard_normal(50)
    np.testing.assert_array_equal(branches(before, rng.permutation(moved)), moved)


def test_overlap_with_the_plane_of_a_pair():
    W = np.zeros((3, 3))
    W[:2, :2] = [[0.5, -0.4], [0.4, 0.5]]
    assert overlap(W, np.array([3.0, 0.0, 4.0]), 0.5 + 0.4j) == pytest.approx(0.6)
    assert np.isnan(overlap(np.zeros((3, 3)), np.ones(3), 0.0))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n": 0}, "n must be a whole number"),
        ({"g": -0.1}, "g must be"),
        ({"n": 1, "aligned": 0.3}, "aligned needs two units"),
        ({"aligned": 4.0}, "aligned must be"),
        ({"norms": (1.0, 2.0, 3.0)}, "norms must be a number or a pair"),
    ],
)
def test_bad_networks(arguments, message):
    with pytest.raises(ValueError, match=message):
        ll.FilterNetwork.random(**arguments)


def test_bad_shapes():
    with pytest.raises(ValueError, match=r"W must have shape \(2, 2\), got \(3, 3\)"):
        ll.FilterNetwork(np.eye(3), [1.0, 0.0], [0.0, 1.0])
    with pytest.raises(ValueError, match="lags must be whole numbers"):
        ll.FilterNetwork([[0.5]], [1.0], [1.0]).kernel([0.5])
    with pytest.raises(TypeError, match="net must be a FilterNetwork"):
        ll.filter_loss(ll.Model("linear", n=2), ll.FilterTask(0.5))
