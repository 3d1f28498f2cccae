"""Gradients against lag: one product of Jacobians, read forwards as growth of errors and backwards as gradient."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import ipywidgets as W
import numpy as np

from lyaplab.model import Model
from lyaplab.training.network import Network
from lyaplab.widgets import _lagwords as words
from lyaplab.widgets._chain import Chain
from lyaplab.widgets._chainrow import ChainRow
from lyaplab.widgets._explorer import Explorer
from lyaplab.widgets._growthplane import GrowthPlane, common_limits, taken
from lyaplab.widgets._lagslice import LagSlice
from lyaplab.widgets._lagwords import Exponent, Shown
from lyaplab.widgets._lossplane import slice_in_words
from lyaplab.widgets._schedule import breathe
from lyaplab.widgets._stage import Stage

__all__ = ["GradientLag"]

# Floating-point operations, about, of the exponent's estimate, and how many steps they buy; a coarse one takes a part.
_EXPONENT_WORK, _EXPONENT_STEPS, _COARSE = 5e7, (500, 10_000), 4


class GradientLag(LagSlice):
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
        self._begin_slicing()
        self.row = ChainRow()
        self.back = GrowthPlane("left", dragged=self._dragged_backward)
        self.ahead = GrowthPlane("right", dragged=self._dragged_forward)
        self._duality = W.HTML()
        for below in (self._duality, self._sliced_words):
            below.add_class("lyap-numbers")
            below.add_class("lyap-below")
        self._parts += (self._duality, self._sliced_words)
        return (self.row.stage, self.back.stage, self.ahead.stage, self.loss.stage)

    def _stage_boxes(self) -> Sequence[W.Widget]:
        planes = [self.back.stage.box, self.ahead.stage.box]
        for box in planes:
            box.layout.flex = "1 1 300px"
            box.layout.align_self = "flex-end"  # legends differ in height, the plots beside each other do not
        pair = W.HBox(planes)
        pair.add_class("lyap-figures-row")
        self._parts += (pair,)
        chain = [self.row.stage.box, self._duality] if self._shown("chain") else []
        loss = [self.loss.stage.box, self._sliced_words] if self._sliced else []
        stack = W.VBox([*chain, *([pair] if self._shown("growth") else []), *loss])
        stack.add_class("lyap-stack")
        return [stack]

    def _still_stages(self) -> Sequence[Stage]:
        chain = [self.row.stage] if self._shown("chain") else []
        loss = [self.loss.stage] if self._sliced else []
        return [*chain, *([self.back.stage, self.ahead.stage] if self._shown("growth") else []), *loss]

    def _dragged_forward(self, boxes: int) -> None:
        self.forward, self.side = boxes, "right"

    def _dragged_backward(self, boxes: int) -> None:
        self.backward, self.side = boxes, "left"

    def _introduction(self) -> str:
        alone = self._sliced and not (self._shown("chain") or self._shown("growth"))
        return "How well neighbours in weight space follow one orbit." if alone else self.sentence

    # --- the picture ---------------------------------------------------------------------------

    def _draw(self, coarse: bool) -> None:
        """Show the curves first, then the boxes."""
        model = self.model
        chain = self._chain_of(model, coarse)
        exponent = self._exponent_of(model, coarse)
        left = taken(chain.backward.log_lengths, clip=self.clip, truncate=self.truncate)
        slope = exponent.value * chain.steps
        curves = [
            part for growing in (chain.forward, chain.backward) for part in (growing.log_norms, growing.log_lengths)
        ]
        limits = common_limits(slope, *curves, *([] if left is None else [left]))
        self.ahead.show(chain.forward, self.forward, exponent.value, limits)
        with self.back.stage.redraw():
            self.back.show(chain.backward, self.backward, exponent.value, limits)
            self.back.show_taken(left)
        breathe()
        self.row.show(chain, self.forward, self.backward, side=self.side)
        self._last_shown = Shown(
            model=model, knobs=self._knob_values(), x0=self._start, warmup=self.warmup, chain=chain, exponent=exponent,
            forward=self.forward, backward=self.backward, clip=self.clip, truncate=self.truncate, taken=left,
            boxes=self._shown("chain"), curves=self._shown("growth"),
        )  # fmt: skip
        self._duality.value = words.duality_html(self._last_shown)
        self._beside.value = words.beside_html(self._last_shown)
        self._show_choices(model.d)
        self._ask_for_slice(model)

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
