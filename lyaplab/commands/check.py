"""``lyaplab check``: the score of a notebook, without a screen."""

from __future__ import annotations

import argparse
import importlib.util
from pathlib import Path

SUMMARY = "run a lesson notebook and print its score; exit status 0 only when all passed"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("notebook", type=Path, help="a lesson's notebook, with your answers in it")


def run(options: argparse.Namespace) -> int:
    """Score the notebook; 0 when every exercise passed, 1 when not, 2 when it cannot be run."""
    if importlib.util.find_spec("nbclient") is None:
        print("Checking a notebook needs nbclient. To get it: python -m pip install 'lyaplab[lab]'")
        return 2
    if not options.notebook.is_file():
        print(f"lyaplab: there is no notebook {options.notebook}{nearest(options.notebook)}")
        return 2
    from lyaplab.school import check_notebook

    score = check_notebook(options.notebook)
    print(score)
    return 0 if score.passed else 1


def nearest(path: Path) -> str:
    """Name the notebook in the same folder whose name is most alike, if there is one."""
    import difflib

    near = difflib.get_close_matches(path.name, [other.name for other in path.parent.glob("*.ipynb")], n=1)
    return f"; did you mean {path.parent / near[0]}?" if near else ""
