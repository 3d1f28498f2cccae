"""Loss of a linear network that learns a filter, over all white noise there is, and its exact gradient: no sampling."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lyaplab.engine.krylov import krylov_gradient, krylov_room
from lyaplab.errors import finite_array
from lyaplab.kernel import one_blas_thread
from lyaplab.theory.filter_task import FilterTask

__all__ = ["FilterGradient", "Population", "population_gradient"]

Array = NDArray[np.float64]

# A power of a matrix as small as this changes no digit of a sum of its squares; one as large will not come back.
_SMALL, _LARGE = 1e-9, 1e60


class FilterGradient(NamedTuple):
    """A loss and its gradient.

    Parameters
    ----------
    loss : float
        1/2 sum_tau p_tau (k_tau - f_tau)²; infinite where the network is unstable and all lags count.
    W : ndarray(float, shape=(N, N))
    u, v : ndarray(float, shape=(N,))
        The gradient by each.
    """

    loss: float
    W: Array
    u: Array
    v: Array


def population_gradient(task: FilterTask, W: ArrayLike, u: ArrayLike, v: ArrayLike) -> FilterGradient:
    """Return the population loss of the filter k_tau = v^T W^tau u, and its exact gradient.

    Parameters
    ----------
    task : FilterTask
        In continuous time the filter is v^T exp(-(1 - W) t) u.
    W : array_like(float, shape=(N, N))
    u, v : array_like(float, shape=(N,))
        How the input enters, and how the output is read.

    Returns
    -------
    FilterGradient

    Raises
    ------
    ValueError, TypeError
        If shapes do not fit.

    Examples
    --------
    One unit: loss (1/(1 - w²) - 2/(1 - w l) + 1/(1 - l²))/2 without a horizon.

    >>> loss, dW, du, dv = population_gradient(FilterTask(0.8), [[0.5]], [1.0], [1.0])
    >>> round(loss, 12) == round((1 / 0.75 - 2 / 0.6 + 1 / 0.36) / 2, 12)
    True
    >>> round(float(dW[0, 0]), 12) == round(0.5 / 0.75**2 - 0.8 / 0.6**2, 12)
    True
    """
    u = finite_array("u", u, shape=(None,))
    n = len(u)
    W, v = finite_array("W", W, shape=(n, n)), finite_array("v", v, shape=(n,))
    found = FilterGradient(0.0, np.empty((n, n)), np.empty(n), np.empty(n))
    with one_blas_thread():
        loss = Population(task, n)(W, u, v, found.W, found.u, found.v)
    return found._replace(loss=loss)


class Population:
    """The loss of networks of one size, with all its memory; call it on one BLAS thread.

    Parameters
    ----------
    task : FilterTask
    n : int
        Number of units N.

    Attributes
    ----------
    radius : float
        About the largest modulus of an eigenvalue of the last W; the largest real part in continuous time. Known
        without a horizon only.
    """

    def __init__(self, task: FilterTask, n: int) -> None:
        self.task, self.radius = task, 0.0
        if task.horizon is not None and task.weights is not None:
            self.target, self.weights = task.filter(np.arange(task.horizon)), task.weights.copy()
            self.room, self.silence = krylov_room(n, task.horizon), np.zeros((0, task.horizon))

    def __call__(self, W: Array, u: Array, v: Array, dW: Array, du: Array, dv: Array) -> float:
        """Return the loss; its gradient is left in the last three."""
        if self.task.horizon is None:
            return self._stationary(W, u, v, dW, du, dv)
        return float(krylov_gradient(W, u, v, self.target, self.weights, self.silence, False, self.room, dW, du, dv))

    @property
    def filter(self) -> Array | None:
        """The filter of the last network, at all lags below the horizon; None without one."""
        if self.task.horizon is None:
            return None
        errors = self.room[4]
        return np.asarray(errors + self.target)

    def _stationary(self, W: Array, u: Array, v: Array, dW: Array, du: Array, dv: Array) -> float:
        """All lags count: Gramians of input and output, and a resolvent for each pole of the target."""
        task, eye = self.task, np.eye(len(u))
        with np.errstate(over="ignore", invalid="ignore"):
            try:
                C, O = self._gramians(W, u, v)
                shifted = [z * eye - W + eye if task.continuous else eye - z * W for z in task.poles]
                heard = [np.linalg.solve(R, u.astype(R.dtype)) for R in shifted]
                told = [np.linalg.solve(R.T, v.astype(R.dtype)) for R in shifted]
            except (np.linalg.LinAlgError, OverflowError):
                return math.inf
        dW[...] = O @ C if task.continuous else O @ W @ C
        du[...], dv[...] = O @ u, C @ v
        loss = 0.5 * (v @ dv + task.energy)
        for amplitude, z, Ru, Rv in zip(task.amplitudes, task.poles, heard, told, strict=True):
            loss -= amplitude * float((v @ Ru).real)
            dW -= amplitude * ((1.0 if task.continuous else z) * np.outer(Rv, Ru)).real
            du -= amplitude * Rv.real
            dv -= amplitude * Ru.real
        # Next to a solution large numbers cancel, and what they leave may be negative.
        return max(float(loss), 0.0)

    def _gramians(self, W: Array, u: Array, v: Array) -> tuple[Array, Array]:
        """Solve C = W C W^T + u u^T and O = W^T O W + v v^T, or (W-1) C + C (W-1)^T + u u^T = 0 and its mirror image.

        Cayley's transform makes the second pair of equations one of the first kind. Doubling solves that: each round
        squares the matrix, and twice as many terms of the series are summed.
        """
        if not self.task.continuous:
            C, O, self.radius = _doubled(W, u, v)
            return C, O
        eye = np.eye(len(u))
        # Between the target's rate and that of a unit alone, on a logarithmic scale.
        s = math.sqrt(float(self.task.poles.real.min()))
        near = (1.0 + s) * eye - W
        M: Array = np.linalg.solve(near, (s - 1.0) * eye + W).astype(float)
        heard: Array = (math.sqrt(2.0 * s) * np.linalg.solve(near, u)).astype(float)
        told: Array = (math.sqrt(2.0 * s) * np.linalg.solve(near.T, v)).astype(float)
        C, O, radius = _doubled(M, heard, told)
        self.radius = 1.0 - s * (1.0 - radius) / (1.0 + radius)
        return C, O


def _doubled(M: Array, x: Array, y: Array) -> tuple[Array, Array, float]:
    """Sum M^k x x^T (M^T)^k and (M^T)^k y y^T M^k over all k; the spectral radius is a by-product (Gelfand)."""
    n, rounds = len(x), 0
    X, Y = x[:, None], y[:, None]
    size = float(np.linalg.norm(M))
    # As long as there are fewer terms than units, they are cheaper one by one.
    while X.shape[1] < n and size > _SMALL:
        X, Y = np.hstack([X, M @ X]), np.hstack([Y, M.T @ Y])
        M, rounds = M @ M, rounds + 1
        size = _checked(M)
    C, O = X @ X.T, Y @ Y.T
    while size > _SMALL:
        C, O = C + M @ C @ M.T, O + M.T @ O @ M
        M, rounds = M @ M, rounds + 1
        size = _checked(M)
    return C, O, float(size ** (0.5**rounds))


def _checked(M: Array) -> float:
    size = float(np.linalg.norm(M))
    if not size < _LARGE:
        raise OverflowError("the powers of W grow")
    return size
