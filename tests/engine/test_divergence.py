"""How pairs are found and followed, against the same done by hand in NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from lyaplab.engine import divergence
from lyaplab.engine.divergence import Pairs, ball_size, follow_divergence, saturation
from lyaplab.engine.embedding import delay_points


def pairs_of(method: str, *, steps: int = 6, width: int = 1, eps: float = 0.7) -> Pairs:
    series = np.random.default_rng(3).standard_normal((150, width))
    return Pairs(series, 2, 3, 4, steps, method, eps, 1e-10)


@pytest.mark.parametrize("width", [1, 2])
@pytest.mark.parametrize("method", divergence.METHODS)
def test_curve_is_that_of_plain_loops(method, width):
    pairs = pairs_of(method, width=width)
    *_, total = follow_divergence(pairs)
    curves, weights = total.curves
    series, points = pairs.series, delay_points(pairs.series, dimension=2, lag=3)
    count = 150 - 3 - 6
    logs = []
    for i in range(count):
        others = [j for j in range(count) if abs(i - j) > 4]
        near = {j: np.linalg.norm(points[i] - points[j]) for j in others}
        if method == "rosenstein":
            j = min(near, key=near.__getitem__)
            logs.append([np.log(np.linalg.norm(points[i + k] - points[j + k])) for k in range(7)])
        else:
            ball = [j for j in others if near[j] <= 0.7]
            if len(ball) >= 3:
                logs.append(
                    [
                        np.log(np.mean([np.linalg.norm(series[i + 3 + k] - series[j + 3 + k]) for j in ball]))
                        for k in range(7)
                    ]
                )
    assert weights.sum() == len(logs)
    np.testing.assert_allclose((weights @ curves) / weights.sum(), np.mean(logs, axis=0), rtol=1e-10)


def test_pieces_search_alike(monkeypatch):
    *_, whole = follow_divergence(pairs_of("kantz"))
    monkeypatch.setattr(divergence, "_SEARCHED_TOGETHER", 1)
    shares = [so_far.done for so_far in follow_divergence(pairs_of("kantz"))]
    assert len(shares) > 10 and shares == sorted(shares) and shares[-1] == 1.0
    *_, pieces = follow_divergence(pairs_of("kantz"))
    np.testing.assert_array_equal(pieces.sums, whole.sums)


def test_long_products_of_small_distances_do_not_vanish():
    t = np.arange(3000.0)
    pairs = Pairs(np.sin(2 * np.pi * t / 25)[:, None], 2, 6, 25, 10, "rosenstein", 0.0, 1e-10)
    *_, total = follow_divergence(pairs)
    curves, _ = total.curves
    np.testing.assert_allclose(curves, np.log(1e-10), rtol=1e-9)


def test_saturation_of_gaussian_noise():
    """Kantz: log of E|x - y| = 2/sqrt(pi)."""
    series = np.random.default_rng(0).standard_normal((5000, 1))
    pairs = Pairs(series, 1, 1, 1, 5, "kantz", 0.1, 1e-10)
    assert saturation(pairs) == pytest.approx(np.log(2 / np.sqrt(np.pi)), abs=0.05)


def test_half_the_points_have_ten_neighbours():
    points = np.random.default_rng(0).uniform(size=(150, 2))
    radius = ball_size(points, 5)
    gaps = np.linalg.norm(points[:, None] - points, axis=2)
    gaps[np.abs(np.subtract.outer(np.arange(150), np.arange(150))) <= 5] = np.inf
    counts = (gaps <= radius * (1 + 1e-12)).sum(axis=1)
    assert abs(np.mean(counts >= 10) - 0.5) < 0.01
