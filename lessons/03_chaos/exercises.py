"""The questions of lesson 03: seven exercises and six predictions, each with the wrong answers known in advance."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lyaplab.school import Close, Exercise, Help, Look, Misconception, Plan, Prediction


def logistic(r: float, x: float) -> float:
    """One step of the logistic map."""
    return r * x * (1 - x)


# A network of 100 units far above the transition, as the widget opens with it.
CHAOS = {"params": {"gain": 1.8, "n": 100, "seed": 8}}

# ------------------------------------------------------------------ 1 almost the same


def _distances(x: float, gap: float) -> Iterator[float]:
    """The distance of two orbits of x -> 4 x (1 - x), with its sign: at the start, after one step, and so on."""
    y = x + gap
    while True:
        yield y - x
        x, y = logistic(4.0, x), logistic(4.0, y)


def _first(x: float, gap: float, *, sign: int = 0) -> int:
    """The first step at which the orbits are more than 0.1 apart; with a sign, one of them above the other."""
    return next(t for t, d in enumerate(_distances(x, gap)) if (sign * d if sign else abs(d)) > 0.1)


def _away_from(place: float, x: float) -> int:
    """The first step at which the orbit of x is more than 0.1 away from a place."""
    step = 0
    while abs(place - x) <= 0.1 and step < 1000:
        x, step = logistic(4.0, x), step + 1
    return step


def _clear(x: float, gap: float) -> bool:
    """Whether no distance on the way is so close to 0.1 that rounding would decide."""
    distances = _distances(x, gap)
    return all(not 0.095 < abs(next(distances)) < 0.105 for _ in range(_first(x, gap) + 1))


def _draw_pair(rng: np.random.Generator) -> tuple[float, float]:
    while True:
        x, gap = float(rng.uniform(0.05, 0.9)), 10.0 ** -int(rng.integers(3, 10))
        if _clear(x, gap):
            return x, gap


apart = Exercise(
    "apart",
    "How long two starts look alike",
    points=2,
    stub="def apart(x, gap):\n"
    '    """The first step at which the orbits of x and x + gap (both with r = 4) are more than 0.1 apart."""\n'
    "    y = x + gap\n"
    "    step = 0\n"
    "    ...   # as long as they are close: one step of both, and count it\n"
    "    return ...",
    solution="def apart(x, gap):\n"
    '    """The first step at which the orbits of x and x + gap (both with r = 4) are more than 0.1 apart."""\n'
    "    y = x + gap\n"
    "    step = 0\n"
    "    while abs(y - x) <= 0.1:\n"
    "        x = 4 * x * (1 - x)\n"
    "        y = 4 * y * (1 - y)\n"
    "        step = step + 1\n"
    "    return step",
    draw=_draw_pair,
    times=12,
    reference=lambda x, gap: _first(x, gap),
    checks=[Close(0.1)],
    misconceptions=[
        Misconception(
            "the distance with its sign",
            lambda x, gap: _first(x, gap, sign=1),
            "The second orbit may run ahead or fall behind: `y - x` can be −0.5. A distance has no sign.",
        ),
        Misconception(
            "the distance with the other sign",
            lambda x, gap: _first(x, gap, sign=-1),
            "The second orbit may run ahead or fall behind: `x - y` can be −0.5. A distance has no sign.",
        ),
        Misconception(
            "the loop never entered",
            lambda x, gap: 0,
            "No step was made. `while` says how long to *go on*: as long as the two are still close.",
        ),
        Misconception(
            "counts states instead of steps",
            lambda x, gap: _first(x, gap) + 1,
            "One too many: at step 0, the start, no step has been made yet.",
        ),
        Misconception(
            "the last step at which they were close",
            lambda x, gap: _first(x, gap) - 1,
            "That is the last step at which they were close. Asked for is the first at which they are not.",
        ),
        Misconception(
            "only one of them moved",
            lambda x, gap: _away_from(x + gap, x),
            "The first orbit moves away while the second one stays at its start. Move both before you compare.",
        ),
        Misconception(
            "computed from a doubling in each step",
            lambda x, gap: int(np.ceil(np.log(0.1 / gap) / np.log(2))),
            "A doubling in every step is what happens on the average. Here count the steps of these two orbits.",
        ),
    ],
    help=Help(
        nudge="A `while` loop: what must hold for it to go on, and which three things happen inside?",
        look=Look(
            "The right picture at `x0 = 0.2`: note the states of the first steps. Then type 0.2001 for `x0`. Up to "
            "which step are they the same to the eye?",
            "Cobweb",
            {"params": {"r": 4.0}, "view": {"x0": 0.2001, "steps": 20}},
        ),
        step="The loop begins with `while abs(y - x) <= 0.1:`. Inside, move x, move y, and add 1 to step.",
    ),
)

# ------------------------------------------------------------------ 2 the rate

GAP, LEAST_SLOPE = 1e-5, 0.1


def _growths(r: float, x: float, gap: float, steps: int, *, back: bool = True) -> np.ndarray:
    """How many times the distance is as long after each step as the gap; `back` puts the second orbit back."""
    y, growths = x + gap, []
    for _ in range(steps):
        x, y = logistic(r, x), logistic(r, y)
        growths.append(abs(y - x) / gap)
        if back:
            y = x + gap
    return np.array(growths)


def _slopes(r: float, x: float, steps: int) -> np.ndarray:
    """The slopes of the logistic map along an orbit."""
    slopes = []
    for _ in range(steps):
        slopes.append(r * (1 - 2 * x))
        x = logistic(r, x)
    return np.array(slopes)


def _draw_orbit(rng: np.random.Generator, low: int, high: int) -> tuple[float, float, int]:
    """A map, a start and a number of steps: never close to the top, where the slope is 0 and gaps are bent."""
    while True:
        r, x, steps = float(rng.uniform(3.5, 4.0)), float(rng.uniform(0.1, 0.9)), int(rng.integers(low, high))
        if np.abs(_slopes(r, x, steps + 1)).min() > LEAST_SLOPE:
            return r, x, steps


def _draw_twins(rng: np.random.Generator) -> tuple[float, float, float, int]:
    r, x, steps = _draw_orbit(rng, 24, 31)
    return r, x, GAP, steps


two_trajectories = Exercise(
    "two_trajectories",
    "The exponent from two trajectories",
    points=3,
    stub="def two_trajectories(r, x, gap, steps):\n"
    '    """The exponent of x -> r x (1 - x), from a pair that is put back to the distance gap after every step."""\n'
    "    y = x + gap\n"
    "    total = 0.0\n"
    "    for _ in range(steps):\n"
    "        ...   # one step of both\n"
    "        ...   # add the logarithm of the growth of their distance\n"
    "        ...   # put the second one back\n"
    "    return ...",
    solution="def two_trajectories(r, x, gap, steps):\n"
    '    """The exponent of x -> r x (1 - x), from a pair that is put back to the distance gap after every step."""\n'
    "    y = x + gap\n"
    "    total = 0.0\n"
    "    for _ in range(steps):\n"
    "        x, y = r * x * (1 - x), r * y * (1 - y)\n"
    "        total = total + np.log(abs(y - x) / gap)\n"
    "        y = x + gap\n"
    "    return total / steps",
    draw=_draw_twins,
    reference=lambda r, x, gap, steps: float(np.log(_growths(r, x, gap, steps)).mean()),
    checks=[Close(1e-3)],
    misconceptions=[
        Misconception(
            "the distance with its sign",
            lambda r, x, gap, steps: float("nan"),  # some distance is negative on every orbit of so many steps
            "A logarithm met a negative number: `y - x` has a sign. The distance is its size.",
        ),
        Misconception(
            "never put back",
            lambda r, x, gap, steps: float(np.log(_growths(r, x, gap, steps, back=False)[-1]) / steps),
            "The pair is not put back: its distance comes to the size of the interval and can grow no more. Bring "
            "the second orbit back to `x + gap` after every step.",
            Look(
                "The distance stops growing when nothing is left of the likeness; a slope read off there is too small.",
                "ChaosTransition",
                {**CHAOS, "view": {"apart": -3}},
            ),
        ),
        Misconception(
            "not put back, but added up",
            lambda r, x, gap, steps: float(np.log(_growths(r, x, gap, steps, back=False)).mean()),
            "You add up the logarithms of all distances since the start. What is to be added is the growth of each "
            "step: put the pair back before the next one.",
        ),
        Misconception(
            "the average before the logarithm",
            lambda r, x, gap, steps: float(np.log(_growths(r, x, gap, steps).mean())),
            "First the average, then the logarithm: the other way round. Growth multiplies, so logarithms add.",
        ),
        Misconception(
            "not divided by the steps",
            lambda r, x, gap, steps: float(np.log(_growths(r, x, gap, steps)).sum()),
            "That is the growth over the whole run. The exponent is the growth per step.",
        ),
        Misconception(
            "log10 for ln",
            lambda r, x, gap, steps: float(np.log10(_growths(r, x, gap, steps)).mean()),
            "That is the logarithm to base 10. Exponents are in nats: `np.log` is the natural logarithm.",
        ),
        Misconception(
            "log2 for ln",
            lambda r, x, gap, steps: float(np.log2(_growths(r, x, gap, steps)).mean()),
            "That is in bits per step, doublings. Exponents here are in nats: `np.log` is the natural logarithm.",
        ),
        Misconception(
            "the distance, not its growth",
            lambda r, x, gap, steps: float(np.log(gap * _growths(r, x, gap, steps)).mean()),
            "That is the mean logarithm of the distance. The growth of a step is the distance after it divided by gap.",
        ),
    ],
    help=Help(
        nudge="Growth multiplies from step to step. What does one step make of the distance gap, and what adds up?",
        look=Look(
            "The lower left figure. While the distance is small its logarithm rises steadily. Putting the twin back "
            "keeps the pair there for ever.",
            "ChaosTransition",
            {**CHAOS, "view": {"apart": -9}},
        ),
        step="After `x, y = r * x * (1 - x), r * y * (1 - y)` the growth is `abs(y - x) / gap`. Add its logarithm to "
        "total, then set `y = x + gap`.",
    ),
)

horizon = Exercise(
    "horizon",
    "How far a forecast reaches",
    points=1,
    stub="horizon = ...   # steps until an error of 1e-6 has become 0.1, at 0.09 nats per step",
    solution="horizon = np.log(0.1 / 1e-6) / 0.09",
    reference=float(np.log(1e5) / 0.09),
    checks=[Close(0.5)],
    misconceptions=[
        Misconception(
            "log10 for ln",
            float(5 / 0.09),
            "Five powers of ten, divided by the rate: but the rate is in nats. A power of ten is ln 10 = 2.303 nats.",
        ),
        Misconception(
            "the doubling time",
            float(np.log(2) / 0.09),
            "That is the doubling time. From 0.000001 to 0.1 many doublings are needed: how many?",
        ),
        Misconception(
            "multiplied by the rate",
            float(0.09 * np.log(1e5)),
            "That is about one step. The error needs ln 100 000 = 11.5 nats, and gains 0.09 of them in each step.",
        ),
        Misconception(
            "the time of one nat",
            float(1 / 0.09),
            "In so many steps an error grows by the factor e. How many nats lie between 0.000001 and 0.1?",
        ),
        Misconception(
            "until the error is 1",
            float(np.log(1e6) / 0.09),
            "In this time the error grows a million-fold, to 1. Asked for is when it has come to 0.1.",
        ),
        Misconception(
            "log2 for ln",
            float(np.log2(1e5) / 0.09),
            "You counted doublings, and divided by a rate in nats. A doubling is ln 2 = 0.693 nats.",
        ),
        Misconception(
            "growth by equal amounts",
            float(0.1 / (0.09 * 1e-6)),
            "This lets the error grow by the same amount in each step. It grows by the same factor.",
        ),
        Misconception(
            "the sign lost",
            float(np.log(1e-5) / 0.09),
            "The size is right. Which of the two errors is the larger one?",
        ),
    ],
    help=Help(
        nudge="The error after t steps is the first error times exp(λ t). Set it equal to 0.1.",
        look=Look(
            "Twins 10⁻⁶ apart: how many steps until the line has come from −6 to −1? This network parts at about "
            "0.09 nats per step.",
            "ChaosTransition",
            {**CHAOS, "view": {"apart": -6}},
        ),
        step="0.1 / 0.000001 is 100 000, so λ t = ln 100 000 = 11.513.",
    ),
)

# ------------------------------------------------------------------ 3 by the tangent

tangent = Exercise(
    "tangent",
    "The exponent by the tangent",
    points=2,
    stub="def tangent(r, x, steps):\n"
    '    """The mean logarithm of the size of the slope of x -> r x (1 - x), at x and the states that follow."""\n'
    "    total = 0.0\n"
    "    for _ in range(steps):\n"
    "        ...   # add the logarithm of the slope's size at x\n"
    "        ...   # then go one step on\n"
    "    return ...",
    solution="def tangent(r, x, steps):\n"
    '    """The mean logarithm of the size of the slope of x -> r x (1 - x), at x and the states that follow."""\n'
    "    total = 0.0\n"
    "    for _ in range(steps):\n"
    "        total = total + np.log(abs(r * (1 - 2 * x)))\n"
    "        x = r * x * (1 - x)\n"
    "    return total / steps",
    draw=lambda rng: _draw_orbit(rng, 4, 15),
    reference=lambda r, x, steps: float(np.log(np.abs(_slopes(r, x, steps))).mean()),
    checks=[Close(1e-6)],
    misconceptions=[
        Misconception(
            "the step before the slope",
            lambda r, x, steps: float(np.log(np.abs(_slopes(r, x, steps + 1)[1:])).mean()),
            "You step first and take the slope after. The first slope belongs to the start x itself.",
        ),
        Misconception(
            "the size forgotten",
            lambda r, x, steps: float("nan"),  # every orbit of four steps or more passes where the slope is negative
            "Right of the top the slope is negative and has no logarithm: take its size first.",
        ),
        Misconception(
            "the slope for r = 4",
            lambda r, x, steps: float(np.log(np.abs(4 / r * _slopes(r, x, steps))).mean()),
            "This is the slope for r = 4, as in the worked numbers. For any r it is r (1 − 2x).",
        ),
        Misconception(
            "r left out of the slope",
            lambda r, x, steps: float(np.log(np.abs(_slopes(r, x, steps) / r)).mean()),
            "You took 1 − 2x. The slope of r x (1 − x) has r as a factor.",
        ),
        Misconception(
            "r - 2x for the slope",
            lambda r, x, steps: float(np.log(np.abs(r - 2 * _states(r, x, steps))).mean()),
            "Differentiate again: r x (1 − x) is r x − r x², so r multiplies both terms of the slope.",
        ),
        Misconception(
            "the average before the logarithm",
            lambda r, x, steps: float(np.log(np.abs(_slopes(r, x, steps)).mean())),
            "First the average, then the logarithm: the other way round. Slopes multiply along the orbit.",
        ),
        Misconception(
            "the mean slope with its sign",
            lambda r, x, steps: float(np.log(abs(_slopes(r, x, steps).mean()))),
            "Slopes of both signs cancel in this mean. Take the logarithm of the size of each, then the average.",
        ),
        Misconception(
            "log10 for ln",
            lambda r, x, steps: float(np.log10(np.abs(_slopes(r, x, steps))).mean()),
            "That is the logarithm to base 10. Exponents are in nats: `np.log` is the natural logarithm.",
        ),
        Misconception(
            "not divided by the steps",
            lambda r, x, steps: float(np.log(np.abs(_slopes(r, x, steps))).sum()),
            "That is the logarithm of the product of all slopes. The exponent is a mean over the steps.",
        ),
        Misconception(
            "the slope at the start only",
            lambda r, x, steps: float(np.log(abs(r * (1 - 2 * x)))),
            "That is the slope at the start. The orbit moves on, and each state has a slope of its own.",
        ),
    ],
    help=Help(
        nudge="In lesson 01 all steps had one slope, that at rest. What changes when the state never comes to rest?",
        look=Look(
            "Where the curve is steep, neighbours part; near its top they come together. Step along the orbit and see "
            "where it spends its time.",
            "Cobweb",
            {"params": {"r": 4.0}, "view": {"x0": 0.2, "steps": 4}},
        ),
        step="The slope at x is r (1 − 2 x). In the loop: `total = total + np.log(abs(r * (1 - 2 * x)))`, then the "
        "step.",
    ),
)


def _states(r: float, x: float, steps: int) -> np.ndarray:
    states = []
    for _ in range(steps):
        states.append(x)
        x = logistic(r, x)
    return np.array(states)


# ------------------------------------------------------------------ 4 many units


def _factors(
    W: np.ndarray, h: np.ndarray, v: np.ndarray, steps: int, *, kind: str = "right", keep: bool = True
) -> np.ndarray:
    """The growth of a tangent in each step; `kind` names a way to get the Jacobian wrong."""
    growths = []
    for _ in range(steps):
        before, h = h, np.tanh(W @ h)
        slopes = {"old state": 1 - before**2, "late": 1 - np.tanh(W @ h) ** 2, "weights": np.ones(len(h))}
        J = slopes.get(kind, 1 - h**2)[:, None] * W
        if kind in ("columns", "old columns"):
            J = W * (1 - (h if kind == "columns" else before) ** 2)
        image = (J.T if kind == "transposed" else J) @ v
        growths.append(np.linalg.norm(image) / np.linalg.norm(v))
        if keep:
            v = image / np.linalg.norm(image)
    return np.array(growths)


def _draw_network(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    n = int(rng.integers(3, 7))
    W, v = rng.normal(scale=1.5 / np.sqrt(n), size=(n, n)), rng.normal(size=n)
    return W, rng.uniform(-0.9, 0.9, n), v / np.linalg.norm(v), int(rng.integers(5, 16))


def _mean_log(kind: str):
    return lambda W, h, v, steps: float(np.log(_factors(W, h, v, steps, kind=kind)).mean())


network_exponent = Exercise(
    "network_exponent",
    "The exponent of a network",
    points=3,
    stub="def network_exponent(W, h, v, steps):\n"
    '    """The mean growth per step of the small distance v along the orbit of h -> tanh(W h), in nats."""\n'
    "    total = 0.0\n"
    "    for _ in range(steps):\n"
    "        ...   # the Jacobian of this step\n"
    "        ...   # the state, and v, one step on\n"
    "        ...   # add the logarithm of the growth; make v as long as 1 again\n"
    "    return ...",
    solution="def network_exponent(W, h, v, steps):\n"
    '    """The mean growth per step of the small distance v along the orbit of h -> tanh(W h), in nats."""\n'
    "    total = 0.0\n"
    "    for _ in range(steps):\n"
    "        h = np.tanh(W @ h)\n"
    "        J = np.diag(1 - h**2) @ W   # 1 - tanh² of the sum, and the new state is that tanh\n"
    "        v = J @ v\n"
    "        total = total + np.log(np.linalg.norm(v))\n"
    "        v = v / np.linalg.norm(v)\n"
    "    return total / steps",
    draw=_draw_network,
    reference=lambda W, h, v, steps: float(np.log(_factors(W, h, v, steps)).mean()),
    checks=[Close(1e-6)],
    misconceptions=[
        Misconception(
            "1 - h² with the old state",
            _mean_log("old state"),
            "The slope of unit i is `1 - tanh(s)²` of its sum s. In this step that tanh is the *new* state; you took "
            "the old one.",
        ),
        Misconception(
            "the Jacobian one step late",
            _mean_log("late"),
            "You moved the state first and took the Jacobian of the next step. v belongs to the state before the move.",
        ),
        Misconception(
            "the weights alone",
            _mean_log("weights"),
            "That is the growth near the silent state, where every slope of tanh is 1. This orbit does not stay there.",
        ),
        Misconception(
            "W diag(...) for diag(...) W",
            _mean_log("columns"),
            "Here each column of W is scaled. Unit i squashes its own sum, so its slope belongs to row i.",
        ),
        Misconception(
            "columns scaled, with the old state",
            _mean_log("old columns"),
            "Two things. The slope of unit i belongs to *row* i of W (`diag(...) @ W`, where `(1 - h**2) * W` scales "
            "columns). And it is taken at the sum of this step, whose tanh is the *new* state.",
        ),
        Misconception(
            "v never shortened",
            lambda W, h, v, steps: float(np.cumsum(np.log(_factors(W, h, v, steps))).mean()),
            "You add the logarithm of the whole length of v, which still holds the growth of all steps before. Shorten "
            "v to 1 after each step, or divide by its length before the step.",
        ),
        Misconception(
            "the Jacobian transposed",
            _mean_log("transposed"),
            "This pushes v by the transpose of J. That is the way gradients go, and they run backwards in time.",
        ),
        Misconception(
            "v always starts afresh",
            lambda W, h, v, steps: float(
                np.log([_factors(W, h_t, v, 1)[0] for h_t in _network_states(W, h, steps)]).mean()
            ),
            "Every step here stretches the first v. What comes out of one step, shortened to 1, goes into the next.",
        ),
        Misconception(
            "the average before the logarithm",
            lambda W, h, v, steps: float(np.log(_factors(W, h, v, steps).mean())),
            "First the average, then the logarithm: the other way round. Growth multiplies, so logarithms add.",
        ),
        Misconception(
            "not divided by the steps",
            lambda W, h, v, steps: float(np.log(_factors(W, h, v, steps)).sum()),
            "That is the growth over the whole run. The exponent is the growth per step.",
        ),
        Misconception(
            "the last step only",
            lambda W, h, v, steps: float(np.log(_factors(W, h, v, steps)[-1]) / steps),
            "Only the growth of the last step is left. Is the logarithm added before v is shortened, in every step?",
        ),
    ],
    help=Help(
        nudge="It is `tangent` with a matrix for the slope. What does one step make of v, and how long is it then?",
        look=Look(
            "The violet crosses are the eigenvalues of J at the marked step. Drag the time: at each step J is another "
            "matrix.",
            "ChaosTransition",
            {**CHAOS, "view": {"t": 180}},
        ),
        step="`h = np.tanh(W @ h)` gives the new state, and with it `J = np.diag(1 - h**2) @ W`: the tanh of the sum "
        "is the new state. Then `v = J @ v`, and its length is the growth.",
    ),
)


def _network_states(W: np.ndarray, h: np.ndarray, steps: int) -> Iterator[np.ndarray]:
    for _ in range(steps):
        yield h
        h = np.tanh(W @ h)


# ------------------------------------------------------------------ 6 from a series


def _nearest(points: np.ndarray, i: int, allowed: np.ndarray) -> int:
    """The allowed row that is nearest to row i."""
    distance = np.linalg.norm(points - points[i], axis=1)
    return int(np.argmin(np.where(allowed, distance, np.inf)))


def _gaps(points: np.ndarray, i: int) -> np.ndarray:
    """How many steps each row is away from row i in time."""
    return np.abs(np.arange(len(points)) - i)


def _draw_points(rng: np.random.Generator) -> tuple[np.ndarray, int, int]:
    """A slow or a quick loop with a little noise: neighbours at the edge of the window, or one turn away."""
    count, theiler = int(rng.integers(60, 100)), int(rng.integers(8, 14))
    angle = 2 * np.pi * np.arange(count) / rng.choice([rng.uniform(22.0, 28.0), rng.uniform(250.0, 400.0)])
    points = np.column_stack([np.cos(angle), np.sin(angle)]) + rng.normal(scale=0.004, size=(count, 2))
    return points, int(rng.integers(count)), theiler


neighbour = Exercise(
    "neighbour",
    "A twin in the past or the future",
    points=2,
    stub="def neighbour(points, i, theiler):\n"
    '    """The number of the row nearest to row i, among rows more than theiler steps away from it in time."""\n'
    "    distance = np.linalg.norm(points - points[i], axis=1)\n"
    "    ...   # rows that are too close in time must not win\n"
    "    return ...",
    solution="def neighbour(points, i, theiler):\n"
    '    """The number of the row nearest to row i, among rows more than theiler steps away from it in time."""\n'
    "    distance = np.linalg.norm(points - points[i], axis=1)\n"
    "    too_close = abs(np.arange(len(points)) - i) <= theiler\n"
    "    distance[too_close] = np.inf\n"
    "    return np.argmin(distance)",
    draw=_draw_points,
    times=24,
    reference=lambda points, i, theiler: _nearest(points, i, _gaps(points, i) > theiler),
    checks=[Close(0.1)],
    misconceptions=[
        Misconception(
            "the point itself",
            lambda points, i, theiler: int(i),
            "The nearest row to row i is row i itself, at distance 0. It is no twin: leave out what is close in time.",
        ),
        Misconception(
            "only the point itself left out",
            lambda points, i, theiler: _nearest(points, i, _gaps(points, i) > 0),
            "That is often the state one step before or after, and the pair would move one behind the other for ever. "
            "Leave out all rows up to theiler steps away.",
        ),
        Misconception(
            "the edge of the window let in",
            lambda points, i, theiler: _nearest(points, i, _gaps(points, i) >= theiler),
            "Nearly. A row exactly theiler steps away is still too close: *more* than theiler is asked for.",
        ),
        Misconception(
            "a slice that ends too soon",
            lambda points, i, theiler: _nearest(points, i, _outside(points, slice(max(0, i - theiler), i + theiler))),
            "Nearly. A slice ends before its last place: the row exactly theiler steps later is still let in.",
        ),
        Misconception(
            "a slice that begins below 0",
            lambda points, i, theiler: _nearest(points, i, _outside(points, slice(i - theiler, i + theiler + 1))),
            "Right in the middle of the series. Near its beginning `i - theiler` is negative, and Python counts such "
            "places from the end.",
        ),
        Misconception(
            "the distance, not the row",
            lambda points, i, theiler: _smallest(points, i, theiler),
            "That is how far away the twin is. Asked for is its row: `np.argmin`.",
        ),
        Misconception(
            "only later rows",
            lambda points, i, theiler: _nearest(points, i, np.arange(len(points)) > i + theiler),
            "Only rows after row i are looked at. A twin may lie in the past as well: the size of the difference "
            "counts.",
        ),
        Misconception(
            "the window cut out and the rest counted anew",
            lambda points, i, theiler: _recounted(points, i, theiler),
            "The row is right, its number is not: after rows are removed, `argmin` counts those that are left. Give "
            "the rows to be left out an infinite distance instead.",
        ),
        Misconception(
            "the farthest row",
            lambda points, i, theiler: int(np.argmax(np.linalg.norm(points - points[i], axis=1))),
            "That is the row farthest away. A twin is the nearest.",
        ),
    ],
    help=Help(
        nudge="`np.argmin(distance)` finds the nearest of all rows. How do you keep a row from winning?",
        look="The curve of your series above: neighbours are followed from step 0. Two states one step apart in time "
        "would stay one step apart, and the curve would be flat.",
        step="`abs(np.arange(len(points)) - i) <= theiler` is True for the rows to leave out. Set their distance to "
        "`np.inf`.",
    ),
)


def _outside(points: np.ndarray, window: slice) -> np.ndarray:
    """Which rows a slice leaves."""
    allowed = np.ones(len(points), dtype=bool)
    allowed[window] = False
    return allowed


def _smallest(points: np.ndarray, i: int, theiler: int) -> float:
    distance = np.linalg.norm(points - points[i], axis=1)
    return float(distance[_gaps(points, i) > theiler].min())


def _recounted(points: np.ndarray, i: int, theiler: int) -> int:
    allowed = _gaps(points, i) > theiler
    return int(np.argmin(np.linalg.norm(points - points[i], axis=1)[allowed]))


sun = Exercise(
    "sun",
    "Is the sun chaotic? (open)",
    points=2,
    stub='sun = ""   # three or four sentences',
    solution='sun = """\n'
    "The number was read off a curve without a straight part; with dimension 5 it would be 0.29. Noise with the\n"
    "same values and nearly the same spectrum gives as much. That does not show that the sun is not chaotic:\n"
    "28 cycles of a system that is known to be chaotic were not enough either. I would want many more cycles,\n"
    "or a curve that stays straight when dimension and lag are changed and that surrogates do not show.\n"
    '"""',
    reference="The curve has no straight part, and its rise depends on the dimension that was chosen. Surrogates, "
    "which are noise, rise as steeply. But 28 cycles of a chaotic flow give no straight part either, so the series "
    "does not speak against chaos. More cycles are needed, or a straight part that stays when the settings change and "
    "that surrogates lack. Until then the question is open.",
    help=Help(
        nudge="Three things were compared with the sun in section 6: other dimensions, noise, and a chaotic flow. What "
        "does each of them say, and what does it not say?",
        look="Section 6: the numbers for dimensions 2, 3 and 5, and what came out of 309 values of Rössler's flow.",
        step="Begin with the first: if 0.41 were a property of the sun, would it become 0.29 when *we* change from "
        "three coordinates to five?",
    ),
    open=True,
)

# ------------------------------------------------------------------ predictions


PREDICTIONS = [
    Prediction(
        "billionth",
        "Two populations follow the same rule, x → 4 x (1 − x). One starts at 0.2, the other at 0.200000001. After how "
        "many steps are they more than 0.1 apart?",
        kind="number",
        low=0,
        high=1_000_000_000,
        truth=_first(0.2, 1e-9),
        tolerance=6,
        unit="steps",
        explain="After 27 steps. A billionth sounds like nothing, but on the average the distance doubles in every "
        "step, and 27 doublings make a factor of 134 million.",
    ),
    Prediction(
        "closer",
        "A network of 100 units, and its twin that starts 10⁻⁹ away: after about 200 steps they are 0.1 apart. Now "
        "start them a thousand times closer, 10⁻¹². After how many steps are they 0.1 apart?",
        kind="number",
        low=0,
        high=1_000_000,
        truth=281,
        tolerance=20,
        unit="steps",
        explain="After about 280: a thousand times the precision buys some 80 steps. The next factor of a thousand "
        "buys another 80.",
    ),
    Prediction(
        "windows",
        "You turn r slowly from 3.6 up to 4. What does the exponent of the logistic map do?",
        options=(
            "it rises all the way",
            "it rises, but again and again it drops below 0",
            "it is the same for all r, until it jumps at 4",
        ),
        truth="it rises, but again and again it drops below 0",
        explain="At r = 3.83, for instance, it is −0.37: the orbit has come to rest on a cycle of three. Such windows "
        "of order lie between any two chaotic values of r.",
    ),
    Prediction(
        "onset",
        "This network of 100 units loses its rest at gain 0.95, where an eigenvalue leaves the unit circle. At which "
        "gain does it turn chaotic?",
        kind="number",
        low=0,
        high=5,
        truth=1.41,
        tolerance=0.15,
        explain="Near 1.4. In between it neither rests nor is it chaotic: it goes round, and twins stay as close as "
        "they are. With other seeds it is another gain.",
    ),
    Prediction(
        "twelve",
        "Twelve random networks of 100 units, all at gain 1.3. For infinitely many units theory says λ = 0.031. How "
        "many of the twelve are chaotic?",
        kind="number",
        low=0,
        high=12,
        truth=2,
        tolerance=1,
        explain="Two, for the seeds 0 to 11. The other ten repeat, or nearly: two have an exponent below 0, and eight "
        "one that cannot be told from 0.",
    ),
    Prediction(
        "noise",
        "Now 2000 random numbers, each drawn without regard to the ones before. What will the method say of them?",
        options=("an exponent of 0", "a large positive exponent", "that there is no straight line, and no exponent"),
        truth="that there is no straight line, and no exponent",
        explain="Neighbours are strangers after one step. The curve jumps up and stays: there is no stretch of steady "
        "growth. Noise is not a chaos with a large exponent; it has none.",
    ),
]

PLAN = Plan(
    "When almost equal states part for ever",
    minutes=50,
    version="1",
    exercises=[apart, two_trajectories, horizon, tangent, network_exponent, neighbour, sun],
    predictions=PREDICTIONS,
)
