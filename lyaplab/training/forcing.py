"""Teacher forcing: now and then a state is replaced by what the data say it should be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lyaplab.errors import number, one_of, positive_int
from lyaplab.training.batches import Batch

__all__ = ["Forcing", "as_forcing"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Forcing:
    """When states are forced, how much, and towards what.

    At a forced step, after the loss of its prediction has been formed, the state z becomes (1 - alpha) z + alpha z~.
    With z~ from the data, its units are the smallest that show the observation (`Network.infer`) and the rest, such as
    the memory of an LSTM, is 0. The gradient is cut to its share 1 - alpha there, and flows into the readout by way of
    its pseudo-inverse.

    Parameters
    ----------
    tau : int or (int, int)
        Steps from one forced state to the next: 1 forces every step, 30 every thirtieth; a pair (least, most) draws
        each distance anew, for each sequence by itself, evenly from least to most.
    alpha : float, optional
        Share of the state that is replaced, in (0, 1]; less than 1 is generalised teacher forcing.
    to : str, optional
        "data", or "zero": then windows of tau steps are independent and each begins at z = 0.

    Raises
    ------
    ValueError, TypeError
        If tau is no such number, or alpha out of its range.

    Notes
    -----
    Sparse forcing: J. Mikhaeil, Z. Monfared and D. Durstewitz, On the difficulty of learning chaotic dynamics with
    recurrent neural networks, NeurIPS (2022). With alpha: F. Hess et al., Generalized teacher forcing for learning
    chaotic dynamics, ICML (2023).

    Examples
    --------
    >>> Forcing(30), Forcing((20, 40)), Forcing(1, alpha=0.1)
    (Forcing(tau=30), Forcing(tau=(20, 40)), Forcing(tau=1, alpha=0.1))
    >>> Forcing(3).shares(7, 1, np.random.default_rng(0))[:, 0]
    array([0., 0., 0., 1., 0., 0., 1.])
    """

    tau: int | tuple[int, int]
    alpha: float = 1.0
    to: str = "data"

    def __post_init__(self) -> None:
        if isinstance(self.tau, tuple | list):
            if len(self.tau) != 2:
                raise ValueError(f"tau must be a number of steps or a pair (least, most), got {self.tau!r}")
            least, most = (positive_int("tau", end) for end in self.tau)
            if least > most:
                raise ValueError(f"tau must be a pair (least, most), got {self.tau!r}")
            object.__setattr__(self, "tau", (least, most))
        else:
            object.__setattr__(self, "tau", positive_int("tau", self.tau))
        object.__setattr__(self, "alpha", number("alpha", self.alpha, low=0.0, high=1.0))
        if self.alpha == 0.0:
            raise ValueError("alpha must be above 0: forcing=None forces nothing")
        object.__setattr__(self, "to", one_of("to", self.to, ("data", "zero")))

    @property
    def longest(self) -> int:
        """Most steps between two forced states."""
        return self.tau[1] if isinstance(self.tau, tuple) else self.tau

    def shares(self, steps: int, batch: int, rng: np.random.Generator) -> Array:
        """Return the share of each state (steps, batch) that is replaced before each step; the first is never."""
        shares = np.zeros((steps, batch))
        if isinstance(self.tau, int):
            shares[self.tau :: self.tau] = self.alpha
            return shares
        least, most = self.tau
        times = rng.integers(least, most + 1, size=(steps // least + 1, batch)).cumsum(axis=0)
        for row in range(batch):
            shares[times[times[:, row] < steps, row], row] = self.alpha
        return shares

    def splits(self, batch: Batch) -> bool:
        """Tell whether the batch falls into independent windows of tau steps."""
        inferred = self.to == "zero" or batch.start is not None
        whole = isinstance(self.tau, int) and len(batch.targets) % self.tau == 0
        return whole and inferred and self.alpha == 1.0 and batch.x0 is None

    def windows(self, batch: Batch) -> Batch:
        """Return the windows of a batch as rows beside each other: same loss, same gradient, in tau steps."""
        steps, rows = batch.targets.shape[:2]
        count = steps // self.longest

        def apart(array: Array) -> Array:
            parts = array.reshape(count, self.longest, rows, *array.shape[2:]).swapaxes(0, 1)
            return np.ascontiguousarray(parts).reshape(self.longest, count * rows, *array.shape[2:])

        start = None
        if self.to == "data" and batch.start is not None:
            start = np.concatenate([batch.start, *batch.targets[self.longest - 1 : -1 : self.longest]])
        return Batch(apart(batch.inputs), apart(batch.targets), apart(batch.weights), start)

    def __repr__(self) -> str:
        alpha = "" if self.alpha == 1.0 else f", alpha={self.alpha:g}"
        to = "" if self.to == "data" else f", to={self.to!r}"
        return f"Forcing(tau={self.tau}{alpha}{to})"


def as_forcing(value: Forcing | int | tuple[int, int] | None) -> Forcing | None:
    """Return what was said as a Forcing: a number or a pair is its tau."""
    return value if value is None or isinstance(value, Forcing) else Forcing(value)
