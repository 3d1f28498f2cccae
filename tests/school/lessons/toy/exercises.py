"""The exercises of a small lesson that the tests of the school use: one of every kind."""

import numpy as np

from lyaplab.school import (
    Close,
    Exercise,
    Help,
    Look,
    Misconception,
    OneOf,
    Order,
    Plan,
    Prediction,
    Property,
    Shape,
    Sign,
)

LOOK = Look("See.", "Cobweb", {"w": 1})

slope = Exercise(
    "slope",
    "The slope at the origin",
    points=2,
    stub="slope = ...   # F'(0) of F(h) = tanh(1.5 h)",
    solution="slope = 1.5",
    reference=1.5,
    checks=[Close(1e-3), Sign(points=0.5)],
    misconceptions=[
        Misconception("forgot the chain rule", 1.0, "That is the slope of `tanh` alone. What is inside it?"),
        Misconception("a sign lost", -1.5, "Does the curve rise or fall at the origin?", LOOK),
    ],
    help=Help(
        nudge="How fast does the inside change?",
        look=Look("Set w to 1.5 and watch the origin.", "Cobweb", {"params": {"w": 1.5}}),
        step="tanh'(0) = 1; multiply by the slope of the inside.",
    ),
)

kind = Exercise(
    "kind",
    "The kind of fixed point",
    points=1,
    stub='kind = ""   # "stable" or "unstable"',
    solution='kind = "unstable"',
    reference="unstable",
    checks=[OneOf("stable", "unstable", "marginal")],
    misconceptions=[
        Misconception("slope below one", "stable", "Is the slope below 1 in size?"),
        Misconception("slope exactly one", "marginal", "Is the slope exactly 1?"),
    ],
)

points = Exercise(
    "points",
    "All fixed points",
    points=3,
    stub="points = ...   # an array",
    solution="points = np.array([0.0, -0.8586, 0.8586])",
    reference=lambda: np.array([-0.85856, 0.0, 0.85856]),
    checks=[Shape(points=1), Close(1e-3, any_order=True)],
    misconceptions=[
        Misconception("only the origin", [0.0], "Are there others than the origin?"),
        Misconception("inverse of tanh", np.array([-1.5, 0.0, 1.5]), "Where does the curve meet the diagonal?"),
    ],
    help=Help("Where does F(h) = h?", "Count the crossings.", "h = 0 is one."),
)

growth = Exercise(
    "growth",
    "The slope anywhere",
    points=3,
    stub='def growth(w, h):\n    """The slope of tanh(w h) at h."""\n    ...',
    solution='def growth(w, h):\n    """The slope of tanh(w h) at h."""\n    return w * (1 - np.tanh(w * h) ** 2)',
    draw=lambda rng: (rng.uniform(0.5, 2.0), rng.uniform(-1.0, 1.0)),
    times=5,
    seconds=1.0,
    reference=lambda w, h: w * (1 - np.tanh(w * h) ** 2),
    checks=[Close(1e-9), Property("the slope is positive", lambda value, w, h: value > 0, points=0.5)],
    misconceptions=[
        Misconception("no chain rule", lambda w, h: 1 - np.tanh(w * h) ** 2, "Does the inside change as fast as h?"),
        Misconception("the value, not the slope", lambda w, h: np.tanh(w * h), "That is F itself, not its slope."),
    ],
)

apply = Exercise(
    "apply",
    "The singular values",
    points=1,
    stub="def apply(W):\n    ...",
    solution="def apply(W):\n    return np.linalg.svd(W, compute_uv=False)",
    draw=lambda rng: rng.normal(size=(3, 3)),
    reference=lambda W: np.linalg.svd(W, compute_uv=False),
    checks=[Close(1e-8), Order("falling")],
    misconceptions=[
        Misconception("eigenvalues", lambda W: np.sort(np.abs(np.linalg.eigvals(W)))[::-1], "Those are eigenvalues."),
    ],
)

why = Exercise(
    "why",
    "In your own words",
    points=1,
    stub='why = ""   # one sentence',
    solution='why = "Because the slope there is larger than one."',
    reference="The slope at the origin is larger than one, so a small step away grows.",
    open=True,
)

PLAN = Plan(
    "A toy lesson",
    minutes=20,
    version="3",
    exercises=[slope, kind, points, growth, apply, why],
    predictions=[
        Prediction("where", "Where?", options=("at 0", "away from 0"), truth="away from 0", explain="Look."),
        Prediction("count", "How many?", kind="number", low=0, high=10, truth=3, tolerance=0.5, explain="Three."),
        Prediction("path", "Draw it", kind="curve", domain=(0, 2), low=-1, high=1, truth=lambda t: t / 2),
    ],
)
