"""The verdict: what the exponents, the orbit's return and other starts together say, and when they leave it open."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from lyaplab.drawing.numbers import measured
from lyaplab.engine.exponents import Spectrum
from lyaplab.engine.regime import Regime, resolution
from lyaplab.report.parts import Verdict
from lyaplab.report.phrases import with_error

__all__ = ["agreement", "driven_verdict", "verdict_of"]

Array = NDArray[np.float64]

_NONE = np.empty(0)


def verdict_of(
    regime: Regime, spectrum: Spectrum | None, *, others: Array = _NONE, others_stderr: Array = _NONE
) -> Verdict:
    """Judge a network without input.

    Parameters
    ----------
    regime : Regime
        What a short run of its usual start does.
    spectrum : Spectrum or None
        The spectrum of a longer run, where there is one.
    others, others_stderr : ndarray(float, shape=(S,))
        Largest exponents from other starts; NaN where they diverge.

    Returns
    -------
    Verdict

    Examples
    --------
    >>> verdict_of(Regime("chaos", 0.5, 0.01), None).words
    'chaotic: the largest exponent is 0.500 ± 0.010 per step'
    """
    exponent, stderr = regime.exponent, regime.stderr
    if spectrum is not None:
        exponent, stderr = float(spectrum.exponents[0]), float(spectrum.stderr[0])
    if not math.isfinite(stderr):
        stderr = regime.stderr if math.isfinite(regime.stderr) else math.inf
    if regime.name == "divergent":
        name, words = "divergent", str(regime)
    else:
        name, words = _judged(regime, exponent, stderr, spectrum)
    agree = agreement(exponent, stderr, others, others_stderr)
    return Verdict(name, words, exponent, stderr, others, others_stderr, agree, regime.unit)


def _judged(regime: Regime, exponent: float, stderr: float, spectrum: Spectrum | None) -> tuple[str, str]:
    said = f"the largest exponent is {with_error(exponent, stderr, regime.unit)}"
    sign = _sign(exponent, stderr)
    if sign > 0:
        if regime.name in ("chaos", "quasi-periodic"):
            return "chaos", f"chaotic: {said}"
        return "undecided", f"undecided: {said}, but a shorter run {_seen(regime)}"
    if sign < 0:
        if regime.name in ("fixed point", "cycle"):
            return regime.name, f"{_seen(regime)}: {said}"
        if regime.name == "quasi-periodic":
            return "cycle", f"settles to a cycle of more than 64 steps, or slowly to one: {said}"
        return "undecided", f"undecided: {said}, but a shorter run looked chaotic (a long transient does that)"
    if regime.name == "fixed point" or regime.period is not None:
        return regime.name, f"{_seen(regime)}, marginally: {said}, not told from 0"
    if stderr > resolution(0.0) or regime.name == "chaos":
        return "undecided", f"undecided: {said}, not told from 0; a run with more steps may decide"
    if regime.unit == "time" and spectrum is not None and len(spectrum.exponents) > 1:
        second = float(spectrum.exponents[1]), float(spectrum.stderr[1])
        if _sign(*second) < 0:
            return "cycle", f"periodic, a limit cycle: {said}, and the second {measured(*second)}"
    return "quasi-periodic", f"periodic or quasi-periodic: {said}, 0 within its resolution"


def driven_verdict(spectrum: Spectrum) -> Verdict:
    """Judge a network under its inputs."""
    exponent, stderr = float(spectrum.exponents[0]), float(spectrum.stderr[0])
    error = stderr if math.isfinite(stderr) else math.inf
    said = f"the largest exponent under these inputs is {with_error(exponent, stderr, spectrum.unit)}"
    sign = _sign(exponent, error)
    if sign < 0:
        name, words = "contracting", f"contracting: {said}"
    elif sign > 0:
        name, words = "chaos", f"chaotic under these inputs: {said}"
    else:
        name, words = "undecided", f"undecided: {said}, not told from 0; longer or more inputs may decide"
    return Verdict(name, words, exponent, stderr, _NONE, _NONE, unit=spectrum.unit)


def agreement(exponent: float, stderr: float, others: Array, others_stderr: Array) -> bool:
    """Whether all other starts have this exponent, within three errors of the difference and what can be resolved."""
    if not len(others):
        return True
    if not np.isfinite(others).all():
        return bool(np.array_equal(others, np.full(len(others), exponent), equal_nan=True))
    errors = np.hypot(np.nan_to_num(others_stderr), stderr if math.isfinite(stderr) else 0.0)
    return bool((np.abs(others - exponent) <= np.maximum(3.0 * errors, resolution(0.0))).all())


def _sign(exponent: float, stderr: float) -> int:
    if exponent == -math.inf:
        return -1
    certain = resolution(stderr)
    return int(exponent > certain) - int(exponent < -certain)


def _seen(regime: Regime) -> str:
    """The regime in words, without its exponent."""
    return str(regime).partition(" (")[0]
