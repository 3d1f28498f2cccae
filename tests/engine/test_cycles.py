"""Cycles: all of them where their number is known, each once, with exact multipliers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq

import lyaplab as ll


def moebius_count(period):
    """Cycles of just this period of the logistic map at r = 4: its points are the solutions left by its divisors."""
    points = {}
    for p in range(1, period + 1):
        points[p] = 2**p - sum(points[q] for q in range(1, p) if p % q == 0)
    return points[period] // period


@pytest.mark.parametrize("period", range(1, 9))
def test_logistic_map_at_4_has_exactly_so_many(period):
    """F^p(x) = x has degree 2^p, and 2^p solutions in [0, 1]: sin²(pi k/(2^p - 1)) and sin²(pi k/(2^p + 1))."""
    found = ll.Model("logistic", r=4.0).cycles(period)
    assert found.periods.sum() == 2**period
    for length in range(1, period + 1):
        assert (found.periods == length).sum() == (moebius_count(length) if period % length == 0 else 0)
    points = np.sort(np.concatenate([cycle[:p, 0] for cycle, p in zip(found.points, found.periods, strict=True)]))
    k, half = np.arange(2 ** (period - 1)), 2**period
    exact = np.sort(np.concatenate([np.sin(np.pi * k / (half - 1)) ** 2, np.sin(np.pi * (k + 1) / (half + 1)) ** 2]))
    np.testing.assert_allclose(points, exact[: len(points)], atol=1e-10)
    # Conjugate to the tent map: each multiplier is 2^p, but for the border point 0.
    inner = found.points[:, 0, 0] > 1e-9
    np.testing.assert_allclose(np.abs(found.multipliers[inner, 0]), 2.0 ** found.periods[inner], rtol=1e-6)
    assert set(found.kinds) == {"unstable"}


def test_three_cycles_of_the_window():
    """At r = 1 + sqrt(8) a stable and an unstable 3-cycle are born."""
    found = ll.Model("logistic", r=3.83).cycles(3)
    assert list(found.periods) == [1, 1, 3, 3]
    assert sorted(found.kinds[2:]) == ["stable", "unstable"]
    r, x = 3.83, found.points[found.stable][0, :, 0]
    np.testing.assert_allclose(r * x * (1 - x), np.roll(x, -1), atol=1e-12)
    assert found.multipliers[found.stable][0, 0] == pytest.approx(np.prod(r * (1 - 2 * x)), abs=1e-10)
    assert len(ll.Model("logistic", r=1 + math.sqrt(8) - 1e-4).cycles(3)) == 2


@settings(max_examples=15, deadline=None)
@given(r=st.floats(3.05, 3.99))
def test_two_cycle_of_the_logistic_map_is_exact(r):
    found = ll.Model("logistic", r=r).cycles(2)
    root = math.sqrt((r + 1) * (r - 3))
    np.testing.assert_allclose(found.points[2, :, 0], [(r + 1 - root) / (2 * r), (r + 1 + root) / (2 * r)], atol=1e-10)
    assert found.multipliers[2, 0].real == pytest.approx(4 + 2 * r - r * r, abs=1e-8)
    assert list(found.periods) == [1, 1, 2]


def test_where_a_cycle_is_born_it_is_none_yet():
    found = ll.Model("logistic", r=3.0).cycles(2)
    assert list(found.periods) == [1, 1]
    assert list(found.kinds) == ["unstable", "marginal"]


@pytest.mark.parametrize(("a", "b"), [(1.4, 0.3), (0.9, 0.3), (2.0, -0.2)])
def test_two_cycle_of_the_henon_map_is_exact(a, b):
    """Its x solve a² x² - a (1 - b) x + (1 - b)² - a = 0; its multipliers have sum 4 a² x1 x2 + 2 b, product b²."""
    found = ll.Model("henon", a=a, b=b).cycles(2)
    assert list(found.periods) == [1, 1, 2]
    x = np.sort(np.roots([a * a, -a * (1 - b), (1 - b) ** 2 - a]).real)
    np.testing.assert_allclose(found.points[2, :, 0], x, atol=1e-9)
    np.testing.assert_allclose(found.points[2, :, 1], b * x[::-1], atol=1e-9)
    multipliers = np.sort(np.roots([1.0, -(4 * a * a * x[0] * x[1] + 2 * b), b * b]))
    np.testing.assert_allclose(np.sort(found.multipliers[2].real), multipliers.real, atol=1e-8)


@pytest.mark.parametrize(("period", "count"), [(4, 1), (6, 2), (7, 4)])
def test_henon_attractor_s_cycles(period, count):
    """So many unstable cycles of the classical attractor (Biham and Wenzel, Phys. Rev. Lett. 63 (1989) 819)."""
    found = ll.Model("henon").cycles(period)
    assert (found.periods == period).sum() == count
    assert (found.periods == 1).sum() == 2


def test_tanh_unit_that_changes_sign():
    """h' = tanh(-2 h): the cycle is plus and minus the root of tanh(2 h) = h."""
    h = brentq(lambda h: math.tanh(2 * h) - h, 0.5, 1.0, xtol=1e-15)
    found = ll.Model("tanh", w=-2.0).cycles(2)
    np.testing.assert_allclose(found.points[:, :, 0], [[0, 0], [-h, h]], atol=1e-12)
    np.testing.assert_allclose(found.multipliers[:, 0], [-2.0, 4 * (1 - h * h) ** 2], rtol=1e-10)
    assert list(found.kinds) == ["unstable", "stable"] and list(found.periods) == [1, 2]


def test_a_quarter_turn_has_cycles_of_four():
    net = ll.Model("tanh", preset="four-cycle")
    found = net.cycles(4)
    stable = found.points[found.stable][0]
    np.testing.assert_allclose(net.step(stable), np.roll(stable, -1, axis=0), atol=1e-12)
    assert (found.periods[found.stable] == 4).all()
    for cycle, period in zip(found.points, found.periods, strict=True):
        np.testing.assert_allclose(np.roll(cycle, -period, axis=0), cycle, atol=0)
        assert cycle[0, 0] == cycle[:, 0].min()
    J = np.linalg.multi_dot([net.jacobian(x) for x in stable[::-1]])
    multipliers = np.sort_complex(found.multipliers[found.stable][0])
    np.testing.assert_allclose(multipliers, np.sort_complex(np.linalg.eigvals(J)), atol=1e-12)


def test_cycles_outside_the_box_of_fixed_points_are_found():
    """For r < -1 the logistic map's 2-cycle reaches below 0, where no fixed point is."""
    found = ll.Model("logistic", r=-1.5).cycles(2)
    assert list(found.periods) == [1, 1, 2] and found.points[2, 0, 0] < 0.0


def test_driven_by_a_constant_input():
    net = ll.Model("tanh", W=[[-2.0]], U=[[1.0]])
    found = net.cycles(2, inputs=[0.4])
    np.testing.assert_allclose(net.step(found.points[1], inputs=[0.4]), found.points[1, ::-1], atol=1e-12)


def test_no_cycle_at_all():
    found = ll.Model("linear", w=1.0, b=0.5).cycles(3)
    assert len(found) == 0 and found.points.shape == (0, 3, 1) and "none found" in repr(found)


def test_flows_are_sent_to_sections():
    with pytest.raises(ValueError, match=r"'lorenz63' is a flow.*section"):
        ll.Model("lorenz63").cycles(2)
    with pytest.raises(ValueError, match="period must be a whole number of at least 1, got 0"):
        ll.Model("henon").cycles(0)


def test_repr_table_and_files(tmp_path):
    found = ll.Model("logistic", r=3.2).cycles(2)
    assert repr(found) == (
        "Cycles(of period 1: 2 unstable cycles; of period 2: 1 stable cycle; 100% of 1024 starts converged)"
    )
    assert list(found.to_pandas().columns) == ["period", "kind", "residual", "x1"]
    found.save(tmp_path / "cycles.npz")
    back = type(found).load(tmp_path / "cycles.npz")
    np.testing.assert_array_equal(back.points, found.points)
    assert back.period == 2
