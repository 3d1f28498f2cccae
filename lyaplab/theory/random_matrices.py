"""Eigenvalues of large random matrices: disc and ellipse, and the gain at which a network leaves rest."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lyaplab.engine.result import Result
from lyaplab.errors import number, one_of, positive_int

__all__ = ["EigenvalueLaw", "circular_law", "critical_gain"]

Array = NDArray[np.float64]

_DYNAMICS = ("map", "flow")


@dataclass(frozen=True, repr=False)
class EigenvalueLaw(Result):
    """Where the eigenvalues of W lie as N goes to infinity: evenly spread over an ellipse about 0.

    Parameters
    ----------
    gain : float
        W_ij has mean 0 and variance gain²/N.
    symmetry : float
        Correlation of W_ij and W_ji: 1 symmetric, 0 independent, -1 antisymmetric.
    """

    gain: float
    symmetry: float = 0.0

    @property
    def half_axes(self) -> tuple[float, float]:
        """Half the width along the real axis, and half the height along the imaginary one."""
        return self.gain * (1.0 + self.symmetry), self.gain * (1.0 - self.symmetry)

    @property
    def radius(self) -> float:
        """Largest modulus of an eigenvalue."""
        return max(self.half_axes)

    @property
    def abscissa(self) -> float:
        """Largest real part of an eigenvalue."""
        return self.half_axes[0]

    @property
    def density(self) -> float:
        """Share of the eigenvalues per area inside the ellipse; infinite where it is a line."""
        area = math.pi * self.half_axes[0] * self.half_axes[1]
        return 1.0 / area if area > 0.0 else math.inf

    def share_within(self, radius: ArrayLike) -> Array:
        """Return the share of the eigenvalues whose modulus is at most `radius` (for a disc).

        Raises
        ------
        ValueError
            If the law is an ellipse.
        """
        if self.symmetry != 0.0:
            raise ValueError(f"share_within is for symmetry 0, got {self.symmetry:g}")
        inside = np.asarray(radius, dtype=float) / self.gain if self.gain > 0.0 else np.inf
        return np.clip(inside, 0.0, 1.0) ** 2

    def outline(self, points: int = 181) -> tuple[Array, Array]:
        """Return real and imaginary parts of the closed outline, for a picture.

        Parameters
        ----------
        points : int, optional
            Number of corners, the first repeated at the end.

        Returns
        -------
        x, y : ndarray(float, shape=(points,))
        """
        angle = np.linspace(0.0, 2.0 * math.pi, positive_int("points", points, minimum=4))
        across, up = self.half_axes
        return across * np.cos(angle), up * np.sin(angle)

    def __repr__(self) -> str:
        shape = "disc" if self.symmetry == 0.0 else "ellipse"
        return f"EigenvalueLaw({shape}: radius {self.radius:.4g}, abscissa {self.abscissa:.4g})"


def circular_law(gain: float, *, symmetry: float = 0.0) -> EigenvalueLaw:
    """Return where the eigenvalues of a large random matrix lie.

    Parameters
    ----------
    gain : float
        W_ij has mean 0 and variance gain²/N.
    symmetry : float, optional
        Correlation of W_ij and W_ji, between -1 and 1: the elliptic law.

    Returns
    -------
    EigenvalueLaw

    Raises
    ------
    TypeError, ValueError
        If gain is negative or symmetry beyond ±1.

    Notes
    -----
    At finite N the outermost eigenvalues scatter about the edge by a few parts in sqrt(N). The symmetric matrix is the
    edge of the law: its eigenvalues lie on a line, and are spread by Wigner's semicircle instead.

    References
    ----------
    J. Ginibre, J. Math. Phys. 6, 440 (1965); V. L. Girko, Theory Probab. Appl. 29, 694 (1985);
    H. J. Sommers, A. Crisanti, H. Sompolinsky and Y. Stein, Phys. Rev. Lett. 60, 1895 (1988).

    Examples
    --------
    >>> circular_law(0.9).radius
    0.9
    >>> circular_law(2.0, symmetry=-0.5).half_axes
    (1.0, 3.0)
    >>> W = 0.9 * np.random.default_rng(0).standard_normal((100, 100)) / 10.0
    >>> round(float(np.mean(np.abs(np.linalg.eigvals(W)) < 0.45)), 2)  # a quarter of the area
    0.25
    """
    return EigenvalueLaw(number("gain", gain, low=0.0), number("symmetry", symmetry, low=-1.0, high=1.0))


def critical_gain(dynamics: str = "map", *, symmetry: float = 0.0) -> float:
    """Return the gain at which rest at 0 turns unstable in a large random tanh network.

    Parameters
    ----------
    dynamics : {"map", "flow"}, optional
        "map" for h' = tanh(W h): the spectral radius must stay below 1. "flow" for dh/dt = -h + W tanh(h): the
        abscissa must; the leaky network and Euler's steps turn unstable with it when `symmetry` is 0.
    symmetry : float, optional
        Correlation of W_ij and W_ji.

    Returns
    -------
    float
        Infinite for the flow of an antisymmetric matrix.

    Raises
    ------
    ValueError
        If `dynamics` is neither, or symmetry beyond ±1.

    References
    ----------
    H. Sompolinsky, A. Crisanti and H. J. Sommers, Phys. Rev. Lett. 61, 259 (1988).

    Examples
    --------
    >>> critical_gain("map"), critical_gain("flow")
    (1.0, 1.0)
    >>> critical_gain("map", symmetry=-0.5), critical_gain("flow", symmetry=-0.5)
    (0.6666666666666666, 2.0)
    """
    law = circular_law(1.0, symmetry=symmetry)
    edge = law.radius if one_of("dynamics", dynamics, _DYNAMICS) == "map" else law.abscissa
    return 1.0 / edge if edge > 0.0 else math.inf
