"""The leaky network: what its leak does, and what it leaves alone."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq

import lyaplab as ll

W = np.array([[0.9, -1.6, 0.3], [1.4, 0.8, -0.5], [0.2, 0.7, 1.1]])
b = [0.1, -0.2, 0.05]


def test_without_leak_it_is_the_tanh_network():
    leaky, tanh = ll.Model("leaky", W=W, b=b, a=1.0), ll.Model("tanh", W=W, b=b)
    np.testing.assert_allclose(leaky.orbit(200), tanh.orbit(200), atol=1e-12)
    np.testing.assert_allclose(
        leaky.lyapunov_spectrum(500).exponents, tanh.lyapunov_spectrum(500).exponents, atol=1e-9
    )


@given(a=st.floats(0.05, 1.0))
def test_the_leak_moves_no_fixed_point_and_draws_eigenvalues_towards_one(a):
    tanh, leaky = ll.Model("tanh", W=W, b=b).fixed_points(), ll.Model("leaky", W=W, b=b, a=a).fixed_points()
    np.testing.assert_allclose(leaky.points, tanh.points, atol=1e-8)
    for mine, theirs in zip(leaky.eigenvalues, tanh.eigenvalues, strict=True):
        expected = 1 - a + a * theirs
        np.testing.assert_allclose(np.sort_complex(mine), np.sort_complex(expected), atol=1e-7)


def test_it_is_the_rate_network_seen_through_its_weights():
    """With v = W h + b the leaky network is v' = (1 - a) v + a (W tanh(v) + b), a rate network with dt = a."""
    a, steps = 0.2, 3000
    leaky, rate = ll.Model("leaky", W=W, b=b, a=a), ll.Model("rate", W=W, b=b, dt=a)
    h0 = np.array([0.3, -0.4, 0.2])
    h, v = leaky.orbit(60, x0=h0), rate.orbit(60, x0=W @ h0 + b)
    np.testing.assert_allclose(h @ W.T + b, v, atol=1e-11)
    per_step = leaky.lyapunov_spectrum(steps, x0=h0, warmup=500).exponents
    per_time = rate.lyapunov_spectrum(steps, x0=W @ h0 + b, warmup=500).exponents
    np.testing.assert_allclose(per_step, a * per_time, atol=3.0 / steps)


@pytest.mark.parametrize("a", [0.4, 0.8])
def test_a_unit_that_inhibits_itself_swings_beyond_the_flip(a):
    """The multiplier 1 - a + a w at 0 passes -1 at w = 1 - 2/a."""
    flip = 1 - 2 / a
    assert ll.Model("leaky", w=flip + 0.05, a=a).regime.name == "fixed point"
    beyond = ll.Model("leaky", w=flip - 0.5, a=a)
    assert (beyond.regime.name, beyond.regime.period) == ("cycle", 2)
    root = brentq(lambda h: a * math.tanh(abs(flip - 0.5) * h) - (2 - a) * h, 1e-3, 1.0, xtol=1e-15)
    slope = 1 - a + a * (flip - 0.5) / math.cosh((flip - 0.5) * root) ** 2
    assert beyond.lyapunov_spectrum(2000).exponents[0] == pytest.approx(math.log(abs(slope)), abs=1e-9)


@pytest.mark.parametrize("a", [0.0, -0.1, 1.1])
def test_a_share_is_more_than_nothing_and_at_most_all(a):
    with pytest.raises(ValueError, match="a must be between 1e-06 and 1"):
        ll.Model("leaky", w=1.0, a=a)
