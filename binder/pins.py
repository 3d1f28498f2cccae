"""Write environment.yml: exactly the versions that the running Python has of all that lyaplab[lab] needs at run time.

    python binder/pins.py

To be run, with all tests passed, in an environment whose versions Binder shall have.
"""

from __future__ import annotations

from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

HERE = Path(__file__).parent
HEADER = """\
# Written by binder/pins.py: exactly these versions were tested together.
name: lyaplab
channels:
  - conda-forge
dependencies:
  - python=3.11
  - pip
  - pip:
"""


def needed(name: str, extras: frozenset[str], seen: dict[str, set[str]]) -> None:
    """Collect into `seen` every distribution that `name` needs here, with the extras that each is asked for."""
    fresh = {"", *extras} - seen.setdefault(name, set())
    if not fresh:
        return
    seen[name] |= fresh
    for line in metadata.requires(name) or []:
        requirement = Requirement(line)
        wanted = [extra for extra in fresh if _applies(requirement, extra)]
        if wanted:
            needed(canonicalize_name(requirement.name), frozenset(requirement.extras), seen)


def _applies(requirement: Requirement, extra: str) -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"extra": extra})


def main() -> None:
    """Write the file."""
    seen: dict[str, set[str]] = {}
    needed("lyaplab", frozenset({"lab"}), seen)
    pins = [f"      - {name}=={metadata.version(name)}\n" for name in sorted(seen) if name != "lyaplab"]
    (HERE / "environment.yml").write_text(HEADER + "".join(pins), encoding="utf-8")


if __name__ == "__main__":
    main()
