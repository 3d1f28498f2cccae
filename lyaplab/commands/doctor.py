"""``lyaplab doctor``: is everything here that lyaplab needs, and does it fit together?"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator

from lyaplab.commands import front_end, machine
from lyaplab.commands.finding import Finding

SUMMARY = "versions, front end, cache, BLAS and speed; exit status 1 when something needs mending"

# In the order of the report: first what is installed, then whether it fits together, then how fast it is.
CHECKS: tuple[Callable[[], Iterator[Finding]], ...] = (
    machine.versions,
    machine.processor,
    machine.blas,
    machine.cache,
    front_end.extensions,
    front_end.drag_breaker,
    front_end.prompt_websockets,
    machine.speed,
)
MARKS = {"ok": "  ok  ", "note": " note ", "problem": "MEND  "}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--no-speed", action="store_true", help="leave out the speed measurement")


def run(options: argparse.Namespace) -> int:
    """Print every finding; 1 when one of them is a problem."""
    problems = 0
    for check in CHECKS:
        if check is machine.speed and options.no_speed:
            continue
        for finding in examined(check):
            print(f"[{MARKS[finding.kind]}] {finding.text}", flush=True)
            if finding.advice:
                print(f"           -> {finding.advice}")
            problems += finding.kind == "problem"
    print("Everything fits together." if not problems else f"{problems} to mend; the lines marked MEND say how.")
    return 1 if problems else 0


def examined(check: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """The findings of one check. A check that fails is itself a finding: a doctor must not faint."""
    try:
        yield from check()
    except Exception as error:
        name = check.__name__.replace("_", " ")
        yield Finding("problem", f"{name}: {type(error).__name__}: {error}", "please report this line")
