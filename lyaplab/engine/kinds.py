"""What eigenvalues say of a place of rest, in words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["kind_of", "least_stable_first", "listing"]

# Eigenvalues this close to the border of stability are called marginal.
_MARGIN = 1e-6


def kind_of(eigenvalues: NDArray[np.complex128], *, flow: bool) -> str:
    """Name a fixed point by its eigenvalues.

    Parameters
    ----------
    eigenvalues : ndarray(complex, shape=(d,))
        Of the Jacobian of a map, or of the vector field of a flow.
    flow : bool
        Which of the two.

    Returns
    -------
    str
        "stable node", "stable spiral", "saddle", "unstable node", "unstable spiral" or "marginal".

    Examples
    --------
    >>> kind_of(np.array([0.5, -0.2]), flow=False)
    'stable node'
    >>> kind_of(np.array([0.1 + 1j, 0.1 - 1j]), flow=True)
    'unstable spiral'
    """
    sizes = np.abs(eigenvalues)
    growth = np.real(eigenvalues) if flow else np.log(np.maximum(sizes, 1e-300))
    least, most = growth.min(), growth.max()
    if np.abs(growth).min() < _MARGIN:
        # One direction neither grows nor shrinks: linear terms decide only if another grows.
        return "marginal"
    if least < 0.0 < most:
        return "saddle"
    turns = abs(np.imag(eigenvalues[growth.argmax()])) > 1e-12 * (1.0 + sizes.max())
    return ("stable " if most < 0.0 else "unstable ") + ("spiral" if turns else "node")


def least_stable_first(eigenvalues: NDArray[np.complex128], *, flow: bool) -> NDArray[np.complex128]:
    """Sort the eigenvalues (K, d) of each of K points: the least stable first, of a pair the one above the axis.

    Examples
    --------
    >>> least_stable_first(np.array([[0.1, -0.8, 0.5]]), flow=False)
    array([[-0.8,  0.5,  0.1]])
    """
    instability = (eigenvalues.real if flow else np.abs(eigenvalues)).round(9)
    return np.take_along_axis(eigenvalues, np.lexsort((-eigenvalues.imag, -instability), axis=-1), axis=-1)


def listing(kinds: Sequence[str] | NDArray[np.str_]) -> str:
    """Count the kinds in words.

    Examples
    --------
    >>> listing(["saddle", "stable node", "saddle", "marginal"])
    '1 marginal point, 2 saddles, 1 stable node'
    """
    names, counts = np.unique(np.asarray(kinds, dtype=str), return_counts=True)
    words = [f"{name} point" if name in ("marginal", "stable", "unstable") else str(name) for name in names]
    return ", ".join(f"{count} {word}{'s' * int(count != 1)}" for word, count in zip(words, counts, strict=True))
