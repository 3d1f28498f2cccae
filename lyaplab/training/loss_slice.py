"""The loss along a line in weight space: smooth for a short horizon, shattered for a long one where there is chaos."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lyaplab.engine.result import Result, last
from lyaplab.engine.sweep_rows import in_pieces
from lyaplab.errors import finite_array, number, positive_int
from lyaplab.training.bptt import forward
from lyaplab.training.reading import Reading, as_reading

__all__ = ["LossSlice", "iter_loss_slice", "loss_slice"]

Array = NDArray[np.float64]

# Seconds from one partial result to the next.
_PIECE = 0.05


@dataclass(frozen=True, repr=False)
class LossSlice(Result):
    """Losses of the networks theta + distance * direction.

    Parameters
    ----------
    distances : ndarray(float, shape=(K,))
        Ascending, 0 among them: Euclidean, in the units of theta.
    horizons : ndarray(int, shape=(H,))
        Steps T of a loss.
    losses : ndarray(float, shape=(H, K))
        Mean squared error over outputs, starts and the steps 1 to T, or of step T where `alone`; inf where the orbit
        left the range of floats.
    direction : ndarray(float, shape=(P,))
        Unit vector.
    own : bool
        Whether the targets are what the network of distance 0 does itself.
    alone : bool
        Whether step T is scored alone.
    """

    distances: Array
    horizons: NDArray[np.int64]
    losses: Array
    direction: Array
    own: bool = True
    alone: bool = False

    @property
    def roughness(self) -> Array:
        """Of each horizon, how far the curve goes up and down, over its range: 1 or 2 if smooth, many if shattered.

        Shape (H,); NaN where a loss is infinite or the curve is flat.
        """
        with np.errstate(invalid="ignore", divide="ignore"):
            travelled = np.abs(np.diff(self.losses, axis=1)).sum(axis=1)
            rough: Array = np.asarray(travelled / np.ptp(self.losses, axis=1))
        return rough

    def table(self) -> dict[str, np.ndarray]:
        """Return the columns distance and, for each horizon T, loss_T."""
        columns = {f"loss_{T}": loss for T, loss in zip(self.horizons.tolist(), self.losses, strict=True)}
        return {"distance": self.distances, **columns}

    def __repr__(self) -> str:
        rough = ", ".join(f"{T}: {value:.1f}" for T, value in zip(self.horizons, self.roughness, strict=True))
        return (
            f"LossSlice({len(self.distances)} points from {self.distances[0]:g} to {self.distances[-1]:g};"
            f" roughness by horizon {rough})"
        )


class _Line(NamedTuple):
    """The arguments, as they were understood. Time comes first: inputs (T, B, m), targets (T, B, N), or None."""

    reading: Reading
    x0: Array
    inputs: Array
    targets: Array | None
    horizons: NDArray[np.int64]
    distances: Array
    direction: Array
    alone: bool


def loss_slice(
    net: Any,
    targets: ArrayLike | None = None,
    *,
    horizons: Sequence[int] = (10, 20, 50, 100),
    direction: ArrayLike | None = None,
    span: float = 0.1,
    points: int = 201,
    x0: ArrayLike | None = None,
    inputs: ArrayLike | None = None,
    warmup: int = 0,
    alone: bool = False,
    seed: int = 0,
) -> LossSlice:
    """Follow the loss along a line in weight space, for several horizons at once.

    Parameters
    ----------
    net : Model or Network
        The middle of the line. A model's outputs are its units as they stand.
    targets : array_like(float, shape=(T, N) or (B, T, N)), optional
        What the outputs after each step should be; by default what the network does itself, so that the loss is 0 in
        the middle.
    horizons : sequence of int, optional
        Steps of each loss.
    direction : array_like(float, shape=(P,)), optional
        Of the line, of any length; by default drawn at random, alike in all directions that are trainable.
    span : float, optional
        How far the line goes to either side, by Euclidean distance.
    points : int, optional
        Networks on it, an odd number: the middle is one of them.
    x0 : array_like(float, shape=(d,) or (B, d)), optional
        First state, or several whose losses are averaged.
    inputs : array_like(float, shape=(T, m)), optional
        One row for each step, warm-up included.
    warmup : int, optional
        Steps of the network in the middle before the losses begin, all of them in the state that it has come to.
    alone : bool, optional
        Whether a loss is that of its last step alone.
    seed : int, optional
        Of the direction.

    Returns
    -------
    LossSlice

    Raises
    ------
    TypeError, ValueError
        If an argument does not fit.

    Examples
    --------
    >>> from lyaplab import Model
    >>> cut = loss_slice(Model("logistic", r=3.9), horizons=(2, 40), span=0.05)
    >>> cut.losses[:, 100]  # the middle
    array([0., 0.])
    >>> smooth, shattered = cut.roughness
    >>> bool(smooth < 2.1 < 10 < shattered)
    True
    """
    line = _line(
        net, targets, horizons=horizons, direction=direction, span=span, points=points, x0=x0, inputs=inputs,
        warmup=warmup, alone=alone, seed=seed,
    )  # fmt: skip
    return last(in_pieces(_follow(line, own=targets is None)))


def iter_loss_slice(net: Any, targets: ArrayLike | None = None, **settings: Any) -> Iterator[LossSlice]:
    """Yield the slice every 50 ms or so, with ever more points on it, evenly. Arguments as of `loss_slice`.

    Examples
    --------
    >>> from lyaplab import Model
    >>> [len(cut.distances) for cut in iter_loss_slice(Model("henon"), points=11)][-1]
    11
    """
    defaults = {name: value for name, value in (loss_slice.__kwdefaults__ or {}).items() if name not in settings}
    return in_pieces(_follow(_line(net, targets, **defaults, **settings), own=targets is None))


def _line(
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
) -> _Line:
    """Check the arguments."""
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
    sequences, _ = model._sequence(inputs, steps, warmup, None)
    if len(sequences) > 1:
        raise ValueError(f"inputs must be one sequence (T, m), got {len(sequences)} sequences")
    states, _ = model._states(x0)
    rows = len(states)
    if warmup:
        given = None if inputs is None else sequences[0, : warmup + 1]
        states = model.orbit(1, x0=states, inputs=given, warmup=warmup)[0].reshape(rows, model.d)
    own = sequences[0].repeat(steps, axis=0) if inputs is None else sequences[0, warmup : warmup + steps]
    u = np.ascontiguousarray(np.broadcast_to(own[:, None, :], (steps, rows, model.m)))
    aims = None
    if targets is not None:
        shape = (None, outputs) if np.ndim(targets) < 3 else (rows, None, outputs)
        aims = finite_array("targets", targets, shape=shape)
        aims = aims[:, None, :] if aims.ndim == 2 else aims.swapaxes(0, 1)
        if len(aims) < steps:
            raise ValueError(f"targets must cover the longest horizon ({steps} steps), got {len(aims)}")
        aims = aims[:steps]
    distances = np.linspace(-span, span, points)
    return _Line(reading, states, u, aims, lengths, distances, _direction(reading, direction, seed), bool(alone))


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


def _coarse_first(count: int) -> list[int]:
    """Return the places 0 to count - 1 so that the first few are spread over all of them, the middle first.

    Examples
    --------
    >>> _coarse_first(9)
    [4, 0, 8, 2, 6, 1, 3, 5, 7]
    """
    middle = count // 2
    order, stride = [middle], 1 << max(0, (middle - 1).bit_length())
    while stride >= 1:
        order += range(middle % stride, count, stride)
        stride //= 2
    return list(dict.fromkeys(order))


def _follow(line: _Line, *, own: bool) -> Iterator[LossSlice]:
    """Measure point by point, the middle first, which makes the targets where there are none."""
    losses = np.full((len(line.horizons), len(line.distances)), np.nan)
    scored = _Scored(line)
    done: list[int] = []
    shown = time.perf_counter()
    places = _coarse_first(len(line.distances))
    for place in places:
        losses[:, place] = scored(float(line.distances[place]))
        done.append(place)
        if len(done) == len(places) or (len(done) > 2 and time.perf_counter() - shown > _PIECE):
            chosen = sorted(done)
            yield LossSlice(
                line.distances[chosen], line.horizons, losses[:, chosen], line.direction, own=own, alone=line.alone
            )
            shown = time.perf_counter()


class _Scored:
    """The losses of the network at one distance after the other, in the same memory."""

    def __init__(self, line: _Line) -> None:
        reading = line.reading
        model, units = reading.model, reading.readout.units
        (steps, rows), self._line = line.inputs.shape[:2], line
        self._middle, self._theta = reading.theta, reading.theta
        self._p = reading.layout.parameters(self._theta, model._p)
        self._X = np.empty((steps + 1, rows, model.d))
        self._w = np.empty((steps, rows, model.cell.size(self._p)[1]))
        nothing = np.zeros((0, rows, units))
        self._unforced = np.zeros(0, dtype=np.bool_), np.zeros((0, rows)), nothing, nothing
        self._targets = line.targets

    def __call__(self, distance: float) -> Array:
        """Return the loss of every horizon, shape (H,)."""
        line, layout = self._line, self._line.reading.layout
        self._theta[...] = self._middle + distance * line.direction
        if layout.limits is not None:
            np.clip(self._theta, *layout.limits, out=self._theta)
        read = self._outputs()
        if self._targets is None:  # the first network is the one in the middle
            self._targets = read
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
        B = values.get("readout.B", reading.readout.B)
        bias = values.get("readout.bias", reading.readout.bias)
        with np.errstate(over="ignore", invalid="ignore"):
            read: Array = self._X[1:, :, reading.units] @ B.T
            return read if bias is None else read + bias
