"""Local exponents: windows that add up to the whole, and scatter as the theory of averages says."""

from __future__ import annotations

import math

import numpy as np
import pytest

import lyaplab as ll
from lyaplab.engine.local import LocalExponents


def test_windows_are_jacobians_products_by_hand():
    net = ll.Model("logistic", r=3.9)
    local = net.local_exponents(60, window=6, warmup=20)
    slopes = np.log(np.abs(net.jacobian(net.orbit(60, warmup=20))[:, 0, 0]))
    np.testing.assert_allclose(local.exponents[:, 0], slopes.reshape(10, 6).mean(axis=1), atol=1e-12)


@pytest.mark.parametrize("name", ["henon", "lorenz63", "tanh"])
def test_their_mean_is_the_exponent(name):
    net = ll.Model(name, n=8, gain=2.5, seed=1) if name == "tanh" else ll.Model(name)
    local, spectrum = net.local_exponents(6000, window=50), net.lyapunov_spectrum(6000)
    assert local.exponents.shape == (120, net.d) and local.unit == spectrum.unit
    np.testing.assert_allclose(local.mean, spectrum.exponents, atol=1e-6)
    assert local.times[-1] == pytest.approx(6000 * (net.time_step or 1.0))


def test_width_falls_as_the_root_of_the_window():
    """SCIENCE, section 4. The logistic map at r = 3.9 has no long swings: windows are independent."""
    net = ll.Model("logistic", r=3.9)
    windows = np.array([25, 100, 400])
    width = [net.local_exponents(200_000, window=int(w)).width[0] for w in windows]
    slope = np.polyfit(np.log(windows), np.log(width), 1)[0]
    assert slope == pytest.approx(-0.5, abs=0.1)


def test_driven_network_has_local_exponents_of_its_inputs():
    net = ll.Model("tanh", n=5, m=1, gain=2.0, seed=0)
    loud = np.zeros((400, 1))
    loud[200:] = 20.0
    local = net.local_exponents(inputs=loud, window=100, warmup=0, k=1)
    # Saturated units hardly pass anything on.
    assert local.exponents[3, 0] < local.exponents[0, 0] - 2


def test_the_error_is_that_of_the_spectrum():
    net = ll.Model("henon")
    local, spectrum = net.local_exponents(20_000, window=80), net.lyapunov_spectrum(20_000)
    np.testing.assert_allclose(local.stderr, spectrum.stderr, rtol=0.6)


def test_a_dead_direction_stays_dead():
    local = ll.Model("linear", W=np.diag([0.5, 0.0])).local_exponents(20, window=5)
    np.testing.assert_allclose(local.exponents, [[math.log(0.5), -math.inf]] * 4)


def test_what_is_left_over_is_not_used():
    assert ll.Model("henon").local_exponents(59, window=10).exponents.shape == (5, 2)
    assert np.isnan(ll.Model("henon").local_exponents(10, window=10).width).all()


def test_result_is_kept(tmp_path):
    local = ll.Model("henon").local_exponents(100, window=10)
    local.save(tmp_path / "local.npz")
    np.testing.assert_array_equal(LocalExponents.load(tmp_path / "local.npz").exponents, local.exponents)
    assert list(local.to_pandas().columns) == ["time", "exponent_1", "exponent_2"]
    assert "10 windows of 10 steps" in repr(local)


BAD = [
    (lambda: ll.Model("henon").local_exponents(10, window=11), "window must be at most 10, the number of steps"),
    (lambda: ll.Model("henon").local_exponents(10, window=0), "window must be a whole number of at least 1, got 0"),
    (
        lambda: ll.Model("tanh", n=2, m=1).local_exponents(inputs=np.zeros((2, 600, 1)), window=5),
        "inputs must be one sequence",
    ),
]


@pytest.mark.parametrize(("call", "text"), BAD, ids=range(len(BAD)))
def test_bad_input_is_named(call, text):
    with pytest.raises(ValueError, match=text):
        call()
