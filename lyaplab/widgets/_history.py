"""What undo goes back to: a bounded list of states in which one gesture is one step."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Any

__all__ = ["History"]

GESTURE = 0.8
"""Seconds within which further changes of the same thing belong to the same drag."""

LENGTH = 100
"""How many steps are kept."""


class History:
    """The states before each gesture, newest last.

    ipywidgets do not tell when a finger leaves a slider, so a gesture is what changes the same
    thing without a longer pause.

    Parameters
    ----------
    length : int
        How many steps are kept; the oldest are forgotten.
    now : callable
        The clock, in seconds.

    Examples
    --------
    >>> history = History(now=lambda: 0.0)
    >>> for value in (1, 2, 3):         # one drag of r
    ...     history.remember({"r": value - 1}, what="r")
    >>> len(history), history.back()
    (1, {'r': 0})
    """

    def __init__(self, *, length: int = LENGTH, now: Callable[[], float] = time.monotonic) -> None:
        self._states: deque[Any] = deque(maxlen=length)
        self._now = now
        self._what: str | None = None
        self._when = 0.0

    def __len__(self) -> int:
        return len(self._states)

    def remember(self, before: Any, *, what: str | None) -> None:
        """Keep the state `before` a change of `what`, unless the same drag goes on.

        ``what=None`` is a change that always counts by itself, such as a preset.
        """
        now = self._now()
        same = what is not None and what == self._what and now - self._when < GESTURE
        self._what, self._when = what, now
        if not same:
            self._states.append(before)

    def pause(self) -> None:
        """End the gesture: the next change is a step of its own."""
        self._what = None

    def back(self) -> Any:
        """Take out the state before the last gesture; None when there is none."""
        self._what = None
        return self._states.pop() if self._states else None
