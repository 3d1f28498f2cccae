"""Basins: which resting place every start of a plane ends at, as a raster."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lyaplab.engine.result import Result
from lyaplab.kernel import Cell, kernel, one_blas_thread
from lyaplab.kernel.cell import step

__all__ = ["Basins", "follow_basins"]

Array = NDArray[np.float64]

# Rows of states that are advanced together: they stay in the processor's first cache.
_BLOCK = 256
# A piece of a raster takes about this long, in seconds, so that Stop and progress cost nothing.
_PIECE = 0.05


@dataclass(frozen=True, repr=False)
class Basins(Result):
    """A raster of starts, each labelled by the attractor that its orbit comes close to.

    Parameters
    ----------
    labels : ndarray(int, shape=(ny, nx))
        Index of the attractor; -1 for none of them (still under way, a cycle, or divergence). Row 0 is the lowest.
    attractors : ndarray(float, shape=(K, 2))
        Stable fixed points.
    low, high : ndarray(float, shape=(2,))
        Corners of the window; starts are centres of cells.
    done : float
        Share of the raster that has been computed (1 at the end).
    """

    labels: NDArray[np.int16]
    attractors: Array
    low: Array
    high: Array
    done: float = 1.0

    def __repr__(self) -> str:
        share = [f"{np.mean(self.labels == i):.0%}" for i in range(len(self.attractors))]
        return f"Basins({self.labels.shape[1]} x {self.labels.shape[0]} starts; shares {', '.join(share) or 'none'})"


@kernel
def _settle(cell, q, x, y, u, w, steps):
    """Advance the rows x by `steps` steps."""
    for _ in range(steps):
        step(cell, q, x, u, y, w)
        x, y = y, x


@kernel
def _nearest(x, attractors, distance, labels):
    """Label each row by the nearest attractor within `distance`, -1 for none."""
    for b in range(x.shape[0]):
        labels[b] = -1
        best = distance * distance
        for k in range(attractors.shape[0]):
            square = 0.0
            for i in range(x.shape[1]):
                square += (x[b, i] - attractors[k, i]) ** 2
            if square < best:
                best = square
                labels[b] = k


def follow_basins(
    cell: Cell,
    p: tuple[Array, ...],
    *,
    attractors: Array,
    inputs: Array,
    low: Array,
    high: Array,
    resolution: tuple[int, int],
    steps: int,
) -> Iterator[Basins]:
    """Yield the raster as it fills, as many rows at a time as take about 50 ms; the last one yielded is complete.

    Parameters
    ----------
    cell, p : Cell, tuple of ndarray
        A system of two state variables and its parameters.
    attractors : ndarray(float, shape=(K, 2))
        Stable fixed points.
    inputs : ndarray(float, shape=(m,))
        The constant input.
    low, high : ndarray(float, shape=(2,))
        Corners of the window.
    resolution : tuple of int
        (nx, ny) starts.
    steps : int
        Steps before the distance is taken.

    Yields
    ------
    Basins
    """
    nx, ny = resolution
    labels = np.full((ny, nx), -1, dtype=np.int16)
    xs = low[0] + (high[0] - low[0]) * (np.arange(nx) + 0.5) / nx
    ys = low[1] + (high[1] - low[1]) * (np.arange(ny) + 0.5) / ny
    q, nw = cell.prepare(p), cell.size(p)[1]
    distance = _catch(attractors, low, high)
    first, rows = 0, 1
    while first < ny:
        began = time.perf_counter()
        last = min(ny, first + rows)
        grid = np.stack(np.meshgrid(xs, ys[first:last]), axis=-1).reshape(-1, 2)
        part = np.empty(len(grid), dtype=np.int16)
        with one_blas_thread():
            for start in range(0, len(grid), _BLOCK):
                x = np.ascontiguousarray(grid[start : start + _BLOCK])
                driven = np.tile(inputs, (len(x), 1))
                # An even number of steps ends in the same array.
                _settle(cell, q, x, np.empty_like(x), driven, np.empty((len(x), nw)), steps + steps % 2)
                _nearest(x, attractors, distance, part[start : start + _BLOCK])
        labels[first:last] = part.reshape(last - first, nx)
        pace = (time.perf_counter() - began) / (last - first)
        first, rows = last, max(1, min(4 * rows, int(_PIECE / pace)))
        yield Basins(labels.copy() if last < ny else labels, attractors, low, high, last / ny)


def _catch(attractors: Array, low: Array, high: Array) -> float:
    """How close counts as arrived: a twentieth of the window, but at most half way to the next attractor."""
    reach = 0.05 * float(np.max(high - low))
    for i in range(len(attractors)):
        for j in range(i):
            reach = min(reach, 0.5 * float(np.linalg.norm(attractors[i] - attractors[j])))
    return reach
