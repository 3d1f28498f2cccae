"""What all origins share: whose class an object is, which part of it is meant, and numbers as float64."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Mapping
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from lyaplab.errors import finite_array, unknown

__all__ = ["chosen", "exact", "framework_class", "kind_of", "taken"]

T = TypeVar("T")

# How many times as many rows as columns the recurrent weights have: one block for each gate and content.
_BLOCKS = {1: "tanh", 3: "gru", 4: "lstm"}


def framework_class(thing: object, names: Collection[str], frameworks: Collection[str]) -> type | None:
    """Return the class of a framework, by its name, that an object is made of or derives from; None if it is none.

    The framework itself is not imported: who holds one of its objects has done so.
    """
    for base in type(thing).__mro__:
        if base.__name__ in names and base.__module__.partition(".")[0] in frameworks:
            return base
    return None


def kind_of(rows: int, columns: int) -> str | None:
    """Return the cell whose recurrent weights are stacked as rows by columns.

    Examples
    --------
    >>> kind_of(12, 3), kind_of(5, 3)
    ('lstm', None)
    """
    return _BLOCKS.get(rows // columns) if columns and rows % columns == 0 else None


def chosen(part: str | None, found: Mapping[str, T], *, source: str, wanted: str) -> tuple[str, T]:
    """Return the part that is meant: the one that is named, or else the only one there is.

    Parameters
    ----------
    part : str or None
        What the caller said.
    found : mapping of str
        All parts that could be meant; the whole is called "".
    source, wanted : str
        What was searched, and for what, in words.

    Raises
    ------
    ValueError
        If there is none, none of that name, or several and none is named.
    """
    if not found:
        raise ValueError(f"{source} holds none of {wanted}")
    if part is not None:
        if list(found) == [""]:
            raise ValueError(f"part has no effect: {source} is the network itself, got part={part!r}")
        name = part.rstrip(".")
        if name not in found:
            raise unknown("part", part, found)
        return name, found[name]
    if len(found) > 1:
        names = ", ".join(map(repr, found))
        raise ValueError(
            f"{source} holds several recurrent networks, {names}: say which, as in part={next(iter(found))!r}"
        )
    return next(iter(found.items()))


def taken(source: str, what: str, advice: str) -> None:
    """Warn that only a part of a larger thing is the network that the caller gets."""
    warnings.warn(
        f"of {source} only {what} is taken, nothing around it ({advice} says so without this warning)",
        UserWarning,
        stacklevel=3,
    )


def exact(name: str, value: Any, *, shape: tuple[int | None, ...] | None = None) -> NDArray[np.float64]:
    """Return a tensor or array of any floating-point type as a float64 array of its own, without rounding.

    Raises
    ------
    TypeError, ValueError
        Naming the tensor: it is not of floating-point numbers, has no values, another shape, or is not finite.
    """
    if hasattr(value, "detach"):  # a tensor of PyTorch's
        if not value.is_floating_point():
            raise TypeError(f"{name} must be of floating-point numbers, got {value.dtype}: is the network quantised?")
        try:
            value = value.detach().cpu().double().numpy()
        except (NotImplementedError, RuntimeError) as error:
            raise ValueError(f"{name} has no numbers to read, it is on the device {value.device}: {error}") from None
    array = np.asarray(value)
    if array.dtype.name == "bfloat16":  # a type of the package ml_dtypes, which NumPy does not count as a number
        array = array.astype(np.float64)
    if array.dtype.kind in "iu":
        raise TypeError(f"{name} must be of floating-point numbers, got {array.dtype}: is the network quantised?")
    return finite_array(name, array, shape=shape)
