"""What is known of one random network: a coarse portrait at once, the rest in pieces while nobody moves anything."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

from lyaplab.kernel import Cell, one_blas_thread
from lyaplab.model import Model
from lyaplab.theory import mean_field_flow, mean_field_map
from lyaplab.widgets._random_network import LEAST_GAIN, MOST_GAIN
from lyaplab.widgets._twins import Parting, Twins, more_pairs, one_pair, read

__all__ = [
    "Asked", "Estimate", "Portrait", "predicted", "run_length", "theory_line", "theory_nodes", "theory_values",
]  # fmt: skip

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

TANGENT_WARMUP = 200
"""Steps that a tangent gets to find its direction, before growth counts."""

# Up to so many units, eigenvalues come with the first picture: their cost grows with the cube.
_AT_ONCE = 128
# Steps of the first estimate of the exponent, and of the refined one, for 100 units.
_QUICK, _LONG = 400, 20_000


class Asked(NamedTuple):
    """What the picture is to be of."""

    model: Model
    steps: int
    warmup: int
    apart: int
    t: int


class Estimate(NamedTuple):
    """A largest exponent, its standard error, and the steps behind it."""

    value: float
    stderr: float
    steps: int


def run_length(n: int) -> tuple[int, int]:
    """Steps of the first estimate of an exponent, and of the refined one: fewer for large networks."""
    share = min(1.0, (100 / n) ** 2)
    return max(100, int(_QUICK * share)), max(2000, int(_LONG * share))


@lru_cache(maxsize=4096)
def predicted(gain: float, *, flow: bool) -> float:
    """The largest exponent of the infinite network, by mean-field theory."""
    return mean_field_flow(gain).exponent if flow else mean_field_map(gain).exponent


def theory_nodes(*, flow: bool) -> Array:
    """Gains at which theory is asked: closely for the map, where it costs nothing."""
    if flow:
        return np.array([LEAST_GAIN, *np.round(np.linspace(1.0, MOST_GAIN, 9), 4)])
    return np.round(np.linspace(LEAST_GAIN, MOST_GAIN, 106), 4)


def theory_values(*, flow: bool) -> Array:
    """The exponents of the infinite network at `theory_nodes`."""
    return np.array([predicted(float(gain), flow=flow) for gain in theory_nodes(flow=flow)])


def theory_line(*, flow: bool) -> tuple[Array, Array]:
    """Theory as a line to draw: through its nodes, smoothly above the transition, where it is computed at few."""
    nodes, values = theory_nodes(flow=flow), theory_values(flow=flow)
    if not flow:
        return nodes, values
    above = np.linspace(1.0, MOST_GAIN, 91)
    smooth = PchipInterpolator(nodes[1:], values[1:])(above)
    return np.append(nodes[0], above), np.append(values[0], smooth)


@lru_cache(maxsize=64)
def _unit_eigenvalues(cell: Cell, n: int, seed: int) -> Complex:
    """Eigenvalues of the weights at gain 1; those at any other gain are so many times larger."""
    return eigenvalues_of(Model(cell, n=n, gain=1.0, seed=seed).weights["W"])


def eigenvalues_of(matrix: Array) -> Complex:
    """Eigenvalues, by their real parts."""
    with one_blas_thread():  # faster than two for a hundred rows, and it leaves the other core to the page
        return np.sort_complex(np.linalg.eigvals(matrix)).astype(complex)


class Portrait:
    """One network at one moment; what is missing is None, or coarse, until `refine` has run.

    Attributes
    ----------
    twins : Twins
        One pair at first, then all.
    parting : Parting or None
        The rate that all pairs give.
    at_rest, along : ndarray(complex, shape=(N,)) or None
        Eigenvalues of the linearisation at 0 and at the orbit's step t; of the vector field for a flow.
    exponent : Estimate or None
        Largest Lyapunov exponent.
    theory : float or None
        That of the infinite network.
    done : bool
        Whether nothing is left to refine.
    """

    def __init__(self, asked: Asked, before: Portrait | None = None) -> None:
        self.asked = asked
        self.flow = asked.model.time_step is not None
        self.t = min(asked.t, asked.steps)
        self.done = False
        self.twins: Twins
        self.parting: Parting | None = None
        self.at_rest: Complex | None = None
        self.along: Complex | None = None
        self.theory: float | None = None
        self.exponent: Estimate | None = None
        self._measured = False
        if before is not None and before.asked[:4] == asked[:4]:
            self._take_over(before)
        else:
            self._begin()

    def _take_over(self, before: Portrait) -> None:
        """Keep what another time of the same network leaves as it is."""
        self.twins, self.parting, self.exponent = before.twins, before.parting, before.exponent
        self.at_rest, self.theory, self._measured = before.at_rest, before.theory, before._measured
        self.along = before.along if before.t == self.t else None

    def _begin(self) -> None:
        """Take what the eye waits for: one pair of twins."""
        asked, model = self.asked, self.asked.model
        self.twins = one_pair(model, steps=asked.steps, warmup=asked.warmup, apart=asked.apart)
        if not self.flow:
            self.theory = predicted(self.gain, flow=False)

    @property
    def gain(self) -> float:
        """The gain of the weights."""
        return float(self.asked.model.settings["gain"])

    @property
    def rate(self) -> Parting | None:
        """The rate at which twins part per unit of time: of a flow not per step."""
        unit = self.asked.model.time_step
        if self.parting is None or unit is None:
            return self.parting
        return self.parting._replace(slope=self.parting.slope / unit, stderr=self.parting.stderr / unit)

    def estimate_at_once(self) -> None:
        """Estimate the exponent on a short run, where nothing better is known."""
        if self.exponent is None:
            self.exponent = self._estimate(run_length(self.asked.model.d)[0])

    def eigenvalues_at_once(self) -> None:
        """Take the eigenvalues that are cheap, or known already."""
        if self.asked.model.d <= _AT_ONCE:
            self._take_at_rest()
            self._take_along()

    def refine(self) -> Iterator[Portrait]:
        """Fill in what is missing, in pieces; each one yielded has something new, or just gives way to others."""
        asked = self.asked
        if self.parting is None:
            for twins in more_pairs(asked.model, self.twins, warmup=asked.warmup, apart=asked.apart):
                yield self
                if twins is not None:
                    parting = read(twins)
                    self.twins, self.parting = twins, parting
            yield self
        if self.along is None:
            self._take_along()
            yield self
        if self.at_rest is None:
            self._take_at_rest()
            yield self
        if self.flow:
            for gain in theory_nodes(flow=True):
                predicted(float(gain), flow=True)
                yield self
        if self.theory is None:
            self.theory = predicted(self.gain, flow=self.flow)
        if not self._measured:
            for _ in self._refine_exponent():
                yield self
        self.done = True
        yield self

    def _estimate(self, steps: int) -> Estimate:
        start = self.twins.states[0]
        spectrum = self.asked.model.lyapunov_spectrum(steps, k=1, x0=start, warmup=TANGENT_WARMUP)
        return Estimate(float(spectrum.exponents[0]), float(spectrum.stderr[0]), spectrum.steps)

    def _refine_exponent(self) -> Iterator[None]:
        model = self.asked.model
        quick, long = run_length(model.d)
        run = model.iter_lyapunov_spectrum(long, k=1, x0=self.twins.states[0], warmup=TANGENT_WARMUP)
        for spectrum in run:
            if spectrum.steps >= quick:
                self.exponent = Estimate(float(spectrum.exponents[0]), float(spectrum.stderr[0]), spectrum.steps)
            yield
        self._measured = True

    def _take_at_rest(self) -> None:
        settings = self.asked.model.settings
        unit = _unit_eigenvalues(self.asked.model.cell, int(settings["n"]), int(settings["seed"]))
        self.at_rest = self.gain * unit - (1.0 if self.flow else 0.0)

    def _take_along(self) -> None:
        model, state = self.asked.model, self.twins.states[self.t]
        self.along = eigenvalues_of(model.field_jacobian(state) if self.flow else model.jacobian(state))
