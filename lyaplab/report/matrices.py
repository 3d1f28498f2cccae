"""The matrices of a network that feed its state back into itself."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from lyaplab.model import Model

__all__ = ["layers_of", "recurrent_matrices"]


def layers_of(model: Model) -> tuple[Model, ...]:
    """Return the layers of a stack, of another model itself."""
    return tuple(getattr(model, "layers", (model,)))


def recurrent_matrices(model: Model) -> Iterator[tuple[str, NDArray[np.float64]]]:
    """Yield name and entries of every square matrix from units to units: gate by gate, layer by layer.

    Parameters
    ----------
    model : Model
        Any system; one without such a matrix yields nothing.

    Yields
    ------
    name : str
        "W", "W (gate r)", or "W2" in the second layer of a stack.
    matrix : ndarray(float, shape=(n, n))

    Examples
    --------
    >>> [name for name, _ in recurrent_matrices(Model("gru", n=2))]
    ['W (gate r)', 'W (gate z)', 'W (gate n)']
    """
    layers = layers_of(model)
    for number, layer in enumerate(layers, start=1):
        for parameter in layer.card.parameters:
            if not parameter.recurrent:
                continue
            name = f"{parameter.name}{number}" if len(layers) > 1 else parameter.name
            gates: tuple[str, ...] = getattr(parameter, "blocks", ())
            blocks = np.split(layer.weights[parameter.name], max(1, len(gates)))
            for block, gate in zip(blocks, gates or ("",), strict=True):
                # A shallow PLRNN goes by way of hidden units: neither of its two matrices is square.
                if block.shape[0] == block.shape[1]:
                    yield name + (f" (gate {gate})" if gate else ""), block
