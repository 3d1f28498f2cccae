"""A learner's work folder: the lessons are laid into it once, and what a learner has changed is never overwritten.

What was laid is remembered in ``.lyaplab/work-folder.json``: for each notebook the digest of the lesson it came from.
So, after an upgrade, a notebook that nobody has touched is replaced, and beside one that was changed the newer lesson
is laid under a name that carries its version. A notebook that is there but was never laid is somebody's own.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock

__all__ = ["Laid", "lay_lessons"]

MANIFEST = Path(".lyaplab", "work-folder.json")
SCHEMA = 1
LOCK_SECONDS = 30.0


@dataclass(frozen=True)
class Laid:
    """What happened to the work folder: names of notebooks, as tuples.

    Attributes
    ----------
    new : notebooks that were not there.
    updated : untouched notebooks that a newer lesson has replaced.
    beside : newer lessons laid beside a notebook that the learner has changed.
    kept : notebooks left exactly as they were.
    """

    new: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()

    def __str__(self) -> str:
        """One line for each thing that happened; empty when nothing did."""
        lines = []
        if self.new:
            lines.append(f"laid out: {', '.join(self.new)}")
        if self.updated:
            lines.append(f"brought up to date: {', '.join(self.updated)}")
        if self.beside:
            lines.append(f"newer lessons, laid beside the notebooks that you have changed: {', '.join(self.beside)}")
        return "\n".join(lines)


def lay_lessons(lessons: Mapping[str, Path], folder: Path, *, version: str) -> Laid:
    """Lay lesson notebooks into a work folder without overwriting anything that a learner has changed.

    Parameters
    ----------
    lessons : mapping of str to Path
        File name in the work folder -> notebook as it was shipped.
    folder : Path
        The work folder; it is made when it is not there.
    version : str
        The version that the lessons come from; it goes into the name of one that is laid beside.

    Returns
    -------
    Laid

    Raises
    ------
    OSError
        When the folder cannot be made or written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MANIFEST).parent.mkdir(exist_ok=True)
    with FileLock(f"{folder / MANIFEST}.lock", timeout=LOCK_SECONDS):
        manifest = _Manifest(folder / MANIFEST)
        done: dict[str, list[str]] = {"new": [], "updated": [], "beside": [], "kept": []}
        for name, source in lessons.items():
            what, laid_name = _lay(source.read_bytes(), folder, name=name, version=version, manifest=manifest)
            done[what].append(laid_name)
        manifest.save()
    return Laid(**{what: tuple(names) for what, names in done.items()})


def _lay(content: bytes, folder: Path, *, name: str, version: str, manifest: _Manifest) -> tuple[str, str]:
    """Lay one notebook; what happened, and under which name."""
    digest = _digest(content)
    target = folder / name
    if not os.path.lexists(target):
        manifest.laid[name] = manifest.offered[name] = digest
        _write(target, content)
        return "new", name
    present = _digest(target.read_bytes())
    if present == digest:
        manifest.laid[name] = manifest.offered[name] = digest
        return "kept", name
    if present == manifest.laid.get(name):
        manifest.laid[name] = manifest.offered[name] = digest
        _write(target, content)
        return "updated", name
    if manifest.offered.get(name) == digest:
        return "kept", name  # changed by the learner, and no newer lesson has come since
    free = _free_name(folder, name=name, version=version, manifest=manifest)
    manifest.offered[name] = manifest.laid[free] = digest
    _write(folder / free, content)
    return "beside", free


def _free_name(folder: Path, *, name: str, version: str, manifest: _Manifest) -> str:
    """A name with the version in it, of a file that is not there or that nobody has touched since it was laid."""
    stem, suffix = os.path.splitext(name)
    number = 1
    while True:
        candidate = f"{stem}-{version}{'' if number == 1 else f'-{number}'}{suffix}"
        path = folder / candidate
        if not os.path.lexists(path) or _digest(path.read_bytes()) == manifest.laid.get(candidate):
            return candidate
        number += 1


class _Manifest:
    """What was laid: `laid` has the digest of each notebook as it was written, `offered` of the last lesson shown.

    A manifest that is lost or damaged counts as empty: then every notebook that differs is taken for a learner's own.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            document: Any = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            document = None
        readable = isinstance(document, dict) and document.get("schema") == SCHEMA
        self.laid = _strings(document.get("laid") if readable else None)
        self.offered = _strings(document.get("offered") if readable else None)

    def save(self) -> None:
        document = {"schema": SCHEMA, "laid": self.laid, "offered": self.offered}
        _write(self.path, (json.dumps(document, indent=1, sort_keys=True) + "\n").encode())


def _strings(value: Any) -> dict[str, str]:
    return {k: v for k, v in value.items() if isinstance(v, str)} if isinstance(value, dict) else {}


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _write(path: Path, content: bytes) -> None:
    """Write a file in one step, so that a crash leaves the old one or the new one."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(temporary, 0o644)  # mkstemp makes it private, but a notebook is an ordinary file
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
