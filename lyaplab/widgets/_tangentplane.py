"""The tangent picture: the unit circle, the ellipse that a step makes of it, and the frame that is made orthogonal."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lyaplab.widgets._reading import short
from lyaplab.widgets._scene import nice_ticks
from lyaplab.widgets._stage import Axis, Stage
from lyaplab.widgets._tangents import Push

__all__ = ["ROLES", "SUBSTEPS", "TangentPlane", "axis_pairs", "phase_html", "table_html"]

Array = NDArray[np.float64]

ROLES = ("first", "second", "third")
"""Colours of the vectors, and of their exponents."""

SUBSTEPS = ("push", "make orthogonal", "take logs")
"""The three steps of one QR."""

WIDTH, HEIGHT = 390, 350
_TURN = np.linspace(0.0, 2 * np.pi, 121)
# Least and greatest number of times that the plane is wider than the unit circle.
_LEAST, _MOST = 1.5, 1e4
# The plane is so much wider than its ellipses; the first so many of them decide, so that it seldom jumps.
_SCALE, _FIRST = 0.2, 12
_BELOW = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


class TangentPlane:
    """Two directions of tangent space, with the state in the middle.

    Parameters
    ----------
    names : sequence of str
        The state variables, one to three.

    Attributes
    ----------
    stage : Stage
    """

    def __init__(self, names: Sequence[str]) -> None:
        self.names, self._d = tuple(names), len(names)
        x, y = (Axis(f"δ{name}", -_LEAST, _LEAST, most=5) for name in self._pair((0, min(1, self._d - 1))))
        self.stage = stage = Stage(x=x, y=y, width=WIDTH, height=HEIGHT, equal=True)
        stage.rule("level", y=0.0, role="grid", width=1.0)
        stage.rule("upright", x=0.0, role="grid", width=1.0)
        stage.band("inside", role="muted")
        stage.line("circle", role="muted", width=1.2, dashed=True, label="unit circle")
        stage.line("ellipse", role="muted", width=1.6, label="its image")
        stage.line("removed", role="arrow", width=1.4, dashed=True)
        for role in ROLES[1 : self._d]:
            stage.line(f"pushed {role}", role=role, width=1.2)
        for role in ROLES[: self._d]:
            stage.line(role, role=role, width=2.8)
        stage.text("names", align="middle", dy=4)

    def show(self, pushes: Sequence[Push], now: int, axes: tuple[int, int]) -> None:
        """Show the frame after `now` sub-steps, seen along two axes (from 0)."""
        done, phase = divmod(now, len(SUBSTEPS))
        push = pushes[min(done, len(pushes) - 1)]
        frame = push.before if done < len(pushes) else push.after
        phase = phase if done < len(pushes) else 0
        axes = axes if self._d > 1 else (0, 0)
        across, up = self._pair(axes)
        reach = _reach(push, pushes, self._rows(axes))
        width, height = self.stage.scene().plot
        with self.stage.redraw() as stage:
            stage.rename(x=f"δ{across}", y=f"δ{up}" if self._d > 1 else "")
            stage.limits(x=(-reach * width / height, reach * width / height), y=(-reach, reach))
            stage.show("circle", np.cos(_TURN), np.sin(_TURN))
            self._show_ellipse(None if phase == 0 else self._rows(axes) @ push.product)
            self._show_vectors(frame, push, phase, axes, reach)

    def _show_ellipse(self, seen: Array | None) -> None:
        """Draw the image of the unit ball, seen from above: an ellipse, whatever the dimension."""
        if seen is None:
            self.stage.hide("ellipse", "inside")
            return
        U, s, _ = np.linalg.svd(seen)
        axes = U * np.append(s, np.zeros(2))[:2]
        x, y = axes @ np.array([np.cos(_TURN), np.sin(_TURN)])
        self.stage.show("ellipse", x, y)
        across = np.sort(x)
        half = len(_TURN) // 2
        # Both halves of the outline between its leftmost and its rightmost point.
        start = int(np.argmin(x))
        order = np.roll(np.arange(len(_TURN) - 1), -start)
        lower, upper = order[: half + 1], np.append(order[half:], order[0])[::-1]
        edges = [np.interp(across, x[part], y[part]) for part in (lower, upper)]
        self.stage.show_band("inside", across, np.minimum(*edges), np.maximum(*edges))

    def _show_vectors(self, frame: Array, push: Push, phase: int, axes: tuple[int, int], reach: float) -> None:
        rows, stage = self._rows(axes), self.stage
        bold = rows @ (frame, push.pushed, push.orthogonal)[phase]
        letter = ("q", "v", "w")[phase]
        removed: list[Array] = []
        for i, role in enumerate(ROLES[: self._d]):
            stage.show(role, *_arrow(bold[:, i], head=0.075 * reach))
            if phase == 2 and i:
                before = rows @ push.pushed[:, i]
                stage.show(f"pushed {role}", *_arrow(before, head=0.05 * reach))
                removed += [before, bold[:, i], np.full(2, np.nan)]
            elif i:
                stage.hide(f"pushed {role}")
        path = np.array(removed).reshape(-1, 2)
        stage.show("removed", path[:, 0], path[:, 1])
        names = [f"{letter}{str(i + 1).translate(_BELOW)}" for i in range(self._d)]
        x, y = _beside(bold, 0.085 * reach)
        stage.show_text("names", x, y, names)

    def _pair(self, axes: tuple[int, int]) -> tuple[str, str]:
        return self.names[axes[0]], self.names[axes[1]]

    def _rows(self, axes: tuple[int, int]) -> Array:
        """The projection onto two axes, (2, d); of one variable the second row is empty."""
        rows = np.eye(self._d)[list(axes)]
        return rows if self._d > 1 else np.vstack([np.eye(1), np.zeros((1, 1))])


def axis_pairs(names: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Name the planes of a system.

    Examples
    --------
    >>> axis_pairs(["x", "y", "z"])
    {'x, y': (0, 1), 'x, z': (0, 2), 'y, z': (1, 2)}
    """
    d = len(names)
    return {f"{names[i]}, {names[j]}": (i, j) for i in range(d) for j in range(i + 1, d)}


def _reach(push: Push, pushes: Sequence[Push], rows: Array) -> float:
    """Half the height of the plane: a round number that holds this ellipse, and half of the first ones."""
    sizes = [float(np.linalg.norm(rows @ one.product, 2)) for one in pushes[:_FIRST]]
    usual = float(np.median(sizes)) if sizes else 1.0
    largest = max(1.0, usual, float(np.linalg.norm(rows @ push.product, 2)))
    wanted = min(max(_LEAST, (1 + _SCALE) * largest), _MOST)
    step = nice_ticks(0.0, wanted, 10)[1]
    return float(np.ceil(wanted / step - 1e-9) * step)


def _beside(tips: Array, far: float) -> tuple[Array, Array]:
    """Places for the names of vectors, (2, d): beyond their tips, and away from each other."""
    lengths = np.hypot(*tips)
    along = tips / np.where(lengths > 0, lengths, 1.0)
    places = []
    for i in range(tips.shape[1]):
        near = [along[:, j] for j in range(tips.shape[1]) if j != i and along[:, i] @ along[:, j] > 0.5]
        away = along[:, i] - 0.9 * np.mean(near, axis=0) if near else along[:, i]
        size = float(np.hypot(*away))
        direction = away / size if size > 1e-9 else np.array([along[1, i], -along[0, i]])
        places.append(tips[:, i] + far * (0.5 * along[:, i] + direction))
    x, y = np.array(places).T
    return x, y


def _arrow(tip: Array, *, head: float) -> tuple[Array, Array]:
    """Draw an arrow from the middle to `tip` as one line."""
    length = float(np.hypot(*tip))
    if length == 0:
        return np.zeros(2), np.zeros(2)
    along = tip / length * min(head, 0.45 * length)
    side = 0.5 * np.array([-along[1], along[0]])
    path = np.array([[0.0, 0.0], tip, tip - along + side, tip, tip - along - side])
    return path[:, 0], path[:, 1]


# --- what stands below it ------------------------------------------------------------------------


def phase_html(now: int, push: Push, apart: int) -> str:
    """Say which sub-step comes next, and what the last one has done."""
    phase = now % len(SUBSTEPS)
    last = (phase - 1) % len(SUBSTEPS) if now else None
    chips = " → ".join(
        f"<b class='lyap-now'>{i + 1} {name}</b>" if i == last else f"{i + 1} {name}" for i, name in enumerate(SUBSTEPS)
    )
    lengths = ", ".join(short(value) for value in push.lengths)
    said = {
        None: "A frame of length 1 and the unit circle. Step pushes them along.",
        0: f"The Jacobian of {apart} step{'s' * (apart > 1)} turns the circle into an ellipse and leans the frame.",
        1: f"Each vector keeps what is at right angles to those before it; these lengths are left: {lengths}.",
        2: "The logarithms went to the meter; the frame has length 1 again.",
    }[last]
    return f"<div class='lyap-substeps'>{chips}</div><div class='lyap-substep'>{said}</div>"


def table_html(logs: Array, rates: Array, *, unit: str) -> str:
    """Write the meter: what the last QR has added, the sum, and the exponents that follow."""
    if not len(logs):
        return ""
    rows = []
    for i, role in enumerate(ROLES[: logs.shape[1]]):
        index = i + 1
        cells = f"<td>{short(logs[-1, i])}</td><td>{short(logs[:, i].sum())}</td><td><b>{short(rates[-1, i])}</b></td>"
        rows.append(f"<tr><td style='color:var(--lyap-{role})'>{index}</td>{cells}</tr>")
    head = (
        f"<tr><th>i</th><th>ln <i>R</i><sub>ii</sub></th><th>sum of {len(logs)}</th><th><i>λ</i> per {unit}</th></tr>"
    )
    return f"<table class='lyap-meter'>{head}{''.join(rows)}</table>"
