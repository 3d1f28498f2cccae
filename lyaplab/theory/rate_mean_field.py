"""Dynamic mean-field theory of the random rate network dh/dt = -h + W tanh(h) + noise, in continuous time.

The autocorrelation D(t) of a unit obeys D'' = D - gain² E tanh tanh, a ball in a potential: it starts at D(0), with
the slope that white noise gives it, and comes to rest on the hill at 0. Energy conservation fixes D(0). Two copies of
the network that differ a little part at a rate that a bound state in the well 1 - gain² E sech² sech² decides.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

from lyaplab.engine.result import Result
from lyaplab.errors import number
from lyaplab.theory._rate_field import Averages

__all__ = ["MeanFieldFlow", "mean_field_flow"]

Array = NDArray[np.float64]

# Where the autocorrelation has fallen to this share, the well is flat to its square.
_TAIL = 1e-5
# Steps over the well; its error is the fourth power of a step.
_STEPS = 1000


@dataclass(frozen=True, repr=False)
class MeanFieldFlow(Result):
    """The large random rate network, as N goes to infinity.

    Parameters
    ----------
    gain : float
        W_ij ~ N(0, gain²/N).
    noise : float
        Intensity of the white noise that each unit receives: E x(t) x(t') = noise delta(t - t').
    variance : float
        Of h.
    exponent : float
        Largest Lyapunov exponent, in nats per time constant; with noise, that between runs under the same noise.
    lags : ndarray(float, shape=(M,))
        In time constants, from 0 on.
    autocorrelation : ndarray(float, shape=(M,))
        E h(t) h(t + lag).
    """

    gain: float
    noise: float
    variance: float
    exponent: float
    lags: Array
    autocorrelation: Array

    @property
    def chaotic(self) -> bool:
        """Whether neighbouring states part."""
        return self.exponent > 0.0

    def table(self) -> dict[str, np.ndarray]:
        """Return the columns lag and autocorrelation."""
        return {"lag": self.lags, "autocorrelation": self.autocorrelation}

    def __repr__(self) -> str:
        word = "chaos" if self.chaotic else ("one response to the input" if self.noise else "rest at 0")
        return (
            f"MeanFieldFlow({word}: gain {self.gain:g}, noise {self.noise:g}; variance {self.variance:.4f},"
            f" exponent {self.exponent:.4f} per unit time)"
        )


def mean_field_flow(gain: float, *, noise: float = 0.0) -> MeanFieldFlow:
    """Predict variance, autocorrelation and largest exponent of a large random rate network.

    Parameters
    ----------
    gain : float
        W_ij ~ N(0, gain²/N), the gain of ``Model("rate", n=N, gain=...)``; time steps of that model tend to 0.
    noise : float, optional
        Intensity of white noise at each unit. In Euler steps of dt it is an input of variance noise/dt.

    Returns
    -------
    MeanFieldFlow

    Raises
    ------
    TypeError, ValueError
        If gain or noise is no number, or negative.

    Notes
    -----
    With G the integral of E tanh tanh over the covariance, energy conservation reads
    variance²/2 - gain² G(variance) = noise²/8. If E is the ground-state energy of -d²/dt² + 1 - gain² E sech² sech²,
    the exponent is -1 + sqrt(1 - E).

    References
    ----------
    H. Sompolinsky, A. Crisanti and H. J. Sommers, Chaos in random neural networks, Phys. Rev. Lett. 61, 259 (1988);
    with noise: J. Schuecker, S. Goedeke and M. Helias, Optimal sequence memory in driven random networks,
    Phys. Rev. X 8, 041029 (2018).

    Examples
    --------
    >>> round(mean_field_flow(2.0).exponent, 4)
    0.1125
    >>> round(mean_field_flow(0.5).exponent, 4)  # gain - 1: the state rests at 0
    -0.5
    """
    gain, noise = number("gain", gain, low=0.0), number("noise", noise, low=0.0)
    if noise == 0.0 and gain <= 1.0:
        return MeanFieldFlow(gain, noise, 0.0, gain - 1.0, np.zeros(1), np.zeros(1))
    averages = Averages(_variance(gain, noise))
    lags, autocorrelation = _fall(averages, gain, noise)
    well = np.array([-(gain**2) * averages.slope(covariance) for covariance in autocorrelation])
    ground = _ground_state(lags[-1], well, edge=-(gain**2) * averages.floor)
    return MeanFieldFlow(gain, noise, averages.variance, math.sqrt(-ground) - 1.0, lags, autocorrelation)


def _variance(gain: float, noise: float) -> float:
    """The variance at which the ball that starts there comes to rest at 0."""

    def surplus(variance: float) -> float:
        return (2.0 * gain**2 * Averages(variance).energy(variance) + 0.25 * noise**2) / variance**2 - 1.0

    # G is at most the variance, since log cosh is nowhere steeper than 1; and it is not negative.
    high = 2.0 * gain**2 + 0.5 * noise
    low = 0.5 * noise if noise > 0.0 else 0.25 * high
    while surplus(low) < 0.0:
        low *= 0.5 if noise == 0.0 else 1.0 - 1e-12
    return float(brentq(surplus, low, high, xtol=1e-14 * high, rtol=1e-13))


def _fall(averages: Averages, gain: float, noise: float) -> tuple[Array, Array]:
    """Return lags and the autocorrelation there, from its maximum to nearly 0; lags are dense near 0.

    Down to half its height the ball is followed by Newton's law. Below that by its energy, since near the hill at 0
    the least error of a position grows exponentially.
    """
    start, half = averages.variance, 0.5 * averages.variance

    def newton(_: float, y: Array) -> tuple[float, float]:
        return y[1], y[0] - gain**2 * averages.rates(y[0])

    def by_energy(_: float, y: Array) -> tuple[float]:
        covariance = math.exp(y[0])
        return (-math.sqrt(max(1.0 - 2.0 * gain**2 * averages.energy(covariance) / covariance**2, 0.0)),)

    def halfway(_: float, y: Array) -> float:
        return y[0] - half

    def arrived(_: float, y: Array) -> float:
        return y[0] - math.log(_TAIL * start)

    halfway.terminal = arrived.terminal = True  # type: ignore[attr-defined]
    exact = {"method": "DOP853", "rtol": 1e-11, "atol": 1e-12 * start, "dense_output": True}
    top = solve_ivp(newton, (0.0, 1e7), (start, -0.5 * noise), events=halfway, **exact)
    met = float(top.t[-1])
    tail = solve_ivp(by_energy, (met, 1e9), (math.log(half),), events=arrived, **{**exact, "atol": 1e-12})
    lags = float(tail.t[-1]) * np.linspace(0.0, 1.0, 2 * _STEPS + 1) ** 2
    early = lags <= met
    return lags, np.concatenate([top.sol(lags[early])[0], np.exp(tail.sol(lags[~early])[0])])


def _ground_state(length: float, well: Array, *, edge: float) -> float:
    """Return the lowest energy of -d²/dt² + well, symmetric about 0 and flat at `edge` beyond `length`.

    The angle of (psi, -psi') runs from 0 at the centre to that of a decaying exponential at the end, for the right
    energy only; unlike psi'/psi it never blows up, and it grows with the energy.

    Parameters
    ----------
    length : float
        Where the well is flat.
    well : ndarray(float, shape=(2 S + 1,))
        Its depth at length x², x in S steps and half-steps of 1/S.
    edge : float
        Its level outside.
    """
    depths = well.tolist()

    def mismatch(energy: float) -> float:
        return _angle(length, depths, energy) - math.atan(math.sqrt(max(edge - energy, 0.0)))

    return float(brentq(mismatch, float(well.min()), edge, xtol=1e-13, rtol=1e-12))


def _angle(length: float, well: list[float], energy: float) -> float:
    """Follow the angle from the centre to the end, by Runge and Kutta's fourth-order steps."""
    steps = (len(well) - 1) // 2
    h, angle = 1.0 / steps, 0.0

    def rate(place: int, at: float) -> float:
        sine = math.sin(at)
        depth = energy - well[place]
        return 2.0 * length * (0.5 * place * h) * (sine * sine + depth * (1.0 - sine * sine))

    for i in range(0, 2 * steps, 2):
        k1 = rate(i, angle)
        k2 = rate(i + 1, angle + 0.5 * h * k1)
        k3 = rate(i + 1, angle + 0.5 * h * k2)
        k4 = rate(i + 2, angle + h * k3)
        angle += h * (k1 + 2.0 * (k2 + k3) + k4) / 6.0
    return angle
