"""The transition of random networks from rest to chaos: twins, eigenvalues, and the exponent against gain."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import ipywidgets as W

from lyaplab.widgets import _transitionwords as words
from lyaplab.widgets._cloudplane import CloudPlane
from lyaplab.widgets._gainplane import GainPlane
from lyaplab.widgets._gainsweep import SEEDS, Swept, follow_sweep
from lyaplab.widgets._parting import SHOWN, Activity, Distance
from lyaplab.widgets._reading import power_of_ten
from lyaplab.widgets._schedule import LatestWins, breathe
from lyaplab.widgets._stage import Stage
from lyaplab.widgets._switches import Picker
from lyaplab.widgets._transition import Asked, Portrait, theory_line, theory_nodes, theory_values
from lyaplab.widgets._transitionview import APART, COMPARED, FLOW_STEPS, STEPS, TransitionView
from lyaplab.widgets._worker import Job, Worker

__all__ = ["ChaosTransition"]

# The figures, as `hide` names them, in the order in which they stand.
FIGURES = ("activity", "eigenvalues", "distance", "gains")


class ChaosTransition(TransitionView):
    """A random network on its way from rest to chaos, as its gain grows.

    Four figures: the activity of a few units with a twin that starts almost alike; the distance of such twins, and
    the rate that is read off it; the eigenvalues of the weights and of the Jacobian along the orbit; the largest
    exponent against gain, with the theory of the infinite network. A moved knob shows one pair and a first estimate
    at once; what takes longer follows while nothing moves.

    Parameters
    ----------
    system : str, Cell or Model, optional
        ``"tanh"`` (a map) or ``"rate"`` (a flow), with weights drawn from ``n``, ``gain`` and ``seed`` alone.
    preset : str, optional
        "silent", "edge", "loop", "chaos", "small" or "large".
    hide : iterable of str, optional
        Controls and figures that are not shown; beside those of every widget "activity", "eigenvalues", "distance",
        "gains" (with its "sweep"), "apart".
    **params
        Knobs (``n``, ``gain``, ``seed``) and the view: ``steps`` that twins are followed, ``warmup`` before them,
        ``apart`` their first distance as a power of ten, ``t`` the step that is marked, ``compare`` the other size
        that is measured against gain (0 for none).

    Raises
    ------
    ValueError
        When the network is not such a one, or a name is unknown.

    Examples
    --------
    >>> view = ChaosTransition("tanh", n=100, gain=0.8, seed=1)
    >>> view.numbers()["slope"].round(2)  # twins draw together; log 0.8 is -0.22 for infinitely many units
    array([-0.13,  0.  ])
    >>> view.close()
    """

    title = "Chaos transition"
    sentence = "Turn the gain of a random network: it rests, then goes round, then twins part for ever."
    groups = (*TransitionView.groups, *FIGURES, "apart", "sweep")

    # --- stages and controls -------------------------------------------------------------------

    def _build(self) -> Sequence[Stage]:
        self._flow = flow = self._system.model.time_step is not None
        self._portrait: Portrait | None = None
        self._swept: tuple[Swept, ...] = ()
        self._refiner = Worker(lock=self._lock, failed=self._job_failed)
        # Nothing at once, the refinement once the hand rests: with no budget every picture but the last is coarse.
        self._resting = LatestWins(self._begin_refining, lock=self._lock, budget=-1.0)
        self.activity = Activity(flow=flow)
        self.distance = Distance(flow=flow, dragged=self._dragged_time)
        self.cloud = CloudPlane(flow=flow)
        self.gains = GainPlane(flow=flow, dragged=self._dragged_gain)
        return (self.activity.stage, self.distance.stage, self.cloud.stage, self.gains.stage)

    def _shown(self, name: str) -> bool:
        if name == "sweep":  # its marks need a figure to stand in
            return super()._shown("sweep") and self._shown("gains")
        return super()._shown(name)

    @property
    def _seen(self) -> tuple[str, ...]:
        """The figures that are seen: words are about nothing else."""
        return tuple(name for name in FIGURES if self._shown(name))

    def _still_stages(self) -> Sequence[Stage]:
        stages = (self.activity.stage, self.cloud.stage, self.distance.stage, self.gains.stage)
        return [stage for stage, name in zip(stages, FIGURES, strict=True) if self._shown(name)]

    def _stage_boxes(self) -> Sequence[W.Widget]:
        boxes = [stage.box for stage in self._still_stages()]
        for box in boxes:
            box.layout.flex = "1 1 300px"
            box.layout.align_self = "flex-end"  # legends differ in height, the plots beside each other do not
        row = W.HBox(boxes)
        row.add_class("lyap-figures-row")
        return [row]

    def _controls(self) -> list[W.Widget]:
        controls = super()._controls()
        self._mark_preset(self._system.opened)
        return controls

    def _extras(self) -> Sequence[W.Widget]:
        flow, rows = self._flow, []
        longest = FLOW_STEPS if flow else STEPS
        for name, high, about in (
            ("t", self.steps, "the step that is marked: its Jacobian"),
            ("steps", 2 * longest, "how many steps twins are followed"),
            ("warmup", 2000, "how many steps are skipped before the picture"),
        ):
            if self._shown(name):
                low, tex = (20, "") if name == "steps" else (0, {"warmup": "skip"}.get(name, ""))
                rows.append(self.view_row(name, low, high, step=1, tex=tex, about=about))
        self._apart = Picker("Twins start apart by", self.guarded(self._picked_apart))
        self._compare = Picker("Beside, networks of N =", self.guarded(self._picked_size))
        self._measured = W.HTML()
        self._measured.add_class("lyap-numbers")
        self._legend = W.HTML()
        self._legend.add_class("lyap-numbers")
        self._run = self.long_run("Measure λ against g", self._sweep, tip="many networks; Stop keeps what is there")
        if self._shown("apart"):
            rows.append(self._apart)
        rows.append(self._measured)
        if self._shown("sweep"):
            rows += [self._compare, self._run, self._legend]
        return rows

    # --- the picture ---------------------------------------------------------------------------

    def _draw(self, coarse: bool) -> None:
        """Show one pair of twins and a first estimate; the rest is filled in once nothing moves."""
        asked = Asked(self.model, self.steps, self.warmup, self.apart, self.t)
        portrait = Portrait(asked, self._portrait)
        self._show_in(["activity"], portrait)
        breathe()
        self._show_in(["distance"], portrait)
        portrait.estimate_at_once()
        self._show_in(["gains"], portrait)
        portrait.eigenvalues_at_once()
        self._show_in(["eigenvalues"], portrait)
        if not self._drew and not self._flow:
            self.gains.show_theory(*theory_line(flow=False))
        self._portrait = portrait
        self._show_sweep()
        self._show_beside(portrait)
        self._resting.request()

    def _show_in(self, names: Sequence[str], portrait: Portrait) -> None:
        """Show a portrait in those of these figures that are seen."""
        showing = {
            "activity": self.activity.show, "eigenvalues": self.cloud.show, "distance": self.distance.show,
            "gains": lambda portrait: self.gains.show_gain(portrait.gain, portrait.exponent),
        }  # fmt: skip
        for name in names:
            if self._shown(name):
                showing[name](portrait)

    def _show_beside(self, portrait: Portrait) -> None:
        """Show what stands beside the figures."""
        self._measured.value = words.beside(portrait, self._seen)
        self._apart.show(
            [power_of_ten(power) for power in APART], APART.index(self.apart) if self.apart in APART else None
        )
        sizes = ["none", *(str(size) for size in COMPARED[1:])]
        self._compare.show(sizes, COMPARED.index(self.compare) if self.compare in COMPARED else None)
        if "t" in self._rows:
            row = self._rows["t"]
            row.slider.max = row.box.max = max(self.steps, self.t)

    # --- what takes longer -----------------------------------------------------------------------

    def _begin_refining(self, coarse: bool) -> None:
        portrait = self._portrait
        if not coarse and portrait is not None and not portrait.done:
            self._refiner.start(Job(lambda stop: portrait.refine(), self._refined))

    def _refined(self, portrait: Portrait) -> None:
        """Show what is new of a portrait, unless it is no longer the one on show; called under the lock."""
        if portrait is not self._portrait:
            return
        self._show_in(["distance", "eigenvalues", "gains"], portrait)
        if portrait.done:
            self.gains.show_theory(*theory_line(flow=self._flow))
            self._speaking.request()
        self._measured.value = words.beside(portrait, self._seen)

    def _finish(self) -> Portrait:
        """Give the portrait with nothing left to refine, here and now; the lock is held."""
        assert self._portrait is not None
        portrait = self._portrait
        if not portrait.done:
            for _ in portrait.refine():
                pass
            self._refined(portrait)
        return portrait

    def settle(self) -> None:
        """Draw what is pending and refine it before returning."""
        super().settle()
        with self._lock:
            if self._portrait is not None:
                self._finish()

    def _speak(self, coarse: bool) -> None:
        """Speak of finished pictures only: words about an unfinished one would have to wait for it."""
        if self.error is not None or (self._portrait is not None and self._portrait.done):
            super()._speak(coarse)

    def measure(self) -> None:
        """Measure the exponents of many networks against gain, as the button does; returns at once."""
        self._run.start()

    def _sweep(self) -> Job:
        model, sizes = self.model, self._sizes()
        self._swept_of = self._measured_key()

        def pieces(stop: Any) -> Iterator[tuple[Swept, ...]]:
            return follow_sweep(model, sizes)

        return Job(pieces, self._swept_so_far, fraction=_share)

    def _sizes(self) -> tuple[int, ...]:
        mine = int(self.n)
        return (mine, self.compare) if self.compare not in (0, mine) else (mine,)

    def _swept_so_far(self, known: tuple[Swept, ...]) -> None:
        self._swept = known
        self._show_sweep()
        self._speaking.request()

    def _show_sweep(self) -> None:
        self.gains.show_sweep(self._sizes(), self._swept)
        self._legend.value = _MARKS
        self._legend.layout.display = None if self._swept else "none"

    def _measured_key(self) -> tuple[Any, ...]:
        """What the networks of a sweep have in common: all but gain and seed."""
        knobs = {name: value for name, value in self._knob_values().items() if name not in ("gain", "seed")}
        return (*knobs.values(), self.compare)

    def _voids(self, names: tuple[str, ...]) -> bool:
        return getattr(self, "_swept_of", None) != self._measured_key()

    def _forget_measured(self) -> None:
        self._swept = ()

    def _close_board(self) -> None:
        self._resting.close()
        with self._lock:  # a refinement that is just being asked for has been by now
            pass
        self._refiner.close()
        super()._close_board()

    # --- in words, in numbers, in code ---------------------------------------------------------

    def _describe(self) -> str:
        return words.describe(self._system.model.cell.name, self._finish(), self._swept, self._seen)

    def _code(self) -> str:
        return words.code(self._finish(), self._swept)

    def _numbers(self) -> dict[str, Any]:
        portrait = self._finish()
        twins, rate = portrait.twins, portrait.rate
        assert rate is not None and portrait.exponent is not None
        gains, theory = theory_nodes(flow=self._flow), theory_values(flow=self._flow)
        return {
            "activity": twins.states[:, :SHOWN], "twin": twins.twin[:, :SHOWN], "distances": twins.distances,
            "slope": [rate.slope, rate.stderr], "at_rest": portrait.at_rest, "along": portrait.along,
            "exponent": portrait.exponent[:2], "theory_gains": gains, "theory": theory,
        }  # fmt: skip


# What the marks of a sweep are: too long for a legend.
_MARKS = f"<span class='lyap-unit'>Marks: means of {SEEDS} networks ± 2 standard errors. Dots: single networks.</span>"


def _share(known: tuple[Swept, ...]) -> float:
    """How much of a sweep is done."""
    return sum(swept.done for swept in known) / len(known)
