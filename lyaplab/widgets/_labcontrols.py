"""The controls of the forcing lab: from where it is seen, which moment, and the runs that are made here."""

from __future__ import annotations

from collections.abc import Sequence

import ipywidgets as W

from lyaplab.widgets._labpicture import LabPicture
from lyaplab.widgets._labsweep import MEASURES
from lyaplab.widgets._labview import LENGTHS, VIEWS, LabView
from lyaplab.widgets._run import LongRun
from lyaplab.widgets._switches import Picker
from lyaplab.widgets._worker import Job

__all__ = ["LabControls"]

_MEASURED = ("D_stsp", "λ₁", "gradient")


class LabControls(LabView):
    """A view of the forcing lab with its controls; not to be used by itself."""

    picture: LabPicture
    _train: LongRun
    _fill: LongRun

    def _learn(self) -> Job:
        raise NotImplementedError

    def _fill_in(self) -> Job:
        raise NotImplementedError

    def _extras(self) -> Sequence[W.Widget]:
        self._table = W.HTML()
        self._table.add_class("lyap-numbers")
        self._train = self.long_run("Train", self._learn, tip="begin, or go on; Stop keeps what has been learnt")
        self._fill = self.long_run("Fill in", self._fill_in, tip="train at every τ; Stop keeps what is there")
        table = [self._table] if self._shown("table") else []
        return [*self._training_rows(), *table, *self._sweep_rows(), *self._seeing_rows()]

    def _training_rows(self) -> list[W.Widget]:
        rows: list[W.Widget] = []
        if self._shown("moment"):
            about = "how much of the training the network has seen"
            rows.append(self.view_row("moment", 0.0, 100.0, step=1.0, tex="learnt", about=f"{about} (in %)"))
        if self._shown("training"):
            rows.append(self._train)
        return rows

    def _sweep_rows(self) -> list[W.Widget]:
        rows: list[W.Widget] = []
        if self._shown("sweep") and self._shown("measure"):
            rows.append(self.view_picker("measure", "Measure", dict(zip(_MEASURED, MEASURES, strict=True))))
        if self._shown("sweep") and self._shown("filling"):
            rows.append(self._fill)
        if self._shown("length") and (self._shown("training") or self._shown("filling")):
            rows.append(self.view_picker("length", "New runs", {name: name for name in LENGTHS}))
        if self._system.runs is not None and self._shown("sweep") and self._shown("shipped"):
            rows.append(self.view_picker("shipped", "Shipped", {"shown": True, "hidden": False}))
        return rows

    def _seeing_rows(self) -> list[W.Widget]:
        rows: list[W.Widget] = []
        if not self._shown("attractors"):
            return rows
        if len(self.picture.names) > 2:
            for name, reach, about in (("azimuth", 180.0, "turned around"), ("elevation", 90.0, "seen from above")):
                if self._shown(name):
                    tex = {"azimuth": "turn", "elevation": "tilt"}[name]
                    rows.append(self.view_row(name, -reach, reach, step=1.0, tex=tex, about=f"{about}, in degrees"))
            if self._shown("azimuth") and self._shown("elevation"):
                rows.append(self._projections())
        if self._shown("on_top"):
            rows.append(self.view_picker("on_top", "Layout", {"side by side": False, "on top": True}))
        return rows

    def _projections(self) -> Picker:
        """Make the row of views along an axis."""
        first, second, third = self.picture.names
        words = {"turned": "3-D", "1–3": f"{first}–{third}", "1–2": f"{first}–{second}", "2–3": f"{second}–{third}"}
        self._directions = (Picker("View", self.guarded(self._look_along)), tuple(words.values()))
        self._show_views()
        return self._directions[0]

    _directions: tuple[Picker, tuple[str, ...]] | None = None

    def _look_along(self, place: int) -> None:
        azimuth, elevation = list(VIEWS.values())[place]
        self._show_state({"view": {"azimuth": azimuth, "elevation": elevation}})

    def _show_in_controls(self, names: tuple[str, ...]) -> None:
        super()._show_in_controls(names)
        self._show_views()

    def _show_views(self) -> None:
        if self._directions is not None:
            angles = (self.azimuth, self.elevation)
            places = list(VIEWS.values())
            self._directions[0].show(self._directions[1], places.index(angles) if angles in places else None)
