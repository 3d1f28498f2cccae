"""Every number in the prose of lesson 03, computed again."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

import lyaplab as ll
from lyaplab.school.lessons import read_plan

FOLDER = Path(__file__).parents[2] / "lessons" / "03_chaos"


def _flat(text: str) -> str:
    return re.sub(r"\s+", " ", text)


PROSE = _flat((FOLDER / "lesson.md").read_text("utf-8"))
GUIDE = _flat((FOLDER / "guide.md").read_text("utf-8"))
PLAN = read_plan(FOLDER)
TRUTHS = {gate.key: gate for gate in PLAN.predictions}
EXERCISES = {exercise.name: exercise for exercise in PLAN.exercises}


def says(number: float, text: str, *, within: str = PROSE, error: float = 0.0) -> None:
    """The text stands there, and the last number in it is `number`, to the digits shown or within an error."""
    assert text in within, f"it is not said: {text!r}"
    shown = re.findall(r"[-+−]?\d+(?:\.\d+)?", text)[-1].replace("−", "-")
    digits = len(shown.partition(".")[2])
    assert float(shown) == pytest.approx(number, abs=max(error, 0.5001 * 10.0**-digits))


def network(gain: float, *, n: int = 100, seed: int = 8) -> ll.Model:
    return ll.Model("tanh", n=n, gain=gain, seed=seed)


def exponents(gain: float, *, n: int, seeds: int, steps: int) -> np.ndarray:
    nets = [network(gain, n=n, seed=seed) for seed in range(seeds)]
    return ll.many_spectra(nets, steps, k=1, warmup=2000 if n < 500 else 500).exponents[:, 0]


@pytest.fixture(scope="module")
def view():
    """The widget of section 2."""
    shown = ll.ChaosTransition("tanh", preset="chaos")
    yield shown
    shown.close()


# ------------------------------------------------------------------ almost the same


def test_a_billionth_lasts_for_27_steps():
    pair = ll.Model("logistic", r=4.0).orbit(40, x0=[[0.2], [0.200000001]])[:, :, 0]
    distance = np.abs(pair[:, 1] - pair[:, 0])
    assert TRUTHS["billionth"].truth == np.argmax(distance > 0.1) == 27
    assert "After 27 steps" in TRUTHS["billionth"].explain
    says(2**27 / 1e6, "and 27 doublings make a factor of 134", within=TRUTHS["billionth"].explain)


def test_what_the_learner_sees_when_the_start_is_typed():
    starts = [[0.2], [0.2001], [0.20000001]]
    orbits = ll.Model("logistic", r=4.0).orbit(40, x0=starts)[:, :, 0]
    same = [np.argmax(np.abs(orbits[:, k] - orbits[:, 0]) > 0.1) for k in (1, 2)]
    assert same[0] < 15 < same[1] < 40
    assert 'x0=0.2, steps=40, hide=("presets", "exponent", "r")' in PROSE


# ------------------------------------------------------------------ the rate


def test_twins_of_the_network(view):
    view.apart = -9
    view.settle()
    first = np.argmax(view.numbers()["distances"][:, 0] > 0.1)
    view.apart = -12
    view.settle()
    second = np.argmax(view.numbers()["distances"][:, 0] > 0.1)
    view.apart = -9
    assert first == pytest.approx(200, abs=10)
    assert second == pytest.approx(TRUTHS["closer"].truth, abs=10)
    assert second - first == pytest.approx(80, abs=12)


def test_the_rate_of_the_network(view):
    view.settle()
    exponent, error = view.numbers()["exponent"]
    says(exponent, r"$\lambda = 0.092", error=3 * error)
    says(error, r"$\lambda = 0.092 \pm 0.001", error=5e-4)
    says(np.log(2) / 0.092, "its doubling time is 7.5")
    says(np.log(10), r"a power of ten is $\ln 10 = 2.303")
    says(0.092 / np.log(10), "$0.092/2.303 = 0.040")
    says(9 * np.log(10) / 0.092, "nine powers of ten in 225")
    says(np.log(1000) / 0.092, r"$\ln 1000/0.092 = 75")


def test_the_exponent_at_four():
    says(np.log(2), r"$\ln 2 = 0.6931")
    assert EXERCISES["two_trajectories"].reference(4.0, 0.2, 1e-6, 10_000) == pytest.approx(np.log(2), abs=0.01)
    assert ll.Model("logistic", r=4.0).two_trajectories(10_000).exponent == pytest.approx(np.log(2), abs=0.01)


# ------------------------------------------------------------------ by the tangent


def test_three_steps_by_hand():
    x, slopes = 0.2, []
    for said_slope, said_next in (("At 0.2 it is 2.4", "goes on to 0.64"), ("$-1.12", "goes on to 0.9216"), ("", "")):
        slopes.append(4 * (1 - 2 * x))
        x = 4 * x * (1 - x)
        if said_slope:
            says(slopes[-1], said_slope)
            says(x, said_next)
    says(slopes[2], "At 0.9216 it is $-3.3728")
    says(abs(np.prod(slopes)), "The product has the size 9.066")
    says(np.log(abs(np.prod(slopes))) / 3, "divided by 3 is 0.7348")


@pytest.mark.parametrize(("r", "text"), [(3.7, "gives 0.354"), (3.83, "at $r = 3.7$ and $-0.370")])
def test_the_exponents_of_the_logistic_map(r, text):
    own = EXERCISES["tangent"].reference(r, 0.2, 100_000)
    says(own, text, error=0.003)
    assert ll.Model("logistic", r=r).lyapunov_spectrum(100_000).exponents[0] == pytest.approx(own, abs=0.004)


def test_the_exponent_rises_with_drops():
    rates = (3.6, 3.7, 3.83, 3.9, 4.0)
    low, middle, window, high, top = (ll.Model("logistic", r=r).lyapunov_spectrum(20_000).exponents[0] for r in rates)
    assert 0 < low < middle < high < top
    assert TRUTHS["windows"].truth == TRUTHS["windows"].options[1]
    says(window, "At r = 3.83, for instance, it is −0.37", within=TRUTHS["windows"].explain)
    assert len(ll.Model("logistic", r=3.83).cycles(period=3)) > 0


# ------------------------------------------------------------------ many units


def test_rest_is_lost_with_a_pair_of_eigenvalues_and_chaos_comes_later():
    eigenvalues = np.abs(np.linalg.eigvals(network(1.0).weights["W"]))
    assert (0.95 * eigenvalues > 1).sum() == 2
    assert (0.94 * eigenvalues > 1).sum() == 0
    assert network(0.8).lyapunov_spectrum(2000, k=1).exponents[0] == pytest.approx(
        np.log(0.8 * eigenvalues.max()), abs=1e-4
    )
    for gain in (0.95, 1.1, 1.3):
        assert network(gain).lyapunov_spectrum(4000, k=1, warmup=2000).exponents[0] == pytest.approx(0, abs=1e-3)
    below, above = (network(gain).lyapunov_spectrum(20_000, k=1, warmup=2000) for gain in (1.39, 1.44))
    assert abs(below.exponents[0]) < 0.002 < 0.004 < above.exponents[0]
    assert 1.39 < TRUTHS["onset"].truth < 1.44
    assert "it turned chaotic only at a gain of 1.4." in PROSE


def test_theory_and_network_at_one_point_eight(view):
    theory = ll.theory.mean_field_map(1.8).exponent
    view.settle()
    exponent, error = view.numbers()["exponent"]
    says(theory, "Theory says 0.119")
    assert 20 < (theory - exponent) / error < 35
    assert ll.theory.critical_gain("map") == 1.0
    assert ll.theory.mean_field_map(0.9).exponent == pytest.approx(np.log(0.9))
    assert ll.theory.mean_field_map(1.001).exponent > 0


def test_the_largest_eigenvalue_along_the_orbit_says_less_than_it_seems(view):
    view.settle()
    size = np.abs(view.numbers()["along"]).max()
    assert view.t == 180
    says(size, "at step 180, has the size 1.214", error=0.02)  # the orbit is chaotic: another machine, another state
    says(np.log(1.214), r"$\ln 1.214 = 0.194")
    assert view.numbers()["exponent"][0] < np.log(size) / 2


# ------------------------------------------------------------------ finite size


def test_the_twelve_networks():
    found = exponents(1.3, n=100, seeds=12, steps=5000)
    assert ((found > 0.005).sum(), (found < -0.005).sum()) == (2, 2)
    assert TRUTHS["twelve"].truth == 2
    assert "two have an exponent below 0, and eight one" in TRUTHS["twelve"].explain
    says(found.mean(), "the twelve have the mean exponent 0.000", error=1e-3)
    says(ll.theory.mean_field_map(1.3).exponent, "where theory says 0.031")


def test_the_same_twelve_at_a_larger_gain():
    found = exponents(1.8, n=100, seeds=12, steps=2000)
    assert (found > 0.01).all()
    says(found.mean(), "all twelve are chaotic, with the mean 0.074", error=0.004)
    says(ll.theory.mean_field_map(1.8).exponent, "with the mean 0.074 against 0.119")
    says(exponents(1.8, n=500, seeds=4, steps=800).mean(), "of four networks of 500 units is 0.115", error=0.004)


# ------------------------------------------------------------------ from a series


def test_a_chaotic_series():
    found = ll.lyapunov_from_data(ll.Model("logistic", r=4.0).orbit(2000)[:, 0])
    says(found.exponent, r"with the slope $0.690", error=0.003)
    says(found.stderr, r"with the slope $0.690 \pm 0.007", error=0.001)
    assert "A straight line over ten steps" in PROSE
    assert found.region[1] - found.region[0] == 10
    assert found.dimension == 1


def test_noise_reaches_strangers_in_one_step():
    found = ll.lyapunov_from_data(np.random.default_rng(0).standard_normal(2000), dimension=1)
    assert found.verdict == "no linear region"
    assert found.curve[0] < found.saturation - 5
    assert np.abs(found.curve[1:] - found.saturation).max() < 0.1
    many = ll.lyapunov_from_data(np.random.default_rng(0).standard_normal(2000), dimension=8, lag=1)
    assert (np.diff(many.curve[:9]) > 0.03).all()  # the coordinates are left behind, one after the other
    assert np.abs(np.diff(many.curve[8:])).max() < 0.03


def first_years(series: np.ndarray, dimension: int) -> float:
    curve = ll.lyapunov_from_data(series, dimension=dimension, lag=1).curve
    return float(curve[5] - curve[0]) / 5


@pytest.mark.parametrize(
    ("dimension", "text"), [(2, "(0.50"), (3, "(0.50, 0.41"), (5, "(0.50, 0.41, 0.29")], ids=("two", "three", "five")
)
def test_the_sun_gives_no_exponent_and_noise_rises_as_steeply(dimension, text):
    _, numbers = ll.data.sunspots()
    assert ll.lyapunov_from_data(numbers, dimension=dimension, lag=1).verdict == "no linear region"
    rise = first_years(numbers, dimension)
    says(rise, text, within=GUIDE)
    noise = [first_years(ll.data.surrogate(numbers, seed=seed), dimension) for seed in range(20)]
    assert max(noise) > rise
    assert min(noise) < rise + 0.03


def test_the_number_of_the_newspaper():
    says(first_years(ll.data.sunspots()[1], 3), "Its Lyapunov exponent is 0.41")
    step = EXERCISES["sun"].help.step
    says(first_years(ll.data.sunspots()[1], 5), "would it become 0.29", within=step)


def test_known_chaos_in_as_many_turns_is_not_seen_either():
    turns = ll.Model("roessler").orbit(27 * 1000, warmup=5000)[::27, 0]
    short, long = ll.lyapunov_from_data(turns[:309]), ll.lyapunov_from_data(turns)
    assert short.verdict == "no linear region"
    assert long.exponent - 3 * long.stderr > 0
    truth = 0.0714 * 27 * ll.Model("roessler").time_step
    says(truth, "(0.0386")
    assert long.exponent < truth - long.stderr
    swings = np.abs(np.fft.rfft(turns - turns.mean())).argmax()
    assert "Twenty-eight turns are not enough" in PROSE
    assert swings * 0.309 == pytest.approx(28, abs=1)
    assert "ninety are enough" in PROSE
    assert swings == pytest.approx(90, abs=3)
    assert round(309 / 11) == 28  # cycles of the sun


# ------------------------------------------------------------------ exercises and guide


def test_the_numbers_of_the_horizon():
    horizon = EXERCISES["horizon"]
    assert horizon.right() == pytest.approx(127.92, abs=0.005)
    says(np.log(1e5), "so λ t = ln 100 000 = 11.513", within=horizon.help.step)
    answers = {wrong.name: horizon.wrong(wrong) for wrong in horizon.misconceptions}
    says(answers["log10 for ln"], "| `horizon` | 55.6", within=GUIDE)
    says(answers["the doubling time"], "| `horizon` | 7.7", within=GUIDE)
    says(answers["until the error is 1"], "| `horizon` | 153.5", within=GUIDE)


def test_the_numbers_of_the_guide():
    assert (np.abs(np.linalg.eigvals(network(1.2).weights["W"])) > 1).sum() == 23
    assert "has twenty-three eigenvalues outside the unit circle at rest" in GUIDE
    says(2 / 3 * 0.01**2, "At gain 1.01 that is 0.0000667", within=GUIDE)
    says(ll.theory.mean_field_map(1.01).exponent, "`ll.theory.mean_field_map(1.01)` says 0.0000645", within=GUIDE)
    says(
        ll.theory.mean_field_map(2.0, noise=1.0).exponent,
        "`ll.theory.mean_field_map(2.0, noise=1.0)` is 0.046",
        within=GUIDE,
    )
    says(ll.theory.mean_field_map(2.0).exponent, "is 0.046, without noise 0.155", within=GUIDE)
    assert (4 + 1 / 8) / 2 > 1 > 4 / 8
    x = ll.Model("logistic", r=4.0).orbit(2000)[:, 0]
    little, much = (
        ll.lyapunov_from_data(x + size * np.random.default_rng(0).standard_normal(2000)) for size in (0.001, 0.01)
    )
    says(little.exponent, "the method reads 0.64", within=GUIDE, error=0.02)
    assert much.verdict == "no linear region"


def _looks():
    for exercise in PLAN.exercises:
        for each in (exercise.help, *exercise.misconceptions):
            if getattr(each.look, "widget", ""):
                yield pytest.param(each.look, id=f"{exercise.name}-{each.look.widget}-{len(each.look.text)}")


@pytest.mark.parametrize("look", list(_looks()))
def test_where_to_look_is_a_state_that_the_widget_takes(look):
    shown = {
        "Cobweb": lambda: ll.Cobweb("logistic", r=3.6, x0=0.3),
        "ChaosTransition": lambda: ll.ChaosTransition("tanh", n=100, gain=0.8, seed=8),
    }[look.widget]()
    shown.state = look.state
    shown.settle()
    assert shown.error is None
    for part in ("params", "view"):
        for name, value in look.state.get(part, {}).items():
            assert getattr(shown, name) == value
    shown.close()
