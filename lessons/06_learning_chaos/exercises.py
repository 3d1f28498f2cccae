"""The questions of lesson 06: six exercises and seven predictions, each with the wrong answers known in advance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

import lyaplab as ll
from lyaplab.school import Check, Close, Exercise, Help, Look, Misconception, Plan, Prediction, Shape

Array = NDArray[np.float64]

RUNS = "lorenz63-forcing"


def shown(tau: int, seed: int = 0, **view: Any) -> dict[str, Any]:
    """State of the forcing lab with Lorenz's data."""
    return {"params": {"cell": "lorenz63", "tau": float(tau), "seed": float(seed)}, "view": view}


# ------------------------------------------------------------------ 1 how far a forecast reaches

PER_TIME, ROW = 1.50, 0.02

tau_pred = Exercise(
    "tau_pred",
    "The predictability time, in rows",
    points=1,
    stub="tau_pred = ...   # rows in which a small error doubles: 1.50 nats per unit of time, a row every 0.02",
    solution="tau_pred = np.log(2) / (1.50 * 0.02)",
    reference=float(np.log(2) / (PER_TIME * ROW)),
    checks=[Close(tolerance=0.0, relative=0.005)],
    misconceptions=[
        Misconception(
            "per unit of time",
            float(np.log(2) / PER_TIME),
            "That is the doubling time in units of time. How many rows is it, with a row every 0.02?",
        ),
        Misconception(
            "times the length of a row",
            float(np.log(2) / PER_TIME * ROW),
            "The length of a row went the wrong way: less than one row cannot be the time in which an error doubles "
            "here. Per row the exponent is 1.50 · 0.02.",
        ),
        Misconception(
            "without ln 2",
            float(1 / (PER_TIME * ROW)),
            "In so many rows an error grows by the factor e. Asked for is the factor 2.",
        ),
        Misconception(
            "log10 for ln",
            float(np.log10(2) / (PER_TIME * ROW)),
            "That takes the logarithm to base 10, but the exponent is in nats: `np.log(2)` is 0.693.",
        ),
        Misconception(
            "upside down",
            float(PER_TIME * ROW / np.log(2)),
            "That is the number of doublings in one row. Turn it over.",
        ),
    ],
    help=Help(
        nudge="First the exponent per row, then the rule. A row is a fiftieth of a unit of time.",
        look=Look(
            "The line τ_pred in the figure against τ: for the Lorenz system of this lesson it stands at 76.6 rows. A "
            "larger exponent moves it to the left, longer rows as well.",
            "ForcingLab",
            shown(76),
        ),
        step="Per row the exponent is 1.50 · 0.02 = 0.03 nats. The error has doubled when 0.03 t = ln 2 = 0.693.",
    ),
)

# ------------------------------------------------------------------ 3 forcing


def _run(W: Array, b: Array, B: Array, x: Array, tau: int, *, kind: str = "right") -> Array:
    """All predictions of a forced run (T - 1, N); `kind` names a way to get it wrong."""
    back = B.T if kind == "transposed" else np.linalg.pinv(B)
    z = 0.0 * back @ x[0] if kind == "zero" else back @ x[0]
    predictions = []
    for t in range(1, len(x)):
        z = np.tanh(W @ z + b)
        now = _forced_now(t, tau, kind)
        if kind == "gift" and now:
            z = back @ x[t]
        if kind == "told" and now:
            z = np.tanh(W @ back @ x[t] + b)
        predictions.append(B @ z)
        if now and kind != "told":
            z = back @ x[t - 1 if kind in ("late", "from zero") else t]
    return np.array(predictions)


def _forced_now(t: int, tau: int, kind: str) -> bool:
    if kind in ("free", "always"):
        return kind == "always"
    return (t - 1 if kind in ("early", "from zero") else t) % tau == 0


def _draw_run(rng: np.random.Generator) -> tuple[Array, Array, Array, Array, int]:
    n, seen = int(rng.integers(4, 7)), int(rng.integers(2, 4))
    W, b = rng.normal(scale=1.3 / np.sqrt(n), size=(n, n)), rng.normal(scale=0.3, size=n)
    B, x = rng.normal(size=(seen, n)), rng.normal(size=(int(rng.integers(12, 17)), seen))
    return W, b, B, x, int(rng.integers(2, 6))


def _wrong_run(kind: str) -> Callable[..., Array]:
    return lambda W, b, B, x, tau: _run(W, b, B, x, tau, kind=kind)


_STUB_FORCED = '''def forced(W, b, B, x, tau):
    """Predictions B z of x[1], x[2], ..., one in a row, with the state forced after every tau of them."""
    z = np.linalg.pinv(B) @ x[0]
    ...
    return np.array(predictions)'''

forced = Exercise(
    "forced",
    "A run with sparse teacher forcing",
    points=3,
    stub=_STUB_FORCED.replace("np.array(predictions)", "..."),
    solution=_STUB_FORCED.replace(
        "    ...\n",
        "    predictions = []\n"
        "    for t in range(1, len(x)):\n"
        "        z = np.tanh(W @ z + b)\n"
        "        predictions.append(B @ z)      # scored against x[t] before anything is replaced\n"
        "        if t % tau == 0:\n"
        "            z = np.linalg.pinv(B) @ x[t]\n",
    ),
    draw=_draw_run,
    reference=lambda W, b, B, x, tau: _run(W, b, B, x, tau),
    checks=[
        Shape(
            points=0.5,
            hint="One row for each of x[1], x[2], ...: one fewer than x has, since x[0] is the start. "
            "In a row stands `B @ z`, as wide as a row of x.",
        ),
        Close(1e-8),
    ],
    misconceptions=[
        Misconception(
            "forced before it is scored",
            _wrong_run("gift"),
            "Every τ-th prediction is the datum itself: a gift, and its loss is 0. First note `B @ z`, then replace z.",
        ),
        Misconception(
            "a step from the row that is to be predicted",
            _wrong_run("told"),
            "Prediction number τ starts from x[τ], the very row that it should predict. In a loop over t = 1, 2, ... "
            "the order is step, note, replace; in one over t = 0, 1, ... it is replace, step, note.",
        ),
        Misconception(
            "the transpose for the pseudo-inverse",
            _wrong_run("transposed"),
            "`B.T @ x` is not a state that looks like x: try `B @ (B.T @ x)`. The pseudo-inverse is "
            "`np.linalg.pinv(B)`.",
        ),
        Misconception(
            "never forced",
            _wrong_run("free"),
            "This is a free run from the first row: the state is never replaced. What happens when t is a multiple of "
            "tau?",
            Look("So seldom told, it loses the way.", "ForcingLab", shown(200)),
        ),
        Misconception(
            "forced at every step",
            _wrong_run("always"),
            "Here every step starts from the data, as if tau were 1. Replace the state only when t is a multiple of "
            "tau.",
            Look("Always told, it learns one step, and not where it leads.", "ForcingLab", shown(1)),
        ),
        Misconception(
            "forced to the row before",
            _wrong_run("late"),
            "The state that has predicted x[t] is replaced by one that shows x[t − 1]: it is thrown back by a step.",
        ),
        Misconception(
            "one step too early",
            _wrong_run("early"),
            "The counting is off by one: the state is replaced after the first prediction already. The first forcing "
            "belongs after prediction number tau.",
        ),
        Misconception(
            "counted from zero",
            _wrong_run("from zero"),
            "After the first prediction already the state is replaced, and by the row that the run started from. Let "
            "t be the number of the row that has been predicted, 1, 2, ...: then both come right.",
        ),
        Misconception(
            "starts at zero",
            _wrong_run("zero"),
            "The run starts at z = 0. It should start at the state that shows the first row, x[0].",
        ),
    ],
    help=Help(
        nudge="Three things in a loop over t = 1, 2, ...: a step, a note, and now and then a replacement. In which "
        "order?",
        look=Look(
            "The window between two forced states is τ steps long. Set τ to 30 and compare with 200: what the network "
            "was asked to do by itself is that much shorter.",
            "ForcingLab",
            shown(30),
        ),
        step="`for t in range(1, len(x)):` then `z = np.tanh(W @ z + b)`, then note `B @ z`, and only then, if "
        "`t % tau == 0`, replace z by `np.linalg.pinv(B) @ x[t]`.",
    ),
)


@cache
def _largest() -> tuple[Array, Array]:
    """Values of tau from 30 on, and the largest gradient norms of the shipped runs there (seeds in columns)."""
    runs = ll.data.shipped(RUNS)
    norms = np.array([runs.largest_gradient[runs.tau == tau] for tau in runs.taus], dtype=np.float64)
    return runs.taus[runs.taus >= 30].astype(float), norms[runs.taus >= 30]


def _slope(over: Callable[[Array], Array] = np.log, *, against: Callable[[Array], Array] = np.array) -> float:
    taus, norms = _largest()
    return float(np.polyfit(against(taus), over(np.median(norms, axis=1)), 1)[0])


def _slope_of_all() -> float:
    runs = ll.data.shipped(RUNS)
    return float(np.polyfit(runs.taus, np.log(runs.median("largest_gradient")), 1)[0])


rate = Exercise(
    "rate",
    "How fast the largest gradient grows with τ",
    points=2,
    stub="rate = ...   # slope of the logarithm of `largest` against tau, from tau = 30 on, in nats per step",
    solution='runs = ll.data.shipped("lorenz63-forcing")\n'
    'largest = runs.median("largest_gradient")\n'
    "far = runs.taus >= 30\n"
    "rate = np.polyfit(runs.taus[far], np.log(largest[far]), 1)[0]",
    reference=_slope,
    checks=[Close(0.006)],
    misconceptions=[
        Misconception(
            "the exponent of the data",
            lambda: float(ll.data.shipped(RUNS).exponent),
            "That is the exponent of the data. Measure the growth in the table: from τ = 30 to 200 the norm grows by "
            "many more powers of ten than 0.009 · 170 nats would give.",
            Look(
                "Choose *gradient* under Measure: the dots climb on a logarithmic axis.",
                "ForcingLab",
                shown(120, measure="gradient"),
            ),
        ),
        Misconception(
            "log10 for ln",
            partial(_slope, np.log10),
            "That is in powers of ten per step. In nats the logarithm is `np.log`.",
        ),
        Misconception(
            "log2 for ln",
            partial(_slope, np.log2),
            "That is in doublings per step. In nats the logarithm is `np.log`.",
        ),
        Misconception(
            "against the logarithm of tau",
            partial(_slope, against=np.log),
            "That is the slope of a power law, log against log. Here only the norm is taken by its logarithm.",
        ),
        Misconception(
            "without a logarithm",
            partial(_slope, np.array),
            "A line through the norms themselves sees only the last one. Growth by factors becomes a line after a "
            "logarithm.",
        ),
        Misconception(
            "the factor per step",
            lambda: float(np.exp(_slope())),
            "That is the factor by which the norm grows per step. Asked for are nats: its logarithm.",
        ),
        Misconception(
            "all taus",
            _slope_of_all,
            "The short ones are in it as well: the slope is asked for from τ = 30 on.",
        ),
        Misconception(
            "polyfit the wrong way round",
            lambda: float(np.polyfit(np.log(np.median(_largest()[1], axis=1)), _largest()[0], 1)[0]),
            "The two arguments have changed places: `np.polyfit(x, y, 1)` takes τ first, then the logarithms.",
        ),
        Misconception(
            "the intercept",
            lambda: float(np.polyfit(_largest()[0], np.log(np.median(_largest()[1], axis=1)), 1)[1]),
            "That is where the line meets τ = 0. Of the two numbers from `np.polyfit` the slope is the first.",
        ),
        Misconception(
            "steps per nat",
            lambda: float(1 / _slope()),
            "That is the number of steps per nat. Turn it over.",
        ),
    ],
    help=Help(
        nudge="Growth by factors is a straight line on a logarithmic axis. What is its slope between two of the rows?",
        look=Look(
            "Choose *gradient* under Measure. From τ = 30 to 200, how many powers of ten do the dots climb?",
            "ForcingLab",
            shown(120, measure="gradient"),
        ),
        step="From 8.3e2 at τ = 30 to 2.4e12 at τ = 200 is a factor of 2.9e9, or 21.8 nats, in 170 steps. A line "
        "through all five values is a little steeper: `np.polyfit(x, y, 1)[0]` is its slope.",
    ),
)

# ------------------------------------------------------------------ 4 how to judge


def _counts(true: Array, made: Array, edges: Array) -> tuple[Array, Array]:
    return np.histogram(true, edges)[0].astype(float), np.histogram(made, edges)[0].astype(float)


def _divergence(p: Array, q: Array, log: Callable[[Array], Array] = np.log) -> float:
    with np.errstate(all="ignore"):
        return float(np.sum(p * log(p / q)))


def _shares(true: Array, made: Array, edges: Array, smooth: float = 1.0) -> tuple[Array, Array]:
    p, q = (count + smooth for count in _counts(true, made, edges))
    return p / p.sum(), q / q.sum()


def _not_shares(true: Array, made: Array, edges: Array) -> float:
    p, q = (count + 1 for count in _counts(true, made, edges))
    return _divergence(p, q)


def _ones_added_to_shares(true: Array, made: Array, edges: Array) -> float:
    p, q = (share + 1 for share in _shares(true, made, edges, 0.0))
    return _divergence(p, q)


def _shares_of_rows(true: Array, made: Array, edges: Array) -> float:
    p, q = (count + 1 for count in _counts(true, made, edges))
    return _divergence(p / len(true), q / len(made))


def _draw_orbits(rng: np.random.Generator) -> tuple[Array, Array, Array]:
    """Points of two orbits of unlike length, and bins of which the second one leaves some empty."""
    true = rng.normal(size=int(rng.integers(300, 400)))
    made = np.clip(
        rng.normal(loc=rng.uniform(0.2, 0.5), scale=rng.uniform(0.5, 0.7), size=int(rng.integers(500, 700))), -1.2, 2.0
    )
    return true, made, np.linspace(-2.5, 2.5, int(rng.integers(9, 13)))


_STUB_DIVERGENCE = '''def divergence(true, made, edges):
    """How far `made` dwells from where `true` does, in nats; one coordinate, boxes between the edges."""
    p = np.histogram(true, edges)[0]    # how many points lie in each box'''

divergence = Exercise(
    "divergence",
    "How far apart two orbits dwell",
    points=2,
    stub=f"{_STUB_DIVERGENCE}\n    ...\n    return ...",
    solution=f"{_STUB_DIVERGENCE}\n"
    "    q = np.histogram(made, edges)[0]\n"
    "    p, q = (p + 1) / (p + 1).sum(), (q + 1) / (q + 1).sum()\n"
    "    return np.sum(p * np.log(p / q))",
    draw=_draw_orbits,
    reference=lambda true, made, edges: _divergence(*_shares(true, made, edges)),
    checks=[Close(1e-6)],
    misconceptions=[
        Misconception(
            "the other way round",
            lambda true, made, edges: _divergence(*_shares(true, made, edges)[::-1]),
            "That is the divergence from the network to the data. It forgives a network that never goes where the data "
            "are: there q is small and counts for nothing. Weigh by p, the data.",
        ),
        Misconception(
            "nothing added",
            lambda true, made, edges: _divergence(*_shares(true, made, edges, 0.0)),
            "An empty box makes the logarithm infinite, or not a number. Add 1 to every count, of both, first.",
        ),
        Misconception(
            "counts for shares",
            _not_shares,
            "Those are counts, and the two orbits are not of one length. Divide each by its sum.",
        ),
        Misconception(
            "1 added to the shares",
            _ones_added_to_shares,
            "The 1 came too late: shares add up to 1, so an added 1 drowns them. Add it to the counts, then divide.",
        ),
        Misconception(
            "divided by the number of rows",
            _shares_of_rows,
            "Divided by the number of rows, these no longer add up to 1: each box has got one more, and rows beyond "
            "the edges are in none. Divide by the sum of the counts.",
        ),
        Misconception(
            "log10 for ln",
            lambda true, made, edges: _divergence(*_shares(true, made, edges), log=np.log10),
            "That is the logarithm to base 10. In nats it is `np.log`.",
        ),
        Misconception(
            "log2 for ln",
            lambda true, made, edges: _divergence(*_shares(true, made, edges), log=np.log2),
            "That is in bits. In nats the logarithm is `np.log`.",
        ),
        Misconception(
            "1 added to the made ones alone",
            lambda true, made, edges: _divergence(
                _shares(true, made, edges, 0.0)[0] + 1e-300, _shares(true, made, edges)[1]
            ),
            "You add 1 to the counts of one orbit only. Treat both alike, or they differ for no reason of theirs.",
        ),
        Misconception(
            "the mean over boxes",
            lambda true, made, edges: _divergence(*_shares(true, made, edges)) / (len(edges) - 1),
            "That is divided by the number of boxes. The shares p are the weights already: sum, and do not average.",
        ),
        Misconception(
            "point by point",
            lambda true, made, edges: float(np.mean((true - made[: len(true)]) ** 2)),
            "That compares the orbits point by point, which is what chaos forbids. Count how often each box is "
            "visited.",
        ),
    ],
    help=Help(
        nudge="Three steps: counts, shares, and the sum of the formula. Where does the 1 come in?",
        look=Look(
            "Lay both attractors on top of each other: there are regions that one visits and the other does not. Each "
            "such region is a box with p and q far apart.",
            "ForcingLab",
            shown(1, 1, on_top=True),
        ),
        step="`p = (p + 1) / (p + 1).sum()`, and q from made in the same way. Then the sum of `p * np.log(p / q)`.",
    ),
)

# ------------------------------------------------------------------ 5 choose the time

LIMIT = 0.6


@cache
def _rows() -> Any:
    return ll.data.roessler(80_000)


@cache
def _fresh() -> Any:
    model = ll.Model("shallow_plrnn", n=3, hidden=50, gain=0.3, A=[1.0, 1.0, 1.0], seed=0)
    return ll.Network(model, ll.Readout(np.eye(3), trainable=False))


def _shipped(name: str, tau: int) -> Array:
    """Trained numbers of a run that comes with lyaplab, the one in the middle of its tau: training takes longer."""
    runs = ll.data.shipped(name)
    return np.asarray(runs.network(runs.at(tau)).theta)


@dataclass(frozen=True, kw_only=True)
class FreeRun(Check):
    """The network of these trained numbers, running freely, dwells where Rössler's system dwells."""

    def _text(self, expected: Any) -> str:
        return f"running freely, the network has a D_stsp below {LIMIT} on Rössler's rows without noise"

    def _fault(self, value: Any, expected: Any, arguments: tuple[Any, ...]) -> str:
        size = _fresh().layout.size
        if not isinstance(value, np.ndarray) or value.shape != (size,) or not np.all(np.isfinite(value)):
            return f"Hand in `run.network.theta`: the {size} trained numbers, as one array."
        found = ll.judge(_fresh().with_theta(np.real(value)), _rows())
        if found.d_stsp < LIMIT:
            return ""
        return (
            f"Running freely, its D_stsp is {found.d_stsp:.2f} ({found.verdict}). Was it trained on `roessler`? Then "
            "try windows half as long and twice as long: which way does it fall?"
        )


trained = Exercise(
    "trained",
    "A network that runs like Rössler's system",
    points=3,
    stub="roessler, rows_without_noise = ll.data.roessler(80_000, noise=0.05).split()[0], ll.data.roessler(80_000)\n"
    "# run = ll.train(fresh(), roessler, **settings(tau)), for several tau; ll.judge(run.network, rows_without_noise)\n"
    "trained = ...   # run.network.theta of your best one",
    solution="model = ll.Model('shallow_plrnn', n=3, hidden=50, gain=0.3, A=[1.0, 1.0, 1.0], seed=0)\n"
    "network = ll.Network(model, ll.Readout(np.eye(3), trainable=False))     # fresh()\n"
    "roessler = ll.data.roessler(80_000, noise=0.05).split()[0]\n"
    "run = ll.train(\n"
    "    network, roessler, updates=1500, rate=(4e-3, 1e-4), clip=0.5, forcing=80, steps=80, batch=10\n"
    ")                                                                       # settings(80)\n"
    "trained = run.network.theta",
    reference=partial(_shipped, "roessler-forcing", 80),
    checks=[
        Shape(points=0.5, hint="Hand in `run.network.theta`: the 356 trained numbers, as one array."),
        FreeRun(),
    ],
    misconceptions=[
        Misconception(
            "not trained",
            lambda: _fresh().theta,
            "These are the numbers of the untrained network. `ll.train` leaves its network as it is: the trained one "
            "is `run.network`.",
        ),
        Misconception(
            "the network of section 3",
            partial(_shipped, RUNS, 30),
            "That is `network` of section 3, which has learnt Lorenz's system. Hand in `run.network.theta`.",
        ),
        Misconception(
            "Rössler's system at tau 4",
            partial(_shipped, "roessler-forcing", 4),
            "That is a shipped run with τ = 4. Its loss is the smallest of them all, and its free run goes astray: "
            "choose by the free run.",
            Look("With Lorenz's rows it was the same.", "ForcingLab", shown(4)),
        ),
    ],
    help=Help(
        nudge="τ_pred is 80 rows. Try values from a tenth of it to four times of it, each with a factor of two to the "
        "next: six runs, some seconds.",
        look="The figure against τ of section 5, for Lorenz's system: a valley with two sides. Find out on which "
        "side you are: does D_stsp fall when τ is doubled, or when it is halved?",
        step="`for tau in (10, 20, 40, 80, 160): run = ll.train(fresh(), roessler, **settings(tau)); print(tau, "
        "ll.judge(run.network, rows_without_noise))`. Then hand in `run.network.theta` of the best.",
    ),
)

# ------------------------------------------------------------------ 6 what you do not see

own = Exercise(
    "own",
    "A series of your own (open)",
    points=2,
    stub='own = ""   # five or six sentences',
    solution='own = """\n'
    "Duffing's oscillator, 20 000 rows, 5 % noise. Its predictability time comes from the equations. I tried several\n"
    "tau below and around it, three seeds each, because single runs scatter. I compare D_stsp with its floor, the\n"
    "power spectra with theirs, and the largest exponent with that of the equations. I would not claim that the\n"
    "network is right where the data never were, and I should have kept some rows back to judge on.\n"
    '"""',
    reference="What the series is, and where its predictability time comes from: equations, or an estimate with its "
    "error, or none. Several τ on the scale of τ_pred, several seeds at each. At least two invariants, each beside its "
    "floor. What is not claimed: that the network knows the equations, that it is right where there were no data, that "
    "one good run is a law. Where a part of the state is hidden: how many units were added, or which delays.",
    help=Help(
        nudge="The five questions above the cell are the five sentences. Which of your numbers has an error, and "
        "which a floor?",
        look="The table of the widget: the column *data* holds the floors and the true exponents, as far as they are "
        "known; a dash stands for what nobody has measured.",
        step="Begin with: 'The exponent of my series comes from ..., so τ_pred is about ... rows, give or take ...'.",
    ),
    open=True,
)

# ------------------------------------------------------------------ predictions

PREDICTIONS = [
    Prediction(
        "reach",
        "Suppose you know Lorenz's equations exactly, and start them where a row of the series says, with its noise of "
        "5 %. After how many rows is the mean squared error of your forecast as large as that of somebody who always "
        "says the mean?",
        kind="number",
        low=0,
        high=100_000,
        truth=250,
        tolerance=70,
        unit="rows",
        explain="After about 250 rows, 2.5 units of time. Knowing the equations does not save you: the noise of the "
        "start grows.",
    ),
    Prediction(
        "window",
        "A network is trained to predict, from one row, the next 200 rows. Then it runs freely. What does it do?",
        options=(
            "it draws the butterfly",
            "it draws a butterfly of another shape",
            "it comes to rest or goes round in something small",
        ),
        truth="it comes to rest or goes round in something small",
        explain="It hardly moves. Its loss is not far below that of always saying the mean, and a network that nearly "
        "stands still near the mean does about that.",
    ),
    Prediction(
        "cut",
        "A sequence of 200 rows is forced every 50 steps. In the product that carries a gradient back in time, how "
        "many Jacobians stand at most?",
        kind="number",
        low=0,
        high=1000,
        truth=49,
        tolerance=1.5,
        unit="Jacobians",
        explain="At most 49, those between the first and the last state of a window. A forced state does not depend on "
        "what came before, so no product reaches across it.",
    ),
    Prediction(
        "thousand",
        "1000 rows ahead, which of the three has the smallest mean squared error?",
        options=("the equations", "the trained network", "who always says the mean"),
        truth="who always says the mean",
        explain="Who always says the mean has 1, the other two have 2: the distance of two strangers on the attractor. "
        "Far ahead, a mean squared error rewards saying nothing.",
    ),
    Prediction(
        "always",
        "What does this network do when it runs freely for thousands of steps?",
        options=("it dwells where the data dwell", "it goes astray"),
        truth="it goes astray",
        explain="It goes astray: D_stsp is 7 to 9 for the three seeds, where the floor is 0.04. One step ahead says "
        "nothing of where a thousand steps lead.",
    ),
    Prediction(
        "best",
        "The predictability time is 76.6 rows. At which distance between forced states is the attractor learnt best?",
        options=("1 row", "about 25 rows", "76 rows, the predictability time", "200 rows"),
        truth="about 25 rows",
        explain="Between 15 and 30 rows, for this system. At the predictability time itself the attractor is lost.",
    ),
    Prediction(
        "hidden",
        "At a forced step, two of the six units are set to the y and z of the data. What are the other four set to?",
        options=("they stay as they are", "to 0", "to the x of the data"),
        truth="to 0",
        explain="To 0: of all states that show this y and z, the pseudo-inverse gives the smallest. What the hidden "
        "units had gathered is gone, and gathered anew until the next forcing.",
    ),
]

PLAN = Plan(
    "Learning chaos all the same",
    minutes=60,
    version="1",
    exercises=[tau_pred, forced, rate, divergence, trained, own],
    predictions=PREDICTIONS,
)
