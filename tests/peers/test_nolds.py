"""Rosenstein's curve as nolds calculates it, with the same settings."""

from __future__ import annotations

import importlib.resources

import numpy as np
import pytest

import lyaplab as ll
from benchmarks.others.by_nolds import divergence_by_nolds, import_nolds
from benchmarks.series import SYSTEMS, series_of


@pytest.fixture(scope="module", autouse=True)
def nolds():
    """The package, if it is there."""
    before = importlib.resources.files
    try:
        import_nolds()
    except ModuleNotFoundError as error:
        pytest.skip(str(error))
    finally:
        assert importlib.resources.files is before


@pytest.mark.parametrize("length", [500, 1500])
@pytest.mark.parametrize("system", SYSTEMS)
def test_the_curve_is_the_same(system, length):
    series, settings = 3.0 + 2.0 * series_of(system, length), SYSTEMS[system]
    ours, theirs = ll.lyapunov_from_data(series, **settings), divergence_by_nolds(series, **settings)
    np.testing.assert_allclose(ours.curve, theirs - np.log(series.std()), rtol=0, atol=1e-10)
