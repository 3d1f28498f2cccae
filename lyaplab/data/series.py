"""A series that networks are fed with: rows in time, in standard deviations, with the exponent of what made it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lyaplab.data.columns import Columns, column_places
from lyaplab.engine.embedding import choose_lag, delay_points
from lyaplab.engine.from_data import lyapunov_from_data
from lyaplab.engine.result import Result
from lyaplab.errors import finite_array, number, positive_int

__all__ = ["SHORTEST", "Series"]

Array = NDArray[np.float64]

# Rows below which a table is not taken for a series, nor a part of one for a part.
SHORTEST = 10


@dataclass(frozen=True, repr=False, kw_only=True)
class Series(Result):
    """Rows in time, each column with mean 0 and standard deviation 1 before noise was added.

    Parameters
    ----------
    values : ndarray(float, shape=(T, N))
        What a network is to learn.
    mean, scale : ndarray(float, shape=(N,))
        Of the columns as they came: ``values * scale + mean`` are in the source's units.
    names : tuple of str
        One for each column.
    time_step : float
        Time between rows, in `unit`.
    unit : str
        Of time.
    name, source : str
        In a word, and in a sentence.
    noise : float
        Standard deviation of the noise that was added, as a share of each column's own.
    exponent, exponent_stderr : float
        Largest Lyapunov exponent of the source and its standard error, in nats per row; NaN where unknown.
    exponent_from : str
        "generator": measured by tangents of the equations. "rosenstein": from the values. "given", or "" where there
        is none.
    """

    values: Array
    mean: Array
    scale: Array
    names: tuple[str, ...]
    time_step: float = 1.0
    unit: str = "time"
    name: str = "series"
    source: str = ""
    noise: float = 0.0
    exponent: float = math.nan
    exponent_stderr: float = math.nan
    exponent_from: str = ""

    def __post_init__(self) -> None:
        # A file holds them as a list.
        object.__setattr__(self, "names", tuple(self.names))

    def __len__(self) -> int:
        return len(self.values)

    @property
    def tau_pred(self) -> float:
        """Predictability time ln 2 / exponent in rows, in which a small error doubles.

        Infinite when the exponent is not positive, NaN when it is unknown. A generator's exponent counts as positive
        from two standard errors on: that of a cycle comes out as a tiny number of either sign.
        """
        if math.isnan(self.exponent):
            return math.nan
        doubt = 2.0 * self.exponent_stderr if self.exponent_from == "generator" else 0.0
        return math.log(2.0) / self.exponent if self.exponent > doubt else math.inf

    @property
    def times(self) -> Array:
        """Times of the rows in `unit`, the first 0."""
        return self.time_step * np.arange(len(self), dtype=np.float64)

    def split(self, at: float = 0.5) -> tuple[Series, Series]:
        """Return what comes before and after a share of the rows, in the same units: nothing is scaled anew.

        Parameters
        ----------
        at : float, optional
            Share of the rows in the first part.

        Returns
        -------
        before, after : Series

        Raises
        ------
        ValueError
            If a part has fewer than 10 rows.

        Examples
        --------
        >>> import lyaplab as ll
        >>> train, test = ll.data.sunspot_series().split(at=0.8)
        >>> len(train), len(test)
        (247, 62)
        """
        row = round(number("at", at, low=0.0, high=1.0) * len(self))
        if min(row, len(self) - row) < SHORTEST:
            raise ValueError(
                f"at must leave {SHORTEST} rows or more on both sides, got {at:g}: {row} and {len(self) - row}"
            )
        return replace(self, values=self.values[:row].copy()), replace(self, values=self.values[row:].copy())

    def observe(self, columns: Columns) -> Series:
        """Return the series of some of the columns: what is left to a network that sees a part of the state.

        Parameters
        ----------
        columns : str, int, or sequence of these
            Names, or places from 0.

        Returns
        -------
        Series
            With the same exponent: it belongs to the source, whatever of it is seen.

        Raises
        ------
        ValueError
            If there is no such column, or one is named twice.

        Examples
        --------
        >>> import lyaplab as ll
        >>> ll.data.lorenz63(1000).observe(["y", "z"]).names
        ('y', 'z')
        """
        places = column_places(columns, self.names)
        return replace(
            self,
            values=np.ascontiguousarray(self.values[:, places]),
            mean=self.mean[places],
            scale=self.scale[places],
            names=tuple(self.names[place] for place in places),
        )

    def embed(self, delays: int, lag: int | None = None) -> Series:
        """Return the series of points (x[t], x[t + lag], ..., x[t + (delays - 1) lag]), each in a row.

        Parameters
        ----------
        delays : int
            Number of rows in a point.
        lag : int, optional
            Steps between them; by default the first minimum of the first column's mutual information, or where its
            autocorrelation falls below 1/e, whichever comes first.

        Returns
        -------
        Series
            Shorter by (delays - 1) lag rows, with `delays` times as many columns.

        Raises
        ------
        TypeError, ValueError
            If fewer than 10 rows would be left.

        Examples
        --------
        >>> import lyaplab as ll
        >>> ll.data.sunspot_series().embed(3, lag=2)
        Series('sunspots': 305 x 3 (number, number+2, number+4), 1 year apart; exponent unknown)
        """
        delays = positive_int("delays", delays)
        lag = choose_lag(self.values[:, 0]) if lag is None else positive_int("lag", lag)
        left = len(self) - (delays - 1) * lag
        if left < SHORTEST:
            raise ValueError(
                f"delays={delays} and lag={lag} leave {max(left, 0)} of {len(self)} rows, {SHORTEST} are needed"
            )
        later = [f"{name}+{m * lag}" for m in range(1, delays) for name in self.names]
        return replace(
            self,
            values=delay_points(self.values, dimension=delays, lag=lag),
            mean=np.tile(self.mean, delays),
            scale=np.tile(self.scale, delays),
            names=(*self.names, *later),
        )

    def restore(self, values: ArrayLike) -> Array:
        """Return values of these columns, such as a network's, in the units of the source.

        Parameters
        ----------
        values : array_like(float, shape=(..., N))

        Returns
        -------
        ndarray(float, shape=(..., N))

        Raises
        ------
        TypeError, ValueError
            If the last axis is not N long, or a value is not finite.

        Examples
        --------
        >>> import lyaplab as ll
        >>> sun = ll.data.sunspot_series()
        >>> sun.restore(sun.values[:3]).round(6).ravel()
        array([ 5., 11., 16.])
        """
        array = finite_array("values", values)
        if array.ndim == 0 or array.shape[-1] != len(self.names):
            raise ValueError(f"values must have shape (..., {len(self.names)}), got {array.shape}")
        return array * self.scale + self.mean

    def with_exponent(self, **options: Any) -> Series:
        """Return this series with its largest exponent estimated from the values, by Rosenstein's method.

        Where the values show no exponential growth, the exponent stays unknown (NaN), and the repr says so. Where
        neighbours do not part, it is 0. Noise is in the values: near neighbours are then parted by it at once.

        Parameters
        ----------
        **options
            Of `lyaplab.lyapunov_from_data`, such as `dimension`, `lag`, `theiler` and `steps`.

        Returns
        -------
        Series

        Raises
        ------
        TypeError, ValueError
            If the series is too short for it (50 rows at least).

        Examples
        --------
        >>> import lyaplab as ll
        >>> x = ll.Model("logistic", r=4.0).orbit(2000)
        >>> round(ll.data.from_array(x).with_exponent().tau_pred, 1)  # an error doubles in each step: 1
        1.0
        >>> ll.data.from_array(np.random.default_rng(0).standard_normal(500)).with_exponent()
        Series('array': 500 x 1 (x), 1 time apart; exponent unknown: Rosenstein finds no linear region)
        """
        estimate = lyapunov_from_data(self.values, **options)
        still = estimate.verdict == "no divergence"
        return replace(
            self,
            exponent=0.0 if still else estimate.exponent,
            exponent_stderr=estimate.stderr,
            exponent_from=estimate.method,
        )

    def table(self) -> dict[str, np.ndarray]:
        """Return the columns time and one for each name (which replaces time, if it is called so)."""
        return {"time": self.times} | {name: self.values[:, i] for i, name in enumerate(self.names)}

    def __repr__(self) -> str:
        shown = self.names if len(self.names) <= 6 else (*self.names[:3], "...", self.names[-1])
        said = f"{self.name!r}: {len(self)} x {len(self.names)} ({', '.join(shown)})"
        noise = f", noise {self.noise:.3g}" if self.noise else ""
        return f"Series({said}, {self.time_step:.4g} {self.unit} apart{noise}; {self._exponent_in_words()})"

    def _exponent_in_words(self) -> str:
        if math.isnan(self.exponent):
            found = ": Rosenstein finds no linear region" if self.exponent_from == "rosenstein" else ""
            return f"exponent unknown{found}"
        error = "" if math.isnan(self.exponent_stderr) else f"±{self.exponent_stderr:.1g}"
        return f"exponent {self.exponent:.4g}{error} per row, tau_pred {self.tau_pred:.1f}"
