"""Columns of a table, said by name or by place."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lyaplab.errors import positive_int, unknown

__all__ = ["Columns", "column_places"]

Columns = str | int | Sequence[str | int]


def column_places(columns: Columns, names: Sequence[str]) -> list[int]:
    """Return the places of columns that are said by name or by place.

    Raises
    ------
    ValueError
        If there is no such column (with the nearest name), one is said twice, or none.

    Examples
    --------
    >>> column_places(["z", 0], ("x", "y", "z"))
    [2, 0]
    >>> column_places("velocty", ("position", "velocity"))
    Traceback (most recent call last):
    ...
    ValueError: unknown column 'velocty': did you mean 'velocity'? Known: position, velocity
    """
    said = [columns] if isinstance(columns, str | int | np.integer) else list(columns)
    places = []
    for column in said:
        if isinstance(column, str):
            if column not in names:
                raise unknown("column", column, names)
            places.append(list(names).index(column))
        else:
            place = positive_int("column", column, minimum=0)
            if place >= len(names):
                raise ValueError(f"columns are 0 to {len(names) - 1}, got {place}")
            places.append(place)
    if not places or len(set(places)) < len(places):
        raise ValueError(f"columns must be at least one, and each another, got {said}")
    return places
