"""Arrays whose numbers lie side by side: copied by one instruction, or seen as one long row."""

from __future__ import annotations

from typing import Any

from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

__all__ = ["flat", "move"]


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
move: Any = _moved
flat: Any = _flattened
