"""The GRU: both reset conventions against plain NumPy, and what they have in common."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lyaplab as ll
from lyaplab.cells import find
from tests.contracts.test_cells import Rows, advance, parameters, relative

GRU = find("gru")
CONVENTIONS = {"after": 1, "before": 0}


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def reference(p, h, x):
    """The next state and its Jacobian, written down gate by gate from the formulas of the field."""
    W, U, b, b_n, (after,) = p
    n = len(h)
    W_r, W_z, W_n = W.reshape(3, n, n)
    drive = (U @ x + b).reshape(3, n)
    r, z = sigmoid(W_r @ h + drive[0]), sigmoid(W_z @ h + drive[1])
    r_by_h = np.diag(r * (1 - r)) @ W_r
    if after:
        content = np.tanh(drive[2] + r * (W_n @ h + b_n))
        inside = np.diag(r) @ W_n + np.diag(W_n @ h + b_n) @ r_by_h
    else:
        content = np.tanh(drive[2] + W_n @ (r * h) + b_n)
        inside = W_n @ (np.diag(r) + np.diag(h) @ r_by_h)
    J = np.diag(z) + np.diag((h - content) * z * (1 - z)) @ W_z + np.diag((1 - z) * (1 - content**2)) @ inside
    return (1 - z) * content + z * h, J


def network(n: int, m: int, after: int, seed: int = 0):
    *arrays, _ = parameters(GRU, n, m, np.random.default_rng(seed))
    return (*arrays, np.array([float(after)]))


@pytest.mark.parametrize("after", CONVENTIONS.values(), ids=CONVENTIONS)
@pytest.mark.parametrize("n", [1, 2, 3, 9])
def test_step_and_jacobian_are_those_of_the_formulas(n, after):
    rng = np.random.default_rng(n)
    p = network(n, 2, after)
    x, u = rng.uniform(-1, 1, (3, n)), rng.standard_normal((3, 2))
    at = Rows(GRU, p, x, u)
    Z = at.push(np.tile(np.eye(n), (3, 1))).reshape(3, n, n)
    for row in range(3):
        y, J = reference(p, x[row], u[row])
        np.testing.assert_allclose(at.y[row], y, atol=1e-14)
        np.testing.assert_allclose(Z[row].T, J, atol=1e-14)


@pytest.mark.parametrize("each", [1, 9, 20])
def test_tangents_and_adjoints_when_the_reset_acts_before_the_product(each):
    """The contract tests try the other convention; one tangent or many go two ways through push."""
    rng = np.random.default_rng(each)
    p = network(9, 2, after=0)
    x, u = rng.uniform(-1, 1, (2, 9)), rng.standard_normal((2, 2))
    V, G = rng.standard_normal((2, 2 * each, 9))
    at = Rows(GRU, p, x, u)
    Z, (H, _) = at.push(V), at.pull(G)
    for row in range(2):
        J = reference(p, x[row], u[row])[1]
        block = slice(row * each, (row + 1) * each)
        np.testing.assert_allclose(Z[block], V[block] @ J.T, atol=1e-13)
        np.testing.assert_allclose(H[block], G[block] @ J, atol=1e-13)


@pytest.mark.parametrize("n", [1, 3])
def test_parameter_gradient_when_the_reset_acts_before_the_product(n):
    rng = np.random.default_rng(n)
    p = network(n, 2, after=0)
    x, u, G = rng.uniform(-1, 1, (4, n)), rng.standard_normal((4, 2)), rng.standard_normal((4, n))
    dp = Rows(GRU, p, x, u).grad(G)
    for index, array in enumerate(p[:-1]):
        slopes = np.empty_like(array)
        for place in np.ndindex(array.shape):
            sides = []
            for sign in (1e-6, -1e-6):
                moved = tuple(each.copy() for each in p)
                moved[index][place] += sign
                sides.append((G * advance(GRU, moved, x, u)).sum())
            slopes[place] = (sides[0] - sides[1]) / 2e-6
        assert relative(dp[index] - slopes, slopes) < 1e-7
    assert not dp[-1].any()


def test_rows_of_both_conventions_go_side_by_side():
    rng = np.random.default_rng(0)
    *shared, _ = network(8, 0, after=1)
    x, u, V = rng.uniform(-1, 1, (2, 8)), np.zeros((2, 0)), rng.standard_normal((16, 8))
    together = Rows(GRU, (*shared, np.array([1.0, 0.0])), x, u)
    Z = together.push(V)
    for row, after in enumerate((1.0, 0.0)):
        alone = Rows(GRU, (*shared, np.array([after])), x[row : row + 1], u[:1])
        np.testing.assert_allclose(together.y[row], alone.y[0], atol=1e-15)
        np.testing.assert_allclose(Z[8 * row : 8 * row + 8], alone.push(V[8 * row : 8 * row + 8].copy()), atol=1e-14)


def test_with_half_open_gates_it_is_a_leaky_network():
    """Without weights r = z = 1/2: h' = h/2 + tanh(W_n h/2)/2."""
    W_n = np.array([[2.0, -3.0], [3.5, 1.5]])
    gru = ll.Model("gru", W=np.vstack([np.zeros((4, 2)), W_n]))
    leaky = ll.Model("leaky", W=W_n / 2, a=0.5)
    np.testing.assert_allclose(gru.orbit(50), leaky.orbit(50), atol=1e-12)
    np.testing.assert_allclose(gru.jacobian([0.3, -0.6]), leaky.jacobian([0.3, -0.6]), atol=1e-14)


@given(st.lists(st.floats(-5, 5), min_size=6, max_size=6), st.floats(-1, 1))
def test_of_one_unit_both_conventions_are_the_same(numbers, h):
    knobs = dict(zip(("w_r", "w_z", "w_n", "b_r", "b_z", "b_in"), numbers, strict=True))
    after, before = (ll.Model("gru", **knobs, reset_after=flag).step([h]) for flag in (True, False))
    np.testing.assert_allclose(after, before, atol=1e-14)


@given(seed=st.integers(0, 1000), gain=st.floats(0.1, 20.0), after=st.booleans())
def test_no_state_leaves_the_unit_cube(seed, gain, after):
    states = ll.Model("gru", n=4, gain=gain, seed=seed, reset_after=after).orbit(50, x0=[1.0, -1.0, 1.0, 0.2])
    assert np.abs(states).max() <= 1.0


def test_the_convention_alone_may_decide_between_order_and_chaos():
    cycle, chaos = ll.Model("gru", preset="six-cycle"), ll.Model("gru", preset="chaos")
    np.testing.assert_array_equal(cycle.weights["W"], chaos.weights["W"])
    assert cycle.lyapunov_spectrum(4000).exponents[0] < -0.2
    assert chaos.lyapunov_spectrum(20_000).exponents[0] > 0.05


def test_the_convention_is_kept_on_disk(tmp_path):
    net = ll.Model("gru", n=4, seed=3, reset_after=False)
    net.save(tmp_path / "net.npz")
    again = ll.load(tmp_path / "net.npz")
    assert again.weights["reset_after"] == 0.0 and again.settings == net.settings
    np.testing.assert_array_equal(again.orbit(5), net.orbit(5))


@pytest.mark.parametrize("value", [2, -1, 0.5, "yes"])
def test_the_convention_is_one_of_two(value):
    with pytest.raises((ValueError, TypeError), match="reset_after must be 0 or 1, got"):
        ll.Model("gru", n=2, reset_after=value)
