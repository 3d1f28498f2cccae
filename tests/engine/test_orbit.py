"""Orbits: what row 0 is, warm-up, inputs, batches, and the exact step of a divergence."""

from __future__ import annotations

import numpy as np
import pytest

import lyaplab as ll
from lyaplab.engine import orbit as module


def by_hand(net: ll.Model, x0: np.ndarray, inputs: np.ndarray, steps: int) -> np.ndarray:
    """The orbit of a tanh network, in NumPy."""
    W, U, b = (net.weights[name] for name in "WUb")
    path = [np.asarray(x0, dtype=float)]
    for u in inputs[: steps - 1]:
        path.append(np.tanh(W @ path[-1] + U @ u + b))
    return np.array(path)


@pytest.fixture
def net() -> ll.Model:
    return ll.Model("tanh", n=4, m=2, gain=0.9, seed=3)


@pytest.fixture
def inputs() -> np.ndarray:
    return np.random.default_rng(0).standard_normal((30, 2))


def test_row_0_is_the_start(net):
    start = [0.1, 0.2, -0.3, 0.4]
    path = net.orbit(5, x0=start)
    assert path.shape == (5, 4)
    np.testing.assert_array_equal(path[0], start)
    np.testing.assert_array_equal(path[1], net.step(start))


def test_row_0_is_the_first_state_after_the_warmup(net):
    np.testing.assert_array_equal(net.orbit(5, warmup=7), net.orbit(12)[7:])


def test_orbit_agrees_with_numpy(net, inputs):
    path = net.orbit(inputs=inputs)
    assert path.shape == (30, 4)
    np.testing.assert_allclose(path, by_hand(net, net.start, inputs, 30), atol=1e-14)


def test_inputs_cover_the_warmup(net, inputs):
    path = net.orbit(inputs=inputs, warmup=10)
    assert path.shape == (20, 4)
    np.testing.assert_array_equal(path, net.orbit(inputs=inputs)[10:])
    np.testing.assert_array_equal(net.orbit(5, inputs=inputs, warmup=10), path[:5])


def test_batches(net, inputs):
    starts = np.random.default_rng(1).uniform(-1, 1, (3, 4))
    several = net.orbit(x0=starts, inputs=inputs)
    assert several.shape == (30, 3, 4)
    for i, start in enumerate(starts):
        np.testing.assert_allclose(several[:, i], net.orbit(x0=start, inputs=inputs), atol=1e-13)
    sequences = np.stack([inputs, -inputs, 2 * inputs])
    driven = net.orbit(x0=starts, inputs=sequences)
    for i in range(3):
        np.testing.assert_allclose(driven[:, i], net.orbit(x0=starts[i], inputs=sequences[i]), atol=1e-13)
    one_start = net.orbit(inputs=sequences)
    assert one_start.shape == (30, 3, 4)
    np.testing.assert_array_equal(one_start[0], np.tile(net.start, (3, 1)))


def first_bad_step(r: float, x: float) -> int:
    step = 0
    with np.errstate(all="ignore"):
        x = np.float64(x)
        while np.isfinite(x):
            x, step = r * x * (1.0 - x), step + 1
    return step


@pytest.mark.parametrize("start", [0.3, 1.5, -4.0, 1e200])
@pytest.mark.parametrize("warmup", [0, 2, 40])
@pytest.mark.parametrize("chunk", [1, 3, 2_000_000])
def test_divergence_names_the_step(monkeypatch, start, warmup, chunk):
    monkeypatch.setattr(module, "_CHUNK", chunk)
    expected = first_bad_step(4.2, start)
    net = ll.Model("logistic", r=4.2)
    with pytest.raises(ll.DivergenceError, match=f"at step {expected}") as caught:
        net.orbit(60, x0=[start], warmup=warmup)
    assert caught.value.step == expected
    # One state fewer is fine.
    assert np.isfinite(net.orbit(expected, x0=[start])).all()


def test_chunks_do_not_change_an_orbit(monkeypatch, net, inputs):
    whole = net.orbit(inputs=inputs, warmup=4)
    for chunk in (1, 4, 13, 50):
        monkeypatch.setattr(module, "_CHUNK", chunk)
        np.testing.assert_array_equal(net.orbit(inputs=inputs, warmup=4), whole)


def test_divergence_in_a_batch_is_that_of_the_first_row():
    net = ll.Model("logistic", r=4.2)
    steps = [first_bad_step(4.2, start) for start in (0.3, 2.0)]
    assert steps[1] < steps[0]
    with pytest.raises(ll.DivergenceError) as caught:
        net.orbit(60, x0=[[0.3], [2.0]])
    assert caught.value.step == min(steps)


def test_large_states_are_no_divergence():
    """Entries whose sum overflows are finite all the same."""
    net = ll.Model("linear", W=np.eye(3))
    path = net.orbit(4, x0=[1.5e308, 1.5e308, 1.0])
    np.testing.assert_array_equal(path[-1], [1.5e308, 1.5e308, 1.0])
