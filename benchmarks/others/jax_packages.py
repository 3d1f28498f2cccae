"""Packages on top of JAX that take a step and differentiate it themselves; every run is compiled as a whole."""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.others import Array, Network
from benchmarks.others.formulas import BY_CELL

__all__ = ["chaotax_spectrum", "lyapax_spectrum"]

jax.config.update("jax_enable_x64", True)


def step_of(network: Network) -> Callable:
    """Return the step of a state alone, x -> x'."""
    advance = BY_CELL[network.cell]
    weights = tuple(map(jnp.asarray, network.weights))
    none = jnp.zeros((len(network.start), 0))
    return lambda x: advance(jnp, weights, x, none)[0]


def lyapax_spectrum(network: Network, steps: int) -> Callable[[], Array]:
    """Continue from a checkpoint, which is lyapax's way to begin at tangents of one's own."""
    from lyapax import LyapunovCheckpoint, lyapunov_spectrum

    step, d = step_of(network), len(network.start)

    @jax.jit
    def follow(start):
        begin = LyapunovCheckpoint(start, jnp.eye(d), jnp.zeros(d), jnp.zeros(()), 1.0)
        found = lyapunov_spectrum(step, start, 1.0, steps, resume=begin, check_finite=False)
        return found.history

    start = jnp.asarray(network.start)

    def run() -> Array:
        # Running means, in the order of the last one.
        totals = np.asarray(follow(start)) * np.arange(1, steps + 1)[:, None]
        return np.diff(totals, axis=0, prepend=0.0)

    return run


def chaotax_spectrum(network: Network, steps: int) -> Callable[[], Array]:
    """Take the growth of every step, before chaotax averages it."""
    from chaotax import rollout_growth_spectrum

    follow = rollout_growth_spectrum(step_of(network), steps)

    @jax.jit
    def compiled(start, tangents):
        # It reckons the number of variables with jax.numpy, which has to be known when a compiled run is traced.
        with jax.ensure_compile_time_eval():
            growth = follow(start, tangents)
        return jnp.log(jnp.abs(growth))

    start, tangents = jnp.asarray(network.start), jnp.eye(len(network.start))
    return lambda: np.asarray(compiled(start, tangents))
