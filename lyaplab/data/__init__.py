"""What networks are fed with, and what methods are tried on: measured series, and noise that looks like them.

>>> years, numbers = sunspots()
>>> int(years[numbers.argmax()]), float(numbers.max())  # the highest of them all
(1957, 190.2)
"""

from __future__ import annotations

from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from lyaplab.data.shipping import shipped
from lyaplab.data.surrogate import surrogate

__all__ = ["shipped", "sunspots", "surrogate"]


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
    with (files(__name__) / "sunspots.csv").open(encoding="utf-8") as file:
        years, numbers = np.loadtxt([line for line in file if line[0].isdigit()], delimiter=",", unpack=True)
    return years.astype(np.int64), np.ascontiguousarray(numbers)
