"""The error of a time average whose neighbouring terms are correlated."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["standard_error"]

# Fewer blocks than this say too little about their own scatter.
_LEAST_BLOCKS = 8
# Change of the estimate's logarithm when blocks are joined, half way between noise (0) and a bounded swing (-log(2)/2).
_SHRINKS = -0.17


def standard_error(times: NDArray[np.float64], growth: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the standard error of growth per time, by block averages.

    Neighbouring blocks are joined two by two, as long as eight remain, and the greatest estimate counts: blocks that
    are shorter than the correlation time make the error look too small. But where growth only swings around its trend
    (Lorenz's system, a map conjugate to one of constant slope), what a block gains its neighbour loses again, and
    estimates shrink as blocks are joined: then the longest blocks count.

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
    if len(lengths) < 2:
        return np.full(growth.shape[1], np.nan)
    counts, estimates = [len(lengths)], [_scatter(lengths, gains)]
    while len(lengths) >= 2 * _LEAST_BLOCKS:
        # An odd block stays alone: were it left out, so would be, level by level, a run's first part and any transient.
        odd = len(lengths) % 2
        lengths = np.append(lengths[:odd], lengths[odd:].reshape(-1, 2).sum(axis=1))
        gains = np.vstack([gains[:odd], gains[odd:].reshape(-1, 2, gains.shape[1]).sum(axis=1)])
        counts.append(len(lengths))
        estimates.append(_scatter(lengths, gains))
    return np.where(_trend(counts, estimates) < _SHRINKS, estimates[-1], np.max(estimates, axis=0))


def _trend(counts: list[int], estimates: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Slope of log(estimate) against the number of joinings; 0 with fewer than three levels."""
    if len(counts) < 3:
        return np.zeros_like(estimates[0])
    # An estimate from N blocks scatters as 1/sqrt(N).
    weights = np.array(counts) / sum(counts)
    level = np.arange(len(counts)) - weights @ np.arange(len(counts))
    logs = np.log(np.maximum(estimates, 1e-300))
    return (weights * level) @ logs / (weights @ level**2)


def _scatter(lengths: NDArray[np.float64], gains: NDArray[np.float64]) -> NDArray[np.float64]:
    """Standard error of the weighted mean rate from the scatter of the blocks' rates."""
    rates = gains / lengths[:, None]
    weights = lengths / lengths.sum()
    mean = weights @ rates
    variance = weights @ (rates - mean) ** 2
    return np.sqrt(variance / (len(lengths) - 1))
