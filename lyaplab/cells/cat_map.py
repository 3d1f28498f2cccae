"""Arnold's cat map: a torus is stretched and folded back onto itself without losing area; and a kick that bends it."""

from __future__ import annotations

import math

import numpy as np

from lyaplab.cells._plane import plane_map
from lyaplab.kernel.card import Card, KnownValue, Parameter, Preset


def move(x, y, kick):
    angle = 2.0 * np.pi * x
    slope = 1.0 + kick * np.cos(angle)
    up = y + x + kick / (2.0 * np.pi) * np.sin(angle)
    right = x + up
    return right - np.floor(right), up - np.floor(up), 1.0 + slope, 1.0, slope, 1.0


def gradient(x, y, gx, gy, kick):
    return ((gx + gy) * np.sin(2.0 * np.pi * x) / (2.0 * np.pi),)


_STRETCH = math.log((3.0 + math.sqrt(5.0)) / 2.0)

CARD = Card(
    title="cat map",
    equation=r"y_{t+1} = y_t + x_t + \tfrac{k}{2\pi} \sin 2\pi x_t, \quad x_{t+1} = x_t + y_{t+1} \pmod 1",
    equation_text="y' = y + x + k/(2 pi) sin(2 pi x), x' = x + y' (mod 1)",
    reference="V. I. Arnold and A. Avez, Ergodic Problems of Classical Mechanics, Benjamin (1968).",
    state=("x", "y"),
    size=2,
    # The origin is the only point at rest; 1 is 0 over again.
    bounds=(0.0, 0.999),
    view=(0.0, 1.0),
    start=(0.1, 0.3),
    parameters=(
        Parameter("kick", (), (0.0, 0.9), 0.0, tex="k", about="how strongly the linear map is bent; 0 is Arnold's"),
    ),
    presets={
        "chaos": Preset({}, "Arnold's map: the same stretching everywhere.", "chaos", stable=0),
        "kicked": Preset({"kick": 0.6}, "Bent, it stretches here more than there; area is kept.", "chaos", stable=0),
    },
    known=(
        KnownValue("exponents", (_STRETCH, -_STRETCH), 1e-10, source="exact: ±log((3 + sqrt 5)/2)"),
        KnownValue("fixed_points", ((0.0, 0.0),), 1e-9, source="exact"),
        KnownValue("sum", (0.0,), 1e-11, {"kick": 0.6}, source="exact: the determinant is 1"),
    ),
)

CELL = plane_map(move, gradient, name="cat_map", card=CARD)
