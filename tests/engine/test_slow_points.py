"""Slow points: minima of the speed that are not zero, against exact ones, and against SciPy."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.optimize import minimize, minimize_scalar

import lyaplab as ll


def speed(net):
    """q as a function of one state."""
    return lambda x: 0.5 * float(np.sum(net.field(x) ** 2))


@pytest.mark.parametrize("b", [0.55, 0.6, 1.0])
def test_what_a_saddle_node_leaves(b):
    """The gap tanh(2 h + b) - h is stationary where 2 sech² = 1: the bottleneck of the lesson."""
    net = ll.Model("tanh", w=2.0, b=b)
    found = net.slow_points()
    h = (-math.atanh(math.sqrt(0.5)) - b) / 2
    gap = -math.sqrt(0.5) - h
    np.testing.assert_allclose(found.points, [[h]], atol=1e-7)
    assert found.q[0] == pytest.approx(0.5 * gap**2, rel=1e-9)
    assert found.eigenvalues[0, 0].real == pytest.approx(1.0, abs=1e-6)
    assert found.at_rest > 0.1 and found.hits.sum() <= found.starts


def test_none_where_everything_comes_to_rest():
    found = ll.Model("tanh", w=0.5).slow_points()
    assert len(found) == 0 and found.at_rest == 1.0 and found.points.shape == (0, 1)
    assert repr(found) == "SlowPoints(0 found; 100% of 256 starts came to rest instead)"


@pytest.mark.parametrize(("name", "seed"), [("tanh", 3), ("tanh", 1), ("rate", 2)])
def test_they_are_minima_in_scipy_s_eyes_too(name, seed):
    net = ll.Model(name, n=6, gain=2.5, seed=seed)
    found = net.slow_points()
    assert (np.diff(found.q) >= 0).all()
    q = speed(net)
    for x, value in zip(found.points, found.q, strict=True):
        assert value == pytest.approx(q(x), rel=1e-9) and value > 1e-12
        nearby = minimize(q, x, method="BFGS", options={"gtol": 1e-9})
        np.testing.assert_allclose(nearby.x, x, atol=1e-4)
        assert nearby.fun == pytest.approx(value, rel=1e-6)
        # All around it is faster.
        around = x + 1e-3 * np.random.default_rng(0).standard_normal((50, net.d))
        assert min(q(y) for y in around) > value
    assert (found.gradients <= 1e-6 * np.sqrt(found.q)).all()


def test_speed_of_a_flow_is_that_of_its_vector_field():
    @ll.flow(dt=0.1)
    def ghost(x, gap=0.01):
        return gap + x * x

    found = ll.Model(ghost).slow_points()
    np.testing.assert_allclose(found.points, [[0.0]], atol=1e-6)
    assert found.q[0] == pytest.approx(0.5 * 0.01**2) and found.unit == "time"


def test_a_maximum_of_the_speed_is_none():
    """F(x) - x = cos x + 2 is slowest at odd multiples of pi, fastest at even ones."""

    @ll.map
    def wave(x):
        return x + np.cos(x) + 2.0

    found = ll.Model(wave).slow_points(64)
    assert len(found) > 0
    np.testing.assert_allclose(np.cos(found.points), -1.0, atol=1e-9)
    np.testing.assert_allclose(found.q, 0.5, atol=1e-12)
    q = speed(ll.Model(wave))
    assert minimize_scalar(lambda x: q([x]), bounds=(2, 4), method="bounded").fun == pytest.approx(0.5)


def test_a_larger_chaotic_network_has_some():
    net = ll.Model("tanh", n=40, gain=1.8, seed=0)
    found = net.slow_points(24)
    assert len(found) > 0 and found.q[0] > 1e-12
    # The Jacobian of the field is singular at each: one eigenvalue of the map is 1.
    assert np.abs(found.eigenvalues - 1.0).min(axis=1).max() < 1e-3


def test_table_and_files(tmp_path):
    found = ll.Model("tanh", w=2.0, b=0.6).slow_points(32)
    assert list(found.to_pandas().columns) == ["q", "hits", "x1"]
    found.save(tmp_path / "slow.npz")
    np.testing.assert_array_equal(type(found).load(tmp_path / "slow.npz").q, found.q)
