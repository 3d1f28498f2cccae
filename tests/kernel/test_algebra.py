"""The vocabulary of cells: tanh and sigmoid to the last digits, products on rows of any stride."""

from __future__ import annotations

import numpy as np
import pytest

from lyaplab.kernel import algebra, blas, kernel


@kernel
def slopes(x, y, s):
    for i in range(x.size):
        y[i], s[i] = algebra.tanh_slope(x[i])


@kernel
def sigmoids(x, y, s):
    for i in range(x.size):
        y[i], s[i] = algebra.sigmoid_slope(x[i])


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
    plain = np.array([algebra._tanh_slope_by_numpy(v) for v in x])
    np.testing.assert_allclose(np.stack(tanh(x), axis=1), plain, rtol=1e-14)


def test_sigmoid_and_its_slope():
    x = np.concatenate([np.linspace(-30, 30, 1001), [np.inf, -np.inf]])
    y, s = np.empty_like(x), np.empty_like(x)
    sigmoids(x, y, s)
    e = np.exp(-np.abs(x))
    np.testing.assert_allclose(y, np.where(x > 0, 1 / (1 + e), e / (1 + e)), atol=2e-16, rtol=1e-13)
    np.testing.assert_allclose(s[:-2], (e / (1 + e) ** 2)[:-2], rtol=1e-13)


PRODUCTS = {
    "gemm": (blas.gemm, lambda A, B, C: A @ B),
    "gemm_nt": (blas.gemm_nt, lambda A, B, C: A @ B.T),
    "gemm_sub": (blas.gemm_sub, lambda A, B, C: C - A @ B),
    "gemm_add_tn": (blas.gemm_add_tn, lambda A, B, C: C + A.T @ B),
}


def operands(name: str, rows: int, inner: int, columns: int) -> list[np.ndarray]:
    """A, B and C as parts of wider arrays: rows lie further apart than they are long."""
    rng = np.random.default_rng(1)
    first = (inner, rows) if name == "gemm_add_tn" else (rows, inner)
    second = (columns, inner) if name == "gemm_nt" else (inner, columns)
    shapes = (first, second, (rows, columns))
    return [rng.standard_normal((m, n + 3))[:, :n] for m, n in shapes]


@pytest.mark.parametrize("name", PRODUCTS)
@pytest.mark.parametrize("shape", [(3, 4, 5), (1, 1, 1), (40, 17, 33), (1, 7, 2)])
def test_products_on_rows_of_any_stride(name, shape):
    product, expected = PRODUCTS[name]
    multiply = kernel(lambda A, B, C: product(A, B, C))
    A, B, C = operands(name, *shape)
    margin = C.base[:, C.shape[1] :].copy()
    wanted = expected(A, B, C)
    multiply(A, B, C)
    np.testing.assert_allclose(C, wanted, rtol=1e-12, atol=1e-13)
    np.testing.assert_array_equal(C.base[:, C.shape[1] :], margin)


@pytest.mark.parametrize("name", PRODUCTS)
@pytest.mark.parametrize("shape", [(0, 4, 5), (3, 4, 0), (0, 0, 0), (3, 0, 5)])
def test_empty_products_touch_nothing_else(name, shape):
    product, expected = PRODUCTS[name]
    multiply = kernel(lambda A, B, C: product(A, B, C))
    A, B, C = (np.ascontiguousarray(a) for a in operands(name, *shape))
    wanted = expected(A, B, C)
    multiply(A, B, C)
    np.testing.assert_allclose(C, wanted)


@kernel
def affine_rows(x, W, WT, u, U, b, y):
    algebra.affine(x, W, WT, u, U, b, y)


@pytest.mark.parametrize("n", [1, 2, 3, 12])
@pytest.mark.parametrize("B", [1, 2, 30])
def test_affine_rows_with_shared_weights(n, B):
    rng = np.random.default_rng(2)
    W, U, b, x, u = (rng.standard_normal(s) for s in ((n, n), (n, 2), n, (B, n), (B, 2)))
    y = np.empty((B, n))
    affine_rows(x, W, W.T.copy(), u, U, b, y)
    np.testing.assert_allclose(y, x @ W.T + u @ U.T + b, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("n", [1, 2, 3, 12])
def test_affine_rows_with_weights_for_each(n):
    rng = np.random.default_rng(3)
    B = 4
    W, U, b, x, u = (rng.standard_normal(s) for s in ((B, n, n), (B, n, 2), (B, n), (B, n), (B, 2)))
    y = np.empty((B, n))
    affine_rows(x, W, W.swapaxes(1, 2).copy(), u, U, b, y)
    expected = np.einsum("bij,bj->bi", W, x) + np.einsum("bij,bj->bi", U, u) + b
    np.testing.assert_allclose(y, expected, rtol=1e-12, atol=1e-13)


@kernel
def tanh_of_rows(y, w):
    algebra.tanh_rows(y, w)


@pytest.mark.parametrize("B", [1, 3])
@pytest.mark.parametrize("strided", [False, True])
def test_tanh_rows_of_any_layout(B, strided):
    y = np.random.default_rng(4).standard_normal((B, 10))
    y = y[:, 2:7] if strided else y
    w, before = np.empty((B, 10))[:, : y.shape[1]] if strided else np.empty_like(y), y.copy()
    tanh_of_rows(y, w)
    np.testing.assert_allclose(y, np.tanh(before), rtol=1e-14)
    np.testing.assert_allclose(w, 1 - np.tanh(before) ** 2, rtol=1e-12)
