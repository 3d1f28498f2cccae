"""Delay embedding: points exactly, neighbours by brute force, and choices on systems whose answer is known."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import cKDTree

import lyaplab as ll
from lyaplab.engine.embedding import (
    _mutual_information,
    choose_dimension,
    choose_lag,
    delay_points,
    mean_period,
    nearest_outside,
)


@pytest.mark.parametrize(("dimension", "lag", "width"), [(1, 1, 1), (3, 2, 1), (2, 5, 2)])
def test_points_hold_the_right_rows(dimension, lag, width):
    series = np.random.default_rng(0).standard_normal((40, width))
    points = delay_points(series, dimension=dimension, lag=lag)
    assert points.shape == (40 - (dimension - 1) * lag, dimension * width)
    for t in range(len(points)):
        np.testing.assert_array_equal(points[t], np.concatenate([series[t + m * lag] for m in range(dimension)]))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 30), st.integers(1, 3), st.booleans())
def test_nearest_neighbours_are_those_of_brute_force(seed, theiler, width, smooth):
    points = np.random.default_rng(seed).standard_normal((60, width))
    if smooth:  # neighbours in time are neighbours in space, as along a flow
        points = np.cumsum(points, axis=0)
    partners, distances = nearest_outside(cKDTree(points), np.arange(60), theiler=theiler)
    gaps = np.linalg.norm(points[:, None] - points, axis=2)
    gaps[np.abs(np.subtract.outer(np.arange(60), np.arange(60))) <= theiler] = np.inf
    possible = np.isfinite(gaps).any(axis=1)
    np.testing.assert_array_equal(partners >= 0, possible)
    np.testing.assert_allclose(distances, gaps.min(axis=1), rtol=1e-12)
    np.testing.assert_array_equal(partners[possible], gaps.argmin(axis=1)[possible])


def series_of(name: str, steps: int, warmup: int = 1000) -> np.ndarray:
    return ll.Model(name).orbit(steps, warmup=warmup)[:, :1]


@pytest.mark.parametrize(
    ("name", "steps", "lags", "dimension"),
    [("logistic", 3000, (1, 1), 1), ("henon", 3000, (1, 1), 2), ("lorenz63", 12_000, (12, 25), 3)],
)
def test_choices_for_known_attractors(name, steps, lags, dimension):
    series = series_of(name, steps)
    lag = choose_lag(series[:, 0])
    assert lags[0] <= lag <= lags[1]
    theiler = math.ceil(mean_period(series))
    assert choose_dimension(series, lag=lag, theiler=theiler) == dimension


def test_noise_never_unfolds():
    series = np.random.default_rng(1).standard_normal((2000, 1))
    assert choose_lag(series[:, 0]) == 1 and choose_dimension(series, lag=1, theiler=4) == 8


def test_an_exact_period_unfolds_in_two():
    """Neighbours at distance 0 are no evidence, except where one more coordinate tells rising from falling."""
    series = np.sin(2 * np.pi * np.arange(1000) / 26)[:, None]
    assert choose_dimension(series, lag=6, theiler=25) == 2


def test_mutual_information():
    rng = np.random.default_rng(0)
    x = rng.standard_normal(40_000)
    # Independent values share only what 225 degrees of freedom feign.
    assert _mutual_information(x, 2)[1] == pytest.approx(225 / 2 / 40_000, abs=2e-3)
    # Gaussian values with correlation c share -log(1 - c²)/2; 16 bins lose a little.
    c, y = 0.8, np.empty(40_000)
    y[0] = x[0]
    for t in range(1, len(x)):
        y[t] = c * y[t - 1] + math.sqrt(1 - c**2) * x[t]
    assert _mutual_information(y, 1)[0] == pytest.approx(-0.5 * math.log(1 - c**2), abs=0.04)


def test_mean_period_of_two_tones():
    t = np.arange(2000.0)
    two = np.sin(2 * np.pi * t / 20) + np.sin(2 * np.pi * t / 40)
    assert mean_period(two[:, None]) == pytest.approx(1 / (0.5 / 20 + 0.5 / 40), rel=1e-6)
