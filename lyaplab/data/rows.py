"""Rows of numbers from a text file; what is wrong is told with row, line and column."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lyaplab.data.columns import Columns, column_places

__all__ = ["read_rows"]

# One row: the number of its line in the file, and its cells.
_Row = tuple[int, list[str]]


def read_rows(path: Path, columns: Columns | None = None) -> tuple[list[str] | None, NDArray[np.float64]]:
    r"""Read the numbers of some columns of a file.

    Parameters
    ----------
    path : Path
    columns : str, int, or sequence of these, optional
        Names, or places from 0; by default all.

    Returns
    -------
    names : list of str or None
        Of the columns that were read; None where the file has no heading.
    values : ndarray(float, shape=(T, N))

    Raises
    ------
    ValueError
        If a row is longer or shorter than the first, or a cell holds no finite number.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "two.csv"
    ...     _ = path.write_text("a;b\n1,5;2\n3;4")
    ...     read_rows(path)
    (['a', 'b'], array([[1.5, 2. ],
           [3. , 4. ]]))
    """
    try:
        rows, decimal = _cells(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ValueError(f"{path.name} must be text in UTF-8, but byte {error.start} is not") from None
    except csv.Error as error:
        raise ValueError(f"{path.name} must be a table of numbers: {error}") from None
    if not rows:
        raise ValueError(f"{path.name} has no rows")
    width = len(rows[0][1])
    heading = None
    if all(_number(cell, decimal) is None for cell in rows[0][1]) and any(rows[0][1]):
        heading = [cell or f"x{i + 1}" for i, cell in enumerate(rows.pop(0)[1])]
    names = heading or [f"x{i + 1}" for i in range(width)]
    places = list(range(width)) if columns is None else column_places(columns, names)
    values = np.empty((len(rows), len(places)))
    for t, (line, cells) in enumerate(rows):
        where = f"{path.name}, row {t + 1} (line {line})"
        if len(cells) != width:
            raise ValueError(f"{where} has {len(cells)} columns, expected {width} as in the first line")
        for i, place in enumerate(places):
            value = _number(cells[place], decimal)
            if value is None or not math.isfinite(value):
                said = repr(cells[place]) if cells[place] else "empty"
                raise ValueError(f"{where}, column {names[place]!r} must be a finite number, but is {said}")
            values[t, i] = value
    return ([names[place] for place in places] if heading else None), values


def _cells(text: str) -> tuple[list[_Row], str]:
    """Return the rows of a text, and the sign between a number's whole part and its fraction."""
    lines = [(i + 1, line) for i, line in enumerate(text.splitlines()) if line.strip() and line.lstrip()[0] != "#"]
    first = lines[0][1] if lines else ""
    mark = next((mark for mark in ";\t," if mark in first), None)
    return list(_parted(lines, mark)), "," if mark == ";" else "."


def _parted(lines: list[tuple[int, str]], mark: str | None) -> Iterator[_Row]:
    """Part each line into its cells, at a mark or at blanks."""
    if mark is None:
        yield from ((line, text.split()) for line, text in lines)
        return
    parted = csv.reader((text for _, text in lines), delimiter=mark, skipinitialspace=True)
    for cells in parted:  # a cell in quotes may go over several lines
        yield lines[parted.line_num - 1][0], [cell.strip() for cell in cells]


def _number(cell: str, decimal: str) -> float | None:
    """The number in a cell, NaN and infinity among them; None for a word or an empty cell."""
    try:
        return float(cell.replace(decimal, "."))
    except ValueError:
        return None
