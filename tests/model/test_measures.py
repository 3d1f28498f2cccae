"""What a model measures: arguments of the measurements, and what is said of nonsense."""

from __future__ import annotations

import numpy as np
import pytest

import lyaplab as ll

NET = ll.Model("tanh", n=3, m=2, seed=1)
PLANE = ll.Model("tanh", n=2, seed=3)


def test_spectrum_defaults():
    spectrum = ll.Model("henon").lyapunov_spectrum()
    assert spectrum.steps == 10_000 and len(spectrum.exponents) == 2


def test_short_runs_do_not_fail():
    for steps in (1, 2, 3):
        spectrum = NET.lyapunov_spectrum(steps, warmup=0)
        assert spectrum.steps == steps and np.isfinite(spectrum.exponents).all() and repr(spectrum)
        norms = NET.gradient_norms(steps, warmup=0)
        assert np.isfinite(norms.slope) and repr(norms)


def test_measurements_take_a_start():
    net = ll.Model("tanh", preset="bistable")
    there = net.fixed_points().points[2]
    exact = np.log(np.abs(np.linalg.eigvals(net.jacobian(there)))).max()
    assert net.lyapunov_spectrum(2000, x0=there).exponents[0] == pytest.approx(exact, abs=1e-3)
    assert net.gradient_norms(200, x0=there).slope == pytest.approx(exact, abs=1e-3)


def test_starts_of_the_fixed_point_search():
    few = PLANE.fixed_points(1)
    assert few.starts == 1 and len(few) <= 1
    assert PLANE.fixed_points(500).starts == 500


BAD = [
    (lambda: NET.lyapunov_spectrum(-3), ValueError, "steps must be a whole number of at least 1, got -3"),
    (lambda: NET.lyapunov_spectrum(10, k=4), ValueError, "k must be at most 3, the number of state variables, got 4"),
    (lambda: NET.lyapunov_spectrum(10, k=0), ValueError, "k must be a whole number of at least 1, got 0"),
    (lambda: NET.lyapunov_spectrum(10, k="all"), TypeError, "k must be a whole number of at least 1, got 'all'"),
    (lambda: NET.lyapunov_spectrum(10, until=0), ValueError, "until must be positive, got 0"),
    (lambda: NET.lyapunov_spectrum(10, until="a"), TypeError, "until must be a number"),
    (lambda: NET.lyapunov_spectrum(10, warmup=-1), ValueError, "warmup must be a whole number of at least 0, got -1"),
    (
        lambda: NET.lyapunov_spectrum(10, x0=np.zeros((2, 3))),
        ValueError,
        r"x0 must be one state of shape \(3,\), got 2",
    ),
    (lambda: NET.lyapunov_spectrum(10, inputs=np.zeros((20, 2))), ValueError, r"inputs must cover warmup \(500\)"),
    (lambda: NET.lyapunov_spectrum(0), ValueError, "steps must be a whole number of at least 1, got 0"),
    (
        lambda: NET.lyapunov_spectrum(inputs=np.zeros((600, 3))),
        ValueError,
        r"inputs must have shape \(any, 2\), got \(600, 3\)",
    ),
    (
        lambda: NET.lyapunov_spectrum(inputs=np.zeros((4, 600, 1))),
        ValueError,
        r"inputs must have shape \(any, any, 2\), got \(4, 600, 1\)",
    ),
    (
        lambda: NET.lyapunov_spectrum(inputs=np.zeros((0, 600, 2))),
        ValueError,
        r"inputs must hold at least one sequence of one step, got shape \(0, 600, 2\)",
    ),
    (lambda: NET.lyapunov_spectrum(inputs=np.zeros((0, 2))), ValueError, "inputs must hold at least one sequence"),
    (
        lambda: NET.lyapunov_spectrum(inputs=[[[0.0, 0.0]] * 600, [[0.0, float("inf")]] * 600]),
        ValueError,
        r"inputs must be finite, but inputs\[1, 0, 1\] is inf",
    ),
    (
        lambda: NET.lyapunov_spectrum(200, inputs=np.zeros((600, 2))),
        ValueError,
        r"inputs must cover warmup and steps \(500 \+ 200 = 700 rows\), got 600: inputs are never recycled",
    ),
    (lambda: ll.Model("lorenz63", dt=0.2).lyapunov_spectrum(1000), ll.DivergenceError, "at step [0-9]+"),
    (lambda: NET.gradient_norms(0), ValueError, "lags must be a whole number of at least 1, got 0"),
    (lambda: NET.gradient_norms(10, x0=np.zeros((2, 3))), ValueError, "x0 must be one state"),
    (
        lambda: NET.gradient_norms(9, inputs=np.zeros((3, 600, 2))),
        ValueError,
        r"inputs must be one sequence \(T, m\), got 3",
    ),
    (lambda: NET.fixed_points(-1), ValueError, "starts must be a whole number of at least 1, got -1"),
    (lambda: NET.fixed_points(inputs=[1]), ValueError, r"inputs must have shape \(2,\), got \(1,\)"),
    (
        lambda: ll.Model("logistic").basins(),
        ValueError,
        "basins need a system of at least 2 state variables, got one of 1",
    ),
    (lambda: NET.basins(axes=("h1", "h4")), ValueError, "unknown state variable 'h4'"),
    (lambda: NET.basins(axes=(1, 1)), ValueError, r"axes must be two different state variables, got \(1, 1\)"),
    (lambda: NET.basins(axes=1), ValueError, "axes must be two state variables, got 1"),
    (lambda: PLANE.basins(resolution=(0, 3)), ValueError, "resolution must be a whole number of at least 1, got 0"),
    (lambda: PLANE.basins(resolution=5), ValueError, r"resolution must be two whole numbers \(nx, ny\), got 5"),
    (lambda: PLANE.basins(steps=-3), ValueError, "steps must be a whole number of at least 1, got -3"),
    (lambda: PLANE.basins(low=[0, 0], high=[0, "a"]), TypeError, "high must be an array of real numbers"),
    (lambda: PLANE.basins(low=[1, 1], high=[0, 2]), ValueError, r"low must lie below high, got low=\[1.0, 1.0\]"),
    (lambda: PLANE.basins(low=[1]), ValueError, r"low must have shape \(2,\), got \(1,\)"),
    (lambda: ll.Model("logistic", r=5).orbit(100), ll.DivergenceError, "at step 12"),
    (lambda: ll.Model("logistic", r=5).lyapunov_spectrum(100), ll.DivergenceError, "at step 12"),
    (lambda: ll.Model("logistic", r=5).gradient_norms(100, warmup=3), ll.DivergenceError, "at step 12"),
]


@pytest.mark.parametrize(("call", "error", "text"), BAD, ids=range(len(BAD)))
def test_bad_input_is_named(call, error, text):
    with pytest.raises(error, match=text):
        call()
