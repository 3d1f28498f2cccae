"""Strict JSON that comes back to the last bit."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import lyaplab as ll
from lyaplab.sweeps.encoding import decoded, encoded, measured


def there_and_back(value):
    return decoded(json.loads(json.dumps(encoded(value), allow_nan=False)))


@given(
    st.one_of(
        st.floats(allow_nan=False),
        st.integers(),
        st.booleans(),
        st.text(),
        st.none(),
        st.complex_numbers(allow_nan=False),
    )
)
def test_one_value(value):
    back = there_and_back(value)
    assert back == value and type(back) is type(value)
    assert str(back) == str(value)  # -0.0 is not 0.0


def test_not_a_number():
    assert np.isnan(there_and_back(np.nan)) and there_and_back("nan") == "nan"


KINDS = st.sampled_from(
    [np.float64, np.float32, np.int64, np.uint8, np.bool_, np.complex128, np.dtype("<U5"), np.dtype(">f8")]
)


@given(arrays.arrays(KINDS, arrays.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=3)))
def test_array(value):
    back = there_and_back(value)
    assert back.dtype == value.dtype.newbyteorder("=") and back.shape == value.shape
    np.testing.assert_array_equal(back, value)
    if value.dtype.kind == "f":  # -0.0 equals 0.0
        there = ~np.isnan(value)
        np.testing.assert_array_equal(np.signbit(back)[there], np.signbit(value)[there])


def test_result_gives_its_fields_without_its_history():
    spectrum = ll.Model("henon").lyapunov_spectrum(300)
    row = measured("spectrum", spectrum)
    assert set(row) == {
        "exponents", "stderr", "steps", "unit", "sum_rule_error", "kaplan_yorke", "entropy_rate",
    }  # fmt: skip
    np.testing.assert_array_equal(decoded(row["exponents"]), spectrum.exponents)
    assert row["kaplan_yorke"] == spectrum.kaplan_yorke


def test_parts_are_joined_by_a_dot():
    row = measured("", {"one": {"two": 2}, "henon": ll.Model("henon").fixed_points()})
    assert row["one.two"] == 2 and decoded(row["henon.points"]).shape == (2, 2)


@pytest.mark.parametrize("value", [object(), [[1, 2], [3]], {1, 2}, np.array([None]), b"bytes"])
def test_what_is_no_value_is_named(value):
    with pytest.raises(TypeError, match="peak must be a number, a word, an array or a result of lyaplab, got"):
        measured("peak", value)
