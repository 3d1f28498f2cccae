"""The widget of gradients in words, and as code that makes its numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lyaplab.engine.regime import resolution
from lyaplab.model import Model
from lyaplab.report.phrases import many
from lyaplab.training.loss_slice import LossSlice
from lyaplab.widgets._chain import BOXES, Chain
from lyaplab.widgets._chainrow import boxes_in_words, norm_in_words
from lyaplab.widgets._reading import measured, short

__all__ = ["Exponent", "Shown", "beside_html", "code", "describe", "duality_html", "numbers", "slice_code"]

Array = NDArray[np.float64]

# Growth or decay is told as the number of steps in which it makes this factor.
_FACTOR, _FACTOR_WORDS = 1000.0, "thousand"


@dataclass(frozen=True)
class Exponent:
    """The largest Lyapunov exponent, per step, its standard error, and the steps that it was measured on."""

    value: float
    stderr: float
    steps: int

    @property
    def sign(self) -> int:
        """1, -1, or 0 where it cannot be told from zero."""
        return int(np.sign(self.value)) if abs(self.value) > resolution(self.stderr) else 0


@dataclass(frozen=True)
class Shown:
    """What a picture shows.

    Parameters
    ----------
    model : Model
    knobs : mapping
    x0 : ndarray or None
    warmup : int
    chain : Chain
    exponent : Exponent
    forward, backward : int
        Boxes multiplied from the right, and from the left.
    clip : float
    truncate : int
    taken : ndarray or None
        What clipping and truncation leave of the gradient.
    boxes, curves : bool
        Whether the chain is to be seen, and the growth of its product: what is not is not spoken of.
    """

    model: Model
    knobs: Mapping[str, float]
    x0: Array | None
    warmup: int
    chain: Chain
    exponent: Exponent
    forward: int
    backward: int
    clip: float
    truncate: int
    taken: Array | None
    boxes: bool = True
    curves: bool = True

    @property
    def whole(self) -> float:
        """The logarithm of the norm of the whole product."""
        return float(self.chain.forward.log_norms[-1])

    @property
    def name(self) -> str:
        """The whole product."""
        return boxes_in_words(BOXES, self.chain.box, from_right=True)


# --- in words ------------------------------------------------------------------------------------------------


def duality_html(shown: Shown) -> str:
    """Say in one sentence what both ends give."""
    return f"<div class='lyap-duality'>{_duality(shown)}</div>"


def _duality(shown: Shown) -> str:
    norm = norm_in_words(shown.whole)
    equals = "" if not math.isfinite(shown.whole) else f" = e<sup>{short(shown.whole)}</sup>"
    number = f"<b>‖{shown.name}‖ = {norm}</b>{equals}"
    if shown.forward == shown.backward == BOXES:
        return (
            f"From either end the same number: {number}. An error that grows forwards and a gradient that grows"
            " backwards are one product."
        )
    if BOXES in (shown.forward, shown.backward):
        end, other = ("right", "left") if shown.forward == BOXES else ("left", "right")
        return f"From the {end}: {number}. What will it be from the {other}?"
    if shown.forward + shown.backward == BOXES:
        sign, log = shown.chain.pairing(shown.forward)
        value = f"{'−' if sign < 0 else ''}{norm_in_words(log)}"
        return f"Here they meet: gradient · tangent = <b>{value}</b>, and so it is wherever they meet."
    return "Multiply the boxes with Step, from the right or from the left; the vector there goes along."


def beside_html(shown: Shown) -> str:
    """Write what stands beside the figures: the exponent, what follows, and what clipping and truncation cost."""
    exponent, steps = shown.exponent, shown.chain.steps
    rows = [("<i>λ</i>", f"<b>{measured(exponent.value, exponent.stderr)}</b> per step")]
    if shown.boxes or shown.curves:
        over = f"<b>{short(shown.whole / steps)}</b> over {many(steps, 'step')}"
        rows.append(("ln\u00a0‖\u00a0‖\u00a0/\u00a0<i>T</i>", over))
    table = "".join(f"<tr><td>{name}</td><td>{value}</td></tr>" for name, value in rows)
    cost = _cost(shown)
    return f"<table>{table}</table><div>{_means(exponent)}</div>" + (f"<div>{cost}</div>" if cost else "")


def _means(exponent: Exponent) -> str:
    """Say what the exponent means for errors and for gradients."""
    if exponent.value == -math.inf:
        return "A Jacobian is zero on the way: errors and gradients are wiped out."
    if exponent.sign == 0:
        return "Not told from zero: over long lags neither errors nor gradients grow or shrink exponentially."
    far = many(max(1, round(math.log(_FACTOR) / abs(exponent.value))), "step")
    if exponent.sign > 0:
        return f"Chaos: errors ahead and gradients behind grow a {_FACTOR_WORDS}fold in {far}."
    return f"Stable: after {far} a {_FACTOR_WORDS}th is left of an error, and as little of a gradient."


def _cost(shown: Shown) -> str:
    """Say what clipping and truncation do to this gradient."""
    said = []
    if shown.truncate and shown.truncate < shown.chain.steps:
        said.append(f"Cut: nothing is learnt from what lies more than {many(shown.truncate, 'step')} back.")
    if shown.clip and shown.taken is not None:
        shift = float(shown.chain.backward.log_lengths[0] - shown.taken[0])
        if shift > 0:
            said.append(
                f"Clipped: all of the gradient is {norm_in_words(shift)} times smaller, also what the last step says."
            )
    if shown.clip and not said:
        said.append(f"The gradient is smaller than {short(shown.clip)}: nothing is clipped.")
    return " ".join(said)


def describe(shown: Shown) -> str:
    """Put a picture into words."""
    model, chain, exponent = shown.model, shown.chain, shown.exponent
    knobs = ", ".join(f"{name} = {short(value)}" for name, value in shown.knobs.items())
    system = f"{model.cell.name}{f' with {knobs}' if knobs else ''}"
    rate = f"the largest Lyapunov exponent {measured(exponent.value, exponent.stderr)}"
    if not (shown.boxes or shown.curves):
        return f"An orbit of {system}, after {shown.warmup} steps; {rate} per step. {_means(exponent)}"
    each = "one Jacobian each" if chain.box == 1 else f"the product of {chain.box} Jacobians each"
    cut = f": a chain of {BOXES} boxes, {each}" if shown.boxes else ""
    parts = [
        f"The Jacobians of {many(chain.steps, 'step')} of {system}, after {shown.warmup} others{cut}.",
        f"The whole product {shown.name} has the norm {norm_in_words(shown.whole)}, multiplied from either end;"
        f" its logarithm per step is {short(shown.whole / chain.steps)}, {rate}.",
        _means(exponent),
    ]
    for count, end in ((shown.forward, True), (shown.backward, False)):
        if 0 < count < BOXES or (count and shown.boxes):
            parts.append(_multiplied(shown, count, from_right=end))
    return " ".join([*parts, _cost(shown)]).strip()


def _multiplied(shown: Shown, count: int, *, from_right: bool) -> str:
    """Say how far the product has grown from one end."""
    box, growing = shown.chain.box, shown.chain.forward if from_right else shown.chain.backward
    far = f"{count} of {BOXES} boxes" if shown.boxes else f"{count * box} of {many(shown.chain.steps, 'step')}"
    product = f"{boxes_in_words(count, box, from_right=from_right)} has the norm {norm_in_words(growing.after(count))}"
    return f"From the {'right' if from_right else 'left'}, {far}: {product}."


# --- numbers and code ----------------------------------------------------------------------------------------


def numbers(shown: Shown) -> dict[str, Array]:
    """Give the numbers of a picture by name."""
    ahead, back = shown.chain.forward, shown.chain.backward
    found = {
        "lags": ahead.lags.astype(float),
        "forward": ahead.log_norms,
        "backward": back.log_norms,
        "tangent": ahead.log_lengths[ahead.lags],
        "gradient": back.log_lengths[back.lags],
        "pairing": np.array(shown.chain.pairing(BOXES)),
        "exponent": np.array([shown.exponent.value, shown.exponent.stderr]),
    }
    if shown.taken is not None:
        found["taken"] = shown.taken
    return found


def code(shown: Shown) -> str:
    """Write what makes the numbers of a picture."""
    start = "None" if shown.x0 is None else f"np.array({shown.x0.tolist()!r})"
    steps = shown.chain.steps
    unit = "" if shown.model.time_step is None else " * model.time_step  # per step"
    return f"""start = {start}
jacobians = model.jacobian(model.orbit({steps}, x0=start, warmup={shown.warmup}))

def grow(factors, vector):
    \"\"\"Multiply factors, each to the left of what is there; logarithms keep the numbers in range.\"\"\"
    product, scale, norms, lengths = np.eye(model.d), 0.0, [0.0], [0.0]
    for factor in factors:
        product = factor @ product
        size = np.abs(product).max() or 1.0
        product, scale = product / size, scale + np.log(size)
        with np.errstate(divide="ignore"):
            norms.append(scale + np.log(np.linalg.norm(product, 2)))
            lengths.append(scale + np.log(np.linalg.norm(product @ vector)))
    return np.array(norms), np.array(lengths), product, scale

v, g = np.random.default_rng(0).standard_normal((2, model.d))
v, g = v / np.linalg.norm(v), g / np.linalg.norm(g)
forward, tangent, product, scale = grow(jacobians, v)  # J_1, J_2 J_1, ...
backward, gradient, _, _ = grow(jacobians[::-1].swapaxes(1, 2), g)  # from the other end, transposed
meeting = g @ product @ v
with np.errstate(divide="ignore"):
    pairing = np.array([np.sign(meeting), scale + np.log(abs(meeting))])
{_taken_code(shown)}{_lags_code(shown)}
forward, backward, tangent, gradient = (curve[lags] for curve in (forward, backward, tangent, gradient))
spectrum = model.lyapunov_spectrum({shown.exponent.steps}, k=1, x0=start, warmup={shown.warmup})
exponent = np.array([spectrum.exponents[0], spectrum.stderr[0]]){unit}
"""


def _lags_code(shown: Shown) -> str:
    steps = shown.chain.steps
    if len(shown.chain.forward.lags) == steps + 1:
        return f"lags = np.arange({steps + 1})"
    return f"""all_lags = model.gradient_norms({steps}, x0=start, warmup={shown.warmup}).lags
lags = np.union1d(all_lags, {shown.chain.box} * np.arange({BOXES + 1}))"""


def _taken_code(shown: Shown) -> str:
    if shown.taken is None:
        return ""
    kept = f"[: {shown.truncate + 1}]" if shown.truncate else ""
    clipped = ""
    if shown.clip:
        whole = "0.5 * np.logaddexp.reduce(2 * taken)"
        clipped = f"taken = taken - max(0.0, {whole} - np.log({shown.clip!r}))  # the norm of all lags together\n"
    return f"taken = gradient{kept}\n{clipped}"


def slice_code(shown: Shown, found: LossSlice, *, readout: bool, span: float, seed: int) -> str:
    """Write what makes the slice of the loss."""
    own = "# readout is your own\n" if readout else ""
    subject = "ll.Network(model, readout)" if readout else "model"
    horizons, points = tuple(found.horizons.tolist()), len(found.distances)
    return f"""
{own}slice = ll.loss_slice(
    {subject}, horizons={horizons!r}, span={span!r}, points={points}, x0=start, warmup={shown.warmup}, seed={seed}
)
distances, losses = slice.distances, slice.losses
"""
