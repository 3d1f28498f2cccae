"""Horizons spaced by their logarithm, and what a result says of gradients."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lyaplab.engine.horizons import GradientHorizons, log_horizons


@given(st.integers(2, 200_000), st.integers(1, 300))
def test_horizons_are_different_enough_and_reach_the_end(steps, count):
    horizons = log_horizons(steps, count)
    assert horizons[-1] == steps and np.all(np.diff(horizons) > 0) and horizons[0] >= 1
    assert min(count, steps) <= len(horizons) <= max(1.1 * count, count + 2)


@pytest.mark.parametrize(
    ("exponent", "stderr", "words"),
    [
        (0.4, 0.01, "gradients explode by 0.4 nats per step"),
        (-0.4, 0.01, "gradients stay bounded"),
        (1e-5, 1e-6, "gradients grow less than exponentially"),
        (0.02, 0.01, "gradients grow less than exponentially"),
    ],
)
def test_the_verdict_follows_from_the_exponent(exponent, stderr, words):
    nothing = np.zeros(1)
    result = GradientHorizons(
        np.array([1]), nothing, nothing, nothing, 0.0, 0.0, exponent, stderr, "chaos", lacking="too large"
    )
    assert result.verdict == words and words in repr(result) and "too large" in repr(result)


def test_rates_are_per_unit_of_the_whole_horizon(tmp_path):
    logs = np.array([1.0, 4.0])
    result = GradientHorizons(
        np.array([10, 20]), logs, logs, logs, 0.0, 0.0, math.nan, math.nan, "driven", unit="time", time_step=0.1
    )
    np.testing.assert_allclose(result.rates, [1.0, 2.0], rtol=1e-12)
    result.save(tmp_path / "one.npz")
    again = GradientHorizons.load(tmp_path / "one.npz")
    np.testing.assert_array_equal(again.horizons, result.horizons)
    assert again.regime == "driven" and list(again.table()) == ["horizon", "log_norm", "log_tangent", "log_gradient"]
