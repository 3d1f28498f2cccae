"""What an orbit does in the long run, told from its largest exponent and from whether it comes back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lyaplab.engine.lyapunov import follow_spectrum
from lyaplab.engine.orbit import orbit
from lyaplab.engine.result import last
from lyaplab.errors import DivergenceError
from lyaplab.kernel import Cell

__all__ = ["Regime", "recurrence", "regime", "resolution"]

Array = NDArray[np.float64]

_LONGEST_PERIOD = 64
# Coming back this close, relative to the extent of the states, counts as the same state.
_RETURN = 1e-6
# Exponents below this, per unit, are not told from zero.
_ZERO = 2e-3
# A run that leaves it open whether the exponent is zero is done again this many times as long, ...
_LONGER = 8
# ... as long as steps times squared state variables stay below this: up to about a second.
_WORK = 1e9


@dataclass(frozen=True)
class Regime:
    """The long run of one orbit.

    Parameters
    ----------
    name : str
        "fixed point", "cycle", "quasi-periodic", "chaos" or "divergent".
    exponent, stderr : float
        Largest Lyapunov exponent and its standard error, per `unit`.
    period : int or None
        Period of a cycle of a map, in steps.
    step : int or None
        First step that left the range of floats; None for an orbit that grows but has not come so far.
    unit : str
        "step" or "time".
    """

    name: str
    exponent: float
    stderr: float
    period: int | None = None
    step: int | None = None
    unit: str = "step"

    def __str__(self) -> str:
        if self.name == "divergent":
            if self.step is None:
                return f"divergent: grows without bound ({self.exponent:.3g} nats per {self.unit})"
            return f"divergent: leaves the range of floats at step {self.step}"
        what = {
            "fixed point": "settles to a fixed point",
            "cycle": f"settles to a cycle of period {self.period}" if self.period else "settles to a cycle",
            "quasi-periodic": "quasi-periodic or marginal",
            "chaos": "chaotic",
        }[self.name]
        return f"{what} (largest exponent {self.exponent:.3g} ± {self.stderr:.1g} per {self.unit})"


def regime(
    cell: Cell,
    p: tuple[Array, ...],
    *,
    x0: Array,
    inputs: Array,
    steps: int = 4_000,
    warmup: int = 1_000,
    dt: float | None = None,
) -> Regime:
    """Tell the regime of the orbit of `x0` under a constant input.

    Parameters
    ----------
    cell, p : Cell, tuple of ndarray
        The system and its parameters.
    x0 : ndarray(float, shape=(n,))
        First state.
    inputs : ndarray(float, shape=(m,))
        The constant input.
    steps, warmup : int, optional
        Length of the run.
    dt : float, optional
        Time step of a flow.

    Returns
    -------
    Regime
    """
    unit = "step" if dt is None else "time"
    try:
        exponent, error_bar = _largest_exponent(cell, p, x0, inputs, steps, warmup, dt)
        tail = orbit(cell, p, x0=x0[None], inputs=inputs[None, None], steps=steps, warmup=warmup)[:, 0]
    except DivergenceError as error:
        return Regime("divergent", float("nan"), float("nan"), step=error.step, unit=unit)
    # A flow moves by dt in a step: it has to move that much less to count as at rest.
    period = recurrence(tail, _RETURN * (dt or 1.0))
    certain = resolution(error_bar)
    if period == 1 or (exponent < -certain and _settles(tail)):
        return Regime("fixed point", exponent, error_bar, unit=unit)
    if dt is None and period is not None and exponent < _ZERO:
        return Regime("cycle", exponent, error_bar, period=period, unit=unit)
    if exponent > certain:
        name = "divergent" if _grows(tail, exponent * steps * (dt or 1.0)) else "chaos"
        return Regime(name, exponent, error_bar, unit=unit)
    if exponent < -certain:
        # Contracting, but not back within the run: a long cycle of a map; a flow has no stable one but rest.
        return Regime("fixed point" if dt is not None else "cycle", exponent, error_bar, unit=unit)
    return Regime("cycle" if dt is not None else "quasi-periodic", exponent, error_bar, unit=unit)


def resolution(stderr: float) -> float:
    """Return how far from zero an exponent with this standard error must be to count as positive or negative.

    Examples
    --------
    >>> resolution(0.01), resolution(0.0)
    (0.03, 0.002)
    """
    return max(3.0 * stderr, _ZERO)


def _largest_exponent(
    cell: Cell, p: tuple[Array, ...], x0: Array, inputs: Array, steps: int, warmup: int, dt: float | None
) -> tuple[float, float]:
    """Measure the largest exponent and its standard error, in a longer run where a short one leaves the sign open."""
    while True:
        spectrum = last(follow_spectrum(cell, p, x0=x0, inputs=inputs[None], k=1, steps=steps, warmup=warmup, dt=dt))
        exponent, error_bar = float(spectrum.exponents[0]), float(spectrum.stderr[0])
        steps *= _LONGER
        if not _ZERO < exponent <= 3 * error_bar or steps * (len(x0) ** 2 + 50) > _WORK:
            return exponent, error_bar


def _settles(states: Array) -> bool:
    """Whether steps get shorter along the run: still on the way to rest. On a cycle they stay as they are."""
    lengths = np.abs(np.diff(states, axis=0)).max(axis=1)
    part = max(1, len(lengths) // 8)
    return bool(lengths[-part:].max() < 0.5 * lengths[:part].max())


def _grows(states: Array, nats: float) -> bool:
    """Whether the states themselves grow as their differences do, by about `nats` over the run: no chaos, no bound."""
    part = max(1, len(states) // 8)
    first, last = float(np.abs(states[:part]).max()), float(np.abs(states[-part:]).max())
    return last > first * np.exp(min(max(2.0, 0.4 * nats), 700.0))


def recurrence(states: Array, near: float) -> int | None:
    """Return the least period with which the last states come back, as near as `near` times their size, or None.

    Examples
    --------
    >>> recurrence(np.array([[3.0], [1.0], [2.0], [1.0], [2.0], [1.0], [2.0]])[1:], 1e-6)
    2
    """
    last = states[-min(len(states), 4 * _LONGEST_PERIOD) :]
    # The scale is that of the whole run: an orbit that still shrinks towards 0 has come to rest all the same.
    scale = 1e-12 + float(np.abs(states).max())
    for period in range(1, min(_LONGEST_PERIOD, len(last) // 2) + 1):
        if np.abs(last[period:] - last[:-period]).max() <= near * scale:
            return period
    return None
