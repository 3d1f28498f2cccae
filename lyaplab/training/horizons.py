"""What a gradient does as the horizon grows: bounded, sub-exponential or exploding, as the orbit's regime has it."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lyaplab.engine.gradients import growth_rate
from lyaplab.engine.horizons import GradientHorizons, log_horizons
from lyaplab.engine.lyapunov import follow_spectrum
from lyaplab.engine.result import last
from lyaplab.engine.sweep_rows import in_pieces
from lyaplab.errors import DivergenceError, finite_array, positive_int
from lyaplab.training.reading import Reading, as_reading
from lyaplab.training.sensitivity import MOST_NUMBERS, Sensitivity

__all__ = ["gradient_horizons", "iter_gradient_horizons"]

Array = NDArray[np.float64]

# Blocks of the whole run: the slope's error is from those of its second half.
_BLOCKS = 128
# Seconds from one partial result to the next.
_PIECE = 0.05


class _Plan(NamedTuple):
    """The arguments, as they were understood."""

    reading: Reading
    steps: int
    horizons: NDArray[np.int64]
    target: Array
    x0: Array
    inputs: Array
    warmup: int
    lacking: str

    @property
    def driven(self) -> bool:
        """Whether there is a row of inputs for each step, and not one for all."""
        return len(self.inputs) > 1


def gradient_horizons(
    net: Any,
    steps: int = 100_000,
    *,
    count: int = 200,
    target: ArrayLike | None = None,
    x0: ArrayLike | None = None,
    inputs: ArrayLike | None = None,
    warmup: int = 500,
) -> GradientHorizons:
    """Measure how dz_T/dz_0, dz_T/dtheta and the loss gradient dL_T/dtheta grow with the horizon T.

    Three theorems say what comes out. At a stable fixed point or cycle the product of Jacobians vanishes, and the
    gradients by theta stay bounded; on a chaotic orbit all of them grow like e^(lambda T); on a quasi-periodic one they
    grow, but less than any exponential.

    Parameters
    ----------
    net : Model or Network
        A model's outputs are its units as they stand, and its readout is not trained.
    steps : int, optional
        The longest horizon.
    count : int, optional
        Horizons, spaced by their logarithm.
    target : array_like(float, shape=(N,)), optional
        What the outputs of step T are held against; 1 in each by default, so that there is a loss at rest in 0 too.
    x0 : array_like(float, shape=(d,)), optional
        First state, before the warm-up.
    inputs : array_like(float, shape=(T, m)), optional
        One row for each step, warm-up included.
    warmup : int, optional
        Steps before z_0.

    Returns
    -------
    GradientHorizons

    Raises
    ------
    DivergenceError
        At the first step whose state is not finite.
    TypeError, ValueError
        If an argument does not fit.

    References
    ----------
    J. M. Mikhaeil, Z. Monfared and D. Durstewitz, On the difficulty of learning chaotic dynamics with RNNs, NeurIPS
    2022 (arXiv:2110.07238): theorems 1 to 3.

    Examples
    --------
    >>> from lyaplab import Model
    >>> horizons = gradient_horizons(Model("logistic", r=4.0), 2000)
    >>> horizons.regime, round(horizons.slope, 2)  # log 2
    ('chaos', 0.69)
    >>> gradient_horizons(Model("logistic", r=2.0), 2000).log_gradients[-1].round(6)  # x = 1 - 1/r, dL/dr = 2 (x-1)/r^2
    np.float64(-1.386294)
    """
    plan = _plan(net, steps, count=count, target=target, x0=x0, inputs=inputs, warmup=warmup)
    return last(in_pieces(_follow(plan)))


def iter_gradient_horizons(
    net: Any,
    steps: int = 100_000,
    *,
    count: int = 200,
    target: ArrayLike | None = None,
    x0: ArrayLike | None = None,
    inputs: ArrayLike | None = None,
    warmup: int = 500,
) -> Iterator[GradientHorizons]:
    """Yield what is known every 50 ms or so, the short horizons first. Arguments as of `gradient_horizons`.

    Examples
    --------
    >>> from lyaplab import Model
    >>> for horizons in iter_gradient_horizons(Model("henon"), 1000):
    ...     pass
    >>> int(horizons.horizons[-1])
    1000
    """
    return in_pieces(_follow(_plan(net, steps, count=count, target=target, x0=x0, inputs=inputs, warmup=warmup)))


def _plan(
    net: Any,
    steps: int,
    *,
    count: int,
    target: ArrayLike | None,
    x0: ArrayLike | None,
    inputs: ArrayLike | None,
    warmup: int,
) -> _Plan:
    """Check the arguments."""
    reading = as_reading(net)
    model = reading.model
    warmup = positive_int("warmup", warmup, minimum=0)
    sequences, steps = model._sequence(inputs, positive_int("steps", steps, minimum=2), warmup, None)
    if len(sequences) > 1:
        raise ValueError(f"inputs must be one sequence (T, m), got {len(sequences)} sequences")
    states, alone = model._states(x0)
    if not alone:
        raise ValueError(f"x0 must be one state of shape ({model.d},), got {len(states)} states")
    outputs = reading.readout.outputs
    count = positive_int("count", count)
    aim = np.ones(outputs) if target is None else finite_array("target", target, shape=(outputs,))
    return _Plan(reading, steps, log_horizons(steps, count), aim, states[0], sequences[0], warmup, _lacking(reading))


def _lacking(reading: Reading) -> str:
    """Why derivatives by theta cannot be followed, if so."""
    cell, numbers = reading.model.cell, reading.model.d * reading.layout.size
    if not cell.has("grad"):
        return f"the cell {cell.name!r} lacks the gradient by its parameters, grad"
    if numbers == 0:
        return f"nothing of {cell.name!r} is trainable"
    if numbers > MOST_NUMBERS:
        return f"dz/dtheta would be {numbers:,} numbers, more than {MOST_NUMBERS:,}"
    return ""


class _Growth:
    """What has been measured so far, as lists that grow."""

    def __init__(self, plan: _Plan) -> None:
        self.plan = plan
        self.rows: list[tuple[int, float, float, float]] = []
        self.marks: list[tuple[int, float]] = [(0, 0.0)]
        model = plan.reading.model
        self._unit = model.time_step or 1.0
        self._told: dict[str, Any] = {"regime": "driven", "exponent": math.nan, "exponent_stderr": math.nan}
        if not plan.driven:
            found = model.regime_from(plan.x0)
            self._told = {"regime": found.name, "exponent": found.exponent, "exponent_stderr": found.stderr}
            self._told["period"] = found.period

    def note(self, run: Sensitivity) -> None:
        """Measure a horizon."""
        tangent, gradient = math.nan, math.nan
        if run.S.shape[1]:
            tangent = _log(float(np.linalg.norm(run.S))) + run.log_S
            gradient = _log_gradient(self.plan, run)
        self.rows.append((run.time, self.log_norm(run), tangent, gradient))

    def mark(self, run: Sensitivity) -> None:
        """Measure the end of a block."""
        self.marks.append((run.time, self.log_norm(run)))

    @staticmethod
    def log_norm(run: Sensitivity) -> float:
        return _log(float(np.linalg.norm(run.M, 2))) + run.log_M

    def result(self) -> GradientHorizons:
        columns = np.array(self.rows, dtype=float).reshape(-1, 4).T
        times, logs = np.array(self.marks).T
        rate = growth_rate(times.astype(np.int64), logs) if len(times) > 2 else (math.nan, math.nan)
        model = self.plan.reading.model
        return GradientHorizons(
            horizons=columns[0].astype(np.int64),
            log_norms=columns[1],
            log_tangents=columns[2],
            log_gradients=columns[3],
            slope=rate[0] / self._unit,
            stderr=rate[1] / self._unit,
            unit="step" if model.time_step is None else "time",
            time_step=self._unit,
            lacking=self.plan.lacking,
            **self._told,
        )


def _follow(plan: _Plan) -> Iterator[GradientHorizons]:
    """Follow the derivatives, and at last the largest exponent by itself."""
    growth = _Growth(plan)
    model = plan.reading.model
    shown = time.perf_counter()
    for run, ended in _along(plan):
        if ended.horizon:
            growth.note(run)
        if ended.block:
            growth.mark(run)
        if growth.rows and time.perf_counter() - shown > _PIECE:
            yield growth.result()
            shown = time.perf_counter()
    found = growth.result()
    for spectrum in follow_spectrum(
        model.cell, model._p, x0=plan.x0, inputs=plan.inputs, k=1, steps=plan.steps, warmup=plan.warmup,
        dt=model.time_step,
    ):  # fmt: skip
        found = replace(found, exponent=float(spectrum.exponents[0]), exponent_stderr=float(spectrum.stderr[0]))
        yield found


class _Ended(NamedTuple):
    """What has ended where a run has come to."""

    horizon: bool
    block: bool


def _along(plan: _Plan) -> Iterator[tuple[Sensitivity, _Ended]]:
    """Follow the derivatives, and stop at every horizon, at the end of every block, and where a piece is done."""
    horizons = set(plan.horizons.tolist())
    length = max(1, plan.steps // _BLOCKS)
    blocks = {*range(length, plan.steps + 1, length), plan.steps}
    given = plan.inputs[: plan.warmup + 1] if plan.driven else None
    start = plan.reading.model.orbit(1, x0=plan.x0, inputs=given, warmup=plan.warmup)[0]
    inputs = plan.inputs[plan.warmup :] if plan.driven else plan.inputs
    run = Sensitivity(plan.reading, x0=start, inputs=inputs, by_weights=not plan.lacking)
    for stop in sorted(horizons | blocks):
        while run.time < stop:
            try:
                run.advance(stop)
            except DivergenceError as error:
                raise DivergenceError(plan.warmup + error.step) from None
            yield run, _Ended(run.time in horizons, run.time in blocks)


def _log_gradient(plan: _Plan, run: Sensitivity) -> float:
    """Return the logarithm of the norm of dL/dtheta, L the mean squared error of the outputs of this state."""
    readout, units = plan.reading.readout, run.state[plan.reading.units]
    by_output = 2.0 / readout.outputs * (readout(units) - plan.target)
    by_state = by_output @ readout.B
    with np.errstate(over="ignore", invalid="ignore"):  # an orbit that is about to leave the range of floats
        through = _log(float(np.linalg.norm(by_state @ run.S[plan.reading.units]))) + run.log_S
    if not readout.trainable:
        return through
    # The readout's own share: dL/dB is an outer product, and dL/dbias its first factor.
    inside = float(units @ units) + (readout.bias is not None)
    own = _log(float(np.linalg.norm(by_output)) * math.sqrt(inside))
    return float(np.logaddexp(2.0 * through, 2.0 * own) / 2.0)


def _log(norm: float) -> float:
    return math.log(norm) if norm > 0.0 else -math.inf
