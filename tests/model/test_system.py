"""What a model says of itself: sizes, names, windows, start, regime and repr."""

from __future__ import annotations

import numpy as np
import pytest

import lyaplab as ll


def test_flows_and_maps():
    for name, step, unit in (("tanh", None, "step"), ("rate", 0.1, "time"), ("lorenz63", 0.01, "time")):
        net = ll.Model(name)
        assert (net.time_step, net.unit) == (step, unit)


def test_state_names():
    assert ll.Model("lorenz63").state_names == ("x", "y", "z")
    assert ll.Model("tanh", n=3).state_names == ("h1", "h2", "h3")
    assert ll.Model("tanh", w=1.0).state_names == ("h",)


def test_view_and_bounds_have_one_entry_a_variable():
    for name in ll.cells():
        net = ll.Model(name)
        for pair in (net.view, net.bounds):
            if pair is not None:
                assert pair[0].shape == pair[1].shape == (net.d,)


def test_own_system_is_looked_at_along_its_orbit():
    @ll.map
    def circle(x, y, turn=0.3):
        return x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn)

    net = ll.Model(circle)
    low, high = net.view
    radius = np.linalg.norm(net.start)
    assert (low < -0.9 * radius).all() and (high > 0.9 * radius).all()
    assert net.bounds is None


def test_own_system_that_escapes_has_a_window_all_the_same():
    @ll.map(start=(1.0,))
    def escaping(x):
        return x * x + 1.0

    low, high = ll.Model(escaping).view
    assert low[0] < 1.0 < high[0]


def test_start_comes_from_preset_or_card_or_a_fixed_draw():
    np.testing.assert_array_equal(ll.Model("tanh", preset="settling").start, [0.9, 0.6])
    np.testing.assert_array_equal(ll.Model("logistic").start, [0.3])
    drawn = ll.Model("tanh", n=10).start
    assert (np.abs(drawn) <= 0.5).all() and drawn.any()
    np.testing.assert_array_equal(drawn, ll.Model("tanh", n=10, seed=5).start)


def test_from_arrays_is_the_constructor_by_another_name():
    W = [[0.1, 0.2], [0.3, 0.4]]
    np.testing.assert_array_equal(ll.Model.from_arrays("tanh", W=W).weights["W"], W)
    with pytest.raises(ValueError, match="unknown parameter 'V'"):
        ll.Model.from_arrays("tanh", V=W)


class TestRepr:
    def test_drawn(self):
        first, second, third = repr(ll.Model("tanh", n=20, m=2, gain=0.5, seed=3)).split("\n")
        assert first == "Model('tanh', n=20, m=2, gain=0.5, seed=3)"
        assert second == "  h' = tanh(W h + U x + b); 20 state variables, 2 inputs"
        assert third.startswith("  settles to a fixed point (largest exponent -0.")

    def test_how_the_weights_were_drawn(self):
        net = ll.Model("tanh", n=20, gain=0.5, seed=3, init="levy", zero_diagonal=True)
        made = "Model('tanh', n=20, gain=0.5, seed=3, init='levy', tail=1.5, zero_diagonal=True)"
        assert repr(net).startswith(made + "\n")

    def test_own_weights(self):
        assert repr(ll.Model("tanh", W=np.eye(2) / 2)).startswith("Model('tanh', n=2, own weights)\n")
        assert repr(ll.Model("rate", w=2.0)).startswith("Model('rate', n=1, own weights, dt=0.1)\n")

    def test_preset(self):
        assert repr(ll.Model("tanh", preset="bistable")).startswith("Model('tanh', preset='bistable')\n")
        changed = ll.Model("tanh", preset="bistable", b1=0.1)
        assert repr(changed).startswith("Model('tanh', preset='bistable', changed)\n")

    def test_scalars_and_divergence(self):
        text = repr(ll.Model("logistic", r=5.0))
        assert text.startswith("Model('logistic', r=5)\n  x' = r x (1 - x); 1 state variable\n")
        assert text.endswith("divergent: leaves the range of floats at step 12")

    def test_slow_derivatives_are_told(self):
        @ll.map
        def kinked(x, a=0.5):
            return a * abs(x) + 0.1

        assert "derivatives by central differences" in repr(ll.Model(kinked))

    def test_it_is_three_short_lines(self):
        for name in ll.cells():
            lines = repr(ll.Model(name)).split("\n")
            assert len(lines) == 3 and max(map(len, lines)) < 120
