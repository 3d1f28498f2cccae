"""Controls of what takes time: a long measurement with progress and Stop, and Play."""

from __future__ import annotations

import html
import threading
from collections.abc import Callable, Iterator

import ipywidgets as W

from lyaplab.widgets._controls import button
from lyaplab.widgets._worker import Job, Progress, Worker

__all__ = ["LongRun", "Player"]


class LongRun(W.HBox):
    """A button that begins a long measurement, a Stop button, a bar and the time left.

    Both buttons stay enabled and in place all the time: a disabled button would drop the keyboard's
    focus, a vanishing one would be missed by the finger.

    Parameters
    ----------
    text, tip : str
        The button's words.
    begin : callable
        Makes the job when the button is pressed.
    lock : threading.RLock
        The view's lock.
    failed : callable
        Takes the exception of a failed job.
    guarded : callable
        Wraps an action so that its exceptions are shown.
    """

    def __init__(
        self,
        text: str,
        begin: Callable[[], Job],
        *,
        tip: str = "",
        lock: threading.RLock,
        failed: Callable[[BaseException], None],
        guarded: Callable[[Callable[[], None]], Callable[[], None]],
    ) -> None:
        self._begin = begin
        self._silent = False
        self.worker = Worker(lock=lock, report=self._report, failed=failed)
        self.go = button(text, guarded(self.start), tip=tip, name="measure")
        self.halt = button("Stop", guarded(self.stop), tip="end the run; what is there stays", name="stop")
        self.bar = W.FloatProgress(min=0.0, max=1.0, layout=W.Layout(width="90px", height="10px"))
        self.note = W.HTML()
        self.note.add_class("lyap-numbers")
        super().__init__([self.go, self.halt, self.bar, self.note])
        self.add_class("lyap-run")

    def start(self) -> None:
        """Begin the measurement, from the beginning if one is under way; returns at once."""
        self._silent = False
        self.add_class("lyap-running")
        self.worker.start(self._begin())

    def stop(self) -> None:
        """End it before its next piece; returns at once."""
        self.worker.stop()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it has ended; True when that came before `timeout` seconds."""
        return self.worker.wait(timeout)

    def clear(self) -> None:
        """Stop, and forget the bar: the picture that was measured is no longer shown."""
        self._silent = True
        self.worker.stop()
        self.remove_class("lyap-running")
        self.bar.value = 0.0
        self.note.value = ""

    def close(self) -> None:
        """Stop, wait for the thread, close the controls."""
        self.worker.close()
        super().close()

    def _report(self, progress: Progress) -> None:
        if self._silent:
            return
        if progress.phase != "running":
            self.remove_class("lyap-running")
        if progress.fraction == progress.fraction:
            self.bar.value = progress.fraction
        self.note.value = f"<span>{html.escape(str(progress))}</span>"


class Player:
    """Play: one step after the other, slowly enough for the eye, until Pause or the end.

    Parameters
    ----------
    step : callable
        One event; returns False when there is nothing more to play.
    begin : callable
        Called before the first step.
    every : float
        Seconds between two steps; a step that takes longer is never overtaken by the next.
    lock, failed
        As for `Worker`.
    """

    def __init__(
        self,
        step: Callable[[], bool],
        *,
        begin: Callable[[], None],
        every: float,
        lock: threading.RLock,
        failed: Callable[[BaseException], None],
        guarded: Callable[[Callable[[], None]], Callable[[], None]],
    ) -> None:
        self._step, self._begin, self._every = step, begin, every
        self._over = threading.Event()
        self.worker = Worker(lock=lock, report=self._report, failed=failed)
        self.button = button("Play", guarded(self.toggle), tip="one step after the other", name="play")

    @property
    def playing(self) -> bool:
        """Whether it plays now."""
        return self.worker.running

    def toggle(self) -> None:
        """Play, or pause."""
        self.pause() if self.playing else self.play()

    def play(self) -> None:
        """Begin to play; returns at once."""
        self._begin()
        self._over.clear()
        self.worker.start(Job(self._ticks, self._tick))

    def pause(self) -> None:
        """Pause before the next step; returns at once."""
        self.worker.stop()

    def close(self) -> None:
        """Pause and wait for the thread."""
        self.worker.close()

    def _ticks(self, stop: threading.Event) -> Iterator[None]:
        while not (self._over.is_set() or stop.is_set()):
            yield None
            stop.wait(self._every)

    def _tick(self, _: None) -> None:
        if not self._step():
            self._over.set()

    def _report(self, progress: Progress) -> None:
        # the button keeps its place and its focus, only its word changes
        self.button.description = "Pause" if progress.phase == "running" else "Play"
