"""What learning a filter leaves behind: the course of loss and eigenvalues, and all that it takes to go on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lyaplab.engine.result import Result
from lyaplab.theory.filter_task import FilterTask
from lyaplab.training.linear_filter import FilterNetwork

__all__ = ["FilterRecord"]

Array = NDArray[np.float64]


@dataclass(frozen=True, repr=False, eq=False)
class FilterRecord(Result):
    """The course of learning a filter so far; U updates, S snapshots, N units, L lags.

    Parameters
    ----------
    W, u, v : ndarray(float)
        Weights as trained, (N, N), (N,) and (N,).
    W0, u0, v0 : ndarray(float)
        Weights at the start.
    loss : ndarray(float, shape=(U + 1,))
        Exact loss before the first update, and after each.
    rate : ndarray(float, shape=(U,))
        Learning rate of each update, or the flow's step in time.
    snapshot_updates : ndarray(int, shape=(S,))
        After how many updates each snapshot was taken.
    eigenvalues : ndarray(complex, shape=(S, N))
        Of W. A column is a branch: it follows one eigenvalue from snapshot to snapshot, through collisions too.
    filters : ndarray(float, shape=(S, L))
        The filter at the lags of the task, `lags`.
    overlaps : ndarray(float, shape=(S, 2))
        Cosines of the angles between u and the right eigenvector of the largest eigenvalue (or the plane of its pair),
        and between v and the left one; NaN where W has none but 0.
    change : ndarray(float, shape=(S,))
        Frobenius norm of W - W0.
    singular_values : ndarray(float, shape=(S, N))
        Of W - W0, largest first.
    moments : ndarray(float, shape=(2, P))
        What the rule remembers, of momentum and Adam.
    generator : mapping or None
        State of the random numbers, where gradients are sampled.
    settings : mapping
        What was trained, how, and for what task.
    """

    W: Array
    u: Array
    v: Array
    W0: Array
    u0: Array
    v0: Array
    loss: Array
    rate: Array
    snapshot_updates: NDArray[np.int64]
    eigenvalues: NDArray[np.complex128]
    filters: Array
    overlaps: Array
    change: Array
    singular_values: Array
    moments: Array
    generator: Mapping[str, Any] | None
    settings: Mapping[str, Any]

    @property
    def updates(self) -> int:
        """Number of updates so far."""
        return len(self.rate)

    @cached_property
    def time(self) -> Array:
        """Sum of the rates before each state, (U + 1,): of descent and flow the time of the gradient flow."""
        return np.concatenate([[0.0], np.cumsum(self.rate)])

    @property
    def snapshot_times(self) -> Array:
        """`time` at the snapshots, (S,)."""
        return self.time[self.snapshot_updates]

    @property
    def snapshot_loss(self) -> Array:
        """Loss at the snapshots, (S,)."""
        return self.loss[self.snapshot_updates]

    @property
    def start(self) -> FilterNetwork:
        """The network before the first update."""
        return FilterNetwork(self.W0, self.u0, self.v0)

    @property
    def network(self) -> FilterNetwork:
        """The network as trained."""
        return FilterNetwork(self.W, self.u, self.v)

    @cached_property
    def task(self) -> FilterTask:
        """What was learnt."""
        return FilterTask.from_words(self.settings["task"])

    @property
    def lags(self) -> Array:
        """Lags of `filters`, (L,): steps, or times in continuous time."""
        return self.task.lags

    @property
    def leading(self) -> NDArray[np.complex128]:
        """The outermost eigenvalue at each snapshot, (S,), of a pair the upper one.

        That is the one of largest modulus, and in continuous time of largest real part.
        """
        size = self.eigenvalues.real if self.settings["task"]["continuous"] else np.abs(self.eigenvalues)
        rows = np.arange(len(size))
        found = self.eigenvalues[rows, size.argmax(axis=1)]
        return found.real + 1j * np.abs(found.imag)

    def table(self) -> dict[str, np.ndarray]:
        """Return the columns update, time and loss, and rate (of the update that led there; NaN for the start)."""
        rate = np.concatenate([[np.nan], self.rate])
        return {"update": np.arange(self.updates + 1), "time": self.time, "loss": self.loss, "rate": rate}

    def __repr__(self) -> str:
        how = {"W": "W trained", "all": "W, u and v trained"}[self.settings["train"]]
        if self.updates == 0:
            return f"FilterRecord(no updates yet; {how} by {self.settings['method']})"
        outermost = self.leading[-1] if len(self.eigenvalues) else complex(np.nan)
        shown = f"{outermost:.4f}" if outermost.imag else f"{outermost.real:.4f}"
        return (
            f"FilterRecord({self.updates} updates, {how} by {self.settings['method']};"
            f" loss {self.loss[0]:.4g} -> {self.loss[-1]:.4g}; outermost eigenvalue {shown})"
        )
