"""Every number in the prose of lesson 02, computed again."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

import lyaplab as ll
from lyaplab.school.lessons import read_plan

FOLDER = Path(__file__).parents[2] / "lessons" / "02_bifurcations"
PROSE, GUIDE = (re.sub(r"\s+", " ", (FOLDER / name).read_text("utf-8")) for name in ("lesson.md", "guide.md"))
GATES = {gate.key: gate for gate in read_plan(FOLDER).predictions}
LESSON = ll.lesson("02_bifurcations")
RIVALS = [[1.2, -0.9], [-0.9, 1.2]]


def says(number: float, text: str, *, within: str = PROSE) -> None:
    """The text stands in the lesson, and the last number in it is `number` to the digits that are shown."""
    assert text in within, f"the lesson does not say {text!r}"
    shown = re.findall(r"[-+−]?\d+(?:\.\d+)?", text)[-1].replace("−", "-")
    digits = len(shown.partition(".")[2])
    assert float(shown) == pytest.approx(number, abs=0.5001 * 10.0**-digits)


def unit(w: float, b: float = 0.0) -> ll.Model:
    return ll.Model("tanh", n=1, w=w, b=b)


def rest(w: float) -> float:
    return float(unit(w).fixed_points().points[-1, 0])


def two(w21: float, *, own: float = 0.8, back: float = -0.6) -> ll.Model:
    return ll.Model("tanh", W=[[own, back], [w21, own]])


# ------------------------------------------------------------------ 1 a switch


def test_the_root_of_the_pitchfork():
    says(rest(1.05), "at $w = 1.05$ the unit rests at 0.371")
    says(np.sqrt(3 * 0.05), "rests at 0.371 (the rule says 0.387")
    says(np.sqrt(3 * 0.5), "at $w = 1.5$ it would say 1.22")


@pytest.mark.parametrize("excess", [1e-3, 1e-4])
def test_the_leading_order_of_place_and_multiplier(excess):
    found = unit(1 + excess).fixed_points()
    assert found.points[-1, 0] == pytest.approx(np.sqrt(3 * excess), rel=excess)
    assert found.eigenvalues[-1, 0].real == pytest.approx(1 - 2 * excess, abs=4 * excess**2)


def test_the_exponent_falls_more_steeply_above_one():
    below, above = (unit(w).lyapunov_spectrum(2000, warmup=2000).exponents[0] for w in (0.9, 1.1))
    assert above < 1.5 * below < 0


def test_at_one_no_exponential_is_left():
    h = unit(1.0).orbit(1001, x0=[0.3])[:, 0]
    says(h[-1], "A start at 0.3 is still at 0.038")
    assert h[-1] == pytest.approx(np.sqrt(3 / 2000), rel=0.01)


@pytest.mark.parametrize(("c", "stable"), [(0.295, 1), (0.305, 2)])
def test_where_two_rivals_have_to_choose(c, stable):
    found = ll.Model("tanh", W=[[0.7, -c], [-c, 0.7]]).fixed_points()
    assert found.stable.sum() == stable


# ------------------------------------------------------------------ 2 an alternation


def test_the_flip_mirrors_the_fork():
    assert [unit(-w).bifurcation("w", [-w]).periods[0] for w in (0.9, 1.1, 1.5, 2.0)] == [1, 2, 2, 2]
    assert len(unit(-1.5).fixed_points()) == 1
    here, there = (unit(w).lyapunov_spectrum(500).exponents[0] for w in (-1.5, 1.5))
    assert here == pytest.approx(there, abs=1e-9)


def test_the_worked_cycle():
    found = ll.Model("logistic", r=3.2).cycles(period=2)
    cycle, multiplier = found.points[found.stable][0, :, 0], found.multipliers[found.stable][0, 0].real
    says(1 - 1 / 3.2, "$x^* = 1 - 1/r = 0.6875")
    says(2 - 3.2, "multiplier $2 - r = -1.2")
    says(cycle[0], "between $x_1 = 0.513045")
    says(cycle[1], "and $x_2 = 0.799455")
    slopes = 3.2 * (1 - 2 * cycle)
    says(slopes[0], "$F'(x) = r\\,(1 - 2x)$ is $-0.083485")
    says(slopes[1], "at $x_1$ and $-1.916515")
    says(multiplier, "Their product is $\\mu = 0.16")
    measured = ll.Model("logistic", r=3.2).lyapunov_spectrum(1000).exponents[0]
    assert LESSON.exercises["cycle_exponent"].right((3.2, cycle)) == pytest.approx(measured, abs=1e-9)
    assert np.abs(slopes).mean() == pytest.approx(1.0)  # the hint of "average before log"
    says(np.log(multiplier), "| `cycle_exponent` | −1.833", within=GUIDE)
    says(measured, "the answers are −0.9163", within=GUIDE)


# ------------------------------------------------------------------ 3 a rotation


def steps_of_a_turn(model: ll.Model) -> float:
    h = model.orbit(2001, x0=[0.1, 0.0], warmup=1000)
    turned = np.unwrap(np.arctan2(h[:, 1], h[:, 0]))
    return float(2 * np.pi * 2000 / abs(turned[-1] - turned[0]))


def test_the_onset_of_rotation():
    pair = np.linalg.eigvals([[0.8, -0.6], [0.6, 0.8]])[0]
    assert abs(pair) == pytest.approx(1.0)
    assert "is 1 at $w_{21} = 0.6$" in PROSE
    says(abs(np.angle(pair)), "so $\\theta = 0.6435")
    says(2 * np.pi / abs(np.angle(pair)), "$2\\pi/0.6435 = 9.76")
    sizes = [np.abs(two(w21).orbit(1, x0=[0.3, 0.0], warmup=3000)).max() for w21 in (0.55, 0.65)]
    assert sizes[0] < 1e-9 < 0.1 < sizes[1]


def test_the_angle_serves_beyond_the_onset():
    pair = np.linalg.eigvals([[0.8, -0.6], [0.7, 0.8]])[0]
    predicted = 2 * np.pi / abs(np.angle(pair))
    assert steps_of_a_turn(two(0.7)) == pytest.approx(predicted, abs=0.005)
    assert steps_of_a_turn(two(1.5)) < 7.5 < predicted
    assert GATES["ring"].truth == pytest.approx(predicted, abs=0.005)
    says(abs(pair.imag), "multipliers are 0.8 ± 0.648", within=GATES["ring"].question)
    says(abs(pair), "0.648 i, of size 1.03", within=GATES["ring"].question)
    says(abs(np.angle(pair)), "arctan(0.648/0.8) = 0.681", within=GATES["ring"].explain)
    says(predicted, "6.283/0.681 = 9.23", within=GATES["ring"].explain)


def test_on_the_ring_one_exponent_is_zero():
    largest, other = two(0.7).lyapunov_spectrum(20_000, warmup=1000).exponents
    assert largest == pytest.approx(0.0, abs=1e-5)
    assert other < -0.05


def test_the_exercise_about_the_onset():
    w21, steps = LESSON.exercises["onset"].right()
    pair = np.linalg.eigvals([[0.9, -0.5], [w21, 0.9]])[0]
    assert abs(pair) == pytest.approx(1.0)
    assert steps == pytest.approx(2 * np.pi / abs(np.angle(pair)))
    assert steps == pytest.approx(steps_of_a_turn(two(w21 + 0.01, own=0.9, back=-0.5)), rel=0.02)
    says(np.sqrt(0.19), "| `onset` | 0.436", within=GUIDE)
    says(2 * np.pi / np.sqrt(0.19), "| `onset` | 14.41", within=GUIDE)
    says(steps / (2 * np.pi), "| `onset` | 2.2", within=GUIDE)


def test_the_radius_of_the_ring():
    for w21, theory, orbit in ((0.62, "0.153", "0.154"), (0.8, "0.437", "0.458")):
        h = two(w21).orbit(4000, x0=[0.1, 0.0], warmup=2000)
        assert theory in GUIDE and orbit in GUIDE
        assert ll.theory.neimark_sacker([[0.8, -0.6], [w21, 0.8]]).radius == pytest.approx(float(theory), abs=5e-4)
        assert np.sqrt((h**2).sum(axis=1).mean()) == pytest.approx(float(orbit), abs=5e-4)


# ------------------------------------------------------------------ 4 a jump


def test_where_the_unit_jumps():
    says(ll.theory.saddle_node_bias(2.0), "the first gives the bias $b = 0.5328")
    says(-np.sqrt(0.5), "$h = -\\sqrt{1/2} = -0.7071")
    says(-ll.theory.saddle_node_bias(2.0), "its mirror image, at $-0.5328")
    assert GATES["jump"].truth == pytest.approx(ll.theory.saddle_node_bias(2.0), abs=5e-5)
    says(unit(2.0, -1.0).fixed_points().points[0, 0], "rests at −0.995", within=GATES["jump"].question)
    jump = LESSON.exercises["jump"].reference
    assert jump(2.7) == pytest.approx(ll.theory.saddle_node_bias(2.7), abs=1e-12)
    says(jump(2.0), "for r = 3.2 and w = 2; the answers are −0.9163 and 0.5328", within=GUIDE)


@pytest.mark.parametrize("w", [2.0, 1.5, 1.2, 0.9])
def test_up_and_down_differ_as_far_as_the_theory_says(w):
    values, high = np.linspace(-1.0, 1.0, 401), []
    for way in ("up", "down"):
        ends = unit(w).bifurcation("b", values, follow=way, x0=[-1.0 if way == "up" else 1.0]).ends[:, 0]
        high.append(values[np.argmax(ends > 0)])
    gap = 2 * ll.theory.saddle_node_bias(w) if w > 1 else 0.0
    assert high[0] - high[1] == pytest.approx(gap, abs=0.011)


def test_a_basin_is_still_wide_when_it_vanishes():
    for b1, share, text in (
        (0.0, 0.50, "is 50 %"),
        (0.8, 0.12, "12 % at 0.8"),
        (0.8727, 0.05, "still 5 % at 0.8727. At 0.8728 it is gone"),
    ):
        assert text in PROSE
        basins = ll.Model("tanh", W=RIVALS, b=[b1, 0.0]).basins(
            low=[-1, -1], high=[1, 1], resolution=(100, 100), steps=2000
        )
        won = np.argmin(basins.attractors[:, 0])
        assert np.mean(basins.labels == won) == pytest.approx(share, abs=0.006)
    assert [ll.Model("tanh", W=RIVALS, b=[b, 0.0]).fixed_points().stable.sum() for b in (0.8727, 0.8728)] == [2, 1]
    assert GATES["share"].truth == "about one in twenty"


# ------------------------------------------------------------------ 5 a cascade


def test_the_doublings_of_the_logistic_map():
    r = ll.theory.doublings(6)
    ratios = np.diff(r)[:-1] / np.diff(r)[1:]
    says(r[1], "$r = 1 + \\sqrt6 = 3.4495")
    says(r[2], "that one at 3.5441")
    says(ratios[0], "{r_{n+1} - r_n}\\;:\\\\ 4.751")
    says(ratios[1], "4.751,\\; 4.656")
    says(ratios[2], "4.656,\\; 4.668")
    says(ll.theory.feigenbaum().delta, "\\delta = 4.6692")
    says(ll.theory.feigenbaum().end, "before $r = 3.569946")
    assert GATES["next"].truth == pytest.approx(r[3], abs=1e-6)
    guess = (r[2] - r[1]) / 4.75
    said = "first gap is 4.75 times the second one. If the next one shrinks as much, it is 0.0199"
    says(guess, said, within=GATES["next"].explain)
    says(r[2] + guess, "3.5441 + 0.0199 = 3.5640", within=GATES["next"].explain)
    says(r[3] - r[2], "It is 0.0203", within=GATES["next"].explain)
    says(r[3], "At 3.5644", within=GATES["next"].explain)


@pytest.mark.parametrize("r", [3.05, 3.2, 3.4])
def test_the_multiplier_of_the_two_cycle(r):
    found = ll.Model("logistic", r=r).cycles(period=2)
    assert "$\\mu = 4 + 2r - r^2$" in PROSE
    assert found.multipliers[found.stable][0, 0].real == pytest.approx(4 + 2 * r - r**2)


def test_beyond_the_cascade():
    diagram = ll.Model("logistic").bifurcation("r", np.linspace(3.57, 4.0, 400))
    assert np.mean(diagram.exponents > 0) > 0.8
    assert ll.Model("logistic").bifurcation("r", [3.84]).periods[0] == 3


@pytest.mark.parametrize("w", [-3.7, -1.2, -0.4, 0.7, 1.8, 3.9])
def test_one_unit_never_has_more_than_two_states(w):
    for b in (-1.0, 0.0, 0.4):
        assert unit(w, b).bifurcation("b", [b], warmup=20_000).periods[0] in ((1, 2) if w < 0 else (1,))


@pytest.fixture(scope="module")
def found():
    """The doublings of the lesson's network, in the whole range and in two windows, as a learner brushes them."""
    network = ll.Model("tanh", W=[[1.5, -3.5], [0.3, -2.0]], b=[0.0, 1.5])
    windows = [network.doublings("w21", np.linspace(*ends, 500), warmup=3000) for ends in ((0.2, 0.9), (0.832, 0.838))]
    return windows[0].merged(windows[1])


def test_feigenbaums_number_on_a_network(found):
    np.testing.assert_array_equal(found.periods, [2, 4, 8, 16, 32])
    ratios = found.ratios[0][1:-1]
    ratio, error = LESSON.exercises["delta"].right()
    assert ratio == pytest.approx(ratios[-1], abs=1e-3)
    assert error == pytest.approx(abs(ratios[-1] - ratios[-2]), abs=1e-3)
    delta = ll.theory.feigenbaum().delta
    assert abs(ratio - delta) < error  # this interval holds the number ...
    says(ratios[1], "this rule gives $4.73")
    says(abs(ratios[1] - ratios[0]), "this rule gives $4.73 \\pm 0.02")
    assert abs(ratios[1] - delta) > abs(ratios[1] - ratios[0])  # ... and with four doublings it does not


@pytest.mark.parametrize("w21", [0.3, 0.6, 0.83, 0.88])
def test_the_network_shrinks_areas(w21):
    network = ll.Model("tanh", W=[[1.5, -3.5], [w21, -2.0]], b=[0.0, 1.5])
    assert "more than a factor of 20, on average" in PROSE
    assert network.lyapunov_spectrum(1000).exponents.sum() < -np.log(20)


def test_the_numbers_in_the_help(found):
    rungs = {name: {r.kind: r.text for r in e.rungs} for name, e in LESSON.exercises.items()}
    for gap, text in zip(
        np.diff(found.values), ("are 0.303549", ", 0.063913", ", 0.013508", "and 0.002917"), strict=True
    ):
        says(gap, text, within=rungs["delta"]["step"])
    says(found.ratios[0][3], "0.013508/0.002917 = 4.631", within=rungs["delta"]["step"])
    says(found.ratios[0][2], "0.063913/0.013508 = 4.732", within=rungs["delta"]["step"])
    says(-np.arctanh(np.sqrt(0.5)), "h = −0.7071, b = −0.8814", within=rungs["jump"]["step"])
    says(np.sqrt(2), "b = −0.8814 + 1.4142", within=rungs["jump"]["step"])
    says(2 * np.pi / 12, "θ = 2π/12 = 0.52", within=rungs["which"]["step"])


def test_the_stub_of_delta_earns_nothing():
    assert LESSON.check("delta", np.array([4.6692, 0.1])).points == 0


# ------------------------------------------------------------------ predictions, guide


def test_the_curve_of_the_fork():
    curve = np.array(GATES["fork"].truth)
    for w, h in curve[::10]:
        expected = 0.0 if w <= 1 else rest(w)
        assert h == pytest.approx(expected, abs=0.03)  # at w = 1 it is still on its way


def test_the_next_order_of_the_pitchfork():
    says(np.sqrt(3 * 0.05 - 5.4 * 0.05**2), "At ε = 0.05 this gives 0.369", within=GUIDE)
    says(rest(1.05), "and the unit rests at 0.371", within=GUIDE)
    says(np.sqrt(1 - 0.49), "| `rivals` | 0.714", within=GUIDE)
