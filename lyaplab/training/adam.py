"""Adam, with the norm of the whole gradient clipped."""

from __future__ import annotations

import numpy as np

from lyaplab.kernel import kernel

__all__ = ["adam", "norm"]



@kernel
def norm(g):
    """Euclidean length, without overflow of the squares: gradients of chaotic networks are of any size."""
    largest = 0.0
    for i in range(g.shape[0]):
        # By selection, so that NaN stays NaN.
        largest = largest if largest > abs(g[i]) else abs(g[i])
        if np.isnan(g[i]):
            return g[i]
    if largest == 0.0 or largest == np.inf:
        return largest
    total = 0.0
    for i in range(g.shape[0]):
        total += (g[i] / largest) * (g[i] / largest)
    return largest * np.sqrt(total)


@kernel
def adam(state, g, scale, rate, update):
    """Change theta, state[0], by one step; state[1] and state[2] are the moments, which decay as usual (.9, .999).

    Parameters
    ----------
    state : (3, P)
    g : (P,)
        Gradient; it is taken times `scale`.
    rate : float
        Learning rate.
    update : int
        How many updates there have been, this one included.
    """
    first, second = 1.0 - 0.9**update, 1.0 - 0.999**update
    for i in range(g.shape[0]):
        slope = scale * g[i]
        state[1, i] = 0.9 * state[1, i] + (1.0 - 0.9) * slope
        state[2, i] = 0.999 * state[2, i] + (1.0 - 0.999) * slope * slope
        state[0, i] -= rate * (state[1, i] / first) / (np.sqrt(state[2, i] / second) + 1e-8)
