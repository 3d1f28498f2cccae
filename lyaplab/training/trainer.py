"""The trainer: Adam on the exact gradient through time, in pieces of some 50 ms that can be stopped and continued."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lyaplab.engine.result import last
from lyaplab.engine.sweep_rows import in_pieces
from lyaplab.errors import DivergenceError, positive_int
from lyaplab.kernel.workspace import workspace
from lyaplab.training.adam import adam, norm
from lyaplab.training.batches import as_source
from lyaplab.training.forcing import Forcing, as_forcing
from lyaplab.training.gradient import BackThroughTime
from lyaplab.training.network import Network
from lyaplab.training.record import Record
from lyaplab.training.settings import Settings, length_of

__all__ = ["iter_train", "train"]

Array = NDArray[np.float64]

# Seconds from one partial record to the next.
_PIECE = 0.05


def train(network: Network, data: Any, **settings: Any) -> Record:
    """Train a network, and return the record of the run with the trained network in it.

    Parameters
    ----------
    network : Network
        What to begin with; it stays as it is.
    data : Series, array_like, dict or callable
        What to learn. A series (L, N) is learnt in random windows: each begins at a state inferred from its first row,
        and every next row is to be predicted. A dict holds sequences: `targets` (B, T, N), or of a softmax the numbers
        of the classes (B, T), and where there are any `inputs` (B, T, m), `weights` (B, T), `start` (B, N) or
        `x0` (B, d). A function ``task(rng, batch)`` returns such a dict anew for every update.
    **settings
        As of `iter_train`: updates, batch, steps, rate, clip, forcing, ignore, seed, snapshots, resume, pause.

    Returns
    -------
    Record

    Raises
    ------
    DivergenceError
        If the loss or its gradient leaves the range of floats: the number of the update is in `step`, the record up to
        the last good state in `partial`.
    ValueError, TypeError
        If the data or a setting do not fit.

    Examples
    --------
    >>> from lyaplab import Model
    >>> series = Model("lorenz63", dt=0.05).orbit(2000, warmup=500) / 20.0
    >>> net = Network.random("plrnn", 3, n=12, seed=1)
    >>> run = train(net, series, updates=150, rate=5e-3, clip=1.0, forcing=5, steps=20)
    >>> run.updates, bool(run.loss[-20:].mean() < 0.3 * run.loss[0])
    (150, True)
    """
    return last(iter_train(network, data, **settings))


def iter_train(
    network: Network,
    data: Any,
    *,
    updates: int = 1000,
    batch: int = 16,
    steps: int | None = None,
    rate: float | tuple[float, float] = 1e-3,
    clip: float | None = None,
    forcing: Forcing | int | tuple[int, int] | None = None,
    ignore: int = 0,
    seed: int = 0,
    snapshots: int | Sequence[int] = (),
    resume: Record | None = None,
    pause: int | None = None,
) -> Iterator[Record]:
    """Yield the record every 50 ms or so; stop by not asking for the next.

    Parameters
    ----------
    network, data
        As of `train`.
    updates : int, optional
        How many in all, those of `resume` included.
    batch : int, optional
        Sequences of an update.
    steps : int, optional
        Length of the windows of a series, by default about 200: a multiple of tau where states are forced.
    rate : float or (float, float), optional
        Learning rate of Adam; of a pair it falls from the first to the second, along half a cosine.
    clip : float, optional
        Longest gradient: a longer one is shortened to it as a whole.
    forcing : Forcing, int or (int, int), optional
        Teacher forcing; a number or a pair is its tau.
    ignore : int, optional
        First steps of each sequence that do not count in the loss.
    seed : int, optional
        Of batches and random forcing.
    snapshots : int or sequence of int, optional
        After how many updates the trainable numbers are kept: every so many, or these.
    resume : Record, optional
        A run to go on with, trained with the same settings: the result is that of an uninterrupted run, bit by bit.
        Only at a constant rate can it become longer than was said before.
    pause : int, optional
        After how many updates in all to end for now: 1 takes a single step. The run goes on by `resume`.

    Yields
    ------
    Record
        The last one yielded is complete.

    Raises
    ------
    DivergenceError, ValueError, TypeError
        As of `train`.
    """
    if not isinstance(network, Network):
        raise TypeError(f"network must be a Network, got {type(network).__name__}")
    forced = as_forcing(forcing)
    settings = Settings(updates, batch, rate, clip, forced, ignore, seed, length_of(steps, forced), snapshots)
    _check_forcing(network, data, forced)
    source = as_source(network, data, steps=settings.steps, batch=settings.batch, ignore=ignore)
    end = settings.updates if pause is None else min(settings.updates, positive_int("pause", pause))
    return in_pieces(_Run(network, source, settings, resume).follow(end))


def _check_forcing(network: Network, data: Any, forcing: Forcing | None) -> None:
    if forcing is None or forcing.to == "zero":
        return
    read = network.readout
    if read.kind != "linear":
        raise ValueError(f"forcing infers states from outputs, which only a linear readout allows, got {read.kind!r}")
    if read.outputs > read.units:
        raise ValueError(
            f"forcing needs a state for every observation, so at least as many units as outputs: {read.outputs} outputs"
            f" are more than {read.units} units"
        )
    if not callable(data) and not isinstance(data, dict) and forcing.longest >= len(data):
        raise ValueError(f"tau must be less than the {len(data)} rows of the series, got {forcing.longest}")


class _Run:
    """A run: theta and the moments of Adam, its random numbers, and what has been noted so far."""

    def __init__(self, network: Network, source: Any, settings: Settings, resume: Record | None) -> None:
        self._network, self._source, self._settings = network, source, settings
        size = network.layout.size
        self._state, self._good, self._gradient = workspace((3, size), (3, size), (size,))
        self._state[0], self._state[1:] = network.theta, 0.0
        self._rng = np.random.default_rng(settings.seed)
        self._course = np.empty((3, settings.updates))
        self._done = 0
        self._snapshots: dict[int, Array] = {}
        if resume is not None:
            self._go_on(resume)
        self._passes: dict[tuple[int, int], BackThroughTime] = {}
        self._remember(self._rng.bit_generator.state)

    def _go_on(self, record: Record) -> None:
        if not isinstance(record, Record):
            raise TypeError(f"resume must be a Record, got {type(record).__name__}")
        for name, value in self._settings.words.items():
            if record.settings.get(name) != value:
                raise ValueError(f"resume was trained with {name}={record.settings.get(name)!r}, got {value!r}")
        if record.network.layout.shapes != self._network.layout.shapes:
            raise ValueError(f"resume is a run of {record.network!r}, got {self._network!r}")
        if record.updates > self._settings.updates:
            raise ValueError(f"updates must be at least the {record.updates} of resume, got {self._settings.updates}")
        self._done = record.updates
        self._course[:, : self._done] = record.loss, record.gradient_norm, record.rate
        self._state[0], self._state[1:] = record.network.theta, record.moments
        self._rng.bit_generator.state = dict(record.generator)
        self._snapshots = dict(zip(record.snapshot_updates.tolist(), record.snapshots, strict=True))

    def follow(self, end: int) -> Iterator[Record]:
        """Yield the record so far, until there are so many updates."""
        since = time.perf_counter()
        self._keep()
        while self._done < end:
            self._update()
            self._keep()
            if time.perf_counter() - since > _PIECE and self._done < end:
                yield self._record(self._state, self._rng.bit_generator.state)
                since = time.perf_counter()
        yield self._record(self._state, self._rng.bit_generator.state)

    def _keep(self) -> None:
        if self._done in self._settings.kept:
            self._snapshots[self._done] = self._state[0].copy()

    def _update(self) -> None:
        """Take one step, unless the loss or its gradient is not finite."""
        before = self._rng.bit_generator.state
        loss = self._loss()
        length = norm(self._gradient)
        if not math.isfinite(loss) or not math.isfinite(length):
            self._give_up("the gradient" if math.isfinite(loss) else "the loss")
        self._remember(before)
        rate, clip = self._settings.rate(self._done), self._settings.clip
        self._course[:, self._done] = loss, length, rate
        self._done += 1
        scale = clip / length if clip is not None and length > clip else 1.0
        adam(self._state, self._gradient, scale, rate, self._done)
        if (limits := self._network.layout.limits) is not None:
            np.clip(self._state[0], *limits, out=self._state[0])

    def _loss(self) -> float:
        batch, forcing = self._source(self._rng), self._settings.forcing
        if forcing is not None and forcing.splits(batch):
            batch, forcing = forcing.windows(batch), None
        steps, rows = batch.targets.shape[:2]
        if (steps, rows) not in self._passes:
            # Only the last size is kept: a task may well make batches of ever new lengths.
            self._passes = {
                (steps, rows): BackThroughTime(
                    self._network, steps=steps, rows=rows, theta=self._state[0], gradient=self._gradient
                )
            }
        return self._passes[steps, rows](batch, forcing=forcing, rng=self._rng)

    def _remember(self, generator: Any) -> None:
        """Note the state that a finite loss was measured at, before it is changed, and the random numbers before it."""
        self._good[...], self._good_updates, self._good_generator = self._state, self._done, generator

    def _give_up(self, what: str) -> None:
        """Go back to the last state whose loss was finite, and stop there."""
        update, self._done = self._done, self._good_updates
        advice = "lower the rate, clip the gradient, or force states more often; the last good state is kept"
        partial = self._record(self._good, self._good_generator)
        raise DivergenceError(update, what=what, advice=advice, counted="update", partial=partial)

    def _record(self, state: Array, generator: Any) -> Record:
        kept = sorted(update for update in self._snapshots if update <= self._done)
        loss, length, rate = self._course[:, : self._done].copy()
        return Record(
            network=self._network.with_theta(state[0]),
            loss=loss,
            gradient_norm=length,
            rate=rate,
            snapshot_updates=np.array(kept, dtype=np.int64),
            snapshots=np.array([self._snapshots[update] for update in kept]).reshape(-1, self._network.layout.size),
            moments=state[1:].copy(),
            generator=generator,
            settings=self._settings.words,
        )
