"""Rössler's three equations: one nonlinear term is enough for a band that is stretched, folded and laid on itself."""

from __future__ import annotations

import math

import numpy as np

from lyaplab.kernel.card import Card, KnownValue, Parameter, Preset
from lyaplab.kernel.plain import flow


def rhs(x, y, z, a, b, c):
    return -y - z, x + a * y, b + z * (x - c)


def jvp(x, y, z, vx, vy, vz, a, b, c):
    return -vy - vz, vx + a * vy, z * vx + (x - c) * vz


def vjp(x, y, z, gx, gy, gz, a, b, c):
    return gy + z * gz, a * gy - gx, (x - c) * gz - gx


def gradient(x, y, z, gx, gy, gz, a, b, c):
    return gy * y, gz, -gz * z


def rest(a: float, b: float, c: float) -> tuple[tuple[float, float, float], ...]:
    """Return the resting places: z = -y, x = -a y, and a z² - c z + b = 0; none when 4 a b > c²."""
    if a == 0.0:
        return ((0.0, -b / c, b / c),) if c else ()
    root = c * c - 4.0 * a * b
    if root < 0.0:
        return ()
    heights = sorted((c + sign * math.sqrt(root)) / (2.0 * a) for sign in (-1.0, 1.0))
    return tuple((a * z, -z, z) for z in heights)


def bounds(p, u):
    """A box somewhat larger than the resting places."""
    points = rest(*(float(array[0]) for array in p[:3]))
    high = 1.0 + 1.5 * np.abs(np.array([*points, (0.0, 0.0, 0.0)])).max(axis=0)
    return -high, high


def spectrum(value: tuple[float, ...], source: str, **params: float) -> KnownValue:
    """Exponents of the attractor, from 40,000 units of time."""
    return KnownValue("exponents", value, 0.004, {"dt": 0.02, **params}, 2_000_000, 20_000, source)


CARD = Card(
    title="Rössler system",
    equation=r"\dot x = -y - z, \quad \dot y = x + a y, \quad \dot z = b + z (x - c)",
    equation_text="dx/dt = -y - z, dy/dt = x + a y, dz/dt = b + z (x - c)",
    reference="O. E. Rössler, An equation for continuous chaos, Physics Letters A 57 (1976) 397-398.",
    state=("x", "y", "z"),
    size=3,
    bounds=bounds,
    view=((-12.0, -12.0, 0.0), (14.0, 10.0, 25.0)),
    time_step="dt",
    start=(1.0, 1.0, 0.5),
    parameters=(
        Parameter("a", (), (0.0, 0.4), 0.2, tex="a", about="how fast the spiral unwinds"),
        Parameter("b", (), (0.0, 2.0), 0.2, tex="b", about="what feeds z everywhere"),
        Parameter("c", (), (1.0, 12.0), 5.7, tex="c", about="how far out the fold begins"),
        Parameter(
            "dt", (), (0.001, 0.1), 0.02, tex=r"\mathrm{d}t", about="time step of the Runge-Kutta method",
            limits=(1e-6, None), trainable=False,
        ),
    ),
    presets={
        "one-loop": Preset({"c": 2.5}, "A cycle of one loop.", "cycle", stable=0),
        "two-loops": Preset({"c": 3.5}, "The cycle has doubled: it closes after two loops.", "cycle", stable=0),
        "four-loops": Preset({"c": 4.0}, "Doubled again: four loops.", "cycle", stable=0),
        "chaos": Preset({"c": 5.7}, "Rössler's folded band.", "chaos", stable=0),
    },
    known=(
        spectrum((0.0714, 0.0, -5.394), "J. C. Sprott"),
        KnownValue("kaplan_yorke", (2.013,), 0.001, {"dt": 0.02}, 2_000_000, 20_000, source="J. C. Sprott"),
        spectrum((0.0902, 0.0), "A. Wolf et al., Physica D 16 (1985) 285-317", a=0.15, c=10.0),
        spectrum((0.0887, 0.0, -9.800), "own reference run (Wolf: -9.77)", a=0.15, c=10.0),
        KnownValue("fixed_points", rest(0.2, 0.2, 5.7), 1e-8, source="exact: a quadratic"),
    ),
)  # fmt: skip

CELL = flow(rhs, jvp=jvp, vjp=vjp, gradient=gradient, name="roessler", card=CARD)
