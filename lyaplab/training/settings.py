"""The settings of a training run: how many updates, of what, and how large."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from lyaplab.errors import number, positive_int
from lyaplab.training.forcing import Forcing

__all__ = ["Settings", "length_of"]

# Steps of a window when nothing is said.
_STEPS = 200


def length_of(steps: int | None, forcing: Forcing | None) -> int:
    """Return the steps of a window: as said, or near 200 and a multiple of tau.

    Examples
    --------
    >>> length_of(None, None), length_of(None, Forcing(30)), length_of(50, Forcing(30))
    (200, 210, 50)
    """
    if steps is not None:
        return positive_int("steps", steps)
    return _STEPS if forcing is None else forcing.longest * max(1, round(_STEPS / forcing.longest))


class Settings:
    """The settings of a run, checked; arguments as of `iter_train`."""

    def __init__(
        self,
        updates: int,
        batch: int,
        rate: float | tuple[float, float],
        clip: float | None,
        forcing: Forcing | None,
        ignore: int,
        seed: int,
        steps: int,
        snapshots: int | Sequence[int],
    ) -> None:
        self.updates = positive_int("updates", updates)
        self.batch = positive_int("batch", batch)
        ends = rate if isinstance(rate, tuple | list) else (rate, rate)
        if len(ends) != 2:
            raise ValueError(f"rate must be a number or a pair (first, last), got {rate!r}")
        self.rates = tuple(number("rate", end, low=0.0) for end in ends)
        self.clip = None if clip is None else number("clip", clip)
        if self.clip is not None and self.clip <= 0.0:
            raise ValueError(f"clip must be positive, got {clip!r}")
        self.forcing, self.steps = forcing, steps
        self.ignore = positive_int("ignore", ignore, minimum=0)
        self.seed = positive_int("seed", seed, minimum=0)
        wanted = range(0, self.updates + 1, max(1, snapshots)) if isinstance(snapshots, int) else snapshots
        self.kept = {positive_int("snapshots", update, minimum=0) for update in wanted} if snapshots else set()

    def rate(self, update: int) -> float:
        """Return the learning rate of an update, the first of which is 0."""
        first, end = self.rates
        if first == end:
            return first
        return first - 0.5 * (first - end) * (1.0 - math.cos(math.pi * update / self.updates))

    @property
    def words(self) -> dict[str, Any]:
        """What has to be the same when a run goes on."""
        return {
            "batch": self.batch, "steps": self.steps, "rate": list(self.rates), "clip": self.clip,
            "forcing": repr(self.forcing), "ignore": self.ignore, "seed": self.seed,
            # The course of a falling rate depends on where it ends.
            "updates": self.updates if self.rates[0] != self.rates[1] else None,
        }  # fmt: skip
