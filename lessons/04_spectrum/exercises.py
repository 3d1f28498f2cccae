"""The questions of lesson 04: seven exercises and six predictions, each with the wrong answers known in advance."""

from __future__ import annotations

from functools import cache

import numpy as np

import lyaplab as ll
from lyaplab.school import Close, Exercise, Help, Look, Misconception, Plan, Prediction

# ------------------------------------------------------------------ 1 the second exponent


@cache
def _first(b: float) -> float:
    """The largest exponent of Hénon's map with a = 1.4."""
    return float(ll.Model("henon", a=1.4, b=b).lyapunov_spectrum(1_000_000, k=1).exponents[0])


second = Exercise(
    "second",
    "The second exponent, without a second arrow",
    points=2,
    stub='henon_25 = ll.Model("henon", a=1.4, b=0.25)\n'
    "first = ...    # its largest exponent: henon_25.lyapunov_spectrum(100_000, k=1) measures it\n"
    "second = ...   # the other one, in nats per step",
    solution='first = ll.Model("henon", a=1.4, b=0.25).lyapunov_spectrum(100_000, k=1).exponents[0]\n'
    "second = np.log(0.25) - first",
    reference=lambda: np.log(0.25) - _first(0.25),
    checks=[Close(0.02)],
    misconceptions=[
        Misconception(
            "the growth of areas",
            float(np.log(0.25)),
            "That is the growth of areas: the sum of both exponents. One of the two is known; take it away.",
        ),
        Misconception(
            "added for subtracted",
            lambda: np.log(0.25) + _first(0.25),
            "Here the first exponent is added. The sum of both is `ln b`: on which side does the first one belong?",
        ),
        Misconception(
            "plus and minus the same",
            lambda: -_first(0.25),
            "That would keep areas as they are. Here every step makes an area smaller, by the factor `b`.",
        ),
        Misconception(
            "log10 for ln",
            lambda: np.log10(0.25) - _first(0.25),
            "One term is a logarithm to base 10. Exponents are in nats: `np.log` is the natural logarithm.",
        ),
        Misconception(
            "the worked example",
            lambda: np.log(0.3) - _first(0.3),
            "That is the map of the widget, with `b = 0.3`. This one has `b = 0.25`: both terms are different.",
        ),
        Misconception(
            "b of one map, the exponent of another",
            lambda: np.log(0.25) - _first(0.3),
            "`ln 0.25` is right. The largest exponent is that of `b = 0.3`: measure it again for this map.",
        ),
        Misconception(
            "the first exponent",
            lambda: _first(0.25),
            "That is the first exponent: it grows. What is left for the second when areas shrink all the same?",
        ),
        Misconception(
            "the sign lost",
            lambda: _first(0.25) - np.log(0.25),
            "The size is right. Does the second direction grow or shrink?",
        ),
    ],
    help=Help(
        nudge="The area between two arrows is a length times a height. What do you know of the growth of each?",
        look="The worked numbers above this exercise: which of them come from b alone, and which had to be measured?",
        step="The determinant of Hénon's Jacobian is −b at every state, so areas shrink by 0.25 in every step: "
        "the two exponents add up to ln 0.25 = −1.3863. `lyapunov_spectrum(100_000, k=1)` measures the first.",
    ),
)

# ------------------------------------------------------------------ 2 QR


def _spectrum(J: np.ndarray, *, mark: float = 1.0) -> np.ndarray:
    """Exponents by QR."""
    Q, growth = np.eye(J.shape[1]), np.zeros(J.shape[1])
    for step in J:
        Q, R = np.linalg.qr(step @ Q)
        growth += np.log(np.abs(np.diag(R)))
    return growth / (mark * len(J))


def _draw_jacobians(rng: np.random.Generator) -> np.ndarray:
    """The Jacobians of an orbit, invented: fixed weights, rows squashed anew at every step."""
    n, steps = int(rng.integers(2, 4)), 200
    W = rng.normal(size=(n, n)) * 1.5
    return rng.uniform(0.2, 1.0, (steps, n, 1)) * W


def _each_alone(J: np.ndarray) -> np.ndarray:
    return np.mean([np.log(np.abs(np.diag(np.linalg.qr(step)[1]))) for step in J], axis=0)


def _average_first(J: np.ndarray) -> np.ndarray:
    Q, factors = np.eye(J.shape[1]), []
    for step in J:
        Q, R = np.linalg.qr(step @ Q)
        factors.append(np.abs(np.diag(R)))
    return np.log(np.mean(factors, axis=0))


def _once_at_the_end(J: np.ndarray) -> np.ndarray:
    Q = np.eye(J.shape[1])
    for step in J:
        Q = step @ Q
    return np.log(np.abs(np.diag(np.linalg.qr(Q)[1]))) / len(J)


def _before_the_cut(J: np.ndarray) -> np.ndarray:
    Q, growth = np.eye(J.shape[1]), np.zeros(J.shape[1])
    for step in J:
        pushed = step @ Q
        growth += np.log(np.linalg.norm(pushed, axis=0))
        Q = np.linalg.qr(pushed)[0]
    return growth / len(J)


def _without_sizes(J: np.ndarray) -> np.ndarray:
    Q, growth = np.eye(J.shape[1]), np.zeros(J.shape[1])
    with np.errstate(invalid="ignore"):
        for step in J:
            Q, R = np.linalg.qr(step @ Q)
            growth += np.log(np.diag(R))
    return growth / len(J)


spectrum = Exercise(
    "spectrum",
    "All exponents, by your own QR",
    points=3,
    stub="def spectrum(J):\n"
    '    """All exponents, in nats per step, of an orbit with the Jacobians J: (T, n, n), in the order of time."""\n'
    "    T, n, _ = J.shape\n"
    "    Q = np.eye(n)            # the arrows, in columns\n"
    "    growth = np.zeros(n)     # what each has grown by, in nats\n"
    "    for step in J:\n"
    "        # push the arrows; make them orthonormal again with np.linalg.qr; add what each has grown by\n"
    "        ...\n"
    "    return ...",
    solution="def spectrum(J):\n"
    '    """All exponents, in nats per step, of an orbit with the Jacobians J: (T, n, n), in the order of time."""\n'
    "    T, n, _ = J.shape\n"
    "    Q = np.eye(n)            # the arrows, in columns\n"
    "    growth = np.zeros(n)     # what each has grown by, in nats\n"
    "    for step in J:\n"
    "        Q, R = np.linalg.qr(step @ Q)\n"
    "        growth += np.log(np.abs(np.diag(R)))\n"
    "    return growth / T",
    draw=_draw_jacobians,
    reference=lambda J: _spectrum(J),
    checks=[Close(1e-6, any_order=True)],
    misconceptions=[
        Misconception(
            "the transposes",
            lambda J: _spectrum(J.swapaxes(1, 2)),
            "The arrows are pushed by the transposes. An arrow is a column of Q, and a step turns it into `step @ Q`. "
            "(Section 6 is about what you have computed.)",
        ),
        Misconception(
            "each step alone",
            _each_alone,
            "No step meets the arrows of the step before. Either Q is not handed on, or it stands on the wrong side: "
            "`Q @ step` only turns what a unit frame has become. Push the arrows: `step @ Q`.",
        ),
        Misconception(
            "lengths before they are made orthogonal",
            _before_the_cut,
            "You measure the arrows as they come out of the push, when the later ones still lean towards the first. "
            "What each adds is left after the cut: the diagonal of R.",
        ),
        Misconception(
            "the logarithm of a sum",
            lambda J: np.log(len(J) * np.exp(_average_first(J))) / len(J),
            "The lengths are added up, and the logarithm comes last. Growth multiplies from step to step: add "
            "logarithms.",
        ),
        Misconception(
            "QR once, at the end",
            _once_at_the_end,
            "One QR at the end comes too late: by then all arrows lie along one line, and rounding is all that is left "
            "between them. Make them orthonormal in every step.",
            Look(
                "Let many steps go by from one QR to the next, and see how thin the ellipse becomes.",
                "SpectrumMeter",
                {"params": {"cell": "henon", "a": 1.4, "b": 0.3}, "view": {"now": 4, "apart": 8}},
            ),
        ),
        Misconception(
            "the average before the logarithm",
            _average_first,
            "Factors are averaged here, and the logarithm comes last. Growth multiplies from step to step: "
            "add logarithms.",
        ),
        Misconception(
            "the sign of R",
            _without_sizes,
            "The logarithm met negative numbers: `np.linalg.qr` may turn an arrow round. Its length is the size, "
            "`np.abs(np.diag(R))`.",
        ),
        Misconception(
            "not divided by the steps",
            lambda J: _spectrum(J) * len(J),
            "That is the growth over all steps. An exponent is the growth per step.",
        ),
        Misconception(
            "log10 for ln",
            lambda J: _spectrum(J, mark=np.log(10)),
            "Logarithms to base 10. Exponents are in nats: `np.log` is the natural logarithm.",
        ),
        Misconception(
            "eigenvalues of each step",
            lambda J: np.mean([np.sort(np.log(np.abs(np.linalg.eigvals(step))))[::-1] for step in J], axis=0),
            "These are the eigenvalues of the single steps. Their eigenvectors turn from step to step, so what grows "
            "in one may shrink in the next: follow the arrows themselves.",
        ),
        Misconception(
            "singular values of each step",
            lambda J: np.mean([np.log(np.linalg.svd(step)[1]) for step in J], axis=0),
            "These are the axes of each step's own ellipse. The long axis of one step is not the one that the next "
            "step stretches: follow the arrows themselves.",
        ),
    ],
    help=Help(
        nudge="Three things happen in every step, as in the widget: push, make orthogonal, take logarithms.",
        look=Look(
            "Press Step three times: the table below the picture shows what is added to each exponent.",
            "SpectrumMeter",
            {"params": {"cell": "henon", "a": 1.4, "b": 0.3}, "view": {"now": 2, "apart": 1}},
        ),
        step="`Q, R = np.linalg.qr(step @ Q)` pushes the arrows and makes them orthonormal. The lengths that were "
        "taken off stand on the diagonal of R, some with a minus sign.",
    ),
)

# ------------------------------------------------------------------ 3 dimension


def _dimension(exponents: np.ndarray) -> float:
    return float(ll.kaplan_yorke(exponents))


def _draw_spectrum(rng: np.random.Generator) -> np.ndarray:
    """A falling spectrum: at rest, chaotic, or (rarely) one that does not shrink volumes at all."""
    n, case = int(rng.integers(3, 7)), rng.random()
    values = np.sort(rng.normal(size=n))[::-1]
    if case < 0.2:
        values -= values[0] + rng.uniform(0.1, 1.0)
    elif case < 0.4:
        values += rng.uniform(0.05, 0.5) - values.sum() / n
    else:
        values[0] = abs(values[0]) + rng.uniform(0.2, 1.0)
        values[-1] = -values[:-1].clip(0).sum() - rng.uniform(0.5, 4.0)
    return np.round(np.sort(values)[::-1], 3)


def _by_positive(exponents: np.ndarray) -> float:
    """j as the number of positive exponents."""
    j = int((exponents > 0).sum())
    return float(j if j in (0, len(exponents)) else j + exponents[:j].sum() / abs(exponents[j]))


def _with(exponents: np.ndarray, rule: object) -> float:
    """Kaplan and Yorke with another fraction: rule(sums, j, exponents)."""
    sums = np.cumsum(exponents)
    if exponents[0] < 0:
        return 0.0
    if (sums >= 0).all():
        return float(len(exponents))
    j = int(np.argmax(sums < 0))
    return float(rule(sums, j, exponents))  # type: ignore[operator]


dimension = Exercise(
    "dimension",
    "The Kaplan-Yorke dimension",
    points=2,
    stub="def dimension(exponents):\n"
    '    """D of a spectrum in falling order: 0 if the first is negative, n if no sum of them is."""\n'
    "    sums = np.cumsum(exponents)\n"
    "    ...",
    solution="def dimension(exponents):\n"
    '    """D of a spectrum in falling order: 0 if the first is negative, n if no sum of them is."""\n'
    "    sums = np.cumsum(exponents)\n"
    "    if sums[0] < 0:\n"
    "        return 0.0\n"
    "    if np.all(sums >= 0):\n"
    "        return float(len(sums))\n"
    "    j = np.argmax(sums < 0)          # as many sums are not negative\n"
    "    return j + sums[j - 1] / abs(exponents[j])",
    draw=_draw_spectrum,
    times=24,
    reference=lambda exponents: _dimension(exponents),
    checks=[Close(1e-6)],
    misconceptions=[
        Misconception(
            "counts the positive exponents",
            _by_positive,
            "Here j is the number of positive exponents. Let it be the number of leading exponents whose *sum* is not "
            "negative: growth pays for some shrinking.",
            Look(
                "The polygon first rises, then falls. The dimension is where it crosses zero, not where it turns.",
                "SpectrumMeter",
                {"params": {"cell": "tanh", "n": 50, "gain": 3.0, "seed": 1}},
            ),
        ),
        Misconception(
            "no fraction",
            lambda exponents: _with(exponents, lambda sums, j, e: j),
            "The whole number is right. What is left of the growth pays for a part of the next direction.",
        ),
        Misconception(
            "the next exponent with its sign",
            lambda exponents: _with(exponents, lambda sums, j, e: j + sums[j - 1] / e[j]),
            "The next exponent is negative, so this fraction lowers the dimension. Take the exponent's size.",
        ),
        Misconception(
            "the sum that is already negative",
            lambda exponents: _with(exponents, lambda sums, j, e: j + abs(sums[j]) / abs(e[j])),
            "The sum above the line goes one exponent too far. Take the last sum that is not negative.",
        ),
        Misconception(
            "divided by the last exponent",
            lambda exponents: _with(exponents, lambda sums, j, e: j + sums[j - 1] / abs(e[-1])),
            "The most negative exponent of all is divided by. Take the first that there is not enough growth for.",
        ),
        Misconception(
            "one too many",
            lambda exponents: _with(exponents, lambda sums, j, e: j + 1 + sums[j - 1] / abs(e[j])),
            "One too many: Python counts places from 0. How many sums are not negative?",
        ),
        Misconception(
            "the entropy rate",
            lambda exponents: float(exponents[exponents > 0].sum()),
            "That is the sum of the positive exponents, the entropy rate. A dimension counts directions.",
        ),
    ],
    help=Help(
        nudge="Draw the sums as a line over j. Where does the line cross zero? And what if it begins below, or never "
        "comes down?",
        look=Look(
            "The polygon of sums: D is where it comes down through zero, between two corners.",
            "SpectrumMeter",
            {"params": {"cell": "tanh", "n": 50, "gain": 3.0, "seed": 1}},
        ),
        step="For 0.9056, 0, −14.5723 the sums are 0.9056, 0.9056, −13.6667. Two are not negative, so j = 2; the next "
        "exponent has the size 14.5723, and D = 2 + 0.9056/14.5723 = 2.062.",
    ),
)

# ------------------------------------------------------------------ 4 inputs

longer = Exercise(
    "longer",
    "Six times as sure",
    points=1,
    stub="longer = ...   # steps of each sequence",
    solution="longer = 400 * (0.006 / 0.001) ** 2",
    reference=400 * 6.0**2,
    checks=[Close(0.0, relative=0.01)],
    misconceptions=[
        Misconception(
            "six times as long",
            2400.0,
            "Six times as long divides the error by √6 = 2.45. Errors shrink with the square root of the length.",
        ),
        Misconception(
            "the root on the wrong side",
            400 * 6.0**0.5,
            "Here the length grows with the root of six. It is the other way round: the error falls with the root of "
            "the length.",
        ),
        Misconception(
            "the factor alone",
            36.0,
            "That is the factor. By it, multiply the length that there was.",
        ),
        Misconception(
            "all sequences together",
            16 * 400 * 36.0,
            "That is the number of steps of all 16 sequences together. Asked is the length of each.",
        ),
        Misconception(
            "shorter",
            400 / 36.0,
            "The factor is right, and it is on the wrong side: a shorter sequence cannot say more.",
        ),
        Misconception(
            "to the fourth power",
            400 * 6.0**4,
            "The square is taken twice. If the error falls as the root of the length, what must the length grow by?",
        ),
    ],
    help=Help(
        nudge="By which factor does the error shrink when a sequence is four times as long? Look at the table above.",
        look="The printed table of this section: from line to line the length is four times as great.",
        step="The error is proportional to T^(−1/2). To divide it by 6, T is multiplied by 6².",
    ),
)

# ------------------------------------------------------------------ 5 gates


def _bias_of(f: float) -> float:
    return float(np.log(f / (1.0 - f)))


forget_bias = Exercise(
    "forget_bias",
    "A gate that remembers as long as you want",
    points=2,
    stub="def forget_bias(span):\n"
    '    """The bias of a forget gate, no weights, with which a cell\'s memory span is `span` steps."""\n'
    "    ...",
    solution="def forget_bias(span):\n"
    '    """The bias of a forget gate, no weights, with which a cell\'s memory span is `span` steps."""\n'
    "    f = np.exp(-1 / span)        # ln f = lambda = -1/span\n"
    "    return np.log(f / (1 - f))   # the inverse of f = 1 / (1 + exp(-bias))",
    draw=lambda rng: float(rng.uniform(2.0, 50.0)),
    reference=lambda span: _bias_of(np.exp(-1 / span)),
    checks=[Close(1e-5)],
    misconceptions=[
        Misconception(
            "the gate, not its bias",
            lambda span: float(np.exp(-1 / span)),
            "That is f, how far the gate must be open. The sigmoid makes f from the bias; go the other way.",
        ),
        Misconception(
            "the sigmoid once more",
            lambda span: float(1 / (1 + np.exp(-np.exp(-1 / span)))),
            "You put f into the sigmoid. But f is what comes *out* of it: solve f = 1/(1 + exp(−b)) for b.",
        ),
        Misconception(
            "the sign of the exponent",
            lambda span: float("nan"),  # the logarithm of a negative number: no sigmoid is above 1
            "A logarithm met a negative number. Is your f between 0 and 1? A memory fades, so λ = ln f is negative.",
        ),
        Misconception(
            "f = 1 - 1/span",
            lambda span: _bias_of(1 - 1 / span),
            "Close for a long span, and no more: the span is 1/|ln f|, and ln f is not f − 1.",
        ),
        Misconception(
            "the half-life",
            lambda span: _bias_of(2.0 ** (-1 / span)),
            "With this bias a memory is down to one half after `span` steps. A memory span goes down to 1/e.",
        ),
        Misconception(
            "tanh for the sigmoid",
            lambda span: float(np.arctanh(np.exp(-1 / span))),
            "Here the gate is taken for a tanh. Gates are sigmoids, 1/(1 + exp(−b)): solve that for b.",
        ),
        Misconception(
            "the sign of the bias",
            lambda span: -_bias_of(np.exp(-1 / span)),
            "This gate is nearly shut: it forgets as fast as yours should remember. Check the sign.",
        ),
        Misconception(
            "f = exp(-span)",
            lambda span: -float(np.log(np.expm1(span))),
            "Here the exponent is the span itself. The span is 1/|λ|, so λ = −1/span.",
        ),
        Misconception(
            "the logarithm of the span",
            lambda span: float(np.log(span)),
            "A good rule of thumb for long spans, and off by about 1/(2 span). Go by ln f = −1/span.",
        ),
    ],
    help=Help(
        nudge="Two steps: from the span to the gate f, and from the gate to its bias.",
        look="The numbers of the rule: bias 3, gate 0.953, logarithm −0.0486, span 20.6. Go that way backwards.",
        step="1/|λ| = span and λ = ln f give f = exp(−1/span). And f = 1/(1 + exp(−b)) gives b = ln(f/(1 − f)).",
    ),
)

# ------------------------------------------------------------------ 6 the gradient


def _chain(matrices: np.ndarray, g: np.ndarray) -> np.ndarray:
    for matrix in matrices:
        g = matrix @ g
    return g


def _draw_way(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    n = int(rng.integers(2, 5))
    return rng.normal(size=(int(rng.integers(3, 7)), n, n)), rng.normal(size=n)


pull_back = Exercise(
    "pull_back",
    "A gradient on its way back",
    points=2,
    stub="def pull_back(J, g):\n"
    '    """The gradient at the first state, from the gradient g (n,) at the last; J (T, n, n) in order of time."""\n'
    "    ...",
    solution="def pull_back(J, g):\n"
    '    """The gradient at the first state, from the gradient g (n,) at the last; J (T, n, n) in order of time."""\n'
    "    for step in J[::-1]:\n"
    "        g = step.T @ g\n"
    "    return g",
    draw=_draw_way,
    reference=lambda J, g: _chain(J.swapaxes(1, 2)[::-1], g),
    checks=[Close(1e-8, relative=1e-8)],
    misconceptions=[
        Misconception(
            "transposes in forward order",
            lambda J, g: _chain(J.swapaxes(1, 2), g),
            "Transposed, and in the order of time: another product. Back-propagation meets the last step first.",
        ),
        Misconception(
            "backwards without transposing",
            lambda J, g: _chain(J[::-1], g),
            "The order is right. But this multiplies by J: a gradient is pulled back by the transpose.",
        ),
        Misconception(
            "pushed forwards",
            lambda J, g: _chain(J, g),
            "That pushes an arrow forwards in time. A gradient comes from the end: the chain rule runs back.",
        ),
        Misconception(
            "one step left out",
            lambda J, g: _chain(J.swapaxes(1, 2)[:0:-1], g),
            "The first step is missing: `J[:0:-1]` and `range(T - 1, 0, -1)` stop before place 0.",
        ),
        Misconception(
            "only one step",
            lambda J, g: J[-1].T @ g,
            "That is one step back. A loop over all steps goes on to the first state; does your `return` stand in it?",
        ),
        Misconception(
            "made a unit vector",
            lambda J, g: _chain(J.swapaxes(1, 2)[::-1], g) / np.linalg.norm(_chain(J.swapaxes(1, 2)[::-1], g)),
            "The direction is right, the length was set to 1. Here the length is what explodes or vanishes: keep it.",
        ),
    ],
    help=Help(
        nudge="Write the chain rule for two steps: x₂ = F(F(x₀)). Which Jacobian does the gradient at x₂ meet first?",
        look="The formula above this exercise: read the product from the right, that is the order of the work.",
        step="Transposing a product turns its order round: (J₂ J₁)ᵀ = J₁ᵀ J₂ᵀ. "
        "So `for step in J[::-1]: g = step.T @ g`.",
    ),
)

diagnosis = Exercise(
    "diagnosis",
    "What would you write back? (open)",
    points=2,
    stub='diagnosis = ""   # three or four sentences',
    solution='diagnosis = """\n'
    "Alone the network is chaotic, but the task is done under input, and there the exponent is negative by ten\n"
    "standard errors: it follows its input, and gradients shrink by 0.03 nats per step, a factor e in 33 steps.\n"
    "Gaps of 200 steps are out of reach: a gradient is down by e^-6. I would open the forget gates until\n"
    "several exponents lie above -0.005, and measure again under the input of the task, forwards in time.\n"
    '"""',
    reference="Under input, which is what counts, it is stable and forgets in 33 steps; a gap of 200 steps asks for an "
    "exponent of about -1/200: open forget gates. The exponent alone says nothing of the task.",
    help=Help(
        nudge="Which of the two measurements is about the task? And how long is 1/|λ|?",
        look="Section 4 for the two signs, section 5 for what to turn.",
        step="1/0.03 = 33 steps. Over 200 steps a gradient shrinks by the factor exp(−0.03 · 200) = exp(−6) = 0.0025.",
    ),
    open=True,
)

# ------------------------------------------------------------------ predictions

PREDICTIONS = [
    Prediction(
        "arrows",
        "Two tiny arrows start at the same point of Hénon's attractor, at right angles. Both are pushed along the "
        "orbit for ten steps. What is the angle between them then?",
        options=("about a right angle, still", "any angle: it changes for ever", "practically none"),
        truth="practically none",
        explain="Less than a millionth of a degree on this orbit: both have turned into the direction that grows "
        "fastest. (The angle between the lines; they may point opposite ways.)",
    ),
    Prediction(
        "area",
        "Before they fall together, you replace the second arrow by its part that is perpendicular to the first. "
        "What happens to the area between the two?",
        options=("it becomes smaller", "it stays as it is", "it becomes larger"),
        truth="it stays as it is",
        explain="It stays: area is base times height, and the perpendicular part is the height. So nothing is lost "
        "for the growth of areas.",
    ),
    Prediction(
        "thick",
        "The exponents of Lorenz's flow are 0.906, 0 and −14.57 per unit of time. How thick is its attractor, in the "
        "three dimensions of space?",
        options=("a curve", "a little more than a surface", "halfway between a surface and a solid", "a solid"),
        truth="a little more than a surface",
        explain="The dimension is 2.06. What grows at 0.906 pays for only one sixteenth of a direction that shrinks "
        "at 14.57.",
    ),
    Prediction(
        "noise",
        "A large random network with gain 2 is chaotic: its largest exponent is 0.155. Now every unit receives white "
        "noise of standard deviation σ at every step. Draw the largest exponent over σ, for two copies under the same "
        "noise that start a little apart.",
        kind="curve",
        domain=(0.0, 2.0),
        low=-0.3,
        high=0.5,
        truth=lambda sigma: ll.theory.mean_field_map(2.0, noise=sigma**2).exponent,
        tolerance=0.08,
        labels=("σ", "λ₁ per step"),
        explain="It falls, and passes zero at σ = 1.28: strong input holds the units where tanh is flat, and there "
        "differences shrink. The curve is the theory of infinitely many units.",
    ),
    Prediction(
        "gated",
        "How many Lyapunov exponents has an LSTM of 32 units?",
        kind="number",
        low=0,
        high=200,
        truth=64,
        tolerance=0.5,
        explain="64: each unit hands on two numbers, h and c. Whoever takes h alone misses the memory.",
    ),
    Prediction(
        "order",
        "In the loop of section 2, somebody pushes the arrows by the transposes, in the order of time: `step.T @ Q`. "
        "What comes out?",
        options=(
            "the same exponents: transposing changes no singular value",
            "the same sum, but other exponents",
            "another sum, and other exponents",
        ),
        truth="the same sum, but other exponents",
        explain="Each determinant stays, so the sum stays. But transposing every factor and keeping the order makes "
        "another product.",
    ),
]

PLAN = Plan(
    "What all the exponents say together",
    minutes=55,
    version="1",
    exercises=[second, spectrum, dimension, longer, forget_bias, pull_back, diagnosis],
    predictions=PREDICTIONS,
)
