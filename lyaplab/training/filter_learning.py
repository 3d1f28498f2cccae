"""Learning to be a filter: updates by the exact gradient, in pieces of some 50 ms that can be stopped and continued."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lyaplab.engine.krylov import krylov_room
from lyaplab.engine.result import last
from lyaplab.engine.sweep_rows import in_pieces
from lyaplab.errors import DivergenceError
from lyaplab.kernel.workspace import workspace
from lyaplab.theory.filter_task import FilterTask
from lyaplab.theory.population import Population
from lyaplab.training.adam import norm
from lyaplab.training.filter_record import FilterRecord
from lyaplab.training.filter_settings import FilterSettings
from lyaplab.training.filter_snapshots import Snapshots
from lyaplab.training.filter_steps import FLOW, change, follow
from lyaplab.training.linear_filter import FilterNetwork, checked

__all__ = ["iter_learn_filter", "learn_filter"]

Array = NDArray[np.float64]

# Seconds from one partial record to the next; within, the pace of the run is noted anew after each of these.
_PIECE, _STRETCH = 0.05, 0.02
# Random numbers drawn at a time.
_DRAWN = 1_000_000


def learn_filter(net: FilterNetwork, task: FilterTask, **settings: Any) -> FilterRecord:
    """Train a linear network to be a filter, on all white noise there is, and return the record of the run.

    Parameters
    ----------
    net : FilterNetwork
        What to begin with; it stays as it is.
    task : FilterTask
        The target filter, and how lags count.
    **settings
        As of `iter_learn_filter`: train, method, updates, rate, relative_rate, limited, samples, seed, snapshots,
        resume.

    Returns
    -------
    FilterRecord

    Raises
    ------
    DivergenceError
        If the loss leaves the range of floats: the number of the update is in `step`, the record up to the last good
        state in `partial`.
    ValueError, TypeError
        If net, task or a setting do not fit.

    References
    ----------
    Bordelon, Cotler, Pehlevan and Zavatone-Veth, Dynamically learning to integrate in recurrent neural networks,
    arXiv:2503.18754 (2025), ask the question; formulas and numbers here are derived and checked anew.

    Examples
    --------
    >>> net = FilterNetwork.random(20, aligned=0.0, seed=1)
    >>> run = learn_filter(net, FilterTask(0.8, horizon=40), updates=150)
    >>> round(float(run.leading[-1].real), 6), bool(run.loss[-1] < 1e-9)
    (0.8, True)
    """
    return last(iter_learn_filter(net, task, **settings))


def iter_learn_filter(
    net: FilterNetwork,
    task: FilterTask,
    *,
    train: str = "W",
    method: str = "descent",
    updates: int = 1000,
    rate: float | None = None,
    relative_rate: float | None = None,
    limited: bool = False,
    samples: int | None = None,
    seed: int = 0,
    snapshots: int | Sequence[int] | None = None,
    resume: FilterRecord | None = None,
) -> Iterator[FilterRecord]:
    """Yield the record every 50 ms or so; stop by not asking for the next.

    Parameters
    ----------
    net, task
        As of `learn_filter`.
    train : {"W", "all"}, optional
        What is trained: W alone, or W, u and v.
    method : {"descent", "flow", "momentum", "adam"}, optional
        Gradient descent; the gradient flow, by steps of Runge and Kutta of order 4; descent with momentum 0.9; Adam.
    updates : int, optional
        How many in all, those of `resume` included.
    rate : float, optional
        Learning rate, or step in time of the flow.
    relative_rate : float, optional
        The same as a multiple of the critical rate: the smaller one of those at the solution and at the start.
        By default 0.5. Above 1 the solution gives way to a cycle of two, then of four, to chaos, and far above the
        loss leaves the range of floats. Adam, whose steps know no curvature, has a `rate`, by default 0.01/N.
    limited : bool, optional
        Whether the critical rate is that of the outermost eigenvalue of now instead of the target's, and no step is
        longer than that share of its way to 1: long steps as long as the memory is short. `relative_rate` is then by
        default 0.2.
    samples : int, optional
        Sequences of white noise, drawn anew for each update, whose mean gradient is taken; by default the exact one.
        The loss of the record is the exact one always. Own `weights` of a task weigh the noise, lag by lag.
    seed : int, optional
        Of the noise.
    snapshots : int or sequence of int, optional
        After how many updates eigenvalues and the like are kept: every so many, or these; by default some 40 times.
    resume : FilterRecord, optional
        A run to go on with, trained with the same settings: the result is that of an uninterrupted run, bit by bit.

    Yields
    ------
    FilterRecord
        The last one yielded is complete.

    Raises
    ------
    DivergenceError, ValueError, TypeError
        As of `learn_filter`.
    """
    checked(net, task)
    settings = FilterSettings(
        net, task, train=train, method=method, updates=updates, rate=rate, relative_rate=relative_rate,
        limited=limited, samples=samples, seed=seed, snapshots=snapshots,
        before=resume.settings if isinstance(resume, FilterRecord) else None,
    )  # fmt: skip
    return in_pieces(_Run(net, task, settings, resume).follow())


class _Run:
    """A run: theta and what the rule remembers, its random numbers, and what has been noted so far."""

    def __init__(
        self, net: FilterNetwork, task: FilterTask, settings: FilterSettings, resume: FilterRecord | None
    ) -> None:
        self._net, self._task, self._settings = net, task, settings
        n = net.n
        size = n * n + 2 * n
        self._state, slopes = workspace((3, size), (size,))
        self._state[0], self._state[1:] = np.concatenate([net.W.ravel(), net.u, net.v]), 0.0
        self._views, self._slopes = _parts(self._state[0], n), _parts(slopes, n)
        self._trained = slopes[: n * n] if settings.train == "W" else slopes
        self._loss, self._rate = np.empty(settings.updates + 1), np.empty(settings.updates)
        self._snapshots = Snapshots(task, net.W)
        self._rng = np.random.default_rng(settings.seed)
        self._measure = Population(task, n)
        self._done = 0
        if task.horizon is not None:
            self._room = krylov_room(n, task.horizon)
            self._silence = np.zeros((1, 0, task.horizon))
        if resume is not None:
            self._go_on(resume)
        self._pace = 1e-3

    def _go_on(self, record: FilterRecord) -> None:
        if not isinstance(record, FilterRecord):
            raise TypeError(f"resume must be a FilterRecord, got {type(record).__name__}")
        for name, value in self._settings.words.items():
            if record.settings.get(name) != value:
                raise ValueError(f"resume was trained with {name}={record.settings.get(name)!r}, got {value!r}")
        if record.start != self._net:
            raise ValueError("resume is a run that began with another network")
        if record.updates > self._settings.updates:
            raise ValueError(f"updates must be at least the {record.updates} of resume, got {self._settings.updates}")
        self._done = record.updates
        self._loss[: self._done + 1], self._rate[: self._done] = record.loss, record.rate
        self._state[0] = np.concatenate([record.W.ravel(), record.u, record.v])
        self._state[1:] = record.moments
        if record.generator is not None:
            self._rng.bit_generator.state = dict(record.generator)
        self._snapshots.go_on({name: getattr(record, name) for name in self._snapshots.arrays(0)})

    def follow(self) -> Iterator[FilterRecord]:
        """Yield the record so far."""
        since = time.perf_counter()
        self._loss[self._done] = self._measured()
        self._keep()
        while self._done < self._settings.updates:
            self._stretch()
            self._keep()
            if time.perf_counter() - since > _PIECE and self._done < self._settings.updates:
                yield self._record()
                since = time.perf_counter()
        yield self._record()

    def _keep(self) -> None:
        taken = self._snapshots.updates
        if self._done in self._settings.kept and (not taken or taken[-1] < self._done):
            self._snapshots.take(self._done, *self._views, self._measure.filter)

    def _stretch(self) -> None:
        """Take updates for a while, at most until the next snapshot."""
        done = self._done
        count = min(max(1, int(_STRETCH / self._pace)), self._settings.until_kept(done))
        if self._settings.samples and self._task.horizon:
            count = min(count, max(1, _DRAWN // (self._settings.samples * self._task.horizon)))
        before, generator = self._state.copy(), self._rng.bit_generator.state
        began = time.perf_counter()
        taken = self._advance(count)
        self._pace = max(1e-7, (time.perf_counter() - began) / count)
        after = self._measured() if taken == count else math.inf
        if not math.isfinite(after):
            self._give_up(before, generator, taken)
        self._done += count
        self._loss[self._done] = after

    def _measured(self) -> float:
        return self._measure(*self._views, *self._slopes)

    def _advance(self, count: int) -> int:
        """Take so many updates; return how many states on the way had a finite loss, the one at the end not counted."""
        first, end = self._done, self._done + count
        losses, rates = self._loss[first:end], self._rate[first:end]
        settings = self._settings
        if self._task.horizon is None:
            return self._advance_stationary(count)
        noise = self._silence
        if settings.samples:
            noise = self._rng.standard_normal((count, settings.samples, self._task.horizon))
        return int(follow(
            settings.rule, self._state, self._trained, self._views, self._slopes, self._measure.target,
            self._measure.weights, noise, self._task.averaged, self._room, settings.rate, settings.limited,
            settings.train == "all", first, losses, rates,
        ))  # fmt: skip

    def _advance_stationary(self, count: int) -> int:
        """Do the same where all lags count, and matrix equations take the most time."""
        settings = self._settings
        for place in range(self._done, self._done + count):
            for stage in range(4 if settings.rule == FLOW else 1):
                loss = self._measured()
                if not math.isfinite(loss):
                    return place - self._done
                if stage == 0:
                    self._loss[place] = loss
                    self._rate[place] = settings.rate_at(self._measure.radius, norm(self._trained))
                change(settings.rule, stage, self._state, self._trained, self._rate[place], place + 1)
        return count

    def _give_up(self, before: Array, generator: Any, taken: int) -> None:
        """Go back to the last state whose loss was finite, and stop there."""
        lost = self._done + taken
        self._state[...], self._rng.bit_generator.state = before, generator
        if taken > 1:
            self._advance(taken - 1)
            self._done += taken - 1
        self._loss[self._done] = self._measured()
        self._snapshots.take(self._done, *self._views, self._measure.filter)
        where = "over the unit circle" if not self._task.continuous else "to the right of 1"
        advice = (
            f"the step threw an eigenvalue {where}; lower the rate to below the critical one"
            " (relative_rate below 1), or let it be limited; the last good state is kept"
        )
        raise DivergenceError(lost, what="the loss", advice=advice, counted="update", partial=self._record())

    def _record(self) -> FilterRecord:
        loss, rate = self._loss[: self._done + 1], self._rate[: self._done]
        loss.flags.writeable = rate.flags.writeable = False
        W, u, v = (view.copy() for view in self._views)
        return FilterRecord(
            W=W, u=u, v=v, W0=self._net.W, u0=self._net.u, v0=self._net.v,
            # What has been noted does not change any more: a view will do, even of a million updates.
            loss=loss, rate=rate,
            moments=self._state[1:].copy(),
            generator=self._rng.bit_generator.state if self._settings.samples else None,
            settings=self._settings.words,
            **self._snapshots.arrays(self._done),
        )  # fmt: skip


def _parts(theta: Array, n: int) -> tuple[Array, Array, Array]:
    """View theta as W, u and v."""
    return theta[: n * n].reshape(n, n), theta[n * n : n * n + n], theta[n * n + n :]
