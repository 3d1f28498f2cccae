"""From a table in any units to a series in standard deviations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lyaplab.data.series import SHORTEST, Series
from lyaplab.errors import number, positive_int

__all__ = ["standardised"]

Array = NDArray[np.float64]

# A column that varies by less than this share of its size is constant but for rounding.
_ROUNDING = 1e-12


def standardised(
    raw: Array, names: Sequence[str], *, noise: float = 0.0, seed: int = 0, time_step: float = 1.0, **said: Any
) -> Series:
    """Make a series of a table: each column to mean 0 and standard deviation 1, then noise on top.

    Parameters
    ----------
    raw : ndarray(float, shape=(T, N))
        In the units of the source.
    names : sequence of str
    noise : float, optional
        Standard deviation of independent normal noise, as a share of each column's.
    seed : int, optional
        Of the noise.
    time_step : float, optional
        Time between rows.
    **said
        Other fields of `Series`.

    Raises
    ------
    ValueError
        If there are fewer than 10 rows, a column is constant, or names are repeated.

    Examples
    --------
    >>> standardised(np.arange(10.0)[:, None] % 2, ["tick"]).values[:2, 0]
    array([-1.,  1.])
    """
    if len(raw) < SHORTEST:
        raise ValueError(f"a series needs {SHORTEST} rows or more, got {len(raw)}")
    if len(set(names)) < len(names):
        raise ValueError(f"names must all be different, got {', '.join(names)}")
    noise = number("noise", noise, low=0.0)
    rng = np.random.default_rng([positive_int("seed", seed, minimum=0), 1])
    time_step = number("time_step", time_step, low=0.0)
    if time_step == 0.0:
        raise ValueError("time_step must be positive, got 0")
    # Dividing first keeps huge and tiny numbers within the range of their squares.
    largest = np.abs(raw).max(axis=0)
    shares = raw / np.where(largest > 0.0, largest, 1.0)
    spread = shares.std(axis=0)
    still = np.flatnonzero(spread <= _ROUNDING)
    if len(still):
        place = int(still[0])
        raise ValueError(f"column {names[place]!r} must vary, got the constant {raw[0, place]:g}")
    centre = shares.mean(axis=0)
    values = (shares - centre) / spread
    if noise:
        values += noise * rng.standard_normal(values.shape)
    return Series(
        values=values,
        mean=centre * largest,
        scale=spread * largest,
        names=tuple(names),
        time_step=time_step,
        noise=noise,
        **said,
    )
