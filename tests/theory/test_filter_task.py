"""Tasks: what they refuse, and that their words tell everything."""

from __future__ import annotations

import numpy as np
import pytest

from lyaplab.theory import FilterTask


@pytest.mark.parametrize(
    ("target", "settings", "message"),
    [
        (1.0, {}, "inside the unit circle unless there is a horizon, got 1"),
        (0.8 + 0.7j, {}, r"inside the unit circle unless there is a horizon, got 0.8\+0.7j"),
        ([(1.0, 0.5), (1.0, -1.2)], {}, "inside the unit circle"),
        (0.0, {"continuous": True}, "positive real part, got 0"),
        (-0.1 + 1j, {"continuous": True}, "positive real part"),
        ("integrator", {}, "only with a horizon"),
        ("integrator", {"continuous": True}, "only with a horizon"),
        ("integrater", {"horizon": 5}, "did you mean 'integrator'"),
        (0.5, {"horizon": 0}, "horizon must be a whole number of at least 1, got 0"),
        (0.5, {"horizon": 5, "continuous": True}, "horizon is for discrete time"),
        (0.5, {"horizon": 5, "weights": "men"}, "did you mean 'mean'"),
        (0.5, {"weights": "mean"}, "weights need a horizon"),
        (0.5, {"horizon": 2, "weights": [1.0, -1.0]}, "must not be negative, got -1"),
        (0.5, {"horizon": 2, "weights": [1.0]}, r"weights must have shape \(2,\)"),
        ([1.0, 0.5], {"horizon": 3}, "one number for each of the 3 lags, got 2"),
        ([1.0, np.nan], {}, r"target\[1\] is nan"),
        (np.inf, {"horizon": 3}, "target must be finite"),
        ([(1.0, 0.5, 0.2), (1.0, 0.5, 0.2)], {"horizon": 3}, "pairs"),
    ],
)
def test_what_cannot_be_learnt_is_refused(target, settings, message):
    with pytest.raises(ValueError, match=message):
        FilterTask(target, **settings)


@pytest.mark.parametrize("target", [True, None, [(1.0, "x")]])
def test_what_is_no_number_is_refused(target):
    with pytest.raises(TypeError):
        FilterTask(target, horizon=3)


@pytest.mark.parametrize(
    "task",
    [
        FilterTask(0.5),
        FilterTask([(1.0, 0.5), (-0.5, 0.3 + 0.4j)]),
        FilterTask("integrator", horizon=7, weights="mean"),
        FilterTask([0.1, 0.2], weights=[1.0, 0.5]),
        FilterTask(0.1 + 1.0j, continuous=True),
    ],
    ids=repr,
)
def test_words_tell_everything(task):
    again = FilterTask.from_words(task.words)
    assert again == task and repr(again) == repr(task)
    np.testing.assert_array_equal(again.filter(task.lags), task.filter(task.lags))
    assert again.energy == task.energy


def test_eigenvalues_wanted_of_W():
    np.testing.assert_allclose(FilterTask(0.3 + 0.4j).eigenvalues, [0.3 + 0.4j, 0.3 - 0.4j])
    np.testing.assert_allclose(FilterTask(0.2, continuous=True).eigenvalues, [0.8])
    assert FilterTask(0.1, continuous=True).filter([10.0])[0] == pytest.approx(np.exp(-1.0))
    np.testing.assert_array_equal(FilterTask([3.0, 2.0]).filter([1, 2, 0]), [2.0, 0.0, 3.0])
