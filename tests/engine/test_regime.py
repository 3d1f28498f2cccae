"""The word for what an orbit does in the long run."""

from __future__ import annotations

import math

import numpy as np
import pytest

import lyaplab as ll


@pytest.mark.parametrize(
    ("r", "name", "period"),
    [(0.5, "fixed point", None), (2.8, "fixed point", None), (3.2, "cycle", 2), (3.5, "cycle", 4), (3.55, "cycle", 8),
     (3.83, "cycle", 3), (3.9, "chaos", None), (4.0, "chaos", None), (4.5, "divergent", None)],
)  # fmt: skip
def test_logistic(r, name, period):
    found = ll.Model("logistic", r=r).regime
    assert (found.name, found.period) == (name, period)


@pytest.mark.parametrize("w", [0.5, 0.99, 0.997, -0.997])
def test_slow_decay_is_rest(w):
    found = ll.Model("tanh", w=w).regime
    assert found.name == "fixed point"
    assert found.exponent == pytest.approx(math.log(abs(w)), abs=1e-4)


def test_slow_decay_of_a_large_network_is_rest():
    """Few steps are affordable there: its orbit is still on the way."""
    assert ll.Model("linear", W=0.99 * np.eye(400)).regime.name == "fixed point"


def test_slow_flow_is_not_at_rest():
    assert ll.Model("rate", preset="limit-cycle").with_knobs(dt=0.01).regime.name == "cycle"


@pytest.mark.parametrize("w", [1.01, 1.05, 1.5, -1.05])
def test_growth_without_bound_is_no_chaos(w):
    found = ll.Model("linear", w=w).regime
    assert found.name == "divergent"
    assert "divergent" in str(found)
    assert found.step is None or str(found.step) in str(found)


def test_growing_flow_is_no_chaos():
    @ll.flow(dt=0.05)
    def growth(x, rate=0.3):
        return rate * x

    assert ll.Model(growth).regime.name == "divergent"


def test_divergence_names_the_step():
    found = ll.Model("logistic", r=5.0).regime
    assert found.step == 12 and math.isnan(found.exponent)
    assert str(found) == "divergent: leaves the range of floats at step 12"


def test_quasi_periodic():
    assert ll.Model("tanh", preset="invariant-circle").regime.name == "quasi-periodic"
    assert ll.Model("linear", preset="rotation").regime.name == "quasi-periodic"


def test_flows():
    for preset, name in (("settling", "fixed point"), ("chaos", "chaos"), ("limit-cycle", "cycle")):
        found = ll.Model("lorenz63", preset=preset).regime
        assert found.name == name and found.unit == "time"
        assert found.period is None


@pytest.mark.parametrize(("gain", "name"), [(0.8, "fixed point"), (3.0, "chaos")])
def test_random_networks(gain, name):
    assert ll.Model("tanh", n=100, gain=gain, seed=1).regime.name == name


def test_words():
    assert "settles to a cycle of period 2 (largest exponent -0.916" in str(ll.Model("logistic", r=3.2).regime)
    assert "chaotic (largest exponent 0.69" in str(ll.Model("logistic", r=4.0).regime)
    assert "per time" in str(ll.Model("rate", preset="limit-cycle").regime)


def test_it_is_the_regime_of_the_start():
    """Below the Hopf bifurcation of Lorenz's system chaos and rest live side by side."""
    net = ll.Model("lorenz63", rho=24.4)
    assert net.fixed_points().stable.sum() == 2
    near_rest = net.fixed_points().points[2] + 0.1
    spectrum = net.lyapunov_spectrum(60_000, k=1, warmup=20_000)
    assert spectrum.exponents[0] > 0.5
    assert net.lyapunov_spectrum(20_000, k=1, x0=near_rest, warmup=20_000).exponents[0] < 0
    assert np.isfinite(net.regime.exponent)
