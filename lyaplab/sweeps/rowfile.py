"""The file of a sweep: a header, and one line of JSON for each row, written when the row comes.

A file is only ever added to. What a killed process or a full disk has left of a last line is cut off; a file that is
not this sweep's is refused, and stays as it is.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any, Self

from filelock import FileLock, Timeout

__all__ = ["RowFile"]

_FORMAT, _VERSION = "lyaplab-sweep", 1
# What two sweeps of one file must agree in, and what it is called when they do not.
_SAME = {"grid": "another grid", "seed": "another seed", "measure": "another measure, or other options of it"}


class RowFile:
    """The rows of one sweep on disk; a context manager that holds the file's lock.

    Parameters
    ----------
    path : path
        Of the file; it is made if it is not there.
    header : mapping
        What makes the sweep what it is: the hashes of its grid and measure, and its seed.

    Raises
    ------
    ValueError
        If the file holds something else, another sweep, or a damaged line.
    RuntimeError
        If another sweep is writing to it.
    """

    def __init__(self, path: str | PathLike[str], header: Mapping[str, Any]) -> None:
        self.path = Path(path)
        self.header = {"format": _FORMAT, "version": _VERSION, **header}
        # Outcomes by row, as they were found in the file.
        self.found: dict[int, dict[str, Any]] = {}
        self._lock = FileLock(f"{self.path}.lock", timeout=0)
        self._handle = -1
        self._whole = 0  # bytes up to the end of the last whole line

    def __enter__(self) -> Self:
        if not self.path.parent.is_dir():
            raise FileNotFoundError(f"save: there is no folder {str(self.path.parent)!r}")
        if self.path.is_dir():
            raise IsADirectoryError(f"save must name a file, and {str(self.path)!r} is a folder")
        try:
            self._lock.acquire()
        except Timeout:
            raise RuntimeError(
                f"another sweep is writing to {str(self.path)!r}: wait for it, or give another file"
            ) from None
        try:
            self._open()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1
        self._lock.release()

    def _open(self) -> None:
        content = self.path.read_bytes() if self.path.exists() else b""
        header = _line(self.header)
        fresh = header.startswith(content)  # nothing, or what a full disk left of our header
        if not fresh:
            self._read(content)
        # Nothing is written before the file has been recognised.
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
        self._handle = os.open(self.path, flags, 0o666)
        self._whole = 0 if fresh else content.rfind(b"\n") + 1
        os.ftruncate(self._handle, self._whole)
        if fresh:
            self._write(header)

    def _read(self, content: bytes) -> None:
        first, *lines = content.split(b"\n")
        self._recognise(first)
        for number, line in enumerate(lines[:-1], start=2):  # behind the last line end is nothing, or half a line
            try:
                row = json.loads(line)
                self.found[int(row["row"])] = {key: row[key] for key in ("result", "error", "lost") if key in row}
            except (ValueError, KeyError, TypeError):
                raise ValueError(
                    f"line {number} of {str(self.path)!r} is damaged: take it out, and the sweep measures it again"
                ) from None

    def _recognise(self, line: bytes) -> None:
        """Raise unless the header is that of the same sweep."""
        name = str(self.path)
        try:
            there = json.loads(line)
        except ValueError:
            there = None
        if not isinstance(there, dict) or there.get("format") != _FORMAT:
            raise ValueError(f"save must name a new file or that of the same sweep, and {name!r} is no sweep's file")
        if there.get("version") != _VERSION:
            raise ValueError(f"{name!r} was written by a newer lyaplab (format {there.get('version')}): update lyaplab")
        for key, words in _SAME.items():
            if there.get(key) != self.header[key]:
                raise ValueError(
                    f"{name!r} holds the rows of {words}, and is left as it is: give a new file, or repeat that sweep"
                )

    def add(self, row: int, settings: Mapping[str, Any], outcome: Mapping[str, Any]) -> None:
        """Write one row; raises OSError, with the file whole up to the row before."""
        self._write(_line({"row": row, "settings": settings, **outcome}))

    def _write(self, line: bytes) -> None:
        left = memoryview(line)
        try:
            while left:
                left = left[os.write(self._handle, left) :]
        except BaseException as error:  # a full disk, or Ctrl-C: no half line stays
            os.ftruncate(self._handle, self._whole)
            if not isinstance(error, OSError):
                raise
            words = error.strerror or str(error)
            raise OSError(error.errno, f"the rows cannot be saved to {str(self.path)!r}: {words}") from error
        self._whole += len(line)


def _line(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, allow_nan=False, separators=(",", ":")).encode() + b"\n"
