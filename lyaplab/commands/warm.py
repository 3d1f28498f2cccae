"""``lyaplab warm``: compile every kernel now, so that no lesson has to wait for it."""

from __future__ import annotations

import argparse
import re

SUMMARY = "compile all kernels now, with a progress bar"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("cells", nargs="*", help="only these cells (default: all that are installed)")
    parser.add_argument("--lessons", action="store_true", help="only what the lessons need")
    parser.add_argument("--quiet", action="store_true", help="no progress bar")


def run(options: argparse.Namespace) -> int:
    """Compile, and tell where the compiled kernels are; 1 when something could not be compiled, 2 for a wrong name."""
    import lyaplab
    from lyaplab.kernel.cache import cache_folder

    cells = [*options.cells, *(cells_of_lessons() if options.lessons else ())]
    try:
        training = not options.lessons or lessons_train()
        seconds = lyaplab.warm(cells or None, training=training, progress=not options.quiet)
    except ValueError as error:
        print(f"lyaplab: {error}")
        return 2
    except lyaplab.CellError as error:
        print(error)
        return 1
    if not options.quiet:
        print(f"Compiled kernels are kept in {cache_folder()} ({seconds:.0f} s)")
    return 0


def cells_of_lessons() -> tuple[str, ...]:
    """Return the cells that a lesson's text or exercises name, in quotes: what a learner will not wait for.

    Examples
    --------
    >>> "tanh" in cells_of_lessons()
    True
    """
    from lyaplab.cells import cells

    named = {word for text in _texts() for word in re.findall(r"""["'](\w+)["']""", text)}
    return tuple(name for name in cells() if name in named)


def lessons_train() -> bool:
    """Tell whether a lesson trains a network: whether its text or exercises name `ll.Network`."""
    return any(re.search(r"\bll\.Network\b", text) for text in _texts())


def _texts() -> list[str]:
    """Return text and exercises of all lessons."""
    from lyaplab.school.lessons import lesson_folders

    return [
        file.read_text(encoding="utf-8")
        for folder in lesson_folders().values()
        for file in (folder / "lesson.md", folder / "exercises.py")
    ]
