"""The table of a sweep: settings and results of every network, by column."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lyaplab.engine.result import Result
from lyaplab.errors import unknown
from lyaplab.kernel.cell import Cell
from lyaplab.sweeps.encoding import decoded, encoded
from lyaplab.sweeps.task import Outcome

__all__ = ["Sweep", "shown_settings"]

_MISSING = object()


def shown_settings(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of a row as they stand in a table and a file: a cell by name, an array by shape and digest.

    Examples
    --------
    >>> shown_settings({"cell": "tanh", "W": np.eye(2)})
    {'cell': 'tanh', 'W': '2 × 2 #...'}
    """
    return {name: _shown(value) for name, value in row.items()}


def _shown(value: Any) -> Any:
    if isinstance(value, Cell):
        return value.name
    if isinstance(value, np.ndarray | list | tuple) and np.ndim(value):
        array = np.asarray(value)
        return f"{' × '.join(map(str, array.shape))} #{hashlib.sha256(array.tobytes()).hexdigest()[:8]}"
    try:
        return encoded(value)
    except TypeError:
        return repr(value)


@dataclass(frozen=True, repr=False)
class Sweep(Result):
    """One row for each network, in the order of the grid.

    Parameters
    ----------
    settings : list of dict
        What each network was made of (seeds included), as numbers and words.
    outcomes : list of dict or None
        Of each row ``{"result": {...}}`` or ``{"error": "..."}``, in JSON's words; None for a row that is not done.
    names : list of str
        Of the settings, in order.
    measure : str
        What was measured.
    seed : int
        The sweep's seed.
    """

    settings: list[dict[str, Any]]
    outcomes: list[Outcome | None]
    names: list[str]
    measure: str = ""
    seed: int = 0

    @cached_property
    def columns(self) -> Mapping[str, np.ndarray]:
        """All columns by name, read-only: settings, then results, each with R rows.

        Numbers stand in float arrays, NaN where there is none; arrays of one shape are stacked, of several shapes they
        are an array of objects, and so are words, None where there is none.
        """
        columns = {name: _column([row.get(name, _MISSING) for row in self.settings]) for name in self.names}
        results = [(outcome or {}).get("result", {}) for outcome in self.outcomes]
        for name in dict.fromkeys(name for result in results for name in result):
            # A measure may give back what the grid has set, such as a gain.
            title = f"{name}.measured" if name in self.names else name
            columns[title] = _column([result.get(name, _MISSING) for result in results])
        for column in columns.values():
            column.flags.writeable = False
        return MappingProxyType(columns)

    def __getitem__(self, name: str) -> np.ndarray:
        if name not in self.columns:
            raise unknown("column", name, self.columns)
        return self.columns[name]

    @property
    def done(self) -> NDArray[np.bool_]:
        """Which rows have been measured or have failed, shape (R,)."""
        return np.array([outcome is not None for outcome in self.outcomes], dtype=bool)

    @property
    def failed(self) -> NDArray[np.bool_]:
        """Which rows have an error, shape (R,)."""
        return np.array([outcome is not None and "error" in outcome for outcome in self.outcomes], dtype=bool)

    @property
    def errors(self) -> dict[int, str]:
        """What went wrong, by the number of the row."""
        return {place: str(self.outcomes[place]["error"]) for place in np.flatnonzero(self.failed).tolist()}  # type: ignore[index]

    def table(self) -> dict[str, np.ndarray]:
        """Return all columns, those of vectors one by one (exponents_1, ...), and the errors where there are any."""
        table: dict[str, np.ndarray] = {}
        for name, column in self.columns.items():
            if column.ndim == 2:
                table.update({f"{name}_{place + 1}": column[:, place] for place in range(column.shape[1])})
            else:
                table[name] = column if column.ndim == 1 else _objects(list(column))
        errors = self.errors
        if errors:
            table["error"] = _objects([errors.get(place, "") for place in range(len(self))])
        return table

    def __len__(self) -> int:
        return len(self.settings)

    def __repr__(self) -> str:
        done, failed = int(self.done.sum()), int(self.failed.sum())
        results = [name for name in self.columns if name not in self.names]
        state = (f", {done} done" if done < len(self) else "") + (f", {failed} failed" if failed else "")
        return f"Sweep({len(self)} networks{state}; {', '.join(self.names)} -> {', '.join(results) or self.measure})"


def _column(values: list[Any]) -> np.ndarray:
    """Put the values of a column into one array."""
    values = [value if value is _MISSING else decoded(value) for value in values]
    there = [value for value in values if value is not _MISSING and value is not None]
    whole = len(there) == len(values)
    if there and all(isinstance(value, bool) for value in there) and whole:
        return np.array(values, dtype=bool)
    numbers = all(isinstance(value, int | float | complex) and not isinstance(value, bool) for value in there)
    if there and numbers:
        if whole and all(isinstance(value, int) and abs(value) < 2**63 for value in there):
            return np.array(values, dtype=np.int64)
        kind = complex if any(isinstance(value, complex) for value in there) else float
        return np.array([np.nan if value is _MISSING or value is None else value for value in values], dtype=kind)
    shapes = {value.shape if isinstance(value, np.ndarray) else None for value in there}
    shape = next(iter(shapes)) if len(shapes) == 1 else None
    if shape is not None and all(value.dtype.kind in "biufc" for value in there):
        gap = np.full(shape, np.nan)
        return np.stack([value if isinstance(value, np.ndarray) else gap for value in values])
    return _objects([None if value is _MISSING else value for value in values])


def _objects(values: list[Any]) -> np.ndarray:
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column
