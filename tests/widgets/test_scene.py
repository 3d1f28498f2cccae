"""Plain data of figures, and the shapes of marks."""

from __future__ import annotations

import numpy as np
import pytest

from lyaplab.widgets._scene import Axis, Scene, equal_y, nice_ticks
from lyaplab.widgets._shapes import arrows, contours, decimate, staircase

SCENE = Scene(668, 552, Axis("t", 0, 1000), Axis("x", -1, 1), ())  # plots of 600 by 500 pixels


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [(-1.4, 1.4, (-1, -0.5, 0, 0.5, 1)), (0, 1, (0, 0.2, 0.4, 0.6, 0.8, 1)), (0, 400, (0, 100, 200, 300, 400)),
     (-0.03, 0.07, (-0.02, 0, 0.02, 0.04, 0.06)), (2.9, 4.0, (3.0, 3.2, 3.4, 3.6, 3.8, 4.0))],
)  # fmt: skip
def test_ticks_are_round_and_few(low, high, ticks):
    assert nice_ticks(low, high) == pytest.approx(ticks)


def test_tick_names_have_equal_decimals_and_no_minus_zero():
    assert Axis("x", -0.03, 0.07).names() == ("-0.02", "0.00", "0.02", "0.04", "0.06")
    assert Axis("x", 0, 10, ticks=(0, 2.5, 11)).names() == ("0.0", "2.5")
    assert Axis("x", -1.25, 1.25, most=3).names() == ("-1", "0", "1")


@pytest.mark.parametrize("reach", [1.25, 1.6, 2.2, 2.5, 3.0, 4.0, 5.9, 9.0, 11.0])
def test_ticks_that_are_always_there_leave_room_for_their_labels(reach):
    axis = Axis("Re", -reach, reach, most=4, always=(-1.0, 1.0))
    places = axis.places()
    assert {-1.0, 1.0} <= set(places) and {"-1", "1"} & {name.removesuffix(".0") for name in axis.names()}
    assert np.diff(places).min() >= 2 * reach / 12


def test_ticks_that_would_run_together_are_left_out():
    assert Axis("Re", -40, 40, always=(-1.0, 1.0)).places() == (-40.0, -20.0, 0.0, 20.0, 40.0)
    assert Axis("Re", 2, 4, always=(-1.0, 1.0)).places() == Axis("Re", 2, 4).places()


def test_an_axis_the_wrong_way_round_says_so():
    with pytest.raises(ValueError, match="low < high"):
        Axis("x", 1.0, 1.0)
    with pytest.raises(ValueError, match="finite"):
        Axis("x", 0.0, float("nan"))


def test_pixels_of_the_corners():
    x, y = SCENE.to_pixels([0, 1000], [1, -1])
    assert x.tolist() == [0, 600] and y.tolist() == [0, 500]


def test_equal_axes_keep_the_middle():
    y = equal_y(Axis("x", 0, 6), Axis("y", 1, 3), width=668, height=552)
    assert (y.low, y.high) == pytest.approx((-0.5, 4.5))


def test_an_arrow_points_along_its_vector_and_is_centred():
    x, y = arrows([[1.0, 2.0]], [[0.0, 5.0]], length=0.4)
    assert x[:2] == pytest.approx([1, 1]) and y[1] > y[0]
    assert (y[0] + y[1]) / 2 == pytest.approx(2)
    assert np.isnan(x[2]) and x[4] == x[1] and y[4] == y[1]


def test_faster_arrows_are_longer_but_none_longer_than_asked():
    x, _ = arrows(np.zeros((3, 2)), [[0.1, 0], [1, 0], [100, 0]], length=0.4)
    lengths = x[1::7] - x[::7]
    assert np.all(np.diff(lengths) > 0) and lengths[-1] <= 0.4 + 1e-12


def test_arrows_at_rest_or_lost_leave_a_gap():
    x, y = arrows([[0, 0], [1, 1]], [[0, 0], [np.nan, 1]], length=1.0)
    assert np.isnan(x).all() and np.isnan(y).all()
    with pytest.raises(ValueError, match="as many vectors"):
        arrows([[0, 0]], [[1, 1], [2, 2]], length=1.0)


def test_contours_of_a_saddle_are_two_pieces_and_holes_stay_holes():
    grid = np.linspace(-1, 1, 41)
    z = np.multiply.outer(grid, grid) - 0.1
    x, y = contours(grid, grid, z)
    assert np.isnan(x).sum() == 1
    assert np.nanmax(abs(x * y - 0.1)) < 1e-2
    z[:, :20] = np.nan
    assert np.nanmin(contours(grid, grid, z)[0]) >= 0
    assert len(contours(grid, grid, z + 9)[0]) == 0


def test_the_staircase_goes_up_and_across():
    x, y = staircase([0.2, 0.5, 0.7])
    assert x.tolist() == [0.2, 0.2, 0.5, 0.5, 0.7]
    assert y.tolist() == [0.2, 0.5, 0.5, 0.7, 0.7]


def test_a_dense_series_keeps_its_extremes_and_two_points_a_pixel():
    rng = np.random.default_rng(0)
    x, y = np.arange(100_000) / 100, rng.uniform(-0.5, 0.5, 100_000)
    y[54_321], y[54_322] = 0.99, -0.99
    u, v = decimate(x, y, SCENE)
    assert len(u) <= 4 * 600 + 2
    assert v.max() == 0.99 and v.min() == -0.99
    assert (u[0], v[0], u[-1], v[-1]) == (x[0], y[0], x[-1], y[-1])
    assert np.all(np.diff(u) >= 0)


def test_a_sparse_line_is_left_alone():
    x, y = np.linspace(0, 1000, 50), np.linspace(-1, 1, 50)
    u, v = decimate(x, y, SCENE)
    assert np.array_equal(u, x) and np.array_equal(v, y)


def test_gaps_and_the_ends_of_pieces_stay():
    piece = np.linspace(0, 0.1, 500)
    x = np.concatenate([piece, [np.nan, np.nan], piece + 500])
    u, v = decimate(x, np.zeros_like(x), SCENE)
    assert np.isnan(u).sum() == 1 and np.isnan(v[np.isnan(u)]).all() is np.False_
    gap = int(np.flatnonzero(np.isnan(u))[0])
    assert u[gap - 1] == 0.1 and u[gap + 1] == 500.0 and u[-1] == 500.1
    assert len(u) < 12


def test_a_curve_that_fills_the_plane_is_capped():
    rng = np.random.default_rng(1)
    u, v = decimate(rng.uniform(0, 1000, 50_000), rng.uniform(-1, 1, 50_000), SCENE, cap=3000)
    assert len(u) == len(v) == 3000
