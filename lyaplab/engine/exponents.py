"""The Lyapunov spectrum as a result: exponents with their errors, convergence, dimension, entropy and sum rule."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lyaplab.engine.dimension import entropy_rate, kaplan_yorke
from lyaplab.engine.result import Result

__all__ = ["Spectrum", "spectrum_of_batch"]

Array = NDArray[np.float64]

# Nats per step: rounding and an adaptive interval cost a millionth of it.
_RULE_BROKEN = 1e-3


@dataclass(frozen=True, repr=False)
class Spectrum(Result):
    """Lyapunov exponents of one orbit, or their mean over a batch of input sequences.

    Parameters
    ----------
    exponents : ndarray(float, shape=(k,))
        In descending order, in nats per `unit`.
    stderr : ndarray(float, shape=(k,))
        Standard errors: of block averages along the run, or over the sequences of a batch.
    times : ndarray(float, shape=(checkpoints,))
        Lengths of run, in `unit`, that the history was taken at.
    history : ndarray(float, shape=(checkpoints, k))
        Running estimates at these times.
    steps : int
        Steps that were counted (for each sequence).
    unit : str
        "step" for maps, "time" for flows.
    sum_rule_error : float
        |sum of the exponents - mean log|det J|| over the last steps of the run, in nats per `unit`; NaN when k < d,
        infinite when only one of the two is.
    orthonormalisations : int
        How often the tangents were re-orthonormalised.
    target : float or None
        The standard error asked for by ``until=``.
    sequences : ndarray(float, shape=(B, k)) or None
        Exponents of every sequence of a batch, each in descending order; their mean is `exponents`.
    """

    exponents: Array
    stderr: Array
    times: Array
    history: Array
    steps: int
    unit: str = "step"
    sum_rule_error: float = math.nan
    orthonormalisations: int = 0
    target: float | None = None
    sequences: Array | None = None

    @property
    def kaplan_yorke(self) -> float:
        """Kaplan-Yorke dimension (a lower bound when fewer than all exponents are known and their sum is positive)."""
        return kaplan_yorke(self.exponents)

    @property
    def entropy_rate(self) -> float:
        """Sum of the positive exponents, in nats per `unit`."""
        return entropy_rate(self.exponents)

    @property
    def converged(self) -> bool:
        """Whether every standard error is below the one asked for (True when none was)."""
        return self.target is None or bool(np.all(self.stderr[np.isfinite(self.exponents)] < self.target))

    @property
    def note(self) -> str:
        """What the reader should know of the run, or an empty string."""
        if not self.converged:
            known = self.stderr[np.isfinite(self.stderr)]
            worst = f"is {known.max():.2g}" if len(known) else "cannot be told"
            return (
                f"stopped at the cap of {self.steps} steps: the greatest standard error {worst},"
                f" {self.target:.2g} was asked for"
            )
        dead = np.isneginf(self.exponents).any()
        if dead and math.isinf(self.sum_rule_error):
            return "-inf may mean a direction that one step shrinks beyond double precision: the sum rule disagrees"
        if dead and math.isnan(self.sum_rule_error):
            return "-inf may mean a direction that one step shrinks beyond double precision: only k = d could tell"
        if self.sum_rule_error > _RULE_BROKEN / (self.times[-1] / self.steps):
            return (
                f"the sum of the exponents misses the mean log|det J| by {self.sum_rule_error:.2g}:"
                " the least of them are not resolved"
            )
        return ""

    def table(self) -> dict[str, np.ndarray]:
        """Return the columns exponent and stderr."""
        return {"exponent": self.exponents, "stderr": self.stderr}

    def __repr__(self) -> str:
        shown = [f"{e:.4f}±{s:.1g}" for e, s in zip(self.exponents[:4], self.stderr[:4], strict=True)]
        more = f", ... {len(self.exponents)} in all" if len(self.exponents) > 4 else ""
        rule = "" if math.isnan(self.sum_rule_error) else f", sum rule to {self.sum_rule_error:.1g}"
        note = f"; {self.note}" if self.note else ""
        return (
            f"Spectrum({', '.join(shown)}{more} per {self.unit}; {self.steps} steps,"
            f" Kaplan-Yorke dimension {self.kaplan_yorke:.3g}{rule}{note})"
        )


def spectrum_of_batch(spectra: list[Spectrum]) -> Spectrum:
    """Join the spectra of several input sequences: mean exponents, and their scatter as the error."""
    each = np.array([s.exponents for s in spectra])
    first = spectra[0]
    # A direction that is dead in every sequence has no scatter; one that is dead in some has no error that means much.
    with np.errstate(invalid="ignore"):
        spread = each.std(axis=0, ddof=1) / math.sqrt(len(each)) if len(each) > 1 else first.stderr
    scatter = np.where(np.isneginf(each).all(axis=0), 0.0, spread)
    length = min(len(s.times) for s in spectra)
    return Spectrum(
        exponents=each.mean(axis=0),
        stderr=scatter,
        times=first.times[:length],
        history=np.mean([s.history[:length] for s in spectra], axis=0),
        steps=first.steps,
        unit=first.unit,
        sum_rule_error=float(np.max([s.sum_rule_error for s in spectra])),
        orthonormalisations=sum(s.orthonormalisations for s in spectra),
        target=first.target,
        sequences=each,
    )
