"""``lyaplab report``: one page about a network in a file."""

from __future__ import annotations

import argparse
import sys
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from lyaplab.report import Report

SUMMARY = "one page about a network in a file: verdict, spectrum, memory, gradients, fixed points"
INTERRUPTED = 130  # what a shell calls a program that Ctrl-C has ended


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("weights", type=Path, help="a file that ll.load reads, such as net.npz")
    parser.add_argument("--inputs", type=Path, metavar="FILE", help="what drives it: npz, npy or csv, a row a step")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write the page with its charts here as well")
    parser.add_argument("--steps", type=int, metavar="N", help="steps that the spectrum counts")
    parser.add_argument("--k", type=int, metavar="K", help="number of exponents")
    parser.add_argument("--seed", type=int, default=0, help="of the other starts that the verdict is held against")


def run(options: argparse.Namespace) -> int:
    """Print the page; 0 when there is one, 2 when a file or an option is not understood."""
    try:
        page, ended = _measured(options)
        if hasattr(sys.stdout, "reconfigure"):
            # A terminal of few letters shows a question mark for a lambda, and not a traceback.
            sys.stdout.reconfigure(errors="replace")
        print(page)
        if options.html is not None:
            options.html.write_text(page.document(), encoding="utf-8")
    except FileNotFoundError as error:
        # What is missing is a file to read, or the folder of the one to write.
        path = Path(str(error.filename))
        missing = f"folder {path.parent}" if path == options.html else f"file {path}"
        return _refused(f"there is no {missing}")
    except (OSError, ValueError, TypeError, EOFError) as error:
        return _refused(str(error))
    return 0 if ended else INTERRUPTED


def _refused(text: str) -> int:
    print(f"lyaplab: {' '.join(text.split())}", file=sys.stderr)
    return 2


def _measured(options: argparse.Namespace) -> tuple[Report, bool]:
    """Return the page, and whether it was measured to its end: after Ctrl-C it is what had been measured."""
    import lyaplab
    from lyaplab.report import Report, iter_report

    model = lyaplab.load(options.weights)
    inputs = None if options.inputs is None else read_inputs(options.inputs)
    page, ended = Report(), True
    try:
        for page in iter_report(model, inputs, steps=options.steps, k=options.k, seed=options.seed):
            _tell(page.now)
    except KeyboardInterrupt:
        ended = False
    _tell("")
    return page, ended


def _tell(now: str) -> None:
    """Say on a terminal what is being measured, in a line that the page replaces."""
    if sys.stderr.isatty():
        said = f"measuring {now.replace('_', ' ')} ..." if now else ""
        print(f"\r{said:<40}\r", end="", file=sys.stderr, flush=True)


def read_inputs(path: Path) -> np.ndarray:
    """Read inputs (T, m) or (B, T, m) from an npz, npy or csv file.

    Parameters
    ----------
    path : Path
        An npz file with one array, or one called ``inputs``; a csv file may have a line of names on top.

    Returns
    -------
    ndarray

    Raises
    ------
    ValueError
        If the file holds something else.
    OSError
        If it cannot be read.
    """
    ending = path.suffix.lower()
    if ending == ".csv":
        array = _csv(path)
    elif ending in (".npz", ".npy"):
        array = _numpy(path)
    else:
        raise ValueError(f"inputs must be an npz, npy or csv file, got {path}")
    return array[:, None] if array.ndim == 1 else array


def _csv(path: Path) -> np.ndarray:
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    try:
        _ = [float(cell) for cell in lines[0].split(",")] if lines else []
    except ValueError:
        lines = lines[1:]  # the names of the columns
    if not any(map(str.strip, lines)):
        raise ValueError(f"inputs must hold at least one row of numbers, got none in {path}")
    try:
        return np.loadtxt(lines, delimiter=",", ndmin=2)
    except ValueError as error:
        raise ValueError(f"inputs must be rows of numbers, and {path} is not: {error}") from None


def _numpy(path: Path) -> np.ndarray:
    refused = f"inputs must be a file of plain numbers, and {path} is not"
    try:
        content = np.load(path, allow_pickle=False)
        if isinstance(content, np.ndarray):
            return content
        with content:
            return _only(content, path)
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise ValueError(f"{refused}: {error}") from None
    except ValueError as error:
        # NumPy takes whatever it does not know for a pickle, and recommends to load it unsafely.
        raise (ValueError(refused) if "pickle" in str(error) else error) from None


def _only(content: Mapping[str, np.ndarray], path: Path) -> np.ndarray:
    """The array called inputs, or the only one."""
    names = list(content)
    if "inputs" not in names and len(names) != 1:
        held = ", ".join(map(repr, names)) or "none"
        raise ValueError(f"inputs must be the only array of {path}, or be called 'inputs', got {held}")
    return content["inputs" if "inputs" in names else names[0]]
