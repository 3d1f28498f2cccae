"""The only door to Numba: the Cell type, the kernel decorator and its cache, and the vocabulary of cells."""

from __future__ import annotations

from lyaplab.kernel.cell import Cell
from lyaplab.kernel.compile import inline, kernel
from lyaplab.kernel.options import one_blas_thread

__all__ = ["Cell", "inline", "kernel", "one_blas_thread"]
