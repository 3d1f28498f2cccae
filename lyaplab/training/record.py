"""What a training run leaves behind: its course, the trained network, and all that it takes to go on."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike, fspath
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from lyaplab.engine.result import Result, pack
from lyaplab.model.loading import Cells
from lyaplab.model.storage import replace_file
from lyaplab.training.network import Network
from lyaplab.training.storage import restored_network

__all__ = ["Record"]

Array = NDArray[np.float64]

_OF_NETWORK = "network."


@dataclass(frozen=True, repr=False)
class Record(Result):
    """The course of a training run so far.

    Parameters
    ----------
    network : Network
        As trained.
    loss : ndarray(float, shape=(U,))
        Loss of the batch of each update, before the update.
    gradient_norm : ndarray(float, shape=(U,))
        Euclidean norm of the whole gradient, before it is clipped.
    rate : ndarray(float, shape=(U,))
        Learning rates.
    snapshot_updates : ndarray(int, shape=(S,))
        After how many updates each snapshot was taken.
    snapshots : ndarray(float, shape=(S, P))
        All trainable numbers at that time.
    moments : ndarray(float, shape=(2, P))
        Of Adam: the running means of the gradient and of its square.
    generator : mapping
        State of the random numbers.
    settings : mapping
        What was trained with.
    """

    network: Network
    loss: Array
    gradient_norm: Array
    rate: Array
    snapshot_updates: NDArray[np.int64]
    snapshots: Array
    moments: Array
    generator: Mapping[str, Any]
    settings: Mapping[str, Any]

    @property
    def updates(self) -> int:
        """Number of updates so far."""
        return len(self.loss)

    def snapshot(self, index: int) -> Network:
        """Return the network as it was at a snapshot."""
        return self.network.with_theta(self.snapshots[index])

    def table(self) -> dict[str, np.ndarray]:
        """Return the columns update, loss, gradient_norm and rate."""
        updates = np.arange(self.updates)
        return {"update": updates, "loss": self.loss, "gradient_norm": self.gradient_norm, "rate": self.rate}

    def save(self, path: str | PathLike[str]) -> None:
        """Write the run to an npz file (no pickle); it can go on from there, to the last bit.

        Parameters
        ----------
        path : path
            File to write; ``.npz`` is added where it is missing. A file that is there is replaced in one step.
        """
        plain, arrays = pack(self)
        plain["network"], weights = self.network._contents()
        arrays |= {_OF_NETWORK + name: array for name, array in weights.items()}
        buffer = io.BytesIO()
        np.savez(buffer, header=np.array(json.dumps(plain)), **arrays)  # type: ignore[arg-type]
        name = fspath(path)
        replace_file(name if name.endswith(".npz") else name + ".npz", buffer.getvalue())

    @classmethod
    def load(cls, path: str | PathLike[str], *, cell: Cells = None) -> Self:
        """Read what `save` wrote.

        Parameters
        ----------
        path : path
        cell : str, Cell or iterable of these, optional
            The cell, or those of a stack, where they are your own: code is never read from a file.

        Raises
        ------
        ValueError
            If the file holds something else.
        """
        with np.load(path, allow_pickle=False) as file:
            plain = json.loads(str(file["header"])) if "header" in file else {}
            if plain.pop("result", None) != cls.__name__:
                raise ValueError(f"path must be a file that {cls.__name__}.save wrote, got {path}")
            arrays = {name: file[name] for name in file.files if name != "header"}
        weights = {name: arrays.pop(name) for name in list(arrays) if name.startswith(_OF_NETWORK)}
        own = {name.removeprefix(_OF_NETWORK): array for name, array in weights.items()}
        network = restored_network(path, plain.pop("network"), own, cell=cell)
        return cls(network=network, **plain, **arrays)

    def __repr__(self) -> str:
        if self.updates == 0:
            return "Record(no updates yet)"
        largest = self.gradient_norm.max()
        return (
            f"Record({self.updates} updates; loss {self.loss[0]:.4g} -> {self.loss[-1]:.4g};"
            f" gradient norm up to {largest:.3g})"
        )
