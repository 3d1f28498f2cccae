"""Principal components of orbits: against NumPy's singular values, and what a projection must keep."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lyaplab as ll
from lyaplab.engine.components import components


@settings(max_examples=25, deadline=None)
@given(steps=st.integers(1, 40), d=st.integers(1, 12), seed=st.integers(0, 1000))
def test_they_are_the_singular_vectors_of_the_centred_states(steps, d, seed):
    states = np.random.default_rng(seed).standard_normal((steps, d)) * np.arange(1, d + 1) + 5.0
    k = min(3, d)
    found = components(states, k)
    _, sizes, vectors = np.linalg.svd(states - states.mean(axis=0))
    variances = np.zeros(d)
    variances[: len(sizes)] = sizes**2 / steps
    np.testing.assert_allclose(found.variances, variances[:k], atol=1e-9 * (1 + variances[0]))
    np.testing.assert_allclose(found.axes @ found.axes.T, np.eye(k), atol=1e-12)
    np.testing.assert_allclose(found.mean, states.mean(axis=0))
    for axis, vector, size in zip(found.axes, vectors, found.variances, strict=False):
        if size > 1e-6 and np.sum(np.abs(variances - size) < 1e-6 * variances[0]) == 1:
            assert abs(axis @ vector) == pytest.approx(1.0, abs=1e-6)
            assert axis[np.abs(axis).argmax()] > 0


def test_all_axes_together_keep_every_distance():
    states = np.random.default_rng(0).standard_normal((50, 4))
    found = components(states, 4)
    places = found.project(states)
    np.testing.assert_allclose(np.linalg.norm(places, axis=1), np.linalg.norm(states - found.mean, axis=1))
    np.testing.assert_allclose(places.var(axis=0), found.variances)
    assert found.shares.sum() == pytest.approx(1.0)


def test_several_orbits_share_their_axes_and_what_rests_has_no_variance():
    net = ll.Model("tanh", n=2, w11=0.5, w12=0.0, w21=0.0, w22=0.5)
    starts = np.array([[0.4, 0.1], [-0.3, 0.2]])
    both = net.components(30, k=2, x0=starts)
    states = net.orbit(30, x0=starts).reshape(-1, 2)
    np.testing.assert_allclose(both.variances, np.linalg.eigvalsh(np.cov(states.T, bias=True))[::-1])
    still = net.components(30, k=2, x0=[0.0, 0.0])
    assert (still.shares == 0).all() and np.isfinite(still.axes).all()


def test_more_axes_than_variables_are_refused():
    with pytest.raises(ValueError, match="k must be at most 2, the number of state variables, got 3"):
        ll.Model("henon").components()


def test_a_result_is_saved_and_read_back(tmp_path):
    found = ll.Model("henon").components(500, k=2)
    found.save(tmp_path / "found.npz")
    again = type(found).load(tmp_path / "found.npz")
    np.testing.assert_array_equal(again.axes, found.axes)
    assert "of the variance of 2 state variables" in repr(again)
