"""The runs that come with lyaplab: made by the settings in the code, and what they say is still so."""

from itertools import pairwise

import numpy as np
import pytest

import lyaplab as ll
from lyaplab.sweeps.shipped import SHIPPED


@pytest.fixture(scope="module")
def lorenz():
    return ll.data.shipped("lorenz63-forcing")


@pytest.mark.parametrize("name", SHIPPED)
def test_header_and_settings_in_the_code_agree(name):
    recipe, runs = SHIPPED[name], ll.data.shipped(name)
    assert runs.name == name
    assert name in runs.made["command"]
    assert runs.data == recipe["data"]
    training = {word: list(value) if isinstance(value, tuple) else value for word, value in recipe["training"].items()}
    assert runs.settings == {**training, "steps": None}
    assert runs.taus.tolist() == list(recipe["taus"])
    assert runs.seeds.tolist() == list(range(recipe["seeds"]))
    assert runs.model["n"] == recipe.get("n", 3)
    assert runs.theta.shape == (len(runs), len(runs.moments), runs.untrained.layout.size)
    assert runs.theta.dtype == np.float32
    assert runs.done.all()


def test_first_weights_are_those_that_the_seeds_draw(lorenz):
    """So that what is trained in the code of today begins as the shipped runs did."""
    for index in (0, len(lorenz) - 1):
        seed = int(lorenz.seed[index])
        drawn = ll.Network(ll.Model(lorenz.cell, **lorenz.model, seed=seed), ll.Readout(np.eye(3), trainable=False))
        assert lorenz.theta[index, 0].tolist() == drawn.theta.astype(np.float32).tolist()


def test_a_shipped_network_is_judged_as_it_was(lorenz):
    """Chaos makes another orbit of it on another machine: agreement is in size."""
    _, test = lorenz.series()
    index = lorenz.at(15)
    found = ll.judge(lorenz.network(index), test)
    assert found.floor == pytest.approx(lorenz.floor, rel=0.3)
    assert found.d_stsp == pytest.approx(lorenz.d_stsp[index], rel=0.5)
    assert found.exponents[0] == pytest.approx(lorenz.exponents[index, 0], abs=0.0015)
    assert found.errors == pytest.approx(lorenz.errors[index], rel=0.02)
    assert lorenz.tau_pred == pytest.approx(76.5, abs=0.5)  # ln 2/(0.9056 * 0.01)


def test_the_best_tau_lies_well_below_the_predictability_time(lorenz):
    """What these runs show: an interior optimum, collapse at tau_pred, gradients that grow exponentially with tau."""
    median = dict(zip(lorenz.taus.tolist(), lorenz.median("d_stsp").tolist(), strict=True))
    assert min(median[15], median[30]) < 0.5 * min(median[1], median[76])
    assert min(median, key=median.get) < lorenz.tau_pred / 2
    assert median[200] > 10 * median[30]
    largest = dict(zip(lorenz.taus.tolist(), lorenz.median("largest_gradient").tolist(), strict=True))
    assert all(longer > shorter for shorter, longer in pairwise(largest.values()))
    assert np.log(largest[200] / largest[30]) / 170 > 0.05  # nats for each unit of tau; the data's exponent is 0.009


def test_an_unknown_name_is_told_with_the_nearest():
    with pytest.raises(ValueError, match="did you mean 'lorenz63-forcing'"):
        ll.data.shipped("lorenz-forcing")


def test_roesslers_best_tau_is_no_fixed_share_of_its_predictability_time(lorenz):
    """Lorenz's networks are lost at tau_pred, where those of Rössler are at their best."""
    roessler = ll.data.shipped("roessler-forcing")
    median = dict(zip(roessler.taus.tolist(), roessler.median("d_stsp").tolist(), strict=True))
    assert min(median, key=median.get) == 80
    assert roessler.tau_pred == pytest.approx(80, abs=3)
    assert median[80] < 0.2 * min(median[15], median[4])
    assert lorenz.median("d_stsp")[lorenz.taus == 76] > 100 * lorenz.floor


def test_of_two_coordinates_six_units_learn_the_attractor_where_tau_is_right():
    runs = ll.data.shipped("lorenz63-partial-forcing")
    median = dict(zip(runs.taus.tolist(), runs.median("d_stsp").tolist(), strict=True))
    assert max(median[15], median[30]) < 0.05 * min(median[4], median[76])
    good = np.isin(runs.tau, (15, 30))
    assert (runs.d_stsp[good] < 0.3).all()  # all seeds
    assert (runs.exponents[good, 0] > 0.5 * runs.exponent).all()
    assert np.isfinite(runs.escaped[runs.tau == 4]).any()
