"""The sweep over tau: the same training at several distances between forced states, each with several seeds."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping
from concurrent.futures import Executor
from contextlib import closing
from dataclasses import replace
from os import PathLike
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lyaplab.engine.result import last
from lyaplab.errors import DivergenceError, finite_array, one_of, positive_int
from lyaplab.model import Model
from lyaplab.sweeps.measuring import iter_sweep
from lyaplab.sweeps.runs import ForcingRuns, training_of
from lyaplab.sweeps.table import Sweep
from lyaplab.training.judging import check_judging, judge
from lyaplab.training.network import Network, shown_units
from lyaplab.training.readout import Readout
from lyaplab.training.record import Record
from lyaplab.training.trainer import iter_train, train

__all__ = ["NETWORK", "TAUS", "TRAINING", "forcing_sweep", "iter_forcing_sweep", "train_and_judge"]

Array = NDArray[np.float64]

# The smallest experiment known to show both failures, at short tau and at long. All updates make as many predictions,
# so that a run costs the same for every tau.
TAUS = (1, 4, 15, 30, 50, 76, 120, 200)
TRAINING: Mapping[str, Any] = MappingProxyType(
    {"updates": 8_000, "predictions": 1_600, "rate": (2e-3, 4e-5), "clip": 0.5}
)
# Networks that begin near the identity, since a finely sampled flow does not move far in a step. With weights of full
# size they begin unstable: gradients of long windows are of any size, and attractors come out worse.
NETWORK: Mapping[str, Any] = MappingProxyType({"hidden": 50, "gain": 0.3, "A": 1.0})
_CELL = "shallow_plrnn"
# When weights are kept: shares of all updates.
_MOMENTS = (0.0, 0.02, 0.1, 0.3, 1.0)
# Pieces that the course of a run is thinned to.
_PIECES = 200


def forcing_sweep(series: Any, **settings: Any) -> ForcingRuns:
    """Train networks on a series at several distances tau between forced states, and judge each.

    Parameters
    ----------
    series : Series or array_like(float, shape=(T, N))
        What to learn.
    **settings
        As of `iter_forcing_sweep`: taus, seeds, test, cell, n, readout, training, steps, executor, save, name, and
        arguments of `Model`.

    Returns
    -------
    ForcingRuns

    Raises
    ------
    ValueError, TypeError
        Before anything runs: if the data or a setting do not fit, such as a tau that is longer than the series.
    RuntimeError
        If a run fails, in the words of its error. To diverge is not to fail: the update is in `stopped`, and the last
        good state is judged.

    Examples
    --------
    >>> from concurrent.futures import ThreadPoolExecutor
    >>> import lyaplab as ll
    >>> henon = ll.Model("henon").orbit(2_000, warmup=100)
    >>> short = {"updates": 20, "predictions": 50}
    >>> runs = forcing_sweep(henon, taus=(1, 5), seeds=1, training=short, executor=ThreadPoolExecutor(1))
    >>> runs.tau, runs.theta.shape[:2], bool(runs.done.all())
    (array([1, 5]), (2, 4), True)
    """
    return last(iter_forcing_sweep(series, **settings))


def iter_forcing_sweep(
    series: Any,
    *,
    taus: Iterable[int] = TAUS,
    seeds: int | Iterable[int] = 3,
    test: Any = None,
    cell: str = _CELL,
    n: int | None = None,
    readout: str = "identity",
    training: Mapping[str, Any] = MappingProxyType({}),
    steps: int | None = None,
    executor: Executor | None = None,
    save: str | PathLike[str] | None = None,
    name: str = "forcing",
    data: Mapping[str, Any] = MappingProxyType({}),
    **params: Any,
) -> Generator[ForcingRuns]:
    """Yield the runs as they come: what is there already first, and all of them last.

    Parameters
    ----------
    series : Series or array_like(float, shape=(T, N))
        What to learn.
    taus : iterable of int, optional
        Steps from one forced state to the next. Windows are as long, and independent.
    seeds : int or iterable of int, optional
        How many, or which.
    test : Series or array_like(float, shape=(T', N)), optional
        What networks are judged on, best without noise and longer; by default the series.
    cell : str, optional
        Of the networks.
    n : int, optional
        Units, by default as many as the series has columns; more of them where it does not show the whole state.
    readout : {"identity", "trained"}, optional
        The first units are what is seen; or a random readout is trained along.
    training : mapping, optional
        What is to differ from 8000 `updates` of 1600 `predictions` each (in windows of tau steps), a `rate` that falls
        from 2e-3 to 4e-5, and a `clip` of 0.5.
    steps : int, optional
        Of the free run, as of `ll.judge`.
    executor, save : optional
        As of `ll.sweep`: who trains, and the file that every run is added to as it comes, and goes on from.
    name, data : optional
        What is noted with the runs.
    **params
        Arguments of `Model`. A "shallow_plrnn" has 50 hidden units, gain 0.3 and A = 1 where nothing is said.

    Yields
    ------
    ForcingRuns
    """
    values = finite_array("series", getattr(series, "values", series), shape=(None, None))
    held = values if test is None else finite_array("test", getattr(test, "values", test), shape=(None, None))
    settings = {**TRAINING, **training}
    for word in training:
        one_of("training", word, TRAINING)
    one_of("readout", readout, ("identity", "trained"))
    model = _model(cell, values.shape[-1] if n is None else n, params)
    rows = _rows(cell, model, taus, seeds)
    template = ForcingRuns.empty(
        name=name,
        tau=[row["forcing"] for row in rows],
        seed=[row["seed"] for row in rows],
        moments=_moments(settings["updates"]),
        updates=_starts(settings["updates"]),
        network=_with_readout(Model(cell, **model), values.shape[1], readout),
        model=model,
        exponent=float(getattr(series, "exponent", np.nan)),
        settings={**settings, "steps": steps},
        data=dict(data),
    )
    _try(template, values, held)
    options: dict[str, Any] = {"values": values, "test": held, "readout": readout, "settings": settings, "steps": steps}
    table = iter_sweep(rows, train_and_judge, executor=executor, save=save, in_flight=None, **options)
    return _follow(table, template)


def _follow(tables: Generator[Sweep], template: ForcingRuns) -> Generator[ForcingRuns]:
    with closing(tables):
        for table in tables:
            for place, words in table.errors.items():
                raise RuntimeError(f"the run of tau={template.tau[place]}, seed={template.seed[place]} failed: {words}")
            yield _filled(template, table)


def _filled(template: ForcingRuns, table: Sweep) -> ForcingRuns:
    """Put what has been measured so far into the arrays of the runs."""
    there = table.columns
    if not table.done.any():
        return template
    columns = ("theta", "loss", "gradient_norm", "d_stsp", "d_spectrum", "errors", "exponents", "stopped", "escaped")
    found: dict[str, Any] = {column: np.asarray(there[column], dtype=np.float64) for column in columns}
    found |= {column: float(np.nanmax(there[column])) for column in ("floor", "spectrum_floor")}  # all the same
    return replace(template, **found)


def _model(cell: str, n: int, params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of `Model` beside the cell and the seed."""
    units = positive_int("n", n)
    model = {"n": units, **(NETWORK if cell == _CELL else {}), **params}
    if "A" in model and np.ndim(model["A"]) == 0:  # one number for the whole diagonal
        model["A"] = [float(model["A"])] * units
    return model


def _rows(cell: str, model: Mapping[str, Any], taus: Iterable[int], seeds: int | Iterable[int]) -> list[dict[str, Any]]:
    """One row for each run, by tau and then by seed."""
    chosen = sorted({positive_int("taus", tau) for tau in taus})
    listed = range(positive_int("seeds", seeds)) if isinstance(seeds, int) else seeds
    drawn = sorted({positive_int("seeds", seed, minimum=0) for seed in listed})
    if not chosen or not drawn:
        raise ValueError("taus and seeds must hold at least one number each")
    return [{"cell": cell, **model, "seed": seed, "forcing": tau} for tau in chosen for seed in drawn]


def _with_readout(model: Model, outputs: int, readout: str) -> Network:
    _, units = shown_units(model)
    if outputs > units:
        raise ValueError(
            f"forcing needs a state for every observation, so at least as many units as columns of the series:"
            f" {outputs} columns are more than {units} units"
        )
    if readout == "trained":
        return Network(model, Readout.random(outputs, units, seed=int(model.settings.get("seed", 0)), bias=False))
    return Network(model, Readout(np.eye(outputs, units), trainable=False))


def _moments(updates: int) -> list[int]:
    return sorted({round(share * updates) for share in _MOMENTS})


def _starts(updates: int) -> list[int]:
    """The first update of each piece of the course."""
    return np.unique(np.linspace(0, updates, min(_PIECES, updates), endpoint=False).astype(int)).tolist()


def _try(template: ForcingRuns, values: Array, held: Array) -> None:
    """Raise what would go wrong in the runs, before the first of them."""
    for index in (0, -1):
        iter_train(template.untrained, values, **template.training(index))
    check_judging(template.untrained, held)


def train_and_judge(
    model: Model,
    *,
    forcing: int,
    values: Array,
    test: Array,
    readout: str,
    settings: Mapping[str, Any],
    steps: int | None,
) -> dict[str, Any]:
    """Make one run of a sweep.

    Weights at its ends are in single precision, as they are shipped: so the start is that of the run, and the network
    at its end is the one that was judged.
    """
    network = _with_readout(model, values.shape[1], readout)
    network = network.with_theta(_single(network.theta))
    moments = _moments(settings["updates"])
    arguments = training_of(settings, forcing, int(model.settings.get("seed", 0)))
    stopped = np.nan
    try:
        record = train(network, values, snapshots=moments, **arguments)
    except DivergenceError as error:
        record, stopped = error.partial, float(error.step)
    trained = record.network.with_theta(_single(record.network.theta))
    found = judge(trained, test, steps=steps)
    return {
        "theta": _kept(record, moments, trained.theta),
        **_course(record, settings["updates"]),
        "d_stsp": found.d_stsp, "d_spectrum": found.d_spectrum, "errors": found.errors, "exponents": found.exponents,
        "stopped": stopped, "escaped": np.nan if found.escaped is None else float(found.escaped),
        "floor": found.floor, "spectrum_floor": found.spectrum_floor,
    }  # fmt: skip


def _single(theta: Array) -> Array:
    return theta.astype(np.float32).astype(np.float64)


def _kept(record: Record, moments: list[int], end: Array) -> Array:
    """Weights at the moments; of a run that has stopped early, its last ones from there on."""
    kept = dict(zip(record.snapshot_updates.tolist(), record.snapshots, strict=True))
    return np.array(
        [_single(kept[moment]) if moment in kept and moment < record.updates else end for moment in moments]
    )


def _course(record: Record, updates: int) -> dict[str, Array]:
    """Mean loss and largest gradient norm over the pieces of the course, NaN where a run did not come to."""
    starts = np.array(_starts(updates))
    whole = np.full((2, updates), np.nan)
    whole[0, : record.updates], whole[1, : record.updates] = record.loss, record.gradient_norm
    ends = np.append(starts[1:], updates)
    counts = np.maximum(0, np.minimum(ends, record.updates) - starts)
    filled = np.nan_to_num(whole, nan=0.0)
    with np.errstate(invalid="ignore"):
        loss = np.where(counts > 0, np.add.reduceat(filled[0], starts) / np.maximum(counts, 1), np.nan)
    return {"loss": loss, "gradient_norm": np.where(counts > 0, np.maximum.reduceat(filled[1], starts), np.nan)}
