"""A training run as the forcing lab shows it, whether it was shipped or made here."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lyaplab.sweeps.runs import ForcingRuns
from lyaplab.training.network import Network
from lyaplab.training.record import Record
from lyaplab.widgets._labsweep import Point

__all__ = ["Judged", "Run", "nearest"]

Array = NDArray[np.float64]

# The course of a run made here is thinned to about so many pieces.
_PIECES = 160


@dataclass(frozen=True)
class Judged:
    """How good a network is.

    Parameters
    ----------
    distance, spectral : float
        D_stsp and the distance of the power spectra; NaN where the free run escapes.
    errors : ndarray(float, shape=(3,))
        Mean squared error 1, 5 and 25 steps ahead.
    exponents : ndarray(float, shape=(d,))
        Of the network, nats per step.
    escaped : float
        The step at which its free run leaves the range of floats; NaN where it does not.
    """

    distance: float
    spectral: float
    errors: Array
    exponents: Array
    escaped: float


@dataclass(frozen=True)
class Run:
    """One training run, or the beginning of one.

    Parameters
    ----------
    tau, seed : int
    planned : int
        Updates of the whole run.
    done : int
        Updates that have been made.
    updates, loss, norm : ndarray(float, shape=(K,))
        Its course, thinned: mean loss and largest gradient norm of each piece.
    runs : ForcingRuns or None
        The shipped runs that this is one of, `index` its number among them.
    index : int
    record : Record or None
        Of a run made here.
    untrained : Network or None
        Of a run made here, as it begins.
    judged : Judged or None
        Of the network at its end, if that is known.
    lost : int or None
        The update whose loss or gradient was no number any more; the run ends before.
    """

    tau: int
    seed: int
    planned: int
    done: int
    updates: Array = field(repr=False)
    loss: Array = field(repr=False)
    norm: Array = field(repr=False)
    runs: ForcingRuns | None = field(default=None, repr=False)
    index: int = -1
    record: Record | None = field(default=None, repr=False)
    untrained: Network | None = field(default=None, repr=False)
    judged: Judged | None = None
    lost: int | None = None

    @classmethod
    def shipped(cls, runs: ForcingRuns, index: int) -> Run:
        """Take one of the shipped runs."""
        planned = int(runs.moments[-1])
        stopped = float(runs.stopped[index])
        judged = Judged(
            float(runs.d_stsp[index]), float(runs.d_spectrum[index]), np.asarray(runs.errors[index], dtype=float),
            np.asarray(runs.exponents[index], dtype=float), float(runs.escaped[index]),
        )  # fmt: skip
        lost = None if np.isnan(stopped) else int(stopped)
        return cls(
            int(runs.tau[index]), int(runs.seed[index]), planned, planned if lost is None else lost,
            updates=np.asarray(runs.updates, dtype=float), loss=np.asarray(runs.loss[index], dtype=float),
            norm=np.asarray(runs.gradient_norm[index], dtype=float), runs=runs, index=index, judged=judged, lost=lost,
        )  # fmt: skip

    @classmethod
    def begun(cls, untrained: Network, tau: int, seed: int, planned: int) -> Run:
        """Begin one here: nothing has been learnt yet."""
        none = np.empty(0)
        return cls(tau, seed, planned, 0, none, none, none, untrained=untrained)

    def with_record(self, record: Record) -> Run:
        """Go on to where a record has come."""
        size = max(1, self.planned // _PIECES)
        starts = np.arange(0, record.updates, size)
        counts = np.diff(np.append(starts, record.updates))
        loss = np.add.reduceat(record.loss, starts) / counts if len(starts) else np.empty(0)
        norm = np.maximum.reduceat(record.gradient_norm, starts) if len(starts) else np.empty(0)
        return replace(
            self, done=record.updates, updates=starts.astype(float), loss=loss, norm=norm, record=record, judged=None
        )

    @property
    def own(self) -> bool:
        """Whether it was made here."""
        return self.runs is None

    @property
    def over(self) -> bool:
        """Whether it has come to its end, the planned one or an early one."""
        return self.done >= self.planned or self.lost is not None

    @property
    def key(self) -> tuple[Any, ...]:
        """What tells it from every other."""
        return self.tau, self.seed, self.planned, self.done, self.own

    @property
    def moments(self) -> NDArray[np.int64]:
        """After how many updates its weights are known, the last of them at its end; rising."""
        if self.runs is not None:
            return np.unique(np.minimum(self.runs.moments, self.done))
        kept = self.record.snapshot_updates if self.record is not None else np.empty(0, dtype=np.int64)
        return np.unique(np.concatenate([[0], kept, [self.done]])).astype(np.int64)

    def network(self, moment: int) -> Network:
        """Give the network as it was after so many updates, one of `moments`."""
        if self.runs is not None:
            return self.runs.network(self.index, self.place(moment))
        if self.record is None or moment == 0:
            assert self.untrained is not None
            return self.untrained
        if moment == self.done:
            return self.record.network
        return self.record.snapshot(int(np.flatnonzero(self.record.snapshot_updates == moment)[0]))

    def place(self, moment: int) -> int:
        """Give the number of a moment among those of the shipped runs."""
        assert self.runs is not None
        return int(np.flatnonzero(self.runs.moments >= moment)[0])

    def moment(self, percent: float) -> int:
        """Give the last moment that is not later than a share of the planned updates."""
        moments = self.moments
        early = moments[moments <= percent / 100.0 * self.planned + 0.5]
        return int(moments[-1] if percent >= 100.0 else early[-1] if len(early) else moments[0])

    def point(self, per: float) -> Point:
        """Give what is drawn of it against tau; exponents are divided by `per`, the length of a step."""
        judged = self.judged
        largest = float(np.nanmax(self.norm)) if np.isfinite(self.norm).any() else float("nan")
        if judged is None:
            return Point(self.tau, self.seed, self.own, float("nan"), float("nan"), largest)
        return Point(self.tau, self.seed, self.own, judged.distance, float(judged.exponents[0]) / per, largest)


def nearest(tau: int, taus: NDArray[np.int64]) -> int:
    """Choose, of some values of tau, the one by the smallest factor away.

    Examples
    --------
    >>> nearest(20, np.array([1, 15, 30])), nearest(22, np.array([1, 15, 30]))
    (15, 30)
    """
    return int(taus[np.abs(np.log(taus / tau)).argmin()])
