"""The widgets that are open now, so that a lesson's panel can set one to the state that shows a point."""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from typing import Any

__all__ = ["enter", "leave", "show_in_newest"]

_open: list[weakref.ref[Any]] = []


def enter(view: Any) -> None:
    """Count a widget among the open ones."""
    _open.append(weakref.ref(view))


def leave(view: Any) -> None:
    """Forget a widget that closes."""
    _open[:] = [ref for ref in _open if ref() not in (None, view)]


def show_in_newest(widget: str, state: Mapping[str, Any]) -> bool:
    """Set the newest open widget of a kind to a state, as one step of undo.

    Parameters
    ----------
    widget : str
        Name of the widget's class.
    state : mapping
        Whole or partial; a widget that cannot show it (another cell, other knobs) is passed over.

    Returns
    -------
    bool
        Whether there was one.
    """
    for ref in reversed(_open):
        view = ref()
        if view is None or type(view).__name__ != widget:
            continue
        try:
            view.state = dict(state)
        except (TypeError, ValueError):
            continue
        return True
    return False
