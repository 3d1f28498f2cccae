"""Series from tables: an array or a CSV file of one's own, and the yearly sunspot numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from importlib.resources import files
from os import PathLike
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lyaplab.data.columns import Columns
from lyaplab.data.rows import read_rows
from lyaplab.data.scaling import standardised
from lyaplab.data.series import Series
from lyaplab.errors import finite_array, number

__all__ = ["from_array", "from_csv", "sunspot_series", "sunspots"]


def from_array(
    values: ArrayLike,
    *,
    names: str | Sequence[str] | None = None,
    time_step: float = 1.0,
    unit: str = "time",
    noise: float = 0.0,
    seed: int = 0,
    exponent: float | None = None,
    name: str = "array",
    source: str = "an array",
) -> Series:
    """Make a series of an array.

    Parameters
    ----------
    values : array_like(float, shape=(T,) or (T, N))
        Rows equally spaced in time, in any units; 10 rows at least.
    names : str or sequence of str, optional
        Of the columns; by default x, or x1, x2, ...
    time_step : float, optional
        Time between rows.
    unit : str, optional
        Of time.
    noise : float, optional
        Standard deviation of noise to be added, as a share of each column's.
    seed : int, optional
        Of the noise.
    exponent : float, optional
        Largest Lyapunov exponent in nats per row, where it is known; `Series.with_exponent` estimates it.
    name, source : str, optional
        In a word, and in a sentence.

    Returns
    -------
    Series

    Raises
    ------
    TypeError, ValueError
        If a value is not finite, a column is constant, rows differ in length, or there are too few.

    Examples
    --------
    >>> waves = np.sin(np.arange(200.0)[:, None] * [0.1, 0.23])
    >>> from_array(waves, names=["slow", "fast"], exponent=0.0)
    Series('array': 200 x 2 (slow, fast), 1 time apart; exponent 0 per row, tau_pred inf)
    """
    array = finite_array("values", values)
    if array.ndim not in (1, 2) or 0 in array.shape[1:]:
        raise ValueError(f"values must have shape (T,) or (T, N), got {array.shape}")
    array = array[:, None] if array.ndim == 1 else array
    count = array.shape[1]
    called = _names(count) if names is None else [names] if isinstance(names, str) else list(names)
    if len(called) != count or not all(isinstance(each, str) for each in called):
        raise ValueError(f"names must be one word for each of {count} columns, got {names!r}")
    return standardised(
        array,
        called,
        noise=noise,
        seed=seed,
        time_step=time_step,
        unit=unit,
        name=name,
        source=source,
        exponent=math.nan if exponent is None else number("exponent", exponent),
        exponent_from="" if exponent is None else "given",
    )


def from_csv(
    path: str | PathLike[str],
    *,
    columns: Columns | None = None,
    time_step: float = 1.0,
    unit: str = "time",
    noise: float = 0.0,
    seed: int = 0,
    exponent: float | None = None,
) -> Series:
    r"""Read a series from a text file, one row a line.

    Numbers are parted by commas, semicolons (then 1,5 means 1.5), tabs or blanks. A first line without a number names
    the columns; it may be missing. Empty lines and lines that begin with # are left out.

    Parameters
    ----------
    path : path
        File to read, in UTF-8.
    columns : str, int, or sequence of these, optional
        Which columns to take, by name or place from 0; by default all. The others may hold anything.
    time_step, unit, noise, seed, exponent
        As for `from_array`.

    Returns
    -------
    Series

    Raises
    ------
    ValueError
        If a value is missing or no finite number (row, line and column are named), a row is longer or shorter than
        the first, a column is constant or unknown, or there are fewer than 10 rows.
    OSError
        If there is no such file.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "tides.csv"
    ...     rows = [f"{hour},{np.sin(hour / 2):.4f}" for hour in range(48)]
    ...     _ = path.write_text("\n".join(["hour,level", *rows]))
    ...     from_csv(path, columns="level", unit="hour")
    Series('tides': 48 x 1 (level), 1 hour apart; exponent unknown)
    """
    path = Path(path)
    names, values = read_rows(path, columns)
    return from_array(
        values,
        names=names,
        time_step=time_step,
        unit=unit,
        noise=noise,
        seed=seed,
        exponent=exponent,
        name=path.stem,
        source=f"the file {path.name}",
    )


def sunspots() -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the yearly mean total sunspot numbers, 1700 to 2008.

    These are the numbers of version 1.0, before the revision of 2015. The first fifty years are estimates from
    scattered reports, to whole numbers.

    Returns
    -------
    years : ndarray(int, shape=(309,))
    numbers : ndarray(float, shape=(309,))
        Ten times the groups of spots, plus the single spots, brought to one scale: no unit.

    References
    ----------
    World Data Center SILSO, Royal Observatory of Belgium, Brussels. The heading of ``sunspots.csv`` says by which way
    the figures came here, and under which licence.

    Examples
    --------
    >>> years, numbers = sunspots()
    >>> len(years), int(years[0]), int(years[-1])
    (309, 1700, 2008)
    >>> bool((numbers >= 0).all())
    True
    """
    with (files("lyaplab.data") / "sunspots.csv").open(encoding="utf-8") as file:
        years, numbers = np.loadtxt([line for line in file if line[0].isdigit()], delimiter=",", unpack=True)
    return years.astype(np.int64), np.ascontiguousarray(numbers)


def sunspot_series(*, noise: float = 0.0, seed: int = 0) -> Series:
    """Return the yearly sunspot numbers as a series; whether they have a positive exponent is open.

    Parameters
    ----------
    noise, seed : optional
        As for `from_array`.

    Returns
    -------
    Series

    Examples
    --------
    >>> sunspot_series()
    Series('sunspots': 309 x 1 (number), 1 year apart; exponent unknown)
    """
    source = "yearly mean total sunspot numbers, 1700 to 2008 (version 1.0, WDC-SILSO, Brussels)"
    return from_array(
        sunspots()[1], names="number", unit="year", noise=noise, seed=seed, name="sunspots", source=source
    )


def _names(count: int) -> list[str]:
    return ["x"] if count == 1 else [f"x{i + 1}" for i in range(count)]
