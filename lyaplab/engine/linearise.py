"""One step and its Jacobian at many states; for flows also the vector field and its derivative."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lyaplab.kernel import Cell, kernel, one_blas_thread
from lyaplab.kernel.cell import field, field_push, push, step

__all__ = ["Linearisation", "field_jacobians", "jacobians", "rows_at_once", "step_rows", "vector_field"]

Array = NDArray[np.float64]
Parameters = tuple[Array, ...]

# Entries of all Jacobians that are taken together: half a megabyte.
_ENTRIES = 65_536


@kernel
def _step_rows(cell, q, x, u, y, w):
    step(cell, q, x, u, y, w)


@kernel
def _step_and_push(cell, q, x, u, y, w, V, A, Z):
    step(cell, q, x, u, y, w)
    push(cell, q, w, V, A, Z)


@kernel
def _field_rows(cell, q, x, u, y):
    field(cell, q, x, u, y)


@kernel
def _field_push_rows(cell, q, x, u, V, A, Z):
    field_push(cell, q, x, u, V, A, Z)


def step_rows(cell: Cell, p: Parameters, *, x: Array, inputs: Array) -> Array:
    """Advance the states x (B, n) under inputs (B, m) by one step, to (B, n)."""
    y = np.empty_like(x)
    with one_blas_thread():
        _step_rows(cell, cell.prepare(p), x, inputs, y, np.empty((len(x), cell.size(p)[1])))
    return y


def jacobians(cell: Cell, p: Parameters, *, x: Array, inputs: Array) -> tuple[Array, Array]:
    """Return the next states (B, n) and the Jacobians (B, n, n) of one step at the states x (B, n)."""
    n, nw, na = cell.size(p)
    batch = len(x)
    y, V = np.empty_like(x), np.tile(np.eye(n), (batch, 1))
    Z, A = np.empty_like(V), np.empty((batch * n, na))
    with one_blas_thread():
        _step_and_push(cell, cell.prepare(p), x, inputs, y, np.empty((batch, nw)), V, A, Z)
    # Rows of Z are the columns of J.
    return y, Z.reshape(batch, n, n).swapaxes(1, 2)


def vector_field(cell: Cell, p: Parameters, *, x: Array, inputs: Array, dt: float | None) -> Array:
    """Return what an arrow shows at the states x (B, n): F(x) - x of a map, dx/dt of a flow of time step dt."""
    if cell.has("field"):
        y = np.empty_like(x)
        _field_rows(cell, cell.prepare(p), x, inputs, y)
        return y
    move = step_rows(cell, p, x=x, inputs=inputs) - x
    return move if dt is None else move / dt


def field_jacobians(
    cell: Cell, p: Parameters, *, x: Array, inputs: Array, dt: float | None
) -> tuple[Array, Array]:
    """Return the vector field (B, n) at the states x and its derivatives (B, n, n)."""
    n, _, na = cell.size(p)
    batch = len(x)
    if cell.has("field_push"):
        V = np.tile(np.eye(n), (batch, 1))
        Z, A = np.empty_like(V), np.empty((batch * n, na))
        _field_push_rows(cell, cell.prepare(p), x, inputs, V, A, Z)
        return vector_field(cell, p, x=x, inputs=inputs, dt=dt), Z.reshape(batch, n, n).swapaxes(1, 2)
    y, J = jacobians(cell, p, x=x, inputs=inputs)
    unit = 1.0 if dt is None else dt
    return (y - x) / unit, (J - np.eye(n)) / unit


def rows_at_once(rows: int, n: int) -> int:
    """How many of some rows of n state variables are best linearised together: their Jacobians stay in the cache."""
    return max(1, min(rows, _ENTRIES // (n * n)))


class Linearisation:
    """The vector field and its derivatives at rows of states, again and again, in arrays that are made once.

    Its pieces are left as the cell returns them, so that a kernel may put them together where it needs them:

        field       F = (y - identity x) / unit
        Jacobian    J = (Z - identity I) / unit, transposed: row j of a block of Z is the image of unit vector j

    where (identity, unit) are the two numbers of the array `scales`.

    Parameters
    ----------
    cell, p : Cell, tuple of ndarray
        The system and its parameters.
    inputs : ndarray(float, shape=(m,))
        The constant input.
    dt : float, optional
        Time step of a flow.
    rows : int
        The most states that are given at once.
    period : int, optional
        Take this many steps for one: the field is then F^period(x) - x, also of a flow.
    """

    def __init__(
        self,
        cell: Cell,
        p: Parameters,
        *,
        inputs: Array,
        dt: float | None,
        rows: int,
        period: int | None = None,
    ) -> None:
        n, nw, na = cell.size(p)
        self.rows = rows
        # A vector field is there as it is; what steps add is a field once x is taken away.
        self._is_field = cell.has("field_push") and period is None
        unit = 1.0 if self._is_field or dt is None or period is not None else dt
        self.scales = np.array([0.0 if self._is_field else 1.0, unit])
        self._steps = period or 1
        self._cell, self._q = cell, cell.prepare(p)
        self._u = np.tile(inputs, (rows, 1)) if inputs.size else np.empty((rows, 0))
        self._w, self._A = np.empty((rows, nw)), np.empty((rows * n, na))
        self._V = np.tile(np.eye(n), (rows, 1))
        # Several steps go to and fro between two places.
        self._places = [(np.empty((rows, n)), np.empty_like(self._V)) for _ in range(min(2, self._steps))]

    def __call__(self, x: Array) -> tuple[Array, Array]:
        """Return y (B, n) and Z (B n, n) at the states x (B, n), at most `rows`; they last until the next call."""
        b, k = len(x), len(x) * x.shape[1]
        u, w, V, A = self._u[:b], self._w[:b], self._V[:k], self._A[:k]
        for turn in range(self._steps):
            place = self._places[turn % 2]
            y, Z = place[0][:b], place[1][:k]
            if self._is_field:
                _field_rows(self._cell, self._q, x, u, y)
                _field_push_rows(self._cell, self._q, x, u, V, A, Z)
            else:
                _step_and_push(self._cell, self._q, x, u, y, w, V, A, Z)
            x, V = y, Z
        return y, Z

    def fields(self, x: Array) -> tuple[Array, Array]:
        """Return the field (B, n) and its derivatives (B, n, n) at any number of states x."""
        n = x.shape[1]
        F, J = np.empty((len(x), n)), np.empty((len(x), n, n))
        identity, unit = self.scales
        for first in range(0, len(x), self.rows):
            block = np.ascontiguousarray(x[first : first + self.rows])
            y, Z = self(block)
            here = slice(first, first + len(block))
            F[here] = (y - identity * block) / unit
            J[here] = (Z.reshape(-1, n, n).swapaxes(1, 2) - identity * np.eye(n)) / unit
        return F, J
