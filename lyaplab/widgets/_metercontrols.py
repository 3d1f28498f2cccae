"""The controls of the spectrum meter: what drives it, the stop rule, steps by hand, and others to compare with."""

from __future__ import annotations

from collections.abc import Sequence

import ipywidgets as W

from lyaplab.widgets._meterpicture import MeterPicture
from lyaplab.widgets._meterview import MOST_NOW, MeterView
from lyaplab.widgets._others import kinds_of
from lyaplab.widgets._run import LongRun
from lyaplab.widgets._running import SCALES
from lyaplab.widgets._tangentplane import axis_pairs
from lyaplab.widgets._worker import Job

__all__ = ["MeterControls"]


class MeterControls(MeterView):
    """A view of the spectrum meter with its controls; not to be used by itself."""

    picture: MeterPicture
    _run: LongRun
    _over: LongRun

    def _measure(self) -> Job:
        raise NotImplementedError

    def _compare(self) -> Job:
        raise NotImplementedError

    def _shown(self, name: str) -> bool:
        if name == "play":  # a step is a part of one QR, and those of large systems are not drawn
            return super()._shown("play") and self._by_hand_shown
        return super()._shown(name)

    @property
    def _by_hand_shown(self) -> bool:
        return self._small and super()._shown("tangents")

    def _extras(self) -> Sequence[W.Widget]:
        self._exponents = W.HTML()
        self._exponents.add_class("lyap-numbers")
        self._run = self.long_run("Run", self._measure, tip="until every error is below; Stop keeps what is there")
        self._over = self.long_run("Lay over", self._compare, tip="spectra of others; Stop keeps what is there")
        run = [self._exponents, self._run] if self._shown("exponents") else []
        return [*self._number_rows(), *self._choices(), *run, *self._others_rows()]

    def _number_rows(self) -> list[W.Widget]:
        """The numbers of the view, those of them that mean something here."""
        every = "steps of the system from one QR by hand to the next"
        rows = {
            "amplitude": (0.0, 2.0, 0.01, "input", "standard deviation of white noise on each input"),
            "until": (1e-4, 0.02, 1e-4, "", "a run stops when every standard error is below"),
            "now": (0, 90, 1, "step", "steps by hand; three make a QR"),
            "apart": (1, 20, 1, "every", every),
        }
        there = {"amplitude": self._noisy, "now": self._by_hand_shown, "apart": self._by_hand_shown}
        return [
            self.view_row(name, low, high, step=step, tex=tex, about=about)
            for name, (low, high, step, tex, about) in rows.items()
            if there.get(name, True) and self._shown(name)
        ]

    @property
    def _noisy(self) -> bool:
        """Whether noise can drive it."""
        return self._system.model.m > 0 and self._given is None

    def _choices(self) -> list[W.Widget]:
        made: list[W.Widget] = []
        names = self.picture.names
        if self._by_hand_shown and len(names) > 2 and self._shown("plane"):
            pairs = axis_pairs(names)
            made.append(self.view_picker("plane", "Plane", {name: [i + 1, j + 1] for name, (i, j) in pairs.items()}))
        if self._system.model.d > 1 and self._shown("convergence") and self._shown("scale"):
            made.append(self.view_picker("scale", "Scale", {name: name for name in SCALES}))
        return made

    def _others_rows(self) -> list[W.Widget]:
        kinds = kinds_of(self._system.model, self._drive, turns=frozenset(self._system.knobs))
        if self._noisy and "inputs" not in kinds:
            kinds = (*kinds, "inputs")  # there is no noise yet, but there may be
        if not self._shown("others") or not kinds:
            return []
        options = {name: name for name in kinds}
        picker = [self.view_picker("against", "Others", options)] if self._shown("against") else []
        many = [self.view_row("many", 1, 12, step=1, about="how many others")] if self._shown("many") else []
        return [*picker, *many, self._over]

    def _step(self) -> bool:
        """Push, make orthogonal, or take logarithms."""
        if not self._by_hand_shown or self.now >= MOST_NOW:
            return False
        self.now += 1
        return self.now < MOST_NOW
