"""The numeric twins of the starts in a phase plane: two number boxes each, one more, one fewer."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import ipywidgets as W

from lyaplab.widgets._controls import button, pretty
from lyaplab.widgets._portrait import Window

Places = list[list[float]]


class StartRows(W.VBox):
    """One row for each start that there can be; those that there are, are visible.

    Parameters
    ----------
    names : pair of str
        The state variables.
    most : int
        How many starts there can be.
    changed : callable
        Takes the list of starts that the hand has set.

    Examples
    --------
    >>> heard = []
    >>> rows = StartRows(("x", "y"), 3, heard.append)
    >>> rows.show([[0.1, 0.2]], (-1, 1, -1, 1))
    >>> rows.boxes[0][1].value = 0.5
    >>> rows.more.click()
    >>> heard[0], len(heard[1])
    ([[0.1, 0.5]], 2)
    >>> rows.close()
    """

    def __init__(
        self,
        names: Sequence[str],
        most: int,
        changed: Callable[[Places], None],
    ) -> None:
        self._window: Window = (0.0, 1.0, 0.0, 1.0)
        self._most, self._changed = most, changed
        self._places: Places = []
        self._showing = False
        self.boxes = [self._pair(number, names) for number in range(most)]
        self.more = button("Add a start", self._add, tip="one more orbit", name="add-start")
        self.fewer = button("Remove the last", self._remove, tip="one orbit fewer", name="remove-start")
        rows = []
        for number, pair in enumerate(self.boxes, start=1):
            number_word = W.HTML(f"<b>{number}</b>")
            row = W.HBox([number_word, *pair])
            row.add_class("lyap-start")
            row.add_class(f"lyap-start-{number}")
            rows.append(row)
        buttons = W.HBox([self.more, self.fewer])
        buttons.add_class("lyap-row")
        title = W.HTML("Starts")
        title.add_class("lyap-group-title")
        super().__init__([title, *rows, buttons])
        self.add_class("lyap-group")

    def _pair(self, number: int, names: Sequence[str]) -> tuple[W.BoundedFloatText, W.BoundedFloatText]:
        made = []
        for axis in (0, 1):
            box = W.BoundedFloatText(
                value=0.0, min=0.0, max=1.0, description=pretty(indexed(names[axis])),
                description_allow_html=True, tooltip=f"{names[axis]} of start {number + 1}",
            )  # fmt: skip
            box.observe(lambda change, number=number, axis=axis: self._typed(number, axis, change["new"]), "value")
            made.append(box)
        return made[0], made[1]

    def show(self, places: Sequence[Sequence[float]], window: Window) -> None:
        """Show the starts as they are, within the window that they can be set to."""
        self._places = [list(map(float, place)) for place in places]
        self._showing = True
        try:
            if window != self._window:
                self._frame(window)
            for row, pair, number in zip(self.children[1:-1], self.boxes, range(self._most), strict=True):
                row.layout.display = "" if number < len(self._places) else "none"
                if number < len(self._places):
                    for box, value in zip(pair, self._places[number], strict=True):
                        box.value = float(f"{value:.4g}")
        finally:
            self._showing = False

    def _frame(self, window: Window) -> None:
        self._window = window
        for pair in self.boxes:
            for box, low, high in zip(pair, window[::2], window[1::2], strict=True):
                # traitlets checks each by itself: the range grows before it shrinks
                box.max = max(box.max, high)
                box.min, box.max = low, high
                box.step = float(f"{(high - low) / 100:.1g}")

    def _typed(self, number: int, axis: int, value: float) -> None:
        if self._showing or number >= len(self._places):
            return
        places = [list(place) for place in self._places]
        places[number][axis] = value
        self._tell(places)

    def _add(self) -> None:
        # nothing is disabled: the button that has the focus must keep it
        if len(self._places) < self._most:
            left, right, bottom, top = self._window
            across, up = ((0.62, 0.18), (0.82, 0.58), (0.18, 0.3), (0.62, 0.85))[len(self._places) % 4]
            fresh = [left + across * (right - left), bottom + up * (top - bottom)]
            self._tell([*self._places, [float(f"{value:.3g}") for value in fresh]])

    def _remove(self) -> None:
        if len(self._places) > 1:
            self._tell(self._places[:-1])

    def _tell(self, places: Places) -> None:
        self.show(places, self._window)
        self._changed(places)


def indexed(name: str) -> str:
    """Write a name that ends in digits as TeX.

    Examples
    --------
    >>> indexed("h1"), indexed("x")
    ('h_{1}', 'x')
    """
    return re.sub(r"(\d+)$", r"_{\1}", name)
