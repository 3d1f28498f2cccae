"""A row of number boxes: the keyboard's way to a range, or to a state."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import ipywidgets as W

from lyaplab.widgets._controls import pretty

__all__ = ["Boxes"]


class Boxes(W.HBox):
    """A title and some number boxes that belong together.

    Parameters
    ----------
    title : str
    names : sequence of str
        What each box is called.
    changed : callable
        Takes the list of all numbers when a hand has set one.

    Examples
    --------
    >>> heard = []
    >>> boxes = Boxes("Range", ["from", "to"], heard.append)
    >>> boxes.show([0.0, 4.0])
    >>> boxes.boxes[0].value = 2.8
    >>> heard
    [[2.8, 4.0]]
    >>> boxes.close()
    """

    def __init__(self, title: str, names: Sequence[str], changed: Callable[[list[float]], None]) -> None:
        self._showing = False
        self._changed = changed
        self.boxes = [
            W.FloatText(value=0.0, description=pretty(name), description_allow_html=True, tooltip=f"{title}: {name}")
            for name in names
        ]
        for box in self.boxes:
            box.observe(self._typed, "value")
        self.title = W.HTML(title)
        self.title.add_class("lyap-group-title")
        super().__init__([self.title, *self.boxes])
        self.add_class("lyap-boxes")

    def show(self, values: Sequence[float], *, title: str | None = None) -> None:
        """Show numbers; each box then steps by a hundredth of what they span."""
        self._showing = True
        try:
            if title is not None:
                self.title.value = title
            span = (max(values) - min(values)) if len(values) > 1 else 1.0
            step = 10.0 ** math.floor(math.log10(span / 20)) if span > 0 else 0.1
            for box, value in zip(self.boxes, values, strict=True):
                box.step = step
                box.value = float(f"{value:.10g}")
        finally:
            self._showing = False

    def _typed(self, _: dict) -> None:
        if not self._showing:
            self._changed([float(box.value) for box in self.boxes])
