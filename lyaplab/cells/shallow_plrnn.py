"""The shallow PLRNN z' = A z + W1 relu(W2 z + h2) + C u + h1: one hidden layer between two states."""

from __future__ import annotations

import math

from lyaplab.cells._shallow import HYPER, PARAMETERS, functions, shallow_weights
from lyaplab.kernel.card import Card, KnownValue, Preset
from lyaplab.kernel.cell import Cell


def tent(slope: float) -> dict[str, list]:
    """Return the weights of the tent map: slope x up to 1/2, slope (1 - x) beyond."""
    return {"A": [slope], "W1": [[-2.0 * slope]], "W2": [[1.0]], "h2": [-0.5]}


def lozi(a: float, b: float) -> dict[str, list]:
    """Return the weights of Lozi's map x' = 1 - a |x| + y, y' = b x, with y = relu(y) - relu(-y)."""
    return {
        "A": [a, 0.0],
        "W1": [[-2.0 * a, 0.0, 1.0, -1.0], [b, -b, 0.0, 0.0]],
        "W2": [[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]],
        "h1": [1.0, 0.0],
    }


CARD = Card(
    title="shallow piecewise-linear network",
    equation=r"z_{t+1} = A z_t + W_1 \max(W_2 z_t + h_2, 0) + C u_t + h_1",
    equation_text="z' = A z + W1 relu(W2 z + h2) + C u + h1",
    reference="F. Hess, Z. Monfared, M. Brenner and D. Durstewitz, Generalized teacher forcing for learning chaotic"
    " dynamics, ICML (2023).",
    state=("z",),
    view=(-1.5, 1.5),
    parameters=PARAMETERS,
    hyper=HYPER,
    init=shallow_weights,
    presets={
        "lozi": Preset(
            lozi(1.7, 0.5), "Lozi's map, Henon's with straight lines, in four hidden units.",
            "chaos", stable=0, start=(0.1, 0.1),
        ),
        "tent": Preset(
            tent(1.9), "The tent map in one hidden unit: every step stretches by the same factor.",
            "chaos", stable=0, start=(0.3,),
        ),
        "tent-settling": Preset(
            tent(0.8), "A tent too flat to stretch: everything comes to rest at 0.",
            "fixed point", stable=1, start=(0.9,),
        ),
        "lozi-settling": Preset(
            lozi(0.9, -0.6), "Lozi's map once more, where it shrinks: it comes to rest.",
            "fixed point", stable=1, start=(0.1, 0.1),
        ),
    },
    known=(
        KnownValue("exponents", (math.log(1.9),), 1e-10, tent(1.9), source="exact: the slope is ±1.9 everywhere"),
        KnownValue("exponents", (math.log(0.8),), 1e-10, tent(0.8), source="exact: the slope at 0"),
        KnownValue("fixed_points", ((0.0,), (1.9 / 2.9,)), 1e-9, tent(1.9), source="exact: x = 1.9 (1 - x)"),
        KnownValue("sum", (math.log(0.5),), 1e-10, lozi(1.7, 0.5), source="exact: the determinant is -b"),
        KnownValue(
            "exponents", (0.4702, -1.1633), 2e-3, lozi(1.7, 0.5), 200_000,
            source="J. C. Sprott, Chaos and Time-Series Analysis (2003)",
        ),
        KnownValue(
            "fixed_points", ((-1.0 / 1.2, -0.5 / 1.2), (1.0 / 2.2, 0.5 / 2.2)), 1e-9, lozi(1.7, 0.5),
            source="exact: x = 1/(1 - b ± a)",
        ),
    ),
)  # fmt: skip

CELL = Cell("shallow_plrnn", card=CARD, **functions(clipped=False))
