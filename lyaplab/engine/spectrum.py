"""Lyapunov spectra: tangents pushed along an orbit, re-orthonormalised before they lose each other.

Benettin's method. The interval between two orthonormalisations adapts: it may spread growth by BUDGET nats, which
costs at most eps * exp(BUDGET), some 2e-9, in an exponent; an interval that spread more is done again, shorter.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lyaplab.engine.orthonormal import block_width, orthonormalise, orthonormalise_plane
from lyaplab.errors import DivergenceError
from lyaplab.kernel import Cell, inline, kernel, one_blas_thread
from lyaplab.kernel.algebra import copy
from lyaplab.kernel.cell import push, step
from lyaplab.kernel.far import call_far
from lyaplab.kernel.workspace import workspace

__all__ = ["BUDGET", "TangentRun"]

# Greatest spread of growth, in nats, between two orthonormalisations.
BUDGET = 16.0
# The same for derivatives by differences, which are a million times less exact.
_ROUGH_BUDGET = 4.0

# The kernel's counters, in the order of its array `count`.
_TIME, _LENGTH, _QRS, _MARKS, _NEXT_MARK = range(5)
_FINISHED, _DIVERGED = 0, 1
_NO_FRAMES = np.empty((0, 0, 0))


@inline
def _stretch(r, alive):
    """Spread of growth in nats over one interval; directions already dead do not count."""
    low = np.inf
    high = 0.0
    for i in range(r.shape[0]):
        if alive[i]:
            low = min(low, r[i])
            high = max(high, r[i])
    if high == 0.0 and low == np.inf:
        return 0.0
    if low <= 0.0:
        return 1e300
    return np.log(max(high / low, high, 1.0 / high))


@inline
def _finite(x, r):
    total = 0.0
    for i in range(x.shape[1]):
        if not np.isfinite(x[0, i]):
            return False
    for i in range(r.shape[0]):
        total += r[i]
    return np.isfinite(total)


@inline
def _grow(sums, factors, r, alive):
    """Multiply the growth by r. Factors gather until they near the end of floats: a logarithm costs ten products."""
    for i in range(r.shape[0]):
        factor = factors[i] * r[i]
        if 1e-100 < factor < 1e100:
            factors[i] = factor
        else:
            sums[i] += np.log(factors[i]) + np.log(r[i])
            factors[i] = 1.0
            if r[i] == 0.0:
                alive[i] = 0


@inline
def _bury(r, alive):
    """Note the directions that died during the warm-up."""
    for i in range(r.shape[0]):
        if r[i] == 0.0:
            alive[i] = 0


@inline
def _settle(sums, factors):
    """Bring the gathered factors to account."""
    for i in range(sums.shape[0]):
        sums[i] += np.log(factors[i])
        factors[i] = 1.0


@kernel
def _run(
    cell, q, u, drive, warmup, until, budget, X, x0, w, V, V0, A, S, r,
    sums, factors, alive, count, rate, marks, growth, spacing, frames, gram_schmidt,
):  # fmt: skip
    """Advance from the saved state (x0, V0) until the first orthonormalisation at or after step `until`.

    States X and tangents V are pairs, the present and the next, that trade places by a number: arrays that trade names
    pass through memory at every step, which takes longer than a step of two units.

    With `frames`, nothing is orthonormalised: every step begins with V0, and frames[t] keeps what it became.
    """
    k, n = V0.shape
    in_plane = k == 2 and n == 2
    now = 0
    copy(x0, X[now])
    copy(V0, V[now, :k])
    t = count[_TIME]
    start = t
    length = count[_LENGTH]
    done = 0
    while t < until:
        step(cell, q, X[now], u[(t + warmup) * drive], X[1 - now], w)
        push(cell, q, w, V[now, :k], A, V[1 - now, :k])
        now = 1 - now
        t += 1
        if frames.shape[0] > 0:
            copy(V[now, :k], frames[t - 1])
            copy(V0, V[now, :k])
            continue
        done += 1
        if done < length and t != until and t != 0:
            continue
        if in_plane:
            orthonormalise_plane(V[now, :k], r)
        else:
            call_far(gram_schmidt, V[now, :k], r, S)
        count[_QRS] += 1
        good = _finite(X[now], r)
        if not good and done == 1:
            count[_TIME] = t
            return _DIVERGED
        if budget > 0.0:
            spread = _stretch(r, alive) if good else 1e300
            if done > 1 and spread > 1.25 * budget:
                # Too long: back to the last orthonormal state, with a shorter interval.
                copy(x0, X[now])
                copy(V0, V[now, :k])
                t = start
                rate[0] = max(rate[0], min(spread, 700.0) / done)
                length = 1 if not good else max(1, min(done // 2, int(budget / rate[0])))
                done = 0
                continue
            rate[0] = max(0.99 * rate[0], spread / done, 1e-3)
            length = max(1, min(50, int(budget / rate[0]), 2 * done))
            copy(V[now, :k], V0)
            copy(X[now], x0)
            start = t
        done = 0
        if t > 0:
            _grow(sums, factors, r, alive)
        else:
            _bury(r, alive)
        if t > 0 and t >= count[_NEXT_MARK] and count[_MARKS] < marks.shape[0]:
            _settle(sums, factors)
            marks[count[_MARKS]] = t
            for i in range(k):
                growth[count[_MARKS], i] = sums[i]
            count[_MARKS] += 1
            count[_NEXT_MARK] = (t // spacing + 1) * spacing
    if budget == 0.0:
        copy(V[now, :k], V0)
        copy(X[now], x0)
    _settle(sums, factors)
    count[_TIME] = t
    count[_LENGTH] = length
    return _FINISHED


class TangentRun:
    """A run that can be continued: one orbit, k tangents, and what they have grown by.

    Parameters
    ----------
    cell, p : Cell, tuple of ndarray
        The system and its parameters.
    x0 : ndarray(float, shape=(n,))
        First state.
    inputs : ndarray(float, shape=(T, m))
        One row for each step, warm-up included; T = 1 holds a constant input.
    k : int
        Number of tangents.
    warmup : int
        Steps of state and tangents before growth is counted.
    budget : float, optional
        Spread in nats allowed between two orthonormalisations; 0 orthonormalises at every step.

    Attributes
    ----------
    time : int
        Steps counted so far (negative during the warm-up).
    sums : ndarray(float, shape=(k,))
        Logarithmic growth so far.
    orthonormalisations : int
        How often tangents were re-orthonormalised.
    """

    def __init__(
        self,
        cell: Cell,
        p: tuple[NDArray[np.float64], ...],
        *,
        x0: NDArray[np.float64],
        inputs: NDArray[np.float64],
        k: int,
        warmup: int,
        budget: float = BUDGET,
    ) -> None:
        n = cell.size(p)[0]
        self.cell, self.p, self.k, self.n, self.warmup = cell, p, k, n, warmup
        self._q = cell.prepare(p)
        self._inputs = np.ascontiguousarray(inputs[:, None, :])
        self._budget = min(budget, _ROUGH_BUDGET) if cell.derivatives == "central differences" else budget
        *self._work, self.sums, self._factors = self._space(np.asarray(x0, dtype=float), _first_tangents(k, n))
        self._state = self._work[1]
        self._alive = np.ones(k, dtype=np.int64)
        self._count = np.array([-warmup, 1, 0, 0, 0], dtype=np.int64)
        self._rate = np.array([1e-3])

    def _space(self, state: NDArray[np.float64], tangents: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
        """Make the arrays that a run from here works in: X, x0, w, V, V0, A, S, r, sums, factors of the kernel."""
        (k, n), (_, nw, na) = tangents.shape, self.cell.size(self.p)
        # A row to spare: arrays that lie a multiple of 4096 bytes apart wait for each other.
        shapes = ((2, 1, n), (1, n), (1, nw), (2, k + 1, n), (k, n), (k, na), (k, block_width(k)), (k,), (k,), (k,))
        space = workspace(*shapes)
        space[1][:], space[4][:], space[8][:], space[9][:] = state, tangents, 0.0, 1.0
        return space

    @property
    def time(self) -> int:
        """Steps counted so far, negative during the warm-up."""
        return int(self._count[_TIME])

    @property
    def state(self) -> NDArray[np.float64]:
        """The current state, shape (n,)."""
        return self._state[0].copy()

    @property
    def orthonormalisations(self) -> int:
        """How often the tangents were made orthonormal."""
        return int(self._count[_QRS])

    def advance(self, until: int, *, spacing: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Run on to step `until`.

        Parameters
        ----------
        until : int
            Step count to reach.
        spacing : int
            Steps between two marks, about: a mark is made at the first orthonormalisation after each multiple.

        Returns
        -------
        times : ndarray(int, shape=(marks,))
            Step counts of the marks.
        growth : ndarray(float, shape=(marks, k))
            Sums of logarithmic growth there.

        Raises
        ------
        DivergenceError
            At the first step whose state or tangents are not finite.
        """
        capacity = max(0, until - max(self.time, 0)) // spacing + 2
        marks = np.zeros(capacity, dtype=np.int64)
        growth = np.zeros((capacity, self.k))
        self._count[_MARKS] = 0
        self._count[_NEXT_MARK] = (max(self.time, 0) // spacing + 1) * spacing
        account = (self.sums, self._factors, self._alive, self._count, self._rate, marks, growth)
        outcome = self._call(self.warmup, until, self._budget, self._work, account, spacing, _NO_FRAMES)
        if outcome == _DIVERGED:
            raise DivergenceError(self.time + self.warmup, what="the orbit or a tangent")
        used = int(self._count[_MARKS])
        return marks[:used], growth[:used]

    def jacobians(self, steps: int) -> NDArray[np.float64]:
        """Return the Jacobians (steps, n, n) of the next steps; the run itself stays where it is.

        They come from the kernel that every spectrum has compiled already, and not from one of their own.
        """
        n = self.n
        frames = np.empty((steps, n, n))
        *work, sums, factors = self._space(self._state, np.eye(n))
        counters, rate = np.array([0, 1, 0, 0, 0]), np.ones(1)
        marks = (np.zeros(0, np.int64), np.zeros((0, n)))
        account = (sums, factors, np.ones(n, np.int64), counters, rate, *marks)
        self._call(self.warmup + self.time, steps, 0.0, work, account, 1, frames)
        # Tangents are rows: row i is what unit vector i has become.
        return frames.swapaxes(1, 2)

    def _call(self, warmup: int, until: int, budget: float, work: Any, account: Any, spacing: int, frames: Any) -> int:
        drive = int(len(self._inputs) > 1)
        with one_blas_thread():
            return int(
                _run(
                    self.cell, self._q, self._inputs, drive, warmup, until, budget, *work, *account, spacing, frames,
                    orthonormalise.address,
                )
            )  # fmt: skip


def _first_tangents(k: int, n: int) -> NDArray[np.float64]:
    """Orthonormal rows to start from: the unit vectors for a full spectrum, else a fixed random frame.

    Unit vectors may lie in invariant subspaces; k < n of them could miss the leading directions.
    """
    if k == n:
        return np.eye(n)
    frame = np.random.default_rng(20_200_614).standard_normal((n, k))
    return np.ascontiguousarray(np.linalg.qr(frame)[0].T)
