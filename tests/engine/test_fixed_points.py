"""Fixed points: all of them, nothing else, and the right word for each."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.optimize import brentq, root

import lyaplab as ll
from lyaplab.engine.fixed_points import kind_of


@pytest.mark.parametrize("r", [0.5, 1.5, 2.8, 3.9])
def test_logistic(r):
    found = ll.Model("logistic", r=r).fixed_points()
    expected = np.sort([0.0, 1 - 1 / r])
    np.testing.assert_allclose(found.points[:, 0], expected, atol=1e-9)
    slopes = r * (1 - 2 * expected)
    np.testing.assert_allclose(found.eigenvalues[:, 0], slopes, atol=1e-8)
    np.testing.assert_array_equal(found.stable, np.abs(slopes) < 1)


@pytest.mark.parametrize(("w", "b"), [(2.0, 0.0), (1.5, 0.0), (2.0, 0.3), (3.0, -0.5), (0.5, 0.8)])
def test_tanh_unit(w, b):
    """Row 26, and with a bias: every root of tanh(w h + b) = h that a dense scan sees, and no other."""
    h = np.linspace(-1, 1, 4001)
    gap = np.tanh(w * h + b) - h
    at = np.flatnonzero(np.sign(gap[:-1]) * np.sign(gap[1:]) < 0)
    roots = [brentq(lambda x: math.tanh(w * x + b) - x, h[i], h[i + 1], xtol=1e-15) for i in at]
    if b == 0.0:
        roots = [*[root for root in roots if abs(root) > 1e-6], 0.0]
    found = ll.Model("tanh", w=w, b=b).fixed_points()
    np.testing.assert_allclose(found.points[:, 0], np.sort(roots), atol=1e-10)
    assert (found.residuals < 1e-12).all()


@pytest.mark.parametrize(("a", "b"), [(1.4, 0.3), (0.2, 0.3), (0.01, -0.5)])
def test_henon_is_exact(a, b):
    found = ll.Model("henon", a=a, b=b).fixed_points()
    x = (b - 1 + np.array([-1, 1]) * math.sqrt((1 - b) ** 2 + 4 * a)) / (2 * a)
    np.testing.assert_allclose(found.points, np.stack([x, b * x], axis=1), rtol=1e-10)
    assert found.kinds[0] == "saddle"


def test_henon_without_fold_is_linear():
    found = ll.Model("henon", a=0.0, b=0.3).fixed_points()
    np.testing.assert_allclose(found.points, [[1 / 0.7, 0.3 / 0.7]], atol=1e-10)


@pytest.mark.parametrize("dt", [0.01, 0.001])
def test_lorenz_is_exact_for_any_time_step(dt):
    found = ll.Model("lorenz63", dt=dt).fixed_points()
    side = math.sqrt(72)
    np.testing.assert_allclose(found.points, [[-side, -side, 27], [0, 0, 0], [side, side, 27]], atol=1e-9)
    assert found.unit == "time" and list(found.kinds) == ["saddle"] * 3


def test_own_flow_uses_its_vector_field():
    @ll.flow(dt=0.5)
    def pendulum(angle, speed, friction=0.5):
        return speed, -np.sin(angle) - friction * speed

    found = ll.Model(pendulum).fixed_points()
    at_rest = found.points[np.abs(found.points[:, 0]) < 1]
    np.testing.assert_allclose(at_rest, [[0.0, 0.0]], atol=1e-9)
    kind = found.kinds[np.abs(found.points[:, 0]) < 1]
    assert list(kind) == ["stable spiral"]
    assert (np.abs(np.sin(found.points[:, 0])) < 1e-9).all()


@pytest.mark.parametrize("name", ["tanh", "rate"])
@pytest.mark.parametrize("seed", range(4))
def test_only_solutions_are_reported_once_and_within_bounds(name, seed):
    net = ll.Model(name, n=10, gain=2.5, seed=seed)
    found = net.fixed_points()
    assert len(found) > 0
    assert (np.linalg.norm(net.field(found.points), axis=1) < 1e-9).all()
    low, high = net.bounds
    assert ((low <= found.points) & (found.points <= high)).all()
    for i in range(len(found)):
        for j in range(i):
            assert np.abs(found.points[i] - found.points[j]).max() > 1e-5
    # Without bias, x and -x belong together, and 0 is always there.
    for point in found.points:
        assert np.abs(found.points + point).max(axis=1).min() < 1e-6 or len(found) < 3 or found.converged < 0.9
    assert np.abs(found.points).max(axis=1).min() < 1e-8


def test_constant_input_moves_them():
    net = ll.Model("tanh", W=[[0.5]], U=[[1.0]], b=[0.1])
    found = net.fixed_points(inputs=[0.7])
    root = brentq(lambda h: math.tanh(0.5 * h + 0.8) - h, -1, 1, xtol=1e-15)
    np.testing.assert_allclose(found.points, [[root]], atol=1e-12)
    rate = ll.Model("rate", W=[[0.5]], U=[[9.0]]).fixed_points(inputs=[1.0])
    assert rate.points[0, 0] == pytest.approx(9 + 0.5 * math.tanh(rate.points[0, 0]), abs=1e-10)


class TestBifurcations:
    """At a bifurcation solutions are degenerate: each is one point, called marginal."""

    def test_pitchfork(self):
        found = ll.Model("tanh", w=1.0).fixed_points()
        np.testing.assert_allclose(found.points, [[0.0]], atol=1e-6)
        assert list(found.kinds) == ["marginal"]

    def test_saddle_node(self):
        h = math.sqrt(0.5)  # slope 2 (1 - h²) = 1
        found = ll.Model("tanh", w=2.0, b=math.atanh(h) - 2 * h).fixed_points()
        assert len(found) == 2
        np.testing.assert_allclose(found.points[1], [h], atol=1e-6)
        assert list(found.kinds) == ["stable node", "marginal"]

    def test_beside_the_saddle_node_there_is_nothing_or_a_pair(self):
        h = math.sqrt(0.5)
        critical = math.atanh(h) - 2 * h
        assert len(ll.Model("tanh", w=2.0, b=critical - 1e-6).fixed_points()) == 1
        found = ll.Model("tanh", w=2.0, b=critical + 1e-6).fixed_points()
        assert len(found) == 3 and found.stable.sum() == 2

    def test_flip(self):
        assert list(ll.Model("tanh", w=-1.0).fixed_points().kinds) == ["marginal"]

    def test_line_of_fixed_points(self):
        found = ll.Model("linear", preset="integrator").fixed_points()
        assert set(found.kinds) == {"marginal"}
        np.testing.assert_allclose(found.points[:, 0], found.points[:, 1], atol=1e-9)
        assert found.continuum == 1
        assert repr(found).startswith(f"FixedPoints(a line of marginal points, {len(found)} of them found; 100%")

    def test_plane_of_fixed_points_beside_a_direction_that_shrinks(self):
        found = ll.Model("linear", W=np.diag([1.0, 1.0, 0.5])).fixed_points(40)
        assert found.continuum == 2 and "a plane of marginal points" in repr(found)
        np.testing.assert_allclose(found.points[:, 2], 0.0, atol=1e-9)

    def test_a_few_marginal_points_are_no_continuum(self):
        found = ll.Model("tanh", W=np.diag([1.0, 2.0])).fixed_points()
        assert list(found.kinds) == ["marginal"] * 3 and found.continuum == 0
        assert "3 marginal points" in repr(found)

    def test_pitchfork_away_from_zero_is_one_point(self):
        """x' = x - (x - 0.7)³ has a triple root: a third of all digits is all that can be known of it."""

        @ll.map
        def cubic(x):
            return x - (x - 0.7) * (x - 0.7) * (x - 0.7)

        found = ll.Model(cubic).fixed_points()
        np.testing.assert_allclose(found.points, [[0.7]], atol=1e-4)
        assert list(found.kinds) == ["marginal"]

    def test_no_fixed_point_at_all(self):
        found = ll.Model("linear", w=1.0, b=0.5).fixed_points()
        assert len(found) == 0 and found.converged == 0.0
        assert found.points.shape == (0, 1) and found.stable.shape == (0,)
        assert "none found" in repr(found)


@pytest.mark.parametrize(
    ("eigenvalues", "flow", "kind"),
    [
        ([0.5, -0.2], False, "stable node"),
        ([0.5 + 0.5j, 0.5 - 0.5j], False, "stable spiral"),
        ([1.5, 0.5], False, "saddle"),
        ([-1.5, 0.5], False, "saddle"),
        ([1.5, -2.0], False, "unstable node"),
        ([1 + 1j, 1 - 1j], False, "unstable spiral"),
        ([1.0, 0.5], False, "marginal"),
        ([-1.0], False, "marginal"),
        ([0.6 + 0.8j, 0.6 - 0.8j], False, "marginal"),
        ([0.0, 0.0], False, "stable node"),
        ([-0.5, -2.0], True, "stable node"),
        ([-0.5 + 1j, -0.5 - 1j], True, "stable spiral"),
        ([0.5, -2.0], True, "saddle"),
        ([0.5, 2.0], True, "unstable node"),
        ([0.1 + 9j, 0.1 - 9j], True, "unstable spiral"),
        ([0.0, -1.0], True, "marginal"),
        ([1j, -1j], True, "marginal"),
    ],
)
def test_kinds(eigenvalues, flow, kind):
    assert kind_of(np.array(eigenvalues, dtype=complex), flow=flow) == kind


def test_eigenvalues_come_least_stable_first():
    found = ll.Model("linear", W=np.diag([0.1, -0.8, 0.5])).fixed_points()
    np.testing.assert_allclose(found.eigenvalues[0], [-0.8, 0.5, 0.1])
    spiral = ll.Model("tanh", preset="settling").fixed_points()
    assert spiral.eigenvalues[0, 0].imag > 0


def test_a_singular_jacobian_at_a_start_does_no_harm():
    """The Jacobian of F(x) - x is singular at y = 0, where the first start lies; and its orbit diverges."""

    @ll.map(start=(0.0, 0.0))
    def shifted(x, y):
        return x + y * y - 0.25, 0.5 * y + x

    found = ll.Model(shifted).fixed_points()
    np.testing.assert_allclose(found.points, [[-0.25, -0.5], [0.25, 0.5]], atol=1e-9)


def test_table_and_files(tmp_path):
    found = ll.Model("tanh", preset="bistable").fixed_points()
    assert list(found.to_pandas().columns) == ["kind", "residual", "hits", "x1", "x2"]
    file = tmp_path / "points.npz"
    found.save(file)
    back = type(found).load(file)
    np.testing.assert_array_equal(back.points, found.points)
    np.testing.assert_array_equal(back.eigenvalues, found.eigenvalues)
    assert list(back.kinds) == list(found.kinds) and len(back) == 3
    assert repr(found) == "FixedPoints(1 saddle, 2 stable nodes; 100% of 256 starts converged)"
    assert found.hits.sum() == found.starts == back.hits.sum()
    np.testing.assert_array_equal(found.q, 0.5 * found.residuals**2)


def independent_roots(net, points):
    """Newton's method with SciPy from each point: where it ends."""
    return np.array([root(lambda x: net.field(x), x, tol=1e-13).x for x in points])


@pytest.mark.parametrize("n", [9, 17, 33, 50])
def test_systems_beyond_the_sizes_of_panels_and_blocks(n):
    net = ll.Model("tanh", n=n, gain=1.6, seed=n)
    found = net.fixed_points(64)
    assert len(found) > 0 and found.hits.sum() == round(found.converged * 64)
    np.testing.assert_allclose(independent_roots(net, found.points), found.points, atol=1e-9)
    np.testing.assert_allclose(found.residuals, 0.0, atol=1e-12)
    J = np.stack([net.jacobian(x) for x in found.points])
    radius = np.abs(np.linalg.eigvals(J)).max(axis=1)
    np.testing.assert_allclose(np.abs(found.eigenvalues[:, 0]), radius, rtol=1e-9)


def test_a_large_odd_network_shows_every_point_with_its_mirror_image():
    net = ll.Model("tanh", n=40, gain=1.8, seed=4)
    found = net.fixed_points(24)
    assert 0 < found.converged < 1
    for point in found.points:
        assert np.abs(found.points + point).max(axis=1).min() < 1e-9
    assert (net.fixed_points(24).points == found.points).all()
    # What is not odd has no such partners.
    bent = ll.Model("tanh", W=net.weights["W"], b=np.full(40, 0.3))
    points = bent.fixed_points(24).points
    assert np.linalg.norm(bent.field(points), axis=1).max() < 1e-9
    assert np.linalg.norm(bent.field(-points), axis=1).min() > 1e-2


def test_starts_from_the_orbit():
    net = ll.Model("tanh", n=10, gain=2.5, seed=1)
    some, others = net.fixed_points(), net.fixed_points(from_orbit=True)
    assert not np.array_equal(some.hits, others.hits)
    np.testing.assert_allclose(others.points, some.points, atol=1e-9)
    assert len(ll.Model("henon", a=3.0).fixed_points(from_orbit=True)) == 2  # whose orbit diverges


def test_guesses_that_would_circle_for_ever_are_freed():
    """With steps of one greatest length, two thirds of these starts run in circles of Newton's method."""
    assert ll.Model("rate", preset="bistable").fixed_points().converged == 1.0
    assert ll.Model("rate", preset="limit-cycle").fixed_points().converged > 0.9


def test_saturation_is_no_solution():
    """Far out x' - x = -x exp(-x²) is below any tolerance, but no small step leads to a solution there."""

    @ll.map
    def fading(x):
        return x - x * np.exp(-x * x)

    found = ll.Model(fading).fixed_points()
    near = found.points[np.abs(found.points[:, 0]) < 5.0]
    np.testing.assert_allclose(near, [[0.0]], atol=1e-9)


@pytest.mark.parametrize("gain", [0.8, 3.0, 6.0])
def test_gru_finds_all_roots_of_one_unit_and_no_other(gain):
    for seed in range(4):
        net = ll.Model("gru", n=1, gain=gain, seed=seed)
        found = net.fixed_points()
        h = np.linspace(-1.0, 1.0, 20_001)
        gap = net.field(h[:, None])[:, 0]
        crossings = np.count_nonzero(np.sign(gap[:-1]) * np.sign(gap[1:]) < 0) + np.count_nonzero(gap == 0.0)
        assert len(found) == crossings


@pytest.mark.parametrize("name", ["tanh", "gru", "lstm"])
def test_bounded_search_finds_nothing_spurious(name):
    for seed in range(3):
        net = ll.Model(name, n=6, gain=4.0, seed=seed)
        found = net.fixed_points()
        low, high = net.bounds
        assert len(found) > 0
        assert ((low <= found.points) & (found.points <= high)).all()
        assert found.residuals.max() < 1e-10
        np.testing.assert_allclose(independent_roots(net, found.points), found.points, atol=1e-7)
