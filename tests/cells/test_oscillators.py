"""Antisymmetric, Lipschitz and coupled oscillatory networks against their equations, and what is exact about them."""

from __future__ import annotations

import math

import numpy as np
import pytest

import lyaplab as ll


def antisymmetric(p, h, u):
    M = p["W"] - p["W"].T - p["gamma"] * np.eye(len(h))
    return h + p["eps"] * np.tanh(M @ h + p["U"] @ u + p["b"])


def between(M, beta, gamma):
    """As in the paper: shares of the symmetric and of the antisymmetric part, less a diffusion."""
    return (1 - beta) * (M + M.T) + beta * (M - M.T) - gamma * np.eye(len(M))


def lipschitz(p, h, u):
    A = between(p["M_A"], p["beta_A"], p["gamma_A"])
    W = between(p["M_W"], p["beta_W"], p["gamma_W"])
    return h + p["eps"] * (A @ h + np.tanh(W @ h + p["U"] @ u + p["b"]))


def cornn(p, x, u):
    y, z = np.split(x, 2)
    force = np.tanh(p["W"] @ y + p["Wz"] @ z + p["U"] @ u + p["b"])
    z = z + p["dt"] * (force - p["gamma"] * y - p["epsilon"] * z)
    return np.concatenate([y + p["dt"] * z, z])


EQUATIONS = {"antisymmetric": antisymmetric, "lipschitz": lipschitz, "cornn": cornn}
SCALARS = {
    "antisymmetric": {"gamma": 0.3, "eps": 0.7},
    "lipschitz": {"beta_A": 0.65, "gamma_A": 0.4, "beta_W": 0.8, "gamma_W": 0.3, "eps": 0.6},
    "cornn": {"gamma": 1.7, "epsilon": 0.6, "dt": 0.3},
}


@pytest.mark.parametrize("n", [1, 2, 12])
@pytest.mark.parametrize("name", EQUATIONS)
def test_step_is_that_of_the_equation_and_jacobian_its_derivative(name, n):
    rng = np.random.default_rng(n)
    net = ll.Model(name, n=n, m=3, gain=1.5, seed=1, b=rng.standard_normal(n), **SCALARS[name])
    f, p, u = EQUATIONS[name], net.weights, rng.standard_normal(3)
    for _ in range(5):
        x = rng.standard_normal(net.d)
        np.testing.assert_allclose(net.step(x, inputs=u), f(p, x, u), rtol=1e-13, atol=1e-13)
        e = 1e-5
        columns = [(f(p, x + e * v, u) - f(p, x - e * v, u)) / (2 * e) for v in np.eye(net.d)]
        np.testing.assert_allclose(net.jacobian(x, inputs=u), np.transpose(columns), atol=1e-8)


def test_the_full_matrix_of_an_antisymmetric_network_is_refused():
    with pytest.raises(ValueError, match=r"W has no entry \[0, 0\] in this cell"):
        ll.Model("antisymmetric", W=np.ones((2, 2)))
    M = np.random.default_rng(0).standard_normal((3, 3))
    net = ll.Model("antisymmetric", W=np.triu(M - M.T, 1), gamma=0.0, eps=0.2)
    np.testing.assert_allclose(net.jacobian(np.zeros(3)), np.eye(3) + 0.2 * (M - M.T), atol=1e-14)


def test_antisymmetric_exponents_where_the_state_rests():
    """At the origin: log|1 - eps gamma + i eps w| with the frequencies w of W - W^T."""
    net = ll.Model("antisymmetric", n=8, gain=1.0, gamma=0.8, eps=0.3, seed=4)
    frequencies = np.linalg.eigvals(net.weights["W"] - net.weights["W"].T).imag
    exact = np.sort(0.5 * np.log((1 - 0.3 * 0.8) ** 2 + (0.3 * frequencies) ** 2))[::-1]
    assert exact[-1] + 0.05 < exact[0] < 0.0
    np.testing.assert_allclose(net.lyapunov_spectrum(20_000, warmup=2000).exponents, exact, atol=1e-3)


def test_lipschitz_exponents_where_the_state_rests():
    """At the origin of a contracting network J = 1 + eps (A + W)."""
    net = ll.Model("lipschitz", n=8, gain=0.3, eps=0.2, gamma_A=1.5, seed=2)
    p = net.weights
    J = np.eye(8) + 0.2 * (between(p["M_A"], 0.75, 1.5) + between(p["M_W"], 0.75, 0.0))
    exact = np.sort(np.log(np.abs(np.linalg.eigvals(J))))[::-1]
    np.testing.assert_allclose(net.lyapunov_spectrum(20_000).exponents, exact, atol=1e-3)


def test_the_volume_of_oscillators_shrinks_by_their_damping_alone():
    inputs = np.random.default_rng(3).standard_normal((3100, 2))
    drawn = ll.Model("cornn", n=5, m=2, gain=3.0, seed=1).weights
    net = ll.Model("cornn", **{**drawn, "Wz": np.zeros((5, 5)), "epsilon": 0.7, "dt": 0.2})
    spectrum = net.lyapunov_spectrum(3000, inputs=inputs, warmup=100)
    assert len(spectrum.exponents) == 10
    assert spectrum.exponents.sum() == pytest.approx(5 * math.log(1 - 0.2 * 0.7), abs=1e-9)


def test_oscillators_have_two_states_a_unit():
    net = ll.Model("cornn", n=3)
    assert net.d == 6 and net.state_names == ("y1", "y2", "y3", "z1", "z2", "z3")
    assert ll.Model("cornn", w=1.0).state_names == ("y", "z")
    rest = ll.Model("cornn", n=3, gain=3.0, gamma=0.5, seed=2).fixed_points().points
    assert len(rest) and np.abs(rest[:, 3:]).max() < 1e-9 and np.abs(rest).max() <= 2.0
