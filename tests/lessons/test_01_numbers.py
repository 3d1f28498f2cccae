"""Every number in the prose of lesson 01, computed again."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

import lyaplab as ll

FOLDER = Path(__file__).parents[2] / "lessons" / "01_fixed_points"
PROSE = re.sub(r"\s+", " ", (FOLDER / "lesson.md").read_text("utf-8"))


def says(number: float, text: str, *, within: str = PROSE) -> None:
    """The text stands in the lesson, and the last number in it is `number` to the digits that are shown."""
    assert text in within, f"the lesson does not say {text!r}"
    shown = re.findall(r"[-+−]?\d+(?:\.\d+)?", text)[-1].replace("−", "-")
    digits = len(shown.partition(".")[2])
    assert float(shown) == pytest.approx(number, abs=0.5001 * 10.0**-digits)


def unit(w: float, b: float = 0.0) -> ll.Model:
    return ll.Model("tanh", n=1, w=w, b=b)


def steps_until(model: ll.Model, start: float, above: float) -> int:
    return int(np.argmax(model.orbit(60, x0=[start])[:, 0] > above))


# ------------------------------------------------------------------ one unit


def test_the_unit_with_weight_two():
    points = unit(2.0).fixed_points().points[:, 0]
    assert len(points) == 3
    says(points[2], r"{\color{#0f7b4f}{\pm 0.957504}}"[:-2])
    says(points[2], r"$h^* = \pm 0.957504$")
    assert points[1] == pytest.approx(0.0, abs=1e-12)
    assert list(unit(2.0).fixed_points().stable) == [True, False, True]


def test_the_worked_example():
    rest = unit(2.0).fixed_points().points[2, 0]
    slope = 2 * (1 - rest**2)
    says(rest**2, r"2\,(1 - 0.916814")
    says(slope, r"2\,(1 - 0.916814) = 0.166372")
    says(np.log(slope), r"\lambda = \ln 0.166372 = -1.793529")
    says(1 / abs(np.log(slope)), "$1/1.793529 = 0.56")
    says(np.log(10) / abs(np.log(slope)), r"$\ln 10 / 1.793529 = 1.28")
    says(np.log(2.0), r"$\lambda = \ln 2 = +0.693147")
    assert unit(2.0).lyapunov_spectrum(1000).exponents[0] == pytest.approx(np.log(slope), abs=1e-8)


def test_the_outer_places_disappear_between_the_weights_that_the_learner_turns_through():
    assert [len(unit(w).fixed_points()) for w in (0.5, 0.9, 1.1, 2.0)] == [1, 1, 3, 3]


def test_the_slope_at_rest_grows_as_the_weight_falls():
    slopes = [unit(w).fixed_points().eigenvalues[-1, 0].real for w in (2.0, 1.2)]
    assert slopes[0] < slopes[1] < 1


def test_a_negative_weight_alternates():
    assert unit(-0.8).fixed_points().eigenvalues[0, 0].real == pytest.approx(-0.8)
    assert [np.sign(h) for h in unit(-0.8).orbit(4, x0=[0.5])[:, 0]] == [1, -1, 1, -1]


def test_the_logistic_map():
    found = ll.Model("logistic", r=2.8).fixed_points()
    assert found.points[1, 0] == pytest.approx(1 - 1 / 2.8)
    says(found.eigenvalues[1, 0].real, "For $r = 2.8$ that is $-0.8")
    says(np.log(0.8), r"$\lambda = \ln 0.8 = -0.2231")
    assert abs(ll.Model("logistic", r=3.0).fixed_points().eigenvalues).min() == pytest.approx(1.0, abs=1e-6)


# ------------------------------------------------------------------ Newton


def test_how_long_an_orbit_lingers_at_the_place_that_repels():
    says(steps_until(unit(2.0), 0.001, 0.5), "From 0.001 the orbit passes 0.5 at step 10")
    assert steps_until(unit(2.0), 0.0005, 0.5) == 11


def test_newtons_jumps():
    newton_step = ll.lesson("01_fixed_points").exercises["newton_step"].reference
    assert "$-0.3$ it goes to the resting place that you could not reach" in PROSE
    h = -0.3
    for _ in range(5):
        h = newton_step(2.5, 0.2, h)
    assert h == pytest.approx(unit(2.5, 0.2).fixed_points().points[1, 0], abs=1e-12)
    says(newton_step(2.5, 0.2, 0.3), "From $0.3$ it jumps to $-3.04")


# ------------------------------------------------------------------ two units


def test_two_units_that_ignore_each_other():
    found = ll.Model("tanh", W=[[2.0, 0.0], [0.0, 2.0]]).fixed_points()
    assert (len(found), found.stable.sum()) == (9, 4)


def test_the_rivals():
    found = ll.Model("tanh", W=[[2.0, -1.2], [-1.2, 2.0]]).fixed_points()
    assert (len(found), found.stable.sum()) == (3, 2)
    says(found.points[2, 0], "$h^* = (0.9966")
    says(found.points[2, 1], "$h^* = (0.9966, -0.9966")
    says(1 - found.points[2, 0] ** 2, "$1 - 0.9966^2 = 0.0068")
    says(found.eigenvalues[2, 0].real, "the eigenvalues are $0.0217")
    says(found.eigenvalues[2, 1].real, "$0.0217$ and $0.0054")
    says(found.eigenvalues[1, 1].real, "$2 - 1.2 = 0.8")
    says(found.eigenvalues[1, 0].real, "$2 + 1.2 = 3.2")
    assert list(found.kinds) == ["stable node", "saddle", "stable node"]


def test_the_lost_memories_come_back_when_the_rivals_part():
    found = [ll.Model("tanh", W=[[2.0, c], [c, 2.0]]).fixed_points() for c in (-1.2, -0.8, -0.4, 0.0)]
    assert [each.stable.sum() for each in found] == [2, 2, 4, 4]
    middle = [each.kinds[np.abs(each.points).max(axis=1) < 1e-9][0] for each in found]
    assert middle == ["saddle", "unstable node", "unstable node", "unstable node"]


def test_the_orbit_near_the_border_comes_closer_first():
    distance = np.linalg.norm(ll.Model("tanh", W=[[2.0, -1.2], [-1.2, 2.0]]).orbit(20, x0=[0.9, 0.899]), axis=1)
    assert (np.diff(distance[:4]) < 0).all()
    assert distance[-1] > 1.4


def test_opposite_signs_make_a_spiral():
    found = ll.Model("tanh", W=[[0.5, -0.6], [0.6, 0.5]]).fixed_points()
    assert r"$w_{11} = w_{22} = 0.5$, $w_{12} = -0.6$, $w_{21} = 0.6$" in PROSE
    assert list(found.kinds) == ["stable spiral"]


def test_the_text_gives_no_answer_of_spiral_away():
    result = ll.lesson("01_fixed_points").check("spiral", np.array([[0.5, -0.6], [0.6, 0.5]]))
    assert not result.passed
    assert "ten steps is too long" in result.hint


@pytest.mark.parametrize("name", ["resting", "spiral"])
def test_the_example_of_a_stub_earns_nothing(name):
    example = {"resting": np.array([-0.5, 0.0, 0.5]), "spiral": np.array([[0.5, 0.0], [0.0, 0.5]])}[name]
    lesson = ll.lesson("01_fixed_points")
    assert repr(example.tolist()) in lesson.exercises[name].stub
    assert lesson.check(name, example).points == 0


# ------------------------------------------------------------------ fifty units


def largest(gain: float, seed: int) -> float:
    net = ll.Model("tanh", n=50, gain=gain, seed=seed)
    return float(np.abs(np.linalg.eigvals(net.jacobian(np.zeros(50)))).max())


@pytest.mark.parametrize(("gain", "mean", "spread"), [(0.8, "0.84", "0.04"), (1.2, "1.26", "0.06")])
def test_the_largest_eigenvalue_over_twenty_seeds(gain, mean, spread):
    sizes = [largest(gain, seed) for seed in range(20)]
    text = rf"${mean} \pm {spread}$ at gain {gain}"
    assert text in PROSE
    assert np.mean(sizes) == pytest.approx(float(mean), abs=0.005)
    assert np.std(sizes) == pytest.approx(float(spread), abs=0.005)


def test_the_network_that_the_lesson_opens_with():
    net = ll.Model("tanh", n=50, gain=0.8, seed=1)
    says(np.log(largest(0.8, 1)), r"$\ln 0.807 = -0.214")
    assert largest(0.8, 1) == pytest.approx(0.807, abs=5e-4)
    assert len(net.fixed_points()) == 1
    assert net.lyapunov_spectrum(4000, k=1).exponents[0] == pytest.approx(np.log(largest(0.8, 1)), abs=0.005)


@pytest.mark.parametrize("gain", [1.2, 1.5])
def test_above_gain_one_no_place_attracts_that_network(gain):
    found = ll.Model("tanh", n=50, gain=gain, seed=1).fixed_points()
    assert len(found) > 0
    assert not found.stable.any()


# ------------------------------------------------------------------ what exercises and predictions say


def test_the_predictions_are_true():
    truths = {gate.key: gate for gate in _plan().predictions}
    assert unit(2.0).orbit(1, x0=[0.1], warmup=100)[0, 0] == pytest.approx(0.9575, abs=5e-5)
    assert "At 0.9575." in truths["where"].explain
    h = unit(2.0).orbit(9, x0=[0.5])[:, 0]
    distance = np.log10(np.abs(h - unit(2.0).fixed_points().points[2, 0]))
    np.testing.assert_allclose(np.array(truths["distance"].truth)[:, 1], distance, atol=1e-6)
    assert distance[0] == pytest.approx(-0.34, abs=0.005)
    assert 10 ** distance[0] == pytest.approx(0.46, abs=0.005)
    assert 10 ** -np.diff(distance)[-1] == pytest.approx(6.0, abs=0.05)
    assert (truths["crossings"].truth, truths["inhibit"].truth) == (9, 2)


def test_the_numbers_in_the_help():
    rungs = {name: {r.kind: r.text for r in e.rungs} for name, e in ll.lesson("01_fixed_points").exercises.items()}
    points = unit(2.5, 0.2).fixed_points().points[:, 0]
    says(points[0], "you end at −0.978", within=rungs["resting"]["step"])
    rest = unit(1.5).fixed_points().points[2, 0]
    says(rest, "The resting place is 0.858560", within=rungs["exponent"]["step"])
    says(1.5 * (1 - rest**2), "(1 − 0.858560²) = 0.39431", within=rungs["exponent"]["step"])
    says(np.exp(-0.1), "exp(−0.1) = 0.905", within=rungs["remember"]["step"])
    assert ll.lesson("01_fixed_points").exercises["exponent"].right() == pytest.approx(-0.930610, abs=5e-7)


def _plan():
    from lyaplab.school.lessons import read_plan

    return read_plan(FOLDER)


def test_the_numbers_in_the_guide():
    guide = re.sub(r"\s+", " ", (FOLDER / "guide.md").read_text("utf-8"))
    rest = unit(1.5).fixed_points().points[2, 0]
    for number, text in (
        (np.log(1 - rest**2), "| `exponent` | −1.336"),
        (np.log10(1.5 * (1 - rest**2)), "| `exponent` | −0.404"),
        (1.5 * (1 - rest**2), "| `exponent` | 0.394"),
        (np.sqrt(2) - np.arctanh(np.sqrt(0.5)), "|b| = √2 − artanh(1/√2) ≈ 0.533"),
        (np.exp(-0.01), "0.990"),
    ):
        says(number, text, within=guide)
    assert [len(unit(2.0, b).fixed_points()) for b in (0.53, 0.54)] == [3, 1]
    three = ll.Model("tanh", W=[[2.0, -0.3], [-0.3, 2.0]], b=[0.4, 0.4]).fixed_points()
    assert three.stable.sum() == 3
    assert not (three.points[three.stable] < 0).all(axis=1).any()
    both = [_same_signs(ll.Model("tanh", W=[[2.0, c], [c, 2.0]]).fixed_points()) for c in (-0.6, -1.0)]
    assert both == [2, 0]


def _same_signs(found) -> int:
    """How many of the places that attract have both units on, or both off."""
    return int((found.points[found.stable].prod(axis=1) > 0).sum())
