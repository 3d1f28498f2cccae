"""The stage of a state space: orbits coloured by speed, places of rest and their ways out, seen from any direction."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from lyaplab.engine.unstable import UnstableDirections
from lyaplab.widgets._resting import Resting
from lyaplab.widgets._scene import Marker
from lyaplab.widgets._shapes import joined
from lyaplab.widgets._spread import CLASSES, Spread
from lyaplab.widgets._stage import Axis, Stage
from lyaplab.widgets._turning import along

__all__ = ["Space", "quarters"]

Array = NDArray[np.float64]

SPEEDS = ("slowest quarter", "2nd", "3rd", "fastest")
# kind of a point: marker, role, whether the legend names it
_MARKERS: dict[str, tuple[Marker, str, str | None]] = {
    "stable": ("disc", "stable", "stable"),
    "saddle": ("diamond", "saddle", "saddle"),
    "unstable": ("square", "unstable", "unstable"),
    "marginal": ("ring", "saddle", None),
    "slow": ("triangle", "second", "slow point"),
}
# Pixels of the figure: a square plot inside the axes.
_WIDTH, _HEIGHT = 540, 524
# In radii of what is seen: half the plot's width, a way out, where handles lie and reach, the axes' cross, its arms.
_EDGE, _WAY, _RAIL, _REACH = 1.16, 0.17, 1.09, 0.62
_CROSS, _ARM, _BESIDE = 0.92, 0.14, 0.21
# A dots' mark shows at most so many points at once; of more, every second or third is left out.
_DOTS = 3000
# A thread joins so many dots of each orbit
_THREAD = 40
# So many ways out of each point are drawn, the fastest first.
_MODES = 2
_TURN = np.linspace(0.0, 2.0 * np.pi, 33)


class Space:
    """The marks of a state space.

    Parameters
    ----------
    flow : bool
        Whether orbits are lines; a map's are dots.
    flat : bool
        Whether there are two components only, so that nothing can be tilted.
    few : bool
        Whether there are so few state variables that a thread through a map's dots can be followed.
    turned, tilted : callable
        Take a new azimuth, a new elevation, in degrees.

    Attributes
    ----------
    stage : Stage
    """

    def __init__(
        self,
        *,
        flow: bool,
        flat: bool,
        few: bool,
        turned: Callable[[float], None],
        tilted: Callable[[float], None],
    ) -> None:
        self._flow, self._flat, self._few = flow, flat, few
        self._half, self._angles = _EDGE, (0.0, 0.0)
        across, up = Axis("PC1", -_EDGE, _EDGE), Axis("PC2", -_EDGE, _EDGE)
        self.stage = stage = Stage(x=across, y=up, width=_WIDTH, height=_HEIGHT, equal=True)
        stage.line("rails", role="grid", width=3.0, table=False)
        stage.line("cross", role="muted", width=1.4, table=False)
        stage.text("cross names", role="muted", size=12, align="middle", dy=4.0)
        stage.line("thread", role="grid", width=1.0, table=False)
        for number, quarter in enumerate(SPEEDS, start=1):
            if flow:
                stage.line(f"speed {number}", role=f"speed-{number}", label=quarter, width=1.8)
            else:
                stage.dots(f"speed {number}", role=f"speed-{number}", label=quarter, size=5.0 if few else 3.6)
        for kind, (_, role, _) in _MARKERS.items():
            if kind != "stable":
                way = "way out" if kind == "saddle" else None
                stage.line(f"{kind} ways", role=role, label=way, width=1.8, table=False)
        for kind, (marker, role, named) in _MARKERS.items():
            stage.points(kind, role=role, marker=marker, label=named)
        stage.points("starts", role="orbit")
        stage.points("now", role="start", marker="ring")
        stage.handle(
            "turn",
            label="drag to turn",
            along="x",
            on_move=lambda x, _: turned(180.0 * self._share(x)),
            on_release=lambda *_: self._show_handles(),
        )
        if not flat:
            stage.handle(
                "tilt",
                along="y",
                on_move=lambda _, y: tilted(90.0 * self._share(y)),
                on_release=lambda *_: self._show_handles(),
            )

    def _share(self, place: float) -> float:
        """Where a handle is on its rail, from -1 to 1."""
        return float(np.clip(place / (self._half / _EDGE * _REACH), -1.0, 1.0))

    def show_view(self, spread: Spread, view: Array, azimuth: float, elevation: float) -> None:
        """Set the axes' titles and cross, and the handles, to a view (2, 3) of some motion."""
        radius, stage = spread.radius, self.stage
        shares = spread.found.shares
        stage.rename(x=along(view[0], shares), y=along(view[1], shares))
        arms = view.T[: len(shares)] * radius
        corner = np.array([-_CROSS, _CROSS]) * radius
        stage.show("cross", *joined([[corner, corner + _ARM * arm] for arm in arms]))
        lengths = np.linalg.norm(arms, axis=1)
        seen = lengths > 0.25 * radius
        ends = corner + _ARM * arms + (_BESIDE - _ARM) * radius * arms / np.maximum(lengths, 1e-12)[:, None]
        names = [f"PC{i + 1}" for i in np.flatnonzero(seen)]
        stage.show_text("cross names", ends[seen, 0], ends[seen, 1], names)
        rail, reach = -_RAIL * radius, _REACH * radius
        rails = [[[-reach, rail], [reach, rail]]] + ([] if self._flat else [[[rail, -reach], [rail, reach]]])
        stage.show("rails", *joined(rails))
        self._angles = (azimuth, elevation)
        self._show_handles()

    def _show_handles(self) -> None:
        """Put the handles where they belong on their rails, also when the mouse has left those."""
        radius, (azimuth, elevation) = self._half / _EDGE, self._angles
        rail, reach = -_RAIL * radius, _REACH * radius
        self.stage.show("turn", reach * azimuth / 180.0, rail)
        if not self._flat:
            self.stage.show("tilt", rail, reach * elevation / 90.0)

    def show_orbits(self, spread: Spread, view: Array, now: int) -> None:
        """Show orbits by speed, where they start, and the state that is marked, within limits that hold them all."""
        if self._half != _EDGE * spread.radius:
            self._half = _EDGE * spread.radius
            self.stage.limits(x=(-self._half, self._half), y=(-self._half, self._half))
        seen = spread.places @ view.T
        if self._few and not self._flow:
            self.stage.show("thread", *joined(list(seen[:_THREAD].swapaxes(0, 1))))
        for number, (x, y) in enumerate(quarters(spread.classes, seen, lines=self._flow), start=1):
            self.stage.show(f"speed {number}", x, y)
        # of a single orbit the mark tells where it begins
        first = seen[0] if seen.shape[1] > 1 else seen[0, :0]
        self.stage.show("starts", first[:, 0], first[:, 1], names=[str(i + 1) for i in range(len(first))])
        marked = seen[min(now, len(seen) - 1), :1]
        self.stage.show("now", marked[:, 0], marked[:, 1])

    def show_points(self, resting: Resting | None, spread: Spread, view: Array) -> None:
        """Show places of rest, slow points, and the fastest ways out of each; None shows none."""
        stage = self.stage
        if resting is None:
            stage.hide(*_MARKERS, *(f"{kind} ways" for kind in _MARKERS if kind != "stable"))
            return
        places = spread.placed(resting.points)
        seen, kinds = places @ view.T, np.array(resting.kinds, dtype=str)
        for kind in _MARKERS:
            which = np.flatnonzero(kinds == kind)[:300]
            stage.show(kind, seen[which, 0], seen[which, 1])
            if kind != "stable":
                out = [
                    line @ view.T
                    for i in which
                    if i < len(resting.ways)
                    for line in ways_out(places[i], resting.ways[i], spread)
                ]
                stage.show(f"{kind} ways", *joined(out))


def quarters(classes: NDArray[np.intp], seen: Array, *, lines: bool) -> list[tuple[Array, Array]]:
    """Give x and y of each class of speeds, as interrupted lines or as dots.

    Parameters
    ----------
    classes : ndarray(int, shape=(T, B))
        Of the states.
    seen : ndarray(float, shape=(T, B, 2))
        The states in the picture.
    lines : bool
        Whether a state is joined to the next one; its class colours the way there.
    """
    found = []
    for number in range(CLASSES):
        here = classes == number
        if lines:
            here = here.copy()
            here[1:] |= here[:-1].copy()
            gap = np.full((1, seen.shape[1], 2), np.nan)
            kept = np.concatenate([np.where(here[:, :, None], seen, np.nan), gap])
            points = kept.swapaxes(0, 1).reshape(-1, 2)[:-1]
        else:
            points = seen[here]
            points = points[:: 1 + len(points) // _DOTS]
        found.append((points[:, 0], points[:, 1]))
    return found


def ways_out(place: Array, found: UnstableDirections, spread: Spread) -> list[Array]:
    """Draw the fastest ways out of a place in the three axes: a stroke each, or a circle for a plane they turn in.

    All are drawn at one length, however much of a direction lies in the three axes.

    Parameters
    ----------
    place : ndarray(float, shape=(3,))
    found : UnstableDirections
        Of the place.
    spread : Spread
        Whose axes are meant.

    Returns
    -------
    list of ndarray(float, shape=(P, 3))
    """
    shown = spread.turned(found.vectors)
    length = _WAY * spread.radius
    drawn: list[Array] = []
    row = 0
    while row < len(shown) and len(drawn) < _MODES:
        if found.eigenvalues[row].imag:
            plane = _spanned(shown[row], shown[row + 1])
            drawn.append(place + length * (np.cos(_TURN)[:, None] * plane[0] + np.sin(_TURN)[:, None] * plane[1]))
            row += 2
        else:
            stroke = length * _unit(shown[row])
            drawn.append(np.array([place - stroke, place + stroke]))
            row += 1
    return drawn


def _spanned(one: Sequence[float] | Array, other: Sequence[float] | Array) -> tuple[Array, Array]:
    """Two orthonormal directions in the plane of two."""
    first = _unit(np.asarray(one, dtype=float))
    rest = np.asarray(other, dtype=float)
    return first, _unit(rest - (rest @ first) * first)


def _unit(direction: Array) -> Array:
    """Scale to length 1; what cannot be seen at all stays nothing."""
    length = float(np.linalg.norm(direction))
    return direction / length if length > 1e-9 else np.zeros_like(direction)
