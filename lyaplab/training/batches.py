"""Where a trainer takes its sequences from: windows of a series, sequences with targets, or a function that makes them.

Outside, sequences come first (B, T, ...), as everywhere; inside, time does (T, B, ...): a step is one block of memory.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lyaplab.data.series import Series
from lyaplab.errors import finite_array, positive_int
from lyaplab.training.network import Network

__all__ = ["Batch", "Source", "as_batch", "as_source"]

Array = NDArray[np.float64]


class Batch(NamedTuple):
    """What one update learns from.

    Parameters
    ----------
    inputs : ndarray(float, shape=(T, B, m))
    targets : ndarray(float, shape=(T, B, N) or (T, B, 1))
        What the outputs after each step should be; of a softmax the number of the class.
    weights : ndarray(float, shape=(T, B))
        Of each step in the loss; not normalised.
    start : ndarray(float, shape=(B, N)), optional
        Observations that the first states are inferred from.
    x0 : ndarray(float, shape=(B, d)), optional
        First states; where neither is given they are 0.
    """

    inputs: Array
    targets: Array
    weights: Array
    start: Array | None = None
    x0: Array | None = None


class Source(Protocol):
    """Draws batches."""

    def __call__(self, rng: np.random.Generator) -> Batch:
        """Return the next batch; all its randomness is from `rng`."""


def as_batch(
    network: Network,
    targets: ArrayLike,
    *,
    inputs: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    start: ArrayLike | None = None,
    x0: ArrayLike | None = None,
    ignore: int = 0,
) -> Batch:
    """Check sequences (B, T, ...), or one without the first axis, and lay them out by time.

    Parameters
    ----------
    network : Network
        Says how many inputs and outputs there are.
    targets : array_like
        (B, T, N) numbers; of a softmax (B, T) whole numbers of classes.
    inputs, weights, start, x0 : array_like, optional
        (B, T, m), (B, T), (B, N), (B, d).
    ignore : int, optional
        First steps that do not count.

    Raises
    ------
    ValueError, TypeError
        Naming the array, what came and what is expected.
    """
    classes = network.readout.kind == "softmax"
    whole = 2 if classes else 3
    alone = np.ndim(targets) == whole - 1

    def sequences(name: str, array: ArrayLike, shape: tuple[int | None, ...]) -> Array:
        found = finite_array(name, array, shape=shape[1:] if alone else shape)
        return found[None] if alone else found

    wanted = sequences("targets", targets, (None, None) if classes else (None, None, network.outputs))
    rows, steps = wanted.shape[:2]
    if rows == 0 or steps == 0:
        raise ValueError(f"targets must hold at least one sequence of one step, got shape {np.shape(targets)}")
    if classes:
        if np.any((wanted < 0) | (wanted >= network.outputs) | (wanted % 1 != 0)):
            raise ValueError(f"targets must be numbers of classes from 0 to {network.outputs - 1}")
        wanted = wanted[..., None]
    if inputs is None and network.m:
        raise ValueError(f"inputs must be given: the network has m={network.m} of them")
    driven = np.zeros((rows, steps, 0)) if inputs is None else sequences("inputs", inputs, (rows, steps, network.m))
    counted = np.ones((rows, steps)) if weights is None else sequences("weights", weights, (rows, steps))
    counted[:, : positive_int("ignore", ignore, minimum=0)] = 0.0
    if counted.min() < 0.0 or not counted.any():
        raise ValueError("weights must not be negative, nor all 0 (steps that `ignore` leaves out count 0)")
    if start is not None and x0 is not None:
        raise ValueError("start and x0 both say where sequences begin: leave one of the two out")
    first = None if start is None else sequences("start", start, (rows, network.outputs))
    state = None if x0 is None else sequences("x0", x0, (rows, network.model.d))
    driven, wanted, counted = (np.ascontiguousarray(array.swapaxes(0, 1)) for array in (driven, wanted, counted))
    return Batch(driven, wanted, counted, start=first, x0=state)


class _Windows:
    """Random windows of a series: the first row is where a window starts, the others are its targets."""

    def __init__(self, network: Network, series: ArrayLike, *, steps: int, batch: int, ignore: int) -> None:
        self.series = finite_array("series", series, shape=(None, network.outputs))
        if network.m:
            raise ValueError(f"a series alone drives no inputs, but the network has m={network.m}: pass a function")
        if network.readout.kind != "linear":
            raise ValueError("a series is learnt by a linear readout, got one of kind 'softmax'")
        if steps >= len(self.series):
            raise ValueError(f"steps must be less than the {len(self.series)} rows of the series, got {steps}")
        for column, spread in enumerate(np.ptp(self.series, axis=0)):
            if spread == 0.0:
                raise ValueError(f"series must vary, but its column {column} is constant")
        self.batch, self.ahead = batch, np.arange(steps + 1)[:, None]
        self.inputs, self.weights = np.zeros((steps, batch, 0)), np.ones((steps, batch))
        self.weights[: positive_int("ignore", ignore, minimum=0)] = 0.0

    def __call__(self, rng: np.random.Generator) -> Batch:
        begin = rng.integers(0, len(self.series) - len(self.ahead) + 1, self.batch)
        rows = self.series.take(begin + self.ahead, axis=0)
        return Batch(self.inputs, rows[1:], self.weights, start=rows[0])


class _Sequences:
    """Some of the given sequences at random; all of them when there are no more than a batch wants."""

    def __init__(self, whole: Batch, *, batch: int) -> None:
        self.whole, self.batch = whole, batch

    def __call__(self, rng: np.random.Generator) -> Batch:
        count = self.whole.targets.shape[1]
        if count <= self.batch:
            return self.whole
        chosen = rng.choice(count, self.batch, replace=False)
        inputs, targets, weights = (array.take(chosen, axis=1) for array in self.whole[:3])
        start, x0 = (None if array is None else array[chosen] for array in self.whole[3:])
        return Batch(inputs, targets, weights, start, x0)


class _Made:
    """Batches that a function of somebody's makes."""

    def __init__(self, network: Network, make: Callable[..., Any], *, batch: int, ignore: int) -> None:
        self.network, self.make, self.batch, self.ignore = network, make, batch, ignore

    def __call__(self, rng: np.random.Generator) -> Batch:
        made = self.make(rng, self.batch)
        if not isinstance(made, dict):
            raise TypeError(
                "a task must return a dict of targets and, where there are any, inputs, weights, start or x0, got"
                f" {type(made).__name__}"
            )
        return as_batch(self.network, **made, ignore=self.ignore)


def as_source(network: Network, data: Any, *, steps: int, batch: int, ignore: int) -> Source:
    """Return where batches come from.

    Parameters
    ----------
    network : Network
        That is trained.
    data : Series, array_like, dict or callable
        A series (L, N); a dict of sequences, as `as_batch` takes them; or a function ``task(rng, batch)`` that returns
        such a dict anew for every update.
    steps : int
        Length of the windows of a series.
    batch, ignore : int
        Sequences of an update; first steps that do not count.
    """
    if callable(data):
        return _Made(network, data, batch=batch, ignore=ignore)
    if isinstance(data, dict):
        return _Sequences(as_batch(network, **data, ignore=ignore), batch=batch)
    rows = data.values if isinstance(data, Series) else data
    return _Windows(network, rows, steps=steps, batch=batch, ignore=ignore)
