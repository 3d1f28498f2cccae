"""What is warm stays warm: afterwards a fresh process compiles nothing for anything a Model does."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

import lyaplab as ll
from lyaplab import warming

EVERYTHING = """
import numpy as np, lyaplab as ll
from lyaplab.kernel import announce
compiled = []
announce.listeners.append(compiled.append)
for net in (ll.Model("henon"), ll.Model("henon", a=0.2)):
    net.orbit(50, warmup=3), net.orbit(5, x0=np.zeros((3, 2)))
    net.step(net.start), net.step(np.zeros((4, 2))), net.field(net.start)
    net.jacobian(net.start), net.field_jacobian(np.zeros((4, 2)))
    net.lyapunov_spectrum(300), net.lyapunov_spectrum(300, k=1), net.lyapunov_spectrum(until=0.1)
    net.section("y", steps=100), net.two_trajectories(50)
    net.gradient_norms(20), net.covariant_vectors(20)
    net.fixed_points(), net.slow_points(), net.cycles(3), net.basins(resolution=(8, 8), steps=5)
    net.bifurcation("a", [0.1, 0.2, 1.3], steps=50), net.bifurcation("b", [0.1, 0.2], steps=50, follow="up")
    repr(net), net.view, net.bounds
series = ll.Model("henon").orbit(300)[:, 0]
ll.lyapunov_from_data(series), ll.lyapunov_from_data(series, "kantz", dimension=2, dt=0.1)
print(len(compiled))
"""


def test_after_warming_a_fresh_process_compiles_nothing(tmp_path, monkeypatch, capfd):
    monkeypatch.setenv("LYAPLAB_CACHE", str(tmp_path))
    assert ll.warm(["henon"], training=False, progress=False) > 0.0
    assert capfd.readouterr() == ("", "")
    done = subprocess.run(
        [sys.executable, "-c", EVERYTHING], capture_output=True, text=True, check=True, env=dict(os.environ)
    )
    assert done.stdout.split() == ["0"]


TRAININGS = """
import numpy as np, lyaplab as ll
from lyaplab import warming
from lyaplab.kernel import announce
compiled = []
announce.listeners.append(compiled.append)
if first:
    assert warming._fault(warming._runs("to train tanh")["training"]) == ""
    assert warming._fault(warming._runs("linear filters")["training"]) == ""
else:
    net, task = ll.FilterNetwork.random(5), ll.FilterTask(0.9, horizon=20, weights="mean")
    for settings in ({}, {"method": "adam", "samples": 2}, {"method": "flow", "train": "all", "limited": True}):
        ll.learn_filter(net, task, updates=2, **settings)
    ll.learn_filter(net, ll.FilterTask(0.5), updates=2), ll.theory.pair_flow(task, until=0.1), ll.filter_loss(net, task)
    series = np.sin(np.arange(100.0)[:, None] * [0.1, 0.2])
    for forcing in (None, 1, 5, (2, 4), ll.Forcing(1, alpha=0.2), ll.Forcing(5, to="zero")):
        ll.train(ll.Network.random("tanh", 2, n=4), series, updates=2, steps=20, forcing=forcing, clip=0.1)
    net = ll.Network.random("tanh", 3, n=20, m=2, kind="softmax")
    ll.train(net, {"targets": np.zeros((3, 7)), "inputs": np.ones((3, 7, 2))}, updates=2, rate=(1e-2, 1e-3))
print(len(compiled))
"""


def test_the_small_training_compiles_all_that_any_training_needs(tmp_path):
    counts = []
    for first in (True, False):
        code = f"first = {first}\n{TRAININGS}"
        env = {**os.environ, "LYAPLAB_CACHE": str(tmp_path)}
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env)
        counts.append(int(done.stdout))
    assert counts[0] > 0 and counts[1] == 0


def test_an_unknown_cell_is_refused_before_anything_is_done(tmp_path, monkeypatch):
    monkeypatch.setenv("LYAPLAB_CACHE", str(tmp_path / "cache"))
    with pytest.raises(ValueError, match="did you mean 'henon'"):
        ll.warm(["hennon"], progress=False)
    assert not (tmp_path / "cache").exists()


def test_what_cannot_be_compiled_is_told_in_one_line(monkeypatch):
    def fails(model):
        raise ll.CellError("wrong\n  in step")

    monkeypatch.setitem(warming.MEASURES, "orbit", fails)
    runs = warming._runs("logistic")
    assert warming._fault(runs["orbit"]) == "CellError: wrong in step"
    assert warming._fault(runs["step"]) == ""


def test_what_needs_no_cell_gives_a_result():
    for small_run in warming.WITHOUT_MODEL.values():
        assert type(small_run()).__name__ == "SeriesExponent"
