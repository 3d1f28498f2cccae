"""Matrix products inside kernels: BLAS called in place, without Numba's copies and allocations.

`np.dot` in a kernel wants contiguous arrays and may allocate; these call the same entry point of Numba on rows of any
stride. Where a Numba release has no such entry point, loops take over: slow, but right.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import _helperlib, types
from numba.core import cgutils
from numba.extending import intrinsic

from lyaplab.kernel.compile import inline
from lyaplab.kernel.helpers import python_forms
from lyaplab.kernel.options import DISABLED

__all__ = ["gemm", "gemm_add_tn", "gemm_nt", "gemm_sub"]

_BLAS_ENTRY = "xxgemm"
_HAS_BLAS = _BLAS_ENTRY in getattr(_helperlib, "c_helpers", {})


def _product(*, transpose_a: bool, transpose_b: bool, alpha: float, beta: float) -> Callable[..., Any]:
    """Make a function (A, B, C) that sets C = alpha op(A) op(B) + beta C for C-ordered rows of any stride."""

    def by_numpy(A, B, C):
        product = (A.T if transpose_a else A) @ (B.T if transpose_b else B)
        C[...] = alpha * product + (beta * C if beta else 0.0)

    if DISABLED:
        return by_numpy
    if not _HAS_BLAS:
        return inline(_loops(transpose_a, transpose_b, alpha, beta))

    @intrinsic
    def by_blas(typing, A, B, C):
        return types.none(A, B, C), _call_gemm

    def _call_gemm(context, builder, signature, args):
        byte, long, double = ir.IntType(8), ir.IntType(64), ir.DoubleType()
        pointer = double.as_pointer()
        a, b, c = (
            cgutils.create_struct_proxy(kind)(context, builder, value=value)
            for kind, value in zip(signature.args, args, strict=True)
        )

        def extent(array, axis):
            return builder.extract_value(array.shape, axis)

        def larger(one, other):
            return builder.select(builder.icmp_signed(">", one, other), one, other)

        def leading(array):
            """Distance of two rows in numbers; an empty array may have any, and BLAS refuses less than a row or one."""
            apart = builder.sdiv(builder.extract_value(array.strides, 0), long(8))
            least = larger(extent(array, 1), long(1))
            return larger(apart, least)

        kinds = [byte] * 3 + [long] * 3 + [pointer, pointer, long, pointer, long, pointer, pointer, long]
        entry = cgutils.get_or_insert_function(
            builder.module, ir.FunctionType(ir.IntType(32), kinds), f"numba_{_BLAS_ENTRY}"
        )
        scale = cgutils.alloca_once_value(builder, double(alpha))
        keep = cgutils.alloca_once_value(builder, double(beta))
        # BLAS counts by columns: our C = A B is its C^T = B^T A^T, so the operands trade places.
        builder.call(
            entry,
            [
                byte(ord("d")),
                byte(ord("t" if transpose_b else "n")),
                byte(ord("t" if transpose_a else "n")),
                extent(c, 1),
                extent(c, 0),
                extent(a, 0 if transpose_a else 1),
                scale,
                b.data,
                leading(b),
                a.data,
                leading(a),
                keep,
                c.data,
                leading(c),
            ],
        )
        return context.get_dummy_value()

    python_forms[by_blas] = by_numpy
    return by_blas


def _loops(transpose_a: bool, transpose_b: bool, alpha: float, beta: float) -> Callable[..., Any]:
    def by_loops(A, B, C):
        inner = A.shape[0] if transpose_a else A.shape[1]
        for i in range(C.shape[0]):
            for j in range(C.shape[1]):
                total = 0.0
                for k in range(inner):
                    a = A[k, i] if transpose_a else A[i, k]
                    total += a * (B[j, k] if transpose_b else B[k, j])
                C[i, j] = alpha * total + (beta * C[i, j] if beta != 0.0 else 0.0)

    return by_loops


gemm = _product(transpose_a=False, transpose_b=False, alpha=1.0, beta=0.0)  # C = A B
gemm_nt = _product(transpose_a=False, transpose_b=True, alpha=1.0, beta=0.0)  # C = A B^T
gemm_sub = _product(transpose_a=False, transpose_b=False, alpha=-1.0, beta=1.0)  # C -= A B
gemm_add_tn = _product(transpose_a=True, transpose_b=False, alpha=1.0, beta=1.0)  # C += A^T B
