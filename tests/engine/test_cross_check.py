"""The exponent of two trajectories: it agrees with that of tangents, and it does not depend on them."""

from __future__ import annotations

import math

import numpy as np
import pytest

import lyaplab as ll
from lyaplab.engine import cross_check as module
from lyaplab.engine.cross_check import TwoTrajectories

SYSTEMS = {
    "logistic": ll.Model("logistic", r=3.9),
    "henon": ll.Model("henon"),
    "lorenz63": ll.Model("lorenz63"),
    "tanh": ll.Model("tanh", n=30, gain=2.5, seed=1),
}


@pytest.mark.parametrize("name", SYSTEMS)
def test_it_agrees_with_the_spectrum(name):
    net = SYSTEMS[name]
    brute, spectrum = net.two_trajectories(20_000), net.lyapunov_spectrum(20_000, k=1)
    error = math.hypot(brute.stderr, spectrum.stderr[0])
    assert 0.0 < error < 0.1 * brute.exponent
    assert brute.exponent == pytest.approx(spectrum.exponents[0], abs=3 * error)
    assert brute.unit == spectrum.unit and brute.steps == 20_000


def test_it_agrees_along_a_driven_orbit():
    net = ll.Model("tanh", n=10, m=2, gain=0.9, seed=3)
    inputs = np.random.default_rng(0).standard_normal((5500, 2))
    brute, spectrum = net.two_trajectories(inputs=inputs), net.lyapunov_spectrum(k=1, inputs=inputs)
    # No chaos: both follow the same orbit, and only the distance makes a difference.
    assert brute.exponent == pytest.approx(spectrum.exponents[0], abs=1e-4)
    assert brute.steps == 5000


def test_contraction_is_exact():
    net = ll.Model("linear", W=[[0.9, 1.0], [0.0, 0.5]])
    assert net.two_trajectories(5000).exponent == pytest.approx(math.log(0.9), abs=1e-6)
    assert ll.Model("rate", w=2.0).two_trajectories(3000, warmup=2000).exponent == pytest.approx(
        ll.Model("rate", w=2.0).lyapunov_spectrum(3000, warmup=2000).exponents[0], abs=1e-5
    )


def test_it_finds_a_wrong_derivative_out():
    """The point of it: tangents that are wrong deceive the spectrum, and not the two."""

    def step(q, x, u, y, w):
        for r in range(x.shape[0]):
            y[r, 0] = 3.9 * x[r, 0] * (1.0 - x[r, 0])
            w[r, 0] = 3.9 * (1.0 - x[r, 0])  # a factor 2 is missing

    def push(q, w, V, A, Z):
        for v in range(V.shape[0]):
            Z[v, 0] = w[0, 0] * V[v, 0]

    wrong = ll.Model(ll.Cell("wrong", step=step, push=push, pull=push, size=(1, 1, 0), card=ll.Card(start=(0.3,))))
    brute = wrong.two_trajectories(20_000)
    assert brute.exponent == pytest.approx(SYSTEMS["logistic"].two_trajectories(20_000).exponent, abs=0.02)
    assert abs(wrong.lyapunov_spectrum(20_000).exponents[0] - brute.exponent) > 0.1


def test_a_seam_is_passed_over():
    """On a torus one of the two may jump round: that is no growth."""
    assert ll.Model("cat_map").two_trajectories(200_000).exponent == pytest.approx(0.962424, abs=1e-5)
    duffing = ll.Model("duffing", preset="one-well")
    assert abs(duffing.two_trajectories(50_000, warmup=20_000).exponent) < 5e-3


def test_the_two_may_meet():
    found = ll.Model("linear", W=np.zeros((2, 2))).two_trajectories(100)
    assert found.exponent == -math.inf


def test_divergence_names_the_step():
    net = ll.Model("logistic", r=4.2)
    with pytest.raises(ll.DivergenceError) as orbit:
        net.orbit(60)
    for warmup in (0, 4, 500):
        with pytest.raises(ll.DivergenceError) as caught:
            net.two_trajectories(500, warmup=warmup)
        assert caught.value.step == orbit.value.step


@pytest.mark.parametrize("steps", [1, 255, 1000, 4321])
def test_pieces_and_history(monkeypatch, steps):
    net = SYSTEMS["henon"]
    whole = net.two_trajectories(steps)
    monkeypatch.setattr(module, "_PIECE_SECONDS", 0.0)
    *early, pieces = net.iter_two_trajectories(steps)
    np.testing.assert_allclose(pieces.history, whole.history, atol=1e-12)
    assert pieces.steps == steps and pieces.times[-1] == steps and pieces.history[-1] == pieces.exponent
    assert all(found.steps < steps for found in early)


def test_result_is_kept(tmp_path):
    found = SYSTEMS["henon"].two_trajectories(500)
    found.save(tmp_path / "two.npz")
    assert TwoTrajectories.load(tmp_path / "two.npz").exponent == found.exponent
    assert list(found.to_pandas().columns) == ["time", "exponent"]
    assert "per step; 500 steps" in repr(found)


def test_bad_arguments_are_named():
    net = SYSTEMS["henon"]
    with pytest.raises(ValueError, match="x0 must be one state"):
        net.two_trajectories(x0=np.zeros((3, 2)))
    with pytest.raises(ValueError, match="steps must be a whole number of at least 1, got 0"):
        net.two_trajectories(0)
    with pytest.raises(ValueError, match="inputs must be one sequence"):
        ll.Model("tanh", n=2, m=1).two_trajectories(inputs=np.zeros((2, 600, 1)))
