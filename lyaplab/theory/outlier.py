"""One outlier leaves the bulk: what becomes of a linear network that learns to be a leaky integrator.

With W(0) = 0 and u = v (or driven to be so) W stays of rank one, W = l û û^T, and the filter is k_tau = w l^tau with
w = u.v: two equations, or one where w is not trained, are the whole of learning.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.integrate import solve_ivp

from lyaplab.engine.result import Result
from lyaplab.errors import finite_array, number, one_of, positive_int
from lyaplab.theory.critical_rate import TRAINED
from lyaplab.theory.filter_task import FilterTask

__all__ = ["COLLAPSE_FLOW", "COLLAPSE_MAP", "OutlierFlow", "integration_steps", "outlier_flow", "time_to_level"]

Array = NDArray[np.float64]

# Time of the gradient flow in which an outlier starting at 0 reaches 1, however long the memory that is learnt:
# the integral of (1-l²)²/(1+l+l²) from 0 to 1; in continuous time that of 4c²/3.
COLLAPSE_MAP = 1.5 * math.log(3.0) + math.pi / math.sqrt(12.0) - 13.0 / 6.0
COLLAPSE_FLOW = 4.0 / 9.0

_PRECISION = {"method": "LSODA", "rtol": 1e-11, "atol": 1e-12}
_POINTS = 401
# When to give up waiting for a level, in time of the gradient flow.
_PATIENCE = 1e6


@dataclass(frozen=True, repr=False)
class OutlierFlow(Result):
    """The outlier along the gradient flow.

    Parameters
    ----------
    times : ndarray(float, shape=(S,))
        Time of the flow: learning rate times updates.
    eigenvalue : ndarray(float, shape=(S,))
        The outlier l of W; in continuous time it decays at the rate 1 - l.
    weight : ndarray(float, shape=(S,))
        w = u.v.
    loss : ndarray(float, shape=(S,))
    """

    times: Array
    eigenvalue: Array
    weight: Array
    loss: Array

    def table(self) -> dict[str, np.ndarray]:
        """Return the columns time, eigenvalue, weight and loss."""
        return {"time": self.times, "eigenvalue": self.eigenvalue, "weight": self.weight, "loss": self.loss}

    def __repr__(self) -> str:
        return (
            f"OutlierFlow(eigenvalue {self.eigenvalue[0]:.4g} -> {self.eigenvalue[-1]:.4f} in time {self.times[-1]:g};"
            f" loss {self.loss[0]:.4g} -> {self.loss[-1]:.4g})"
        )


def outlier_flow(
    task: FilterTask,
    *,
    until: float = 2.0,
    times: ArrayLike | None = None,
    start: float = 0.0,
    norms: tuple[float, float] = (1.0, 1.0),
    train: str = "W",
) -> OutlierFlow:
    """Follow one outlier along the gradient flow of the loss.

    Parameters
    ----------
    task : FilterTask
        Any; a real outlier can do no better than the best single exponential.
    until : float, optional
        Last time.
    times : array_like(float, shape=(S,)), optional
        Times to report, rising from 0 on; by default 401 up to `until`.
    start : float, optional
        The outlier at first.
    norms : (float, float), optional
        Lengths of u and v at first, which point in the same direction.
    train : {"W", "all"}, optional
        Whether u and v, and so w = |u||v|, are trained as well.

    Returns
    -------
    OutlierFlow

    Raises
    ------
    ValueError, TypeError
        If the outlier starts where the loss is infinite, or a setting does not fit.

    Notes
    -----
    Without a horizon and with w = 1: dl/dt = l*/(1 - l l*)² - l/(1 - l²)². In continuous time, for the rate of decay
    c = 1 - l: dc/dt = w²/(4c²) - w/(c + c*)² and dw/dt = -2w (w/(2c) - 1/(c + c*)). Both hold for a network of any
    size whose W starts at 0 with u = v, and for small random W up to terms of order g.

    References
    ----------
    Bordelon, Cotler, Pehlevan and Zavatone-Veth, Dynamically learning to integrate in recurrent neural networks,
    arXiv:2503.18754 (2025), ask the question; formulas and numbers here are derived and checked anew.

    Examples
    --------
    >>> flow = outlier_flow(FilterTask(0.9, horizon=80))
    >>> bool(abs(flow.eigenvalue[-1] - 0.9) < 1e-6)
    True
    """
    when = np.linspace(0.0, number("until", until, low=0.0), _POINTS) if times is None else finite_array("times", times)
    if when.ndim != 1 or not len(when) or when[0] < 0.0 or (np.diff(when) < 0.0).any():
        raise ValueError("times must be a rising sequence of numbers that are not negative")
    slope, loss, begin = _equations(task, start, norms, train)
    solved = solve_ivp(slope, (0.0, float(when[-1])), begin, t_eval=when, **_PRECISION)
    eigenvalue, weight = solved.y
    values = np.array([loss(*point) for point in solved.y.T])
    return OutlierFlow(times=solved.t, eigenvalue=eigenvalue, weight=weight, loss=values)


def time_to_level(
    level: float,
    task: FilterTask,
    *,
    start: float = 0.0,
    norms: tuple[float, float] = (1.0, 1.0),
    train: str = "W",
) -> float:
    """Return the time of the gradient flow at which the outlier first reaches a level; infinite if it never does.

    Parameters
    ----------
    level : float
        Of the eigenvalue.
    task, start, norms, train
        As of `outlier_flow`.

    Examples
    --------
    >>> round(time_to_level(0.8, FilterTask(0.9, horizon=80)), 4)
    0.5017
    >>> time_to_level(0.95, FilterTask(0.9, horizon=80))
    inf
    """
    level = number("level", level)
    slope, _, begin = _equations(task, start, norms, train)

    def reached(_: float, point: Array) -> float:
        return float(point[0] - level)

    def resting(_: float, point: Array) -> float:
        return float(np.abs(slope(0.0, point)).max() - 1e-9)

    reached.terminal = resting.terminal = True  # type: ignore[attr-defined]
    solved = solve_ivp(slope, (0.0, _PATIENCE), begin, events=(reached, resting), **_PRECISION)
    return float(solved.t_events[0][0]) if len(solved.t_events[0]) else math.inf


def integration_steps(horizon: int, *, relative_rate: float = 0.5) -> float:
    """Return how many steps of gradient descent it takes to learn to integrate over a horizon, W alone and u = v.

    The flow needs the time 0.388151 whatever the horizon T, but steps are at most 12/((T-1)T(2T-1)) long.

    Parameters
    ----------
    horizon : int
        T, at least 2.
    relative_rate : float, optional
        The learning rate as a multiple of the critical one.

    Returns
    -------
    float
        About 0.1294 T³ at half the critical rate.

    Examples
    --------
    >>> round(integration_steps(1000) / 1000**3, 4)
    0.1292
    """
    T = positive_int("horizon", horizon, minimum=2)
    relative = number("relative_rate", relative_rate, low=0.0)
    if relative == 0.0:
        raise ValueError("relative_rate must be positive, got 0")
    return COLLAPSE_MAP * (T - 1) * T * (2 * T - 1) / (12.0 * relative)


def _equations(
    task: FilterTask, start: float, norms: tuple[float, float], train: str
) -> tuple[Callable[[float, Array], Array], Callable[[float, float], float], Array]:
    """Return the right-hand side for (eigenvalue, weight), the loss, and the first values."""
    if not isinstance(task, FilterTask):
        raise TypeError(f"task must be a FilterTask, got {type(task).__name__}")
    everything = one_of("train", train, TRAINED) == "all"
    of_u, of_v = (number("norms", length, low=0.0) for length in norms)
    start = number("start", start)
    if task.horizon is None and (start >= 1.0 or (not task.continuous and start <= -1.0)):
        raise ValueError(f"start must be where the loss is finite, inside the unit circle, got {start:g}")
    # |u|² - |v|² does not change, so the sum follows from the product.
    apart = of_u**2 - of_v**2
    parts = _finite(task) if task.horizon is not None else _flow(task) if task.continuous else _map(task)

    def slope(_: float, point: Array) -> Array:
        _, by_eigenvalue, by_weight = parts(float(point[0]), float(point[1]))
        pace = math.hypot(apart, 2.0 * point[1]) if everything else 0.0
        return np.array([-by_eigenvalue, -pace * by_weight])

    return slope, lambda eigenvalue, weight: parts(eigenvalue, weight)[0], np.array([start, of_u * of_v])


_Parts = Callable[[float, float], tuple[float, float, float]]


def _finite(task: FilterTask) -> _Parts:
    """Loss and its slopes by l and w, where a horizon ends the sums."""
    assert task.weights is not None
    p, lags = task.weights, np.arange(len(task.weights))
    f = task.filter(lags)

    def parts(l: float, w: float) -> tuple[float, float, float]:
        power = l**lags
        slope = lags * np.concatenate([[0.0], power[:-1]])
        error = w * power - f
        return 0.5 * float(p @ error**2), w * float(p @ (error * slope)), float(p @ (error * power))

    return parts


def _map(task: FilterTask) -> _Parts:
    """Do the same where all lags count."""

    def parts(l: float, w: float) -> tuple[float, float, float]:
        to_target = 1.0 / (1.0 - l * task.poles)
        cross = float(task.amplitudes @ to_target.real)
        steeper = float(task.amplitudes @ (task.poles * to_target**2).real)
        own = 1.0 / (1.0 - l * l)
        return 0.5 * (w * w * own - 2.0 * w * cross + task.energy), w * w * l * own**2 - w * steeper, w * own - cross

    return parts


def _flow(task: FilterTask) -> _Parts:
    """Do the same in continuous time."""

    def parts(l: float, w: float) -> tuple[float, float, float]:
        c = 1.0 - l
        to_target = 1.0 / (c + task.poles)
        cross = float(task.amplitudes @ to_target.real)
        steeper = float(task.amplitudes @ (to_target**2).real)
        own = 0.5 / c
        return 0.5 * (w * w * own - 2.0 * w * cross + task.energy), w * w * own**2 - w * steeper, w * own - cross

    return parts
