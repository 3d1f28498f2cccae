"""The questions of lesson 02: six predictions and six exercises, each with the wrong answers known in advance."""

from __future__ import annotations

import numpy as np

from lyaplab.school import Close, Exercise, Help, Look, Misconception, Plan, Prediction, Shape

# ------------------------------------------------------------------ 1 a switch

rivals = Exercise(
    "rivals",
    "Where two rivals have to choose",
    points=2,
    stub="rivals = ...   # c, a number above 0",
    solution="# At the silent state J = W. Along (1, -1), one up and the other down, W multiplies by 0.7 + c.\n"
    "rivals = 0.3",
    reference=0.3,
    checks=[Close(0.005)],
    misconceptions=[
        Misconception(
            "one unit alone",
            1.0,
            "1 is where a single unit with nothing but its own weight would split. Here the rival adds to it.",
        ),
        Misconception(
            "as strong as the own weight",
            0.7,
            "Equal weights make one eigenvalue 0, along (1, 1). What must an eigenvalue be, for the rest to give way?",
        ),
        Misconception(
            "together instead of apart",
            1.7,
            "Here the units moving *together*, along (1, 1), have the multiplier −1. They part much sooner.",
        ),
        Misconception(
            "taken for a rotation",
            float(np.sqrt(1 - 0.49)),
            "That makes the size of 0.7 ± ic equal to 1. But this W is symmetric: its eigenvalues are real.",
        ),
        Misconception(
            "mutual excitation",
            -0.3,
            "For −0.3 the two excite each other, and split along (1, 1). Rivals inhibit: c is above 0.",
        ),
        Misconception(
            "a quotient",
            0.3 / 0.7,
            "Close in spirit, but the eigenvalues of W are a sum and a difference of its two weights, not a product.",
        ),
    ],
    help=Help(
        nudge="At the silent state J = W. Along which direction does one unit go up while the other goes down?",
        # no widget above this exercise shows two units: those of sections 3 and 4 wait for their predictions
        look='Add a cell with `ll.PhasePlane("tanh", w11=0.7, w12=-0.2, w21=-0.2, w22=0.7)`: at c = 0.2 every start '
        "ends at the silent state. Turn `w12` and `w21` down by turns, and watch the two eigenvalues.",
        step="W times (1, −1) is (0.7 + c, −c − 0.7), which is 0.7 + c times (1, −1). This multiplier has to be 1.",
    ),
)

# ------------------------------------------------------------------ 2 an alternation


def _slopes(r: float, x: np.ndarray) -> np.ndarray:
    return r * (1 - 2 * x)


def _draw_cycle(rng: np.random.Generator) -> tuple[float, np.ndarray]:
    """A stable cycle of the logistic map: of period 2, 3 or 4."""
    period, low, high = ((2, 3.06, 3.42), (3, 3.831, 3.84), (4, 3.46, 3.53))[rng.integers(3)]
    r, x, cycle = float(rng.uniform(low, high)), 0.3, []
    for _ in range(600):
        x = r * x * (1 - x)
    for _ in range(period):
        x = r * x * (1 - x)
        cycle.append(x)
    return r, np.array(cycle)


cycle_exponent = Exercise(
    "cycle_exponent",
    "The exponent of a cycle",
    points=2,
    stub="def cycle_exponent(r, x):\n"
    '    """The exponent, in nats per step, of the cycle of the logistic map whose states are the array x."""\n'
    "    slopes = r * (1 - 2 * x)\n"
    "    return ...   # the blank: from the slopes to the exponent",
    solution="def cycle_exponent(r, x):\n"
    '    """The exponent, in nats per step, of the cycle of the logistic map whose states are the array x."""\n'
    "    slopes = r * (1 - 2 * x)\n"
    "    return np.log(np.abs(slopes)).mean()",
    draw=_draw_cycle,
    times=10,
    reference=lambda r, x: np.log(np.abs(_slopes(r, x))).mean(),
    checks=[Close(1e-6)],
    misconceptions=[
        Misconception(
            "per round, not per step",
            lambda r, x: np.log(np.abs(np.prod(_slopes(r, x)))),
            "That is the growth in one round. An exponent is counted per step, and a round has `len(x)` of them.",
        ),
        Misconception(
            "divided by two, whatever the period",
            lambda r, x: np.log(np.abs(np.prod(_slopes(r, x)))) / 2,
            "Right for a cycle of two states. A cycle of three or four has as many steps in a round: `len(x)`.",
        ),
        Misconception(
            "average before log",
            lambda r, x: np.log(np.mean(np.abs(_slopes(r, x)))),
            "You took the logarithm of the average size. Factors multiply, so it is their logarithms that are "
            "averaged. (For r = 3.2 the average size is exactly 1, and yet a round multiplies distances by 0.16.)",
        ),
        Misconception(
            "average before size",
            lambda r, x: np.log(np.abs(np.mean(_slopes(r, x)))),
            "You averaged the slopes, with their signs. Distances are multiplied by one slope after the other.",
        ),
        Misconception(
            "the size forgotten",
            lambda r, x: _mean_log_of_signed(_slopes(r, x)),
            "Slopes can be negative, and their product too; then there is no logarithm: take the size first.",
        ),
        Misconception(
            "the multiplier",
            lambda r, x: np.prod(_slopes(r, x)),
            "That is the multiplier of the whole round. The exponent is the logarithm of its size, per step.",
        ),
        Misconception(
            "log10 for ln",
            lambda r, x: np.log10(np.abs(_slopes(r, x))).mean(),
            "That is the logarithm to base 10. Exponents here are in nats: `np.log` is the natural logarithm.",
        ),
        Misconception(
            "one state alone",
            lambda r, x: np.log(np.abs(_slopes(r, x)[0])),
            "That is the growth of the first step. The next one starts at another state, where the slope is another.",
        ),
    ],
    help=Help(
        nudge="A distance is multiplied by every slope in turn. How much does it grow in a round, and how much "
        "per step?",
        look="The rule above: the product of all slopes, the logarithm of its size, divided by the number of steps.",
        step="ln|μ| of a product is the sum of the ln|slope|; divided by the period it is their mean. For r = 3.2: "
        "(ln 0.083485 + ln 1.916515)/2 = ½ ln 0.16.",
    ),
)


def _mean_log_of_signed(slopes: np.ndarray) -> float:
    with np.errstate(invalid="ignore"):
        return float(np.log(slopes).mean())


# ------------------------------------------------------------------ 3 a rotation

_THETA = float(np.arccos(0.9))
_STEPS = 2 * np.pi / _THETA

onset = Exercise(
    "onset",
    "Where two units begin to oscillate, and how fast",
    points=2,
    stub="onset = ...   # two numbers: np.array([w21, steps of a turn])",
    solution="w21 = (1 - 0.9**2) / 0.5            # det W = 0.81 + 0.5 w21 is 1\n"
    "theta = np.arccos((0.9 + 0.9) / 2)  # half the trace is cos(theta)\n"
    "onset = np.array([w21, 2 * np.pi / theta])",
    reference=np.array([0.38, _STEPS]),
    checks=[Shape(), Close(0.003, relative=0.005)],
    misconceptions=[
        Misconception(
            "both weights the same",
            np.array([np.sqrt(0.19), _STEPS]),
            "This makes 0.9² + w21² equal to 1, as if both cross weights had one size. Here w12 is −0.5: use the "
            "determinant.",
        ),
        Misconception(
            "the determinant with the wrong sign",
            np.array([-0.38, _STEPS]),
            "det W = 0.81 − (−0.5) w21. Mind the two minus signs: for a negative w21 the eigenvalues are real.",
        ),
        Misconception(
            "radians for turns",
            np.array([0.38, 1 / _THETA]),
            "w21 is right. 1/θ is how many steps one *radian* takes; a turn has 2π of them.",
        ),
        Misconception(
            "turns per step",
            np.array([0.38, 1 / _STEPS]),
            "w21 is right. The second number is the part of a turn that one step makes; asked for are the steps of a "
            "turn.",
        ),
        Misconception(
            "the angle",
            np.array([0.38, _THETA]),
            "w21 is right. The second number is the angle of one step. How many of them make a whole turn, 2π?",
        ),
        Misconception(
            "the angle in degrees",
            np.array([0.38, np.degrees(_THETA)]),
            "w21 is right. The second number is the angle of one step, in degrees. How many of them make 360?",
        ),
        Misconception(
            "half a turn",
            np.array([0.38, np.pi / _THETA]),
            "w21 is right. After π the orbit is on the other side: a whole turn is 2π.",
        ),
        Misconception(
            "degrees",
            np.array([0.38, 360 / _THETA]),
            "w21 is right. 360 goes with degrees, but `np.arccos` and `np.angle` give radians: a turn is 2π.",
        ),
        Misconception(
            "the rule for flows",
            np.array([0.38, 2 * np.pi / np.sqrt(0.19)]),
            "w21 is right. The imaginary part is the frequency of a differential equation. A network that moves in "
            "steps turns by the *angle* of the eigenvalue.",
            Look(
                "The angle is seen from the centre of the circle: in the picture of the eigenvalues, not as a height.",
                "PhasePlane",
                {"params": {"w11": 0.9, "w12": -0.5, "w21": 0.38, "w22": 0.9, "b1": 0.0, "b2": 0.0}},
            ),
        ),
        Misconception(
            "the worked numbers",
            np.array([0.6, 2 * np.pi / np.arccos(0.8)]),
            "These belong to the network above, with 0.8 and −0.6. Go through the same two lines with 0.9 and −0.5.",
        ),
        Misconception(
            "the order",
            np.array([_STEPS, 0.38]),
            "Both numbers are right. First w21, then the steps of a turn.",
        ),
    ],
    help=Help(
        nudge="Two conditions: one for the size of the pair, one for its angle. Which of them does w21 appear in?",
        look=Look(
            "The network of the exercise, at w21 = 0.3. Turn `w21` up until the pair is on the circle.",
            "PhasePlane",
            {"params": {"w11": 0.9, "w12": -0.5, "w21": 0.3, "w22": 0.9, "b1": 0.0, "b2": 0.0}},
        ),
        step="det W = 0.9 · 0.9 − (−0.5) w21 = 0.81 + 0.5 w21, which has to be 1. There cos θ = ½ (0.9 + 0.9) = 0.9.",
    ),
)

# ------------------------------------------------------------------ 4 a jump


def _jump(w: float) -> float:
    h = np.sqrt(1 - 1 / w)
    return float(w * h - np.arctanh(h))


jump = Exercise(
    "jump",
    "The bias at which a unit jumps up",
    points=3,
    stub="def jump(w):\n"
    '    """The bias at which a unit with weight w > 1, turned up slowly, leaves its lower resting place."""\n'
    "    ...",
    solution="def jump(w):\n"
    '    """The bias at which a unit with weight w > 1, turned up slowly, leaves its lower resting place."""\n'
    "    h = -np.sqrt(1 - 1 / w)       # where the slope is 1, on the lower side\n"
    "    return np.arctanh(h) - w * h  # where it is at rest: w h + b = artanh(h)",
    draw=lambda rng: float(rng.uniform(1.2, 4.0)),
    reference=lambda w: _jump(w),
    checks=[Close(1e-6)],
    misconceptions=[
        Misconception(
            "the jump down",
            lambda w: -_jump(w),
            "The size is right; this is the jump *down*. The lower resting place is at a negative h.",
        ),
        Misconception(
            "the state, not the bias",
            lambda w: -np.sqrt(1 - 1 / w),
            "That is the state from which it jumps. Which bias makes that state a resting place?",
        ),
        Misconception(
            "the state on the upper side",
            lambda w: np.sqrt(1 - 1 / w),
            "That is the state from which it jumps *down*. Which is the lower one, and which bias holds it there?",
        ),
        Misconception(
            "the number for w = 2",
            lambda w: 0.5328,
            "That is the bias for w = 2, as computed above. Write the two steps that led to it for any `w`.",
        ),
        Misconception(
            "tanh left out",
            lambda w: (w - 1) * np.sqrt(1 - 1 / w),
            "You solved `w h + b = h`. The unit squashes: `tanh(w h + b) = h`, so `w h + b = np.arctanh(h)`.",
        ),
        Misconception(
            "tanh for its inverse",
            lambda w: w * np.sqrt(1 - 1 / w) - np.tanh(np.sqrt(1 - 1 / w)),
            "Almost: to undo `tanh` take its inverse, `np.arctanh`.",
        ),
        Misconception(
            "tanh of the sum without the bias",
            lambda w: np.sqrt(1 - 1 / w) - np.tanh(w * np.sqrt(1 - 1 / w)),
            "The bias stands inside the tanh: `tanh(w h + b) = h`. Undo the tanh first, with `np.arctanh`.",
        ),
        Misconception(
            "arctan for arctanh",
            lambda w: w * np.sqrt(1 - 1 / w) - np.arctan(np.sqrt(1 - 1 / w)),
            "`np.arctan` is the inverse of the tangent. The inverse of tanh is `np.arctanh`.",
        ),
        Misconception(
            "the root left out",
            lambda w: w * (1 - 1 / w) - np.arctanh(1 - 1 / w),
            "The slope condition gives `h**2 = 1 - 1/w`. You used that as h itself: the root is missing.",
        ),
        Misconception(
            "the whole gap",
            lambda w: 2 * _jump(w),
            "That is how far the jump up and the jump down lie apart. Asked for is where the first one is.",
        ),
    ],
    help=Help(
        nudge="Two equations for two unknowns, h and b. Which of them can be solved for h alone?",
        look=Look(
            "w = 2, a little before the jump: in the cobweb, curve and diagonal are about to part at the lower left.",
            "Bifurcation",
            {"params": {"w": 2.0, "b": 0.52}, "view": {"orbits": "up"}},
        ),
        step="w (1 − h²) = 1 gives h = −√(1 − 1/w), negative because it is the lower place. At rest w h + b = "
        "artanh(h). "
        "For w = 2: h = −0.7071, b = −0.8814 + 1.4142 = 0.5328.",
    ),
)

# ------------------------------------------------------------------ 5 a cascade

# Where the network of section 5 doubles its period, from 2 to 4 up to 32 to 64 (the suite measures it again).
DOUBLINGS = np.array([0.452367004, 0.755916471, 0.819829360, 0.833336885, 0.836253943])


def _ratios(values: np.ndarray) -> np.ndarray:
    gaps = np.diff(values)
    return np.asarray(gaps[:-1] / gaps[1:])


def _last_and_change(ratios: np.ndarray) -> np.ndarray:
    return np.array([ratios[-1], abs(ratios[-1] - ratios[-2])])


_RATIOS = _ratios(DOUBLINGS)

delta = Exercise(
    "delta",
    "Feigenbaum's number, measured on a network",
    points=3,
    stub="doublings = np.array([])   # w21 where the period becomes 4, 8, 16, 32, 64\n"
    "delta = ...                # two numbers: np.array([the last ratio, its error])",
    solution="doublings = np.array([0.452367, 0.755916, 0.819829, 0.833337, 0.836254])\n"
    "gaps = np.diff(doublings)\n"
    "ratios = gaps[:-1] / gaps[1:]                                  # 4.749, 4.732, 4.631\n"
    "delta = np.array([ratios[-1], abs(ratios[-1] - ratios[-2])])   # 4.63 with an error of 0.10",
    reference=_last_and_change(_RATIOS),
    checks=[Shape(), Close(0.012)],
    misconceptions=[
        Misconception(
            "from the book",
            np.array([4.6692, 0.0]),
            "That is the limit, from the logistic map or from a book. Measure what *this network* does.",
        ),
        Misconception(
            "stopped too early",
            _last_and_change(_RATIOS[:-1]),
            "From four doublings the last change happens to be small, and the interval does not hold 4.669. One small "
            "change proves little: zoom in once more, to the doubling from 32 to 64.",
        ),
        Misconception(
            "the digits for the error",
            np.array([_RATIOS[-1], 0.0]),
            "The doublings are as good as that, so the ratio of these gaps is. But is it the limit? How far did "
            "it move "
            "with the last doubling?",
        ),
        Misconception(
            "the error from the answer",
            np.array([_RATIOS[-1], 4.6692 - _RATIOS[-1]]),
            "You compared with the number you wanted to find. Take an error that needs no book: the last change.",
        ),
        Misconception(
            "upside down",
            _last_and_change(1 / _RATIOS),
            "The gaps get smaller by the factor 0.2 or so. The ratio is the other way round: the gap before "
            "over the gap "
            "after.",
        ),
        Misconception(
            "the average of all",
            np.array([_RATIOS.mean(), _RATIOS.std()]),
            "An average is for numbers that scatter round the same value. These approach one: the last is the best.",
        ),
        Misconception(
            "values for gaps",
            _last_and_change(DOUBLINGS[1:] / DOUBLINGS[:-1]),
            "You divided the weights themselves. Take their gaps first, with `np.diff`, then divide neighbours.",
        ),
    ],
    help=Help(
        nudge="Five doublings have four gaps, and four gaps have three ratios. Which of the three is nearest to "
        "the limit?",
        look=Look(
            "Here the last two doublings are in sight. If the table lacks the first three, set the range to 0.2 and "
            "0.9 once, and wait until it is computed.",
            "Bifurcation",
            {"params": {"w21": 0.8345}, "view": {"over": "w21", "span": [0.832, 0.838], "heights": []}},
        ),
        step="The gaps are 0.303549, 0.063913, 0.013508 and 0.002917. The last ratio is 0.013508/0.002917 = "
        "4.631, the one "
        "before it 0.063913/0.013508 = 4.732.",
    ),
)

# ------------------------------------------------------------------ 6 open

which = Exercise(
    "which",
    "Two networks that changed (open)",
    points=2,
    stub='which = ""   # three or four sentences',
    solution='which = """\n'
    "The humming network: a complex pair left the unit circle at an angle of about 2 pi/12 = 0.52, a Neimark-Sacker\n"
    "bifurcation; soft, and gone again at the same gain. The one that jumped: a real multiplier reached +1 and its\n"
    "resting place vanished in a saddle-node; its old state comes back only at a lower gain. Before either, the\n"
    "largest exponent rises to 0 and recovery from a small push slows down; whether it turns while it recovers tells\n"
    "which.\n"
    '"""',
    reference="The first: a complex pair left the circle, at the angle 2 pi/12; soft and reversible. The "
    "second: a real "
    "multiplier reached +1, a saddle-node with hysteresis. Both announce themselves by an exponent close to 0.",
    help=Help(
        nudge="For each network: soft or hard, one way or both, with a rhythm or without? Then go through the table.",
        look="The table of this section, and the exponents under the diagrams of sections 1 to 5.",
        step="A rhythm of 12 steps means θ = 2π/12 = 0.52: a complex pair. No way back at 1.05 means hysteresis: +1.",
    ),
    open=True,
)

# ------------------------------------------------------------------ predictions


def _settled() -> list[tuple[float, float]]:
    """Where a unit without bias ends that starts at 0.3, over its weight."""
    points = []
    for w in np.linspace(0.5, 2.0, 61):
        h = 0.3
        for _ in range(3000):
            h = np.tanh(w * h)
        points.append((float(w), float(h)))
    return points


PREDICTIONS = [
    Prediction(
        "fork",
        "A unit without bias is started at 0.3, for every weight w from 0.5 to 2, and left alone for a long time. Draw "
        "the state in which it ends, over w.",
        kind="curve",
        domain=(0.5, 2.0),
        low=0.0,
        high=1.0,
        truth=_settled(),
        tolerance=0.08,
        labels=("weight w", "state at the end"),
        explain="It ends at 0 as long as the slope there is below 1. From w = 1 on it rises like a root: at first "
        "straight up, then slower and slower towards 1.",
    ),
    Prediction(
        "swing",
        "Now the weight is turned from −0.5 down to −2. At −1 the multiplier of the silent state passes −1. "
        "What does the "
        "unit do below −1?",
        options=(
            "it rests at one of two other places",
            "it swings between two values, close together at first",
            "it swings between two values, far apart at once",
            "it never repeats",
        ),
        truth="it swings between two values, close together at first",
        explain="Each step changes the side, and makes the distance larger until tanh stops it. Their size is again "
        "√(3(|w| − 1)) at first.",
    ),
    Prediction(
        "ring",
        "At w21 = 0.7 the silent state repels: its multipliers are 0.8 ± 0.648 i, of size 1.03. About how many "
        "steps does an "
        "orbit take to go round it once?",
        kind="number",
        low=0,
        high=60,
        truth=9.23,
        tolerance=1.0,
        unit="steps",
        explain="About 9.2. In each step the pair turns by its angle, arctan(0.648/0.8) = 0.681, and a turn is 2π: "
        "6.283/0.681 = 9.23.",
    ),
    Prediction(
        "jump",
        "A unit with w = 2 rests at −0.995, because its bias is −1. The bias is raised slowly, and the unit has "
        "time to "
        "settle at every value. At which bias does it jump up?",
        kind="number",
        low=-1.0,
        high=1.0,
        truth=0.5328,
        tolerance=0.1,
        explain="At 0.53, long after the bias has changed its sign: it stays as long as there is a place to stay at.",
    ),
    Prediction(
        "share",
        'The cue is raised until "unit 2 has won" is no resting place any more. Right before that happens, what '
        "part of "
        "all starts still leads there?",
        options=("about a third", "about one in twenty", "none: the basin has shrunk to a point"),
        truth="about one in twenty",
        explain="About 5 %. The border comes up to the resting place from one side; what lies on the other "
        "sides stays.",
    ),
    Prediction(
        "next",
        "In the logistic map the period becomes 2 at r = 3, 4 at 3.4495, and 8 at 3.5441. At which r does it "
        "become 16?",
        kind="number",
        low=3.5441,
        high=4.0,
        truth=3.564407,
        tolerance=0.003,
        explain="At 3.5644. The first gap is 4.75 times the second one. If the next one shrinks as much, it is 0.0199: "
        "3.5441 + 0.0199 = 3.5640. It is 0.0203.",
    ),
]

PLAN = Plan(
    "How cycles and switches appear",
    minutes=45,
    version="1",
    exercises=[rivals, cycle_exponent, onset, jump, delta, which],
    predictions=PREDICTIONS,
)
