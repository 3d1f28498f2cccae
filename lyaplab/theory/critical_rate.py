"""The learning rate above which gradient descent cannot stay at a solution: 2 over the curvature there."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import scipy.linalg
from numpy.typing import NDArray
from scipy.sparse.linalg import LinearOperator, eigsh

from lyaplab.errors import one_of
from lyaplab.kernel import one_blas_thread
from lyaplab.theory.filter_task import FilterTask
from lyaplab.theory.population import Population

__all__ = ["TRAINED", "critical_rate", "realisation"]

Array = NDArray[np.float64]

TRAINED = ("W", "all")
# Of a filter given lag by lag: parts of it that are smaller than this, or are more than this, are left out.
_FAINT, _MOST_UNITS = 1e-6, 6
# Up to this many numbers the curvature is that of the whole matrix of second derivatives.
_FEW = 50


def critical_rate(task: FilterTask, at: Any = None, *, train: str = "W") -> float:
    """Return the learning rate at which gradient descent becomes unstable: 2/(largest curvature of the loss).

    Parameters
    ----------
    task : FilterTask
        What is learnt.
    at : complex or network, optional
        Where the curvature is taken: by default at the solution, else at a network that has learnt this pole instead
        (a rate of decay in continuous time), or at a network: anything with W, u and v.
    train : {"W", "all"}, optional
        What is trained: W alone, or W, u and v.

    Returns
    -------
    float
        Infinite where nothing is curved upwards.

    Raises
    ------
    ValueError, TypeError
        If there is no such `train`, or no finite loss at that pole.

    Notes
    -----
    At a solution with input and output of equal strength. One real pole, W alone: 2(1-l²)³/(1+l²); in continuous time
    8c³; the integrator over T steps 12/((T-1)T(2T-1)), about 6/T³. Long memory is stiff.

    Descent is a map, and this is where its fixed point flips: above, it doubles its period on the way to chaos as the
    logistic map does. One outlier with W alone trained was seen to do so a second time at 1.25 to 1.3 times this rate.
    The loss left the range of floats only far above: in discrete time at 3 to 4 times this rate, depending on the task.

    Examples
    --------
    >>> round(critical_rate(FilterTask("integrator", horizon=100)) * 99 * 100 * 199, 9)
    12.0
    >>> round(critical_rate(FilterTask(0.1, continuous=True)), 9)
    0.008
    >>> bool(critical_rate(FilterTask(0.95), train="all") < critical_rate(FilterTask(0.95)))
    True
    """
    one_of("train", train, TRAINED)
    if all(hasattr(at, name) for name in ("W", "u", "v")):
        curved = _largest_curvature(task, at.W, at.u, at.v, train)
    else:
        wanted = task if at is None else task.at_pole(at)
        sums = _sums(wanted)
        if sums is not None:
            by_pole, mixed, by_weight = sums
            matrix = [[by_pole, math.sqrt(2.0) * mixed], [math.sqrt(2.0) * mixed, 2.0 * by_weight]]
            curved = by_pole if train == "W" else float(np.linalg.eigvalsh(matrix)[-1])
        else:
            curved = _largest_curvature(wanted, *realisation(wanted), train)
    return 2.0 / curved if curved > 0.0 else math.inf


def _sums(task: FilterTask) -> tuple[float, float, float] | None:
    """Sum squares and products of dk/dlambda and k/w over all lags, for one real pole of amplitude 1; else None."""
    if len(task.poles) != 1 or task.poles[0].imag != 0.0 or task.amplitudes[0] != 1.0:
        return None
    pole = float(task.poles[0].real)
    if task.continuous:
        return 0.25 / pole**3, 0.25 / pole**2, 0.5 / pole
    if task.weights is None:
        rest = 1.0 - pole * pole
        return (1.0 + pole * pole) / rest**3, pole / rest**2, 1.0 / rest
    lags, p = np.arange(len(task.weights)), task.weights
    power = pole**lags
    slope = lags * np.concatenate([[0.0], power[:-1]])
    return float(p @ slope**2), float(p @ (slope * power)), float(p @ power**2)


def realisation(task: FilterTask) -> tuple[Array, Array, Array]:
    """Return the smallest network that solves a task, as (W, u, v), its input and output of equal strength.

    Each real pole is one unit, each complex one a rotation of two. A filter given lag by lag is realised by the
    singular vectors of its Hankel matrix, up to six units.

    References
    ----------
    B. L. Ho and R. E. Kalman, Effective construction of linear state-variable models from input/output functions,
    Regelungstechnik 14 (1966) 545-548.

    Examples
    --------
    >>> W, u, v = realisation(FilterTask([(4.0, 0.5), (-1.0, 0.2)]))
    >>> W.diagonal(), u, v
    (array([0.5, 0.2]), array([2., 1.]), array([ 2., -1.]))
    """
    if task.values is not None:
        return _from_values(task.values)
    blocks, u, v = [], [], []
    for amplitude, z in zip(task.amplitudes, task.poles, strict=True):
        wanted = 1.0 - z if task.continuous else z
        real = wanted.imag == 0.0
        blocks.append([[wanted.real]] if real else [[wanted.real, -wanted.imag], [wanted.imag, wanted.real]])
        strength, silent = math.sqrt(abs(amplitude)), [] if real else [0.0]
        u += [strength, *silent]
        v += [math.copysign(strength, amplitude), *silent]
    return np.asarray(scipy.linalg.block_diag(*blocks)), np.array(u), np.array(v)


def _from_values(f: Array) -> tuple[Array, Array, Array]:
    half = (len(f) + 1) // 2
    hankel = scipy.linalg.hankel(f[:half], f[half - 1 :])
    left, strength, right = np.linalg.svd(hankel)
    units = max(1, min(_MOST_UNITS, int(np.sum(strength > _FAINT * strength[0]))))
    root = np.sqrt(strength[:units])
    told, heard = left[:, :units] * root, root[:, None] * right[:units]
    W = np.zeros((units, units)) if len(told) < 2 else np.linalg.lstsq(told[:-1], told[1:], rcond=None)[0]
    return W, heard[:, 0].copy(), told[0].copy()


def _largest_curvature(task: FilterTask, W: Array, u: Array, v: Array, train: str) -> float:
    """Return the largest eigenvalue of the second derivatives, which are differences of exact gradients."""
    n = len(u)
    theta = np.concatenate([np.ravel(W), u, v])
    trained = n * n if train == "W" else len(theta)
    slopes, measure = np.empty_like(theta), Population(task, n)
    parts = _split(slopes, n)

    def slope_at(point: Array) -> Array:
        measure(*_split(point, n), *parts)
        return slopes[:trained].copy()

    with one_blas_thread():
        if not math.isfinite(measure(*_split(theta, n), *parts)):
            raise ValueError("at must be where the loss is finite, got an unstable network")
    # Near the edge of stability the loss changes over distances as small as the distance to the edge.
    span = 1e-4 * _room(task, W)

    def along(direction: Array) -> Array:
        length = float(np.linalg.norm(direction))
        ahead = np.zeros_like(theta)
        ahead[:trained] = span / max(length, 1e-300) * np.ravel(direction)
        near = slope_at(theta + ahead) - slope_at(theta - ahead)
        if trained > _FEW:
            return np.asarray(near * (length / (2.0 * span)))
        far = slope_at(theta + 2.0 * ahead) - slope_at(theta - 2.0 * ahead)
        return np.asarray((8.0 * near - far) * (length / (12.0 * span)))

    with one_blas_thread():
        if trained <= _FEW:
            matrix = np.stack([along(direction) for direction in np.eye(trained)])
            return float(np.linalg.eigvalsh(0.5 * (matrix + matrix.T))[-1])
        begin = np.random.default_rng(0).standard_normal(trained)
        operator = LinearOperator((trained, trained), matvec=along, dtype=float)
        return float(eigsh(operator, k=1, which="LA", tol=1e-2, v0=begin, return_eigenvectors=False)[0])


def _split(theta: Array, n: int) -> tuple[Array, Array, Array]:
    """View theta as W, u and v."""
    return theta[: n * n].reshape(n, n), theta[n * n : n * n + n], theta[n * n + n :]


def _room(task: FilterTask, W: Array) -> float:
    """Return how far eigenvalues may move before the loss becomes another one: to instability, or 1/T."""
    if task.horizon is not None:
        return 1.0 / task.horizon
    found = np.linalg.eigvals(W)
    return float(1.0 - (found.real if task.continuous else np.abs(found)).max())
