"""``lyaplab lessons``: build the course's notebooks from their sources, or tell which are stale."""

from __future__ import annotations

import argparse
import importlib.util
from pathlib import Path

SUMMARY = "build the lesson notebooks from their sources, or check that they are fresh"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("what", choices=["build", "check"], help="build the notebooks, or list the stale ones")
    parser.add_argument(
        "root", nargs="?", type=Path, default=Path("lessons"), help="the folder of the lessons (default: lessons)"
    )


def run(options: argparse.Namespace) -> int:
    """Build or check; 1 when a notebook is stale or nothing can be built."""
    if importlib.util.find_spec("jupytext") is None:
        print("Building lessons needs jupytext. To get it: python -m pip install 'lyaplab[dev]'")
        return 1
    if not any(options.root.glob("*/lesson.md")):
        print(f"lyaplab: {options.root} holds no lessons (a lesson is a folder with a lesson.md)")
        return 1
    from lyaplab.school import build_lessons, stale_lessons

    if options.what == "build":
        for notebook in build_lessons(options.root):
            print(f"built {notebook}")
        return 0
    stale = list(stale_lessons(options.root))
    for notebook in stale:
        print(f"stale: {notebook} (lyaplab lessons build {options.root})")
    if not stale:
        print("All lesson notebooks are fresh.")
    return 1 if stale else 0
