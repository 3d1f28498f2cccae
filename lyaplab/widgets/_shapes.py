"""The data of marks: fields of arrows, contours, cobweb stairs, and lines no denser than the screen.

Arrays in, arrays out. A line may be interrupted: NaN separates its pieces, so that a whole field of
arrows is one mark and one message.
"""

from __future__ import annotations

from collections.abc import Sequence

import contourpy
import numpy as np
from numpy.typing import ArrayLike, NDArray

from lyaplab.widgets._scene import FloatArray, Scene


def arrows(
    points: ArrayLike,
    vectors: ArrayLike,
    *,
    length: float,
    head: float = 0.34,
    unit: tuple[float, float] = (1.0, 1.0),
) -> tuple[FloatArray, FloatArray]:
    """Draw a field of arrows as one interrupted line.

    Each arrow is centred on its point and shows the direction of its vector. Its length grows with
    the vector's but saturates at `length`, so that slow places stay visible and fast ones do not
    run over their neighbours; the scale is the median size in the field.

    Parameters
    ----------
    points, vectors : array_like, shape (B, 2)
    length : float
        Longest arrow, in multiples of `unit`.
    head : float
        Length of the head as a part of the arrow.
    unit : (float, float)
        What is equally long on the screen along x and along y, in units of the data: without it the
        heads are skewed where the axes differ.

    Returns
    -------
    x, y : ndarray, shape (7 B - 1,)
        With NaN between the strokes; not-finite vectors leave a gap.

    Examples
    --------
    >>> x, y = arrows([[0.0, 0.0]], [[3.0, 0.0]], length=1.0)
    >>> bool(np.allclose(x[1] + x[0], 0.0)), len(x)
    (True, 6)
    """
    at = np.asarray(points, float).reshape(-1, 2) / unit
    along = np.asarray(vectors, float).reshape(-1, 2) / unit
    if at.shape != along.shape:
        raise ValueError(f"arrows need as many vectors as points, got {len(along)} and {len(at)}")
    speed = np.hypot(along[:, 0], along[:, 1])
    finite = np.isfinite(speed) & (speed > 0)
    typical = float(np.median(speed[finite])) if finite.any() else 1.0
    safe = np.where(finite, speed, np.nan)
    stroke = along / safe[:, None] * (length * np.tanh(1.2 * safe / typical))[:, None]
    tail, tip = at - stroke / 2, at + stroke / 2
    side = np.stack([-stroke[:, 1], stroke[:, 0]], axis=1) * head * 0.6
    left, right = tip - head * stroke + side, tip - head * stroke - side
    gap = np.full_like(tail, np.nan)
    path = np.stack([tail, tip, gap, left, tip, right, gap], axis=1).reshape(-1, 2)[:-1] * unit
    return path[:, 0].copy(), path[:, 1].copy()


def contours(
    x: ArrayLike, y: ArrayLike, z: ArrayLike, *, level: float = 0.0
) -> tuple[FloatArray, FloatArray]:
    """Trace where `z` equals `level`, as one interrupted line.

    Parameters
    ----------
    x, y : array_like, shapes (nx,) and (ny,)
        The grid.
    z : array_like, shape (ny, nx)
        Values on the grid; not-finite ones leave a hole.
    level : float
        The value to trace.

    Returns
    -------
    x, y : ndarray
        With NaN between separate curves; empty where there is none.

    Examples
    --------
    >>> grid = np.linspace(-1, 1, 21)
    >>> u, v = contours(grid, grid, np.add.outer(grid**2, grid**2), level=0.25)
    >>> bool(np.allclose(np.hypot(u, v), 0.5, atol=0.01))
    True
    """
    values = np.ma.masked_invalid(np.asarray(z, float))
    lines = contourpy.contour_generator(np.asarray(x, float), np.asarray(y, float), values).lines(level)
    pieces = [np.asarray(line, float) for line in lines if len(line) > 1]
    if not pieces:
        return np.empty(0), np.empty(0)
    gap = np.full((1, 2), np.nan)
    path = np.concatenate([part for piece in pieces for part in (piece, gap)])[:-1]
    return path[:, 0].copy(), path[:, 1].copy()


def staircase(orbit: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Turn an orbit of a scalar map into the cobweb's stairs: up to the curve, across to the diagonal.

    Parameters
    ----------
    orbit : array_like, shape (T,)

    Returns
    -------
    x, y : ndarray, shape (2 T - 1,)
        From (x0, x0) over (x0, x1), (x1, x1), ... to the last state on the diagonal.

    Examples
    --------
    >>> staircase([0.1, 0.4, 0.9])
    (array([0.1, 0.1, 0.4, 0.4, 0.9]), array([0.1, 0.4, 0.4, 0.9, 0.9]))
    """
    states = np.asarray(orbit, float).ravel()
    doubled = np.repeat(states, 2)
    return doubled[:-1], np.concatenate([doubled[:1], doubled[2:]])


def joined(paths: Sequence[ArrayLike]) -> tuple[FloatArray, FloatArray]:
    """Lay several paths (T, 2) into one interrupted line.

    Examples
    --------
    >>> joined([[[0, 0], [1, 1]], [[2, 2]]])[0]
    array([ 0.,  1., nan,  2.])
    """
    gap = np.full((1, 2), np.nan)
    parts = [part for path in paths for part in (np.asarray(path, float).reshape(-1, 2), gap)]
    line = np.concatenate(parts)[:-1] if parts else np.empty((0, 2))
    return line[:, 0].copy(), line[:, 1].copy()


def crosses(x: FloatArray, y: FloatArray, scene: Scene, *, size: float) -> tuple[FloatArray, FloatArray]:
    """Draw a cross, `size` pixels wide, at each point, as one interrupted line.

    Parameters
    ----------
    x, y : ndarray, shape (n,)
    scene : Scene
        The figure they are shown in: a pixel is as long as there.
    size : float
        Pixels.

    Returns
    -------
    x, y : ndarray, shape (6 n - 1,)
        Two strokes for each point, with NaN between.
    """
    wide = size / 2 * scene.x.span / scene.plot[0]
    high = size / 2 * scene.y.span / scene.plot[1]
    across = np.array([-wide, wide, np.nan, -wide, wide, np.nan])
    up = np.array([-high, high, np.nan, high, -high, np.nan])
    return (x[:, None] + across).ravel()[:-1], (y[:, None] + up).ravel()[:-1]


def decimate(
    x: FloatArray, y: FloatArray, scene: Scene, *, cap: int = 20_000
) -> tuple[FloatArray, FloatArray]:
    """Drop the points of a line that no screen could show: about two a pixel remain, gaps stay.

    A point goes when it falls into the same half pixel as the one before it. Where x never goes
    back (a time series) and the line is still denser than two points a pixel, every half-pixel
    column keeps its lowest and its highest point.

    Parameters
    ----------
    x, y : ndarray, shape (n,)
        The line; NaN interrupts it.
    scene : Scene
        The figure it is shown in (its pixels and limits).
    cap : int
        Most points to keep when all else leaves more.
    """
    across, down = scene.to_pixels(x, y)
    seen = np.isfinite(across) & np.isfinite(down)
    columns = np.floor(np.where(seen, across, 0.0) * 2)
    rows = np.floor(np.where(seen, down, 0.0) * 2)
    keep = np.ones(len(x), bool)
    same = (columns[1:] == columns[:-1]) & (rows[1:] == rows[:-1]) & seen[1:] & seen[:-1]
    keep[1:] = ~same & (seen[1:] | seen[:-1])  # of several NaN in a row one is enough
    ends = np.flatnonzero(np.append(seen[:-1] & ~seen[1:], True))
    keep[ends] = True  # the last point of each piece is exact
    x, y, columns = x[keep], y[keep], columns[keep]
    if len(x) > 2 * scene.plot[0] and seen.all() and np.all(np.diff(x) >= 0):
        chosen = _extremes(columns, y)
        x, y = x[chosen], y[chosen]
    if len(x) > cap:
        chosen = np.unique(np.linspace(0, len(x) - 1, cap).astype(int))
        x, y = x[chosen], y[chosen]
    return x, y


def _extremes(columns: FloatArray, y: FloatArray) -> NDArray[np.intp]:
    """Index the lowest and the highest value in each column, in the line's own order."""
    order = np.lexsort((y, columns))
    first = np.append(True, np.diff(columns[order]) > 0)
    last = np.append(first[1:], True)
    ends = np.array([0, len(y) - 1])
    return np.unique(np.concatenate([order[first], order[last], ends]))
