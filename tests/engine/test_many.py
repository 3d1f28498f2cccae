"""Many networks at a time: the same bits as one by one, faults in their places, and an end when nobody asks on."""

from __future__ import annotations

import threading
from functools import partial

import numpy as np
import pytest

import lyaplab as ll
from lyaplab.engine import many
from lyaplab.engine.lyapunov import SpectrumRun
from lyaplab.engine.many import Spectra, cores, side_by_side
from lyaplab.model.many import iter_many_spectra

NETS = [ll.Model("tanh", n=12, gain=gain, seed=seed) for gain in (0.7, 1.5, 3.0) for seed in (1, 2)]


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("k", [None, 2])
def test_equal_to_one_by_one_to_the_last_bit(threads, k):
    found = ll.many_spectra(NETS, 1500, k=k, warmup=100, threads=threads)
    alone = [net.lyapunov_spectrum(1500, k=k, warmup=100) for net in NETS]
    np.testing.assert_array_equal(found.exponents, [one.exponents for one in alone])
    np.testing.assert_array_equal(found.stderr, [one.stderr for one in alone])
    np.testing.assert_array_equal(found.kaplan_yorke, [one.kaplan_yorke for one in alone])
    np.testing.assert_array_equal(found.entropy_rate, [one.entropy_rate for one in alone])
    np.testing.assert_array_equal(found.sum_rule_error, [one.sum_rule_error for one in alone])
    assert found.done.all() and not found.failed.any() and (found.steps == 1500).all()


def test_until_stops_each_where_it_stops_alone():
    nets = [ll.Model("logistic", r=r) for r in (3.7, 3.9, 4.0)]
    found = ll.many_spectra(nets, until=0.01)
    alone = [net.lyapunov_spectrum(until=0.01) for net in nets]
    np.testing.assert_array_equal(found.steps, [one.steps for one in alone])
    np.testing.assert_array_equal(found.exponents, [one.exponents for one in alone])


def test_a_divergent_network_has_its_fault_in_its_place():
    found = ll.many_spectra([ll.Model("henon", a=a) for a in (1.4, 1.5, 1.2)], 2000)
    with pytest.raises(ll.DivergenceError) as alone:
        ll.Model("henon", a=1.5).lyapunov_spectrum(2000)
    np.testing.assert_array_equal(found.failed, [False, True, False])
    assert found.faults == ["", str(alone.value), ""] and found.steps[1] == alone.value.step
    assert np.isnan(found.exponents[1]).all() and np.isfinite(found.exponents[[0, 2]]).all()
    assert found.done.all() and "1 diverged" in repr(found)


def test_an_input_drives_them_all():
    nets = [ll.Model("tanh", n=5, m=1, gain=2.0, seed=seed) for seed in (1, 2)]
    inputs = np.random.default_rng(0).standard_normal((700, 1))
    found = ll.many_spectra(nets, inputs=inputs, warmup=100)
    np.testing.assert_array_equal(found.exponents[1], nets[1].lyapunov_spectrum(inputs=inputs, warmup=100).exponents)


def test_rows_fill_one_after_another(monkeypatch):
    monkeypatch.setattr(many, "_PICTURE_SECONDS", 0.0)
    tables = list(iter_many_spectra(NETS, 500, threads=2))
    assert [int(table.done.sum()) for table in tables] == [1, 2, 3, 4, 5, 6]
    early = tables[0]
    assert np.isnan(early.exponents[~early.done]).all() and (early.steps[~early.done] == 0).all()
    assert "1 done" in repr(early) and "done" not in repr(tables[-1])


def test_threads_end_when_nobody_asks_on():
    net = ll.Model("logistic", r=3.9)

    def run(steps: int) -> SpectrumRun:
        return SpectrumRun(
            net.cell, net._p, x0=net.start, inputs=np.zeros((1, 0)), k=1, steps=steps, warmup=0
        )

    before = threading.active_count()
    # The second and third would take days.
    runs = side_by_side([partial(run, 100), partial(run, 10**13), partial(run, 10**13)], threads=2)
    place, outcome = next(runs)
    assert place == 0 and outcome.steps == 100 and threading.active_count() == before + 2
    runs.close()
    assert threading.active_count() == before


def test_an_error_of_another_kind_is_raised():
    def step(q, x, u, y, w):
        for r in range(x.shape[0]):
            y[r, 0] = x[r, 0] + nothing  # noqa: F821

    cell = ll.Cell("broken", step=step, size=(1, 0, 0))
    with pytest.raises(ll.CellError):
        ll.many_spectra([ll.Model(cell)] * 2, 10)


def test_batch_of_inputs_runs_side_by_side_and_a_fault_is_raised():
    net = ll.Model("linear", n=1, m=1, W=[[0.5]], U=[[1.0]])
    good = np.zeros((3, 60, 1))
    assert net.lyapunov_spectrum(inputs=good, warmup=10).sequences.shape == (3, 1)
    assert net.lyapunov_spectrum(inputs=good, warmup=10).stderr[0] == 0.0
    with pytest.raises(ll.DivergenceError):
        ll.Model("linear", W=[[3.0]], U=[[1.0]]).lyapunov_spectrum(inputs=np.ones((3, 5000, 1)), warmup=0)


def test_result_is_kept(tmp_path):
    found = ll.many_spectra(NETS[:3], 300)
    found.save(tmp_path / "many.npz")
    back = Spectra.load(tmp_path / "many.npz")
    np.testing.assert_array_equal(back.exponents, found.exponents)
    assert back.faults == ["", "", ""] and back.unit == "step" and len(back) == 3
    frame = found.to_pandas()
    assert len(frame) == 3 and list(frame.columns)[:2] == ["largest", "stderr"]


def test_cores_are_those_that_may_be_used():
    assert cores() >= 1


BAD = [
    (lambda: ll.many_spectra([], 10), ValueError, "models must hold at least one Model, got none"),
    (lambda: ll.many_spectra([3], 10), TypeError, r"models must be Models, but models\[0\] is int"),
    (
        lambda: ll.many_spectra([ll.Model("henon"), ll.Model("logistic")], 10),
        ValueError,
        r"models must be of one size: models\[0\] has 2 state variables and 0 inputs, per step, models\[1\] has 1",
    ),
    (lambda: ll.many_spectra(NETS, 0), ValueError, "steps must be a whole number of at least 1, got 0"),
    (lambda: ll.many_spectra(NETS, 10, k=13), ValueError, "k must be at most 12"),
    (lambda: ll.many_spectra(NETS, 10, threads=0), ValueError, "threads must be a whole number of at least 1, got 0"),
    (
        lambda: ll.many_spectra([ll.Model("tanh", n=2, m=1)], inputs=np.zeros((2, 600, 1))),
        ValueError,
        "inputs must be one sequence",
    ),
]


@pytest.mark.parametrize(("call", "error", "text"), BAD, ids=range(len(BAD)))
def test_bad_input_is_named(call, error, text):
    with pytest.raises(error, match=text):
        call()
