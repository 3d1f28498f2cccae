"""Shapes that states and inputs may come in, and what is said of others."""

from __future__ import annotations

import numpy as np
import pytest

import lyaplab as ll

NET = ll.Model("tanh", n=3, m=2, seed=1)


def test_shapes_of_orbits():
    one, two, four = np.zeros((1, 3)), np.zeros((2, 3)), np.zeros((4, 9, 2))
    assert NET.orbit(5).shape == (5, 3)
    assert NET.orbit(5, x0=np.zeros(3)).shape == (5, 3)
    assert NET.orbit(5, x0=one).shape == (5, 1, 3)
    assert NET.orbit(5, x0=two).shape == (5, 2, 3)
    assert NET.orbit(x0=two, inputs=four[0]).shape == (9, 2, 3)
    assert NET.orbit(inputs=four).shape == (9, 4, 3)
    assert NET.orbit(inputs=four[:1]).shape == (9, 1, 3)
    assert NET.orbit(1).shape == (1, 3)


def test_shapes_of_steps_and_derivatives():
    x, X = np.zeros(3), np.zeros((5, 3))
    for method in (NET.step, NET.field):
        assert method(x).shape == (3,) and method(X).shape == (5, 3)
    for method in (NET.jacobian, NET.field_jacobian):
        assert method(x).shape == (3, 3) and method(X).shape == (5, 3, 3)


def test_constant_input_of_a_step():
    W, U = NET.weights["W"], NET.weights["U"]
    np.testing.assert_allclose(
        NET.step([0.1, 0.2, 0.3], inputs=[1.0, -1.0]), np.tanh(W @ [0.1, 0.2, 0.3] + U @ [1, -1])
    )


def test_network_without_inputs_takes_inputs_of_no_width():
    net = ll.Model("tanh", n=3)
    np.testing.assert_array_equal(net.orbit(inputs=np.zeros((9, 0))), net.orbit(9))


def test_nothing_given_is_changed():
    x0, inputs = np.zeros((2, 3)), np.ones((9, 2))
    NET.orbit(x0=x0, inputs=inputs)
    assert not x0.any() and (inputs == 1).all()
    first = NET.orbit(3)
    first[:] = 7.0
    assert (NET.orbit(3) != 7.0).all()


BAD = [
    (lambda: NET.orbit(-5), ValueError, "steps must be a whole number of at least 1, got -5"),
    (lambda: NET.orbit(0), ValueError, "steps must be a whole number of at least 1, got 0"),
    (lambda: NET.orbit("5"), TypeError, "steps must be a whole number of at least 1, got '5'"),
    (lambda: NET.orbit(), TypeError, "steps must be given where there are no inputs to fix it"),
    (lambda: NET.orbit(5, warmup=-1), ValueError, "warmup must be a whole number of at least 0, got -1"),
    (lambda: NET.orbit(5, x0=[1, 2]), ValueError, r"x0 must have shape \(3,\), got \(2,\)"),
    (lambda: NET.orbit(5, x0=np.zeros((2, 2))), ValueError, r"x0 must have shape \(any, 3\), got \(2, 2\)"),
    (lambda: NET.orbit(5, x0=[1, 2, np.nan]), ValueError, r"x0 must be finite, but x0\[2\] is nan"),
    (lambda: NET.orbit(5, x0="abc"), TypeError, "x0 must be an array of real numbers, got 'abc'"),
    (lambda: NET.orbit(5, inputs=np.zeros((3, 2))), ValueError, "got 3: inputs are never recycled"),
    (lambda: NET.orbit(inputs=np.zeros((3, 3))), ValueError, r"inputs must have shape \(any, 2\), got \(3, 3\)"),
    (lambda: NET.orbit(inputs=np.zeros(3)), ValueError, r"inputs must have shape \(any, 2\), got \(3,\)"),
    (lambda: NET.orbit(inputs=np.zeros((0, 2))), ValueError, "inputs must hold at least one sequence of one step"),
    (
        lambda: NET.orbit(inputs=np.full((3, 2), np.inf)),
        ValueError,
        r"inputs must be finite, but inputs\[0, 0\] is inf",
    ),
    (
        lambda: NET.orbit(inputs=np.zeros((3, 2)), warmup=3),
        ValueError,
        r"inputs must cover warmup \(3\) and at least one",
    ),
    (
        lambda: NET.orbit(5, x0=np.zeros((2, 3)), inputs=np.zeros((4, 9, 2))),
        ValueError,
        "x0 and inputs must agree: 2 states, 4 sequences of inputs",
    ),
    (lambda: NET.step([1, 2]), ValueError, r"x must have shape \(3,\), got \(2,\)"),
    (lambda: NET.step([1, 2, 3], inputs=[1]), ValueError, r"inputs must have shape \(2,\), got \(1,\)"),
    (lambda: NET.jacobian(np.zeros((2, 2, 3))), ValueError, r"x must have shape \(any, 3\), got \(2, 2, 3\)"),
]


@pytest.mark.parametrize(("call", "error", "text"), BAD, ids=range(len(BAD)))
def test_bad_input_is_named(call, error, text):
    with pytest.raises(error, match=text):
        call()
