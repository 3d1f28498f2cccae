"""The dendritic PLRNN: each unit sums B relus with thresholds of their own, so few units make rich dynamics."""

from __future__ import annotations

import math

from lyaplab.cells._dendrites import HYPER, PARAMETERS, dendritic_weights, functions
from lyaplab.kernel.card import Card, KnownValue, Preset
from lyaplab.kernel.cell import Cell

CARD = Card(
    title="dendritic piecewise-linear network",
    equation=r"z_{t+1} = A z_t + W \sum_b \alpha_b \max(z_t + \theta_b, 0) + C u_t + h",
    equation_text="z' = A z + W sum_b alpha_b relu(z + theta_b) + C u + h",
    reference="M. Brenner, F. Hess, J. M. Mikhaeil, L. Bereska, Z. Monfared, P.-C. Kuo and D. Durstewitz, Tractable"
    " dendritic RNNs for reconstructing nonlinear dynamical systems, ICML (2022).",
    state=("z",),
    view=(-2.5, 2.5),
    parameters=PARAMETERS,
    hyper=HYPER,
    init=dendritic_weights,
    presets={
        "chaos": Preset(
            {
                "A": [0.9, -0.3], "W": [[0.0, 1.9], [-2.1, 0.0]], "h": [-0.9, -0.4],
                "alpha": [1.0, -1.0], "theta": [[0.7, -0.1], [1.0, -1.0]],
            },
            "Two relus of opposite weight make a ramp that saturates: bounded, and chaotic.",
            "chaos", stable=0, start=(0.1, 0.1),
        ),
        "winner-take-all": Preset(
            {
                "A": [0.5, 0.5], "W": [[0.0, -1.0], [-1.0, 0.0]], "h": [0.5, 0.5],
                "alpha": [0.5, 0.5], "theta": [[0.0, 0.5], [0.0, 0.5]],
            },
            "The units inhibit each other: the one that leads at first stays alone.",
            "fixed point", stable=2, start=(0.5, 0.45),
        ),
        "cycle": Preset(
            {
                "A": [-0.3, -0.6], "W": [[0.0, -1.5], [-2.2, 0.0]], "h": [0.2, 0.3],
                "alpha": [1.0, -1.0], "theta": [[-0.3, 0.8], [-0.3, -0.8]],
            },
            "The orbit goes through three linear maps in turn.", "cycle", stable=0, period=3, start=(0.1, 0.1),
        ),
    },
    known=(
        KnownValue(
            "fixed_points", ((-1.0, 1.0), (1.0 / 3.0, 1.0 / 3.0), (1.0, -1.0)), 1e-9,
            {
                "A": [0.5, 0.5], "W": [[0.0, -1.0], [-1.0, 0.0]], "h": [0.5, 0.5],
                "alpha": [0.25, 0.75], "theta": [[0.0, 0.0], [0.0, 0.0]],
            },
            source="exact: with thresholds 0 and weights of sum 1, the PLRNN",
        ),
        KnownValue(
            "exponents", (math.log(0.5), math.log(0.25)), 1e-9,
            {
                "A": [0.5, 0.25], "W": [[0.0, -1.0], [-1.0, 0.0]], "h": [0.5, 0.1],
                "alpha": [0.5, 0.5], "theta": [[0.0, 0.2], [0.0, 0.2]],
            },
            source="exact: one unit is silent, so J = A where the orbit rests",
        ),
    ),
)  # fmt: skip

CELL = Cell("dendritic_plrnn", card=CARD, **functions(clipped=False))
