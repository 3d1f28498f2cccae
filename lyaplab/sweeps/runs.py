"""Training runs at several distances between forced states: the table of a sweep over tau, live or shipped."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from lyaplab import data as generators
from lyaplab.engine.result import Result
from lyaplab.errors import unknown
from lyaplab.model import Model
from lyaplab.training.judging import HORIZONS, MOST
from lyaplab.training.network import Network
from lyaplab.training.readout import Readout

__all__ = ["ForcingRuns", "made_series", "training_of"]

Array = NDArray[np.float64]


def training_of(settings: Mapping[str, Any], tau: int, seed: int) -> dict[str, Any]:
    """Return the arguments of `ll.train` for a run: windows of tau steps, as many predictions for every tau.

    Examples
    --------
    >>> settings = {"updates": 10, "predictions": 100, "rate": 1e-3, "clip": None}
    >>> training_of(settings, 30, 0)
    {'updates': 10, 'rate': 0.001, 'clip': None, 'batch': 3, 'steps': 30, 'forcing': 30, 'seed': 0}
    """
    same = {name: settings[name] for name in ("updates", "rate", "clip")}
    batch = max(1, round(settings["predictions"] / tau))
    return {**same, "batch": batch, "steps": tau, "forcing": tau, "seed": seed}


@dataclass(frozen=True, repr=False)
class ForcingRuns(Result):
    """Runs that differ in the distance tau between forced states, and in their seed.

    There are R runs, in rising order of tau and then of seed; S moments of a run whose weights are kept, of which the
    last is its end; and K pieces that its course is thinned to. Networks have P trainable numbers, d state variables
    and N outputs. A run that is not done yet, and a number that a run does not have, is NaN.

    Parameters
    ----------
    name : str
        Of the runs.
    tau : ndarray(int, shape=(R,))
        Steps from one forced state to the next.
    seed : ndarray(int, shape=(R,))
        Of the first weights and of the batches.
    moments : ndarray(int, shape=(S,))
        Updates after which weights were kept: from 0, the untrained network, to the last.
    theta : ndarray(float, shape=(R, S, P))
        The trainable numbers at the moments; of a run that stopped early, its last good ones from there on.
    updates : ndarray(int, shape=(K,))
        The first update of each piece of the course.
    loss : ndarray(float, shape=(R, K))
        Mean over the piece: squared error of a prediction, in squared standard deviations.
    gradient_norm : ndarray(float, shape=(R, K))
        Largest over the piece, before any clipping.
    d_stsp : ndarray(float, shape=(R,))
        How far the attractor of the trained network is from that of the data (`ll.data.state_space_divergence`).
    d_spectrum : ndarray(float, shape=(R,))
        The same of their power spectra (`ll.data.spectral_distance`).
    errors : ndarray(float, shape=(R, 3))
        Mean squared error 1, 5 and 25 steps ahead, in squared standard deviations.
    exponents : ndarray(float, shape=(R, d))
        Lyapunov exponents of the trained network, nats per step.
    stopped : ndarray(float, shape=(R,))
        The update whose loss or gradient was no number any more; NaN of a run that went to its end.
    escaped : ndarray(float, shape=(R,))
        The step at which the free run of the trained network leaves the range of floats; NaN where it does not.
    floor, spectrum_floor : float
        What d_stsp and d_spectrum come to for one half of the data against the other: no network can be told from
        the data below that.
    exponent : float
        Largest of the data, nats per step; NaN if it is not known.
    cell : str
        Of the networks.
    model : dict
        Arguments of `Model` beside the cell and the seed.
    readout : ndarray(float, shape=(N, units))
        The readout of the untrained network.
    trainable : bool
        Whether training changes the readout.
    settings : dict
        Of the training: updates, predictions of an update, rate, clip; of the judging: steps.
    data : dict
        How the series is made: `function` of `ll.data`, and its arguments; empty for your own.
    made : dict
        Of shipped runs: versions, and the command that makes them.
    """

    name: str
    tau: NDArray[np.int64]
    seed: NDArray[np.int64]
    moments: NDArray[np.int64]
    theta: Array
    updates: NDArray[np.int64]
    loss: Array
    gradient_norm: Array
    d_stsp: Array
    d_spectrum: Array
    errors: Array
    exponents: Array
    stopped: Array
    escaped: Array
    floor: float
    spectrum_floor: float
    exponent: float
    cell: str
    model: Mapping[str, Any]
    readout: Array
    trainable: bool
    settings: Mapping[str, Any]
    data: Mapping[str, Any]
    made: Mapping[str, Any]

    @classmethod
    def empty(
        cls,
        *,
        tau: Sequence[int],
        seed: Sequence[int],
        moments: Sequence[int],
        updates: Sequence[int],
        network: Network,
        model: Mapping[str, Any],
        **words: Any,
    ) -> Self:
        """Return runs of which none is done yet.

        Parameters
        ----------
        network : Network
            An untrained one.
        tau, seed, moments, updates, model, **words
            As of the class; the readout and the cell are those of the network.
        """
        runs, read = len(tau), network.readout
        shapes = {
            "theta": (len(moments), network.layout.size), "loss": (len(updates),), "gradient_norm": (len(updates),),
            "d_stsp": (), "d_spectrum": (), "errors": (len(HORIZONS),), "exponents": (min(network.model.d, MOST),),
            "stopped": (), "escaped": (),
        }  # fmt: skip
        whole = {"tau": tau, "seed": seed, "moments": moments, "updates": updates}
        arrays: dict[str, Any] = {name: np.full((runs, *shape), math.nan) for name, shape in shapes.items()}
        arrays |= {name: np.array(values, dtype=np.int64) for name, values in whole.items()}
        return cls(
            **arrays,
            floor=math.nan,
            spectrum_floor=math.nan,
            cell=network.model.cell.name,
            model=dict(model),
            readout=read.B.copy(),
            trainable=read.trainable,
            **{"made": {}, **words},
        )

    @property
    def taus(self) -> NDArray[np.int64]:
        """The values of tau, each once, rising."""
        return np.unique(self.tau)

    @property
    def seeds(self) -> NDArray[np.int64]:
        """The seeds, each once, rising."""
        return np.unique(self.seed)

    @property
    def done(self) -> NDArray[np.bool_]:
        """Which runs have been made, shape (R,)."""
        return ~np.isnan(self.d_stsp)

    @property
    def tau_pred(self) -> float:
        """Steps in which a small error doubles, ln 2/exponent; infinite without chaos, NaN where it is not known."""
        return math.inf if self.exponent <= 0.0 else math.log(2.0) / self.exponent

    @property
    def largest_gradient(self) -> Array:
        """The largest gradient norm met in each run, shape (R,)."""
        largest = np.fmax.reduce(self.gradient_norm, axis=1)  # NaN only where there is nothing else
        return np.asarray(largest, dtype=np.float64)

    def at(self, tau: int, seed: int | None = None) -> int:
        """Return the number of a run; without a seed that of the run whose d_stsp is the median of its tau.

        Raises
        ------
        ValueError
            If there is no such run.
        """
        if tau not in self.tau:
            raise unknown("tau", tau, map(str, self.taus.tolist()))
        places = np.flatnonzero(self.tau == tau)
        if seed is None:
            order = places[np.argsort(self.d_stsp[places], kind="stable")]
            count = max(1, int(self.done[places].sum()))  # runs that are not done sort last
            return int(order[(count - 1) // 2])
        if seed not in self.seed[places]:
            raise unknown("seed", seed, map(str, self.seed[places].tolist()))
        return int(places[self.seed[places] == seed][0])

    def median(self, name: str) -> Array:
        """Return the median over the seeds of a column, such as "d_stsp" or "largest_gradient": one for each of `taus`.

        Runs that are not done are left out; NaN where there is none.
        """
        column = np.asarray(getattr(self, name), dtype=np.float64)
        there = [column[(self.tau == tau) & self.done] for tau in self.taus]
        return np.array([np.median(values, axis=0) if len(values) else np.nan for values in there])

    def network(self, index: int, moment: int = -1) -> Network:
        """Return the network of run `index` as it was at a moment: a number of `moments`, by default the last."""
        return self.untrained.with_theta(self.theta[index, moment].astype(np.float64))

    @cached_property
    def untrained(self) -> Network:
        """A network of this kind, with other weights than any of the runs."""
        return Network(Model(self.cell, **self.model), Readout(self.readout, trainable=self.trainable))

    def training(self, index: int) -> dict[str, Any]:
        """Return the arguments of `ll.train` with which run `index` was made.

        ``ll.train(runs.network(index, 0), runs.series()[0], **runs.training(index))`` makes it anew.
        """
        return training_of(self.settings, int(self.tau[index]), int(self.seed[index]))

    def series(self) -> tuple[Any, Any]:
        """Return what was trained with, and what networks were judged on: shipped runs only.

        The series is made twice, with noise and without: the first half of the noisy one, and the whole clean one.

        Returns
        -------
        series, test : Series

        Raises
        ------
        ValueError
            If the series is not one of those that can be made.
        """
        if "function" not in self.data:
            raise ValueError(f"the series of {self.name!r} is somebody's own: it did not come with the runs")
        return made_series(self.data)

    def table(self) -> dict[str, np.ndarray]:
        """Return one row for each run."""
        return {
            "tau": self.tau, "seed": self.seed, "d_stsp": self.d_stsp, "d_spectrum": self.d_spectrum,
            "error_1": self.errors[:, 0], "error_5": self.errors[:, 1], "error_25": self.errors[:, 2],
            "exponent": self.exponents[:, 0], "largest_gradient": self.largest_gradient,
            "stopped": self.stopped, "escaped": self.escaped,
        }  # fmt: skip

    def __len__(self) -> int:
        return len(self.tau)

    def __iter__(self) -> Iterator[int]:
        """The numbers of the runs."""
        return iter(range(len(self)))

    def __repr__(self) -> str:
        words = f"{len(self)} runs of {self.cell}, tau {self.taus[0]} to {self.taus[-1]}, {len(self.seeds)} seeds each"
        if not self.done.any():
            return f"ForcingRuns({self.name}: {words}; none done yet)"
        medians = self.median("d_stsp")
        best = int(np.nanargmin(medians))
        return (
            f"ForcingRuns({self.name}: {words}; best median d_stsp {medians[best]:.3g} at tau {self.taus[best]},"
            f" floor {self.floor:.3g}; tau_pred {self.tau_pred:.1f})"
        )

    def thin(self) -> Self:
        """Return the runs with their numbers in single precision, as they are shipped."""
        every = {field.name: getattr(self, field.name) for field in fields(self)}
        small = {name: value.astype(np.float32) for name, value in every.items() if _is_double(value)}
        return replace(self, **small)


def made_series(data: Mapping[str, Any]) -> tuple[Any, Any]:
    """Return the first half of a noisy series, and the whole of it without noise, from `function` and its arguments."""
    arguments = dict(data)
    make = getattr(generators, arguments.pop("function"))
    noisy, clean = make(**arguments), make(**{**arguments, "noise": 0.0})
    return noisy.split()[0], clean


def _is_double(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.dtype == np.float64
