"""What single weights of small networks are called: w12 in a matrix, w_r12 in the block of a gate, w in a unit."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from lyaplab.kernel.card import Card, Parameter

__all__ = ["largest_index", "names_of_entries", "tex_of"]

# Indices of one digit are read without a separator.
_LONGEST = 9
_ELEMENT = re.compile(r"([A-Za-z_]+?)([1-9])?([1-9])?")


def names_of_entries(parameter: Parameter, shape: tuple[int, ...], n: int) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Yield the name and the place of every entry of a parameter's array.

    Examples
    --------
    >>> list(names_of_entries(Parameter("W", ("n", "n")), (1, 1), 1))
    [('w', (0, 0))]
    >>> from lyaplab.cells.gru import CELL
    >>> list(names_of_entries(CELL.card.parameters[0], (3, 1), 1))
    [('w_r', (0, 0)), ('w_z', (1, 0)), ('w_n', (2, 0))]
    """
    words = _words(parameter)
    rows, *columns = shape
    block = (rows // len(words), *columns)
    if max(block) > _LONGEST:
        return
    bare = n == 1 and max(block) == 1
    for above, word in enumerate(words):
        for i, *j in np.ndindex(block):
            index = "" if bare else "".join(str(k + 1) for k in (i, *j))
            yield word + index, (above * block[0] + i, *j)


def tex_of(parameter: Parameter, name: str) -> str:
    """Write the name of an entry in TeX.

    Examples
    --------
    >>> tex_of(Parameter("W", ("n", "n"), tex="w"), "w12"), tex_of(Parameter("b_n", ("n",), tex="b_n"), "b_n1")
    ('w_{12}', 'b_{n1}')
    """
    tex = parameter.tex or parameter.name
    index = name[len(parameter.name) :].lstrip("_")
    if not index or not parameter.shape:
        return tex
    letter, _, below = tex.partition("_")
    return f"{letter}_{{{below}{index}}}"


def largest_index(card: Card, name: str) -> int | None:
    """Number of units that the name of a single weight speaks of: 2 for "w12", 1 for "w", None for other words."""
    match = _ELEMENT.fullmatch(name)
    words = {word for p in card.parameters if any(map(_counts_units, p.shape)) for word in _words(p)}
    if match is None or match.group(1) not in words:
        return None
    digits = [int(digit) for digit in match.groups()[1:] if digit]
    return max(digits, default=1)


def _words(parameter: Parameter) -> list[str]:
    """What the names of entries begin with: "w", or of a parameter in blocks, one for each gate, "w_r", "w_z", ..."""
    name = parameter.name.lower()
    if name[-1].isdigit():  # the number of a layer is none of the indices: w1_12
        name += "_"
    return [f"{name.rstrip('_')}_{block}" for block in getattr(parameter, "blocks", ())] or [name]


def _counts_units(length: str | int) -> bool:
    return str(length).rpartition("*")[2] == "n"
