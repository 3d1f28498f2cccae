"""What a state space shows of a model's motion, as arrays: orbits, their speed, their principal components."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lyaplab.engine.components import Components, components
from lyaplab.errors import DivergenceError
from lyaplab.model import Model

__all__ = ["CLASSES", "Spread", "keeps_moving", "starts_of"]

Array = NDArray[np.float64]

CLASSES = 4
"""The speeds of an orbit come in so many classes, each as frequent as the others."""

# Where the slowest and the fastest state differ by less than this part, the speed counts as one.
_EVEN = 0.01
# A state slower than this part of the fastest counts as at rest
_AT_REST = 1e-6
# A step shorter than this, relative to the state, is the end of coming to rest
_MOVING = 1e-2
# An orbit that runs away is drawn for so many views
_FAR = 5.0
# The radius of what is seen grows in steps of this factor: it does not tremble while a knob turns.
_STEP = 10 ** (1 / 40)
# ... and is never less than this: what has come to rest is a dot.
_LEAST = 1e-4


def starts_of(model: Model, first: Sequence[float], count: int) -> Array:
    """Give the states that orbits start from, shape (count, d).

    Parameters
    ----------
    model : Model
    first : sequence of float
        The first of them; one number stands for all state variables, none for the model's own start.
    count : int
        The others are drawn from the model's view, always the same.
    """
    own = np.full(model.d, first, dtype=float) if len(first) else model.start
    low, high = model.view
    return np.concatenate([own[None], np.random.default_rng(0).uniform(low, high, (count - 1, model.d))])


def keeps_moving(model: Model, steps: int) -> bool:
    """Tell whether the orbit from the model's own start still moves after some steps."""
    try:
        later = model.orbit(2, warmup=steps)
    except DivergenceError:
        return False
    return bool(np.abs(later[1] - later[0]).max() > _MOVING * (1.0 + np.abs(later).max()))


def _near(model: Model, orbits: Array) -> Array:
    """Cut orbits that run away before they are so far that nothing else could be seen beside them."""
    low, high = model.view
    far = (np.abs(orbits - (low + high) / 2) > _FAR * (high - low)).any(axis=(1, 2))
    return orbits[: max(3, int(np.argmax(far)) if far.any() else len(orbits))]


@dataclass(frozen=True)
class Spread:
    """The motion of a model, and the axes along which it spreads.

    Attributes
    ----------
    orbits : ndarray(float, shape=(T, B, d))
        Of B starts.
    speeds : ndarray(float, shape=(T, B))
        |F(x) - x| at each state, per unit of time for a flow.
    found : Components
        Up to three, of all orbits together.
    lost : int or None
        The step at which an orbit leaves the range of floats; all of them end before.
    """

    orbits: Array
    speeds: Array
    found: Components
    lost: int | None = None

    @classmethod
    def of(cls, model: Model, starts: Array, steps: int, *, warmup: int = 0, inputs: Array | None = None) -> Spread:
        """Follow the starts for some steps after a warm-up; inputs (T, m) drive all of them.

        Raises
        ------
        DivergenceError
            When an orbit leaves the range of floats during the warm-up.
        """
        if inputs is not None:
            inputs = inputs[: warmup + steps + 1]
            steps = len(inputs) - warmup - 1
        lost = None
        try:
            orbits = model.orbit(steps + 1, x0=starts, inputs=inputs, warmup=warmup)
        except DivergenceError as error:
            lost = error.step
            if lost < warmup + 3:
                raise
            driven = None if inputs is None else inputs[:lost]
            orbits = _near(model, model.orbit(lost - warmup, x0=starts, inputs=driven, warmup=warmup))
        states = orbits[:-1]
        if model.time_step is None or inputs is not None:
            moves = np.diff(orbits, axis=0) / (model.time_step or 1.0)
        else:
            moves = model.field(states.reshape(-1, model.d)).reshape(states.shape)
        speeds = np.sqrt((moves * moves).sum(axis=2))
        return cls(states, speeds, components(states, min(3, model.d)), lost)

    @cached_property
    def places(self) -> Array:
        """The states in the three axes, shape (T, B, 3); two state variables have nothing along the third."""
        return self.placed(self.orbits)

    def placed(self, states: Array) -> Array:
        """Project states (..., d) onto the three axes, (..., 3)."""
        return self.flattened(self.found.project(states))

    def turned(self, directions: Array) -> Array:
        """Give directions (K, d) in the three axes, (K, 3): what of them can be seen."""
        return self.flattened(directions @ self.found.axes.T)

    @staticmethod
    def flattened(coordinates: Array) -> Array:
        """Fill up to three coordinates with zeros."""
        missing = 3 - coordinates.shape[-1]
        return np.concatenate([coordinates, np.zeros((*coordinates.shape[:-1], missing))], axis=-1)

    @cached_property
    def radius(self) -> float:
        """Radius of a ball around the mean that holds all orbits, however it is turned."""
        reach = max(_LEAST, float(np.sqrt((self.places**2).sum(axis=2)).max()))
        return float(_STEP ** np.ceil(np.log(reach) / np.log(_STEP)))

    @cached_property
    def classes(self) -> NDArray[np.intp]:
        """The class of each speed, shape (T, B): 0 the slowest quarter of all states that move, 3 the fastest."""
        fastest = float(self.speeds.max())
        if fastest - float(self.speeds.min()) <= _EVEN * fastest:
            return np.ones(self.speeds.shape, dtype=np.intp)
        moving = self.speeds[self.speeds > _AT_REST * fastest]
        edges = np.quantile(moving, np.arange(1, CLASSES) / CLASSES)
        return np.searchsorted(edges, self.speeds, side="right")

    @cached_property
    def powers(self) -> Array:
        """Powers of ten of the speeds of the first orbit, shape (T,), not below rounding."""
        speeds = self.speeds[:, 0]
        return np.log10(np.maximum(speeds, max(1e-16, 1e-16 * float(speeds.max()))))
