"""Layers on top of each other: models that feed each other, as one model."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lyaplab.kernel.card import Bounds, Card, Parameter
from lyaplab.kernel.cell import Cell
from lyaplab.kernel.stack import stack_of
from lyaplab.model.measures import Model
from lyaplab.model.settings import settle
from lyaplab.model.storage import header_of

__all__ = ["Stack"]

Array = NDArray[np.float64]


class Stack(Model):
    """A model made of layers; `Model.stack` makes it.

    The state is that of layer 1, then that of layer 2, and so on. At every step layer l is fed by the new h of layer
    l - 1: the first of its state's names. Weights carry the number of their layer: W1, U1, b1, W2, ...

    Parameters
    ----------
    layers : iterable of Model
        From the bottom to the top. Layers that are stacks themselves are taken apart.

    Attributes
    ----------
    layers : tuple of Model
        The layers, each by itself.

    Examples
    --------
    >>> net = Stack([Model("lstm", n=3, m=2), Model("tanh", n=4, m=3)])
    >>> net.d, net.m, net.state_names[-1], net.weights["U2"].shape
    (10, 2, 'layer2.h4', (4, 3))
    """

    def __init__(self, layers: Iterable[Model]) -> None:
        parts = _checked(layers)
        card = _card(parts)
        cell = stack_of([layer.cell for layer in parts], card=card)
        arrays = [array for layer in parts for array in layer.weights.values()]
        self._layers: tuple[Model, ...] | None = parts
        self._kinds = tuple(layer.cell for layer in parts)
        self._hold(cell, settle(card, dict(zip(card.names, arrays, strict=True))))

    @property
    def layers(self) -> tuple[Model, ...]:
        """The layers, each by itself."""
        if self._layers is None:
            arrays = iter(self.weights.values())
            own = [{name: next(arrays) for name in kind.card.names} for kind in self._kinds]
            self._layers = tuple(map(lambda kind, arrays: Model.from_arrays(kind, **arrays), self._kinds, own))
        return self._layers

    def with_knobs(self, **values: float) -> Stack:
        """Return a stack with some knobs at other values."""
        made = Stack.__new__(Stack)
        made._layers, made._kinds = None, self._kinds
        made._hold(self.cell, self._settings.turned(values))
        return made

    def with_weights(self, **arrays: ArrayLike) -> Stack:
        """Return a stack with some arrays of your own in place of those it has: W1, U1, b1, W2, ..."""
        made = Stack.__new__(Stack)
        made._layers, made._kinds = None, self._kinds
        made._hold(self.cell, self._settings_with(arrays))
        return made

    def _contents(self) -> tuple[dict[str, Any], dict[str, Array]]:
        """Return the header and the arrays of its file: the names and sizes of all layers, and their weights."""
        layers = [(layer.cell.name, layer.settings) for layer in self.layers]
        return header_of(self.cell.name, self.settings, layers=layers), self._settings.weights

    def __repr__(self) -> str:
        lines = [f"  {layer.in_words()}," for layer in self.layers]
        return "\n".join(["Model.stack([", *lines, f"])\n  {self._size_in_words()}\n  {self.verdict}"])


def _checked(layers: Iterable[Model]) -> tuple[Model, ...]:
    """Return the layers, stacks taken apart, if each can be fed by the one below."""
    if isinstance(layers, Model) or not isinstance(layers, Iterable):
        raise TypeError(f"layers must be a list of models, got {type(layers).__name__}")
    parts: list[Model] = []
    for place, layer in enumerate(layers):
        if not isinstance(layer, Model):
            raise TypeError(f"layers[{place}] must be a Model, got {type(layer).__name__}")
        parts += layer.layers if isinstance(layer, Stack) else [layer]
    if not parts:
        raise ValueError("layers must hold at least one model, got none")
    for number, layer in enumerate(parts, start=1):
        name = f"layer {number} ({layer.cell.name})"
        if layer.time_step is not None:
            raise ValueError(
                f"layers must be maps, but {name} is a flow with dt={layer.time_step:g}: a step of it is no step of"
                " the others (for a network in steps take 'leaky')"
            )
        if number == 1:
            continue
        below = parts[number - 2]
        width, word = _shown(below.cell, below._p), _word(below.cell)
        if layer.m != width:
            raise ValueError(
                f"{name} takes m={layer.m} inputs, but layer {number - 1} ({below.cell.name}) shows {word} of"
                f" {width}: make it with m={width}"
            )
        if not layer.cell.has("push_inputs"):
            raise ValueError(
                f"{name} cannot be fed by another layer: its Cell lacks the derivatives by the input, push_inputs and"
                " pull_inputs"
            )
    return tuple(parts)


def _word(cell: Cell) -> str:
    return cell.card.state[0]


def _shown(cell: Cell, p: tuple[Array, ...]) -> int:
    """How many columns of its state a layer shows: those of the first name, such as h of h and c."""
    return int(cell.size(p)[0]) // len(cell.card.state)


def _card(layers: tuple[Model, ...]) -> Card:
    """Describe a stack by the cards of its layers."""
    cards = [layer.card for layer in layers]
    numbered = list(enumerate(layers, start=1))
    has_start = any(layer.preset is not None or layer.card.start is not None for layer in layers)
    views = [layer.view for layer in layers]
    return Card(
        title="stack of layers: " + ", ".join(card.title or layer.cell.name for card, layer in zip(cards, layers)),
        equation=r"h^{(l)}_{t+1} = F_l(h^{(l)}_t, h^{(l-1)}_{t+1})",
        equation_text="h_l' = F_l(h_l, h_(l-1)'), layer by layer",
        parameters=tuple(_parameter(p, layer, number) for number, layer in numbered for p in layer.card.parameters),
        state=tuple(f"layer{number}.{name}" for number, layer in numbered for name in layer.state_names),
        size=sum(layer.n for layer in layers),
        bounds=_bounds(layers),
        view=(np.concatenate([low for low, _ in views]), np.concatenate([high for _, high in views])),
        start=tuple(np.concatenate([layer.start for layer in layers])) if has_start else None,
    )


def _parameter(parameter: Parameter, layer: Model, number: int) -> Parameter:
    """Describe a parameter of one layer as one of the stack: numbered, and of the size that it has."""
    shape: tuple[str | int, ...] = parameter.resolve({"n": layer.n, "m": layer.m})
    if number == 1:  # the inputs of the first layer are those of the stack
        shape = tuple("m" if symbol == "m" else length for symbol, length in zip(parameter.shape, shape, strict=True))
    letter, _, below = (parameter.tex or parameter.name).partition("_")
    mask = parameter.mask
    return replace(
        parameter,
        name=f"{parameter.name}{number}",
        shape=shape,
        tex=f"{letter}^{{({number})}}" + (f"_{below}" if below else ""),
        about=f"layer {number}: {parameter.about}",
        mask=None if mask is None else lambda _: mask(layer.n),
    )


def _bounds(layers: tuple[Model, ...]) -> Bounds:
    """Return the box of the stack's fixed points: each layer's, fed by anything in the box of the one below."""
    if any(layer.card.bounds is None for layer in layers):
        return None
    cells = [layer.cell for layer in layers]

    def bounds(p: tuple[Array, ...], u: Array) -> tuple[Array, Array] | None:
        lows, highs, first = [], [], 0
        fed = u
        for cell in cells:
            own = p[first : first + len(cell.card.parameters)]
            first += len(own)
            box = cell.card.bounds
            assert box is not None
            sides = box(own, fed) if callable(box) else box
            if sides is None:
                return None
            low, high = (np.broadcast_to(np.asarray(side, dtype=float), cell.size(own)[0]) for side in sides)
            width = _shown(cell, own)
            fed = np.stack([low[:width], high[:width]])
            lows.append(low)
            highs.append(high)
        return np.concatenate(lows), np.concatenate(highs)

    return bounds
