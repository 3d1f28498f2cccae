"""The vocabulary of cells: products on rows of any stride."""

from __future__ import annotations

import numpy as np
import pytest

from lyaplab.kernel import algebra, blas, kernel

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
