"""Lorenz's ring of 1996: weather at n places round a circle of latitude, any n, in classical Runge-Kutta steps."""

from __future__ import annotations

import numpy as np

from lyaplab.kernel.card import Card, KnownValue, Parameter, Preset
from lyaplab.kernel.compile import inline
from lyaplab.kernel.plain import flow


@inline
def force(forcing, row, count, i):
    """Forcing at place i for a row of `count`: one set for all, or one for each block of rows."""
    return forcing[i] if forcing.ndim == 1 else forcing[row * forcing.shape[0] // count, i]


@inline
def collect(forcing, row, count, i, amount):
    """Add to the gradient by the forcing at place i."""
    if forcing.ndim == 1:
        forcing[i] += amount
    else:
        forcing[row * forcing.shape[0] // count, i] += amount


@inline
def place(x, v, i, n):
    """Advection less friction at one place, neighbours counted round the ring."""
    return (x[v, (i + 1) % n] - x[v, (i - 2) % n]) * x[v, (i - 1) % n] - x[v, i]


def rhs(q, x, u, y):
    forcing, n = q[0], x.shape[1]
    for v in range(x.shape[0]):
        # The ring closes at three places; between them the loop runs straight and is vectorised.
        for i in (0, 1, n - 1):
            y[v, i] = place(x, v, i, n)
        for i in range(2, n - 1):
            y[v, i] = (x[v, i + 1] - x[v, i - 2]) * x[v, i - 1] - x[v, i]
        for i in range(n):
            y[v, i] += force(forcing, v, x.shape[0], i)


@inline
def tangent(x, b, V, v, i, n):
    """The derivative at one place."""
    before, after, far = (i - 1) % n, (i + 1) % n, (i - 2) % n
    return (V[v, after] - V[v, far]) * x[b, before] + (x[b, after] - x[b, far]) * V[v, before] - V[v, i]


def jvp(q, x, u, V, A, Z):
    n = x.shape[1]
    block = V.shape[0] // x.shape[0]
    for v in range(V.shape[0]):
        b = v // block
        for i in (0, 1, n - 1):
            Z[v, i] = tangent(x, b, V, v, i, n)
        for i in range(2, n - 1):
            Z[v, i] = (
                (V[v, i + 1] - V[v, i - 2]) * x[b, i - 1] + (x[b, i + 1] - x[b, i - 2]) * V[v, i - 1] - V[v, i]
            )


@inline
def adjoint(x, b, G, v, i, n):
    """The transposed derivative at one place: it counts for its follower's, second follower's and leader's slopes."""
    before, after, second = (i - 1) % n, (i + 1) % n, (i + 2) % n
    leads = G[v, before] * x[b, (i - 2) % n]
    carries = G[v, after] * (x[b, second] - x[b, before])
    trails = G[v, second] * x[b, after]
    return leads + carries - trails - G[v, i]


def vjp(q, x, u, G, A, H):
    n = x.shape[1]
    block = G.shape[0] // x.shape[0]
    for v in range(G.shape[0]):
        b = v // block
        for i in (0, 1, n - 2, n - 1):
            H[v, i] = adjoint(x, b, G, v, i, n)
        for i in range(2, n - 2):
            H[v, i] = (
                G[v, i - 1] * x[b, i - 2]
                + G[v, i + 1] * (x[b, i + 2] - x[b, i - 1])
                - G[v, i + 2] * x[b, i + 1]
                - G[v, i]
            )


def gradient(p, x, u, G, dp):
    for v in range(G.shape[0]):
        for i in range(G.shape[1]):
            collect(dp[0], v, G.shape[0], i, G[v, i])


def init(card, n, rng, *, F=8.0, **_):
    """The same forcing at every place."""
    return {"forcing": np.full(n, float(F)), "dt": np.array(card.parameters[1].default)}


def bounds(p, u):
    """At rest |x|² = F · x, since advection keeps the energy: no entry is larger than |F|."""
    reach = float(np.linalg.norm(p[0]))
    return -reach - 1e-6, reach + 1e-6


CARD = Card(
    title="Lorenz 96",
    equation=r"\dot x_i = (x_{i+1} - x_{i-2})\, x_{i-1} - x_i + F, \quad i \bmod n",
    equation_text="dx_i/dt = (x_{i+1} - x_{i-2}) x_{i-1} - x_i + F, i mod n",
    reference="E. N. Lorenz, Predictability: a problem partly solved, Seminar on Predictability, ECMWF (1996) 1-18.",
    state=("x",),
    bounds=bounds,
    view=(-10.0, 14.0),
    time_step="dt",
    parameters=(
        Parameter("forcing", ("n",), (-5.0, 15.0), 8.0, tex="F", about="forcing at each place"),
        Parameter(
            "dt", (), (0.001, 0.1), 0.02, tex=r"\mathrm{d}t", about="time step of the Runge-Kutta method",
            limits=(1e-6, None), trainable=False,
        ),
    ),
    hyper=(
        Parameter("n", range=(4, 200), default=40, about="places on the ring", limits=(4, None), integer=True),
        Parameter("F", range=(-5.0, 15.0), default=8.0, tex="F", about="forcing, the same at every place"),
    ),
    presets={
        "settling": Preset({"n": 40, "F": 0.5}, "Weak forcing: the same calm everywhere.", "fixed point", stable=1),
        "waves": Preset({"n": 36, "F": 3.0}, "Waves travel round the ring.", "cycle"),
        "chaos": Preset({"n": 40, "F": 8.0}, "Weather: 13 directions grow.", "chaos"),
    },
    known=(
        KnownValue(
            "exponents", (1.69,), 0.03, {"n": 40, "dt": 0.05}, 40_000, 2_000,
            source="1.67 to 1.71: E. N. Lorenz and K. A. Emanuel (1998), A. Karimi and M. R. Paul (2010)",
        ),
        KnownValue(
            "kaplan_yorke", (27.1,), 0.3, {"n": 40, "dt": 0.05}, 40_000, 2_000, source="A. Karimi and M. R. Paul (2010)"
        ),
        KnownValue("sum", (-40.0,), 1e-3, {"n": 40}, 4_000, source="exact: the divergence -n"),
    ),
    init=init,
)  # fmt: skip

CELL = flow(rhs, jvp=jvp, vjp=vjp, gradient=gradient, name="lorenz96", card=CARD)
