"""The tanh network h' = tanh(W h + U x + b): the recurrent network of Elman, and of PyTorch's nn.RNN."""

from __future__ import annotations

import math

from lyaplab.cells._network import grad, prepare, rotation
from lyaplab.kernel.algebra import affine, rows, scale
from lyaplab.kernel.card import NETWORK, Card, KnownValue, Parameter, Preset
from lyaplab.kernel.cell import Cell
from lyaplab.kernel.rows import add
from lyaplab.kernel.squash import tanh_rows


def size(p):
    n = p[0].shape[-1]
    return n, n, n


def step(q, x, u, y, w):
    W, WT, U, b, _ = q
    affine(x, W, WT, u, U, b, y)
    tanh_rows(y, w)


def push(q, w, V, A, Z):
    rows(V, q[0], q[1], Z)
    scale(w, Z, Z)


def pull(q, w, G, A, H):
    scale(w, G, A)
    rows(A, q[1], q[0], H)


def push_inputs(q, w, V, A, Z):
    rows(V, q[2], q[4], A)
    scale(w, A, A)
    add(Z, 1.0, A)


def pull_inputs(q, w, G, A, H):
    rows(A, q[4], q[2], H)


CARD = Card(
    title="tanh network",
    equation=r"h_{t+1} = \tanh(W h_t + U x_t + b)",
    equation_text="h' = tanh(W h + U x + b)",
    reference="J. L. Elman, Finding structure in time, Cognitive Science 14 (1990) 179-211.",
    state=("h",),
    bounds=(-1.0, 1.0),
    view=(-1.2, 1.2),
    parameters=(
        Parameter("W", ("n", "n"), (-4.0, 4.0), tex="w", about="weight of the connection from unit j to unit i"),
        Parameter("U", ("n", "m"), (-3.0, 3.0), tex="u", about="weight of input j to unit i"),
        Parameter("b", ("n",), (-1.5, 1.5), tex="b", about="bias of unit i"),
    ),
    hyper=NETWORK,
    presets={
        "unit-settling": Preset(
            {"w": 0.8}, "The unit excites itself too little: it comes to rest at 0.",
            "fixed point", stable=1, start=(0.9,),
        ),
        "unit-bistable": Preset(
            {"w": 2.0}, "The unit excites itself and keeps the sign it started with.",
            "fixed point", stable=2, start=(0.1,),
        ),
        "unit-critical": Preset(
            {"w": 1.0}, "At the pitchfork: still drawn to 0, but slower and slower.",
            "quasi-periodic", stable=0, start=(0.9,),
        ),
        "unit-bottleneck": Preset(
            {"w": 2.0, "b": 0.55}, "Where two fixed points have just vanished, the orbit still lingers.",
            "fixed point", stable=1, start=(-1.0,),
        ),
        "unit-two-cycle": Preset(
            {"w": -2.0}, "The unit inhibits itself and changes its sign at every step.",
            "cycle", stable=0, period=2, start=(0.1,),
        ),
        "settling": Preset(
            {"W": [[0.7, -0.5], [0.5, 0.7]]}, "One resting place; the orbit winds into it.",
            "fixed point", stable=1, start=(0.9, 0.6),
        ),
        "bistable": Preset(
            {"W": [[1.4, 0.4], [0.4, 0.9]]},
            "Both units excite each other: both high or both low, and a saddle between.",
            "fixed point", stable=2, start=(-0.6, 0.9),
        ),
        "winner-take-all": Preset(
            {"W": [[1.2, -0.9], [-0.9, 1.2]]}, "The units inhibit each other: the one that leads at first stays alone.",
            "fixed point", stable=2, start=(0.5, 0.45),
        ),
        "three-attractors": Preset(
            {"W": [[1.8, -0.4], [-0.4, 1.8]], "b": [0.3, 0.3]},
            "Three resting places, kept apart by two saddles.", "fixed point", stable=3, start=(-0.35, 0.2),
        ),
        "four-attractors": Preset(
            {"W": [[1.8, 0.2], [0.2, 1.8]]}, "Two almost independent switches: four resting places.",
            "fixed point", stable=4, start=(-0.25, 0.5),
        ),
        "two-cycle": Preset(
            {"W": [[-1.5, 0.4], [0.4, -0.6]]}, "A negative eigenvalue beyond -1: the state swings from side to side.",
            "cycle", stable=0, period=2, start=(0.1, 0.4),
        ),
        "four-cycle": Preset(
            {"W": [[0.0, -1.4], [1.4, 0.0]]}, "A quarter of a turn at every step: the cycle has four places.",
            "cycle", stable=0, period=4, start=(0.2, 0.1),
        ),
        "invariant-circle": Preset(
            {"W": [[0.9, -0.7], [0.7, 0.9]]}, "The orbit goes round for ever and never comes back to the same place.",
            "quasi-periodic", stable=0, start=(0.1, 0.0),
        ),
        "chaos": Preset(
            {"W": [[1.2, 3.5], [-1.9, -2.6]], "b": [-0.8, -1.4]}, "Two units are enough for chaos.",
            "chaos", stable=0, start=(0.3, 0.3),
        ),
        "network-loop": Preset(
            {"n": 64, "gain": 1.5, "seed": 6}, "64 random units go round one closed curve in their space.",
            "quasi-periodic",
        ),
        "network-settling": Preset(
            {"n": 64, "gain": 0.9, "seed": 6}, "Weights too weak to keep anything up: all 64 units come to rest.",
            "fixed point", stable=1,
        ),
        "network-chaos": Preset(
            {"n": 64, "gain": 1.5, "seed": 5}, "64 random units wander about a band and never repeat themselves.",
            "chaos",
        ),
    },
    known=(
        KnownValue("exponents", (math.log(0.8),), 1e-8, {"w": 0.8}, source="exact: log w"),
        KnownValue("exponents", (-1.7935285065,), 1e-8, {"w": 2.0}, source="exact root of h = tanh(2 h)"),
        KnownValue("exponents", (-0.9306102042,), 1e-8, {"w": 1.5}, source="exact root of h = tanh(1.5 h)"),
        KnownValue("exponents", (-1.7935285065,), 1e-8, {"w": -2.0}, source="exact: the 2-cycle of the same root"),
        KnownValue("fixed_points", ((-0.9575040241,), (0.0,), (0.9575040241,)), 1e-8, {"w": 2.0}, source="exact root"),
        KnownValue("fixed_points", ((-0.8585596366,), (0.0,), (0.8585596366,)), 1e-8, {"w": 1.5}, source="exact root"),
        KnownValue(
            "exponents", (0.0, -0.0992), 1e-3, {"W": rotation(1.05, 0.7)}, 100_000,
            source="own reference run; to first order 0 and -2 log 1.05",
        ),
    ),
)  # fmt: skip

CELL = Cell(
    "tanh", step=step, push=push, pull=pull, grad=grad, push_inputs=push_inputs, pull_inputs=pull_inputs,
    size=size, prepare=prepare, card=CARD,
)  # fmt: skip
