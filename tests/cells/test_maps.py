"""Tent, cat, standard and Ikeda maps: what is special to each."""

from __future__ import annotations

import cmath
import math

import numpy as np
import pytest

import lyaplab as ll


@pytest.mark.parametrize("mu", [0.5, 1.1, 1.5, 1.99])
def test_tent_exponent_is_log_mu(mu):
    assert ll.Model("tent", mu=mu).lyapunov_spectrum(5000).exponents[0] == pytest.approx(math.log(mu), abs=1e-10)


def test_tent_at_two_falls_to_zero_in_floating_point():
    """Every step shifts out one binary digit: why the slider's default is not 2."""
    path = ll.Model("tent", mu=2.0).orbit(80)[:, 0]
    assert (path[:40] > 0).all() and (path[60:] == 0).all()


def test_tent_is_conjugate_to_the_logistic_map():
    x = np.linspace(0.01, 0.99, 37)[:, None]
    tent, logistic = ll.Model("tent", mu=2.0), ll.Model("logistic", r=4.0)
    through = np.sin(np.pi * tent.step(x) / 2) ** 2
    np.testing.assert_allclose(logistic.step(np.sin(np.pi * x / 2) ** 2), through, atol=1e-14)


def test_cat_map_permutes_a_lattice():
    """Points with a common denominator are only exchanged: 1/5, 2/5, ... have short cycles."""
    net = ll.Model("cat_map")
    lattice = np.stack(np.meshgrid(np.arange(5), np.arange(5)), axis=-1).reshape(-1, 2)
    image = np.round(5 * net.step(lattice / 5.0)).astype(int) % 5
    np.testing.assert_array_equal(image, lattice @ np.array([[2, 1], [1, 1]]).T % 5)
    assert len({tuple(point) for point in image}) == 25


def test_standard_map_keeps_area():
    for K in (0.5, 2.0, 10.0):
        net = ll.Model("standard_map", K=K)
        states = np.random.default_rng(0).uniform(net.view[0], net.view[1], (200, 2))
        np.testing.assert_allclose(np.linalg.det(net.jacobian(states)), 1.0, atol=1e-13)
        assert net.lyapunov_spectrum(20_000).exponents.sum() == pytest.approx(0.0, abs=1e-11)
        path = net.orbit(2000)
        assert ((path >= net.view[0]) & (path <= net.view[1])).all()


def test_standard_map_without_kicks_turns_evenly():
    path = ll.Model("standard_map", K=0.0).orbit(50, x0=[1.0, 0.7])
    np.testing.assert_allclose(path[:, 0], (1.0 + 0.7 * np.arange(50)) % (2 * np.pi), atol=1e-12)
    np.testing.assert_allclose(path[:, 1], 0.7, atol=1e-14)


def test_standard_map_loses_its_island_at_four():
    """The resting place at theta = pi has trace 2 - K."""
    for K, kind in ((3.9, "marginal"), (4.1, "saddle")):
        found = ll.Model("standard_map", K=K).fixed_points()
        island = np.abs(found.points - [np.pi, 0.0]).max(axis=1).argmin()
        assert found.kinds[island] == kind


def ikeda_step(z: complex, u: float) -> complex:
    return 1 + u * z * cmath.exp(1j * (0.4 - 6 / (1 + abs(z) ** 2)))


def ikeda_jacobian(z: complex, u: float) -> np.ndarray:
    """By the calculus of complex numbers: dz' = u e^{it} (dz + i z t'(|z|²) 2 Re(conj(z) dz))."""
    turn = u * cmath.exp(1j * (0.4 - 6 / (1 + abs(z) ** 2)))
    faster = 6 / (1 + abs(z) ** 2) ** 2
    columns = [turn * (d + 1j * z * faster * 2 * (z.conjugate() * d).real) for d in (1, 1j)]
    return np.array([[column.real for column in columns], [column.imag for column in columns]])


def test_ikeda_against_an_independent_computation():
    """Complex numbers and one QR decomposition a step, along the same orbit."""
    u, warmup, steps = 0.9, 200, 4000
    net = ll.Model("ikeda", u=u)
    path = net.orbit(warmup + steps)
    Q, sums = np.eye(2), np.zeros(2)
    for t, (x, y) in enumerate(path):
        z = complex(x, y)
        if t + 1 < len(path):
            assert abs(ikeda_step(z, u) - complex(*path[t + 1])) < 1e-13
        Q, R = np.linalg.qr(ikeda_jacobian(z, u) @ Q)
        sums += np.log(np.abs(np.diag(R))) * (t >= warmup)
    measured = net.lyapunov_spectrum(steps, warmup=warmup)
    np.testing.assert_allclose(measured.exponents, sums / steps, atol=1e-8)


def test_ikeda_values_of_the_literature():
    """About 0.503 and -0.719; the second number and the sum, which is exact, make the first 0.508."""
    exponents = ll.Model("ikeda", u=0.9).lyapunov_spectrum(500_000).exponents
    np.testing.assert_allclose(exponents, [0.503, -0.719], atol=0.008)
    assert exponents.sum() == pytest.approx(2 * math.log(0.9), abs=1e-10)


def test_ikeda_refuses_light_that_does_not_fade():
    with pytest.raises(ValueError, match=r"u must be between 0 and 0\.999, got 1\.2"):
        ll.Model("ikeda", u=1.2)
