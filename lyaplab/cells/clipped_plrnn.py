"""The clipped dendritic PLRNN: what each relu has beyond its threshold is taken away again, so orbits are bounded."""

from __future__ import annotations

import math

import numpy as np

from lyaplab.cells._dendrites import HYPER, PARAMETERS, dendritic_weights, functions
from lyaplab.cells._piecewise import reach_of
from lyaplab.kernel.card import Card, KnownValue, Preset
from lyaplab.kernel.cell import Cell


def bounds(p, u):
    """|phi_i| <= sum_b |alpha_b theta_ib|, and with it W phi + C u + h, which is (1 - A) z at every fixed point."""
    A, W, C, h, alpha, theta = p
    phi = np.abs(alpha * theta).sum(axis=-1)
    return reach_of(A, np.abs(W) @ phi + np.abs(C @ u + h))


_RAMP = {"A": [0.5, 0.5], "W": [[0.0, 1.0], [1.0, 0.0]], "h": [-0.8, -0.8], "alpha": [1.0], "theta": [[1.0], [1.0]]}

CARD = Card(
    title="clipped piecewise-linear network",
    equation=r"z_{t+1} = A z_t + W \sum_b \alpha_b [\max(z_t + \theta_b, 0) - \max(z_t, 0)] + C u_t + h",
    equation_text="z' = A z + W sum_b alpha_b [relu(z + theta_b) - relu(z)] + C u + h",
    reference="M. Brenner, F. Hess, J. M. Mikhaeil, L. Bereska, Z. Monfared, P.-C. Kuo and D. Durstewitz, Tractable"
    " dendritic RNNs for reconstructing nonlinear dynamical systems, ICML (2022).",
    state=("z",),
    bounds=bounds,
    view=(-2.5, 2.5),
    parameters=PARAMETERS,
    hyper=HYPER,
    init=dendritic_weights,
    presets={
        "bistable": Preset(
            _RAMP, "Both units excite each other, and both saturate: both high or both low.",
            "fixed point", stable=2, start=(-0.6, 0.3),
        ),
        "chaos": Preset(
            {
                "A": [-0.9, 0.4], "W": [[0.0, -2.8], [1.3, 0.0]], "h": [0.5, 0.3],
                "alpha": [1.0, -1.0], "theta": [[-1.0, 0.0], [-0.1, 0.4]],
            },
            "Pieces that stretch and pieces that shrink, in a bounded plane.", "chaos", stable=0, start=(0.1, 0.1),
        ),
        "cycle": Preset(
            {
                "A": [-0.8, -0.8], "W": [[0.0, -2.1], [2.1, 0.0]], "h": [-0.3, -0.6],
                "alpha": [1.0, -1.0], "theta": [[-0.3, 0.2], [0.0, 0.6]],
            },
            "Five states in turn.", "cycle", stable=0, period=5, start=(0.1, 0.1),
        ),
    },
    known=(
        KnownValue(
            "fixed_points", ((-1.6, -1.6), (-0.4, -0.4), (0.4, 0.4)), 1e-9, _RAMP,
            source="exact: 0.5 z = ramp(z) - 0.8, with the ramp between -1 and 0",
        ),
        KnownValue(
            "exponents", (math.log(0.5), math.log(0.5)), 1e-9, _RAMP, source="exact: J = A where both ramps are flat"
        ),
    ),
)  # fmt: skip

CELL = Cell("clipped_plrnn", card=CARD, **functions(clipped=True))
