"""The widgets that are open now, so that a lesson's panel can set one to the state that shows a point."""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from typing import Any

__all__ = ["enter", "leave", "opened", "reveal", "show_in_newest", "wait"]

_open: list[tuple[int, weakref.ref[Any]]] = []
_count = 0
# Widgets that wait behind a prediction: they are not on the page, and a hint must not give their secret away.
_waiting: weakref.WeakSet[Any] = weakref.WeakSet()


def enter(view: Any) -> None:
    """Count a widget among the open ones."""
    global _count
    _count += 1
    _open.append((_count, weakref.ref(view)))


def wait(view: Any) -> None:
    """Keep a widget out of reach of hints until `reveal`."""
    _waiting.add(view)


def reveal(view: Any) -> None:
    """Let hints reach a widget again."""
    _waiting.discard(view)


def opened() -> int:
    """Return how many widgets have been opened so far: a moment in the order of the notebook."""
    return _count


def leave(view: Any) -> None:
    """Forget a widget that closes."""
    _open[:] = [(number, ref) for number, ref in _open if ref() not in (None, view)]


def show_in_newest(widget: str, state: Mapping[str, Any], *, before: int | None = None) -> bool:
    """Set the newest open widget of a kind to a state, as one step of undo.

    Parameters
    ----------
    widget : str
        Name of the widget's class.
    state : mapping
        Whole or partial; a widget that cannot show it (another cell, other knobs) is passed over.
    before : int, optional
        A moment that `opened` has told: widgets that were open by then come first, so that a panel speaks of the
        widget above it, not of one further down.

    Returns
    -------
    bool
        Whether there was one.
    """
    newest_first = sorted(_open, key=lambda entry: (before is None or entry[0] <= before, entry[0]), reverse=True)
    for _, ref in newest_first:
        view = ref()
        if view is None or view in _waiting or type(view).__name__ != widget:
            continue
        try:
            view.state = dict(state)
        except (TypeError, ValueError):
            continue
        return True
    return False
