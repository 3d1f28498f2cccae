"""Compile everything ahead of time: for every cell what a Model offers, and what needs no cell.

Machine code belongs to a cell and a measure, not to sizes, so a tiny run of each is enough. Worker processes do the
work, two where there are two cores; they take one cell at a time, since the measures of a cell share its functions.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from queue import Empty, Queue

import numpy as np
from tqdm import tqdm

from lyaplab.cells import cells as installed
from lyaplab.cells import find
from lyaplab.engine.from_data import lyapunov_from_data
from lyaplab.errors import CellError
from lyaplab.kernel import announce
from lyaplab.model import Model

__all__ = ["MEASURES", "WITHOUT_MODEL", "warm"]

# More processes would hardly help: the two slowest cells take a good part of the whole.
_WORKERS = 2


def _diagram(model: Model) -> object:
    """A small orbit diagram over the first knob that leaves the size alone."""
    knobs = [knob for knob in model.knobs.values() if knob.name not in ("n", "m")]
    return model.bifurcation(knobs[0].name, [knobs[0].value] * 2, steps=4, warmup=1) if knobs else None


# A small run of everything that a Model can do.
MEASURES: dict[str, Callable[[Model], object]] = {
    "spectrum": lambda model: model.lyapunov_spectrum(20, warmup=2),
    "orbit": lambda model: model.orbit(2),
    "step": lambda model: model.step(model.start),
    "field": lambda model: model.field(model.start),
    "jacobian": lambda model: model.jacobian(model.start),
    "field jacobian": lambda model: model.field_jacobian(model.start),
    "fixed points": lambda model: model.fixed_points(2),
    "section": lambda model: model.section(steps=4, warmup=1),
    "two trajectories": lambda model: model.two_trajectories(4, warmup=1),
    "slow points": lambda model: model.slow_points(2),
    "cycles": lambda model: model.cycles(2, starts=2) if model.time_step is None else None,
    "gradient norms": lambda model: model.gradient_norms(4),
    "covariant vectors": lambda model: model.covariant_vectors(1, k=1, warmup=1, settle=1),
    "basins": lambda model: model.basins(resolution=(2, 2), steps=2) if model.d > 1 else None,
    "bifurcation": _diagram,
    "verdict": lambda model: model.verdict,
}


def _training(model: Model) -> object:
    """A small update of every kind: of the readout, of the cell, and with forced states."""
    if not model.cell.has("grad"):
        return None
    from lyaplab.training.network import Network
    from lyaplab.training.trainer import train

    network = Network.random(model.cell.name, 1, **model.settings)
    return train(network, {"targets": [[0.0], [0.0]], "inputs": np.zeros((2, model.m))}, updates=1)


# What training compiles of a cell, beside the measures.
TRAINING: dict[str, Callable[[Model], object]] = {"training": _training}

# Sixty values that go up and down without repeating.
_SERIES = np.sin(np.arange(60.0) ** 2)

# A small run of everything that asks for no Model.
WITHOUT_MODEL: dict[str, Callable[[], object]] = {
    "series": lambda: lyapunov_from_data(_SERIES, steps=5),
    "series, in balls": lambda: lyapunov_from_data(_SERIES, "kantz", steps=5, eps=2.0),
}
# The name under which a worker is given these; no cell is called so.
_NO_CELL = "without a cell"


def _filters() -> object:
    """A small update of a linear filter, with a horizon and without."""
    from lyaplab.theory.filter_task import FilterTask
    from lyaplab.training.filter_learning import learn_filter
    from lyaplab.training.linear_filter import FilterNetwork

    net = FilterNetwork(np.zeros((1, 1)), np.ones(1), np.ones(1))
    return [learn_filter(net, FilterTask(0.5, horizon=horizon), updates=1) for horizon in (2, None)]


# And what training compiles that asks for none.
FILTERS: dict[str, Callable[[], object]] = {"training": _filters}
_LINEAR = "linear filters"
# What stands before the name of a cell whose training is to be compiled.
_TO_TRAIN = "to train "


def warm(cells: Iterable[str] | None = None, *, training: bool = True, progress: bool = True) -> float:
    """Compile all kernels now, so that no lesson has to wait for one.

    Parameters
    ----------
    cells : iterable of str, optional
        Names of cells; by default all that are installed. What needs no cell is compiled with any of them.
    training : bool, optional
        Whether what trains them is compiled too.
    progress : bool, optional
        Whether to show a progress bar.

    Returns
    -------
    float
        Seconds that it took.

    Raises
    ------
    ValueError
        If there is no cell of a name.
    CellError
        If something could not be compiled; one line for each.

    Examples
    --------
    >>> import lyaplab as ll
    >>> ll.warm([], progress=False) < 1.0
    True
    """
    began = time.perf_counter()
    names = list(installed() if cells is None else cells)
    for name in names:
        find(name)
    work: Queue[str] = Queue()
    # Those that take longest first: what needs no cell is done in a moment.
    trained = [_TO_TRAIN + name for name in names if training and find(name).has("grad")]
    jobs = [*names, *trained, *([_LINEAR] if training else []), _NO_CELL] if names else []
    for job in jobs:
        work.put(job)
    failures: list[str] = []
    with tqdm(total=sum(len(_runs(job)) for job in jobs), desc="compiling", unit="kernel", disable=not progress) as bar:

        def told(line: str) -> None:
            bar.set_postfix_str(line.partition("\t")[0], refresh=False)
            bar.update()
            if "\t" in line:
                failures.append(line.replace("\t", ": "))

        with ExitStack() as hands:
            for _ in range(min(_WORKERS, os.cpu_count() or 1, len(names))):
                hands.enter_context(_Hand(work, told))
    if failures:
        raise CellError("not compiled:\n  " + "\n  ".join(failures))
    return time.perf_counter() - began


class _Hand:
    """A thread that hands cells to one worker process and passes on what it says, until there is no cell left."""

    def __init__(self, work: Queue[str], told: Callable[[str], None]) -> None:
        self._work, self._told = work, told
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._fault: BaseException | None = None

    def __enter__(self) -> _Hand:
        # The worker finds the package where this process found it, wherever either was started.
        home = str(Path(__file__).resolve().parents[1])
        path = os.pathsep.join(filter(None, (home, os.environ.get("PYTHONPATH"))))
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": path},
        )
        self._thread.start()
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is not None:  # an interrupt: do not wait for the rest
            self._process.kill()
        self._thread.join()
        self._process.communicate()
        if self._fault is not None and kind is None:
            raise self._fault

    def _run(self) -> None:
        try:
            while True:
                name = self._work.get_nowait()
                self._say(name)
                for _ in _runs(name):
                    self._told(self._hear(name))
        except Empty:
            return
        except (OSError, ValueError) as error:
            self._fault = error

    def _say(self, name: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(name + "\n")
        self._process.stdin.flush()

    def _hear(self, name: str) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise ChildProcessError(f"the process that compiled {name!r} has ended")
        return line.rstrip("\n")


def smallest(name: str) -> Model:
    """Return a model of the cell with two units, or as few as it takes, where its size is free."""
    model = Model(name)
    if model.card.size is not None:
        return model
    least = next((number.limits[0] for number in model.card.hyper if number.name == "n"), None)
    return Model(name, n=max(2, int(least or 0)))


def worker() -> None:
    """Compile the cells whose names come in; say a line for each measure, with a tab and the reason if it failed."""
    announce.listeners.append(lambda line: None)
    for line in sys.stdin:
        name = line.strip()
        for measure, small_run in _runs(name).items():
            fault = _fault(small_run)
            _say(f"{name}: {measure}\t{fault}" if fault else f"{name}: {measure}")


def _runs(job: str) -> dict[str, Callable[[], object]]:
    """All small runs of a job: of a cell by its name, or of what needs none."""
    if job == _NO_CELL:
        return WITHOUT_MODEL
    if job == _LINEAR:
        return FILTERS
    name = job.removeprefix(_TO_TRAIN)
    runs = MEASURES if name == job else TRAINING
    return {measure: partial(_run, small_run, name) for measure, small_run in runs.items()}


def _run(small_run: Callable[[Model], object], name: str) -> object:
    return small_run(smallest(name))


def _fault(small_run: Callable[[], object]) -> str:
    """What went wrong, in one line; an empty string if nothing did. A map may well diverge: it is compiled then."""
    try:
        small_run()
    except ArithmeticError:
        return ""
    except Exception as error:
        return " ".join(f"{type(error).__name__}: {error}".split())
    return ""


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    worker()
