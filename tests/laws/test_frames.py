"""What a spectrum does not depend on: the order and the signs of units, the basis, and the frame it starts from.

Runs are short and begin at tangents of the test's own, so that equal things are equal to rounding and not only in the
long run.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lyaplab as ll
from lyaplab.engine.spectrum import BUDGET, TangentRun

SEEDS = st.integers(0, 9999)
SIZES = st.integers(2, 7)
STEPS = 15


def growth(net: ll.Model, x0: np.ndarray, frame: np.ndarray, *, budget: float = 0.0) -> np.ndarray:
    """Growth of the tangents that begin as the rows of `frame`, in nats per step."""
    run = TangentRun(net.cell, net._p, x0=x0, inputs=np.zeros((1, net.m)), k=len(frame), warmup=0, budget=budget)
    run._work[4][:] = frame
    run.advance(STEPS, spacing=STEPS)
    return run.sums / STEPS


def orthogonal(n: int, rng: np.random.Generator) -> np.ndarray:
    return np.linalg.qr(rng.standard_normal((n, n)))[0]


def weights_of(name: str, n: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Random W and b, with as many blocks of rows as the cell has gates."""
    rows = {"gru": 3, "lstm": 4}.get(name, 1) * n
    gain = 0.9 if name == "linear" else 1.5
    weights = {"W": gain / math.sqrt(n) * rng.standard_normal((rows, n)), "b": 0.5 * rng.standard_normal(rows)}
    if name == "linear":
        del weights["b"]
    if name == "gru":
        weights["b_n"] = 0.5 * rng.standard_normal(n)
    return weights


def blockwise(order: np.ndarray, length: int) -> np.ndarray:
    """The order of one block of units, repeated for all blocks of an array of that length."""
    return np.concatenate([order + start for start in range(0, length, len(order))])


NETWORKS = ["tanh", "leaky", "rate", "linear", "gru", "lstm"]


@pytest.mark.parametrize("name", NETWORKS)
@settings(max_examples=10)
@given(n=SIZES, seed=SEEDS)
def test_the_order_of_the_units_leaves_the_spectrum(name, n, seed):
    rng = np.random.default_rng(seed)
    weights, order = weights_of(name, n, rng), rng.permutation(n)
    mixed = {key: array[blockwise(order, len(array))] for key, array in weights.items()}
    mixed["W"] = mixed["W"][:, order]
    net, other = ll.Model(name, **weights), ll.Model(name, **mixed)
    x0, frame, places = rng.uniform(-1, 1, net.d), orthogonal(net.d, rng), blockwise(order, net.d)
    expected = growth(net, x0, frame)
    np.testing.assert_allclose(growth(other, x0[places], frame[:, places]), expected, rtol=0, atol=1e-9)


@pytest.mark.parametrize("name", ["tanh", "leaky", "rate", "linear"])
@settings(max_examples=10)
@given(n=SIZES, seed=SEEDS)
def test_signs_of_the_units_of_an_odd_cell_leave_the_spectrum(name, n, seed):
    rng = np.random.default_rng(seed)
    weights, signs = weights_of(name, n, rng), rng.choice([-1.0, 1.0], n)
    flipped = {key: signs * array for key, array in weights.items() if key != "W"}
    net, other = ll.Model(name, **weights), ll.Model(name, W=signs[:, None] * weights["W"] * signs, **flipped)
    x0, frame = rng.uniform(-1, 1, n), orthogonal(n, rng)
    np.testing.assert_allclose(growth(other, signs * x0, frame * signs), growth(net, x0, frame), rtol=0, atol=1e-9)


@settings(max_examples=10)
@given(n=SIZES, seed=SEEDS)
def test_the_basis_of_a_linear_network_leaves_the_spectrum(n, seed):
    rng = np.random.default_rng(seed)
    W, Q, frame = weights_of("linear", n, rng)["W"], orthogonal(n, rng), orthogonal(n, rng)
    expected = growth(ll.Model("linear", W=W), np.zeros(n), frame)
    turned = growth(ll.Model("linear", W=Q @ W @ Q.T), np.zeros(n), frame @ Q.T)
    np.testing.assert_allclose(turned, expected, rtol=0, atol=1e-9)


@pytest.mark.parametrize("name", NETWORKS)
@settings(max_examples=10)
@given(n=SIZES, seed=SEEDS, data=st.data())
def test_first_tangents_count_only_by_what_they_span(name, n, seed, data):
    """Turning the first k among themselves leaves their volume, and every later tangent."""
    rng = np.random.default_rng(seed)
    net = ll.Model(name, **weights_of(name, n, rng))
    k = data.draw(st.integers(1, net.d))
    x0, frame = rng.uniform(-1, 1, net.d), orthogonal(net.d, rng)
    turned = frame.copy()
    turned[:k] = orthogonal(k, rng) @ frame[:k]
    before, after = growth(net, x0, frame), growth(net, x0, turned)
    assert after[:k].sum() == pytest.approx(before[:k].sum(), abs=1e-9)
    np.testing.assert_allclose(after[k:], before[k:], rtol=0, atol=1e-9)


@pytest.mark.parametrize("budget", [0.0, BUDGET])
@pytest.mark.parametrize("name", NETWORKS)
@settings(max_examples=10)
@given(n=SIZES, seed=SEEDS, data=st.data())
def test_k_exponents_are_the_first_k_of_all(name, budget, n, seed, data):
    """With an adaptive interval as exactly as its budget promises: eps * exp(16) is 2e-9."""
    rng = np.random.default_rng(seed)
    net = ll.Model(name, **weights_of(name, n, rng))
    k = data.draw(st.integers(1, net.d))
    x0, frame = rng.uniform(-1, 1, net.d), orthogonal(net.d, rng)
    first, full = growth(net, x0, frame[:k], budget=budget), growth(net, x0, frame, budget=budget)
    np.testing.assert_allclose(first, full[:k], rtol=0, atol=1e-9 if budget == 0.0 else 1e-8)
