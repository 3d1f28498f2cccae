"""Surrogates: the same values, nearly the same spectrum, and nothing else of the series."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import lyaplab as ll
from lyaplab.data import surrogate

series = arrays(float, st.integers(4, 60), elements=st.floats(-1e6, 1e6))


@given(series, st.integers(0, 2**32))
def test_the_values_are_those_of_the_series(x, seed):
    assert np.array_equal(np.sort(surrogate(x, seed=seed)), np.sort(x))


def waves(seed: int) -> np.ndarray:
    """Noise that swings with a period of about eleven, bent so that its peaks are sharper than its valleys."""
    rng, x = np.random.default_rng(seed), np.zeros(2100)
    for t in range(2, len(x)):
        x[t] = 1.55 * x[t - 1] - 0.85 * x[t - 2] + rng.standard_normal()
    return np.exp(0.5 * x[100:] / x.std())


def correlation(x: np.ndarray, lag: int) -> float:
    return float(np.corrcoef(x[lag:], x[: len(x) - lag])[0, 1])


@pytest.mark.parametrize("lag", [1, 3, 5, 11])
def test_the_correlations_are_nearly_those_of_the_series(lag):
    x = waves(0)
    kept = np.mean([correlation(surrogate(x, seed=seed), lag) for seed in range(20)])
    assert kept == pytest.approx(correlation(x, lag), abs=0.03)


def test_the_sun_keeps_its_cycle():
    numbers = ll.data.sunspots()[1]
    for lag in (1, 2, 5, 11):
        kept = np.mean([correlation(surrogate(numbers, seed=seed), lag) for seed in range(10)])
        assert kept == pytest.approx(correlation(numbers, lag), abs=0.05)


def test_another_seed_is_another_series_and_the_same_seed_the_same():
    x = waves(1)
    assert np.array_equal(surrogate(x, seed=3), surrogate(x, seed=3))
    assert abs(np.corrcoef(surrogate(x, seed=3), surrogate(x, seed=4))[0, 1]) < 0.3
    assert abs(np.corrcoef(surrogate(x, seed=3), x)[0, 1]) < 0.3


def test_a_rule_from_step_to_step_is_lost():
    x = np.empty(1000)
    x[0] = 0.3
    for t in range(999):
        x[t + 1] = 4 * x[t] * (1 - x[t])
    noise = surrogate(x)
    assert np.abs(x[1:] - 4 * x[:-1] * (1 - x[:-1])).max() == 0.0
    assert np.abs(noise[1:] - 4 * noise[:-1] * (1 - noise[:-1])).mean() > 0.3


@pytest.mark.parametrize("wrong", [[1.0, 2.0], np.zeros((5, 2)), [1.0, 2.0, np.nan, 4.0]])
def test_what_is_no_series_is_told(wrong):
    with pytest.raises(ValueError, match="series"):
        surrogate(wrong)
