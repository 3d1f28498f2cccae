"""How fast neighbours of an orbit part: the Lyapunov spectrum, alone, of a batch of inputs, and over short windows."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lyaplab.engine.conditional import ConditionalExponent, follow_conditional
from lyaplab.engine.local import LocalExponents, follow_local
from lyaplab.engine.lyapunov import Spectrum, SpectrumRun, follow_run, spectrum_of_batch
from lyaplab.engine.many import cores, side_by_side
from lyaplab.engine.result import last
from lyaplab.errors import number, positive_int
from lyaplab.model.motion import Motion

__all__ = ["Growth", "Plan"]

Array = NDArray[np.float64]

# Steps of a spectrum when nothing is said, and the cap of a run with `until`.
_STEPS = 10_000
_CAP = 1_000_000


class Plan(NamedTuple):
    """The arguments of a spectrum, as they were understood: sequences (B, T, m), and what holds for each of them."""

    sequences: Array
    x0: Array
    k: int
    steps: int
    warmup: int
    until: float | None


class Growth(Motion):
    """A system whose tangents can be followed."""

    def lyapunov_spectrum(
        self,
        steps: int | None = None,
        *,
        k: int | None = None,
        x0: ArrayLike | None = None,
        inputs: ArrayLike | None = None,
        warmup: int = 500,
        until: float | None = None,
    ) -> Spectrum:
        """Measure the k largest Lyapunov exponents.

        Parameters
        ----------
        steps : int, optional
            Steps to count, by default 10,000; with `until` the cap, by default 1,000,000.
        k : int, optional
            Number of exponents, by default all d.
        x0 : array_like(float, shape=(d,)), optional
            First state.
        inputs : array_like(float, shape=(T, m) or (B, T, m)), optional
            One row for each step, warm-up included; several sequences give mean and scatter, and run side by side.
        warmup : int, optional
            Steps of state and tangents before growth is counted.
        until : float, optional
            Run until every standard error is below.

        Returns
        -------
        Spectrum
            Exponents in nats per step, or per unit time for a flow.

        Raises
        ------
        DivergenceError
            At the first step whose state is not finite.

        Examples
        --------
        >>> from lyaplab import Model
        >>> Model("logistic", r=4.0).lyapunov_spectrum(until=0.002).exponents.round(2)  # log 2
        array([0.69])
        """
        return last(self.iter_lyapunov_spectrum(steps, k=k, x0=x0, inputs=inputs, warmup=warmup, until=until))

    def iter_lyapunov_spectrum(
        self,
        steps: int | None = None,
        *,
        k: int | None = None,
        x0: ArrayLike | None = None,
        inputs: ArrayLike | None = None,
        warmup: int = 500,
        until: float | None = None,
    ) -> Iterator[Spectrum]:
        """Yield the running spectrum every 50 ms or so; stop by not asking for the next. Arguments as above."""
        plan = self._plan(steps, k=k, x0=x0, inputs=inputs, warmup=warmup, until=until)
        runs = [partial(self._run, plan, sequence) for sequence in plan.sequences]
        return follow_run(runs[0]()) if len(runs) == 1 else _follow_batch(runs)

    def local_exponents(
        self,
        steps: int | None = None,
        *,
        window: int,
        k: int | None = None,
        x0: ArrayLike | None = None,
        inputs: ArrayLike | None = None,
        warmup: int = 500,
    ) -> LocalExponents:
        """Measure the exponents over consecutive windows: local in time, and scattered as window^(-1/2).

        Parameters
        ----------
        steps : int, optional
            Steps in all, by default 10,000; what is left after the last whole window is not used.
        window : int
            Steps of a window.
        k, x0, warmup : optional
            As for `lyapunov_spectrum`.
        inputs : array_like(float, shape=(T, m)), optional
            One row for each step, warm-up included.

        Returns
        -------
        LocalExponents

        Raises
        ------
        DivergenceError
            At the first step whose state is not finite.

        Examples
        --------
        >>> from lyaplab import Model
        >>> local = Model("henon").local_exponents(20_000, window=100)
        >>> local.exponents.shape
        (200, 2)
        >>> bool(abs(local.mean[0] - 0.419) < 3 * local.stderr[0])
        True
        """
        window = positive_int("window", window)
        plan = self._plan(steps, k=k, x0=x0, inputs=inputs, warmup=warmup, until=None)
        if len(plan.sequences) > 1:
            raise ValueError(f"inputs must be one sequence (T, m), got {len(plan.sequences)} sequences")
        if plan.steps < window:
            raise ValueError(f"window must be at most {plan.steps}, the number of steps, got {window}")
        partials = follow_local(
            self.cell,
            self._p,
            x0=plan.x0,
            inputs=plan.sequences[0],
            k=plan.k,
            window=window,
            windows=plan.steps // window,
            warmup=plan.warmup,
            dt=self.time_step,
        )
        return last(partials)

    def conditional_exponent(
        self,
        inputs: ArrayLike,
        *,
        x0: ArrayLike | None = None,
        warmup: int = 500,
        replicas: int = 4,
    ) -> ConditionalExponent:
        """Tell whether the network forgets its start under these inputs (the echo state property).

        Its largest exponent under the inputs is the rate at which two states draw together, or part, when both are
        driven alike. The check beside it needs no tangents: other starts, and their distances to the orbit of `x0`.

        Parameters
        ----------
        inputs : array_like(float, shape=(T, m))
            One row for each step, warm-up included.
        x0 : array_like(float, shape=(d,)), optional
            First state.
        warmup : int, optional
            Steps of the inputs before the exponent's growth is counted; the other starts begin with the first input.
        replicas : int, optional
            How many other starts, drawn from `view`.

        Returns
        -------
        ConditionalExponent

        Raises
        ------
        DivergenceError
            At the first step whose state is not finite.

        Examples
        --------
        >>> import numpy as np
        >>> from lyaplab import Model
        >>> net = Model("tanh", n=20, m=1, gain=0.8, seed=1)
        >>> net.conditional_exponent(np.random.default_rng(0).standard_normal((1500, 1))).verdict
        'forgets its start'
        """
        if self.m == 0:
            raise ValueError("inputs need a network with inputs: this one has m=0")
        plan = self._plan(None, k=1, x0=x0, inputs=inputs, warmup=warmup, until=None)
        if len(plan.sequences) > 1:
            raise ValueError(f"inputs must be one sequence (T, m), got {len(plan.sequences)} sequences")
        low, high = self.view
        others = np.random.default_rng(0).uniform(low, high, (positive_int("replicas", replicas), self.d))
        partials = follow_conditional(
            self.cell,
            self._p,
            starts=np.vstack([plan.x0, others]),
            inputs=plan.sequences[0],
            steps=plan.steps,
            warmup=plan.warmup,
            dt=self.time_step,
        )
        return last(partials)

    def _plan(
        self,
        steps: int | None,
        *,
        k: int | None,
        x0: ArrayLike | None,
        inputs: ArrayLike | None,
        warmup: int,
        until: float | None,
    ) -> Plan:
        """Check the arguments of a spectrum."""
        warmup = positive_int("warmup", warmup, minimum=0)
        k = self.d if k is None else positive_int("k", k)
        if k > self.d:
            raise ValueError(f"k must be at most {self.d}, the number of state variables, got {k}")
        if until is not None:
            until = number("until", until)
            if until <= 0.0:
                raise ValueError(f"until must be positive, got {until:g}")
        sequences, count = self._sequence(inputs, steps, warmup, _STEPS if until is None else _CAP)
        states, alone = self._states(x0)
        if not alone:
            raise ValueError(f"x0 must be one state of shape ({self.d},), got {len(states)} states")
        return Plan(sequences, states[0], k, count, warmup, until)

    def _run(self, plan: Plan, sequence: Array) -> SpectrumRun:
        return SpectrumRun(
            self.cell,
            self._p,
            x0=plan.x0,
            inputs=sequence,
            k=plan.k,
            steps=plan.steps,
            warmup=plan.warmup,
            dt=self.time_step,
            until=plan.until,
        )


def _follow_batch(runs: list[partial[SpectrumRun]]) -> Iterator[Spectrum]:
    """Yield the joined spectrum of the sequences that are done, in their order, whenever one more is."""
    done: dict[int, Spectrum] = {}
    for place, outcome in side_by_side(runs, threads=cores()):
        if isinstance(outcome, ArithmeticError):
            raise outcome
        done[place] = outcome
        yield spectrum_of_batch([done[place] for place in sorted(done)])
