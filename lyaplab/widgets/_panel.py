"""The panel below an exercise: the verdict, one hint, and a ladder of help that costs nothing."""

from __future__ import annotations

import dataclasses
import html

import ipywidgets as W

from lyaplab.school.exercise import Look, Rung
from lyaplab.school.result import Result
from lyaplab.school.style import words
from lyaplab.widgets._closing import close_tree
from lyaplab.widgets._controls import button
from lyaplab.widgets._live import opened, show_in_newest
from lyaplab.widgets._style import style

__all__ = ["Panel", "panel_of"]

# The live panel of each exercise: a check that runs again replaces it, and closes the old one.
_panels: dict[str, Panel] = {}
# When each exercise was checked first: the widgets open by then stand above it.
_first_checked: dict[str, int] = {}


def panel_of(result: Result) -> Panel:
    """Make the panel of a result, in place of an older one of the same exercise."""
    old = _panels.get(result.exercise)
    if old is not None and old.result is not result:
        old.close()
    panel = Panel(result)
    _panels[result.exercise] = panel
    return panel


class Panel(W.VBox):
    """A Result that can be looked at and asked for help.

    Parameters
    ----------
    result : Result
        What a check has found.

    Examples
    --------
    >>> from lyaplab.school.result import Result
    >>> panel = Panel(Result(False, 0, 2, hint="Think of the chain rule.", verdict="wrong", exercise="slope",
    ...     rungs=(Rung("nudge", "A nudge", "What is the slope of tanh at 0?"), Rung("solution", "The solution", "w"))))
    >>> [button.description for button in panel.ladder.children]
    ['A nudge']
    >>> panel.climb()
    >>> [button.description for button in panel.ladder.children]
    ['A nudge', 'The solution']
    >>> panel.close()
    """

    def __init__(self, result: Result) -> None:
        self.result = result
        self._moment = _first_checked.setdefault(result.exercise, opened())
        # the static panel tells how to ask for help in a cell; here there are buttons
        self.verdict = W.HTML(dataclasses.replace(result, rungs=()).to_html())
        self.ladder = W.HBox()
        self.ladder.add_class("lyap-row")
        self.ladder.add_class("lyap-help-row")
        self.shown = W.HTML()
        self.note = W.HTML()
        self._taken: list[Rung] = []
        parts: list[W.Widget] = [style(), self.verdict]
        if result.look is not None and result.look.widget:
            look = result.look
            parts.append(button("Show me in the widget", lambda: self._look(look), tip=look.text, name="show-me"))
        super().__init__([*parts, self.ladder, self.shown, self.note])
        for name in ("lyap", "lyap-panel"):
            self.add_class(name)
        self._offer()
        for rung in self._rungs():
            if rung.kind in result.help_taken and rung is not self._rungs()[-1]:
                self._take(rung, record=False)  # help that was taken before stays open

    def _rungs(self) -> tuple[Rung, ...]:
        """The rungs on offer: the whole ladder, or the solution to compare with once it is right."""
        rungs = self.result.rungs
        return rungs[-1:] if self.result.passed else rungs

    def climb(self) -> None:
        """Take the next rung, as its button does; nothing happens on top."""
        rungs = self._rungs()
        if len(self._taken) < len(rungs):
            self._take(rungs[len(self._taken)])

    def _offer(self) -> None:
        """Add the button of the next rung; those before stay, so that no focus is lost."""
        rungs = self._rungs()
        if len(self._taken) < len(rungs):
            rung = rungs[len(self._taken)]
            made = button(rung.label, lambda: self._take(rung), name=f"help-{rung.kind}")
            self.ladder.children = (*self.ladder.children, made)

    def _take(self, rung: Rung, *, record: bool = True) -> None:
        if rung in self._taken:
            if rung.look is not None:
                self._look(rung.look)
            return
        self._taken.append(rung)
        if record:
            self.result.record_help(rung.kind)
        self.shown.value = f"<div role='status'>{''.join(_shown(taken) for taken in self._taken)}</div>"
        if rung.look is not None and record:
            self._look(rung.look)
        self._offer()

    def _look(self, look: Look) -> None:
        """Set the widget of that kind that stands above to the state that shows the point."""
        found = show_in_newest(look.widget, look.state, before=self._moment)
        said = (
            f"The {look.widget} now shows it; Undo there brings back what you had."
            if found
            else f"No {look.widget} is open: run the cell that shows it, commit your prediction there, and press again."
        )
        text = "" if self.shown.value and look.text in html.unescape(self.shown.value) else f"{look.text} "
        self.note.value = f"<div class='lyap-note' role='status'>{words(text)}{words(said)}</div>"

    def close(self) -> None:
        """Close the panel and its parts."""
        if self.comm is not None:
            close_tree(self, keep=(style(),))


def _shown(rung: Rung) -> str:
    body = f"<pre>{html.escape(rung.text)}</pre>" if rung.kind == "solution" else f" {words(rung.text)}"
    return f"<div class='lyap-rung'><b>{html.escape(rung.label)}.</b>{body}</div>"
