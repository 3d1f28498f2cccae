"""Spectrum meter: all exponents of any cell as they converge, and what they say together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import ipywidgets as W
import numpy as np
from numpy.typing import NDArray

from lyaplab.engine.lyapunov import Spectrum
from lyaplab.model import Model
from lyaplab.widgets import _meterwords
from lyaplab.widgets._explorer import Explorer
from lyaplab.widgets._metercontrols import MeterControls
from lyaplab.widgets._meterpicture import MeterPicture
from lyaplab.widgets._meterwords import Shown
from lyaplab.widgets._others import Others, follow_others, kinds_of, members_of
from lyaplab.widgets._polygon import Sums
from lyaplab.widgets._running import Trace
from lyaplab.widgets._schedule import breathe
from lyaplab.widgets._stage import Stage
from lyaplab.widgets._tangentplane import SUBSTEPS
from lyaplab.widgets._tangents import TangentSteps
from lyaplab.widgets._worker import Job

__all__ = ["SpectrumMeter"]

Array = NDArray[np.float64]

# Steps of the longest run: alone, and driven by noise, which is drawn before the run begins.
CAP, DRIVEN_CAP = 5_000_000, 200_000
# Floating-point operations, about, of the first estimate, and of each of the others; and how many steps they buy.
QUICK_WORK, OTHER_WORK = 1e8, 1e9
QUICK_STEPS, OTHER_STEPS = (100, 4000), (1000, 20_000)
# A coarse estimate takes this part of the steps.
COARSE = 4
# QRs by hand that are known in advance, so that the scale of the plane fits the next steps too.
AHEAD = 12


class SpectrumMeter(MeterControls):
    """The Lyapunov exponents of any cell, alone or driven, as they converge.

    Parameters
    ----------
    system : str, Cell, Model or function
        ``"henon"``, ``"lorenz63"``, ``"lstm"``, a Model with weights of its own, a learner's own map. A network by its
        name alone is drawn at random, and its size is a knob.
    inputs : array_like(float, shape=(T, m) or (B, T, m)), optional
        Sequences that drive the network; the first is measured, the others can be laid over it.
    preset : str, optional
        Settings of the cell's card, or of the random network.
    hide : iterable of str, optional
        Controls and figures that are not shown; beside those of every widget "exponents", "convergence", "tangents",
        "sums", "others".
    **params
        Sizes and knobs (``n=20``, ``gain=1.8``, ``m=3``) and the view: ``until`` the greatest standard error at which a
        run stops, ``k`` how many exponents are measured at most, ``warmup`` steps before, ``x0`` the first state,
        ``amplitude`` and ``noise`` (its seed) of white noise as input, ``now`` sub-steps made by hand, ``apart`` steps
        from one QR by hand to the next, ``plane`` the two axes that are seen, ``scale`` which exponents set the scale,
        ``against`` and ``many`` what is laid over the spectrum.

    Raises
    ------
    ValueError
        When a name is unknown, or the inputs do not fit.

    Examples
    --------
    >>> view = SpectrumMeter("henon")
    >>> view.measure(wait=True)
    >>> view.numbers()["exponents"].round(2), float(view.numbers()["kaplan_yorke"].round(2))
    (array([ 0.42, -1.62]), 1.26)
    >>> view.close()
    """

    title = "Spectrum meter"
    sentence = "How fast small errors grow, in all directions at a time."
    groups = (*Explorer.groups, "exponents", "convergence", "tangents", "sums", "others")

    def _build(self) -> Sequence[Stage]:
        model = self.model
        self._long: Spectrum | None = None
        self._ended, self._asked = False, CAP
        self._trace = Trace()
        self._others: Others | None = None
        self._quick: tuple[Any, Spectrum, int, int] | None = None
        self._steps: tuple[Any, TangentSteps] | None = None
        count = self.k if "n" in self._system.knobs else min(self.k, model.d)
        self.picture = MeterPicture(model, count=count, small=self._small, wanted=self._shown)
        return self.picture.stages

    def _stage_boxes(self) -> Sequence[W.Widget]:
        return self.picture.boxes()

    def _still_stages(self) -> Sequence[Stage]:
        return self.picture.seen

    # --- the picture ---------------------------------------------------------------------------

    def _draw(self, coarse: bool) -> None:
        """Show the exponents as soon as there is an estimate; what follows from them comes next."""
        model = self.model
        shown, trace = self._known(model, coarse)
        self.picture.show_run(shown, trace, scale=self.scale)
        breathe()
        self.picture.show_sums(shown)
        if self._by_hand_shown:
            done = self.now // len(SUBSTEPS)
            pushes = self._by_hand(model).first(max(AHEAD, done + 1), apart=self.apart)
            logs = np.array([push.logs for push in pushes[:done]]).reshape(-1, model.d)
            shown = replace(shown, logs=logs, apart=self.apart)
            self.picture.show_hand(shown, pushes, self.now, (self.plane[0] - 1, self.plane[1] - 1))
        self._exponents.value = _meterwords.exponents_html(shown, self.until)
        self._last_shown = shown

    def _known(self, model: Model, coarse: bool) -> tuple[Shown, Trace]:
        """Gather what there is to be shown: the long run if there is one, else a first estimate."""
        if self._long is not None:
            spectrum, trace = self._long, self._trace
            asked, warmup, complete = self._asked, self.warmup, self._ended
        else:
            _, spectrum, asked, warmup = self._quick_estimate(model, coarse)
            trace, complete = Trace(), True
            trace.add(spectrum)
        shown = Shown(
            model=model, knobs=self._knob_values(), spectrum=spectrum, sums=Sums.of(spectrum, d=model.d),
            drive=self._drive, x0=self._start, asked=asked, warmup=warmup, complete=complete, before=self.warmup,
            others=self._others, drift=trace.drift(),
        )  # fmt: skip
        return shown, trace

    def _quick_estimate(self, model: Model, coarse: bool) -> tuple[Any, Spectrum, int, int]:
        """Measure for a moment: the spectrum, its steps, and those before."""
        key = (self._measures(), coarse)
        if self._quick is None or self._quick[0] not in (key, (self._measures(), False)):
            drive, k = self._drive, min(self.k, model.d)
            steps = _affordable(QUICK_WORK, model.d, k, QUICK_STEPS) // (COARSE if coarse else 1)
            warmup = min(self.warmup, steps)
            steps = drive.steps(steps, warmup)
            spectrum = model.lyapunov_spectrum(
                steps, k=k, x0=self._start, inputs=drive.rows(warmup + steps), warmup=warmup
            )
            self._quick = (key, spectrum, steps, warmup)
        return self._quick

    def _by_hand(self, model: Model) -> TangentSteps:
        if self._steps is None or self._steps[0] != self._measures():
            start = model.start if self._start is None else self._start
            steps = TangentSteps(model, start, warmup=self.warmup, drive=self._drive)
            self._steps = (self._measures(), steps)
        return self._steps[1]

    # --- long work -----------------------------------------------------------------------------

    def measure(self, *, wait: bool = False) -> None:
        """Run until every error is below `until`, as the button does; returns at once, or when it has ended."""
        self._begin_run(self._run, wait)

    def compare(self, *, wait: bool = False) -> None:
        """Lay the spectra of others over this one, as the button does; returns at once, or when all are there."""
        self._begin_run(self._over, wait)

    def _begin_run(self, run: Any, wait: bool) -> None:
        run.start()
        if wait:
            run.wait()
            self.settle()

    def _measure(self) -> Job:
        model, drive, until = self.model, self._drive, self.until
        start, warmup, k = self._start, self.warmup, min(self.k, self.model.d)
        steps = drive.steps(CAP if drive.silent else DRIVEN_CAP, warmup)
        self._measured, trace = self._measures(), Trace()

        def pieces(stop: Any) -> Iterator[tuple[Spectrum, bool]]:
            last = None
            rows = drive.rows(warmup + steps)
            for last in model.iter_lyapunov_spectrum(steps, k=k, x0=start, inputs=rows, warmup=warmup, until=until):
                yield last, False
            assert last is not None
            yield last, True

        def deliver(partial: tuple[Spectrum, bool]) -> None:
            self._long, self._ended = partial
            self._asked = steps
            trace.add(self._long)
            self._trace = trace
            self._schedule.request()

        return Job(pieces, deliver, fraction=lambda partial: _done(partial[0], steps))

    def _compare(self) -> Job:
        model, drive = self.model, self._drive
        kinds = kinds_of(model, drive, turns=frozenset(self._system.knobs))
        if self.against not in kinds:
            raise ValueError(
                f"there are no other {self.against} to lay over this spectrum: choose {' or '.join(kinds)}"
            )
        members = members_of(self.against, self.many, model, self._start, drive)
        steps = drive.steps(_affordable(OTHER_WORK, model.d, min(self.k, model.d), OTHER_STEPS), self.warmup)
        kind, warmup, k = self.against, self.warmup, self.k
        self._measured = self._measures()

        def pieces(stop: Any) -> Iterator[Others]:
            return follow_others(kind, members, drive, steps=steps, warmup=warmup, k=k)

        def deliver(others: Others) -> None:
            self._others = others
            self._schedule.request()

        return Job(pieces, deliver, fraction=lambda others: others.fraction)

    def _forget_measured(self) -> None:
        self._long = self._others = self._measured = None

    # --- in words, in numbers, in code ---------------------------------------------------------

    def _describe(self) -> str:
        return _meterwords.describe(self._last_shown)

    def _numbers(self) -> dict[str, Any]:
        return _meterwords.numbers(self._last_shown)

    def _code(self) -> str:
        return _meterwords.code(self._last_shown)


def _affordable(work: float, d: int, k: int, limits: tuple[int, int]) -> int:
    """Give the steps that an amount of work buys, within limits."""
    return int(np.clip(work / (d * d * k + 5e3), *limits))


def _done(spectrum: Spectrum, cap: int) -> float:
    """How much of a run is done, when errors fall as one over the square root of its length."""
    errors = spectrum.stderr[np.isfinite(spectrum.stderr)]
    worst = float(errors.max()) if len(errors) else np.inf
    reached = (spectrum.target / worst) ** 2 if spectrum.target is not None and worst > 0 else 0.0
    return max(spectrum.steps / cap, min(1.0, reached))
