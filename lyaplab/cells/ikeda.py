"""The Ikeda map: light that goes round in a ring, turned by a nonlinear medium and weakened at every round."""

from __future__ import annotations

import math

import numpy as np

from lyaplab.cells._plane import plane_map
from lyaplab.kernel.card import Card, KnownValue, Parameter, Preset


def move(x, y, u):
    share = 1.0 / (1.0 + x * x + y * y)
    angle = 0.4 - 6.0 * share
    c, s = u * np.cos(angle), u * np.sin(angle)
    turned_x, turned_y = x * c - y * s, x * s + y * c
    # A longer radius turns by more: d angle = faster (x dx + y dy), and d of the turned point is perpendicular to it.
    faster = 12.0 * share * share
    return (
        1.0 + turned_x,
        turned_y,
        c - turned_y * faster * x,
        -s - turned_y * faster * y,
        s + turned_x * faster * x,
        c + turned_x * faster * y,
    )


def gradient(x, y, gx, gy, u):
    angle = 0.4 - 6.0 / (1.0 + x * x + y * y)
    c, s = np.cos(angle), np.sin(angle)
    return (gx * (x * c - y * s) + gy * (x * s + y * c),)


def bounds(p, u):
    """At rest |z| = |1 + u z| <= 1 + u |z|, so |z| <= 1/(1 - u)."""
    reach = 1.0 / (1.0 - float(p[0][0]))
    return -reach, reach


CARD = Card(
    title="Ikeda map",
    equation=r"z_{t+1} = 1 + u\, z_t\, e^{i (0.4 - 6/(1 + |z_t|^2))}, \quad z = x + i y",
    equation_text="z' = 1 + u z exp(i (0.4 - 6/(1 + |z|^2))), z = x + i y",
    reference="K. Ikeda, Multiple-valued stationary state and its instability of the transmitted light by a ring cavity"
    " system, Optics Communications 30 (1979) 257-261.",
    state=("x", "y"),
    size=2,
    bounds=bounds,
    view=((-1.0, -2.5), (3.5, 3.0)),
    start=(0.1, 0.1),
    parameters=(
        Parameter("u", (), (0.0, 0.98), 0.9, tex="u", about="share of the light that stays", limits=(0.0, 0.999)),
    ),
    presets={
        "settling": Preset({"u": 0.3}, "One resting place attracts.", "fixed point", stable=1),
        "two-cycle": Preset({"u": 0.5}, "The light alternates between two states.", "cycle", stable=0, period=2),
        "four-cycle": Preset({"u": 0.6}, "The two-cycle has doubled its period.", "cycle", stable=0, period=4),
        "chaos": Preset({"u": 0.9}, "A strange attractor, and beside it a resting place far out.", "chaos", stable=1),
    },
    known=(
        KnownValue(
            "fixed_points",
            ((0.5327546229, 0.2468967727), (1.1142696146, -2.2856944610), (2.9721316179, 4.1459464214)), 1e-9,
            source="own roots of the equation at rest; the first is the saddle on the attractor",
        ),
        KnownValue("sum", (2.0 * math.log(0.9),), 1e-10, {"u": 0.9}, 300_000, source="exact: the determinant is u²"),
    ),
)  # fmt: skip

CELL = plane_map(move, gradient, name="ikeda", card=CARD)
