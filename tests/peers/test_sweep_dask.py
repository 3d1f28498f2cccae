"""A sweep on a real Dask cluster of processes, of which one is killed in the middle."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

import lyaplab as ll

dask = pytest.importorskip("dask")
distributed = pytest.importorskip("distributed")

GRID = {"cell": "tanh", "n": 2, "gain": [0.5 + 0.05 * i for i in range(40)]}


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    """Two processes with a thread each."""
    folder = tmp_path_factory.mktemp("dask")
    # A task gives up when it has killed one worker, not four: each takes seconds to start again.
    settings = {"temporary-directory": str(folder), "distributed.scheduler.allowed-failures": 1}
    with (
        dask.config.set(settings),
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1"
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


def spectrum_and_place(folder):
    """A measure that says which process works, as a learner writes it in a notebook: no module knows it."""

    def measure(net, rng):
        (Path(folder) / str(os.getpid())).touch()
        time.sleep(0.05)
        return {"exponents": net.lyapunov_spectrum(200, warmup=10).exponents, "chance": rng.normal()}

    return measure


def test_a_worker_is_killed_and_the_table_is_the_local_one(client, tmp_path):
    measure = spectrum_and_place(str(tmp_path))
    run = ll.iter_sweep(GRID, measure, executor=client.get_executor(), save=tmp_path / "rows.jsonl", seed=3)
    killed = 0
    for table in run:
        workers = [int(mark.name) for mark in tmp_path.glob("[0-9]*")]
        if not killed and table.done.sum() >= 5 and workers:
            killed = workers[0]
            os.kill(killed, signal.SIGKILL)
    assert killed and table.done.all() and not table.errors
    assert {int(mark.name) for mark in tmp_path.glob("[0-9]*")} - {killed}
    with ll.Processes(1) as processes:
        here = ll.sweep(GRID, measure, executor=processes, seed=3, progress=False)
    assert table == here
    # The file is whole, and its rows are these.
    assert ll.sweep(GRID, measure, save=tmp_path / "rows.jsonl", executor=processes, seed=3, progress=False) == here


def test_a_network_that_kills_its_workers_is_an_error(client):
    def measure(net):
        if net.weights["r"] == 3.5:
            os.kill(os.getpid(), signal.SIGKILL)
        return float(net.weights["r"])

    grid = {"cell": "logistic", "r": [3.0, 3.5, 4.0]}
    table = ll.sweep(grid, measure, executor=client.get_executor(), progress=False)
    assert list(table.errors) == [1] and table.errors[1].startswith("KilledWorker")
    assert list(table["measure"][[0, 2]]) == [3.0, 4.0]
