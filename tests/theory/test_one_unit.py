"""The scalar unit's bifurcations, against counts of fixed points and their slopes."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

import lyaplab as ll
from lyaplab.theory import CUSP, FLIP, PITCHFORK, flip_bias, saddle_node_bias


@pytest.mark.parametrize("w", [1.2, 2.0, 3.5])
@pytest.mark.parametrize("cell", ["tanh", "rate"])
@pytest.mark.parametrize("sign", [-1.0, 1.0])
def test_two_points_vanish_at_the_saddle_node(cell, w, sign):
    edge = saddle_node_bias(w)
    inside, outside = (ll.Model(cell, w=w, b=sign * share * edge).fixed_points() for share in (0.99, 1.01))
    assert len(inside.points) == 3 and len(outside.points) == 1


def test_pitchfork_and_cusp():
    assert len(ll.Model("tanh", w=0.99 * PITCHFORK).fixed_points().points) == 1
    assert len(ll.Model("tanh", w=1.02 * PITCHFORK).fixed_points().points) == 3
    assert CUSP == (PITCHFORK, saddle_node_bias(PITCHFORK)) == (1.0, 0.0)


@given(st.floats(1e-6, 1e-3))
def test_the_cusp_has_the_power_three_halves(e):
    assert saddle_node_bias(1.0 + e) == pytest.approx(2 / 3 * e**1.5, rel=2e-2, abs=1e-11)


@pytest.mark.parametrize("w", [-1.2, -2.0, -3.0])
def test_alternation_ends_at_the_flip(w):
    edge = flip_bias(w)
    for share, stable in ((0.99, False), (1.01, True)):
        points = ll.Model("tanh", w=w, b=share * edge).fixed_points()
        assert len(points.points) == 1 and bool(points.stable[0]) is stable


def test_the_flip_without_a_bias():
    assert flip_bias(FLIP) == 0.0
    assert flip_bias(-1.0 - 1e-6) == pytest.approx(2e-3, rel=1e-3)
    exponent = ll.Model("tanh", w=-2.0).lyapunov_spectrum(500).exponents[0]
    assert exponent == pytest.approx(ll.Model("tanh", w=2.0).lyapunov_spectrum(500).exponents[0], abs=1e-10)


@pytest.mark.parametrize(("function", "w"), [(saddle_node_bias, 0.9), (flip_bias, -0.9), (flip_bias, math.nan)])
def test_weights_without_a_curve(function, w):
    with pytest.raises(ValueError, match="w must be"):
        function(w)
