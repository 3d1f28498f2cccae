"""Series from equations: their rows obey the equations, their predictability times are the known ones."""

from __future__ import annotations

import math

import numpy as np
import pytest

import lyaplab as ll
from lyaplab.data import duffing, lorenz63, lorenz96, mackey_glass, roessler

# Largest exponents per unit of time, as the literature and runs of our own have them (SCIENCE, 3.4 and 5).
KNOWN = {
    "lorenz63": (lorenz63, {}, 0.9056, 0.005),
    "lorenz63, rho 38": (lorenz63, {"rho": 38.0}, 1.106, 0.006),
    "lorenz63, Wolf": (lorenz63, {"sigma": 16.0, "rho": 45.92, "beta": 4.0, "dt": 0.005}, 1.5037, 0.01),
    "roessler": (roessler, {"dt": 0.05}, 0.0887, 0.002),
    "duffing": (duffing, {}, 0.129, 0.005),
    "lorenz96": (lorenz96, {}, 1.69, 0.05),
    "mackey_glass": (mackey_glass, {}, 0.0052, 0.0005),
    "mackey_glass, tau 30": (mackey_glass, {"tau": 30.0, "n": 60}, 0.00714, 0.0006),
}


@pytest.mark.parametrize("name", KNOWN)
def test_exponent_is_the_generators_own(name):
    make, settings, exponent, tolerance = KNOWN[name]
    series = make(200, **settings)
    assert series.exponent_from == "generator"
    assert series.exponent / series.time_step == pytest.approx(exponent, abs=tolerance)
    assert 0.0 < series.exponent_stderr < tolerance * series.time_step
    assert series.tau_pred == pytest.approx(math.log(2.0) / series.exponent)


@pytest.mark.parametrize(("rho", "tau"), [(28.0, 76.5), (38.0, 62.7)])
def test_predictability_time_of_lorenz(rho, tau):
    assert lorenz63(200, rho=rho, dt=0.01).tau_pred == pytest.approx(tau, abs=0.4)
    # The time to double is that of the equations: in steps of half the length it takes twice as many.
    assert lorenz63(200, rho=rho, dt=0.005).tau_pred == pytest.approx(2 * tau, abs=1.5)


def test_duffing_at_the_step_of_the_published_series():
    assert duffing(200, dt=0.177).tau_pred == pytest.approx(30.3, abs=0.8)


def slopes(rows: np.ndarray, dt: float) -> np.ndarray:
    """Derivatives by central differences of fourth order."""
    return (rows[:-4] - 8 * rows[1:-3] + 8 * rows[3:-1] - rows[4:]) / (12 * dt)


def restored(series) -> np.ndarray:
    return series.restore(series.values)


def test_rows_of_lorenz_obey_the_equations():
    series = lorenz63(2000, dt=0.002, rho=38.0)
    x, y, z = restored(series)[2:-2].T
    expected = np.column_stack([10 * (y - x), x * (38 - z) - y, x * y - 8 / 3 * z])
    assert abs(slopes(restored(series), 0.002) - expected).max() < 1e-4 * abs(expected).max()
    assert series.time_step == 0.002


def test_rows_of_roessler_obey_the_equations():
    rows = restored(roessler(2000, dt=0.005))
    x, y, z = rows[2:-2].T
    expected = np.column_stack([-y - z, x + 0.15 * y, 0.2 + z * (x - 10)])
    assert abs(slopes(rows, 0.005) - expected).max() < 1e-4 * abs(expected).max()


def test_rows_of_duffing_obey_the_equations_and_the_drive_goes_round():
    rows = restored(duffing(2000, dt=0.02))
    x, v, cos, sin = rows[2:-2].T
    expected = np.column_stack([v, x - x**3 - 0.1 * v + 0.35 * cos, -1.4 * sin, 1.4 * cos])
    assert abs(slopes(rows, 0.02) - expected).max() < 1e-5
    assert np.allclose(cos**2 + sin**2, 1.0)


def test_rows_of_lorenz96_obey_the_equations():
    rows = restored(lorenz96(500, n=6, F=10.0, dt=0.002))
    x = rows[2:-2]
    ahead, behind, far = (np.roll(x, shift, axis=1) for shift in (-1, 1, 2))
    assert abs(slopes(rows, 0.002) - ((ahead - far) * behind - x + 10.0)).max() < 1e-3


def test_rows_of_mackey_glass_obey_the_equation():
    series = mackey_glass(2000, tau=17.0, n=86)
    x, dt = restored(series)[:, 0], series.time_step
    assert (dt, series.unit) == (pytest.approx(0.2), "days")
    now, past = x[87:-2], x[2:-87]
    assert len(now) == len(past)
    expected = 0.2 * past / (1 + past**10) - 0.1 * now
    assert abs(slopes(x, dt)[85:] - expected).max() < 1e-4


def test_mackey_glass_in_delay_coordinates():
    plain, points = mackey_glass(400, noise=0.1), mackey_glass(400, delays=4, lag=7, noise=0.1)
    assert points.values.shape == (400, 4)
    assert points.names == ("x", "x+7", "x+14", "x+21")
    assert np.array_equal(points.values[7:, 0], points.values[:-7, 1])
    # Noise and all: only the scale is that of a slightly longer series.
    assert np.corrcoef(points.values[:, 0], plain.values[:, 0])[0, 1] == pytest.approx(1.0, abs=1e-4)
    assert points.exponent == plain.exponent


def test_a_lag_that_is_left_open_does_not_depend_on_noise():
    names = mackey_glass(1000, delays=2).names
    assert mackey_glass(1000, delays=2, noise=0.3).names == names
    lag = int(names[1].removeprefix("x+"))
    assert 4 < lag * 17 / 29 < 17  # days: a quarter of a swing of some 50


@pytest.mark.parametrize("make", [lorenz63, roessler, duffing, mackey_glass])
def test_seeds_make_other_stretches_of_one_attractor(make):
    first, again, other = (make(3000, seed=seed) for seed in (0, 0, 1))
    assert np.array_equal(first.values, again.values)
    assert abs(first.values[:20] - other.values[:20]).max() > 0.05
    assert first.exponent == other.exponent


def test_the_orbit_below_the_noise_is_the_same():
    clean, noisy = lorenz63(5000, seed=2), lorenz63(5000, seed=2, noise=0.05)
    assert (noisy.values - clean.values).std() == pytest.approx(0.05, rel=0.03)
    assert np.array_equal(noisy.mean, clean.mean)
    assert "noise 0.05" in repr(noisy)


def test_what_is_observed_is_part_of_the_whole():
    whole, part = lorenz63(500, noise=0.05), lorenz63(500, noise=0.05, observed=["y", "z"])
    assert part.names == ("y", "z")
    assert np.array_equal(part.values, whole.values[:, 1:])
    assert part.tau_pred == whole.tau_pred


def test_a_cycle_has_no_predictability_time():
    series = lorenz63(500, rho=160.0, dt=0.005, warmup=20_000)
    assert abs(series.exponent) < 1e-4
    assert series.tau_pred == math.inf


def test_a_source_at_rest_makes_no_series():
    with pytest.raises(ValueError, match="column 'x' must vary, got the constant"):
        lorenz63(500, rho=14.0, warmup=20_000)


@pytest.mark.parametrize(
    ("ask", "kind", "said"),
    [
        (lambda: lorenz63(5), ValueError, "a series needs 10 rows or more, got 5"),
        (lambda: lorenz63(100, observed="w"), ValueError, "unknown column 'w': Known: x, y, z"),
        (lambda: lorenz63(100, rho="28"), TypeError, "rho must be a number, got '28'"),
        (lambda: lorenz63(100, noise=-0.1), ValueError, "noise must be at least 0, got -0.1"),
        (lambda: lorenz63(100, dt=0.5), ll.DivergenceError, "leaves the range"),
        (lambda: lorenz63(100, seed=-1), ValueError, "seed must be a whole number of at least 0, got -1"),
        (lambda: lorenz96(100, n=3), ValueError, "n must be a whole number of at least 4, got 3"),
        (lambda: mackey_glass(100, delays=0), ValueError, "delays must be a whole number of at least 1, got 0"),
        (lambda: mackey_glass(100, delays=2, lag=0), ValueError, "lag must be a whole number of at least 1, got 0"),
    ],
)
def test_what_cannot_be_is_told(ask, kind, said):
    with pytest.raises(kind, match=said):
        ask()
