"""Steps, vector fields and their derivatives at many states."""

from __future__ import annotations

import numpy as np
import pytest

import lyaplab as ll


@pytest.mark.parametrize("name", ["tanh", "rate", "linear", "lorenz63", "henon"])
def test_jacobians_are_differences_of_steps(name):
    net = ll.Model(name, **({} if ll.Model(name).card.size else {"n": 4, "seed": 2}))
    x = np.random.default_rng(0).uniform(*net.view, size=(5, net.d))
    J, D = net.jacobian(x), net.field_jacobian(x)
    assert J.shape == D.shape == (5, net.d, net.d)
    e = 1e-6 * (1 + np.abs(x).max())
    for j in range(net.d):
        shift = e * np.eye(net.d)[j]
        np.testing.assert_allclose(J[:, :, j], (net.step(x + shift) - net.step(x - shift)) / (2 * e), atol=1e-6)
        field = (net.field(x + shift) - net.field(x - shift)) / (2 * e)
        np.testing.assert_allclose(D[:, :, j], field, atol=1e-5)
    np.testing.assert_array_equal(net.jacobian(x[0]), J[0])


def test_field_is_a_difference_for_maps_and_the_right_hand_side_for_flows():
    net = ll.Model("henon")
    np.testing.assert_allclose(net.field([0.3, 0.1]), net.step([0.3, 0.1]) - [0.3, 0.1], atol=1e-15)
    lorenz = ll.Model("lorenz63", dt=0.02)
    np.testing.assert_allclose(lorenz.field([1.0, 2.0, 3.0]), [10.0, 1 * (28 - 3) - 2, 2 - 8 / 3 * 3], atol=1e-12)
    rate = ll.Model("rate", W=[[2.0]], b=[0.3], dt=0.25)
    np.testing.assert_allclose(rate.field([0.5]), [-0.5 + 2 * np.tanh(0.5) + 0.3], atol=1e-14)


def test_runge_kutta_is_of_fourth_order():
    x, errors = [1.0, 2.0, 20.0], []
    exact = ll.Model("lorenz63", dt=1e-4).orbit(5001, x0=x)[-1]
    for dt in (0.01, 0.005):
        path = ll.Model("lorenz63", dt=dt).orbit(round(0.5 / dt) + 1, x0=x)
        errors.append(np.linalg.norm(path[-1] - exact))
    assert 12 < errors[0] / errors[1] < 20


def test_results_are_the_caller_s_own():
    net = ll.Model("henon")
    first = net.jacobian([0.1, 0.2])
    first[:] = 0.0
    assert net.jacobian([0.1, 0.2]).any()
