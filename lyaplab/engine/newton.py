"""Newton's method for all starts at once, in compiled loops that know no cell.

The states of all starts that are still under way stand at the front of one array. Every round linearises them by the
cell's own kernel and hands the result to `_advance`, which solves, moves, and closes the gaps of those that are done.
Neither needs machine code of its own for each cell beyond what a Jacobian needs anyway.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lyaplab.engine.elimination import newton_step
from lyaplab.engine.linearise import Linearisation
from lyaplab.kernel import inline, kernel

__all__ = ["RESIDUAL", "distinct", "newton"]

Array = NDArray[np.float64]

# A residual below this, relative to the state's size, counts as a solution.
RESIDUAL = 1e-10
# Longest Newton step in each round, in half widths of the starts (or in ones, if that is more): between a quarter and
# four, in the irregular order of multiples of the golden ratio. With one length for all rounds many guesses run in
# circles. No line search: it would stop in minima of |F| that are no solutions.
_STEPS = 4.0 * 2.0 ** (-4.0 * (np.arange(200) * 0.6180339887498949 % 1.0))
_ITERATIONS = 100
# A Newton step below this, relative to the point's size, says that the point is known to rounding.
_KNOWN = 1e-14
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
        The equation; starts are taken by as many as it has rows.
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
    M, scales = np.empty((n + 3, n)), np.array([linearised.identity, linearised.unit])
    scale = max(1.0, 0.5 * float(np.ptp(x, axis=0).max()))
    count = batch
    for iteration in range(2 * _ITERATIONS):
        # The last rounds are for those that have found a solution.
        longest, late = scale * _STEPS[iteration], iteration >= _ITERATIONS
        kept = 0
        for first in range(0, count, linearised.rows):
            block = x[first : min(count, first + linearised.rows)]
            linearised(block)
            y, Z = linearised.y, linearised.Z
            kept = _advance(
                x, owner, best, y, Z, scales, low, high, M, points, residuals, first, len(block), kept, longest, late
            )
        count = kept
        if count == 0:
            break
    return points, residuals


@kernel
def _advance(x, owner, best, y, Z, scales, low, high, M, points, residuals, first, count, kept, longest, late):
    """Move rows first..first+count-1 of x by one Newton step; write those still under way to x from row `kept` on.

    Row 0 of y and block 0 of Z belong to row `first`. best[row] is inf while a row searches, and its least residual
    once it has found a solution. Returns the row after the last one written.
    """
    n = x.shape[1]
    for b in range(count):
        row = first + b
        size, reach = _residual(x[row], y[b], scales, M[n + 1])
        if best[row] < np.inf:
            going = size < best[row]
            solved = True
        else:
            solved = size <= RESIDUAL * (1.0 + reach)
            going = solved or (np.isfinite(size) and not late)
        if not going:
            continue
        if solved:
            # The best so far, in case that the next one is no better.
            residuals[owner[row]] = size
            for i in range(n):
                points[owner[row], i] = x[row, i]
        newton_step(Z[b * n : b * n + n], scales, M)
        step = M[n]
        farthest = _shorten(step, longest)
        # A step that is not finite fails the comparison, and goes nowhere.
        if not farthest < np.inf or (solved and farthest <= _KNOWN * (1.0 + reach)):
            continue
        moved = False
        for i in range(n):
            old = x[row, i]
            new = old + step[i]
            new = low[i] if new < low[i] else high[i] if new > high[i] else new
            moved |= new != old
            x[kept, i] = new
        # A guess that is held in a corner stays there for good.
        if moved:
            owner[kept] = owner[row]
            best[kept] = size if solved else np.inf
            kept += 1
    return kept


@inline
def _residual(x, y, scales, right):
    """right = -F; return |F| and the largest coordinate of x."""
    square, reach = 0.0, 0.0
    for i in range(x.shape[0]):
        right[i] = (scales[0] * x[i] - y[i]) / scales[1]
        square += right[i] * right[i]
        reach = abs(x[i]) if abs(x[i]) > reach else reach
    return np.sqrt(square), reach


@inline
def _shorten(step, longest):
    """Limit the length of the step; return its largest entry, NaN if any is."""
    square, farthest = 0.0, 0.0
    for i in range(step.shape[0]):
        square += step[i] * step[i]
    share = longest / np.sqrt(square) if square > longest * longest else 1.0
    for i in range(step.shape[0]):
        step[i] *= share
        farthest = abs(step[i]) if abs(step[i]) > farthest else farthest
    return farthest + 0.0 * square


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
