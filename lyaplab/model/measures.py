"""Model: a cell and its weights, the one thing that people hold, and all that is measured of it."""

from __future__ import annotations

from collections.abc import Iterator
from os import PathLike

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lyaplab.engine.fixed_points import FixedPoints, fixed_points
from lyaplab.engine.gradients import GradientNorms, gradient_norms
from lyaplab.engine.lyapunov import Spectrum, follow_spectrum, spectrum_of_batch
from lyaplab.errors import DivergenceError, number, positive_int
from lyaplab.model.diagrams import Diagrams
from lyaplab.model.storage import write_model

__all__ = ["Model"]

Array = NDArray[np.float64]

# Steps of a spectrum when nothing is said, and the cap of a run with `until`.
_STEPS = 10_000
_CAP = 1_000_000


class Model(Diagrams):
    """A system with its weights.

    Parameters
    ----------
    cell : str or Cell
        A name of `lyaplab.cells()`, or a Cell such as `lyaplab.map` makes.
    preset : str, optional
        Settings worth opening with, named in the cell's card.
    **params
        Sizes and numbers that make the weights (``n``, ``m``, ``gain``, ``seed``), arrays by the card's names
        (``W``, ``U``, ``b``), scalar parameters (``r``, ``rho``), or single weights of a small network (``w12``).

    Raises
    ------
    ValueError, TypeError
        Naming the argument, what came and what is expected, with the nearest valid name.

    Examples
    --------
    >>> import lyaplab as ll
    >>> net = ll.Model("tanh", n=2, W=[[0.5, 0.0], [0.0, -0.25]])
    >>> net.lyapunov_spectrum(1000).exponents.round(4)  # log 0.5 and log 0.25
    array([-0.6931, -1.3863])
    """

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
            One row for each step, warm-up included; several sequences give mean and scatter.
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
        >>> Model("logistic", r=4.0).lyapunov_spectrum(until=0.002).exponents.round(2)  # log 2
        array([0.69])
        """
        *_, result = self.iter_lyapunov_spectrum(steps, k=k, x0=x0, inputs=inputs, warmup=warmup, until=until)
        return result

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
        return self._follow(sequences, states[0], k, count, warmup, until)

    def _follow(
        self, sequences: Array, x0: Array, k: int, steps: int, warmup: int, until: float | None
    ) -> Iterator[Spectrum]:
        done: list[Spectrum] = []
        for sequence in sequences:
            latest = None
            for latest in follow_spectrum(
                self.cell,
                self._p,
                x0=x0,
                inputs=sequence,
                k=k,
                steps=steps,
                warmup=warmup,
                dt=self.time_step,
                until=until,
            ):
                if len(sequences) == 1:
                    yield latest
            assert latest is not None
            done.append(latest)
            if len(sequences) > 1:
                yield spectrum_of_batch(done)

    def gradient_norms(
        self,
        lags: int,
        *,
        x0: ArrayLike | None = None,
        inputs: ArrayLike | None = None,
        warmup: int = 500,
    ) -> GradientNorms:
        """Measure the norm of d x_T / d x_{T-lag}, the product of Jacobians read backwards.

        Parameters
        ----------
        lags : int
            Longest lag, in steps.
        x0, inputs, warmup : optional
            As for `lyapunov_spectrum`, one sequence of inputs.

        Returns
        -------
        GradientNorms

        Examples
        --------
        >>> norms = Model("logistic", r=2.5).gradient_norms(50)
        >>> round(norms.slope, 4)  # log 0.5, the exponent of the fixed point
        -0.6931
        """
        warmup = positive_int("warmup", warmup, minimum=0)
        lags = positive_int("lags", lags)
        sequences, _ = self._sequence(inputs, lags, warmup, None)
        if len(sequences) > 1:
            raise ValueError(f"inputs must be one sequence (T, m), got {len(sequences)} sequences")
        state = self.orbit(
            1, x0=x0, inputs=None if inputs is None else sequences[0, : warmup + 1], warmup=warmup
        )
        if state.ndim != 2:
            raise ValueError(f"x0 must be one state of shape ({self.d},)")
        driven = sequences[0] if inputs is None else sequences[0, warmup : warmup + lags]
        try:
            return gradient_norms(self.cell, self._p, x0=state[0], inputs=driven, lags=lags, dt=self.time_step)
        except DivergenceError as error:
            raise DivergenceError(warmup + error.step) from None

    def fixed_points(self, starts: int = 256, *, inputs: ArrayLike | None = None) -> FixedPoints:
        """Find where the system rests under a constant input, by Newton's method from many starts.

        Parameters
        ----------
        starts : int, optional
            Number of starts, spread over the bounds of the state.
        inputs : array_like(float, shape=(m,)), optional
            The constant input.

        Returns
        -------
        FixedPoints

        Examples
        --------
        >>> Model("tanh", w=2.0).fixed_points().points[:, 0].round(4)
        array([-0.9575,  0.    ,  0.9575])
        """
        count = positive_int("starts", starts)
        held = self._constant(inputs)
        bounds = self._bounds(held)
        low, high = bounds if bounds is not None else self.view
        guesses = np.random.default_rng(0).uniform(low, high, (count, self.d))
        guesses[0] = np.clip(0.0, low, high)
        return fixed_points(
            self.cell,
            self._p,
            starts=guesses,
            inputs=held,
            dt=self.time_step,
            bounds=bounds,
        )

    def save(self, path: str | PathLike[str]) -> None:
        """Write cell name, sizes and weights to an npz file, without pickle; `lyaplab.load` reads it back exactly."""
        write_model(path, self.cell.name, self.settings, self._settings.weights)
