"""Basins: the raster is what following every start by hand gives."""

from __future__ import annotations

import numpy as np
import pytest

import lyaplab as ll


def by_hand(net: ll.Model, basins, steps: int) -> np.ndarray:
    """Follow every start with model.orbit and take the nearest attractor."""
    ny, nx = basins.labels.shape
    low, high = basins.low, basins.high
    xs = low[0] + (high[0] - low[0]) * (np.arange(nx) + 0.5) / nx
    ys = low[1] + (high[1] - low[1]) * (np.arange(ny) + 0.5) / ny
    starts = np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2)
    ends = net.orbit(1, x0=starts, warmup=steps)[0]
    distance = np.linalg.norm(ends[:, None] - basins.attractors[None], axis=2)
    labels = np.where(distance.min(axis=1) < 0.05 * np.max(high - low), distance.argmin(axis=1), -1)
    return labels.reshape(ny, nx)


CASES = [
    ("tanh", "bistable"),
    ("tanh", "three-attractors"),
    ("tanh", "four-attractors"),
    ("rate", "three-attractors"),
    ("rate", "bistable"),
    ("linear", "spiral"),
    ("henon", "settling"),
]


@pytest.mark.parametrize(("name", "preset"), CASES)
def test_raster_equals_brute_force(name, preset):
    net = ll.Model(name, preset=preset)
    steps = 100 if net.time_step is None else 400
    basins = net.basins(resolution=(31, 23), steps=steps)
    assert basins.labels.shape == (23, 31) and basins.done == 1.0
    found = net.fixed_points()
    np.testing.assert_array_equal(basins.attractors, found.points[found.stable])
    np.testing.assert_array_equal(basins.labels, by_hand(net, basins, steps))
    assert set(np.unique(basins.labels)) >= set(range(len(basins.attractors)))


@pytest.mark.parametrize(("name", "preset"), [("tanh", "bistable"), ("tanh", "four-attractors"), ("rate", "bistable")])
def test_basins_of_an_odd_network_are_symmetric(name, preset):
    basins = ll.Model(name, preset=preset).basins(resolution=(40, 40))
    count = len(basins.attractors)
    # Attractors are sorted, so that the mirror image of the first is the last.
    mirrored = np.where(basins.labels >= 0, count - 1 - basins.labels, -1)[::-1, ::-1]
    # A start on the border itself may fall to either side by rounding.
    assert np.mean(mirrored == basins.labels) > 0.99


def test_starts_that_reach_no_attractor():
    cycle = ll.Model("tanh", preset="two-cycle").basins(resolution=(10, 10))
    assert (cycle.labels == -1).all() and len(cycle.attractors) == 0
    assert "shares none" in repr(cycle)
    escaping = ll.Model("henon", preset="settling").basins(low=[-20, -20], high=[20, 20], resolution=(20, 20))
    shares = {label: np.mean(escaping.labels == label) for label in (-1, 0)}
    assert shares[-1] > 0.3 and shares[0] > 0.1


def test_partial_results_fill_from_below():
    parts = list(ll.Model("tanh", preset="three-attractors").iter_basins(resolution=(20, 60)))
    done = [part.done for part in parts]
    assert len(parts) > 1 and done == sorted(done) and done[-1] == 1.0
    first = parts[0]
    rows = round(first.done * 60)
    np.testing.assert_array_equal(first.labels[:rows], parts[-1].labels[:rows])
    assert (first.labels[rows:] == -1).all()


def test_own_attractors_and_window():
    net = ll.Model("tanh", preset="bistable")
    point = net.fixed_points().points[-1]
    basins = net.basins(low=[0.2, 0.2], high=[1.0, 1.0], resolution=(8, 6), attractors=[point])
    assert (basins.labels == 0).all()
    np.testing.assert_array_equal(basins.low, [0.2, 0.2])


def test_input_moves_the_border():
    W = [[1.4, 0.4], [0.4, 0.9]]
    net = ll.Model("tanh", W=W, U=[[1.0], [1.0]])
    shares = [np.mean(net.basins(resolution=(30, 30), inputs=[u]).labels == 1) for u in (0.0, 0.05)]
    assert shares[1] > shares[0] + 0.02


def test_files(tmp_path):
    basins = ll.Model("tanh", preset="bistable").basins(resolution=(8, 6))
    file = tmp_path / "basins.npz"
    basins.save(file)
    back = type(basins).load(file)
    np.testing.assert_array_equal(back.labels, basins.labels)
    assert back.done == 1.0
