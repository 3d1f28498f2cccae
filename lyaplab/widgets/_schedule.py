"""Latest wins: while values stream in, only the newest one is drawn.

A slider that is dragged sends values faster than a picture can follow. This scheduler draws at most
`frame` seconds apart, forgets every value but the newest, draws coarsely while full pictures are
known to be slow, and draws in full once the values have come to rest.

It owns no thread while nothing is pending. The clock and the timer are given from outside, so that
tests turn time by hand.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Protocol

__all__ = ["BUDGET", "FRAME", "LONGEST_PAUSE", "REST", "LatestWins", "Timer", "breathe", "on_thread"]

BUDGET = 0.030
"""Seconds that a picture may take while a finger moves."""

FRAME = 1 / 25
"""Seconds between the beginnings of two pictures: the browser sends no back-pressure."""

REST = 0.150
"""Seconds without a new value after which a finger counts as resting."""

LONGEST_PAUSE = 0.25
"""Seconds after a slow picture before the next may begin, at most."""


BREATH = 0.004
"""Seconds that the page is given to take up the first marks of a picture."""


def breathe() -> None:
    """Let the page take up what it was sent, before the rest of a picture is computed.

    A message waits for the thread that hands it on, which gets no turn while another computes; server and page need
    a processor too. Without this, the first marks come with the last.
    """
    time.sleep(BREATH)


class Timer(Protocol):
    """What a `later` function returns: something that can be called off."""

    def cancel(self) -> None:
        """Call the timer off; it does nothing when it has fired already."""


def on_thread(delay: float, action: Callable[[], None]) -> Timer:
    """Run `action` after `delay` seconds on a daemon thread.

    Parameters
    ----------
    delay : float
        Seconds from now; negative counts as zero.
    action : callable
        Called without arguments.

    Returns
    -------
    Timer
        Its `cancel` calls the action off.

    Examples
    --------
    >>> on_thread(60.0, print).cancel()
    """
    timer = threading.Timer(max(0.0, delay), action)
    timer.name = "lyaplab-timer"
    timer.daemon = True
    timer.start()
    return timer


class LatestWins:
    """Draw the newest state, never more often than the eye or the wire can take.

    Parameters
    ----------
    draw : callable
        ``draw(coarse)``; reads the newest state itself. It is never run twice at once.
    lock : threading.RLock, optional
        Held while drawing.
    frame, rest, budget : float
        Seconds; see the constants of this module.
    now, later : callable
        The clock, in seconds, and the timer; tests give their own.

    Examples
    --------
    A first value is drawn at once, on the thread that brings it; of those that follow within one
    frame only the last is drawn.

    >>> pictures = []
    >>> stopped_clock = lambda: 0.0
    >>> schedule = LatestWins(
    ...     lambda coarse: pictures.append("coarse" if coarse else "full"), now=stopped_clock)
    >>> for _ in range(10):
    ...     schedule.request()
    >>> schedule.flush()
    >>> pictures
    ['full', 'full']
    >>> schedule.close()
    """

    def __init__(
        self,
        draw: Callable[[bool], None],
        *,
        lock: threading.RLock | None = None,
        frame: float = FRAME,
        rest: float = REST,
        budget: float = BUDGET,
        now: Callable[[], float] = time.monotonic,
        later: Callable[[float, Callable[[], None]], Timer] = on_thread,
    ) -> None:
        self._draw = draw
        self._lock = lock if lock is not None else threading.RLock()
        self._frame, self._rest, self._budget = frame, rest, budget
        self._now, self._later = now, later
        self._mutex = threading.Lock()  # guards the fields below; held for a few instructions only
        self._wanted = False  # a value has come that no picture shows
        self._unfinished = False  # the last picture was a coarse one
        self._drawing = False
        self._closed = False
        self._next_frame = float("-inf")
        self._last_request = float("-inf")
        self._timer: Timer | None = None
        self._fired: Timer | None = None  # the last timer that ran; its thread may still be at it
        self.full_cost = 0.0
        """Seconds that the last full picture took."""

    @property
    def pending(self) -> bool:
        """Whether a picture is still to come."""
        return self._wanted or self._unfinished

    def request(self) -> None:
        """Say that the state has changed; returns at once, or after one picture.

        The first value after a pause is drawn here and now: no thread switch, least delay. A value
        that comes too early for the next frame, or while another thread draws, waits for a timer.
        """
        with self._mutex:
            if self._closed:
                return
            self._wanted = True
            self._last_request = self._now()
            if self._drawing:
                return  # whoever draws sees the flag when the picture is done
            if self._last_request < self._next_frame or not self._lock.acquire(blocking=False):
                self._arm(max(self._next_frame, self._last_request))
                return
            self._drawing = True
        try:
            self._picture(coarse=self.full_cost > self._budget)
        finally:
            self._lock.release()

    def flush(self) -> None:
        """Draw what is pending, in full, before returning."""
        with self._lock:
            with self._mutex:
                if self._closed or self._drawing or not self.pending:
                    return
                self._drawing = True
            self._picture(coarse=False)

    def close(self) -> None:
        """Forget what is pending; nothing is drawn afterwards."""
        with self._mutex:
            self._closed = True
            self._wanted = self._unfinished = False
            timer, self._timer = self._timer, None
            timers = timer, self._fired
        if timer is not None:
            timer.cancel()
        for each in timers:
            if isinstance(each, threading.Thread) and each is not threading.current_thread():
                each.join(2.0)

    def _picture(self, *, coarse: bool) -> None:
        """Draw once, then see what is left to do; `_lock` is held and `_drawing` is set."""
        with self._mutex:
            self._wanted = False
            started = self._now()
        try:
            self._draw(coarse)
        finally:
            with self._mutex:
                ended = self._now()
                self._drawing = False
                self._unfinished = coarse
                if not coarse:
                    self.full_cost = ended - started
                # a slow picture leaves the other threads half its time to breathe; one that had to
                # compile took seconds, and nobody should wait for as long again
                pause = min((ended - started) / 2, LONGEST_PAUSE)
                self._next_frame = max(started + self._frame, ended + pause)
                if self._wanted:
                    self._arm(self._next_frame)
                elif self._unfinished:
                    self._arm(self._last_request + self._rest)

    def _arm(self, due: float) -> None:
        """See that `_wake` runs at `due`; a timer that is set already is kept. `_mutex` is held."""
        if self._timer is None and not self._closed:
            self._timer = self._later(max(0.0, due - self._now()), self._wake)

    def _wake(self) -> None:
        """A timer fired: draw the newest state, or wait on if it came too early."""
        with self._lock:
            with self._mutex:
                self._timer, self._fired = None, self._timer
                if self._closed or self._drawing or not self.pending:
                    return
                now = self._now()
                resting = now >= self._last_request + self._rest
                due = self._next_frame if self._wanted else self._last_request + self._rest
                if now < due:
                    self._arm(due)
                    return
                coarse = not resting and self.full_cost > self._budget
                self._drawing = True
            self._picture(coarse=coarse)
