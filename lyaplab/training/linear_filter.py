"""A linear network as a filter: its weights, the filter it is, its loss and the exact gradient."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.linalg
from numpy.typing import ArrayLike, NDArray

from lyaplab.errors import finite_array, number, positive_int
from lyaplab.model import Model
from lyaplab.theory.filter_task import FilterTask
from lyaplab.theory.population import FilterGradient, population_gradient
from lyaplab.training.network import Network
from lyaplab.training.readout import Readout

__all__ = ["FilterNetwork", "filter_gradient", "filter_loss"]

Array = NDArray[np.float64]


@dataclass(frozen=True, repr=False, eq=False)
class FilterNetwork:
    """The network h' = W h + u x, y = v.h' (or dh/dt = -h + W h + u x): a filter of its one input.

    Parameters
    ----------
    W : array_like(float, shape=(N, N))
        Recurrent weights.
    u, v : array_like(float, shape=(N,))
        How the input enters, and how the output is read.

    Raises
    ------
    ValueError, TypeError
        If shapes do not fit, or a number is not finite.

    Examples
    --------
    >>> FilterNetwork([[0.5]], [2.0], [1.0]).kernel([0, 1, 2])
    array([2. , 1. , 0.5])
    """

    W: Array
    u: Array
    v: Array

    def __post_init__(self) -> None:
        u = finite_array("u", self.u, shape=(None,))
        shapes = {"W": (len(u), len(u)), "u": (len(u),), "v": (len(u),)}
        for name, shape in shapes.items():
            array = finite_array(name, getattr(self, name), shape=shape)
            array.flags.writeable = False
            object.__setattr__(self, name, array)

    @classmethod
    def random(
        cls,
        n: int = 100,
        *,
        g: float = 0.0,
        aligned: float | None = None,
        norms: float | tuple[float, float] = 1.0,
        seed: int = 0,
    ) -> FilterNetwork:
        """Draw a network whose eigenvalues fill a disc.

        Parameters
        ----------
        n : int, optional
            Number of units N.
        g : float, optional
            Radius of the disc: W_ij ~ N(0, g²/N). The same seed gives the same disc, larger or smaller.
        aligned : float, optional
            Angle between u and v, in radians: 0 for u = v, pi/2 for orthogonal ones. By default both are drawn, which
            makes them all but orthogonal when N is large.
        norms : float or (float, float), optional
            Lengths of u and v.
        seed : int, optional
            Of all three.

        Returns
        -------
        FilterNetwork

        Raises
        ------
        ValueError, TypeError
            If n is 1 and u and v are to point in different directions, or a number is out of range.

        Examples
        --------
        >>> net = FilterNetwork.random(50, g=0.3, aligned=0.1, seed=1)
        >>> round(float(np.arccos(net.u @ net.v)), 6)
        0.1
        >>> bool(abs(np.abs(net.eigenvalues()).max() - 0.3) < 0.05)
        True
        """
        n, g = positive_int("n", n), number("g", g, low=0.0)
        lengths = norms if isinstance(norms, tuple | list) else (norms, norms)
        if len(lengths) != 2:
            raise ValueError(f"norms must be a number or a pair, of u and of v, got {norms!r}")
        of_u, of_v = (number("norms", length, low=0.0) for length in lengths)
        rng = np.random.default_rng(positive_int("seed", seed, minimum=0))
        W = rng.standard_normal((n, n)) * (g / math.sqrt(n))
        u = _unit(rng.standard_normal(n))
        v = other = _unit(rng.standard_normal(n))
        if aligned is not None:
            angle = number("aligned", aligned, low=-math.pi, high=math.pi)
            if n == 1 and abs(math.sin(angle)) > 1e-9:
                raise ValueError(f"aligned needs two units for an angle other than 0 and pi, got {angle:g} and n = 1")
            across = _unit(other - (other @ u) * u) if n > 1 else np.zeros(1)
            v = math.cos(angle) * u + math.sin(angle) * across
        return cls(W, of_u * u, of_v * v)

    @property
    def n(self) -> int:
        """Number of units N."""
        return len(self.u)

    def kernel(self, lags: ArrayLike, *, continuous: bool = False) -> Array:
        """Return the filter k at some lags: v^T W^tau u, or v^T exp(-(1 - W) t) u.

        Parameters
        ----------
        lags : array_like, shape (L,)
            Numbers of steps, or times; not negative.
        continuous : bool, optional
            Whether they are times.

        Returns
        -------
        ndarray(float, shape=(L,))
        """
        lags = finite_array("lags", lags, shape=(None,))
        if len(lags) and lags.min() < 0.0:
            raise ValueError(f"lags must not be negative, got {lags.min():g}")
        if not continuous and (lags != np.round(lags)).any():
            raise ValueError("lags must be whole numbers in discrete time")
        order = np.argsort(lags, kind="stable")
        found, state, now = np.empty(len(lags)), self.u, 0.0
        steps: dict[float, Array] = {}
        with np.errstate(over="ignore", invalid="ignore"):
            for place in order:
                # Equal steps in time share one exponential.
                ahead = round(float(lags[place] - now), 12)
                if continuous and ahead > 0.0:
                    if ahead not in steps:
                        steps[ahead] = scipy.linalg.expm((self.W - np.eye(self.n)) * ahead)
                    state = steps[ahead] @ state
                elif not continuous:
                    for _ in range(int(ahead)):
                        state = self.W @ state
                now = float(lags[place])
                found[place] = self.v @ state
        return found

    def eigenvalues(self) -> NDArray[np.complex128]:
        """Return the eigenvalues of W, largest modulus first."""
        found = np.linalg.eigvals(self.W).astype(complex)
        return found[np.argsort(-np.abs(found), kind="stable")]

    def reduced(self) -> FilterNetwork:
        """Return what the network is within the plane of u and v: two units, or one where these are parallel.

        Learning from W = 0 never leaves that plane: there the small network does, at every update, what the large one
        does.

        Examples
        --------
        >>> FilterNetwork.random(100, aligned=0.5, seed=1).reduced().n
        2
        """
        left, strength, _ = np.linalg.svd(np.stack([self.u, self.v], axis=1), full_matrices=False)
        P = left[:, : max(1, int(np.sum(strength > 1e-12 * max(strength[0], 1e-300))))]
        return FilterNetwork(P.T @ self.W @ P, P.T @ self.u, P.T @ self.v)

    @property
    def model(self) -> Model:
        """The cell `linear` with these weights: U = u. In discrete time."""
        return Model("linear", W=self.W, U=self.u[:, None])

    @property
    def network(self) -> Network:
        """The same with its readout, B = v^T: what `lyaplab.train` can go on with."""
        return Network(self.model, Readout(self.v[None, :]))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, FilterNetwork):
            return NotImplemented
        return all(np.array_equal(getattr(self, name), getattr(other, name)) for name in ("W", "u", "v"))

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        lengths = float(np.linalg.norm(self.u)), float(np.linalg.norm(self.v))
        radius = float(np.abs(np.linalg.eigvals(self.W)).max())
        product = lengths[0] * lengths[1]
        cosine = f"{float(self.u @ self.v) / product:.3f}" if product > 0.0 else "undefined"
        return (
            f"FilterNetwork({self.n} units; |u| {lengths[0]:.3g}, |v| {lengths[1]:.3g}, cosine {cosine};"
            f" spectral radius {radius:.3g})"
        )


def _unit(x: Array) -> Array:
    return np.asarray(x / np.linalg.norm(x))


def filter_loss(net: FilterNetwork, task: FilterTask) -> float:
    """Return 1/2 sum_tau p_tau (k_tau - f_tau)², exactly.

    Parameters
    ----------
    net : FilterNetwork
    task : FilterTask

    Returns
    -------
    float
        Infinite where the network is unstable and all lags count.

    Examples
    --------
    >>> filter_loss(FilterNetwork([[0.0]], [1.0], [1.0]), FilterTask(0.5, horizon=3))  # (1/4 + 1/16)/2
    0.15625
    """
    return filter_gradient(net, task).loss


def filter_gradient(net: FilterNetwork, task: FilterTask) -> FilterGradient:
    """Return the loss with its exact gradient by W, u and v: no sampling, no autograd.

    With a horizon from the Krylov sequences of W; without one from Lyapunov's equations and a resolvent.

    Parameters
    ----------
    net : FilterNetwork
    task : FilterTask

    Returns
    -------
    FilterGradient
        loss, W, u, v.

    Examples
    --------
    >>> filter_gradient(FilterNetwork([[0.0]], [1.0], [1.0]), FilterTask(0.5, horizon=3)).W  # only lag 1 hears of W
    array([[-0.5]])
    """
    checked(net, task)
    return population_gradient(task, net.W, net.u, net.v)


def checked(net: Any, task: Any) -> None:
    """Refuse what is not a network and a task."""
    if not isinstance(net, FilterNetwork):
        raise TypeError(f"net must be a FilterNetwork, got {type(net).__name__}")
    if not isinstance(task, FilterTask):
        raise TypeError(f"task must be a FilterTask, got {type(task).__name__}")
