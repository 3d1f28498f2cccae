"""The vocabulary of cells: affine maps of rows, outer products, scalings, copies.

Nothing here allocates or assigns whole arrays; every function is inlined into the kernel that uses it.
"""

from __future__ import annotations

from numba import types
from numba.extending import overload

from lyaplab.kernel.blas import gemm, gemm_add_tn, gemm_nt, gemm_sub
from lyaplab.kernel.compile import inline
from lyaplab.kernel.contiguous import flat, move
from lyaplab.kernel.options import INLINE

__all__ = [
    "add_inputs",
    "affine",
    "as_tuple",
    "at",
    "column_sums",
    "copy",
    "gemm",
    "gemm_nt",
    "gemm_sub",
    "outer",
    "rows",
    "scale",
]

# Below this many multiplications a plain loop beats the call of BLAS.
_TINY = 100


@inline
def at(parameter, row, count):
    """Value of a scalar parameter for a row of `count`; one with several values holds one for each block of rows."""
    # One value for all, or for each row, are the common cases: a division costs as much as the rest of a small step.
    held = parameter.shape[0]
    if held == 1:
        return parameter[0]
    return parameter[row] if held == count else parameter[row * held // count]


def as_tuple(value):
    """Return a tuple as it is, and a number as a tuple of one."""
    return value if isinstance(value, tuple) else (value,)


@overload(as_tuple, jit_options=INLINE)
def _as_tuple(value):
    if isinstance(value, types.BaseTuple):
        return lambda value: value
    return lambda value: (value,)


@inline
def rows(X, M, MT, Z):
    """Every row x becomes M x. MT is M transposed, both C-ordered; M may be (B, n, n): a matrix for each row block."""
    if M.ndim == 3:
        block = X.shape[0] // M.shape[0]
        for v in range(X.shape[0]):
            for i in range(M.shape[1]):
                total = 0.0
                for j in range(M.shape[2]):
                    total += M[v // block, i, j] * X[v, j]
                Z[v, i] = total
    elif M.shape[0] == 2 and M.shape[1] == 2:
        # Without an inner loop a step of two units takes half the time.
        m00, m01, m10, m11 = M[0, 0], M[0, 1], M[1, 0], M[1, 1]
        for v in range(X.shape[0]):
            x0, x1 = X[v, 0], X[v, 1]
            Z[v, 0] = m00 * x0 + m01 * x1
            Z[v, 1] = m10 * x0 + m11 * x1
    elif X.shape[0] * M.shape[0] * M.shape[1] > _TINY:
        gemm(X, MT, Z)
    else:
        for v in range(X.shape[0]):
            for i in range(M.shape[0]):
                total = 0.0
                for j in range(M.shape[1]):
                    total += M[i, j] * X[v, j]
                Z[v, i] = total


@inline
def affine(x, W, WT, u, U, b, y):
    """y = W x + U u + b, row by row; W, U and b may carry a leading axis: one set for each row."""
    if W.ndim == 2 and b.ndim == 1 and W.shape[0] == 2 and W.shape[1] == 2:
        # Two units, which most pictures show: sums stay in registers, and a step takes half the time.
        w00, w01, w10, w11 = W[0, 0], W[0, 1], W[1, 0], W[1, 1]
        for v in range(y.shape[0]):
            x0, x1 = x[v, 0], x[v, 1]
            y[v, 0], y[v, 1] = b[0] + w00 * x0 + w01 * x1, b[1] + w10 * x0 + w11 * x1
    else:
        rows(x, W, WT, y)
        for v in range(y.shape[0]):
            for i in range(y.shape[1]):
                y[v, i] += b[i] if b.ndim == 1 else b[v * b.shape[0] // y.shape[0], i]
    if u.shape[1] > 0:
        add_inputs(u, U, y)


@inline
def add_inputs(u, U, y):
    """y += U u, row by row."""
    for v in range(y.shape[0]):
        for i in range(y.shape[1]):
            total = 0.0
            for j in range(u.shape[1]):
                total += U[i, j] * u[v, j] if U.ndim == 2 else U[v * U.shape[0] // y.shape[0], i, j] * u[v, j]
            y[v, i] += total


def copy(X, Y):
    """Y = X, of one shape. An array assignment would cost seconds of compilation."""
    Y[...] = X


@overload(copy, jit_options=INLINE)
def _copy(X, Y):
    if X.layout == Y.layout == "C":
        return _copy_at_once

    return _copy_by_rows


def _copy_at_once(X, Y):
    source, target = flat(X), flat(Y)
    if source.size == 2:
        # The state of a plane: a call to move two numbers takes a tenth of its step.
        target[0], target[1] = source[0], source[1]
    else:
        move(X, Y)


def _copy_by_rows(X, Y):
    for i in range(X.shape[0]):
        for j in range(X.shape[1]):
            Y[i, j] = X[i, j]


@inline
def outer(A, X, dW):
    """dW += A^T X: the sum over rows of a x^T."""
    if dW.shape[1] > 0:
        gemm_add_tn(A, X, dW)


@inline
def column_sums(A, db):
    """db += the sum over the rows of A."""
    for v in range(A.shape[0]):
        for i in range(A.shape[1]):
            db[i] += A[v, i]


@inline
def scale(w, V, Z):
    """Z = V times the slopes of the state row it belongs to."""
    block = V.shape[0] // w.shape[0]
    if V.shape[1] == 1 and block == 1:
        # One long loop without an inner one fills the vector registers.
        for v in range(V.shape[0]):
            Z[v, 0] = V[v, 0] * w[v, 0]
        return
    for b in range(w.shape[0]):
        if V.shape[1] == 2:
            w0, w1 = w[b, 0], w[b, 1]
            for v in range(b * block, b * block + block):
                Z[v, 0], Z[v, 1] = V[v, 0] * w0, V[v, 1] * w1
            continue
        for v in range(b * block, b * block + block):
            for j in range(V.shape[1]):
                Z[v, j] = V[v, j] * w[b, j]
