"""Cascades: the period doublings of a map along a parameter."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lyaplab.engine.bifurcation import Bifurcation
from lyaplab.engine.doublings import Doublings, follow_doublings
from lyaplab.errors import positive_int
from lyaplab.model.diagrams import MAP_STEPS, Diagrams
from lyaplab.model.family import Family

__all__ = ["Cascades"]

Array = NDArray[np.float64]


class Cascades(Diagrams):
    """A system with its orbit diagrams, and the doublings that are seen in them."""

    def doublings(self, param: str, values: ArrayLike | None = None, **options: Any) -> Doublings:
        """Find where cycles of a map double their period, with errors, and the ratios of the gaps between them.

        Parameters
        ----------
        param, values, **options
            As for `bifurcation`: the diagram is where doublings are seen first. They are then measured by following
            each cycle to the multiplier -1, so that they are far finer than the steps between the values.

        Returns
        -------
        Doublings

        Raises
        ------
        ValueError
            If the system is a flow, or several starts are given.

        Examples
        --------
        >>> from lyaplab import Model
        >>> found = Model("logistic").doublings("r", np.linspace(2.9, 3.57, 800))
        >>> found.values[:3].round(6)
        array([3.     , 3.44949, 3.54409])
        >>> found.ratios[0][1].round(3)  # Feigenbaum: on the way to 4.669
        np.float64(4.751)
        """
        *_, diagram = self.iter_bifurcation(param, values, **options)
        *_, found = self.iter_doublings(diagram, inputs=options.get("inputs"), warmup=options.get("warmup"))
        return found

    def iter_doublings(
        self, diagram: Bifurcation, *, inputs: ArrayLike | None = None, warmup: int | None = None
    ) -> Iterator[Doublings]:
        """Yield the doublings in a diagram of this model as they are found.

        Parameters
        ----------
        diagram : Bifurcation
            What `bifurcation` has given, from one start.
        inputs, warmup : optional
            As they were given for the diagram.

        Yields
        ------
        Doublings
        """
        if self.time_step is not None:
            raise ValueError(
                f"doublings are those of a map's cycles, and {self.cell.name!r} is a flow, whose cycles do not close"
                " after whole steps"
            )
        if diagram.periods.ndim != 1:
            raise ValueError("doublings need a diagram of one start, got one of several")
        held = self._constant(inputs)
        steps = positive_int("warmup", MAP_STEPS if warmup is None else warmup, minimum=0)

        def parameters(value: float) -> tuple[Array, ...]:
            return Family(self, diagram.param, [value]).single(0)

        return follow_doublings(self.cell, parameters, diagram=diagram, inputs=held, warmup=steps)
