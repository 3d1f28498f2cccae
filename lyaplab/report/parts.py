"""What the sections of a report hold: numbers, each beside its error, and nothing about how they are shown."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lyaplab.engine.result import Result

__all__ = ["Drive", "Echo", "Growth", "Identity", "Memory", "Verdict", "Weights"]

Array = NDArray[np.float64]

# Within so many standard errors of zero the sign of a rate is not known.
_UNSURE = 2.0


@dataclass(frozen=True)
class Identity(Result):
    """What the network is.

    Parameters
    ----------
    made : str
        How it is made, in the words of its repr.
    title, equation : str
        Of its cell.
    d, m : int
        Numbers of state variables and of inputs.
    parameters : int
        How many numbers it is made of.
    unit : str
        "step" for maps, "time" for flows.
    time_step : float or None
        Of a flow.
    derivatives : str
        "given", or how they are taken.
    """

    made: str
    title: str
    equation: str
    d: int
    m: int
    parameters: int
    unit: str = "step"
    time_step: float | None = None
    derivatives: str = "given"


@dataclass(frozen=True)
class Drive(Result):
    """The inputs that the network was measured under.

    Parameters
    ----------
    sequences, length, warmup : int
        How many sequences, the steps of each, and how many of them come before anything is counted.
    mean, spread : ndarray(float, shape=(m,))
        Mean and standard deviation of every input.
    """

    sequences: int
    length: int
    warmup: int
    mean: Array
    spread: Array


@dataclass(frozen=True)
class Weights(Result):
    """Key figures of the weights that feed the state back into itself; of a gated cell, gate by gate.

    Parameters
    ----------
    names : ndarray(str, shape=(M,))
        "W", or "W (gate r)", with the number of the layer in a stack.
    sizes : ndarray(int, shape=(M,))
        Each matrix has so many rows and columns.
    radii : ndarray(float, shape=(M,))
        Spectral radius: the largest modulus of an eigenvalue.
    largest, smallest : ndarray(float, shape=(M,))
        Largest and smallest singular value.
    gains : ndarray(float, shape=(M,))
        Root mean square of the entries times the root of the size: the radius that independent entries would give.
    eigenvalues : ndarray(complex, shape=(sum of sizes,))
        Of all matrices, one after another.
    """

    names: NDArray[np.str_]
    sizes: NDArray[np.int64]
    radii: Array
    largest: Array
    smallest: Array
    gains: Array
    eigenvalues: NDArray[np.complex128]

    @property
    def by_name(self) -> dict[str, NDArray[np.complex128]]:
        """The eigenvalues of each matrix."""
        cuts = np.cumsum(self.sizes)[:-1]
        return dict(zip(map(str, self.names), np.split(self.eigenvalues, cuts), strict=True))

    def table(self) -> dict[str, np.ndarray]:
        """Return the columns matrix, size, spectral_radius, largest, smallest and gain."""
        return {"matrix": self.names, "size": self.sizes, "spectral_radius": self.radii,
                "largest": self.largest, "smallest": self.smallest, "gain": self.gains}  # fmt: skip


@dataclass(frozen=True)
class Verdict(Result):
    """What the network does in the long run, as far as its exponents tell.

    Parameters
    ----------
    name : str
        "fixed point", "cycle", "quasi-periodic" (or periodic: the two are not told apart), "chaos", "divergent";
        under inputs "contracting" or "chaos"; or "undecided".
    words : str
        The same in a sentence, with what speaks for it.
    exponent, stderr : float
        The largest exponent that it rests on, in nats per `unit`; NaN where there is none.
    others, others_stderr : ndarray(float, shape=(S,))
        The largest exponent from other, random starts without input; NaN where the orbit diverges.
    agree : bool
        Whether all of these have the same exponent within their errors.
    unit : str
        "step" or "time".
    """

    name: str
    words: str
    exponent: float
    stderr: float
    others: Array
    others_stderr: Array
    agree: bool = True
    unit: str = "step"


@dataclass(frozen=True)
class Memory(Result):
    """How long a small change of the state is felt: 1/|lambda_1|.

    Parameters
    ----------
    kind : str
        "forgets" (lambda_1 < 0: what the network has seen fades), "predicts" (lambda_1 > 0: the predictability time)
        or "undecided" (the sign is not known: only a lower bound is).
    horizon, stderr : float
        1/|lambda_1| in units, and its standard error; infinite where undecided, 0 where a step wipes everything out.
    least : float
        The horizon is at least this (two standard errors).
    unit : str
        "step" or "time".

    Examples
    --------
    >>> Memory.of(-0.5, 0.0).horizon
    2.0
    >>> Memory.of(0.001, 0.002)
    Memory(kind='undecided', horizon=inf, stderr=nan, least=200.0, unit='step')
    """

    kind: str
    horizon: float
    stderr: float
    least: float
    unit: str = "step"

    @classmethod
    def of(cls, exponent: float, stderr: float, unit: str = "step") -> Memory:
        """Make it of the largest exponent and its standard error."""
        error = stderr if math.isfinite(stderr) else math.inf
        if exponent == -math.inf:
            return cls("forgets", 0.0, 0.0, 0.0, unit)
        bound = abs(exponent) + _UNSURE * error
        least = 1.0 / bound if bound > 0.0 else math.inf
        if abs(exponent) <= max(_UNSURE * error, 1e-12):
            return cls("undecided", math.inf, math.nan, least, unit)
        kind = "forgets" if exponent < 0.0 else "predicts"
        return cls(kind, 1.0 / abs(exponent), error / exponent**2, least, unit)


@dataclass(frozen=True)
class Growth(Result):
    """Growth of gradients on their way back: the product of Jacobians over several stretches of orbit.

    Parameters
    ----------
    lags : ndarray(int, shape=(L,))
        Steps back.
    log_norms : ndarray(float, shape=(B, L))
        Natural logarithm of the spectral norm of the product, stretch by stretch.
    slopes : ndarray(float, shape=(B,))
        Growth in nats per `unit`, over the second half of the lags.
    slope, stderr : float
        Their mean and its standard error.
    unit : str
        "step" or "time".
    time_step : float
        Units in one step.
    """

    lags: NDArray[np.int64]
    log_norms: Array
    slopes: Array
    slope: float
    stderr: float
    unit: str = "step"
    time_step: float = 1.0

    def lag_for(self, factor: float = 1000.0) -> float:
        """Return the lag, in units, over which gradients change by this factor; infinite where none is known.

        Examples
        --------
        >>> growth = Growth(np.arange(2), np.zeros((1, 2)), np.array([-0.5]), -0.5, 0.0)
        >>> round(growth.lag_for(1000.0), 2)  # log(1000)/0.5
        13.82
        """
        error = self.stderr if math.isfinite(self.stderr) else math.inf
        if self.slope == -math.inf:
            return 0.0
        return math.log(factor) / abs(self.slope) if abs(self.slope) > max(_UNSURE * error, 1e-12) else math.inf

    def table(self) -> dict[str, np.ndarray]:
        """Return the columns lag, mean_log_norm, least and greatest."""
        return {"lag": self.lags, "mean_log_norm": self.log_norms.mean(axis=0),
                "least": self.log_norms.min(axis=0), "greatest": self.log_norms.max(axis=0)}  # fmt: skip


@dataclass(frozen=True)
class Echo(Result):
    """Whether the network forgets its start under its inputs, sequence by sequence (the echo state property).

    Parameters
    ----------
    exponents, stderrs : ndarray(float, shape=(B,))
        Conditional exponent under each sequence, in nats per `unit`, and its standard error.
    replica_exponents : ndarray(float, shape=(B,))
        The rate at which other starts drew near, measured without tangents; NaN where they never were near.
    verdicts : ndarray(str, shape=(B,))
        "forgets its start", "does not forget its start" or "undecided".
    given : int
        How many sequences there are; B of them were looked at.
    unit : str
        "step" or "time".
    """

    exponents: Array
    stderrs: Array
    replica_exponents: Array
    verdicts: NDArray[np.str_]
    given: int
    unit: str = "step"

    @property
    def exponent(self) -> float:
        """Mean over the sequences."""
        return float(self.exponents.mean())

    @property
    def stderr(self) -> float:
        """Standard error of the mean: from the scatter over the sequences, of one from the blocks of its run."""
        if len(self.exponents) == 1:
            return float(self.stderrs[0])
        with np.errstate(invalid="ignore"):
            return float(self.exponents.std(ddof=1) / math.sqrt(len(self.exponents)))

    @property
    def verdict(self) -> str:
        """The verdict that all sequences share, or "undecided"."""
        kinds = Counter(map(str, self.verdicts))
        return next(iter(kinds)) if len(kinds) == 1 else "undecided"

    def table(self) -> dict[str, np.ndarray]:
        """Return the columns exponent, stderr, replica_exponent and verdict."""
        return {"exponent": self.exponents, "stderr": self.stderrs,
                "replica_exponent": self.replica_exponents, "verdict": self.verdicts}  # fmt: skip
