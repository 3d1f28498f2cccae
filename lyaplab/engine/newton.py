"""Newton's method for all starts at once, in compiled loops that know no cell.

The states of all starts that are still under way stand at the front of one array. Every round linearises them by the
cell's own kernel and hands the result to `_advance`, which solves, moves, and closes the gaps of those that are done.
Neither needs machine code of its own for each cell beyond what a Jacobian needs anyway.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lyaplab.engine.linearise import Linearisation
from lyaplab.kernel import inline, kernel

__all__ = ["RESIDUAL", "distinct", "newton"]

Array = NDArray[np.float64]

# A residual below this, relative to the state's size, counts as a solution.
RESIDUAL = 1e-10
# Longest Newton step. No line search: it would stop in minima of |F| that are no solutions.
_LONGEST_STEP = 2.0
_ITERATIONS = 100
# A Newton step below this, relative to the point's size, says that the point is known to rounding.
_KNOWN = 1e-14
# A pivot below this share of the largest entry is rounding: the Jacobian is singular.
_SINGULAR = 1e-15
# What is added to the normal equations of a singular Jacobian, as a share of their trace.
_RIDGE = 1e-13
# Points closer than this, relative to their size, are one.
_SAME = 1e-6


def newton(
    linearised: Linearisation, starts: Array, *, bounds: tuple[Array, Array] | None = None
) -> tuple[Array, Array]:
    """Solve F(x) = x (dx/dt = 0 for a flow) from many starts.

    After the residual is small, a start goes on for as long as it shrinks. At a bifurcation it is small far around
    the solution (|x|³ at a pitchfork), and Newton's method only linearly convergent: without this, starts would stop
    at different places and count as different points.

    Parameters
    ----------
    linearised : Linearisation
        The equation, for as many rows as there are starts.
    starts : ndarray(float, shape=(B, n))
        First guesses.
    bounds : tuple of ndarray(float, shape=(n,)), optional
        (low, high) within which all solutions lie; guesses are kept there.

    Returns
    -------
    points : ndarray(float, shape=(B, n))
        Where each start ended.
    residuals : ndarray(float, shape=(B,))
        |F(x) - x| (|dx/dt| of a flow) there; inf for a start that reached no solution.
    """
    x = np.array(starts, dtype=float, order="C")
    batch, n = x.shape
    low, high = (np.array(side) for side in bounds) if bounds is not None else (np.full(n, -np.inf), np.full(n, np.inf))
    owner, best = np.arange(batch), np.full(batch, np.inf)
    points, residuals = x.copy(), np.full(batch, np.inf)
    M, scales = np.empty((n, n + 1)), np.array([linearised.identity, linearised.unit])
    count = batch
    for iteration in range(2 * _ITERATIONS):
        if count == 0:
            break
        linearised(x[:count])
        late = iteration >= _ITERATIONS
        count = _advance(x, owner, best, linearised.y, linearised.Z, scales, low, high, M, points, residuals, count, late)
    return points, residuals


@kernel
def _advance(x, owner, best, y, Z, scales, low, high, M, points, residuals, count, late):
    """Move the first `count` rows of x by one Newton step; return how many are still under way, now at the front.

    best[row] is inf while a row searches, and its least residual once it has found a solution.
    """
    n = x.shape[1]
    kept = 0
    for row in range(count):
        size, reach = _residual(x, y, scales, M, row)
        if best[row] < np.inf:
            going = size < best[row]
            solved = True
        else:
            solved = size <= RESIDUAL * (1.0 + reach)
            going = solved or (np.isfinite(size) and not late)
        if not going:
            continue
        best[kept] = np.inf
        if solved:
            # The best so far, in case that the next one is no better.
            best[kept] = size
            residuals[owner[row]] = size
            for i in range(n):
                points[owner[row], i] = x[row, i]
        if _solve(y, Z, x, scales, M, row):
            longest = _shorten(M)
            if solved and longest <= _KNOWN * (1.0 + reach):
                continue
            moved = False
            for i in range(n):
                old = x[row, i]
                new = min(max(old + M[i, n], low[i]), high[i])
                moved |= new != old
                x[kept, i] = new
            # A guess that is held in a corner stays there for good.
            if moved:
                owner[kept] = owner[row]
                kept += 1
    return kept


@inline
def _residual(x, y, scales, M, row):
    """Put -F into the last column of M; return |F| and the largest coordinate of x."""
    n = x.shape[1]
    square, reach = 0.0, 0.0
    for i in range(n):
        value = (scales[0] * x[row, i] - y[row, i]) / scales[1]
        M[i, n] = value
        square += value * value
        reach = max(reach, abs(x[row, i]))
    return np.sqrt(square), reach


@inline
def _solve(y, Z, x, scales, M, row):
    """Put the Newton step into the last column of M; where J is singular, the least-squares one. Whether it is finite.

    The last column of M holds -F.
    """
    n = x.shape[1]
    for i in range(n):
        for j in range(n):
            M[i, j] = (Z[row * n + j, i] - scales[0] * (i == j)) / scales[1]
    if not _eliminate(M):
        _normal_equations(y, Z, x, scales, M, row)
        _eliminate(M)
    total = 0.0
    for i in range(n):
        total += M[i, n]
    return np.isfinite(total)


@kernel
def _eliminate(M):
    """Solve in place by Gaussian elimination with partial pivoting; M (n, n + 1) has the right side in its last column.

    Returns whether M is regular to rounding; if not, M is spoilt.
    """
    n = M.shape[0]
    largest = 0.0
    for i in range(n):
        for j in range(n):
            largest = max(largest, abs(M[i, j]))
    for k in range(n):
        pivot = k
        for i in range(k + 1, n):
            if abs(M[i, k]) > abs(M[pivot, k]):
                pivot = i
        if not abs(M[pivot, k]) > _SINGULAR * largest:
            return False
        if pivot != k:
            for j in range(k, n + 1):
                M[k, j], M[pivot, j] = M[pivot, j], M[k, j]
        for i in range(k + 1, n):
            factor = M[i, k] / M[k, k]
            for j in range(k + 1, n + 1):
                M[i, j] -= factor * M[k, j]
    for k in range(n - 1, -1, -1):
        for j in range(k + 1, n):
            M[k, n] -= M[k, j] * M[j, n]
        M[k, n] /= M[k, k]
    return True


@inline
def _normal_equations(y, Z, x, scales, M, row):
    """M = [JᵀJ + a little, -JᵀF]: the shortest of the steps that come nearest to a solution."""
    n = x.shape[1]
    trace = 0.0
    for i in range(n):
        for j in range(n):
            total = 0.0
            for k in range(n):
                left = Z[row * n + i, k] - scales[0] * (i == k)
                total += left * (Z[row * n + j, k] - scales[0] * (j == k))
            M[i, j] = total / scales[1] ** 2
        trace += M[i, i]
        M[i, n] = 0.0
        for k in range(n):
            left = (Z[row * n + i, k] - scales[0] * (i == k)) / scales[1]
            M[i, n] += left * (scales[0] * x[row, k] - y[row, k]) / scales[1]
    for i in range(n):
        M[i, i] += _RIDGE * trace + 1e-300


@inline
def _shorten(M):
    """Limit the step in the last column of M to its greatest length; return its largest entry."""
    n = M.shape[0]
    square, longest = 0.0, 0.0
    for i in range(n):
        square += M[i, n] ** 2
    share = min(1.0, _LONGEST_STEP / np.sqrt(square)) if square > 0.0 else 1.0
    for i in range(n):
        M[i, n] *= share
        longest = max(longest, abs(M[i, n]))
    return longest


def distinct(points: Array) -> tuple[Array, NDArray[np.intp]]:
    """Return one of each group of coinciding points, sorted by their coordinates, and the size of each group.

    Parameters
    ----------
    points : ndarray(float, shape=(B, n))
        Solutions, many of them the same.

    Returns
    -------
    points : ndarray(float, shape=(K, n))
        The first of each group.
    counts : ndarray(int, shape=(K,))
        How many there were.

    Examples
    --------
    >>> found, counts = distinct(np.array([[1.0], [0.0], [1.0 + 1e-9]]))
    >>> found[:, 0], counts
    (array([0., 1.]), array([1, 2]))
    """
    kept, counts = np.empty(len(points), dtype=np.intp), np.zeros(len(points), dtype=np.intp)
    number = _first_of_each(np.ascontiguousarray(points), kept, counts)
    found, counts = points[kept[:number]], counts[:number]
    order = np.lexsort(np.round(found, 6).T[::-1])
    return found[order], counts[order]


@kernel
def _first_of_each(points, kept, counts):
    """Write the rows that are the first of their group to `kept`; return their number."""
    number = 0
    for row in range(points.shape[0]):
        group = 0
        while group < number and not _same(points, kept[group], row):
            group += 1
        if group == number:
            kept[number] = row
            number += 1
        counts[group] += 1
    return number


@inline
def _same(points, first, second):
    reach = 0.0
    for i in range(points.shape[1]):
        reach = max(reach, abs(points[first, i]))
    for i in range(points.shape[1]):
        if abs(points[first, i] - points[second, i]) > _SAME * (1.0 + reach):
            return False
    return True
