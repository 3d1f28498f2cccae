"""Derivatives against the horizon: what the theorems on gradients through time speak of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lyaplab.engine.regime import resolution
from lyaplab.engine.result import Result

__all__ = ["GradientHorizons", "log_horizons"]

Array = NDArray[np.float64]


@dataclass(frozen=True, repr=False)
class GradientHorizons(Result):
    """How derivatives grow with the horizon T, the number of steps they reach over. All norms are natural logarithms.

    Parameters
    ----------
    horizons : ndarray(int, shape=(L,))
        T, spaced by their logarithm.
    log_norms : ndarray(float, shape=(L,))
        Of dz_T/dz_0, the product of T Jacobians: its spectral norm.
    log_tangents : ndarray(float, shape=(L,))
        Of dz_T/dtheta, the derivative of the state by all that is trainable: its Frobenius norm. NaN where `lacking`
        says why it is not known.
    log_gradients : ndarray(float, shape=(L,))
        Of dL_T/dtheta, where L_T is the mean squared error of the outputs after step T alone. NaN likewise.
    slope, stderr : float
        Growth of log_norms in nats per `unit`, over the second half of the run, and its standard error.
    exponent, exponent_stderr : float
        The largest Lyapunov exponent, measured by itself along the same orbit, and its standard error.
    regime : str
        "fixed point", "cycle", "quasi-periodic", "chaos" or "divergent", or "driven" where there are inputs.
    period : int, optional
        Of a cycle of a map.
    unit : str
        "step" for maps, "time" for flows.
    time_step : float
        Units in one step: 1 for maps.
    lacking : str
        Why there are no derivatives by theta; empty where there are.
    """

    horizons: NDArray[np.int64]
    log_norms: Array
    log_tangents: Array
    log_gradients: Array
    slope: float
    stderr: float
    exponent: float
    exponent_stderr: float
    regime: str
    period: int | None = None
    unit: str = "step"
    time_step: float = 1.0
    lacking: str = ""

    @property
    def rates(self) -> Array:
        """log_norms per `unit` of the whole horizon, shape (L,): what goes to the largest exponent."""
        rates: Array = self.log_norms / (self.horizons * self.time_step)
        return rates

    @property
    def verdict(self) -> str:
        """What the largest exponent says of gradients, in words."""
        certain = resolution(self.exponent_stderr)
        if self.exponent > certain:
            return f"gradients explode by {self.exponent:.3g} nats per {self.unit}"
        if self.exponent < -certain:
            return "gradients stay bounded"
        return "gradients grow less than exponentially"

    def table(self) -> dict[str, np.ndarray]:
        """Return the columns horizon, log_norm, log_tangent and log_gradient."""
        return {
            "horizon": self.horizons,
            "log_norm": self.log_norms,
            "log_tangent": self.log_tangents,
            "log_gradient": self.log_gradients,
        }

    def __repr__(self) -> str:
        reach = f"to {self.horizons[-1]} steps" if len(self.horizons) else "nothing yet"
        lacking = f"; no parameter gradients: {self.lacking}" if self.lacking else ""
        return (
            f"GradientHorizons({self.regime}: {self.verdict}; slope {self.slope:.4f}±{self.stderr:.1g},"
            f" largest exponent {self.exponent:.4f}±{self.exponent_stderr:.1g} per {self.unit}; {reach}{lacking})"
        )


def log_horizons(steps: int, count: int) -> NDArray[np.int64]:
    """Return `count` different horizons from 1 to `steps`, or a few more, as even in their logarithm as they can be.

    Examples
    --------
    >>> log_horizons(100, 9)
    array([  1,   2,   3,   6,  10,  18,  32,  56, 100])
    >>> len(log_horizons(100_000, 200)) >= 200
    True
    """
    if count >= steps:
        return np.arange(1, steps + 1)
    drawn = max(count, 2)
    while True:
        # The least of them fall on the same whole number.
        horizons = np.unique(np.geomspace(1, steps, drawn).round().astype(np.int64))
        if len(horizons) >= count:
            return horizons
        drawn += 1 + drawn // 50
