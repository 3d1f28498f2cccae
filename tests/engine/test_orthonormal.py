"""Gram-Schmidt in panels against NumPy's QR decomposition."""

from __future__ import annotations

import numpy as np
import pytest

from lyaplab.engine.orthonormal import block_width, orthonormalise


def reduced(V: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    Q, r = V.copy(), np.empty(len(V))
    orthonormalise(Q, r, np.empty((len(V), block_width(len(V)))))
    return Q, r


@pytest.mark.parametrize(
    ("k", "n"), [(1, 1), (1, 5), (3, 3), (7, 9), (8, 8), (9, 20), (40, 40), (129, 140), (200, 200)]
)
def test_rows_become_orthonormal_with_the_right_lengths(k, n):
    V = np.random.default_rng(k).standard_normal((k, n))
    Q, r = reduced(V)
    np.testing.assert_allclose(Q @ Q.T, np.eye(k), atol=1e-9)
    np.testing.assert_allclose(r, np.abs(np.diag(np.linalg.qr(V.T)[1])), rtol=1e-9)
    # Every row lies in the span of those before it.
    np.testing.assert_allclose(np.tril(V @ Q.T), V @ Q.T, atol=1e-9 * n)


@pytest.mark.parametrize("k", [3, 12, 150])
def test_a_dependent_row_vanishes(k):
    V = np.random.default_rng(0).standard_normal((k, k))
    V[-1] = V[0] - 2 * V[1]
    Q, r = reduced(V)
    assert r[-1] == 0.0 and not Q[-1].any()
    assert (r[:-1] > 0).all()
    zero = np.zeros((2, 3))
    Q, r = reduced(zero)
    assert not r.any() and not Q.any()


def test_spread_lengths_are_kept():
    lengths = 10.0 ** -np.arange(0, 12, 2)
    V = np.linalg.qr(np.random.default_rng(3).standard_normal((6, 6)))[0] * lengths[:, None]
    np.testing.assert_allclose(reduced(V)[1], lengths, rtol=1e-10)
