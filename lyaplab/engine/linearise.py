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
    """

    def __init__(self, cell: Cell, p: Parameters, *, inputs: Array, dt: float | None, rows: int) -> None:
        n, nw, na = cell.size(p)
        self.rows = rows
        # A vector field is there as it is; what a step adds is a field once x is taken away.
        self._is_field = cell.has("field_push")
        self.identity = 0.0 if self._is_field else 1.0
        self.unit = 1.0 if self._is_field or dt is None else dt
        self._cell, self._q = cell, cell.prepare(p)
        self._u = np.tile(inputs, (rows, 1)) if inputs.size else np.empty((rows, 0))
        self.y, self._w = np.empty((rows, n)), np.empty((rows, nw))
        self._V, self._A = np.tile(np.eye(n), (rows, 1)), np.empty((rows * n, na))
        self.Z = np.empty_like(self._V)

    def __call__(self, x: Array) -> None:
        """Fill the first rows of y and the first blocks of Z for the states x (at most `rows`, n)."""
        b, k = len(x), len(x) * x.shape[1]
        u, y, V, A, Z = self._u[:b], self.y[:b], self._V[:k], self._A[:k], self.Z[:k]
        if self._is_field:
            _field_rows(self._cell, self._q, x, u, y)
            _field_push_rows(self._cell, self._q, x, u, V, A, Z)
        else:
            _step_and_push(self._cell, self._q, x, u, y, self._w[:b], V, A, Z)
