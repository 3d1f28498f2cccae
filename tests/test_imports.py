"""Imports run one way: every room imports only rooms below it (DESIGN, "Rooms")."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import lyaplab

PACKAGE = Path(lyaplab.__file__).parent

# Each room and the rooms right below it; what lies below those is allowed too. `errors` lies below everything.
BELOW = {
    "errors": [],
    "kernel": ["errors"],
    "cells": ["kernel"],
    "engine": ["kernel"],
    "model": ["cells", "engine"],
    "warming": ["training"],
    "theory": ["model"],
    "data": ["model"],
    "training": ["theory", "data"],
    "sweeps": ["training"],
    "interop": ["training"],
    "drawing": ["errors"],
    "report": ["sweeps", "interop", "drawing"],
    "school": ["model"],
    "widgets": ["report", "school"],
    "server": [],
    "commands": ["widgets", "server", "warming"],
    "__main__": ["commands"],
    "__init__": [],  # it names modules in a table and imports them when they are asked for
}

# Libraries that only these rooms may import, or files, where one is meant.
ONLY_IN = {
    "numba": {"kernel"},
    "llvmlite": {"kernel", "commands"},
    "ipywidgets": {"widgets", "commands"},
    "bqplot": {"widgets", "commands"},
    "matplotlib": set(),
    "torch": set(),  # nor these two: who holds one of their networks has imported them
    "keras": set(),
    "safetensors": {"model"},
}


def allowed(room: str) -> set[str]:
    """All rooms that `room` may import, itself included."""
    found, waiting = {room}, list(BELOW[room])
    while waiting:
        below = waiting.pop()
        found.add(below)
        waiting += BELOW[below]
    return found


def room_of(path: Path) -> str:
    """The room of a file: its folder's name, or its own at the top."""
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def imported(source: str, package: str) -> set[str]:
    """The full names of all modules that a file imports, anywhere in it; `package` is the package it lies in."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")
            base = ".".join(parents[: len(parents) - node.level + 1]) if node.level else ""
            module = ".".join(filter(None, (base, node.module)))
            # `from lyaplab import cells` imports lyaplab.cells; `from lyaplab import __version__` just the root.
            names.update(f"{module}.{alias.name}" if module == "lyaplab" else module for alias in node.names)
    return names


def backward(source: str, *, room: str, package: str) -> set[str]:
    """Rooms that the source imports though they do not lie below it."""
    ours = {name.split(".")[1] for name in imported(source, package) if name.startswith("lyaplab.")}
    rooms = {name for name in ours if name in BELOW or not name.startswith("_")}
    return rooms - allowed(room)


FILES = sorted(PACKAGE.rglob("*.py"))
NAMES = [str(path.relative_to(PACKAGE)) for path in FILES]


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_a_file_imports_only_what_lies_below_it(path):
    package = ".".join(["lyaplab", *path.relative_to(PACKAGE).parts[:-1]])
    assert room_of(path) in BELOW, f"{path}: a new room; say in BELOW where it stands"
    assert backward(path.read_text(), room=room_of(path), package=package) == set()


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_a_library_is_imported_only_where_it_is_at_home(path):
    libraries = {name.split(".")[0] for name in imported(path.read_text(), "lyaplab")}
    astray = {name for name in libraries & ONLY_IN.keys() if room_of(path) not in ONLY_IN[name]}
    assert astray == set()


@pytest.mark.parametrize(
    ("room", "line", "expected"),
    [
        ("engine", "from lyaplab.cells import find", {"cells"}),
        ("cells", "def late():\n    from ..engine.orbit import orbit", {"engine"}),
        ("kernel", "import lyaplab.model", {"model"}),
        ("school", "from lyaplab import widgets", {"widgets"}),
        ("school", "from lyaplab import __version__", set()),
        ("model", "from lyaplab.kernel.card import Card", set()),
        ("errors", "from . import kernel", {"kernel"}),
    ],
)
def test_the_walk_sees_an_arrow_that_runs_backwards(room, line, expected):
    package = "lyaplab" if room in ("model", "errors") else f"lyaplab.{room}"
    assert backward(line, room=room, package=package) == expected


def test_numerics_need_no_widget_library_and_no_framework():
    code = (
        "import sys, lyaplab; lyaplab.Model, lyaplab.kaplan_yorke, lyaplab.report, lyaplab.lesson, lyaplab.from_torch; "
        "large = {'bqplot', 'ipywidgets', 'IPython', 'matplotlib', 'pandas', 'torch', 'keras', 'safetensors'}; "
        "print(*sorted(large & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []
