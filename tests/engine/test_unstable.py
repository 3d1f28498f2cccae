"""Unstable directions: eigenvectors, and planes that the Jacobian carries into themselves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lyaplab as ll
from lyaplab.engine.unstable import unstable_directions


@settings(max_examples=40, deadline=None)
@given(d=st.integers(1, 8), seed=st.integers(0, 1000), flow=st.booleans())
def test_the_jacobian_maps_each_direction_or_plane_into_itself(d, seed, flow):
    J = np.random.default_rng(seed).standard_normal((d, d))
    found = unstable_directions(J, flow=flow)
    values = np.linalg.eigvals(J)
    growth = values.real if flow else np.log(np.abs(values))
    assert len(found.eigenvalues) == np.sum(growth > 1e-6)
    np.testing.assert_allclose(np.sort_complex(found.eigenvalues), np.sort_complex(values[growth > 1e-6]), atol=1e-9)
    sizes = found.eigenvalues.real if flow else np.abs(found.eigenvalues)
    assert (np.diff(sizes) <= 1e-8).all()  # the fastest first
    row = 0
    while row < len(found.vectors):
        pair = found.eigenvalues[row].imag != 0
        rows = found.vectors[row : row + 1 + pair]
        np.testing.assert_allclose(rows @ rows.T, np.eye(1 + pair), atol=1e-9)
        image = rows @ J.T
        inside = image @ rows.T
        np.testing.assert_allclose(inside @ rows, image, atol=1e-6)
        # Of a plane, the map within it has the two eigenvalues.
        expected = found.eigenvalues[row : row + 1 + pair]
        np.testing.assert_allclose(np.sort_complex(np.linalg.eigvals(inside)), np.sort_complex(expected), atol=1e-6)
        row += 1 + pair


def test_a_saddle_of_a_flow_leaves_along_one_line():
    """Lorenz's origin: sigma, rho and beta give its only unstable eigenvalue (Sparrow 1982)."""
    net = ll.Model("lorenz63", rho=28.0)
    found = net.unstable_directions([0.0, 0.0, 0.0])
    exact = (-11 + np.sqrt(11**2 + 4 * 10 * 27)) / 2
    assert found.eigenvalues == pytest.approx([exact])
    x, y, z = found.vectors[0]
    assert y / x == pytest.approx(1 + exact / 10) and z == pytest.approx(0.0, abs=1e-12)


def test_a_stable_point_has_none():
    found = ll.Model("tanh", w11=0.5, w12=0.1, w21=0.0, w22=0.5).unstable_directions([0.0, 0.0])
    assert found.vectors.shape == (0, 2) and len(found.eigenvalues) == 0


def test_a_state_of_the_wrong_shape_is_named():
    with pytest.raises(ValueError, match="x must"):
        ll.Model("henon").unstable_directions([0.0])


@pytest.mark.parametrize("search", ["fixed_points", "slow_points"])
def test_a_search_in_pieces_ends_with_what_the_whole_search_finds(search):
    net = ll.Model("tanh", n=6, gain=2.5, seed=3)
    whole = getattr(net, search)(64)
    *before, last = getattr(net, f"iter_{search}")(64)
    assert last.starts == 64
    np.testing.assert_allclose(last.points, whole.points, atol=1e-7)
    np.testing.assert_array_equal(last.hits, whole.hits)
    assert all(one.starts <= 64 for one in before)


def test_pieces_of_a_search_are_small_and_grow():
    net = ll.Model("tanh", n=64, gain=1.5, seed=5)
    pieces = list(net.iter_fixed_points(48))
    assert [piece.starts for piece in pieces] == [16, 32, 48]
    found = [len(piece) for piece in pieces]
    assert found == sorted(found) and found[-1] >= 3
    assert (pieces[-1].residuals < 1e-9).all()
