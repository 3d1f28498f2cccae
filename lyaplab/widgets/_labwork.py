"""The work of the forcing lab: training, one step or thousands, and judging what has been learnt."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from lyaplab.widgets._labcontrols import LabControls
from lyaplab.widgets._lablook import Look, judged
from lyaplab.widgets._labruns import Judged, Run
from lyaplab.widgets._labtraining import Bench
from lyaplab.widgets._schedule import LatestWins
from lyaplab.widgets._worker import Job, Worker

__all__ = ["LabWork"]


class LabWork(LabControls):
    """A forcing lab that learns and judges; not to be used by itself."""

    _look: Look | None

    def _begin_work(self) -> None:
        """Prepare; called before anything is shown."""
        self._bench = Bench(self._system)
        self._look = None
        self._judged: dict[tuple[Any, ...], Judged] = {}
        self._judging = Worker(lock=self._lock, failed=self._job_failed)
        # Nothing at once, a judgement once the hand rests: with no budget every picture but the last is coarse.
        self._resting = LatestWins(self._begin_judging, lock=self._lock, budget=-1.0)

    def _seen(self) -> Look:
        raise NotImplementedError

    def _show_beside(self, look: Look) -> None:
        raise NotImplementedError

    # --- how good it is ------------------------------------------------------------------------

    def _begin_judging(self, coarse: bool) -> None:
        """Judge what is on show beside everything else: it takes some tenths of a second."""
        look, test = self._look, self._system.test
        if coarse or look is None or look.judged is not None:
            return
        if self._learning:
            self._resting.request()  # later: what is learning now is another network in a moment
        else:

            def pieces(stop: Any) -> Iterator[Judged]:
                yield judged(look.network, test)

            self._judging.start(Job(pieces, lambda found: self._take(look, found)))

    def _take(self, look: Look, found: Judged) -> None:
        """Keep a judgement, and show it if its network is still on show; called under the lock."""
        self._judged[*look.run.key, look.moment] = found
        if self._look is not None and self._look.network is look.network:
            self._show_beside(self._seen())
            self._speaking.request()

    def _finish(self) -> None:
        """Judge what is on show here and now, unless it learns; the lock is held."""
        look = self._look
        if look is not None and look.judged is None and not self._learning:
            self._take(look, judged(look.network, self._system.test))

    def settle(self) -> None:
        """Draw what is pending, and judge the network, before returning."""
        super().settle()
        with self._lock:
            self._finish()

    def _speak(self, coarse: bool) -> None:
        """Speak of networks that are judged: words about another would have to wait for that."""
        if self.error is not None or self._learning or (self._look is not None and self._look.judged is not None):
            super()._speak(coarse)

    def _close_board(self) -> None:
        self._resting.close()
        with self._lock:  # a judgement that is just being asked for has been by now
            pass
        self._judging.close()
        super()._close_board()

    # --- training ------------------------------------------------------------------------------

    @property
    def _learning(self) -> bool:
        """Whether a run is under way whose network changes all the time."""
        return self._train.worker.running or self.playing

    def train(self, *, wait: bool = False) -> None:
        """Train at this tau and seed, or go on with it, as the button does; returns at once, or at its end."""
        self._begin_run(self._train, wait)

    def fill(self, *, wait: bool = False) -> None:
        """Train at every tau of the shipped runs, as the button does; returns at once, or when all are done."""
        self._begin_run(self._fill, wait)

    def _begin_run(self, run: Any, wait: bool) -> None:
        run.start()
        if wait:
            run.wait()
            self.settle()

    _trained: tuple[int, int, str] | None = None
    """Tau, seed and length of the run that was trained last, unless another has been asked for since."""

    def _asked(self) -> tuple[int, int, int]:
        """Give tau, seed and updates of the run that is to be trained."""
        self._trained = (self._tau, self._seed, self.length)
        return self._tau, self._seed, self._bench.planned(self.length)

    def _learn(self) -> Job:
        tau, seed, planned = self._asked()

        def pieces(stop: Any) -> Iterator[Run]:
            if self._bench.run(tau, seed, planned).over:
                self._bench.drop(tau, seed, planned)
            return self._bench.follow(tau, seed, planned)

        return Job(pieces, self._learnt, fraction=lambda run: run.done / run.planned)

    def _fill_in(self) -> Job:
        planned = self._bench.planned(self.length)

        def pieces(stop: Any) -> Iterator[tuple[Run, float]]:
            return self._bench.fill(self._system.taus, self._system.seeds_of(self.length, self._seed), planned)

        return Job(pieces, lambda told: self._learnt(told[0]), fraction=lambda told: told[1])

    def _learnt(self, run: Run) -> None:
        """Keep a run as far as it has come, and show it if it is the one that is asked for."""
        self._bench.take(run)
        if (run.tau, run.seed) == (self._tau, self._seed) or run.judged is not None:
            self._schedule.request()

    def _begin_play(self) -> None:
        super()._begin_play()
        self._asked()

    def _step(self) -> bool:
        """Take one gradient step; Play ends where another run is asked for."""
        if self.playing and self._trained != (self._tau, self._seed, self.length):
            return False
        tau, seed, planned = self._asked()
        run = self._bench.run(tau, seed, planned)
        if run.over:
            return False
        for stepped in self._bench.follow(tau, seed, planned, pause=run.done + 1):
            self._learnt(stepped)
        return not self._bench.run(tau, seed, planned).over

    def _after_change(self, names: Iterable[str]) -> None:
        if self._trained != (self._tau, self._seed, self.length):
            self._train.stop()  # another run is asked for; what this one has learnt is kept
            self.pause()
            self._trained = None
        super()._after_change(names)
