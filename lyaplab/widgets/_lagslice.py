"""The loss along a line in weight space, measured in pieces once the hand rests: a part of the widget of gradients."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import ipywidgets as W

from lyaplab.model import Model
from lyaplab.training.loss_slice import LossSlice, iter_loss_slice, loss_slice
from lyaplab.training.network import Network
from lyaplab.training.reading import as_reading
from lyaplab.training.readout import Readout
from lyaplab.widgets._lagview import LagView
from lyaplab.widgets._lagwords import Shown
from lyaplab.widgets._lossplane import HORIZONS, LossPlane, slice_in_words
from lyaplab.widgets._schedule import LatestWins
from lyaplab.widgets._worker import Job, Worker

__all__ = ["LagSlice"]

# Points of a slice, and of one of a large system.
_POINTS, _FEWER_POINTS, _LARGE = 401, 201, 8


class LagSlice(LagView):
    """A view of gradients with the slice of the loss; not to be used by itself."""

    _readout: Readout | None
    _last_shown: Shown

    def _begin_slicing(self) -> None:
        """Prepare; called once, before anything is drawn."""
        self._slice: tuple[Any, LossSlice] | None = None
        trainable = as_reading(self._subject(self._system.model)).layout.size > 0
        self._sliced = self._shown("slice") and trainable
        self.loss, self._sliced_words = LossPlane(), W.HTML()
        self._refiner = Worker(lock=self._lock, failed=self._job_failed)
        # Nothing at once, the slice once the hand rests: with no budget every picture but the last is coarse.
        self._resting = LatestWins(self._begin_slice, lock=self._lock, budget=-1.0)

    def _ask_for_slice(self, model: Model) -> None:
        """Have the slice measured when the hand rests, unless it is that of this model already."""
        if self._sliced and not self._is_sliced(model):
            self._refiner.stop()  # that of another model, which would only be in the way
            self._resting.request()

    def _is_sliced(self, model: Model) -> bool:
        return self._slice is not None and self._slice[0] == self._slice_key(model)

    def _subject(self, model: Model) -> Model | Network:
        """What the loss is of: the model, or the network with its readout."""
        return model if self._readout is None else Network(model, self._readout)

    def _slice_key(self, model: Model) -> tuple[Any, ...]:
        return (model, tuple(self.x0), self.warmup, self.span, self.direction)

    def _slice_settings(self, model: Model) -> dict[str, Any]:
        """The arguments of `iter_loss_slice`."""
        points = _POINTS if model.d <= _LARGE else _FEWER_POINTS
        return {
            "horizons": HORIZONS,
            "span": self.span,
            "points": points,
            "warmup": self.warmup,
            "seed": self.direction,
        }

    def _begin_slice(self, coarse: bool) -> None:
        if coarse or not self._drew:
            return
        model = self.model
        if self._is_sliced(model):
            return
        key, settings, start = self._slice_key(model), self._slice_settings(model), self._start
        subject = self._subject(model)

        def pieces(stop: Any) -> Iterator[LossSlice]:
            return iter_loss_slice(subject, x0=start, **settings)

        def deliver(found: LossSlice) -> None:
            if key != self._slice_key(self.model):
                return  # of a system that is no longer on show
            self._show_slice(found)
            if len(found.distances) == settings["points"]:
                self._slice = (key, found)
                self._speaking.request()

        self._refiner.start(Job(pieces, deliver))

    def _show_slice(self, found: LossSlice) -> None:
        self.loss.show(found, self.span)
        before = "The loss of following this orbit for T steps, along a line in weight space, each by its largest."
        self._sliced_words.value = f"<div>{before} {slice_in_words(found)}</div>"

    def _finish(self) -> LossSlice | None:
        """Give the slice of what is on show, here and now; the lock is held."""
        if not self._sliced:
            return None
        model = self._last_shown.model
        if self._slice is None or not self._is_sliced(model):
            found = loss_slice(self._subject(model), x0=self._start, **self._slice_settings(model))
            self._slice = (self._slice_key(model), found)
            self._show_slice(found)
            self._speaking.request()
        return self._slice[1]

    def settle(self) -> None:
        """Draw what is pending, with the slice, before returning."""
        super().settle()
        with self._lock:
            if self._drew and self.error is None:
                self._finish()

    def _speak(self, coarse: bool) -> None:
        """Speak of finished pictures only: words about an unfinished one would have to wait for it."""
        if self.error is not None or not self._sliced or self._is_sliced(self.model):
            super()._speak(coarse)

    def _close_board(self) -> None:
        self._resting.close()
        with self._lock:  # a slice that is just being asked for has been by now
            pass
        self._refiner.close()
        super()._close_board()

    def link(self) -> str:
        """Write the whole state as a text that `ll.open` turns into this widget again; a readout does not fit in."""
        if self._readout is not None:
            raise ValueError("the readout is your own and does not fit a link: keep it with network.save('net.npz')")
        return super().link()
