"""Gaussian averages of tanh(h(t)) tanh(h(t')), and the potential that the autocorrelation of a rate network falls in.

With x and y Gaussian of variance D0 and covariance D,

    E sech²(x) sech²(y)   = sum of F(k) F(l) exp(-D0 (k² + l²)/2) cosh(D k l)           the slope
    E tanh(x) tanh(y)     = the same with sinh(D k l)/(k l)                             its integral over D
    E's integral over D   = the same with (cosh(D k l) - 1)/(k l)²                      and once more

where F(k) = pi k / sinh(pi k/2) is the Fourier transform of sech². F decays exponentially and has no pole nearer than
2i, so equal steps in k reach the precision of floating-point numbers.
"""

from __future__ import annotations

import math
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Averages"]

Array = NDArray[np.float64]

# The sum's terms fall below exp(-40) beyond these.
_LARGEST = 28.0
_SPREAD = 9.0
_NEGLIGIBLE = 1e-20


class Averages:
    """Averages over a pair of Gaussians of one variance, as functions of their covariance in [0, variance].

    Parameters
    ----------
    variance : float
        D0, positive.

    Examples
    --------
    >>> averages = Averages(1.0)
    >>> round(averages.slope(0.0), 6)  # (E sech²)²
    0.366879
    """

    def __init__(self, variance: float) -> None:
        self.variance = variance
        width = math.sqrt(variance)
        step = min(0.3, 0.7 / width)
        near = np.arange(int(_LARGEST / step) + 1)
        # Where l is far from k the Gaussian has killed the term.
        apart = np.arange(min(len(near), int(_SPREAD / (width * step)) + 2))
        first, gap = (axis.ravel() for axis in np.meshgrid(near, apart, indexing="ij"))
        k, l = step * first, step * (first + gap)
        weights = _transform(k) * _transform(l) * step**2 / (2.0 * math.pi) ** 2
        kept = weights > _NEGLIGIBLE
        first, gap, k, l, weights = first[kept], gap[kept], k[kept], l[kept], weights[kept]
        # (k, l) stands for its mirror images, and for (l, k).
        mirrors = np.where(first > 0, 2.0, 1.0) * np.where(first + gap > 0, 2.0, 1.0) * np.where(gap > 0, 2.0, 1.0)
        # Plain sums from here on, no products of BLAS: its second thread would cost more than it brings.
        self._weights = weights * mirrors
        self._decay = -0.5 * variance * (k**2 + l**2)
        # sinh(D p)/p and its like are smooth at p = 0.
        self._product = np.maximum(k * l, 1e-9)

    def slope(self, covariance: float) -> float:
        """E sech²(x) sech²(y)."""
        a = covariance * self._product
        return float(np.sum(self._weights * 0.5 * (np.exp(self._decay + a) + np.exp(self._decay - a))))

    def rates(self, covariance: float) -> float:
        """E tanh(x) tanh(y)."""
        a = covariance * self._product
        return float(np.sum(self._weights * -0.5 * np.exp(self._decay + a) * np.expm1(-2.0 * a) / self._product))

    def energy(self, covariance: float) -> float:
        """Integral of `rates` from 0; at the variance itself it is the variance of log cosh(x)."""
        a = covariance * self._product
        return float(np.sum(self._weights * 0.5 * np.exp(self._decay + a) * (np.expm1(-a) / self._product) ** 2))

    @cached_property
    def floor(self) -> float:
        """The slope at covariance 0."""
        return self.slope(0.0)


def _transform(k: Any) -> Any:
    """F(k), the Fourier transform of sech²."""
    half = 0.5 * math.pi * k
    return 2.0 * np.divide(half, np.sinh(half), out=np.ones_like(half), where=half > 0.0)
