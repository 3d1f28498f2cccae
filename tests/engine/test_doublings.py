"""Period doublings measured by following cycles: against theory, exact values, and each other."""

from __future__ import annotations

import numpy as np
import pytest

import lyaplab as ll
from lyaplab.engine.doublings import Doublings, Window, certain_windows

LOGISTIC = ll.Model("logistic")


def test_doublings_of_the_logistic_map_lie_where_theory_says_within_their_errors():
    found = LOGISTIC.doublings("r", np.linspace(2.9, 3.57, 900), warmup=3000)
    exact = ll.theory.doublings(4)
    np.testing.assert_array_equal(found.periods, [1, 2, 4, 8])
    assert (np.abs(found.values - exact) <= found.errors).all()
    assert (found.errors < 1e-11).all()


def test_windows_add_up_to_a_cascade_whose_ratios_come_to_feigenbaums_number():
    parts = [LOGISTIC.doublings("r", np.linspace(*span, 900), warmup=3000) for span in ((2.9, 3.57), (3.564, 3.5702))]
    found = parts[0].merged(parts[1])
    np.testing.assert_array_equal(found.periods, [1, 2, 4, 8, 16, 32])
    exact = ll.theory.doublings(6)
    ratios, errors = found.ratios
    assert np.isnan(ratios[[0, -1]]).all()
    wanted = (exact[1:-1] - exact[:-2]) / (exact[2:] - exact[1:-1])
    assert (np.abs(ratios[1:-1] - wanted) <= errors[1:-1]).all()
    delta = ll.theory.feigenbaum().delta
    assert np.abs(ratios[3:-1] - delta).max() < 2e-3 < np.abs(ratios[1] - delta)


def test_doublings_of_henon_are_the_exact_ones():
    b = 0.3
    found = ll.Model("henon").doublings("a", np.linspace(0.1, 1.0, 400), warmup=2000)
    exact = [3 * (1 - b) ** 2 / 4, (5 * b**2 - 6 * b + 5) / 4]
    np.testing.assert_allclose(found.values, exact, atol=1e-11)


def test_a_flip_downwards_and_a_pitchfork():
    found = ll.Model("tanh", w=0.5).doublings("w", np.linspace(-3.0, 3.0, 300))
    assert found.values == pytest.approx([-1.0], abs=1e-11)  # the pitchfork at +1 doubles no period
    np.testing.assert_array_equal(found.periods, [1])


def test_a_ratio_carries_the_errors_of_its_three_values():
    found = Doublings("r", np.array([0.0, 4.0, 5.0]), np.array([0.1, 0.0, 0.0]), np.array([1, 2, 4]))
    ratios, errors = found.ratios
    assert ratios[1] == 4.0 and errors[1] == pytest.approx(0.1)
    assert np.isnan(ratios[[0, 2]]).all()
    # two of the same period that differ by more than their errors are two doublings
    other = Doublings("r", np.array([0.05, 4.1]), np.array([0.01, 0.0]), np.array([1, 2]))
    np.testing.assert_array_equal(found.merged(other).values, [0.05, 4.0, 4.1, 5.0])


def test_windows_are_certain_or_not_there():
    rates = np.array([-1.0] * 4 + [-1e-3] * 3 + [0.3] * 3 + [-0.5] * 2)
    periods = np.array([1] * 4 + [2] * 3 + [5] * 3 + [3] * 2)  # slow, chaotic and too narrow ones are left out
    assert certain_windows(periods, rates, 1000.0) == [Window(0, 3, 1)]
    assert certain_windows(periods, rates, 1e5) == [Window(0, 3, 1), Window(4, 6, 2)]


def test_what_has_no_doublings_says_so():
    assert len(LOGISTIC.doublings("r", np.linspace(1.5, 2.5, 50))) == 0
    with pytest.raises(ValueError, match="is a flow"):
        ll.Model("rate", n=1).doublings("w", [0.1, 0.2])
    with pytest.raises(ValueError, match="one start"):
        LOGISTIC.doublings("r", [2.9, 3.1], x0=[[0.1], [0.2]])
