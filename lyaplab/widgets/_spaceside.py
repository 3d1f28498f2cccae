"""What stands beside a state space: shares of the variance, what was found, and the eigenvalues of the least stable."""

from __future__ import annotations

import ipywidgets as W
import numpy as np

from lyaplab.widgets._eigenplane import EigenPlane
from lyaplab.widgets._resting import Resting
from lyaplab.widgets._spacewords import LEADING, points_html, shares_html
from lyaplab.widgets._spread import Spread

__all__ = ["SpaceSide"]


class SpaceSide(W.VBox):
    """The column beside a state space.

    Parameters
    ----------
    flow : bool
        Whether the system is a flow.
    points : bool
        Whether places of rest are spoken of.
    offered : bool
        Whether there is a button that finds them.

    Attributes
    ----------
    eigen : EigenPlane
        Its stage is among the children while there is a fixed point.
    """

    def __init__(self, *, flow: bool, points: bool, offered: bool) -> None:
        self.eigen = EigenPlane(flow=flow)
        self._flow, self._points, self._offered = flow, points, offered
        self._shares, self._places, self._leading = W.HTML(), W.HTML(), W.HTML()
        for words in (self._shares, self._places, self._leading):
            words.add_class("lyap-numbers")
        self._always = (self._shares, self._places, self._leading) if points else (self._shares,)
        super().__init__(self._always)
        self.add_class("lyap-side")

    @property
    def full(self) -> bool:
        """Whether eigenvalues are on show."""
        return self.eigen.stage.box in self.children

    def show(self, spread: Spread, resting: Resting | None) -> None:
        """Show what was followed and found."""
        self._shares.value = shares_html(spread)
        some = self._points and resting is not None and len(resting.fixed) > 0
        if some and resting is not None:
            values = resting.fixed.eigenvalues
            leading = values[:, 0].real if self._flow else np.abs(values[:, 0])
            self.eigen.show(values[int(np.argmax(leading))])
        self._places.value = points_html(resting, offered=self._offered)
        self._leading.value = LEADING if some else ""
        # the figure comes and goes as a whole: one that is there but hidden would be laid out without a size
        if some != self.full:
            self.children = (*self._always, *([self.eigen.stage.box] if some else []))

    def close(self) -> None:
        """Close the column and what is not among its children at present."""
        for words in (self._shares, self._places, self._leading):
            for part in (words.layout, words.style, words):
                part.close()
        super().close()
