"""Rosenstein's curve by nolds, and how to import nolds under Python 3.11."""

from __future__ import annotations

import importlib
import importlib.resources
from importlib.resources import files
from types import ModuleType

from benchmarks.others import Array

__all__ = ["divergence_by_nolds", "import_nolds"]


def import_nolds() -> ModuleType:
    """Import nolds, whose version 0.6.3 reads its data sets beside a module where 3.11 wants the package's name.

    Raises
    ------
    ImportError
        Where nolds is not installed.
    """
    importlib.resources.files = lambda anchor: files("nolds" if anchor == "nolds.datasets" else anchor)
    try:
        return importlib.import_module("nolds")
    finally:
        importlib.resources.files = files


def divergence_by_nolds(series: Array, *, dimension: int, lag: int, theiler: int, steps: int) -> Array:
    """Return the mean logarithm of the distance after 0 to `steps` steps, shape (steps + 1,)."""
    _, (_, curve, _) = import_nolds().lyap_r(
        series, emb_dim=dimension, lag=lag, min_tsep=theiler, trajectory_len=steps + 1, fit="poly", debug_data=True
    )
    return curve
