"""``lyaplab warm``: compile every kernel now, so that no lesson has to wait for it."""

from __future__ import annotations

import argparse

SUMMARY = "compile all kernels now, with a progress bar"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("cells", nargs="*", help="only these cells (default: all that are installed)")
    parser.add_argument("--quiet", action="store_true", help="no progress bar")


def run(options: argparse.Namespace) -> int:
    """Compile, and tell where the compiled kernels are; 1 when something could not be compiled, 2 for a wrong name."""
    import lyaplab
    from lyaplab.kernel.cache import cache_folder

    try:
        seconds = lyaplab.warm(options.cells or None, progress=not options.quiet)
    except ValueError as error:
        print(f"lyaplab: {error}")
        return 2
    except lyaplab.CellError as error:
        print(error)
        return 1
    if not options.quiet:
        print(f"Compiled kernels are kept in {cache_folder()} ({seconds:.0f} s)")
    return 0
