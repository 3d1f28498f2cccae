"""Basins as pixels: computed as finely as there is time, coloured like the points they lead to."""

from __future__ import annotations

import math
import time

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lyaplab.engine.basins import Basins
from lyaplab.model import Model
from lyaplab.widgets._palette import basin_role, tint
from lyaplab.widgets._portrait import Window, corners

Array = NDArray[np.float64]


class BasinPainter:
    """Rasters of basins, as fine as the time allows: it learns how long a start takes."""

    QUICK, CALM = 0.012, 0.12  # seconds, while a finger moves and when it rests
    PROBE, SMALLEST, LARGEST, FINEST = 8, 32, 160, 480  # cells along each side

    def __init__(self) -> None:
        self._cost: float | None = None  # seconds a start

    def paint(self, model: Model, attractors: Array, window: Window, *, coarse: bool) -> Basins | None:
        """Compute basins; None when even the coarsest would take too long for now."""
        if not len(attractors):
            return None
        if self._cost is None:
            self._compute(model, attractors, window, self.PROBE)  # compiles, perhaps: not to be counted
            self._compute(model, attractors, window, self.PROBE)
        side = math.sqrt((self.QUICK if coarse else self.CALM) / (self._cost or 1e-9))
        if side < self.SMALLEST and coarse:
            return None
        cells = int(min(max(side, self.SMALLEST), self.LARGEST))
        return self._compute(model, attractors, window, cells)

    def _compute(self, model: Model, attractors: Array, window: Window, cells: int) -> Basins:
        low, high = corners(window)
        started = time.perf_counter()
        basins = model.basins(low=low, high=high, resolution=(cells, cells), attractors=attractors)
        self._cost = max((time.perf_counter() - started) / cells**2, 1e-9)
        return basins


def pixels(basins: Basins, *, across: int = 1) -> NDArray[np.uint8]:
    """Colour basins: (ny, nx, 4), row 0 at the bottom; clear where no attractor is reached.

    Parameters
    ----------
    basins : Basins
    across : int
        Least number of pixels along x: a rougher raster is enlarged, its stairs rounded off.
    """
    colours = [tint(basin_role(i)) for i in range(len(basins.attractors))]
    return np.array([*colours, (0, 0, 0, 0)], np.uint8)[_enlarged(basins, -(-across // basins.labels.shape[1]))]


def _enlarged(basins: Basins, factor: int) -> NDArray[np.int16]:
    """Enlarge labels: each fine pixel takes the label that most of its surroundings have."""
    if factor <= 1:
        return basins.labels
    ny, nx = basins.labels.shape
    size = (nx * factor, ny * factor)
    best, labels = np.zeros(size[::-1], np.uint8), np.full(size[::-1], -1, np.int16)
    for label in range(-1, len(basins.attractors)):
        mask = Image.fromarray((basins.labels == label).astype(np.uint8) * 255)
        share = np.asarray(mask.resize(size, Image.Resampling.BILINEAR))
        np.copyto(labels, label, where=share > best)
        np.maximum(best, share, out=best)
    return labels


def laid_over(fine: Basins, rough: Basins | None) -> Basins:
    """Fill the rows that a finer raster has not reached yet from a rougher one."""
    rows = round(fine.done * len(fine.labels))
    if rough is None or rows >= len(fine.labels):
        return fine
    labels = fine.labels.copy()
    ny, nx = labels.shape
    up = np.arange(rows, ny) * rough.labels.shape[0] // ny
    across = np.arange(nx) * rough.labels.shape[1] // nx
    labels[rows:] = rough.labels[np.ix_(up, across)]
    return Basins(labels, fine.attractors, fine.low, fine.high, fine.done)
