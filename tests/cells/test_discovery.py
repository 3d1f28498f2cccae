"""Cells are found by walking the folder and by entry points; a name that is none gets the nearest."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import EntryPoint

import pytest

import lyaplab as ll
from lyaplab import cells
from lyaplab.kernel import Cell


@pytest.fixture
def registry(monkeypatch):
    """Cells of another package, as entry points would bring them."""

    def register(**values: str) -> None:
        entries = [EntryPoint(name, value, "lyaplab.cells") for name, value in values.items()]
        monkeypatch.setattr(cells, "entry_points", lambda group: entries if group == "lyaplab.cells" else [])
        cells._places.cache_clear()
        cells.find.cache_clear()

    yield register
    monkeypatch.undo()
    cells._places.cache_clear()
    cells.find.cache_clear()


def test_names_and_cells_agree():
    for name in ll.cells():
        assert isinstance(cells.find(name), Cell) and cells.find(name).name == name


def test_listing_is_sorted_and_needs_no_call_of_the_folder():
    assert list(ll.cells()) == sorted(ll.cells())
    assert cells() == cells.cells()


def test_cells_of_other_packages(registry):
    registry(theirs="lyaplab.cells.tanh:CELL", tanh="nowhere:CELL")
    assert "theirs" in ll.cells()
    assert ll.Model("theirs", w=2.0).d == 1
    # The package's own names cannot be taken.
    assert cells.find("tanh").name == "tanh"


def test_entry_that_is_no_cell(registry):
    registry(odd="math:pi")
    with pytest.raises(TypeError, match="the cell 'odd' must be a lyaplab Cell, got float from math:pi"):
        cells.find("odd")


@pytest.mark.parametrize("line", ["ll.cells()", "ll.Model", "ll.cells.find('tanh')", "import lyaplab.cells"])
def test_the_folder_is_the_function_whatever_is_asked_first(line):
    code = f"import lyaplab as ll; {line}; print('tanh' in ll.cells(), ll.cells.find('tanh').name)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["True", "tanh"], done.stderr


def test_unknown_name():
    with pytest.raises(ValueError, match="unknown cell 'lorenz_63': did you mean 'lorenz63'"):
        cells.find("lorenz_63")
