"""Sweeps that end in the middle, and go on: Stop, Ctrl-C, a kill, a full disk, another sweep's file."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import sweep_measures as measure

import lyaplab as ll

HERE = Path(__file__).parent
LOGISTIC = {"cell": "logistic", "r": [2.5, 3.0, 3.25, 3.5, 3.75, 4.0]}


def quiet(grid, how, **more):
    return ll.sweep(grid, how, progress=False, **more)


def test_stop_by_not_asking_on(tmp_path):
    grid = {"cell": "logistic", "r": np.linspace(3, 4, 100)}
    how = {"folder": str(tmp_path), "seconds": 0.05, "save": tmp_path / "rows.jsonl"}
    run = ll.iter_sweep(grid, measure.slow, executor=ThreadPoolExecutor(1), in_flight=50, **how)
    while not next(run).done.any():
        pass
    run.close()
    time.sleep(0.4)  # the row that runs ends
    begun = len(list(tmp_path.glob("*-*")))
    time.sleep(0.4)
    assert len(list(tmp_path.glob("*-*"))) == begun < 100
    table = quiet(grid, measure.slow, executor=ThreadPoolExecutor(8), **how)
    assert table.done.all() and not table.errors


# What a shell starts in the background does not hear Ctrl-C: the script wants to, wherever these tests run.
SCRIPT = """
import signal
import sys
from pathlib import Path
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.path.insert(0, {here!r})
import lyaplab as ll
from sweep_measures import slow

# No guard: worker processes do not run this file.
folder = Path(sys.argv[1])
grid = {{"cell": "logistic", "r": [3 + i / 100 for i in range(100)]}}
pool = ll.Processes(2)
print(*[pool.submit(__import__("os").getpid).result()], flush=True)
try:
    ll.sweep(grid, slow, folder=str(folder), seconds=0.05, save=folder / "rows.jsonl", executor=pool, progress=False)
except KeyboardInterrupt as error:
    print("rows kept:", int(error.rows.done.sum()), flush=True)
    raise
"""


def lines_of(path):
    return path.read_bytes().count(b"\n") if path.exists() else 0


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT], ids=["kill", "Ctrl-C"])
def test_interrupted_in_the_middle_it_goes_on(tmp_path, how):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT.format(here=str(HERE)))
    child = subprocess.Popen(
        [sys.executable, str(script), str(tmp_path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    rows = tmp_path / "rows.jsonl"
    while lines_of(rows) < 6 and child.poll() is None:
        time.sleep(0.01)
    child.send_signal(how)
    out, err = child.communicate()
    assert child.returncode != 0
    measured = lines_of(rows) - 1
    assert 5 <= measured < 100, err
    if how == signal.SIGINT:
        assert f"rows kept: {measured}" in out and "rows are kept in the attribute `rows`" in err
    for name in {mark.name.split("-")[0] for mark in tmp_path.glob("*-3*")}:
        for _ in range(500):
            if not os.path.exists(f"/proc/{name}"):
                break
            time.sleep(0.02)
        assert not os.path.exists(f"/proc/{name}"), "a worker is left behind"
    for mark in tmp_path.glob("*-3*"):
        mark.unlink()
    grid = {"cell": "logistic", "r": [3 + i / 100 for i in range(100)]}
    with ThreadPoolExecutor(16) as threads:
        table = quiet(grid, measure.slow, folder=str(tmp_path), seconds=0.05, save=rows, executor=threads)
    np.testing.assert_array_equal(table["slow"], grid["r"])
    assert len(list(tmp_path.glob("*-3*"))) == 100 - measured  # what was there was not measured again


def test_a_file_goes_on_and_gives_the_same_table(tmp_path):
    path, threads = tmp_path / "rows.jsonl", ThreadPoolExecutor(2)
    whole = quiet(LOGISTIC, measure.both, save=path, executor=threads)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:3]) + lines[3][:20])
    assert quiet(LOGISTIC, measure.both, save=path, executor=threads) == whole
    # All is there: nothing is measured any more.
    assert quiet(LOGISTIC, measure.both, save=path, executor=object.__new__(Executor)) == whole
    np.testing.assert_array_equal(whole["r.measured"], LOGISTIC["r"])
    for other in ({**LOGISTIC, "r": [2.5]}, {"cell": "tent"}):
        with pytest.raises(ValueError, match="another grid"):
            quiet(other, measure.both, save=path, executor=threads)
    with pytest.raises(ValueError, match="another measure"):
        quiet(LOGISTIC, "verdict", save=path, executor=threads)


def test_full_disk_keeps_the_rows(tmp_path):
    """In a process of its own: the limit on the size of files is for all of it."""
    code = f"""
import resource, signal, sys
sys.path.insert(0, {str(HERE)!r})
from concurrent.futures import ThreadPoolExecutor
import lyaplab as ll
from sweep_measures import both
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
ll.Model("logistic").orbit(1)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
try:
    ll.sweep({LOGISTIC!r}, both, save={str(tmp_path / "rows.jsonl")!r}, executor=ThreadPoolExecutor(1), progress=False)
except OSError as error:
    print(error, "|", int(error.rows.done.sum()), error.rows["orbit"].shape)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    words, _, kept = done.stdout.partition("|")
    assert "the rows cannot be saved to" in words and "File too large" in words, done.stderr
    saved = lines_of(tmp_path / "rows.jsonl") - 1
    assert (tmp_path / "rows.jsonl").read_bytes().endswith(b"\n")
    assert 1 <= saved < len(LOGISTIC["r"]) and int(kept.split()[0]) == saved + 1
    assert not quiet(LOGISTIC, measure.both, save=tmp_path / "rows.jsonl", executor=ThreadPoolExecutor(1)).errors
