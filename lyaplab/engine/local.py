"""Local exponents: growth over one short window after another, and how it scatters."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lyaplab.engine.errorbars import standard_error
from lyaplab.engine.result import Result
from lyaplab.engine.spectrum import TangentRun
from lyaplab.kernel import Cell

__all__ = ["LocalExponents", "follow_local"]

Array = NDArray[np.float64]

# A partial result is handed on about this often.
_PIECE_SECONDS = 0.05


@dataclass(frozen=True, repr=False)
class LocalExponents(Result):
    """Exponents over consecutive windows of an orbit (finite-time exponents).

    Columns are directions, in the order of their mean over the run; within a window they need not be in order.

    Parameters
    ----------
    exponents : ndarray(float, shape=(windows, k))
        In nats per `unit`.
    window : int
        Steps of a window.
    unit : str
        "step" for maps, "time" for flows.
    time_step : float
        Units in one step: 1 for maps.
    """

    exponents: Array
    window: int
    unit: str = "step"
    time_step: float = 1.0

    @property
    def times(self) -> Array:
        """Ends of the windows, in `unit`, shape (windows,)."""
        return self.window * self.time_step * np.arange(1, len(self.exponents) + 1, dtype=np.float64)

    @property
    def mean(self) -> Array:
        """Exponents of the whole run, shape (k,)."""
        return self.exponents.mean(axis=0)

    @property
    def width(self) -> Array:
        """Standard deviation over the windows, shape (k,); it falls as window^(-1/2) once windows are independent."""
        if len(self.exponents) < 2:
            return np.full(self.exponents.shape[1], math.nan)
        return self.exponents.std(axis=0, ddof=1)

    @property
    def stderr(self) -> Array:
        """Standard error of the mean by block averages, shape (k,)."""
        times = np.concatenate([[0.0], self.times])
        lengths = self.window * self.time_step
        grown = np.vstack([np.zeros(self.exponents.shape[1]), np.cumsum(self.exponents * lengths, axis=0)])
        return standard_error(times, grown)

    def table(self) -> dict[str, np.ndarray]:
        """Return the columns time, exponent_1, exponent_2, ..."""
        columns = {f"exponent_{i + 1}": column for i, column in enumerate(self.exponents.T)}
        return {"time": self.times, **columns}

    def __repr__(self) -> str:
        count, k = self.exponents.shape
        shown = ", ".join(f"{m:.4f}±{w:.2g}" for m, w in zip(self.mean[:4], self.width[:4], strict=True))
        more = f", ... {k} in all" if k > 4 else ""
        return (
            f"LocalExponents({count} windows of {self.window} steps: mean ± width {shown}{more} per {self.unit})"
        )


def follow_local(
    cell: Cell,
    p: tuple[Array, ...],
    *,
    x0: Array,
    inputs: Array,
    k: int,
    window: int,
    windows: int,
    warmup: int,
    dt: float | None = None,
) -> Iterator[LocalExponents]:
    """Yield the windows measured so far every 50 ms or so; the last one yielded is the result.

    Parameters
    ----------
    cell, p : Cell, tuple of ndarray
        The system and its parameters.
    x0 : ndarray(float, shape=(n,))
        First state.
    inputs : ndarray(float, shape=(T, m))
        One row for each step, warm-up included; T = 1 holds a constant input.
    k : int
        Number of exponents.
    window, windows : int
        Steps of a window, and how many.
    warmup : int
        Steps before.
    dt : float, optional
        Time step of a flow.

    Yields
    ------
    LocalExponents

    Raises
    ------
    DivergenceError
        At the first step that is not finite.
    """
    run = TangentRun(cell, p, x0=x0, inputs=inputs, k=k, warmup=warmup)
    unit = 1.0 if dt is None else dt
    if warmup > 0:
        run.advance(0, spacing=window)
    sums = np.zeros((windows + 1, k))
    shown = time.perf_counter()
    for done in range(1, windows + 1):
        run.advance(done * window, spacing=window)
        sums[done] = run.sums
        now = time.perf_counter()
        if done == windows or now - shown > _PIECE_SECONDS:
            shown = now
            yield _so_far(sums[: done + 1], window, unit, dt is not None)


def _so_far(sums: Array, window: int, unit: float, flow: bool) -> LocalExponents:
    order = np.argsort(-sums[-1], kind="stable")
    with np.errstate(invalid="ignore"):
        gains = np.diff(sums[:, order], axis=0)
    # A direction that has died stays dead.
    gains[np.isneginf(sums[1:, order])] = -np.inf
    return LocalExponents(gains / (window * unit), window, "time" if flow else "step", unit)
