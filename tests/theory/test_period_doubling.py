"""The cascade of the logistic map: exact values, literature, and the map itself."""

from __future__ import annotations

import math

import numpy as np
import pytest

import lyaplab as ll
from lyaplab.theory import doublings, feigenbaum, superstable


def test_doublings():
    """Row 5, and the first two exactly."""
    r = doublings(6)
    np.testing.assert_allclose(r[:2], [3.0, 1.0 + math.sqrt(6.0)], rtol=1e-15)
    np.testing.assert_allclose(r[2:], [3.544090, 3.564407, 3.568759, 3.569692], atol=6e-7)
    gaps = np.diff(r)
    np.testing.assert_allclose(gaps[:2] / gaps[1:3], [4.7515, 4.656], atol=6e-4)


@pytest.mark.parametrize("level", [2, 3, 4])
def test_the_period_doubles_there(level):
    r = doublings(level + 1)[level]
    for share, period in ((-2e-5, 2**level), (2e-5, 2 ** (level + 1))):
        path = ll.Model("logistic", r=r + share).orbit(64, warmup=200_000)[:, 0]
        # A cycle of the longer period does not come back after the shorter.
        assert np.abs(path[period:] - path[:-period]).max() < 1e-6
        assert np.abs(path[period // 2 :] - path[: -period // 2]).max() > 1e-4


def test_superstable_cycles_pass_through_the_middle():
    r = superstable(6)
    np.testing.assert_allclose(r[:3], [2.0, 1.0 + math.sqrt(5.0), 3.498561699], atol=1e-9)
    for level in range(6):
        x = 0.5
        for _ in range(2**level):
            x = r[level] * x * (1 - x)
        assert x == pytest.approx(0.5, abs=1e-12)
    between = doublings(6)
    assert (r < between).all() and (between[:-1] < r[1:]).all()


def test_feigenbaums_numbers():
    delta, alpha, end = feigenbaum()
    assert delta == pytest.approx(4.669201609, abs=1e-6)
    assert alpha == pytest.approx(2.502907876, abs=1e-6)
    assert end == pytest.approx(3.569945672, abs=1e-9)


def test_the_exponent_vanishes_at_the_end():
    """Row 4."""
    spectrum = ll.Model("logistic", r=feigenbaum().end).lyapunov_spectrum(200_000, warmup=10_000)
    assert spectrum.exponents[0] == pytest.approx(0.0, abs=2e-3)


def test_short_and_impossible_requests():
    assert doublings(1) == pytest.approx([3.0]) and superstable(1) == pytest.approx([2.0])
    assert len(doublings(12)) == 12 and (np.diff(doublings(12)) > 0).all()
    for function in (doublings, superstable):
        with pytest.raises(ValueError, match="at most 12, got 13"):
            function(13)
        with pytest.raises(ValueError, match="levels"):
            function(0)
