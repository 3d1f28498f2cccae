"""What all results share: they are saved and loaded without pickle, turn into tables, and can be shown."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import fields
from os import PathLike
from typing import Any, TypeVar, cast

import numpy as np

__all__ = ["Result", "last", "pack", "view_factory"]

R = TypeVar("R", bound="Result")
T = TypeVar("T")

# Set by lyaplab.widgets when it is imported; numerics know no widget.
view_factory: Callable[[Any], Any] | None = None


def pack(result: Any) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Take a result apart: its plain fields beside the name of its kind, and its arrays."""
    values = {field.name: getattr(result, field.name) for field in fields(result)}
    arrays = {name: value for name, value in values.items() if isinstance(value, np.ndarray)}
    plain = {name: value for name, value in values.items() if name not in arrays}
    return {"result": type(result).__name__, **plain}, arrays


class Result:
    """Base of the frozen dataclasses that the engine returns; every field is an array, a number, a word or None."""

    def save(self, path: str | PathLike[str]) -> None:
        """Write the result to an npz file (no pickle).

        Parameters
        ----------
        path : path
            File to write; numpy adds ``.npz`` where it is missing.
        """
        plain, arrays = pack(self)
        np.savez(path, header=np.array(json.dumps(plain)), **cast(Any, arrays))

    @classmethod
    def load(cls: type[R], path: str | PathLike[str]) -> R:
        """Read what `save` wrote.

        Raises
        ------
        ValueError
            If the file holds another kind of result.
        """
        with np.load(path, allow_pickle=False) as file:
            if "header" not in file:
                raise ValueError(f"path must be a file that {cls.__name__}.save wrote, got {path}")
            plain = json.loads(str(file["header"]))
            kind = plain.pop("result", None)
            if kind != cls.__name__:
                raise ValueError(f"path holds a {kind}, expected a {cls.__name__}")
            arrays = {name: file[name] for name in file.files if name != "header"}
        return cls(**plain, **arrays)

    def table(self) -> dict[str, np.ndarray]:
        """Return the columns of the result's table, all of one length."""
        raise TypeError(f"{type(self).__name__} has no table")

    def to_pandas(self) -> Any:
        """Return the table as a pandas.DataFrame (pandas must be installed)."""
        import pandas

        return pandas.DataFrame(self.table())

    def show(self) -> Any:
        """Return a small widget that shows the result."""
        if view_factory is None:
            import importlib

            # The one arrow from numerics to views; it is drawn only when somebody asks to see.
            importlib.import_module("lyaplab.widgets")
        if view_factory is None:
            raise RuntimeError("the widgets of lyaplab offer no view for results")
        return view_factory(self)


def last(partials: Iterable[T]) -> T:
    """Return what a measurement comes to: the last of its partial results, none of which is kept meanwhile.

    Thousands of pictures of a long run, all held until its end, would take more memory than the run.

    Examples
    --------
    >>> last(iter([1, 2, 3]))
    3
    """
    return deque(partials, maxlen=1).pop()
