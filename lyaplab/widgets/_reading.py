"""Numbers put into words: what an exponent means, and how many digits its error bar leaves."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from lyaplab.drawing.numbers import measured, raised, short

__all__ = ["estimate", "measured", "place", "power_of_ten", "reading", "regime", "short", "told"]


def place(x: float) -> str:
    """Write a state: what has come down to rounding is 0.

    Examples
    --------
    >>> place(0.68750001), place(3e-104)
    ('0.688', '0')
    """
    return short(x) if abs(x) > 1e-9 else "0"


def told(value: float, stderr: float) -> str:
    """Write an estimate with its error; one below a millionth is rounding and the like, and not worth its digits.

    Examples
    --------
    >>> told(0.69312, 0.0012), told(-0.0169571125, 1.4e-12), told(1e-12, 1e-9)
    ('0.6931 ± 0.0012', '−0.016957', '0')
    """
    if stderr > 1e-6:
        return measured(value, stderr)
    return short(value, 5) if abs(value) > 1e-9 else "0"


def estimate(value: float, stderr: float) -> str:
    """Write an estimate near zero: no more than four decimals, and no zero with a sign.

    Examples
    --------
    >>> estimate(-0.00000425, 1.2e-7), estimate(-0.00002, 0.0015), estimate(0.08849, 0.00328)
    ('0.0000 ± 0.0001', '0.0000 ± 0.0015', '0.0885 ± 0.0033')
    """
    if not stderr < 1e-2 or not math.isfinite(value):
        return measured(value, stderr)
    return f"{round(value, 4) + 0.0:.4f} ± {max(stderr, 1e-4):.4f}".replace("-", "−")


def reading(exponent: float, stderr: float = 0.0, *, unit: str = "step") -> str:
    """Say in one sentence what a Lyapunov exponent means for a small error.

    Parameters
    ----------
    exponent : float
        In nats per `unit`.
    stderr : float
        Its standard error; within two of it the exponent cannot be told from zero.
    unit : str
        "step" or "time".

    Examples
    --------
    >>> reading(-0.5108)
    '−0.511 per step: after 10 steps an error is 170 times smaller.'
    >>> reading(0.693147)
    '0.693 per step: a small error doubles every 1 step.'
    """
    per = "unit of time" if unit == "time" else "step"
    many = "units of time" if unit == "time" else "steps"
    if math.isnan(exponent):
        return "The exponent is not known."
    if exponent == -math.inf:
        return f"−∞ per {per}: the slope is 0 on the way, an error is wiped out."
    value = f"{short(exponent)} per {per}"
    spread = stderr if stderr == stderr else 0.0
    if abs(exponent) <= max(2 * spread, 1e-6):
        return f"{value}: errors neither grow nor shrink exponentially."
    if exponent < 0:
        span, factor = _span(-exponent)
        return f"{value}: after {span} {many} an error is {factor} times smaller."
    doubling = math.log(2) / exponent
    return f"{value}: a small error doubles every {short(doubling)} {per if short(doubling) == '1' else many}."


def _span(rate: float) -> tuple[int, str]:
    """Choose how many steps to speak of, so that the factor is a number one can picture."""
    span = 10
    while rate * span < 0.7 and span < 10**6:
        span *= 10
    factor = math.exp(min(rate * span, 700.0))
    if factor >= 1e6:
        return span, f"10{raised(round(math.log10(factor)))}"
    return span, f"{float(f'{factor:.2g}'):,.0f}" if factor >= 10 else short(factor, 2)


def power_of_ten(power: int) -> str:
    """Write a power of ten.

    Examples
    --------
    >>> power_of_ten(-9)
    '10⁻⁹'
    """
    return f"10{raised(power)}"


def regime(tail: NDArray[np.float64]) -> str:
    """Say where an orbit of one variable has gone: to rest, into a cycle, or nowhere that repeats.

    Parameters
    ----------
    tail : ndarray, shape (T,)
        The orbit after it has settled.

    Examples
    --------
    >>> regime(np.array([0.2, 0.8] * 20)), regime(np.zeros(40))
    ('repeats every 2 steps (0.2, 0.8)', 'rests at 0')
    """
    near = 1e-6 * max(1.0, float(np.ptp(tail)))
    for period in range(1, 17):
        if np.abs(tail[period:] - tail[:-period]).max() < near:
            if period == 1:
                return f"rests at {place(float(tail[-1]))}"
            visited = ", ".join(place(float(x)) for x in np.sort(tail[-period:])[:8])
            return f"repeats every {period} steps ({visited}{', …' if period > 8 else ''})"
    low, high = place(float(tail.min())), place(float(tail.max()))
    return f"does not repeat within {len(tail)} steps and stays between {low} and {high}"
