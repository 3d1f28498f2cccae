"""What a user would take instead of lyaplab, each written as a good user of it would.

Every peer is a function ``peer(network, steps)`` that returns another one, without arguments: it runs all tangents of
`network` from its start and from the unit vectors, orthonormalises at every step, and returns the logarithmic growth
(steps, d) of each step. All calculate in float64 on one thread.

The packages come with lyaplab's extra `peers`; what is not installed is left out.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray

from lyaplab.model import Model

__all__ = ["PACKAGES", "Array", "Network", "Run", "missing", "peer"]

Array = NDArray[np.float64]
Run = Callable[[], Array]

# Each peer: the packages that it needs, its module here and its function there.
PACKAGES = {
    "JAX scan": (("jax",), "jax_scan", "scan"),
    "lyapax": (("jax", "lyapax"), "jax_packages", "lyapax_spectrum"),
    "chaotax": (("jax", "chaotax"), "jax_packages", "chaotax_spectrum"),
    "torch": (("torch",), "loops", "by_torch"),
    "NumPy": ((), "loops", "by_numpy"),
}

# Read by XLA when JAX is first imported: one thread, as for all others.
os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false")


@dataclass(frozen=True)
class Network:
    """A network without inputs, on its attractor.

    Parameters
    ----------
    cell : str
        "tanh", "gru" or "lstm".
    weights : tuple of ndarray
        W and b; a GRU has b_n besides.
    start : ndarray(float, shape=(d,))
        State that every run begins with.
    """

    cell: str
    weights: tuple[Array, ...]
    start: Array

    @classmethod
    def of(cls, net: Model, *, warmup: int = 300) -> Network:
        """Take the weights of a model, and the state that it reaches after `warmup` steps."""
        names = [name for name in ("W", "b", "b_n") if name in net.weights]
        return cls(net.cell.name, tuple(net.weights[name] for name in names), net.orbit(1, warmup=warmup)[0])


def missing(name: str) -> list[str]:
    """Return the packages that a peer lacks."""
    return [package for package in PACKAGES[name][0] if find_spec(package) is None]


def peer(name: str) -> Callable[[Network, int], Run]:
    """Return the peer of that name, whose packages have to be installed."""
    _, module, function = PACKAGES[name]
    return getattr(import_module(f"benchmarks.others.{module}"), function)
