"""Model: a cell and its weights, the one thing that people hold, and all that is measured of it."""

from __future__ import annotations

from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lyaplab.engine.gradients import GradientNorms, gradient_norms
from lyaplab.errors import DivergenceError, positive_int
from lyaplab.model.cascades import Cascades
from lyaplab.model.directions import Directions
from lyaplab.model.growth import Growth
from lyaplab.model.resting import Resting
from lyaplab.model.storage import header_of, write_arrays

__all__ = ["Model"]

Array = NDArray[np.float64]



class Model(Growth, Directions, Cascades, Resting):
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

    def save(self, path: str | PathLike[str]) -> None:
        """Write cell name, sizes and weights to a file, without pickle; `lyaplab.load` reads it back exactly.

        Parameters
        ----------
        path : path
            A name that ends in ``.safetensors`` makes such a file, any other one an npz file.

        Raises
        ------
        OSError
            If it cannot be written, as on a full disk: a file that was there stays as it was.
        """
        write_arrays(path, *self._contents())

    def _contents(self) -> tuple[dict[str, Any], dict[str, Array]]:
        """Return the header and the arrays of its file."""
        return header_of(self.cell.name, self.settings), self._settings.weights
