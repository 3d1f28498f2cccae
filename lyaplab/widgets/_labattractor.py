"""Two attractors seen from one direction: the data's and that of a network, side by side or on top of each other."""

from __future__ import annotations

from collections.abc import Sequence

import ipywidgets as W
import numpy as np
from numpy.typing import NDArray

from lyaplab.widgets._scene import plot_size
from lyaplab.widgets._shapes import joined
from lyaplab.widgets._stage import Axis, Stage
from lyaplab.widgets._turning import mixed, seen_from

__all__ = ["DATA", "LEARNT", "Attractors", "in_space"]

Array = NDArray[np.float64]

DATA, LEARNT = "second", "first"
"""Roles of colour: of whatever belongs to the data, and of whatever belongs to a network, in all figures."""

_SIDE, _ALONE = (390, 316), (620, 450)
# Half the plot's width is so many times what the data need.
_EDGE = 1.05
# In halves of the plot's width: where the cross of axes lies, its arms, and how far their names are.
_CROSS, _ARM, _BESIDE = 0.21, 0.12, 0.175
_FREELY = "network, running freely"
# A network that runs away is drawn so many of them far.
_FAR = 4.0


class Attractors:
    """The marks of both attractors.

    Parameters
    ----------
    names : sequence of str
        Of the three axes, or of two where there are no more.
    places : ndarray(float, shape=(T, 3))
        Of the data: the figures hold them from wherever they are seen.
    smooth : bool
        Whether the motion is a flow's, and drawn as a line; that of a map jumps, and is drawn as dots.

    Attributes
    ----------
    data, learnt : Stage
        When they lie on top of each other, the first holds both.
    """

    def __init__(self, names: Sequence[str], places: Array, *, smooth: bool) -> None:
        self._names, self._centre = tuple(names), (places.min(axis=0) + places.max(axis=0)) / 2.0
        self._half = _EDGE * _reach(places - self._centre, flat=len(self._names) < 3)
        self._on_top: bool | None = None
        half = self._half
        self.data, self.learnt = (
            Stage(x=Axis("", -half, half), y=Axis("", -half, half), width=_SIDE[0], height=_SIDE[1], equal=True)
            for _ in range(2)
        )
        for stage, name, role, label in (
            (self.data, "data", DATA, "data"),
            (self.data, "learnt on top", LEARNT, None),
            (self.learnt, "learnt", LEARNT, _FREELY),
        ):
            if smooth:
                stage.line(name, role=role, label=label, width=1.1)
            else:
                stage.dots(name, role=role, label=label, size=2.6)
        for stage in self.stages:
            stage.line("cross", role="muted", width=1.4, table=False)
            stage.text("cross names", role="muted", size=12, align="middle", dy=4.0)
        self.row = W.HBox()
        self.row.add_class("lyap-figures-row")
        self.row.add_class("lyap-pair")

    @property
    def stages(self) -> tuple[Stage, Stage]:
        """Both, whether shown or not."""
        return self.data, self.learnt

    @property
    def seen(self) -> list[Stage]:
        """The stages that are on show."""
        return [self.data] if self._on_top else [self.data, self.learnt]

    def arrange(self, on_top: bool) -> None:
        """Lay them on top of each other, or side by side."""
        if on_top == self._on_top:
            return
        self._on_top = on_top
        with self.data.redraw() as stage:
            stage.resize(*(_ALONE if on_top else _SIDE))
            stage.relabel("learnt on top", _FREELY if on_top else None)
        self.row.children = [stage.box for stage in self.seen]

    def show_data(self, places: Array, view: Array) -> None:
        """Show the data (T, 3), and the axes, in a view (2, 3)."""
        across, up = (mixed(direction, self._names) for direction in view)
        (x, y), half = view @ self._centre, self._half
        for stage in self.seen:
            with stage.redraw():
                stage.limits(x=(x - half, x + half), y=(y - half, y + half))
                stage.rename(x=f"{across}, sd", y=f"{up}, sd")
                self._show_cross(stage, view)
                if stage is self.data:
                    stage.show("data", *(places @ view.T).T)

    def show_learnt(self, places: Array, view: Array) -> None:
        """Show where a network goes (T, 3), in a view (2, 3)."""
        near = np.abs(places - self._centre) < _FAR * self._half
        seen = np.where(near, places, np.nan) @ view.T
        if self._on_top:
            self.data.show("learnt on top", *seen.T)
        else:
            self.data.hide("learnt on top")
            self.learnt.show("learnt", *seen.T)

    def _show_cross(self, stage: Stage, view: Array) -> None:
        """Draw small arms along the axes, in a corner: which way is which."""
        if len(self._names) < 3:
            return
        arms, scene = view.T * self._half, stage.scene()
        corner = np.array([scene.x.low, scene.y.low]) + _CROSS * self._half
        stage.show("cross", *joined([[corner, corner + _ARM * arm] for arm in arms]))
        lengths = np.linalg.norm(arms, axis=1)
        long = lengths > 0.25 * self._half
        ends = corner + _ARM * arms + (_BESIDE - _ARM) * self._half * arms / np.maximum(lengths, 1e-12)[:, None]
        names = [self._names[i] for i in np.flatnonzero(long)]
        stage.show_text("cross names", ends[long, 0], ends[long, 1], names)


def _reach(places: Array, *, flat: bool) -> float:
    """Half the width of a figure that holds places around 0 from wherever they are seen."""
    width, height = plot_size(*_SIDE)
    angles = [(0.0, 90.0)] if flat else [(a, e) for a in range(0, 180, 30) for e in range(-90, 91, 30)]
    seen = np.abs(np.array([seen_from(*pair) for pair in angles]) @ places.T).max(axis=2)
    return float(max(seen[:, 0].max(), seen[:, 1].max() * width / height))


def in_space(values: Array, lag: int) -> Array:
    """Give a series (T, N) three axes: its first three columns, or of one column delays of so many steps.

    Examples
    --------
    >>> in_space(np.arange(5.0)[:, None], 2)
    array([[0., 2., 4.]])
    >>> in_space(np.ones((4, 2)), 1).shape
    (4, 3)
    """
    if values.shape[1] == 1:
        length = max(0, len(values) - 2 * lag)
        return np.stack([values[shift : shift + length, 0] for shift in (0, lag, 2 * lag)], axis=1)
    missing = max(0, 3 - values.shape[1])
    return np.pad(values[:, :3], ((0, 0), (0, missing)))
