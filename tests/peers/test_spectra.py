"""Spectra of other packages on the same networks: to rounding along one orbit, within the errors along two."""

from __future__ import annotations

import math

import numpy as np
import pytest

from benchmarks.others import PACKAGES, Network, peer
from benchmarks.peers import AGREE_STEPS, check, growth_by_engine, network
from lyaplab.engine.errorbars import standard_error
from lyaplab.kernel import one_blas_thread

CELLS = ("tanh", "gru", "lstm")


@pytest.fixture(params=PACKAGES)
def make(request):
    """What makes a run of a peer."""
    for package in PACKAGES[request.param][0]:
        pytest.importorskip(package)
    with one_blas_thread():
        yield peer(request.param)


@pytest.mark.parametrize("cell", CELLS)
def test_contracting_networks_agree_in_every_exponent(make, cell):
    steps = 300
    net = network(cell, 8, gain=0.7)
    follows = Network.of(net)
    growth = make(follows, steps)()
    assert growth.shape == (steps, net.d)
    expected = growth_by_engine(net, follows.start, steps)
    # lyapax returns its columns sorted.
    np.testing.assert_allclose(np.sort(growth.sum(axis=0)) / steps, np.sort(expected) / steps, rtol=0, atol=1e-8)


@pytest.mark.parametrize("cell", CELLS)
def test_all_exponents_agree_along_one_orbit(make, cell):
    net = network(cell, 12, gain=4.0)
    follows = Network.of(net)
    growth = make(follows, 30)()
    check("it", growth, growth_by_engine(net, follows.start, AGREE_STEPS))


def test_chaotic_networks_agree_within_three_standard_errors(make):
    """Two orbits from the same start part from each other by rounding alone."""
    steps, spacing = 6000, 50
    net = network("tanh", 20, gain=2.5)
    follows = Network.of(net)
    growth = make(follows, steps)()
    times = np.arange(0.0, steps + 1, spacing)
    sums = np.concatenate([np.zeros((1, net.d)), growth.cumsum(axis=0)[spacing - 1 :: spacing]])
    theirs, error = growth.mean(axis=0).max(), standard_error(times, sums)[growth.mean(axis=0).argmax()]
    ours = net.lyapunov_spectrum(steps, x0=follows.start, warmup=200)
    assert ours.exponents[0] > 0.05
    assert abs(theirs - ours.exponents[0]) < 3 * math.hypot(error, ours.stderr[0])


def test_a_peer_that_calculates_something_else_is_not_timed():
    net = network("tanh", 4)
    expected = growth_by_engine(net, Network.of(net).start, AGREE_STEPS)
    growth = np.tile(expected / AGREE_STEPS, (AGREE_STEPS, 1))
    check("the same", growth, expected)
    growth[3, 1] += 1e-6
    with pytest.raises(AssertionError, match="the other differs"):
        check("the other", growth, expected)
