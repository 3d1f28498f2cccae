"""How a gradient grows on its way back: the product of Jacobians, read from the last step to the first."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lyaplab.engine.errorbars import standard_error
from lyaplab.engine.result import Result
from lyaplab.errors import DivergenceError
from lyaplab.kernel import Cell, kernel, one_blas_thread
from lyaplab.kernel.cell import pull, step

__all__ = ["GradientNorms", "gradient_norms", "growth_rate", "log_lags", "pull_back"]

Array = NDArray[np.float64]

# All lags up to here, log-spaced beyond.
_ALL_LAGS = 200
_LATER_LAGS = 200


@dataclass(frozen=True, repr=False)
class GradientNorms(Result):
    """Norm of d x_T / d x_{T-lag} against the lag.

    Parameters
    ----------
    lags : ndarray(int, shape=(L,))
        Steps back from the last state.
    log_norms : ndarray(float, shape=(L,))
        Natural logarithm of the spectral norm of the product of the Jacobians.
    slope : float
        Growth in nats per `unit`, by the second half of the lags.
    stderr : float
        Its standard error, from block averages.
    unit : str
        "step" for maps, "time" for flows.
    time_step : float
        Units in one step: 1 for maps.
    """

    lags: NDArray[np.int64]
    log_norms: Array
    slope: float
    stderr: float
    unit: str = "step"
    time_step: float = 1.0

    def table(self) -> dict[str, np.ndarray]:
        """Return the columns lag and log_norm."""
        return {"lag": self.lags, "log_norm": self.log_norms}

    def __repr__(self) -> str:
        verb = "grows" if self.slope > 0 else "shrinks"
        return (
            f"GradientNorms({verb} by {abs(self.slope):.4f}±{self.stderr:.1g} nats per {self.unit};"
            f" lags to {self.lags[-1]})"
        )


@kernel
def _forward(cell, q, x, y, u, drive, w):
    """Follow the orbit and keep in w (T, 1, nw) what the derivatives need; return the first bad step, or -1."""
    for t in range(w.shape[0]):
        step(cell, q, x, u[t * drive], y, w[t])
        for i in range(x.shape[1]):
            x[0, i] = y[0, i]
            if not np.isfinite(y[0, i]):
                return t + 1
    return -1


@kernel
def pull_back(cell, q, w, G, H, A, first, count):
    """Pull the adjoints G back over `count` steps ending before step `first`; return the log of a common factor."""
    scale = 0.0
    for lag in range(count):
        pull(cell, q, w[first - 1 - lag], G, A, H)
        largest = 0.0
        for v in range(G.shape[0]):
            for i in range(G.shape[1]):
                largest = max(largest, abs(H[v, i]))
        factor = 1.0
        if largest > 0.0 and (largest > 1e100 or largest < 1e-100):
            factor = 1.0 / largest
            scale += np.log(largest)
        for v in range(G.shape[0]):
            for i in range(G.shape[1]):
                G[v, i] = H[v, i] * factor
    return scale


def log_lags(lags: int) -> NDArray[np.int64]:
    """Return the lags that are measured up to `lags`: all to 200, then 200 spaced by their logarithm.

    Examples
    --------
    >>> log_lags(5)
    array([0, 1, 2, 3, 4, 5])
    >>> len(log_lags(100_000)), int(log_lags(100_000)[-1])
    (401, 100000)
    """
    near = np.arange(min(lags, _ALL_LAGS) + 1)
    if lags <= _ALL_LAGS:
        return near
    far = np.geomspace(_ALL_LAGS, lags, _LATER_LAGS + 1)[1:].round().astype(np.int64)
    return np.unique(np.concatenate([near, far]))


def gradient_norms(
    cell: Cell,
    p: tuple[Array, ...],
    *,
    x0: Array,
    inputs: Array,
    lags: int,
    dt: float | None = None,
) -> GradientNorms:
    """Measure the backward product along the orbit of `x0` over `lags` steps.

    Parameters
    ----------
    cell, p : Cell, tuple of ndarray
        The system and its parameters.
    x0 : ndarray(float, shape=(n,))
        First state.
    inputs : ndarray(float, shape=(T, m))
        One row for each step; T = 1 holds a constant input.
    lags : int
        Longest lag.
    dt : float, optional
        Time step of a flow.

    Returns
    -------
    GradientNorms

    Raises
    ------
    DivergenceError
        At the first step whose state is not finite.
    """
    n, nw, na = cell.size(p)
    q = cell.prepare(p)
    w = np.empty((lags, 1, nw))
    x = np.array(x0, dtype=float).reshape(1, n)
    driven = np.ascontiguousarray(inputs[:, None, :])
    wanted = log_lags(lags)
    G, H, A = np.eye(n), np.empty((n, n)), np.empty((n, na))
    log_norms = np.zeros(len(wanted))
    scale, done = 0.0, 0
    with one_blas_thread():
        bad = _forward(cell, q, x, np.empty((1, n)), driven, int(len(driven) > 1), w)
        if bad >= 0:
            raise DivergenceError(bad)
        for place, lag in enumerate(wanted):
            scale += pull_back(cell, q, w, G, H, A, lags - done, int(lag) - done)
            done = int(lag)
            norm = float(np.linalg.norm(G, 2))
            log_norms[place] = math.log(norm) + scale if norm > 0.0 else -math.inf
    slope, stderr = growth_rate(wanted, log_norms)
    unit = 1.0 if dt is None else dt
    return GradientNorms(wanted, log_norms, slope / unit, stderr / unit, "step" if dt is None else "time", unit)


def growth_rate(lags: NDArray[np.int64], log_norms: Array) -> tuple[float, float]:
    """Return growth per step over the second half of the lags, and its error by block averages.

    Examples
    --------
    >>> growth_rate(np.array([0, 1, 2, 3, 4]), np.array([0.0, 5.0, 4.0, 3.0, 2.0]))
    (-1.0, 0.0)
    """
    if not math.isfinite(log_norms[-1]):
        return -math.inf, 0.0
    # A few lags have no half to leave out.
    half = np.searchsorted(lags, lags[-1] / 2) if lags[-1] >= 4 else 0
    times = (lags[half:] - lags[half]).astype(float)
    growth = (log_norms[half:] - log_norms[half])[:, None]
    return float(growth[-1, 0] / times[-1]), float(standard_error(times, growth)[0])
