"""The questions of lesson 01: seven exercises and six predictions, each with the wrong answers known in advance."""

from __future__ import annotations

import numpy as np

import lyaplab as ll
from lyaplab.school import Close, Exercise, Help, Look, Misconception, OneOf, Plan, Prediction, Property, Shape


def settle(w: float, b: float, h: float, steps: int = 500) -> float:
    """Where one tanh unit is after many steps."""
    for _ in range(steps):
        h = np.tanh(w * h + b)
    return float(h)


def resting_places(w: float, b: float) -> np.ndarray:
    """All fixed points of one tanh unit, in rising order."""
    return ll.Model("tanh", n=1, w=w, b=b).fixed_points().points[:, 0]


# ------------------------------------------------------------------ 1 resting places

resting = Exercise(
    "resting",
    "All resting places of one unit",
    points=2,
    stub="resting = ...   # three numbers for w = 2.5 and b = 0.2, such as np.array([-0.5, 0.0, 0.5])",
    solution=(
        "# Two attract: iterate forwards from either side. The third is where the curve crosses the diagonal between.\n"
        "def settle(h):\n"
        "    for _ in range(200):\n"
        "        h = np.tanh(2.5 * h + 0.2)\n"
        "    return h\n"
        "\n"
        "resting = np.array([settle(-1.0), -0.13, settle(1.0)])"
    ),
    reference=lambda: resting_places(2.5, 0.2),
    checks=[Shape(), Close(0.02, any_order=True)],
    misconceptions=[
        Misconception(
            "only those that attract",
            lambda: resting_places(2.5, 0.2)[[0, 2]],
            "Both of these are right, and they are the two that attract. Does the curve meet the diagonal elsewhere?",
            Look(
                "Count every crossing of curve and diagonal, also those that no orbit ends at.",
                "Cobweb",
                {"params": {"w": 2.5, "b": 0.2}, "view": {"x0": -0.12, "steps": 8}},
            ),
        ),
        Misconception(
            "the bias left out",
            lambda: resting_places(2.5, 0.0),
            "These are the resting places of `b = 0`. A bias shifts the curve sideways, so the crossings move.",
        ),
        Misconception(
            "the resting places of w = 2",
            lambda: resting_places(2.0, 0.0),
            "These are the resting places of the unit above, `w = 2` without bias. This unit has `w = 2.5`, `b = 0.2`.",
        ),
        Misconception(
            "the bias with the wrong sign",
            lambda: resting_places(2.5, -0.2),
            "Mirror images: these belong to `b = -0.2`. To which side does a positive bias push the unit?",
        ),
        Misconception(
            "the bias inside the weight",
            lambda: resting_places(2.5, 0.5),
            "These solve `h = tanh(w (h + b))`. In this unit the bias is added after the weight: `tanh(w h + b)`.",
        ),
    ],
    help=Help(
        nudge="A resting place is a state that one step leaves where it is. Where does the picture show that?",
        look=Look(
            "The widget of this section, at `w = 2.5` and `b = 0.2`: each marker on the diagonal is a resting place.",
            "Cobweb",
            {"params": {"w": 2.5, "b": 0.2}, "view": {"x0": 0.5, "steps": 12}},
        ),
        step="Start at −1 and apply `h = np.tanh(2.5 * h + 0.2)` many times: you end at −0.978. Now start at +1. "
        "The third lies between them, at the open square; a little to the left of 0.",
    ),
)

# ------------------------------------------------------------------ 2 the slope

_H = settle(1.5, 0.0, 0.5)
_SLOPE = 1.5 * (1 - _H**2)

exponent = Exercise(
    "exponent",
    "How fast the past is forgotten",
    points=2,
    stub="rest = ...       # where the unit with w = 1.5 and b = 0 comes to rest, the positive one\n"
    "slope = ...      # F'(rest)\n"
    "exponent = ...   # in nats per step",
    solution="rest = 0.5\n"
    "for _ in range(200):\n"
    "    rest = np.tanh(1.5 * rest)\n"
    "slope = 1.5 * (1 - rest**2)\n"
    "exponent = np.log(abs(slope))",
    reference=float(np.log(_SLOPE)),
    checks=[Close(1e-3)],
    misconceptions=[
        Misconception(
            "forgot the chain rule",
            float(np.log(1 - _H**2)),
            "That is the slope of `tanh` alone. What is inside it, `1.5 h`, changes faster than `h` does.",
        ),
        Misconception(
            "log10 for ln",
            float(np.log10(_SLOPE)),
            "That is the logarithm to base 10. Exponents here are in nats: `np.log` is the natural logarithm.",
        ),
        Misconception(
            "the slope, not its logarithm",
            float(_SLOPE),
            "That is the slope: the factor of one step. The exponent is its natural logarithm.",
        ),
        Misconception(
            "the sign lost",
            float(-np.log(_SLOPE)),
            "The size is right. Does the distance to this resting place grow or shrink?",
        ),
        Misconception(
            "the slope at the origin",
            float(np.log(1.5)),
            "That is the exponent at 0, where this unit does not stay. Take the slope where it comes to rest.",
            Look(
                "Two slopes stand beside the markers: one at 0, one where the orbit ends.",
                "Cobweb",
                {"params": {"w": 1.5, "b": 0.0}, "view": {"x0": 0.1, "steps": 15}},
            ),
        ),
        Misconception(
            "the memory span",
            float(-1 / np.log(_SLOPE)),
            "That is the memory span, in steps. The exponent is what it was computed from: growth per step.",
        ),
        Misconception(
            "log2 for ln",
            float(np.log2(_SLOPE)),
            "That is the logarithm to base 2, in bits. Exponents here are in nats: `np.log` is the natural logarithm.",
        ),
        Misconception(
            "the place of w = 2",
            float(np.log(1.5 * (1 - settle(2.0, 0.0, 0.5) ** 2))),
            "The weight is right, but 0.9575 is where the unit with `w = 2` rests. This one rests elsewhere.",
        ),
        Misconception(
            "the worked example",
            float(np.log(2.0 * (1 - settle(2.0, 0.0, 0.5) ** 2))),
            "That is the exponent of the worked example, `w = 2`. Go through the same steps with `w = 1.5`.",
        ),
        Misconception(
            "tanh taken once too often",
            float(np.log(1.5 * (1 - np.tanh(_H) ** 2))),
            "Look at the inside: the slope of `tanh(1.5 h)` needs `tanh(1.5 h)`, which at rest is `h` itself.",
        ),
    ],
    help=Help(
        nudge="Three steps, as in the worked example: the resting place, the slope there, the logarithm of its size.",
        look=Look(
            "At `w = 1.5`: read the slope beside the marker where the orbit ends. Your slope should agree with it.",
            "Cobweb",
            {"params": {"w": 1.5, "b": 0.0}, "view": {"x0": 0.1, "steps": 15}},
        ),
        step="The resting place is 0.858560. There tanh(1.5 h) = h, so the slope is 1.5 (1 − 0.858560²) = 0.39431. "
        "One line is left.",
    ),
)

# ------------------------------------------------------------------ 3 Newton


def _newton_step(w: float, b: float, h: float) -> float:
    F = np.tanh(w * h + b)
    return h - (F - h) / (w * (1 - F**2) - 1)


def _newton_until_converged(w: float, b: float, h: float) -> float:
    for _ in range(50):
        h = _newton_step(w, b, h)
    return h


def _draw_unit(rng: np.random.Generator) -> tuple[float, float, float]:
    """A unit and a guess at which the curve is not parallel to the diagonal."""
    while True:
        w, b, h = rng.uniform(0.5, 3.0) * rng.choice([-1, 1]), rng.uniform(-0.5, 0.5), rng.uniform(-0.9, 0.9)
        if abs(w * (1 - np.tanh(w * h + b) ** 2) - 1) > 0.25:
            return float(w), float(b), float(h)


newton_step = Exercise(
    "newton_step",
    "One step of Newton's method",
    points=2,
    stub="def newton_step(w, b, h):\n"
    '    """The next guess for a resting place of h -> tanh(w h + b), from the guess h."""\n'
    "    ...",
    solution="def newton_step(w, b, h):\n"
    '    """The next guess for a resting place of h -> tanh(w h + b), from the guess h."""\n'
    "    F = np.tanh(w * h + b)\n"
    "    slope = w * (1 - F**2)\n"
    "    return h - (F - h) / (slope - 1)",
    draw=_draw_unit,
    reference=lambda w, b, h: _newton_step(w, b, h),
    checks=[Close(1e-8, relative=1e-8)],
    misconceptions=[
        Misconception(
            "the slope of F instead of G",
            lambda w, b, h: h - (np.tanh(w * h + b) - h) / (w * (1 - np.tanh(w * h + b) ** 2)),
            "Close. You divide by the slope of F; Newton divides by the slope of `G(h) = F(h) - h`.",
        ),
        Misconception(
            "a zero of F",
            lambda w, b, h: h - np.tanh(w * h + b) / (w * (1 - np.tanh(w * h + b) ** 2)),
            "This step looks for a place where F is 0. At a resting place it is `F(h) - h` that is 0.",
        ),
        Misconception(
            "forgot the chain rule",
            lambda w, b, h: h - (np.tanh(w * h + b) - h) / ((1 - np.tanh(w * h + b) ** 2) - 1),
            "The slope of `tanh(w h + b)` is more than `1 - tanh²`: what about the inside?",
        ),
        Misconception(
            "1 - h² away from rest",
            lambda w, b, h: h - (np.tanh(w * h + b) - h) / (w * (1 - h**2) - 1),
            "`w (1 - h²)` is the slope at a resting place only. A guess is not at rest: there the slope needs "
            "`tanh(w h + b)` itself.",
        ),
        Misconception(
            "iterated until converged",
            _newton_until_converged,
            "This ends at a resting place, so your step is right. The exercise asks for one step: leave the loop out.",
        ),
        Misconception(
            "missing brackets",
            lambda w, b, h: h - np.tanh(w * h + b) - h / (w * (1 - np.tanh(w * h + b) ** 2) - 1),
            "Brackets: only `h` is divided here. All of `F - h` belongs above the line: `(F - h) / (slope - 1)`.",
        ),
        Misconception(
            "the step with the wrong sign",
            lambda w, b, h: h + (np.tanh(w * h + b) - h) / (w * (1 - np.tanh(w * h + b) ** 2) - 1),
            "The length of the step is right, its direction is not: Newton subtracts G / G'.",
        ),
        Misconception(
            "one step of the unit itself",
            lambda w, b, h: np.tanh(w * h + b),
            "This is the unit's own step. It runs away from places that repel; Newton's step does not.",
            Look(
                "From a start close to 0 the unit's own steps lead away from 0.",
                "Cobweb",
                {"params": {"w": 2.0, "b": 0.0}, "view": {"x0": 0.01, "steps": 10}},
            ),
        ),
    ],
    help=Help(
        nudge="Write down `G(h) = F(h) - h` first, then its derivative. Newton's next guess is `h - G(h) / G'(h)`.",
        look=Look(
            "Imagine the tangent to the curve at your guess. Newton jumps to where that tangent meets the diagonal.",
            "Cobweb",
            {"params": {"w": 2.5, "b": 0.2}, "view": {"x0": -0.3, "steps": 1}},
        ),
        step="With F = tanh(w h + b): G = F − h and G' = w (1 − F²) − 1. Three lines of code are enough.",
    ),
)

# ------------------------------------------------------------------ 4 the Jacobian


def _jacobian(W: np.ndarray, b: np.ndarray, h: np.ndarray) -> np.ndarray:
    return (1 - np.tanh(W @ h + b) ** 2)[:, None] * W


def _draw_network(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    n = int(rng.integers(2, 5))
    return rng.normal(size=(n, n)), rng.normal(scale=0.5, size=n), rng.uniform(-0.9, 0.9, n)


jacobian = Exercise(
    "jacobian",
    "The Jacobian of a network",
    points=2,
    stub="def jacobian(W, b, h):\n"
    '    """The Jacobian of h -> tanh(W h + b) at the state h: W is (n, n), b and h are (n,)."""\n'
    "    ...",
    solution="def jacobian(W, b, h):\n"
    '    """The Jacobian of h -> tanh(W h + b) at the state h: W is (n, n), b and h are (n,)."""\n'
    "    slopes = 1 - np.tanh(W @ h + b) ** 2\n"
    "    return np.diag(slopes) @ W",
    draw=_draw_network,
    reference=lambda W, b, h: _jacobian(W, b, h),
    checks=[Shape(), Close(1e-8)],
    misconceptions=[
        Misconception(
            "W diag(...) for diag(...) W",
            lambda W, b, h: W * (1 - np.tanh(W @ h + b) ** 2),
            "Here each column of W is scaled. But unit i squashes its own sum, so its slope belongs to row i.",
        ),
        Misconception(
            "the weights alone",
            lambda W, b, h: W.copy(),
            "That is the Jacobian where every slope of `tanh` is 1: at the origin without bias, and only there.",
        ),
        Misconception(
            "only the slopes of tanh",
            lambda W, b, h: np.diag(1 - np.tanh(W @ h + b) ** 2),
            "The slopes are right. The chain rule has a second factor: how does the sum of unit i depend on `h[j]`?",
        ),
        Misconception(
            "1 - h² away from rest",
            lambda W, b, h: (1 - h**2)[:, None] * W,
            "`1 - h²` holds at a fixed point only, where `tanh(W h + b)` equals `h`. This `h` may be any state.",
        ),
        Misconception(
            "the bias left out",
            lambda W, b, h: (1 - np.tanh(W @ h) ** 2)[:, None] * W,
            "The form is right, but the slope is taken at the wrong place: the sum of a unit includes its bias.",
        ),
        Misconception(
            "the square left out",
            lambda W, b, h: (1 - np.tanh(W @ h + b))[:, None] * W,
            "The slope of `tanh(s)` is `1 - tanh(s)²`: the square is missing.",
        ),
        Misconception(
            "* for @",
            lambda W, b, h: np.diag(1 - np.tanh(W @ h + b) ** 2) * W,
            "`*` multiplies entry by entry, so only the diagonal is left. The product of two matrices is `@`.",
        ),
        Misconception(
            "* for @, and 1 - h²",
            lambda W, b, h: np.diag(1 - h**2) * W,
            "Two things: `*` multiplies entry by entry, a product of matrices is `@`. And `1 - h²` holds at rest only.",
        ),
        Misconception(
            "weights transposed in the sum",
            lambda W, b, h: (1 - np.tanh(W.T @ h + b) ** 2)[:, None] * W,
            "The sum of unit i is row i of W times h, which is `W @ h`. Here it is taken over a column.",
        ),
        Misconception(
            "weights transposed",
            lambda W, b, h: (1 - np.tanh(W @ h + b) ** 2)[:, None] * W.T,
            "Row and column are exchanged in W: `W[i, j]` leads from unit j to unit i.",
        ),
        Misconception(
            "the whole transposed",
            lambda W, b, h: _jacobian(W, b, h).T,
            "Every number is there, mirrored: row i, column j is the change of unit i when unit j is moved.",
        ),
    ],
    help=Help(
        nudge="Write the new state of unit i as tanh(s), where s is its sum. Differentiate by the old state of unit j.",
        look=Look(
            "With `w12 = 0` moving unit 2 does nothing to unit 1: which entry of the Jacobian must be 0?",
            "PhasePlane",
            {"params": {"w11": 1.5, "w12": 0.0, "w21": 0.8, "w22": 1.5}},
        ),
        step="Entry (i, j) is (1 − tanh(s_i)²) W[i, j]. So `slopes = 1 - np.tanh(W @ h + b) ** 2` multiplies the rows.",
    ),
)

# ------------------------------------------------------------------ 5 kinds


def _kind(sizes: np.ndarray) -> str:
    """The kind of a fixed point, if `sizes` is what has to be below 1."""
    if np.all(sizes < 1):
        return "stable"
    return "unstable" if np.all(sizes > 1) else "saddle"


def _draw_eigenvalues(rng: np.random.Generator) -> np.ndarray:
    """A pair of eigenvalues from one of eight cases, most of which some wrong rule gets wrong."""
    inside, outside = rng.uniform(0.2, 0.9, 2), rng.uniform(1.1, 1.8, 2)
    angle = rng.uniform(0.3, 1.2)
    turned = np.array([np.exp(1j * angle), np.exp(-1j * angle)])
    cases = (
        inside,
        inside * [1, -1],
        -outside,
        outside * [1, -1],
        np.array([inside[0], -outside[0]]),
        np.array([outside[0], inside[0]]) * rng.choice([-1, 1]),
        inside[0] * turned,
        1.05 * turned if angle > 0.4 else outside[0] * turned,
    )
    return np.asarray(cases[rng.integers(len(cases))], dtype=complex)


kind = Exercise(
    "kind",
    "The kind of a resting place",
    points=2,
    stub="def kind(eigenvalues):\n"
    "    \"\"\"'stable', 'saddle' or 'unstable', from the eigenvalues of the Jacobian (real or complex).\"\"\"\n"
    "    ...",
    solution="def kind(eigenvalues):\n"
    "    \"\"\"'stable', 'saddle' or 'unstable', from the eigenvalues of the Jacobian (real or complex).\"\"\"\n"
    "    size = np.abs(eigenvalues)\n"
    "    if np.all(size < 1):\n"
    "        return 'stable'\n"
    "    if np.all(size > 1):\n"
    "        return 'unstable'\n"
    "    return 'saddle'",
    draw=_draw_eigenvalues,
    times=48,
    reference=lambda eigenvalues: _kind(np.abs(eigenvalues)),
    checks=[OneOf("stable", "saddle", "unstable")],
    misconceptions=[
        Misconception(
            "the rule for flows",
            lambda eigenvalues: _kind(1 + np.real(eigenvalues)),
            "A negative real part decides for a differential equation. A network that moves in steps is multiplied: "
            "what must a factor be, to shrink?",
            Look(
                "Both eigenvalues are −1.2, and the orbit leaves the origin all the same.",
                "PhasePlane",
                {"params": {"w11": -1.2, "w12": 0.0, "w21": 0.0, "w22": -1.2}},
            ),
        ),
        Misconception(
            "forgot the size",
            lambda eigenvalues: _kind(np.real(eigenvalues)),
            "−1.5 is below 1, yet it makes every distance half as long again, from side to side. Take the size.",
        ),
        Misconception(
            "the real part alone",
            lambda eigenvalues: _kind(np.abs(np.real(eigenvalues))),
            "Right for real numbers. A complex eigenvalue turns as well: its size counts its imaginary part, too.",
        ),
        Misconception(
            "the determinant decides",
            lambda eigenvalues: "stable" if abs(np.prod(eigenvalues)) < 1 else "unstable",
            "The product of the eigenvalues says whether areas shrink. An area can shrink while one direction grows.",
        ),
        Misconception(
            "no saddles",
            lambda eigenvalues: "stable" if np.abs(eigenvalues).max() < 1 else "unstable",
            "Stable and unstable are told apart. What if one direction grows and another one shrinks?",
        ),
        Misconception(
            "stable if anything shrinks",
            lambda eigenvalues: "stable" if np.abs(eigenvalues).min() < 1 else "unstable",
            "One direction that shrinks is not enough: the other one carries the orbit away.",
        ),
    ],
    help=Help(
        nudge="Along an eigenvector, each step multiplies the distance by the eigenvalue. Which factors shrink it?",
        look=Look(
            "Turn `w11` to −1.5 and leave `w22` at 0.5: one direction grows from side to side, the other one shrinks.",
            "PhasePlane",
            {"params": {"w11": -1.5, "w12": 0.0, "w21": 0.0, "w22": 0.5}},
        ),
        step="Take `size = np.abs(eigenvalues)`. All below 1: 'stable'. All above 1: 'unstable'. Else: 'saddle'.",
    ),
)


def _eigenvalues(W: np.ndarray) -> np.ndarray:
    return np.linalg.eigvals(np.asarray(W, dtype=float))


def _turns(W: np.ndarray) -> bool:
    return bool(np.abs(_eigenvalues(W).imag).min() > 1e-6)


def _attracts(W: np.ndarray) -> bool:
    return bool(np.abs(_eigenvalues(W)).max() < 1 - 1e-9)


def _remembers(W: np.ndarray) -> bool:
    return bool(np.abs(_eigenvalues(W)).max() >= np.exp(-0.1))


def _four_numbers(W: np.ndarray) -> bool:
    return isinstance(W, np.ndarray) and W.shape == (2, 2) and W.dtype.kind == "f" and bool(np.isfinite(W).all())


spiral = Exercise(
    "spiral",
    "A network that circles to rest, slowly",
    points=3,
    stub="spiral = ...   # W, such as np.array([[0.5, 0.0], [0.0, 0.5]])",
    solution="# A rotation by 0.5 in every step, shrunk by 0.95: both eigenvalues have the size 0.95.\n"
    "turn = 0.5\n"
    "spiral = 0.95 * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])",
    reference=lambda: 0.95 * np.array([[np.cos(0.5), -np.sin(0.5)], [np.sin(0.5), np.cos(0.5)]]),
    checks=[
        Property("W is a 2 × 2 array of finite real numbers", _four_numbers),
        Property(
            "orbits turn: the eigenvalues at the origin are a complex pair",
            _turns,
            points=1,
            hint="The eigenvalues of this W are real: orbits come straight in, or from side to side. "
            "What happens when one unit excites the other, and is inhibited in return?",
        ),
        Property(
            "orbits that turn come to rest at the origin: both eigenvalues are smaller than 1 in size",
            lambda W: _turns(W) and _attracts(W),
            points=1,
            hint="Orbits turn, but they do not come to rest at the origin: the size of the eigenvalues is not below 1. "
            "The size of a ± ib is the square root of a² + b².",
        ),
        Property(
            "it remembers for at least ten steps: the size is at least exp(−0.1) = 0.905",
            _remembers,
            hint="Orbits turn and come to rest, but ten steps is too long for its memory. Bring the size closer to 1.",
        ),
    ],
    misconceptions=[
        Misconception(
            "turns for ever",
            np.array([[0.0, -1.0], [1.0, 0.0]]),
            "A rotation by a right angle, without any shrinking: the size is exactly 1. A little less is asked for.",
        ),
        Misconception(
            "turns for ever, the other way",
            np.array([[0.0, 1.0], [-1.0, 0.0]]),
            "A rotation by a right angle, clockwise, without any shrinking: the size is exactly 1, and must be below.",
        ),
        Misconception(
            "the example from the stub",
            np.array([[0.5, 0.0], [0.0, 0.5]]),
            "That is the example of the stub: two units that ignore each other. Nothing turns without coupling.",
        ),
        Misconception(
            "the rule for flows",
            np.array([[-0.1, -1.0], [1.0, -0.1]]),
            "Negative real parts make a differential equation come to rest. Here the size decides, and it is above 1.",
        ),
        Misconception(
            "mutual inhibition",
            np.array([[0.5, -0.5], [-0.5, 0.5]]),
            "A symmetric W has real eigenvalues: what one does to the other comes back with the same sign.",
        ),
    ],
    help=Help(
        nudge="Which matrices turn the plane? And what makes a turning matrix shrink it a little, too?",
        look=Look(
            "Here orbits turn, but they forget fast. Bring `w11` and `w22` up by steps, and watch the eigenvalues.",
            "PhasePlane",
            {"params": {"w11": 0.3, "w12": -0.5, "w21": 0.5, "w22": 0.3}},
        ),
        step="[[a, -c], [c, a]] has the eigenvalues a ± ic, of size √(a² + c²). Choose a and c with a² + c² between "
        "0.82 and 1.",
    ),
)

# ------------------------------------------------------------------ 6 open

remember = Exercise(
    "remember",
    "A network that forgets too soon (open)",
    points=2,
    stub='remember = ""   # two or three sentences',
    solution='remember = """\n'
    "After ten steps the memory is gone, so 1/|lambda| is about ten: lambda is about -0.1, and the largest\n"
    "eigenvalue of the Jacobian at rest has a size of about 0.9. For a hundred steps lambda must be about\n"
    "-0.01, a size of about 0.99: I would raise the gain a little. If the size passes 1, that resting place\n"
    "no longer attracts, and the network ends elsewhere or never rests.\n"
    '"""',
    reference="Ten steps mean |lambda| of about 0.1, so the largest eigenvalue of the Jacobian at rest is about 0.9 in "
    "size. A hundred steps ask for about 0.99: a little more gain. Above 1 the resting place repels.",
    help=Help(
        nudge="Turn ten steps into an exponent first, then into the size of an eigenvalue.",
        look="Section 2, the memory span; section 6, how the largest eigenvalue grows with the gain.",
        step="1/|lambda| = 10 gives lambda = −0.1, so the largest eigenvalue is about exp(−0.1) = 0.905 in size.",
    ),
    open=True,
)

# ------------------------------------------------------------------ predictions


def _log_distances() -> list[tuple[float, float]]:
    """The logarithm (base 10) of the distance to rest, for w = 2 and the start 0.5."""
    rest, h, points = settle(2.0, 0.0, 1.0), 0.5, []
    for t in range(9):
        points.append((float(t), float(np.log10(abs(h - rest)))))
        h = np.tanh(2.0 * h)
    return points


PREDICTIONS = [
    Prediction(
        "where",
        "The weight is 2, there is no bias, and the unit starts at 0.1. Where is it after a hundred steps?",
        options=("back at 0", "at a value between 0 and 1", "at exactly 1", "it swings for ever"),
        truth="at a value between 0 and 1",
        explain="At 0.9575. The unit excites itself, so 0.1 grows; but tanh flattens, so it cannot grow for long.",
    ),
    Prediction(
        "distance",
        "The unit with weight 2 starts at 0.5 and comes to rest at 0.9575. Draw the logarithm (base 10) of its "
        "distance to that place, over eight steps. At step 0 the distance is 0.46, its logarithm −0.34.",
        kind="curve",
        domain=(0.0, 8.0),
        low=-8.0,
        high=0.0,
        truth=_log_distances(),
        tolerance=0.08,
        labels=("step t", "log₁₀ of the distance"),
        explain="After a short bend it is a straight line: near its resting place the unit shortens the distance by "
        "the same factor in every step, about 6. On this axis equal factors are equal steps down.",
    ),
    Prediction(
        "middle",
        "The weight is 2. You start a million orbits at random places between −1 and 1. How many come to rest at 0?",
        options=("about a third", "a few hundred", "none"),
        truth="none",
        explain="None: only a start at exactly 0 stays. Every other distance to 0 doubles at first, whatever it was.",
    ),
    Prediction(
        "crossings",
        "Two units, each with weight 2 on itself, ignore each other. How many resting places has the pair?",
        kind="number",
        low=0,
        high=20,
        truth=9,
        tolerance=0.5,
        explain="Nine: three for each unit, and any goes with any of the other's three. Four of the nine attract.",
    ),
    Prediction(
        "inhibit",
        "Now each of the two inhibits the other: both cross weights are −1.2. Of the four resting places that "
        "attracted, how many are left?",
        kind="number",
        low=0,
        high=4,
        truth=2,
        tolerance=0.5,
        explain="Two: one unit on and the other off. Both on, or both off, no longer holds: each pulls the other over.",
    ),
    Prediction(
        "gain",
        "Fifty units, random weights of standard deviation gain / √50. Up to about which gain does the silent state, "
        "all units at 0, attract?",
        kind="number",
        low=0,
        high=5,
        truth=1.0,
        tolerance=0.15,
        explain="About 1: the eigenvalues of such a matrix fill a disc whose radius is close to the gain.",
    ),
]

PLAN = Plan(
    "Where a network comes to rest",
    minutes=45,
    version="1",
    exercises=[resting, exponent, newton_step, jacobian, kind, spiral, remember],
    predictions=PREDICTIONS,
)
