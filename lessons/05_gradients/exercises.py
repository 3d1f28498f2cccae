"""The questions of lesson 05: seven exercises and seven predictions, each with the wrong answers known in advance."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lyaplab.school import Close, Exercise, Help, Look, Misconception, Plan, Prediction

Array = np.ndarray


def _run(W: Array, h0: Array, T: int) -> list[Array]:
    """States h_0 to h_T of h' = tanh(W h)."""
    states = [h0]
    for _ in range(T):
        states.append(np.tanh(W @ states[-1]))
    return states


def _draw(rng: np.random.Generator) -> tuple[Array, Array, Array, int]:
    """A network of a few units, far from rest, and a target."""
    n = int(rng.integers(2, 5))
    W = 1.4 * np.linalg.qr(rng.normal(size=(n, n)))[0]
    return W, rng.uniform(0.3, 0.9, n) * rng.choice([-1, 1], n), rng.uniform(-1, 1, n), int(rng.integers(4, 9))


# ------------------------------------------------------------------ 1 backwards


def _back(
    W: Array,
    h0: Array,
    target: Array,
    T: int,
    *,
    pull: Callable[[Array, Array, Array], Array] = lambda W, d, g: W.T @ d,
    share: Callable[[Array, Array, Array], Array] = np.outer,
    slope: Callable[[Array], Array] = lambda h: 1 - h**2,
    slope_at: int = 0,
    used_at: int = -1,
    uses: slice = slice(None),
) -> Array:
    """dL/dW by going back; the keywords make the known mistakes."""
    h = _run(W, h0, T)
    g, shares = 2 / len(h0) * (h[T] - target), []
    for t in range(T, 0, -1):
        d = slope(h[t + slope_at]) * g
        shares.append(np.broadcast_to(share(d, h[t + used_at]), W.shape))
        g = pull(W, d, g)
    return np.sum(shares[uses], axis=0)


def _shares_without_slopes(W: Array, h0: Array, target: Array, T: int) -> Array:
    """The gradient goes back through the slopes, but the shares leave them out."""
    h = _run(W, h0, T)
    g, total = 2 / len(h0) * (h[T] - target), np.zeros_like(W)
    for t in range(T, 0, -1):
        total += np.outer(g, h[t - 1])
        g = W.T @ ((1 - h[t] ** 2) * g)
    return total


through_time = Exercise(
    "through_time",
    "The gradient of a loss, back through time",
    points=3,
    stub="def through_time(W, h0, target, T):\n"
    '    """dL/dW (n, n) of L = np.mean((h_T - target)**2), where h_t = tanh(W h_(t-1)) and h0 is the first state."""\n'
    "    # forwards: keep all states; backwards: from step T to step 1, add the share of each\n"
    "    ...",
    solution="def through_time(W, h0, target, T):\n"
    '    """dL/dW (n, n) of L = np.mean((h_T - target)**2), where h_t = tanh(W h_(t-1)) and h0 is the first state."""\n'
    "    h = [h0]\n"
    "    for _ in range(T):\n"
    "        h.append(np.tanh(W @ h[-1]))\n"
    "    g = 2 * (h[T] - target) / len(h0)\n"
    "    total = np.zeros_like(W)\n"
    "    for t in range(T, 0, -1):\n"
    "        d = (1 - h[t]**2) * g\n"
    "        total += np.outer(d, h[t - 1])\n"
    "        g = W.T @ d\n"
    "    return total",
    draw=_draw,
    reference=lambda W, h0, target, T: _back(W, h0, target, T),
    checks=[Close(1e-8, relative=1e-6)],
    misconceptions=[
        Misconception(
            "the last use only",
            lambda W, h0, target, T: _back(W, h0, target, T, uses=slice(0, 1)),
            "That is the share of the last step alone. The weights are used at every step: go on back, and add.",
        ),
        Misconception(
            "the first use only",
            lambda W, h0, target, T: _back(W, h0, target, T, uses=slice(-1, None)),
            "That is the share of the first step alone. Add up the shares of all steps: `+=` in place of `=`.",
        ),
        Misconception(
            "pulled back by W",
            lambda W, h0, target, T: _back(W, h0, target, T, pull=lambda W, d, g: W @ d),
            "A gradient is pulled back by the transpose: here it goes back by `W` itself. `W[i, j]` leads to unit i "
            "from unit j, so what comes back at i goes on to j.",
        ),
        Misconception(
            "slopes of the state before",
            lambda W, h0, target, T: _back(W, h0, target, T, slope_at=-1),
            "The slopes are taken at the state before the step. `1 - h**2` is the slope of tanh where `h` is what the "
            "step gave: `h[t]`.",
        ),
        Misconception(
            "no slopes",
            lambda W, h0, target, T: _back(W, h0, target, T, slope=np.ones_like),
            "The slopes of tanh are missing: on the way back through a step the gradient meets them first, `W.T` next.",
        ),
        Misconception(
            "tanh taken twice",
            lambda W, h0, target, T: _back(W, h0, target, T, slope=lambda h: 1 - np.tanh(h) ** 2),
            "tanh is taken twice: `h[t]` is a tanh already, so its slope is `1 - h[t]**2`.",
        ),
        Misconception(
            "pulled back without the slopes",
            lambda W, h0, target, T: _back(W, h0, target, T, pull=lambda W, d, g: W.T @ g),
            "The shares have their slopes, but what goes on to the state before has not: the last line takes `d`, "
            "not `g`.",
        ),
        Misconception(
            "shares without the slopes",
            _shares_without_slopes,
            "What goes back has its slopes, but the shares have not: the weights act before tanh, so their share "
            "takes `d`, not `g`.",
        ),
        Misconception(
            "what came out for what went in",
            lambda W, h0, target, T: _back(W, h0, target, T, used_at=0),
            "The share of step t takes `h[t]`. What went into that step is the state before: `h[t - 1]`.",
        ),
        Misconception(
            "the first use left out",
            lambda W, h0, target, T: _back(W, h0, target, T, uses=slice(0, -1)),
            "The share of step 1 is missing, that of `h0`. `range(T, 0, -1)` ends at 1, `range(T, 1, -1)` at 2.",
        ),
        Misconception(
            "element by element",
            lambda W, h0, target, T: _back(W, h0, target, T, share=np.multiply),
            "Every row is the same: `d * h[t - 1]` multiplies unit by unit. Each weight (i, j) has its own "
            "`d[i] * h[j]`: that is `np.outer`.",
        ),
        Misconception(
            "the dot product",
            lambda W, h0, target, T: _back(W, h0, target, T, share=np.dot),
            "All numbers are the same: `d @ h[t - 1]` is one number, and `.T` does nothing to an array of one axis. "
            "Each weight (i, j) has its own `d[i] * h[j]`: that is `np.outer`.",
        ),
        Misconception(
            "transposed",
            lambda W, h0, target, T: _back(W, h0, target, T).T,
            "All numbers are there, transposed. `W[i, j]` leads to unit i, from unit j: the row belongs to the "
            "gradient, the column to the state before.",
        ),
        Misconception(
            "the factor 2 forgotten",
            lambda W, h0, target, T: _back(W, h0, target, T) / 2,
            "Half of it: the derivative of a square has a factor 2.",
        ),
        Misconception(
            "the sum for the mean",
            lambda W, h0, target, T: _back(W, h0, target, T) * len(h0),
            "That is the gradient of the sum of squares. The loss is their mean: divide by the number of units.",
        ),
        Misconception(
            "the sign turned",
            lambda W, h0, target, T: -_back(W, h0, target, T),
            "The sign is turned round: this is the way downhill. A gradient points uphill.",
        ),
    ],
    help=Help(
        nudge="A step back has three parts: through the slopes, to the weights of this step, on to the state before.",
        look="The three formulas above this exercise, from top to bottom: each is one line of the loop.",
        step="Keep the states in a list h. Start with `g = 2 * (h[T] - target) / n`. For t from T down to 1: "
        "`d = (1 - h[t]**2) * g`; add `np.outer(d, h[t - 1])`; then `g = W.T @ d`.",
    ),
)

# ------------------------------------------------------------------ 2 forwards


_Push = Callable[[Array, Array, Array, Array, Array], Array]


def _pushed(W: Array, v: Array, V: Array, old: Array, new: Array) -> Array:
    """How far a step hands on the shift v, and adds that of the weights."""
    return (1 - new**2) * (W @ v + V @ old)


def _ahead(
    W: Array, h0: Array, target: Array, T: int, V: Array, *, push: _Push = _pushed, turned: int | None = None
) -> float:
    """The slope of the loss along V, pushed forwards; the keywords make the known mistakes."""
    h, v = h0, np.zeros_like(h0)
    for t in range(T):
        new = np.tanh(W @ h)
        v = push(W, v, V if turned is None or t < turned else np.zeros_like(V), h, new)
        h = new
    return float(2 * np.mean((h - target) * v))


def _draw_line(rng: np.random.Generator) -> tuple[Array, Array, Array, int, Array]:
    W, h0, target, T = _draw(rng)
    V = rng.normal(size=W.shape)
    return W, h0, target, T, V / np.linalg.norm(V)


along = Exercise(
    "along",
    "The same slope, forwards",
    points=2,
    stub="def along(W, h0, target, T, V):\n"
    '    """The slope of L (as before) along V: the derivative of L(W + s V) by s at s = 0. One loop, forwards."""\n'
    "    h, v = h0, np.zeros_like(h0)     # v: how far h moves for each unit of s\n"
    "    ...",
    solution="def along(W, h0, target, T, V):\n"
    '    """The slope of L (as before) along V: the derivative of L(W + s V) by s at s = 0. One loop, forwards."""\n'
    "    h, v = h0, np.zeros_like(h0)     # v: how far h moves for each unit of s\n"
    "    for _ in range(T):\n"
    "        new = np.tanh(W @ h)\n"
    "        v = (1 - new**2) * (W @ v + V @ h)\n"
    "        h = new\n"
    "    return 2 * np.mean((h - target) * v)",
    draw=_draw_line,
    reference=lambda W, h0, target, T, V: _ahead(W, h0, target, T, V),
    checks=[Close(1e-8, relative=1e-6)],
    misconceptions=[
        Misconception(
            "the weights turned at the first step only",
            lambda W, h0, target, T, V: _ahead(W, h0, target, T, V, turned=1),
            "The weights are turned at the first step only. They are the same at all steps: `V @ h` is added at each.",
        ),
        Misconception(
            "what came before is lost",
            lambda W, h0, target, T, V: _ahead(
                W, h0, target, T, V, push=lambda W, v, V, old, new: V @ old * (1 - new**2)
            ),
            "Each step begins at v = 0 again, so the last use alone is left. The shift of the state before goes on: "
            "`W @ v`.",
        ),
        Misconception(
            "slopes of the state before",
            lambda W, h0, target, T, V: _ahead(
                W, h0, target, T, V, push=lambda W, v, V, old, new: (1 - old**2) * (W @ v + V @ old)
            ),
            "The slope is taken at the old state. It belongs to the new one: `1 - new**2`.",
        ),
        Misconception(
            "no slopes",
            lambda W, h0, target, T, V: _ahead(W, h0, target, T, V, push=lambda W, v, V, old, new: W @ v + V @ old),
            "The slopes of tanh are missing: the shift of the sum has to pass through tanh.",
        ),
        Misconception(
            "the weights are never turned",
            lambda W, h0, target, T, V: 0.0,
            "v begins at 0, and nothing adds to it: the turn of the weights is missing, `V @ h` at each step.",
        ),
        Misconception(
            "the slope for one term only",
            lambda W, h0, target, T, V: _ahead(
                W, h0, target, T, V, push=lambda W, v, V, old, new: (1 - new**2) * (W @ v) + V @ old
            ),
            "The slope is on `W @ v` alone. Both shifts are made before tanh: it multiplies their sum, in brackets.",
        ),
        Misconception(
            "the new state for the old one",
            lambda W, h0, target, T, V: _ahead(
                W, h0, target, T, V, push=lambda W, v, V, old, new: (1 - new**2) * (W @ v + V @ new)
            ),
            "`V` meets the new state here. It is used where `W` is: on the state that goes into the step. Work out "
            "the new state under another name, and put it in the place of the old one last.",
        ),
        Misconception(
            "pushed by W.T",
            lambda W, h0, target, T, V: _ahead(
                W, h0, target, T, V, push=lambda W, v, V, old, new: (1 - new**2) * (W.T @ v + V @ old)
            ),
            "The transpose belongs to the way back. Forwards a shift goes the way of the state: `W @ v`.",
        ),
        Misconception(
            "the sum for the mean",
            lambda W, h0, target, T, V: _ahead(W, h0, target, T, V) * len(h0),
            "That is the slope of the sum of squares. The loss is their mean.",
        ),
        Misconception(
            "the factor 2 forgotten",
            lambda W, h0, target, T, V: _ahead(W, h0, target, T, V) / 2,
            "Half of it: the derivative of a square has a factor 2.",
        ),
    ],
    help=Help(
        nudge="By how much does the sum W h change, to first order, if both W and h are shifted?",
        look="The formula above: two terms, one for the state that was shifted before, one for the weights used now.",
        step="(W + sV)(h + sv) = W h + s (W v + V h) + ..., and tanh multiplies the shift by its slope: "
        "`v = (1 - new**2) * (W @ v + V @ h)`.",
    ),
)

# ------------------------------------------------------------------ 3 at rest


def _resting(w: float) -> float:
    """The positive resting place of tanh(w h)."""
    h = 1.0
    for _ in range(200):
        h = float(np.tanh(w * h))
    return h


def _moved(w: float, *, goes_on: float = 1.0) -> float:
    """How far it moves for each unit of w; goes_on = 0 counts the last use alone."""
    h = _resting(w)
    slope = 1 - h * h
    return h * slope / (1 - goes_on * w * slope)


rest = Exercise(
    "rest",
    "The gradient that stays",
    points=2,
    stub="rest = ...   # the limit of dh_T/dw for h' = tanh(w h) with w = 1.5, at its positive resting place",
    solution="h = 1.0\n"
    "for _ in range(200):\n"
    "    h = np.tanh(1.5 * h)\n"
    "slope = 1 - h**2\n"
    "rest = h * slope / (1 - 1.5 * slope)",
    reference=lambda: _moved(1.5),
    checks=[Close(0.005)],
    misconceptions=[
        Misconception(
            "the last use only",
            lambda: _moved(1.5, goes_on=0.0),
            "That is the share of the last use, h (1 - h²). The uses before have their shares, each J times the next.",
        ),
        Misconception(
            "it vanishes",
            0.0,
            "What vanishes is the influence of the first state. The last uses keep their shares, however long the run.",
        ),
        Misconception(
            "the worked example",
            lambda: _moved(2.0),
            "That is the unit of the worked example, with w = 2. Here w = 1.5: resting place and slope are others.",
        ),
        Misconception(
            "1 + J below",
            lambda: _moved(1.5, goes_on=-1.0),
            "The series 1 + J + J² + ... adds up to 1/(1 − J), not to 1/(1 + J).",
        ),
        Misconception(
            "J without the weight",
            lambda: _moved(1.5, goes_on=1 / 1.5),
            "In the sum stands the slope of tanh alone. A step multiplies by J = w (1 − h²).",
        ),
        Misconception(
            "the resting place",
            lambda: _resting(1.5),
            "That is the resting place h*. How far does it move for each unit of w? The formula above has the answer.",
        ),
        Misconception(
            "the state left out",
            lambda: _moved(1.5) / _resting(1.5),
            "The state is missing: a turn of w counts as much as the state h* that it multiplies.",
        ),
        Misconception(
            "the sum of the series alone",
            lambda: 1 / (1 - 1.5 * (1 - _resting(1.5) ** 2)),
            "That is 1 + J + J² + ... alone. It multiplies the share of the last use, h (1 − h²).",
        ),
        Misconception(
            "J itself",
            lambda: 1.5 * (1 - _resting(1.5) ** 2),
            "That is J, by which a shift of the state is multiplied. Asked for is what a shift of the weight does, "
            "with all its uses.",
        ),
    ],
    help=Help(
        nudge="At rest, every use has J times the share of the next one. What do all of them add up to?",
        look=Look(
            "Two units that do not meet, the first of them with w = 1.5: the norm of the product falls by ln J in each "
            "step.",
            "GradientLag",
            {
                "params": {
                    "cell": "tanh",
                    "n": 2,
                    "w11": 1.5,
                    "w12": 0.0,
                    "w21": 0.0,
                    "w22": 0.0,
                    "b1": 0.0,
                    "b2": 0.0,
                },
                "view": {"backward": 10, "forward": 10, "box": 10, "x0": [0.9, 0.0]},
            },
        ),
        step="The resting place is h = 0.8586, so 1 − h² = 0.2629 and J = 1.5 · 0.2629 = 0.3943. "
        "The last use has the share h (1 − h²) = 0.2257, and all of them 0.2257/(1 − 0.3943).",
    ),
)

# ------------------------------------------------------------------ 5 the shattered loss

learning_rate = Exercise(
    "learning_rate",
    "A step that stays in the valley",
    points=1,
    stub="learning_rate = ...   # the largest for which a step is no longer than the valley is wide",
    solution="learning_rate = np.exp(-0.1 * 100) / np.exp(0.1 * 100)",
    reference=lambda: np.exp(-20.0),
    checks=[Close(0.0, relative=0.05)],
    misconceptions=[
        Misconception(
            "the width of the valley",
            lambda: np.exp(-10.0),
            "That is the width of the valley, the longest step. A step is the learning rate times the gradient.",
        ),
        Misconception(
            "the gradient",
            lambda: np.exp(10.0),
            "That is the gradient on the rim. Which rate makes rate · gradient as short as the valley is wide?",
        ),
        Misconception(
            "one step of time",
            lambda: np.exp(-0.2),
            "That is for a horizon of one step. Width and gradient change by e^0.1 in each of 100 steps.",
        ),
        Misconception(
            "powers of ten",
            1e-20,
            "Exponents are in nats: e to the power, not 10 to the power.",
        ),
        Misconception(
            "width times gradient",
            1.0,
            "Width times gradient. The step is rate · gradient: which rate makes it as long as the valley is wide?",
        ),
        Misconception(
            "the sign turned",
            lambda: np.exp(20.0),
            "Gradient divided by width. The larger the gradient, the smaller the rate has to be.",
        ),
    ],
    help=Help(
        nudge="How long is a step, by learning rate and gradient? And how long may it be?",
        look=Look(
            "This close to the middle, T = 30 has hills that one could walk down; T = 100 is noise still.",
            "GradientLag",
            {
                "params": {
                    "cell": "tanh",
                    "n": 2,
                    "w11": 1.2,
                    "w12": 3.5,
                    "w21": -1.9,
                    "w22": -2.6,
                    "b1": -0.8,
                    "b2": -1.4,
                },
                "view": {"span": 0.00002},
            },
        ),
        step="λT = 0.1 · 100 = 10. The gradient is e¹⁰, the valley e⁻¹⁰ wide; rate · e¹⁰ = e⁻¹⁰.",
    ),
)

# ------------------------------------------------------------------ 6 remedies

share = Exercise(
    "share",
    "What clipping leaves of the present",
    points=1,
    stub="share = ...   # of the whole gradient, the part that the ten last uses have",
    solution="sizes = np.exp(0.1 * np.arange(200))   # of the uses 0, 1, ..., 199 steps before the end\n"
    "share = sizes[:10].sum() / sizes.sum()",
    reference=lambda: np.expm1(1.0) / np.expm1(20.0),
    checks=[Close(0.0, relative=0.02)],
    misconceptions=[
        Misconception(
            "all uses alike",
            0.05,
            "Ten of 200 would be the part if all uses had the same share. Each is e^0.1 times the one after it.",
        ),
        Misconception(
            "the oldest ten",
            lambda: np.expm1(-1.0) / np.expm1(-20.0),
            "That is the part of the ten oldest uses. In chaos a use has the larger share the longer ago it was.",
        ),
        Misconception(
            "one use for ten",
            lambda: np.exp(1.0) / np.exp(20.0),
            "One use is compared with one use here. Add up ten of them above, and all 200 below.",
        ),
        Misconception(
            "one last use",
            lambda: np.expm1(0.1) / np.expm1(20.0),
            "That is the part of the last use alone. Asked for are the last ten.",
        ),
        Misconception(
            "powers of ten",
            lambda: (10.0 - 1) / (10.0**20 - 1),
            "Exponents are in nats: `np.exp`, not powers of ten.",
        ),
        Misconception(
            "lengths added as if they were at right angles",
            lambda: np.sqrt(np.expm1(2.0) / np.expm1(40.0)),
            "The root of the sum of squares is for shares at right angles. These point the same way: lengths add up.",
        ),
        Misconception(
            "of the others",
            lambda: 1 - np.expm1(1.0) / np.expm1(20.0),
            "That is the part of the other 190 uses.",
        ),
    ],
    help=Help(
        nudge="Write the sizes of all 200 shares as an array. Which end is the present?",
        look=Look(
            "The gradient from the left, with clip at 1: how far down is it at lag 0?",
            "GradientLag",
            {
                "params": {
                    "cell": "tanh",
                    "n": 2,
                    "w11": 1.2,
                    "w12": 3.5,
                    "w21": -1.9,
                    "w22": -2.6,
                    "b1": -0.8,
                    "b2": -1.4,
                },
                "view": {"backward": 10, "side": "left", "clip": 1.0, "box": 10},
            },
        ),
        step="`sizes = np.exp(0.1 * np.arange(200))` begins with the last use. The part is `sizes[:10].sum()` divided "
        "by the sum of all.",
    ),
)

least = Exercise(
    "least",
    "The least weights for this chaos",
    points=1,
    stub="least = ...   # the c below which no network with W = c Q has an exponent of 0.3 per step",
    solution="least = np.exp(0.3)",
    reference=lambda: np.exp(0.3),
    checks=[Close(0.005)],
    misconceptions=[
        Misconception(
            "chaos of any strength",
            1.0,
            "Below 1 there is no chaos at all. Asked for is an exponent of 0.3: solve ln c = 0.3.",
        ),
        Misconception(
            "1 + λ",
            1.3,
            "1.3 is close for small exponents, and not what is asked: a factor c for each step makes ln c nats.",
        ),
        Misconception(
            "powers of ten",
            lambda: 10.0**0.3,
            "That is ten to the power 0.3. Exponents are in nats.",
        ),
        Misconception(
            "the exponent",
            0.3,
            "That is the exponent. Which factor per step has this logarithm?",
        ),
        Misconception(
            "where these networks have it",
            3.2,
            "There the networks of the table measure about 0.3. Others might have it with less: below which c "
            "is it out of the question for all of them? That is what the bound says.",
        ),
        Misconception(
            "the sign turned",
            lambda: np.exp(-0.3),
            "With this c every error shrinks by 0.3 nats per step, or more. It has to be able to grow.",
        ),
    ],
    help=Help(
        nudge="The most that a step can stretch an error is c. What is the most that λ can be?",
        look="The table above this exercise: the first column is c, the second one the bound ln c.",
        step="λ ≤ ln c. So an exponent of 0.3 needs ln c ≥ 0.3.",
    ),
)

letter = Exercise(
    "letter",
    "What would you write back? (open)",
    points=2,
    stub='letter = ""   # three or four sentences',
    solution='letter = """\n'
    "The network cannot do what is asked: with units tanh and orthogonal weights its exponent is at most 0, and the\n"
    "series has 0.05 per step. Whatever follows the series has that exponent, so its gradients grow by e^20 over 400\n"
    "steps: that is not a fault of the network. I would let the weights free, and look for the signal in short\n"
    "stretches of some ln 2/0.05 = 14 steps, starting each at the measured state.\n"
    '"""',
    reference="Orthogonal weights with tanh allow no chaos, so the series cannot be generated: tame gradients are the "
    "sign of it. A network that does generate it has gradients that grow by e^20 over 400 steps: learn in short "
    "stretches.",
    help=Help(
        nudge="Which exponent has the series, and which exponents can the network have?",
        look="Section 4 for what follows from the exponent of the series, section 6 for the bound of the network.",
        step="With W orthogonal and units tanh, λ ≤ ln 1 = 0 < 0.05. And 0.05 · 400 = 20 nats.",
    ),
    open=True,
)

# ------------------------------------------------------------------ predictions

PREDICTIONS = [
    Prediction(
        "uses",
        "A network runs for 30 steps, and its last state is compared with a target. The same weights are used at "
        "every step. You turn them a little at one of these steps only, and leave them at the other 29. For which of "
        "the steps does that change the loss most?",
        options=("the last few", "the first few", "all about the same", "it depends on the network"),
        truth="it depends on the network",
        explain="In one of the two networks below it is the last few, in the other one the first few: a turn makes an "
        "error, and errors shrink or grow on the way.",
    ),
    Prediction(
        "meet",
        "Push a tangent v through the first boxes of a chain, and pull a gradient g back through all the others. "
        "Where they meet, take the dot product of the two. In chaos both have grown. Where is it largest?",
        options=("at the end", "in the middle", "at the start", "it is the same everywhere"),
        truth="it is the same everywhere",
        explain="It is the same number everywhere: the product of all boxes, with g at one end and v at the other. "
        "Brackets in a product may be set as one likes.",
    ),
    Prediction(
        "settled",
        "A network has come to rest. Its state T steps later is compared with a target, for longer and longer T. What "
        "becomes of the gradient of this loss by the weights?",
        options=("it goes to zero", "it goes to a limit that is not zero", "it grows in proportion to T"),
        truth="it goes to a limit that is not zero",
        explain="A limit that is not zero: the last uses keep their shares, and those of the others add up like a "
        "geometric series. What goes to zero is the influence of the first state.",
    ),
    Prediction(
        "chaotic",
        "Two units in chaos have the exponent 0.39 per step. The loss compares the state T = 1000 steps later with "
        "a target. How many digits has its gradient by the weights, before the decimal point?",
        kind="number",
        low=0,
        high=500,
        truth=0.3893 * 1000 / np.log(10.0),
        tolerance=20.0,
        unit="digits",
        explain="About 170: the growth is e^(0.39 · 1000), and 390 nats are 390/2.303 = 169 powers of ten. (Over so "
        "short a time it may be ten more or less.)",
    ),
    Prediction(
        "circle",
        "Other weights, and the two units go round a closed curve for ever: their largest exponent is 0. What becomes "
        "of the gradient of the loss by the weights, for longer and longer T?",
        options=("it stays bounded", "it grows in proportion to T", "it grows exponentially, but slowly"),
        truth="it grows in proportion to T",
        explain="In proportion to T: turned weights change the speed of going round, and the phase is off by that "
        "change times T. The influence of the first state neither grows nor shrinks.",
    ),
    Prediction(
        "valley",
        "The target is what a chaotic network does itself, for T steps. So at its own weights the loss is 0. Now walk "
        "away from them, along a random direction in weight space. How does the loss look for large T?",
        options=(
            "one valley, as for small T",
            "one valley, steeper and steeper",
            "a narrow cleft, and beside it countless others",
            "flat",
        ),
        truth="a narrow cleft, and beside it countless others",
        explain="Shattered: after some tens of steps a slightly different network is somewhere else altogether, so the "
        "loss is that of strangers, up and down, but for a cleft in the middle that no step of training will hit.",
    ),
    Prediction(
        "clip",
        "A chaotic network, 200 steps, an exponent of 0.1 per step. The norm of the gradient is clipped to 1. What is "
        "left of what the ten last steps have to say?",
        options=("nearly all of it", "about a twentieth", "practically nothing"),
        truth="practically nothing",
        explain="Clipping makes the whole gradient shorter and leaves its direction, and that is made by the oldest "
        "uses. The next exercise has the number.",
    ),
]

PLAN = Plan(
    "Why gradients explode",
    minutes=50,
    version="1",
    exercises=[through_time, along, rest, learning_rate, share, least, letter],
    predictions=PREDICTIONS,
)
