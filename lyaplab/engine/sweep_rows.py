"""Many orbits side by side, each row with parameters of its own: the states they end on, their growth, who leaves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from lyaplab.kernel import Cell, inline, kernel, one_blas_thread
from lyaplab.kernel.algebra import copy
from lyaplab.kernel.cell import push, step
from lyaplab.kernel.workspace import workspace

__all__ = ["RowSweep", "in_pieces"]

T = TypeVar("T")

Array = NDArray[np.float64]

# A tangent is brought back to length one when it leaves this range. A step may change it by as much again, and more.
# An own function's tangent is the imaginary part of 1e-30 times its length: that has to stay small.
_TINY, _HUGE = 1e-100, 1e20


@inline
def _amiss(y, V, tangents):
    """Tell what a step has left behind: not 0 if a state is not finite, and how many tangents are tiny or huge."""
    wrong, extreme = 0.0, 0
    rows, n = y.shape
    if n == 1:
        # One long loop without an inner one fills the vector registers.
        for b in range(rows):
            wrong += 0.0 * y[b, 0]
            length = abs(V[b, 0])
            extreme += (length > _HUGE) | ((length < _TINY) & (length > 0.0))
    elif n == 2:
        for b in range(rows):
            wrong += 0.0 * y[b, 0] + 0.0 * y[b, 1]
            length = abs(V[b, 0]) + abs(V[b, 1])
            extreme += (length > _HUGE) | ((length < _TINY) & (length > 0.0))
    else:
        for b in range(rows):
            length = 0.0
            for i in range(n):
                wrong += 0.0 * y[b, i]
                length += abs(V[b, i])
            extreme += (length > _HUGE) | ((length < _TINY) & (length > 0.0))
    return wrong, extreme if tangents else 0


@inline
def _withdraw(y, V, home, left, gone, now):
    """Take the rows that are not finite out of the race: note when, and put them back where they came from."""
    for b in range(y.shape[0]):
        total = 0.0
        for i in range(y.shape[1]):
            total += 0.0 * y[b, i]
        if total != 0.0 and left[b] < 0:
            left[b] = now
            gone[0] += 1
            gone[gone[0]] = b
            for i in range(y.shape[1]):
                y[b, i], V[b, i] = home[b, i], 0.0


@inline
def _account(V, growth):
    """Add the logarithm of every tangent's length to its growth, and make the length one."""
    for b in range(V.shape[0]):
        square = 0.0
        largest = 0.0
        for i in range(V.shape[1]):
            largest = max(largest, abs(V[b, i]))
        if largest == 0.0:
            growth[b] = -np.inf
            continue
        for i in range(V.shape[1]):
            square += (V[b, i] / largest) ** 2
        length = np.sqrt(square)
        growth[b] += np.log(largest) + np.log(length)
        for i in range(V.shape[1]):
            V[b, i] = V[b, i] / largest / length


@kernel
def _run(cell, q, u, X, V, A, w, home, growth, left, gone, kept, place, first, steps, tangents):
    """Advance all rows from X[0], V[0] back to there; kept[place + t] is the state before step t.

    A row that leaves the range of floats starts anew at every further step: it disturbs neither the others nor the
    cell, whose code need not bear what is not finite.
    """
    now = 0
    for t in range(steps):
        if place + t >= 0 and place + t < kept.shape[0]:
            copy(X[now], kept[place + t])
        y = X[1 - now]
        step(cell, q, X[now], u, y, w)
        for i in range(gone[0]):
            for j in range(y.shape[1]):
                y[gone[1 + i], j] = home[gone[1 + i], j]
        if tangents:
            push(cell, q, w, V[now], A, V[1 - now])
        now = 1 - now
        wrong, extreme = _amiss(X[now], V[now], tangents)
        if wrong != 0.0:
            _withdraw(X[now], V[now], home, left, gone, first + t + 1)
        if extreme > 0:
            _account(V[now], growth)
    if now == 1:
        copy(X[1], X[0])
        if tangents:
            copy(V[1], V[0])
    if tangents:
        _account(V[0], growth)


class RowSweep:
    """Rows of orbits, each with a tangent, that can be continued; run it within `in_pieces` or `one_blas_thread`.

    Parameters
    ----------
    cell : Cell
        The system.
    p : tuple of ndarray
        Its parameters; each may carry a leading axis of length P.
    x0 : ndarray(float, shape=(B, n))
        First states; B/P rows next to each other share their parameters.
    inputs : ndarray(float, shape=(m,))
        The constant input.

    Attributes
    ----------
    time : int
        Steps so far.
    growth : ndarray(float, shape=(B,))
        Logarithm of what the tangents have grown by since `forget`; -inf when one has died.
    left : ndarray(int, shape=(B,))
        First step whose state is not finite; -1 for none.
    """

    def __init__(self, cell: Cell, p: tuple[Array, ...], *, x0: Array, inputs: Array) -> None:
        rows, n = x0.shape
        _, nw, na = cell.size(p)
        self._cell, self._q = cell, cell.prepare(p)
        self._X, self._V, self._A, self._w, self._home, self._u = workspace(
            (2, rows, n), (2, rows, n), (rows, na), (rows, nw), (rows, n), (rows, len(inputs))
        )
        self._X[0] = self._home[...] = x0
        self._u[...] = inputs
        # No direction of a system is likely to be orthogonal to a random one.
        self._V[0] = np.random.default_rng(0).standard_normal(n) if n > 1 else 1.0
        self._gone = np.zeros(rows + 1, dtype=np.int64)
        self._none = np.empty((0, rows, n))
        self.time = 0
        self.growth = np.zeros(rows)
        self.left = np.full(rows, -1, dtype=np.int64)

    @property
    def states(self) -> Array:
        """States now, shape (B, n)."""
        return self._X[0]

    def advance(self, steps: int, *, tangents: bool = True, kept: Array | None = None, place: int = 0) -> None:
        """Take some steps.

        Parameters
        ----------
        steps : int
            How many.
        tangents : bool, optional
            Whether tangents come along.
        kept : ndarray(float, shape=(keep, B, n)), optional
            Where states are kept.
        place : int, optional
            Row of `kept` for the state before the first of these steps; may be negative.
        """
        _run(
            self._cell, self._q, self._u, self._X, self._V, self._A, self._w, self._home, self.growth,
            self.left, self._gone, self._none if kept is None else kept, place, self.time, steps, tangents,
        )  # fmt: skip
        self.time += steps

    def forget(self) -> None:
        """Set growth back to zero: from here on it counts."""
        self.growth[:] = 0.0


def in_pieces(work: Iterator[T]) -> Iterator[T]:
    """Do every piece of some work with one BLAS thread; in between, others have all of them."""
    while True:
        with one_blas_thread():
            try:
                result = next(work)
            except StopIteration:
                return
        yield result
