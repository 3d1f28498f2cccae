"""The largest exponent of many random networks: at several gains, over several seeds, of one or two sizes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lyaplab.model import Model
from lyaplab.model.many import iter_many_spectra

__all__ = ["GAINS", "SEEDS", "Swept", "follow_sweep", "gains_of", "sweep_length"]

Array = NDArray[np.float64]

GAINS, SEEDS = 10, 4
"""Gains at which networks are measured, and networks at each."""

_FIRST, _LAST = 0.6, 2.4
# The other size is measured between those gains, so that its marks lie beside and not on the others.
_ASIDE = 0.05
# Steps of 100 units; a map's are worth about five of a flow's.
_STEPS, _FLOW_STEPS = 1500, 6000
_LEAST, _LEAST_FLOW = 400, 1600


class Swept(NamedTuple):
    """What is known of one size: a row for each gain, NaN for a network that is not measured yet.

    Attributes
    ----------
    n : int
    gains : ndarray, shape (G,)
    exponents : ndarray, shape (G, S)
    """

    n: int
    gains: Array
    exponents: Array

    @property
    def mean(self) -> Array:
        """Mean over the seeds that are done, shape (G,); NaN where none is."""
        count = np.isfinite(self.exponents).sum(axis=1)
        total = np.nansum(self.exponents, axis=1)
        return np.where(count > 0, total / np.maximum(count, 1), np.nan)

    @property
    def stderr(self) -> Array:
        """Standard error of that mean, from the scatter over seeds; NaN for fewer than two."""
        count = np.isfinite(self.exponents).sum(axis=1)
        squares = np.nansum((self.exponents - self.mean[:, None]) ** 2, axis=1)
        enough = np.maximum(count - 1, 1)
        return np.where(count > 1, np.sqrt(squares / enough / np.maximum(count, 1)), np.nan)

    @property
    def done(self) -> float:
        """Share of the networks that are measured."""
        return float(np.isfinite(self.exponents).mean())


@dataclass(frozen=True, eq=False)
class _Plan:
    n: int
    gains: Array
    steps: int
    warmup: int


def gains_of(*, aside: bool) -> Array:
    """The gains at which a size is measured, shape (GAINS,)."""
    return np.round(np.linspace(_FIRST, _LAST, GAINS) + (_ASIDE if aside else 0.0), 4)


def sweep_length(n: int, *, flow: bool) -> tuple[int, int]:
    """Steps and warm-up of the measurement of one network of a sweep.

    Examples
    --------
    >>> sweep_length(100, flow=False), sweep_length(500, flow=False)
    ((1500, 500), (400, 500))
    """
    share = min(1.0, (100 / n) ** 2)
    if flow:
        return max(_LEAST_FLOW, int(_FLOW_STEPS * share)), 1000
    return max(_LEAST, int(_STEPS * share)), 500


def follow_sweep(model: Model, sizes: tuple[int, ...]) -> Iterator[tuple[Swept, ...]]:
    """Measure networks like the model, size after size; yield what is known whenever there is news.

    All gains are measured with one seed before the next: there is a curve at once, and its errors shrink.
    """
    flow = model.time_step is not None
    plans = [_Plan(n, gains_of(aside=place > 0), *sweep_length(n, flow=flow)) for place, n in enumerate(sizes)]
    known = [np.full((GAINS, SEEDS), np.nan) for _ in plans]
    scalars: dict[str, Any] = {p.name: float(model.weights[p.name]) for p in model.card.parameters if not p.shape}
    for plan, seed in product(plans, range(SEEDS)):
        nets = [Model(model.cell, n=plan.n, gain=float(gain), seed=seed, **scalars) for gain in plan.gains]
        for spectra in iter_many_spectra(nets, plan.steps, k=1, warmup=plan.warmup):
            known[plans.index(plan)][:, seed] = spectra.exponents[:, 0]
            yield tuple(Swept(p.n, p.gains, t.copy()) for p, t in zip(plans, known, strict=True))
