"""Where the unit h' = tanh(w h + b) changes its ways: pitchfork, flip, and the curves that end in the cusp."""

from __future__ import annotations

import math

from lyaplab.errors import number

__all__ = ["CUSP", "FLIP", "PITCHFORK", "flip_bias", "saddle_node_bias"]

# Without a bias, the unit's rest at 0 splits in two at this weight, and starts to alternate at that one.
PITCHFORK = 1.0
FLIP = -1.0
# (w, b) where the two saddle-node curves meet.
CUSP = (1.0, 0.0)


def saddle_node_bias(w: float) -> float:
    """Return the bias |b| below which a self-exciting unit has two stable states, and above it one.

    At a saddle-node w (1 - h²) = 1, so h = sqrt(1 - 1/w) and b = artanh(h) - w h, up to the sign of both. The rate
    unit dh/dt = -h + w tanh(h) + b has the same curve.

    Parameters
    ----------
    w : float
        Weight of the unit's connection to itself, at least 1.

    Returns
    -------
    float
        0 at the cusp, w = 1; about 2 (w - 1)^(3/2)/3 near it.

    Raises
    ------
    ValueError
        If w is below 1.

    References
    ----------
    S. H. Strogatz, Nonlinear Dynamics and Chaos, section 3.6 (imperfect bifurcations and catastrophes).

    Examples
    --------
    >>> round(saddle_node_bias(2.0), 6)
    0.53284
    >>> saddle_node_bias(1.0)
    0.0
    """
    w = number("w", w, low=1.0)
    h = math.sqrt(1.0 - 1.0 / w)
    return w * h - math.atanh(h)


def flip_bias(w: float) -> float:
    """Return the bias |b| below which a self-inhibiting unit alternates between two states, and above it rests.

    At a flip w (1 - h²) = -1, so h = sqrt(1 + 1/w) and b = artanh(h) - w h, up to the sign of both.

    Parameters
    ----------
    w : float
        Weight of the unit's connection to itself, at most -1.

    Returns
    -------
    float
        0 at w = -1, about 2 sqrt(-1 - w) near it.

    Raises
    ------
    ValueError
        If w is above -1.

    Examples
    --------
    >>> round(flip_bias(-2.0), 6)
    2.295587
    """
    w = number("w", w, high=-1.0)
    h = math.sqrt(1.0 + 1.0 / w)
    return math.atanh(h) - w * h
