"""What a worker does: it makes each network of its batch and measures it; what goes wrong is a row's own result."""

from __future__ import annotations

import hashlib
import inspect
import pickle
import time
import traceback
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from lyaplab.cells import find
from lyaplab.errors import unknown
from lyaplab.kernel import one_blas_thread
from lyaplab.kernel.cell import Cell
from lyaplab.model import Model
from lyaplab.sweeps.encoding import measured
from lyaplab.sweeps.grid import Row, fingerprint, of_measure, row_seed, seed_number
from lyaplab.sweeps.sending import packed

__all__ = ["Task", "arguments_of", "measures", "work"]

Outcome = dict[str, Any]

# Tasks that a process keeps unpacked, newest last: its own cells are made and tried once, not in every batch.
_KEPT = 4
_unpacked: OrderedDict[str, Task] = OrderedDict()
_PACKAGE = Path(__file__).parents[1]

# Public methods of a Model that measure nothing.
_NO_MEASURE = ("in_words", "save", "stack", "with_knobs")
# Arguments that are filled with the row's own.
_CHANCE = ("rng", "seed")
_BY_NAME = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


def measures() -> tuple[str, ...]:
    """Return what a sweep can measure by name: methods of `Model`, its `regime` and its `verdict`."""
    methods = (name for name, _ in inspect.getmembers(Model, inspect.isfunction) if not name.startswith(("_", "iter_")))
    return tuple(sorted({*methods, "regime", "verdict"} - {*_NO_MEASURE}))


class Task:
    """How a sweep measures: the same for all its rows.

    It packs itself when an executor pickles it, once; an executor of threads takes it as it is.

    Parameters
    ----------
    measure : str or callable
        A name of `measures()`, or a function of a Model, and of ``rng`` or ``seed`` if it has such an argument.
    options : mapping
        Further arguments of it.
    seed : int
        Of the sweep.
    cells : sequence of Cell
        Own cells; rows refer to them by number.
    by_row : collection of str, optional
        Names of options that rows of the grid may set.
    """

    def __init__(
        self,
        measure: str | Callable[..., Any],
        options: Mapping[str, Any],
        seed: int,
        cells: Sequence[Cell] = (),
        by_row: Collection[str] = (),
    ) -> None:
        self.measure, self.options, self.seed, self.cells = measure, dict(options), seed, tuple(cells)
        self.by_row = tuple(by_row)
        self.name = measure if isinstance(measure, str) else _name_of(measure)
        self.chance = _check(measure, self.options, self.by_row)
        self._bytes: bytes | None = None

    @property
    def hash(self) -> str:
        """What the measure is known by: its name, or a function's code, and its options."""
        words = repr([fingerprint(self.measure), fingerprint(self.options)])
        return hashlib.sha256(words.encode()).hexdigest()[:32]

    def packed(self) -> bytes:
        """Return the task as bytes; raises CannotSend."""
        if self._bytes is None:
            self._bytes = packed((self.measure, self.options, self.seed, self.cells, self.by_row))
        return self._bytes

    def __reduce__(self) -> Any:
        return _unpack, (self.packed(),)

    def of(self, place: int, row: Row) -> Outcome:
        """Return the row's result, or its error."""
        try:
            settings = dict(row)
            cell = settings.pop("cell")
            cell = self.cells[cell] if isinstance(cell, int) else find(cell)
            own = of_measure(cell, settings, self.by_row)
            model = Model(cell, **{name: value for name, value in settings.items() if name not in own})
            return {"result": measured(self.name, self._measure(model, place, own))}
        except (Exception, SystemExit) as error:  # noqa: BLE001  whatever it is, it is this row's
            return {"error": _told(error)}

    def _measure(self, model: Model, place: int, own: Mapping[str, Any]) -> Any:
        options = {**self.options, **own}
        if self.chance == "rng":
            options["rng"] = np.random.default_rng(row_seed(self.seed, place))
        elif self.chance == "seed":
            options["seed"] = seed_number(self.seed, place)
        if not isinstance(self.measure, str):
            return self.measure(model, **options)
        found = getattr(model, self.measure)
        if self.measure == "regime":
            return {"regime": found.name, **{name: each for name, each in asdict(found).items() if name != "name"}}
        return found(**options) if callable(found) else found


def work(task: Task, rows: Sequence[tuple[int, Row]], attempt: int = 0) -> tuple[list[tuple[int, Outcome]], float]:
    """Measure a batch of rows; return their outcomes, and the seconds that it took.

    Parameters
    ----------
    task : Task
    rows : sequence of (int, dict)
        Numbers and settings.
    attempt : int, optional
        Tells a batch that is tried again from the first: some executors keep results by arguments.
    """
    began = time.perf_counter()
    # BLAS on one thread, also in the functions of others: parallelism is over rows, and bits do not depend on it.
    with one_blas_thread():
        outcomes = [(place, task.of(place, row)) for place, row in rows]
    return outcomes, time.perf_counter() - began


def _unpack(data: bytes) -> Task:
    key = hashlib.sha256(data).hexdigest()
    if key not in _unpacked:
        _unpacked[key] = Task(*pickle.loads(data))
        while len(_unpacked) > _KEPT:
            _unpacked.popitem(last=False)
    return _unpacked[key]


def arguments_of(measure: Any) -> tuple[str, ...]:
    """Return the names of a function's arguments that rows of a grid may set: all but the model and chance."""
    if isinstance(measure, str) or not callable(measure):
        return ()
    try:
        takes = list(inspect.signature(measure).parameters.values())[1:]
    except (TypeError, ValueError):  # some functions written in C tell nothing of their arguments
        return ()
    return tuple(one.name for one in takes if one.kind in _BY_NAME and one.name not in _CHANCE)


def _check(measure: Any, options: Mapping[str, Any], by_row: Collection[str]) -> str:
    """Raise where the measure does not take the options; return which argument of chance it wants, or nothing."""
    if isinstance(measure, str):
        if measure not in measures():
            raise unknown("measure", measure, measures())
        given = getattr(Model, measure)
        if not callable(given):
            if options:
                raise ValueError(f"{measure} takes no options, got {', '.join(options)}")
            return ""
    elif callable(measure):
        given = measure
    else:
        raise TypeError(f"measure must be the name of a Model's method or a function, got {type(measure).__name__}")
    try:
        signature = inspect.signature(given)
    except (TypeError, ValueError):  # some functions written in C tell nothing of their arguments
        return ""
    takes = list(signature.parameters.values())[1:]
    if not any(one.kind is one.VAR_KEYWORD for one in takes):
        names = [one.name for one in takes]
        for name in options:
            if name not in names:
                raise unknown(f"option of {_name_of(measure)}", name, names)
    needed = [one.name for one in takes if one.default is one.empty and one.kind in _BY_NAME]
    for name in needed:
        if name not in (*options, *by_row, *_CHANCE):
            raise TypeError(f"{_name_of(measure)} needs the option {name}")
    return next((one.name for one in takes if one.name in _CHANCE and one.name not in options), "")


def _name_of(measure: Any) -> str:
    """What a lone value of a function is called."""
    inner = measure.func if isinstance(measure, partial) else measure
    name = inner if isinstance(inner, str) else getattr(inner, "__name__", "value")
    return name if name.isidentifier() else "value"


def _told(error: BaseException) -> str:
    """Write an error in one line, with its place where that is in a function of the user's."""
    text = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    frames = traceback.extract_tb(error.__traceback__)
    if frames and not Path(frames[-1].filename).is_relative_to(_PACKAGE):
        own = [frame for frame in frames if not Path(frame.filename).is_relative_to(_PACKAGE)]
        text += f" (in {own[0].name}, line {own[0].lineno})"
    return text
