"""``lyaplab warm``: compile every kernel now, so that no lesson has to wait for it."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

SUMMARY = "compile all kernels now, with a progress bar"

# A small run of everything that a Model can do. Machine code depends on the cell and on the measure, not on sizes.
MEASURES: dict[str, Callable[[Any], object]] = {
    "orbit": lambda model: model.orbit(2),
    "step": lambda model: model.step(model.start),
    "field": lambda model: model.field(model.start),
    "jacobian": lambda model: model.jacobian(model.start),
    "field_jacobian": lambda model: model.field_jacobian(model.start),
    "lyapunov_spectrum": lambda model: model.lyapunov_spectrum(20, warmup=2),
    "fixed_points": lambda model: model.fixed_points(2),
    "gradient_norms": lambda model: model.gradient_norms(4),
    "verdict": lambda model: model.verdict,
    "basins": lambda model: model.basins(resolution=(2, 2), steps=2) if model.d == 2 else None,
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("cells", nargs="*", help="only these cells (default: all that are installed)")
    parser.add_argument("--quiet", action="store_true", help="no progress bar")


def run(options: argparse.Namespace) -> int:
    """Compile, and tell where the compiled kernels are; 1 when something could not be compiled."""
    from tqdm import tqdm

    import lyaplab
    from lyaplab.errors import unknown
    from lyaplab.kernel import announce
    from lyaplab.kernel.cache import cache_folder

    known = lyaplab.cells()
    for name in options.cells:
        if name not in known:
            print(f"lyaplab: {unknown('cell', name, known)}")
            return 2
    work = [(cell, measure) for cell in options.cells or known for measure in MEASURES]
    failures = []
    # The bar says what is compiled; the lines that a learner would see are not printed beside it.
    announce.listeners.append(ignore)
    try:
        with tqdm(work, desc="compiling kernels", unit="kernel", disable=options.quiet) as bar:
            for cell, measure in bar:
                bar.set_postfix_str(f"{cell}: {measure.replace('_', ' ')}", refresh=False)
                try:
                    MEASURES[measure](smallest(cell))
                except Exception as error:
                    failures.append(f"{cell}, {measure}: {type(error).__name__}: {error}")
    finally:
        announce.listeners.remove(ignore)
    for line in failures:
        print(f"not compiled: {line}")
    if not options.quiet:
        print(f"Compiled kernels are kept in {cache_folder()}")
    return 1 if failures else 0


def ignore(line: str) -> None:
    """Hear a line and say nothing."""


def smallest(cell: str) -> Any:
    """A model of the cell with two units, where its size is free."""
    import lyaplab

    model = lyaplab.Model(cell)
    return lyaplab.Model(cell, n=2) if "n" in model.settings else model
