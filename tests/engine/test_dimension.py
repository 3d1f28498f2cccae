"""Kaplan-Yorke dimension and entropy rate (row 35 of the known answers)."""

from __future__ import annotations

import math

import numpy as np
import pytest

import lyaplab as ll
from lyaplab.engine.dimension import entropy_rate


@pytest.mark.parametrize(
    ("exponents", "dimension"),
    [
        ((0.9056, 0.0, -14.5723), 2.06215),
        ((1.0, -2.0), 1.5),
        ((-1.0, -2.0), 0.0),
        ((1.0, 0.5), 2.0),
        ((0.0, -1.0), 1.0),
        ((0.0,), 1.0),
        ((0.5, -0.5), 2.0),
        ((0.41922, -1.62319), 1.25827),
        ((1.0, -math.inf), 1.0),
        ((-math.inf,), 0.0),
        ((2.0, -1.0, -3.0), 2 + 1 / 3),
    ],
)
def test_kaplan_yorke(exponents, dimension):
    assert ll.kaplan_yorke(exponents) == pytest.approx(dimension, abs=1e-5)


def test_order_and_unit_do_not_matter():
    spectrum = np.array([0.9, 0.2, -0.4, -2.0, -3.0])
    assert ll.kaplan_yorke(spectrum[[3, 0, 4, 2, 1]]) == ll.kaplan_yorke(spectrum)
    assert ll.kaplan_yorke(7.0 * spectrum) == pytest.approx(ll.kaplan_yorke(spectrum))


def test_entropy_rate_is_the_sum_of_the_positive_ones():
    assert entropy_rate([0.5, 0.25, -1.0]) == 0.75
    assert entropy_rate([-1.0]) == 0.0


@pytest.mark.parametrize("bad", [[], [1.0, math.nan], [math.inf]])
def test_refuses_what_is_no_spectrum(bad):
    with pytest.raises(ValueError, match="exponents must"):
        ll.kaplan_yorke(bad)
