"""Two attractors seen from one direction: the data's and that of a network, side by side or on top of each other."""

from __future__ import annotations

from collections.abc import Sequence

import ipywidgets as W
import numpy as np
from numpy.typing import NDArray

from lyaplab.widgets._shapes import joined
from lyaplab.widgets._stage import Axis, Stage
from lyaplab.widgets._turning import mixed

__all__ = ["DATA", "LEARNT", "Attractors", "in_space"]

Array = NDArray[np.float64]

DATA, LEARNT = "second", "first"
"""Roles of colour: of whatever belongs to the data, and of whatever belongs to a network, in all figures."""

_SIDE, _ALONE = (390, 316), (620, 450)
# In radii of the data: half the plot's width, where the cross of axes lies, its arms, and how far their names are.
_EDGE, _CROSS, _ARM, _BESIDE = 1.06, 0.84, 0.13, 0.19
# A network that runs away is drawn so many radii far.
_FAR = 4.0


class Attractors:
    """The marks of both attractors.

    Parameters
    ----------
    names : sequence of str
        Of the three axes, or of two where there are no more.
    radius : float
        Of the data, in standard deviations.

    Attributes
    ----------
    data, learnt : Stage
        When they lie on top of each other, the first holds both.
    """

    def __init__(self, names: Sequence[str], radius: float) -> None:
        self._names, self._radius = tuple(names), radius
        self._on_top: bool | None = None
        half = _EDGE * radius
        self.data, self.learnt = (
            Stage(x=Axis("", -half, half), y=Axis("", -half, half), width=_SIDE[0], height=_SIDE[1], equal=True)
            for _ in range(2)
        )
        self.data.line("data", role=DATA, label="data", width=1.1)
        self.data.line("learnt on top", role=LEARNT, width=1.1)
        self.learnt.line("learnt", role=LEARNT, label="network, running freely", width=1.1)
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
            stage.relabel("learnt on top", "network, running freely" if on_top else None)
        self.row.children = [stage.box for stage in self.seen]

    def show_data(self, places: Array, view: Array) -> None:
        """Show the data (T, 3), and the axes, in a view (2, 3)."""
        across, up = (mixed(direction, self._names) for direction in view)
        for stage in self.seen:
            with stage.redraw():
                stage.rename(x=f"{across}, sd", y=f"{up}, sd")
                self._show_cross(stage, view)
                if stage is self.data:
                    stage.show("data", *(places @ view.T).T)

    def show_learnt(self, places: Array, view: Array) -> None:
        """Show where a network goes (T, 3), in a view (2, 3)."""
        seen = np.where(np.abs(places) < _FAR * self._radius, places, np.nan) @ view.T
        if self._on_top:
            self.data.show("learnt on top", *seen.T)
        else:
            self.data.hide("learnt on top")
            self.learnt.show("learnt", *seen.T)

    def _show_cross(self, stage: Stage, view: Array) -> None:
        """Draw small arms along the axes, in a corner: which way is which."""
        if len(self._names) < 3:
            return
        arms, corner = view.T * self._radius, np.array([-_CROSS, -_CROSS]) * self._radius
        scene = stage.scene()
        corner[1] = scene.y.low + (_EDGE - _CROSS) * self._radius
        stage.show("cross", *joined([[corner, corner + _ARM * arm] for arm in arms]))
        lengths = np.linalg.norm(arms, axis=1)
        long = lengths > 0.25 * self._radius
        ends = corner + _ARM * arms + (_BESIDE - _ARM) * self._radius * arms / np.maximum(lengths, 1e-12)[:, None]
        names = [self._names[i] for i in np.flatnonzero(long)]
        stage.show_text("cross names", ends[long, 0], ends[long, 1], names)


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
