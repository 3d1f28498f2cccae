"""Laws that hold for any weights."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import lyaplab as ll

SIZES = st.integers(1, 6)


@st.composite
def matrices(draw, largest: float = 2.0) -> np.ndarray:
    n = draw(SIZES)
    return draw(arrays(float, (n, n), elements=st.floats(-largest, largest)))


@st.composite
def states(draw, n: int) -> np.ndarray:
    return draw(arrays(float, n, elements=st.floats(-1, 1)))


def generic(n: int, seed: int, gain: float) -> np.ndarray:
    return gain / math.sqrt(n) * np.random.default_rng(seed).standard_normal((n, n))


@given(n=SIZES, seed=st.integers(0, 999), gain=st.floats(0.2, 3.0), name=st.sampled_from(["tanh", "rate", "linear"]))
def test_sum_rule(n, seed, gain, name):
    """The sum of all exponents is the mean log|det J|: here over the whole run, by NumPy."""
    gain = min(gain, 0.9) if name == "linear" else gain
    net = ll.Model(name, W=generic(n, seed, gain))
    spectrum = net.lyapunov_spectrum(300, warmup=0)
    unit = net.time_step or 1.0
    mean = np.linalg.slogdet(net.jacobian(net.orbit(300)))[1].mean() / unit
    assert abs(spectrum.exponents.sum() - mean) < 1e-6 * max(1.0, abs(mean))
    assert spectrum.sum_rule_error < 1e-6 / unit


@given(n=SIZES, seed=st.integers(0, 999), gain=st.floats(0.2, 4.0), name=st.sampled_from(["tanh", "rate"]))
def test_duality(n, seed, gain, name):
    """The product read backwards is as large as the product read forwards."""
    net = ll.Model(name, W=generic(n, seed, gain))
    norms = net.gradient_norms(12, warmup=3)
    forward = np.eye(n)
    for J in net.jacobian(net.orbit(12, warmup=3)):
        forward = J @ forward
    assert abs(norms.log_norms[-1] - math.log(np.linalg.norm(forward, 2))) < 1e-9


@given(n=st.integers(2, 6), seed=st.integers(0, 999))
def test_exponents_of_linear_networks_do_not_depend_on_the_basis(n, seed):
    W = generic(n, seed, 0.9)
    Q = np.linalg.qr(np.random.default_rng(seed + 1).standard_normal((n, n)))[0]
    steps = 2000
    one, other = (ll.Model("linear", W=M).lyapunov_spectrum(steps, x0=np.zeros(n)).exponents for M in (W, Q @ W @ Q.T))
    # Both reach the eigenvalues as 1/T; nearly equal moduli take their time.
    np.testing.assert_allclose(one, other, atol=20 / steps)
    np.testing.assert_allclose(one.sum(), other.sum(), atol=1e-9)


@given(data=st.data(), W=matrices(), name=st.sampled_from(["tanh", "rate", "linear"]))
def test_odd_networks_mirror_their_orbits(data, W, name):
    x0 = data.draw(states(len(W)))
    net = ll.Model(name, W=W)
    np.testing.assert_array_equal(net.orbit(30, x0=-x0), -net.orbit(30, x0=x0))


@given(data=st.data(), W=matrices())
def test_order_of_units_does_not_matter(data, W):
    n = len(W)
    order = np.array(data.draw(st.permutations(range(n))), dtype=int)
    x0 = data.draw(states(n))
    path = ll.Model("tanh", W=W).orbit(4, x0=x0)
    mixed = ll.Model("tanh", W=W[np.ix_(order, order)]).orbit(4, x0=x0[order])
    np.testing.assert_allclose(mixed, path[:, order], atol=1e-9)


@given(W=matrices(3.0))
def test_fixed_points_rest(W):
    net = ll.Model("tanh", W=W)
    found = net.fixed_points(64)
    if len(found):
        np.testing.assert_allclose(net.step(found.points), found.points, atol=1e-9)
        assert (np.abs(found.points) <= 1).all()


@given(W=matrices(4.0), x0=st.floats(-5, 5))
def test_tanh_states_are_bounded_and_linear_steps_are_products(W, x0):
    start = np.full(len(W), x0)
    assert (np.abs(ll.Model("tanh", W=W).orbit(5, x0=start)[1:]) <= 1).all()
    np.testing.assert_allclose(ll.Model("linear", W=W).step(start), W @ start, atol=1e-12)
