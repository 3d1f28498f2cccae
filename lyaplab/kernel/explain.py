"""Two readable lines out of Numba's page: what is wrong, and where in the cell."""

from __future__ import annotations

import linecache
import os
import re
import traceback
from collections.abc import Callable
from typing import Any

__all__ = ["explain", "explain_python"]

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
    "Undecided",
    "too many values",
    "need more than",
    "cannot assign",
)

# What Numba says (a pattern), and what a learner can do about it. The first that fits counts.
_IN_PLAIN_WORDS = (
    (
        r"NRT required|Only accept returning of array",
        "a cell may not create arrays, lists, dictionaries or text (np.zeros, [x, y], a @ b, a[:] = b):"
        " use numbers, tuples, and loops over elements",
    ),
    (
        r"The use of a reflected (?:list|set)\(.*?assigned to variable '(?P<name>\w+)' in globals",
        "{name!r} is a list from outside, which compiled code cannot use: make it a tuple or an array",
    ),
    (
        r"Untyped global name '(?P<name>\w+)': [Cc]annot determine Numba type of"
        r" <class '(?:__main__\.)?(?P<kind>[\w.]+)'>",
        "{name!r} ({kind}) is from outside, where compiled code can use numbers, tuples, arrays and functions only",
    ),
    (
        r"Unknown attribute '(?P<name>\w+)' of type Module\(<module '(?P<module>[\w.]+)'",
        "{name!r} of the module {module} is not known to compiled code: a function of your own"
        " has to be imported by name (from {module} import {name})",
    ),
    (r"Cannot bind", "wrong number of arguments"),
)


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


def explain_python(error: BaseException, function: Callable[..., Any]) -> str:
    """Return two lines for an error of a cell's function in plain Python.

    Parameters
    ----------
    error : BaseException
        What was raised, with its traceback.
    function : callable
        The cell's function.

    Returns
    -------
    str
        Kind and text of the error; function, file, line number and line.
    """
    reason = f"{type(error).__name__}: {' '.join(str(error).split())}"
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _is_cell(frame.filename)]
    if not frames or frames[-1].lineno is None:
        # The call itself failed, before any line of the function ran.
        code = function.__code__ if hasattr(function, "__code__") else None
        return f"{reason}\n  in {_spot(function.__name__, code.co_filename, code.co_firstlineno) if code else function}"
    return f"{reason}\n  in {_spot(frames[-1].name, frames[-1].filename, frames[-1].lineno)}"


def _spot(name: str, file: str, line: int) -> str:
    # Numba names files relative to the working folder; a notebook's cells are kept under their full name only.
    source = (linecache.getline(file, line) or linecache.getline(os.path.abspath(file), line)).strip()
    where = "the notebook" if "ipykernel" in file or file.startswith("<ipython") else os.path.basename(file)
    return f"{name}, {where} line {line}: {source}" if source else f"{name}, {where} line {line}"


def _is_cell(file: str) -> bool:
    """Tell a cell's file, a learner's or one of ours, from the machinery around it."""
    full = os.path.abspath(file)
    if full.startswith(_OWN):
        return os.path.basename(os.path.dirname(full)) == "cells"
    return f"{os.sep}site-packages{os.sep}" not in full and not file.startswith("<lyaplab")


def _reason(text: str) -> str:
    """Say what is wrong: in our words where we have some, else in Numba's most telling line."""
    for pattern, words in _IN_PLAIN_WORDS:
        found = re.search(pattern, text, re.DOTALL)
        if found:
            return words.format(**found.groupdict())
    lines = [line.strip() for line in text.splitlines()]
    for position, line in enumerate(lines):
        if not any(phrase in line for phrase in _REASONS):
            continue
        if re.search(r"Function\(<function (step|push|pull|grad|field|field_push) at", line):
            continue  # the outer call of the cell: the reason proper comes further down
        if line.startswith("No implementation"):
            call = next((near for near in lines[position : position + 4] if near.startswith(">>>")), "")
            return f"not possible: {call.removeprefix('>>> ')}" if call else line
        return line
    return _before_first_place(lines)


def _before_first_place(lines: list[str]) -> str:
    """Return the line that stands before the first excerpt of code: there Numba has its reason."""
    for position, line in enumerate(lines):
        if _FILE.match(line):
            before = [near for near in lines[:position] if near and not near.startswith(("Failed in", "During:"))]
            if before:
                return before[-1]
    return next((line for line in reversed(lines) if line), "it cannot be compiled")


def _place(text: str, spots: list[tuple[str, str, int]]) -> str:
    function = _FUNCTION.search(text)
    name = function.group(1) if function else "the cell"
    if not spots:
        return f"  in {name}"
    _, file, line = spots[0]
    return f"  in {_spot(name, file, line)}"
