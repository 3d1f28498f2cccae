"""How a state depends on where the orbit began and on every weight, over as many steps as one likes.

    M_T = dz_T/dz_0      = J M_{T-1}
    S_T = dz_T/dtheta    = J S_{T-1} + dF/dtheta

Some steps at a time: unit adjoints are pulled back over them, which gives their product of Jacobians P and, by the
same kernel as training, the derivative of their last state by the weights. Then M becomes P M, and S becomes P S plus
that. Both are kept as an array of moderate numbers and the logarithm of a factor: nothing overflows, or dies early.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from lyaplab.engine.gradients import pull_back
from lyaplab.errors import DivergenceError
from lyaplab.kernel.workspace import workspace
from lyaplab.training.bptt import backward, forward
from lyaplab.training.reading import Reading

__all__ = ["MOST_NUMBERS", "Sensitivity"]

Array = NDArray[np.float64]

# dz/dtheta is d x P numbers; it is not followed where there were more (80 MB, and as much for work).
MOST_NUMBERS = 10_000_000
# Steps that are pulled back together: the adjoints at all of them are kept, and should stay near the processor.
_MOST_STEPS, _LEAST_STEPS, _KEPT = 256, 32, 1_000_000
# Numbers are brought back to 1 when they have left this range.
_SMALL, _LARGE = 1e-100, 1e100


class Sensitivity:
    """The derivatives of the states along one orbit, and how far they have been followed.

    Parameters
    ----------
    reading : Reading
        The model and what of it is trainable.
    x0 : ndarray(float, shape=(d,))
        First state.
    inputs : ndarray(float, shape=(T, m))
        One row for each step; T = 1 holds a constant input.
    by_weights : bool
        Whether S is followed, beside M: the cell must have `grad`.

    Attributes
    ----------
    time : int
        Steps so far.
    state : ndarray(float, shape=(d,))
        The state of the moment.
    M, S : ndarray(float, shape=(d, d)), (d, P)
        The derivatives, divided by the exponentials of `log_M` and `log_S`; S has no columns if it is not followed.
    """

    def __init__(self, reading: Reading, *, x0: Array, inputs: Array, by_weights: bool) -> None:
        model, layout = reading.model, reading.layout
        self._cell, d = model.cell, model.d
        # In memory of its own: training's kernels are compiled for arrays that may be written.
        self._p = layout.parameters(reading.theta, model._p)
        self._q = self._cell.prepare(self._p)
        _, nw, na = self._cell.size(self._p)
        self._length = int(np.clip(_KEPT // (d * max(na, 1)), _LEAST_STEPS, _MOST_STEPS))
        self._inputs, self._driven = inputs, len(inputs) > 1
        self._X, self._w, self._A = workspace((self._length + 1, 1, d), (self._length, 1, nw), (self._length, 1, na))
        self._pulled = np.empty((d, d)), np.empty((d, d)), np.empty((d, na))
        self._carried = np.empty((2, 1, d))
        self.time, self.state = 0, np.array(x0, dtype=float)
        columns = layout.size if by_weights else 0
        self.M, self.log_M = np.eye(d), 0.0
        self.S, self.log_S = np.zeros((d, columns)), 0.0
        self._local = np.zeros((d, columns))
        others = [np.zeros_like(array) for array in model._p]
        self._slopes = [layout.parameters(row, others) for row in self._local] if by_weights else []
        self._free = layout.free
        # No readout, no loss and no forcing: adjoints begin at the last state, and go back.
        units = reading.readout.units
        nothing = np.zeros((0, 1, units))
        self._unforced = np.zeros(0, dtype=np.bool_), np.zeros((0, 1)), nothing
        self._silent = np.zeros((self._length, 1)), np.zeros((self._length, units)), np.zeros(self._length)
        none = np.zeros(0)
        self._readout = np.zeros((1, units)), np.zeros((units, 1)), none, False, np.zeros((1, units)), none

    def advance(self, until: int) -> None:
        """Go on towards step `until`, by as many steps as are done together: ask again until it is reached.

        Raises
        ------
        DivergenceError
            At the first step whose state or derivative is not finite.
        """
        # Fewer are done where the product of so many would leave the range of moderate numbers.
        count = min(self._length, until - self.time)
        rows = self._inputs[self.time : self.time + count] if self._driven else self._inputs.repeat(count, axis=0)
        u = np.array(rows[:, None, :])  # never read-only: kernels would be compiled again for that
        X, w = self._X[: count + 1], self._w[:count]
        X[0, 0] = self.state
        forced, share, nothing = self._unforced
        forward(self._cell, self._q, X, u, w, forced, share, nothing, nothing, 0)
        finite = np.isfinite(X[:, 0]).all(axis=1)
        if not finite.all():
            raise DivergenceError(self.time + int(np.argmin(finite)))
        product, H, A = self._pulled
        while True:
            product[...] = np.eye(len(product))
            scale = float(pull_back(self._cell, self._q, w, product, H, A, count, count))
            if scale == 0.0 or count == 1:
                break
            count //= 2
        self.M, self.log_M = _moderate(product @ self.M, self.log_M + scale, least=-math.inf)
        if self._slopes:
            self._gather(count, u)
            with np.errstate(over="ignore", invalid="ignore"):
                self.S = np.exp(scale) * (product @ self.S) + np.exp(-self.log_S) * self._local
            self.S, self.log_S = _moderate(self.S, self.log_S)
        self.time, self.state = self.time + count, X[count, 0].copy()
        if not (np.isfinite(self.M).all() and np.isfinite(self.S).all()):
            raise DivergenceError(self.time, what="a derivative")

    def _gather(self, count: int, u: Array) -> None:
        """Leave the derivative of the state `count` steps on, by the weights used on the way, in `_local`."""
        rows = self._X[:count, 0], u[:count, 0], self._w[:count, 0]
        E, states, weights = (array[:count] for array in self._silent)
        forced, share, nothing = self._unforced
        self._local[...] = 0.0
        for unit, slopes in enumerate(self._slopes):
            self._carried[0] = 0.0
            self._carried[0, 0, unit] = 1.0
            backward(
                self._cell, self._q, self._p, rows, self._A[:count, 0], E, states, 0, E, weights, self._readout,
                self._carried, forced, share, nothing, 0, slopes,
            )  # fmt: skip
        if self._free is not None:
            self._local *= self._free


def _moderate(array: Array, log_factor: float, *, least: float = 0.0) -> tuple[Array, float]:
    """Divide by the largest number, where that has left the range, and put its logarithm to the factor's.

    The factor does not fall below exp(least): what is added to S is of order 1, and must not be blown up in its turn.
    """
    largest = float(np.abs(array).max(initial=0.0))
    if largest == 0.0 or _SMALL < largest < _LARGE or not math.isfinite(largest):
        return array, log_factor
    gained = max(math.log(largest), least - log_factor)
    return array * math.exp(-gained), log_factor + gained
