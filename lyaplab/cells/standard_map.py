"""Chirikov's standard map: a kicked rotor, where invariant circles break up into a sea of chaos as kicks get harder."""

from __future__ import annotations

import numpy as np

from lyaplab.cells._plane import plane_map
from lyaplab.kernel.card import Card, KnownValue, Parameter, Preset

_TURN = 2.0 * np.pi


# The angle is kept in [0, 2 pi), the momentum in [-pi, pi): the main island lies in the middle.
def move(angle, momentum, K):
    slope = K * np.cos(angle)
    up = momentum + K * np.sin(angle)
    turned = angle + up
    on_torus = turned - _TURN * np.floor(turned / _TURN)
    return on_torus, up - _TURN * np.floor(up / _TURN + 0.5), 1.0 + slope, 1.0, slope, 1.0


def gradient(angle, momentum, gx, gy, K):
    return ((gx + gy) * np.sin(angle),)


def bounds(p, u):
    """The torus, short of 2 pi, which is 0 over again."""
    return np.array([0.0, -np.pi]), np.array([_TURN - 1e-3, np.pi])


CARD = Card(
    title="standard map",
    equation=r"p_{t+1} = p_t + K \sin\theta_t, \quad \theta_{t+1} = \theta_t + p_{t+1} \pmod{2\pi}",
    equation_text="p' = p + K sin(theta), theta' = theta + p' (mod 2 pi)",
    reference="B. V. Chirikov, A universal instability of many-dimensional oscillator systems,"
    " Physics Reports 52 (1979) 263-379.",
    state=("theta", "p"),
    size=2,
    bounds=bounds,
    view=((0.0, -np.pi), (_TURN, np.pi)),
    start=(1.0, 0.7),
    parameters=(Parameter("K", (), (0.0, 10.0), 0.97, tex="K", about="strength of the kicks"),),
    presets={
        "circles": Preset(
            {"K": 0.5}, "Weak kicks: almost every orbit stays on a circle of its own.",
            "quasi-periodic", stable=0, start=(1.0, 1.9),
        ),
        "island": Preset(
            {"K": 1.5}, "An orbit round the resting place at theta = pi, an island in the sea.",
            "quasi-periodic", stable=0, start=(2.5, 0.0),
        ),
        "sea": Preset(
            {"K": 1.5}, "The same kicks, started off the islands: chaos.", "chaos", stable=0, start=(0.01, 0.0)
        ),
        "chaos": Preset({"K": 10.0}, "Hard kicks: hardly an island is left.", "chaos", stable=0),
    },
    known=(
        KnownValue(
            "exponents", (1.6176, -1.6176), 0.016, {"K": 10.0}, 300_000,
            source="own reference run; Chirikov's estimate is log(K/2) = 1.609",
        ),
        KnownValue("fixed_points", ((0.0, 0.0), (np.pi, 0.0)), 1e-9, source="exact: p = 0, sin theta = 0"),
        KnownValue("sum", (0.0,), 1e-11, {"K": 10.0}, 300_000, source="exact: the determinant is 1"),
    ),
)  # fmt: skip

CELL = plane_map(move, gradient, name="standard_map", card=CARD)
