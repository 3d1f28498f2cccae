"""Exact loss and gradient of a linear filter: against differences, against each other, against Lyapunov's equations."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.linalg

from lyaplab.theory import FilterTask, population_gradient

PAIR = 0.8 * np.exp(0.5j)
RNG = np.random.default_rng(3)
TASKS = {
    "last output": FilterTask(PAIR, horizon=12),
    "all outputs": FilterTask("integrator", horizon=9, weights="mean"),
    "own weights": FilterTask([(1.0, 0.9), (-0.5, PAIR)], horizon=5, weights=[0.3, 2.0, 0.0, 1.0, 0.5]),
    "any filter": FilterTask([0.2, -1.0, 0.4, 0.1]),
    "a single lag": FilterTask(0.5, horizon=1),
    "all lags": FilterTask(0.8),
    "all lags of a pair": FilterTask(PAIR),
    "all lags of a sum": FilterTask([(1.0, 0.6), (-0.7, PAIR), (0.3, -0.5)]),
    "continuous": FilterTask(0.3, continuous=True),
    "continuous pair": FilterTask(0.2 + 1.0j, continuous=True),
    "continuous sum": FilterTask([(1.0, 0.3), (0.5, 0.2 + 1.0j)], continuous=True),
}


def network(n, radius=0.5, seed=0):
    rng = np.random.default_rng(seed)
    W = rng.standard_normal((n, n))
    return [W * radius / np.abs(np.linalg.eigvals(W)).max(), rng.standard_normal(n), rng.standard_normal(n)]


def difference(task, weights, which, place, step=1e-3):
    """The slope by one number, by differences of fourth order."""

    def loss(ahead):
        moved = [array.copy() for array in weights]
        moved[which][place] += ahead
        return population_gradient(task, *moved).loss

    return (8.0 * (loss(step) - loss(-step)) - (loss(2.0 * step) - loss(-2.0 * step))) / (12.0 * step)


# Horizons of up to 2n lags go one way through the kernel, longer ones another.
@pytest.mark.parametrize("n", [1, 3, 7])
@pytest.mark.parametrize("name", TASKS)
def test_the_gradient_is_that_of_differences(name, n):
    task, weights = TASKS[name], network(n)
    exact = population_gradient(task, *weights)
    largest = max(np.abs(slope).max() for slope in exact[1:])
    for which, slope in enumerate(exact[1:]):
        for place in list(np.ndindex(slope.shape))[:9]:
            assert slope[place] == pytest.approx(difference(task, weights, which, place), abs=1e-8 * largest)


@pytest.mark.parametrize("target", [0.8, PAIR])
def test_without_a_horizon_it_is_a_very_long_one(target):
    weights = network(6, radius=0.7)
    whole = population_gradient(FilterTask(target), *weights)
    long = population_gradient(FilterTask(target, horizon=200), *weights)
    for one, other in zip(whole, long):
        np.testing.assert_allclose(one, other, rtol=1e-10, atol=1e-12)


def test_continuous_time_by_lyapunovs_equation():
    W, u, v = network(8, radius=0.6)
    c, A = 0.25, W - np.eye(8)
    C = scipy.linalg.solve_continuous_lyapunov(A, -np.outer(u, u))
    heard = np.linalg.solve(c * np.eye(8) - A, u)
    expected = 0.5 * (v @ C @ v - 2.0 * v @ heard + 0.5 / c)
    assert population_gradient(FilterTask(c, continuous=True), W, u, v).loss == pytest.approx(expected, rel=1e-12)


def test_large_networks_need_no_more_terms_than_units():
    W, u, v = network(40, radius=0.995)
    C = scipy.linalg.solve_discrete_lyapunov(W, np.outer(u, u))
    O = scipy.linalg.solve_discrete_lyapunov(W.T, np.outer(v, v))
    exact = population_gradient(FilterTask([(0.0, 0.5)]), W, u, v)
    np.testing.assert_allclose(exact.W, O @ W @ C, atol=1e-9 * np.abs(exact.W).max())
    np.testing.assert_allclose(exact.v, C @ v, atol=1e-9 * np.abs(exact.v).max())


def test_an_unstable_network_has_an_infinite_loss():
    assert population_gradient(FilterTask(0.5), [[1.01]], [1.0], [1.0]).loss == np.inf
    assert population_gradient(FilterTask(0.5, continuous=True), [[1.5]], [1.0], [1.0]).loss == np.inf


def test_a_silent_network_has_half_the_energy_for_its_loss():
    for task in TASKS.values():
        silent = population_gradient(task, np.zeros((2, 2)), np.zeros(2), np.zeros(2))
        assert silent.loss == pytest.approx(0.5 * task.energy, rel=1e-12)
    lags = np.arange(400)
    for task in (TASKS["all lags of a pair"], TASKS["all lags of a sum"]):
        assert task.energy == pytest.approx(np.sum(task.filter(lags) ** 2), rel=1e-12)
