"""Small widgets that show one result: what `Result.show()` gives.

A result does not change, so there are no controls: a title, one or two figures, the result in words, and a still
picture beside the live one for places without a kernel. How each kind is drawn is in ``_rateviews.py``,
``_stateviews.py`` and ``_sectionviews.py``; which drawing belongs to which kind is said here and nowhere else
(`VIEWS`). A result without a drawing is shown as a table (``_tableview.py``).
"""

from __future__ import annotations

import base64
import html
from collections.abc import Callable
from typing import Any, NamedTuple

import ipywidgets as W

from lyaplab.engine.basins import Basins
from lyaplab.engine.cross_check import TwoTrajectories
from lyaplab.engine.cycles import Cycles
from lyaplab.engine.fixed_points import FixedPoints
from lyaplab.engine.from_data import SeriesExponent
from lyaplab.engine.gradients import GradientNorms
from lyaplab.engine.horizons import GradientHorizons
from lyaplab.engine.lyapunov import Spectrum
from lyaplab.engine.result import Result
from lyaplab.engine.section import ReturnMap, Section
from lyaplab.engine.slow_points import SlowPoints
from lyaplab.training.loss_slice import LossSlice
from lyaplab.widgets import _lossplane, _rateviews, _sectionviews, _stateviews
from lyaplab.widgets._closing import close_tree
from lyaplab.widgets._stage import Stage
from lyaplab.widgets._still import to_png
from lyaplab.widgets._style import style
from lyaplab.widgets._tableview import table_html

__all__ = ["VIEWS", "ResultView", "View", "result_view"]


# Pixels: a card holds a line of words, and no more than two figures beside each other.
_LEAST_WIDTH, _MOST_WIDTH = 600, 1120


class View(NamedTuple):
    """How one kind of result is shown: a title, what is to be seen, and what draws its figures."""

    title: str
    sentence: str
    draw: Callable[[Any], list[Stage]]


VIEWS: dict[type, View] = {
    Spectrum: View(
        "Lyapunov spectrum", "running estimates with their final error, and all exponents in order.",
        _rateviews.spectrum,
    ),
    TwoTrajectories: View(
        "Two trajectories", "how fast two neighbours part, by brute force.", _rateviews.two_trajectories
    ),
    GradientNorms: View(
        "Gradient norms", "how large the product of Jacobians is, against the steps it spans.", _rateviews.gradients
    ),
    GradientHorizons: View(
        "Gradients through time", "how derivatives grow with the steps they reach over; dashed, what λ says.",
        _rateviews.horizons,
    ),
    LossSlice: View(
        "Slice of the loss", "along a line in weight space, each horizon by its largest: a valley, or shattered.",
        _lossplane.loss_lanes,
    ),
    SeriesExponent: View(
        "Exponent from data", "how neighbours in the series part: where the curve is straight, its slope is λ.",
        _rateviews.series,
    ),
    FixedPoints: View("Fixed points", "where the system rests, and what small deviations do there.",
                      _stateviews.fixed_points),
    SlowPoints: View(
        "Slow points", "where the state lingers: the speed is least there, but not zero.", _stateviews.slow_points
    ),
    Cycles: View("Cycles", "states that come back, and what small deviations do on the way round.", _stateviews.cycles),
    Basins: View("Basins", "which attractor each start ends at.", _stateviews.basins),
    Section: View("Section", "where the orbit passes, and what it does from pass to pass.", _sectionviews.section),
    ReturnMap: View("Return map", "a coordinate at one pass against the same at the next.", _sectionviews.return_map),
}  # fmt: skip


class ResultView(W.VBox):
    """One result: its title, its figures or its table, and its words.

    Parameters
    ----------
    title, sentence : str
        What stands on top.
    stages : list of Stage
        Figures, side by side where there is room.
    words : str
        The result in words.
    table : str, optional
        A table as HTML, where there are no figures.
    """

    def __init__(self, title: str, sentence: str, stages: list[Stage], words: str, *, table: str = "") -> None:
        self.stages = tuple(stages)
        self.words, self._table = words, table
        head = W.HTML(f"<b>{html.escape(title)}</b> &ensp;{html.escape(sentence)}")
        head.add_class("lyap-head")
        body: W.Widget
        if stages:
            body = W.HBox([stage.box for stage in stages])
            body.add_class("lyap-figures-row")
        else:
            body = W.HTML(table)
        body.add_class("lyap-result")
        text = W.HTML(html.escape(words))
        text.add_class("lyap-words")
        super().__init__([style(), head, body, text])
        # The card ends where its figures end.
        widest = sum(stage.scene().width for stage in stages) + 60
        self.layout.max_width = f"{min(max(widest, _LEAST_WIDTH), _MOST_WIDTH)}px"
        for name in ("lyap", "lyap-card"):
            self.add_class(name)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle = super()._repr_mimebundle_(**kwargs)
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        data["text/plain"] = self.words
        if self.stages:
            picture = to_png([stage.scene() for stage in self.stages])
            data["image/png"] = base64.b64encode(picture).decode("ascii")
        else:
            data["text/html"] = self._table
        return bundle

    def close(self) -> None:
        """Close every part."""
        if self.comm is not None:
            for stage in self.stages:
                stage.close()
            close_tree(self, keep=(style(),))


def result_view(result: Any) -> ResultView:
    """Return the view of a result: its figures, or a table where nobody has drawn it yet.

    Raises
    ------
    TypeError
        If it is no result.

    Examples
    --------
    >>> import lyaplab as ll
    >>> view = ll.Model("henon").lyapunov_spectrum(5000).show()
    >>> view.words[:8]
    'Spectrum'
    """
    for kind, view in VIEWS.items():
        if isinstance(result, kind):
            return ResultView(view.title, view.sentence, view.draw(result), repr(result))
    if isinstance(result, Result):
        return ResultView(type(result).__name__, "", [], repr(result), table=table_html(result))
    raise TypeError(f"there is no view for a {type(result).__name__}")
