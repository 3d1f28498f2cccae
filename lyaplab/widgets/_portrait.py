"""What a phase plane shows of a model, as arrays: nothing here knows the page.

A :class:`Portrait` is what depends on the model alone (arrows, nullclines, fixed points); orbits and
where they end depend on the starts too. Basins are in ``_basinpaint.py``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lyaplab.engine.fixed_points import FixedPoints
from lyaplab.errors import DivergenceError
from lyaplab.model import Model
from lyaplab.widgets._letters import kept_letters
from lyaplab.widgets._palette import basin_role
from lyaplab.widgets._shapes import arrows, contours

Array = NDArray[np.float64]
Line = tuple[Array, Array]
Window = tuple[float, float, float, float]
"""Left, right, bottom, top."""

# Grid of the arrows and, finer, of the nullclines
_ARROWS = (20, 19)
_GRID = 141
# An orbit this many windows away is not drawn
_FAR = 20.0
# Closer than this part of the window, an orbit counts as being at a fixed point
_AT_REST = 2e-3
_LONGEST_PERIOD = 24


@dataclass(frozen=True)
class Portrait:
    """What a plane shows of a model whatever the starts.

    Attributes
    ----------
    field : pair of ndarray
        The arrows, as one interrupted line.
    nullclines : two pairs of ndarray
        Where the first, and where the second state variable stays as it is.
    model : Model
    unit : pair of float
        Width and height of the window.
    before : (ndarray, shape (L, 2), tuple of str) or None
        The fixed points of the frame before, and their letters; None names them anew.
    """

    field: Line
    nullclines: tuple[Line, Line]
    model: Model
    unit: tuple[float, float]
    before: tuple[Array, tuple[str, ...]] | None = None

    @classmethod
    def of(cls, model: Model, window: Window, *, after: Portrait | None = None) -> Portrait:
        """Draw a model within a window.

        While one knob turns, fixed points keep the letters that they have in the portrait `after`; where more has
        changed, as with a preset, they are named anew.
        """
        left, right, bottom, top = window
        across, up = np.linspace(left, right, _GRID), np.linspace(bottom, top, _GRID)
        grid = np.stack(np.meshgrid(across, up), axis=-1)
        motion = model.field(grid.reshape(-1, 2)).reshape(grid.shape)
        xs = left + (right - left) * (np.arange(_ARROWS[0]) + 0.5) / _ARROWS[0]
        ys = bottom + (top - bottom) * (np.arange(_ARROWS[1]) + 0.5) / _ARROWS[1]
        feet = np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2)
        unit = (right - left, top - bottom)
        return cls(
            field=arrows(feet, model.field(feet), length=0.9 / _ARROWS[0], unit=unit),
            nullclines=(contours(across, up, motion[..., 0]), contours(across, up, motion[..., 1])),
            model=model,
            unit=unit,
            before=None if after is None or _turned(after.model, model) > 1 else (after.found.points, after.letters),
        )

    @cached_property
    def found(self) -> FixedPoints:
        """The fixed points, sorted by coordinates.

        Found when they are first asked for: lines can be seen before.
        """
        return self.model.fixed_points()

    @property
    def attractors(self) -> Array:
        """The stable fixed points, in order: what basins lead to."""
        return self.found.points[self.found.stable]

    def roles(self) -> tuple[str, ...]:
        """Give each stable fixed point the colour of its basin."""
        return tuple(basin_role(i) for i in range(len(self.attractors)))

    @cached_property
    def letters(self) -> tuple[str, ...]:
        """The name of each fixed point: A, B, C, ... in order, where no portrait has named them before."""
        points, letters = self.before or (np.empty((0, 2)), ())
        return kept_letters(self.found.points, points, letters, unit=self.unit)

    def letter(self, index: int) -> str:
        """Name a fixed point."""
        return self.letters[index]

    @property
    def by_letter(self) -> list[int]:
        """The numbers of the fixed points in the order of their names."""
        return sorted(range(len(self.letters)), key=lambda i: (len(self.letters[i]), self.letters[i]))

    def nearest(self, place: Sequence[float], window: Window) -> int | None:
        """Find the fixed point nearest to a place, as the eye sees it; None when there is none."""
        if not len(self.found):
            return None
        unit = np.array([window[1] - window[0], window[3] - window[2]])
        return int(np.argmin((((self.found.points - np.asarray(place)) / unit) ** 2).sum(axis=1)))


def _turned(before: Model, now: Model) -> int:
    """How many knobs differ."""
    values = {name: knob.value for name, knob in before.knobs.items()}
    return sum(values.get(name) != knob.value for name, knob in now.knobs.items())


def marker_of(kind: str) -> Literal["stable", "saddle", "unstable", "marginal"]:
    """Say which marker shows a kind of fixed point.

    Examples
    --------
    >>> marker_of("stable spiral"), marker_of("saddle"), marker_of("unstable node")
    ('stable', 'saddle', 'unstable')
    """
    return kind.split()[0]  # type: ignore[return-value]


def window_of(model: Model) -> Window:
    """Choose what a plane spans: the model's window, and the fixed points near it, with a margin."""
    low, high = (np.array(edge, dtype=float) for edge in model.view)
    points = model.fixed_points().points
    near = points[(np.abs(points - (low + high) / 2) < 1.5 * (high - low)).all(axis=1)]
    margin = 0.06 * (high - low)
    low, high = np.min([low, *(near - margin)], axis=0), np.max([high, *(near + margin)], axis=0)
    left, bottom = (float(f"{v:.3g}") for v in low)
    right, top = (float(f"{v:.3g}") for v in high)
    return left, right, bottom, top


def corners(window: Window) -> tuple[list[float], list[float]]:
    """Give the lower left and the upper right corner of a window."""
    left, right, bottom, top = window
    return [left, bottom], [right, top]


def middle(window: Window) -> list[float]:
    """Give the middle of a window."""
    left, right, bottom, top = window
    return [(left + right) / 2, (bottom + top) / 2]


def follow(model: Model, start: Sequence[float], steps: int) -> Array:
    """Follow one start: (steps + 1, 2), shorter when it leaves the range of floats."""
    x0 = np.array(start, dtype=float)
    try:
        return model.orbit(steps + 1, x0=x0)
    except DivergenceError as error:
        return model.orbit(max(1, error.step), x0=x0)


def visible(orbit: Array, window: Window) -> Array:
    """Turn states that are far outside of a window into gaps."""
    low, high = np.array(window[::2]), np.array(window[1::2])
    far = (np.abs(orbit - (low + high) / 2) > _FAR * (high - low)).any(axis=1)
    return np.where(far[:, None], np.nan, orbit)


@dataclass(frozen=True)
class Ending:
    """Where an orbit goes in the long run.

    Attributes
    ----------
    what : str
        "rest", "cycle", "loop" (a closed curve), "chaos", "lost" or "moving" (none of these yet).
    point : int or None
        The fixed point it comes to rest at.
    period : int or None
        Period of a cycle of a map.
    exponent : float
        Largest Lyapunov exponent, nan where it is not known.
    step : int or None
        The step at which a lost orbit leaves the range of floats.
    """

    what: Literal["rest", "cycle", "loop", "chaos", "lost", "moving"]
    point: int | None = None
    period: int | None = None
    exponent: float = float("nan")
    step: int | None = None


def ending(model: Model, start: Sequence[float], found: FixedPoints, window: Window) -> Ending:
    """Find out where the orbit of a start goes in the long run."""
    x0 = np.array(start, dtype=float)
    patience = 2000 if model.time_step is None else math.ceil(200 / model.time_step)
    unit = np.array([window[1] - window[0], window[3] - window[2]])
    try:
        tail = model.orbit(2 * _LONGEST_PERIOD, x0=x0, warmup=patience)
        if len(found):
            distance = np.abs((found.points - tail[-1]) / unit).max(axis=1)
            nearest = int(np.argmin(distance))
            if distance[nearest] < _AT_REST and found.stable[nearest]:
                return Ending("rest", point=nearest, exponent=_exponent_at(found, nearest))
        spectrum = model.lyapunov_spectrum(patience, k=1, x0=x0, warmup=patience)
    except DivergenceError as error:
        return Ending("lost", step=error.step)
    exponent, doubt = float(spectrum.exponents[0]), float(np.nan_to_num(spectrum.stderr[0]))
    period = _period(tail, unit) if model.time_step is None else None
    if period == 1 and len(found):
        return Ending("rest", point=nearest, exponent=exponent)
    if period is not None:
        return Ending("cycle", period=period, exponent=exponent)
    certain = max(3 * doubt, 5e-3)
    if exponent > certain:
        return Ending("chaos", exponent=exponent)
    return Ending("loop" if exponent > -certain else "moving", exponent=exponent)


def _exponent_at(found: FixedPoints, index: int) -> float:
    """Give the exponent of an orbit that rests at a fixed point: it is that of its eigenvalue."""
    leading = found.eigenvalues[index]
    if found.unit == "time":
        return float(leading.real.max())
    size = float(np.abs(leading).max())
    return math.log(size) if size > 0 else -math.inf


def _period(tail: Array, unit: Array) -> int | None:
    for period in range(1, _LONGEST_PERIOD + 1):
        if (np.abs(tail[period:] - tail[:-period]) / unit).max() < 1e-6:
            return period
    return None
