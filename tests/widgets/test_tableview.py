"""Results that nobody has drawn yet: a table instead of an exception."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

import lyaplab as ll
import lyaplab.widgets
from lyaplab.engine.result import Result
from lyaplab.widgets._tableview import table_html


@dataclass(frozen=True)
class Columns(Result):
    """A result of plain columns, longer than a page."""

    values: np.ndarray
    kinds: np.ndarray

    def table(self):
        return {"value": self.values, "kind": self.kinds}


@dataclass(frozen=True)
class Fields(Result):
    """A result that has no table."""

    states: np.ndarray
    largest: float
    multiplier: complex
    words: list
    nothing: None = None


@dataclass(frozen=True)
class Ragged(Fields):
    """A result whose table is none."""

    def table(self):
        return {"states": self.states, "largest": np.array([self.largest])}


FIELDS = (np.arange(12.0).reshape(3, 4), -0.5, 0.5 - 2j, ["a", "<b>"])


def test_columns_come_as_a_table_with_what_is_left_out():
    result = Columns(np.linspace(0, 1, 30), np.array(["stable", "saddle"] * 15))
    page = table_html(result)
    assert page.count("<tr>") == 13 and "<th>value</th><th>kind</th>" in page
    assert "18 more rows" in page and "<td>0.03448</td><td>saddle</td>" in page


@pytest.mark.parametrize("kind", [Fields, Ragged])
def test_fields_come_one_by_one_where_there_is_no_table(kind):
    page = table_html(kind(*FIELDS))
    assert "<td>states</td><td>3 × 4 numbers, from 0 to 11</td>" in page
    assert "<td>largest</td><td>−0.5</td>" in page
    assert "<td>multiplier</td><td>0.5 − 2i</td>" in page
    assert "a, &lt;b&gt;" in page and "<td>nothing</td><td>–</td>" in page


def test_an_undrawn_result_is_shown_as_its_table():
    result = Fields(*FIELDS)
    view = result.show()
    assert view.words == repr(result) and view.stages == ()
    data = view._repr_mimebundle_()
    data = data[0] if isinstance(data, tuple) else data
    assert "3 × 4" in data["text/html"] and "image/png" not in data
    view.close()


def test_results_of_the_theory_have_their_table():
    law = ll.theory.mean_field_flow(1.8)
    view = law.show()
    assert "<th>lag</th><th>autocorrelation</th>" in view._table
    assert f"{len(law.lags) - 12} more rows" in view._table
    view.close()


def test_an_empty_table_is_one():
    assert table_html(Columns(np.empty(0), np.empty(0))).count("<tr>") == 1
