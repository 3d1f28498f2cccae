"""The progress file: one small JSON file a lesson, safe against crashes and against two notebooks at once.

A change is a function on the document. To write one, the file's lock is taken, the file is read again, the change is
made on what was read, and the file is replaced in one step: so nobody's change is lost. Where the file cannot be
written, changes are kept in memory, and written as soon as that works.

The file lies in the folder `.lyaplab` of the notebook's folder (the kernel's working folder when the lesson is
loaded), or in the folder that LYAPLAB_PROGRESS names; `LYAPLAB_PROGRESS=off` keeps everything in memory.
"""

from __future__ import annotations

import contextlib
import copy
import json
import os
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from lyaplab.school.plain import short
from lyaplab.school.record import (
    MAX_BYTES,
    MAX_VALUE,
    SCHEMA,
    Document,
    attempted,
    blank,
    cleaned,
    helped,
    merged,
    parsed,
)

LOCK_SECONDS = 5.0
ENVIRONMENT = "LYAPLAB_PROGRESS"

Change = Callable[[Document], None]


def progress_folder() -> Path | None:
    """Where progress files lie, None when they are switched off."""
    named = os.environ.get(ENVIRONMENT, "").strip()
    if named.lower() == "off":
        return None
    return Path(named).expanduser().absolute() if named else Path.cwd() / ".lyaplab"


class Progress:
    """What is remembered of one lesson.

    Parameters
    ----------
    lesson, version : str
    folder : Path or None
        None keeps everything in memory.

    Examples
    --------
    >>> progress = Progress("01_fixed_points", "1", folder=None)
    >>> progress.attempt("slope", points=2, max_points=2, done=True)
    >>> progress.exercise("slope")["attempts"]
    1
    """

    def __init__(self, lesson: str, version: str, *, folder: Path | None) -> None:
        self.lesson, self.version = lesson, version
        self.path = None if folder is None else Path(folder) / f"{lesson}.json"
        self._newer = False
        self._damaged = self._unsaved = ""
        self._guard = threading.RLock()
        self._base = blank(lesson, version)  # as the file had it when it was last read
        self._pending: list[Change] = []  # made since, and not in the file yet
        if not self._read():
            self._write(lambda document: None)  # moves a damaged file aside at once

    # ------------------------------------------------------------- what is remembered

    @property
    def notice(self) -> str:
        """One line when something is not as it should be (cannot be saved, was damaged), else ""."""
        if self._newer:
            return "The progress file is of a newer lyaplab: it is read, but nothing is added. Update lyaplab."
        return self._unsaved or self._damaged

    @property
    def document(self) -> Document:
        """A copy of all that is remembered, with what other notebooks have written meanwhile."""
        with self._guard:
            self._read()
            return self._view()

    def exercise(self, name: str) -> dict[str, Any]:
        """What is remembered of an exercise, {} when it was never checked."""
        return self.document["exercises"].get(name, {})

    def prediction(self, key: str) -> Any:
        """A committed prediction, None before it was committed."""
        return self.document["predictions"].get(key)

    def state(self, name: str) -> Any:
        """A widget's last state, None when none was kept."""
        return self.document["states"].get(name)

    # ------------------------------------------------------------- changes

    def attempt(self, name: str, *, points: float, max_points: float, done: bool, answer: str = "") -> None:
        """Keep one attempt at an exercise; the best points stand."""
        self._write(lambda d: attempted(d, name, points=points, max_points=max_points, done=done, answer=answer))

    def help(self, name: str, kind: str) -> None:
        """Keep that a rung of the ladder of help was taken."""
        self._write(lambda d: helped(d, name, kind))

    def commit(self, key: str, value: Any, *, instead: bool = False) -> None:
        """Keep a prediction; one that stands already is not changed, except with `instead`."""
        value = _json_copy(f"prediction {key!r}", value)

        def change(document: Document) -> None:
            if instead or key not in document["predictions"]:
                document["predictions"][key] = value

        self._write(change)

    def keep_state(self, name: str, state: Any) -> None:
        """Keep a widget's state, in place of the last one.

        Raises
        ------
        TypeError, ValueError
            When the state is not JSON, or too large.
        """
        state = _json_copy(f"state {name!r}", state)

        def change(document: Document) -> None:
            document["states"][name] = state

        self._write(change)

    def absorb(self, data: bytes | str) -> None:
        """Merge a downloaded document into this one.

        Raises
        ------
        ValueError
            When it is too large, damaged, of another lesson or of a newer lyaplab; nothing is changed then.
        """
        raw = parsed(data)
        if raw.get("lesson") != self.lesson:
            raise ValueError(f"progress: of lesson {short(str(raw.get('lesson')), 60)!r}, expected {self.lesson!r}")
        if raw["schema"] > SCHEMA:
            raise ValueError("progress: written by a newer lyaplab; update lyaplab to restore it")
        other, _ = cleaned(raw, self.lesson, self.version)
        self._write(lambda document: document.update(merged(document, other)))

    def to_bytes(self) -> bytes:
        """The document as a file's bytes."""
        return _bytes(self.document)

    # ------------------------------------------------------------- the file

    def _view(self) -> Document:
        document = copy.deepcopy(self._base)
        for change in self._pending:
            change(document)
        return document

    def _write(self, change: Change) -> None:
        """Make a change on the file, together with those that could not be written before."""
        with self._guard:
            self._pending.append(change)
            if self.path is None:
                self._base, self._pending = self._view(), []
                return
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                with FileLock(f"{self.path}.lock", timeout=LOCK_SECONDS):
                    self._write_locked(self.path)
            except (OSError, Timeout, NotImplementedError) as error:
                self._unsaved = f"Progress cannot be saved here; it is kept in memory only ({_reason(error)})."

    def _write_locked(self, path: Path) -> None:
        whole = self._load(path)
        if self._newer:
            return
        if not whole:
            aside = _move_aside(path).name
            self._damaged = f"The progress file was damaged: it is now {aside}; what was whole is kept."
        document = self._view()
        _replace(path, _bytes(document))
        self._base, self._pending, self._unsaved = document, [], ""

    def _read(self) -> bool:
        """Take over what the file has, as far as it can be read; False when some of it is damaged."""
        if self.path is None:
            return True
        try:
            return self._load(self.path)
        except OSError as error:
            self._unsaved = f"Progress cannot be read here; it is kept in memory only ({_reason(error)})."
            return True

    def _load(self, path: Path) -> bool:
        """Take over what the file has, as far as it is valid; False when some of it is not."""
        try:
            raw = parsed(_bytes_of(path))
        except (FileNotFoundError, NotADirectoryError):
            self._base = blank(self.lesson, self.version)
            return True
        except ValueError:
            self._base = blank(self.lesson, self.version)
            return False
        self._newer = raw["schema"] > SCHEMA
        self._base, whole = cleaned(raw, self.lesson, self.version)
        return whole or self._newer


def _json_copy(what: str, value: Any) -> Any:
    """A copy by way of JSON, so that what is kept is what can be read back."""
    text = json.dumps(value)
    if len(text) > MAX_VALUE:
        raise ValueError(f"{what}: {len(text):,} characters of JSON, expected at most {MAX_VALUE:,}")
    return json.loads(text)


def _bytes_of(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


def _bytes(document: Document) -> bytes:
    return (json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def _move_aside(path: Path) -> Path:
    """Rename a damaged file; earlier ones that were moved aside stay."""
    aside, number = path.with_suffix(".bak"), 1
    while aside.exists():
        number += 1
        aside = path.with_suffix(f".bak{number}")
    os.replace(path, aside)
    return aside


def _replace(path: Path, data: bytes) -> None:
    """Put new contents in place of a file in one step: after a crash it is the old or the new one, whole."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    if os.name == "posix":
        with contextlib.suppress(OSError):  # some file systems do not sync folders; the file itself is safe
            folder = os.open(path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)


def _reason(error: BaseException) -> str:
    """An error in a few words, without a path."""
    if isinstance(error, Timeout):
        return "another program holds its lock"
    return getattr(error, "strerror", None) or type(error).__name__
