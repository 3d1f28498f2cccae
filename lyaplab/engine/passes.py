"""Orbit diagrams of flows: the passes through a section at every value of a parameter."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from lyaplab.engine.bifurcation import PIECE, Bifurcation, Columns
from lyaplab.engine.crossings import Crossings
from lyaplab.engine.regime import recurrence
from lyaplab.engine.sweep_rows import RowSweep, in_pieces
from lyaplab.kernel import Cell

__all__ = ["follow_passes"]

Array = NDArray[np.float64]
Parameters = tuple[Array, ...]

# Points that come back this near, relative to their size, are the same point of a cycle.
_RETURN = 1e-5
# An orbit that moves by less per unit of time, relative to its size, rests.
_REST = 1e-6


def follow_passes(
    cell: Cell,
    parameters: Callable[[int], Parameters],
    *,
    columns: Columns,
    x0: Array,
    inputs: Array,
    axis: int,
    normal: Array,
    offset: float,
    turning: bool,
    direction: int,
    steps: int,
    warmup: int,
    order: NDArray[np.int64],
    follow: bool,
    dt: Array | None,
) -> Iterator[Bifurcation]:
    """Yield the diagram as it fills, every 50 ms or so; the last one yielded is complete.

    Parameters
    ----------
    cell : Cell
        The system.
    parameters : callable
        ``parameters(i)`` gives the parameters of column i.
    columns, x0, inputs, axis, steps, warmup, order, dt
        As for `lyaplab.engine.bifurcation.follow_bifurcation`.
    normal, offset, turning, direction
        The section, as for `lyaplab.engine.section.follow_section`.
    follow : bool
        Whether each column continues from where the one before has ended.

    Yields
    ------
    Bifurcation
    """
    section = (normal, offset, turning, direction)
    return in_pieces(_fill(cell, parameters, columns, x0, inputs, axis, section, steps, warmup, order, follow, dt))


def _fill(
    cell: Cell,
    parameters: Callable[[int], Parameters],
    columns: Columns,
    x0: Array,
    inputs: Array,
    axis: int,
    section: tuple[Array, float, bool, int],
    steps: int,
    warmup: int,
    order: NDArray[np.int64],
    follow: bool,
    dt: Array | None,
) -> Iterator[Bifurcation]:
    begin = x0
    kept = np.empty((steps, *x0.shape))
    since = time.perf_counter()
    for column in order.tolist():
        p, step_length = parameters(column), None if dt is None else float(dt[column])
        rows = RowSweep(cell, p, x0=begin, inputs=inputs)
        rows.advance(warmup)
        rows.forget()
        rows.advance(steps, kept=kept)
        search = Crossings(cell, p, inputs, *section, step_length)
        for start in np.flatnonzero(rows.left < 0):
            path = np.ascontiguousarray(kept[:, start])
            points = search(path)[0]
            if len(points) == 0 and _rests(path, step_length or 1.0):
                points = path[-1:]
                columns.periods[column, start] = 1
            last = points[-columns.states.shape[2] :]
            columns.states[column, start, : len(last)] = last[:, axis]
            if len(last) > 1:
                columns.periods[column, start] = recurrence(last, _RETURN) or 0
        columns.note(np.array([column]), rows, np.array([steps * (step_length or 1.0)]))
        if follow:
            # An orbit that has left begins anew from its first start.
            begin = np.where((rows.left >= 0)[:, None], x0, rows.states)
        if time.perf_counter() - since >= PIECE:
            yield columns.result()
            since = time.perf_counter()
    yield columns.result()


def _rests(path: Array, dt: float) -> bool:
    """Whether an orbit has come to rest: then it passes nowhere."""
    last = np.abs(path[-1] - path[-2]).max() if len(path) > 1 else np.inf
    return bool(last <= _REST * dt * (1e-12 + np.abs(path).max()))
