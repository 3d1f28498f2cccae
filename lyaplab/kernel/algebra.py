"""The vocabulary of cells: affine maps of rows, outer products, tanh and sigmoid with their slopes.

Nothing here allocates or assigns whole arrays; every function is inlined into the kernel that uses it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, overload

from lyaplab.kernel.blas import gemm, gemm_add_tn, gemm_nt, gemm_sub
from lyaplab.kernel.compile import inline
from lyaplab.kernel.helpers import python_forms
from lyaplab.kernel.options import DISABLED, INLINE

__all__ = [
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
    "sigmoid_slope",
    "tanh_into",
    "tanh_rows",
    "tanh_slope",
]

# Below this many multiplications a plain loop beats the call of BLAS.
_TINY = 100


@inline
def at(parameter, row, count):
    """Value of a scalar parameter for a row of `count`; one with several values holds one for each block of rows."""
    # One value for all is the common case, and a division costs as much as the rest of a small step.
    return parameter[0] if parameter.shape[0] == 1 else parameter[row * parameter.shape[0] // count]


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
        _add_inputs(u, U, y)


@inline
def _add_inputs(u, U, y):
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
        return lambda X, Y: _move(X, Y)

    def by_rows(X, Y):
        for i in range(X.shape[0]):
            for j in range(X.shape[1]):
                Y[i, j] = X[i, j]

    return by_rows


@intrinsic
def _moved(typing, X, Y):
    """Copy the numbers of a contiguous array: one instruction, where a kernel with ten loops compiles for a second."""

    def move(context, builder, signature, args):
        source, target = (
            cgutils.create_struct_proxy(kind)(context, builder, value=value)
            for kind, value in zip(signature.args, args, strict=True)
        )
        cgutils.raw_memcpy(builder, target.data, source.data, source.nitems, 8)
        return context.get_dummy_value()

    return types.none(X, Y), move


@intrinsic
def _flattened(typing, X):
    """View a contiguous array as one long row."""
    row = types.Array(X.dtype, 1, "C")

    def view(context, builder, signature, args):
        whole = cgutils.create_struct_proxy(X)(context, builder, value=args[0])
        made = cgutils.create_struct_proxy(row)(context, builder)
        made.data, made.itemsize, made.nitems = whole.data, whole.itemsize, whole.nitems
        made.shape = cgutils.pack_array(builder, [whole.nitems])
        made.strides = cgutils.pack_array(builder, [whole.itemsize])
        return made._getvalue()

    return row(X), view


# Callers do not give the first argument, which is the compiler's.
_move: Any = _moved
_flat: Any = _flattened


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
    for b in range(w.shape[0]):
        if V.shape[1] == 2:
            w0, w1 = w[b, 0], w[b, 1]
            for v in range(b * block, b * block + block):
                Z[v, 0], Z[v, 1] = V[v, 0] * w0, V[v, 1] * w1
            continue
        for v in range(b * block, b * block + block):
            for j in range(V.shape[1]):
                Z[v, j] = V[v, j] * w[b, j]


@intrinsic
def _bits_of(typing, x):
    def cast(context, builder, signature, args):
        return builder.bitcast(args[0], ir.IntType(64))

    return types.int64(types.float64), cast


@intrinsic
def _float_of(typing, bits):
    def cast(context, builder, signature, args):
        return builder.bitcast(args[0], ir.DoubleType())

    return types.float64(types.int64), cast


def _tanh_slope(x):
    """(tanh x, sech² x) to 6 units in the last place, mostly 2, without a branch, so that loops vectorise.

    With e = exp(-2|x|): tanh|x| = (1 - e)/(1 + e) and sech² x = 4 e/(1 + e)²; 1 - tanh² would lose all its digits.
    exp(y) = 2^k exp(r), r = y - k ln 2, by its Taylor polynomial; adding 1.5 * 2^52 rounds y/ln 2 to the integer k.
    """
    a = abs(x)
    a = 350.0 if a > 350.0 else a  # by selection: NaN stays NaN
    y = -2.0 * a
    shifted = y * 1.4426950408889634 + 6755399441055744.0
    k = shifted - 6755399441055744.0
    r = (y - k * 0.6931471803691238) - k * 1.9082149292705877e-10
    p = 1.0 / 479001600
    p = p * r + 1.0 / 39916800
    p = p * r + 1.0 / 3628800
    p = p * r + 1.0 / 362880
    p = p * r + 1.0 / 40320
    p = p * r + 1.0 / 5040
    p = p * r + 1.0 / 720
    p = p * r + 1.0 / 120
    p = p * r + 1.0 / 24
    p = p * r + 1.0 / 6
    p = p * r + 0.5
    exp_minus_1 = r + r * r * p
    power: Any = _float_of((_bits_of(shifted) + 1023) << 52)  # type: ignore[call-arg]
    e_minus_1 = power * exp_minus_1 + (power - 1.0)
    inverse = 1.0 / (2.0 + e_minus_1)
    return np.copysign(-e_minus_1 * inverse, x), 4.0 * (power * exp_minus_1 + power) * inverse * inverse


def _tanh_slope_by_numpy(x):
    e = np.exp(-2.0 * abs(x))
    return np.tanh(x), 4.0 * e / (1.0 + e) ** 2


if DISABLED:
    tanh_slope = _tanh_slope_by_numpy
else:
    from numba import njit

    # Reassociation would undo the two-part subtraction of k ln 2.
    tanh_slope = njit(**{**INLINE, "fastmath": {"contract"}})(_tanh_slope)
    python_forms[tanh_slope] = _tanh_slope_by_numpy


@inline
def sigmoid_slope(x):
    """(1/(1 + exp(-x)), its slope), from tanh: sigmoid(x) = (1 + tanh(x/2))/2."""
    t, slope = tanh_slope(0.5 * x)
    return 0.5 + 0.5 * t, 0.25 * slope


def tanh_rows(y, w):
    """y = tanh(y) and w = its slope, over all rows."""
    tanh_into(y, y, w)


@overload(tanh_rows, jit_options=INLINE)
def _tanh_rows(y, w):
    if not y.layout == w.layout == "C":
        return lambda y, w: tanh_into(y, y, w)

    def in_place(y, w):
        # One view of y for reading and writing: with two, the compiler fears that they overlap, and gives up vectors.
        values, slopes = _flat(y), _flat(w)
        for i in range(values.size):
            values[i], slopes[i] = tanh_slope(values[i])

    return in_place


def tanh_into(x, y, w):
    """y = tanh(x) and w = its slope, over all rows."""
    for v in range(y.shape[0]):
        for i in range(y.shape[1]):
            y[v, i], w[v, i] = tanh_slope(x[v, i])


@overload(tanh_into, jit_options=INLINE)
def _tanh_into(x, y, w):
    if x.layout == y.layout == w.layout == "C":
        return _tanh_at_once
    return _tanh_by_rows


def _tanh_by_rows(x, y, w):
    for v in range(y.shape[0]):
        for i in range(y.shape[1]):
            y[v, i], w[v, i] = tanh_slope(x[v, i])


def _tanh_at_once(x, y, w):
    # One long loop fills the vector registers also when a row has only two entries.
    states, values, slopes = _flat(x), _flat(y), _flat(w)
    for i in range(values.size):
        values[i], slopes[i] = tanh_slope(states[i])
