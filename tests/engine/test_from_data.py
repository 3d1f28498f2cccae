"""Exponents from a series: known systems, noise without a claim, periods, laws, and errors."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lyaplab as ll

METHODS = ("rosenstein", "kantz")


def henon(steps: int, seed: int = 0) -> np.ndarray:
    start = np.random.default_rng(seed).uniform(-0.1, 0.1, 2)
    return ll.Model("henon").orbit(steps, x0=start, warmup=100)[:, 0]


def lorenz(steps: int, seed: int = 0) -> np.ndarray:
    start = np.random.default_rng(seed).uniform(1.0, 2.0, 3)
    return ll.Model("lorenz63").orbit(steps, x0=start, warmup=2000)[:, 0]


def autoregressive(steps: int, share: float, seed: int) -> np.ndarray:
    x, noise = np.zeros(steps), np.random.default_rng(seed).standard_normal(steps)
    for t in range(1, steps):
        x[t] = share * x[t - 1] + noise[t]
    return x


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("steps", "tolerance"), [(300, 0.06), (2000, 0.03)])
def test_logistic(method, steps, tolerance):
    x = ll.Model("logistic", r=4.0).orbit(steps, x0=[0.3], warmup=100)[:, 0]
    estimate = ll.lyapunov_from_data(x, method)
    assert estimate.verdict == "linear region" and estimate.embedding == (1, 1)
    assert estimate.exponent == pytest.approx(math.log(2), abs=tolerance)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("seed", range(3))
def test_henon(method, seed):
    estimate = ll.lyapunov_from_data(henon(3000, seed), method)
    assert estimate.exponent == pytest.approx(0.4192, abs=0.03)
    assert estimate.stderr < 0.025 and estimate.embedding == (2, 1) and estimate.unit == "step"
    assert "linear region from" in repr(estimate)


@pytest.mark.parametrize("method", METHODS)
def test_lorenz(method):
    estimate = ll.lyapunov_from_data(lorenz(12_000), method, dt=0.01)
    assert estimate.exponent == pytest.approx(0.906, abs=0.15)
    assert estimate.exponent == pytest.approx(0.906, abs=4 * estimate.stderr)
    assert estimate.unit == "time" and estimate.dimension == 3
    assert estimate.times[-1] == pytest.approx(0.01 * (len(estimate.curve) - 1))


def test_both_methods_agree():
    for x, dt in ((henon(3000), None), (lorenz(12_000), 0.01)):
        first, second = (ll.lyapunov_from_data(x, method, dt=dt) for method in METHODS)
        assert abs(first.exponent - second.exponent) < 3 * math.hypot(first.stderr, second.stderr)


def test_states_need_no_embedding():
    path = ll.Model("henon").orbit(3000)
    estimate = ll.lyapunov_from_data(path)
    assert estimate.embedding == (1, 1) and estimate.exponent == pytest.approx(0.4192, abs=0.03)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("steps", [200, 2000])
@pytest.mark.parametrize("seed", range(3))
def test_white_noise_makes_no_claim(method, steps, seed):
    noise = np.random.default_rng(seed).standard_normal(steps)
    for options in ({}, {"dimension": 3, "lag": 1}):
        estimate = ll.lyapunov_from_data(noise, method, **options)
        assert estimate.verdict == "no linear region" and estimate.region is None
        assert math.isnan(estimate.exponent) and math.isnan(estimate.stderr)
    assert "no linear region" in repr(estimate)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("share", [0.5, 0.9, 0.98, 1.0])
def test_red_noise_makes_no_claim(method, share):
    for seed in range(2):
        estimate = ll.lyapunov_from_data(autoregressive(1500, share, seed), method)
        assert estimate.verdict == "no linear region"


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("period", [25.0, 25.0 * math.sqrt(1.1)])
def test_a_period_has_exponent_zero(method, period):
    estimate = ll.lyapunov_from_data(np.sin(2 * np.pi * np.arange(1500) / period), method)
    assert estimate.verdict == "no divergence"
    assert abs(estimate.exponent) <= max(3 * estimate.stderr, 1e-6) and abs(estimate.exponent) < 1e-3


@pytest.mark.parametrize("method", METHODS)
def test_two_periods_too(method):
    t = 0.2 * np.arange(2000)
    estimate = ll.lyapunov_from_data(np.sin(t) + np.sin(math.sqrt(2) * t), method)
    assert estimate.verdict == "no divergence" and abs(estimate.exponent) < 0.005


@pytest.mark.parametrize("method", METHODS)
def test_a_period_in_noise_is_not_chaos(method):
    t = np.arange(1500)
    for seed in range(3):
        noisy = np.sin(0.24 * t) + 0.1 * np.random.default_rng(seed).standard_normal(1500)
        assert ll.lyapunov_from_data(noisy, method).verdict != "linear region"


SHORT = henon(400)


@settings(max_examples=20, deadline=None)
@given(st.floats(1e-6, 1e6), st.floats(-1e3, 1e3), st.sampled_from(METHODS))
def test_units_of_the_series_do_not_matter(scale, shift, method):
    plain, changed = (ll.lyapunov_from_data(x, method) for x in (SHORT, scale * (SHORT + shift)))
    assert changed.exponent == pytest.approx(plain.exponent, rel=1e-3)
    assert changed.eps == pytest.approx(scale * plain.eps, rel=1e-3)


def test_time_is_a_unit():
    per_step, per_time = ll.lyapunov_from_data(SHORT), ll.lyapunov_from_data(SHORT, dt=0.25)
    assert per_time.exponent == pytest.approx(4 * per_step.exponent)
    assert per_time.stderr == pytest.approx(4 * per_step.stderr)
    np.testing.assert_allclose(per_time.region, 0.25 * per_step.region)


def test_rounded_data():
    """Three digits: pairs that coincide say nothing below the resolution."""
    estimate = ll.lyapunov_from_data(henon(3000).round(3))
    assert estimate.exponent == pytest.approx(0.4192, abs=0.06)


def test_the_slope_is_that_of_the_curve_over_the_region():
    estimate = ll.lyapunov_from_data(SHORT)
    inside = (estimate.times >= estimate.region[0]) & (estimate.times <= estimate.region[1])
    slope = np.polyfit(estimate.times[inside], estimate.curve[inside], 1)[0]
    assert estimate.exponent == pytest.approx(slope, rel=1e-9)
    assert (estimate.scatter > 0).all() and estimate.curve[-1] == pytest.approx(estimate.saturation, abs=0.3)


def test_pieces():
    partial = list(ll.iter_lyapunov_from_data(lorenz(30_000), dimension=3, lag=17))
    done = [estimate.done for estimate in partial]
    assert done == sorted(done) and done[-1] == 1.0 and len(partial) > 1
    whole = ll.lyapunov_from_data(lorenz(30_000), dimension=3, lag=17)
    assert whole.exponent == partial[-1].exponent


def test_options_are_taken():
    estimate = ll.lyapunov_from_data(SHORT, "kantz", dimension=3, lag=2, theiler=7, steps=15, eps=0.2)
    assert (estimate.dimension, estimate.lag, estimate.theiler, estimate.eps) == (3, 2, 7, pytest.approx(0.2))
    assert estimate.times[-1] == 15 and len(estimate.curve) == 16


def test_table_and_files(tmp_path):
    for estimate in (ll.lyapunov_from_data(SHORT), ll.lyapunov_from_data(autoregressive(300, 0.5, 0))):
        assert list(estimate.to_pandas().columns) == ["time", "log_distance", "scatter"]
        estimate.save(tmp_path / "estimate.npz")
        back = type(estimate).load(tmp_path / "estimate.npz")
        np.testing.assert_array_equal(back.curve, estimate.curve)
        assert repr(back) == repr(estimate)


@pytest.mark.parametrize(
    ("series", "said"),
    [
        (np.arange(20.0), "at least 50 rows, got 20"),
        (np.full(100, 3.0), "must vary, got the constant 3"),
        ([1.0, math.nan] * 50, r"series\[1\] is nan"),
        ([math.inf] * 60, r"series\[0\] is inf"),
        (np.zeros((5, 5, 5)), "shape"),
        (np.empty((100, 0)), "shape"),
    ],
)
def test_bad_series_are_named(series, said):
    with pytest.raises(ValueError, match=said):
        ll.lyapunov_from_data(series)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"method": "rosenstien"}, "did you mean 'rosenstein'"),
        ({"dimension": 0}, "dimension must be"),
        ({"lag": 1.5}, "lag must be"),
        ({"theiler": -1}, "theiler must be"),
        ({"steps": 399}, "too short for .*steps=399"),
        ({"theiler": 390}, "theiler=390"),
        ({"dt": 0.0}, "dt must be positive"),
        ({"eps": 0.1}, "eps belongs to method='kantz'"),
        ({"method": "kantz", "eps": 1e-9}, "eps must be larger"),
        ({"method": "kantz", "eps": 0.0}, "eps must be positive"),
    ],
)
def test_bad_options_are_named(options, said):
    with pytest.raises(ValueError, match=said):
        ll.lyapunov_from_data(SHORT, **options)


def test_words_are_no_series():
    with pytest.raises(TypeError, match="series must be an array of real numbers"):
        ll.lyapunov_from_data(["a"] * 100)
