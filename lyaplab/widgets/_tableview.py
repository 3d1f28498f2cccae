"""A result that nobody has drawn yet, as a plain table: its columns, or else its fields one by one."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import fields
from typing import Any, cast

import numpy as np

from lyaplab.engine.result import Result
from lyaplab.widgets._reading import short

# Rows and columns that are shown; numbers of a field that are written out.
_ROWS, _COLUMNS, _WRITTEN = 12, 8, 6


def table_html(result: Result) -> str:
    """Write a result as an HTML table.

    Parameters
    ----------
    result : Result
        With a `table`, whose first rows are shown; without one, or where its columns are no plain columns, every
        field is, long arrays by their shape and range.

    Examples
    --------
    >>> import lyaplab as ll
    >>> "<th>norm</th>" in table_html(ll.Model("henon").fixed_points())
    False
    >>> "<th>kind</th>" in table_html(ll.Model("henon").fixed_points())
    True
    """
    columns = _columns(result)
    if columns is None:
        each = [(field.name, _written(getattr(result, field.name))) for field in fields(cast(Any, result))]
        return _table(("", ""), each)
    names, length = list(columns)[:_COLUMNS], len(next(iter(columns.values())))
    rows = [tuple(_written(columns[name][i]) for name in names) for i in range(min(length, _ROWS))]
    left = [f"{length - _ROWS} more rows"] * (length > _ROWS)
    left += [f"{len(columns) - _COLUMNS} more columns"] * (len(columns) > _COLUMNS)
    more = f"<div class='lyap-note'>and {', '.join(left)}: to_pandas() has all</div>" if left else ""
    return _table(names, rows, more)


def _columns(result: Result) -> dict[str, np.ndarray] | None:
    """The columns of the result's table, where they are columns of one length."""
    try:
        columns = {name: np.asarray(values) for name, values in result.table().items()}
    except TypeError:
        return None
    plain = {values.shape for values in columns.values()}
    return columns if len(plain) == 1 and len(plain.pop()) == 1 else None


def _written(value: Any) -> str:
    """Write a cell: numbers in three digits, long arrays by shape and range."""
    if isinstance(value, np.ndarray) and value.ndim:
        return _array(value)
    if isinstance(value, list | tuple):
        return ", ".join(map(_written, value[:_WRITTEN])) + (", …" if len(value) > _WRITTEN else "")
    if isinstance(value, np.generic | np.ndarray):
        value = value.item()
    if isinstance(value, float):
        return "–" if np.isnan(value) else short(value, 4)
    if isinstance(value, complex):
        return f"{short(value.real, 4)} {'−' if value.imag < 0 else '+'} {short(abs(value.imag), 4)}i"
    return "–" if value is None else str(value)


def _array(values: np.ndarray) -> str:
    if values.ndim == 1 and values.size <= _WRITTEN:
        return ", ".join(_written(value) for value in values)
    shape = " × ".join(map(str, values.shape))
    seen = values[np.isfinite(values)] if values.dtype.kind in "fiu" else values[:0]
    between = f", from {short(float(seen.min()), 4)} to {short(float(seen.max()), 4)}" if seen.size else ""
    return f"{shape} {'numbers' if values.dtype.kind in 'fiuc' else 'values'}{between}"


def _table(names: Sequence[str], rows: Sequence[Sequence[str]], more: str = "") -> str:
    head = "".join(f"<th>{html.escape(name)}</th>" for name in names) if any(names) else ""
    body = "".join(f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f"<div class='lyap-numbers'><table>{f'<tr>{head}</tr>' if head else ''}{body}</table>{more}</div>"
