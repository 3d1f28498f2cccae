"""One step and its Jacobian at many states; for flows also the vector field and its derivative."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lyaplab.kernel import Cell, kernel, one_blas_thread
from lyaplab.kernel.cell import field, field_push, push, step

__all__ = ["field_jacobians", "jacobians", "step_rows", "vector_field"]

Array = NDArray[np.float64]
Parameters = tuple[Array, ...]


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
