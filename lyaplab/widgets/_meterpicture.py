"""The figures of the spectrum meter, how they are arranged, and what stands below them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import ipywidgets as W

from lyaplab.model import Model
from lyaplab.widgets._meterwords import Shown, counts_html
from lyaplab.widgets._planewords import pretty_names
from lyaplab.widgets._polygon import Polygon, reading_html
from lyaplab.widgets._running import Running, Trace
from lyaplab.widgets._spectrumplane import FEW, SpectrumPlane
from lyaplab.widgets._stage import Stage
from lyaplab.widgets._tangentplane import TangentPlane, phase_html, table_html
from lyaplab.widgets._tangents import Push

__all__ = ["MeterPicture"]

_SIDE, _WIDE = (390, 350), (800, 230)


class MeterPicture:
    """Convergence on top; tangents, or all exponents in order, and the polygon of sums below.

    Parameters
    ----------
    model : Model
        As the widget opens.
    count : int
        Exponents that are measured.
    small : bool
        Whether tangents are drawn.
    wanted : callable
        Tells by name which of "convergence", "tangents", "sums" is to be there.
    """

    def __init__(self, model: Model, *, count: int, small: bool, wanted: Callable[[str], bool]) -> None:
        unit, dt = model.unit, model.time_step or 1.0
        self._small, self._wanted, self._others = small, wanted, False
        self.names = pretty_names(model.state_names) if small else ()
        self.running = Running(count=count, unit=unit, time_step=dt, hand=small and wanted("tangents"))
        self.polygon = Polygon(unit=unit)
        size = _WIDE if small else _SIDE
        self.spectrum = SpectrumPlane(
            state=len(model.card.state) if model.d > model.n else 1, few=model.d <= FEW,
            unit=unit, width=size[0], height=size[1],
        )  # fmt: skip
        self.tangents = TangentPlane(self.names) if small else None
        self._hand, self._sums = W.HTML(), W.HTML()
        for words in (self._hand, self._sums):
            words.add_class("lyap-numbers")
            words.add_class("lyap-below")

    @property
    def stages(self) -> tuple[Stage, ...]:
        """All stages, shown or not."""
        tangents = () if self.tangents is None else (self.tangents.stage,)
        return (self.running.stage, *tangents, self.spectrum.stage, self.polygon.stage)

    @property
    def seen(self) -> list[Stage]:
        """The stages that are on show."""
        spectrum = self._others if self._small else self._wanted("tangents")
        there = {
            self.running.stage: self._wanted("convergence"),
            self.spectrum.stage: spectrum,
            self.polygon.stage: self._wanted("sums"),
        }
        return [stage for stage in self.stages if there.get(stage, self._wanted("tangents"))]

    def boxes(self) -> Sequence[W.Widget]:
        """Arrange them."""
        left = (self.tangents.stage if self.tangents is not None else self.spectrum.stage).box
        columns = [("tangents", [left, self._hand]), ("sums", [self.polygon.stage.box, self._sums])]
        pair = []
        for name, parts in columns:
            if self._wanted(name):
                column = W.VBox(parts)
                column.add_class("lyap-column")
                pair.append(column)
        row = W.HBox(pair)
        row.add_class("lyap-figures-row")
        top = [self.running.stage.box] if self._wanted("convergence") else []
        self._figures = W.VBox([*top, *([row] if pair else [])])
        self._figures.add_class("lyap-stack")
        self._alone = self._figures.children
        return [self._figures]

    # --- what they show ------------------------------------------------------------------------

    def show_run(self, shown: Shown, trace: Trace, *, scale: str) -> None:
        """Show the exponents as far as they have come."""
        if self._wanted("convergence"):
            self.running.show(shown.spectrum, trace, scale=scale)

    def show_sums(self, shown: Shown) -> None:
        """Show the polygon and, of large systems, all exponents in order."""
        others = shown.others
        self._open_others(others is not None and bool(others.found))
        if not self._small or self._others:
            sized, words = ([], "") if others is None else (others.sized, others.legend())
            self.spectrum.show(shown.spectrum, sized, n=shown.model.n, words=words if sized else "")
        if not self._small:
            _say(self._hand, counts_html(shown))
        self.polygon.show(shown.sums)
        _say(self._sums, reading_html(shown.sums, unit=shown.spectrum.unit))

    def show_hand(self, shown: Shown, pushes: Sequence[Push], now: int, plane: tuple[int, int]) -> None:
        """Show the tangents after so many sub-steps by hand."""
        if self.tangents is None or shown.logs is None:
            return
        self.tangents.show(pushes, now, plane)
        self.running.show_hand(shown.times, shown.rates)
        # what was done last is told with the numbers of the QR that it belongs to
        last = pushes[max(0, now - 1) // 3]
        table = table_html(shown.logs, shown.rates, unit=shown.unit)
        _say(self._hand, phase_html(now, last, shown.apart) + table)

    def _open_others(self, wanted: bool) -> None:
        """Of a small system, all exponents get a figure when there are others to compare them with."""
        if self._small and wanted != self._others:
            self._figures.children = (*self._alone, self.spectrum.stage.box) if wanted else self._alone
        self._others = wanted


def _say(words: W.HTML, text: str) -> None:
    if words.value != text:
        words.value = text
