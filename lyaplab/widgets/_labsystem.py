"""What the forcing lab works on: a series, the runs that are shipped for it, and the networks that learn it."""

from __future__ import annotations

import inspect
import math
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

import lyaplab.data as data_room
from lyaplab import cells
from lyaplab.data.reconstruction import state_space_divergence
from lyaplab.data.series import Series
from lyaplab.data.spectra import spectral_distance
from lyaplab.errors import one_of, unknown
from lyaplab.model import Knob, Model
from lyaplab.sweeps.forcing import NETWORK, TAUS, TRAINING
from lyaplab.sweeps.runs import ForcingRuns, training_of
from lyaplab.training.network import Network
from lyaplab.training.readout import Readout
from lyaplab.widgets._labruns import Run, nearest
from lyaplab.widgets._system import System

__all__ = ["NAMES", "LabSystem"]

Array = NDArray[np.float64]

NAMES = {
    "lorenz63": "lorenz63-forcing",
    "lorenz63-partial": "lorenz63-partial-forcing",
    "roessler": "roessler-forcing",
}
"""Data by name, and the runs that are shipped for them."""

PRESETS: Mapping[str, str] = {
    "good": "of all τ that were tried, the one whose runs come closest to the data; of your own data, below τ_pred.",
    "short": "τ of a step or a few: a network is never asked for more, and noise counts for much in what it is told.",
    "long": "τ of τ_pred or more: small errors have doubled before the state is corrected, and gradients grow.",
}
# Shares of tau_pred, where no shipped runs say what is good; and how far beyond it is too long.
_GOOD, _LONG = 0.3, 1.5
# The least end of tau's slider, how many seeds there are for data of one's own, and the tau that those open with.
_SHORT, _SEEDS, _FIRST = 10, 3, 10
# The slider goes beyond the horizon, at least so many times as far.
_BEYOND = 1.3
# The horizon of the data that the usual values of tau belong to.
_USUAL = 76.6
# Steps in which the exponents of the data's own equations are measured; and dimensions beyond which bins stay empty.
_TRUE, _FEW = 200_000, 5
# What learns data of one's own, and with how many units at least.
_CELL, _LEAST = "shallow_plrnn", 3


class LabSystem(System):
    """A series with its runs; the knobs are tau and the seed of the weights.

    Attributes
    ----------
    series, test : Series
        What networks are trained with, and what they are held against: the later half of a series without noise, of
        one's own data the same.
    runs : ForcingRuns or None
        Those that come with lyaplab; None for data of one's own.
    opened : str or None
        The preset that it opened with.

    Examples
    --------
    >>> system = LabSystem.of("lorenz63")
    >>> system.fixed, system.values["tau"] < system.series.tau_pred
    ({'cell': 'lorenz63'}, True)
    """

    def __init__(
        self, series: Series, test: Series, name: str, runs: ForcingRuns | None, given: Mapping[str, Any],
        preset: str | None,
    ) -> None:  # fmt: skip
        self.series, self.test, self.name, self.runs, self.own = series, test, name, runs, runs is None
        self.sizes: dict[str, Any] = {}
        self.fixed = {"cell": name}
        self._untrained: dict[int, Network] = {}
        horizon = self.tau_pred if np.isfinite(self.tau_pred) else 0.0
        longest = max(_SHORT, self.taus[-1], math.ceil(_BEYOND * horizon))
        seeds = range(_SEEDS) if runs is None else runs.seeds
        known = {
            "tau": Knob("tau", _FIRST, 1, longest, 1, True, "steps", r"\tau", "between two forced states", (1, None)),
            "seed": Knob("seed", min(seeds), min(seeds), max(seeds), 1, True, about="of weights and batches"),
        }
        for key in given:
            if key not in known:
                raise unknown("parameter", key, known)
        self.knobs = known
        calm = "good" if self.presets() and "tau" not in given else None
        self.opened = preset if preset is not None else calm
        asked: dict[str, Any] = {**(self.preset(self.opened)[0] if self.opened is not None else {}), **given}
        self.knobs = {
            key: Knob(**{**vars(knob), "value": knob.check(asked.get(key, knob.value))}) for key, knob in known.items()
        }
        if (tau := int(self.values["tau"])) >= len(series):
            raise ValueError(f"tau must be less than the {len(series)} rows of the series, got {tau}")
        self.model = self.network(int(self.values["seed"])).model

    @classmethod
    def of(
        cls,
        system: Any,
        *,
        preset: str | None = None,
        structure: Mapping[str, Any] | None = None,
        params: Mapping[str, Any] | None = None,
    ) -> LabSystem:
        """Make one from the name of shipped data, a Series, or an array (T, N)."""
        given = dict(params or {})
        if isinstance(system, str):
            runs: ForcingRuns = data_room.shipped(NAMES[one_of("data", system, NAMES)])
            return cls(*runs.series(), system, runs, given, preset)
        series = system if isinstance(system, Series) else data_room.from_array(system)
        return cls(series, series, series.name, None, given, preset)

    # --- what System answers -------------------------------------------------------------------

    @property
    def start(self) -> None:
        """No preset proposes a first state."""

    def with_values(self, values: Mapping[str, float]) -> Model:
        """Give the untrained network of a seed."""
        return self.network(int(values["seed"])).model

    def presets(self) -> dict[str, str]:
        """Names and words of the presets; without a known horizon there is none."""
        return dict(PRESETS) if self.runs is not None or np.isfinite(self.series.tau_pred) else {}

    def preset(self, name: str) -> tuple[dict[str, float], None]:
        """Give tau and the seed of a preset: of shipped runs the one in the middle."""
        if not self.presets():
            raise ValueError(f"preset {name!r} needs data whose horizon is known: give series.with_exponent()")
        one_of("preset", name, self.presets())
        tau = self._tau_of(name)
        seed = self.knobs["seed"].low if self.runs is None else self.runs.seed[self.runs.at(tau)]
        return {"tau": float(tau), "seed": float(seed)}, None

    def _tau_of(self, name: str) -> int:
        if self.runs is None:
            share = {"short": 0.0, "good": _GOOD, "long": _LONG}[name]
            return max(1, math.ceil(share * self.tau_pred))
        best = int(np.nanargmin(self.runs.median("d_stsp")))
        return int(self.runs.taus[{"short": 0, "good": best, "long": -1}[name]])

    def must_fit_link(self, values: Mapping[str, float]) -> None:
        """Raise ValueError where the name alone would not bring the data back."""
        if self.own:
            raise ValueError("these data are your own and do not fit a link: keep them with series.save('series.npz')")

    def code(self, values: Mapping[str, float]) -> str:
        """Write the lines that make `series`, and `runs` where there are any."""
        if self.own:
            name = self.name if self.name.isidentifier() else "data"
            return f"# your own data: define {name} above, as a Series\nseries = test = {name}"
        assert self.runs is not None
        return f"runs = ll.data.shipped({NAMES[self.name]!r})\nseries, test = runs.series()"

    # --- data and networks ---------------------------------------------------------------------

    @property
    def tau_pred(self) -> float:
        """Steps in which a small error doubles; NaN where that is not known, infinite where it never does."""
        return float(self.series.tau_pred if self.runs is None else self.runs.tau_pred)

    @property
    def unit(self) -> str:
        """Unit of exponents, in words; `per` steps make one."""
        return "step" if self.series.time_step in (None, 1.0) else "time"

    @property
    def per(self) -> float:
        """Length of a step in that unit: exponents per step are divided by it."""
        return 1.0 if self.unit == "step" else float(self.series.time_step)

    @cached_property
    def exponents(self) -> Array:
        """Exponents of the data, nats per step: all where the equations are known, else the largest, if that is."""
        if self.runs is None:
            return np.array([self.series.exponent]) if np.isfinite(self.series.exponent) else np.empty(0)
        return _equations(self.runs.data).lyapunov_spectrum(_TRUE, warmup=1000).exponents * self.series.time_step

    @property
    def exponent(self) -> float:
        """The largest exponent of the data, nats per step; NaN where that is not known."""
        return float(self.series.exponent if self.runs is None else self.runs.exponent)

    @cached_property
    def _floors(self) -> tuple[float, float]:
        if self.runs is not None:
            return float(self.runs.floor), float(self.runs.spectrum_floor)
        half = len(self.test) // 2
        earlier, later = self.test.values[:half], self.test.values[half:]
        if later.shape[1] > _FEW:
            return math.nan, float(spectral_distance(later, earlier).value)
        return float(state_space_divergence(later, earlier).value), float(spectral_distance(later, earlier).value)

    @property
    def floor(self) -> float:
        """D_stsp of one half of the data against the other; NaN where that is not measured."""
        return self._floors[0]

    @property
    def spectrum_floor(self) -> float:
        """The same of their power spectra."""
        return self._floors[1]

    # --- runs and networks ---------------------------------------------------------------------

    @property
    def taus(self) -> list[int]:
        """What is tried when the figure is filled in."""
        if self.runs is not None:
            return [int(tau) for tau in self.runs.taus]
        share = self.series.tau_pred / _USUAL if np.isfinite(self.series.tau_pred) else 1.0
        return sorted({tau for each in TAUS if (tau := max(1, round(each * share))) < len(self.series)})

    def seeds_of(self, length: str, seed: int) -> list[int]:
        """Which seeds are tried: only the present one in a reduced sweep."""
        low, high = int(self.knobs["seed"].low), int(self.knobs["seed"].high)
        return [seed] if length == "reduced" else list(range(low, high + 1))

    @cached_property
    def shipped_runs(self) -> tuple[Run, ...]:
        """All runs that were shipped."""
        return () if self.runs is None else tuple(Run.shipped(self.runs, index) for index in self.runs)

    def network(self, seed: int) -> Network:
        """Give the untrained network of a seed: the very one that shipped runs of this seed began with."""
        if seed not in self._untrained:
            self._untrained[seed] = self._drawn(seed) if self.runs is None else self.runs.network(self._first(seed), 0)
        return self._untrained[seed]

    def _first(self, seed: int) -> int:
        """The number of a shipped run of this seed."""
        assert self.runs is not None
        return self.runs.at(int(self.runs.taus[0]), seed)

    def _drawn(self, seed: int) -> Network:
        columns, units = self._sizes()
        model = Model(_CELL, n=units, seed=seed, **{**NETWORK, "A": [NETWORK["A"]] * units})
        return Network(model, Readout(np.eye(columns, units), trainable=False))

    def _sizes(self) -> tuple[int, int]:
        """How many columns one's own data have, and how many units learn them: chaos in time needs three."""
        columns = self.series.values.shape[1]
        return columns, max(_LEAST, columns)

    def network_code(self, seed: int) -> str:
        """Write what makes the untrained network of a seed."""
        if self.runs is not None:
            return f"network = runs.network({self._first(seed)}, 0)"
        columns, units = self._sizes()
        said = ", ".join(f"{key}={value!r}" for key, value in {**NETWORK, "A": [NETWORK["A"]] * units}.items())
        model = f"ll.Model({_CELL!r}, n={units}, seed={seed}, {said})"
        return f"network = ll.Network({model}, ll.Readout(np.eye({columns}, {units}), trainable=False))"

    def settings(self, tau: int, seed: int, updates: int | None = None) -> dict[str, Any]:
        """Give the arguments of `ll.train` for a run."""
        said = training_of(TRAINING if self.runs is None else self.runs.settings, tau, seed)
        return said if updates is None else {**said, "updates": updates}

    def run_at(self, tau: int, seed: int) -> Run | None:
        """Give the shipped run that is nearest to a tau, of a seed; None where there are none."""
        if self.runs is None:
            return None
        near = nearest(tau, self.runs.taus)
        seeds = self.runs.seed[self.runs.tau == near]
        return self.shipped_runs[self.runs.at(near, seed if seed in seeds else int(seeds[0]))]


def _equations(data: Mapping[str, Any]) -> Model:
    """Make the system that a series comes from, with the numbers that were said and those that go without saying."""
    name = str(data["function"])
    usual = {key: given.default for key, given in inspect.signature(getattr(data_room, name)).parameters.items()}
    own = {parameter.name for parameter in cells.find(name).card.parameters}
    return Model(name, **{key: value for key, value in {**usual, **data}.items() if key in own | {"dt"}})
