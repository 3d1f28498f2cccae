"""Judging a reconstruction: does the network, running freely, do what the data do?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lyaplab.data.reconstruction import mixture_divergence, state_space_divergence
from lyaplab.data.spectra import spectral_distance
from lyaplab.engine.dimension import kaplan_yorke
from lyaplab.engine.exponents import Spectrum
from lyaplab.engine.regime import Regime, recurrence
from lyaplab.engine.result import Result
from lyaplab.errors import DivergenceError, finite_array, positive_int
from lyaplab.training.network import Network

__all__ = ["HORIZONS", "MOST", "Judgement", "check_judging", "judge"]

Array = NDArray[np.float64]

# Steps ahead of the forecasts.
HORIZONS = (1, 5, 25)
# From so many rows at most a forecast is made.
_ORIGINS = 2_000
# Dimensions from which on bins stay empty, and mixtures are compared.
_MANY = 6
# Exponents at most: those beyond tell nothing of an attractor that one looks at.
MOST = 30
# Steps before a free run counts: a tenth of it, but not more than this.
_WARMUP = 2_000
_SHORTEST = 200
# Steps that exponents are measured over, and least exponent: a factor e^2 in all of them is no growth.
_MEASURED = 20_000
_ZERO = 2.0 / _MEASURED
# Coming back this close, relative to the extent of the states, counts as the same state.
_RETURN = 1e-6


@dataclass(frozen=True, repr=False)
class Judgement(Result):
    """How a freely running network compares with data.

    Parameters
    ----------
    d_stsp : float
        Divergence of where the network dwells from where the later half of the data does, in nats.
    floor : float
        The same of the earlier half of the data: what a perfect network would come to.
    d_spectrum, spectrum_floor : float
        Distance of the power spectra, from 0 to 1, and its floor.
    errors : ndarray(float, shape=(3,))
        Mean squared error 1, 5 and 25 steps ahead, from states inferred from single observations, in squared standard
        deviations of the data; 2 is as bad as a guess from elsewhere on the attractor, and noise counts.
    exponents, stderr : ndarray(float, shape=(k,))
        Lyapunov exponents of the network and their standard errors, nats per step; NaN where the run escapes.
    exponent : float
        Largest exponent of the data, nats per step; NaN where it is not known.
    outside : float
        Share of the generated points beyond two standard deviations of the data in any dimension; NaN of mixtures.
    regime : str
        What the free run comes to: "chaos", "quasi-periodic", "cycle", "fixed point" or "divergent".
    escaped : int or None
        The step at which the free run leaves the range of floats.
    steps : int
        Length of the free run.
    measure : str
        What d_stsp is: "bins" of up to five dimensions, "mixture" of more.
    """

    d_stsp: float
    floor: float
    d_spectrum: float
    spectrum_floor: float
    errors: Array
    exponents: Array
    stderr: Array
    exponent: float
    outside: float
    regime: str
    escaped: int | None
    steps: int
    measure: str

    @property
    def dimension(self) -> float:
        """Kaplan-Yorke dimension of the network's attractor; NaN where the run escapes."""
        return kaplan_yorke(self.exponents) if np.isfinite(self.exponents).all() else math.nan

    @property
    def verdict(self) -> str:
        """What the free run comes to, in words."""
        return str(Regime(self.regime, float(self.exponents[0]), float(self.stderr[0]), step=self.escaped))

    def table(self) -> dict[str, np.ndarray]:
        """Return measures, their values, and what a perfect network would come to (NaN where that is not known)."""
        names = ["d_stsp", "d_spectrum", *(f"error_{steps}" for steps in HORIZONS), "exponent"]
        values = [self.d_stsp, self.d_spectrum, *self.errors, self.exponents[0]]
        aims = [self.floor, self.spectrum_floor, *[math.nan] * len(HORIZONS), self.exponent]
        return {"measure": np.array(names), "network": np.array(values), "data": np.array(aims)}

    def __repr__(self) -> str:
        known = f", of the data {self.exponent:.3g}" if math.isfinite(self.exponent) else ""
        return (
            f"Judgement(d_stsp {self.d_stsp:.3g}, floor {self.floor:.3g}; d_spectrum {self.d_spectrum:.3g}, floor"
            f" {self.spectrum_floor:.3g}; {self.verdict}{known})"
        )


def judge(network: Network, series: Any, *, steps: int | None = None, seed: int = 0) -> Judgement:
    """Let a network run freely, and compare what it does with data.

    The later half of the data is what the network is held against. The floor is what the earlier half comes to against
    the later, in the same measures and, unless `steps` says otherwise, at the same length.

    Parameters
    ----------
    network : Network
        Without inputs, and with a linear readout of at least as many units as outputs.
    series : Series or array_like(float, shape=(T, N))
        At least 400 rows, best without noise and longer than what was trained with.
    steps : int, optional
        Length of the free run, by default half of the series. It begins at a state inferred from the first row of the
        later half; a tenth more, at most 2000 steps, is left out at its beginning.
    seed : int, optional
        Of the samples of mixtures, which are compared where there are more than five dimensions.

    Returns
    -------
    Judgement
        A run that escapes is a result: what it does not reach counts as outside, its spectrum is at distance 1, and
        `escaped` has the step.

    Raises
    ------
    ValueError, TypeError
        If the two do not fit; if the series is too short or does not vary.

    Examples
    --------
    >>> import lyaplab as ll
    >>> henon = ll.Model("henon").orbit(4_000, warmup=100)
    >>> lost = ll.Network(ll.Model("linear", W=[[0.5, 0.0], [0.0, 0.5]]), ll.Readout([[1.0, 0.0], [0.0, 1.0]]))
    >>> found = judge(lost, henon)
    >>> found.regime, bool(found.d_stsp > 10 * found.floor), found.d_spectrum
    ('fixed point', True, 1.0)
    """
    values = check_judging(network, series)
    half = len(values) // 2
    earlier, later = values[:half], values[half:]
    length = half if steps is None else positive_int("steps", steps, minimum=_SHORTEST)
    generated, escaped, states = _free_run(network, later[0], length)
    d_stsp, outside = _divergence(later, generated, seed)
    floor, _ = _divergence(later, earlier, seed)
    spectrum = _exponents(network, states[-1]) if escaped is None else None
    nothing = np.full(min(network.model.d, MOST), math.nan)
    return Judgement(
        d_stsp=d_stsp,
        floor=floor,
        d_spectrum=spectral_distance(later, generated).value if np.isfinite(generated).all() else 1.0,
        spectrum_floor=spectral_distance(later, earlier).value,
        errors=_forecast_errors(network, later),
        exponents=nothing if spectrum is None else spectrum.exponents,
        stderr=nothing if spectrum is None else spectrum.stderr,
        exponent=float(getattr(series, "exponent", math.nan)),
        outside=outside,
        regime="divergent" if spectrum is None else _regime(spectrum, states),
        escaped=escaped,
        steps=length,
        measure="mixture" if values.shape[1] >= _MANY else "bins",
    )


def check_judging(network: Network, series: Any) -> Array:
    """Return the values of a series; raise where network and series do not fit, as `judge` would."""
    if not isinstance(network, Network):
        raise TypeError(f"network must be a Network, got {type(network).__name__}")
    if network.m:
        raise ValueError(f"network must run by itself to be judged, but it has m={network.m} inputs")
    if network.readout.kind != "linear":
        raise ValueError(f"network must have a linear readout to be judged, got {network.readout.kind!r}")
    if network.outputs > network.readout.units:
        raise ValueError(
            f"network must have at least as many units as outputs: {network.outputs} outputs are more than"
            f" {network.readout.units} units"
        )
    values = finite_array("series", getattr(series, "values", series), shape=(None, network.outputs))
    if len(values) < 2 * _SHORTEST:
        raise ValueError(f"series must have at least {2 * _SHORTEST} rows, got {len(values)}")
    for column, spread in enumerate(np.ptp(values, axis=0)):
        if spread == 0.0:
            raise ValueError(f"series must vary, but its column {column} is constant")
    return values


def _free_run(network: Network, first: Array, steps: int) -> tuple[Array, int | None, Array]:
    """Return outputs (steps, N), NaN where the run has escaped; at which step that was; and the states so far."""
    warmup = min(_WARMUP, steps // 10)
    x0 = network.infer(first)
    try:
        states = network.model.orbit(steps, x0=x0, warmup=warmup)
        return network.read(states), None, states
    except DivergenceError as error:
        escaped = error.step
    outputs = np.full((steps, network.outputs), math.nan)
    reached = max(0, escaped - warmup)
    states = network.model.orbit(reached, x0=x0, warmup=warmup) if reached else np.empty((0, network.model.d))
    outputs[:reached] = network.read(states)
    return outputs, escaped, states


def _divergence(true: Array, other: Array, seed: int) -> tuple[float, float]:
    """How far the two are in state space, and the share of `other` that lies outside."""
    if true.shape[1] < _MANY:
        found = state_space_divergence(true, other)
        return found.value, found.outside_generated
    if not np.isfinite(other).all():
        return math.inf, math.nan
    return mixture_divergence(true, other, seed=seed).value, math.nan


def _forecast_errors(network: Network, series: Array) -> Array:
    """Mean squared errors of forecasts from rows all over the series, in units of its variance."""
    last = HORIZONS[-1]
    origins = np.unique(np.linspace(0, len(series) - 1 - last, _ORIGINS).astype(int))
    try:
        forecast = network.predict(last, x0=network.infer(series[origins]))
    except DivergenceError:
        return np.full(len(HORIZONS), math.inf)
    scale = series.std(axis=0)
    errors = [np.mean(((forecast[:, ahead - 1] - series[origins + ahead]) / scale) ** 2) for ahead in HORIZONS]
    return np.array(errors)


def _exponents(network: Network, x0: Array) -> Spectrum | None:
    """The exponents of the free run from a state on it; None where it escapes after all."""
    model = network.model
    try:
        return model.lyapunov_spectrum(_MEASURED, x0=x0, k=min(model.d, MOST))
    except DivergenceError:
        return None


def _regime(spectrum: Spectrum, states: Array) -> str:
    """Name the regime, by the spectrum's own error: exponents per step of a finely sampled flow are small."""
    period = recurrence(states[-1_000:], _RETURN)
    if period is not None:
        return "fixed point" if period == 1 else "cycle"
    largest, certain = spectrum.exponents[0], max(3.0 * spectrum.stderr[0], _ZERO)
    if largest > certain:
        return "chaos"
    if largest >= -certain:
        return "quasi-periodic"
    # Contracting, but not back within the run: still on its way to rest, or on a long cycle.
    tail = states[-1_000:]
    return "fixed point" if np.ptp(tail, axis=0).max() < 1e-3 * np.abs(states).max() else "cycle"
