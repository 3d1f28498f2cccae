"""Distances of distributions, against what is known of them without any series."""

import numpy as np
import pytest
from scipy.special import ndtr

from lyaplab.data import mixture_divergence, state_space_divergence


def gaussians(rng, *, mean, sd, dimensions=1, count=200_000):
    """Points of N(0, 1), exactly of mean 0 and variance 1, and of N(mean, sd^2)."""
    x = rng.standard_normal((count, dimensions))
    return (x - x.mean(axis=0)) / x.std(axis=0), mean + sd * rng.standard_normal((count, dimensions))


def divergence_of_gaussians(mean, sd):
    """From N(0, 1) to N(mean, sd^2), in one dimension."""
    return np.log(sd) + (1.0 + mean**2) / (2.0 * sd**2) - 0.5


def in_bins(mean, sd, bins=10):
    """Probabilities of the bins and of what lies outside."""
    inside = np.diff(ndtr((np.linspace(-2.0, 2.0, bins + 1) - mean) / sd))
    return np.append(inside, 1.0 - inside.sum())


def test_bins_of_two_gaussians_hold_what_the_integrals_say():
    true, generated = gaussians(np.random.default_rng(0), mean=0.5, sd=1.3)
    p, q = in_bins(0.0, 1.0), in_bins(0.5, 1.3)
    exact = float(np.sum(p * np.log(p / q)))
    found = state_space_divergence(true, generated)
    assert found.value == pytest.approx(exact, abs=0.005)  # a slope of about 1 times errors of sqrt(1/200,000)
    assert found.outside_true == pytest.approx(p[-1], abs=0.002)
    assert found.outside_generated == pytest.approx(q[-1], abs=0.003)
    # Bins never see more than the densities do; as many as these see most of it.
    assert 0.8 * divergence_of_gaussians(0.5, 1.3) < exact < divergence_of_gaussians(0.5, 1.3)


def test_every_bin_counts_by_itself():
    """Four values of mean 0 and variance 1, one in each of four bins; shares by hand."""
    values = np.array([-np.sqrt(1.75), -0.5, 0.5, np.sqrt(1.75)])
    shares = np.array([0.1, 0.2, 0.3, 0.4])
    found = state_space_divergence(np.repeat(values, 250), np.repeat(values, (1000 * shares).astype(int)), bins=4)
    assert found.value == pytest.approx(np.sum(0.25 * np.log(0.25 / shares)), abs=1e-6)


def test_two_draws_of_one_distribution_come_to_the_floor():
    """The floor is (cells - 1)/2 times (1/T + 1/T'), as of every likelihood ratio."""
    rng = np.random.default_rng(1)
    draws = rng.uniform(-1.0, 1.0, (60, 2, 4000))
    # Uniform on sqrt(3) standard deviations: all ten bins, those at the edge in part, and nothing outside.
    values = [state_space_divergence(*pair).value for pair in draws]
    assert np.mean(values) == pytest.approx(0.5 * 9 * 2 / 4000, rel=0.15)


def test_points_outside_make_one_bin_more():
    rng = np.random.default_rng(2)
    true = rng.choice([-1.0, 1.0], size=(4000, 2))  # all inside, in four bins
    generated = np.repeat(true, 2, axis=0)
    generated[::2] = 50.0
    found = state_space_divergence(true, generated)
    assert found.value == pytest.approx(np.log(2.0), abs=1e-4)
    assert (found.outside_true, found.outside_generated) == (0.0, 0.5)
    generated[::2] = np.nan  # an orbit that has left the range of floats
    assert state_space_divergence(true, generated).value == found.value


def test_scale_and_place_of_both_together_do_not_count():
    rng = np.random.default_rng(3)
    true, generated = rng.standard_normal((2, 500, 2))
    moved = [7.0 + each * [0.01, 300.0] for each in (true, generated)]
    assert state_space_divergence(*moved) == state_space_divergence(true, generated)


@pytest.mark.parametrize(
    ("true", "generated", "words"),
    [
        (np.eye(8)[:, :6], np.eye(8)[:, :6], "true has 6 dimensions.*mixture_divergence"),
        (np.c_[np.arange(9.0), np.ones(9)], np.ones((9, 2)), "true must vary, but its column 1 is constant"),
        (np.eye(3), np.eye(2), "generated must have the 3 dimensions of true, got 2"),
        ([0.0, np.nan], [0.0, 1.0], r"true must be finite, but true\[1\] is nan"),
        ([1.0], [0.0, 1.0], "true must have at least two rows"),
    ],
)
def test_what_cannot_be_compared_is_refused(true, generated, words):
    with pytest.raises(ValueError, match=words):
        state_space_divergence(true, generated)


@pytest.mark.parametrize("dimensions", [1, 3])
def test_mixtures_of_two_gaussians_agree_with_the_closed_form(dimensions):
    """Gaussians of width w around points of N(m, s^2) are N(m, s^2 + w^2), when the points are many."""
    mean, sd, width = 0.8, 1.5, 0.5
    rng = np.random.default_rng(4)
    points = gaussians(rng, mean=mean, sd=sd, dimensions=dimensions, count=2000)
    found = mixture_divergence(*points, width=width, centres=2000, samples=1000)
    wide = np.sqrt(1.0 + width**2)
    exact = dimensions * divergence_of_gaussians(mean / wide, np.sqrt(sd**2 + width**2) / wide)
    assert 0.0 < found.stderr < 0.1 * exact
    # That centres are few costs (volume of the true points in Gaussians)/(2 * 2000) for each mixture: 0.02.
    assert found.value == pytest.approx(exact, abs=4 * found.stderr + 0.02)
    # The direction: the other way round it is another number.
    back = dimensions * (
        np.log(1 / np.sqrt(sd**2 + width**2) * wide) + ((sd**2 + width**2 + mean**2) / wide**2 - 1) / 2
    )
    assert abs(found.value - back) > 10 * found.stderr


def test_a_seed_makes_mixtures_the_same_and_identical_points_are_at_distance_nothing():
    x = np.random.default_rng(5).standard_normal((300, 7))
    y = x + 1.0
    assert mixture_divergence(x, y, seed=3) == mixture_divergence(x, y, seed=3)
    assert mixture_divergence(x, y, seed=3) != mixture_divergence(x, y, seed=4)
    assert mixture_divergence(x, x).value == 0.0
