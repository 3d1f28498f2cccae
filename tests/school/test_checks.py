from __future__ import annotations

import numpy as np
import pytest

from lyaplab.school.checks import Close, Order, Shape, Sign


def test_close_is_close_at_the_limit():
    close = Close(0.1)
    assert not close.fault(1.05, 1.0, ())
    assert close.fault(1.11, 1.0, ())


def test_the_larger_limit_counts():
    close = Close(1e-3, relative=0.01)
    assert not close.fault(1009.0, 1000.0, ())
    assert close.fault(1011.0, 1000.0, ())
    assert not close.fault(0.0009, 0.0, ())
    assert "1 %" in close.text(1000.0)


@pytest.mark.parametrize("value", [np.array([1.0]), np.array([[1.0]]), np.float64(1), 1, 1 + 0j])
def test_one_number_in_any_dress(value):
    assert not Close().fault(value, 1.0, ())


@pytest.mark.parametrize("value", ["1.0", True, ["a"], np.array([True]), np.zeros(2)])
def test_no_number(value):
    assert "expected" in Close().fault(value, 1.0, ())


def test_infinities_and_nan():
    assert not Close().fault(-np.inf, -np.inf, ())
    assert Close().fault(np.inf, -np.inf, ())
    assert "NaN" in Close().fault(np.array([1.0, np.nan]), np.array([1.0, 2.0]), ())
    assert not Close().fault(np.nan, np.nan, ())


def test_any_order_matches_rows_once():
    want = np.array([[0.0, 1.0], [2.0, 3.0], [2.0, 3.0]])
    close = Close(1e-9, any_order=True)
    assert not close.fault(want[[2, 0, 1]], want, ())
    assert close.fault(want[[0, 0, 1]], want, ())
    assert not close.fault(np.array([1, -np.inf]), np.array([-np.inf, 1.0]), ())
    assert not close.fault(np.array([1j, -1j]), np.array([-1j, 1j]), ())
    assert close.fault(want[:, ::-1], want, ())


def test_shape():
    assert not Shape().fault(np.ones((2, 3)), np.zeros((2, 3)), ())
    assert "(2, 3)" in Shape().fault(np.ones((3, 2)), np.zeros((2, 3)), ())


def test_sign():
    sign = Sign(zero=1e-6)
    assert not sign.fault(np.array([-3.0, 1e-9]), np.array([-1.0, 0.0]), ())
    assert sign.fault(np.array([-3.0, 1e-3]), np.array([-1.0, 0.0]), ())


@pytest.mark.parametrize("value", [1.0, "ab", np.array([1j, 2j])])
def test_order_wants_real_numbers(value):
    assert "expected" in Order("rising").fault(value, np.zeros(2), ())


def test_order():
    assert not Order("rising").fault(np.array([1.0, 1.0, 2.0]), None, ())
    assert Order("falling").fault(np.array([1.0, 2.0]), None, ())
    with pytest.raises(ValueError, match="sideways"):
        Order("sideways")


def test_an_authors_hint_stands_instead():
    assert Close(hint="Look again.").fault(2.0, 1.0, ()) == "Look again."
    assert Close(hint="Look again.").fault(1.0, 1.0, ()) == ""
