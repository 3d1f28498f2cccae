"""An own cell is tried in plain Python first: once for each size, and lyaplab's own never."""

from __future__ import annotations

import numpy as np
import pytest

import lyaplab as ll
from lyaplab.cells import find
from lyaplab.kernel.algebra import affine, at, gemm, rows
from lyaplab.kernel.squash import sigmoid_slope, tanh_rows, tanh_slope


def cell_of(step, size, **more):
    return ll.Cell("mine", step=step, size=size, **more)


NETWORK = ll.Card(parameters=(ll.Parameter("W", ("n", "n")), ll.Parameter("b", ("n",))), hyper=find("tanh").card.hyper)


def size(p):
    n = p[0].shape[-1]
    return n, n, n


@pytest.mark.parametrize("name", ll.cells())
def test_cells_of_lyaplab_are_not_tried(name):
    assert not find(name).foreign


def test_the_vocabulary_works_in_plain_python():
    def step(q, x, u, y, w):
        W, b = q
        affine(x, W, W, u, W[:, :0], b, y)
        rows(x, W, W, y)
        gemm(x, W, y)
        tanh_rows(y, w)
        y[0, 0], w[0, 0] = tanh_slope(at(b, 0, 1))
        y[0, 0], w[0, 0] = sigmoid_slope(y[0, 0])

    cell = cell_of(step, size, card=NETWORK)
    assert cell.foreign
    assert ll.Model(cell, n=12).d == 12


def test_an_index_that_only_a_larger_network_has_wrong_is_found_with_it():
    def step(q, x, u, y, w):
        for r in range(x.shape[0]):
            for i in range(x.shape[1]):
                y[r, i] = 0.5 * x[r, i]
                w[r, i % 3] = y[r, i] if i < 3 else w[r, i - 3]

    cell = cell_of(step, lambda p: (p[0].shape[-1], 2, 0), card=NETWORK)
    ll.Model(cell, n=2)
    with pytest.raises(ll.CellError, match="index 2 is out of bounds"):
        ll.Model(cell, n=3)


def test_a_size_is_tried_once():
    calls = []

    def prepare(p):
        calls.append(1)
        return p

    def step(q, x, u, y, w):
        for r in range(x.shape[0]):
            for i in range(x.shape[1]):
                y[r, i] = 0.5 * x[r, i]

    cell = cell_of(step, size, prepare=prepare, card=NETWORK)
    for n in (2, 2, 3, 2, 3):
        ll.Model(cell, n=n)
    assert len(calls) == 2


def test_a_missing_work_column_is_found_in_push_and_pull():
    def step(q, x, u, y, w):
        y[0, 0] = x[0, 0]

    def push(q, w, V, A, Z):
        for v in range(V.shape[0]):
            A[v, 0] = V[v, 0]

    with pytest.raises(ll.CellError, match=r"index 0 is out of bounds(.|\n)*in push"):
        ll.Model(cell_of(step, (1, 0, 0), push=push, pull=push, card=ll.Card(size=1)))


def test_numbers_that_overflow_are_no_mistake():
    def step(q, x, u, y, w):
        for r in range(x.shape[0]):
            y[r, 0] = np.exp(1e6 * x[r, 0])

    assert ll.Model(cell_of(step, (1, 0, 0), card=ll.Card(size=1))).d == 1
