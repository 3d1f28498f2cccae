"""What a model is: a cell, its settings, and what follows from the two without moving."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lyaplab.cells import find
from lyaplab.engine.regime import Regime, regime
from lyaplab.errors import DivergenceError, unknown
from lyaplab.kernel.card import Card
from lyaplab.kernel.cell import Cell
from lyaplab.model.settings import Knob, Settings, settle

if TYPE_CHECKING:
    from lyaplab.model.measures import Model

__all__ = ["System"]

Array = NDArray[np.float64]


class System:
    """A cell with its weights; `Model` adds how it moves and what is measured."""

    def __init__(self, cell: str | Cell, preset: str | None = None, **params: Any) -> None:
        if isinstance(cell, str):
            cell = find(cell)
        elif not isinstance(cell, Cell):
            raise TypeError(f"cell must be a name or a Cell, got {type(cell).__name__}")
        chosen = dict(cell.card.preset(preset).params) if preset is not None else {}
        self._hold(cell, settle(cell.card, {**chosen, **params}), preset)

    def _hold(self, cell: Cell, settings: Settings, preset: str | None = None) -> None:
        self.cell = cell
        self.preset = preset
        self._settings = settings
        self._p = settings.arrays
        cell.rehearse(self._p)
        self.d = cell.size(self._p)[0]
        self.m = cell.inputs(self._p)

    @classmethod
    def from_arrays(cls, cell: str | Cell, **arrays: Any) -> Self:
        """Make a model of your own weights, in the field's usual layout (see the cell's card).

        Examples
        --------
        >>> from lyaplab import Model
        >>> Model.from_arrays("tanh", W=[[0.0, 1.0], [-1.0, 0.0]]).d
        2
        """
        return cls(cell, **arrays)

    @staticmethod
    def stack(layers: Iterable[Model]) -> Model:
        """Put models on top of each other: each is fed by the new h of the one below.

        Parameters
        ----------
        layers : iterable of Model
            From the bottom to the top; the m of each is the number of units of the one below.

        Returns
        -------
        Stack
            A Model whose state goes layer by layer, with weights W1, U1, b1, W2, ... and the attribute `layers`.

        Raises
        ------
        ValueError, TypeError
            If a layer is a flow, or takes another number of inputs than the layer below shows.

        Examples
        --------
        >>> from lyaplab import Model
        >>> net = Model.stack([Model("gru", n=8, m=2, seed=1), Model("tanh", n=5, m=8, seed=2)])
        >>> net.d, net.m, list(net.weights)
        (13, 2, ['W1', 'U1', 'b1', 'b_n1', 'reset_after1', 'W2', 'U2', 'b2'])
        """
        from lyaplab.model.stack import Stack  # a stack is itself a Model

        return Stack(layers)

    @classmethod
    def _with(cls, cell: Cell, settings: Settings, preset: str | None = None) -> Self:
        model = cls.__new__(cls)
        model._hold(cell, settings, preset)
        return model

    def _holding(self, weights: Mapping[str, Array]) -> Self:
        """Return this model with other arrays, which the same numbers are said to have made."""
        arrays = {name: array.copy() for name, array in weights.items()}
        return self._with(self.cell, replace(self._settings, weights=arrays), self.preset)

    # What it is.

    @property
    def card(self) -> Card:
        """Parameters, presets and known values of the cell."""
        return self.cell.card

    @property
    def n(self) -> int:
        """Number of units."""
        return self._settings.n

    @cached_property
    def weights(self) -> Mapping[str, Array]:
        """The parameter arrays by the card's names, read-only."""
        copies = {name: array.copy() for name, array in self._settings.weights.items()}
        for array in copies.values():
            array.flags.writeable = False
        return MappingProxyType(copies)

    @property
    def settings(self) -> Mapping[str, Any]:
        """What made the weights: n, m and, for a random network, gain and seed and the options said."""
        return MappingProxyType(self._settings.hyper)

    @property
    def own_weights(self) -> bool:
        """Whether the recurrent weights were given rather than drawn."""
        return self._settings.own

    @cached_property
    def knobs(self) -> dict[str, Knob]:
        """What sliders can turn: single weights of small systems, scalars, and what makes a random network."""
        return self._settings.knobs()

    def with_knobs(self, **values: float) -> Self:
        """Return a model with some knobs at other values.

        Examples
        --------
        >>> from lyaplab import Model
        >>> float(Model("logistic", r=3.0).with_knobs(r=3.2).weights["r"])
        3.2
        """
        return self._with(self.cell, self._settings.turned(values))

    def with_weights(self, **arrays: ArrayLike) -> Self:
        """Return a model with some arrays of your own in place of those it has.

        Examples
        --------
        >>> from lyaplab import Model
        >>> net = Model("tanh", n=2, gain=1.5, seed=1).with_weights(b=[0.5, -0.5])
        >>> net.weights["b"], dict(net.settings)
        (array([ 0.5, -0.5]), {'n': 2, 'm': 0})
        """
        return self._with(self.cell, self._settings_with(arrays))

    def _settings_with(self, arrays: Mapping[str, ArrayLike]) -> Settings:
        """Return the settings with some arrays in place of others; gain and seed say nothing of them any more."""
        known = self._settings.weights
        for name in arrays:
            if name not in known:
                raise unknown("weights", name, known)
        hyper = {name: value for name, value in self.settings.items() if name in self.card.sizes}
        sizes = {"n": self.n, "m": self.m, **hyper}
        given = {name: self.card.check(name, array, sizes) for name, array in arrays.items()}
        return Settings(self.card, {**known, **given}, hyper, True, tuple(known))

    @property
    def time_step(self) -> float | None:
        """Time step of a flow; None for a map."""
        name = self.card.time_step
        # A delay equation has one for each point of its history, all alike.
        return None if name is None else float(self._settings.weights[name].flat[0])

    @property
    def unit(self) -> str:
        """The unit that exponents are per: "step" for maps, "time" for flows."""
        return "step" if self.card.time_step is None else "time"

    @property
    def state_names(self) -> tuple[str, ...]:
        """One name for each state variable."""
        names = self.card.state
        if len(names) == self.d:
            return names
        per_name = self.d // len(names)
        return tuple(f"{name}{i + 1}" for name in names for i in range(per_name))

    @cached_property
    def start(self) -> Array:
        """The state that orbits start from when none is given, shape (d,)."""
        preset = self.card.presets.get(self.preset) if self.preset else None
        for chosen in (preset.start if preset else None, self.card.start):
            if chosen is not None and len(chosen) in (1, self.d):  # one number stands for all
                return np.full(self.d, chosen, dtype=float)
        return np.random.default_rng(0).uniform(-0.5, 0.5, self.d)

    @cached_property
    def view(self) -> tuple[Array, Array]:
        """A good window to plot: (low, high), each of shape (d,)."""
        if self.card.view is not None:
            # A number for all variables, one for each, or one for each name of the state, such as an LSTM's h and c.
            low, high = (np.ravel(np.asarray(side, dtype=float)) for side in self.card.view)
            return np.repeat(low, self.d // len(low)), np.repeat(high, self.d // len(high))
        try:
            states = self.orbit(1000, warmup=200)
        except DivergenceError:  # nothing to look at but the neighbourhood of the start
            states = self.start + np.array([[-1.5], [1.5]])
        low, high = states.min(axis=0), states.max(axis=0)
        margin = 0.15 * np.maximum(high - low, 0.5)
        return low - margin, high + margin

    @property
    def bounds(self) -> tuple[Array, Array] | None:
        """Box within which every fixed point lies without input, if the card knows one."""
        return self._bounds(np.zeros(self.m))

    def _bounds(self, inputs: Array) -> tuple[Array, Array] | None:
        bounds = self.card.bounds
        if bounds is None:
            return None
        box = bounds(self._p, inputs) if callable(bounds) else bounds
        if box is None:
            return None
        low, high = map(np.asarray, box)
        return np.broadcast_to(low.astype(float), self.d), np.broadcast_to(high.astype(float), self.d)

    @cached_property
    def regime(self) -> Regime:
        """What the orbit from `start` does in the long run, without input."""
        return self.regime_from(self.start)

    def regime_from(self, x0: Array) -> Regime:
        """Tell what the orbit from a state (d,) does in the long run, without input."""
        steps = int(np.clip(2e8 / (self.d * self.d + 50), 500, 4000))
        if self.time_step is not None:
            steps = int(np.clip(100 / self.time_step, steps, 50_000))
        warmup = steps
        return regime(
            self.cell,
            self._p,
            x0=x0,
            inputs=np.zeros(self.m),
            steps=steps,
            warmup=warmup,
            dt=self.time_step,
        )

    @property
    def verdict(self) -> str:
        """The regime in words."""
        return str(self.regime)

    def _words(self) -> list[str]:
        """What this system is made of: preset, or sizes and the numbers or weights behind them; then scalars."""
        weights = self._settings.weights
        said = [f"{name}={_short(value)}" for name, value in self.settings.items() if value or name != "m"]
        if self.own_weights:
            said.append("own weights")
        if self.preset is not None:
            of_preset = settle(self.card, self.card.preset(self.preset).params).weights
            same = all(np.array_equal(weights[name], of_preset[name]) for name in weights)
            said = [f"preset={self.preset!r}" + ("" if same else ", changed")]
        return said + [f"{p.name}={float(weights[p.name]):g}" for p in self.card.parameters if not p.shape]

    def in_words(self) -> str:
        """Return the first line of the repr: how this model is made."""
        return f"Model({', '.join([repr(self.cell.name), *self._words()])})"

    def _size_in_words(self) -> str:
        size = f"{self.d} state variable{'s' * (self.d != 1)}" + (f", {self.m} inputs" if self.m else "")
        how = self.cell.derivatives
        return size if how == "given" else f"{size}; derivatives by {how}"

    def __repr__(self) -> str:
        equation = self.card.equation_text or self.cell.name
        return f"{self.in_words()}\n  {equation}; {self._size_in_words()}\n  {self.verdict}"


def _short(value: Any) -> str:
    """Write a number, or a word of an option."""
    return repr(value) if isinstance(value, str | bool) else f"{value:g}"
