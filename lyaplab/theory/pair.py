"""A pair leaves the bulk: five equations for a linear network that learns to oscillate, and what learning conserves."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.integrate import solve_ivp

from lyaplab.engine.result import Result
from lyaplab.errors import finite_array, number, one_of
from lyaplab.kernel import one_blas_thread
from lyaplab.theory.critical_rate import TRAINED
from lyaplab.theory.filter_task import FilterTask
from lyaplab.theory.population import Population

__all__ = ["PairFlow", "conserved", "pair_flow"]

Array = NDArray[np.float64]

_PRECISION = {"method": "LSODA", "rtol": 1e-10, "atol": 1e-12}
_POINTS = 401


@dataclass(frozen=True, repr=False)
class PairFlow(Result):
    """Two eigenvalues along the gradient flow: W = [[a, -b], [b, d]], u = (p, q), v = (p, -q).

    Parameters
    ----------
    times : ndarray(float, shape=(S,))
        Time of the flow: learning rate times updates.
    variables : ndarray(float, shape=(S, 5))
        a, b, d, p and q.
    loss : ndarray(float, shape=(S,))
    """

    times: Array
    variables: Array
    loss: Array

    @property
    def eigenvalues(self) -> NDArray[np.complex128]:
        """Both, (S, 2): (a + d)/2 ± sqrt(((a - d)/2)² - b²); a pair as soon as |b| > |a - d|/2."""
        a, b, d = self.variables[:, :3].T
        middle, half = 0.5 * (a + d), np.sqrt(0.25 * (a - d) ** 2 - b * b + 0j)
        return np.stack([middle + half, middle - half], axis=1)

    @property
    def conserved(self) -> Array:
        """b (a - d) + p q, (S,): the same at all times when all is trained."""
        a, b, d, p, q = self.variables.T
        return np.asarray(b * (a - d) + p * q)

    def table(self) -> dict[str, np.ndarray]:
        """Return the columns time, a, b, d, p, q and loss."""
        columns = dict(zip("abdpq", self.variables.T, strict=True))
        return {"time": self.times, **columns, "loss": self.loss}

    def __repr__(self) -> str:
        last = self.eigenvalues[-1, 0]
        shown = f"{last.real:.4f} ± {last.imag:.4f}i" if last.imag else f"{last.real:.4f}"
        return f"PairFlow({shown} at time {self.times[-1]:g}; loss {self.loss[0]:.4g} -> {self.loss[-1]:.4g})"


def pair_flow(
    task: FilterTask,
    *,
    until: float = 20.0,
    times: ArrayLike | None = None,
    angle: float = math.pi / 2,
    norm: float = 1.0,
    start: Sequence[float] | None = None,
    train: str = "all",
) -> PairFlow:
    """Follow a pair of eigenvalues along the gradient flow of the loss, for input and output of equal strength.

    Parameters
    ----------
    task : FilterTask
    until : float, optional
        Last time.
    times : array_like(float, shape=(S,)), optional
        Times to report, rising from 0 on; by default 401 up to `until`.
    angle : float, optional
        Between u and v at first, in radians. At 0 they stay parallel, b stays 0, and the network never oscillates.
    norm : float, optional
        Length of u and of v at first.
    start : (a, b, d, p, q), optional
        First values, instead of W = 0 with `angle` and `norm`.
    train : {"all", "W"}, optional
        Whether u and v, and so p and q, are trained.

    Returns
    -------
    PairFlow

    Raises
    ------
    ValueError, TypeError
        If a setting does not fit.

    Notes
    -----
    W, u, v -> R W^T R, R v, R u with a reflection R is a symmetry of the loss; what it leaves as it is stays so. The
    flow has b, p and q move at half the slope of the loss, for each stands twice in the weights. It is the whole of
    learning for a network of any size whose W starts at 0 with |u| = |v|.

    Examples
    --------
    >>> flow = pair_flow(FilterTask(0.8 * np.exp(0.5j), horizon=50), until=40.0, norm=0.3)
    >>> flow
    PairFlow(0.7021 ± 0.3835i at time 40; loss 0.9222 -> ...)
    """
    if not isinstance(task, FilterTask):
        raise TypeError(f"task must be a FilterTask, got {type(task).__name__}")
    when = np.linspace(0.0, number("until", until, low=0.0), _POINTS) if times is None else finite_array("times", times)
    if when.ndim != 1 or not len(when) or when[0] < 0.0 or (np.diff(when) < 0.0).any():
        raise ValueError("times must be a rising sequence of numbers that are not negative")
    everything = one_of("train", train, TRAINED) == "all"
    half, length = 0.5 * number("angle", angle), number("norm", norm, low=0.0)
    begin = [0.0, 0.0, 0.0, length * math.cos(half), length * math.sin(half)]
    begin = begin if start is None else finite_array("start", start, shape=(5,)).tolist()
    slopes = _Slopes(task, everything=everything)
    with one_blas_thread():
        solved = solve_ivp(slopes, (0.0, float(when[-1])), begin, t_eval=when, **_PRECISION)
        loss = np.array([slopes.loss(point) for point in solved.y.T])
    return PairFlow(times=solved.t, variables=solved.y.T.copy(), loss=loss)


class _Slopes:
    """Right-hand side of the five equations: the exact gradient of two units, folded by the symmetry."""

    def __init__(self, task: FilterTask, *, everything: bool) -> None:
        self._measure, self._everything = Population(task, 2), everything
        self._W, self._dW = np.empty((2, 2)), np.empty((2, 2))
        self._u, self._v, self._du, self._dv = (np.empty(2) for _ in range(4))

    def loss(self, point: Array) -> float:
        """Return the loss; the gradient is left in memory."""
        a, b, d, p, q = point
        self._W[...] = (a, -b), (b, d)
        self._u[...], self._v[...] = (p, q), (p, -q)
        return self._measure(self._W, self._u, self._v, self._dW, self._du, self._dv)

    def __call__(self, _: float, point: Array) -> Array:
        self.loss(point)
        dW, du, dv = self._dW, self._du, self._dv
        both = (du[0] + dv[0], du[1] - dv[1]) if self._everything else (0.0, 0.0)
        return -np.array([dW[0, 0], 0.5 * (dW[1, 0] - dW[0, 1]), dW[1, 1], 0.5 * both[0], 0.5 * both[1]])


def conserved(W: ArrayLike, u: ArrayLike, v: ArrayLike) -> Array:
    """Return Q = W W^T - W^T W + u u^T - v v^T, which the gradient flow of W, u and v together does not change.

    It is what Noether's theorem has for the change of basis W -> G W G^-1, u -> G u, v -> G^-T v.

    Parameters
    ----------
    W : array_like(float, shape=(N, N))
    u, v : array_like(float, shape=(N,))

    Returns
    -------
    ndarray(float, shape=(N, N))

    Examples
    --------
    >>> conserved([[0.0, 2.0], [0.0, 0.0]], [1.0, 0.0], [0.0, 1.0])
    array([[ 5.,  0.],
           [ 0., -5.]])
    """
    u = finite_array("u", u, shape=(None,))
    W, v = finite_array("W", W, shape=(len(u), len(u))), finite_array("v", v, shape=(len(u),))
    return W @ W.T - W.T @ W + np.outer(u, u) - np.outer(v, v)
