"""Newton's steps: the elimination against LAPACK, and what counts as one point."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lyaplab.engine.elimination import newton_steps
from lyaplab.engine.newton import distinct


def steps_of(J, F, *, identity=0.0, unit=1.0):
    """The steps d of J d = -F by the kernel, where the field is (y - identity x)/unit."""
    batch, n = F.shape
    x = np.random.default_rng(1).standard_normal((batch, n))
    y = unit * F + identity * x
    Z = np.ascontiguousarray((unit * J + identity * np.eye(n)).swapaxes(1, 2)).reshape(batch * n, n)
    steps, sizes = np.empty((batch, n)), np.empty(batch)
    work = np.full((n, n), np.nan), np.full((n + 3, n), np.nan)
    newton_steps(x, y, Z, np.array([identity, unit]), work, steps, sizes)
    np.testing.assert_allclose(sizes, np.linalg.norm(F, axis=1), rtol=1e-9)
    return steps


@pytest.mark.parametrize("n", [1, 2, 3, 5, 16, 17, 31, 32, 33, 64, 100])
@pytest.mark.parametrize(("identity", "unit"), [(0.0, 1.0), (1.0, 1.0), (1.0, 0.01)])
def test_steps_are_those_of_lapack(n, identity, unit):
    rng = np.random.default_rng(n)
    J, F = rng.standard_normal((3, n, n)), rng.standard_normal((3, n))
    expected = np.linalg.solve(J, -F[:, :, None])[:, :, 0]
    scale = np.linalg.cond(J)[:, None] * np.abs(expected).max(axis=1, keepdims=True)
    assert (np.abs(steps_of(J, F, identity=identity, unit=unit) - expected) <= 1e-12 * scale / min(unit, 1.0)).all()


def test_pivots_are_chosen():
    J = np.array([[[0.0, 1.0], [1.0, 0.0]], [[1e-14, 1.0], [1.0, 1.0]]])
    F = np.array([[1.0, 2.0], [1.0, 2.0]])
    np.testing.assert_allclose(steps_of(J, F), np.linalg.solve(J, -F[:, :, None])[:, :, 0], rtol=1e-12)


@settings(max_examples=40, deadline=None)
@given(n=st.integers(2, 20), rank=st.integers(0, 19), seed=st.integers(0, 10**6))
def test_a_singular_jacobian_gives_the_shortest_step(n, rank, seed):
    rng, rank = np.random.default_rng(seed), min(rank, n - 1)
    J = rng.integers(-3, 4, (n, rank)) @ rng.integers(-3, 4, (rank, n)).astype(float)
    F = J @ rng.standard_normal(n)  # so that there is a solution
    step = steps_of(J[None], F[None])[0]
    shortest = -np.linalg.lstsq(J, F, rcond=1e-10)[0]
    values = np.linalg.svd(J)[1]
    least = values[values > 1e-9 * max(1.0, values.max())].min(initial=np.inf)
    spread = (values.max() / least) ** 2 if rank and np.isfinite(least) else 1.0
    if spread < 1e5:
        np.testing.assert_allclose(step, shortest, atol=1e-6 * spread * (1.0 + np.abs(shortest).max()))


def test_steps_that_are_no_numbers_end():
    J, F = np.full((1, 3, 3), np.nan), np.ones((1, 3))
    assert not np.isfinite(steps_of(J, F)).all()


def test_distinct_keeps_the_first_and_counts_all():
    points = np.array([[1.0, 0.0], [0.0, 5.0], [1.0 + 1e-9, 0.0], [0.0, 5.0], [0.0, -5.0]])
    found, counts = distinct(points)
    np.testing.assert_array_equal(found, [[0.0, -5.0], [0.0, 5.0], [1.0, 0.0]])
    np.testing.assert_array_equal(counts, [1, 2, 2])
    np.testing.assert_array_equal(distinct(points, np.array([7, 0, 1, 0, 2]))[1], [2, 0, 8])
    assert distinct(np.empty((0, 3)))[0].shape == (0, 3)


def test_doubtful_points_are_one():
    points = np.array([[0.5], [0.5 + 1e-5]])
    assert len(distinct(points)[0]) == 2
    assert len(distinct(points, doubts=np.array([1e-6, 1e-6]))[0]) == 1
