"""Forcing lab: networks that learn chaos, or fail to, by how often they are told where they should be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import ipywidgets as W
import numpy as np
from numpy.typing import NDArray

from lyaplab.training.network import Network
from lyaplab.widgets import _labwords
from lyaplab.widgets._explorer import Explorer
from lyaplab.widgets._lablook import Look
from lyaplab.widgets._labpicture import FIGURES, LabPicture
from lyaplab.widgets._labruns import Run
from lyaplab.widgets._labsweep import Point
from lyaplab.widgets._labwords import Shown
from lyaplab.widgets._labwork import LabWork
from lyaplab.widgets._schedule import breathe
from lyaplab.widgets._stage import Stage

__all__ = ["ForcingLab"]

Array = NDArray[np.float64]


class ForcingLab(LabWork):
    """Teacher forcing at work: the attractor of the data, that of a network, and what tau has to do with it.

    Runs at several tau are shipped, so that all is there at once; any of them, and any other tau, can be trained here.
    The slider of tau shows the nearest run there is. Runs that are made here do not belong to the state: a link and
    undo do not bring them back.

    Parameters
    ----------
    data : str, Series or array_like(float, shape=(T, N))
        "lorenz63", "lorenz63-partial" (y and z are seen) or "roessler"; or your own, which come without runs.
    run : {"good", "short", "long"}, optional
        Which of the shipped runs to open with.
    hide : iterable of str, optional
        Controls and figures that are not shown; beside those of every widget "attractors", "series", "spectrum",
        "sweep", "course", "table", "training" and "filling".
    **params
        ``tau``, ``seed``, and the view: ``azimuth`` and ``elevation`` in degrees, ``on_top`` for both attractors in
        one figure, ``moment`` how much of the training the network has seen, in percent, ``measure`` what is drawn
        against tau ("distance", "exponent", "gradient"), ``shipped`` whether shipped runs are shown, ``length``
        "reduced" or "full".

    Raises
    ------
    ValueError
        When a name is unknown, or the data do not suit.

    Examples
    --------
    >>> view = ForcingLab("lorenz63", run="long")
    >>> view.tau > view.tau_pred, bool(view.numbers()["d_stsp"] > 1.0)
    (True, True)
    >>> view.close()
    """

    title = "Forcing lab"
    sentence = "How often must a network be told the truth, to learn chaos?"
    groups = (*Explorer.groups, *FIGURES, "table", "training", "filling")
    play_every = 0.15

    def __init__(
        self, data: Any = "lorenz63", *, run: str | None = None, preset: str | None = None, hide: Iterable[str] = (),
        **params: Any,
    ) -> None:  # fmt: skip
        super().__init__(data, preset=run if preset is None else preset, hide=hide, **params)
        self._mark_preset(self._system.opened)
        if "tau" in self._rows and np.isfinite(self.tau_pred):
            self._rows["tau"].mark(self.tau_pred, "τ_pred")

    def _build(self) -> Sequence[Stage]:
        self._begin_work()
        self.picture = LabPicture(self._system, wanted=self._shown, dragged=self._dragged)
        return self.picture.stages

    def _stage_boxes(self) -> Sequence[W.Widget]:
        return self.picture.boxes()

    def _still_stages(self) -> Sequence[Stage]:
        return self.picture.seen

    def _dragged(self, tau: int) -> None:
        self.tau = tau

    # --- what is on show -----------------------------------------------------------------------

    @property
    def tau_pred(self) -> float:
        """Steps in which a small error of the data doubles."""
        return self._system.tau_pred

    @property
    def network(self) -> Network:
        """The network that is on show."""
        return self._seen().network

    def _run_on_show(self) -> Run:
        """Choose the run: one made here for this very tau and seed, else the nearest shipped one, else a new one."""
        own = self._bench.begun(self._tau, self._seed)
        if own is not None:
            return own
        shipped = self._system.run_at(self._tau, self._seed) if self.shipped else None
        if shipped is not None:
            return shipped
        return self._bench.run(self._tau, self._seed, self._bench.planned(self.length))

    def _seen(self) -> Look:
        """Give the look that belongs to the present state; its network runs only when it is another one."""
        run = self._run_on_show()
        moment = run.moment(self.moment)
        look = self._look
        if look is None or (look.run.key, look.moment) != (run.key, moment):
            look = Look.of(run, moment, self._system.test)
        known = run.judged if moment == run.done else None
        self._look = replace(look, run=run, judged=known or look.judged or self._judged.get((*run.key, moment)))
        return self._look

    def _points(self) -> list[Point]:
        """All runs that are drawn against tau."""
        runs = self._system.shipped_runs if self.shipped else ()
        return [run.point(self._system.per) for run in (*runs, *self._bench.runs.values())]

    # --- the picture ---------------------------------------------------------------------------

    def _draw(self, coarse: bool) -> None:
        """Show the attractors at once, then the curves; a network that nobody has judged is judged at the end."""
        look = self._seen()
        self.picture.show_attractors(look, (self.azimuth, self.elevation), on_top=self.on_top)
        breathe()
        self._show_beside(look)
        if look.judged is None:
            self._resting.request()

    def _show_beside(self, look: Look) -> None:
        """Show all but the attractors."""
        points = self._points()
        shown = next((point for point in points if point == look.run.point(self._system.per)), None)
        self.picture.show_run(look)
        self.picture.show_sweep(points, self._tau, self.measure, shown)
        self.picture.show_spectra(look)
        # Where the figure against tau is hidden, as in a lesson, words do not give it away.
        said = points if self._shown("sweep") else []
        self._last_shown = Shown(self._system, look, self._tau, self._seed, said)
        table = _labwords.table_html(self._last_shown)
        if self._table.value != table:
            self._table.value = table

    def _voids(self, names: tuple[str, ...]) -> bool:
        """Nothing makes a run void: it belongs to its own tau and seed."""
        return False

    def reset(self) -> None:
        """Go back to the state in which the widget opened, and forget the runs that were made here."""
        self._train.stop()
        self._fill.stop()
        self.pause()
        with self._lock:
            self._bench.runs.clear()
        super().reset()
        self._schedule.request()

    # --- in words, in numbers, in code ---------------------------------------------------------

    def _describe(self) -> str:
        self._finish()
        return _labwords.describe(self._last_shown)

    def _numbers(self) -> dict[str, Any]:
        self._finish()
        return _labwords.numbers(self._last_shown)

    def _code(self) -> str:
        self._finish()
        return _labwords.code(self._last_shown)

    def __repr__(self) -> str:
        return f"ForcingLab({self._system.name!r}, tau={self._tau}, seed={self._seed})"
