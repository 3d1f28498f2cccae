"""Noise that looks like a given series: what a method finds in both, it has not found in the series."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lyaplab.errors import finite_array, positive_int

__all__ = ["surrogate"]

Array = NDArray[np.float64]


# Rounds until nothing moves any more; some tens are enough for hundreds of values.
_ROUNDS = 200


def surrogate(series: ArrayLike, *, seed: int = 0) -> Array:
    """Return noise with the same values as a series, in another order, and nearly its power spectrum.

    By turns a shuffled copy is given the spectrum of the series, its own phases kept, and the values of the series,
    its own order kept, until the order stays. So every rule is lost that is not in the spectrum or in the
    distribution of the values.

    Parameters
    ----------
    series : array_like(float, shape=(T,))
        At least four values.
    seed : int, optional
        Of the shuffling.

    Returns
    -------
    ndarray(float, shape=(T,))

    Raises
    ------
    TypeError, ValueError
        If the series is too short, has several columns, or is not finite.

    References
    ----------
    T. Schreiber and A. Schmitz, Improved surrogate data for nonlinearity tests, Phys. Rev. Lett. 77, 635 (1996).

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
    sizes, rising = np.abs(np.fft.rfft(values)), np.sort(values)
    noise = rng.permutation(values)
    for _ in range(_ROUNDS):
        phases = np.angle(np.fft.rfft(noise))
        before, noise = noise, rising[_ranks(np.fft.irfft(sizes * np.exp(1j * phases), len(values)))]
        if np.array_equal(noise, before):
            break
    return noise


def _ranks(values: Array) -> NDArray[np.intp]:
    """The place of each value among all of them, in rising order."""
    return np.argsort(np.argsort(values, kind="stable"), kind="stable")
