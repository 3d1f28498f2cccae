"""The clipped shallow PLRNN: each hidden unit is a ramp of bounded height, so orbits are bounded where |A| < 1."""

from __future__ import annotations

import math

import numpy as np

from lyaplab.cells._piecewise import reach_of
from lyaplab.cells._shallow import HYPER, PARAMETERS, functions, shallow_weights
from lyaplab.kernel.card import Card, KnownValue, Preset
from lyaplab.kernel.cell import Cell


def bounds(p, u):
    """Each ramp lies within ±|h2|, which bounds (1 - A) z at every fixed point."""
    A, W1, _, C, h1, h2 = p
    return reach_of(A, np.abs(W1) @ np.abs(h2) + np.abs(C @ u + h1))


_RAMP = {"A": [0.5], "W1": [[1.0]], "W2": [[1.0]], "h1": [-0.8], "h2": [1.0]}

CARD = Card(
    title="clipped shallow piecewise-linear network",
    equation=r"z_{t+1} = A z_t + W_1 [\max(W_2 z_t + h_2, 0) - \max(W_2 z_t, 0)] + C u_t + h_1",
    equation_text="z' = A z + W1 [relu(W2 z + h2) - relu(W2 z)] + C u + h1",
    reference="F. Hess, Z. Monfared, M. Brenner and D. Durstewitz, Generalized teacher forcing for learning chaotic"
    " dynamics, ICML (2023).",
    state=("z",),
    bounds=bounds,
    view=(-3.5, 3.5),
    parameters=PARAMETERS,
    hyper=HYPER,
    init=shallow_weights,
    presets={
        "bistable": Preset(
            _RAMP, "One ramp, three crossings with the diagonal: high, low, and a border between.",
            "fixed point", stable=2, start=(-0.35,),
        ),
        "chaos": Preset(
            {"A": [0.1], "W1": [[1.1, 3.0]], "W2": [[1.0], [1.0]], "h1": [-0.2], "h2": [0.6, -0.7]},
            "A steep ramp between gentle slopes: stretched where it is steep, and brought back.",
            "chaos", stable=0, start=(0.3,),
        ),
        "two-cycle": Preset(
            {"A": [-0.8], "W1": [[3.3, 3.4]], "W2": [[1.0], [1.0]], "h1": [0.5], "h2": [-0.5, 0.1]},
            "A negative slope: the state swings from side to side.", "cycle", period=2, start=(0.3,),
        ),
    },
    known=(
        KnownValue(
            "fixed_points", ((-1.6,), (-0.4,), (0.4,)), 1e-9, _RAMP,
            source="exact: 0.5 z = ramp(z) - 0.8, with the ramp between -1 and 0",
        ),
        KnownValue("exponents", (math.log(0.5),), 1e-10, _RAMP, source="exact: the slope A where the ramp is flat"),
    ),
)  # fmt: skip

CELL = Cell("clipped_shallow_plrnn", card=CARD, **functions(clipped=True))
