"""Learning as a dynamical system: a linear network learns a filter, and eigenvalues leave their disc to carry it."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import ipywidgets as W
import numpy as np
from numpy.typing import NDArray

from lyaplab.kernel import one_blas_thread
from lyaplab.training.linear_filter import FilterNetwork
from lyaplab.widgets import _learningwords as words
from lyaplab.widgets._learning import Asked, Moment, Run, Theory
from lyaplab.widgets._learningcurves import FilterPlane, LossCourse, OutlierCourse
from lyaplab.widgets._outlierplane import OutlierPlane
from lyaplab.widgets._outlierview import OutlierView, target_of
from lyaplab.widgets._schedule import LatestWins, breathe
from lyaplab.widgets._stage import Stage
from lyaplab.widgets._worker import Job

__all__ = ["OutlierLab"]

# Up to so many units, eigenvalues at the start come with the first picture: their cost grows with the cube.
_AT_ONCE = 128


class OutlierLab(OutlierView):
    """A linear network that learns a filter, from the first update to the last.

    Four figures: the eigenvalues of W in the complex plane, those that leave the disc of the others against time, the
    filter of the network against its target, and the loss. Over all of them lies the theory of the reduced equations:
    one outlier, or a pair, along the gradient flow from W = 0. One time moves them all. A moved control shows theory
    and the network at its start at once; the training follows while nothing moves.

    Parameters
    ----------
    system : str, optional
        ``"linear"``: networks are drawn from n, g, angle, norm and seed.
    preset : str, optional
        "integrator", "leaky integrator", "oscillator", "stuck" (at the symmetric saddle), "lazy" or "unstable rate".
    target : complex or "integrator", optional
        The pole of the target: filters Re target^tau.
    hide : iterable of str, optional
        Controls and figures that are not shown; beside those of every widget "plane", "course", "filter" and "loss".
    **params
        Knobs (``n``, ``g``, ``angle`` between u and v in degrees, ``norm`` of either, ``seed``) and the view:
        ``horizon`` T, ``rate`` as a multiple of the critical one, ``train`` "W" or "all", ``samples`` trials of noise
        for each gradient (0 for the exact one), ``pace`` "even" or "limited" (steps as long as the moment allows),
        ``updates``, and ``t``, the update after which the network is shown.

    Raises
    ------
    ValueError
        When a name is unknown, or a number is out of its range.

    Examples
    --------
    >>> view = OutlierLab(target=0.8, horizon=20, n=20, g=0.0, updates=200)
    >>> round(float(view.numbers()["leading"][-1]), 6)
    0.8
    >>> view.close()
    """

    title = "Outlier lab"
    sentence = "A linear network learns a filter: eigenvalues leave the others, one or a pair, and carry its memory."

    def __init__(
        self, system: Any = "linear", *, preset: str | None = None, target: Any = None, hide: Iterable[str] = (),
        **params: Any,
    ) -> None:  # fmt: skip
        if target is not None:
            params["pole"] = target_of(target)
        if "updates" in params:
            params.setdefault("t", params["updates"])
        super().__init__(system, preset=preset, hide=hide, **params)

    def _extras(self) -> Sequence[W.Widget]:
        self._run = self.long_run("Train", self._learn, tip="train again; Stop keeps what is there")
        self._run.halt.on_click(self._halt)
        return [*super()._extras(), self._run]

    # --- stages --------------------------------------------------------------------------------

    def _build(self) -> Sequence[Stage]:
        self._theory: Theory | None = None
        self._measured = W.HTML()
        for name in ("lyap-numbers", "lyap-below"):
            self._measured.add_class(name)
        self._learnt: Run | None = None
        self._training: Asked | None = None  # what is being learnt, has been, or was stopped by hand
        self._halted = False
        # Nothing at once, the training once the hand rests: with no budget every picture but the last is coarse.
        self._resting = LatestWins(self._begin_learning, lock=self._lock, budget=-1.0)
        self.plane = OutlierPlane(self._dragged_target)
        self.course = OutlierCourse(self._dragged_time)
        self.filter = FilterPlane()
        self.loss = LossCourse()
        return (self.plane.stage, self.course.stage, self.filter.stage, self.loss.stage)

    def _stage_boxes(self) -> Sequence[W.Widget]:
        boxes = [stage.box for stage in self._still_stages()]
        for box in boxes:
            box.layout.flex = "1 1 300px"
            box.layout.align_self = "flex-end"  # legends differ in height, the plots beside each other do not
        row = W.HBox(boxes)
        row.add_class("lyap-figures-row")
        return [row, self._measured]

    def _still_stages(self) -> Sequence[Stage]:
        names = ("plane", "course", "filter", "loss")
        return [stage for name, stage in zip(names, self.stages, strict=True) if self._shown(name)]

    def _dragged_time(self, time: float) -> None:
        if self._learnt is not None:
            record = self._learnt.record
            update = int(record.snapshot_updates[np.abs(record.snapshot_times - time).argmin()])
            self.t = self.updates if update == record.updates else update

    # --- the picture ---------------------------------------------------------------------------

    def _draw(self, coarse: bool) -> None:
        """Show theory and the target, and the training as far as it is known."""
        asked, before = self.asked, self._theory
        task = asked.task  # what cannot be learnt is refused here, before anything is touched
        if self._learnt is not None and self._learnt.asked != asked:
            self._learnt = None
            self._run.clear()
        if self._learnt is None:  # the target first: the hand may be on it
            with self.plane.stage.redraw():
                self.plane.show_goal(asked)
                self.plane.show_start(_eigenvalues_at_first(asked))
            self.filter.show_goal(task)
            breathe()
        self._theory = theory = _theory_of(asked, before)
        if before is None or theory.flow is not before.flow or self._learnt is None:
            self.plane.show_theory(theory)
            breathe()
            self._show_span()
        if self._learnt is None:
            self._show_start()
        else:
            self._show_moment()
        self._resting.request()

    def _show_start(self) -> None:
        """Show that nothing has been learnt yet."""
        self.course.show_start()
        self.filter.show_start()
        self.loss.show_start()
        assert self._theory is not None
        self._measured.value = words.beside(None, self._theory)

    def _show_span(self) -> None:
        """Let the figures over time span the training."""
        assert self._theory is not None
        until = self._until()
        self.course.show_goal(self._theory, until)
        self.loss.show_goal(self._theory, until, self._learnt)

    def _until(self) -> float:
        if self._learnt is not None and self._learnt.until > 0.0:  # else not a single update went well
            return self._learnt.until
        return self._theory.until if self._theory is not None else 1.0

    def _show_moment(self) -> None:
        """Show the training at the marked time."""
        assert self._learnt is not None and self._theory is not None
        moment = self._learnt.moment(self.t)
        self.plane.show(moment, self._theory)
        self.course.show(moment)
        self.filter.show(moment, self._theory)
        self.loss.show(moment)
        self._measured.value = words.beside(moment, self._theory)

    # --- the training --------------------------------------------------------------------------

    def _begin_learning(self, coarse: bool) -> None:
        if coarse or self._theory is None or self._training == self._theory.asked:
            return
        if self._theory.asked == self.asked:  # else something has gone wrong, and the last picture stays
            self._run.start()

    def _learn(self) -> Job:
        """Begin from the first update."""
        asked, net = self.asked, self._system.net(self._knob_values())
        self._training, self._halted = asked, False
        return Job(
            lambda stop: Run.follow(asked, net), self._has_learnt,
            fraction=lambda run: run.record.updates / asked.updates,
        )  # fmt: skip

    def _halt(self, _: Any) -> None:
        """Take a training that was stopped by hand as it is."""
        self._halted = True

    def _voids(self, names: tuple[str, ...]) -> bool:
        return self._training != self.asked

    def _forget_measured(self) -> None:
        self._training = None

    def _has_learnt(self, run: Run) -> None:
        """Show what is known of a training, unless it is no longer the one that is asked for; called under the lock."""
        if run.asked != self.asked or self._theory is None or self._theory.asked != run.asked:
            return
        first, self._learnt = self._learnt is None, run
        if run.done or (first and not run.asked.limited):
            self._show_span()
        self._show_moment()
        if run.done:
            self._speaking.request()

    def _finish(self) -> tuple[Moment, Theory]:
        """Give the look at the training with nothing left to learn, here and now; the lock is held."""
        assert self._theory is not None
        if self._learnt is None or not (self._learnt.done or self._halted):
            asked = self._theory.asked
            for run in Run.follow(asked, _net_of(asked)):
                last = run
            if asked != self.asked:  # refused since: the last picture stays
                return last.moment(self.t), self._theory
            self._run.clear()
            self._training = asked
            self._has_learnt(last)
        assert self._learnt is not None
        return self._learnt.moment(self.t), self._theory

    def settle(self) -> None:
        """Draw what is pending and train before returning."""
        super().settle()
        with self._lock:
            if self._drew and self.error is None:
                self._finish()

    def _speak(self, coarse: bool) -> None:
        """Speak of finished pictures only: words about an unfinished one would have to wait for it."""
        if self.error is not None or (self._learnt is not None and (self._learnt.done or self._halted)):
            super()._speak(coarse)

    def _close_board(self) -> None:
        self._resting.close()
        with self._lock:  # a training that is just being asked for has been by now
            pass
        super()._close_board()

    # --- in words, in numbers, in code ---------------------------------------------------------

    def _describe(self) -> str:
        return words.describe(*self._finish())

    def _numbers(self) -> dict[str, Any]:
        return words.numbers(*self._finish())

    def _code(self) -> str:
        return words.code(*self._finish())


def _net_of(asked: Asked) -> FilterNetwork:
    return FilterNetwork.random(asked.n, g=asked.g, aligned=asked.angle, norms=asked.norm, seed=asked.seed)


def _theory_of(asked: Asked, before: Theory | None) -> Theory:
    """Give the theory of what is asked; size, disc, seed and noise leave it as it is."""
    if before is None or _at_first_zero(before.asked) != _at_first_zero(asked):
        return Theory(asked)
    theory = copy.copy(before)
    theory.asked = asked
    return theory


def _at_first_zero(asked: Asked) -> Asked:
    return asked._replace(n=0, g=0.0, seed=0, samples=0)


def _eigenvalues_at_first(asked: Asked) -> NDArray[np.complex128]:
    """Give the eigenvalues of W before anything is learnt, where they are cheap."""
    return asked.g * _in_the_unit_disc(asked.n, asked.seed) if asked.n <= _AT_ONCE else np.empty(0, dtype=complex)


@lru_cache(maxsize=32)
def _in_the_unit_disc(n: int, seed: int) -> NDArray[np.complex128]:
    with one_blas_thread():
        return np.linalg.eigvals(FilterNetwork.random(n, g=1.0, seed=seed).W).astype(complex)
