"""The chain of Jacobians as a row of boxes: each shows its matrix, and those multiplied show the product so far."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from lyaplab.widgets._chain import BOXES, Chain
from lyaplab.widgets._palette import tint
from lyaplab.widgets._reading import power_of_ten, short
from lyaplab.widgets._shapes import joined
from lyaplab.widgets._stage import Axis, Stage

__all__ = ["ChainRow", "boxes_in_words", "norm_in_words"]

Array = NDArray[np.float64]

WIDTH, HEIGHT = 800, 310
# Side of a box, where the middles of two are 1 apart, and about how many pixels it has.
_SIDE, _PIXELS = 0.84, 54
# Room for a vector beside the chain; heights of the names below the row, and of brackets and words at either end.
_BESIDE, _NAMES = 0.95, -0.7
_BRACKETS, _WORDS = {"left": 0.82, "right": -1.34}, {"left": 1.46, "right": -1.74}
_TICK = 0.1
# Colour by a power of an entry's size, below 1: of many entries most are far below the largest.
_SHADE = 0.6
# Names of boxes that hold several steps are long: every so many of them is written.
_SPARSE = 3
_BELOW = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


class ChainRow:
    """A stage with BOXES boxes, the first factor at the right as in a formula.

    Attributes
    ----------
    stage : Stage
    """

    def __init__(self) -> None:
        across = Axis("the first step is at the right, as in a product", -_BESIDE, BOXES + _BESIDE, ticks=())
        self.stage = stage = Stage(x=across, y=Axis("", -1.0, 1.0, ticks=()), width=WIDTH, height=HEIGHT, equal=True)
        stage.box.add_class("lyap-bare")  # where there are no ticks, bqplot chooses some
        stage.raster("matrices", label="size of the entries, in each box for itself")
        for name, role, width in (
            ("factors", "arrow", 1.2),
            ("from left", "second", 2.2),
            ("from right", "first", 2.2),
        ):
            stage.line(name, role=role, width=width, table=False)
        for name, role, align in (("left", "second", "start"), ("right", "first", "end")):
            stage.line(f"{name} bracket", role=role, width=2.0, table=False)
            stage.text(f"{name} words", role=role, align=align, dy=4)
            stage.line(f"{name} arrow", role=role, width=2.2, table=False)
            stage.text(f"{name} vector", role=role, align="middle", dy=4)
        stage.text("names", role="muted", size=12, align="middle", dy=4)

    def show(self, chain: Chain, forward: int, backward: int, *, side: str) -> None:
        """Show the chain with so many boxes multiplied from the right and from the left.

        Where both have come past each other, the boxes in between show the product of `side`.
        """
        kinds = _kinds(forward, backward, side=side)
        with self.stage.redraw() as stage:
            stage.show_raster("matrices", _pixels(chain, kinds), x=(0.0, float(BOXES)), y=(-0.5, 0.5))
            for name in ("factors", "from left", "from right"):
                frames = [_frame(BOXES - 0.5 - i) for i in range(BOXES) if kinds[i] == name]
                stage.show(name, *joined(frames))
            places, names = _names(chain.box)
            stage.show_text("names", places, np.full(len(places), _NAMES), names)
            self._bracket("right", BOXES - forward, BOXES)
            self._bracket("left", 0, backward)
            self._say("right", forward, chain, chain.forward.after(forward))
            self._say("left", backward, chain, chain.backward.after(backward))
            for name, text, x, sign in (("right", "v", BOXES + 0.62, -1.0), ("left", "g", -0.62, 1.0)):
                stage.show_text(f"{name} vector", [x], [0.64], [text])
                stage.show(f"{name} arrow", *_arrow(x, sign))

    def _bracket(self, name: str, low: int, high: int) -> None:
        """Draw a bracket over the boxes that are one product now."""
        if low >= high:
            self.stage.hide(f"{name} bracket")
            return
        margin, y = (1 - _SIDE) / 2, _BRACKETS[name]
        x = np.array([low + margin, low + margin, high - margin, high - margin])
        inner = y - math.copysign(_TICK, y)
        self.stage.show(f"{name} bracket", x, [inner, y, y, inner])

    def _say(self, name: str, count: int, chain: Chain, log_norm: float) -> None:
        """Write which boxes are one product, and its norm, at the end that it was begun at."""
        from_right = name == "right"
        text = f"{boxes_in_words(count, chain.box, from_right=from_right)}: norm {norm_in_words(log_norm)}"
        if not count:
            text = "a tangent comes in here" if from_right else "a gradient comes in here"
        margin = (1 - _SIDE) / 2
        self.stage.show_text(f"{name} words", [BOXES - margin if from_right else margin], [_WORDS[name]], [text])


def boxes_in_words(count: int, box: int, *, from_right: bool) -> str:
    """Name the factors of a product.

    Examples
    --------
    >>> boxes_in_words(3, 1, from_right=True), boxes_in_words(2, 10, from_right=False)
    ('J₃ … J₁', 'J₁₀₀ … J₈₁')
    """
    steps, done = BOXES * box, count * box
    last, first = (done, 1) if from_right else (steps, steps - done + 1)
    return _name(last) if first == last else f"{_name(last)}{' … ' if last > first + 1 else ' '}{_name(first)}"


def norm_in_words(log_norm: float) -> str:
    """Write a norm of which the logarithm is known; one beyond all floats as a power of ten.

    Examples
    --------
    >>> norm_in_words(math.log(24.53)), norm_in_words(3957.0), norm_in_words(-math.inf)
    ('24.5', '10¹⁷¹⁹', '0')
    """
    if log_norm == -math.inf:
        return "0"
    if abs(log_norm) < 600.0:
        return short(math.exp(log_norm))
    return power_of_ten(round(log_norm / math.log(10.0)))


def _name(step: int) -> str:
    return f"J{str(step).translate(_BELOW)}"


def _kinds(forward: int, backward: int, *, side: str) -> list[str]:
    """Say of each box, from the first step on, whether it stands alone or shows a product, and which."""
    kinds = ["factors"] * BOXES
    order = [("from left", range(BOXES - backward, BOXES)), ("from right", range(forward))]
    for name, boxes in order if side == "right" else order[::-1]:
        for i in boxes:
            kinds[i] = name
    return kinds


def _pixels(chain: Chain, kinds: list[str]) -> NDArray[np.uint8]:
    """Paint the matrices: the larger an entry, the more colour; row 0 at the bottom."""
    d = chain.d
    each = max(1, round(_PIXELS / d))
    side = each * d
    edge = round(side * (1 - _SIDE) / (2 * _SIDE))
    slot = side + 2 * edge
    sheet = np.zeros((slot, BOXES * slot, 4), np.uint8)
    for i, kind in enumerate(kinds):
        if kind == "factors":
            matrix = chain.factors[i]
        elif kind == "from right":
            matrix = chain.forward.products[i + 1]
        else:
            matrix = chain.backward.products[BOXES - i].T
        red, green, blue, strength = tint({"factors": "factor"}.get(kind, kind))
        thick = np.kron(np.abs(matrix) ** _SHADE, np.ones((each, each)))[::-1]
        left = (BOXES - 1 - i) * slot + edge
        patch = sheet[edge : edge + side, left : left + side]
        patch[..., :3] = red, green, blue
        patch[..., 3] = np.round(strength * thick)
    return sheet


def _frame(middle: float) -> Array:
    """Return the outline of a box, (5, 2)."""
    half = _SIDE / 2
    corners = np.array([[-half, -half], [half, -half], [half, half], [-half, half], [-half, -half]])
    return corners + np.array([middle, 0.0])


def _names(box: int) -> tuple[Array, list[str]]:
    """Place names of boxes by the last step in them; all of them where they are short."""
    every = 1 if box == 1 else _SPARSE
    shown = [i for i in range(BOXES) if (BOXES - 1 - i) % every == 0]
    return BOXES - 0.5 - np.array(shown, float), [_name((i + 1) * box) for i in shown]


def _arrow(x: float, sign: float) -> tuple[Array, Array]:
    """Draw a small arrow towards the chain."""
    tail, tip, head = x - 0.2 * sign, x + 0.2 * sign, 0.12
    path = np.array([[tail, 0.0], [tip, 0.0], [tip - sign * head, head], [tip, 0.0], [tip - sign * head, -head]])
    return path[:, 0], path[:, 1]
