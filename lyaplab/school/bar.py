"""The progress bar of a lesson, and the way to take progress home and bring it back."""

from __future__ import annotations

import base64
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lyaplab.school.exercise import Exercise
from lyaplab.school.plain import short
from lyaplab.school.predict import Gate
from lyaplab.school.progress import Progress
from lyaplab.school.record import MAX_BYTES
from lyaplab.school.style import panel, words


@dataclass(frozen=True)
class Line:
    """One exercise or prediction in the bar."""

    name: str
    title: str
    done: bool
    points: float = 0.0
    max_points: float = 0.0


@dataclass(frozen=True)
class Download:
    """A progress file in the learner's hands.

    Parameters
    ----------
    filename : str
    data : bytes
        What `restore` takes.
    """

    filename: str
    data: bytes

    @property
    def link(self) -> str:
        """A data link that holds the whole file: no server, no widget."""
        return "data:application/json;base64," + base64.b64encode(self.data).decode("ascii")

    def to_html(self) -> str:
        """A panel with the link to click."""
        link = f'<a download="{self.filename}" href="{self.link}">Download {words(self.filename)}</a>'
        how = words(f'Bring it back with `lesson.progress().restore("{self.filename}")`.')
        return panel(f'<p class="ll-head">{link}</p><p class="ll-muted">{how}</p>', label="Download progress")

    def __repr__(self) -> str:
        return f"Download({self.filename}: {len(self.data)} bytes)"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/plain": repr(self), "text/html": self.to_html()}


class ProgressBar:
    """What is done of a lesson and how many minutes are left, as it was when it was asked for.

    Parameters
    ----------
    title : str
    minutes : int
        Of the whole lesson; they are shared out evenly.
    exercises : sequence of Exercise
    gates : sequence of Gate
    progress : Progress

    Attributes
    ----------
    lines : tuple of Line
    done, total : int
    points, max_points : float
    minutes_left : int
    notice : str
    """

    def __init__(
        self, title: str, minutes: int, *, exercises: Sequence[Exercise], gates: Sequence[Gate], progress: Progress
    ) -> None:
        self.title, self.minutes = title, minutes
        self._exercises, self._gates, self._progress = tuple(exercises), tuple(gates), progress
        kept = progress.document["exercises"]
        self.lines = tuple(Line(gate.key, "Predict: " + short(gate.question, 60), gate.committed) for gate in gates)
        self.lines += tuple(_line(exercise, kept.get(exercise.name, {})) for exercise in exercises)
        self.done, self.total = sum(line.done for line in self.lines), len(self.lines)
        self.points = sum(line.points for line in self.lines)
        self.max_points = sum(line.max_points for line in self.lines)
        self.minutes_left = round(minutes * (1 - self.done / max(self.total, 1)))
        self.notice = progress.notice

    def download(self) -> Download:
        """The progress file to take home (Binder forgets): shown, it is a link; `.data` are its bytes."""
        return Download(f"{self._progress.lesson}-progress.json", self._progress.to_bytes())

    def restore(self, source: bytes | str | os.PathLike[str] | Download) -> ProgressBar:
        """Merge a downloaded progress file into this one; nothing that is done gets lost.

        Parameters
        ----------
        source : bytes, str, path or Download
            The file's contents, or its path.

        Returns
        -------
        ProgressBar
            As it stands now.

        Raises
        ------
        ValueError
            When it is too large, damaged, or of another lesson. Nothing is changed then.
        FileNotFoundError
            When there is no such file.
        """
        self._progress.absorb(_contents(source))
        return ProgressBar(
            self.title, self.minutes, exercises=self._exercises, gates=self._gates, progress=self._progress
        )

    def __repr__(self) -> str:
        left = "all done" if self.done == self.total else f"about {self.minutes_left} minutes left"
        points = f"{self.points:g} of {self.max_points:g} points"
        text = f"{self.title}: {self.done} of {self.total} done, {points}, {left}"
        return f"{text}\n{self.notice}" if self.notice else text

    def to_html(self) -> str:
        """The bar, with a line for every part of the lesson."""
        percent = round(100 * self.done / max(self.total, 1))
        head = repr(self).split("\n")[0]
        bar = (
            f'<div class="ll-track" role="progressbar" aria-valuemin="0" aria-valuemax="100" '
            f'aria-valuenow="{percent}" aria-label="{percent} % done">'
            f'<div class="ll-fill" style="width:{percent}%"></div></div>'
        )
        items = "".join(_item(line) for line in self.lines)
        notice = f'<p class="ll-muted">{words(self.notice)}</p>' if self.notice else ""
        body = f'<p class="ll-head">{words(head)}</p>{bar}<ul class="ll-muted">{items}</ul>{notice}'
        return panel(body, role="group", label="Progress")

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/plain": repr(self), "text/html": self.to_html()}


def _line(exercise: Exercise, kept: dict[str, Any]) -> Line:
    points = min(kept.get("points", 0.0), exercise.points)
    return Line(exercise.name, exercise.title, bool(kept.get("done")), points, exercise.points)


def _item(line: Line) -> str:
    sign, spoken = ("✓", "done") if line.done else ("○", "open")
    points = f" · {line.points:g} of {line.max_points:g}" if line.max_points else ""
    return f'<li><span aria-label="{spoken}">{sign}</span> {words(line.title)}{points}</li>'


def _contents(source: bytes | str | os.PathLike[str] | Download) -> bytes:
    if isinstance(source, Download):
        return source.data
    if isinstance(source, bytes):
        return source
    if isinstance(source, str) and source.lstrip().startswith("{"):
        return source.encode()
    with Path(source).open("rb") as file:
        return file.read(MAX_BYTES + 1)  # one more than allowed, so that too large a file is refused
