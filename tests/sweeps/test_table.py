"""The table of a sweep: columns, gaps, and what is kept of it."""

from __future__ import annotations

import numpy as np
import pytest

import lyaplab as ll
from lyaplab.sweeps.encoding import measured
from lyaplab.sweeps.table import shown_settings
from lyaplab.widgets._tableview import table_html


def table_of(settings, results, names=("gain",)):
    outcomes = [None if each is None else {"error": each} if isinstance(each, str) else
                {"result": measured("value", each)} for each in results]  # fmt: skip
    return ll.Sweep([dict(row) for row in settings], outcomes, list(names), "value", 0)


GAINS = [{"gain": 1.0}, {"gain": 2.0}, {"gain": 3.0}, {"gain": 4.0}]
SPECTRA = [np.array([0.1, -0.2]), np.array([0.3, -np.inf]), "DivergenceError: far", None]


def test_columns():
    table = table_of(GAINS, SPECTRA)
    np.testing.assert_array_equal(table["gain"], [1.0, 2.0, 3.0, 4.0])
    np.testing.assert_array_equal(table["value"], [[0.1, -0.2], [0.3, -np.inf], [np.nan] * 2, [np.nan] * 2])
    assert table.errors == {2: "DivergenceError: far"}
    np.testing.assert_array_equal(table.done, [True, True, True, False])
    assert repr(table) == "Sweep(4 networks, 3 done, 1 failed; gain -> value)"
    assert not table["gain"].flags.writeable
    with pytest.raises(ValueError, match="unknown column 'gian': did you mean 'gain'"):
        table["gian"]


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        ([1, 2], np.array([1, 2])),
        ([1, 2.5], np.array([1.0, 2.5])),
        ([1, None], np.array([1.0, np.nan])),
        ([True, False], np.array([True, False])),
        (["chaos", "cycle"], np.array(["chaos", "cycle"], dtype=object)),
        ([1.0, "none"], np.array([1.0, "none"], dtype=object)),
        ([1j, 2.0], np.array([1j, 2.0])),
    ],
)
def test_a_column_takes_the_kind_of_its_values(results, expected):
    table = table_of(GAINS[:2], [{"v": value} for value in results])
    np.testing.assert_array_equal(table["v"], expected)
    assert table["v"].dtype == expected.dtype


def test_arrays_of_several_shapes_are_objects():
    column = table_of(GAINS[:2], [np.zeros(2), np.zeros(3)])["value"]
    assert column.dtype == object and [len(each) for each in column] == [2, 3]


def test_a_result_with_the_name_of_a_setting_stands_beside_it():
    table = table_of(GAINS[:1], [{"gain": 7.0}])
    assert table["gain"] == [1.0] and table["gain.measured"] == [7.0]


def test_kept_and_shown(tmp_path):
    table = table_of(GAINS, SPECTRA)
    table.save(tmp_path / "sweep.npz")
    back = ll.Sweep.load(tmp_path / "sweep.npz")
    assert back == table and back.errors == table.errors
    np.testing.assert_array_equal(back["value"], table["value"])
    frame = table.to_pandas()
    assert list(frame.columns) == ["gain", "value_1", "value_2", "error"]
    assert frame["error"][2] == "DivergenceError: far" and frame["value_2"][1] == -np.inf
    shown = table_html(table)
    assert "<th>value_1</th>" in shown and "DivergenceError: far" in shown


def test_settings_in_words():
    @ll.map
    def mine(x, a=1.0):
        return a * x

    row = shown_settings({"cell": mine, "W": np.eye(2), "n": np.int64(3), "b": [1.0, 2.0]})
    assert row["cell"] == "mine" and row["n"] == 3
    assert row["W"].startswith("2 × 2 #") and row["b"].startswith("2 #")
    assert row["W"] != shown_settings({"W": 2 * np.eye(2)})["W"]
