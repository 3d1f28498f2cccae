"""How far a reconstructed attractor is from the true one in how fast it turns: their power spectra."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.ndimage import gaussian_filter1d

from lyaplab.data.reconstruction import ROUNDING, standard
from lyaplab.engine.result import Result
from lyaplab.errors import number, positive_int

__all__ = ["SpectralDistance", "spectral_distance"]

Array = NDArray[np.float64]

# Segments of a series by default, and the least length of one.
_SEGMENTS, _SHORTEST_SEGMENT = 50, 32


@dataclass(frozen=True)
class SpectralDistance(Result):
    """Distance of power spectra.

    Parameters
    ----------
    value : float
        Hellinger distance, from 0 to 1: the mean over all dimensions.
    each : ndarray(float, shape=(N,))
        Of each dimension.
    segment : int
        Steps of the segments that spectra are averaged over.
    smoothing : float
        Standard deviation of the Gaussian that smooths them, in lines of a segment's spectrum.
    """

    value: float
    each: Array
    segment: int
    smoothing: float


def spectral_distance(
    true: ArrayLike, generated: ArrayLike, *, segment: int | None = None, smoothing: float = 2.0
) -> SpectralDistance:
    """Compare how fast two orbits turn, by the Hellinger distance of their power spectra.

    Spectra are means over half-overlapping segments, tapered (Hann), without their mean, smoothed, and each divided
    by its sum. So sizes do not count, only how power is shared among the frequencies.

    Parameters
    ----------
    true, generated : array_like(float, shape=(T, N) or (T,))
    segment : int, optional
        Steps of a segment, by default a fiftieth of the shorter series, at least 32.
    smoothing : float, optional
        Standard deviation of the Gaussian that smooths, in spectral lines; 0 for none.

    Returns
    -------
    SpectralDistance

    Raises
    ------
    ValueError, TypeError
        For a series that is shorter than a segment or not finite; for a true one that is constant in a dimension.

    Notes
    -----
    H = sqrt(1 - sum over frequencies of sqrt(S S')). An orbit that has come to rest has no spectrum: its distance is 1.

    Examples
    --------
    >>> t = np.arange(4000)
    >>> slow, fast = np.sin(2 * np.pi * t / 50), np.sin(2 * np.pi * t / 20)
    >>> round(spectral_distance(slow, 3 * slow, segment=400).value, 6)
    0.0
    >>> round(spectral_distance(slow, fast, segment=400).value, 2)
    0.99
    """
    points, made = standard(true, generated)
    shorter = min(len(points), len(made))
    length = max(shorter // _SEGMENTS, _SHORTEST_SEGMENT) if segment is None else segment
    length = positive_int("segment", length, minimum=4)
    if length > shorter:
        raise ValueError(f"segment must be at most the {shorter} rows of the shorter series, got {length}")
    smoothing = number("smoothing", smoothing, low=0.0)
    ours, theirs = (_power(each, length, smoothing) for each in (points, made))
    shared = np.sqrt(ours * theirs).sum(axis=0)
    each = np.sqrt(np.maximum(0.0, 1.0 - shared))
    return SpectralDistance(float(each.mean()), each, length, smoothing)


def _power(series: Array, length: int, smoothing: float) -> Array:
    """The smoothed power spectrum (length // 2, N), each column of sum 1; of a constant all zero."""
    # Powers of an orbit on its way to infinity would leave the range of floats.
    size = np.maximum(1.0, np.abs(series).max(axis=0))
    series = series / size
    starts = np.arange(0, len(series) - length + 1, max(1, length // 2))
    segments = series[starts[:, None] + np.arange(length)]
    segments = segments - segments.mean(axis=1, keepdims=True)
    taper = np.sin(np.pi * np.arange(length) / length) ** 2
    lines = np.fft.rfft(segments * taper[:, None], axis=1)[:, 1:]
    power = np.mean(np.abs(lines) ** 2, axis=0)
    if smoothing:
        power = gaussian_filter1d(power, smoothing, axis=0, mode="reflect")
    rest = np.std(series, axis=0) <= ROUNDING
    shares: Array = np.where(rest, 0.0, power / np.where(rest, 1.0, power.sum(axis=0)))
    return shares
