"""Tanh and sigmoid to the last digits, in rows of any layout."""

from __future__ import annotations

import numpy as np
import pytest

from lyaplab.kernel import kernel, squash


@kernel
def slopes(x, y, s):
    for i in range(x.size):
        y[i], s[i] = squash.tanh_slope(x[i])


@kernel
def sigmoids(x, y, s):
    for i in range(x.size):
        y[i], s[i] = squash.sigmoid_slope(x[i])


def tanh(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    y, s = np.empty_like(x), np.empty_like(x)
    slopes(x, y, s)
    return y, s


def sweep() -> np.ndarray:
    rng = np.random.default_rng(0)
    near, far = rng.uniform(-3, 3, 20_000), rng.uniform(-40, 40, 20_000)
    tiny = np.ldexp(rng.uniform(-1, 1, 5_000), rng.integers(-1000, 0, 5_000))
    return np.concatenate([near, far, tiny, np.linspace(-0.4, 0.4, 5_001)])


def ulps(value: np.ndarray, exact: np.ndarray) -> np.ndarray:
    """Distance in units in the last place of float64."""
    return np.abs((value - exact) / np.spacing(np.abs(exact).astype(float)).astype(exact.dtype))


@pytest.mark.skipif(np.finfo(np.longdouble).nmant < 60, reason="needs a longdouble longer than float64")
def test_tanh_and_its_slope_are_right_to_a_few_units_in_the_last_place():
    x = sweep()
    wide = x.astype(np.longdouble)
    y, s = tanh(x)
    e = np.exp(-2 * np.abs(wide))
    assert ulps(y, np.tanh(wide)).max() < 6
    assert ulps(s, 4 * e / (1 + e) ** 2).max() < 6


def test_the_slope_keeps_its_digits_where_one_minus_tanh_squared_has_none():
    y, s = tanh(np.array([20.0, 100.0, 300.0]))
    assert (y == 1.0).all()
    np.testing.assert_allclose(s, 4 * np.exp(-2 * np.array([20.0, 100.0, 300.0])), rtol=1e-14)


def test_the_ends_of_floats():
    x = np.array([0.0, -0.0, 5e-324, np.inf, -np.inf, 1e308, -1e308])
    y, s = tanh(x)
    np.testing.assert_array_equal(y, [0.0, -0.0, 5e-324, 1.0, -1.0, 1.0, -1.0])
    assert np.signbit(y[1])
    assert (s[:3] == 1.0).all()
    assert ((s[3:] >= 0.0) & (s[3:] < 1e-300)).all()


def test_nan_stays_nan():
    y, s = tanh(np.array([np.nan, 1.0]))
    assert np.isnan(y[0]) and np.isnan(s[0])
    assert np.isfinite(y[1]) and np.isfinite(s[1])


def test_the_form_for_plain_python_agrees():
    x = np.linspace(-5, 5, 101)
    plain = np.array([squash._tanh_slope_by_numpy(v) for v in x])
    np.testing.assert_allclose(np.stack(tanh(x), axis=1), plain, rtol=1e-14)


def test_sigmoid_and_its_slope():
    x = np.concatenate([np.linspace(-30, 30, 1001), [np.inf, -np.inf]])
    y, s = np.empty_like(x), np.empty_like(x)
    sigmoids(x, y, s)
    e = np.exp(-np.abs(x))
    np.testing.assert_allclose(y, np.where(x > 0, 1 / (1 + e), e / (1 + e)), atol=2e-16, rtol=1e-13)
    np.testing.assert_allclose(s[:-2], (e / (1 + e) ** 2)[:-2], rtol=1e-13)


@kernel
def tanh_of_rows(y, w):
    squash.tanh_rows(y, w)


@pytest.mark.parametrize("B", [1, 3])
@pytest.mark.parametrize("strided", [False, True])
def test_tanh_rows_of_any_layout(B, strided):
    y = np.random.default_rng(4).standard_normal((B, 10))
    y = y[:, 2:7] if strided else y
    w, before = np.empty((B, 10))[:, : y.shape[1]] if strided else np.empty_like(y), y.copy()
    tanh_of_rows(y, w)
    np.testing.assert_allclose(y, np.tanh(before), rtol=1e-14)
    np.testing.assert_allclose(w, 1 - np.tanh(before) ** 2, rtol=1e-12)


@kernel
def tanh_beside_rows(y, w):
    squash.tanh_beside(y, w)


@pytest.mark.parametrize("n", [1, 2, 3, 5])
@pytest.mark.parametrize("B", [1, 2, 7])
@pytest.mark.parametrize("strided", [False, True])
def test_slopes_go_to_the_first_columns_of_wider_work_space(n, B, strided):
    y = np.random.default_rng(5).standard_normal((B, n + 2))
    y = y[:, :n] if strided else y[:, :n].copy()
    w, before = np.full((B, 2 * n), np.nan), y.copy()
    tanh_beside_rows(y, w)
    np.testing.assert_allclose(y, np.tanh(before), rtol=1e-14)
    np.testing.assert_allclose(w[:, :n], 1 - np.tanh(before) ** 2, rtol=1e-12)
