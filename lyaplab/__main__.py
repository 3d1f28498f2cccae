"""The command line: ``lyaplab lab | check | report | lessons | warm | doctor``, also as ``python -m lyaplab``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

from lyaplab import __version__
from lyaplab.commands.lab import split
from lyaplab.errors import unknown

COMMANDS = ("lab", "check", "report", "lessons", "warm", "doctor")
PASSING_ON = "lab"  # its other options go to JupyterLab


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    argv : sequence of str, optional
        The words after ``lyaplab``; by default those of this process.

    Returns
    -------
    int
        The exit status: 0 when all went well, 2 for a command that is not known.

    Raises
    ------
    SystemExit
        With status 2, for options that are not understood; with 0 after ``--help`` and ``--version``.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    name = next((word for word in words if not word.startswith("-")), None)
    if name is not None and name not in COMMANDS:
        print(f"lyaplab: {unknown('command', name, COMMANDS)}", file=sys.stderr)
        return 2
    rest: list[str] = []
    if name == PASSING_ON:
        words, rest = split(words)
    options = _parser().parse_args(words)
    if options.command is None:
        _parser().print_help()
        return 0
    return int(options.run(options, rest) if name == PASSING_ON else options.run(options))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="lyaplab", description="Small recurrent networks, from fixed points to chaos: lessons and widgets."
    )
    parser.add_argument("--version", action="version", version=f"lyaplab {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="command")
    for name in COMMANDS:
        module = import_module(f"lyaplab.commands.{name}")
        sub = commands.add_parser(name, help=module.SUMMARY, description=module.SUMMARY, allow_abbrev=False)
        module.arguments(sub)
        sub.set_defaults(run=module.run)
    return parser


if __name__ == "__main__":
    sys.exit(main())
