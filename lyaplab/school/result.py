"""The Result of a check: what a learner sees, what nbgrader reads, and what a grader judges again."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from lyaplab.school.exercise import Look, Rung
from lyaplab.school.style import panel, words

ANSWER = "application/vnd.lyaplab.answer+json"  # the plain data's type in a mime bundle
WIDGET = "application/vnd.jupyter.widget-view+json"

panel_factory: Callable[[Result], Any] | None = None
"""Makes the live panel of a Result, an ipywidgets widget; `lyaplab.widgets` sets it, headless it stays None."""

# verdict: (sign, words, tone); the sign and the words say it without the colour
VERDICTS = {
    "right": ("✓", "Right", "ok"),
    "kept": ("✓", "Kept; a person reads this one", "ok"),
    "partly": ("◐", "Partly right", "part"),
    "wrong": ("✗", "Not yet", "no"),
    "unreadable": ("!", "Could not be checked", "no"),
    "unanswered": ("…", "Not answered yet", "info"),
    "unknown": ("?", "Unknown exercise", "info"),
}


@dataclass(frozen=True)
class Checked:
    """One thing that was checked, with its tolerance; `right` is None when it was not come to."""

    text: str
    right: bool | None


@dataclass(frozen=True, repr=False)
class Result:
    """What a check found.

    Parameters
    ----------
    passed : bool
    points, max_points : float
    hint : str
        One hint, "" when there is nothing to say.
    verdict : str
        One of `VERDICTS`.
    exercise, title : str
        The exercise's name and title.
    checked : tuple of Checked
        What was checked, with tolerances.
    notes : tuple of str
        Lines in small print: warnings that came up, progress that cannot be saved.
    misconception : str
        The name of the known misconception that was met, or "".
    look : Look or None
        The widget state that shows the conflict.
    rungs : tuple of Rung
        The ladder of help, whole; show it rung by rung.
    help_taken : tuple of str
        Kinds of rungs taken so far, in this session or before.
    data : dict or None
        The answer as plain data (`lyaplab.school.watch.plain_answer`).
    recorder : callable or None
        Called with a rung's kind when it is taken; None where nothing is recorded.
    """

    passed: bool
    points: float
    max_points: float
    hint: str = ""
    verdict: str = "right"
    exercise: str = ""
    title: str = ""
    checked: tuple[Checked, ...] = ()
    notes: tuple[str, ...] = ()
    misconception: str = ""
    look: Look | None = None
    rungs: tuple[Rung, ...] = ()
    help_taken: tuple[str, ...] = ()
    data: dict[str, Any] | None = field(default=None, compare=False)
    recorder: Callable[[str], None] | None = field(default=None, compare=False)

    def record_help(self, kind: str) -> None:
        """Record that a rung of the ladder was taken. It costs no points."""
        if self.recorder is not None:
            self.recorder(kind)

    def with_notes(self, *notes: str) -> Result:
        """The same result with further lines in small print (empty ones are left out)."""
        return dataclasses.replace(self, notes=self.notes + tuple(note for note in notes if note))

    @property
    def headline(self) -> str:
        """The verdict in words, with its sign: "✓ Right"."""
        sign, text, _ = VERDICTS[self.verdict]
        return f"{sign} {text}"

    def __repr__(self) -> str:
        points = f"{self.points:g} of {self.max_points:g} points"
        return f"Result({self.exercise}: {points}, {self.verdict})"

    def to_html(self) -> str:
        """The panel without a widget: verdict, what was checked, points, one hint."""
        head = f'<span class="ll-tone">{self.headline}</span>'
        title = f" · {words(self.title)}" if self.title else ""
        points = f" · {self.points:g} of {self.max_points:g} points" if self.max_points else ""
        parts = [f'<p class="ll-head">{head}{title}{points}</p>']
        if self.checked:
            parts.append(f'<ul class="ll-muted">{"".join(_item(item) for item in self.checked)}</ul>')
        if self.hint:
            parts.append(f"<p>{words(self.hint)}</p>")
        if self.rungs and not self.passed:
            call = words(f'Help costs no points: `lesson.help("{self.exercise}")`')
            parts.append(f'<p class="ll-muted">{call}</p>')
        parts += [f'<p class="ll-muted">{words(note)}</p>' for note in self.notes]
        return panel("".join(parts), tone=VERDICTS[self.verdict][2], label="Result of the check")

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """The bundle Jupyter shows: the points alone as text (nbgrader's partial credit), panel, plain data."""
        shown, view = self, None
        if panel_factory is not None:
            try:
                view = panel_factory(self)._repr_mimebundle_()
            except Exception as error:  # a broken panel must not cost a learner the verdict
                shown = self.with_notes(f"The live panel could not be shown ({type(error).__name__}: {error}).")
        bundle: dict[str, Any] = {"text/plain": f"{self.points:g}", "text/html": shown.to_html()}
        if self.data is not None:
            bundle[ANSWER] = self.data
        if view is not None:
            data = view[0] if isinstance(view, tuple) else view
            bundle[WIDGET] = data[WIDGET]
        return bundle


def _item(item: Checked) -> str:
    sign, spoken = {True: ("✓", "right"), False: ("✗", "not right"), None: ("·", "not checked yet")}[item.right]
    return f'<li><span aria-label="{spoken}">{sign}</span> {words(item.text)}</li>'
