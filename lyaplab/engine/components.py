"""Principal components: the few directions in which the states of an orbit spread most."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lyaplab.engine.result import Result
from lyaplab.kernel import one_blas_thread

__all__ = ["Components", "components"]

Array = NDArray[np.float64]


@dataclass(frozen=True, repr=False)
class Components(Result):
    """Directions in which states spread, the widest first.

    Parameters
    ----------
    mean : ndarray(float, shape=(d,))
        The states' mean, where all directions meet.
    axes : ndarray(float, shape=(k, d))
        Orthonormal rows. The entry of largest size in each is positive, so that the same states give the same axes.
    variances : ndarray(float, shape=(k,))
        Variance of the states along each axis, in the square of their unit.
    shares : ndarray(float, shape=(k,))
        Its part of the variance of all directions together; 0 where nothing moves.
    """

    mean: Array
    axes: Array
    variances: Array
    shares: Array

    def project(self, states: ArrayLike) -> Array:
        """Return coordinates (..., k) of states (..., d), measured along the axes from the mean."""
        return (np.asarray(states, dtype=float) - self.mean) @ self.axes.T

    def table(self) -> dict[str, np.ndarray]:
        """Return the columns component, variance, share."""
        return {"component": np.arange(1, len(self.shares) + 1), "variance": self.variances, "share": self.shares}

    def __repr__(self) -> str:
        shares = ", ".join(f"{share:.1%}" for share in self.shares)
        return f"Components({shares} of the variance of {len(self.mean)} state variables)"


def components(states: Array, k: int = 3) -> Components:
    """Find the principal components of states.

    Parameters
    ----------
    states : ndarray(float, shape=(..., d))
        At least one state.
    k : int, optional
        How many components, at most d.

    Returns
    -------
    Components

    Examples
    --------
    Points of an ellipse with half axes 2 and 1 have the variances 4/2 and 1/2.

    >>> turn = np.linspace(0, 2 * np.pi, 100, endpoint=False)
    >>> found = components(np.stack([2 * np.cos(turn), np.sin(turn)], axis=1), 2)
    >>> found.variances.round(3), found.shares.round(3)
    (array([2. , 0.5]), array([0.8, 0.2]))
    """
    rows = np.ascontiguousarray(states, dtype=float).reshape(-1, states.shape[-1])
    mean = rows.mean(axis=0)
    centred = rows - mean
    with one_blas_thread():
        if len(rows) < rows.shape[1]:
            # Fewer states than variables: the full set of right vectors, so that there are k of them.
            _, sizes, vectors = np.linalg.svd(centred)
            variances = np.zeros(rows.shape[1])
            variances[: len(sizes)] = sizes**2 / len(rows)
        else:
            # Twice as quick as singular values; the eigenvalues come in rising order.
            values, columns = np.linalg.eigh(centred.T @ centred / len(rows))
            variances, vectors = np.maximum(values[::-1], 0.0), columns.T[::-1]
    axes = _signed(vectors[:k])
    total = variances.sum()
    shares = variances[:k] / total if total > 0 else np.zeros(k)
    return Components(mean=mean, axes=axes, variances=variances[:k].copy(), shares=shares)


def _signed(axes: Array) -> Array:
    """Turn each axis so that its largest entry is positive."""
    largest = np.abs(axes).argmax(axis=1)
    signs = np.sign(axes[np.arange(len(axes)), largest])
    return np.ascontiguousarray(axes * np.where(signs == 0, 1.0, signs)[:, None])
