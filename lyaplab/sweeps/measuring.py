"""`sweep` and `iter_sweep`: a grid, a measure, an executor and a file, brought together."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Mapping
from concurrent.futures import Executor
from contextlib import ExitStack, closing
from os import PathLike
from typing import Any

from lyaplab.engine.many import cores
from lyaplab.errors import positive_int
from lyaplab.kernel.cell import Cell
from lyaplab.sweeps.flight import Flight
from lyaplab.sweeps.grid import Grid, Row
from lyaplab.sweeps.processes import Processes
from lyaplab.sweeps.rowfile import RowFile
from lyaplab.sweeps.table import Sweep, shown_settings
from lyaplab.sweeps.task import Outcome, Task, arguments_of

__all__ = ["iter_sweep", "sweep"]

# A table is handed on at most this often; a long one takes longer to look at.
_PICTURE_SECONDS, _PICTURE_SECONDS_PER_ROW = 0.05, 5e-6

Values = Mapping[str, Any] | Iterable[Mapping[str, Any]]
Measure = str | Callable[..., Any]


def sweep(
    grid: Values,
    measure: Measure,
    *,
    save: str | PathLike[str] | None = None,
    executor: Executor | None = None,
    seed: int = 0,
    in_flight: int | None = None,
    progress: bool = True,
    **options: Any,
) -> Sweep:
    """Measure many networks, one row for each, side by side on processes or on any executor.

    Parameters
    ----------
    grid : dict or list of dict
        Arguments of `Model`, ``cell`` among them. Of a dict of values every combination is a row (the last name runs
        fastest); a list has one dict for each row. Arrays of weights go into a list: ``{"W": [W1, W2]}``. Arguments of
        a function that measures may stand here too, where the cell does not know their names.
    measure : str or callable
        The name of a method of `Model`, such as "lyapunov_spectrum", or a function of a Model that returns a number, a
        word, an array, a result, or a dict of these. An argument called ``rng`` or ``seed`` is filled with the row's.
    save : path, optional
        A file of JSON lines that every row is added to as it comes. If it holds rows of this sweep, these are not
        measured again: so an interrupted sweep goes on. A file of another sweep is refused.
    executor : Executor, optional
        Anything with the protocol of concurrent.futures: a ThreadPoolExecutor, a ProcessPoolExecutor, dask's
        ``client.get_executor()``. By default processes on this machine, one for each core.
    seed : int, optional
        Row i has the seed ``SeedSequence(seed, spawn_key=(i,))``; weights are drawn by it where the grid names no seed
        (the column ``seed`` tells which). A row is the same to the last bit whatever the executor and the order.
    in_flight : int, optional
        How many batches of rows are handed out at a time, by default twice as many as workers (64 where the executor
        does not say how many it has).
    progress : bool, optional
        Whether a bar shows how far it is.
    **options
        Further arguments of the measure: ``steps=2000, k=10``.

    Returns
    -------
    Sweep
        A network that fails has its error in its row.

    Raises
    ------
    ValueError, TypeError
        Before anything runs: for names that the cell or the measure does not know, with the nearest right one; for a
        file of another sweep.
    OSError
        If a row cannot be saved, as on a full disk. Like every exception that ends a sweep, Ctrl-C among them, it has
        the rows so far in its attribute ``rows``; the file is whole up to the last row.

    Examples
    --------
    >>> import lyaplab as ll
    >>> from concurrent.futures import ThreadPoolExecutor
    >>> grid = {"cell": "logistic", "r": [2.5, 4.0]}
    >>> table = ll.sweep(grid, "lyapunov_spectrum", steps=20_000, executor=ThreadPoolExecutor(2), progress=False)
    >>> table["exponents"][:, 0].round(2)  # -log 2 and log 2
    array([-0.69,  0.69])
    """
    from tqdm.auto import tqdm

    run = iter_sweep(grid, measure, save=save, executor=executor, seed=seed, in_flight=in_flight, **options)
    with closing(run):
        table = next(run)
        try:
            with tqdm(total=len(table), initial=int(table.done.sum()), unit="network", disable=not progress) as bar:
                for table in run:
                    bar.update(int(table.done.sum()) - bar.n)
                    if failed := int(table.failed.sum()):
                        bar.set_postfix(failed=failed)
        except BaseException as error:
            _keep(error, table)
            raise
    return table


def iter_sweep(
    grid: Values,
    measure: Measure,
    *,
    save: str | PathLike[str] | None = None,
    executor: Executor | None = None,
    seed: int = 0,
    in_flight: int | None = None,
    **options: Any,
) -> Generator[Sweep]:
    """Yield the table as it fills, at most every 50 ms or so: what is there already first, and the complete one last.

    Arguments as for `sweep`. Stop by not asking for the next: what is under way is cancelled, and the file can go on.

    Examples
    --------
    >>> import lyaplab as ll
    >>> from concurrent.futures import ThreadPoolExecutor
    >>> grid = {"cell": "logistic", "r": [2.5, 4.0]}
    >>> for table in ll.iter_sweep(grid, "verdict", executor=ThreadPoolExecutor(1)):
    ...     done = int(table.done.sum())
    >>> done
    2
    """
    seed = positive_int("seed", seed, minimum=0)
    if in_flight is not None:
        in_flight = positive_int("in_flight", in_flight)
    if executor is not None and not callable(getattr(executor, "submit", None)):
        raise TypeError(f"executor must have a method submit (see concurrent.futures), got {type(executor).__name__}")
    takes = arguments_of(measure)
    rows = Grid.of(grid, seed=seed, takes=takes)
    sent, own = _sendable(rows.rows)
    task = Task(measure, options, seed, own, [name for name in takes if name in rows.names])
    if executor is None:
        task.packed()  # an error of sending is told before anything starts
    return _run(rows, sent, task, save, executor, in_flight)


def _run(
    grid: Grid,
    sent: list[Row],
    task: Task,
    save: str | PathLike[str] | None,
    executor: Executor | None,
    in_flight: int | None,
) -> Generator[Sweep]:
    settings = [shown_settings(row) for row in grid.rows]
    outcomes: list[Outcome | None] = [None] * len(sent)

    def table() -> Sweep:
        return Sweep(settings, list(outcomes), grid.names, task.name, task.seed)

    with ExitStack() as stack:
        try:
            file = stack.enter_context(_file(save, grid, task)) if save is not None else None
            for place, outcome in (file.found if file is not None else {}).items():
                # A row that was lost with its worker is tried again; an error of its own comes back.
                if place < len(sent) and "lost" not in outcome:
                    outcomes[place] = outcome
            todo = [place for place, outcome in enumerate(outcomes) if outcome is None]
            yield table()
            if not todo:
                return
            if executor is None:
                executor = Processes(min(cores(), len(todo)))
                stack.callback(executor.shutdown, cancel_futures=True)
            flight = stack.enter_context(closing(Flight(executor, task, sent, todo, in_flight).outcomes()))
            shown, left = time.perf_counter(), len(todo)
            pause = _PICTURE_SECONDS + _PICTURE_SECONDS_PER_ROW * len(sent)
            for rows in flight:
                for place, outcome in rows:
                    outcomes[place] = outcome
                    if file is not None:
                        file.add(place, settings[place], outcome)
                left -= len(rows)
                if left == 0 or time.perf_counter() - shown > pause:
                    yield table()
                    shown = time.perf_counter()
        except GeneratorExit:
            raise
        except BaseException as error:
            _keep(error, table())
            raise


def _keep(error: BaseException, table: Sweep) -> None:
    """Hang the rows so far on what ends a sweep."""
    if not hasattr(error, "rows"):
        error.rows = table  # type: ignore[attr-defined]
        error.add_note(
            f"{int(table.done.sum())} of {len(table)} rows are kept in the attribute `rows` of this exception"
        )


def _file(save: str | PathLike[str], grid: Grid, task: Task) -> RowFile:
    header = {"grid": grid.hash, "seed": task.seed, "measure": task.hash, "measures": task.name, "rows": len(grid.rows)}
    return RowFile(save, {**header, "names": grid.names})


def _sendable(rows: list[Row]) -> tuple[list[Row], list[Cell]]:
    """Return the rows with own cells as numbers, and these cells: they travel once, with the task."""
    own: dict[int, Cell] = {}
    for row in rows:
        if isinstance(row["cell"], Cell):
            own.setdefault(id(row["cell"]), row["cell"])
    places = {key: place for place, key in enumerate(own)}
    sent = [{**row, "cell": places[id(row["cell"])]} if id(row["cell"]) in own else row for row in rows]
    return sent, list(own.values())
