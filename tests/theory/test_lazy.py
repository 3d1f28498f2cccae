"""The tangent kernel of random networks, and what rich and lazy runs leave behind."""

from __future__ import annotations

import numpy as np
import pytest

import lyaplab as ll
from lyaplab.theory import FilterTask, kernel_rates, lazy_measures, population_gradient, tangent_kernel

LAGS = np.arange(8)


@pytest.mark.parametrize("train", ["W", "all"])
def test_the_kernel_is_made_of_exact_gradients(train):
    net = ll.FilterNetwork.random(5, g=0.8, seed=1)
    rows = []
    for lag in LAGS:
        # Of a loss that counts one lag, and is off by one there, the gradient is that of the filter.
        weights, target = np.eye(len(LAGS))[lag], net.kernel(LAGS) - 1.0
        slopes = population_gradient(FilterTask(target, weights=weights), net.W, net.u, net.v)
        rows.append(np.concatenate([np.ravel(part) for part in (slopes[1:2] if train == "W" else slopes[1:])]))
    expected = np.array(rows) @ np.array(rows).T
    np.testing.assert_allclose(tangent_kernel(net, len(LAGS), train=train), expected, atol=1e-12)


@pytest.mark.parametrize(("g", "train"), [(0.5, "W"), (0.9, "W"), (0.5, "all"), (0.9, "all")])
def test_rates_of_large_random_networks(g, train):
    norms = (1.5, 0.8)
    kernels = [
        tangent_kernel(ll.FilterNetwork.random(300, g=g, norms=norms, seed=seed), len(LAGS), train=train)
        for seed in range(6)
    ]
    mean, rates = np.mean(kernels, axis=0), kernel_rates(g, LAGS, norms=norms, train=train)
    np.testing.assert_allclose(mean.diagonal(), rates, rtol=0.1, atol=0.01)
    # Lags do not disturb each other, but for what is left of order N^-1/2.
    assert np.abs(mean - np.diag(mean.diagonal())).max() < 0.15 * rates.max()


def test_rich_and_lazy():
    task = FilterTask(0.8, horizon=50)

    def run(g, strength):
        net = ll.FilterNetwork.random(100, g=g, norms=strength, seed=3)
        return lazy_measures(ll.learn_filter(net, task, train="all", updates=1500, snapshots=1500, limited=True))

    rich, lazy = run(0.05, 1.0), run(0.9, 4.0)
    assert rich.outliers == 1 and rich.leading.real == pytest.approx(0.8, abs=0.03) and rich.rank < 1.1
    assert rich.change == pytest.approx(0.78, abs=0.05) and rich.relative > 1.0  # ours: .78
    assert lazy.outliers == 0 and lazy.relative < 0.03
