"""Where a model rests, lingers, or comes back: fixed points, slow points and cycles."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lyaplab.engine.cycles import Cycles, cycles
from lyaplab.engine.fixed_points import FixedPoints, fixed_points, iter_fixed_points
from lyaplab.engine.slow_points import SlowPoints, iter_slow_points, slow_points
from lyaplab.errors import DivergenceError, positive_int
from lyaplab.model.motion import Motion

__all__ = ["Resting"]

Array = NDArray[np.float64]

# Steps before the states of an orbit serve as first guesses.
_WARMUP = 500
# First guesses keep to this many views; where bounds reach farther, half of them do.
_VIEWS = 4.0


class Resting(Motion):
    """What is searched for from many first guesses at once."""

    def fixed_points(
        self, starts: int = 256, *, inputs: ArrayLike | None = None, from_orbit: bool = False
    ) -> FixedPoints:
        """Find where the system rests under a constant input, by Newton's method from many starts.

        Parameters
        ----------
        starts : int, optional
            Number of starts, spread over the bounds of the state.
        inputs : array_like(float, shape=(m,)), optional
            The constant input.
        from_orbit : bool, optional
            Start half of them on the orbit instead, after a warm-up.

        Returns
        -------
        FixedPoints

        Examples
        --------
        >>> from lyaplab import Model
        >>> Model("tanh", w=2.0).fixed_points().points[:, 0].round(4)
        array([-0.9575,  0.    ,  0.9575])
        """
        return fixed_points(self.cell, self._p, **self._search(starts, inputs, from_orbit=from_orbit))

    def iter_fixed_points(
        self, starts: int = 256, *, inputs: ArrayLike | None = None, from_orbit: bool = False
    ) -> Iterator[FixedPoints]:
        """Search as `fixed_points` does, in pieces of some tens of milliseconds: each is what was found so far.

        Examples
        --------
        >>> from lyaplab import Model
        >>> *_, found = Model("tanh", w=2.0).iter_fixed_points()
        >>> len(found), found.starts
        (3, 256)
        """
        return iter_fixed_points(self.cell, self._p, **self._search(starts, inputs, from_orbit=from_orbit))

    def slow_points(self, starts: int = 256, *, inputs: ArrayLike | None = None) -> SlowPoints:
        """Find where the orbit lingers though it cannot rest: local minima, not zero, of the speed.

        Parameters
        ----------
        starts : int, optional
            Number of starts: half on the orbit after a warm-up, half spread over the bounds of the state.
        inputs : array_like(float, shape=(m,)), optional
            The constant input.

        Returns
        -------
        SlowPoints

        Examples
        --------
        >>> from lyaplab import Model
        >>> Model("tanh", w=2.0, b=0.55).slow_points().points[:, 0].round(2)  # what two fixed points have left
        array([-0.72])
        """
        search = self._search(starts, inputs, from_orbit=True)
        del search["half_width"]
        return slow_points(self.cell, self._p, **search)

    def iter_slow_points(self, starts: int = 256, *, inputs: ArrayLike | None = None) -> Iterator[SlowPoints]:
        """Search as `slow_points` does, in pieces of some tens of milliseconds: each is what was found so far.

        Examples
        --------
        >>> from lyaplab import Model
        >>> *_, found = Model("tanh", w=2.0, b=0.55).iter_slow_points(64)
        >>> found.points[:, 0].round(2), found.starts
        (array([-0.72]), 64)
        """
        search = self._search(starts, inputs, from_orbit=True)
        del search["half_width"]
        return iter_slow_points(self.cell, self._p, **search)

    def cycles(self, period: int, *, starts: int = 1024, inputs: ArrayLike | None = None) -> Cycles:
        """Find the cycles of a map whose period is `period` or divides it, stable or not.

        Parameters
        ----------
        period : int
            Number of steps.
        starts : int, optional
            Number of starts: half on the orbit after a warm-up, half spread over the bounds of the state.
        inputs : array_like(float, shape=(m,)), optional
            The constant input.

        Returns
        -------
        Cycles

        Raises
        ------
        ValueError
            If the system is a flow.

        Examples
        --------
        >>> from lyaplab import Model
        >>> found = Model("logistic", r=3.2).cycles(2)
        >>> found.periods, found.points[2, :, 0].round(4)
        (array([1, 1, 2]), array([0.513 , 0.7995]))
        """
        if self.time_step is not None:
            raise ValueError(
                f"cycles count the steps of a map, and {self.cell.name!r} is a flow, whose cycles do not close after"
                " whole steps: look where they cross a section (net.section)"
            )
        held = self._constant(inputs)
        return cycles(
            self.cell,
            self._p,
            period=positive_int("period", period),
            starts=self._guesses(starts, held, from_orbit=True),
            inputs=held,
            bounds=self._bounds(held),
            half_width=self._half_width(held),
        )

    def _search(self, starts: int, inputs: ArrayLike | None, *, from_orbit: bool) -> dict[str, Any]:
        """What a search for places of rest is told: first guesses, the input, and where to look."""
        held = self._constant(inputs)
        return {
            "starts": self._guesses(starts, held, from_orbit=from_orbit),
            "inputs": held,
            "dt": self.time_step,
            "bounds": self._bounds(held),
            "half_width": self._half_width(held),
        }

    def _guesses(self, starts: int, inputs: Array, *, from_orbit: bool = False) -> Array:
        """First guesses (starts, d): all over the bounds of the state, or half of them there and half on the orbit."""
        count = positive_int("starts", starts)
        low, high = self._bounds(inputs) or self.view
        near_low, near_high = self._near(low, high)
        random = np.random.default_rng(0)
        guesses = random.uniform(near_low, near_high, (count, self.d))
        if (near_low > low).any() or (near_high < high).any():
            guesses[::2] = random.uniform(low, high, (len(guesses[::2]), self.d))
        guesses[0] = np.clip(0.0, low, high)
        if from_orbit and count > 1:
            with suppress(DivergenceError):
                half = count // 2
                driven = np.tile(inputs, (_WARMUP + half, 1))
                guesses[count - half :] = self.orbit(half, inputs=driven, warmup=_WARMUP)
        return guesses

    def _near(self, low: Array, high: Array) -> tuple[Array, Array]:
        """The part of a box within some views: the cell of an LSTM may hold thousands, and hardly ever does."""
        middle, reach = 0.5 * (self.view[0] + self.view[1]), 0.5 * _VIEWS * (self.view[1] - self.view[0])
        near_low, near_high = np.maximum(low, middle - reach), np.minimum(high, middle + reach)
        # An input may hold all of the bounds far from the view.
        apart = near_low >= near_high
        return np.where(apart, low, near_low), np.where(apart, high, near_high)

    def _half_width(self, inputs: Array) -> float:
        """Half the width of the region in which starts lie closely: what the length of Newton steps is measured by."""
        low, high = self._near(*(self._bounds(inputs) or self.view))
        return 0.5 * float((high - low).max())
