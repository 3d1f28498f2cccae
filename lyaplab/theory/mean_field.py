"""Mean-field theory of the random tanh network in discrete time: how wide its states spread, how fast they part.

A network h' = tanh(W h + x) with W_ij ~ N(0, gain²/N) and N large: the sum that a unit receives is Gaussian, with a
variance that its own outcome must reproduce.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from lyaplab.engine.result import Result
from lyaplab.errors import number

__all__ = ["MeanFieldMap", "gaussian_average_grid", "mean_field_map"]

Array = NDArray[np.float64]

# exp(-36) is the precision of floating-point numbers; the rest pays for the factors in front.
_NATS = 48.0
# Standard deviations beyond which a Gaussian has no weight left.
_REACH = 8.5


@dataclass(frozen=True, repr=False)
class MeanFieldMap(Result):
    """The large random network h' = tanh(W h + noise), as N goes to infinity.

    Parameters
    ----------
    gain : float
        W_ij ~ N(0, gain²/N).
    noise : float
        Variance of the white noise that each unit receives at each step.
    variance : float
        Of the sum that a unit receives.
    activity : float
        Mean of h².
    exponent : float
        Largest Lyapunov exponent, in nats per step; with noise, that between runs under the same noise.
    """

    gain: float
    noise: float
    variance: float
    activity: float
    exponent: float

    @property
    def chaotic(self) -> bool:
        """Whether neighbouring states part."""
        return self.exponent > 0.0

    def __repr__(self) -> str:
        word = "chaos" if self.chaotic else ("one response to the input" if self.noise else "rest at 0")
        return (
            f"MeanFieldMap({word}: gain {self.gain:g}, noise {self.noise:g}; variance {self.variance:.4f},"
            f" exponent {self.exponent:.4f} per step)"
        )


def mean_field_map(gain: float, *, noise: float = 0.0) -> MeanFieldMap:
    """Predict variance and largest exponent of a large random tanh network in discrete time.

    The variance D solves D = gain² E tanh²(sqrt(D) z) + noise with z standard normal, and the exponent is
    log(gain² E sech⁴(sqrt(D) z))/2. Averages are sums over equal steps, short enough for the poles of tanh: they are
    exact to about 1e-14 (Gauss-Hermite quadrature with 201 nodes is not, from gain 5 on).

    Parameters
    ----------
    gain : float
        W_ij ~ N(0, gain²/N), the gain of ``Model("tanh", n=N, gain=...)``.
    noise : float, optional
        Variance of white noise added to each unit's sum at each step.

    Returns
    -------
    MeanFieldMap

    Raises
    ------
    TypeError, ValueError
        If gain or noise is no number, or negative.

    References
    ----------
    L. Molgedey, J. Schuchhardt and H. G. Schuster, Suppressing chaos in neural networks by noise,
    Phys. Rev. Lett. 69, 3717 (1992).

    Examples
    --------
    >>> round(mean_field_map(2.0).exponent, 5)
    0.15472
    >>> round(mean_field_map(2.0, noise=1.0).exponent, 4)  # noise suppresses chaos
    0.046
    >>> round(mean_field_map(0.5).exponent, 4)  # log 0.5: the state rests at 0
    -0.6931
    """
    gain, noise = number("gain", gain, low=0.0), number("noise", noise, low=0.0)
    variance = _variance(gain, noise)
    z, weights = gaussian_average_grid(math.sqrt(variance))
    rates = np.tanh(math.sqrt(variance) * z)
    activity = float(np.sum(weights * rates**2))
    growth = gain**2 * float(np.sum(weights * _slopes(math.sqrt(variance) * z) ** 2))
    exponent = 0.5 * math.log(growth) if growth > 0.0 else -math.inf
    return MeanFieldMap(gain, noise, variance, activity, exponent)


def _variance(gain: float, noise: float) -> float:
    """The root of D = gain² E tanh²(sqrt(D) z) + noise that a running network comes to."""
    if noise == 0.0 and gain <= 1.0:
        return 0.0

    def surplus(variance: float) -> float:
        z, weights = gaussian_average_grid(math.sqrt(variance))
        return gain**2 * float(np.sum(weights * np.tanh(math.sqrt(variance) * z) ** 2)) + noise - variance

    # tanh² is at least x² - 2x⁴/3 and at most 1: the root lies between these.
    low = max(noise, 0.5 * (1.0 - 1.0 / gain**2) if gain > 1.0 else 0.0)
    high = gain**2 + noise
    return float(brentq(surplus, 0.999 * low, high, xtol=1e-15 * high, rtol=1e-14))


def gaussian_average_grid(width: float) -> tuple[Array, Array]:
    """Return nodes z and weights whose sum is the Gaussian average of a function of tanh(width z).

    The sum over equal steps h of a function that is analytic up to a distance a from the real axis errs by about
    exp(-2 pi a/h); tanh(width z) has its first pole at a = pi/(2 width).

    Parameters
    ----------
    width : float
        Standard deviation inside tanh.

    Returns
    -------
    z, weights : ndarray(float, shape=(M,))

    Examples
    --------
    >>> z, weights = gaussian_average_grid(3.0)
    >>> round(float(weights @ z**4), 12)
    3.0
    """
    step = min(0.5, math.pi**2 / max(width, 1e-300) / _NATS)
    count = math.ceil(_REACH / step)
    z: Array = step * np.arange(-count, count + 1, dtype=float)
    weights: Array = np.exp(-0.5 * z**2)
    weights /= weights.sum()
    return z, weights


def _slopes(x: Array) -> Array:
    """sech²(x) without overflow, and without the cancellation of 1 - tanh²."""
    small = np.exp(-2.0 * np.abs(x))
    return 4.0 * small / (1.0 + small) ** 2
