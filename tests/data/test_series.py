"""Series: the same numbers in other units, in parts, in delay coordinates; and what is known of their source."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import lyaplab as ll
from lyaplab.data import Series, from_array

tables = arrays(float, st.tuples(st.integers(10, 40), st.integers(1, 3)), elements=st.floats(-1e9, 1e9))


@pytest.fixture(scope="module")
def walk() -> np.ndarray:
    """Three smooth columns of very different sizes."""
    steps = np.random.default_rng(5).standard_normal((600, 3)).cumsum(axis=0)
    return steps * [1.0, 1e-3, 500.0] + [0.0, 7.0, -1e4]


@pytest.fixture(scope="module")
def series(walk) -> Series:
    return from_array(walk, names=["a", "b", "c"], time_step=0.5, unit="hour", exponent=0.05)


@given(tables)
def test_what_is_scaled_comes_back(table):
    assume((table.std(axis=0) > 1e-6 * np.abs(table).max(axis=0)).all())
    series = from_array(table)
    assert np.allclose(series.values.mean(axis=0), 0.0, atol=1e-8)
    assert np.allclose(series.values.std(axis=0), 1.0)
    assert np.allclose(series.restore(series.values), table, rtol=1e-12, atol=1e-12 * np.abs(table).max())


def test_mean_and_scale_are_those_of_the_source(series, walk):
    assert series.mean == pytest.approx(walk.mean(axis=0))
    assert series.scale == pytest.approx(walk.std(axis=0))
    assert np.allclose(series.restore(np.zeros((2, 5, 3))), walk.mean(axis=0))


@pytest.mark.parametrize("size", [1e-200, 1e200])
def test_huge_and_tiny_numbers_are_scaled_too(size):
    plain = from_array(np.arange(20.0))
    assert np.allclose(from_array(size * np.arange(20.0)).values, plain.values)


def test_noise_comes_after_scaling_and_is_as_large_as_said(walk):
    clean, noisy = from_array(walk), from_array(walk, noise=0.05, seed=3)
    added = noisy.values - clean.values
    assert added.std(axis=0) == pytest.approx(0.05, rel=0.1)
    assert abs(np.corrcoef(added.T) - np.eye(3)).max() < 0.15
    assert np.array_equal(noisy.scale, clean.scale)
    assert np.array_equal(noisy.values, from_array(walk, noise=0.05, seed=3).values)
    assert not np.array_equal(noisy.values, from_array(walk, noise=0.05, seed=4).values)


def test_parts_make_up_the_whole_in_the_same_units(series):
    before, after = series.split(at=0.25)
    assert (len(before), len(after)) == (150, 450)
    assert np.array_equal(np.concatenate([before.values, after.values]), series.values)
    for part in (before, after):
        assert np.array_equal(part.scale, series.scale)
        assert part.tau_pred == series.tau_pred


def test_some_columns_by_name_or_place(series):
    seen = series.observe(["c", 0])
    assert seen.names == ("c", "a")
    assert np.array_equal(seen.values, series.values[:, [2, 0]])
    assert np.array_equal(seen.restore(seen.values), series.restore(series.values)[:, [2, 0]])
    assert seen.exponent == series.exponent
    assert series.observe("b").values.shape == (600, 1)


def test_delay_coordinates_are_the_same_rows_later(series):
    points = series.observe(["a", "b"]).embed(3, lag=4)
    assert points.names == ("a", "b", "a+4", "b+4", "a+8", "b+8")
    assert len(points) == 592
    for place, later in ((0, 0), (2, 4), (4, 8)):
        assert np.array_equal(points.values[:, place], series.values[later : later + 592, 0])
    assert np.allclose(points.restore(points.values)[:, 5], series.restore(series.values)[8:, 1])
    assert series.embed(1, lag=7).names == series.names


def test_a_lag_that_is_left_open_is_a_quarter_of_a_wave():
    waves = from_array(np.sin(2 * np.pi * np.arange(2000) / 100.1))
    assert waves.embed(2).names == ("x", "x+20")  # as `choose_lag` has it


@pytest.mark.parametrize(
    ("exponent", "tau"), [(0.01, math.log(2) / 0.01), (0.0, math.inf), (-1.0, math.inf), (None, math.nan)]
)
def test_predictability_time_of_a_given_exponent(walk, exponent, tau):
    series = from_array(walk, exponent=exponent)
    assert series.tau_pred == pytest.approx(tau, nan_ok=True)
    assert series.exponent_from == ("" if exponent is None else "given")


def test_exponent_from_the_values():
    doubling = from_array(ll.Model("logistic", r=4.0).orbit(2000)).with_exponent()
    assert doubling.exponent_from == "rosenstein"
    assert doubling.exponent == pytest.approx(math.log(2), abs=0.03)
    assert doubling.tau_pred == pytest.approx(1.0, abs=0.05)


def test_noise_has_no_exponent_and_that_is_said():
    noise = from_array(np.random.default_rng(1).standard_normal(800)).with_exponent()
    assert math.isnan(noise.exponent)
    assert math.isnan(noise.tau_pred)
    assert "no linear region" in repr(noise)


def test_neighbours_on_a_cycle_do_not_part():
    swing = from_array(np.sin(np.arange(1500.0))).with_exponent()
    assert (swing.exponent, swing.tau_pred) == (0.0, math.inf)


def test_saved_and_loaded(series, tmp_path):
    series = series.observe(["a", "c"])
    series.save(tmp_path / "series.npz")
    back = Series.load(tmp_path / "series.npz")
    assert repr(back) == repr(series)
    assert (back.names, back.unit, back.source) == (("a", "c"), "hour", "an array")
    assert np.array_equal(back.values, series.values)
    assert np.array_equal(back.restore(back.values), series.restore(series.values))


def test_table(series):
    table = series.table()
    assert list(table) == ["time", "a", "b", "c"]
    assert table["time"][3] == 1.5
    assert np.array_equal(table["b"], series.values[:, 1])


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda s: s.split(at=0.999), "at must leave 10 rows or more on both sides, got 0.999: 599 and 1"),
        (lambda s: s.split(at=1.5), "at must be between 0 and 1, got 1.5"),
        (lambda s: s.observe([]), "columns must be at least one"),
        (lambda s: s.observe(["a", 0]), "each another"),
        (lambda s: s.observe(3), "columns are 0 to 2, got 3"),
        (lambda s: s.embed(10, lag=66), "leave 6 of 600 rows, 10 are needed"),
        (lambda s: s.embed(0), "delays must be a whole number of at least 1, got 0"),
        (lambda s: s.restore(np.zeros((5, 2))), r"values must have shape \(\.\.\., 3\), got \(5, 2\)"),
    ],
)
def test_what_cannot_be_is_told(series, ask, said):
    with pytest.raises(ValueError, match=said):
        ask(series)


def test_the_nearest_column_is_named():
    series = from_array(np.random.default_rng(0).random((20, 2)), names=["position", "velocity"])
    with pytest.raises(ValueError, match="unknown column 'velocty': did you mean 'velocity'"):
        series.observe("velocty")
