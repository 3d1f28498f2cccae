"""Networks along a line in weight space, and their losses: one run of training's forward kernel for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lyaplab.errors import finite_array, number, positive_int
from lyaplab.training.bptt import forward
from lyaplab.training.layout import OF_READOUT
from lyaplab.training.reading import Reading, as_reading

__all__ = ["Line", "LineLosses", "as_line"]

Array = NDArray[np.float64]


class Line(NamedTuple):
    """The arguments of a slice, as they were understood; time comes first.

    Parameters
    ----------
    reading : Reading
        The network in the middle.
    x0 : ndarray(float, shape=(B, d))
        States that the losses begin at.
    inputs : ndarray(float, shape=(T, B, m))
    targets : ndarray(float, shape=(T, B or 1, N)), optional
        None for what the network in the middle does.
    horizons : ndarray(int, shape=(H,))
        Ascending.
    distances : ndarray(float, shape=(K,))
    direction : ndarray(float, shape=(P,))
        Of length 1.
    alone : bool
        Whether a loss is that of its last step alone.
    """

    reading: Reading
    x0: Array
    inputs: Array
    targets: Array | None
    horizons: NDArray[np.int64]
    distances: Array
    direction: Array
    alone: bool


def as_line(
    net: Any,
    targets: ArrayLike | None,
    *,
    horizons: Sequence[int],
    direction: ArrayLike | None,
    span: float,
    points: int,
    x0: ArrayLike | None,
    inputs: ArrayLike | None,
    warmup: int,
    alone: bool,
    seed: int,
) -> Line:
    """Check the arguments of `iter_loss_slice`."""
    reading = as_reading(net)
    model, layout, outputs = reading.model, reading.layout, reading.readout.outputs
    if layout.size == 0:
        raise ValueError(f"net must have something trainable: {model.cell.name!r} has nothing")
    lengths = np.unique([positive_int("horizons", T) for T in np.ravel(np.asarray(horizons)).tolist()])
    if len(lengths) == 0:
        raise ValueError("horizons must hold at least one number of steps, got none")
    steps, warmup = int(lengths[-1]), positive_int("warmup", warmup, minimum=0)
    span = number("span", span)
    if span <= 0.0:
        raise ValueError(f"span must be positive, got {span:g}")
    if positive_int("points", points, minimum=3) % 2 == 0:
        raise ValueError(f"points must be odd, so that one is in the middle, got {points}")
    states, u = _states_and_inputs(reading, x0, inputs, steps=steps, warmup=warmup)
    aims = None if targets is None else _targets(targets, rows=len(states), steps=steps, outputs=outputs)
    distances = np.linspace(-span, span, points)
    return Line(reading, states, u, aims, lengths, distances, _direction(reading, direction, seed), bool(alone))


def _states_and_inputs(
    reading: Reading, x0: ArrayLike | None, inputs: ArrayLike | None, *, steps: int, warmup: int
) -> tuple[Array, Array]:
    """Return the states (B, d) after the warm-up, and the inputs (T, B, m) from there on."""
    model = reading.model
    sequences, _ = model._sequence(inputs, steps, warmup, None)
    if len(sequences) > 1:
        raise ValueError(f"inputs must be one sequence (T, m), got {len(sequences)} sequences")
    states, _ = model._states(x0)
    rows = len(states)
    if warmup:
        given = None if inputs is None else sequences[0, : warmup + 1]
        states = model.orbit(1, x0=states, inputs=given, warmup=warmup)[0].reshape(rows, model.d)
    own = sequences[0].repeat(steps, axis=0) if inputs is None else sequences[0, warmup : warmup + steps]
    # A copy, and never read-only: kernels would be compiled again for that.
    return states, np.array(np.broadcast_to(own[:, None, :], (steps, rows, model.m)), order="C")


def _targets(targets: ArrayLike, *, rows: int, steps: int, outputs: int) -> Array:
    """Return as many steps of the targets as there are, (T, B, N), or (T, 1, N) where all rows share them."""
    found = finite_array("targets", targets, shape=(None, outputs) if np.ndim(targets) < 3 else (rows, None, outputs))
    found = found[:, None, :] if found.ndim == 2 else found.swapaxes(0, 1)
    if len(found) < steps:
        raise ValueError(f"targets must cover the longest horizon ({steps} steps), got {len(found)}")
    return found[:steps]


def _direction(reading: Reading, direction: ArrayLike | None, seed: int) -> Array:
    """Return a unit vector that leaves alone what does not exist."""
    size, free = reading.layout.size, reading.layout.free
    if direction is None:
        along = np.random.default_rng(positive_int("seed", seed, minimum=0)).standard_normal(size)
    else:
        along = finite_array("direction", direction, shape=(size,))
    if free is not None:
        along = along * free
    length = float(np.linalg.norm(along))
    if length == 0.0:
        raise ValueError("direction must not be 0 in all that is trainable")
    return along / length


class LineLosses:
    """The losses of the network at one distance after the other, in the same memory."""

    def __init__(self, line: Line) -> None:
        reading = line.reading
        model, units = reading.model, reading.readout.units
        (steps, rows), self._line = line.inputs.shape[:2], line
        self._middle, self._theta = reading.theta, reading.theta
        self._p = reading.layout.parameters(self._theta, model._p)
        self._X = np.empty((steps + 1, rows, model.d))
        self._w = np.empty((steps, rows, model.cell.size(self._p)[1]))
        nothing = np.zeros((0, rows, units))
        self._unforced = np.zeros(0, dtype=np.bool_), np.zeros((0, rows)), nothing, nothing
        # Without targets the middle makes them: what is read at the distance 0.
        self._targets = self._outputs() if line.targets is None else line.targets

    def __call__(self, distance: float) -> Array:
        """Return the loss of every horizon, shape (H,)."""
        line, layout = self._line, self._line.reading.layout
        self._theta[...] = self._middle + distance * line.direction
        if layout.limits is not None:
            np.clip(self._theta, *layout.limits, out=self._theta)
        read = self._outputs()
        with np.errstate(over="ignore", invalid="ignore"):
            by_step = ((read - self._targets) ** 2).mean(axis=(1, 2))
            upto = by_step if line.alone else np.cumsum(by_step) / np.arange(1, len(by_step) + 1)
        found: Array = upto[line.horizons - 1]
        return np.where(np.isfinite(found), found, np.inf)

    def _outputs(self) -> Array:
        """Run the network at `_theta`: outputs (T, B, N)."""
        reading = self._line.reading
        cell = reading.model.cell
        self._X[0] = self._line.x0
        forward(cell, cell.prepare(self._p), self._X, self._line.inputs, self._w, *self._unforced, reading.first)
        values = reading.layout.split(self._theta)
        B = values.get(OF_READOUT + "B", reading.readout.B)
        bias = values.get(OF_READOUT + "bias", reading.readout.bias)
        with np.errstate(over="ignore", invalid="ignore"):
            read: Array = self._X[1:, :, reading.units] @ B.T
            return read if bias is None else read + bias
