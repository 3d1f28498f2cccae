"""Noise that looks like a given series: what a method finds in both, it has not found in the series."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lyaplab.errors import finite_array, positive_int

__all__ = ["surrogate"]

Array = NDArray[np.float64]


def surrogate(series: ArrayLike, *, seed: int = 0) -> Array:
    """Return noise with the very values of a series, in another order, and nearly its power spectrum.

    A Gaussian series in the order of the given one has its phases drawn anew, and the values are then laid in the
    order of the outcome. So every rule is lost that is not in the spectrum or in the distribution of the values.

    Parameters
    ----------
    series : array_like(float, shape=(T,))
        At least four values.
    seed : int, optional
        Of the phases.

    Returns
    -------
    ndarray(float, shape=(T,))

    Raises
    ------
    TypeError, ValueError
        If the series is too short, has several columns, or is not finite.

    References
    ----------
    J. Theiler, S. Eubank, A. Longtin, B. Galdrikian and J. D. Farmer, Testing for nonlinearity in time series: the
    method of surrogate data, Physica D 58, 77 (1992), where this is the amplitude adjusted Fourier transform.

    Examples
    --------
    >>> import lyaplab as ll
    >>> x = ll.Model("logistic", r=4.0).orbit(1000)[:, 0]
    >>> noise = surrogate(x)
    >>> bool(np.array_equal(np.sort(noise), np.sort(x)))
    True
    >>> ll.lyapunov_from_data(x).verdict, ll.lyapunov_from_data(noise).verdict
    ('linear region', 'no linear region')
    """
    values = finite_array("series", series, shape=(None,))
    if len(values) < 4:
        raise ValueError(f"series must have at least 4 values, got {len(values)}")
    rng = np.random.default_rng(positive_int("seed", seed, minimum=0))
    gaussian = np.sort(rng.standard_normal(len(values)))[_ranks(values)]
    spectrum = np.fft.rfft(gaussian)
    turned = np.abs(spectrum) * np.exp(2j * np.pi * rng.random(len(spectrum)))
    return np.sort(values)[_ranks(np.fft.irfft(turned, len(values)))]


def _ranks(values: Array) -> NDArray[np.intp]:
    """The place of each value among all of them, in rising order."""
    return np.argsort(np.argsort(values, kind="stable"), kind="stable")
