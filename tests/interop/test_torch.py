"""Weights by PyTorch's names, without PyTorch: its documented formulas in NumPy move as our cells do.

The same against PyTorch itself: tests/peers/test_interop_torch.py.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lyaplab as ll

CELLS = {"tanh": 1, "gru": 3, "lstm": 4}
NAMES = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


def sigmoid(a):
    return 1.0 / (1.0 + np.exp(-a))


def tanh(x, h, c, W_i, W_h, b_i, b_h):
    return np.tanh(W_i @ x + b_i + W_h @ h + b_h), c


def gru(x, h, c, W_i, W_h, b_i, b_h):
    r_x, z_x, n_x = np.split(W_i @ x + b_i, 3)
    r_h, z_h, n_h = np.split(W_h @ h + b_h, 3)
    r, z = sigmoid(r_x + r_h), sigmoid(z_x + z_h)
    return (1 - z) * np.tanh(n_x + r * n_h) + z * h, c


def lstm(x, h, c, W_i, W_h, b_i, b_h):
    i, f, g, o = np.split(W_i @ x + b_i + W_h @ h + b_h, 4)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


STEPS = {"tanh": tanh, "gru": gru, "lstm": lstm}


def state_dict(cell, n, m, *, layers=1, bias=True, prefix="", dtype=np.float64, seed=0):
    rng, blocks = np.random.default_rng(seed), CELLS[cell]
    tensors = {}
    for layer in range(layers):
        shapes = [(blocks * n, n if layer else m), (blocks * n, n), (blocks * n,), (blocks * n,)]
        for name, shape in list(zip(NAMES, shapes))[: 4 if bias else 2]:
            tensors[f"{prefix}{name}_l{layer}"] = rng.uniform(-0.8, 0.8, shape).astype(dtype)
    return tensors


def own(tensors, cell, layer, n=3):
    """The four tensors of one layer; zeros for biases that are not there."""
    return [tensors.get(f"{name}_l{layer}", np.zeros(CELLS[cell] * n)) for name in NAMES]


@pytest.mark.parametrize("bias", [True, False], ids=["bias", "no bias"])
@pytest.mark.parametrize("cell", CELLS)
def test_states_are_those_of_the_documented_formulas(cell, bias):
    tensors = state_dict(cell, 3, 2, bias=bias)
    net = ll.from_torch(tensors)
    inputs = np.random.default_rng(1).standard_normal((40, 2))
    h, c, rows = np.zeros(3), np.zeros(3), []
    for x in inputs:
        rows.append(np.r_[h, c] if cell == "lstm" else h)
        h, c = STEPS[cell](x, h, c, *own(tensors, cell, 0))
    np.testing.assert_allclose(net.orbit(x0=np.zeros(net.d), inputs=inputs), rows, rtol=0, atol=1e-12)


@pytest.mark.parametrize("cell", CELLS)
def test_layers_are_stacked_in_their_order(cell):
    """That a stack feeds them to each other is tested in model/test_stack.py, and against PyTorch in peers."""
    tensors = state_dict(cell, 3, 2, layers=11)  # so that l10 does not come between l1 and l2
    layers = ll.from_torch({name: tensors[name] for name in sorted(tensors)}).layers
    assert [(layer.cell.name, layer.m) for layer in layers] == [(cell, 2)] + [(cell, 3)] * 10
    for number, layer in enumerate(layers):
        np.testing.assert_array_equal(layer.weights["W"], tensors[f"weight_hh_l{number}"])


@given(cell=st.sampled_from(sorted(CELLS)), n=st.integers(1, 6), m=st.integers(1, 5), bias=st.booleans())
def test_the_kind_and_the_sizes_are_told_from_the_shapes(cell, n, m, bias):
    net = ll.from_torch(state_dict(cell, n, m, bias=bias))
    assert (net.cell.name, net.n, net.m) == (cell, n, m)
    assert set(net.weights) == {"W", "U", "b"} | ({"b_n", "reset_after"} if cell == "gru" else set())


def test_biases_are_added_but_for_the_one_inside_the_reset():
    tensors = state_dict("gru", 2, 1)
    net = ll.from_torch(tensors)
    b_i, b_h = tensors["bias_ih_l0"], tensors["bias_hh_l0"]
    np.testing.assert_array_equal(net.weights["b"], [*(b_i + b_h)[:4], *b_i[4:]])
    np.testing.assert_array_equal(net.weights["b_n"], b_h[4:])
    assert net.weights["reset_after"] == 1
    np.testing.assert_array_equal(ll.from_torch(state_dict("gru", 2, 1, bias=False)).weights["b_n"], [0, 0])


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_numbers_of_less_precision_stay_what_they_are(dtype):
    tensors = state_dict("tanh", 4, 2, dtype=dtype)
    net = ll.from_torch(tensors)
    assert net.weights["W"].dtype == np.float64
    np.testing.assert_array_equal(net.weights["W"], tensors["weight_hh_l0"].astype(np.float64))
    np.testing.assert_array_equal(
        net.weights["b"], tensors["bias_ih_l0"].astype(float) + tensors["bias_hh_l0"].astype(float)
    )


def test_a_network_does_not_change_with_the_arrays_it_was_made_of():
    tensors = state_dict("tanh", 2, 1)
    net = ll.from_torch(tensors)
    before = net.weights["W"].copy()
    tensors["weight_hh_l0"] += 1.0
    np.testing.assert_array_equal(net.weights["W"], before)


def test_weights_of_a_cell_have_no_number():
    tensors = {name.removesuffix("_l0"): array for name, array in state_dict("lstm", 3, 2).items()}
    np.testing.assert_array_equal(ll.from_torch(tensors).weights["W"], tensors["weight_hh"])


class TestParts:
    def test_the_only_one_is_taken_and_named(self):
        tensors = state_dict("gru", 3, 2, prefix="model.rnn.") | {"head.weight": np.ones((1, 3))}
        with pytest.warns(UserWarning, match=r"of the state_dict only 'model.rnn' is taken, .*part='model.rnn'"):
            net = ll.from_torch(tensors)
        np.testing.assert_array_equal(net.weights["W"], tensors["model.rnn.weight_hh_l0"])

    @pytest.mark.parametrize("part", ["rnn", "rnn."])
    @pytest.mark.filterwarnings("error")
    def test_a_part_that_is_said_is_taken_without_a_word(self, part):
        tensors = state_dict("gru", 3, 2, prefix="rnn.") | state_dict("lstm", 4, 1, prefix="decoder.")
        assert ll.from_torch(tensors, part=part).cell.name == "gru"

    def test_of_several_one_has_to_be_chosen(self):
        tensors = state_dict("gru", 3, 2, prefix="encoder.") | state_dict("lstm", 4, 1, prefix="decoder.")
        with pytest.raises(
            ValueError, match="several recurrent networks, 'encoder', 'decoder': say which, as in part="
        ):
            ll.from_torch(tensors)
        with pytest.raises(ValueError, match="unknown part 'encodr': did you mean 'encoder'"):
            ll.from_torch(tensors, part="encodr")

    def test_a_part_of_the_network_itself(self):
        with pytest.raises(
            ValueError, match="part has no effect: the state_dict is the network itself, got part='rnn'"
        ):
            ll.from_torch(state_dict("gru", 3, 2), part="rnn")


class TestRefused:
    def check(self, text, *, error=ValueError, cell="lstm", layers=1, without=(), **changes):
        tensors = {**state_dict(cell, 3, 2, layers=layers), **changes}
        with pytest.raises(error, match=text):
            ll.from_torch({name: array for name, array in tensors.items() if name not in without})

    def test_shapes_that_do_not_fit(self):
        self.check(r"weight_ih_l0 must have shape \(12, any\), got \(9, 2\)", weight_ih_l0=np.ones((9, 2)))
        self.check(r"bias_hh_l0 must have shape \(12,\), got \(3,\)", bias_hh_l0=np.ones(3))
        self.check(r"weight_ih_l1 must have shape \(12, 3\), got \(12, 2\)", layers=2, weight_ih_l1=np.ones((12, 2)))
        self.check(r"weight_hh_l0 must have n \(RNN\), 3n \(GRU\) or 4n \(LSTM\) rows .* got the shape \(11, 3\)",
                   weight_hh_l0=np.ones((11, 3)))  # fmt: skip
        self.check(r"weight_hh_l1 must have 4n \(LSTM\) rows .* \(9, 3\)", layers=2, weight_hh_l1=np.ones((9, 3)))
        self.check(r"weight_hh_l0 must have shape \(any, any\), got \(3,\)", weight_hh_l0=np.ones(3))
        self.check("weight_hh_l0 must have .* rows", weight_hh_l0=np.ones((0, 0)))

    def test_tensors_that_are_missing(self):
        self.check("weight_ih_l0 is missing: expected weight_ih_l0, weight_hh_l0, bias", without=["weight_ih_l0"])
        self.check("bias_ih_l0 is missing", without=["bias_ih_l0"])
        self.check("weight_ih_l1 is missing", layers=3, without=[f"{name}_l1" for name in NAMES])

    def test_numbers_that_are_none(self):
        bad = np.ones((12, 3))
        bad[4, 1] = np.nan
        self.check(r"weight_hh_l0 must be finite, but weight_hh_l0\[4, 1\] is nan", weight_hh_l0=bad)
        self.check(r"bias_ih_l0 must be finite, .* is -inf", bias_ih_l0=np.full(12, -np.inf))
        self.check(
            "weight_hh_l0 must be of floating-point numbers, got int8: is the network quantised",
            error=TypeError, weight_hh_l0=np.ones((12, 3), dtype=np.int8),
        )  # fmt: skip
        self.check("weight_hh_l0 must be an array of real", error=TypeError, weight_hh_l0=np.ones((12, 3), complex))

    def test_kinds_that_are_not_supported(self):
        self.check("weight_hh_l0_reverse belongs to a bidirectional", weight_hh_l0_reverse=np.ones((12, 3)))
        self.check(r"weight_hr_l0 belongs to a network with projections", weight_hr_l0=np.ones((2, 3)))

    def test_what_is_no_network(self):
        with pytest.raises(ValueError, match="the state_dict holds none of the weights of torch.nn.RNN, GRU and LSTM"):
            ll.from_torch({"linear.weight": np.ones((2, 2)), "step": 7})
        with pytest.raises(TypeError, match="source must be a torch.nn.Module or a state_dict, got str"):
            ll.from_torch("model.pt")
