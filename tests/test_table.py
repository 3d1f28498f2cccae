"""README.md of this folder: every test that it names is there, and every cell has known values."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from lyaplab.cells import find

HERE = Path(__file__).parent
ROWS = [line.split("|")[1:4] for line in (HERE / "README.md").read_text(encoding="utf-8").splitlines() if "`" in line]
ROWS = [(row.strip(), held) for row, _, held in (row for row in ROWS if len(row) == 3)]


def functions_of(path: Path) -> set[str]:
    """Names of all functions of a file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize(("row", "held"), ROWS, ids=[row for row, _ in ROWS])
def test_what_holds_a_row_is_there(row, held):
    assert "`" in held
    file = None
    for file_said, name in re.findall(r"`([\w/]*(?:\.py)?)::(\w+)`", held):
        file = HERE / file_said if file_said else file
        assert name in functions_of(file), f"{name} is not in {file}"
    for cell in re.findall(r"card `(\w+)`", held):
        assert find(cell).card.known


def test_every_row_of_the_engine_has_a_place():
    rows = set()
    for row, _ in ROWS:
        first, _, last = row.partition("-")
        rows |= set(range(int(first), int(last) + 1)) if last else {int(n) for n in re.findall(r"\d+", row)}
    never = {6, 11, 14, 18, 20, 22}
    # 32 and 33 belong to many networks at a time, 37 to 41 to training.
    assert set(range(1, 44)) - never - rows <= {32, 33, 37, 38, 39, 40, 41}
