"""Single weights of gated networks by parameter, gate and place."""

from __future__ import annotations

import numpy as np
import pytest

import lyaplab as ll


def test_weights_of_one_unit_are_called_by_their_gate():
    assert list(ll.Model("gru", n=1).knobs) == ["w_r", "w_z", "w_n", "b_r", "b_z", "b_in", "b_n", "reset_after"]
    assert list(ll.Model("lstm", n=1).knobs) == ["w_i", "w_f", "w_g", "w_o", "b_i", "b_f", "b_g", "b_o"]
    assert "u_f" in ll.Model("lstm", n=1, m=1).knobs
    assert list(ll.Model("gru", n=4).knobs) == ["reset_after", "n", "gain", "seed"]


def test_a_name_finds_its_place():
    W = ll.Model("gru", w_r12=1.0, w_z21=2.0, w_n22=3.0).weights["W"]
    np.testing.assert_array_equal(W, [[0, 1], [0, 0], [0, 0], [2, 0], [0, 0], [0, 3]])
    biases = ll.Model("gru", b_in2=0.5, b_n1=0.25).weights
    np.testing.assert_array_equal(biases["b"], [0, 0, 0, 0, 0, 0.5])
    np.testing.assert_array_equal(biases["b_n"], [0.25, 0])
    assert ll.Model("lstm", w_o33=1.0).weights["W"][11, 2] == 1.0


def test_sizes_follow_from_names_and_arrays():
    assert ll.Model("gru", w_r=1.0).n == 1
    assert ll.Model("lstm", b_f2=1.0).n == 2
    assert ll.Model("lstm", W=np.zeros((12, 3))).n == 3
    with pytest.raises(ValueError, match=r"W must have shape \(6, 2\), got \(7, 2\)"):
        ll.Model("gru", W=np.zeros((7, 2)))
    with pytest.raises(ValueError, match="unknown parameter 'w_q1'"):
        ll.Model("lstm", w_q1=1.0, w_f=0.0)


def test_symbols_have_one_subscript():
    knobs = ll.Model("gru", n=2).knobs
    assert [knobs[name].tex for name in ("w_r12", "b_in2", "b_n1")] == ["w_{r12}", "b_{in2}", "b_{n1}"]
    assert ll.Model("gru", n=1).knobs["w_z"].tex == "w_{z}"


def test_turning_a_weight_of_a_gate():
    turned = ll.Model("lstm", preset="unit-latch").with_knobs(w_g=2.5)
    np.testing.assert_array_equal(turned.weights["W"], [[0.0], [0.0], [2.5], [1.0]])


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_every_gate_of_a_random_network_has_the_gain(cell):
    W = ll.Model(cell, n=200, gain=1.5, seed=1).weights["W"]
    for block in W.reshape(-1, 200, 200):
        assert block.std() * np.sqrt(200) == pytest.approx(1.5, rel=0.02)
