"""The piecewise-linear networks against their equations written in NumPy, and what is exact about them."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lyaplab as ll

FAMILY = ("plrnn", "dendritic_plrnn", "clipped_plrnn", "shallow_plrnn", "clipped_shallow_plrnn")


def relu(x):
    return np.maximum(x, 0.0)


def one_step(name: str, p, z: np.ndarray, u: np.ndarray) -> np.ndarray:
    """The equations of SCIENCE.md, section 3, for one state."""
    drive = p["A"] * z + p["C"] @ u + (p["h1"] if "shallow" in name else p["h"])
    if name == "plrnn":
        return drive + p["W"] @ relu(z)
    if name in ("dendritic_plrnn", "clipped_plrnn"):
        phi = relu(z[:, None] + p["theta"]) @ p["alpha"]
        if name == "clipped_plrnn":
            phi = phi - relu(z) * p["alpha"].sum()
        return drive + p["W"] @ phi
    hidden = relu(p["W2"] @ z + p["h2"])
    if name == "clipped_shallow_plrnn":
        hidden = hidden - relu(p["W2"] @ z)
    return drive + p["W1"] @ hidden


def one_jacobian(name: str, p, z: np.ndarray) -> np.ndarray:
    """A + W D, with the slopes D of the units, or A + W1 D W2."""
    if name == "plrnn":
        return np.diag(p["A"]) + p["W"] * (z > 0)
    if name in ("dendritic_plrnn", "clipped_plrnn"):
        slopes = (z[:, None] + p["theta"] > 0) @ p["alpha"]
        if name == "clipped_plrnn":
            slopes = slopes - (z > 0) * p["alpha"].sum()
        return np.diag(p["A"]) + p["W"] * slopes
    slopes = (p["W2"] @ z + p["h2"] > 0) * 1.0
    if name == "clipped_shallow_plrnn":
        slopes = slopes - (p["W2"] @ z > 0)
    return np.diag(p["A"]) + p["W1"] @ np.diag(slopes) @ p["W2"]


@pytest.mark.parametrize("n", [1, 2, 12])
@pytest.mark.parametrize("name", FAMILY)
def test_step_and_jacobian_are_those_of_the_equation(name, n):
    rng = np.random.default_rng(n)
    drawn = ll.Model(name, n=n, m=3, gain=1.5, seed=1).weights
    bias = "h1" if "shallow" in name else "h"
    net = ll.Model(name, **{**drawn, bias: rng.standard_normal(n), "A": rng.uniform(-1, 1, n)})
    for _ in range(20):
        z, u = 2 * rng.standard_normal(n), rng.standard_normal(3)
        np.testing.assert_allclose(net.step(z, inputs=u), one_step(name, net.weights, z, u), rtol=1e-13, atol=1e-13)
        J = net.jacobian(z, inputs=u)
        np.testing.assert_allclose(J, one_jacobian(name, net.weights, z), rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize("name", FAMILY)
def test_chaos_by_an_independent_product_of_jacobians(name):
    preset = "lozi" if name == "shallow_plrnn" else "chaos"
    known = ll.Model(name, preset=preset)
    p, z = known.weights, known.start.copy()
    v, growth = np.ones(known.d), []
    for step in range(21_000):
        v = one_jacobian(name, p, z) @ v
        length = np.linalg.norm(v)
        z, v = one_step(name, p, z, np.zeros(0)), v / length
        if step >= 1_000:
            growth.append(math.log(length))
    blocks = np.array(growth).reshape(20, -1).mean(axis=1)
    spectrum = known.lyapunov_spectrum(20_000)
    error = math.hypot(blocks.std(ddof=1) / math.sqrt(20), spectrum.stderr[0])
    assert abs(spectrum.exponents[0] - blocks.mean()) < 4 * error + 1e-9
    assert spectrum.exponents[0] > 0.1


def test_fixed_points_are_those_of_the_orthants():
    """In each orthant the map is linear: (1 - A - W D) z = h, kept if z lies in the orthant."""
    found = 0
    for seed in range(24):
        rng = np.random.default_rng(seed)
        W = np.where(np.eye(3, dtype=bool), 0.0, rng.normal(0.0, 1.2, (3, 3)))
        net = ll.Model("plrnn", A=rng.uniform(-0.5, 0.8, 3), W=W, h=rng.uniform(-0.5, 0.5, 3))
        exact = []
        for signs in itertools.product([0.0, 1.0], repeat=3):
            z = np.linalg.solve(np.eye(3) - np.diag(net.weights["A"]) - W * signs, net.weights["h"])
            if ((z > 0) == np.array(signs, dtype=bool)).all() and np.abs(z).max() < 2.4:
                exact.append(z)
        points = net.fixed_points().points
        points = points[np.abs(points).max(axis=1) < 2.4]
        found += len(exact)
        assert len(points) == len(exact)
        for z in exact:
            assert np.abs(points - z).max(axis=1).min() < 1e-9
    assert found >= 8


@settings(max_examples=15)
@given(seed=st.integers(0, 1000), bases=st.integers(1, 6), n=st.integers(1, 5))
def test_a_dendrite_without_thresholds_is_the_plrnn(seed, bases, n):
    rng = np.random.default_rng(seed)
    weights = ll.Model("plrnn", n=n, seed=seed % 7).weights
    alpha = rng.dirichlet(np.ones(bases))
    dendritic = ll.Model("dendritic_plrnn", **weights, alpha=alpha, theta=np.zeros((n, bases)))
    z = rng.standard_normal((4, n))
    np.testing.assert_allclose(dendritic.step(z), ll.Model("plrnn", **weights).step(z), rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize(("name", "layer"), [("clipped_plrnn", "W"), ("clipped_shallow_plrnn", "W1")])
def test_clipped_orbits_stay_in_their_box(name, layer):
    net = ll.Model(name, n=6, gain=8.0, seed=2)
    low, high = net.bounds
    # For 0 <= A < 1 the box is mapped into itself, and orbits from outside come in.
    path = net.orbit(2000, x0=50.0 * np.ones(6), warmup=500)
    assert ((low <= path) & (path <= high)).all()
    assert np.abs(net.weights[layer]).max() > 3.0 and np.abs(path).max() > 1.0


def test_a_unit_that_keeps_all_of_itself_has_no_bounds():
    net = ll.Model("clipped_plrnn", n=3)
    assert net.bounds is not None
    assert ll.Model("clipped_plrnn", **{**net.weights, "A": [1.0, 0.5, 0.5]}).bounds is None


def test_dead_directions_have_the_exponent_minus_infinity():
    """Nothing of unit 1 stays and it is silent: the next state does not depend on it at all."""
    net = ll.Model("plrnn", A=[0.0, 0.5], W=[[0.0, 0.3], [0.4, 0.0]], h=[-2.0, 0.5])
    spectrum = net.lyapunov_spectrum(500)
    assert spectrum.exponents[0] == pytest.approx(math.log(0.5)) and spectrum.exponents[1] == -math.inf
    assert spectrum.sum_rule_error == 0.0


def test_the_slope_of_relu_at_zero_is_zero():
    net = ll.Model("plrnn", A=[0.5, 0.5], W=[[0.0, 1.0], [1.0, 0.0]])
    np.testing.assert_array_equal(net.jacobian([0.0, 0.0]), 0.5 * np.eye(2))
    np.testing.assert_array_equal(net.jacobian([1e-300, -1e-300]), [[0.5, 0.0], [1.0, 0.5]])


def test_divergence_is_told_with_its_step():
    with pytest.raises(ll.DivergenceError, match="at step"):
        ll.Model("plrnn", preset="growing").orbit(10_000)


def test_the_masked_diagonal_has_no_knobs():
    assert list(ll.Model("plrnn", n=2).knobs) == ["a1", "a2", "w12", "w21", "h1", "h2"]
    assert list(ll.Model("plrnn", n=1).knobs) == ["a", "h"]


def test_sizes_of_hidden_layers_come_from_words_or_arrays():
    assert ll.Model("shallow_plrnn", n=3, hidden=7).weights["W2"].shape == (7, 3)
    net = ll.Model("shallow_plrnn", W1=np.ones((2, 5)), W2=np.ones((5, 2)))
    assert dict(net.settings) == {"n": 2, "m": 0, "hidden": 5} and not net.weights["h2"].any()
    with pytest.raises(ValueError, match=r"W2 must have shape \(5, 2\), got \(4, 2\)"):
        ll.Model("shallow_plrnn", W1=np.ones((2, 5)), W2=np.ones((4, 2)))
    with pytest.raises(ValueError, match="hidden must be a whole number of at least 1, got 0"):
        ll.Model("shallow_plrnn", hidden=0)
    assert ll.Model("dendritic_plrnn", n=4, bases=3).weights["theta"].shape == (4, 3)
    assert list(ll.Model("dendritic_plrnn", n=4).knobs) == ["n", "gain", "seed", "bases"]
