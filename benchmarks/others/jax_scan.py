"""A scan of JAX, compiled: tangents by the formulas that are written by hand, jnp.linalg.qr at every step."""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.others import Array, Network
from benchmarks.others.formulas import BY_CELL

__all__ = ["scan"]

jax.config.update("jax_enable_x64", True)


def scan(network: Network, steps: int) -> Callable[[], Array]:
    """Compile the whole run."""
    advance = BY_CELL[network.cell]
    weights = tuple(map(jnp.asarray, network.weights))
    start = jnp.asarray(network.start)

    @jax.jit
    def follow(weights, start):
        def step(carry, _):
            x, Q = advance(jnp, weights, *carry)
            Q, R = jnp.linalg.qr(Q)
            return (x, Q), jnp.log(jnp.abs(jnp.diagonal(R)))

        _, growth = jax.lax.scan(step, (start, jnp.eye(len(start))), None, length=steps)
        return growth

    return lambda: np.asarray(follow(weights, start))
