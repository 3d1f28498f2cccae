"""Where an orbit passes through a plane, to a fraction of a step.

A pass is first bracketed by two states of the orbit. Then, for a flow, the step between them is taken again by the
flow's own integrator, and shortened until it ends on the plane. So the point found is as exact as the orbit's own
states: the shortened step of a Runge-Kutta cell errs by dt⁵, the orbit by dt⁴. Where a step cannot be shortened (the
history of a delay equation), a cubic through four states stands for it, with an error of dt⁴ (dt³ in the time of a
maximum); a map's states are joined by straight lines.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from lyaplab.engine.linearise import step_rows, vector_field
from lyaplab.kernel import Cell

__all__ = ["Crossings"]

Array = NDArray[np.float64]

# The shortened step ends this near to the plane, relative to what a whole step moves; or it has met a jump.
_NEAR, _JUMP = 1e-13, 1e-3
_ITERATIONS = 60


class Crossings:
    """Finds where an orbit passes through the plane normal · x = offset, or where normal · x turns round.

    Parameters
    ----------
    cell, p, inputs, normal, offset, turning, direction, dt
        As for `lyaplab.engine.section.follow_section`.

    Attributes
    ----------
    margin : int
        States beyond the two round a pass that are looked at, to either side.
    """

    def __init__(
        self,
        cell: Cell,
        p: tuple[Array, ...],
        inputs: Array,
        normal: Array,
        offset: float,
        turning: bool,
        direction: int,
        dt: float | None,
    ) -> None:
        self._cell, self._p, self._inputs, self._dt = cell, p, inputs, dt
        self._normal, self._offset, self._turning, self._direction = normal, offset, turning, direction
        names = cell.card.names
        self._clock = names.index(cell.card.time_step) if cell.card.time_step in names else None
        scalar = self._clock is not None and not cell.card.parameters[self._clock].shape
        self._shortens = dt is not None and scalar and (cell.has("field") or not turning)
        self._bends = dt is not None and not self._shortens
        self.margin = int(not self._shortens and (self._bends or turning))

    def __call__(self, path: Array) -> tuple[Array, Array, NDArray[np.int64]]:
        """Return points (M, n), places between the states of the path (M,), and directions (M,)."""
        heights = self._heights(path)
        before, after = heights[:-1], heights[1:]
        up, down = (before < 0.0) & (after >= 0.0), (before >= 0.0) & (after < 0.0)
        wanted = (up & (self._direction >= 0)) | (down & (self._direction <= 0))
        inner = np.arange(len(wanted))
        wanted &= (inner >= self.margin) & (inner < len(wanted) - self.margin)
        first = np.flatnonzero(wanted)
        ways = np.where(up[first], 1, -1).astype(np.int64)
        if self._shortens:
            points, shares, good = self._shortened(path[first], before[first], after[first])
        elif self._bends:
            points, shares, good = self._bent(np.stack([path[first + j] for j in (-1, 0, 1, 2)]))
        else:
            points, shares, good = self._straight(path, first, before[first], after[first])
        return points[good], (first + shares)[good], ways[good]

    def _heights(self, states: Array) -> Array:
        """The function whose zero is the section, at some states of an orbit."""
        if not self._turning:
            return states @ self._normal - self._offset
        if self._shortens:
            return self._rates(states)
        # Half way to the neighbours: the slope at a state is that between them.
        slopes = np.gradient(states @ self._normal) if len(states) > 1 else np.zeros(len(states))
        return slopes if self._bends else np.append(np.diff(states @ self._normal), 0.0)

    def _rates(self, states: Array) -> Array:
        driven = np.tile(self._inputs, (len(states), 1))
        field = vector_field(self._cell, self._p, x=np.ascontiguousarray(states), inputs=driven, dt=self._dt)
        return field @ self._normal

    def _shortened(self, x: Array, before: Array, after: Array) -> tuple[Array, Array, NDArray[np.bool_]]:
        """Take the step from x again, shortened until it ends on the section."""
        assert self._dt is not None and self._clock is not None
        dt, clock = self._dt, self._clock
        driven = np.tile(self._inputs, (len(x), 1))
        ends = x.copy()

        def height(share: Array) -> Array:
            nonlocal ends
            p = list(self._p)
            p[clock] = share * dt  # every row has a step length of its own
            ends = step_rows(self._cell, tuple(p), x=np.ascontiguousarray(x), inputs=driven)
            return self._heights(ends)

        if len(x) == 0:
            return x, np.empty(0), np.empty(0, dtype=bool)
        share, rest = _zero(height, before, after)
        scale = np.abs(before) + np.abs(after)
        # A variable that is kept within a turn jumps: the step then ends nowhere near the section.
        return ends, share, np.abs(rest) <= _JUMP * scale

    def _bent(self, near: Array) -> tuple[Array, Array, NDArray[np.bool_]]:
        """Lay a cubic through the four states round the pass, (4, M, n), and look where it meets the section."""
        values = near @ self._normal
        if len(values[0]) == 0:
            return near[0], np.empty(0), np.empty(0, dtype=bool)

        # The cubic may turn just outside of the states between which differences change their sign.
        low, width = (-0.5, 2.0) if self._turning else (0.0, 1.0)

        def height(part: Array) -> Array:
            share = low + width * part
            if self._turning:
                return (_slopes(share) * values).sum(axis=0)
            return (_weights(share) * values).sum(axis=0) - self._offset

        begin, end = height(np.zeros(near.shape[1])), height(np.ones(near.shape[1]))
        part, _ = _zero(height, begin, end)
        share = low + width * part
        return (_weights(share)[:, :, None] * near).sum(axis=0), share, begin * end <= 0.0

    def _straight(
        self, path: Array, first: NDArray[np.int64], before: Array, after: Array
    ) -> tuple[Array, Array, NDArray[np.bool_]]:
        """For a map: the point on the straight line between two states; of `turning`, the state that stands out."""
        all_good = np.ones(len(first), dtype=bool)
        if self._turning:
            return path[first + 1], np.ones(len(first)), all_good
        share = before / (before - after)
        return path[first] + share[:, None] * (path[first + 1] - path[first]), share, all_good


def _weights(share: Array) -> Array:
    """Weights (4, M) of the states at -1, 0, 1 and 2 in the cubic through them, taken at `share` in [0, 1]."""
    s = share
    return np.stack([
        -s * (s - 1) * (s - 2) / 6,
        (s + 1) * (s - 1) * (s - 2) / 2,
        -(s + 1) * s * (s - 2) / 2,
        (s + 1) * s * (s - 1) / 6,
    ])


def _slopes(share: Array) -> Array:
    """Derivatives of these weights."""
    s = share
    return np.stack([
        -(3 * s * s - 6 * s + 2) / 6,
        (3 * s * s - 4 * s - 1) / 2,
        -(3 * s * s - 2 * s - 2) / 2,
        (3 * s * s - 1) / 6,
    ])


def _zero(height: Callable[[Array], Array], before: Array, after: Array) -> tuple[Array, Array]:
    """Find where `height` vanishes between 0 and 1, where it is `before` and `after`; the last call is at the result.

    The Illinois method, for all at once: a secant that never leaves the bracket.
    """
    a, b = np.zeros(len(before)), np.ones(len(before))
    low, high = before.copy(), after.copy()
    enough = _NEAR * (np.abs(before) + np.abs(after))
    share, rest = b, high
    for _ in range(_ITERATIONS):
        gap = high - low
        share = np.where(np.abs(rest) <= enough, b, b - high * (b - a) / np.where(gap == 0.0, 1.0, gap))
        rest = height(share)
        if (np.abs(rest) <= enough).all():
            break
        same = rest * high > 0.0
        a, low = np.where(same, a, b), np.where(same, 0.5 * low, high)
        b, high = share, rest
    return share, rest
