from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from lyaplab.school.encode import Budget, encode
from lyaplab.school.plain import MAX_NUMBERS, decode


@pytest.mark.parametrize(
    "value",
    [
        1.5,
        -np.inf,
        2 + 3j,
        True,
        "word",
        np.arange(6.0).reshape(2, 3),
        np.array([1 + 2j, np.inf]),
        np.array([True, False]),
        ["a", "b"],
    ],
)
def test_a_value_comes_back(value):
    back = decode(json.loads(json.dumps(encode(value), allow_nan=False)))
    assert type(back) is type(value)
    assert np.array_equal(back, value)


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (3, 3.0),
        (np.float32(0.5), 0.5),
        (np.int64(7), 7.0),
        (np.array(2), 2.0),
        (Fraction(1, 4), 0.25),
        (Decimal("0.5"), 0.5),
        (10**400, np.inf),
        (-(10**400), -np.inf),
        (np.bool_(True), True),
        (np.str_("x"), "x"),
    ],
)
def test_relatives_of_numbers(value, plain):
    assert decode(encode(value)) == plain


@pytest.mark.parametrize(
    ("value", "shape"),
    [([1, 2.0], (2,)), (((1, 2), (3, 4)), (2, 2)), ([np.zeros(3), [1, 2, 3]], (2, 3)), (range(4), (4,)), ([], (0,))],
)
def test_sequences_become_arrays(value, shape):
    assert decode(encode(value)).shape == shape


def test_nan_comes_back():
    assert np.isnan(decode(encode(np.nan)))
    assert np.isnan(decode(encode(np.array([np.nan]))))[0]


def test_an_ellipsis_inside_a_list_is_not_answered():
    assert encode([1.0, ...])["kind"] == "nothing"


def test_a_budget_is_shared():
    budget = Budget(10)
    assert encode(np.zeros(6), budget)["kind"] == "array"
    assert encode(np.zeros(6), budget)["kind"] == "large"
    assert encode(np.zeros(4), budget)["kind"] == "array"


def test_nested_lists_cannot_exceed_the_budget():
    row = [0.0] * 1000
    assert encode([row] * 1000)["kind"] == "large"
    assert encode(np.zeros(MAX_NUMBERS))["kind"] == "array"
    assert encode(np.zeros(MAX_NUMBERS + 1))["kind"] == "large"


def test_a_subclass_cannot_interfere():
    class Liar(float):
        def __float__(self):
            return 1.0

        def __repr__(self):
            return "1.0"

    class Longer(list):
        def __iter__(self):
            return iter([9.0] * 9)

        def __len__(self):
            return 10**9

    assert decode(encode(Liar(0.5))) == 0.5
    assert decode(encode(Longer([1.0, 2.0]))).tolist() == [1.0, 2.0]
