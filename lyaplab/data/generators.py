"""Series from equations: the known systems that networks learn from, each with the exponent of the steps it makes."""

from __future__ import annotations

import numpy as np

from lyaplab.data.columns import Columns
from lyaplab.data.series import Series
from lyaplab.data.source import WARMUP, Source
from lyaplab.engine.embedding import choose_lag
from lyaplab.errors import positive_int

__all__ = ["duffing", "lorenz63", "lorenz96", "mackey_glass", "roessler"]


def lorenz63(
    length: int = 40_000,
    *,
    rho: float = 28.0,
    sigma: float = 10.0,
    beta: float = 8.0 / 3.0,
    dt: float = 0.01,
    noise: float = 0.0,
    observed: Columns | None = None,
    seed: int = 0,
    warmup: int = WARMUP,
) -> Series:
    """Return a series of Lorenz's system of 1963, columns x, y, z.

    Parameters
    ----------
    length : int, optional
        Number of rows.
    rho, sigma, beta : float, optional
        Of the equations.
    dt : float, optional
        Time between rows; each is one Runge-Kutta step.
    noise : float, optional
        Standard deviation of noise to be added, as a share of each column's.
    observed : str, int, or sequence of these, optional
        The columns to keep, by default all.
    seed : int, optional
        Of the start and of the noise. With another noise level, the orbit below stays the same.
    warmup : int, optional
        Steps before the first row.

    Returns
    -------
    Series

    Raises
    ------
    TypeError, ValueError
        If an argument is out of range, or the orbit is at rest.
    DivergenceError
        If the orbit leaves the range of floating-point numbers: `dt` is too large.

    Examples
    --------
    >>> series = lorenz63(5000)
    >>> series.names, bool(abs(series.tau_pred - 76.5) < 0.5)
    (('x', 'y', 'z'), True)
    >>> lorenz63(1000, observed=["y", "z"], noise=0.05).values.shape
    (1000, 2)
    """
    params = {"rho": rho, "sigma": sigma, "beta": beta, "dt": dt}
    source = Source("lorenz63", params, seed=seed, warmup=warmup)
    return source.series(source.orbit(length), ("x", "y", "z"), noise=noise, observed=observed)


def roessler(
    length: int = 40_000,
    *,
    a: float = 0.15,
    b: float = 0.2,
    c: float = 10.0,
    dt: float = 0.1,
    noise: float = 0.0,
    observed: Columns | None = None,
    seed: int = 0,
    warmup: int = WARMUP,
) -> Series:
    """Return a series of Rössler's system, columns x, y, z.

    Parameters
    ----------
    length : int, optional
        Number of rows.
    a, b, c : float, optional
        Of the equations.
    dt, noise, observed, seed, warmup : optional
        As for `lorenz63`.

    Returns
    -------
    Series

    Examples
    --------
    >>> 75.0 < roessler(5000).tau_pred < 83.0
    True
    """
    source = Source("roessler", {"a": a, "b": b, "c": c, "dt": dt}, seed=seed, warmup=warmup)
    return source.series(source.orbit(length), ("x", "y", "z"), noise=noise, observed=observed)


def duffing(
    length: int = 40_000,
    *,
    damping: float = 0.1,
    drive: float = 0.35,
    omega: float = 1.4,
    dt: float = 0.1,
    noise: float = 0.0,
    observed: Columns | None = None,
    seed: int = 0,
    warmup: int = WARMUP,
) -> Series:
    """Return a series of Duffing's driven oscillator, columns x, v, cos and sin.

    The last two are of the phase of the drive: the phase itself jumps back at each turn, which no smooth network
    follows. All four columns together are the whole state.

    Parameters
    ----------
    length : int, optional
        Number of rows.
    damping, drive, omega : float, optional
        Of the equations.
    dt, noise, observed, seed, warmup : optional
        As for `lorenz63`.

    Returns
    -------
    Series

    Examples
    --------
    >>> duffing(5000, observed=["x", "v", "cos"]).names
    ('x', 'v', 'cos')
    """
    params = {"damping": damping, "drive": drive, "omega": omega, "dt": dt}
    source = Source("duffing", params, seed=seed, warmup=warmup)
    x, v, phase = source.orbit(length).T
    table = np.column_stack([x, v, np.cos(phase), np.sin(phase)])
    return source.series(table, ("x", "v", "cos", "sin"), noise=noise, observed=observed)


def lorenz96(
    length: int = 40_000,
    *,
    n: int = 40,
    F: float = 8.0,
    dt: float = 0.02,
    noise: float = 0.0,
    observed: Columns | None = None,
    seed: int = 0,
    warmup: int = WARMUP,
) -> Series:
    """Return a series of Lorenz's ring of 1996, columns x1, x2, ...

    Parameters
    ----------
    length : int, optional
        Number of rows.
    n : int, optional
        Places on the ring, each a column.
    F : float, optional
        Forcing, the same at every place.
    dt, noise, observed, seed, warmup : optional
        As for `lorenz63`.

    Returns
    -------
    Series

    Examples
    --------
    >>> lorenz96(1000, n=6, F=10.0, observed=range(3)).names
    ('x1', 'x2', 'x3')
    """
    source = Source("lorenz96", {"n": n, "F": F, "dt": dt}, seed=seed, warmup=warmup)
    return source.series(source.orbit(length), source.model.state_names, noise=noise, observed=observed)


def mackey_glass(
    length: int = 40_000,
    *,
    tau: float = 17.0,
    n: int = 30,
    beta: float = 0.2,
    gamma: float = 0.1,
    power: float = 10.0,
    delays: int = 1,
    lag: int | None = None,
    noise: float = 0.0,
    seed: int = 0,
    warmup: int = WARMUP,
) -> Series:
    """Return a series of the Mackey-Glass equation, in delay coordinates if wanted.

    Parameters
    ----------
    length : int, optional
        Number of rows, after the embedding.
    tau : float, optional
        The equation's delay, in days.
    n : int, optional
        Points of the equation's history: the time between rows is tau/(n - 1).
    beta, gamma, power : float, optional
        Of the equation.
    delays : int, optional
        Number of columns: x, and x some multiples of `lag` later.
    lag : int, optional
        Rows between them; by default the first minimum of the mutual information of x without noise, or where its
        autocorrelation falls below 1/e, whichever comes first.
    noise, seed, warmup : optional
        As for `lorenz63`. The noise is that of the one x: a value comes with the same error in every column.

    Returns
    -------
    Series

    Examples
    --------
    >>> mackey_glass(1000, delays=3, lag=10).names
    ('x', 'x+10', 'x+20')
    """
    delays = positive_int("delays", delays)
    params = {"tau": tau, "n": n, "beta": beta, "gamma": gamma, "power": power}
    source = Source("mackey_glass", params, seed=seed, warmup=warmup)
    if delays > 1 and lag is None:
        lag = choose_lag(source.orbit(length)[:, 0])
    lag = positive_int("lag", lag) if lag is not None else 1
    more = (delays - 1) * lag
    newest = source.orbit(positive_int("length", length) + more)[:, :1]
    return source.series(newest, ("x",), noise=noise, unit="days").embed(delays, lag)
