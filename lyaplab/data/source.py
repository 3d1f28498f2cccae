"""A system as a source of series: its orbit from a seed, and its largest exponent, measured once for all settings.

The exponent, and with it the predictability time, is measured on the very steps that make the series. It is not copied:
published ones belong to other parameters more often than they say.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lyaplab.data.columns import Columns
from lyaplab.data.scaling import standardised
from lyaplab.data.series import Series
from lyaplab.errors import number, positive_int
from lyaplab.model import Model

__all__ = ["WARMUP", "Source"]

Array = NDArray[np.float64]

# The exponent of a system of d variables is measured over so many steps, divided by d: a fraction of a second.
_EFFORT = 6_000_000
# Steps before an orbit counts as being on its attractor.
WARMUP = 2_000
# Seeds move the start by up to this share; chaos makes another orbit of it during the warm-up.
_START = 0.1


class Source:
    """A system whose orbits become series.

    Parameters
    ----------
    cell : str
        A flow.
    params : dict
        Numbers by the names of the cell's card.
    seed : int
        Of the start and of the noise.
    warmup : int
        Steps before the first row.

    Examples
    --------
    >>> source = Source("lorenz63", {"rho": 28.0}, seed=0, warmup=1000)
    >>> source.series(source.orbit(500), ("x", "y", "z"), noise=0.0).values.shape
    (500, 3)
    """

    def __init__(self, cell: str, params: dict[str, Any], *, seed: int, warmup: int) -> None:
        self.params: dict[str, Any] = {
            name: value if type(value) is int else number(name, value) for name, value in params.items()
        }
        self.model = Model(cell, **self.params)
        self.seed = positive_int("seed", seed, minimum=0)
        self.warmup = positive_int("warmup", warmup, minimum=0)

    def orbit(self, length: int) -> Array:
        """Rows of states."""
        rng = np.random.default_rng([self.seed, 0])
        start = self.model.start * (1.0 + rng.uniform(-_START, _START))
        return self.model.orbit(positive_int("length", length), x0=start, warmup=self.warmup)

    def series(
        self,
        table: Array,
        names: tuple[str, ...],
        *,
        noise: float,
        observed: Columns | None = None,
        unit: str = "time",
    ) -> Series:
        """Scale a table, add noise and what is known of the system, and keep what is observed of it."""
        exponent, stderr = _largest_exponent(self.model.cell.name, tuple(self.params.items()))
        settings = ", ".join(f"{name}={value:.4g}" for name, value in self.params.items())
        whole = standardised(
            table,
            names,
            noise=noise,
            seed=self.seed,
            time_step=_step_of(self.model),
            unit=unit,
            name=self.model.cell.name,
            source=f"{self.model.card.title}, {settings}",
            exponent=exponent,
            exponent_stderr=stderr,
            exponent_from="generator",
        )
        return whole if observed is None else whole.observe(observed)


@lru_cache(maxsize=128)
def _largest_exponent(cell: str, params: tuple[tuple[str, float], ...]) -> tuple[float, float]:
    """The largest exponent of a system and its standard error, in nats per step."""
    settings: dict[str, Any] = dict(params)
    model = Model(cell, **settings)
    steps = max(10_000, _EFFORT // model.d)
    spectrum = model.lyapunov_spectrum(steps, k=1, warmup=5 * WARMUP)
    step = _step_of(model)
    return float(spectrum.exponents[0]) * step, float(spectrum.stderr[0]) * step


def _step_of(model: Model) -> float:
    """The time step of a flow."""
    step = model.time_step
    assert step is not None  # all systems of this file are flows
    return step
