"""Five equations of a pair against the exact gradient of two units, and what learning conserves."""

from __future__ import annotations

import numpy as np
import pytest

import lyaplab as ll
from lyaplab.theory import FilterTask, conserved, pair_flow

PAIR = 0.8 * np.exp(0.5j)
TASK = FilterTask(PAIR, horizon=50)


@pytest.mark.parametrize("task", [TASK, FilterTask(0.3 + 0.8j, continuous=True)], ids=repr)
def test_five_equations_are_the_flow_of_two_units(task):
    angle, norm = 1.2, 0.8
    p, q = norm * np.cos(0.5 * angle), norm * np.sin(0.5 * angle)
    net = ll.FilterNetwork(np.zeros((2, 2)), [p, q], [p, -q])
    run = ll.learn_filter(net, task, train="all", method="flow", rate=0.02, updates=300, snapshots=100)
    theory = pair_flow(task, times=run.snapshot_times, angle=angle, norm=norm)
    a, b, d, p, q = theory.variables[-1]
    np.testing.assert_allclose(run.W, [[a, -b], [b, d]], atol=1e-7)
    np.testing.assert_allclose([run.u, run.v], [[p, q], [p, -q]], atol=1e-7)
    np.testing.assert_allclose(theory.loss, run.snapshot_loss, atol=1e-8)
    assert np.ptp(theory.conserved) < 1e-8


def test_a_pair_is_born_by_a_collision_and_finds_its_place():
    flow = pair_flow(TASK, until=40.0, norm=0.3)
    pair = flow.eigenvalues
    born = flow.times[np.argmax(np.abs(pair[:, 0].imag) > 0.0)]
    assert born == pytest.approx(4.5, abs=0.5)
    assert (pair[flow.times < born].imag == 0.0).all()
    np.testing.assert_allclose(pair[-1], [PAIR, PAIR.conjugate()], atol=1e-6)
    assert flow.loss[-1] < 1e-20


def test_parallel_input_and_output_never_oscillate():
    stuck = pair_flow(TASK, until=40.0, angle=0.0)
    assert (stuck.variables[:, [1, 4]] == 0.0).all() and (stuck.eigenvalues.imag == 0.0).all()
    assert stuck.loss[-1] > 0.1
    # An angle between them is enough.
    assert pair_flow(TASK, until=40.0, angle=0.2).loss[-1] < 1e-6


def test_two_time_scales_are_learnt_one_after_the_other():
    task = FilterTask([(1.4, 0.95), (-0.4, 0.5)], horizon=100)
    slow, fast = pair_flow(task, times=[0.0, 0.6, 5.0, 200.0], angle=0.5).eigenvalues.real.T
    np.testing.assert_allclose(slow[1:], 0.95, atol=0.005)
    np.testing.assert_allclose(fast, [0.0, 0.0, 0.2, 0.5], atol=0.03)
    np.testing.assert_allclose([slow[-1], fast[-1]], [0.95, 0.5], atol=1e-6)


def test_two_time_scales_of_one_sign_need_more_than_the_plane_of_input_and_output():
    task = FilterTask([(0.5, 0.95), (0.5, 0.5)], horizon=100)
    stuck = pair_flow(task, times=[0.0, 30.0, 1000.0], angle=0.5)
    # The second one would have to be read with the other sign: what is left is the best single exponential.
    assert stuck.loss[1] == pytest.approx(stuck.loss[2], rel=1e-3) and stuck.loss[2] > 0.05
    assert abs(stuck.eigenvalues[-1, 1]) < 0.05


def test_W_alone_leaves_the_strengths_as_they_are():
    flow = pair_flow(TASK, until=5.0, angle=0.7, train="W")
    assert np.ptp(flow.variables[:, 3:], axis=0).max() == 0.0 and flow.loss[-1] < flow.loss[0]


def test_row_40_learning_conserves_Q():
    net = ll.FilterNetwork.random(12, g=0.5, norms=(1.0, 0.6), seed=2)
    for task in (TASK, FilterTask(0.8), FilterTask(0.3 + 1.0j, continuous=True)):
        run = ll.learn_filter(net, task, train="all", method="flow", rate=0.01, updates=200)
        moved = np.abs(run.W - run.W0).max()
        change = conserved(run.W, run.u, run.v) - conserved(run.W0, run.u0, run.v0)
        assert moved > 0.05 and np.abs(change).max() < 1e-6


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"start": [0.0, 1.0]}, "start must have shape"),
        ({"train": "w"}, "unknown train .w.: Known: W, all"),
        ({"norm": -1.0}, "norm"),
    ],
)
def test_bad_input(arguments, message):
    with pytest.raises(ValueError, match=message):
        pair_flow(TASK, **arguments)
