"""Does a driven network forget its start? The exponent under the inputs, and replicas that see the same."""

from __future__ import annotations

import math

import numpy as np
import pytest

import lyaplab as ll
from lyaplab.engine.conditional import ConditionalExponent


def noisy(noise: float, *, n: int = 200, gain: float = 2.0, steps: int = 2500) -> ConditionalExponent:
    """A random tanh network, every unit of which gets white noise of its own (SCIENCE, row 30b)."""
    rng = np.random.default_rng(0)
    W = gain / math.sqrt(n) * rng.standard_normal((n, n))
    inputs = noise * rng.standard_normal((steps + 500, n))
    return ll.Model("tanh", W=W, U=np.eye(n)).conditional_exponent(inputs)


def test_strong_noise_makes_a_chaotic_network_forget():
    calm, loud = noisy(0.0), noisy(2.0)
    assert calm.exponent > 0.1 and calm.verdict == "does not forget its start"
    assert calm.fallen < 1.0 and math.isnan(calm.replica_exponent)
    assert loud.exponent < -0.1 and loud.verdict == "forgets its start"
    assert loud.fallen > 20.0


def test_replicas_draw_together_at_the_exponent():
    for noise in (2.0, 3.0):
        found = noisy(noise)
        assert 0.0 < found.replica_stderr < 0.2 * abs(found.exponent)
        error = math.hypot(found.stderr, found.replica_stderr)
        assert found.replica_exponent == pytest.approx(found.exponent, abs=3 * error)


def test_the_exponent_is_that_of_the_spectrum():
    net = ll.Model("tanh", n=10, m=2, gain=1.2, seed=3)
    inputs = np.random.default_rng(0).standard_normal((1500, 2))
    found = net.conditional_exponent(inputs)
    spectrum = net.lyapunov_spectrum(inputs=inputs, k=1)
    assert (found.exponent, found.stderr, found.steps) == (spectrum.exponents[0], spectrum.stderr[0], 1000)


def test_linear_network_forgets_at_its_eigenvalue():
    """Differences of a linear network do not see the input at all."""
    net = ll.Model("linear", W=[[0.9, 0.0], [0.0, 0.5]], U=[[1.0], [1.0]])
    found = net.conditional_exponent(np.random.default_rng(1).standard_normal((1500, 1)))
    assert found.exponent == pytest.approx(math.log(0.9), abs=1e-9)
    assert found.replica_exponent == pytest.approx(math.log(0.9), abs=1e-3)
    steps = np.arange(100)
    falls = found.log_distances[:100, 0] - found.log_distances[0, 0]
    np.testing.assert_allclose(falls[40:], falls[40] + math.log(0.9) * (steps[40:] - 40), atol=1e-6)


def test_two_states_that_each_attract_are_not_forgotten():
    """All exponents are negative, and yet the sign of the start is kept."""
    net = ll.Model("tanh", W=[[2.0]], U=[[0.05]])
    found = net.conditional_exponent(np.random.default_rng(0).standard_normal((1500, 1)), replicas=8)
    assert found.exponent < -1.0 and found.verdict == "does not forget its start"
    assert found.fallen < 1.0


def test_too_short_a_run_says_so():
    net = ll.Model("linear", W=[[0.999]], U=[[1.0]])
    assert net.conditional_exponent(np.ones((300, 1)), warmup=100).verdict == "undecided"


def test_distances_begin_with_the_starts():
    net = ll.Model("tanh", n=3, m=1, gain=0.5, seed=1)
    found = net.conditional_exponent(np.zeros((600, 1)), x0=[0.1, 0.2, 0.3], replicas=5)
    assert found.log_distances.shape[1] == 5 and found.times[0] == 0.0
    assert len(found.times) == len(found.log_distances)
    others = np.random.default_rng(0).uniform(*net.view, (5, 3))
    np.testing.assert_allclose(found.log_distances[0], np.log(np.linalg.norm(others - [0.1, 0.2, 0.3], axis=1)))
    after = net.step(others) - net.step([0.1, 0.2, 0.3])
    np.testing.assert_allclose(found.log_distances[1], np.log(np.linalg.norm(after, axis=1)), atol=1e-12)


def test_per_unit_of_time():
    net = ll.Model("rate", n=5, m=1, gain=0.5, seed=1)
    found = net.conditional_exponent(np.random.default_rng(0).standard_normal((3000, 1)))
    assert found.unit == "time" and found.times[1] == pytest.approx(net.time_step)
    assert found.replica_exponent == pytest.approx(found.exponent, rel=0.2)


def test_result_is_kept(tmp_path):
    found = noisy(2.0, n=20, steps=300)
    found.save(tmp_path / "conditional.npz")
    back = ConditionalExponent.load(tmp_path / "conditional.npz")
    assert back.verdict == found.verdict and back.exponent == found.exponent
    assert list(found.to_pandas().columns)[:2] == ["time", "log_distance_1"]
    assert "forgets its start" in repr(found)


def test_divergence_names_its_step():
    net = ll.Model("linear", W=[[3.0]], U=[[1.0]])
    inputs = np.ones((3000, 1))
    with pytest.raises(ll.DivergenceError) as caught:
        net.conditional_exponent(inputs, x0=[1.0])
    with pytest.raises(ll.DivergenceError) as orbit:
        net.orbit(inputs=inputs, x0=np.vstack([[[1.0]], np.random.default_rng(0).uniform(*net.view, (4, 1))]))
    assert caught.value.step == orbit.value.step


BAD = [
    (lambda: ll.Model("henon").conditional_exponent(np.zeros((600, 1))), "this one has m=0"),
    (lambda: ll.Model("tanh", n=2, m=1).conditional_exponent(np.zeros((600, 2))), r"inputs must have shape \(any, 1\)"),
    (lambda: ll.Model("tanh", n=2, m=1).conditional_exponent(np.zeros((500, 1))), "inputs must cover warmup"),
    (lambda: ll.Model("tanh", n=2, m=1).conditional_exponent(np.zeros((2, 600, 1))), "inputs must be one sequence"),
    (lambda: ll.Model("tanh", n=2, m=1).conditional_exponent(np.full((600, 1), np.nan)), r"inputs\[0, 0\] is nan"),
    (
        lambda: ll.Model("tanh", n=2, m=1).conditional_exponent(np.zeros((600, 1)), replicas=0),
        "replicas must be a whole number of at least 1",
    ),
]


@pytest.mark.parametrize(("call", "text"), BAD, ids=range(len(BAD)))
def test_bad_input_is_named(call, text):
    with pytest.raises(ValueError, match=text):
        call()
