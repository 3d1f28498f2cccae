"""Rich or lazy: which lags of a filter learn by themselves, and how far the weights of a run have moved."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lyaplab.errors import finite_array, number, one_of, positive_int
from lyaplab.theory.critical_rate import TRAINED

__all__ = ["LazyMeasures", "kernel_rates", "lazy_measures", "tangent_kernel"]

Array = NDArray[np.float64]

# An eigenvalue is an outlier when it is beyond the edge of the bulk by this share of the unit circle, or of the edge.
_BEYOND = 0.1


def kernel_rates(g: float, lags: ArrayLike, *, norms: tuple[float, float] = (1.0, 1.0), train: str = "W") -> Array:
    """Return how fast each lag of a large random network's filter begins to learn: dk_tau/dt = -K_tau p_tau e_tau.

    Parameters
    ----------
    g : float
        Radius of the disc of eigenvalues: W_ij ~ N(0, g²/N).
    lags : array_like(int, shape=(L,))
        tau.
    norms : (float, float), optional
        Lengths of u and v, which are random, too.
    train : {"W", "all"}, optional
        What is trained.

    Returns
    -------
    ndarray(float, shape=(L,))
        K_tau = tau g^(2(tau-1)) |u|²|v|², and g^(2 tau) (|u|² + |v|²) more where u and v are trained.

    Notes
    -----
    As N goes to infinity lags do not disturb each other at first. At g = 0 only lags 0 and 1 learn, and an outlier has
    to build the rest (rich); as g comes near 1, or |u||v| is large, all do, and W hardly moves (lazy).

    Examples
    --------
    >>> kernel_rates(0.0, [0, 1, 2, 3])
    array([0., 1., 0., 0.])
    >>> kernel_rates(0.5, [0, 1, 2], train="all")
    array([2.   , 1.5  , 0.625])
    """
    g, lags = number("g", g, low=0.0), finite_array("lags", lags, shape=(None,))
    of_u, of_v = (number("norms", length, low=0.0) ** 2 for length in norms)
    rates = lags * g ** (2.0 * np.maximum(lags - 1.0, 0.0)) * of_u * of_v
    return rates + (g ** (2.0 * lags) * (of_u + of_v) if one_of("train", train, TRAINED) == "all" else 0.0)


def tangent_kernel(net: Any, horizon: int, *, train: str = "W") -> Array:
    """Return the tangent kernel of a network's filter: dk/dt = -K (p e) along the gradient flow.

    Parameters
    ----------
    net : network
        Anything with W, u and v.
    horizon : int
        Number of lags T.
    train : {"W", "all"}, optional
        What is trained.

    Returns
    -------
    ndarray(float, shape=(T, T))
        K_(tau,sigma), the product of the gradients of k_tau and k_sigma.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> one = SimpleNamespace(W=np.array([[0.25]]), u=np.ones(1), v=np.ones(1))
    >>> tangent_kernel(one, 3).round(12)  # dk/dw is 0, 1 and 2 w
    array([[0.  , 0.  , 0.  ],
           [0.  , 1.  , 0.5 ],
           [0.  , 0.5 , 0.25]])
    """
    horizon = positive_int("horizon", horizon)
    A, B = np.empty((horizon, len(net.u))), np.empty((horizon, len(net.u)))
    A[0], B[0] = net.u, net.v
    for k in range(horizon - 1):
        A[k + 1], B[k + 1] = net.W @ A[k], net.W.T @ B[k]
    of_a, of_b = A @ A.T, B @ B.T
    kernel = np.zeros((horizon, horizon))
    # dk_tau/dW is the sum of b_k a_m^T over k + m = tau - 1: a convolution along both lags.
    padded = (2 * horizon, 2 * horizon)
    folded = np.fft.irfft2(np.fft.rfft2(of_b, padded) * np.fft.rfft2(of_a, padded), padded)
    kernel[1:, 1:] = folded[: horizon - 1, : horizon - 1]
    return kernel + of_a + of_b if one_of("train", train, TRAINED) == "all" else kernel


class LazyMeasures(NamedTuple):
    """How rich or lazy a run was.

    Parameters
    ----------
    change : float
        Frobenius norm of W - W0.
    relative : float
        The same as a share of the norm of W0; infinite when W0 is 0.
    rank : float
        Effective rank of W - W0: (sum of s²)²/(sum of s⁴) over its singular values s.
    outliers : int
        Eigenvalues of W outside the disc in which those of W0 lay.
    leading : complex
        The eigenvalue of W with the largest modulus, of a pair the upper one.
    """

    change: float
    relative: float
    rank: float
    outliers: int
    leading: complex


def lazy_measures(record: Any) -> LazyMeasures:
    """Say how far the weights of a run have moved, in how many directions, and how many eigenvalues left the bulk.

    Parameters
    ----------
    record : FilterRecord
        Anything with the weights W and W0.

    Returns
    -------
    LazyMeasures

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> lazy_measures(SimpleNamespace(W=np.diag([0.9, 0.0]), W0=np.zeros((2, 2))))
    LazyMeasures(change=0.9, relative=inf, rank=1.0, outliers=1, leading=(0.9+0j))
    """
    W, W0 = np.asarray(record.W), np.asarray(record.W0)
    squares = np.linalg.svd(W - W0, compute_uv=False) ** 2
    change, before = float(np.sqrt(squares.sum())), float(np.linalg.norm(W0))
    found = np.linalg.eigvals(W).astype(complex)
    edge = float(np.abs(np.linalg.eigvals(W0)).max())
    beyond = np.abs(found) > max(edge + _BEYOND * min(1.0, max(edge, 1.0 - edge)), 1e-9)
    leading = complex(found[np.abs(found).argmax()])
    return LazyMeasures(
        change=change,
        relative=change / before if before > 0.0 else float("inf"),
        rank=float(squares.sum() ** 2 / (squares**2).sum()) if change > 0.0 else 0.0,
        outliers=int(beyond.sum()),
        leading=complex(leading.real, abs(leading.imag)),
    )
