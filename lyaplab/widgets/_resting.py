"""Where a model rests or lingers, and which way it leaves: what a state space marks, found in pieces."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lyaplab.engine.fixed_points import FixedPoints
from lyaplab.engine.slow_points import SlowPoints
from lyaplab.engine.unstable import UnstableDirections
from lyaplab.model import Model

__all__ = ["FIXED_STARTS", "QUICK_STARTS", "SLOW_STARTS", "Resting", "found_at_once", "search"]

Array = NDArray[np.float64]

FIXED_STARTS, SLOW_STARTS = 192, 48
"""Starts of a search in pieces, for fixed and for slow points."""
QUICK_STARTS = 64
"""Starts of a search for slow points that is over at once."""

# So many points have their ways out drawn: more could not be told apart.
_MOST = 40
# What the search for fixed points, for slow points, and the ways out are worth in the bar of progress.
_WORTH = (0.6, 0.3, 0.1)


class Resting(NamedTuple):
    """Fixed and slow points of a model.

    fixed : FixedPoints
    slow : SlowPoints or None
        None while it is not known.
    ways : tuple of UnstableDirections
        Of the first fixed, then of the first slow points.
    done : float
        How much of the search is over, 0 to 1.
    """

    fixed: FixedPoints
    slow: SlowPoints | None
    ways: tuple[UnstableDirections, ...]
    done: float

    @property
    def points(self) -> Array:
        """All points, the fixed ones first."""
        return self.fixed.points if self.slow is None else np.concatenate([self.fixed.points, self.slow.points])

    @property
    def kinds(self) -> tuple[str, ...]:
        """What each is: "stable", "saddle", "unstable", "marginal" or "slow"."""
        lingering = 0 if self.slow is None else len(self.slow)
        return (*(str(kind).split()[0] for kind in self.fixed.kinds), *["slow"] * lingering)

    @property
    def counts(self) -> dict[str, int]:
        """How many fixed points there are of each kind in full, the most frequent first."""
        return dict(Counter(str(kind) for kind in self.fixed.kinds).most_common())


def found_at_once(model: Model, inputs: Array | None, *, before: Resting | None, slow: bool) -> Resting:
    """Search all at once, as is quick for a few state variables.

    Parameters
    ----------
    model : Model
    inputs : ndarray(float, shape=(m,)) or None
        The constant input.
    before : Resting or None
        What is known of the same model already.
    slow : bool
        Whether there is time for slow points too.
    """
    fixed = before.fixed if before is not None else model.fixed_points(inputs=inputs)
    if not slow:
        return Resting(fixed, None, _ways(model, fixed.points[:_MOST], inputs), 0.5)
    lingering = model.slow_points(QUICK_STARTS, inputs=inputs)
    points = np.concatenate([fixed.points, lingering.points])[:_MOST]
    return Resting(fixed, lingering, _ways(model, points, inputs), 1.0)


def search(model: Model, inputs: Array | None) -> Iterator[Resting]:
    """Search in pieces of some tens of milliseconds; half of the starts lie on the model's orbit."""
    first, second, third = _WORTH
    slow: SlowPoints | None = None
    for fixed in model.iter_fixed_points(FIXED_STARTS, inputs=inputs, from_orbit=True):
        yield Resting(fixed, None, (), first * fixed.starts / FIXED_STARTS)
    for slow in model.iter_slow_points(SLOW_STARTS, inputs=inputs):
        yield Resting(fixed, slow, (), first + second * (slow.starts - 1) / SLOW_STARTS)
    ways: list[UnstableDirections] = []
    whole = Resting(fixed, slow, (), first + second)
    points = whole.points[:_MOST]
    for x in points:
        ways.append(model.unstable_directions(x, inputs=inputs))
        yield whole._replace(ways=tuple(ways), done=min(0.999, first + second + third * len(ways) / len(points)))
    yield whole._replace(ways=tuple(ways), done=1.0)


def _ways(model: Model, points: Array, inputs: Array | None) -> tuple[UnstableDirections, ...]:
    return tuple(model.unstable_directions(x, inputs=inputs) for x in points)
