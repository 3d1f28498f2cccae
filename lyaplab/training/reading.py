"""A model or a network, as something whose outputs are scored: what is read of it, and what of it is trainable."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lyaplab.model import Model
from lyaplab.training.layout import OF_READOUT, Layout
from lyaplab.training.network import Network, shown_units
from lyaplab.training.readout import Readout

__all__ = ["Reading", "as_reading"]


class Reading(NamedTuple):
    """What is read of a model.

    Parameters
    ----------
    model : Model
    readout : Readout
        Linear.
    first : int
        Where in the state the units begin that are read.
    layout : Layout
        What is trainable.
    """

    model: Model
    readout: Readout
    first: int
    layout: Layout

    @property
    def units(self) -> slice:
        """The columns of the state that are read."""
        return slice(self.first, self.first + self.readout.units)

    @property
    def theta(self) -> NDArray[np.float64]:
        """All trainable numbers, shape (P,)."""
        own = {OF_READOUT + name: array for name, array in self.readout.arrays.items()}
        return self.layout.flat({**self.model.weights, **own})


def as_reading(net: Any) -> Reading:
    """Return a network as it is, and a model read unit by unit, without a readout to be trained.

    Raises
    ------
    TypeError, ValueError
        If it is neither, or its readout is a softmax.

    Examples
    --------
    >>> as_reading(Model("lstm", n=2)).readout
    Readout(2 outputs of 2 units, linear, fixed)
    """
    if isinstance(net, Model):
        first, units = shown_units(net)
        readout = Readout(np.eye(units), trainable=False)
        return Reading(net, readout, first, Layout(net, readout))
    if not isinstance(net, Network):
        raise TypeError(f"net must be a Model or a Network, got {type(net).__name__}")
    if net.readout.kind != "linear":
        raise ValueError(f"net must have a linear readout, got one of kind {net.readout.kind!r}")
    return Reading(net.model, net.readout, net.first, net.layout)
