"""The LSTM: against plain NumPy, its closed determinant, dead directions, and the box that holds its fixed points."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import fsolve

import lyaplab as ll
from lyaplab.cells import find
from lyaplab.engine.fixed_points import fixed_points
from tests.contracts.test_cells import Rows, parameters

LSTM = find("lstm")


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def gates(p, h, x):
    W, U, b = p
    i, f, g, o = (W @ h + U @ x + b).reshape(4, len(h))
    return sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)


def reference(p, state, x):
    """The next state and its Jacobian, written down gate by gate from the formulas of the field."""
    h, c = np.split(state, 2)
    n = len(h)
    i, f, g, o = gates(p, h, x)
    W_i, W_f, W_g, W_o = p[0].reshape(4, n, n)
    memory = f * c + i * g
    shown = np.tanh(memory)
    c_by_h = (
        np.diag(c * f * (1 - f)) @ W_f + np.diag(g * i * (1 - i)) @ W_i + np.diag(i * (1 - g**2)) @ W_g
    )
    h_by_c = np.diag(o * (1 - shown**2))
    h_by_h = np.diag(shown * o * (1 - o)) @ W_o + h_by_c @ c_by_h
    J = np.block([[h_by_h, h_by_c @ np.diag(f)], [c_by_h, np.diag(f)]])
    return np.concatenate([o * shown, memory]), J


@pytest.mark.parametrize("each", [1, 9, 30])
@pytest.mark.parametrize("n", [1, 2, 9])
def test_step_tangents_and_adjoints_are_those_of_the_formulas(n, each):
    """One tangent or many go two ways through push."""
    rng = np.random.default_rng(n)
    p = parameters(LSTM, n, 2, rng)
    x, u = rng.uniform(-1, 1, (2, 2 * n)), rng.standard_normal((2, 2))
    V, G = rng.standard_normal((2, 2 * each, 2 * n))
    at = Rows(LSTM, p, x, u)
    Z, (H, _) = at.push(V), at.pull(G)
    for row in range(2):
        y, J = reference(p, x[row], u[row])
        block = slice(row * each, (row + 1) * each)
        np.testing.assert_allclose(at.y[row], y, atol=1e-14)
        np.testing.assert_allclose(Z[block], V[block] @ J.T, atol=1e-13)
        np.testing.assert_allclose(H[block], G[block] @ J, atol=1e-13)


def log_determinant(p, state, x):
    """Row 36 of the known answers: sum log f + sum log(|tanh c'| o (1 - o)) + log|det W_o|."""
    h, c = np.split(state, 2)
    i, f, g, o = gates(p, h, x)
    shown = np.tanh(f * c + i * g)
    W_o = p[0][-len(h) :]
    return np.log(f).sum() + np.log(np.abs(shown) * o * (1 - o)).sum() + np.linalg.slogdet(W_o)[1]


@pytest.mark.parametrize("n", [1, 2, 5])
def test_the_determinant_has_a_closed_form(n):
    rng = np.random.default_rng(n)
    net = ll.Model("lstm", n=n, m=1, gain=1.5, seed=n)
    for _ in range(10):
        state, x = rng.uniform(-1, 1, 2 * n), rng.standard_normal(1)
        J = net.jacobian(state, inputs=x)
        assert np.linalg.slogdet(J)[1] == pytest.approx(log_determinant(net._p, state, x), abs=1e-10)


def test_all_exponents_sum_to_the_mean_of_the_closed_determinant():
    """2n exponents: with the n of h alone the sum would be another."""
    n, steps = 6, 400
    net = ll.Model("lstm", n=n, m=1, gain=3.0, seed=4)
    inputs = np.random.default_rng(0).standard_normal((steps, 1))
    start = np.full(2 * n, 0.2)
    spectrum = net.lyapunov_spectrum(x0=start, inputs=inputs, warmup=0)
    states = net.orbit(x0=start, inputs=inputs)
    mean = np.mean([log_determinant(net._p, state, x) for state, x in zip(states, inputs, strict=True)])
    assert spectrum.exponents.shape == (2 * n,)
    assert spectrum.exponents.sum() == pytest.approx(mean, abs=1e-9)
    assert spectrum.sum_rule_error < 1e-9


@pytest.mark.parametrize("forget", [-2.0, 0.0, 3.0])
def test_without_weights_the_shown_half_is_dead(forget):
    """The state h is overwritten whatever it was: n exponents are -inf, told as such by the sum rule."""
    bias = np.concatenate([np.zeros(3), np.full(3, forget), np.full(3, 0.5), np.zeros(3)])
    spectrum = ll.Model("lstm", W=np.zeros((12, 3)), b=bias).lyapunov_spectrum(500)
    np.testing.assert_allclose(spectrum.exponents[:3], math.log(sigmoid(forget)), atol=1e-12)
    assert np.isneginf(spectrum.exponents[3:]).all()
    assert spectrum.sum_rule_error == 0.0 and spectrum.note == ""


def test_a_latch_rests_where_its_equations_say():
    net = ll.Model("lstm", preset="unit-latch")
    found = net.fixed_points()
    for guess in ([-0.6, -2.7], [0.9, 2.7]):
        root = fsolve(lambda state: reference(net._p, state, np.zeros(0))[0] - state, guess, xtol=1e-13)
        J = reference(net._p, root, np.zeros(0))[1]
        nearest = np.abs(found.points - root).max(axis=1).argmin()
        np.testing.assert_allclose(found.points[nearest], root, atol=1e-9)
        assert found.stable[nearest]
        exact = np.sort(np.log(np.abs(np.linalg.eigvals(J))))[::-1]
        measured = net.lyapunov_spectrum(3000, x0=root, warmup=200).exponents
        np.testing.assert_allclose(measured, exact, atol=1e-8)


@given(seed=st.integers(0, 500), n=st.integers(1, 3), gain=st.floats(0.2, 4.0))
def test_the_box_holds_what_an_unbounded_search_finds(seed, n, gain):
    rng = np.random.default_rng(seed)
    net = ll.Model("lstm", n=n, m=1, gain=gain, seed=seed, b=2 * rng.standard_normal(4 * n))
    x = rng.standard_normal(1)
    starts = rng.uniform(-1, 1, (30, 2 * n)) * np.repeat([1.0, 20.0], n)
    points = fixed_points(net.cell, net._p, starts=starts, inputs=x).points
    low, high = net._bounds(x)
    assert ((low <= points) & (points <= high)).all()
    for point in points:
        h, c = np.split(point, 2)
        i, f, _, _ = gates(net._p, h, x)
        assert (np.abs(h) < 1).all() and (np.abs(c) <= i / (1 - f) + 1e-9).all()


def test_a_box_stays_finite_when_nothing_is_forgotten():
    low, high = ll.Model("lstm", n=2, b=np.repeat([0.0, 1e4, 1.0, 0.0], 2)).bounds
    assert np.isfinite(low).all() and np.isfinite(high).all()


def test_hidden_and_memory_are_named():
    assert ll.Model("lstm", n=1).state_names == ("h", "c")
    net = ll.Model("lstm", n=2)
    assert net.state_names == ("h1", "h2", "c1", "c2")
    np.testing.assert_array_equal(net.view[1], [1.1, 1.1, 3.0, 3.0])
