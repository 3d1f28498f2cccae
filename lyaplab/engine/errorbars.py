"""The error of a time average whose neighbouring terms are correlated."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["standard_error"]

# Fewer blocks than this say too little about their own scatter.
_LEAST_BLOCKS = 8


def standard_error(times: NDArray[np.float64], growth: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the standard error of growth per time, by block averages.

    Neighbouring blocks are joined two by two, as long as eight remain, and the greatest estimate counts: blocks that
    are shorter than the correlation time make the error look too small.

    Parameters
    ----------
    times : ndarray(float, shape=(M + 1,))
        Where growth was noted, from 0 on.
    growth : ndarray(float, shape=(M + 1, k))
        Accumulated growth there.

    Returns
    -------
    ndarray(float, shape=(k,))
        NaN with fewer than two blocks; 0 where growth is -inf.

    References
    ----------
    H. Flyvbjerg and H. G. Petersen, J. Chem. Phys. 91, 461 (1989).

    Examples
    --------
    >>> times = np.arange(9.0)
    >>> standard_error(times, np.stack([2.0 * times], axis=1))
    array([0.])
    """
    lengths = np.diff(times)
    with np.errstate(invalid="ignore"):
        gains = np.diff(growth, axis=0)
    dead = ~np.isfinite(growth[-1])
    gains = np.where(dead, 0.0, gains)
    best = np.full(growth.shape[1], np.nan)
    while len(lengths) >= 2:
        best = np.fmax(best, _scatter(lengths, gains))
        if len(lengths) < 2 * _LEAST_BLOCKS:
            break
        odd = len(lengths) % 2
        lengths = lengths[odd:].reshape(-1, 2).sum(axis=1)
        gains = gains[odd:].reshape(-1, 2, gains.shape[1]).sum(axis=1)
    return best


def _scatter(lengths: NDArray[np.float64], gains: NDArray[np.float64]) -> NDArray[np.float64]:
    """Standard error of the weighted mean rate from the scatter of the blocks' rates."""
    rates = gains / lengths[:, None]
    weights = lengths / lengths.sum()
    mean = weights @ rates
    variance = weights @ (rates - mean) ** 2
    return np.sqrt(variance / (len(lengths) - 1))
