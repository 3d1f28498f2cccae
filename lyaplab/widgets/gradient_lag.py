"""Gradients against lag: one product of Jacobians, read forwards as growth of errors and backwards as gradient."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import ipywidgets as W
import numpy as np

from lyaplab.model import Model
from lyaplab.training import loss_slice
from lyaplab.training.loss_slice import LossSlice
from lyaplab.training.network import Network
from lyaplab.training.reading import as_reading
from lyaplab.widgets import _lagwords as words
from lyaplab.widgets._chain import Chain
from lyaplab.widgets._chainrow import ChainRow
from lyaplab.widgets._explorer import Explorer
from lyaplab.widgets._growthplane import GrowthPlane, common_limits, taken
from lyaplab.widgets._lagview import LagView
from lyaplab.widgets._lagwords import Exponent, Shown
from lyaplab.widgets._lossplane import HORIZONS, LossPlane, slice_in_words
from lyaplab.widgets._schedule import LatestWins, breathe
from lyaplab.widgets._stage import Stage
from lyaplab.widgets._worker import Job, Worker

__all__ = ["GradientLag"]

# Floating-point operations, about, of the exponent's estimate, and how many steps they buy; a coarse one takes a part.
_EXPONENT_WORK, _EXPONENT_STEPS, _COARSE = 5e7, (500, 10_000), 4
# Points of a slice, and of one of a large system.
_POINTS, _FEWER_POINTS, _LARGE = 401, 201, 8


class GradientLag(LagView):
    """The Jacobians along an orbit as a chain of boxes, J_T ... J_2 J_1, multiplied from either end.

    From the right, a tangent goes along: how errors grow ahead. From the left, a gradient: how far back it reaches.
    Two panels follow the norm of either product, with the slope that the largest Lyapunov exponent predicts. Below,
    the loss of following the orbit for ever more steps, along a direction of weight space: what gradients descend.

    Parameters
    ----------
    system : str, Cell, Model or function, optional
        ``"tanh"``, ``"plrnn"``, ``"lstm"``, a Model with weights of its own, a learner's own map. A name alone opens
        two state variables, or a random network with ``n=50``.
    preset : str, optional
        A regime: "fixed point", "cycle", "quasi-periodic" or "chaos", as far as the cell has them; for two units of
        tanh "orthogonal" too; or a preset of the cell's card.
    network : Network, optional
        A trained network in the place of `system`: its model is shown, and its readout makes the loss.
    hide : iterable of str, optional
        Controls and figures that are not shown; beside those of every widget "chain", "growth" and "slice".
    **params
        Sizes and knobs (``n=50``, ``gain=1.8``) and the view: ``box`` Jacobians in each of the ten boxes, ``forward``
        and ``backward`` boxes multiplied from the right and from the left, ``side`` the end that Step multiplies from,
        ``warmup`` steps before the chain, ``x0`` the first state, ``clip`` the most that the norm of the gradient may
        be, ``truncate`` the longest lag that it is followed, ``span`` how far the loss is followed, ``direction`` the
        seed of where to.

    Raises
    ------
    ValueError
        When a name is unknown, or the system is too large for products of whole Jacobians.

    Examples
    --------
    >>> view = GradientLag("tanh", preset="chaos", box=10)
    >>> numbers = view.numbers()
    >>> bool(abs(numbers["forward"][-1] - numbers["backward"][-1]) < 1e-12)  # one product
    True
    >>> view.close()
    """

    title = "Gradient lag"
    sentence = "One product of Jacobians: errors grow along it forwards, gradients backwards."
    groups = (*Explorer.groups, "chain", "growth", "slice")
    structure = {"n": 2}

    def __init__(
        self,
        system: Any = "tanh",
        *,
        preset: str | None = None,
        network: Network | None = None,
        hide: Iterable[str] = (),
        **params: Any,
    ) -> None:
        if network is not None and not isinstance(network, Network):
            raise TypeError(f"network must be a Network, got {type(network).__name__}")
        self._readout = None if network is None else network.readout
        super().__init__(system if network is None else network.model, preset=preset, hide=hide, **params)

    def _build(self) -> Sequence[Stage]:
        self._chain: tuple[Any, Chain] | None = None
        self._exponent: tuple[Any, Exponent] | None = None
        self._slice: tuple[Any, LossSlice] | None = None
        trainable = as_reading(self._subject(self._system.model)).layout.size > 0
        self._sliced = self._shown("slice") and trainable
        self._refiner = Worker(lock=self._lock, failed=self._job_failed)
        # Nothing at once, the slice once the hand rests: with no budget every picture but the last is coarse.
        self._resting = LatestWins(self._begin_slice, lock=self._lock, budget=-1.0)
        self.row = ChainRow()
        self.back = GrowthPlane("left", dragged=self._dragged_backward)
        self.ahead = GrowthPlane("right", dragged=self._dragged_forward)
        self.loss = LossPlane()
        self._duality, self._sliced_words = W.HTML(), W.HTML()
        for below in (self._duality, self._sliced_words):
            below.add_class("lyap-numbers")
            below.add_class("lyap-below")
        return (self.row.stage, self.back.stage, self.ahead.stage, self.loss.stage)

    def _stage_boxes(self) -> Sequence[W.Widget]:
        planes = [self.back.stage.box, self.ahead.stage.box]
        for box in planes:
            box.layout.flex = "1 1 300px"
            box.layout.align_self = "flex-end"  # legends differ in height, the plots beside each other do not
        pair = W.HBox(planes)
        pair.add_class("lyap-figures-row")
        chain = [self.row.stage.box, self._duality] if self._shown("chain") else []
        loss = [self.loss.stage.box, self._sliced_words] if self._sliced else []
        stack = W.VBox([*chain, *([pair] if self._shown("growth") else []), *loss])
        stack.add_class("lyap-stack")
        return [stack]

    def _still_stages(self) -> Sequence[Stage]:
        chain = [self.row.stage] if self._shown("chain") else []
        loss = [self.loss.stage] if self._sliced else []
        return [*chain, *([self.back.stage, self.ahead.stage] if self._shown("growth") else []), *loss]

    def _subject(self, model: Model) -> Model | Network:
        """What the loss is of: the model, or the network with its readout."""
        return model if self._readout is None else Network(model, self._readout)

    def _dragged_forward(self, boxes: int) -> None:
        self.forward, self.side = boxes, "right"

    def _dragged_backward(self, boxes: int) -> None:
        self.backward, self.side = boxes, "left"

    # --- the picture ---------------------------------------------------------------------------

    def _draw(self, coarse: bool) -> None:
        """Show the curves first, then the boxes."""
        model = self.model
        chain = self._chain_of(model, coarse)
        exponent = self._exponent_of(model, coarse)
        left = taken(chain.backward.log_lengths, clip=self.clip, truncate=self.truncate)
        line = exponent.value * np.array([0.0, chain.steps])
        curves = [
            part for growing in (chain.forward, chain.backward) for part in (growing.log_norms, growing.log_lengths)
        ]
        limits = common_limits(line, *curves, *([] if left is None else [left]))
        self.ahead.show(chain.forward, self.forward, exponent.value, limits)
        with self.back.stage.redraw():
            self.back.show(chain.backward, self.backward, exponent.value, limits)
            self.back.show_taken(left)
        breathe()
        self.row.show(chain, self.forward, self.backward, side=self.side)
        self._last_shown = Shown(
            model=model, knobs=self._knob_values(), x0=self._start, warmup=self.warmup, chain=chain, exponent=exponent,
            forward=self.forward, backward=self.backward, clip=self.clip, truncate=self.truncate, taken=left,
        )  # fmt: skip
        self._duality.value = words.duality_html(self._last_shown)
        self._beside.value = words.beside_html(self._last_shown)
        self._show_choices(model.d)
        if self._sliced and (self._slice is None or self._slice[0] != self._slice_key(model)):
            self._resting.request()

    def _chain_of(self, model: Model, coarse: bool) -> Chain:
        key = (model, tuple(self.x0), self.warmup, self._box_of(model.d))
        if self._chain is None or self._chain[0] != key or (self._chain[1].coarse and not coarse):
            box = self._box_of(model.d)
            self._chain = (key, Chain(model, self._start, warmup=self.warmup, box=box, coarse=coarse))
        return self._chain[1]

    def _exponent_of(self, model: Model, coarse: bool) -> Exponent:
        steps = int(np.clip(_EXPONENT_WORK / (model.d**2 + 5e3), *_EXPONENT_STEPS))
        key = (model, tuple(self.x0), self.warmup)
        if self._exponent is None or self._exponent[0] != key or self._exponent[1].steps < (not coarse) * steps:
            some = steps // _COARSE if coarse else steps
            spectrum = model.lyapunov_spectrum(some, k=1, x0=self._start, warmup=self.warmup)
            unit = model.time_step or 1.0
            value, stderr = (float(part[0]) * unit for part in (spectrum.exponents, spectrum.stderr))
            self._exponent = (key, Exponent(value, stderr, some))
        return self._exponent[1]

    # --- the slice of the loss, which takes longer ----------------------------------------------

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
        key, settings, start = self._slice_key(model), self._slice_settings(model), self._start
        if self._slice is not None and self._slice[0] == key:
            return
        subject = self._subject(model)

        def pieces(stop: Any) -> Iterator[LossSlice]:
            return loss_slice.iter_loss_slice(subject, x0=start, **settings)

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
        before = "The loss of following this orbit for T steps, along a line in weight space, each curve by its largest."
        self._sliced_words.value = f"<div>{before} {slice_in_words(found)}</div>"

    def _finish(self) -> LossSlice | None:
        """Give the slice of what is on show, here and now; the lock is held."""
        if not self._sliced:
            return None
        model = self._last_shown.model
        key = self._slice_key(model)
        if self._slice is None or self._slice[0] != key:
            found = loss_slice.loss_slice(self._subject(model), x0=self._start, **self._slice_settings(model))
            self._slice = (key, found)
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
        if (
            self.error is not None
            or not self._sliced
            or (self._slice is not None and self._slice[0] == self._slice_key(self.model))
        ):
            super()._speak(coarse)

    def _close_board(self) -> None:
        self._resting.close()
        with self._lock:  # a slice that is just being asked for has been by now
            pass
        self._refiner.close()
        super()._close_board()

    # --- in words, in numbers, in code ---------------------------------------------------------

    def _describe(self) -> str:
        found = self._finish()
        return " ".join([words.describe(self._last_shown), *([] if found is None else [slice_in_words(found)])])

    def _numbers(self) -> dict[str, Any]:
        found = self._finish()
        more = {} if found is None else {"distances": found.distances, "losses": found.losses}
        return {**words.numbers(self._last_shown), **more}

    def _code(self) -> str:
        found = self._finish()
        more = (
            ""
            if found is None
            else words.slice_code(
                self._last_shown, found, readout=self._readout is not None, span=self.span, seed=self.direction
            )
        )
        return words.code(self._last_shown) + more

    def link(self) -> str:
        """Write the whole state as a text that `ll.open` turns into this widget again; a readout does not fit in."""
        if self._readout is not None:
            raise ValueError("the readout is your own and does not fit a link: keep it with network.save('net.npz')")
        return super().link()
