"""One visible line when something is compiled: a learner who waits three seconds should know why."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

__all__ = ["announce", "listeners"]

# Called with the line instead of printing it: `lyaplab warm` and widgets show it in their own place.
listeners: list[Callable[[str], None]] = []
_told: set[str] = set()


def announce(kernel: str, signature: Any) -> None:
    """Say once per cell that its kernels are being compiled.

    Parameters
    ----------
    kernel : str
        The kernel's name.
    signature : tuple
        Numba's argument types; a cell among them is named.
    """
    cell = next((kind.cell_name for kind in signature if hasattr(kind, "cell_name")), None)
    line = f"lyaplab: compiling {f'for {cell!r}' if cell else kernel} (once; kept for the next session) ..."
    if listeners:
        for listener in listeners:
            listener(line)
    elif line not in _told:
        _told.add(line)
        _print(line)


def _print(line: str) -> None:
    """Print where a person reads: a notebook's output or a terminal, never a log or a pipe.

    A notebook gets it on stdout, since graders take any text on stderr for a failure.
    """
    shell = sys.modules.get("IPython")
    if shell is not None and getattr(shell.get_ipython(), "kernel", None) is not None:
        print(line, flush=True)
    elif sys.stderr is not None and sys.stderr.isatty():
        print(line, file=sys.stderr, flush=True)
