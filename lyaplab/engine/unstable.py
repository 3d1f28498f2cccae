"""Which way a small deviation from a place of rest grows: the unstable eigenvectors, as real directions."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["UnstableDirections", "unstable_directions"]

Array = NDArray[np.float64]

# As for the kinds of fixed points: an eigenvalue this close to the border neither grows nor shrinks.
_MARGIN = 1e-6
# An imaginary part below this, relative to the eigenvalue, is rounding.
_REAL = 1e-12


class UnstableDirections(NamedTuple):
    """Directions along which small deviations grow, the fastest first.

    eigenvalues : ndarray(complex, shape=(K,))
        Of a map outside the unit circle, of a flow right of the imaginary axis. Of a pair the one above the real axis
        comes first.
    vectors : ndarray(float, shape=(K, d))
        A real eigenvalue has its eigenvector, of length 1. The two rows of a complex pair are orthonormal and span the
        plane in which deviations turn.
    """

    eigenvalues: NDArray[np.complex128]
    vectors: Array


def unstable_directions(J: Array, *, flow: bool) -> UnstableDirections:
    """Find the directions that grow under a linear map or flow.

    Parameters
    ----------
    J : ndarray(float, shape=(d, d))
        Jacobian of the step of a map, or of the vector field of a flow.
    flow : bool
        Which of the two.

    Returns
    -------
    UnstableDirections

    Examples
    --------
    >>> found = unstable_directions(np.array([[2.0, 1.0], [0.0, 0.5]]), flow=False)
    >>> found.eigenvalues.real, found.vectors
    (array([2.]), array([[1., 0.]]))
    """
    values, columns = np.linalg.eig(J)
    values, columns = values.astype(complex), columns.astype(complex)
    growth = values.real if flow else np.log(np.maximum(np.abs(values), 1e-300))
    # Of a pair only the partner above the axis is looked at: it speaks for both.
    turning = np.abs(values.imag) > _REAL * (1.0 + np.abs(values))
    chosen = np.flatnonzero((growth > _MARGIN) & ~(turning & (values.imag < 0)))
    chosen = chosen[np.argsort(-growth[chosen].round(9), kind="stable")]
    kept: list[complex] = []
    rows: list[Array] = []
    for index in chosen:
        if turning[index]:
            kept += [values[index], values[index].conjugate()]
            rows += _plane(columns[:, index])
        else:
            kept.append(values[index].real)
            rows.append(_unit(columns[:, index].real))
    return UnstableDirections(np.array(kept, dtype=complex), np.array(rows, dtype=float).reshape(-1, len(J)))


def _plane(vector: NDArray[np.complex128]) -> list[Array]:
    """Two orthonormal rows that span the plane of a complex eigenvector's real and imaginary part.

    The vector is known up to a phase; with the one chosen here its parts are the half axes of the ellipse on which
    deviations turn, the long one first, and so already at right angles.
    """
    phase = np.exp(-0.5j * np.angle(vector @ vector))
    long, short = _unit((vector * phase).real), (vector * phase).imag
    short = short - (short @ long) * long
    return [long, _unit(short)]


def _unit(vector: Array) -> Array:
    """Scale a vector to length 1, its largest entry positive."""
    sign = np.sign(vector[np.abs(vector).argmax()])
    return vector * (sign / np.linalg.norm(vector))
