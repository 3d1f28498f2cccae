"""What moves: one file a cell. A file ends with ``CELL = Cell(...)``; nothing else is to be done to add one.

A file whose name begins with an underscore holds what several cells share.

Third parties add cells by the entry-point group ``lyaplab.cells``: each entry names a Cell.
"""

from __future__ import annotations

import pkgutil
import sys
import types
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points

from lyaplab.errors import unknown
from lyaplab.kernel.cell import Cell

__all__ = ["cells", "find"]


@cache
def _places() -> dict[str, str]:
    """Names of all cells and where each is defined, without importing any."""
    names = [module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_")]
    own = {name: f"{__name__}.{name}:CELL" for name in names}
    others = {entry.name: entry.value for entry in entry_points(group="lyaplab.cells")}
    return {**others, **own}


def cells() -> tuple[str, ...]:
    """Return the names of all cells that are installed.

    Examples
    --------
    >>> "tanh" in cells()
    True
    """
    return tuple(sorted(_places()))


@cache
def find(name: str) -> Cell:
    """Return a cell by name.

    Raises
    ------
    ValueError
        If there is none of that name; the nearest one is suggested.

    Examples
    --------
    >>> find("tanh")
    Cell('tanh')
    """
    places = _places()
    if name not in places:
        raise unknown("cell", name, places)
    module, _, attribute = places[name].partition(":")
    cell = getattr(import_module(module), attribute)
    if not isinstance(cell, Cell):
        raise TypeError(f"the cell {name!r} must be a lyaplab Cell, got {type(cell).__name__} from {places[name]}")
    return cell


class _Callable(types.ModuleType):
    """This module, which answers `lyaplab.cells()` too: a folder and a function share the name."""

    def __call__(self) -> tuple[str, ...]:
        return cells()


sys.modules[__name__].__class__ = _Callable
