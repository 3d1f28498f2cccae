"""The rule for the straight part of a curve: on curves whose answer is plain."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lyaplab.engine.region import DIVERGES, NO_DIVERGENCE, NO_REGION, line_of

K = np.arange(60.0)


def judged(curve: np.ndarray, *, saturation: float = 0.0, start: int = 0):
    return line_of(np.stack([curve, curve]), np.ones(2), saturation=saturation, start=start)


@pytest.mark.parametrize("slope", [0.05, 0.3, 1.0])
def test_a_line_up_to_saturation(slope):
    line = judged(np.minimum(slope * K - 5.5, 0.0))
    assert line.verdict == DIVERGES and line.slope == pytest.approx(slope, rel=1e-9)
    assert line.region[0] == 0 and line.curve[line.region[1]] <= -0.5
    assert slope * (line.region[1] - line.region[0]) > 2.5


def test_a_smooth_bend_is_left_out():
    """log of a logistic growth: by the saturation the slope has gone down to nothing."""
    grown = np.exp(0.3 * K - 7.0)
    line = judged(np.log(grown / (1 + grown)))
    assert line.verdict == DIVERGES and line.slope == pytest.approx(0.3, rel=0.05)


def test_a_first_jump_is_left_out():
    line = judged(np.minimum(np.where(K > 3, 0.2 * K, 0.8 * K - 3.0) - 6.0, 0.0))
    assert line.slope == pytest.approx(0.2, rel=0.02)


def test_the_start_is_left_out():
    line = judged(np.minimum(0.1 * K - 5.0, 0.0), start=7)
    assert line.region[0] == 7


@pytest.mark.parametrize(
    "curve",
    [
        0.5 * np.log1p(K) - 3.0,  # diffusion
        0.5 * np.log(0.001 + K / 60),  # diffusion that begins with closeness
        np.where(K == 0, -3.0, 0.0),  # noise: strangers after one step
        np.full(60, -0.1),  # strangers from the beginning
        np.where(K < 3, K - 3.0, 0.0),  # too few points to tell a line
        np.minimum(0.5 * K - 1.3, 0.0),  # less than a nat below saturation
    ],
)
def test_no_line(curve):
    line = judged(curve)
    assert line.verdict == NO_REGION and math.isnan(line.slope) and line.region is None


def test_going_nowhere_is_not_growing():
    line = judged(-4.0 + 0.2 * np.sin(K), start=5)
    assert line.verdict == NO_DIVERGENCE and line.region == (5, 59)
    assert abs(line.slope) < line.stderr < 0.02


def test_error_is_the_scatter_of_blocks():
    rng = np.random.default_rng(0)
    slopes = 0.3 + 0.05 * rng.standard_normal(25)
    line = line_of(slopes[:, None] * K[:15] - 6.0, np.ones(25), saturation=0.0)
    assert line.slope == pytest.approx(slopes.mean())
    assert line.stderr == pytest.approx(slopes.std(ddof=1) / 5, rel=1e-6)
    assert line.scatter[10] == pytest.approx(10 * slopes.std(ddof=1) / 5, rel=1e-6)


def test_weights_count():
    curves = np.array([[0.2], [0.4]]) * K[:20] - 9.0
    line = line_of(curves, np.array([3.0, 1.0]), saturation=0.0)
    assert line.slope == pytest.approx(0.25)
