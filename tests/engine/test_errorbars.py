"""Standard errors of averages over correlated series with a known answer."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lyaplab.engine.errorbars import standard_error


def autoregressive(phi: float, length: int, runs: int, seed: int = 0) -> np.ndarray:
    """Stationary AR(1) series x' = phi x + noise, one a column."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(runs) / math.sqrt(1 - phi**2)
    series = np.empty((length, runs))
    for t in range(length):
        series[t] = x
        x = phi * x + rng.standard_normal(runs)
    return series


def marks_of(series: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    times = np.linspace(0, len(series), count + 1).astype(int)
    sums = np.vstack([np.zeros(series.shape[1]), np.cumsum(series, axis=0)])
    return times.astype(float), sums[times]


@pytest.mark.parametrize("phi", [0.0, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("count", [64, 256])
def test_autoregressive_series(phi, count):
    """The integrated variance of AR(1) with unit noise is 1/(1 - phi)²: the mean of T terms errs by 1/(1 - phi)/√T."""
    length = 32_768
    times, growth = marks_of(autoregressive(phi, length, 200), count)
    said = standard_error(times, growth)
    exact = 1 / (1 - phi) / math.sqrt(length)
    assert np.sqrt(np.mean(said**2)) == pytest.approx(exact, rel=0.3)
    # And for nearly every single series within a factor of two.
    assert np.mean((said > exact / 2) & (said < exact * 2)) > 0.95


def test_bounded_swing_is_not_taken_for_noise():
    """Growth = trend + stationary noise: the error falls as 1/T, and blocks overstate it, but not by eight."""
    rng = np.random.default_rng(0)
    times = np.arange(65.0)
    growth = 0.5 * times[:, None] + rng.standard_normal((65, 400))
    growth[0] = 0.0
    exact = 1.0 / 64
    said = standard_error(times, growth)
    naive = math.sqrt(2 / 64)  # the scatter of the smallest blocks
    assert exact < np.sqrt(np.mean(said**2)) < 0.5 * naive


def test_exact_growth_has_no_error():
    times = np.arange(100.0)
    np.testing.assert_allclose(standard_error(times, np.stack([2.0 * times, 0.0 * times], axis=1)), 0.0, atol=1e-15)


def test_dead_directions_have_no_error_and_few_blocks_none():
    growth = np.array([[0.0], [-np.inf], [-np.inf]])
    assert standard_error(np.arange(3.0), growth)[0] == 0.0
    assert np.isnan(standard_error(np.arange(2.0), np.zeros((2, 1))))[0]
    assert np.isnan(standard_error(np.zeros(1), np.zeros((1, 3)))).all()


def test_blocks_of_different_lengths_are_weighted():
    rng = np.random.default_rng(1)
    lengths = rng.integers(1, 200, 64)
    times = np.concatenate([[0], np.cumsum(lengths)]).astype(float)
    steps = rng.standard_normal((int(times[-1]), 300))
    sums = np.vstack([np.zeros(300), np.cumsum(steps, axis=0)])[times.astype(int)]
    assert np.sqrt(np.mean(standard_error(times, sums) ** 2)) == pytest.approx(1 / math.sqrt(times[-1]), rel=0.3)


def test_a_transient_is_not_left_out():
    """A first part that grew otherwise counts in the mean: so it does in the error."""
    rates = np.concatenate([np.full(30, 1.0), np.zeros(269)]) + 0.01 * np.random.default_rng(2).standard_normal(299)
    growth = np.concatenate([[0.0], np.cumsum(rates)])[:, None]
    said = standard_error(np.arange(300.0), growth)[0]
    assert said > 0.05  # the mean of all is 0.1, that of all but the first part 0
