"""The row at the foot of every widget: take it with you as a link, as code, or as a picture."""

from __future__ import annotations

import base64
import html
from collections.abc import Callable, Mapping
from functools import partial

import ipywidgets as W

from lyaplab.widgets._controls import button

__all__ = ["Menu"]

# What a text is good for, where it stands.
_ABOUT = {
    "Link": "<code>ll.open(\"…\")</code> with this text opens the picture again as it is now: in your notebook, "
    "or in that of whoever you send it to.",
    "Code": "Run it in a cell: it makes the numbers of this picture without the widget.",
}
# ipywidgets knows no clipboard. Where a page forbids inline script, the text can still be marked and copied.
_CLICKED = (
    "const b=this,t=b.closest('.lyap-menu').querySelector('textarea');t.select();"
    "const old=()=>document.execCommand('copy');"
    "(navigator.clipboard?navigator.clipboard.writeText(t.value).catch(old):Promise.resolve(old()))"
    ".then(()=>{b.focus();b.textContent='Copied';setTimeout(()=>{b.textContent='Copy'},2000)})"
)
_COPY = (
    f'<button type="button" class="jupyter-button lyap-button lyap-clipboard" onclick="{_CLICKED}" '
    'title="put this text into the clipboard">Copy</button>'
)
_TYPES = {"svg": "image/svg+xml", "png": "image/png", "csv": "text/csv", "npz": "application/octet-stream"}


class Menu(W.VBox):
    """Three buttons, and below them a drawer with what was asked for.

    Parameters
    ----------
    texts : mapping of str to callable
        A button's name and what makes the text to be copied, such as ``{"Link": view.link}``.
    files : callable
        Gives the files of the Save drawer: name and bytes.
    guarded : callable
        Wraps an action so that its exceptions are shown.

    Examples
    --------
    >>> menu = Menu({"Code": lambda: "x = 1"}, lambda: {}, lambda action: action)
    >>> menu.unfold("Code")
    >>> menu.text.value
    'x = 1'
    >>> menu.close()
    """

    def __init__(
        self,
        texts: Mapping[str, Callable[[], str]],
        files: Callable[[], Mapping[str, bytes]],
        guarded: Callable[[Callable[[], None]], Callable[[], None]],
    ) -> None:
        self._texts, self._files = texts, files
        self._opened: str | None = None
        self.text = W.Textarea(rows=4, description="copy this", layout=W.Layout(width="100%", display="none"))
        self.text.add_class("lyap-copy")
        self.about = W.HTML(layout=W.Layout(display="none"))
        self.about.add_class("lyap-about")
        self.saves = W.HTML(layout=W.Layout(display="none"))
        self.saves.add_class("lyap-saves")
        names = [*texts, "Save"]
        buttons = [
            button(name, guarded(partial(self.toggle, name)), tip=tip, name=name.lower())
            for name, tip in zip(names, _tips(names), strict=True)
        ]
        row = W.HBox(buttons)
        row.add_class("lyap-row")
        row.add_class("lyap-menu-row")
        super().__init__([row, self.about, self.text, self.saves])
        self.add_class("lyap-menu")

    def toggle(self, name: str) -> None:
        """Open a drawer, or close it when it is open."""
        if self._opened == name:
            self._show(None)
        else:
            self.unfold(name)

    def unfold(self, name: str) -> None:
        """Open a drawer with what the picture is now."""
        self._show(None)
        if name == "Save":
            self.saves.value = "".join(_anchor(file, data) for file, data in self._files().items())
        else:
            self.text.value = self._texts[name]()
            self.about.value = f"{_COPY} <span class='lyap-note'>{_ABOUT.get(name, '')}</span>"
            self.text.description = {"Link": "link", "Code": "code"}.get(name, name)
            self.text.rows = min(18, 2 + self.text.value.count("\n") + len(self.text.value) // 90)
        self._show(name)

    def _show(self, name: str | None) -> None:
        self._opened = name
        self.text.layout.display = self.about.layout.display = "" if name in self._texts else "none"
        self.saves.layout.display = "" if name == "Save" else "none"


def _tips(names: list[str]) -> list[str]:
    known = {
        "Link": "a text that opens this picture again: ll.open(link)",
        "Code": "Python that makes these numbers without the widget",
        "Save": "the picture or its numbers as a file",
    }
    return [known.get(name, "") for name in names]


def _anchor(file: str, data: bytes) -> str:
    """Write a download link that carries the file in itself: it works on any server, or none."""
    kind = _TYPES[file.rpartition(".")[2]]
    packed = base64.b64encode(data).decode()
    shown = html.escape(file)
    return f"<a class='lyap-file' download='{shown}' href='data:{kind};base64,{packed}'>{shown}</a> "
