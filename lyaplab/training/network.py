"""Network = model + readout: what is trained."""

from __future__ import annotations

from functools import cached_property
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lyaplab.engine.orbit import orbit
from lyaplab.errors import finite_array
from lyaplab.model import Model
from lyaplab.model.storage import write_arrays
from lyaplab.training.layout import OF_READOUT, Layout
from lyaplab.training.readout import Readout

__all__ = ["Network", "shown_units"]

Array = NDArray[np.float64]


class Network:
    """A model and what is read from it: z' = F(z, u), x = B h + bias.

    The readout reads the units h of the state: of an LSTM h without the memory c, of a stack the h of its top layer,
    of a system of fixed size all its variables. Step t reads the state that input t has led to.

    Parameters
    ----------
    model : Model
        The cell with its weights.
    readout : Readout
        As many columns of B as the model shows units.

    Attributes
    ----------
    layout : Layout
        What of both is trainable, and where it lies in `theta`.

    Raises
    ------
    ValueError, TypeError
        If the two do not fit, or the cell has no parameter gradient (`grad`).

    Examples
    --------
    >>> Network(Model("tanh", n=3, seed=1), Readout([[1.0, 1.0, 1.0]]))
    Network(tanh with 3 state variables; 1 outputs of 3 units, linear; 15 trainable numbers)
    """

    def __init__(self, model: Model, readout: Readout) -> None:
        if not isinstance(model, Model):
            raise TypeError(f"model must be a Model, got {type(model).__name__}")
        if not isinstance(readout, Readout):
            raise TypeError(f"readout must be a Readout, got {type(readout).__name__}")
        if not model.cell.has("grad"):
            raise ValueError(
                f"the cell {model.cell.name!r} cannot be trained: it lacks the gradient by its parameters, grad"
            )
        self.model, self.readout = model, readout
        self.first, units = shown_units(model)
        if readout.units != units:
            raise ValueError(
                f"readout must have one column of B for each of the {units} units that {model.cell.name!r} shows,"
                f" got shape {readout.B.shape}"
            )
        self.layout = Layout(model, readout)

    @classmethod
    def random(
        cls,
        cell: str,
        outputs: int,
        *,
        seed: int = 0,
        bias: bool = True,
        kind: str = "linear",
        **params: Any,
    ) -> Network:
        """Draw a network and its readout.

        Parameters
        ----------
        cell : str
            Name of the cell.
        outputs : int
            Number of outputs N.
        seed : int, optional
            Of all weights.
        bias, kind : optional
            As of `Readout.random`.
        **params
            As of `Model`: n, m, gain, ...

        Examples
        --------
        >>> Network.random("gru", 2, n=5, m=1, seed=3)
        Network(gru with 5 state variables, 1 inputs; 2 outputs of 5 units, linear with bias; 122 trainable numbers)
        """
        model = Model(cell, **params)
        if any(number.name == "seed" for number in model.card.hyper):
            model = Model(cell, seed=seed, **params)
        # A seed of its own, or B would repeat the first numbers of W.
        own = int(np.random.SeedSequence([seed, 1]).generate_state(1)[0])
        readout = Readout.random(outputs, shown_units(model)[1], seed=own, bias=bias, kind=kind)
        return cls(model, readout)

    @property
    def outputs(self) -> int:
        """Number of outputs N."""
        return self.readout.outputs

    @property
    def m(self) -> int:
        """Number of inputs."""
        return self.model.m

    @cached_property
    def theta(self) -> Array:
        """All trainable numbers as one read-only vector (P,)."""
        own = {OF_READOUT + name: array for name, array in self.readout.arrays.items()}
        theta = self.layout.flat({**self.model.weights, **own})
        theta.flags.writeable = False
        return theta

    def with_theta(self, theta: ArrayLike) -> Network:
        """Return the network with other trainable numbers (P,).

        Examples
        --------
        >>> net = Network.random("tanh", 1, n=2)
        >>> net.with_theta(np.zeros(net.layout.size)).model.weights["W"]
        array([[0., 0.],
               [0., 0.]])
        """
        arrays = self.layout.split(finite_array("theta", theta, shape=(self.layout.size,)))
        readout = self.readout
        if readout.trainable:
            own = {name: arrays.pop(OF_READOUT + name) for name in readout.arrays}
            readout = Readout(own["B"], own.get("bias"), kind=readout.kind)
        return Network(self.model.with_weights(**arrays), readout)

    def infer(self, x: ArrayLike) -> Array:
        """Return states (..., d) that show observations x (..., N): the smallest h, and zero in all that is not read.

        Examples
        --------
        >>> net = Network(Model("lstm", n=2), Readout([[2.0, 0.0]]))
        >>> net.infer([1.0])
        array([0.5, 0. , 0. , 0. ])
        """
        units = self.readout.infer(x)
        states = np.zeros((*units.shape[:-1], self.model.d))
        states[..., self.first : self.first + self.readout.units] = units
        return states

    def read(self, states: ArrayLike) -> Array:
        """Return the outputs (..., N) that states (..., d) show."""
        return self.readout(np.asarray(states, dtype=float)[..., self.first : self.first + self.readout.units])

    def predict(
        self, steps: int | None = None, *, x0: ArrayLike | None = None, inputs: ArrayLike | None = None
    ) -> Array:
        """Run freely and return what is read after each step.

        Parameters
        ----------
        steps : int, optional
            How many; may be left out where `inputs` fixes it.
        x0 : array_like(float, shape=(d,) or (B, d)), optional
            First state or states, such as `infer` makes of an observation; by default that of the model.
        inputs : array_like(float, shape=(T, m) or (B, T, m)), optional
            One row for each step; zero when left out.

        Returns
        -------
        ndarray(float)
            (steps, N), or (B, steps, N) for several states or sequences.

        Raises
        ------
        DivergenceError
            At the first step whose state is not finite.

        Examples
        --------
        >>> net = Network(Model("linear", W=[[0.5]]), Readout([[1.0]]))
        >>> net.predict(3, x0=[8.0])[:, 0]
        array([4., 2., 1.])
        """
        model = self.model
        sequences, steps = model._sequence(inputs, steps, 0, None)
        states, alone = model._states(x0)
        batch = max(len(states), len(sequences))
        if len(states) not in (1, batch) or len(sequences) not in (1, batch):
            raise ValueError(f"x0 and inputs must agree: {len(states)} states, {len(sequences)} sequences of inputs")
        driven = np.broadcast_to(sequences.swapaxes(0, 1), (sequences.shape[1], batch, model.m))
        path = orbit(
            model.cell,
            model._p,
            x0=np.array(np.broadcast_to(states, (batch, model.d))),
            inputs=np.ascontiguousarray(driven),
            steps=steps + 1,  # row 0 is the start
        )
        read = self.read(path[1:])
        alone = alone and (inputs is None or np.ndim(inputs) < 3)
        return read[:, 0] if alone else read.swapaxes(0, 1)

    def save(self, path: str | PathLike[str]) -> None:
        """Write model and readout to an npz or safetensors file, as `Model.save` does; `lyaplab.load` reads it back."""
        write_arrays(path, *self._contents())

    def _contents(self) -> tuple[dict[str, Any], dict[str, Array]]:
        """Return the header and the arrays of its file."""
        words = {"kind": self.readout.kind, "trainable": self.readout.trainable}
        arrays = {OF_READOUT + name: array for name, array in self.readout.arrays.items()}
        header, weights = self.model._contents()
        return {**header, "readout": words}, {**weights, **arrays}

    def __repr__(self) -> str:
        model = self.model
        inputs = f", {model.m} inputs" if model.m else ""
        read = repr(self.readout).removeprefix("Readout(").removesuffix(")")
        size = f"{self.layout.size} trainable numbers"
        return f"Network({model.cell.name} with {model.d} state variables{inputs}; {read}; {size})"


def shown_units(model: Model) -> tuple[int, int]:
    """Where in the state the units lie that are read: the first of them, and how many."""
    top = getattr(model, "layers", (model,))[-1]
    # One name stands for n units; where the size is fixed every variable has a name of its own.
    units = top.d if top.card.size is not None else top.d // len(top.card.state)
    return model.d - top.d, units
