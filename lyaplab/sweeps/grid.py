"""The rows of a sweep: one network each, checked by name before anything runs, and with a seed of its own."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from lyaplab.cells import find
from lyaplab.kernel.cache import digest
from lyaplab.kernel.cell import Cell
from lyaplab.model.settings import Words
from lyaplab.model.sizes import sizes_of

__all__ = ["Grid", "Row", "fingerprint", "of_measure", "row_seed", "seed_number"]

Row = dict[str, Any]

_NOT_OF_THE_CARD = ("cell", "preset")


def row_seed(seed: int, row: int) -> np.random.SeedSequence:
    """Return the seed of a row: it depends on the sweep's seed and the row's number, and on nothing else."""
    return np.random.SeedSequence(seed, spawn_key=(row,))


def seed_number(seed: int, row: int) -> int:
    """Return the seed of a row as one number, for weights and for libraries that want a number."""
    return int(row_seed(seed, row).generate_state(1)[0])


def of_measure(cell: Cell, row: Row, takes: Collection[str]) -> Row:
    """Return the settings of a row that are for its measure: those that it takes and the cell does not know."""
    known = {*cell.card.names, *(p.name for p in cell.card.hyper), *_NOT_OF_THE_CARD}
    return {name: value for name, value in row.items() if name in takes and name not in known}


@dataclass(frozen=True)
class Grid:
    """Rows in their order, and the hash that tells them from those of another grid.

    Parameters
    ----------
    rows : list of dict
        Arguments of `Model`, seeds filled in.
    names : list of str
        Of all settings, in the order in which they were first named.
    hash : str
        Of the settings of all rows.
    """

    rows: list[Row]
    names: list[str]
    hash: str

    @classmethod
    def of(cls, grid: Any, *, seed: int, takes: Collection[str] = ()) -> Grid:
        """Make the rows of a grid, and check their names.

        Parameters
        ----------
        grid : dict or list of dict
            Values by name, of which every combination is a row (the last name runs fastest), or one dict for each row.
        seed : int
            Networks whose weights are drawn, and whose row names no seed, are drawn by a seed of their row.
        takes : collection of str, optional
            Arguments of the measure that rows may name as well.

        Raises
        ------
        ValueError, TypeError
            For an unknown cell, preset or parameter, with the nearest right name; for a grid without rows.
        """
        rows = _product(grid) if isinstance(grid, Mapping) else _listed(grid)
        names = list(dict.fromkeys(name for row in rows for name in row))
        seeds: dict[Any, bool] = {}
        for place, row in enumerate(rows):
            kind = _kind(row)
            if kind not in seeds:
                seeds[kind] = _checked(row, takes)
            if seeds[kind]:
                row["seed"] = seed_number(seed, place)
        if any(seeds.values()) and "seed" not in names:
            names.append("seed")
        return cls(rows, names, _hash(rows))


def _product(grid: Mapping[str, Any]) -> list[Row]:
    values = {str(name): _values(str(name), given) for name, given in grid.items()}
    return [dict(zip(values, chosen, strict=True)) for chosen in itertools.product(*values.values())]


def _values(name: str, given: Any) -> Sequence[Any]:
    """The values of one name: those of a list, a range or an array; anything else is the only one."""
    lone = isinstance(given, np.ndarray) and given.ndim == 0
    if lone or isinstance(given, str | bytes | Mapping | Cell) or not isinstance(given, Iterable):
        return [given]
    if isinstance(given, set | frozenset):
        raise TypeError(f"grid[{name!r}] must have an order, got a {type(given).__name__}: give a list")
    if isinstance(given, np.ndarray) and given.ndim > 1:
        raise ValueError(
            f"grid[{name!r}] must be a list of values, got an array of shape {given.shape}: put it into a list"
        )
    values = list(given)
    if not values:
        raise ValueError(f"grid[{name!r}] must have at least one value, got none")
    return values


def _listed(grid: Any) -> list[Row]:
    if isinstance(grid, str) or not isinstance(grid, Iterable):
        raise TypeError(f"grid must be a dict of values or a list of dicts, got {type(grid).__name__}")
    rows = list(grid)
    if not rows:
        raise ValueError("grid must have at least one row, got none")
    for place, row in enumerate(rows):
        if not isinstance(row, Mapping):
            raise TypeError(f"grid must be a list of dicts, but grid[{place}] is {type(row).__name__}")
    return [{str(name): value for name, value in row.items()} for row in rows]


def _kind(row: Row) -> Any:
    """Rows of one kind name the same things of the same cell and size: it is enough to check the first."""
    cell = row.get("cell")
    return cell if isinstance(cell, str) else id(cell), tuple(row), repr((row.get("preset"), row.get("n")))


def _checked(row: Row, takes: Collection[str]) -> bool:
    """Raise for a name that nothing knows; else tell whether the network is to be drawn by the row's own seed."""
    if "cell" not in row:
        raise ValueError(f"grid must name a cell, such as 'cell': 'tanh'; it names {', '.join(row) or 'nothing'}")
    cell = find(row["cell"]) if isinstance(row["cell"], str) else row["cell"]
    if not isinstance(cell, Cell):
        raise TypeError(f"grid['cell'] must hold names or Cells, got {type(cell).__name__}")
    preset = row.get("preset")
    chosen = {} if preset is None else dict(cell.card.preset(preset).params)
    apart = {*_NOT_OF_THE_CARD, *of_measure(cell, row, takes)}
    given = {**chosen, **{name: value for name, value in row.items() if name not in apart}}
    words = Words.of(cell.card, given)
    try:
        sizes = sizes_of(cell.card, *words)
    except (TypeError, ValueError):  # a value that does not fit is the fault of its row alone, and is told there
        return False
    own = words.own(cell.card, words.places(cell.card, sizes))
    return not own and "seed" not in given and any(p.name == "seed" for p in cell.card.hyper)


def fingerprint(value: Any) -> Any:
    """Return what a setting, an option or a function is known by, in JSON's words, whatever the process."""
    if isinstance(value, np.ndarray | list | tuple):
        array = np.asarray(value) if isinstance(value, np.ndarray) else None
        if array is not None and array.dtype.kind != "O":
            return ["array", array.dtype.str, list(array.shape), hashlib.sha256(array.tobytes()).hexdigest()]
        return [type(value).__name__, *map(fingerprint, value)]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, Cell):
        defaults = [(p.name, repr(p.default)) for p in value.card.parameters]
        return ["cell", value.name, value.code, defaults]
    if isinstance(value, partial):
        return ["partial", *map(fingerprint, (value.func, value.args, value.keywords))]
    if isinstance(value, Mapping):
        return ["dict", *sorted(([str(name), fingerprint(each)] for name, each in value.items()), key=repr)]
    if value is None or isinstance(value, bool | int | float | complex | str):
        return repr(value)
    return [type(value).__name__, digest(value)]


def _hash(rows: Sequence[Row]) -> str:
    state = hashlib.sha256()
    for row in rows:
        state.update(json.dumps({name: fingerprint(value) for name, value in row.items()}).encode())
        state.update(b"\n")
    return state.hexdigest()[:32]
