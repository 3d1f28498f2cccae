"""Lyapunov spectra: tangents pushed along an orbit, re-orthonormalised before they lose each other.

Benettin's method. The interval between two orthonormalisations adapts: it is to spread growth by BUDGET nats, and is
done again, shorter, where that was by a quarter more. Rounding then costs a direction eps * exp(spread) of what is left
of it at most; measured against 40 digits, it was up to 2e-8 in the least exponents of a three-layer LSTM.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lyaplab.engine.benettin import DIVERGED, MARKS, NEXT_MARK, QRS, TIME, push_along
from lyaplab.engine.orthonormal import block_width, orthonormalise
from lyaplab.errors import DivergenceError
from lyaplab.kernel import Cell, one_blas_thread
from lyaplab.kernel.workspace import workspace

__all__ = ["BUDGET", "TangentRun"]

# Greatest spread of growth, in nats, between two orthonormalisations.
BUDGET = 16.0
# The same for derivatives by differences, which are a million times less exact.
_ROUGH_BUDGET = 4.0

_NO_FRAMES = np.empty((0, 0, 0))


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
    frame : ndarray(float, shape=(k, n))
        The orthonormal tangents of the moment, in rows.
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
        *self._work, self._sums, self._factors = self._space(np.asarray(x0, dtype=float), _first_tangents(k, n))
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
        return int(self._count[TIME])

    @property
    def state(self) -> NDArray[np.float64]:
        """The current state, shape (n,)."""
        return self._state[0].copy()

    @property
    def sums(self) -> NDArray[np.float64]:
        """Logarithmic growth so far, shape (k,)."""
        return self._sums + np.log(self._factors)

    @property
    def frame(self) -> NDArray[np.float64]:
        """The orthonormal tangents, shape (k, n)."""
        return self._work[4].copy()

    @property
    def orthonormalisations(self) -> int:
        """How often the tangents were made orthonormal."""
        return int(self._count[QRS])

    def advance(
        self, until: int, *, spacing: int, last: int | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Run on to step `until`.

        Parameters
        ----------
        until : int
            Step count to reach; with `last` the run goes on to the next orthonormalisation, up to 50 steps later.
        spacing : int
            Steps between two marks, about: a mark is made at the first orthonormalisation after each multiple.
        last : int, optional
            Step where the run has to stop and orthonormalise, by default `until`. Pieces with the same `last` add up to
            one run, to the last bit.

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
        last = until if last is None else last
        capacity = max(0, until - max(self.time, 0)) // spacing + 3
        marks = np.zeros(capacity, dtype=np.int64)
        growth = np.zeros((capacity, self.k))
        self._count[MARKS] = 0
        self._count[NEXT_MARK] = (max(self.time, 0) // spacing + 1) * spacing
        account = (self._sums, self._factors, self._alive, self._count, self._rate, marks, growth)
        outcome = self._call(self.warmup, (until, last), self._budget, self._work, account, spacing, _NO_FRAMES)
        if outcome == DIVERGED:
            raise DivergenceError(self.time + self.warmup, what="the orbit or a tangent")
        used = int(self._count[MARKS])
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
        self._call(self.warmup + self.time, (steps, steps), 0.0, work, account, 1, frames)
        # Tangents are rows: row i is what unit vector i has become.
        return frames.swapaxes(1, 2)

    def _call(
        self, warmup: int, ends: tuple[int, int], budget: float, work: Any, account: Any, spacing: int, frames: Any
    ) -> int:
        drive = int(len(self._inputs) > 1)
        with one_blas_thread():
            return int(
                push_along(
                    self.cell, self._q, self._inputs, drive, warmup, *ends, budget, *work, *account, spacing, frames,
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
