"""One training of a linear filter as a picture needs it: what was asked, what theory says, and a moment on the way."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lyaplab.errors import DivergenceError
from lyaplab.theory import FilterTask, critical_rate, pair_flow
from lyaplab.theory.pair import PairFlow
from lyaplab.training.filter_learning import iter_learn_filter, learn_filter
from lyaplab.training.filter_record import FilterRecord
from lyaplab.training.linear_filter import FilterNetwork

__all__ = ["Asked", "Moment", "Run", "Theory", "left_the_disc", "stride"]

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

# Looks at a training.
_LOOKS = 60
# Limited steps that are all looked at.
_EARLY = 40
# An eigenvalue this far beyond the disc, as a share of the unit circle's radius, has left it.
_BEYOND = 0.1


class Asked(NamedTuple):
    """What is to be learnt, by which network, and how."""

    n: int
    g: float
    angle: float
    norm: float
    seed: int
    pole: complex
    horizon: int
    rate: float
    train: str
    samples: int
    pace: str
    updates: int

    @property
    def task(self) -> FilterTask:
        """The target; a pole beyond the unit circle is refused: such a filter grows."""
        if abs(self.pole) > 1.0 + 1e-9:
            raise ValueError(f"target must have its pole within the unit circle, got modulus {abs(self.pole):.4g}")
        return FilterTask(self.pole if self.pole.imag else self.pole.real, horizon=self.horizon)

    @property
    def limited(self) -> bool:
        """Whether steps are as long as the moment allows, not as the goal does."""
        return self.pace == "limited"

    @property
    def settings(self) -> dict[str, Any]:
        """The arguments of `learn_filter`; those that say what is so anyway are left out."""
        found: dict[str, Any] = {"train": self.train, "updates": self.updates, "relative_rate": self.rate}
        if self.limited:
            found["limited"] = True
        if self.samples:
            found |= {"samples": self.samples, "seed": self.seed}
        return {**found, "snapshots": self.looks}

    @property
    def looks(self) -> list[int]:
        """After which updates the network is looked at: limited steps go far at first, so they are all seen."""
        return [*range(self._early), *range(self._early, self.updates, stride(self.updates)), self.updates]

    @property
    def looks_in_code(self) -> str:
        """The same as an expression."""
        early = f"*range({self._early}), " if self._early else ""
        return f"[{early}*range({self._early}, {self.updates}, {stride(self.updates)}), {self.updates}]"

    @property
    def _early(self) -> int:
        return min(_EARLY, self.updates) if self.limited else 0


def stride(updates: int) -> int:
    """Give the updates between two looks: an odd number, so that what jumps to and fro is seen on both sides.

    Examples
    --------
    >>> stride(300), stride(1400), stride(10)
    (5, 23, 1)
    """
    return max(1, updates // _LOOKS) | 1


class Theory:
    """The reduced equations: one outlier or a pair along the gradient flow, from W = 0.

    Parameters
    ----------
    asked : Asked

    Attributes
    ----------
    flow : PairFlow
    critical : float
        The critical learning rate.
    """

    def __init__(self, asked: Asked) -> None:
        self.asked, self.task = asked, asked.task
        half = 0.5 * asked.angle
        self._two = _two(0.0, 0.0, 0.0, asked.norm * math.cos(half), asked.norm * math.sin(half))
        at_goal = critical_rate(self.task, train=asked.train)
        self.critical = min(at_goal, critical_rate(self.task, self._two, train=asked.train))
        self.until = self._end()
        self.flow: PairFlow = pair_flow(
            self.task, until=self.until, angle=asked.angle, norm=asked.norm, train=asked.train
        )

    def _end(self) -> float:
        """Say when the training ends, in time of the flow."""
        asked = self.asked
        if not asked.limited:
            return asked.rate * self.critical * asked.updates
        how: dict[str, Any] = {"train": asked.train, "updates": asked.updates, "snapshots": asked.updates}
        try:
            run = learn_filter(self._two, self.task, relative_rate=asked.rate, limited=True, **how)
        except DivergenceError as error:
            run = error.partial
        return float(f"{run.time[-1]:.4g}")

    @cached_property
    def eigenvalues(self) -> Complex:
        """The course of those that do not stay at 0, (S, 1) or (S, 2)."""
        found = self.flow.eigenvalues
        return found[:, np.abs(found).max(axis=0) > 1e-9]

    def at(self, time: float) -> int:
        """Give the place of a time in the course."""
        return int(np.abs(self.flow.times - time).argmin())

    def filter(self, time: float) -> Array:
        """Give the filter at a time, at the task's lags."""
        return _two(*self.flow.variables[self.at(time)].tolist()).kernel(self.task.lags)


def _two(a: float, b: float, d: float, p: float, q: float) -> FilterNetwork:
    """Give the network of two units that the five variables of the theory stand for."""
    return FilterNetwork(np.array([[a, -b], [b, d]]), np.array([p, q]), np.array([p, -q]))


@dataclass(frozen=True)
class Run:
    """A training so far.

    Parameters
    ----------
    asked : Asked
    record : FilterRecord
    lost : int or None
        The update at which the loss left the range of floats.
    """

    asked: Asked
    record: FilterRecord
    lost: int | None = None

    @property
    def done(self) -> bool:
        """Whether nothing is left to train."""
        return self.lost is not None or self.record.updates >= self.asked.updates

    @property
    def until(self) -> float:
        """When the whole training ends, in time of the flow; limited or lost, how far it has come."""
        rates = self.record.rate
        if self.asked.limited or self.lost is not None or not len(rates):
            return float(self.record.time[-1])
        return float(rates[0]) * self.asked.updates

    @classmethod
    def follow(cls, asked: Asked, net: FilterNetwork) -> Iterator[Run]:
        """Train, and yield what is known every 50 ms; a training that is lost ends with its last good state."""
        try:
            for record in iter_learn_filter(net, asked.task, **asked.settings):
                yield cls(asked, record)
        except DivergenceError as error:
            if error.partial is None:
                raise
            yield cls(asked, error.partial, error.step)

    @cached_property
    def trails(self) -> Complex:
        """The courses of the eigenvalues that have left the disc, (S, k), k at most 4; upper ones of pairs too."""
        found = self.record.eigenvalues
        far = np.abs(found).max(axis=0)
        order = np.argsort(-far, kind="stable")[:4]
        return found[:, [i for i in order if far[i] > left_the_disc(found[0])]]

    def moment(self, update: int) -> Moment:
        """Give the last look at or before an update."""
        return Moment(self, max(0, int(np.searchsorted(self.record.snapshot_updates, update, side="right")) - 1))


def left_the_disc(at_first: Complex) -> float:
    """Give the modulus beyond which an eigenvalue counts as outside the disc of those at first.

    Examples
    --------
    >>> left_the_disc(np.zeros(3)), round(left_the_disc(np.array([0.9, 0.1])), 6)
    (0.1, 0.99)
    """
    edge = float(np.abs(at_first).max())
    return edge + _BEYOND * min(1.0, max(edge, 1.0 - edge))


@dataclass(frozen=True)
class Moment:
    """One look at a training."""

    run: Run
    place: int

    @property
    def update(self) -> int:
        """How many updates were done."""
        return int(self.run.record.snapshot_updates[self.place])

    @property
    def time(self) -> float:
        """When, in time of the flow."""
        return float(self.run.record.time[self.update])

    @property
    def loss(self) -> float:
        """Exact loss."""
        return float(self.run.record.loss[self.update])

    @property
    def eigenvalues(self) -> Complex:
        """Of W, (N,)."""
        return self.run.record.eigenvalues[self.place]

    @property
    def outliers(self) -> Complex:
        """Those outside the disc, largest first."""
        found = self.eigenvalues[np.abs(self.eigenvalues) > left_the_disc(self.run.record.eigenvalues[0])]
        return found[np.argsort(-np.abs(found), kind="stable")]

    @property
    def filter(self) -> Array:
        """The filter that the network is, (T,)."""
        return self.run.record.filters[self.place]

    @property
    def change(self) -> float:
        """Frobenius norm of W - W0."""
        return float(self.run.record.change[self.place])

    @cached_property
    def relative_change(self) -> float:
        """The same as a share of the norm of W0; infinite when that is 0."""
        before = float(np.linalg.norm(self.run.record.W0))
        return self.change / before if before > 0.0 else math.inf
