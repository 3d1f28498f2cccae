"""``lyaplab lab``: the lessons in a work folder, and JupyterLab on the first one."""

from __future__ import annotations

import argparse
import importlib.util
import os
from pathlib import Path

from lyaplab import __version__
from lyaplab.commands.work_folder import lay_lessons

SUMMARY = "lay the lessons into a work folder and open JupyterLab on lesson 01"
WORK_FOLDER = "lyaplab-lessons"
FIRST = "01_fixed_points"
OURS = ("--lay-only", "--help", "-h")
# JupyterLab's options that stand alone. Any other without "=" takes the word after it, which is then no folder.
ALONE = ("--no-browser", "--debug", "--allow-root", "--autoreload", "--core-mode", "--dev-mode", "-y")
NO_LAB = "JupyterLab is not installed here. To get it: python -m pip install 'lyaplab[lab]'"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "folder", nargs="?", type=Path, default=Path(WORK_FOLDER), help=f"the work folder (default: {WORK_FOLDER})"
    )
    parser.add_argument("--lay-only", action="store_true", help="lay the lessons out, but do not start JupyterLab")
    parser.epilog = (
        "Your own notebooks are never overwritten: after an upgrade, a newer lesson is laid beside one that you have "
        "changed. Every other option goes to JupyterLab, for example --no-browser or --port=9999."
    )


def split(words: list[str]) -> tuple[list[str], list[str]]:
    """Part the words of the command line into ours and those for JupyterLab.

    Examples
    --------
    >>> split(["lab", "--no-browser", "work", "--port", "9999"])
    (['lab', 'work'], ['--no-browser', '--port', '9999'])
    """
    ours: list[str] = []
    theirs: list[str] = []
    value_follows = False
    for word in words:
        option = word.startswith("-")
        if word in OURS or not (option or value_follows):
            ours.append(word)
        else:
            theirs.append(word)
        value_follows = option and "=" not in word and word not in (*OURS, *ALONE)
    return ours, theirs


def run(options: argparse.Namespace, rest: list[str]) -> int:
    """Lay the lessons out and hand over to JupyterLab; its exit status."""
    folder = options.folder.expanduser().absolute()
    lessons = shipped_notebooks()
    if not lessons:
        print("lyaplab: this install carries no lessons; reinstall lyaplab, or run 'make lessons' in its repository")
        return 1
    try:
        laid = lay_lessons(lessons, folder, version=__version__)
    except OSError as error:
        reason = error.strerror or error
        print(f"lyaplab: the folder {folder} cannot be used: {reason}. Name another one: lyaplab lab FOLDER")
        return 1
    print(f"Your lessons are in {folder}")
    if str(laid):
        print(laid)
    return 0 if options.lay_only else start_lab(folder, rest)


def shipped_notebooks() -> dict[str, Path]:
    """File name -> path of every lesson notebook that this install carries."""
    from lyaplab.school import lesson_folders

    notebooks = (folder.with_suffix(".ipynb") for folder in lesson_folders().values())
    return {path.name: path for path in notebooks if path.is_file()}


def start_lab(folder: Path, rest: list[str]) -> int:
    """Run JupyterLab in this process until it ends."""
    if importlib.util.find_spec("jupyterlab") is None:
        print(NO_LAB)
        return 1
    first = f"{FIRST}.ipynb" if (folder / f"{FIRST}.ipynb").exists() else ""
    command = [f"--ServerApp.root_dir={folder}", f"--LabApp.default_url=/lab/tree/{first}" if first else "", *rest]
    if hasattr(os, "geteuid") and os.geteuid() == 0 and "--allow-root" not in rest:
        # Containers and class-room machines often have no other user; JupyterLab alone would refuse and stop.
        print("You are root on this machine: JupyterLab is started with --allow-root")
        command.append("--allow-root")
    from jupyterlab.labapp import main

    return main([part for part in command if part]) or 0
