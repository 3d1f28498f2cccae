"""Does a driven network forget its start? Its exponent under the inputs, and replicas that see the same inputs."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lyaplab.engine.errorbars import standard_error
from lyaplab.engine.lyapunov import Spectrum, follow_spectrum
from lyaplab.engine.orbit import orbit
from lyaplab.engine.result import Result
from lyaplab.errors import DivergenceError
from lyaplab.kernel import Cell

__all__ = ["ConditionalExponent", "follow_conditional"]

Array = NDArray[np.float64]

# Replicas are followed so many steps at a time.
_PIECE = 256
# Relative to the size of the state: nearer than the first two are neighbours, nearer than the second rounding rules.
_NEIGHBOURS, _ROUNDING = 1e-2, 1e-11
# So many nats must two starts have drawn together to count as meeting (a thousandth of their distance), and so many
# nats should they have drawn together before it is said that they do not.
_MET, _SHOULD_HAVE_MET = 7.0, 30.0


@dataclass(frozen=True, repr=False)
class ConditionalExponent(Result):
    """The largest exponent of a driven network, and whether other starts come to the same orbit at that rate.

    Parameters
    ----------
    exponent, stderr : float
        Largest exponent along the driven orbit, in nats per `unit`, and its standard error.
    times : ndarray(float, shape=(M,))
        Time since the first input, in `unit`.
    log_distances : ndarray(float, shape=(M, replicas))
        Natural logarithm of the distance of each other start to the orbit; -inf once they are the same number.
    replica_exponent, replica_stderr : float
        Slope of the mean of `log_distances` while they are small and above rounding; NaN if they never are.
    steps : int
        Steps that the exponent was counted over.
    unit : str
        "step" for maps, "time" for flows.
    """

    exponent: float
    stderr: float
    times: Array
    log_distances: Array
    replica_exponent: float
    replica_stderr: float
    steps: int
    unit: str = "step"

    @property
    def fallen(self) -> float:
        """Nats by which the replica that is farthest off at last has come nearer."""
        return float((self.log_distances[0] - self.log_distances[-1]).min())

    @property
    def verdict(self) -> str:
        """Return "forgets its start", "does not forget its start" or "undecided"."""
        error = 2.0 * self.stderr if math.isfinite(self.stderr) else math.inf
        if self.exponent > error:
            return "does not forget its start"
        if self.exponent < -error:
            if self.fallen > _MET:
                return "forgets its start"
            if -self.exponent * self.times[-1] > _SHOULD_HAVE_MET:
                # Neighbours draw together, but these starts do not: there are several orbits to come to.
                return "does not forget its start"
        return "undecided"

    def table(self) -> dict[str, np.ndarray]:
        """Return the columns time and log_distance_1, log_distance_2, ..."""
        columns = {f"log_distance_{i + 1}": column for i, column in enumerate(self.log_distances.T)}
        return {"time": self.times, **columns}

    def __repr__(self) -> str:
        replicas = (
            f"replicas {self.replica_exponent:.4f}±{self.replica_stderr:.1g}"
            if math.isfinite(self.replica_exponent)
            else f"replicas {self.fallen:.2g} nats nearer"
        )
        return (
            f"ConditionalExponent({self.exponent:.4f}±{self.stderr:.1g} per {self.unit}, {replicas};"
            f" {self.verdict}; {self.steps} steps)"
        )


def follow_conditional(
    cell: Cell,
    p: tuple[Array, ...],
    *,
    starts: Array,
    inputs: Array,
    steps: int,
    warmup: int,
    dt: float | None = None,
) -> Iterator[ConditionalExponent]:
    """Yield the exponent as it settles, every 50 ms or so, beside what the replicas did.

    Parameters
    ----------
    cell, p : Cell, tuple of ndarray
        The system and its parameters.
    starts : ndarray(float, shape=(1 + replicas, n))
        First states; the exponent is that of the first one's orbit.
    inputs : ndarray(float, shape=(T, m))
        One row for each step, warm-up included.
    steps, warmup : int
        Steps that the exponent is counted over, and steps before.
    dt : float, optional
        Time step of a flow.

    Yields
    ------
    ConditionalExponent

    Raises
    ------
    DivergenceError
        At the first step that is not finite.
    """
    unit = 1.0 if dt is None else float(dt)
    logs, size = _distances(cell, p, starts, inputs[: warmup + steps])
    slope, error = _slope(logs, math.log(size), unit)
    times = unit * np.arange(len(logs), dtype=np.float64)
    for spectrum in follow_spectrum(
        cell, p, x0=starts[0], inputs=inputs, k=1, steps=steps, warmup=warmup, dt=dt
    ):
        yield _result(spectrum, times, logs, slope, error)


def _result(spectrum: Spectrum, times: Array, logs: Array, slope: float, error: float) -> ConditionalExponent:
    return ConditionalExponent(
        exponent=float(spectrum.exponents[0]),
        stderr=float(spectrum.stderr[0]),
        times=times,
        log_distances=logs,
        replica_exponent=slope,
        replica_stderr=error,
        steps=spectrum.steps,
        unit=spectrum.unit,
    )


def _distances(cell: Cell, p: tuple[Array, ...], starts: Array, inputs: Array) -> tuple[Array, float]:
    """Log-distances (M, replicas) to the first orbit at every step until rounding rules, and the size of its state."""
    states, logs, size = starts, [], float(np.linalg.norm(starts, axis=1).max())
    for first in range(0, len(inputs), _PIECE):
        driven = np.repeat(inputs[first : first + _PIECE, None, :], len(starts), axis=1)
        # One state more than inputs: `orbit` begins with the state before its first input, which has no say in it.
        driven = np.concatenate([driven, driven[-1:]])
        try:
            path = orbit(cell, p, x0=states, inputs=driven, steps=len(driven))
        except DivergenceError as error:
            raise DivergenceError(first + error.step) from None
        states = path[-1]
        # Distances of 0 and beyond the largest float are results too.
        with np.errstate(divide="ignore", over="ignore"):
            size = max(size, float(np.linalg.norm(path[:, 0], axis=1).max()), 1e-300)
            logs.append(np.log(np.linalg.norm(path[1:, 1:] - path[1:, :1], axis=2)))
        if first == 0:
            logs.insert(0, np.log(np.linalg.norm(starts[1:] - starts[:1], axis=1))[None])
        if (logs[-1][-1] < math.log(_ROUNDING * size)).all():
            break
    return np.concatenate(logs), size


def _slope(logs: Array, size: float, unit: float) -> tuple[float, float]:
    """Slope of the mean log-distance, and its error, from where all are neighbours to where one drowns in rounding."""
    near = (logs < size + math.log(_NEIGHBOURS)).all(axis=1)
    lost = (logs < size + math.log(_ROUNDING)).any(axis=1)
    first = int(np.argmax(near)) if near.any() else len(logs)
    last = int(np.argmax(lost)) if lost.any() else len(logs)
    if last - first < 3:
        return math.nan, math.nan
    grown = logs[first:last].mean(axis=1, keepdims=True)
    times = unit * np.arange(len(grown), dtype=np.float64)
    slope = float((grown[-1, 0] - grown[0, 0]) / times[-1])
    return slope, float(standard_error(times, grown - grown[0])[0])
