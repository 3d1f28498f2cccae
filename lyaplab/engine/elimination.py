"""The Newton step: a linear system for each start, solved in place, where small ones outnumber large ones.

A cell pushes unit vectors, so a Jacobian comes transposed. J d = -F is therefore solved as d A = -F with A = J^T and d
a row: A is eliminated row by row with the pivots chosen among the columns, and -F is just one more row below it.
"""

from __future__ import annotations

import numpy as np

from lyaplab.kernel import inline, kernel
from lyaplab.kernel.algebra import copy, gemm_nt, gemm_sub

__all__ = ["damped_square", "downhill", "eliminate", "minus_field", "newton_steps", "transposed_jacobian"]

# A pivot below this share of the root of the sum of all squares is rounding: the Jacobian is singular.
_SINGULAR = 1e-15
# What is added to the normal equations of a singular Jacobian, as a share of their trace: halfway between what it puts
# wrong itself and the rounding that it keeps from growing.
_RIDGE = 1e-9
# Rows that are eliminated together, before all below them are updated by one product.
_PANEL = 16


@kernel
def newton_steps(x, y, Z, scales, work, steps, sizes):
    """For every row of x, put the Newton step into `steps` and |F| into `sizes`.

    F = (y - scales[0] x)/scales[1], and Z holds the transposed Jacobians of y. Where that of F is singular, the step is
    the shortest of those that come nearest to a solution. `work` is A (n, n) and M (n + 3, n).
    """
    A, M = work
    n = x.shape[1]
    for row in range(x.shape[0]):
        sizes[row] = minus_field(x[row], y[row], scales, M[n + 1])
        square = transposed_jacobian(Z[row * n : row * n + n], scales, A)
        copy(A, M)
        for i in range(n):
            M[n, i] = M[n + 1, i]
        # One place for both eliminations: a second would cost half a second of compilation.
        least = _SINGULAR * np.sqrt(square)
        for _ in range(2):
            if eliminate(M, least):
                break
            downhill(A, M)
            damped_square(A, M, _RIDGE * square + 1e-300)
            least = -1.0
        for i in range(n):
            steps[row, i] = M[n, i]


@inline
def minus_field(x, y, scales, right):
    """right = -F; return |F|."""
    square = 0.0
    for i in range(x.shape[0]):
        right[i] = (scales[0] * x[i] - y[i]) / scales[1]
        square += right[i] * right[i]
    return np.sqrt(square)


@inline
def transposed_jacobian(Z, scales, A):
    """A = (Z - scales[0] I)/scales[1]; return the sum of the squares of its entries."""
    share = 1.0 / scales[1]
    square = 0.0
    for i in range(A.shape[0]):
        for j in range(A.shape[1]):
            A[i, j] = share * Z[i, j]
        A[i, i] -= share * scales[0]
        for j in range(A.shape[1]):
            square += A[i, j] * A[i, j]
    return square


@inline
def downhill(A, M):
    """Row n of M = -J^T F, against the gradient of |F|²/2; return its length. Row n + 1 holds -F."""
    n = A.shape[0]
    square = 0.0
    for i in range(n):
        total = 0.0
        for j in range(n):
            total += A[i, j] * M[n + 1, j]
        M[n, i] = total
        square += total * total
    return np.sqrt(square)


@inline
def damped_square(A, M, damping):
    """The first n rows of M = A A^T + damping I."""
    n = A.shape[0]
    gemm_nt(A, A, M[:n])
    for i in range(n):
        M[i, i] += damping


@inline
def eliminate(M, least):
    """Put d, where d A = b, in the place of b; A are the first n rows of M, b the next. False if a pivot is too small.

    A becomes L U, panel by panel: U in the place of a panel's rows, the factors L below. The row b is treated like
    those of A: its factors are z with z U = b, and d L = z is left.
    """
    n = M.shape[1]
    pivots = M[n + 2]
    for first in range(0, n, _PANEL):
        last = min(n, first + _PANEL)
        for k in range(first, last):
            _take_out(M[first:k], M[k], first, n)
            pivots[k] = _largest(M[k], k)
            for i in range(first, last):
                _swap(M[i], k, int(pivots[k]))
            if not abs(M[k, k]) > least:
                return False
        for i in range(last, n + 1):
            for k in range(first, last):
                _swap(M[i], k, int(pivots[k]))
            _take_out(M[first:last], M[i], first, last)
        if last < n:
            gemm_sub(M[last : n + 1, first:last], M[first:last, last:n], M[last : n + 1, last:n])
    for i in range(n - 1, 0, -1):
        for k in range(i):
            M[n, k] -= M[n, i] * M[i, k]
    return True


@inline
def _largest(row, k):
    """The column, from k on, of the largest entry."""
    at = k
    for j in range(k + 1, row.shape[0]):
        if abs(row[j]) > abs(row[at]):
            at = j
    return at


@inline
def _swap(row, i, j):
    row[i], row[j] = row[j], row[i]


@inline
def _take_out(U, row, first, end):
    """Take the rows U out of a row, up to column `end`; their factors stay in the columns from `first` on.

    Four rows at a time: their factors by a small triangle, then one sweep over memory for all four.
    """
    count = U.shape[0]
    fours = count - count % 4
    for r in range(0, fours, 4):
        k = first + r
        a, b, c, d = U[r], U[r + 1], U[r + 2], U[r + 3]
        p = row[k] / a[k]
        q = (row[k + 1] - p * a[k + 1]) / b[k + 1]
        s = (row[k + 2] - p * a[k + 2] - q * b[k + 2]) / c[k + 2]
        t = (row[k + 3] - p * a[k + 3] - q * b[k + 3] - s * c[k + 3]) / d[k + 3]
        for j in range(k + 4, end):
            row[j] -= p * a[j] + q * b[j] + s * c[j] + t * d[j]
        row[k], row[k + 1], row[k + 2], row[k + 3] = p, q, s, t
    for r in range(fours, count):
        k = first + r
        factor = row[k] / U[r, k]
        row[k] = factor
        for j in range(k + 1, end):
            row[j] -= factor * U[r, j]
