"""Orbit diagrams: where orbits end up at every value of a parameter, how fast neighbours part, and what repeats."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lyaplab.engine.result import Result
from lyaplab.engine.sweep_rows import RowSweep, in_pieces
from lyaplab.kernel import Cell, kernel

__all__ = ["LONGEST_PERIOD", "PIECE", "Bifurcation", "Columns", "follow_bifurcation"]

Array = NDArray[np.float64]
Parameters = tuple[Array, ...]

LONGEST_PERIOD = 64
# Coming back this close, relative to the size of the states, counts as the same state.
_RETURN = 1e-6
# Exponents below this, per unit, are not told from zero, which is that of a cycle of a flow.
_ZERO = 2e-3
# A piece of a diagram takes about this long, in seconds.
PIECE = 0.05
# Rows that are advanced together: their numbers stay in the processor's nearer caches.
_ROWS = 200
# Numbers that the kept states of these rows may take, and their matrices: 16 MB.
_ROOM = 2_000_000


@dataclass(frozen=True, repr=False)
class Bifurcation(Result):
    """An orbit diagram with the exponent under it: a column of states for every value of a parameter.

    With several starts, `states`, `exponents`, `periods`, `left` and `ends` have another axis for them, behind that of
    the values: coexisting attractors show.

    Parameters
    ----------
    param : str
        Name of the parameter.
    values : ndarray(float, shape=(P,))
        Its values.
    states : ndarray(float, shape=(P, keep))
        The last states, or passes through the section, of one state variable; NaN where the orbit has left the range
        of floats, and where there were fewer passes.
    exponents : ndarray(float, shape=(P,))
        Largest Lyapunov exponent, in nats per `unit`; -inf where a tangent dies, NaN where the orbit has left.
    periods : ndarray(int, shape=(P,))
        Period that was recognised, in steps or passes; 0 for none, -1 where the orbit has left.
    left : ndarray(int, shape=(P,))
        First step whose state is not finite, counted from the start; -1 for none.
    ends : ndarray(float, shape=(P, d))
        The whole state after the last step, from which an orbit at this value can be continued; NaN where it has left.
    axis : str
        Name of the state variable.
    unit : str
        "step" or "time".
    done : float
        Share of the diagram that has been computed (1 at the end). The rest is NaN, with the period 0.
    """

    param: str
    values: Array
    states: Array
    exponents: Array
    periods: NDArray[np.int64]
    left: NDArray[np.int64]
    ends: Array
    axis: str = "x"
    unit: str = "step"
    done: float = 1.0

    def __len__(self) -> int:
        return len(self.values)

    def table(self) -> dict[str, np.ndarray]:
        """Return the columns of the parameter, exponent, period and left, a row for each value (and start)."""
        starts = self.exponents[0].size if len(self) else 1
        return {
            self.param: np.repeat(self.values, starts),
            "exponent": self.exponents.ravel(),
            "period": self.periods.ravel(),
            "left": self.left.ravel(),
        }

    def __repr__(self) -> str:
        found = sorted(set(self.periods[self.periods > 0].tolist()))
        listing = ", ".join(map(str, found[:8])) + (", ..." if len(found) > 8 else "")
        periods = f"; periods {listing}" if found else ""
        chaotic = np.mean((self.periods == 0) & (np.nan_to_num(self.exponents, nan=-1.0) > _ZERO))
        gone = np.mean(self.periods == -1)
        words = ((chaotic, "chaotic"), (gone, "divergent"))
        shares = "".join(f"; {share:.0%} {word}" for share, word in words if share)
        return f"Bifurcation({self.param} from {self.values[0]:g} to {self.values[-1]:g}{periods}{shares})"


@kernel
def _read(kept, axis, near, states, periods):
    """Copy one variable of kept (keep, B, n) to states (B, keep), and find the period of every row; 0 for none."""
    keep, rows, n = kept.shape
    longest = min(LONGEST_PERIOD, keep // 2)
    for b in range(rows):
        size = 1e-12
        for t in range(keep):
            states[b, t] = kept[t, b, axis]
        for t in range(keep):
            for i in range(n):
                size = max(size, abs(kept[t, b, i]))
        periods[b] = 0
        for period in range(1, longest + 1):
            returns = True
            t = keep - 1
            # The latest states have come closest to the cycle; a longer window would only ask for a longer warm-up.
            while returns and t >= max(period, keep - 4 * longest):
                for i in range(n):
                    # Not "greater": what is not a number never comes back.
                    returns = returns and abs(kept[t, b, i] - kept[t - period, b, i]) <= near * size
                t -= 1
            if returns:
                periods[b] = period
                break


class Columns:
    """What has been measured so far, column by column; with one start each, an axis less.

    Parameters
    ----------
    param, values, axis, unit
        As of `Bifurcation`.
    starts : int or None
        Number of starts; None for one that needs no axis.
    keep : int
        States of a column.
    d : int
        Number of state variables.
    """

    def __init__(self, param: str, values: Array, axis: str, unit: str, starts: int | None, keep: int, d: int) -> None:
        self._words = {"param": param, "axis": axis, "unit": unit}
        self._values, self._alone = values, starts is None
        shape = (len(values), starts or 1)
        self.states = np.full((*shape, keep), np.nan)
        self.exponents = np.full(shape, np.nan)
        self.periods = np.zeros(shape, dtype=np.int64)
        self.left = np.full(shape, -1, dtype=np.int64)
        self.ends = np.full((*shape, d), np.nan)
        self.finished = 0

    def note(self, places: NDArray[np.int64], rows: RowSweep, time_span: Array) -> None:
        """Note exponents, ends and divergence of finished columns; their states and periods are there already."""
        shape = (len(places), -1)
        gone = rows.left.reshape(shape)
        rates = rows.growth.reshape(shape) / time_span[:, None]
        self.exponents[places] = np.where(gone >= 0, np.nan, rates)
        self.left[places] = gone
        self.ends[places] = rows.states.reshape(*gone.shape, -1)
        column, start = np.nonzero(gone >= 0)
        self.periods[places[column], start] = -1
        self.states[places[column], start] = np.nan
        self.ends[places[column], start] = np.nan
        self.finished += len(places)

    def result(self) -> Bifurcation:
        """Return the diagram as it is now."""
        done = self.finished / len(self._values)
        parts = {name: getattr(self, name) for name in ("states", "exponents", "periods", "left", "ends")}
        given = {name: part[:, 0] if self._alone else part for name, part in parts.items()}
        if done < 1.0:
            given = {name: part.copy() for name, part in given.items()}
        return Bifurcation(values=self._values, done=done, **self._words, **given)  # type: ignore[arg-type]


class _Pace:
    """Cuts a long run into pieces of some 50 ms."""

    def __init__(self) -> None:
        self._per_row_step = 2e-7
        self._since = time.perf_counter()

    def pieces(self, rows: int, steps: int) -> Iterator[int]:
        """Cut steps into pieces, and time what is done with each."""
        done = 0
        while done < steps:
            began = time.perf_counter()
            piece = max(1, min(steps - done, int(PIECE / (self._per_row_step * rows))))
            yield piece
            done += piece
            measured = (time.perf_counter() - began) / (rows * piece)
            # The first call may have compiled, so nothing is believed at once.
            self._per_row_step = min(max(measured, 0.25 * self._per_row_step), 20 * self._per_row_step)

    def due(self) -> bool:
        """Whether the last piece was handed over long enough ago; if so, the next begins."""
        now = time.perf_counter()
        if now - self._since < PIECE:
            return False
        self._since = now
        return True


def follow_bifurcation(
    cell: Cell,
    parameters: Callable[[NDArray[np.int64]], Parameters],
    *,
    columns: Columns,
    x0: Array,
    inputs: Array,
    axis: int,
    steps: int,
    warmup: int,
    order: NDArray[np.int64] | None = None,
    follow: bool = False,
    dt: Array | None = None,
) -> Iterator[Bifurcation]:
    """Yield the diagram as it fills, every 50 ms or so; the last one yielded is complete.

    Parameters
    ----------
    cell : Cell
        The system.
    parameters : callable
        ``parameters(places)`` gives the parameters of some of the P columns; each carries a leading axis of their
        number, or of length 1 where it is the same for all.
    columns : Columns
        What is to be filled: P columns.
    x0 : ndarray(float, shape=(S, n))
        First states.
    inputs : ndarray(float, shape=(m,))
        The constant input.
    axis : int
        The state variable whose states are kept.
    steps, warmup : int
        Steps over which growth is measured, the last of which are kept, and steps before.
    order : ndarray(int, shape=(P,)), optional
        Take the columns one by one, in this order, and not many at a time.
    follow : bool, optional
        With `order`: continue each from where the one before has ended.
    dt : ndarray(float, shape=(P,)), optional
        Time step of a flow in each column.

    Yields
    ------
    Bifurcation
    """
    count, starts, keep = columns.states.shape
    if order is None:
        block = max(1, min(_ROWS, _ROOM // (keep * x0.shape[1]), _ROOM // x0.shape[1] ** 2) // starts)
        blocks = [np.arange(first, min(count, first + block)) for first in range(0, count, block)]
    else:
        blocks = [order[i : i + 1] for i in range(count)]
    time_span = steps * (np.ones(count) if dt is None else dt)
    return in_pieces(_fill(cell, parameters, columns, blocks, x0, inputs, axis, steps, warmup, follow, time_span))


def _fill(
    cell: Cell,
    parameters: Callable[[NDArray[np.int64]], Parameters],
    columns: Columns,
    blocks: list[NDArray[np.int64]],
    x0: Array,
    inputs: Array,
    axis: int,
    steps: int,
    warmup: int,
    follow: bool,
    time_span: Array,
) -> Iterator[Bifurcation]:
    """Fill one block of neighbouring columns after the other."""
    keep, d = columns.states.shape[2], x0.shape[1]
    # Fresh memory is slow at first touch: all blocks use the same.
    room = np.empty(keep * max(map(len, blocks)) * x0.size)
    pace = _Pace()
    begin = x0
    for places in blocks:
        rows = RowSweep(cell, parameters(places), x0=np.tile(begin, (len(places), 1)), inputs=inputs)
        count = len(rows.states)
        kept = room[: keep * count * d].reshape(keep, count, d)
        for piece in pace.pieces(count, warmup):
            # One variable has one direction: its tangent needs no time to find it.
            rows.advance(piece, tangents=d > 1)
            if pace.due():
                yield columns.result()
        rows.forget()
        for piece in pace.pieces(count, steps):
            rows.advance(piece, kept=kept, place=rows.time - warmup - steps + keep)
            if pace.due():
                yield columns.result()
        # Neighbouring columns lie next to each other, so that these are views.
        states, periods = (part[places[0] : places[-1] + 1] for part in (columns.states, columns.periods))
        _read(kept, axis, _RETURN, states.reshape(-1, keep), periods.reshape(-1))
        columns.note(places, rows, time_span[places])
        if follow:
            # An orbit that has left begins anew from its first start.
            begin = np.where((rows.left >= 0)[:, None], x0, rows.states)
    yield columns.result()
