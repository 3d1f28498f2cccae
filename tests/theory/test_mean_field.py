"""Mean-field theory in discrete time, held against literature values, limits, other quadrature and simulations."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

import lyaplab as ll
from lyaplab.theory.mean_field import gaussian_average_grid

mean_field_map = ll.theory.mean_field_map


@pytest.mark.parametrize(("gain", "exponent"), [(1.1, 0.00507), (1.5, 0.06522), (2.0, 0.15472), (5.0, 0.53243)])
def test_exponents_without_noise(gain, exponent):
    """Row 30."""
    assert mean_field_map(gain).exponent == pytest.approx(exponent, abs=6e-6)


@pytest.mark.parametrize(("noise", "exponent"), [(0.0, 0.1547), (0.25, 0.1204), (1.0, 0.0460)])
def test_noise_suppresses_chaos(noise, exponent):
    """Row 30b."""
    assert mean_field_map(2.0, noise=noise).exponent == pytest.approx(exponent, abs=6e-5)


@pytest.mark.parametrize("gain", [0.1, 0.5, 1.0])
def test_a_weak_network_rests(gain):
    result = mean_field_map(gain)
    assert result.variance == result.activity == 0.0 and not result.chaotic
    assert result.exponent == pytest.approx(math.log(gain), abs=1e-14)
    assert "rest at 0" in repr(result)


def test_no_coupling_leaves_the_noise():
    result = mean_field_map(0.0, noise=0.7)
    assert result.variance == pytest.approx(0.7, rel=1e-13) and result.exponent == -math.inf


@given(st.floats(0.01, 30.0), st.floats(0.0, 10.0))
def test_the_variance_reproduces_itself(gain, noise):
    result = mean_field_map(gain, noise=noise)
    assert result.variance == pytest.approx(gain**2 * result.activity + noise, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("width", [0.3, 2.0, 12.0])
def test_averages_agree_with_adaptive_quadrature(width):
    z, weights = gaussian_average_grid(width)
    density = lambda x: math.exp(-x * x / 2) / math.sqrt(2 * math.pi)  # noqa: E731
    exact = 2 * quad(lambda x: density(x) / math.cosh(width * x) ** 4, 0, 8.5, epsabs=1e-14, epsrel=1e-13, limit=500)[0]
    assert np.sum(weights / np.cosh(width * z) ** 4) == pytest.approx(exact, rel=1e-12)


def test_averages_have_converged_in_their_step(monkeypatch):
    from lyaplab.theory import mean_field

    for gain in (1.1, 2.0, 5.0, 100.0):
        coarse = mean_field_map(gain).exponent
        with monkeypatch.context() as finer:
            finer.setattr(mean_field, "_NATS", 2.0 * mean_field._NATS)
            assert mean_field_map(gain).exponent == pytest.approx(coarse, abs=1e-13)


def test_gauss_hermite_is_not_enough_at_large_gain():
    """Why the grid: 201 nodes miss the exponent of gain 5 by far more than the tables' digits."""
    z, weights = np.polynomial.hermite_e.hermegauss(201)
    result = mean_field_map(20.0)
    slopes = np.sum(weights * (1 - np.tanh(math.sqrt(result.variance) * z) ** 2) ** 2) / math.sqrt(2 * math.pi)
    assert abs(0.5 * math.log(400.0 * slopes) - result.exponent) > 1e-3


@pytest.mark.parametrize("gain", [1.5, 3.0])
def test_a_large_network_behaves_so(gain):
    net = ll.Model("tanh", n=500, gain=gain, seed=1)
    theory = mean_field_map(gain)
    spectrum = net.lyapunov_spectrum(1500, k=1, warmup=300)
    assert spectrum.exponents[0] == pytest.approx(theory.exponent, abs=0.02)
    assert np.mean(net.orbit(300, warmup=300) ** 2) == pytest.approx(theory.activity, rel=0.08)


def test_a_large_driven_network_behaves_so():
    n, noise = 400, 1.0
    net = ll.Model("tanh", n=n, m=n, gain=2.0, seed=2, U=np.eye(n))
    inputs = math.sqrt(noise) * np.random.default_rng(0).standard_normal((1200, n))
    theory = mean_field_map(2.0, noise=noise)
    spectrum = net.lyapunov_spectrum(k=1, inputs=inputs, warmup=200)
    assert spectrum.exponents[0] == pytest.approx(theory.exponent, abs=0.02)


@pytest.mark.parametrize(
    ("gain", "noise", "said"), [(-1.0, 0.0, "gain"), (1.0, -1.0, "noise"), (math.nan, 0.0, "gain")]
)
def test_bad_numbers_are_named(gain, noise, said):
    with pytest.raises(ValueError, match=said):
        mean_field_map(gain, noise=noise)


def test_it_is_saved_and_loaded(tmp_path):
    result = mean_field_map(2.0)
    result.save(tmp_path / "theory.npz")
    assert type(result).load(tmp_path / "theory.npz") == result
