"""Weights in Keras' layout, without Keras: its documented formulas in NumPy move as our cells do.

The same against Keras itself, and all about layers and models: tests/peers/test_interop_keras.py.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lyaplab as ll

BLOCKS = {"SimpleRNN": 1, "GRU": 3, "LSTM": 4}
N, M = 3, 2


def sigmoid(a):
    return 1.0 / (1.0 + np.exp(-a))


def simple(x, h, c, K, R, b):
    return np.tanh(x @ K + b + h @ R), c


def gru_after(x, h, c, K, R, b):
    """Two rows of biases; the reset gate multiplies what comes out of the recurrent kernel."""
    n = len(h)
    x_z, x_r, x_h = np.split(x @ K + b[0], 3)
    h_z, h_r, h_h = np.split(h @ R + b[1], 3)
    z, r = sigmoid(x_z + h_z), sigmoid(x_r + h_r)
    assert z.shape == (n,)
    return z * h + (1 - z) * np.tanh(x_h + r * h_h), c


def gru_before(x, h, c, K, R, b):
    """One row of biases; the reset gate multiplies what goes into the recurrent kernel."""
    n = len(h)
    x_z, x_r, x_h = np.split(x @ K + b, 3)
    z, r = sigmoid(x_z + h @ R[:, :n]), sigmoid(x_r + h @ R[:, n : 2 * n])
    return z * h + (1 - z) * np.tanh(x_h + (r * h) @ R[:, 2 * n :]), c


def lstm(x, h, c, K, R, b):
    i, f, g, o = np.split(x @ K + h @ R + b, 4)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


CASES = {
    "SimpleRNN": ("SimpleRNN", simple, (N,)),
    "GRU, reset after": ("GRU", gru_after, (2, 3 * N)),
    "GRU, reset before": ("GRU", gru_before, (3 * N,)),
    "LSTM": ("LSTM", lstm, (4 * N,)),
}


def weights(kind, bias, seed=0):
    rng, k = np.random.default_rng(seed), BLOCKS[kind]
    return [rng.uniform(-0.8, 0.8, shape) for shape in ((M, k * N), (N, k * N), bias)]


@pytest.mark.parametrize("bias", [True, False], ids=["bias", "no bias"])
@pytest.mark.parametrize("case", CASES)
def test_states_are_those_of_the_documented_formulas(case, bias):
    kind, step, shape = CASES[case]
    arrays = weights(kind, shape)
    if not bias:
        arrays[2] = np.zeros(shape)
    after = {"reset_after": len(shape) == 2} if kind == "GRU" and not bias else {}
    net = ll.from_keras(arrays if bias else arrays[:2], kind=kind, **after)
    inputs = np.random.default_rng(1).standard_normal((40, M))
    h, c, rows = np.zeros(N), np.zeros(N), []
    for x in inputs:
        rows.append(np.r_[h, c] if kind == "LSTM" else h)
        h, c = step(x, h, c, *arrays)
    np.testing.assert_allclose(net.orbit(x0=np.zeros(net.d), inputs=inputs), rows, rtol=0, atol=1e-12)


@given(kind=st.sampled_from(sorted(BLOCKS)), n=st.integers(1, 6), m=st.integers(1, 5))
def test_the_kind_and_the_sizes_are_told_from_the_shapes(kind, n, m):
    k = BLOCKS[kind]
    net = ll.from_keras([np.ones((m, k * n)), np.ones((n, k * n)), np.ones(k * n)])
    assert (net.cell.name, net.n, net.m) == ({1: "tanh", 3: "gru", 4: "lstm"}[k], n, m)


class TestRefused:
    def check(self, text, arrays, error=ValueError, **options):
        with pytest.raises(error, match=text):
            ll.from_keras(arrays, **options)

    def test_shapes_that_do_not_fit(self):
        K, R, b = weights("GRU", (2, 3 * N))
        self.check(r"kernel must have shape \(any, 9\), got \(2, 6\)", [K[:, :6], R, b])
        self.check(
            r"recurrent_kernel must have n rows and n \(SimpleRNN\), 3n \(GRU\) or 4n .* \(3, 8\)", [K, R[:, :8]]
        )
        self.check(r"bias must have shape \(2, 9\), got \(2, 8\)", [K, R, b[:, :8]])
        self.check(r"bias must have shape \(9,\), got \(2, 9\)", [K, R, b], reset_after=False)
        self.check(r"bias must have shape \(2, 9\), got \(9,\)", [K, R, b[0]], reset_after=True)
        self.check(r"recurrent_kernel must have shape \(any, any\), got \(27,\)", [K, R.ravel()])

    def test_options_that_do_not_fit(self):
        K, R, b = weights("GRU", (2, 3 * N))
        self.check(r"recurrent_kernel must have n rows and 4n columns, got the shape \(3, 9\)", [K, R, b], kind="LSTM")
        self.check("unknown kind 'gru': Known: GRU, LSTM, SimpleRNN", [K, R, b], kind="gru")
        self.check("reset_after must be said for a GRU without bias", [K, R])
        self.check("reset_after has no effect: it belongs to GRU", weights("LSTM", (12,)), reset_after=True)
        self.check("part has no effect beside a list of arrays", [K, R, b], part="gru")

    def test_numbers_that_are_none(self):
        K, R, b = weights("LSTM", (12,))
        R[1, 2] = np.inf
        self.check(r"recurrent_kernel must be finite, but recurrent_kernel\[1, 2\] is inf", [K, R, b])

    def test_what_is_no_network(self):
        K, R, b = weights("LSTM", (12,))
        self.check(
            "source must be a list of kernel, recurrent kernel and, where there is one, bias, got 4", [K, R, b, b]
        )
        self.check("got 0", [])
        self.check("source must be a layer or model of Keras, .*, got str", "model.keras", error=TypeError)
