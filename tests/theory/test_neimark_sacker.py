"""The circle that a complex pair leaves behind, against orbits."""

from __future__ import annotations

import math

import numpy as np
import pytest

import lyaplab as ll
from lyaplab.theory import neimark_sacker


def turn(radius: float, angle: float) -> np.ndarray:
    c, s = math.cos(angle), math.sin(angle)
    return radius * np.array([[c, -s], [s, c]])


def measured(W: np.ndarray, b: np.ndarray, start: np.ndarray, steps: int = 20_000) -> tuple[float, float]:
    """Root mean square distance from the orbit's centre, and turns per step around it."""
    path = ll.Model("tanh", W=W, b=b).orbit(steps, x0=start, warmup=20_000)
    gap = path - path.mean(axis=0)
    turns = np.angle((gap[1:, 0] + 1j * gap[1:, 1]) / (gap[:-1, 0] + 1j * gap[:-1, 1]))
    return float(np.sqrt((gap**2).sum(axis=1).mean())), abs(float(turns.mean())) / (2 * math.pi)


@pytest.mark.parametrize("r", [1.001, 1.01, 1.05])
def test_rotations(r):
    """Row 28: the closed form, and the orbit with it to first order in r - 1."""
    circle = neimark_sacker(turn(r, 0.7))
    assert circle.radius == pytest.approx(math.sqrt(2 * (r**2 - 1)) / r**2, rel=1e-12)
    assert circle.coefficient == pytest.approx(-0.5 * r**2, rel=1e-12) and circle.twist == pytest.approx(0.0, abs=1e-12)
    radius, rotation = measured(turn(r, 0.7), np.zeros(2), np.array([0.1, 0.0]))
    assert radius == pytest.approx(circle.radius, rel=1.1 * (r - 1))
    assert rotation == pytest.approx(circle.rotation, abs=0.02 * (r - 1))
    assert circle.rotation == pytest.approx(0.7 / (2 * math.pi), rel=1e-12)


def test_row_28():
    radius, _ = measured(turn(1.05, 0.7), np.zeros(2), np.array([0.1, 0.0]), 100_000)
    assert radius == pytest.approx(0.4278, abs=1e-3)
    assert neimark_sacker(turn(1.05, 0.7)).radius == pytest.approx(0.411, abs=1e-3)


def biased(excess: float, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weights and a bias whose fixed point has a pair of modulus 1 + excess; quadratic terms matter there."""
    rng = np.random.default_rng(seed)
    point = rng.uniform(-0.4, 0.4, 2)
    shear = np.array([[1.0, rng.uniform(-0.5, 0.5)], [0.0, rng.uniform(0.7, 1.4)]])
    J = shear @ turn(1.0 + excess, rng.uniform(0.6, 1.3)) @ np.linalg.inv(shear)
    W = J / (1.0 - point**2)[:, None]
    return W, np.arctanh(point) - W @ point, point


@pytest.mark.parametrize("seed", range(4))
def test_biased_networks(seed):
    """Radius and rotation are right to leading order: the relative error shrinks with the distance."""
    errors = []
    for excess in (4e-3, 1e-3):
        W, b, point = biased(excess, seed)
        circle = neimark_sacker(W, b=b, start=point + 0.01)
        np.testing.assert_allclose(circle.point, point, atol=1e-12)
        assert circle.modulus == pytest.approx(1 + excess) and circle.supercritical and circle.resonance == 0
        radius, rotation = measured(W, b, point + 0.5 * circle.radius)
        errors.append(abs(radius / circle.radius - 1))
        shift = rotation - circle.angle / (2 * math.pi)
        predicted = circle.rotation - circle.angle / (2 * math.pi)
        assert shift == pytest.approx(predicted, abs=0.15 * abs(predicted) + 0.02 * excess)
    assert errors[1] < 0.02 and errors[1] < max(0.5 * errors[0], 2e-3)


def test_larger_networks_live_on_the_plane_of_the_pair():
    W = np.zeros((4, 4))
    W[:2, :2] = turn(1.01, 0.9)
    W[2:, 2:] = np.diag([0.3, -0.5])
    mixing = np.linalg.qr(np.random.default_rng(0).standard_normal((4, 4)))[0]
    W = mixing @ W @ mixing.T
    circle = neimark_sacker(W)
    radius, _ = measured(W, np.zeros(4), np.full(4, 0.05))
    assert radius == pytest.approx(circle.radius, rel=0.02)


def test_below_the_bifurcation_there_is_no_circle():
    circle = neimark_sacker(turn(0.98, 0.7))
    assert math.isnan(circle.radius) and "no circle" in repr(circle)
    assert circle.rotation == pytest.approx(0.7 / (2 * math.pi))


@pytest.mark.parametrize(("angle", "resonance"), [(math.pi / 2, 4), (2 * math.pi / 3, 3), (0.7, 0), (0.02, 1)])
def test_strong_resonances_are_named(angle, resonance):
    circle = neimark_sacker(turn(1.01, angle))
    assert circle.resonance == resonance
    assert ("resonance" in repr(circle)) is bool(resonance)


def test_bad_arguments():
    with pytest.raises(ValueError, match="real"):
        neimark_sacker([[1.1, 0.0], [0.0, 0.5]])
    with pytest.raises(ValueError, match="square"):
        neimark_sacker([[1.0, 0.0]])
    with pytest.raises(ValueError, match="b must have shape"):
        neimark_sacker(turn(1.01, 1.0), b=[0.0])
