"""The linear network h' = W h + U x + b: every exponent is the logarithm of an eigenvalue's modulus."""

from __future__ import annotations

import math

from lyaplab.cells._network import grad, prepare, rotation
from lyaplab.kernel.algebra import affine, copy, rows
from lyaplab.kernel.card import NETWORK, Card, KnownValue, Parameter, Preset
from lyaplab.kernel.cell import Cell
from lyaplab.kernel.rows import add


def size(p):
    n = p[0].shape[-1]
    return n, 0, n


def step(q, x, u, y, w):
    W, WT, U, b, _ = q
    affine(x, W, WT, u, U, b, y)


def push(q, w, V, A, Z):
    rows(V, q[0], q[1], Z)


def pull(q, w, G, A, H):
    copy(G, A)
    rows(G, q[1], q[0], H)


def push_inputs(q, w, V, A, Z):
    rows(V, q[2], q[4], A)
    add(Z, 1.0, A)


def pull_inputs(q, w, G, A, H):
    rows(G, q[4], q[2], H)


CARD = Card(
    title="linear network",
    equation=r"h_{t+1} = W h_t + U x_t + b",
    equation_text="h' = W h + U x + b",
    reference="W. J. Rugh, Linear System Theory, 2nd edition, Prentice Hall (1996), chapters 20 to 22.",
    state=("h",),
    view=(-1.5, 1.5),
    parameters=(
        Parameter("W", ("n", "n"), (-1.5, 1.5), tex="w", about="weight of the connection from unit j to unit i"),
        Parameter("U", ("n", "m"), (-3.0, 3.0), tex="u", about="weight of input j to unit i"),
        Parameter("b", ("n",), (-1.0, 1.0), tex="b", about="bias of unit i"),
    ),
    hyper=NETWORK,
    presets={
        "unit-settling": Preset(
            {"w": 0.8}, "Every step keeps 80 % of the state.", "fixed point", stable=1, start=(1.0,)
        ),
        "unit-alternating": Preset(
            {"w": -0.8}, "The state changes its sign at every step while it decays.",
            "fixed point", stable=1, start=(1.0,),
        ),
        "unit-growing": Preset({"w": 1.1}, "10 % more at every step: no bound.", "divergent", stable=0, start=(0.1,)),
        "spiral": Preset(
            {"W": rotation(0.95, 0.4)},
            "A pair of complex eigenvalues inside the unit circle: the orbit winds inwards.",
            "fixed point", stable=1, start=(1.0, 0.5),
        ),
        "node": Preset(
            {"W": [[0.85, 0.1], [0.1, 0.6]]}, "Two real eigenvalues: the fast direction dies first.",
            "fixed point", stable=1, start=(-0.6, 1.2),
        ),
        "rotation": Preset(
            {"W": rotation(1.0, 0.4)}, "An orthogonal matrix: lengths stay, all exponents are 0.",
            "quasi-periodic", stable=0, start=(1.0, 0.0),
        ),
        "transient-growth": Preset(
            {"W": [[0.9, 1.0], [0.0, 0.8]]},
            "Both eigenvalues shrink, and yet the state first grows 2.7 times as long:"
            " the eigenvectors are almost parallel.",
            "fixed point", stable=1, start=(0.0, 0.3),
        ),
        "integrator": Preset(
            {"W": [[0.8, 0.2], [0.2, 0.8]]},
            "One eigenvalue is 1: a line of resting places, a memory of the start.",
            "fixed point", stable=0, start=(1.2, -0.4),
        ),
        "saddle": Preset(
            {"W": [[1.1, 0.0], [0.2, 0.7]]}, "One direction grows, the other shrinks.",
            "divergent", stable=0, start=(0.05, 1.2),
        ),
    },
    known=(
        KnownValue(
            "exponents", (math.log(0.9), math.log(0.5), math.log(0.25)), 1e-8,
            {"W": [[0.5, 0.0, 0.0], [0.0, 0.25, 0.0], [0.0, 0.0, 0.9]]}, source="exact: logarithms of the diagonal",
        ),
        KnownValue(
            "exponents", (math.log(0.9), math.log(0.5)), 3e-4, {"W": [[0.9, 1.0], [0.0, 0.5]]},
            source="exact: logarithms of the eigenvalues, reached as 1/T",
        ),
        KnownValue("exponents", (0.0, 0.0), 1e-12, {"W": rotation(1.0, 0.4)}, source="exact: orthogonal"),
        KnownValue(
            "fixed_points", ((1.25, 2.5),), 1e-9, {"W": [[0.2, 0.0], [0.0, -0.2]], "b": [1.0, 3.0]},
            source="exact: (1 - W)^-1 b",
        ),
    ),
)  # fmt: skip

CELL = Cell(
    "linear", step=step, push=push, pull=pull, grad=grad, push_inputs=push_inputs, pull_inputs=pull_inputs,
    size=size, prepare=prepare, card=CARD,
)  # fmt: skip
