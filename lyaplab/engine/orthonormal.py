"""Gram-Schmidt on rows, in place: the R of a QR decomposition is all that a Lyapunov exponent needs.

Three sizes of work: four rows at a time by their inner products (two sweeps over memory), panels of such fours by
loops, and blocks of panels whose effect on all rows below is two matrix products.
"""

from __future__ import annotations

import numpy as np

from lyaplab.kernel import inline
from lyaplab.kernel.blas import gemm_nt, gemm_sub
from lyaplab.kernel.far import Far

__all__ = ["VANISHED", "block_width", "orthonormalise", "orthonormalise_plane"]

# A row that keeps less than this share of its length has lost its direction: what is left is rounding.
VANISHED = 1e-13

# Inner products decide on four rows only if each keeps more than this share of its square beside those before it:
# cancellation then costs at most eps/1e-4, far less than the interval's own error. Else the rows go one by one.
_SURE = 1e-4

# Rows of a panel: up to here loops beat calls of BLAS.
_PANEL = 16


def block_width(k: int) -> int:
    """Rows that are reduced together before all the rest is updated by one product."""
    return 32 if k <= 128 else 64


@inline
def _one_by_one(V, r, first, last):
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
        for k in range(i + 1, last):
            along = 0.0
            for j in range(n):
                along += V[i, j] * V[k, j]
            for j in range(n):
                V[k, j] -= along * V[i, j]


@inline
def _four(V, r, i):
    """Orthonormalise rows i..i+3 from their inner products; return False, with nothing changed, where that is unsure.

    With the rows a, b, c, d: the pivots of L D L^T, the inner products factored, are the squares of r.
    """
    n = V.shape[1]
    a, b, c, d = V[i], V[i + 1], V[i + 2], V[i + 3]
    aa = ab = ac = ad = bb = bc = bd = cc = cd = dd = 0.0
    for j in range(n):
        aj, bj, cj, dj = a[j], b[j], c[j], d[j]
        aa += aj * aj
        ab += aj * bj
        ac += aj * cj
        ad += aj * dj
        bb += bj * bj
        bc += bj * cj
        bd += bj * dj
        cc += cj * cj
        cd += cj * dj
        dd += dj * dj
    if not aa > 0.0:
        return False
    b_on_a, c_on_a, d_on_a = ab / aa, ac / aa, ad / aa
    b_left = bb - ab * b_on_a
    if not b_left > _SURE * bb:
        return False
    bc -= ab * c_on_a
    bd -= ab * d_on_a
    c_on_b, d_on_b = bc / b_left, bd / b_left
    c_left = cc - ac * c_on_a - bc * c_on_b
    if not c_left > _SURE * cc:
        return False
    cd -= ac * d_on_a + bc * d_on_b
    d_on_c = cd / c_left
    d_left = dd - ad * d_on_a - bd * d_on_b - cd * d_on_c
    if not d_left > _SURE * dd:
        return False
    ra, rb, rc, rd = np.sqrt(aa), np.sqrt(b_left), np.sqrt(c_left), np.sqrt(d_left)
    # Lengths before: a row that vanished is for the careful way to bury.
    if not (ra > VANISHED * r[i] and rb > VANISHED * r[i + 1]):
        return False
    if not (rc > VANISHED * r[i + 2] and rd > VANISHED * r[i + 3] and dd < np.inf):
        return False
    by_a, by_b, by_c, by_d = 1.0 / ra, 1.0 / rb, 1.0 / rc, 1.0 / rd
    for j in range(n):
        aj = a[j]
        bj = b[j] - b_on_a * aj
        cj = c[j] - c_on_a * aj - c_on_b * bj
        dj = d[j] - d_on_a * aj - d_on_b * bj - d_on_c * cj
        a[j] = by_a * aj
        b[j] = by_b * bj
        c[j] = by_c * cj
        d[j] = by_d * dj
    r[i], r[i + 1], r[i + 2], r[i + 3] = ra, rb, rc, rd
    return True


@inline
def _take_out_four(V, i, first, last):
    """Take the directions of the orthonormal rows i..i+3 out of rows first..last-1."""
    n = V.shape[1]
    a, b, c, d = V[i], V[i + 1], V[i + 2], V[i + 3]
    # Two rows at a time: what is read of a, b, c, d serves both.
    paired = last - (last - first) % 2
    for k in range(first, paired, 2):
        x, y = V[k], V[k + 1]
        x_on_a = x_on_b = x_on_c = x_on_d = y_on_a = y_on_b = y_on_c = y_on_d = 0.0
        for j in range(n):
            aj, bj, cj, dj, xj, yj = a[j], b[j], c[j], d[j], x[j], y[j]
            x_on_a += xj * aj
            x_on_b += xj * bj
            x_on_c += xj * cj
            x_on_d += xj * dj
            y_on_a += yj * aj
            y_on_b += yj * bj
            y_on_c += yj * cj
            y_on_d += yj * dj
        for j in range(n):
            aj, bj, cj, dj = a[j], b[j], c[j], d[j]
            x[j] -= x_on_a * aj + x_on_b * bj + x_on_c * cj + x_on_d * dj
            y[j] -= y_on_a * aj + y_on_b * bj + y_on_c * cj + y_on_d * dj
    for k in range(paired, last):
        row = V[k]
        on_a = on_b = on_c = on_d = 0.0
        for j in range(n):
            on_a += row[j] * a[j]
            on_b += row[j] * b[j]
            on_c += row[j] * c[j]
            on_d += row[j] * d[j]
        for j in range(n):
            row[j] -= on_a * a[j] + on_b * b[j] + on_c * c[j] + on_d * d[j]


@inline
def _panel(V, r, first, last):
    """Orthonormalise rows first..last-1 by loops, four at a time."""
    i = first
    while i < last:
        end = min(last, i + 4)
        if end - i < 4 or not _four(V, r, i):
            _one_by_one(V, r, i, end)
        if end < last:
            _take_out_four(V, i, end, last)
        i = end


@inline
def orthonormalise_plane(V, r):
    """Do the same for two rows of two numbers, the commonest picture of all: without a loop, four times as fast."""
    a0, a1, b0, b1 = V[0, 0], V[0, 1], V[1, 0], V[1, 1]
    length_b = np.sqrt(b0 * b0 + b1 * b1)
    length = np.sqrt(a0 * a0 + a1 * a1)
    inverse = 1.0 / length if length > 0.0 else 0.0
    a0, a1 = inverse * a0, inverse * a1
    along = a0 * b0 + a1 * b1
    b0, b1 = b0 - along * a0, b1 - along * a1
    left = np.sqrt(b0 * b0 + b1 * b1)
    if left <= VANISHED * length_b:
        left = 0.0
    inverse = 1.0 / left if left > 0.0 else 0.0
    V[0, 0], V[0, 1], V[1, 0], V[1, 1] = a0, a1, inverse * b0, inverse * b1
    r[0], r[1] = length, left


def _orthonormalise(V, r, S):
    """Orthonormalise the rows of V (k, n) in place and set r = |diag R|.

    S (k, block_width(k)) is work space. A row that vanished becomes zero, with r = 0.
    """
    k, n = V.shape
    for i in range(k):
        square = 0.0
        for j in range(n):
            square += V[i, j] * V[i, j]
        r[i] = np.sqrt(square)
    width = S.shape[1]
    for block in range(0, k, width):
        end = min(k, block + width)
        for a in range(block, end, _PANEL):
            b = min(end, a + _PANEL)
            _panel(V, r, a, b)
            if b < end:
                gemm_nt(V[b:end], V[a:b], S[b:end, : b - a])
                gemm_sub(S[b:end, : b - a], V[a:b], V[b:end])
        if end < k:
            gemm_nt(V[end:], V[block:end], S[end:, : end - block])
            gemm_sub(S[end:, : end - block], V[block:end], V[end:])


# Long, and the same for every cell: its compiled form is shared.
orthonormalise = Far(_orthonormalise, (2, 1, 2))
