"""Checks of arguments: what they let pass, and what they say."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lyaplab.errors import DivergenceError, finite_array, number, one_of, positive_int, unknown


def test_unknown_names_the_nearest():
    assert (
        str(unknown("cell", "tahn", ["tanh", "rate"])) == "unknown cell 'tahn': did you mean 'tanh'? Known: rate, tanh"
    )
    assert str(unknown("cell", "zzz", ["tanh"])) == "unknown cell 'zzz': Known: tanh"
    assert str(unknown("cell", 3, [])) == "unknown cell 3: Known: none"


def test_one_of():
    assert one_of("kind", "linear", ["linear", "softmax"]) == "linear"
    with pytest.raises(ValueError, match="unknown kind 'linaer': did you mean 'linear'"):
        one_of("kind", "linaer", ["linear", "softmax"])


@pytest.mark.parametrize("value", [3, 3.0, np.int64(3), np.float64(3.0), np.uint8(3)])
def test_positive_int_takes_whole_numbers(value):
    result = positive_int("steps", value)
    assert result == 3 and type(result) is int


@pytest.mark.parametrize("value", [0, -1, 2.5, math.nan, math.inf])
def test_positive_int_refuses_values(value):
    with pytest.raises(ValueError, match=r"^steps must be a whole number of at least 1, got"):
        positive_int("steps", value)


@pytest.mark.parametrize("value", ["3", None, True, np.True_, [3], 3j])
def test_positive_int_refuses_types(value):
    with pytest.raises(TypeError, match=r"^steps must be a whole number of at least 1, got"):
        positive_int("steps", value)


@pytest.mark.parametrize("value", [2, 2.0, np.float32(2.0), np.array(2.0), np.int8(2)])
def test_number_takes_real_numbers(value):
    result = number("gain", value)
    assert result == 2.0 and type(result) is float


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        ("1.5", TypeError, r"gain must be a number, got '1.5' \(str\)"),
        (None, TypeError, r"gain must be a number, got None \(NoneType\)"),
        (True, TypeError, r"gain must be a number, got True \(bool\)"),
        ([1.0], TypeError, r"gain must be a number, got \[1.0\] \(list\)"),
        (1j, TypeError, r"gain must be a number, got 1j \(complex\)"),
        (math.nan, ValueError, "gain must be finite, got nan"),
        (-math.inf, ValueError, "gain must be finite, got -inf"),
        (-1, ValueError, "gain must be between 0 and 2, got -1"),
        (3, ValueError, "gain must be between 0 and 2, got 3"),
    ],
)
def test_number_refuses(value, error, text):
    with pytest.raises(error, match=f"^{text}$"):
        number("gain", value, low=0.0, high=2.0)


def test_number_with_one_limit():
    with pytest.raises(ValueError, match="at least 0"):
        number("gain", -1, low=0.0)
    with pytest.raises(ValueError, match="at most 0"):
        number("gain", 1, high=0.0)


def test_finite_array_copies_to_float_in_c_order():
    given = np.asfortranarray(np.arange(6).reshape(2, 3))
    array = finite_array("W", given, shape=(2, None))
    assert array.dtype == np.float64 and array.flags.c_contiguous
    array[0, 0] = 7.0
    assert given[0, 0] == 0
    assert finite_array("W", np.float32(1.5)).shape == ()


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        ([[1.0, math.nan]], ValueError, r"W must be finite, but W\[0, 1\] is nan"),
        ([[1.0, 2.0], [math.inf, 2.0]], ValueError, r"W must be finite, but W\[1, 0\] is inf"),
        ([[1, 2, 3]], ValueError, r"W must have shape \(any, 2\), got \(1, 3\)"),
        ([1, 2], ValueError, r"W must have shape \(any, 2\), got \(2,\)"),
        ([[1, 2], [3]], ValueError, "W must be an array of numbers with rows of one length"),
        ("abc", TypeError, "W must be an array of real numbers, got 'abc'"),
        ([["1", "2"]], TypeError, r"W must be an array of real numbers, got \[\['1', '2'\]\]"),
        ([[1j, 2]], TypeError, r"W must be an array of real numbers, got .* \(dtype complex128\)"),
        ([[True, False]], TypeError, "W must be an array of real numbers"),
        (None, TypeError, "W must be an array of real numbers, got None"),
        (np.array([[1, 2]], dtype=object), TypeError, r"\(dtype object\)"),
    ],
)
def test_finite_array_refuses(value, error, text):
    with pytest.raises(error, match=text):
        finite_array("W", value, shape=(None, 2))


def test_long_values_are_cut_and_stay_on_one_line():
    with pytest.raises(TypeError) as caught:
        finite_array("W", 1j * np.ones((30, 30)))
    assert len(str(caught.value)) < 140 and "\n" not in str(caught.value)


def test_divergence_error():
    error = DivergenceError(np.int64(7), advice="a smaller gain may help")
    assert error.step == 7 and type(error.step) is int
    assert str(error) == "the orbit leaves the range of floating-point numbers at step 7: a smaller gain may help"
    assert isinstance(error, ArithmeticError)
