"""Lorenz's three equations of convection, in classical Runge-Kutta steps."""

from __future__ import annotations

import math

import numpy as np

from lyaplab.kernel.card import Card, KnownValue, Parameter, Preset
from lyaplab.kernel.plain import flow


def rhs(x, y, z, sigma, rho, beta):
    return sigma * (y - x), x * (rho - z) - y, x * y - beta * z


def jvp(x, y, z, vx, vy, vz, sigma, rho, beta):
    return sigma * (vy - vx), (rho - z) * vx - vy - x * vz, y * vx + x * vy - beta * vz


def vjp(x, y, z, gx, gy, gz, sigma, rho, beta):
    return (rho - z) * gy + y * gz - sigma * gx, sigma * gx - gy + x * gz, -x * gy - beta * gz


def gradient(x, y, z, gx, gy, gz, sigma, rho, beta):
    return gx * (y - x), gy * x, -gz * z


def bounds(p, u):
    """A box somewhat larger than the three rest points 0 and (±r, ±r, rho - 1), r² = beta (rho - 1)."""
    _, rho, beta, _ = p
    reach = 1.0 + 1.5 * math.sqrt(abs(float(beta[0] * (rho[0] - 1.0))))
    height = 1.0 + 1.5 * abs(float(rho[0]) - 1.0)
    high = np.array([reach, reach, height])
    return -high, high


def spectrum(quantity: str, value: tuple[float, ...], tolerance: float, source: str, **params: float) -> KnownValue:
    """A value of the attractor, from 5,000 units of time in steps of 0.005."""
    return KnownValue(quantity, value, tolerance, {"dt": 0.005, **params}, 1_000_000, 10_000, source)


_SIDE = math.sqrt(72.0)
_WOLF = {"sigma": 16.0, "rho": 45.92, "beta": 4.0}

CARD = Card(
    title="Lorenz system",
    equation=r"\dot x = \sigma (y - x), \quad \dot y = x (\rho - z) - y, \quad \dot z = x y - \beta z",
    equation_text="dx/dt = sigma (y - x), dy/dt = x (rho - z) - y, dz/dt = x y - beta z",
    reference="E. N. Lorenz, Deterministic nonperiodic flow, Journal of the Atmospheric Sciences 20 (1963) 130-141.",
    state=("x", "y", "z"),
    size=3,
    bounds=bounds,
    view=((-22.0, -28.0, 0.0), (22.0, 28.0, 52.0)),
    time_step="dt",
    start=(1.0, 2.0, 20.0),
    parameters=(
        Parameter("sigma", (), (0.0, 20.0), 10.0, tex=r"\sigma", about="Prandtl number"),
        Parameter("rho", (), (0.0, 60.0), 28.0, tex=r"\rho", about="Rayleigh number over its critical value"),
        Parameter("beta", (), (0.0, 6.0), 8.0 / 3.0, tex=r"\beta", about="shape of the convection rolls"),
        Parameter(
            "dt", (), (0.001, 0.02), 0.01, tex=r"\mathrm{d}t", about="time step of the Runge-Kutta method",
            limits=(1e-6, None), trainable=False,
        ),
    ),
    presets={
        "no-convection": Preset({"rho": 0.5}, "Everything comes to rest at the origin.", "fixed point", stable=1),
        "settling": Preset({"rho": 14.0}, "Two resting places: rolls turning left or right.", "fixed point", stable=2),
        "transient-chaos": Preset(
            {"rho": 21.0}, "The orbit wanders between both sides for a while, then settles on one.",
            "fixed point", stable=2, start=(1.0, 2.0, 20.0),
        ),
        "chaos": Preset({"rho": 28.0}, "Lorenz's butterfly.", "chaos", stable=0),
        "limit-cycle": Preset(
            {"rho": 160.0, "dt": 0.005}, "Far behind chaos, a window of order: a cycle.",
            "cycle", stable=0, start=(20.0, 30.0, 150.0),
        ),
    },
    known=(
        spectrum("exponents", (0.9056, 0.0, -14.5723), 0.01, "J. C. Sprott; D. Viswanath"),
        spectrum("sum", (-41.0 / 3.0,), 1e-4, "exact: the divergence -(sigma + 1 + beta)"),
        spectrum("kaplan_yorke", (2.062,), 0.001, "literature"),
        spectrum("exponents", (1.50, 0.0, -22.46), 0.05, "A. Wolf et al., Physica D 16 (1985) 285-317", **_WOLF),
        spectrum("exponents", (1.5037, 0.0, -22.5037), 0.02, "own reference run", **_WOLF),
        spectrum("sum", (-21.0,), 1e-3, "exact: the divergence -(sigma + 1 + beta)", **_WOLF),
        spectrum("kaplan_yorke", (2.067,), 0.001, "own reference run", **_WOLF),
        KnownValue(
            "fixed_points", ((-_SIDE, -_SIDE, 27.0), (0.0, 0.0, 0.0), (_SIDE, _SIDE, 27.0)), 1e-8,
            source="exact: x = y = ±sqrt(beta (rho - 1)), z = rho - 1",
        ),
    ),
)  # fmt: skip

CELL = flow(rhs, jvp=jvp, vjp=vjp, gradient=gradient, name="lorenz63", card=CARD)
