"""The controls of an orbit diagram alone: what is swept and seen, and how its orbits begin."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import ipywidgets as W

from lyaplab.widgets._boxes import Boxes
from lyaplab.widgets._controls import button
from lyaplab.widgets._planewords import pretty_names
from lyaplab.widgets._sweep import ORBITS
from lyaplab.widgets._switches import Picker

__all__ = ["DiagramControls"]

Range = tuple[float, float]
Wrap = Callable[[Callable[..., None]], Callable[..., None]]


class DiagramControls:
    """Rows of controls; those that are hidden, or leave no choice, are not made.

    Parameters
    ----------
    choices : mapping of str to sequence of str
        What can be chosen: "over", "variable", "beside" with their options.
    shown : callable
        Tells whether a control is to be seen.
    chosen : callable
        Takes the name of a trait and its new value.
    zoomed : callable
        Takes "in", "out" or "whole".
    guarded : callable
        Wraps an action so that its exceptions are shown.

    Attributes
    ----------
    rows : list of Widget
        To be placed below the knobs.
    beside : Widget or None
        The choice of the figure beside the diagram, to be placed above that.
    """

    def __init__(
        self,
        choices: Mapping[str, Sequence[str]],
        *,
        shown: Callable[[str], bool],
        chosen: Callable[[str, Any], None],
        zoomed: Callable[[str], None],
        guarded: Wrap,
    ) -> None:
        self._options = {**choices, "orbits": tuple(ORBITS)}
        self._pickers: dict[str, Picker] = {}
        self._boxes: dict[str, Boxes] = {}

        def picker(name: str, title: str, tips: Sequence[str] = ()) -> None:
            options = self._options[name]
            if shown(name) and len(options) > 1:
                self._pickers[name] = Picker(title, guarded(lambda index: chosen(name, options[index])))
                self._pickers[name].show(pretty_names(options), 0)
                self._pickers[name].row.tooltips = list(tips)
                self._pickers[name].add_class(f"lyap-choose-{name}")

        def boxes(name: str, title: str, names: Sequence[str]) -> None:
            if shown(name):
                self._boxes[name] = Boxes(title, names, guarded(lambda values: chosen(name, values)))
                self._boxes[name].add_class(f"lyap-box-{name}")

        picker("over", "Sweep")
        picker("variable", "Of")
        picker("orbits", "Orbits", tuple(ORBITS.values()))
        picker("beside", "At the marker")
        boxes("span", "Range", ("from", "to"))
        boxes("heights", "States", ("from", "to"))
        boxes("x0", "Start", choices["variable"])
        zoom = W.HBox([
            button("Zoom in", guarded(lambda: zoomed("in")), tip="look closer around the marker", name="zoom-in"),
            button("Zoom out", guarded(lambda: zoomed("out")), tip="see more on both sides", name="zoom-out"),
            button("Whole", guarded(lambda: zoomed("whole")), tip="the range that it opened with", name="whole"),
        ])  # fmt: skip
        zoom.add_class("lyap-row")
        window = [self._boxes[name] for name in ("span", "heights") if name in self._boxes]
        parts: list[W.Widget] = [self._pickers[name] for name in ("over", "variable") if name in self._pickers]
        parts += window + ([zoom] if shown("zoom") else [])
        parts += [self._pickers["orbits"]] if "orbits" in self._pickers else []
        parts += [self._boxes["x0"]] if "x0" in self._boxes else []
        self.rows = parts
        self.beside = self._pickers.get("beside")

    def show(self, values: Mapping[str, Any], *, names: Mapping[str, str]) -> None:
        """Show what is chosen.

        Parameters
        ----------
        values : mapping
            Of each trait.
        names : mapping
            Titles of the boxes "span" and "heights": what they are ranges of.
        """
        for name, picker in self._pickers.items():
            options = self._options[name]
            picker.show(pretty_names(options), options.index(values[name]))
        for name, boxes in self._boxes.items():
            boxes.show(values[name], title=names.get(name))
