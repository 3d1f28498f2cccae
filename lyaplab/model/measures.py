"""Model: a cell and its weights, the one thing that people hold, and all that is measured of it."""

from __future__ import annotations

from collections.abc import Iterator
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lyaplab.engine.basins import Basins, follow_basins
from lyaplab.engine.gradients import GradientNorms, gradient_norms
from lyaplab.errors import DivergenceError, finite_array, positive_int
from lyaplab.model.directions import Directions
from lyaplab.model.growth import Growth
from lyaplab.model.resting import Resting
from lyaplab.model.returns import Returns
from lyaplab.model.storage import write_model

__all__ = ["Model"]

Array = NDArray[np.float64]


class Model(Growth, Directions, Resting, Returns):
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

    def basins(self, **options: Any) -> Basins:
        """Label every start of a plane by the resting place that its orbit ends at; options as for `iter_basins`."""
        *_, result = self.iter_basins(**options)
        return result

    def iter_basins(
        self,
        *,
        low: ArrayLike | None = None,
        high: ArrayLike | None = None,
        resolution: tuple[int, int] = (160, 160),
        steps: int | None = None,
        attractors: ArrayLike | None = None,
        inputs: ArrayLike | None = None,
    ) -> Iterator[Basins]:
        """Yield the raster of basins as it fills, some rows at a time.

        Parameters
        ----------
        low, high : array_like(float, shape=(2,)), optional
            Corners of the window, by default `view`.
        resolution : tuple of int, optional
            (nx, ny) starts.
        steps : int, optional
            Steps before the distance to the attractors is taken, by default 100 (a flow: 40 units of time).
        attractors : array_like(float, shape=(K, 2)), optional
            Stable fixed points, by default those found.
        inputs : array_like(float, shape=(m,)), optional
            The constant input.

        Yields
        ------
        Basins
        """
        if self.d != 2:
            raise ValueError(f"basins need a system of 2 state variables, got one of {self.d}")
        if attractors is None:
            found = self.fixed_points(inputs=inputs)
            attractors = found.points[found.stable]
        if steps is None:
            steps = 100 if self.time_step is None else int(np.ceil(40.0 / self.time_step))
        corners = [
            finite_array(name, default if given is None else given, shape=(2,))
            for name, given, default in (("low", low, self.view[0]), ("high", high, self.view[1]))
        ]
        if not (corners[0] < corners[1]).all():
            raise ValueError(f"low must lie below high, got low={corners[0].tolist()}, high={corners[1].tolist()}")
        if np.shape(resolution) != (2,):
            raise ValueError(f"resolution must be two whole numbers (nx, ny), got {resolution!r}")
        nx, ny = (positive_int("resolution", length) for length in resolution)
        return follow_basins(
            self.cell,
            self._p,
            attractors=np.array(attractors, dtype=float).reshape(-1, 2),
            inputs=self._constant(inputs),
            low=corners[0],
            high=corners[1],
            resolution=(nx, ny),
            steps=positive_int("steps", steps),
        )

    def save(self, path: str | PathLike[str]) -> None:
        """Write cell name, sizes and weights to an npz file, without pickle; `lyaplab.load` reads it back exactly."""
        write_model(path, self.cell.name, self.settings, self._settings.weights)
