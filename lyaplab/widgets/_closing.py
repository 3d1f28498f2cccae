"""Close a widget and everything it is made of.

`Widget.close` closes one model only: its layout, style, children, marks and scales would stay in the
kernel's registry, and in the page, for the rest of the session.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import ipywidgets as W

__all__ = ["close_tree"]


def close_tree(root: W.Widget, *, keep: tuple[W.Widget, ...] = ()) -> None:
    """Close `root` and all widgets that its traits hold, except `keep` and what those hold.

    Examples
    --------
    >>> box = W.VBox([W.Button()])
    >>> button = box.children[0]
    >>> close_tree(box)
    >>> button.comm is None, button.style.comm is None
    (True, True)
    """
    kept: dict[int, W.Widget] = {}
    for widget in keep:
        _collect(widget, kept)
    found = dict(kept)
    _collect(root, found)
    for identity, widget in found.items():
        if identity not in kept:
            widget.unobserve_all()
            W.Widget.close(widget)


def _collect(widget: W.Widget, found: dict[int, W.Widget]) -> None:
    if id(widget) in found:
        return
    found[id(widget)] = widget
    for name in widget.keys:
        for part in _widgets_in(getattr(widget, name, None)):
            _collect(part, found)


def _widgets_in(value: Any) -> Iterator[W.Widget]:
    if isinstance(value, W.Widget):
        yield value
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _widgets_in(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _widgets_in(item)
