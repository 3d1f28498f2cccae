"""Dynamic mean field of rate networks: exact limits, other ways to the same numbers, and simulations."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.linalg import eigh_tridiagonal
from scipy.optimize import brentq

import lyaplab as ll
from lyaplab.theory._rate_field import Averages
from lyaplab.theory.mean_field import gaussian_average_grid

mean_field_flow = ll.theory.mean_field_flow


@pytest.mark.parametrize("variance", [0.01, 1.0, 30.0, 1000.0])
def test_averages_at_their_ends(variance):
    """At equal arguments and at independent ones the double average is a single one."""
    width = math.sqrt(variance)
    z, weights = gaussian_average_grid(width)
    size = np.abs(width * z)
    log_cosh = size + np.log1p(np.exp(-2 * size)) - math.log(2)
    slopes = 1.0 - np.tanh(width * z) ** 2
    averages = Averages(variance)
    assert averages.slope(variance) == pytest.approx(np.sum(weights * slopes**2), rel=1e-10)
    assert averages.floor == pytest.approx(np.sum(weights * slopes) ** 2, rel=1e-10)
    assert averages.rates(variance) == pytest.approx(np.sum(weights * np.tanh(width * z) ** 2), rel=1e-12)
    spread = np.sum(weights * log_cosh**2) - np.sum(weights * log_cosh) ** 2
    assert averages.energy(variance) == pytest.approx(spread, rel=1e-8)


def test_averages_in_between():
    """By a double sum over two independent Gaussians."""
    variance, covariance = 4.0, 1.5
    z, weights = gaussian_average_grid(2.0)
    y = covariance / 2.0 * z[:, None] + math.sqrt(variance - covariance**2 / variance) * z
    both = np.tanh(2.0 * z)[:, None] * np.tanh(y) * weights[:, None] * weights
    assert Averages(variance).rates(covariance) == pytest.approx(both.sum(), rel=1e-12)
    h = 1e-4
    averages = Averages(variance)
    assert averages.slope(1.5) == pytest.approx((averages.rates(1.5 + h) - averages.rates(1.5 - h)) / (2 * h), rel=1e-7)
    assert averages.rates(1.5) == pytest.approx(
        (averages.energy(1.5 + h) - averages.energy(1.5 - h)) / (2 * h), rel=1e-7
    )


@pytest.mark.parametrize("gain", [0.0, 0.5, 1.0])
def test_a_weak_network_rests(gain):
    result = mean_field_flow(gain)
    assert result.exponent == gain - 1.0 and result.variance == 0.0 and "rest at 0" in repr(result)


def test_no_coupling_is_filtered_noise():
    result = mean_field_flow(0.0, noise=2.0)
    assert result.variance == pytest.approx(1.0, rel=1e-12) and result.exponent == pytest.approx(-1.0, abs=1e-9)
    np.testing.assert_allclose(result.autocorrelation, np.exp(-result.lags), rtol=1e-8)


def test_onset():
    """Half the square of the distance from the transition (Sompolinsky, Crisanti and Sommers 1988)."""
    ratios = [mean_field_flow(1.0 + e).exponent / (e**2 / 2) for e in (1e-2, 1e-3)]
    assert ratios[0] == pytest.approx(1.0, abs=0.05) and ratios[1] == pytest.approx(1.0, abs=0.005)


def test_large_gain():
    """The rates become signs: the variance is 2 (1 - 2/pi) gain²."""
    assert mean_field_flow(60.0).variance / 3600.0 == pytest.approx(2 * (1 - 2 / math.pi), rel=2e-3)


def test_the_autocorrelation_obeys_its_equation():
    result = mean_field_flow(2.0, noise=0.5)
    t, d = result.lags, result.autocorrelation
    averages = Averages(result.variance)
    assert d[0] == pytest.approx(result.variance) and d[-1] < 1e-4 * d[0] and (np.diff(d) < 0).all()
    assert (d[1] - d[0]) / (t[1] - t[0]) == pytest.approx(-0.25, abs=1e-3)
    for i in range(200, 1600, 200):
        left, right = t[i] - t[i - 1], t[i + 1] - t[i]
        second = 2 * ((d[i + 1] - d[i]) / right - (d[i] - d[i - 1]) / left) / (left + right)
        assert second == pytest.approx(d[i] - 4.0 * averages.rates(d[i]), abs=2e-5)


def test_well_has_the_slope_of_the_autocorrelation_at_energy_zero():
    """Shifts in time cost nothing: D' is the first excited state. By finite differences, which err by 1e-6."""
    gain = 2.0
    result = mean_field_flow(gain)
    ground, excited = finite_differences(result)
    assert excited == pytest.approx(0.0, abs=2e-5)
    assert -1.0 + math.sqrt(1.0 - ground) == pytest.approx(result.exponent, abs=2e-6)


def finite_differences(result: object, count: int = 4000) -> tuple[float, float]:
    """Lowest even and odd energies of -d²/dt² + 1 - gain² E sech² sech²."""
    length = 2.0 * result.lags[-1]
    h = length / count
    t = (np.arange(count) + 0.5) * h
    covariance = np.interp(np.sqrt(t), np.sqrt(result.lags), result.autocorrelation, right=0.0)
    averages = Averages(result.variance)
    diagonal = 1.0 - result.gain**2 * np.array([averages.slope(c) for c in covariance]) + 2.0 / h**2
    beside = np.full(count - 1, -1.0 / h**2)
    energies = []
    for sign in (-1.0, 1.0):
        diagonal[0] += sign / h**2
        energies.append(eigh_tridiagonal(diagonal, beside, select="i", select_range=(0, 0))[0][0])
        diagonal[0] -= sign / h**2
    return energies[0], energies[1]


def euler_exponent(gain: float, dt: float, noise: float) -> tuple[float, float]:
    """Exponent and variance by mean-field theory of Euler's steps: no potential, no ball, no Schroedinger equation.

    The autocorrelation is iterated with fast Fourier transforms; the growth rate mu of a small difference between two
    copies, at times s and t, is where (mu S - a)(mu/S - a) - (dt gain)² E sech² sech² has the eigenvalue 0, S the
    shift of t - s by one step and a = 1 - dt.
    """
    half = int(30.0 / dt)
    a, k = 1.0 - dt, np.arange(2 * half)
    lag = np.minimum(k, 2 * half - k) * dt
    response = dt**2 / np.abs(np.exp(1j * math.pi * k / half) - a) ** 2
    start = mean_field_flow(gain, noise=noise)
    d = np.interp(lag, start.lags, start.autocorrelation, right=0.0)
    for _ in range(300):
        averages = Averages(d[0])
        one_side = [math.copysign(averages.rates(min(abs(c), d[0])), c) for c in d[: half + 1]]
        rates = np.concatenate([one_side, one_side[-2:0:-1]])
        new = np.fft.ifft((gain**2 * np.fft.fft(rates).real + noise / dt) * response).real
        change = np.abs(new - d).max()
        d = 0.5 * (d + new)
        if change < 1e-6:
            break
    assert change < 1e-6
    averages = Averages(d[0])
    slopes = np.array([averages.slope(min(abs(c), d[0])) for c in d[:half]])

    def lowest(mu: float) -> float:
        beside = np.full(half - 1, -a * mu)
        beside[0] *= math.sqrt(2.0)
        diagonal = mu**2 + a**2 - (dt * gain) ** 2 * slopes
        return eigh_tridiagonal(diagonal, beside, select="i", select_range=(0, 0))[0][0]

    return math.log(brentq(lowest, a + 1e-6, a + dt * gain + 0.5)) / dt, d[0]


@pytest.mark.parametrize(("gain", "noise"), [(2.0, 0.0), (2.0, 0.5), (4.0, 2.0)])
def test_eulers_steps_tend_to_the_flow(gain, noise):
    (coarse, _), (fine, variance) = (euler_exponent(gain, dt, noise) for dt in (0.2, 0.1))
    theory = mean_field_flow(gain, noise=noise)
    # The error of the step is linear in dt and much larger than what is left after extrapolation.
    assert abs(fine - theory.exponent) < 0.6 * abs(coarse - theory.exponent)
    assert 2 * fine - coarse == pytest.approx(theory.exponent, abs=1.2e-3)
    assert variance == pytest.approx(theory.variance, rel=5e-3)


@pytest.mark.parametrize(("gain", "noise"), [(2.0, 0.0), (0.7, 0.5)])
def test_a_whole_step_is_the_map(gain, noise):
    """With dt = 1 the network is h' = W tanh(h) + noise, whose theory is the other function's."""
    theory = ll.theory.mean_field_map(gain, noise=noise)
    exponent, variance = euler_exponent(gain, 1.0 - 1e-9, noise)
    assert exponent == pytest.approx(theory.exponent, abs=1e-5)
    assert variance == pytest.approx(theory.variance, rel=1e-5)


def test_large_networks_come_near():
    """N = 1000, dt = 0.1: some 0.01 below (finite N), and scatter of the same size."""
    theory = mean_field_flow(2.0)
    net = ll.Model("rate", n=1000, gain=2.0, seed=0, dt=0.1)
    x0 = np.random.default_rng(0).standard_normal(1000)
    spectrum = net.lyapunov_spectrum(2000, k=1, x0=x0, warmup=600)
    assert spectrum.exponents[0] == pytest.approx(theory.exponent, abs=0.035)
    path = net.orbit(1000, x0=x0, warmup=600)
    assert np.mean(path**2) == pytest.approx(theory.variance, rel=0.12)
    at = [float(np.mean(path[: 1000 - k] * path[k:])) for k in (10, 30)]
    predicted = np.interp([1.0, 3.0], theory.lags, theory.autocorrelation)
    np.testing.assert_allclose(at, predicted, atol=0.2)


def test_table_and_files(tmp_path):
    result = mean_field_flow(1.5)
    assert list(result.table()) == ["lag", "autocorrelation"] and "chaos" in repr(result)
    result.save(tmp_path / "flow.npz")
    back = type(result).load(tmp_path / "flow.npz")
    np.testing.assert_array_equal(back.autocorrelation, result.autocorrelation)
    assert back.exponent == result.exponent
