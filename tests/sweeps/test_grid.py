"""Rows of a grid: order, names, seeds, and the hash that tells one grid from another."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

import lyaplab as ll
from lyaplab.sweeps.grid import Grid, fingerprint, seed_number


def rows_of(grid, seed=0):
    return Grid.of(grid, seed=seed).rows


def test_every_combination_with_the_last_name_fastest():
    rows = rows_of({"cell": "logistic", "r": np.array([3.0, 4.0])})
    assert rows == [{"cell": "logistic", "r": 3.0}, {"cell": "logistic", "r": 4.0}]
    rows = rows_of({"cell": ["tanh", "gru"], "n": range(2, 4), "seed": 5})
    assert [(row["cell"], row["n"], row["seed"]) for row in rows] == [
        ("tanh", 2, 5), ("tanh", 3, 5), ("gru", 2, 5), ("gru", 3, 5),
    ]  # fmt: skip


def test_rows_of_a_list_may_differ():
    grid = Grid.of([{"cell": "henon", "a": 1.2}, {"cell": "tanh", "preset": "three-attractors"}], seed=0)
    assert grid.names == ["cell", "a", "preset"]


def test_networks_without_a_seed_get_that_of_their_row():
    rows = rows_of({"cell": "tanh", "n": [4, 4, 5]}, seed=3)
    expected = [int(np.random.SeedSequence(3, spawn_key=(i,)).generate_state(1)[0]) for i in range(3)]
    assert [row["seed"] for row in rows] == expected == [seed_number(3, i) for i in range(3)]
    assert len(set(expected)) == 3


@pytest.mark.parametrize(
    "row", [{"cell": "logistic"}, {"cell": "tanh", "W": np.eye(2)}, {"cell": "tanh", "n": 2, "w12": 1.0}]
)
def test_what_is_not_drawn_has_no_seed(row):
    assert "seed" not in rows_of([row])[0]


def test_hash_knows_values_seeds_arrays_and_code():
    @ll.map
    def one(x, a=3.0):
        return a * x * (1 - x)

    def other(x, a=3.0):
        return a * x * (1 - x * x)

    other.__name__ = "one"
    grids = [
        {"cell": "tanh", "gain": [1.0, 2.0]},
        {"cell": "tanh", "gain": [2.0, 1.0]},
        {"cell": "tanh", "gain": [1.0, 2.0], "seed": 0},
        {"cell": "gru", "gain": [1.0, 2.0]},
        {"cell": "tanh", "W": [np.eye(2)]},
        {"cell": "tanh", "W": [2 * np.eye(2)]},
        {"cell": one},
        {"cell": ll.map(other)},
    ]
    assert len({Grid.of(grid, seed=0).hash for grid in grids}) == len(grids)
    again = {"cell": "tanh", "gain": np.linspace(1.0, 2.0, 2)}
    assert Grid.of(again, seed=0).hash == Grid.of(grids[0], seed=0).hash


def test_hash_is_the_same_in_another_process():
    code = "from lyaplab.sweeps.grid import Grid; print(Grid.of({'cell': 'tanh', 'gain': [1.0, 2.0]}, seed=0).hash)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == Grid.of({"cell": "tanh", "gain": [1.0, 2.0]}, seed=0).hash


def test_fingerprint_of_functions():
    factor = 2.0
    assert fingerprint(lambda net: factor * net.d) != fingerprint(lambda net: net.d)
    assert fingerprint({"a": 1, "b": 2}) == fingerprint({"b": 2, "a": 1})


BAD = [
    ({"gain": [1.0]}, ValueError, "grid must name a cell, such as 'cell': 'tanh'; it names gain"),
    ({"cell": "tahn"}, ValueError, "unknown cell 'tahn': did you mean 'tanh'?"),
    ({"cell": "tanh", "gian": [1.0]}, ValueError, "unknown parameter 'gian': did you mean 'gain'?"),
    ({"cell": ["tanh", "logistic"], "gain": [1.0]}, ValueError, "unknown parameter 'gain'"),
    ({"cell": "tanh", "n": 2, "w13": [1.0]}, ValueError, "unknown parameter 'w13': did you mean 'w"),
    ({"cell": "tanh", "preset": "thre-attractors"}, ValueError, "did you mean 'three-attractors'"),
    ({"cell": 3}, TypeError, "must hold names or Cells, got int"),
    ({"cell": "tanh", "gain": []}, ValueError, r"grid\['gain'\] must have at least one value"),
    ({"cell": "tanh", "gain": {1.0, 2.0}}, TypeError, "must have an order, got a set"),
    ({"cell": "tanh", "W": np.eye(2)}, ValueError, r"got an array of shape \(2, 2\): put it into a list"),
    ([], ValueError, "at least one row"),
    ([{"cell": "tanh"}, 3], TypeError, r"grid\[1\] is int"),
    ("tanh", TypeError, "grid must be a dict of values or a list of dicts, got str"),
]


@pytest.mark.parametrize(("grid", "error", "text"), BAD, ids=range(len(BAD)))
def test_bad_grid_is_named(grid, error, text):
    with pytest.raises(error, match=text):
        Grid.of(grid, seed=0)
