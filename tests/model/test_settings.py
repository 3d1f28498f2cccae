"""From a person's words to arrays: sizes, presets, single weights, knobs, and what is said of nonsense."""

from __future__ import annotations

import math

import numpy as np
import pytest

import lyaplab as ll


class TestSizes:
    def test_from_words_arrays_names_or_default(self):
        assert ll.Model("tanh", n=4).n == 4
        assert ll.Model("tanh", W=np.eye(5)).n == 5
        assert ll.Model("tanh", b=[0.1, 0.2, 0.3]).n == 3
        assert ll.Model("tanh", w12=1.0).n == 2
        assert ll.Model("tanh", b3=1.0).n == 3
        assert ll.Model("tanh", w=0.5).n == 1
        assert ll.Model("tanh").n == 10
        assert ll.Model("lorenz63").n == 3

    def test_inputs(self):
        assert ll.Model("tanh", n=3).m == 0
        assert ll.Model("tanh", n=3, m=2).m == 2
        assert ll.Model("tanh", W=np.eye(3), U=np.ones((3, 4))).m == 4
        assert ll.Model("tanh", U=np.ones((3, 4))).n == 3

    def test_random_weights_have_their_gain_and_seed(self):
        W = ll.Model("tanh", n=300, gain=1.7, seed=3).weights["W"]
        assert W.std() * math.sqrt(300) == pytest.approx(1.7, rel=0.02)
        np.testing.assert_array_equal(W, ll.Model("tanh", n=300, gain=1.7, seed=3).weights["W"])
        assert not np.array_equal(W, ll.Model("tanh", n=300, gain=1.7, seed=4).weights["W"])
        np.testing.assert_allclose(W * 2, ll.Model("tanh", n=300, gain=3.4, seed=3).weights["W"])

    def test_numbers_are_not_drawn_from_the_global_generator(self):
        state = np.random.get_state()[1].copy()
        ll.Model("tanh", n=5, m=2)
        np.testing.assert_array_equal(np.random.get_state()[1], state)


class TestOwnWeights:
    def test_what_is_not_given_is_zero(self):
        net = ll.Model("tanh", W=np.eye(2), m=3)
        assert not net.weights["U"].any() and not net.weights["b"].any()
        net = ll.Model("tanh", w21=0.7)
        np.testing.assert_array_equal(net.weights["W"], [[0, 0], [0.7, 0]])
        assert net.own_weights

    def test_bias_alone_leaves_weights_drawn(self):
        net = ll.Model("tanh", n=3, seed=4, b=[1, 2, 3])
        assert not net.own_weights
        np.testing.assert_array_equal(net.weights["W"], ll.Model("tanh", n=3, seed=4).weights["W"])

    def test_they_are_copied_and_read_only(self):
        W = np.eye(2)
        net = ll.Model("tanh", W=W)
        W[0, 0] = 9.0
        assert net.weights["W"][0, 0] == 1.0
        with pytest.raises(ValueError, match="read-only"):
            net.weights["W"][0, 0] = 2.0
        with pytest.raises(TypeError):
            net.weights["W"] = W  # type: ignore[index]

    def test_single_weights_beside_a_matrix(self):
        assert ll.Model("tanh", W=np.ones((2, 2)), w12=3.0).weights["W"][0, 1] == 3.0

    def test_preset_with_changes(self):
        net = ll.Model("tanh", preset="bistable", b1=0.2)
        np.testing.assert_array_equal(net.weights["b"], [0.2, 0.0])
        assert net.preset == "bistable"

    def test_scalars(self):
        net = ll.Model("rate", n=2, dt=0.05)
        assert net.time_step == 0.05 and net.weights["dt"].shape == ()
        assert float(ll.Model("logistic", r=np.array(3.3)).weights["r"]) == 3.3


# What comes, the error, and what it has to say.
BAD = [
    (("tahn",), {}, ValueError, "unknown cell 'tahn': did you mean 'tanh'"),
    ((3,), {}, TypeError, "cell must be a name or a Cell, got int"),
    (("tanh", "bistabel"), {}, ValueError, "unknown preset 'bistabel': did you mean 'bistable'"),
    (("tanh",), {"gian": 2}, ValueError, "unknown parameter 'gian': did you mean 'gain'"),
    (("lorenz63",), {"Rho": 3}, ValueError, "unknown parameter 'Rho': did you mean 'rho'"),
    (("logistic",), {"n": 3}, ValueError, "unknown parameter 'n': Known: r"),
    (("tanh",), {"n": 2, "w33": 1.0}, ValueError, "unknown parameter 'w33'"),
    (("tanh",), {"gain": "2"}, TypeError, r"gain must be a number, got '2' \(str\)"),
    (("tanh",), {"gain": math.nan}, ValueError, "gain must be finite, got nan"),
    (("tanh",), {"n": -1}, ValueError, "n must be a whole number of at least 1, got -1"),
    (("tanh",), {"n": 0}, ValueError, "n must be a whole number of at least 1, got 0"),
    (("tanh",), {"n": 2.5}, ValueError, "n must be a whole number of at least 1, got 2.5"),
    (("tanh",), {"n": "10"}, TypeError, "n must be a whole number of at least 1, got '10'"),
    (("tanh",), {"m": -1}, ValueError, "m must be a whole number of at least 0, got -1"),
    (("tanh",), {"seed": 1.5}, ValueError, "seed must be a whole number of at least 0, got 1.5"),
    (("tanh",), {"W": [[1, math.nan], [0, 1]]}, ValueError, r"W must be finite, but W\[0, 1\] is nan"),
    (("tanh",), {"W": np.zeros((2, 3))}, ValueError, r"W must have shape \(2, 2\), got \(2, 3\)"),
    (("tanh",), {"W": np.zeros(3)}, ValueError, r"W must have shape \(n, n\), got \(3,\)"),
    (
        ("tanh",),
        {"W": np.zeros((0, 0))},
        ValueError,
        r"W must have shape \(n, n\) with at least one unit, got \(0, 0\)",
    ),
    (("tanh",), {"W": [[1, 2], [3]]}, ValueError, "W must be an array of numbers with rows of one length"),
    (("tanh",), {"W": "abc"}, TypeError, "W must be an array of real numbers, got 'abc'"),
    (("tanh",), {"W": 1j * np.eye(2)}, TypeError, "W must be an array of real numbers"),
    (("tanh",), {"W": np.eye(3), "n": 4}, ValueError, r"W must have shape \(4, 4\), got \(3, 3\)"),
    (("tanh",), {"W": np.eye(2), "b": [1, 2, 3]}, ValueError, r"b must have shape \(2,\), got \(3,\)"),
    (("tanh",), {"W": np.eye(2), "U": [1, 2]}, ValueError, r"U must have shape \(n, m\), got \(2,\)"),
    (
        ("tanh",),
        {"W": np.eye(2), "U": np.ones((2, 3)), "m": 2},
        ValueError,
        r"U must have shape \(2, 2\), got \(2, 3\)",
    ),
    (("tanh",), {"W": np.eye(2), "gain": 2.0}, ValueError, "gain has no effect beside weights of your own"),
    (("tanh",), {"w": 2.0, "seed": 1}, ValueError, "seed has no effect beside weights of your own"),
    (("tanh",), {"w12": "x"}, TypeError, r"w12 must be a number, got 'x' \(str\)"),
    (("logistic",), {"r": "a"}, TypeError, r"r must be a number, got 'a' \(str\)"),
    (("logistic",), {"r": [1, 2]}, TypeError, r"r must be a number, got \[1, 2\] \(list\)"),
    (("lorenz63",), {"rho": math.inf}, ValueError, "rho must be finite, got inf"),
    (("rate",), {"dt": 0.0}, ValueError, "dt must be between 1e-06 and 1, got 0"),
    (("rate",), {"dt": 2.0}, ValueError, "dt must be between 1e-06 and 1, got 2"),
    (("lorenz63",), {"dt": -0.01}, ValueError, "dt must be at least 1e-06, got -0.01"),
]


@pytest.mark.parametrize(("args", "params", "error", "text"), BAD, ids=lambda value: str(value)[:40])
def test_bad_input_is_named(args, params, error, text):
    with pytest.raises(error, match=text) as caught:
        ll.Model(*args, **params)
    assert "\n" not in str(caught.value)


class TestKnobs:
    def test_small_systems_offer_every_weight(self):
        assert list(ll.Model("tanh", w=1.0).knobs) == ["w", "b"]
        assert list(ll.Model("tanh", n=2).knobs) == ["w11", "w12", "w21", "w22", "b1", "b2"]
        assert list(ll.Model("tanh", w=1.0, m=1).knobs) == ["w", "u", "b"]
        assert list(ll.Model("lorenz63").knobs) == ["sigma", "rho", "beta", "dt"]
        assert len(ll.Model("tanh", n=3).knobs) == 12

    def test_large_networks_offer_what_makes_them(self):
        assert list(ll.Model("tanh", n=4).knobs) == ["n", "gain", "seed"]
        assert list(ll.Model("rate", n=50).knobs) == ["dt", "n", "gain", "seed"]
        assert list(ll.Model("tanh", W=np.eye(5)).knobs) == []

    def test_what_a_knob_says(self):
        knob = ll.Model("tanh", preset="three-attractors").knobs["w12"]
        assert (knob.value, knob.low, knob.high, knob.tex) == (-0.4, -4.0, 4.0, "w_{12}")
        assert knob.step == pytest.approx(0.04) and "connection from unit j to unit i" in knob.about
        seed = ll.Model("tanh", n=10).knobs["seed"]
        assert seed.integer and seed.step == 1.0

    def test_turning(self):
        net = ll.Model("tanh", preset="bistable")
        turned = net.with_knobs(w12=0.9, b2=-0.3)
        np.testing.assert_array_equal(turned.weights["W"], [[1.4, 0.9], [0.4, 0.9]])
        np.testing.assert_array_equal(turned.weights["b"], [0.0, -0.3])
        assert net.weights["W"][0, 1] == 0.4

    def test_every_knob_of_every_cell_turns(self):
        for name in ll.cells():
            least = [p.limits[0] for p in ll.Model(name).card.hyper if p.name == "n"]
            for options in ({}, *({"n": max(2, low)} for low in least)):
                net = ll.Model(name, **options)
                for knob in net.knobs.values():
                    value = knob.low + knob.step * round((knob.high - knob.low) / 3 / knob.step)
                    assert net.with_knobs(**{knob.name: value}).knobs[knob.name].value == pytest.approx(value)

    def test_turning_gain_scales_the_same_weights(self):
        net = ll.Model("tanh", n=20, gain=1.0, seed=7)
        np.testing.assert_allclose(net.with_knobs(gain=2.0).weights["W"], 2 * net.weights["W"])
        assert net.with_knobs(n=30).n == 30

    def test_turning_gain_keeps_what_was_given(self):
        net = ll.Model("tanh", n=20, b=np.full(20, 0.3), seed=7).with_knobs(gain=2.0)
        assert (net.weights["b"] == 0.3).all()
        assert ll.Model("rate", n=20, dt=0.02).with_knobs(seed=3).time_step == 0.02
        twice = net.with_knobs(seed=9)
        assert (twice.weights["b"] == 0.3).all() and twice.settings["gain"] == 2.0

    def test_a_turned_weight_is_an_own_weight(self):
        net = ll.Model("tanh", n=2, gain=1.5, seed=3)
        assert "gain" in net.settings and not net.own_weights
        turned = net.with_knobs(w11=0.5)
        assert turned.own_weights and "gain" not in turned.settings
        assert not net.with_knobs(b1=0.5).own_weights

    @pytest.mark.parametrize(
        ("values", "error", "text"),
        [
            ({"gian": 1}, ValueError, "unknown knob 'gian': did you mean 'gain'"),
            ({"gain": "1"}, TypeError, "gain must be a number"),
            ({"n": 2.5}, ValueError, "n must be a whole number"),
            ({"seed": -1}, ValueError, "seed must be a whole number of at least 0"),
            ({"gain": math.inf}, ValueError, "gain must be finite"),
        ],
    )
    def test_bad_values(self, values, error, text):
        with pytest.raises(error, match=text):
            ll.Model("tanh", n=10).with_knobs(**values)

    def test_beyond_the_slider_is_allowed_beyond_sense_is_not(self):
        assert ll.Model("tanh", w=1.0).with_knobs(w=50.0).knobs["w"].value == 50.0
        with pytest.raises(ValueError, match="dt must be between 1e-06 and 1, got 1.5"):
            ll.Model("rate", w=1.0).with_knobs(dt=1.5)


class TestOptions:
    """How weights are drawn: said by flat names, kept where they are in use, and turned like every other number."""

    def test_only_what_is_said_or_needed_is_kept(self):
        base = {"n": 10, "m": 0, "gain": 1.0, "seed": 0}
        assert dict(ll.Model("tanh", init="gaussian", zero_diagonal=False).settings) == base
        assert dict(ll.Model("tanh", init="levy").settings) == {**base, "init": "levy", "tail": 1.5}
        assert dict(ll.Model("tanh", symmetry=0.5).settings) == {**base, "symmetry": 0.5}
        assert dict(ll.Model("tanh", outlier=2).settings) == {**base, "outlier": 2.0}

    def test_options_in_use_are_knobs(self):
        assert list(ll.Model("tanh", init="orthogonal").knobs) == ["n", "gain", "seed"]
        assert list(ll.Model("tanh", init="levy", outlier=2).knobs) == ["n", "gain", "seed", "tail", "outlier"]
        assert list(ll.Model("tanh", init="uniform", p=0.1).knobs) == ["n", "seed", "p"]
        assert list(ll.Model("tanh", n=3, init="levy").knobs)[:2] == ["w11", "w12"]

    def test_turning_one_keeps_the_others(self):
        net = ll.Model("tanh", init="levy", tail=1.2, zero_diagonal=True, seed=5)
        turned = net.with_knobs(tail=1.8, gain=0.5)
        same = ll.Model("tanh", init="levy", tail=1.8, zero_diagonal=True, seed=5, gain=0.5)
        np.testing.assert_array_equal(turned.weights["W"], same.weights["W"])
        assert not np.diag(turned.weights["W"]).any() and turned.settings["init"] == "levy"

    def test_own_weights_forget_them(self):
        turned = ll.Model("tanh", n=2, init="levy").with_knobs(w11=0.5)
        assert turned.own_weights and dict(turned.settings) == {"n": 2, "m": 0}


@pytest.mark.parametrize(
    ("cell", "shapes", "message"),
    [
        ("gru", {"W": (2, 2)}, r"W must have shape \(6, 2\), got \(2, 2\)"),
        ("gru", {"b": (2,)}, r"b must have shape \(3,\), got \(2,\)"),
        ("gru", {"W": (6, 2), "b": (6,), "b_n": (3,)}, r"b_n must have shape \(2,\), got \(3,\)"),
        ("lstm", {"U": (6, 3), "W": (8, 2)}, r"U must have shape \(8, 3\), got \(6, 3\)"),
        ("lstm", {"W": (7, 2)}, r"W must have shape \(8, 2\), got \(7, 2\)"),
        ("tanh", {"W": (2, 3)}, r"W must have shape \(2, 2\), got \(2, 3\)"),
        ("gru", {"W": (0, 0)}, r"W must have shape \(3\*n, n\) with at least one unit, got \(0, 0\)"),
    ],
)
def test_arrays_that_do_not_fit_each_other_are_named(cell, shapes, message):
    with pytest.raises(ValueError, match=message):
        ll.Model.from_arrays(cell, **{name: np.zeros(shape) for name, shape in shapes.items()})
