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
    np.testing.assert_allclose(basins.attractors, found.points[found.stable], atol=1e-5)
    assert (basins.periods == 1).all()
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


def test_starts_that_reach_none_of_the_given_attractors():
    net = ll.Model("tanh", preset="two-cycle")
    cycle = net.basins(resolution=(10, 10), attractors=np.empty((0, 2)))
    assert (cycle.labels == -1).all() and len(cycle.attractors) == 0
    assert "shares none" in repr(cycle)
    window = {"low": [-20, -20], "high": [20, 20], "resolution": (20, 20)}
    henon = ll.Model("henon", preset="settling")
    found = henon.fixed_points()
    given = henon.basins(attractors=found.points[found.stable], **window)
    assert np.mean(given.labels == -1) > 0.3 and np.mean(given.labels == 0) > 0.1


def test_starts_that_leave_every_range():
    henon = ll.Model("henon", preset="settling")
    basins = henon.basins(low=[-20, -20], high=[20, 20], resolution=(20, 20))
    starts = np.stack(np.meshgrid(*[np.arange(-19.0, 20.0, 2.0)] * 2), axis=-1).reshape(-1, 2)
    for start, label in zip(starts, basins.labels.ravel(), strict=True):
        try:
            henon.orbit(100, x0=start)
            assert label == 0
        except ll.DivergenceError:
            assert label == -2
    assert "leave" in repr(basins)


@pytest.mark.parametrize(("preset", "period"), [("two-cycle", 2), ("four-cycle", 4), ("invariant-circle", 0)])
def test_cycles_and_sets_are_found(preset, period):
    net = ll.Model("tanh", preset=preset)
    basins = net.basins(resolution=(30, 30), steps=400)
    assert set(basins.periods.tolist()) == {period}
    assert (basins.labels >= 0).mean() > 0.99
    for owner in range(len(basins.periods)):
        points = basins.points[basins.owners == owner]
        distances = np.linalg.norm(net.step(points)[:, None] - points[None], axis=2).min(axis=1)
        # The image of an attractor is the attractor: exactly for a cycle, as densely as it is sampled for a set.
        assert distances.max() < (1e-6 if period else 0.1)


def test_a_plane_of_a_larger_system():
    # Two switches that do not feel the third unit.
    W = [[1.8, 0.2, 0.0], [0.2, 1.8, 0.0], [0.0, 0.0, 0.5]]
    whole = ll.Model("tanh", W=W).basins(axes=("h1", "h2"), x0=[0, 0, 0.3], resolution=(21, 20))
    plane = ll.Model("tanh", W=[row[:2] for row in W[:2]]).basins(resolution=(21, 20))
    np.testing.assert_array_equal(whole.labels, plane.labels)
    np.testing.assert_allclose(whole.attractors, plane.attractors, atol=1e-9)
    turned = ll.Model("tanh", W=W).basins(axes=("h2", "h1"), x0=[0, 0, 0.3], resolution=(20, 21))
    share = np.mean([np.sum(turned.labels == i) == np.sum(plane.labels == i) for i in (0, 3)])
    assert share == 1.0


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
