"""What networks are fed with, and what methods are tried on: series from equations, tables, and noise like them.

>>> lorenz = lorenz63(2000, noise=0.05)
>>> lorenz.values.shape, round(lorenz.tau_pred)  # an error doubles in so many rows
((2000, 3), 77)
>>> years, numbers = sunspots()
>>> int(years[numbers.argmax()]), float(numbers.max())  # the highest of them all
(1957, 190.2)
"""

from __future__ import annotations

from lyaplab.data.generators import duffing, lorenz63, lorenz96, mackey_glass, roessler
from lyaplab.data.reconstruction import mixture_divergence, state_space_divergence
from lyaplab.data.series import Series
from lyaplab.data.shipping import shipped
from lyaplab.data.spectra import spectral_distance
from lyaplab.data.surrogate import surrogate
from lyaplab.data.tables import from_array, from_csv, sunspot_series, sunspots

__all__ = [
    "Series",
    "duffing",
    "from_array",
    "from_csv",
    "lorenz63",
    "lorenz96",
    "mackey_glass",
    "mixture_divergence",
    "roessler",
    "shipped",
    "spectral_distance",
    "state_space_divergence",
    "sunspot_series",
    "sunspots",
    "surrogate",
]
