"""Gram-Schmidt on rows, in place: the R of a QR decomposition is all that a Lyapunov exponent needs."""

from __future__ import annotations

import numpy as np

from lyaplab.kernel import kernel
from lyaplab.kernel.blas import gemm_nt, gemm_sub

__all__ = ["VANISHED", "block_width", "orthonormalise"]

# A row that keeps less than this share of its length has lost its direction: what is left is rounding.
VANISHED = 1e-13


def block_width(k: int) -> int:
    """Rows that are reduced together before the rest is updated by one product."""
    return k if k <= 128 else 64


@kernel
def _panel(V, r, first, last):
    """Orthonormalise rows first..last-1 among each other; r holds their lengths before, |R_ii| after."""
    n = V.shape[1]
    for i in range(first, last):
        square = 0.0
        for j in range(n):
            square += V[i, j] * V[i, j]
        length = np.sqrt(square)
        if length <= VANISHED * r[i]:
            length = 0.0
        r[i] = length
        inverse = 1.0 / length if length > 0.0 else 0.0
        for j in range(n):
            V[i, j] *= inverse
        l = i + 1
        # Four rows at a time: row i is read once for four products.
        while l + 4 <= last:
            s0 = 0.0
            s1 = 0.0
            s2 = 0.0
            s3 = 0.0
            for j in range(n):
                q = V[i, j]
                s0 += q * V[l, j]
                s1 += q * V[l + 1, j]
                s2 += q * V[l + 2, j]
                s3 += q * V[l + 3, j]
            for j in range(n):
                q = V[i, j]
                V[l, j] -= s0 * q
                V[l + 1, j] -= s1 * q
                V[l + 2, j] -= s2 * q
                V[l + 3, j] -= s3 * q
            l += 4
        while l < last:
            s0 = 0.0
            for j in range(n):
                s0 += V[i, j] * V[l, j]
            for j in range(n):
                V[l, j] -= s0 * V[i, j]
            l += 1


@kernel
def orthonormalise(V, r, S):
    """Orthonormalise the rows of V (k, n) in place and set r = |diag R|.

    Panels of 8 rows are reduced by loops, the rest by BLAS; above 128 rows, panels of 16 inside blocks of 64.
    S (k, block_width(k)) is work space. A row that vanished becomes zero, with r = 0.
    """
    k = V.shape[0]
    n = V.shape[1]
    width = S.shape[1]
    panel = 8 if k <= 128 else 16
    for i in range(k):
        square = 0.0
        for j in range(n):
            square += V[i, j] * V[i, j]
        r[i] = np.sqrt(square)
    for block in range(0, k, width):
        end = min(k, block + width)
        for a in range(block, end, panel):
            b = min(end, a + panel)
            _panel(V, r, a, b)
            if b < end:
                gemm_nt(V[b:end], V[a:b], S[b:end, : b - a])
                gemm_sub(S[b:end, : b - a], V[a:b], V[b:end])
        if end < k:
            gemm_nt(V[end:], V[block:end], S[end:, : end - block])
            gemm_sub(S[end:, : end - block], V[block:end], V[end:])
