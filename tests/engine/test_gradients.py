"""Gradients against lag: the product of Jacobians read backwards is the product read forwards."""

from __future__ import annotations

import math

import numpy as np
import pytest

import lyaplab as ll
from lyaplab.engine.gradients import log_lags

SYSTEMS = {
    "tanh": ll.Model("tanh", n=6, gain=2.0, seed=1),
    "rate": ll.Model("rate", n=6, gain=3.0, seed=1),
    "linear": ll.Model("linear", n=3, gain=0.9, seed=0),
    "henon": ll.Model("henon"),
    "lorenz63": ll.Model("lorenz63"),
}


def product(net: ll.Model, states: np.ndarray) -> np.ndarray:
    """The forward product J_T ... J_1 along some states."""
    result = np.eye(net.d)
    for x in states:
        result = net.jacobian(x) @ result
    return result


@pytest.mark.parametrize("name", SYSTEMS)
@pytest.mark.parametrize("lags", [1, 2, 25])
def test_backward_norms_are_those_of_forward_products(name, lags):
    net = SYSTEMS[name]
    measured = net.gradient_norms(lags, warmup=100)
    states = net.orbit(lags, warmup=100)
    forward = [math.log(np.linalg.norm(product(net, states[lags - lag :]), 2)) for lag in range(lags + 1)]
    np.testing.assert_array_equal(measured.lags, np.arange(lags + 1))
    np.testing.assert_allclose(measured.log_norms, forward, atol=1e-9)
    assert measured.log_norms[0] == 0.0


CHAOTIC = (
    ll.Model("logistic", r=3.9),
    ll.Model("henon"),
    ll.Model("lorenz63"),
    ll.Model("tanh", n=50, gain=2.0, seed=3),
)


@pytest.mark.parametrize("net", CHAOTIC, ids=lambda net: net.cell.name)
def test_slope_is_the_largest_exponent(net):
    lags = 4000
    norms, spectrum = net.gradient_norms(lags), net.lyapunov_spectrum(lags, k=1)
    assert norms.unit == spectrum.unit
    assert norms.slope == pytest.approx(spectrum.exponents[0], abs=4 * math.hypot(norms.stderr, spectrum.stderr[0]))
    assert norms.slope > 0 and "grows by" in repr(norms)


def test_stable_network_forgets():
    norms = ll.Model("tanh", n=20, gain=0.8, seed=1).gradient_norms(300)
    assert norms.slope < 0 and "shrinks by" in repr(norms)
    radius = np.abs(np.linalg.eigvals(ll.Model("tanh", n=20, gain=0.8, seed=1).weights["W"])).max()
    assert norms.slope == pytest.approx(math.log(radius), abs=0.01)


def test_nothing_overflows_over_long_lags():
    norms = ll.Model("logistic", r=4.0).gradient_norms(50_000)
    assert np.isfinite(norms.log_norms).all()
    assert norms.log_norms[-1] == pytest.approx(50_000 * math.log(2), rel=2e-3)
    assert norms.slope == pytest.approx(math.log(2), abs=0.005)


def test_a_hundred_thousand_lags_read_the_same_backwards_as_forwards():
    """Duality at all lengths: the largest exponent of the whole run is the slope to the longest lag."""
    net = ll.Model("tanh", n=20, gain=2.5, seed=1)
    lags = 100_000
    norms = net.gradient_norms(lags)
    assert len(norms.lags) == 401 and norms.lags[-1] == lags and np.isfinite(norms.log_norms).all()
    spectrum = net.lyapunov_spectrum(lags, k=1)
    assert spectrum.exponents[0] > 0.01
    # The same product of Jacobians: the spectral norm exceeds a tangent's growth by a few nats in all.
    assert norms.log_norms[-1] / lags == pytest.approx(spectrum.exponents[0], abs=10 / lags)
    assert norms.slope == pytest.approx(spectrum.exponents[0], abs=4 * math.hypot(norms.stderr, spectrum.stderr[0]))


def test_slope_of_a_batch_of_starts_scatters_as_its_error_says():
    net = ll.Model("logistic", r=3.9)
    rng = np.random.default_rng(0)
    runs = [net.gradient_norms(2000, x0=[x]) for x in rng.uniform(0.1, 0.9, 30)]
    scatter = np.std([run.slope for run in runs], ddof=1)
    said = np.sqrt(np.mean([run.stderr**2 for run in runs]))
    assert 0.5 < said / scatter < 2.0


def test_nothing_underflows_over_long_lags():
    norms = ll.Model("linear", W=[[0.5, 0.0], [0.0, 0.25]]).gradient_norms(20_000)
    np.testing.assert_allclose(norms.log_norms, norms.lags * math.log(0.5), rtol=1e-12)


def test_lags_are_all_to_200_then_spaced():
    lags = log_lags(10_000)
    np.testing.assert_array_equal(lags[:201], np.arange(201))
    assert lags[-1] == 10_000 and (np.diff(lags) > 0).all() and len(lags) <= 401
    np.testing.assert_array_equal(log_lags(200), np.arange(201))
    assert log_lags(201)[-1] == 201


def test_dead_direction():
    norms = ll.Model("linear", W=[[0.0]]).gradient_norms(5)
    assert norms.log_norms[0] == 0.0 and np.isneginf(norms.log_norms[1:]).all()
    assert norms.slope == -math.inf


def test_inputs_drive_the_product():
    net = ll.Model("tanh", n=4, m=1, gain=2.0, seed=0)
    inputs = 3.0 * np.random.default_rng(0).standard_normal((130, 1))
    measured = net.gradient_norms(30, inputs=inputs, warmup=100)
    states = net.orbit(30, inputs=inputs, warmup=100)
    forward = np.eye(4)
    for x, u in zip(states, inputs[100:], strict=True):
        forward = net.jacobian(x, inputs=u) @ forward
    assert measured.log_norms[-1] == pytest.approx(math.log(np.linalg.norm(forward, 2)), abs=1e-9)


@pytest.mark.parametrize("warmup", [0, 5, 500])
def test_divergence_is_counted_from_the_start(warmup):
    net = ll.Model("henon", a=1.5)
    with pytest.raises(ll.DivergenceError) as by_orbit:
        net.orbit(2000)
    with pytest.raises(ll.DivergenceError) as caught:
        net.gradient_norms(2000, warmup=warmup)
    assert caught.value.step == by_orbit.value.step


def test_table_and_files(tmp_path):
    norms = ll.Model("henon").gradient_norms(20)
    assert list(norms.to_pandas().columns) == ["lag", "log_norm"]
    file = tmp_path / "norms.npz"
    norms.save(file)
    back = type(norms).load(file)
    np.testing.assert_array_equal(back.log_norms, norms.log_norms)
    assert (back.slope, back.stderr, back.unit) == (norms.slope, norms.stderr, norms.unit)
