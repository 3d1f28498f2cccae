"""Every number in the prose of lesson 06, computed again; of shipped runs where training would take minutes."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

import lyaplab as ll
from lyaplab.school.lessons import read_plan

FOLDER = Path(__file__).parents[2] / "lessons" / "06_learning_chaos"
PROSE = re.sub(r"\s+", " ", (FOLDER / "lesson.md").read_text("utf-8"))
GUIDE = re.sub(r"\s+", " ", (FOLDER / "guide.md").read_text("utf-8"))
PLAN = read_plan(FOLDER)
GATES = {gate.key: gate for gate in PLAN.predictions}


def says(number: float, text: str, *, within: str = PROSE, error: float = 0.0) -> None:
    """The text stands in the lesson, and the last number in it is `number` to the digits shown, or within `error`."""
    assert text in within, f"the lesson does not say {text!r}"
    shown = re.findall(r"[-+−]?\d+(?:\.\d+)?", text)[-1].replace("−", "-")
    digits = len(shown.partition(".")[2])
    assert float(shown) == pytest.approx(number, abs=max(error, 0.5001 * 10.0**-digits))


@pytest.fixture(scope="module")
def runs():
    return ll.data.shipped("lorenz63-forcing")


@pytest.fixture(scope="module")
def rows(runs):
    """What the networks are trained with, and what they are judged on."""
    return runs.series()


@pytest.fixture(scope="module")
def error(rows):
    """Errors (1001, 780) of the equations from starts with the noise of the series, as in section 1."""
    test = rows[1]
    begins = np.arange(0, 78_000, 100)
    starts = test.values[begins] + 0.05 * np.random.default_rng(0).standard_normal((len(begins), 3))
    path = (ll.Model("lorenz63", dt=0.01).orbit(1001, x0=test.restore(starts)) - test.mean) / test.scale
    return np.array([np.sqrt(np.mean((path[k] - test.values[begins + k]) ** 2, axis=1)) for k in range(1001)])


@pytest.fixture(scope="module")
def truth(error):
    """The loss of the equations in windows of tau rows, by tau; the rows to be predicted are noisy."""
    square = np.mean(error**2, axis=1)
    return {tau: square[1 : tau + 1].mean() + 0.05**2 for tau in (1, 4, 15, 30, 50, 76, 120, 200)}


def ends(runs, tau: int) -> np.ndarray:
    """The losses of the three runs of a tau over the last twentieth of their training."""
    return runs.loss[runs.tau == tau, -10:].mean(axis=1)


def trained(series, tau: int, **options) -> ll.Network:
    """Train as the lesson does: 1500 updates of about 800 predictions."""
    return record(series, tau, **options).network


def record(series, tau: int, *, seed: int = 0, n: int = 3, gain: float = 0.3):
    """Train, and return the record."""
    model = ll.Model("shallow_plrnn", n=n, hidden=50, gain=gain, A=[1.0] * n, seed=seed)
    network = ll.Network(model, ll.Readout(np.eye(min(n, series.values.shape[1]), n), trainable=False))
    settings = {"updates": 1500, "rate": (4e-3, 1e-4), "clip": 0.5, "seed": seed}
    return ll.train(network, series, forcing=tau, steps=tau, batch=round(800 / tau), **settings)


# ------------------------------------------------------------------ 1 how far a forecast reaches


def test_the_predictability_time(rows, runs):
    series = rows[0]
    says(series.exponent / 0.01, r"Lorenz's system has $\lambda = 0.905")
    says(series.exponent, r"so $\lambda = 0.00905", error=1e-5)
    says(series.tau_pred, r"$\tau_{\text{pred}} = 76.6", error=0.1)
    assert series.tau_pred == pytest.approx(runs.tau_pred)
    assert "40 000 rows" in PROSE and len(series) == 40_000 and series.noise == 0.05
    assert "80 000 rows without noise" in PROSE and len(rows[1]) == 80_000


def test_the_errors_of_the_equations(error):
    typical, square = np.exp(np.log(error).mean(axis=1)), np.sqrt(np.mean(error**2, axis=1))
    says(typical[0], "The table agrees: 0.042", error=0.003)
    says(typical[76], "0.042 at the start, 0.096", error=0.01)
    says(typical[153], "0.096 after 76 rows, 0.174", error=0.02)
    assert np.log2(typical[153] / typical[76]) == pytest.approx(1.0, abs=0.25)  # a doubling in tau_pred
    says(square[76], "After 76 rows its root is 0.54", error=0.05)
    says(np.sqrt(2), r"comes to $\sqrt2 = 1.41")
    assert square[900:].mean() == pytest.approx(np.sqrt(2), abs=0.04)
    smooth = np.convolve(square, np.ones(21) / 21, "same")
    crossing = int(np.argmax(smooth > 1))
    assert GATES["reach"].truth == pytest.approx(crossing, abs=20)
    says(250 / 76.6, "some 250 rows, 3.3")
    assert "unlucky starts rule a mean of squares" in PROSE
    assert np.sort(error[76] ** 2)[-78:].sum() > 0.8 * np.sum(error[76] ** 2)  # a tenth of the starts


# ------------------------------------------------------------------ 2 train, and fail


def test_the_loss_of_long_windows(runs, rows, truth):
    says(truth[200], "the equations have a loss of 0.33", error=0.015)
    losses = ends(runs, 200)
    for loss, text in zip(losses, ("0.61", "0.61, 0.64", "0.61, 0.64 and 0.88"), strict=True):
        says(loss, f"the networks {text}")
    says(_window_loss(runs.network(runs.at(30)), rows[0]), "the one of section 4, has 0.34", error=0.03)
    norms = runs.gradient_norm[runs.tau == 200][:, runs.updates >= 800].max(axis=1)
    assert r"$2.3 \times 10^{5}$, $4.2 \times 10^{4}$ and $5.0 \times 10^{4}$" in PROSE
    np.testing.assert_allclose(norms, (2.3e5, 4.2e4, 5.0e4), rtol=0.03)
    assert "356 trainable numbers" in PROSE and runs.untrained.layout.size == 356


def _window_loss(network: ll.Network, series) -> float:
    begins = np.arange(0, 39_000, 100)
    made = network.predict(200, x0=network.infer(series.values[begins]))
    return float(np.mean([(made[:, k] - series.values[begins + k + 1]) ** 2 for k in range(200)]))


def test_long_windows_end_in_something_small(runs, rows):
    assert GATES["window"].truth.startswith("it comes to rest")
    run = record(rows[0], 200)
    says(run.loss[-50:].mean(), "After 1500 updates the loss is about 0.86", error=0.1)
    assert "after 8000 it is 0.61 to 0.88" in PROSE
    live = run.network
    networks = [runs.network(runs.at(200, seed)) for seed in runs.seeds]
    for network in (live, *networks):
        found = ll.judge(network, rows[1])
        assert found.d_stsp > 10
        assert found.exponents[0] < 0.2 * rows[0].exponent
        free = network.predict(6000, x0=network.infer(rows[1].values[40_000]))
        assert free[3000:].std(axis=0).max() < 0.7
    assert "0, 2, 10, 30 and 100 %" in PROSE
    np.testing.assert_allclose(runs.moments / 8000, (0, 0.02, 0.1, 0.3, 1))


# ------------------------------------------------------------------ 3 forcing


def test_a_forced_sequence_is_nothing_but_windows(runs, rows):
    network, x = runs.network(runs.at(30)), rows[0].values[:201]
    whole = ll.loss_gradient(network, x[1:], start=x[0], forcing=50)
    windows = ll.loss_gradient(network, x[1:].reshape(4, 50, 3), start=x[0:200:50])
    assert whole.loss == pytest.approx(windows.loss, abs=1e-12)
    np.testing.assert_allclose(whole.theta, windows.theta, atol=1e-10)
    assert GATES["cut"].truth == 50 - 1


def test_the_gradient_grows_with_tau(runs, rows):
    network, medians = runs.network(runs.at(30)), []
    for tau in (1, 10, 25, 50, 100, 200):
        parts = [rows[0].values[b : b + 201] for b in range(0, 39_000, 1600)]
        norms = [np.linalg.norm(ll.loss_gradient(network, x[1:], start=x[0], forcing=tau).theta) for x in parts]
        medians.append(np.median(norms))
    assert all(np.diff(medians) > 0)
    assert medians[-1] < 1e-6 * runs.median("largest_gradient")[-1]  # in training it is worse


def test_the_rate_is_not_the_exponent(runs):
    taus, norms = runs.taus[3:], runs.median("largest_gradient")[3:]
    rate = np.polyfit(taus, np.log(norms), 1)[0]
    exercise = next(each for each in PLAN.exercises if each.name == "rate")
    assert exercise.right() == pytest.approx(rate) == pytest.approx(0.131, abs=0.001)
    assert "more than fourteen times the exponent of the data" in PROSE
    assert 14 < rate / runs.exponent < 15
    residue = np.log(norms) - np.polyval(np.polyfit(taus, np.log(norms), 1), taus)
    assert np.abs(residue).max() < 1.0  # exponential: of 22 nats in all, a line misses none by one
    assert exercise.help is not None
    assert "8.3e2 at τ = 30 to 2.4e12 at τ = 200 is a factor of 2.9e9, or 21.8 nats, in 170 steps" in exercise.help.step
    np.testing.assert_allclose((norms[0], norms[-1], norms[-1] / norms[0]), (8.3e2, 2.4e12, 2.9e9), rtol=0.02)
    says(np.log(norms[-1] / norms[0]), "or 21.8", within=exercise.help.step)


def test_the_rate_is_that_of_networks_before_they_have_learnt(runs, rows):
    assert (np.argmax(runs.gradient_norm, axis=1) == 0).all() and runs.updates[1] == 40
    assert "seeds 0 and 1 at 0.062 and 0.083 nats per step. Their largest gradients grow at 0.125 and 0.162" in PROSE
    for seed, growth, rate in ((0, 0.062, 0.125), (1, 0.083, 0.162)):
        untrained = runs.network(runs.at(1, seed), 0)
        path = untrained.predict(200, x0=untrained.infer(rows[0].values[::400]))
        size = np.log(np.sqrt(np.mean(path**2, axis=(0, 2))))
        assert np.polyfit(range(30, 201), size[29:], 1)[0] == pytest.approx(growth, abs=6e-4)
        norms = np.log(runs.largest_gradient[(runs.seed == seed) & (runs.tau >= 30)])
        assert np.polyfit(runs.taus[runs.taus >= 30], norms, 1)[0] == pytest.approx(rate, abs=6e-4)
        assert rate == pytest.approx(2 * growth, rel=0.05)


# ------------------------------------------------------------------ 4 how to judge


def test_who_says_the_mean_wins_far_ahead(runs, rows, error):
    assert GATES["thousand"].truth == "who always says the mean"
    test, begins = rows[1], np.arange(0, 78_000, 100)
    network = runs.network(runs.at(30))
    starts = test.values[begins] + 0.05 * np.random.default_rng(0).standard_normal((len(begins), 3))
    made = network.predict(1000, x0=network.infer(starts))
    for forecast in (np.mean(error[900:] ** 2), np.mean((made[:, -1] - test.values[begins + 1000]) ** 2)):
        assert forecast == pytest.approx(2.0, abs=0.15)
    assert np.mean(test.values**2) == pytest.approx(1.0)


def test_short_windows_look_right_one_step_ahead(runs):
    says(runs.floor, "says little. Here it is 0.042")
    short = runs.tau == 1
    says(np.median(runs.errors[short, 0]), "on rows without noise its error one step ahead is 0.0001", error=4e-5)
    says(np.median(ends(runs, 1)), "Its loss, 0.0044")
    assert all(ends(runs, 1).mean() <= ends(runs, tau).mean() for tau in runs.taus)  # "the smallest of all"
    assert "D_stsp is 7 to 9" in GATES["always"].explain
    assert runs.d_stsp[short].min() > 6.5 and runs.d_stsp[short].max() < 9.5
    shown = runs.exponents[runs.at(1), 0]
    assert shown == pytest.approx(runs.exponent, rel=0.1)  # the exponent of the one that the widget opens with


# ------------------------------------------------------------------ 5 choose the time


def test_the_valley(runs, truth):
    medians = dict(zip(runs.taus.tolist(), runs.median("d_stsp"), strict=True))
    assert max(medians[15], medians[30]) < 0.3 * min(value for tau, value in medians.items() if tau not in (15, 30))
    says(15 / runs.tau_pred, "here from 15 to 30, 0.2")
    says(30 / runs.tau_pred, "0.2 to 0.4")
    best = (runs.tau == 15) | (runs.tau == 30)
    assert 3.5 * runs.floor < runs.d_stsp[best].min() and runs.d_stsp[best].max() < 12 * runs.floor
    assert "0.79 to 0.89 per unit of time, are all below 0.905" in PROSE
    exponents = runs.exponents[best, 0] / 0.01
    np.testing.assert_allclose((exponents.min(), exponents.max()), (0.79, 0.89), atol=0.006)
    assert 1 < medians[50] < 3 < medians[76] and medians[200] > 10 and medians[1] > 5
    assert GATES["best"].truth == "about 25 rows"
    assert "their loss, 0.0044, is smaller than that of the equations, 0.0048" in PROSE
    np.testing.assert_allclose(ends(runs, 1), 0.0044, atol=5e-5)
    assert truth[1] == pytest.approx(0.0048, abs=1e-4)
    says(truth[76], "have the loss of the equations, about 0.11", error=0.01)
    np.testing.assert_allclose(ends(runs, 76), truth[76], rtol=0.1)


def test_a_row_moves_as_far_as_the_noise(rows):
    says(np.sqrt(np.mean(np.diff(rows[1].values, axis=0) ** 2)), "a coordinate moves by 0.07")
    says(rows[0].noise, "and the noise is 0.05")


def test_roessler_has_another_valley():
    runs = ll.data.shipped("roessler-forcing")
    assert "has a $\\tau_{\\text{pred}}$ of 80 rows" in PROSE
    assert runs.tau_pred == pytest.approx(80, abs=1)
    assert "are 2.88, 0.66, 0.22, **0.03**, 0.13 and 0.83 for $\\tau$ of 4, 15, 30, **80**, 160 and 320" in PROSE
    assert runs.taus.tolist() == [4, 15, 30, 80, 160, 320]
    np.testing.assert_allclose(runs.median("d_stsp"), (2.88, 0.66, 0.22, 0.03, 0.135, 0.83), atol=0.006)
    assert "Rössler: 2.44, 0.25 and 0.66" in PROSE
    np.testing.assert_allclose(runs.d_stsp[runs.tau == 15], (2.44, 0.25, 0.66), atol=0.006)
    other = ll.data.lorenz63(2000, rho=38.0)  # the data of the paper
    assert 30 / other.tau_pred == pytest.approx(0.5, abs=0.05)


def test_the_exercise_on_roessler_can_be_won_and_lost():
    series, test = ll.data.roessler(80_000, noise=0.05).split()[0], ll.data.roessler(80_000)
    for tau, good in ((100, True), (15, False), (1, False)):
        assert (ll.judge(trained(series, tau), test).d_stsp < 0.6) == good


# ------------------------------------------------------------------ 6 what you do not see


def test_in_the_plane_of_y_and_z_orbits_cross(rows):
    values, (x, y, z) = rows[1].values, rows[1].values[::8].T
    order = np.lexsort((z.round(2), y.round(2)))
    near = (np.abs(np.diff(y[order])) < 0.01) & (np.abs(np.diff(z[order])) < 0.01)
    apart = np.abs(np.diff(x[order]))
    assert len(values) == 80_000 and (apart[near] > 0.5).sum() > 10  # the same y and z, another x


def test_hidden_units_stand_in_for_what_is_not_seen(rows):
    runs = ll.data.shipped("lorenz63-partial-forcing")
    assert "Twelve runs" in PROSE and len(runs) == 12
    medians = dict(zip(runs.taus.tolist(), runs.median("d_stsp"), strict=True))
    assert max(medians[15], medians[30]) < 0.2 < 5 < min(medians[4], medians[76])
    good = (runs.tau == 15) | (runs.tau == 30)
    assert "the exponents, 0.55 to 0.78 per unit of time, fall short of 0.905" in PROSE
    exponents = runs.exponents[good, 0] / 0.01
    np.testing.assert_allclose((exponents.min(), exponents.max()), (0.55, 0.78), atol=0.006)
    network = runs.network(runs.at(15))
    np.testing.assert_array_equal(network.infer([0.3, -0.2]), (0.3, -0.2, 0, 0, 0, 0))
    assert GATES["hidden"].truth == "to 0"
    seen, test = (part.observe(["y", "z"]) for part in rows)
    for tau in (15, 30):
        assert ll.judge(trained(seen, tau, n=2), test).d_stsp > 3
    failed = [ll.judge(trained(seen, 15, n=6, seed=seed), test).d_stsp > 1 for seed in range(3)]
    assert sum(failed) >= 2  # "mostly failed"


# ------------------------------------------------------------------ what exercises and the guide say


def test_every_place_to_look_at_can_be_shown():
    looks = [rung.look for each in PLAN.exercises for rung in each.rungs if rung.look]
    looks += [wrong.look for each in PLAN.exercises for wrong in each.misconceptions if wrong.look]
    assert len(looks) == 8
    lab = ll.ForcingLab("lorenz63")
    for look in looks:
        lab.state = look.state
        assert lab.tau == look.state["params"]["tau"]
    lab.close()


def test_the_numbers_in_the_guide(runs):
    rate = {each.name: each for each in PLAN.exercises}["rate"]
    says(np.log(2) / 1.5, "| `tau_pred` | 0.462", within=GUIDE)
    says(1 / 0.03, "| `tau_pred` | 33.3", within=GUIDE)
    whole = next(each for each in rate.misconceptions if each.name == "all taus")
    says(rate.wrong(whole), "| `rate` | 0.140", within=GUIDE)
    says(100 * (1 - np.exp(-runs.exponent)), "for Lorenz's rows 0.9", within=GUIDE)


def test_a_tame_start_does_not_save_long_windows(rows):
    assert "the first gradients at τ = 200 are some thousands" in GUIDE and "the loss still above 0.8" in GUIDE
    run = record(rows[0], 200, gain=0.05)
    assert 500 < run.gradient_norm[:40].max() < 10_000
    assert run.loss[-100:].mean() > 0.8
    assert ll.judge(run.network, rows[1]).d_stsp > 10
