"""What is kept of a network that learns a filter: its eigenvalues as branches, its filter, how far it has moved."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import lu_factor, lu_solve
from scipy.optimize import linear_sum_assignment

from lyaplab.theory.filter_task import FilterTask
from lyaplab.training.linear_filter import FilterNetwork

__all__ = ["Snapshots", "branches", "overlap"]

Array = NDArray[np.float64]

# An eigenvalue this small has no direction of its own.
_NOTHING = 1e-9


def branches(before: NDArray[np.complex128], found: NDArray[np.complex128]) -> NDArray[np.complex128]:
    """Put eigenvalues in the order of those that they have moved from.

    The square roots of the distances add up to as little as possible: then one that has gone far is one long way, and
    not a short one of each of its neighbours.

    Parameters
    ----------
    before, found : ndarray(complex, shape=(N,))

    Returns
    -------
    ndarray(complex, shape=(N,))

    Examples
    --------
    >>> branches(np.array([0.1, 0.2, 0.3]), np.array([0.2, 0.9, 0.1]))
    array([0.1, 0.2, 0.9])
    """
    apart = np.sqrt(np.abs(before[:, None] - found[None, :]))
    return found[linear_sum_assignment(apart)[1]]


def overlap(W: Array, x: Array, eigenvalue: complex) -> float:
    """Return the cosine of the angle between x and the right eigenvector of an eigenvalue, or the plane of a pair.

    Parameters
    ----------
    W : ndarray(float, shape=(N, N))
    x : ndarray(float, shape=(N,))
    eigenvalue : complex
        Of W.

    Returns
    -------
    float
        NaN where the eigenvalue, or x, is 0.

    Examples
    --------
    >>> round(overlap(np.diag([0.9, 0.1]), np.array([3.0, 4.0]), 0.9), 12)
    0.6
    """
    length = float(np.linalg.norm(x))
    if abs(eigenvalue) < _NOTHING or length == 0.0:
        return float("nan")
    shift = eigenvalue if np.imag(eigenvalue) != 0.0 else np.real(eigenvalue)
    # Two rounds of inverse iteration, beside the eigenvalue so that there is an inverse.
    factors = lu_factor(W - (shift + 1e-10 * abs(shift)) * np.eye(len(x)), check_finite=False)
    vector = np.random.default_rng(0).standard_normal(len(x)).astype(np.asarray(shift).dtype)
    for _ in range(2):
        vector = lu_solve(factors, vector, check_finite=False)
        vector /= np.linalg.norm(vector)
    plane = np.stack([vector.real, vector.imag], axis=1) if np.iscomplexobj(vector) else vector[:, None]
    return float(np.linalg.norm(np.linalg.qr(plane)[0].T @ x) / length)


class Snapshots:
    """Snapshots of one run, in the order in which they were taken; attributes as of `FilterRecord`.

    Parameters
    ----------
    task : FilterTask
    W0 : ndarray(float, shape=(N, N))
        Weights at the start.
    """

    def __init__(self, task: FilterTask, W0: Array) -> None:
        self._task, self._W0, self._n = task, W0, len(W0)
        self._lags = task.lags
        self.updates: list[int] = []
        self.eigenvalues: list[NDArray[np.complex128]] = []
        self.filters: list[Array] = []
        self.overlaps: list[tuple[float, float]] = []
        self.singular_values: list[Array] = []

    def take(self, update: int, W: Array, u: Array, v: Array, filter: Array | None = None) -> None:
        """Keep what the weights are after an update, and their filter, where it is known at all lags."""
        found = np.linalg.eigvals(W).astype(complex)
        if self.eigenvalues:
            found = branches(self.eigenvalues[-1], found)
        else:
            found = found[np.lexsort((-found.imag, -np.abs(found)))]
        size = found.real if self._task.continuous else np.abs(found)
        largest = complex(found[size.argmax()])
        self.updates.append(update)
        self.eigenvalues.append(found)
        if filter is None:
            filter = FilterNetwork(W, u, v).kernel(self._lags, continuous=self._task.continuous)
        self.filters.append(filter)
        self.overlaps.append((overlap(W, u, largest), overlap(W.T, v, largest)))
        self.singular_values.append(np.asarray(np.linalg.svd(W - self._W0, compute_uv=False), dtype=np.float64))

    def arrays(self, until: int) -> dict[str, NDArray]:
        """Return the fields of the record, of snapshots up to an update."""
        count = sum(update <= until for update in self.updates)
        singular = np.array(self.singular_values[:count]).reshape(count, self._n)
        return {
            "snapshot_updates": np.array(self.updates[:count], dtype=np.int64),
            "eigenvalues": np.array(self.eigenvalues[:count], dtype=complex).reshape(count, self._n),
            "filters": np.array(self.filters[:count]).reshape(count, len(self._lags)),
            "overlaps": np.array(self.overlaps[:count]).reshape(count, 2),
            "change": np.linalg.norm(singular, axis=1),
            "singular_values": singular,
        }

    def go_on(self, arrays: dict[str, NDArray]) -> None:
        """Take over the fields of a record."""
        self.updates = arrays["snapshot_updates"].tolist()
        for name in ("eigenvalues", "filters", "overlaps", "singular_values"):
            setattr(self, name, list(arrays[name]))
