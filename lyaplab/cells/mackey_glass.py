"""The Mackey-Glass equation: blood cells made at a rate that depends on their number tau days before.

A delay equation's state is a piece of history: x(t), x(t - dt), ..., x(t - tau), newest first; n points, so
dt = tau/(n - 1). One step moves by dt: classical Runge-Kutta, with the delayed value in the middle of the step taken
from a cubic through the four oldest points. The error of an orbit that is smooth falls as dt⁴ (a test holds it to
that); a start whose slope does not fit the equation leaves kinks, and costs two of these orders for some delays.
"""

from __future__ import annotations

import numpy as np

from lyaplab.kernel.algebra import at
from lyaplab.kernel.card import Card, KnownValue, Parameter, Preset
from lyaplab.kernel.cell import Cell
from lyaplab.kernel.compile import inline


def size(p):
    n = p[3].shape[-1]
    return n, 5, 1


def prepare(p):
    """Refuse points that do not lie evenly: a step then would not turn the history into itself."""
    dt = p[3]
    if np.ptp(dt, axis=-1).max() > 1e-9 * dt.max():
        raise ValueError(f"dt must hold one number again and again (or give tau), got {dt.min():g} to {dt.max():g}")
    return p


@inline
def production(delayed, beta, power):
    """What is made at a delayed number of cells, and its derivative; the same with the sign for negative numbers."""
    crowd = abs(delayed) ** power
    share = 1.0 / (1.0 + crowd)
    return beta * delayed * share, beta * (1.0 + (1.0 - power) * crowd) * share * share


@inline
def middle(x, v, n):
    """The history half a step after its oldest point, by a cubic through the four oldest points."""
    return 0.3125 * x[v, n - 1] + 0.9375 * x[v, n - 2] - 0.3125 * x[v, n - 3] + 0.0625 * x[v, n - 4]


@inline
def shares(z):
    """What a Runge-Kutta step of length z = gamma dt keeps of x, and its weights of the delayed terms.

    The four slopes are linear in x and in what is made at the beginning, in the middle and at the end of the step, so
    they add up in closed form.
    """
    kept = 1.0 - z * (1.0 - z * (0.5 - z * (1.0 / 6.0 - z / 24.0)))
    first = (1.0 - z * (1.0 - z * (0.5 - 0.25 * z))) / 6.0
    second = (4.0 - z * (2.0 - 0.5 * z)) / 6.0
    return kept, first, second, 1.0 / 6.0


@inline
def slopes_of_shares(z):
    """Derivatives by z of the first three of them."""
    kept = -1.0 + z * (1.0 - z * (0.5 - z / 6.0))
    first = (-1.0 + z * (1.0 - 0.75 * z)) / 6.0
    second = (-2.0 + z) / 6.0
    return kept, first, second


@inline
def spacing(dt, row, count):
    """Time between neighbouring points of the history."""
    return dt[0] if dt.ndim == 1 else dt[row * dt.shape[0] // count, 0]


# w holds the derivatives of the new value by the newest and by the four oldest points, from the oldest on.
def step(q, x, u, y, w):
    count, n = x.shape
    for v in range(count):
        beta, gamma, power = at(q[0], v, count), at(q[1], v, count), at(q[2], v, count)
        h = spacing(q[3], v, count)
        kept, first, second, third = shares(gamma * h)
        made1, slope1 = production(x[v, n - 1], beta, power)
        made2, slope2 = production(middle(x, v, n), beta, power)
        made3, slope3 = production(x[v, n - 2], beta, power)
        w[v, 0] = kept
        w[v, 1] = h * (first * slope1 + 0.3125 * second * slope2)
        w[v, 2] = h * (0.9375 * second * slope2 + third * slope3)
        w[v, 3] = -0.3125 * h * second * slope2
        w[v, 4] = 0.0625 * h * second * slope2
        y[v, 0] = kept * x[v, 0] + h * (first * made1 + second * made2 + third * made3)
        for i in range(1, n):
            y[v, i] = x[v, i - 1]


def push(q, w, V, A, Z):
    count, n = V.shape
    block = count // w.shape[0]
    for v in range(count):
        r = v // block
        new = w[r, 0] * V[v, 0]
        for j in range(1, 5):
            new += w[r, j] * V[v, n - j]
        Z[v, 0] = new
        for i in range(1, n):
            Z[v, i] = V[v, i - 1]


def pull(q, w, G, A, H):
    count, n = G.shape
    block = count // w.shape[0]
    for v in range(count):
        r = v // block
        new = G[v, 0]
        A[v, 0] = new
        for i in range(1, n):
            H[v, i - 1] = G[v, i]
        H[v, n - 1] = 0.0
        H[v, 0] += w[r, 0] * new
        for j in range(1, 5):
            H[v, n - j] += w[r, j] * new


@inline
def by_power(delayed, beta, power):
    """The derivative of what is made by the power."""
    crowd = abs(delayed) ** power
    return -beta * delayed * crowd * np.log(abs(delayed)) / (1.0 + crowd) ** 2 if crowd > 0.0 else 0.0


def grad(p, x, u, w, A, dp):
    count, n = x.shape
    for v in range(count):
        beta, gamma, power = at(p[0], v, count), at(p[1], v, count), at(p[2], v, count)
        h = spacing(p[3], v, count)
        delayed1, delayed2, delayed3 = x[v, n - 1], middle(x, v, n), x[v, n - 2]
        made1, made2 = production(delayed1, 1.0, power)[0], production(delayed2, 1.0, power)[0]
        made3 = production(delayed3, 1.0, power)[0]
        _, first, second, third = shares(gamma * h)
        kept_slope, first_slope, second_slope = slopes_of_shares(gamma * h)
        more = first * made1 + second * made2 + third * made3
        longer = kept_slope * x[v, 0] + h * beta * (first_slope * made1 + second_slope * made2)
        bent = first * by_power(delayed1, beta, power) + second * by_power(delayed2, beta, power)
        bent += third * by_power(delayed3, beta, power)
        dp[0][v * dp[0].shape[0] // count] += A[v, 0] * h * more
        dp[1][v * dp[1].shape[0] // count] += A[v, 0] * h * longer
        dp[2][v * dp[2].shape[0] // count] += A[v, 0] * h * bent


def init(card, n, rng, *, tau=17.0, **_):
    """The history's points spread evenly over the delay."""
    scalars = {parameter.name: np.array(parameter.default) for parameter in card.parameters[:3]}
    return {**scalars, "dt": np.full(n, float(tau) / (n - 1))}


def bounds(p, u):
    """At rest x = 0 or |x|^power = beta/gamma - 1; the mirror image, below zero, means nothing and is left out."""
    beta, gamma, power = (float(array[0]) for array in p[:3])
    excess = max(beta / gamma - 1.0, 0.0) if gamma else 0.0
    return 0.0, 1.0 + excess ** (1.0 / power)


_FARMER = "J. D. Farmer, Chaotic attractors of an infinite-dimensional dynamical system, Physica D 4 (1982) 366-393"

CARD = Card(
    title="Mackey-Glass equation",
    equation=r"\dot x(t) = \frac{\beta\, x(t - \tau)}{1 + x(t - \tau)^p} - \gamma x(t)",
    equation_text="dx/dt = beta x(t - tau)/(1 + x(t - tau)^power) - gamma x(t)",
    reference="M. C. Mackey and L. Glass, Oscillation and chaos in physiological control systems,"
    " Science 197 (1977) 287-289.",
    state=("x",),
    bounds=bounds,
    view=(0.0, 1.6),
    time_step="dt",
    start=(0.5,),
    parameters=(
        Parameter("beta", (), (0.0, 0.5), 0.2, unit="per day", tex=r"\beta", about="production of few cells"),
        Parameter(
            "gamma", (), (0.01, 0.3), 0.1, unit="per day", tex=r"\gamma", about="share of cells that die",
            limits=(0.0, None),
        ),
        Parameter(
            "power", (), (1.0, 20.0), 10.0, tex="p", about="how sharply production falls", limits=(0.0, None)
        ),
        Parameter(
            "dt", ("n",), (0.01, 2.0), 0.35, unit="days", tex=r"\mathrm{d}t",
            about="time from each point of the history to the one before, all alike: tau/(n - 1)",
            limits=(1e-6, None), trainable=False,
        ),
    ),
    hyper=(
        Parameter(
            "n", range=(10, 400), default=50, about="points of the history, first and last included",
            limits=(4, None), integer=True,
        ),
        Parameter(
            "tau", range=(2.0, 40.0), default=17.0, unit="days", tex=r"\tau", about="the delay", limits=(1e-3, None)
        ),
    ),
    presets={
        "settling": Preset({"tau": 4.0}, "A short delay: the number of cells settles.", "fixed point", stable=1),
        "cycle": Preset({"tau": 10.0}, "A longer one: the number swings.", "cycle"),
        "chaos": Preset({"tau": 30.0, "n": 60}, "Two directions grow, and no swing is like the last.", "chaos"),
    },
    known=(
        KnownValue(
            "exponents", (0.006,), 0.0015, {"n": 30}, 40_000, 4_000,
            source=f"0.0071: {_FARMER}; 0.0051: NeuroBench; runs of our own 0.0052",
        ),
        KnownValue(
            "fixed_points", ((0.0,) * 20, (1.0,) * 20), 1e-9, {"n": 20}, source="exact: x = 0, or x^p = beta/gamma - 1"
        ),
    ),
    init=init,
)  # fmt: skip

CELL = Cell("mackey_glass", step=step, push=push, pull=pull, grad=grad, size=size, prepare=prepare, inputs=0, card=CARD)
