"""Sections and return maps: exact points, how errors fall with the step, cycles of flows, pieces, seams."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import lyaplab as ll
from lyaplab.engine import section as module
from lyaplab.engine.section import ReturnMap, Section


@ll.flow(dt=0.1, start=(1.0, 0.0))
def turning(x, y, omega=1.0):
    return -omega * y, omega * x


def order(errors: list[float]) -> float:
    """Exponent with which errors fall when the step is halved."""
    return float(np.log2(np.array(errors[:-1]) / errors[1:]).min())


# How exact points are.


def test_a_circle_is_cut_where_it_should_be():
    found = ll.Model(turning, dt=0.01).section("x", 0.0, direction="both", steps=2000, warmup=0)
    np.testing.assert_allclose(found.times, np.pi * (np.arange(len(found)) + 0.5), atol=1e-8)
    np.testing.assert_allclose(found.points[:, 0], 0.0, atol=1e-14)
    np.testing.assert_allclose(np.abs(found.points[:, 1]), 1.0, atol=1e-8)
    np.testing.assert_array_equal(found.directions, np.tile([-1, 1], len(found))[: len(found)])
    assert found.period == 2 and found.cycle_time == pytest.approx(2 * np.pi, abs=1e-8)


def test_the_shortened_step_errs_by_the_fifth_power():
    """From an exact state half a step before the plane: only the shortened step itself can err."""
    errors = []
    for dt in (0.4, 0.2, 0.1):
        angle = np.pi / 2 - dt / 2
        start = [math.cos(angle), math.sin(angle)]
        found = ll.Model(turning, dt=dt).section("x", direction="down", steps=1, x0=start, warmup=0)
        errors.append(abs(found.times[0] - dt / 2))
    assert 4.8 < order(errors) < 5.3


@pytest.mark.parametrize("value", [0.3, "maxima"])
def test_the_section_of_an_orbit_errs_by_the_fourth_power(value):
    """Only as the states themselves do: for steps of any length the place within a step differs."""
    exact = 2 * np.pi * 10 - (np.arccos(0.3) if value == 0.3 else 0.0)
    errors = []
    for dt in (0.16, 0.08, 0.04):
        found = ll.Model(turning, dt=dt).section("x", value, steps=math.ceil(64 / dt), warmup=0)
        errors.append(np.abs(found.times - exact).min())
    assert 3.7 < order(errors) < 4.4


def test_passes_agree_with_another_integrator():
    net = ll.Model("roessler", dt=0.005)
    start = net.orbit(1, warmup=5000)[0]
    found = net.section("y", steps=8000, x0=start, warmup=0)

    def event(t, s):
        return s[1]

    event.direction = 1.0
    solved = solve_ivp(lambda t, s: net.field(s), (0, 40), start, "DOP853", events=event, rtol=1e-12, atol=1e-12)
    assert len(found) == len(solved.t_events[0]) == 7
    np.testing.assert_allclose(found.times, solved.t_events[0], atol=1e-6)
    np.testing.assert_allclose(found.points, solved.y_events[0], atol=1e-5)


def test_section_of_a_delay_equation_errs_by_the_fourth_power():
    """Its step cannot be shortened: a cubic stands for it. (Round a cycle errors even cancel to the fifth power.)"""
    periods = [ll.Model("mackey_glass", tau=10.0, n=n).section(0, 1.0, steps=200 * n, warmup=200 * n).cycle_time
               for n in (17, 33, 65, 513)]  # fmt: skip
    assert order([abs(time - periods[-1]) for time in periods[:-1]]) > 3.8
    maxima = ll.Model("mackey_glass", tau=10.0, n=65).section(0, "maxima", steps=13_000, warmup=13_000)
    assert maxima.period == 1 and maxima.cycle_time == pytest.approx(periods[2], abs=5e-4)


# What it is for.


@pytest.mark.parametrize(("c", "period"), [(2.5, 1), (3.5, 2), (4.0, 4), (5.7, None)])
def test_cycles_of_roessler_double(c, period):
    found = ll.Model("roessler", c=c).section("y", steps=40_000, warmup=20_000)
    assert found.period == period
    assert math.isnan(found.cycle_time) == (period is None)
    if period:
        # All points of the cycle differ, by much more than what counts as coming back.
        last = found.points[-period:]
        apart = [np.abs(a - b).max() for i, a in enumerate(last) for b in last[:i]]
        assert min(apart, default=1.0) > 1e-2
        assert f"a cycle of {period}" in repr(found)


def test_the_cusp_of_lorenz():
    """Successive maxima of z lie on a curve with one peak, steeper than 1 on both sides: no cycle can be stable."""
    found = ll.Model("lorenz63").section("z", "maxima", steps=300_000, warmup=2000).return_map("z")
    assert found.name == "z" and len(found.now) > 3500
    np.testing.assert_array_equal(found.now[1:], found.after[:-1])
    by_now = np.argsort(found.now)
    now, after = found.now[by_now], found.after[by_now]
    peak = now[np.argmax(after)]
    assert 38.3 < peak < 38.8
    # Slopes over a tenth: the curve is thin, but not a line.
    far = np.searchsorted(now, now + 0.1)
    chosen = np.flatnonzero(far < len(now))
    slopes = (after[far[chosen]] - after[chosen]) / (now[far[chosen]] - now[chosen])
    left, right = now[chosen] < peak - 0.2, now[chosen] > peak + 0.1
    assert slopes[left].min() > 1.0 and slopes[right].max() < -1.0


def test_maxima_lie_above_the_orbit():
    net = ll.Model("lorenz63")
    found = net.section("z", "maxima", steps=3000)
    path = net.orbit(3001, warmup=500)[:, 2]
    tops = 1 + np.flatnonzero((path[1:-1] > path[:-2]) & (path[1:-1] >= path[2:]))
    assert len(found) == len(tops)
    excess = found.points[:, 2] - path[tops]
    assert (excess > -1e-6).all() and excess.max() < 0.2
    np.testing.assert_allclose(found.times, 0.01 * tops, atol=0.01)
    np.testing.assert_allclose(net.field(found.points)[:, 2], 0.0, atol=1e-9)


def test_up_and_down_are_both():
    net = ll.Model("lorenz63")
    up, down, both = (net.section("z", 27.0, direction=word, steps=5000) for word in ("up", "down", "both"))
    assert len(both) == len(up) + len(down) and abs(len(up) - len(down)) <= 1
    np.testing.assert_array_equal(np.sort(np.concatenate([up.times, down.times])), both.times)
    np.testing.assert_array_equal(both.directions[1:], -both.directions[:-1])
    assert (net.field(up.points)[:, 2] > 0).all()


def test_a_normal_is_a_direction():
    net = ll.Model("lorenz63")
    slanted = net.section(normal=[1.0, -1.0, 0.0], value=0.5, steps=5000)
    np.testing.assert_allclose(slanted.points @ [1.0, -1.0, 0.0], 0.5, atol=1e-12)
    along, axis = net.section(normal=[0, 0, 2.0], value=54.0, steps=5000), net.section(2, 27.0, steps=5000)
    np.testing.assert_allclose(along.points, axis.points, atol=1e-9)


def test_the_seam_of_a_phase_is_no_pass():
    """A driven oscillator, once in every turn of its drive; where the phase jumps back, nothing passes."""
    net = ll.Model("duffing")
    found = net.section("phase", np.pi, direction="both", steps=20_000)
    assert (found.directions == 1).all()
    np.testing.assert_allclose(found.returns, 2 * np.pi / 1.4, atol=1e-9)


def test_a_map_is_joined_by_straight_lines():
    net = ll.Model("henon")
    found, path = net.section("x", 0.2, steps=300, warmup=10), net.orbit(301, warmup=10)
    np.testing.assert_allclose(found.points[:, 0], 0.2, atol=1e-14)
    assert found.unit == "step"
    for point, place in zip(found.points, found.times, strict=True):
        before, after = path[int(place)], path[int(place) + 1]
        assert before[0] < 0.2 <= after[0]
        np.testing.assert_allclose(before + (place - int(place)) * (after - before), point, atol=1e-12)
    tops = net.section("x", "maxima", steps=300, warmup=10)
    places = tops.times.astype(int)
    np.testing.assert_array_equal(tops.points, path[places])
    assert (path[places, 0] > path[places - 1, 0]).all() and (path[places, 0] >= path[places + 1, 0]).all()


# How it is run.


@pytest.mark.parametrize(("name", "axis", "value"), [
    ("lorenz63", "z", 27.0), ("lorenz63", "z", "maxima"), ("mackey_glass", 0, 0.9), ("mackey_glass", 0, "minima"),
    ("henon", "x", 0.1), ("henon", "x", "minima"),
])  # fmt: skip
def test_pieces_lose_and_add_nothing(monkeypatch, name, axis, value):
    net = ll.Model(name)
    monkeypatch.setattr(module, "_PIECE_SECONDS", 1e6)
    *_, whole = net.iter_section(axis, value, steps=6000)
    monkeypatch.setattr(module, "_PIECE_SECONDS", 0.0)
    *early, pieces = net.iter_section(axis, value, steps=6000)
    assert len(early) > 50 and pieces.steps == whole.steps == 6000
    assert len(whole) > 5
    np.testing.assert_allclose(pieces.times, whole.times, atol=1e-9)
    np.testing.assert_allclose(pieces.points, whole.points, atol=1e-9)
    assert len(early[0]) <= len(early[-1]) <= len(whole)


def test_nothing_passes():
    found = ll.Model("lorenz63").section("z", 500.0, steps=500)
    assert len(found) == 0 and found.period is None and len(found.returns) == 0
    assert "0 passes" in repr(found)


def test_divergence_counts_from_the_beginning():
    net = ll.Model("henon", preset="divergent")
    with pytest.raises(ll.DivergenceError) as orbit:
        net.orbit(5000)
    for warmup in (0, 5):
        with pytest.raises(ll.DivergenceError) as found:
            net.section("x", steps=5000, warmup=warmup)
        assert found.value.step == orbit.value.step


def test_results_are_kept_and_tabled(tmp_path):
    found = ll.Model("lorenz63").section("z", "maxima", steps=2000)
    found.save(tmp_path / "section.npz")
    again = Section.load(tmp_path / "section.npz")
    np.testing.assert_array_equal(again.points, found.points)
    assert list(found.to_pandas().columns) == ["time", "direction", "x", "y", "z"]
    returns = again.return_map(2)
    returns.save(tmp_path / "returns.npz")
    assert ReturnMap.load(tmp_path / "returns.npz").name == "z"
    assert list(returns.to_pandas().columns) == ["now", "after"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"axis": "w"}, "unknown state variable 'w'"),
        ({"axis": 3}, "axis must be a name or a number from 0 to 2, got 3"),
        ({"axis": "z", "value": "maximum"}, "unknown value 'maximum': did you mean 'maxima'"),
        ({"axis": "z", "value": "maxima", "direction": "up"}, "direction has no meaning beside value='maxima'"),
        ({"axis": "z", "direction": "upward"}, "unknown direction 'upward': did you mean 'up'"),
        ({"axis": "z", "normal": [1.0, 0.0, 0.0]}, "give axis or normal, not both: got axis='z'"),
        ({"normal": [0.0, 0.0, 0.0]}, "normal must not be zero"),
        ({"normal": [1.0, 0.0]}, r"normal must have shape \(3,\)"),
        ({"steps": 0}, "steps must be a whole number of at least 1"),
        ({"value": math.nan}, "value must be finite"),
        ({"x0": np.zeros((2, 3))}, "x0 must be one state"),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        ll.Model("lorenz63").section(**arguments)
