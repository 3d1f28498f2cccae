"""Orbit diagrams as pixels, and their windows and exponents as lines: arrays in, arrays out."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from lyaplab.engine.bifurcation import Bifurcation
from lyaplab.engine.doublings import Window, certain_windows
from lyaplab.widgets._palette import tint

__all__ = ["brackets", "extent_of", "painted", "split_at_zero", "windows_of"]

Array = NDArray[np.float64]

# A place that the orbit meets once is this opaque, one of a cycle of so many places wholly so; between, by logarithm.
_FAINTEST, _CYCLE = 0.2, 8
# How much of a place's tone its neighbours above and below get, at most: a cycle is a line of three pixels, while what
# is seldom visited, as in chaos, stays a fine grain.
_RIM = 0.9


def painted(
    layers: Iterable[Bifurcation | None], *, low: float, high: float, size: tuple[int, int]
) -> NDArray[np.uint8]:
    """Paint diagrams over each other, each where the one before has nothing yet.

    Parameters
    ----------
    layers : iterable of Bifurcation or None
        Of one plan, the finest first.
    low, high : float
        Extent of the picture upwards.
    size : (int, int)
        Pixels across and up.

    Returns
    -------
    ndarray(uint8, shape=(ny, nx, 4))
        Row 0 at the bottom; the more often a place is visited, the more opaque, by the logarithm.
    """
    across, up = size
    tones, missing = np.zeros((up, across), np.float32), np.ones(across, bool)
    for diagram in layers:
        if diagram is None or not missing.any():
            continue
        column = np.arange(across) * len(diagram) // across
        ready = _ready(diagram)
        fill = missing & ready[column]
        tones[:, fill] = _tones(diagram, low, high, up)[:, column[fill]]
        missing &= ~fill
    *colour, _ = tint("diagram")
    pixels = np.empty((up, across, 4), np.uint8)
    pixels[..., :3] = colour
    pixels[..., 3] = np.round(255 * tones)
    return pixels


def _ready(diagram: Bifurcation) -> NDArray[np.bool_]:
    """Which columns have been computed; those whose orbits have left are, and stay empty."""
    states = diagram.states.reshape(len(diagram), -1)
    return np.isfinite(states).any(axis=1) | (diagram.periods.reshape(len(diagram), -1) == -1).all(axis=1)


def _tones(diagram: Bifurcation, low: float, high: float, rows: int) -> NDArray[np.float32]:
    """How often each place is visited, (rows, P), from 0 to 1."""
    states = diagram.states.reshape(len(diagram), -1)
    with np.errstate(invalid="ignore"):
        row = np.floor((states - low) * (rows / (high - low)))
        inside = (row >= 0) & (row < rows)
    place = np.flatnonzero(inside.ravel())
    flat = row.ravel()[place].astype(np.int64) * len(diagram) + place // states.shape[1]
    counts = np.bincount(flat, minlength=rows * len(diagram)).reshape(rows, len(diagram)).astype(np.float32)
    # Passes of a flow are fewer than were asked for, and several starts share the column.
    kept = max(1.0, float(np.isfinite(states).sum(axis=1).max(initial=0)))
    full = max(1.0, kept / _CYCLE / (diagram.periods.size // max(1, len(diagram))))
    share = np.minimum(1.0, np.log1p(counts) / np.log1p(full))
    tones = np.where(counts > 0, _FAINTEST + (1.0 - _FAINTEST) * share, 0.0).astype(np.float32)
    rim = _RIM * tones**2
    tones[1:] = np.maximum(tones[1:], rim[:-1])
    tones[:-1] = np.maximum(tones[:-1], rim[1:])
    return tones


def extent_of(diagram: Bifurcation) -> tuple[float, float]:
    """Give round numbers that all states of a diagram lie between."""
    states = diagram.states[np.isfinite(diagram.states)]
    if not len(states):
        return -1.0, 1.0
    low, high = np.quantile(states, [0.002, 0.998]).tolist()
    margin = 0.08 * (high - low) or 0.1 * max(1.0, abs(high))
    step = 10.0 ** np.floor(np.log10(high - low + 2 * margin)) / 5
    return float(np.floor((low - margin) / step) * step), float(np.ceil((high + margin) / step) * step)


def windows_of(diagram: Bifurcation, settling: float) -> list[Window]:
    """Find where the period is certain, and the same from all starts.

    Parameters
    ----------
    diagram : Bifurcation
    settling : float
        How long each orbit has been left to settle, in the exponents' unit.
    """
    periods, exponents = diagram.periods.reshape(len(diagram), -1), diagram.exponents.reshape(len(diagram), -1)
    agreed = np.where((periods == periods[:, :1]).all(axis=1), periods[:, 0], 0)
    return certain_windows(agreed, exponents.max(axis=1), settling)


def brackets(windows: Iterable[Window], values: Array, height: float) -> tuple[Array, Array]:
    """Draw a line over each window, with gaps between."""
    gap = [np.nan]
    across = [[values[w.first], values[w.last], *gap] for w in windows]
    x = np.concatenate([*across, np.empty(0)])
    return x, np.where(np.isfinite(x), height, np.nan)


def split_at_zero(x: Array, y: Array) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
    """Cut a curve into what lies above zero and what lies at or below; both end on zero.

    Examples
    --------
    >>> above, below = split_at_zero(np.array([0.0, 1.0]), np.array([-1.0, 1.0]))
    >>> above, below
    ((array([0.5, 1. ]), array([0., 1.])), (array([0. , 0.5]), array([-1.,  0.])))
    """
    with np.errstate(invalid="ignore"):
        turns = np.flatnonzero(y[:-1] * y[1:] < 0)
    share = y[turns] / (y[turns] - y[turns + 1])
    x = np.insert(x, turns + 1, x[turns] + share * (x[turns + 1] - x[turns]))
    y = np.insert(y, turns + 1, 0.0)
    return _kept(x, y, y >= 0), _kept(x, y, y <= 0)


def _kept(x: Array, y: Array, keep: NDArray[np.bool_]) -> tuple[Array, Array]:
    """Keep a part of a curve, with one gap where something is left out."""
    shown = np.where(keep, y, np.nan)
    wanted = keep | np.append(keep[1:], False)
    first = int(np.argmax(keep)) if keep.any() else 0
    wanted[:first] = False
    return x[wanted], shown[wanted]
