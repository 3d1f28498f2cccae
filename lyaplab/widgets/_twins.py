"""Twins: two states that are almost the same, the distance they come to, and the rate that is read off it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lyaplab.engine.region import DIVERGES, NO_DIVERGENCE, Line, line_of
from lyaplab.model import Model

__all__ = ["PAIRS", "Parting", "Twins", "more_pairs", "one_pair", "read", "spacing"]

Array = NDArray[np.float64]
Verdict = Literal["part", "stay", "meet", "undecided"]

PAIRS = 8
"""Pairs of twins that a rate is read off; one of them is on show."""

SPACING, FLOW_SPACING = 100, 400
"""Steps between the starts of two pairs along one orbit, of a map and of a flow: so far that pairs are independent."""

# Distances below this share of the state itself are rounding.
_ROUNDING = 1e-14
# Numbers that are computed between two looks at Stop: some 50 ms of a large network.
_PIECE = 400_000
# Nats by which twins that meet go on approaching in the second half, and by which those that part may come back.
_FALL = 1.0


class Parting(NamedTuple):
    """The rate at which twins part, per step: what the engine's rule finds in their mean log-distance.

    Attributes
    ----------
    verdict : str
        "part": a straight stretch of growth. "meet": one of decay. "stay": the later half goes nowhere, far below
        the distance of strangers. "undecided": none of these, and no rate is claimed.
    slope, stderr : float
        In nats per step; NaN where nothing is claimed, and the error also for a single pair.
    region : tuple of int or None
        First and last step of the stretch.
    """

    verdict: Verdict
    slope: float
    stderr: float
    region: tuple[int, int] | None


@dataclass(frozen=True)
class Twins:
    """Pairs of trajectories that start almost together.

    Attributes
    ----------
    states, twin : ndarray, shape (T + 1, N)
        The pair on show.
    distances : ndarray, shape (T + 1, P)
        Root mean square over the units, for each pair.
    """

    states: Array
    twin: Array
    distances: Array

    @property
    def pairs(self) -> int:
        """How many pairs there are."""
        return self.distances.shape[1]

    @property
    def seen(self) -> int:
        """Steps (and the start) before the first distance that is rounding."""
        size = np.sqrt(np.mean(self.states**2, axis=1))
        lost = np.flatnonzero(self.distances.min(axis=1) <= _ROUNDING * size)
        return int(lost[0]) if len(lost) else len(self.states)

    @property
    def logs(self) -> Array:
        """Natural logarithms of the distances that are more than rounding, shape (P, seen)."""
        return np.log(self.distances[: self.seen].T)

    @property
    def strangers(self) -> float:
        """Mean log-distance of states that have nothing to do with each other: half the run apart."""
        half = len(self.states) // 2
        apart = rms(self.states[half:] - self.states[: len(self.states) - half])
        return float(np.mean(np.log(np.maximum(apart, 1e-300))))


def spacing(model: Model) -> int:
    """Steps between the starts of two pairs."""
    return SPACING if model.time_step is None else FLOW_SPACING


def rms(x: Array) -> Array:
    """Root mean square over the last axis."""
    return np.sqrt(np.mean(x**2, axis=-1))


def starts_of(model: Model, *, warmup: int, apart: int, pairs: int) -> tuple[Array, Array]:
    """Give the first states of some pairs, (pairs, N) each: along one orbit, and pushed by 10^apart."""
    between = spacing(model)
    first = model.orbit(1 + between * (pairs - 1), warmup=warmup)[::between]
    push = np.random.default_rng(0).standard_normal(first.shape)
    return first, first + push * (10.0**apart / rms(push)[:, None])


def one_pair(model: Model, *, steps: int, warmup: int, apart: int) -> Twins:
    """Follow the pair on show.

    Parameters
    ----------
    model : Model
    steps, warmup : int
        Steps that are followed, and steps before.
    apart : int
        They start 10^apart from each other.

    Examples
    --------
    >>> twins = one_pair(Model("tanh", n=20, gain=0.5), steps=50, warmup=0, apart=-6)
    >>> read(twins).verdict
    'meet'
    """
    first, second = starts_of(model, warmup=warmup, apart=apart, pairs=1)
    both = model.orbit(steps + 1, x0=np.vstack([first, second]))
    states, twin = np.ascontiguousarray(both[:, 0]), np.ascontiguousarray(both[:, 1])
    return Twins(states, twin, rms(twin - states)[:, None])


def more_pairs(model: Model, twins: Twins, *, warmup: int, apart: int) -> Iterator[Twins | None]:
    """Follow the other pairs beside the one on show; yield None now and then, and at last all of them."""
    steps = len(twins.states) - 1
    first, second = starts_of(model, warmup=warmup, apart=apart, pairs=PAIRS)
    yield None
    rows = np.vstack([first[1:], second[1:]])
    distances, done = [rms(second - first)[None, 1:]], 0
    while done < steps:
        count = min(steps - done, max(8, _PIECE // rows.size))
        run = model.orbit(count + 1, x0=rows)
        distances.append(rms(run[1:, PAIRS - 1 :] - run[1:, : PAIRS - 1]))
        rows, done = run[-1], done + count
        yield None
    others = np.concatenate(distances)
    yield Twins(twins.states, twins.twin, np.concatenate([twins.distances, others], axis=1))


def read(twins: Twins) -> Parting:
    """Read the rate off the pairs' mean log-distance, by the rule that the engine has for measured series.

    A curve whose second half stays within one nat, a nat or more below strangers, goes nowhere: what grew or fell
    before was the push turning into its lasting direction. Growth that is lost again is no growth.
    """
    logs, strangers = twins.logs, twins.strangers
    weights, half = np.ones(len(logs)), logs.shape[1] // 2
    if logs.shape[1] < 10:
        return Parting("undecided", math.nan, math.nan, None)
    late = line_of(logs, weights, saturation=strangers, start=half)
    if late.verdict == NO_DIVERGENCE:
        return _parting("stay", late)
    line = line_of(logs, weights, saturation=strangers)
    if line.region is not None and line.verdict == DIVERGES and _lasts(line, line.region[1]):
        return _parting("part", line)
    falling = line_of(-logs, weights, saturation=math.inf)
    if falling.verdict == DIVERGES and line.curve[-1] < line.curve[half] - _FALL:
        return _parting("meet", falling, sign=-1.0)
    return Parting("undecided", math.nan, math.nan, None)


def _lasts(line: Line, last: int) -> bool:
    """Whether the distance at the end of a stretch of growth is kept."""
    return bool(line.curve[last:].mean() > line.curve[last] - _FALL)


def _parting(verdict: Verdict, line: Line, *, sign: float = 1.0) -> Parting:
    return Parting(verdict, sign * line.slope, line.stderr, line.region)
