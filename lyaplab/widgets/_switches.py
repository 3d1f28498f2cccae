"""Two rows of buttons: switches that are each on or off, and a choice among few.

Toggle buttons, because JupyterLab steals the arrow keys of every other kind of choice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import ipywidgets as W


class Switches(W.HBox):
    """A title and one toggle button for each thing that can be seen or hidden.

    Parameters
    ----------
    title : str
    names : sequence of str
        On the buttons, and what `changed` is told.
    changed : callable
        Takes a name and whether it is on; only for what the hand does.

    Examples
    --------
    >>> heard = []
    >>> switches = Switches("Show", ["arrows"], lambda *told: heard.append(told))
    >>> switches.show({"arrows": True})
    >>> switches.buttons["arrows"].value = False
    >>> heard
    [('arrows', False)]
    >>> switches.close()
    """

    def __init__(self, title: str, names: Sequence[str], changed: Callable[[str, bool], None]) -> None:
        self.names = tuple(names)
        self._showing = False
        self._changed = changed
        self.buttons = {name: W.ToggleButton(value=True, description=name, tooltip=name) for name in names}
        for name, button in self.buttons.items():
            button.add_class(f"lyap-show-{name}")
            button.observe(lambda change, name=name: self._pressed(name, change["new"]), "value")
        label = W.HTML(title)
        label.add_class("lyap-group-title")
        super().__init__([label, *self.buttons.values()])
        self.add_class("lyap-row")

    def show(self, values: Mapping[str, bool]) -> None:
        """Show which are on."""
        self._showing = True
        try:
            for name, value in values.items():
                self.buttons[name].value = value
        finally:
            self._showing = False

    def _pressed(self, name: str, value: bool) -> None:
        if not self._showing:
            self._changed(name, value)


class Picker(W.HBox):
    """A title and a row of buttons, one of which is chosen.

    Parameters
    ----------
    title : str
    changed : callable
        Takes the index that the hand has chosen.

    Examples
    --------
    >>> heard = []
    >>> picker = Picker("Fixed point", heard.append)
    >>> picker.show(["A", "B"], 0)
    >>> picker.row.index = 1
    >>> heard
    [1]
    >>> picker.close()
    """

    def __init__(self, title: str, changed: Callable[[int], None]) -> None:
        self._showing = False
        self._changed = changed
        self.row = W.ToggleButtons(options=())
        self.row.style.button_width = "auto"
        self.row.add_class("lyap-choices")
        self.row.add_class("lyap-picker")
        self.row.observe(self._pressed, "index")
        label = W.HTML(title)
        label.add_class("lyap-group-title")
        super().__init__([label, self.row])
        self.add_class("lyap-row")

    def show(self, options: Sequence[str], index: int | None) -> None:
        """Show what there is, and which is chosen."""
        self._showing = True
        try:
            if tuple(self.row.options) != tuple(options):
                self.row.options = tuple(options)  # new buttons: only when there are others
            self.row.index = index
        finally:
            self._showing = False

    def _pressed(self, change: dict[str, int | None]) -> None:
        if not self._showing and change["new"] is not None:
            self._changed(change["new"])
