"""Two readable lines out of Numba's page: what is wrong, and where in the cell."""

from __future__ import annotations

import linecache
import os
import re

__all__ = ["explain"]

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_TYPING = re.compile(
    r"During: (?:typing of|lowering) (.*?)(?: at |\s*\()((?:/|[A-Za-z]:|<|\S*ipykernel)[^\n()]*?) \((\d+)\)"
)
_FILE = re.compile(r'File "([^"]+)", line (\d+)')
_FUNCTION = re.compile(r"CPUDispatcher\(<function (\w+) at")
_OWN = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# Phrases of Numba's report that say what is wrong rather than where it noticed.
_REASONS = (
    "is not defined",
    "Unknown attribute",
    "Cannot unify",
    "No implementation of function",
    "Cannot bind",
    "Cannot resolve",
    "nvalid use",
    "NRT required",
    "Undecided",
    "too many values",
    "need more than",
    "cannot assign",
)
_ALLOCATES = "a cell may not create arrays (np.zeros, a @ b, a[:] = b): loop over elements, keep values in w or A"


def explain(error: BaseException) -> str:
    """Return two lines: the reason in plain words, and the function, file and line of the learner's code.

    Parameters
    ----------
    error : BaseException
        What Numba raised.

    Returns
    -------
    str
        Two lines at most.
    """
    text = _COLOUR.sub("", str(error))
    spots = [(what, file, int(line)) for what, file, line in _TYPING.findall(text)]
    spots += [("", file, int(line)) for file, line in _FILE.findall(text)]
    return "\n".join([_reason(text), _place(text, [spot for spot in spots if _is_cell(spot[1])])]).rstrip()


def _is_cell(file: str) -> bool:
    """Tell a cell's file, a learner's or one of ours, from the machinery around it."""
    full = os.path.abspath(file)
    if full.startswith(_OWN):
        return os.path.basename(os.path.dirname(full)) == "cells"
    return f"{os.sep}numba{os.sep}" not in full and not file.startswith("<lyaplab")


def _reason(text: str) -> str:
    if "NRT required" in text or "Only accept returning of array" in text:
        return _ALLOCATES
    lines = [line.strip() for line in text.splitlines()]
    for position, line in enumerate(lines):
        if not any(phrase in line for phrase in _REASONS):
            continue
        if re.search(r"Function\(<function (step|push|pull|grad|field|field_push) at", line):
            continue  # the outer call of the cell: the reason proper comes further down
        if line.startswith("Cannot bind"):
            return "wrong number of arguments"
        if line.startswith("No implementation"):
            call = next((near for near in lines[position : position + 4] if near.startswith(">>>")), "")
            return f"not possible: {call.removeprefix('>>> ')}" if call else line
        return line
    return next((line for line in reversed(lines) if line), type(text).__name__)


def _place(text: str, spots: list[tuple[str, str, int]]) -> str:
    function = _FUNCTION.search(text)
    name = function.group(1) if function else "the cell"
    if not spots:
        return f"  in {name}"
    what, file, line = spots[0]
    source = linecache.getline(file, line).strip() or what
    where = "the notebook" if "ipykernel" in file or file.startswith("<ipython") else os.path.basename(file)
    return f"  in {name}, {where} line {line}: {source}"
