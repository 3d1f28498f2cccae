"""Many updates of a linear filter in one kernel: gradient descent, flow, momentum and Adam."""

from __future__ import annotations

import numpy as np

from lyaplab.engine.krylov import gradient, pole
from lyaplab.kernel import inline, kernel
from lyaplab.training.adam import adam

__all__ = ["ADAM", "DESCENT", "FLOW", "MEMORY", "MOMENTUM", "RULES", "change", "follow"]

DESCENT, FLOW, MOMENTUM, ADAM = range(4)
RULES = {"descent": DESCENT, "flow": FLOW, "momentum": MOMENTUM, "adam": ADAM}
# What momentum keeps of its velocity from one update to the next.
MEMORY = 0.9


@kernel
def change(rule, stage, state, g, rate, update):
    """Change the first numbers of theta, state[0], those that have a slope in g; state[1:] is the rule's memory.

    The flow is a step of Runge and Kutta: its four stages follow each other, each with a gradient of its own.
    """
    if rule == ADAM:
        adam(state, g, 1.0, rate, update)
        return
    for i in range(g.shape[0]):
        if rule == DESCENT:
            state[0, i] -= rate * g[i]
        elif rule == MOMENTUM:
            state[1, i] = MEMORY * state[1, i] + g[i]
            state[0, i] -= rate * state[1, i]
        elif stage == 0:
            state[1, i], state[2, i] = state[0, i], g[i]
            state[0, i] -= 0.5 * rate * g[i]
        elif stage < 3:
            state[2, i] += 2.0 * g[i]
            state[0, i] = state[1, i] - (0.5 * rate if stage == 1 else rate) * g[i]
        else:
            state[0, i] = state[1, i] - rate / 6.0 * (state[2, i] + g[i])


@inline
def critical(z, p, everything):
    """Rate at which a step overshoots by as much as it was off, for one outlier z that is where it should be."""
    by_pole, mixed, by_weight, power, before = 0.0, 0.0, 0.0, 1.0, 0.0
    for tau in range(p.shape[0]):
        slope = tau * before
        by_pole += p[tau] * slope * slope
        mixed += p[tau] * slope * power
        by_weight += p[tau] * power * power
        before, power = power, power * z
    if not everything:
        return 2.0 / by_pole if by_pole > 0.0 else np.inf
    # Eigenvalues of [[by_pole, sqrt2 mixed], [sqrt2 mixed, 2 by_weight]].
    half, apart = 0.5 * (by_pole + 2.0 * by_weight), 0.5 * (by_pole - 2.0 * by_weight)
    return 2.0 / (half + np.sqrt(apart * apart + 2.0 * mixed * mixed))


@inline
def _limit(share, z, p, g, everything):
    """Rate of a step that keeps to a share of the critical rate, and of the way to 1 that is left to the pole z."""
    total = 0.0
    for i in range(g.shape[0]):
        total += g[i] * g[i]
    left = max(1.0 - z, 1.0 / p.shape[0])
    rate, slope = critical(z, p, everything), np.sqrt(total)
    return share * (rate if rate * slope < left else left / slope)


@kernel
def follow(rule, state, g, views, slopes, f, p, noise, averaged, room, rate, limited, everything, first, losses, rates):
    """Take updates until `losses` is full; return how many were taken.

    One fewer than asked for, or still fewer, when a loss is not finite: that of the state where it stopped.

    Parameters
    ----------
    rule : int
    state : (3, P)
        Theta and the rule's memory.
    g : (trained,)
        Slopes of what is trained, the first numbers of theta.
    views, slopes : tuple
        (W, u, v) within state[0], and where their slopes are left, of which g is the first part.
    f, p : (T,)
    noise : (K, B, T)
        A batch for every update, or one that is empty, (1, 0, T), for the exact gradient.
    averaged, room
        As of `krylov_gradient`.
    rate : float
        Or, when `limited`, what is left of the rate that is critical for the pole that W has now.
    limited, everything : bool
        `everything`: u and v are trained as well.
    first : int
        Updates before these.
    losses, rates : (K,)
    """
    W, u, v = views
    dW, du, dv = slopes
    stages = 4 if rule == FLOW else 1
    taken = rate
    for k in range(losses.shape[0]):
        for stage in range(stages):
            heard = noise[k % noise.shape[0]]
            loss = gradient(W, u, v, f, p, heard, averaged, room, dW, du, dv)
            if stage == 0:
                if not np.isfinite(loss):
                    return k
                if limited:
                    taken = _limit(rate, pole(room[0]), p, g, everything)
                losses[k], rates[k] = loss, taken
            change(rule, stage, state, g, taken, first + k + 1)
    return losses.shape[0]
