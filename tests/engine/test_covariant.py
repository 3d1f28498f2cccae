"""Covariant vectors: eigenvectors of a linear map, carried into each other, the flow among them."""

from __future__ import annotations

import math

import numpy as np
import pytest

import lyaplab as ll
from lyaplab.engine.covariant import CovariantVectors, participation_ratio


def same_direction(one: np.ndarray, other: np.ndarray, tolerance: float) -> None:
    """Whether rows are parallel, by the sine of the angle between them."""
    one = one / np.linalg.norm(one, axis=-1, keepdims=True)
    other = other / np.linalg.norm(other, axis=-1, keepdims=True)
    along = (one * other).sum(axis=-1, keepdims=True)
    np.testing.assert_allclose(np.linalg.norm(one - along * other, axis=-1), 0.0, atol=tolerance)


def test_of_a_linear_map_they_are_the_eigenvectors():
    W = np.array([[0.9, 0.4, 0.1], [0.0, 0.6, 0.3], [0.05, 0.0, 0.3]])
    found = ll.Model("linear", W=W).covariant_vectors(30, warmup=200, settle=200)
    values, vectors = np.linalg.eig(W)
    order = np.argsort(-np.abs(values))
    for place in range(3):
        same_direction(found.vectors[:, place], vectors[:, order[place]].real, 1e-12)
    np.testing.assert_allclose(found.exponents, np.log(np.abs(values[order])), atol=1e-12)
    # These are far from orthogonal: Gram-Schmidt vectors would not do.
    assert found.angles(0, 1).max() < 1.0


SYSTEMS = {
    "henon": (ll.Model("henon"), {"warmup": 200, "settle": 200}),
    "lorenz63": (ll.Model("lorenz63"), {"warmup": 3000, "settle": 3000}),
    "tanh": (ll.Model("tanh", n=6, gain=3.0, seed=4), {"warmup": 1000, "settle": 1000}),
}


@pytest.mark.parametrize("stride", [1, 7])
@pytest.mark.parametrize("name", SYSTEMS)
def test_the_dynamics_carries_them_into_each_other(name, stride):
    net, around = SYSTEMS[name]
    found = net.covariant_vectors(70, stride=stride, **around)
    for place, state in enumerate(found.states[:-1]):
        product = np.eye(net.d)
        for _ in range(stride):
            product, state = net.jacobian(state) @ product, net.step(state)
        np.testing.assert_allclose(state, found.states[place + 1], atol=1e-9)
        # Forwards, rounding along the first vector grows over the others: those that fell far behind are lost.
        kept = found.growth[place] > found.growth[place].max() - 18.0
        carried, there = found.vectors[place, kept] @ product.T, found.vectors[place + 1, kept]
        same_direction(carried, there, 1e-6)
        lengths = np.log(np.linalg.norm(carried, axis=1))
        np.testing.assert_allclose(lengths, found.growth[place, kept], atol=1e-6)
        # The sign is kept, too.
        assert ((carried * there).sum(axis=1) > 0).all()
        assert kept.sum() >= 2


@pytest.mark.parametrize("name", SYSTEMS)
def test_their_growth_is_the_spectrum(name):
    net, around = SYSTEMS[name]
    steps = 4000
    found = net.covariant_vectors(steps, stride=5, **around)
    spectrum = net.lyapunov_spectrum(steps, warmup=around["warmup"])
    time = steps * (net.time_step or 1.0)
    # Along the same stretch the two differ by what vectors and frames lean on each other at its ends, a few nats.
    np.testing.assert_allclose(found.exponents, spectrum.exponents, atol=10 / time)


def test_independent_way_to_the_second_vector_of_henon():
    """The stable direction is what the inverse map's tangent falls onto, coming from the future."""
    net, around = SYSTEMS["henon"]
    found = net.covariant_vectors(40, **around)
    path = net.orbit(100, x0=found.states[0])
    stable = np.array([1.0, 0.3])
    for x in path[80::-1]:
        stable = np.linalg.solve(net.jacobian(x), stable)
        stable /= np.linalg.norm(stable)
    same_direction(found.vectors[0, 1], stable, 1e-9)


def test_one_vector_of_a_flow_lies_along_the_field():
    net, around = SYSTEMS["lorenz63"]
    found = net.covariant_vectors(4000, stride=20, **around)
    # The step is Runge-Kutta's: its invariant direction differs from the field by dt⁴.
    same_direction(found.vectors[:, 1], net.field(found.states), 1e-4)
    # Over one stretch, the growth of the field's own length is all there is.
    lengths = np.log(np.linalg.norm(net.field(found.states), axis=1))
    np.testing.assert_allclose(found.growth[:, 1].sum(), lengths[-1] - lengths[0], atol=1e-3)


def test_lorenz_directions_stay_apart():
    """The Lorenz attractor is singular hyperbolic: the stable direction keeps away from the other two."""
    net, around = SYSTEMS["lorenz63"]
    found = net.covariant_vectors(10_000, stride=20, **around)
    assert found.angles(0, 2).min() > 0.1 and found.angles(1, 2).min() > 0.1
    assert (found.angles(0, 2) <= math.pi / 2).all()


def test_henon_has_near_tangencies():
    net, around = SYSTEMS["henon"]
    assert net.covariant_vectors(5000, **around).angles(0, 1).min() < 0.02


def test_first_vectors_do_not_depend_on_how_many_are_asked_for():
    net, around = SYSTEMS["tanh"]
    every, two = net.covariant_vectors(50, **around), net.covariant_vectors(50, k=2, **around)
    for place in (0, 1):
        same_direction(two.vectors[:, place], every.vectors[:, place], 1e-5)


def test_participation_ratio():
    assert participation_ratio(np.eye(5)).tolist() == [1.0] * 5
    assert participation_ratio(np.full(7, 3.0)) == pytest.approx(7.0)
    wave = np.cos(2 * np.pi * np.arange(30) / 30)
    assert participation_ratio(wave) == pytest.approx(20.0)  # (1/2)² over 3/8 of 30
    net, around = SYSTEMS["tanh"]
    ratios = net.covariant_vectors(50, **around).participation_ratios
    assert ratios.shape == (51, 6) and (ratios >= 1.0 - 1e-12).all() and (ratios <= 6.0 + 1e-12).all()


def test_participation_of_independent_units():
    """Units that do not speak to each other: every vector lives on one."""
    net = ll.Model("tanh", W=np.diag([0.9, 0.7, 0.5]))
    np.testing.assert_allclose(net.covariant_vectors(20).participation_ratios, 1.0, atol=1e-9)


def test_inputs_drive_the_orbit():
    net = ll.Model("tanh", n=4, m=1, gain=2.0, seed=0)
    inputs = np.random.default_rng(0).standard_normal((650, 1))
    found = net.covariant_vectors(inputs=inputs, warmup=300, settle=300)
    assert len(found.times) == 51
    np.testing.assert_allclose(found.states[:-1], net.orbit(50, inputs=inputs[:350], warmup=300), atol=1e-12)
    carried = found.vectors[9] @ net.jacobian(found.states[9], inputs=inputs[309]).T
    same_direction(carried, found.vectors[10], 1e-6)


def test_result_is_kept(tmp_path):
    found = SYSTEMS["henon"][0].covariant_vectors(10)
    found.save(tmp_path / "vectors.npz")
    np.testing.assert_array_equal(CovariantVectors.load(tmp_path / "vectors.npz").vectors, found.vectors)
    assert list(found.to_pandas().columns) == ["time", "participation_1", "participation_2"]
    assert "2 of 2 at 11 times" in repr(found)


def test_divergence_names_its_step():
    net = ll.Model("henon", a=1.5)
    with pytest.raises(ll.DivergenceError) as orbit:
        net.orbit(2000)
    for warmup in (0, 500):
        with pytest.raises(ll.DivergenceError) as caught:
            net.covariant_vectors(2000, warmup=warmup)
        assert orbit.value.step - caught.value.step in (0, 1)


BAD = [
    (lambda: ll.Model("henon").covariant_vectors(10, k=3), "k must be at most 2"),
    (lambda: ll.Model("henon").covariant_vectors(0), "steps must be a whole number of at least 1, got 0"),
    (lambda: ll.Model("henon").covariant_vectors(10, stride=11), "stride must be at most 10"),
    (lambda: ll.Model("henon").covariant_vectors(10, x0=np.zeros((2, 2))), "x0 must be one state"),
    (lambda: ll.Model("lorenz96").covariant_vectors(10**6), "these vectors take up to .* GB"),
    (lambda: ll.Model("linear", W=np.diag([0.5, 0.0])).covariant_vectors(10), "one of 2 directions dies at step"),
    (
        lambda: ll.Model("tanh", n=2, m=1).covariant_vectors(inputs=np.zeros((2, 1600, 1))),
        "inputs must be one sequence",
    ),
]


@pytest.mark.parametrize(("call", "text"), BAD, ids=range(len(BAD)))
def test_bad_input_is_named(call, text):
    with pytest.raises(ValueError, match=text):
        call()
