"""Newton's method for all starts at once, in compiled loops that know no cell.

The states of all starts that are still under way stand at the front of one array. Every round linearises them by the
cell's own kernel and hands the result to `_advance`, which solves, moves, and closes the gaps of those that are done.
Neither needs machine code of its own for each cell beyond what a Jacobian needs anyway.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lyaplab.engine.elimination import newton_steps
from lyaplab.engine.linearise import Linearisation
from lyaplab.kernel import inline, kernel

__all__ = ["RESIDUAL", "Ends", "box_of", "distinct", "newton"]

Array = NDArray[np.float64]

# A residual below this, relative to the state's size, counts as a solution.
RESIDUAL = 1e-10
# Rounds for finding a solution. Guesses wander irregularly until they happen on the neighbourhood of one: in random
# networks of 100 units some 20 rounds, if at all. From a large system on, new starts serve better than more rounds.
_ROUNDS = 100
_LARGE, _ROUNDS_OF_LARGE = 32, 32
# Rounds for making it precise afterwards.
_POLISH = 100
# Longest Newton step, in half widths of the region (or in ones, if that is more). No line search: it would stop in
# minima of |F| that are no solutions.
_LONGEST = 2.0
# With one length for all rounds, many guesses of small systems run in circles. After some rounds it varies between a
# quarter and four, in the irregular order of multiples of the golden ratio; large systems find fewer points so.
_STEADY = 8
_VARIED = 4.0 * 2.0 ** (-4.0 * (np.arange(_ROUNDS + _POLISH) * 0.6180339887498949 % 1.0))
# Where the Newton step is longer than this, relative to the point's size, there is no solution worth the name.
_VAGUE = 1e-3
# A Newton step below this, relative to the point's size, says that the point is known to rounding.
_KNOWN = 1e-14
# And a residual below this, that it is nothing but rounding.
_ROUNDING = 1e-15
# Points closer than this, relative to their size, are one; or than some times their doubt, at a triple root (pitchfork)
# a millionth, since a third of all digits is all that can be known of it.
_SAME = 1e-8
_DOUBTFUL = 10.0


class Ends(NamedTuple):
    """Where each of B starts ended.

    points : ndarray(float, shape=(B, n))
        Solutions, for those that reached one.
    residuals : ndarray(float, shape=(B,))
        |F(x) - x| (|dx/dt| of a flow) there; inf for a start that reached no solution.
    doubts : ndarray(float, shape=(B,))
        The Newton step there: how well the point is known.
    """

    points: Array
    residuals: Array
    doubts: Array

    @property
    def solved(self) -> NDArray[np.bool_]:
        """Which starts reached a solution."""
        return np.isfinite(self.residuals)

    def distinct(self) -> tuple[Array, NDArray[np.intp]]:
        """Return the solutions, each once, and how many starts reached each."""
        return distinct(self.points[self.solved], doubts=self.doubts[self.solved])


def newton(
    linearised: Linearisation,
    starts: Array,
    *,
    bounds: tuple[Array, Array] | None = None,
    half_width: float = 1.0,
) -> Ends:
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
    half_width : float, optional
        Of the region where solutions are likely; it limits the length of a step, which may be two at least.

    Returns
    -------
    Ends
    """
    x = np.array(starts, dtype=float, order="C")
    batch, n = x.shape
    under_way = x, np.arange(batch), np.full(batch, np.inf)
    ends = Ends(x.copy(), np.full(batch, np.inf), np.zeros(batch))
    box, work = box_of(bounds, n), (np.empty((n, n)), np.empty((n + 3, n)))
    steps, sizes = np.empty((linearised.rows, n)), np.empty(linearised.rows)
    searching, steady = (_ROUNDS, _STEADY) if n < _LARGE else (_ROUNDS_OF_LARGE, _ROUNDS_OF_LARGE)
    count = batch
    for round_ in range(searching + _POLISH):
        longest = max(1.0, half_width) * (_LONGEST if round_ < steady else _VARIED[round_])
        # The last rounds are for those that have found a solution.
        late = round_ >= searching
        kept = 0
        for first in range(0, count, linearised.rows):
            last = min(count, first + linearised.rows)
            y, Z = linearised(x[first:last])
            newton_steps(x[first:last], y, Z, linearised.scales, work, steps, sizes)
            kept = _advance(under_way, steps, sizes, box, tuple(ends), (first, last, kept), longest, late)
        count = kept
        if count == 0:
            break
    return ends


def box_of(bounds: tuple[Array, Array] | None, n: int) -> tuple[Array, Array]:
    """The bounds as arrays that a kernel takes; without bounds, infinitely wide."""
    if bounds is None:
        return np.full(n, -np.inf), np.full(n, np.inf)
    return np.array(bounds[0]), np.array(bounds[1])


@kernel
def _advance(under_way, steps, sizes, box, ends, rows, longest, late):
    """Move rows first..last-1 by their steps; write those still under way from row `kept` on.

    rows = (first, last, kept), and row 0 of `steps` and `sizes` belongs to row `first`. best[row] is inf while a row
    searches, and its least residual once it has found a solution. Returns the row after the last one written.
    """
    x, owner, best = under_way
    points, residuals, doubts = ends
    low, high = box
    first, last, kept = rows
    for row in range(first, last):
        size, step = sizes[row - first], steps[row - first]
        reach = 0.0
        for i in range(x.shape[1]):
            reach = max(reach, abs(x[row, i]))
        solved = best[row] < np.inf or size <= RESIDUAL * (1.0 + reach)
        hopeless = late or not np.isfinite(size)
        if (not size < best[row]) if solved else hopeless:
            continue
        farthest = _shorten(step, longest)
        # Where F(x) = x nearly everywhere, as in saturated gates, a small residual says nothing: the step is not small.
        if solved and farthest <= _VAGUE * (1.0 + reach):
            # The best so far, in case that the next one is no better.
            residuals[owner[row]], doubts[owner[row]] = size, farthest
            for i in range(x.shape[1]):
                points[owner[row], i] = x[row, i]
        # A step that is not finite fails the comparison, and goes nowhere.
        if not farthest < np.inf or (solved and (farthest <= _KNOWN * (1.0 + reach) or size <= _ROUNDING * reach)):
            continue
        moved = False
        for i in range(x.shape[1]):
            old = x[row, i]
            new = old + step[i]
            new = low[i] if new < low[i] else high[i] if new > high[i] else new
            moved |= new != old
            x[kept, i] = new
        # A guess that is held in a corner stays there for good.
        if moved:
            owner[kept], best[kept] = owner[row], size if solved else np.inf
            kept += 1
    return kept


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


def distinct(
    points: Array,
    counts: NDArray[np.intp] | None = None,
    *,
    doubts: Array | None = None,
    within: float = _SAME,
) -> tuple[Array, NDArray[np.intp]]:
    """Return one of each group of coinciding points, sorted by their coordinates, and the size of each group.

    Parameters
    ----------
    points : ndarray(float, shape=(B, n))
        Solutions, many of them the same.
    counts : ndarray(int, shape=(B,)), optional
        What each point counts, by default one.
    doubts : ndarray(float, shape=(B,)), optional
        How far each may be off, by default not at all.
    within : float, optional
        Points closer than this, relative to their size, are one.

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
    group = np.empty(len(points), dtype=np.intp)
    near = within * (1.0 + np.abs(points).max(axis=1, initial=0.0)) + _DOUBTFUL * (0.0 if doubts is None else doubts)
    _grouped(np.ascontiguousarray(points), near, group)
    # Groups are numbered as they come, so that the first of each is the first with its number.
    _, first = np.unique(group, return_index=True)
    sizes = np.bincount(group, weights=counts, minlength=len(first)).astype(np.intp)
    found = points[first]
    order = np.lexsort(np.round(found, 6).T[::-1])
    return found[order], sizes[order]


@kernel
def _grouped(points, near, group):
    """Number the groups of coinciding points."""
    number = 0
    for row in range(points.shape[0]):
        group[row] = number
        for earlier in range(row):
            if _same(points[earlier], points[row], near[earlier] + near[row]):
                group[row] = group[earlier]
                break
        number += group[row] == number
    return number


@inline
def _same(one, other, near):
    farthest = 0.0
    for i in range(one.shape[0]):
        farthest = max(farthest, abs(one[i] - other[i]))
    return farthest <= near
