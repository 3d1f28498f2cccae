"""Disc and ellipse of eigenvalues, against eigenvalues."""

from __future__ import annotations

import math

import numpy as np
import pytest

import lyaplab as ll
from lyaplab.kernel import one_blas_thread
from lyaplab.theory import circular_law, critical_gain


def drawn(gain: float, symmetry: float, n: int = 300) -> np.ndarray:
    """Eigenvalues of a matrix whose entries across the diagonal are correlated."""
    rng = np.random.default_rng(5)
    even, odd = rng.standard_normal((2, n, n))
    even, odd = (even + even.T) / math.sqrt(2), (odd - odd.T) / math.sqrt(2)
    W = math.sqrt((1 + symmetry) / 2) * even + math.sqrt((1 - symmetry) / 2) * odd
    with one_blas_thread():
        return np.linalg.eigvals(gain * W / math.sqrt(n))


def test_radius_of_the_disc():
    """Row 43."""
    W = ll.Model("tanh", n=300, gain=0.9, seed=0).weights["W"]
    with one_blas_thread():
        moduli = np.abs(np.linalg.eigvals(W))
    law = circular_law(0.9)
    assert moduli.max() == pytest.approx(law.radius, rel=0.05)
    for radius in (0.3, 0.5, 0.7):
        assert np.mean(moduli < radius) == pytest.approx(law.share_within(radius), abs=0.03)


@pytest.mark.parametrize("symmetry", [-0.6, 0.0, 0.5])
def test_the_ellipse(symmetry):
    values, law = drawn(1.5, symmetry), circular_law(1.5, symmetry=symmetry)
    across, up = law.half_axes
    assert values.real.max() == pytest.approx(law.abscissa, rel=0.08)
    assert np.abs(values).max() == pytest.approx(law.radius, rel=0.08)
    inside = np.hypot(values.real / across, values.imag / up) < 0.5
    assert inside.mean() == pytest.approx(0.25, abs=0.03)
    assert law.density * math.pi * across * up == pytest.approx(1.0)


def test_outline_is_closed_and_on_the_edge():
    law = circular_law(2.0, symmetry=0.25)
    x, y = law.outline(37)
    assert x.shape == y.shape == (37,) and x[0] == pytest.approx(x[-1]) and y[-1] == pytest.approx(0.0, abs=1e-12)
    np.testing.assert_allclose((x / 2.5) ** 2 + (y / 1.5) ** 2, 1.0)


def test_share_within_is_clipped_and_only_for_the_disc():
    np.testing.assert_array_equal(circular_law(2.0).share_within([0.0, 1.0, 5.0]), [0.0, 0.25, 1.0])
    assert circular_law(0.0).share_within(0.1) == 1.0
    with pytest.raises(ValueError, match="symmetry 0"):
        circular_law(1.0, symmetry=0.5).share_within(0.1)


def test_a_line_has_infinite_density():
    assert circular_law(1.0, symmetry=1.0).density == math.inf


@pytest.mark.parametrize("dynamics", ["map", "flow"])
@pytest.mark.parametrize("symmetry", [-0.5, 0.0, 0.5])
def test_rest_is_lost_at_the_critical_gain(dynamics, symmetry):
    values = drawn(1.0, symmetry)
    edge = np.abs(values).max() if dynamics == "map" else values.real.max()
    assert critical_gain(dynamics, symmetry=symmetry) == pytest.approx(1.0 / edge, rel=0.08)


def test_an_antisymmetric_flow_never_loses_rest():
    assert critical_gain("flow", symmetry=-1.0) == math.inf


@pytest.mark.parametrize("cell", ["tanh", "rate"])
def test_networks_die_below_and_live_above(cell):
    """Row 29."""
    for gain, alive in ((0.8, False), (1.4, True)):
        path = ll.Model(cell, n=200, gain=gain, seed=1).orbit(5, x0=np.full(200, 0.5), warmup=1500)
        assert bool(np.abs(path).max() > 0.05) is alive


def test_bad_arguments():
    with pytest.raises(ValueError, match="did you mean 'map'"):
        critical_gain("maps")
    with pytest.raises(ValueError, match="symmetry"):
        circular_law(1.0, symmetry=1.5)
    with pytest.raises(ValueError, match="gain"):
        circular_law(-1.0)
