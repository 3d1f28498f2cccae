"""One look at a run of the forcing lab: its network at a moment, running freely beside the data."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lyaplab.data.series import Series
from lyaplab.errors import DivergenceError
from lyaplab.training.judging import judge
from lyaplab.training.network import Network
from lyaplab.widgets._labruns import Judged, Run

__all__ = ["STEPS", "Look", "free_run", "judged"]

Array = NDArray[np.float64]

STEPS = 4000
"""How long a free run is drawn."""


@dataclass(frozen=True)
class Look:
    """What is to be seen of a run.

    Parameters
    ----------
    run : Run
    moment : int
        After how many updates.
    network : Network
        As it was then.
    generated : ndarray(float, shape=(T, N))
        What it makes by itself from the first row of the data's later half on; shorter than asked where it escapes.
    judged : Judged or None
        How good that is; None as long as nobody has looked.
    """

    run: Run
    moment: int
    network: Network = field(repr=False)
    generated: Array = field(repr=False)
    judged: Judged | None = None

    @classmethod
    def of(cls, run: Run, moment: int, test: Series) -> Look:
        """Let the network of a run at a moment run freely."""
        network, half = run.network(moment), len(test) // 2
        known = run.judged if moment == run.done else None
        generated = free_run(network, test.values[half], min(STEPS, len(test) - half - 1))
        return cls(run, moment, network, generated, known)

    @property
    def escaped(self) -> bool:
        """Whether the free run leaves the range of floats."""
        return self.judged is not None and not np.isnan(self.judged.escaped)


def free_run(network: Network, first: Array, steps: int) -> Array:
    """Return what a network makes by itself (T, N), from a state inferred from a row: fewer steps where it escapes."""
    start = network.infer(first)
    while steps > 0:
        try:
            return network.predict(steps, x0=start)
        except DivergenceError as error:
            steps = min(steps - 1, error.step - 1)
    return np.empty((0, network.outputs))


def judged(network: Network, test: Series) -> Judged:
    """Judge a network as the shipped ones were judged."""
    found = judge(network, test)
    escaped = np.nan if found.escaped is None else float(found.escaped)
    return Judged(found.d_stsp, found.d_spectrum, found.errors, found.exponents, escaped)
