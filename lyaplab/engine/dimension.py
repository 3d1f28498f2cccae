"""What the exponents together say: Kaplan-Yorke dimension and entropy rate."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["entropy_rate", "kaplan_yorke"]


def kaplan_yorke(exponents: ArrayLike) -> float:
    """Return the Kaplan-Yorke (Lyapunov) dimension of a spectrum.

    Parameters
    ----------
    exponents : array_like(float, ndim=1)
        Lyapunov exponents in any order and any unit; -inf is allowed.

    Returns
    -------
    float
        j + (lambda_1 + ... + lambda_j)/|lambda_{j+1}|, j the largest number of leading exponents whose sum is not
        negative; 0 if the first is negative; the number of exponents if the sum of all is not negative.

    Raises
    ------
    ValueError
        If there is no exponent, or one is NaN or +inf.

    References
    ----------
    J. L. Kaplan and J. A. Yorke, in: Functional Differential Equations and Approximation of Fixed Points, 1979.

    Examples
    --------
    >>> round(kaplan_yorke([0.9056, 0.0, -14.5723]), 5)  # Lorenz
    2.06215
    >>> kaplan_yorke([-1.0, -2.0])
    0.0
    """
    spectrum = _sorted(exponents)
    sums = np.cumsum(spectrum)
    if spectrum[0] < 0.0:
        return 0.0
    positive = int(np.count_nonzero(np.cumprod(sums >= 0.0)))
    if positive == len(spectrum):
        return float(len(spectrum))
    return float(positive + sums[positive - 1] / abs(spectrum[positive]))


def entropy_rate(exponents: ArrayLike) -> float:
    """Return the sum of the positive exponents: the entropy rate where Pesin's identity holds, else an upper bound.

    Parameters
    ----------
    exponents : array_like(float, ndim=1)
        Lyapunov exponents.

    Returns
    -------
    float
        In nats per step or per unit time, as the exponents.

    Examples
    --------
    >>> entropy_rate([0.5, 0.25, -1.0])
    0.75
    """
    spectrum = _sorted(exponents)
    return float(spectrum[spectrum > 0.0].sum())


def _sorted(exponents: ArrayLike) -> np.ndarray:
    spectrum = np.sort(np.asarray(exponents, dtype=float).ravel())[::-1]
    if len(spectrum) == 0:
        raise ValueError("exponents must hold at least one number, got none")
    if np.isnan(spectrum).any() or np.isposinf(spectrum).any():
        raise ValueError(f"exponents must be numbers below +inf, got {spectrum.tolist()!r:.60}")
    return spectrum
