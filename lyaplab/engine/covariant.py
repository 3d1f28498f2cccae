"""Covariant Lyapunov vectors: the directions that grow at the rate of each exponent, forwards and backwards in time.

Ginelli's method. On the way forward the orthonormal frames Q and the triangular factors R are kept; on the way back any
vectors within the nested subspaces, written in the frames' coordinates, fall onto the covariant ones.

Tangents are rows here: a frame T (k, n) is pushed to P = L T', L (k, k) lower triangular with a positive diagonal, T'
the next frame. Covariant vectors are V = C T with C lower triangular, and the next ones are V J^T = C L T': so the way
back solves C L = C' for C and takes every row to unit length again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular

from lyaplab.engine.result import Result
from lyaplab.engine.spectrum import TangentRun
from lyaplab.errors import DivergenceError
from lyaplab.kernel import Cell, kernel, one_blas_thread
from lyaplab.kernel.algebra import copy
from lyaplab.kernel.cell import push, step

__all__ = ["CovariantVectors", "covariant_vectors", "participation_ratio"]

Array = NDArray[np.float64]

# Spread of growth, in nats, between two factors L: their condition number is about its exponential.
_SPREAD = 6.0


def participation_ratio(vectors: Array) -> Array:
    """Return how many components a vector lives on: (sum v_i²)² / sum v_i⁴, from 1 to n.

    Parameters
    ----------
    vectors : ndarray(float, shape=(..., n))

    Returns
    -------
    ndarray(float, shape=(...))

    Examples
    --------
    >>> participation_ratio(np.array([[1.0, 0.0, 0.0, 0.0], [0.5, 0.5, 0.5, 0.5]]))
    array([1., 4.])
    """
    squares = vectors**2
    return squares.sum(axis=-1) ** 2 / (squares**2).sum(axis=-1)


@dataclass(frozen=True, repr=False)
class CovariantVectors(Result):
    """Covariant Lyapunov vectors along an orbit.

    Parameters
    ----------
    times : ndarray(float, shape=(M,))
        Time after the warm-up, in `unit`.
    states : ndarray(float, shape=(M, n))
        The orbit there.
    vectors : ndarray(float, shape=(M, k, n))
        Unit vectors, the one that grows fastest first; the sign is arbitrary, but the same all along.
    growth : ndarray(float, shape=(M - 1, k))
        Logarithmic growth of each vector from one of the times to the next, in nats.
    unit : str
        "step" for maps, "time" for flows.
    """

    times: Array
    states: Array
    vectors: Array
    growth: Array
    unit: str = "step"

    @property
    def exponents(self) -> Array:
        """Mean growth of the vectors in nats per `unit`, shape (k,): another way to the Lyapunov exponents."""
        return self.growth.sum(axis=0) / (self.times[-1] - self.times[0])

    @property
    def participation_ratios(self) -> Array:
        """How many components each vector lives on, from 1 to n, shape (M, k)."""
        return participation_ratio(self.vectors)

    def angles(self, i: int, j: int) -> Array:
        """Angle between vectors i and j (from 0) at every time, in radians from 0 to pi/2, shape (M,).

        Angles near 0 are near tangencies: there the splitting into directions is not hyperbolic.
        """
        one, other = self.vectors[:, i], self.vectors[:, j]
        along = np.abs((one * other).sum(axis=1))
        # The sine by what is left, so that small angles keep their digits.
        across = np.linalg.norm(one - (one * other).sum(axis=1)[:, None] * other, axis=1)
        return np.arctan2(across, along)

    def table(self) -> dict[str, np.ndarray]:
        """Return the columns time, participation_1, participation_2, ..."""
        ratios = self.participation_ratios
        return {"time": self.times, **{f"participation_{i + 1}": column for i, column in enumerate(ratios.T)}}

    def __repr__(self) -> str:
        _, k, n = self.vectors.shape
        shown = ", ".join(f"{e:.4f}" for e in self.exponents[:4]) + (", ..." if k > 4 else "")
        return (
            f"CovariantVectors({k} of {n} at {len(self.times)} times; exponents {shown} per {self.unit};"
            f" participation ratio of the first {self.participation_ratios[:, 0].mean():.3g} of {n})"
        )


@kernel
def _carry(cell, q, u, drive, first, count, x, y, w, V, A, Z):
    """Push the rows V along `count` steps from x, in place and without orthonormalising; return a bad step, or -1."""
    for t in range(first, first + count):
        step(cell, q, x, u[t * drive], y, w)
        push(cell, q, w, V, A, Z)
        copy(y, x)
        copy(Z, V)
        total = 0.0
        for i in range(x.shape[1]):
            total += 0.0 * x[0, i]
        # Not a number, if one of them was infinite.
        if total != 0.0:
            return t + 1
    return -1


class _Forward:
    """The way forward: the frame of the moment, carried from factor to factor."""

    def __init__(self, cell: Cell, p: tuple[Array, ...], x: Array, frame: Array, inputs: Array, first: int) -> None:
        (k, n), (_, nw, na) = frame.shape, cell.size(p)
        self._cell, self._q = cell, cell.prepare(p)
        self._u = np.ascontiguousarray(inputs[:, None, :])
        self._time, self._pace = first, _SPREAD
        self.state, self.frame = x.reshape(1, n).copy(), np.ascontiguousarray(frame)
        self._work = np.empty((1, n)), np.empty((1, nw))
        self._tangents = np.empty((k, na)), np.empty((k, n))

    def factors(self, steps: int) -> list[Array]:
        """Go on by some steps, and return the factors L (k, k) of the way there, each as long as its spread allows."""
        end, found = self._time + steps, []
        while self._time < end:
            count = min(end - self._time, max(1, int(_SPREAD / self._pace)))
            found.append(L := self._factor(count))
            diagonal = np.diag(L)
            if not diagonal.min() > 0.0:
                raise ValueError(
                    f"k must be smaller: one of {len(L)} directions dies at step {self._time},"
                    " and covariant vectors need a way back"
                )
            spread = float(np.log(max(diagonal.max(), 1.0) / min(diagonal.min(), 1.0)))
            self._pace = max(0.9 * self._pace, spread / count, 1e-3)
        return found

    def _factor(self, steps: int) -> Array:
        drive = int(len(self._u) > 1)
        V = self.frame = self.frame.copy()
        bad = _carry(
            self._cell, self._q, self._u, drive, self._time, steps, self.state, *self._work, V, *self._tangents
        )
        self._time += steps
        if bad >= 0 or not np.isfinite(V).all():
            raise DivergenceError(bad if bad >= 0 else self._time, what="the orbit or a tangent")
        Q, R = np.linalg.qr(V.T)
        signs = np.where(np.diag(R) < 0.0, -1.0, 1.0)
        self.frame = np.ascontiguousarray((Q * signs).T)
        return np.ascontiguousarray((R * signs[:, None]).T)


def _backward(frames: list[Array], factors: list[list[Array]], after: list[Array]) -> tuple[Array, Array]:
    """Return the vectors (M, k, n) at all frames, and their growth (M - 1, k) from one to the next."""
    k, n = frames[0].shape
    vectors, growth = np.empty((len(frames), k, n)), np.zeros((len(frames) - 1, k))
    C = np.eye(k)
    for L in reversed(after):
        C, _ = _back(C, L)
    for place in range(len(frames) - 1, -1, -1):
        vectors[place] = C @ frames[place]
        if place > 0:
            for L in reversed(factors[place - 1]):
                C, grown = _back(C, L)
                growth[place - 1] += grown
    return vectors, growth


def _back(C: Array, L: Array) -> tuple[Array, Array]:
    """Coordinates one factor earlier, and the logarithm of what every row grows by from there."""
    earlier = solve_triangular(L.T, C.T, lower=False, check_finite=False).T
    lengths = np.linalg.norm(earlier, axis=1)
    return earlier / lengths[:, None], -np.log(lengths)


def covariant_vectors(
    cell: Cell,
    p: tuple[Array, ...],
    *,
    x0: Array,
    inputs: Array,
    k: int,
    steps: int,
    stride: int,
    warmup: int,
    settle: int,
    dt: float | None = None,
) -> CovariantVectors:
    """Find the covariant vectors at every `stride` steps of an orbit.

    Kept at a time are steps/stride frames of k n numbers, and a factor of k² numbers for every few steps (as many as
    spread growth by 6 nats, and at most `stride`) of steps + settle.

    Parameters
    ----------
    cell, p : Cell, tuple of ndarray
        The system and its parameters.
    x0 : ndarray(float, shape=(n,))
        First state.
    inputs : ndarray(float, shape=(T, m))
        One row for each step, warm-up and settling included; T = 1 holds a constant input.
    k : int
        Number of vectors.
    steps, stride : int
        Length of the orbit, and steps between two times that vectors are wanted at.
    warmup : int
        Steps before, in which the frames fall into place.
    settle : int
        Steps after, in which the vectors do on their way back.
    dt : float, optional
        Time step of a flow.

    Returns
    -------
    CovariantVectors

    Raises
    ------
    DivergenceError
        At the first step that is not finite.
    ValueError
        If a direction dies: then there is no way back.
    """
    run = TangentRun(cell, p, x0=x0, inputs=inputs, k=k, warmup=warmup)
    if warmup > 0:
        run.advance(0, spacing=warmup)
    times = np.arange(0, steps + 1, stride)
    with one_blas_thread():
        forward = _Forward(cell, p, run.state, run.frame, inputs, warmup)
        states, frames, factors = [forward.state[0].copy()], [forward.frame], []
        for _ in times[1:]:
            factors.append(forward.factors(stride))
            states.append(forward.state[0].copy())
            frames.append(forward.frame)
        vectors, growth = _backward(frames, factors, forward.factors(settle))
    unit = 1.0 if dt is None else dt
    return CovariantVectors(
        times=unit * times.astype(np.float64),
        states=np.array(states),
        vectors=vectors,
        growth=growth,
        unit="step" if dt is None else "time",
    )
