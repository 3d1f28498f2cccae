"""What is read from a network: x = B h + b of its units, as it stands or as probabilities."""

from __future__ import annotations

import math
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lyaplab.errors import finite_array, one_of, positive_int

__all__ = ["KINDS", "Readout"]

Array = NDArray[np.float64]

KINDS = ("linear", "softmax")


class Readout:
    """A linear map from the units h of a network to its outputs, x = B h + bias.

    Parameters
    ----------
    B : array_like(float, shape=(N, r))
        Weight of unit j in output i.
    bias : array_like(float, shape=(N,)), optional
        None for none, which then is not learnt either.
    kind : str, optional
        "linear", or "softmax" for the probabilities of N classes.
    trainable : bool, optional
        Whether training changes it.

    Raises
    ------
    ValueError, TypeError
        If the arrays do not fit each other, or are not finite.

    Examples
    --------
    >>> read = Readout([[1.0, 0.0, 0.0], [0.0, 2.0, 0.0]])
    >>> read([1.0, 2.0, 3.0])
    array([1., 4.])
    >>> read.infer([1.0, 4.0])
    array([1., 2., 0.])
    """

    def __init__(
        self, B: ArrayLike, bias: ArrayLike | None = None, *, kind: str = "linear", trainable: bool = True
    ) -> None:
        self.B = finite_array("B", B, shape=(None, None))
        if 0 in self.B.shape:
            raise ValueError(f"B must have at least one output and one unit, got shape {self.B.shape}")
        self.bias = None if bias is None else finite_array("bias", bias, shape=(len(self.B),))
        self.kind = one_of("kind", kind, KINDS)
        self.trainable = bool(trainable)
        for array in (self.B, self.bias):
            if array is not None:
                array.flags.writeable = False

    @classmethod
    def random(
        cls, outputs: int, units: int, *, seed: int = 0, bias: bool = True, kind: str = "linear", trainable: bool = True
    ) -> Readout:
        """Draw B from U(-1/sqrt(units), 1/sqrt(units)); the bias, if there is one, begins at 0.

        Parameters
        ----------
        outputs, units : int
            N and r.
        seed : int, optional
            Of the draw.
        bias, kind, trainable : optional
            As of `Readout`.

        Examples
        --------
        >>> Readout.random(3, 20, seed=1)
        Readout(3 outputs of 20 units, linear with bias)
        """
        shape = positive_int("outputs", outputs), positive_int("units", units)
        width = 1.0 / math.sqrt(shape[1])
        B = np.random.default_rng(positive_int("seed", seed, minimum=0)).uniform(-width, width, shape)
        return cls(B, np.zeros(shape[0]) if bias else None, kind=kind, trainable=trainable)

    @property
    def outputs(self) -> int:
        """Number of outputs N."""
        return int(self.B.shape[0])

    @property
    def units(self) -> int:
        """Number of units r that are read."""
        return int(self.B.shape[1])

    @property
    def arrays(self) -> dict[str, Array]:
        """B and, where there is one, the bias, by name."""
        return {"B": self.B} if self.bias is None else {"B": self.B, "bias": self.bias}

    @cached_property
    def inverse(self) -> Array:
        """The pseudo-inverse of B, shape (r, N): the smallest h that shows a given output."""
        return np.asarray(np.linalg.pinv(self.B), dtype=np.float64)

    def __call__(self, h: ArrayLike) -> Array:
        """Read units h (..., r): outputs (..., N), of a softmax their probabilities."""
        read: Array = np.asarray(h, dtype=np.float64) @ self.B.T
        if self.bias is not None:
            read = read + self.bias
        if self.kind == "linear":
            return read
        likely: Array = np.exp(read - read.max(axis=-1, keepdims=True))
        return likely / likely.sum(axis=-1, keepdims=True)

    def infer(self, x: ArrayLike) -> Array:
        """Return the smallest units h (..., r) that show observations x (..., N): the inverse of x - bias.

        Raises
        ------
        ValueError
            Of a softmax, which no units can be inferred from.
        """
        if self.kind != "linear":
            raise ValueError(f"units can be inferred from a linear readout only, got kind={self.kind!r}")
        x = finite_array("x", x)
        if x.shape[-1:] != (self.outputs,):
            raise ValueError(f"x must have {self.outputs} numbers in its last axis, got shape {x.shape}")
        return (x if self.bias is None else x - self.bias) @ self.inverse.T

    def __repr__(self) -> str:
        bias = " with bias" if self.bias is not None else ""
        fixed = "" if self.trainable else ", fixed"
        return f"Readout({self.outputs} outputs of {self.units} units, {self.kind}{bias}{fixed})"
