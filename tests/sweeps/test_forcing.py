"""The sweep over tau, on Hénon's map and with few updates: what is made, kept, refused, and made again."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import lyaplab as ll
from lyaplab.sweeps.forcing import TRAINING
from lyaplab.sweeps.runs import ForcingRuns

SHORT = {"updates": 30, "predictions": 40}


@pytest.fixture(scope="module")
def henon():
    return ll.data.from_array(ll.Model("henon").orbit(1_200, warmup=100), exponent=0.4192)


def made(series, **settings):
    """A sweep of short runs in this process."""
    short = {**SHORT, **settings.pop("training", {})}
    chosen = {"taus": (1, 5, 10), "seeds": 2, "hidden": 6, "executor": ThreadPoolExecutor(1), **settings}
    return ll.forcing_sweep(series, training=short, **chosen)


@pytest.fixture(scope="module")
def runs(henon):
    return made(henon)


def test_there_is_a_run_for_each_tau_and_seed(runs):
    assert runs.tau.tolist() == [1, 1, 5, 5, 10, 10]
    assert runs.seed.tolist() == [0, 1] * 3
    assert runs.done.all()
    assert runs.moments.tolist() == [0, 1, 3, 9, 30]
    assert runs.tau_pred == pytest.approx(np.log(2) / 0.4192)
    assert len({theta.tobytes() for theta in runs.theta[:, -1]}) == 6  # all differ
    assert runs.settings == {**TRAINING, **SHORT, "steps": None}


def test_a_run_can_be_made_again_by_hand(henon, runs):
    """From its first weights, by the arguments that it tells, and to the last bit of what is kept."""
    index = runs.at(5, seed=1)
    assert {"seed": 1, "forcing": 5, "steps": 5, "batch": 8}.items() <= runs.training(index).items()
    record = ll.train(runs.network(index, 0), henon, **runs.training(index))
    assert record.network.theta.astype(np.float32).tolist() == runs.theta[index, -1].tolist()
    assert record.loss == pytest.approx(runs.loss[index])  # so few updates are not thinned
    assert record.gradient_norm.max() == runs.largest_gradient[index]
    judged = ll.judge(runs.network(index), henon)
    assert (judged.d_stsp, judged.d_spectrum) == (runs.d_stsp[index], runs.d_spectrum[index])
    assert judged.exponents.tolist() == runs.exponents[index].tolist()
    assert (judged.floor, judged.spectrum_floor) == (runs.floor, runs.spectrum_floor)


def test_a_run_does_not_depend_on_which_others_are_made(henon, runs):
    alone = made(henon, taus=[5], seeds=[1])
    assert alone.theta[0].tolist() == runs.theta[runs.at(5, seed=1)].tolist()


def test_medians_are_over_the_seeds_and_the_middle_one_stands_for_its_tau(henon):
    three = made(henon, taus=[5], seeds=3)
    assert three.median("d_stsp") == [np.median(three.d_stsp)]
    assert three.d_stsp[three.at(5)] == np.median(three.d_stsp)
    with pytest.raises(ValueError, match="unknown tau 7"):
        three.at(7)


def test_a_sweep_goes_on_from_its_file_and_comes_back_from_disk(henon, tmp_path):
    first = made(henon, taus=[1, 5], save=tmp_path / "rows.jsonl")
    lines = (tmp_path / "rows.jsonl").read_text().splitlines()
    (tmp_path / "rows.jsonl").write_text("\n".join(lines[:-1]) + "\n")  # as if it had been stopped before the last
    again = made(henon, taus=[1, 5], save=tmp_path / "rows.jsonl")
    assert again.table()["d_stsp"].tolist() == first.table()["d_stsp"].tolist()
    first.thin().save(tmp_path / "runs.npz")
    loaded = ForcingRuns.load(tmp_path / "runs.npz")
    assert repr(loaded) == repr(first)
    assert loaded.network(3).theta.tolist() == first.network(3).theta.tolist()  # they are in single precision anyway


def test_runs_fill_in_one_by_one(henon):
    counts = []
    short = {"taus": [1, 5], "seeds": 1, "training": SHORT, "hidden": 6, "executor": ThreadPoolExecutor(1)}
    for so_far in ll.iter_forcing_sweep(henon, **short):
        counts.append(int(so_far.done.sum()))
        assert np.isnan(so_far.theta[~so_far.done]).all()
    assert counts[0] == 0
    assert counts[-1] == 2


def test_a_rate_that_diverges_stops_with_its_update_and_the_last_good_state_is_judged(henon):
    wild = made(henon, taus=[40], seeds=1, training={"rate": 1e4, "clip": None})
    good = int(np.isfinite(wild.loss[0]).sum())
    assert 1 <= wild.stopped[0] < 30
    assert wild.stopped[0] - good == 1  # the update that was lost, and the one that had led there
    assert wild.theta[0, -1].tolist() == wild.theta[0, good].tolist()  # moments 0, 1, 3, ...
    assert np.isfinite(wild.theta).all()
    assert wild.done.all()
    assert "best median" in repr(wild)


def test_a_part_of_the_state_needs_more_units_and_a_readout_may_be_trained(henon):
    seen = henon.observe([0])
    runs = made(seen, taus=[5], seeds=1, n=3, readout="trained")
    assert runs.network(0).outputs == 1
    assert runs.network(0).model.d == 3
    assert runs.network(0).readout.B.tolist() != runs.network(0, 0).readout.B.tolist()
    fixed = made(seen, taus=[5], seeds=1, n=3)
    assert fixed.network(0).readout.B.tolist() == [[1.0, 0.0, 0.0]]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"taus": [0]}, "taus must be a whole number of at least 1, got 0"),
        ({"taus": [1, 1_200]}, "tau must be less than the 1200 rows of the series, got 1200"),
        ({"taus": []}, "taus and seeds must hold at least one number each"),
        ({"n": 1}, "2 columns are more than 1 units"),
        ({"cell": "tahn"}, "did you mean 'tanh'"),
        ({"readout": "learned"}, "unknown readout 'learned'"),
        ({"training": {"update": 3}}, "did you mean 'updates'"),
        ({"test": np.ones((500, 2))}, "series must vary, but its column 0 is constant"),
    ],
)
def test_what_cannot_be_trained_is_refused_before_anything_runs(henon, settings, words):
    with pytest.raises(ValueError, match=words):
        made(henon, **settings)


def test_a_constant_series_is_refused():
    with pytest.raises(ValueError, match="series must vary, but its column 1 is constant"):
        made(np.c_[np.arange(900.0), np.ones(900)])


def test_the_series_of_ones_own_does_not_come_with_the_runs(runs):
    with pytest.raises(ValueError, match="somebody's own"):
        runs.series()
