"""The chain of Jacobians along an orbit, J_T ... J_2 J_1, multiplied from either end without overflow."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lyaplab.engine.gradients import log_lags
from lyaplab.kernel import one_blas_thread
from lyaplab.model import Model

__all__ = ["BOXES", "Chain", "Growing", "grow", "multiplied"]

Array = NDArray[np.float64]

BOXES = 10
"""The chain is cut into so many boxes; each holds the product of as many Jacobians."""

# Up to so many state variables the norm of every product is cheap; a coarse picture of more has those of whole boxes.
# So many steps are all taken then: gaps that widen with the lag would make a steady swing look ever slower.
_FEW, _ALL_STEPS = 8, 1000


@dataclass(frozen=True)
class Growing:
    """A product that grows factor by factor, each multiplied to the left of what is there.

    Parameters
    ----------
    lags : ndarray(int, shape=(L,))
        Numbers of factors at which the norm was taken, from 0.
    log_norms : ndarray(float, shape=(L,))
        Natural logarithm of the spectral norm there; -inf of a product that is zero.
    log_lengths : ndarray(float, shape=(T + 1,))
        Logarithm of the length of one vector that goes along, after each factor.
    products : ndarray(float, shape=(BOXES + 1, d, d))
        The product after each box, divided by its largest entry.
    vectors : ndarray(float, shape=(BOXES + 1, d))
        The vector after each box, divided by its length.
    """

    lags: NDArray[np.int64]
    log_norms: Array
    log_lengths: Array
    products: Array
    vectors: Array

    def after(self, boxes: int) -> float:
        """Return the logarithm of the norm after so many boxes."""
        steps = len(self.log_lengths) - 1
        return float(self.log_norms[np.searchsorted(self.lags, boxes * steps // BOXES)])


def multiplied(factors: Array) -> tuple[Array, Array]:
    """Multiply factors (count, length, d, d) along their second axis, by pairs: the first one acts first.

    Returns
    -------
    products : ndarray(float, shape=(count, d, d))
        Divided by their largest entries.
    logs : ndarray(float, shape=(count,))
        Logarithms of those.

    Examples
    --------
    >>> A, B = np.array([[1.0, 1.0], [0.0, 1.0]]), np.array([[2.0, 0.0], [0.0, 1.0]])
    >>> products, logs = multiplied(np.stack([A, B])[None])
    >>> products[0] * np.exp(logs[0])  # B A
    array([[2., 2.],
           [0., 1.]])
    """
    logs = np.zeros(factors.shape[:2])
    while factors.shape[1] > 1:
        odd = factors.shape[1] % 2
        first, later = factors[:, odd::2], factors[:, 1 + odd :: 2]
        pairs, sizes = _scaled(later @ first)
        sums = logs[:, odd::2] + logs[:, 1 + odd :: 2] + sizes
        factors = np.concatenate([factors[:, :odd], pairs], axis=1)
        logs = np.concatenate([logs[:, :odd], sums], axis=1)
    last, sizes = _scaled(factors[:, 0])
    return last, logs[:, 0] + sizes


def grow(factors: Array, vector: Array, *, coarse: bool = False) -> Growing:
    """Multiply factors one after the other; the first one acts first.

    They are taken in about sqrt(T) pieces side by side, which are then joined: a few hundred operations on stacks of
    matrices instead of T on single ones.

    Parameters
    ----------
    factors : ndarray(float, shape=(T, d, d))
        T is a multiple of BOXES.
    vector : ndarray(float, shape=(d,))
        Goes along.
    coarse : bool, optional
        Take the norms of large matrices after whole boxes only.

    Examples
    --------
    >>> growing = grow(np.broadcast_to(2.0 * np.eye(2), (2000, 2, 2)), np.array([1.0, 0.0]))
    >>> round(growing.after(10) / 2000, 9), round(growing.after(5) / 1000, 9)
    (0.693147181, 0.693147181)
    """
    count, d = len(factors), factors.shape[1]
    ends = np.arange(BOXES + 1) * (count // BOXES)
    if d <= _FEW and count <= _ALL_STEPS:
        lags = np.arange(count + 1)
    else:
        lags = ends if coarse and d > _FEW else np.union1d(log_lags(count), ends)
    with one_blas_thread():
        inside, logs = _pieces(factors, _piece_length(count))
        joined, joined_logs = _joined(inside, logs)
        wanted, wanted_logs = _at(lags, inside, logs, joined, joined_logs)
        with np.errstate(divide="ignore"):
            log_norms = wanted_logs + np.log(np.linalg.norm(wanted, 2, axis=(1, 2)))
            moved = np.einsum("slij,sj->sli", inside, joined @ vector).reshape(-1, d)
            log_lengths = (logs + joined_logs[:, None]).ravel() + np.log(np.linalg.norm(moved, axis=1))
        start = float(np.log(np.linalg.norm(vector)))
        products, _ = _at(ends, inside, logs, joined, joined_logs)
    along = products @ vector
    lengths = np.linalg.norm(along, axis=1, keepdims=True)
    return Growing(
        lags,
        log_norms,
        np.append(start, log_lengths),
        _scaled(products)[0],
        along / np.where(lengths > 0.0, lengths, 1.0),
    )


class Chain:
    """The Jacobians of T steps of an orbit, read forwards and backwards.

    Parameters
    ----------
    model : Model
    x0 : ndarray(float, shape=(d,)) or None
        First state; None is the model's own.
    warmup : int
        Steps before the first Jacobian.
    box : int
        Jacobians in a box.
    coarse : bool, optional
        Take fewer norms of large matrices.

    Attributes
    ----------
    jacobians : ndarray(float, shape=(T, d, d))
        J_1 first.

    Examples
    --------
    >>> chain = Chain(Model("cat_map"), np.array([0.1, 0.2]), warmup=0, box=3)
    >>> chain.steps, round(chain.forward.after(10), 9) == round(chain.backward.after(10), 9)
    (30, True)
    """

    def __init__(self, model: Model, x0: Array | None, *, warmup: int, box: int, coarse: bool = False) -> None:
        self.box, self.steps, self.coarse = box, box * BOXES, coarse
        self.jacobians = model.jacobian(model.orbit(self.steps, x0=x0, warmup=warmup))
        self.tangent, self.adjoint = vectors(model.d)

    @property
    def d(self) -> int:
        """Number of state variables."""
        return self.jacobians.shape[1]

    @cached_property
    def factors(self) -> Array:
        """The product inside each box, divided by its largest entry, (BOXES, d, d); the first box first."""
        with one_blas_thread():
            return multiplied(self.jacobians.reshape(BOXES, self.box, self.d, self.d))[0]

    @cached_property
    def forward(self) -> Growing:
        """From the right end: J_1, then J_2 J_1, ...; a tangent goes along."""
        return grow(self.jacobians, self.tangent, coarse=self.coarse)

    @cached_property
    def backward(self) -> Growing:
        """From the left end, transposed: J_T', then J_(T-1)' J_T', ...; a gradient goes along."""
        return grow(self.jacobians[::-1].swapaxes(1, 2), self.adjoint, coarse=self.coarse)

    def pairing(self, forward: int) -> tuple[float, float]:
        """Return the gradient times the tangent where they meet, after so many boxes from the right.

        Returns
        -------
        sign, log : float
            Of a number that is the same wherever they meet, for it is g' J_T ... J_1 v.
        """
        ahead, back = self.forward, self.backward
        product = float(ahead.vectors[forward] @ back.vectors[BOXES - forward])
        if product == 0.0:
            return 0.0, -math.inf
        lengths = ahead.log_lengths[forward * self.box] + back.log_lengths[self.steps - forward * self.box]
        return math.copysign(1.0, product), math.log(abs(product)) + float(lengths)


def vectors(d: int) -> tuple[Array, Array]:
    """Return a tangent and a gradient of length 1, always the same ones.

    Examples
    --------
    >>> [float(np.linalg.norm(vector).round(12)) for vector in vectors(3)]
    [1.0, 1.0]
    """
    both = np.random.default_rng(0).standard_normal((2, d))
    tangent, adjoint = both / np.linalg.norm(both, axis=1, keepdims=True)
    return tangent, adjoint


def _scaled(matrices: Array) -> tuple[Array, Array]:
    """Divide each matrix by its largest entry, and give the logarithms of those; zero stays as it is."""
    sizes = np.abs(matrices).max(axis=(-2, -1))
    safe = np.where(sizes > 0.0, sizes, 1.0)
    return matrices / safe[..., None, None], np.log(safe)


def _piece_length(count: int) -> int:
    """Return the largest divisor of the count that is not above its square root."""
    return next(length for length in range(math.isqrt(count), 0, -1) if count % length == 0)


def _pieces(factors: Array, length: int) -> tuple[Array, Array]:
    """Multiply up inside each piece: all partial products (pieces, length, d, d), scaled, and their logarithms."""
    d = factors.shape[1]
    inside = np.array(factors).reshape(-1, length, d, d)
    logs = np.empty(inside.shape[:2])
    inside[:, 0], logs[:, 0] = _scaled(inside[:, 0])
    for j in range(1, length):
        inside[:, j], more = _scaled(inside[:, j] @ inside[:, j - 1])
        logs[:, j] = logs[:, j - 1] + more
    return inside, logs


def _joined(inside: Array, logs: Array) -> tuple[Array, Array]:
    """Return the product of all that lies before each piece, scaled, and its logarithm."""
    before, before_logs = np.empty_like(inside[:, 0]), np.zeros(len(inside))
    before[0] = np.eye(inside.shape[-1])
    for s in range(1, len(inside)):
        before[s], more = _scaled(inside[s - 1, -1] @ before[s - 1])
        before_logs[s] = before_logs[s - 1] + logs[s - 1, -1] + more
    return before, before_logs


def _at(lags: NDArray[np.int64], inside: Array, logs: Array, joined: Array, joined_logs: Array) -> tuple[Array, Array]:
    """Return the products after some numbers of factors and the logarithms of their scales; after none it is 1."""
    piece, place = np.divmod(np.maximum(lags - 1, 0), inside.shape[1])
    products = inside[piece, place] @ joined[piece]
    scales = logs[piece, place] + joined_logs[piece]
    products[lags == 0], scales[lags == 0] = np.eye(inside.shape[-1]), 0.0
    return products, scales
