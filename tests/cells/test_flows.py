"""Rössler, Duffing and Lorenz 96: what is special to each."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import lyaplab as ll

FIELDS = {
    "roessler": lambda t, s: [-s[1] - s[2], s[0] + 0.2 * s[1], 0.2 + s[2] * (s[0] - 5.7)],
    "duffing": lambda t, s: [s[1], s[0] - s[0] ** 3 - 0.1 * s[1] + 0.35 * math.cos(1.4 * t), 1.4],
    "lorenz96": lambda t, s: (np.roll(s, -1) - np.roll(s, 2)) * np.roll(s, 1) - s + 8.0,
}


@pytest.mark.parametrize("name", FIELDS)
def test_an_orbit_agrees_with_another_integrator_to_the_fourth_power(name):
    duration, errors = 1.6, []
    for dt in (0.04, 0.02, 0.01):
        net = ll.Model(name, dt=dt, **({"n": 9} if name == "lorenz96" else {}))
        last = net.orbit(round(duration / dt) + 1)[-1]
        exact = solve_ivp(FIELDS[name], (0, duration), net.start, "DOP853", rtol=1e-13, atol=1e-13).y[:, -1]
        errors.append(np.abs(last - exact).max())
    assert errors[-1] < 1e-4
    assert np.log2(np.array(errors[:-1]) / errors[1:]).min() > 3.5


def test_the_phase_of_a_drive_stays_within_a_turn():
    path = ll.Model("duffing").orbit(5000)
    assert ((path[:, 2] >= 0) & (path[:, 2] <= 2 * np.pi)).all()
    steps = np.diff(path[:, 2]) % (2 * np.pi)
    np.testing.assert_allclose(steps, 1.4 * 0.02, atol=1e-9)


@pytest.mark.parametrize("damping", [0.0, 0.1, 0.3])
def test_duffing_loses_volume_by_friction_alone(damping):
    exponents = ll.Model("duffing", damping=damping).lyapunov_spectrum(20_000).exponents
    assert exponents.sum() == pytest.approx(-damping, abs=1e-6)


def test_duffing_closes_with_its_drive():
    """A weak push: one turn of the ball in a turn of the drive."""
    net = ll.Model("duffing", preset="one-well")
    found = net.section("phase", np.pi, steps=20_000, warmup=20_000)
    assert found.period == 1 and found.cycle_time == pytest.approx(2 * np.pi / 1.4, abs=1e-9)


# Lorenz 96.


@pytest.mark.parametrize("n", [4, 5, 36])
def test_lorenz96_is_a_ring(n):
    """Turned round, it is the same system: fields and derivatives only move on."""
    net = ll.Model("lorenz96", n=n)
    x = np.random.default_rng(n).normal(2.0, 3.0, n)
    np.testing.assert_allclose(net.field(np.roll(x, 1)), np.roll(net.field(x), 1), atol=1e-12)
    turned = np.roll(net.field_jacobian(x), (1, 1), axis=(0, 1))
    np.testing.assert_allclose(net.field_jacobian(np.roll(x, 1)), turned, atol=1e-12)
    np.testing.assert_allclose(net.field(x), FIELDS["lorenz96"](0.0, x), atol=1e-12)


def test_lorenz96_advection_keeps_energy():
    net = ll.Model("lorenz96", n=12, F=0.0)
    x = np.random.default_rng(0).standard_normal(12)
    assert x @ net.field(x) == pytest.approx(-x @ x, abs=1e-12)


@pytest.mark.parametrize("n", [7, 20])
def test_lorenz96_at_rest_is_solved_by_waves(n):
    """Exponents -1 + F (cos a - cos 2a) at x = F, one for each wave number: the matrix is circulant."""
    F = 0.5
    angles = 2 * np.pi * np.arange(n) / n
    exact = np.sort(-1 + F * (np.cos(angles) - np.cos(2 * angles)))[::-1]
    net = ll.Model("lorenz96", n=n, F=F)
    found = net.fixed_points(8)
    np.testing.assert_allclose(found.points, np.full((1, n), F), atol=1e-9)
    np.testing.assert_allclose(np.sort(found.eigenvalues[0].real)[::-1], exact, atol=1e-9)
    # Complex pairs turn: their exponents are reached as 1/T.
    spectrum = net.lyapunov_spectrum(100_000, x0=found.points[0], warmup=20_000)
    np.testing.assert_allclose(spectrum.exponents, exact, atol=2e-3)


def test_lorenz96_spectrum_of_40_places():
    """Row 19 beyond the card's known values: 13 positive exponents, and the entropy."""
    spectrum = ll.Model("lorenz96", n=40, dt=0.05).lyapunov_spectrum(10_000, warmup=1000)
    assert (spectrum.exponents > 0.02).sum() in (12, 13)
    assert spectrum.entropy_rate == pytest.approx(10.26, abs=0.4)


def test_forcing_may_differ_from_place_to_place():
    forcing = np.linspace(0.1, 0.4, 6)
    net = ll.Model("lorenz96", forcing=forcing)
    assert net.n == net.d == 6 and net.own_weights and "F" not in net.settings
    np.testing.assert_array_equal(net.field(np.zeros(6)), forcing)
    with pytest.raises(ValueError, match="F has no effect beside weights of your own"):
        ll.Model("lorenz96", forcing=forcing, F=8.0)
    with pytest.raises(ValueError, match="n must be a whole number of at least 4, got 3"):
        ll.Model("lorenz96", n=3)


def test_lorenz96_knobs_and_files(tmp_path):
    net = ll.Model("lorenz96", n=10, F=5.0, dt=0.01)
    turned = net.with_knobs(F=6.0)
    assert turned.time_step == 0.01 and turned.settings["F"] == 6.0
    np.testing.assert_array_equal(turned.weights["forcing"], np.full(10, 6.0))
    net.save(tmp_path / "ring.npz")
    again = ll.load(tmp_path / "ring.npz")
    assert again.settings == net.settings and again.time_step == 0.01
