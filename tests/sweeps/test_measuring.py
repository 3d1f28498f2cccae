"""Sweeps as a whole: the same bits everywhere, faults in their rows, bad input named."""

from __future__ import annotations

import queue
import threading
import time
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest
import sweep_measures as measure

import lyaplab as ll
from lyaplab.sweeps.task import measures

RS = [2.5, 3.0, 3.25, 3.5, 3.75, 4.0]
LOGISTIC = {"cell": "logistic", "r": RS}


def quiet(grid, how, **more):
    return ll.sweep(grid, how, progress=False, **more)


@pytest.fixture(scope="module")
def processes():
    with ll.Processes(2) as pool:
        yield pool


class Backwards(Executor):
    """Does what it has been given last, first: any order is right."""

    def __init__(self):
        self.tasks = queue.LifoQueue()
        self.waiting = self.most = 0
        threading.Thread(target=self.serve, daemon=True).start()

    def submit(self, fn, /, *args, **kwargs):
        self.waiting += 1
        self.most = max(self.most, self.waiting)
        future = Future()
        self.tasks.put((id(future), future, fn, args, kwargs))
        return future

    def serve(self):
        while True:
            _, future, fn, args, kwargs = self.tasks.get()
            time.sleep(0.002)
            self.waiting -= 1
            future.set_result(fn(*args, **kwargs))


# The same bits. -----------------------------------------------------------------------------------------------------


def test_every_executor_gives_the_same_bits(processes):
    grid = {"cell": "tanh", "n": 2, "gain": [0.5, 1.5, 3.0], "b1": [0.0, 0.5]}
    options = {"steps": 300, "warmup": 10}
    here = quiet(grid, "lyapunov_spectrum", executor=ThreadPoolExecutor(1), **options)
    for executor in (processes, ThreadPoolExecutor(3), Backwards()):
        in_flight = 3 if isinstance(executor, Backwards) else None
        there = quiet(grid, "lyapunov_spectrum", executor=executor, in_flight=in_flight, **options)
        assert there == here
    for place, gain in enumerate(here["gain"]):
        net = ll.Model("tanh", n=2, gain=gain, b1=here["b1"][place], seed=int(here["seed"][place]))
        np.testing.assert_array_equal(here["exponents"][place], net.lyapunov_spectrum(**options).exponents)


def test_rows_may_set_arguments_of_the_measure_where_the_cell_does_not_know_them(processes):
    """`exponent` is for the function; `r` is the map's, though the function has one too."""
    grid = {"cell": "logistic", "r": [2.0, 3.0], "exponent": [1, 2]}
    table = quiet(grid, measure.powers, executor=processes)
    assert table["power"].tolist() == [2.0, 4.0, 3.0, 9.0]
    assert table["own"].tolist() == [0.0] * 4
    with pytest.raises(TypeError, match="powers needs the option exponent"):
        quiet({"cell": "logistic"}, measure.powers)
    with pytest.raises(ValueError, match="unknown parameter 'exponents'"):
        quiet({"cell": "logistic", "exponents": [1]}, measure.powers, exponent=1)


def test_chance_belongs_to_the_row(processes):
    for how, expected in [
        (measure.drawn, [np.random.default_rng(np.random.SeedSequence(5, spawn_key=(i,))).normal() for i in range(6)]),
        (measure.numbered, [int(np.random.SeedSequence(5, spawn_key=(i,)).generate_state(1)[0]) for i in range(6)]),
    ]:
        table = quiet(LOGISTIC, how, seed=5, executor=processes)
        np.testing.assert_array_equal(table[how.__name__], expected)
        assert quiet(LOGISTIC, how, seed=5, executor=ThreadPoolExecutor(2)) == table
        assert quiet(LOGISTIC, how, seed=6, executor=ThreadPoolExecutor(2)) != table


def test_functions_and_cells_of_a_notebook_are_measured_in_processes(processes):
    @ll.map
    def cubic(x, a=2.0):
        return a * x * (1.0 - x * x)

    factor = 2.0

    def largest(net):
        return factor * net.orbit(20).max()

    grid = {"cell": cubic, "a": [1.5, 2.0, 2.5]}
    table = quiet(grid, largest, executor=processes)
    assert list(table["largest"]) == [2.0 * ll.Model(cubic, a=a).orbit(20).max() for a in (1.5, 2.0, 2.5)]
    assert list(table["cell"]) == ["cubic"] * 3


def test_measures_by_name():
    threads = ThreadPoolExecutor(2)
    assert list(quiet(LOGISTIC, "regime", executor=threads)["regime"][[0, -1]]) == ["fixed point", "chaos"]
    assert quiet(LOGISTIC, "verdict", executor=threads)["verdict"][0].startswith("settles to a fixed point")
    slopes = quiet(LOGISTIC, "gradient_norms", lags=50, executor=threads)["slope"]
    assert slopes[0] == ll.Model("logistic", r=2.5).gradient_norms(50).slope
    assert "lyapunov_spectrum" in measures() and "iter_lyapunov_spectrum" not in measures()


# Faults are rows. ---------------------------------------------------------------------------------------------------


def test_a_failing_network_has_its_error_in_its_row():
    threads = ThreadPoolExecutor(2)
    table = quiet({"cell": "henon", "a": [1.4, 1.5]}, "lyapunov_spectrum", steps=500, executor=threads)
    assert list(table.errors) == [1] and table.errors[1].startswith(
        "DivergenceError: the orbit or a tangent leaves the range"
    )
    table = quiet({"cell": "tanh", "n": [2, -1, "many"], "seed": 0}, "orbit", steps=1, executor=threads)
    assert table.errors[1] == "ValueError: n must be a whole number of at least 1, got -1"
    assert table.errors[2].startswith("TypeError: n must be a whole number") and 0 not in table.errors
    table = quiet(LOGISTIC, measure.failing, executor=threads)
    line = measure.failing.__code__.co_firstlineno + 2
    assert table.errors == dict.fromkeys((4, 5), f"KeyError: 'no such key' (in failing, line {line})")
    assert "SystemExit: 3" in quiet(LOGISTIC, measure.leaving, executor=threads).errors[0]
    assert "TypeError: strange must be a number" in quiet(LOGISTIC, measure.strange, executor=threads).errors[0]


def test_a_row_that_kills_its_process_is_an_error_and_the_others_are_there(processes):
    table = quiet(LOGISTIC, measure.deadly, executor=processes)
    assert table.errors == {2: "WorkerDied: a process was ended by SIGKILL, 2 times while it measured this network"}
    np.testing.assert_array_equal(table["deadly"], [2.5, 3.0, np.nan, 3.5, 3.75, 4.0])


def test_a_row_that_was_lost_by_chance_is_tried_again(processes, tmp_path):
    how = {"folder": str(tmp_path), "executor": processes}
    assert list(quiet(LOGISTIC, measure.deadly_once, **how)["deadly_once"]) == RS
    # What has killed its process twice is tried again by who goes on, perhaps with more memory.
    how["save"] = tmp_path / "rows.jsonl"
    assert list(quiet(LOGISTIC, measure.deadly_unless_cured, **how).errors) == [2]
    (tmp_path / "cured").touch()
    assert list(quiet(LOGISTIC, measure.deadly_unless_cured, **how)["deadly_unless_cured"]) == RS
    # The later line of the file counts.
    assert not quiet(LOGISTIC, measure.deadly_unless_cured, **how).errors


def test_a_pool_of_somebody_that_breaks_is_replaced(tmp_path):
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool, pytest.warns(RuntimeWarning, match="killed"):
        table = quiet(LOGISTIC, measure.deadly_once, folder=str(tmp_path), executor=pool)
    assert list(table["deadly_once"]) == RS and not table.errors


def test_an_executor_that_can_do_nothing_is_told():
    class Broken(Executor):
        def submit(self, fn, /, *args, **kwargs):
            future = Future()
            future.set_exception(ImportError("no lyaplab here"))
            return future

    with pytest.raises(RuntimeError, match="the executor cannot measure anything: ImportError: no lyaplab here"):
        quiet(LOGISTIC, "verdict", executor=Broken())


def test_few_batches_are_under_way():
    executor = Backwards()
    quiet({"cell": "logistic", "r": np.linspace(3, 4, 30)}, measure.both, executor=executor, in_flight=3)
    assert executor.most == 3


# What else is seen and said. ------------------------------------------------------------------------------------------


def test_progress_is_shown(capsys):
    ll.sweep(LOGISTIC, measure.failing, executor=ThreadPoolExecutor(1))
    shown = capsys.readouterr().err
    assert "6/6" in shown and "failed=2" in shown


def test_a_measure_may_print(processes):
    assert list(quiet(LOGISTIC, measure.chatty, executor=processes)["chatty"]) == [1.0] * 6


# Bad input. ---------------------------------------------------------------------------------------------------------

BAD = [
    (
        {"measure": "lyapunov_spectrm"},
        ValueError,
        "unknown measure 'lyapunov_spectrm': did you mean 'lyapunov_spectrum'",
    ),
    ({"measure": "save"}, ValueError, "unknown measure 'save'"),
    ({"measure": 3}, TypeError, "measure must be the name of a Model's method or a function, got int"),
    ({"measure": "lyapunov_spectrum", "stps": 3}, ValueError, "unknown option of lyapunov_spectrum 'stps': .*'steps'"),
    ({"measure": "gradient_norms"}, TypeError, "gradient_norms needs the option lags"),
    ({"measure": "verdict", "steps": 3}, ValueError, "verdict takes no options, got steps"),
    ({"measure": measure.slow}, TypeError, "slow needs the option folder"),
    ({"measure": "verdict", "seed": -1}, ValueError, "seed must be a whole number of at least 0"),
    ({"measure": "verdict", "in_flight": 0}, ValueError, "in_flight must be a whole number of at least 1"),
    ({"measure": "verdict", "executor": 4}, TypeError, "executor must have a method submit"),
    ({"measure": "verdict", "grid": {"cell": "logistic", "rr": [1]}}, ValueError, "unknown parameter 'rr'"),
]


@pytest.mark.parametrize(("bad", "error", "text"), BAD, ids=range(len(BAD)))
def test_bad_input_is_named_before_anything_runs(bad, error, text, tmp_path):
    arguments = {"grid": LOGISTIC, "save": tmp_path / "rows.jsonl", **bad}
    with pytest.raises(error, match=text):
        ll.iter_sweep(arguments.pop("grid"), arguments.pop("measure"), **arguments)
    assert not (tmp_path / "rows.jsonl").exists()


def test_what_cannot_be_sent_is_told_before_anything_runs():
    lock = threading.Lock()
    with pytest.raises(TypeError, match="executor=ThreadPoolExecutor"):
        ll.sweep(LOGISTIC, lambda net: lock.locked())
    assert not quiet(LOGISTIC, lambda net: lock.locked(), executor=ThreadPoolExecutor(1)).errors
