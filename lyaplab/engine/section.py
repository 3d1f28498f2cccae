"""Poincaré sections: where an orbit passes through a plane, or turns round, and what it does from pass to pass."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lyaplab.engine.crossings import Crossings
from lyaplab.engine.orbit import orbit
from lyaplab.engine.regime import recurrence
from lyaplab.engine.result import Result
from lyaplab.errors import DivergenceError, unknown
from lyaplab.kernel import Cell

__all__ = ["ReturnMap", "Section", "follow_section"]

Array = NDArray[np.float64]
Parameters = tuple[Array, ...]

# A piece of the orbit takes about this long.
_PIECE_SECONDS = 0.05
# Points that come back this near, relative to their size, are the same point of a cycle.
_RETURN = 1e-5


@dataclass(frozen=True)
class ReturnMap(Result):
    """One coordinate at a pass against the same at the next.

    Parameters
    ----------
    now, after : ndarray(float, shape=(M - 1,))
        The coordinate at a pass, and at the pass after it.
    name : str
        Name of the coordinate.
    """

    now: Array
    after: Array
    name: str = "x"

    def table(self) -> dict[str, np.ndarray]:
        """Return the columns now and after."""
        return {"now": self.now, "after": self.after}

    def __repr__(self) -> str:
        return f"ReturnMap({len(self.now)} returns of {self.name})"


@dataclass(frozen=True, repr=False)
class Section(Result):
    """The passes of one orbit through a section.

    Parameters
    ----------
    points : ndarray(float, shape=(M, d))
        States on the section.
    times : ndarray(float, shape=(M,))
        When, in `unit`, from the end of the warm-up.
    directions : ndarray(int, shape=(M,))
        1 for a pass upwards (along the normal), -1 downwards.
    names : ndarray(str, shape=(d,))
        Names of the state variables.
    steps : int
        Steps of the orbit that were searched.
    unit : str
        "step" for maps, "time" for flows.
    """

    points: Array
    times: Array
    directions: NDArray[np.int64]
    names: NDArray[np.str_]
    steps: int
    unit: str = "time"

    def __len__(self) -> int:
        return len(self.points)

    @property
    def returns(self) -> Array:
        """Times from each pass to the next, shape (M - 1,)."""
        return np.diff(self.times)

    @property
    def period(self) -> int | None:
        """Number of passes after which the last points come back; None when they do not within 64."""
        return recurrence(self.points, _RETURN) if len(self) > 1 else None

    @property
    def cycle_time(self) -> float:
        """Duration of the cycle, in `unit`: of as many returns as its period has; NaN without one."""
        return float("nan") if self.period is None else float(self.times[-1] - self.times[-1 - self.period])

    def return_map(self, axis: int | str = 0) -> ReturnMap:
        """Return a coordinate at each pass against the same at the next.

        Parameters
        ----------
        axis : int or str, optional
            The coordinate, by its number or name.
        """
        place = axis_of(axis, tuple(map(str, self.names)))
        values = self.points[:, place]
        return ReturnMap(values[:-1].copy(), values[1:].copy(), str(self.names[place]))

    def table(self) -> dict[str, np.ndarray]:
        """Return the columns time, direction and one for each state variable."""
        columns = {str(name): self.points[:, i] for i, name in enumerate(self.names)}
        return {"time": self.times, "direction": self.directions, **columns}

    def __repr__(self) -> str:
        if len(self) < 2:
            return f"Section({len(self)} passes in {self.steps} steps)"
        known = f"; a cycle of {self.period}, {self.cycle_time:.6g} long" if self.period else ""
        return f"Section({len(self)} passes in {self.steps} steps, {self.returns.mean():.4g} {self.unit} apart{known})"


def axis_of(axis: int | str, names: tuple[str, ...]) -> int:
    """Return the number of a state variable that is given by number or name.

    Examples
    --------
    >>> axis_of("z", ("x", "y", "z"))
    2
    """
    if isinstance(axis, str):
        if axis not in names:
            raise unknown("state variable", axis, names)
        return names.index(axis)
    if isinstance(axis, bool) or not isinstance(axis, int | np.integer) or not 0 <= axis < len(names):
        raise ValueError(f"axis must be a name or a number from 0 to {len(names) - 1}, got {axis!r}")
    return int(axis)


def follow_section(
    cell: Cell,
    p: Parameters,
    *,
    x0: Array,
    inputs: Array,
    normal: Array,
    offset: float = 0.0,
    turning: bool = False,
    direction: int = 1,
    steps: int,
    warmup: int,
    dt: float | None,
    names: tuple[str, ...],
) -> Iterator[Section]:
    """Yield what has been found so far every 50 ms or so; the last one yielded is the result.

    Parameters
    ----------
    cell, p : Cell, tuple of ndarray
        The system and its parameters.
    x0 : ndarray(float, shape=(n,))
        First state.
    inputs : ndarray(float, shape=(m,))
        The constant input.
    normal : ndarray(float, shape=(n,))
        Points of the section have normal · x = offset.
    offset : float, optional
        See there.
    turning : bool, optional
        Instead, points where normal · x stops growing or shrinking: where normal · dx/dt = 0.
    direction : int, optional
        1 for passes upwards (of `turning`: minima), -1 for passes downwards (maxima), 0 for both.
    steps, warmup : int
        Steps that are searched, and steps before.
    dt : float or None
        Time step of a flow.
    names : tuple of str
        Names of the state variables.

    Yields
    ------
    Section

    Raises
    ------
    DivergenceError
        At the first step that is not finite.
    """
    search = Crossings(cell, p, inputs, normal, offset, turning, direction, dt)
    unit = 1.0 if dt is None else dt
    found: list[tuple[Array, Array, NDArray[np.int64]]] = []
    start = x0
    path, done, length = np.empty((0, len(x0))), 0, 512
    while done < steps:
        began = time.perf_counter()
        length = min(length, steps - done)
        states = _states(cell, p, start, inputs, length, warmup if done == 0 else 0, warmup + done)
        start = states[-1]
        # The last state of a piece is the first of the next; a cubic looks one state further to both sides.
        path = np.concatenate([path, states if len(path) == 0 else states[1:]])
        points, places, ways = search(path)
        found.append((points, (done + length + 1 - len(path) + places) * unit, ways))
        path = path[-1 - 2 * search.margin :]
        done += length
        every = [np.concatenate(parts) for parts in zip(*found, strict=True)]
        yield Section(every[0], every[1], every[2], np.array(names), done, "step" if dt is None else "time")
        length = int(np.clip(length * _PIECE_SECONDS / max(time.perf_counter() - began, 1e-9), 64, 8 * length))


def _states(cell: Cell, p: Parameters, x0: Array, inputs: Array, steps: int, warmup: int, before: int) -> Array:
    """Follow the orbit over `steps` steps, both ends included; a divergence is counted from the run's beginning."""
    try:
        return orbit(cell, p, x0=x0[None], inputs=inputs[None, None], steps=steps + 1, warmup=warmup)[:, 0]
    except DivergenceError as error:
        raise DivergenceError(error.step + before - warmup) from None
