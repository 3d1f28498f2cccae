"""What drives a network while it is measured: nothing, white noise of an amplitude, or sequences that are given."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Drive"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Drive:
    """The inputs of a run.

    Parameters
    ----------
    m : int
        Inputs of the network.
    amplitude : float
        Standard deviation of the white noise on each input; 0 for none.
    seed : int
        Of the noise.
    given : ndarray(float, shape=(B, T, m)), optional
        Sequences that take the place of noise.

    Examples
    --------
    >>> noise = Drive(m=2, amplitude=0.5, seed=1)
    >>> noise.rows(3).shape, bool((noise.rows(3) == noise.rows(5)[:3]).all())
    ((3, 2), True)
    >>> Drive(m=2).rows(3) is None
    True
    """

    m: int
    amplitude: float = 0.0
    seed: int = 0
    given: Array | None = None

    @property
    def silent(self) -> bool:
        """Whether no input comes."""
        return self.given is None and (self.m == 0 or self.amplitude == 0.0)

    @property
    def sequences(self) -> int:
        """How many sequences were given."""
        return 0 if self.given is None else len(self.given)

    def rows(self, count: int, *, other: int = 0) -> Array | None:
        """Give the first rows of the inputs, (count, m) or as many as there are; `other` counts further sequences."""
        if self.given is not None:
            return self.given[other % len(self.given), :count]
        if self.silent:
            return None
        return self.amplitude * np.random.default_rng(self.seed + other).standard_normal((count, self.m))

    def steps(self, wanted: int, warmup: int) -> int:
        """Give how many of the wanted steps the inputs cover beside the warm-up."""
        return wanted if self.given is None else max(1, min(wanted, self.given.shape[1] - warmup))

    @property
    def key(self) -> tuple[object, ...]:
        """What tells this drive from another of the same widget."""
        return (self.amplitude, self.seed) if not self.silent else ()

    def code(self, rows: str, *, other: str = "") -> str:
        """Write the expression that makes the rows; `rows` and `other` are expressions too."""
        if self.given is not None:
            return f"inputs[{other or '0'}, :{rows}]"
        if self.silent:
            return "None"
        seed = f"{self.seed}{f' + {other}' if other else ''}"
        return f"{self.amplitude!r} * np.random.default_rng({seed}).standard_normal(({rows}, {self.m}))"

    def in_words(self) -> str:
        """Say what drives the network."""
        if self.given is not None:
            first = "the first of " if self.sequences > 1 else ""
            return f"driven by {first}{self.sequences} given sequence{'s' * (self.sequences > 1)}"
        return "without input" if self.silent else f"driven by white noise of amplitude {self.amplitude:g}"
