"""The numbers of a page: exact where an exact answer is known, else those of the Model's own methods."""

from __future__ import annotations

import math

import numpy as np
import pytest

import lyaplab as ll

RNG = np.random.default_rng(3)


@pytest.fixture(scope="module")
def linear():
    """Eigenvalues 1/2 and 1/4, far from normal."""
    return ll.report(ll.Model("linear", W=[[0.5, 1.0], [0.0, 0.25]]), steps=2000)


def test_a_linear_network_has_the_logarithms_of_its_eigenvalues(linear):
    assert linear.exponents == pytest.approx([math.log(0.5), math.log(0.25)], abs=1e-9)
    assert linear.spectrum.exponents.sum() == pytest.approx(math.log(0.125), abs=1e-9)
    assert linear.kaplan_yorke == 0.0 and linear.entropy_rate == 0.0
    assert linear.horizon == pytest.approx(1.0 / math.log(2.0), abs=1e-8)
    assert linear.memory.kind == "forgets"
    assert linear.verdict.name == "fixed point" and linear.verdict.agree


def test_gradients_of_a_linear_network_grow_by_its_largest_eigenvalue(linear):
    assert linear.gradients.slope == pytest.approx(math.log(0.5), abs=1e-9)
    assert linear.gradients.lag_for(1000.0) == pytest.approx(math.log(1000.0) / math.log(2.0), abs=1e-6)


def test_the_weights_figures_are_those_of_linear_algebra(linear):
    W = np.array([[0.5, 1.0], [0.0, 0.25]])
    singular = np.linalg.svd(W, compute_uv=False)
    assert linear.weights.radii == pytest.approx([0.5])
    assert [linear.weights.largest[0], linear.weights.smallest[0]] == pytest.approx(list(singular))
    assert linear.weights.largest[0] * linear.weights.smallest[0] == pytest.approx(0.125)  # |det W|
    assert linear.weights.gains == pytest.approx([math.sqrt((0.25 + 1.0 + 0.0625) / 2.0)])


def test_a_linear_network_rests_at_zero_alone(linear):
    assert linear.fixed_points.points == pytest.approx(np.zeros((1, 2)), abs=1e-12)
    assert list(linear.fixed_points.kinds) == ["stable node"]


def test_two_tanh_units_at_rest():
    page = ll.report(ll.Model("tanh", n=2, W=[[0.8, 0.0], [0.0, 0.4]]), steps=1000)
    assert page.exponents == pytest.approx([math.log(0.8), math.log(0.4)], abs=1e-9)
    assert page.horizon == pytest.approx(4.4814201, abs=1e-6)  # 1/|ln 0.8|
    assert page.verdict.name == "fixed point"
    assert page.echo is None and "echo" not in page.sections


def test_the_logistic_map_at_4_doubles_errors():
    page = ll.report(ll.Model("logistic", r=4.0), steps=20_000)
    assert abs(page.exponents[0] - math.log(2.0)) < 4.0 * page.spectrum.stderr[0] + 1e-3
    assert page.entropy_rate == page.exponents[0] and page.kaplan_yorke == 1.0
    assert page.verdict.name == "chaos" and page.memory.kind == "predicts"
    assert page.horizon == pytest.approx(1.0 / math.log(2.0), rel=0.02)
    assert page.memory.stderr == pytest.approx(page.spectrum.stderr[0] / page.exponents[0] ** 2)
    assert "weights" not in page.sections  # it has none


def test_what_the_model_itself_measures_is_on_the_page():
    net = ll.Model("tanh", n=2, preset="chaos")
    page = ll.report(net, steps=1500, warmup=200, k=1, starts=32)
    assert page.exponents == pytest.approx(net.lyapunov_spectrum(1500, k=1, warmup=200).exponents, abs=0.0)
    assert page.fixed_points.points == pytest.approx(net.fixed_points(32).points, abs=0.0)
    first = net.gradient_norms(200, x0=net.orbit(1, warmup=200)[0], warmup=0)
    assert page.gradients.log_norms[0] == pytest.approx(first.log_norms, abs=0.0)
    assert page.gradients.slope == pytest.approx(page.gradients.slopes.mean())
    # Four stretches of 200 steps see the exponent that the whole run has.
    assert abs(page.gradients.slope - page.exponents[0]) < 4.0 * page.gradients.stderr


def test_a_driven_network_forgets_its_start():
    net = ll.Model("tanh", n=2, m=1, gain=0.6, seed=1)
    inputs = RNG.standard_normal((3, 400, 1))
    page = ll.report(net, inputs, warmup=100)
    alone = np.array([net.lyapunov_spectrum(inputs=each, warmup=100).exponents for each in inputs])
    assert page.exponents == pytest.approx(alone.mean(axis=0))
    assert page.spectrum.stderr == pytest.approx(alone.std(axis=0, ddof=1) / math.sqrt(3))
    assert page.verdict.name == "contracting"
    assert page.echo.verdict == "forgets its start" and len(page.echo.exponents) == 3
    assert page.echo.exponents[1] == pytest.approx(alone[1, 0], abs=1e-9)
    # The other starts, which know no tangents, draw near at the same rate.
    assert page.echo.replica_exponents == pytest.approx(page.echo.exponents, rel=0.3)
    held = net.fixed_points(256, inputs=inputs.mean(axis=(0, 1)))
    assert page.fixed_points.points == pytest.approx(held.points)
    assert (page.drive.sequences, page.drive.length, page.drive.warmup) == (3, 400, 100)


def test_one_sequence_is_cut_into_stretches():
    net = ll.Model("tanh", n=2, m=1, gain=0.6, seed=1)
    inputs = RNG.standard_normal((900, 1))
    page = ll.report(net, inputs, warmup=100, sections=["gradients", "echo"])
    assert len(page.gradients.slopes) == 4 and len(page.echo.exponents) == 1
    second = net.gradient_norms(200, inputs=inputs, warmup=300)
    assert page.gradients.slopes[1] == pytest.approx(second.slope)


def test_gates_and_layers_are_told_apart():
    gru = ll.Model("gru", n=3, m=2, seed=1)
    stack = ll.Model.stack([gru, ll.Model("tanh", n=2, m=3, seed=2)])
    page = ll.report(stack, sections=["weights"])
    assert list(page.weights.names) == ["W1 (gate r)", "W1 (gate z)", "W1 (gate n)", "W2"]
    blocks = np.split(gru.weights["W"], 3)
    assert page.weights.largest[:3] == pytest.approx([np.linalg.norm(block, 2) for block in blocks])
    assert np.sort(np.abs(page.weights.by_name["W1 (gate z)"])) == pytest.approx(
        np.sort(np.abs(np.linalg.eigvals(blocks[1])))
    )
    assert page.identity.made.startswith("Model.stack([Model('gru'")
    assert page.identity.d == 5
