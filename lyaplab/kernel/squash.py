"""The vocabulary of cells, continued: tanh and sigmoid with their slopes, in loops that fill the vector registers."""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic, overload

from lyaplab.kernel.compile import inline
from lyaplab.kernel.contiguous import flat
from lyaplab.kernel.helpers import python_forms
from lyaplab.kernel.options import DISABLED, INLINE

__all__ = ["sigmoid_slope", "tanh_beside", "tanh_into", "tanh_rows", "tanh_slope"]


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
        values, slopes = flat(y), flat(w)
        if values.size == 2:
            _two(values, slopes)
            return
        for i in range(values.size):
            values[i], slopes[i] = tanh_slope(values[i])

    return in_place


@inline
def _two(values, slopes):
    """Two numbers, the state of a plane: both at once, where a loop takes one after the other."""
    first, second = values[0], values[1]
    first, slope_of_first = tanh_slope(first)
    second, slope_of_second = tanh_slope(second)
    values[0], values[1] = first, second
    slopes[0], slopes[1] = slope_of_first, slope_of_second


def tanh_beside(y, w):
    """y = tanh(y), and the first columns of the wider w = its slope, over all rows."""
    tanh_into(y, y, w)


@overload(tanh_beside, jit_options=INLINE)
def _tanh_beside(y, w):
    if not y.layout == w.layout == "C":
        return lambda y, w: tanh_into(y, y, w)

    def spread(y, w):
        # Slopes side by side at the front of w, by one long loop; then, from the last row on, each to its place.
        values, slopes = flat(y), flat(w)
        if values.size == 2 and y.shape[0] == 1:
            _two(values, slopes)
            return
        for i in range(values.size):
            values[i], slopes[i] = tanh_slope(values[i])
        n = y.shape[1]
        if n == 2:
            for v in range(y.shape[0] - 1, 0, -1):
                w[v, 0], w[v, 1] = slopes[2 * v], slopes[2 * v + 1]
        else:
            for v in range(y.shape[0] - 1, 0, -1):
                for i in range(n - 1, -1, -1):
                    w[v, i] = slopes[v * n + i]

    return spread


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
    states, values, slopes = flat(x), flat(y), flat(w)
    for i in range(values.size):
        values[i], slopes[i] = tanh_slope(states[i])
