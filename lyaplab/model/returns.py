"""What an orbit does from pass to pass through a section, and how fast two orbits part: all without tangents."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lyaplab.engine.cross_check import TwoTrajectories, follow_two_trajectories
from lyaplab.engine.section import Section, axis_of, follow_section
from lyaplab.errors import finite_array, number, one_of, positive_int
from lyaplab.model.motion import Motion

__all__ = ["Returns"]

Array = NDArray[np.float64]

_STEPS = 100_000
_WAYS = {"up": 1, "down": -1, "both": 0}
# Where a coordinate turns round, its rate passes zero upwards or downwards.
_TURNS = {"minima": 1, "maxima": -1}


class Returns(Motion):
    """A system whose passes through a section, and whose neighbours, can be followed."""

    def section(
        self,
        axis: int | str | None = None,
        value: float | str = 0.0,
        *,
        normal: ArrayLike | None = None,
        direction: str | None = None,
        steps: int = _STEPS,
        x0: ArrayLike | None = None,
        inputs: ArrayLike | None = None,
        warmup: int = 500,
    ) -> Section:
        """Follow an orbit and note its state whenever it passes through a plane, or whenever a coordinate turns round.

        Parameters
        ----------
        axis : int or str, optional
            The coordinate, by its number or name; by default the first.
        value : float or str, optional
            What the coordinate (or normal · x) is on the plane; or "maxima" or "minima" of it.
        normal : array_like(float, shape=(d,)), optional
            A direction instead of an axis.
        direction : str, optional
            "up" (by default), "down" or "both"; of passes through a plane only.
        steps, warmup : int, optional
            Steps that are searched, and steps before.
        x0 : array_like(float, shape=(d,)), optional
            First state.
        inputs : array_like(float, shape=(m,)), optional
            The constant input.

        Returns
        -------
        Section
            Points as exact as the orbit's own states (of a delay equation: up to dt⁴).

        Raises
        ------
        DivergenceError
            At the first step whose state is not finite.

        Examples
        --------
        >>> import lyaplab as ll
        >>> two_loops = ll.Model("roessler", c=3.5).section("y", steps=20_000, warmup=20_000)
        >>> two_loops.period, round(two_loops.cycle_time, 2)
        (2, 11.55)
        """
        *_, result = self.iter_section(
            axis, value, normal=normal, direction=direction, steps=steps, x0=x0, inputs=inputs, warmup=warmup
        )
        return result

    def iter_section(
        self,
        axis: int | str | None = None,
        value: float | str = 0.0,
        *,
        normal: ArrayLike | None = None,
        direction: str | None = None,
        steps: int = _STEPS,
        x0: ArrayLike | None = None,
        inputs: ArrayLike | None = None,
        warmup: int = 500,
    ) -> Iterator[Section]:
        """Yield the section as it fills, every 50 ms or so. Arguments as for `section`."""
        if normal is None:
            across = np.eye(self.d)[axis_of(0 if axis is None else axis, self.state_names)]
        elif axis is not None:
            raise ValueError(f"give axis or normal, not both: got axis={axis!r}")
        else:
            across = finite_array("normal", normal, shape=(self.d,))
            if not across.any():
                raise ValueError("normal must not be zero")
        turning = isinstance(value, str)
        if turning and direction is not None:
            raise ValueError(f"direction has no meaning beside value={value!r}: leave it out")
        way = (
            _TURNS[one_of("value", value, _TURNS)]
            if turning
            else _WAYS[one_of("direction", direction or "up", _WAYS)]
        )
        return follow_section(
            self.cell,
            self._p,
            x0=self._one_state(x0),
            inputs=self._constant(inputs),
            normal=across,
            offset=0.0 if turning else number("value", value),
            turning=turning,
            direction=way,
            steps=positive_int("steps", steps),
            warmup=positive_int("warmup", warmup, minimum=0),
            dt=self.time_step,
            names=self.state_names,
        )

    def two_trajectories(
        self,
        steps: int | None = None,
        *,
        x0: ArrayLike | None = None,
        inputs: ArrayLike | None = None,
        warmup: int = 500,
    ) -> TwoTrajectories:
        """Measure the largest exponent by brute force, as the rate at which two neighbouring orbits part.

        No tangents and no Jacobian: an independent check of `lyapunov_spectrum`.

        Parameters
        ----------
        steps : int, optional
            Steps to count, by default 10,000.
        x0 : array_like(float, shape=(d,)), optional
            First state.
        inputs : array_like(float, shape=(T, m)), optional
            One row for each step, warm-up included; both orbits get the same.
        warmup : int, optional
            Steps before growth is counted.

        Returns
        -------
        TwoTrajectories

        Examples
        --------
        >>> import lyaplab as ll
        >>> found = ll.Model("logistic", r=4.0).two_trajectories(100_000)
        >>> abs(found.exponent - 0.6931) < 0.001  # log 2
        True
        """
        *_, result = self.iter_two_trajectories(steps, x0=x0, inputs=inputs, warmup=warmup)
        return result

    def iter_two_trajectories(
        self,
        steps: int | None = None,
        *,
        x0: ArrayLike | None = None,
        inputs: ArrayLike | None = None,
        warmup: int = 500,
    ) -> Iterator[TwoTrajectories]:
        """Yield the running estimate every 50 ms or so. Arguments as for `two_trajectories`."""
        warmup = positive_int("warmup", warmup, minimum=0)
        sequences, count = self._sequence(inputs, steps, warmup, 10_000)
        if len(sequences) > 1:
            raise ValueError(f"inputs must be one sequence (T, m), got {len(sequences)} sequences")
        return follow_two_trajectories(
            self.cell,
            self._p,
            x0=self._one_state(x0),
            inputs=sequences[0],
            steps=count,
            warmup=warmup,
            dt=self.time_step,
        )

    def _one_state(self, x0: ArrayLike | None) -> Array:
        states, alone = self._states(x0)
        if not alone:
            raise ValueError(f"x0 must be one state of shape ({self.d},), got {len(states)} states")
        return states[0]
