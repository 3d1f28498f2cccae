"""Functions and cells on their way to another process.

Plain pickle sends a function by the name of its module, which a notebook's cell has not got there. cloudpickle sends
the code itself. What lyaplab adds: its own cells and compiled words go by name, and a learner's cell as the functions
that it was made of, from which the same cell is made again, with the same machine code out of the cache.
"""

from __future__ import annotations

import io
import pickle
import sys
from importlib import import_module
from typing import Any

import cloudpickle

from lyaplab.cells import cells, find
from lyaplab.kernel import inline
from lyaplab.kernel.cell import Cell

__all__ = ["CannotSend", "packed"]


class CannotSend(TypeError):
    """Something that is measured, or what measures it, cannot be sent to another process."""


def packed(thing: Any) -> bytes:
    """Return bytes from which `pickle.loads` makes the same thing in another process.

    Raises
    ------
    CannotSend
        If something in it cannot leave this process, such as an open file or a lock.

    Examples
    --------
    >>> factor = 3
    >>> pickle.loads(packed(lambda x: factor * x))(2)
    6
    """
    stream = io.BytesIO()
    try:
        _Pickler(stream, protocol=pickle.HIGHEST_PROTOCOL).dump(thing)
    except (pickle.PicklingError, TypeError, AttributeError, ValueError, RecursionError) as error:
        raise CannotSend(
            f"what is to be measured cannot be sent to another process: {error}; let the function make it itself, "
            "or stay in this process with executor=ThreadPoolExecutor()"
        ) from error
    return stream.getvalue()


class _Pickler(cloudpickle.Pickler):
    def reducer_override(self, obj: Any) -> Any:
        if isinstance(obj, Cell):
            return _of_cell(obj)
        if type(obj).__module__.partition(".")[0] == "numba":
            known = _name_in_lyaplab(obj)
            if known is not None:
                return _named, known
            if getattr(obj, "targetoptions", {}).get("forceinline"):
                return inline, (obj.py_func,)
        return super().reducer_override(obj)


def _of_cell(cell: Cell) -> Any:
    """Send a cell by name, or else in two steps: its functions may refer to the cell itself."""
    if cell.name in cells() and find(cell.name) is cell:
        return find, (cell.name,)
    made_of = {
        **cell._given,
        "size": cell._given_size,
        "prepare": cell.prepare,
        "inputs": cell._inputs,
        "card": cell.card,
        "derivatives": cell.derivatives,
    }
    return Cell.__new__, (Cell,), (cell.name, made_of), None, None, _make_again


def _make_again(cell: Cell, state: tuple[str, dict[str, Any]]) -> None:
    name, made_of = state
    cell.__init__(name, **made_of)  # type: ignore[misc]


def _name_in_lyaplab(obj: Any) -> tuple[str, str] | None:
    """Module and name of a compiled word of lyaplab's own; None for what a learner made."""
    for module in list(sys.modules):
        if module.startswith("lyaplab."):
            for name, value in vars(sys.modules[module]).items():
                if value is obj:
                    return module, name
    return None


def _named(module: str, name: str) -> Any:
    return getattr(import_module(module), name)
