"""What a linear network is to learn: to give back white noise, filtered."""

from __future__ import annotations

import numbers
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lyaplab.errors import finite_array, number, positive_int, unknown

__all__ = ["FilterTask"]

Array = NDArray[np.float64]

_WEIGHTS = ("last", "mean")
# Lags of a picture: until a filter has decayed to 1 part in 400, and at most so many.
_FADED, _MOST_LAGS, _POINTS = 6.0, 400, 201


class FilterTask:
    """A target filter f, and how much each lag counts: the loss is 1/2 sum_tau p_tau (k_tau - f_tau)².

    That is the mean squared error of the output y_t = sum_tau k_tau x_(t-tau), halved, when the input x is white noise
    of unit variance.

    Parameters
    ----------
    target : complex, "integrator", sequence of (float, complex) or array_like(float, shape=(T,))
        A pole p stands for the filter Re p^tau: real, a leaky integrator; complex, a damped oscillator. Pairs of an
        amplitude and a pole are summed. "integrator" is the pole 1. An array is the filter itself, lag by lag.
        In continuous time a pole z stands for Re exp(-z t): its real part is the rate of decay.
    horizon : int, optional
        Length T of a trial from rest: only lags below it count. By default the stationary loss, of all lags.
    weights : {"last", "mean"} or array_like(float, shape=(T,)), optional
        p: "last" when the last output of a trial counts (p = 1), "mean" when the loss is averaged over all outputs
        (p = 1 - tau/T), or numbers that are not negative.
    continuous : bool, optional
        Whether the network is dh/dt = -h + W h + u x instead of h' = W h + u x.

    Raises
    ------
    ValueError, TypeError
        If the filter has no energy (a pole on or outside the unit circle, or whose real part is not positive) without
        a horizon; if a horizon is asked for in continuous time; if shapes do not fit.

    Examples
    --------
    >>> FilterTask(0.5).filter([0, 1, 2])
    array([1.  , 0.5 , 0.25])
    >>> FilterTask(0.5).energy  # 1/(1 - 1/4)
    1.3333333333333333
    >>> FilterTask("integrator", horizon=4, weights="mean").weights
    array([1.  , 0.75, 0.5 , 0.25])
    >>> FilterTask("integrator")
    Traceback (most recent call last):
    ...
    ValueError: the integrator never forgets, so its loss is finite only with a horizon
    """

    def __init__(
        self, target: Any, *, horizon: int | None = None, weights: str | ArrayLike = "last", continuous: bool = False
    ) -> None:
        self.continuous = bool(continuous)
        self.values: Array | None = None
        self.poles: NDArray[np.complex128] = np.zeros(0, dtype=complex)
        self.amplitudes: Array = np.zeros(0)
        self._read(target)
        if horizon is None and self.values is not None:
            horizon = len(self.values)
        self.horizon = None if horizon is None else positive_int("horizon", horizon)
        if self.continuous and self.horizon is not None:
            raise ValueError(f"horizon is for discrete time; in continuous time all lags count, got {horizon!r}")
        if self.values is not None and len(self.values) != self.horizon:
            raise ValueError(f"target must have one number for each of the {self.horizon} lags, got {len(self.values)}")
        if self.horizon is None:
            self._refuse_without_energy(target)
        self.averaged = isinstance(weights, str) and weights == "mean"
        self._weights_word = weights if isinstance(weights, str) else None
        self.weights = self._weigh(weights)

    def _read(self, target: Any) -> None:
        """Note the poles with their amplitudes, or the filter itself."""
        if isinstance(target, str):
            if target != "integrator":
                raise unknown("target", target, ["integrator"])
            self.poles, self.amplitudes = np.array([0.0j if self.continuous else 1.0 + 0.0j]), np.ones(1)
        elif isinstance(target, numbers.Complex):
            self.poles, self.amplitudes = np.array([_pole(target)]), np.ones(1)
        elif isinstance(target, list | tuple) and len(target) and all(np.ndim(pair) == 1 for pair in target):
            if any(len(pair) != 2 for pair in target):
                raise ValueError(f"target must be pairs (amplitude, pole), got {target!r}")
            self.amplitudes = np.array([number("amplitude", pair[0]) for pair in target])
            self.poles = np.array([_pole(pair[1]) for pair in target])
        else:
            self.values = finite_array("target", target, shape=(None,))
            if self.continuous:
                raise ValueError("target must be given by poles in continuous time, got an array")
            self.values.flags.writeable = False

    def _refuse_without_energy(self, target: Any) -> None:
        if isinstance(target, str):
            raise ValueError("the integrator never forgets, so its loss is finite only with a horizon")
        for pole in self.poles:
            shown = f"{pole:.6g}" if pole.imag else f"{pole.real:.6g}"
            if self.continuous and not pole.real > 0.0:
                raise ValueError(f"target must decay: a pole with positive real part, got {shown}")
            if not self.continuous and not abs(pole) < 1.0:
                raise ValueError(
                    f"target must have its poles inside the unit circle unless there is a horizon, got {shown}"
                )

    def _weigh(self, weights: str | ArrayLike) -> Array | None:
        if isinstance(weights, str) and weights not in _WEIGHTS:
            raise unknown("weights", weights, _WEIGHTS)
        if self.horizon is None:
            if not isinstance(weights, str) or weights != "last":
                raise ValueError("weights need a horizon: without one all lags count alike")
            return None
        if self.averaged:
            p = 1.0 - np.arange(self.horizon) / self.horizon
        elif isinstance(weights, str):
            p = np.ones(self.horizon)
        else:
            p = finite_array("weights", weights, shape=(self.horizon,))
            if (p < 0.0).any():
                raise ValueError(f"weights must not be negative, got {p.min():.6g}")
        p.flags.writeable = False
        return p

    def filter(self, lags: ArrayLike) -> Array:
        """Return f at some lags (steps, or times in continuous time); 0 beyond the end of an array.

        Parameters
        ----------
        lags : array_like
            Not negative.

        Returns
        -------
        ndarray(float)
        """
        lags = np.asarray(lags)
        if self.values is not None:
            inside = lags < len(self.values)
            return np.where(inside, self.values[np.where(inside, lags, 0).astype(int)], 0.0)
        shape = (-1,) + (1,) * lags.ndim
        poles = self.poles.reshape(shape)
        modes = np.exp(-poles * lags) if self.continuous else poles**lags
        return np.sum(self.amplitudes.reshape(shape) * modes.real, axis=0)

    @cached_property
    def energy(self) -> float:
        """Sum of p_tau f_tau², or the integral of f²: twice the loss of a silent network."""
        if self.weights is not None:
            return float(np.sum(self.weights * self.filter(np.arange(len(self.weights))) ** 2))
        one, other = self.poles[:, None], self.poles[None, :]
        if self.continuous:
            pairs = 1.0 / (one + other) + 1.0 / (one + other.conj())
        else:
            pairs = 1.0 / (1.0 - one * other) + 1.0 / (1.0 - one * other.conj())
        return float(0.5 * self.amplitudes @ pairs.real @ self.amplitudes)

    @property
    def eigenvalues(self) -> NDArray[np.complex128]:
        """Where eigenvalues of W have to be: the poles with their conjugates (1 - z in continuous time)."""
        wanted = 1.0 - self.poles if self.continuous else self.poles
        return np.concatenate([wanted, wanted[wanted.imag != 0.0].conj()])

    @property
    def lags(self) -> Array:
        """Lags of a picture of the filter: all below the horizon, or until it has faded."""
        if self.horizon is not None:
            return np.arange(float(self.horizon))
        if self.continuous:
            return np.linspace(0.0, _FADED / float(self.poles.real.min()), _POINTS)
        slowest = float(np.abs(self.poles).max())
        steps = _FADED / -np.log(slowest) if slowest > 0.0 else 1.0
        return np.arange(float(np.clip(np.ceil(steps), 10, _MOST_LAGS)))

    def at_pole(self, pole: complex) -> FilterTask:
        """Return the same task with one pole of amplitude 1 for its target.

        Examples
        --------
        >>> FilterTask("integrator", horizon=20).at_pole(0.5)
        FilterTask(0.5^tau; horizon 20, last output)
        """
        weights = self._weights_word or self.weights
        return FilterTask(
            pole, horizon=self.horizon, weights="last" if weights is None else weights, continuous=self.continuous
        )

    @property
    def words(self) -> dict[str, Any]:
        """Plain numbers and words that `from_words` makes the task of again."""
        target: Any = None if self.values is None else self.values.tolist()
        if target is None:
            target = [[float(a), [p.real, p.imag]] for a, p in zip(self.amplitudes, self.poles, strict=True)]
        weights = self._weights_word or (None if self.weights is None else self.weights.tolist())
        return {
            "target": target, "poles": self.values is None, "horizon": self.horizon, "weights": weights,
            "continuous": self.continuous,
        }  # fmt: skip

    @classmethod
    def from_words(cls, words: Mapping[str, Any]) -> Self:
        """Make the task that `words` tells of.

        Examples
        --------
        >>> FilterTask.from_words(FilterTask(0.8 + 0.1j, horizon=50).words)
        FilterTask(Re (0.8+0.1j)^tau; horizon 50, last output)
        """
        target: Sequence[Any] = words["target"]
        if words["poles"]:
            target = [(amplitude, complex(*pole)) for amplitude, pole in target]
        return cls(target, horizon=words["horizon"], weights=words["weights"], continuous=words["continuous"])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FilterTask) and self.words == other.words

    def __hash__(self) -> int:
        return hash(repr(self.words))

    def __repr__(self) -> str:
        if self.values is not None:
            shown = f"{len(self.values)} values"
        else:
            pairs = zip(self.amplitudes, self.poles, strict=True)
            shown = " + ".join(self._term(amplitude, pole) for amplitude, pole in pairs)
        if self.horizon is None:
            return f"FilterTask({shown}; {'continuous time' if self.continuous else 'all lags'})"
        counted = {"last": "last output", "mean": "all outputs"}.get(self._weights_word or "", "own weights")
        return f"FilterTask({shown}; horizon {self.horizon}, {counted})"

    def _term(self, amplitude: float, pole: complex) -> str:
        shown = f"({pole:.4g})" if pole.imag else f"{pole.real:.4g}"
        times = "" if amplitude == 1.0 else f"{amplitude:.4g} "
        real = "Re " if pole.imag else ""
        return f"{times}{real}exp(-{shown} t)" if self.continuous else f"{times}{real}{shown}^tau"


def _pole(value: Any) -> complex:
    if isinstance(value, bool) or not isinstance(value, numbers.Complex):
        raise TypeError(f"target must be a number, real or complex, got {value!r}")
    pole = complex(value)
    if not np.isfinite(pole):
        raise ValueError(f"target must be finite, got {value!r}")
    return pole
