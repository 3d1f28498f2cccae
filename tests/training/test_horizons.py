"""The three theorems on gradients through time (Mikhaeil, Monfared and Durstewitz 2022), each held against numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest

import lyaplab as ll
from lyaplab.cells._network import rotation
from lyaplab.training.horizons import _lacking
from lyaplab.training.reading import as_reading

LONG = 100_000


def at_rest(net: ll.Model) -> tuple[float, float, float]:
    """Norms of dz/dtheta and dL/dtheta at rest, by the implicit function theorem, dz = (I - J)^-1 dF; log |eig J|."""
    W, b = net.weights["W"], net.weights["b"]
    z = net.orbit(1, warmup=2000)[0]
    for _ in range(3):  # Newton, to the last digit
        slopes = 1.0 - np.tanh(W @ z + b) ** 2
        z = z - np.linalg.solve(slopes[:, None] * W - np.eye(len(z)), np.tanh(W @ z + b) - z)
    slopes = 1.0 - z**2
    by_weights = np.concatenate([np.kron(np.eye(len(z)), z), np.eye(len(z))], axis=1) * slopes[:, None]
    J = slopes[:, None] * W
    tangent = np.linalg.solve(np.eye(len(z)) - J, by_weights)
    gradient = 2.0 / len(z) * (z - 1.0) @ tangent
    slowest = np.log(np.abs(np.linalg.eigvals(J)).max())
    return float(np.linalg.norm(tangent)), float(np.linalg.norm(gradient)), float(slowest)


# --- Theorem 1: at stable fixed points and cycles the product vanishes, and gradients stay bounded. ---


@pytest.mark.parametrize("preset", ["unit-bistable", "bistable", "three-attractors", "settling"])
def test_at_a_fixed_point_gradients_go_to_the_closed_form(preset):
    net = ll.Model("tanh", preset=preset)
    found = ll.gradient_horizons(net, LONG, warmup=0)
    tangent, gradient, slowest = at_rest(net)
    assert found.regime == "fixed point" and found.verdict == "gradients stay bounded"
    assert found.log_tangents[-1] == pytest.approx(math.log(tangent), abs=1e-9)
    assert found.log_gradients[-1] == pytest.approx(math.log(gradient), abs=1e-9)
    assert np.ptp(found.log_gradients[found.horizons > 1000]) < 1e-9 and found.log_gradients.max() < 3.0
    # Row 2 of SCIENCE.md: 1e-4. The exponent of the whole orbit has its way to rest in it, too.
    assert found.slope == pytest.approx(slowest, abs=1e-4)
    assert found.exponent == pytest.approx(slowest, abs=1e-4)
    assert found.log_norms[-1] < -1000.0


@pytest.mark.parametrize(("w", "exponent"), [(2.0, -1.7935285065), (1.5, -0.9306102042), (-2.0, -1.7935285065)])
def test_one_unit_at_rest_or_on_its_cycle_has_the_exact_slope(w, exponent):
    found = ll.gradient_horizons(ll.Model("tanh", w=w), LONG)
    assert found.slope == pytest.approx(exponent, abs=1e-8)
    assert found.exponent == pytest.approx(exponent, abs=1e-8)


def test_on_a_cycle_gradients_go_round_among_their_closed_forms():
    """The 2-cycle of the logistic map: x = (r + 1 ± sqrt((r - 3) (r + 1))) / 2r, differentiated by r."""
    found = ll.gradient_horizons(ll.Model("logistic", r=3.2), LONG)
    r = 3.2 + 1e-30j
    closed = []
    for sign in (1.0, -1.0):
        x = (r + 1.0 + sign * np.sqrt((r - 3.0) * (r + 1.0))) / (2.0 * r)
        closed.append(math.log(abs(((x - 1.0) ** 2).imag / 1e-30)))
    settled = found.horizons > 1000
    odd = found.horizons % 2 == 1
    values = found.log_gradients[settled & odd], found.log_gradients[settled & ~odd]
    assert found.regime == "cycle" and found.period == 2 and all(len(value) > 5 for value in values)
    assert sorted(float(value[0]) for value in values) == pytest.approx(sorted(closed), abs=1e-9)
    assert max(np.ptp(value) for value in values) < 1e-9
    assert found.slope == pytest.approx(0.5 * math.log(abs(4 + 2 * 3.2 - 3.2**2)), abs=1e-4)


# --- Theorem 2: on a chaotic orbit everything grows like e^(lambda T). ---

CHAOTIC = {
    "tanh": (ll.Model("tanh", preset="chaos"), None),
    "plrnn": (ll.Model("plrnn", preset="chaos"), None),
    "henon": (ll.Model("henon"), 0.41922),
    "logistic": (ll.Model("logistic", r=4.0), math.log(2.0)),
}


@pytest.mark.parametrize("name", CHAOTIC)
def test_on_a_chaotic_orbit_gradients_grow_by_the_largest_exponent(name):
    net, known = CHAOTIC[name]
    found = ll.gradient_horizons(net, LONG)
    assert found.regime == "chaos" and "explode" in found.verdict
    assert found.slope == pytest.approx(found.exponent, abs=4 * math.hypot(found.stderr, found.exponent_stderr))
    if known is not None:
        assert found.slope == pytest.approx(known, abs=4 * found.stderr)
    # SCIENCE.md, row 41: the slope is the exponent to 5 %, that of gradients too; and all far beyond floats.
    span = LONG * found.time_step
    for logs in (found.log_norms, found.log_tangents, found.log_gradients):
        assert np.isfinite(logs).all()
        assert logs[-1] / span == pytest.approx(found.exponent, rel=0.05)
    assert found.log_gradients[-1] > 10 * math.log(np.finfo(float).max)


# --- Theorem 3: on a quasi-periodic orbit everything grows less than exponentially. ---


def test_on_a_quasi_periodic_orbit_growth_is_below_every_exponential():
    """Behind the Neimark-Sacker bifurcation of two units; exponents 0 and -0.0992 (SCIENCE.md, row 28)."""
    found = ll.gradient_horizons(ll.Model("tanh", W=rotation(1.05, 0.7)), LONG)
    assert found.regime == "quasi-periodic" and found.verdict == "gradients grow less than exponentially"
    assert found.exponent == pytest.approx(0.0, abs=1e-5) and found.slope == pytest.approx(0.0, abs=1e-5)
    for eps in (0.5, 0.1, 0.01, 1e-3, 1e-4):
        within = (found.log_norms < found.horizons * math.log1p(eps)) & (
            found.log_norms > found.horizons * math.log1p(-eps)
        )
        beyond = np.flatnonzero(~within)
        last = found.horizons[beyond[-1]] if len(beyond) else 0
        assert last < 2.0 / eps  # T* of the theorem
    # A shift of the angle's speed moves the phase in proportion to time: gradients grow like T.
    late = found.horizons >= 1000
    power = np.polyfit(np.log(found.horizons[late]), found.log_tangents[late], 1)[0]
    assert power == pytest.approx(1.0, abs=0.05)
    assert found.log_gradients[-1] / LONG < 2e-4


# --- The numbers themselves. ---

NETWORKS = {
    "tanh": ll.Network.random("tanh", 2, n=3, m=1, gain=2.0, seed=1),
    "lstm": ll.Network.random("lstm", 2, n=2, m=1, seed=3),
    "plrnn": ll.Network.random("plrnn", 2, n=4, m=1, seed=4, bias=False),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_the_gradient_of_the_last_step_is_that_of_training(name):
    net, warmup, steps = NETWORKS[name], 3, 40
    inputs = np.random.default_rng(0).standard_normal((warmup + steps, 1))
    found = ll.gradient_horizons(net, steps, count=8, inputs=inputs, warmup=warmup, target=[0.3, -0.2])
    start = net.model.orbit(1, inputs=inputs[: warmup + 1], warmup=warmup)[0]
    assert found.regime == "driven" and found.horizons[-1] == steps
    for T, log_gradient in zip(found.horizons, found.log_gradients, strict=True):
        by_training = ll.loss_gradient(
            net, np.tile([0.3, -0.2], (T, 1)), inputs=inputs[warmup : warmup + T], x0=start, ignore=int(T) - 1
        )
        assert log_gradient == pytest.approx(math.log(np.linalg.norm(by_training.theta)), abs=1e-9)


def test_the_product_is_that_of_the_jacobians():
    net = ll.Model("tanh", preset="chaos")
    found = ll.gradient_horizons(net, 60, count=60, warmup=10)
    product = np.eye(2)
    for x, log_norm in zip(net.orbit(60, warmup=10), found.log_norms, strict=True):
        product = net.jacobian(x) @ product
        assert log_norm == pytest.approx(math.log(np.linalg.norm(product, 2)), abs=1e-9)


@pytest.mark.parametrize("w", [3.0, 40.0, 1e120])
def test_growth_far_beyond_floats_is_exact(w):
    """tanh(w z + b) at its unstable rest z = 0: dz_T/dz_0 = w^T, and dz_T/db = (w^T - 1) / (w - 1)."""
    found = ll.gradient_horizons(ll.Model("tanh", w=w), 20_000, x0=[0.0], warmup=0)
    powers = found.horizons * math.log(w)
    np.testing.assert_allclose(found.log_norms, powers, rtol=1e-12)
    expected = powers + np.log1p(-np.exp(-powers)) - math.log(w - 1.0)
    np.testing.assert_allclose(found.log_tangents, expected, rtol=1e-10, atol=1e-12)
    assert "explode" in found.verdict


def test_partial_results_grow_into_the_whole():
    partials = list(ll.iter_gradient_horizons(ll.Model("tanh", n=12, gain=2.5, seed=1), 20_000))
    lengths = [len(partial.horizons) for partial in partials]
    assert lengths == sorted(lengths) and len(partials[-1].horizons) >= 200
    for partial in partials:
        np.testing.assert_array_equal(partial.log_norms, partials[-1].log_norms[: len(partial.log_norms)])


def test_a_derivative_that_dies_leaves_the_gradient_of_rest():
    found = ll.gradient_horizons(ll.Model("logistic", r=2.0), 1000, x0=[0.5])
    assert found.slope == -math.inf and found.log_norms[-1] == -math.inf
    assert found.log_gradients[-1] == pytest.approx(math.log(0.25), abs=1e-12)  # x = 1 - 1/r


def test_where_gradients_are_lacking_it_is_said(monkeypatch):
    def step(q, x, u, y, w):
        for row in range(x.shape[0]):
            y[row, 0] = 0.5 * x[row, 0]

    own = ll.Model(ll.Cell("own", step=step, size=(1, 0, 1), card=ll.Card(state=("x",), size=1)))
    assert "lacks the gradient" in _lacking(as_reading(own))
    monkeypatch.setattr("lyaplab.training.horizons.MOST_NUMBERS", 1)
    found = ll.gradient_horizons(ll.Model("tanh", preset="chaos"), 500)
    assert "would be 12 numbers" in found.lacking and found.lacking in repr(found)
    assert np.isnan(found.log_gradients).all() and np.isnan(found.log_tangents).all()
    assert np.isfinite(found.log_norms).all() and found.slope > 0.3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"steps": 0}, "steps"),
        ({"count": 0}, "count"),
        ({"target": [1.0, 2.0, 3.0]}, "target"),
        ({"x0": np.zeros((2, 2))}, "x0 must be one state"),
        ({"warmup": -1}, "warmup"),
    ],
)
def test_a_bad_argument_is_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        ll.gradient_horizons(ll.Model("tanh", n=2), **arguments)


def test_only_models_and_linear_networks_are_followed():
    with pytest.raises(TypeError, match="Model or a Network"):
        ll.gradient_horizons("tanh")
    with pytest.raises(ValueError, match="linear readout"):
        ll.gradient_horizons(ll.Network.random("tanh", 3, n=2, kind="softmax"))


def test_an_orbit_that_diverges_names_the_step():
    net = ll.Model("logistic", r=4.0)
    with pytest.raises(ll.DivergenceError) as expected:
        net.orbit(100, x0=[1.01])
    for warmup in (0, 3):
        with pytest.raises(ll.DivergenceError) as caught:
            ll.gradient_horizons(net, 2000, x0=[1.01], warmup=warmup)
        assert caught.value.step == expected.value.step
