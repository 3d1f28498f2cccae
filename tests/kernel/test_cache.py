"""Machine code on disk: found again by a fresh process, never stale, never in the way."""

from __future__ import annotations

import os
import shutil
import zipfile
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from lyaplab.kernel.cache import cache_folder

# One kernel for each, to keep these tests short: an orbit is the quickest to compile.
BUILT_IN = "import lyaplab as ll; print(ll.Model('logistic', r=3.5).orbit(3)[-1, 0])"
OWN_MAP = """
import lyaplab as ll
FACTOR = 0.5

def helper(x):
    return FACTOR * x

@ll.map
def halve(x):
    return helper(x) + 0.0

print(ll.Model(halve).orbit(2, x0=[1.0])[-1, 0])
"""
OWN_CELL = """
import lyaplab as ll

def step(q, x, u, y, w):
    for row in range(x.shape[0]):
        y[row, 0] = 0.25 * x[row, 0]

cell = ll.Cell("quarter", step=step, size=(1, 0, 0), card=ll.Card(size=1))
print(ll.Model(cell).orbit(2, x0=[1.0])[-1, 0])
"""


@pytest.mark.parametrize("script", [BUILT_IN, OWN_MAP, OWN_CELL], ids=["built-in", "own map", "own cell"])
def test_a_second_process_compiles_nothing(fresh, script):
    first, before = fresh.run(script)
    files = fresh.files()
    second, after = fresh.run(script)
    assert first > 0
    assert second == 0
    assert before == after
    assert fresh.files() == files


def test_a_second_process_compiles_nothing_for_a_spectrum(fresh):
    script = "import lyaplab as ll; print(ll.Model('logistic', r=3.5).lyapunov_spectrum(100).exponents)"
    first, before = fresh.run(script)
    second, after = fresh.run(script)
    assert (first > 0, second, before) == (True, 0, after)


def test_a_fresh_kernel_compiles_nothing_for_a_cell_of_a_notebook(fresh, monkeypatch):
    monkeypatch.setenv("LYAPLAB_CACHE", str(fresh.cache))
    define = "import lyaplab as ll\nfrom lyaplab.kernel import announce\ncompiled = []\n"
    define += "announce.listeners.append(compiled.append)\n@ll.map\ndef halve(x, a=0.5):\n    return a*x"
    use = "ll.Model(halve).orbit(2, x0=[1.0])[-1, 0], len(compiled)"

    def run() -> tuple[float, int]:
        cells = [nbformat.v4.new_code_cell(define), nbformat.v4.new_code_cell(use)]
        notebook = nbformat.v4.new_notebook(cells=cells)
        NotebookClient(notebook, timeout=250, kernel_name="python3").execute()
        return eval(notebook.cells[1].outputs[-1]["data"]["text/plain"].replace("np.float64", "float"))

    first, second = run(), run()
    assert first[0] == second[0] == 0.5
    assert first[1] > 0
    assert second[1] == 0


@pytest.mark.parametrize(
    ("old", "new", "result"),
    [
        ("FACTOR = 0.5", "FACTOR = 0.75", "0.75"),  # a constant that a helper reads
        ("return FACTOR * x", "return FACTOR * x * 0.5", "0.25"),  # the helper
        ("helper(x) + 0.0", "helper(x) + 1.0", "1.5"),  # the function
    ],
    ids=["constant", "helper", "function"],
)
def test_what_is_edited_is_compiled_anew_and_back_again_is_found(fresh, old, new, result):
    fresh.run(OWN_MAP)
    count, output = fresh.run(OWN_MAP.replace(old, new))
    assert count > 0
    assert output == result
    assert fresh.run(OWN_MAP) == (0, "0.5")


HELPER_BELOW = """
import numpy as np
from lyaplab.kernel import inline, kernel

@kernel
def fill(x):
    x[0] = helper(x[0])

@inline
def helper(value):
    return 0.5 * value

x = np.ones(1)
fill(x)
print(x[0])
"""


def test_a_helper_further_down_in_the_file_is_seen(fresh):
    assert fresh.run(HELPER_BELOW)[1] == "0.5"
    count, output = fresh.run(HELPER_BELOW.replace("0.5", "0.25"))
    assert count > 0
    assert output == "0.25"


def test_an_edit_of_any_kernel_file_compiles_anew(fresh, tmp_path):
    fresh.package = shutil.copytree(fresh.package, tmp_path / "copy" / "lyaplab")
    fresh.run(BUILT_IN)
    assert fresh.run(BUILT_IN)[0] == 0
    with (fresh.package / "kernel" / "rows.py").open("a") as file:
        file.write("\n# edited\n")
    assert fresh.run(BUILT_IN)[0] > 0


def test_an_edit_of_a_cell_compiles_that_cell_only(fresh, tmp_path):
    fresh.package = shutil.copytree(fresh.package, tmp_path / "copy" / "lyaplab")
    other = BUILT_IN.replace("'logistic', r=3.5", "'henon'")
    before, unchanged = fresh.run(BUILT_IN)[1], fresh.run(other)[1]
    cell = fresh.package / "cells" / "logistic.py"
    cell.write_text(cell.read_text().replace("(1.0 - x[v, 0])", "(1.5 - x[v, 0])"))
    count, after = fresh.run(BUILT_IN)
    assert count > 0
    assert after != before
    assert fresh.run(other) == (0, unchanged)


def test_a_damaged_file_is_replaced(fresh):
    _, before = fresh.run(BUILT_IN)
    for path in fresh.cache.iterdir():
        path.write_bytes(path.read_bytes()[:100])
    count, after = fresh.run(BUILT_IN)
    assert count > 0
    assert after == before
    assert fresh.run(BUILT_IN)[0] == 0


def test_a_folder_that_cannot_be_written_only_costs_time(fresh, tmp_path):
    (tmp_path / "file").write_text("")
    fresh.cache = tmp_path / "file" / "cache"  # no folder can be made in a file, not even by root
    first, before = fresh.run(BUILT_IN)
    second, after = fresh.run(BUILT_IN)
    assert first == second > 0
    assert before == after


def test_nothing_is_written_into_the_installed_package(fresh, tmp_path):
    fresh.package = shutil.copytree(fresh.package, tmp_path / "copy" / "lyaplab")
    for path in [fresh.package, *fresh.package.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    before = sorted(fresh.package.rglob("*"))
    fresh.run(BUILT_IN)
    assert sorted(fresh.package.rglob("*")) == before
    assert fresh.run(BUILT_IN)[0] == 0


def test_a_package_in_a_zip_file_is_cached_too(fresh, tmp_path):
    archive = tmp_path / "lyaplab.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for path in fresh.package.rglob("*.py"):
            file.write(path, Path("lyaplab") / path.relative_to(fresh.package))
    first, before = fresh.run(BUILT_IN, PYTHONPATH=str(archive))
    second, after = fresh.run(BUILT_IN, PYTHONPATH=str(archive))
    assert (first > 0, second, before) == (True, 0, after)


def test_two_processes_may_compile_at_once(fresh):
    processes = [fresh.start(BUILT_IN) for _ in range(2)]
    (one, first), (two, second) = (fresh.finish(process) for process in processes)
    assert first == second
    assert one > 0 or two > 0
    assert fresh.run(BUILT_IN) == (0, first)
    assert not [name for name in fresh.files() if not name.endswith(".nbc")]


def test_the_folder_is_chosen_by_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("LYAPLAB_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path
    monkeypatch.delenv("LYAPLAB_CACHE")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    assert cache_folder() == tmp_path / "home" / ".cache" / "lyaplab"


def test_another_processor_gets_code_of_its_own(fresh):
    _, native = fresh.run(BUILT_IN)
    count, generic = fresh.run(BUILT_IN, NUMBA_CPU_NAME="generic", NUMBA_CPU_FEATURES="")
    assert count > 0
    assert float(generic) == pytest.approx(float(native), rel=1e-12)
    assert os.environ.get("NUMBA_CPU_NAME") is None
