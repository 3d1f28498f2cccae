"""All that training changes, as one flat vector theta, and where in it each array lies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from lyaplab.model import Model
from lyaplab.training.readout import Readout

__all__ = ["OF_READOUT", "Layout"]

Array = NDArray[np.float64]

# What the names of the readout's arrays begin with: some cells have a B of their own.
OF_READOUT = "readout."


class Layout:
    """Where in theta the trainable arrays of a network lie: those of the cell in the card's order, then the readout's.

    Parameters
    ----------
    model : Model
        Its card says which parameters are trainable, which entries exist, and within which limits.
    readout : Readout
        Its arrays are called "readout.B" and "readout.bias".

    Attributes
    ----------
    names : tuple of str
        Of the arrays.
    size : int
        Length P of theta.
    free : ndarray(float, shape=(P,)) or None
        1 where an entry exists and 0 where the card's mask leaves it out; None where all do.
    limits : tuple of ndarray(float, shape=(P,)) or None
        Least and greatest value of each; None where there are none.

    Examples
    --------
    >>> layout = Layout(Model("plrnn", n=3), Readout.random(2, 3))
    >>> layout.names, layout.size
    (('A', 'W', 'C', 'h', 'readout.B', 'readout.bias'), 23)
    >>> int(layout.free.sum())  # no unit feeds itself by way of W
    20
    """

    def __init__(self, model: Model, readout: Readout) -> None:
        by_name = {p.name: p for p in model.card.parameters if p.trainable}
        arrays = {name: model.weights[name] for name in by_name}
        if readout.trainable:
            arrays |= {OF_READOUT + name: array for name, array in readout.arrays.items()}
        self.names = tuple(arrays)
        self._of_cell = model.card.names
        self.shapes = {name: array.shape for name, array in arrays.items()}
        ends = np.cumsum([0, *(array.size for array in arrays.values())]).tolist()
        self.places = {name: slice(*pair) for name, pair in zip(arrays, pairwise(ends), strict=True)}
        self.size = int(ends[-1])
        masks = {p.name: p.mask(model.n) for p in by_name.values() if p.mask is not None}
        self.free = self.flat({name: masks.get(name, np.ones(self.shapes[name])) for name in arrays}) if masks else None
        self.limits: tuple[Array, Array] | None = None
        if any(p.limits != (None, None) for p in by_name.values()):
            sides = {name: by_name[name].limits if name in by_name else (None, None) for name in arrays}
            self.limits = self._side(sides, 0, -np.inf), self._side(sides, 1, np.inf)

    def _side(self, limits: Mapping[str, tuple[float | None, float | None]], side: int, none: float) -> Array:
        ends = {name: pair[side] for name, pair in limits.items()}
        return self.flat({name: np.full(self.shapes[name], none if end is None else end) for name, end in ends.items()})

    def flat(self, arrays: Mapping[str, NDArray]) -> Array:
        """Return the arrays as one vector (P,)."""
        theta = np.empty(self.size)
        for name, place in self.places.items():
            theta[place] = np.ravel(arrays[name])
        return theta

    def split(self, theta: Array) -> dict[str, Array]:
        """Return views into a vector (P,), by name."""
        return {name: theta[place].reshape(self.shapes[name]) for name, place in self.places.items()}

    def parameters(self, theta: Array, others: Sequence[Array]) -> tuple[Array, ...]:
        """Return what a cell's functions take as p: views into a vector (P,) of all that is trainable.

        Parameters
        ----------
        theta : ndarray(float, shape=(P,))
            The vector, or its gradient.
        others : sequence of ndarray
            One array for each parameter of the card; those that are not trainable are taken from here.

        Examples
        --------
        >>> net = Model("logistic", r=3.0)
        >>> layout, theta = Layout(net, Readout([[1.0]], trainable=False)), np.array([3.5])
        >>> layout.parameters(theta, net._p)
        (array([3.5]),)
        """
        values = self.split(theta)
        return tuple(np.atleast_1d(values.get(name, other)) for name, other in zip(self._of_cell, others, strict=True))
