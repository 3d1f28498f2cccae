"""Distances of power spectra, against lines whose overlap is known."""

import numpy as np
import pytest

from lyaplab.data import spectral_distance

SEGMENT = 400


def sine(line):
    """A sine on a line of the segments' spectrum, as a column."""
    return np.sin(2.0 * np.pi * line * np.arange(4000) / SEGMENT + 0.3)


@pytest.mark.parametrize("shift", [2, 6, 12])
def test_shifted_lines_overlap_as_gaussians_do(shift):
    """A smoothed line is a Gaussian; two of them share exp(-shift^2/(8 variance)). The taper adds 1/3 to it."""
    found = spectral_distance(sine(60), sine(60 + shift), segment=SEGMENT, smoothing=3.0)
    exact = np.sqrt(1.0 - np.exp(-(shift**2) / (8.0 * (9.0 + 1.0 / 3.0))))
    assert found.value == pytest.approx(exact, abs=0.003)


def test_the_same_sine_is_at_distance_nothing_whatever_its_size_and_phase():
    assert spectral_distance(sine(60), 5.0 - 2.0 * np.roll(sine(60), 7), segment=SEGMENT).value < 1e-4


def test_each_dimension_has_its_own_distance():
    true, generated = np.c_[sine(40), sine(80)], np.c_[sine(40), sine(160)]
    found = spectral_distance(true, generated, segment=SEGMENT)
    assert found.each == pytest.approx([0.0, 1.0], abs=1e-3)
    assert found.value == pytest.approx(0.5, abs=1e-3)


def test_the_floor_falls_as_segments_become_more():
    noise = np.random.default_rng(0).standard_normal((2, 64_000))
    few, many = (spectral_distance(*noise[:, :count], segment=100).value for count in (4000, 64_000))
    assert many < 0.35 * few < 0.1  # 1/4, for sixteen times as many


def test_an_orbit_at_rest_has_no_spectrum():
    assert spectral_distance(sine(60), np.full(4000, 0.7)).value == 1.0


def test_what_cannot_be_compared_is_refused():
    with pytest.raises(ValueError, match="its column 0 is constant"):
        spectral_distance(np.ones(500), sine(3))
    with pytest.raises(ValueError, match="segment must be at most the 100 rows of the shorter series, got 101"):
        spectral_distance(sine(3), sine(3)[:100], segment=101)
