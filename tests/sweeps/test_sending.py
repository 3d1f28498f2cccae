"""Functions and cells in a process that has never seen them."""

from __future__ import annotations

import pickle
import subprocess
import sys
import threading
import types

import numpy as np
import pytest

import lyaplab as ll
from lyaplab.cells import find, tanh
from lyaplab.kernel import algebra, blas
from lyaplab.sweeps.sending import CannotSend, packed

# Reads (function, arguments), writes what it returns.
CHILD = """
import pickle, sys
function, args = pickle.loads(sys.stdin.buffer.read())
sys.stdout.buffer.write(pickle.dumps(function(*args)))
"""


def elsewhere(function, *args):
    """Call a function in a new process."""
    done = subprocess.run(
        [sys.executable, "-c", CHILD], input=packed((function, args)), capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    return pickle.loads(done.stdout)


def as_in_a_notebook(function):
    """The same function, as if a notebook's cell had defined it: no module knows it."""
    copy = types.FunctionType(function.__code__, function.__globals__, function.__name__, function.__defaults__)
    copy.__module__ = "__main__"
    return copy


def test_cells_become_the_same_cells():
    # Code and name are those of a cell that is compiled already; n = 12 calls BLAS, also in the rehearsal in Python.
    parts = {role: as_in_a_notebook(getattr(tanh, role)) for role in ("size", "prepare", "step", "push", "pull")}
    network = ll.Cell("tanh", **parts, card=tanh.CARD)
    assert network.foreign

    @ll.map
    def cubic(x, a=2.6):
        return a * x * (1.0 - x * x)

    @ll.flow(dt=0.05)
    def decay(x, rate=2.0):
        return -rate * x

    def double(q, x, u, y, w):
        for row in range(x.shape[0]):
            y[row, 0] = 2.0 * x[row, 0] % 1.0

    cells = [network, cubic, decay, ll.Cell("double", step=double, size=(1, 0, 0))]

    def measure(cells):
        network, cubic = ll.Model(cells[0], n=12, gain=2.0), ll.Model(cells[1])
        numbers = [network.lyapunov_spectrum(300, warmup=10).exponents, cubic.orbit(50)]
        return [(cell.name, cell.code, cell.derivatives) for cell in cells], numbers

    here, there = measure(cells), elsewhere(measure, cells)
    assert here[0] == there[0]
    for one, other in zip(here[1], there[1], strict=True):
        np.testing.assert_array_equal(one, other)


def test_own_cells_go_by_name():
    assert pickle.loads(packed(find("lstm"))) is find("lstm")
    assert len(packed(find("lstm"))) < 100


@pytest.mark.parametrize("word", [algebra.affine, blas.gemm], ids=["compiled", "intrinsic"])
def test_words_of_the_vocabulary_go_by_name(word):
    assert pickle.loads(packed(word)) is word


def test_a_function_takes_along_what_it_needs():
    factor = np.arange(3.0)
    np.testing.assert_array_equal(elsewhere(lambda x: factor * x, 2.0), [0.0, 2.0, 4.0])


def test_what_cannot_leave_is_told_with_a_way_out():
    lock = threading.Lock()
    with pytest.raises(CannotSend, match="cannot be sent to another process: .*lock.*executor=ThreadPoolExecutor"):
        packed(lambda net: lock)
