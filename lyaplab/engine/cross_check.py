"""The largest exponent by brute force: two trajectories, no tangent and no Jacobian. An independent check.

The second starts close to the first; after every step the growth of their distance is noted and the second is brought
back to the old distance in its new direction. The distance is about the square root of the machine epsilon, where
what the nonlinearity bends and what rounding loses are both some 1e-8 of the growth of a step.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lyaplab.engine.errorbars import standard_error
from lyaplab.engine.result import Result
from lyaplab.errors import DivergenceError
from lyaplab.kernel import Cell, kernel, one_blas_thread
from lyaplab.kernel.cell import step

__all__ = ["TwoTrajectories", "follow_two_trajectories"]

Array = NDArray[np.float64]

# Distance of the two, relative to the size of the state.
_DISTANCE = 1e-8
# Blocks of the error bar, and points of the history.
_BLOCKS = 256
# A piece of the run takes about this long.
_PIECE_SECONDS = 0.05


@dataclass(frozen=True, repr=False)
class TwoTrajectories(Result):
    """The largest exponent as the rate at which two neighbours part.

    Parameters
    ----------
    exponent, stderr : float
        In nats per `unit`, and its standard error by block averages.
    times : ndarray(float, shape=(M,))
        Lengths of run, in `unit`, that the history was taken at.
    history : ndarray(float, shape=(M,))
        Running estimates there.
    steps : int
        Steps that were counted.
    unit : str
        "step" for maps, "time" for flows.
    """

    exponent: float
    stderr: float
    times: Array
    history: Array
    steps: int
    unit: str = "step"

    def table(self) -> dict[str, np.ndarray]:
        """Return the columns time and exponent."""
        return {"time": self.times, "exponent": self.history}

    def __repr__(self) -> str:
        return f"TwoTrajectories({self.exponent:.4f}±{self.stderr:.1g} per {self.unit}; {self.steps} steps)"


@kernel
def _part(cell, q, pair, image, w, u, drive, first, spacing, distance, toward, gains):
    """Fill `gains` with the logarithmic growth over `spacing` steps each; return the first bad step, or -1."""
    n = pair.shape[1]
    for block in range(gains.shape[0]):
        total = 0.0
        for s in range(spacing):
            t = first + block * spacing + s
            size, before = 0.0, 0.0
            for i in range(n):
                size = max(size, abs(pair[0, i]))
            # In units of the distance, squares of large states do not overflow.
            reach = distance * (1.0 + size)
            for i in range(n):
                pair[1, i] = pair[0, i] + reach * toward[i]
                before += ((pair[1, i] - pair[0, i]) / reach) ** 2
            step(cell, q, pair, u[t * drive], image, w)
            after = 0.0
            for i in range(n):
                after += ((image[1, i] - image[0, i]) / reach) ** 2
            if not np.isfinite(after):
                return t + 1
            growth = np.sqrt(after / before)
            # A million-fold within one step is a jump, as where one of the two has passed the seam of a torus:
            # this step says nothing, and the old direction is as good as any.
            if growth * distance < 1e-2:
                total += np.log(growth)
                if after > 0.0:
                    length = np.sqrt(after)
                    for i in range(n):
                        toward[i] = (image[1, i] - image[0, i]) / (reach * length)
            for i in range(n):
                pair[0, i] = image[0, i]
        gains[block] = total
    return -1


def follow_two_trajectories(
    cell: Cell,
    p: tuple[Array, ...],
    *,
    x0: Array,
    inputs: Array,
    steps: int,
    warmup: int,
    dt: float | None = None,
) -> Iterator[TwoTrajectories]:
    """Yield the running estimate every 50 ms or so; the last one yielded is the result.

    Parameters
    ----------
    cell, p : Cell, tuple of ndarray
        The system and its parameters.
    x0 : ndarray(float, shape=(n,))
        First state.
    inputs : ndarray(float, shape=(T, m))
        One row for each step, warm-up included; T = 1 holds a constant input.
    steps, warmup : int
        Steps that are counted, and steps before.
    dt : float, optional
        Time step of a flow.

    Yields
    ------
    TwoTrajectories
        The exponent is -inf where the two have met.

    Raises
    ------
    DivergenceError
        At the first step that is not finite.
    """
    n, nw, _ = cell.size(p)
    pair = np.tile(np.array(x0, dtype=float), (2, 1))
    toward = np.random.default_rng(0).standard_normal(n)
    toward /= np.linalg.norm(toward)
    q, work = cell.prepare(p), (np.empty((2, n)), np.empty((2, nw)))
    u = np.ascontiguousarray(np.repeat(inputs[:, None, :], 2, axis=1))
    drive = int(len(inputs) > 1)
    unit = 1.0 if dt is None else dt
    times, growth = np.zeros(1), np.zeros(1)
    for first, spacing, count in _pieces(steps, warmup):
        gains = np.empty(count)
        with one_blas_thread():
            bad = _part(cell, q, pair, *work, u, drive, first, spacing, _DISTANCE, toward, gains)
        if bad >= 0:
            raise DivergenceError(bad)
        if first < warmup:
            continue
        done = first - warmup + spacing * np.arange(1, count + 1)
        times, growth = np.append(times, done), np.append(growth, growth[-1] + np.cumsum(gains))
        yield TwoTrajectories(
            exponent=float(growth[-1] / (times[-1] * unit)),
            stderr=float(standard_error(times, growth[:, None])[0] / unit),
            times=times[1:] * unit,
            history=growth[1:] / (times[1:] * unit),
            steps=int(times[-1]),
            unit="step" if dt is None else "time",
        )


def _pieces(steps: int, warmup: int) -> Iterator[tuple[int, int, int]]:
    """Cut a run up: first step, steps in a block and number of blocks of each piece, of about 50 ms."""
    if warmup:
        yield 0, warmup, 1
    spacing = max(1, steps // _BLOCKS)
    done, count = 0, 1
    while done < steps:
        spacing = min(spacing, steps - done)
        count = min(count, (steps - done) // spacing)
        began = time.perf_counter()
        yield warmup + done, spacing, count
        pace = (time.perf_counter() - began) / count
        done += spacing * count
        count = int(np.clip(_PIECE_SECONDS / max(pace, 1e-9), 1, 4 * count))
