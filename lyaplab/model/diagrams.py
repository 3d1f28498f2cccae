"""Pictures of many orbits: orbit diagrams over a parameter, and basins over a plane of starts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lyaplab.engine.basins import Basins, follow_basins
from lyaplab.engine.bifurcation import Bifurcation, Columns, follow_bifurcation
from lyaplab.engine.passes import follow_passes
from lyaplab.engine.result import last
from lyaplab.engine.section import axis_of
from lyaplab.errors import finite_array, number, one_of, positive_int
from lyaplab.model.family import Family
from lyaplab.model.returns import Returns

__all__ = ["Diagrams", "basins", "bifurcation"]

Array = NDArray[np.float64]

# Where a coordinate turns round, its rate passes zero upwards or downwards.
_TURNS = {"minima": 1, "maxima": -1}
# Steps of a map before and while growth is measured; of a flow, units of time.
MAP_STEPS, _FLOW_TIME = 1000, 400.0


class Diagrams(Returns):
    """A system with its orbit diagrams and basins."""

    def bifurcation(self, param: str, values: ArrayLike | None = None, **options: Any) -> Bifurcation:
        """Show where orbits end up at every value of a parameter, and their exponent.

        Parameters
        ----------
        param : str
            A knob of the model (``r``, ``w11``, ``b1``), or a number that draws its weights (``gain``).
        values : array_like(float, shape=(P,)), optional
            By default 800 over the range of the knob.
        axis : int or str, optional
            The state variable that is shown, by its number or name; by default the first.
        section : str or tuple, optional
            "maxima" or "minima" of that variable, or ``(axis, value)``: passes of another variable upwards through a
            value. Of a map all states are shown when nothing is said, of a flow its maxima, and a place of rest.
        keep : int, optional
            How many of the last states or passes are kept, by default 200 (a flow: 100).
        steps, warmup : int, optional
            Steps over which the exponent is measured, and steps before; by default 1,000 each (a flow: 400 units of
            time).
        x0 : array_like(float, shape=(d,) or (S, d)), optional
            First state; several show coexisting attractors.
        follow : str, optional
            "up" or "down": go through the values in this order, and continue each orbit from where the one before
            has ended. The two ways differ where there is hysteresis.
        inputs : array_like(float, shape=(m,)), optional
            The constant input.

        Returns
        -------
        Bifurcation

        Raises
        ------
        ValueError, TypeError
            Naming the argument, what came and what is expected. A column that diverges is no error: it is marked.

        Examples
        --------
        >>> from lyaplab import Model
        >>> diagram = Model("logistic").bifurcation("r", [2.8, 3.2, 3.5, 3.83, 4.0])
        >>> diagram.periods
        array([1, 2, 4, 3, 0])
        >>> diagram.exponents[:2].round(4)  # log 0.8, and that of the 2-cycle, log(0.16)/2
        array([-0.2231, -0.9163])
        """
        return last(self.iter_bifurcation(param, values, **options))

    def iter_bifurcation(
        self,
        param: str,
        values: ArrayLike | None = None,
        *,
        axis: int | str = 0,
        section: str | tuple[int | str, float] | None = None,
        keep: int | None = None,
        steps: int | None = None,
        warmup: int | None = None,
        x0: ArrayLike | None = None,
        follow: str | None = None,
        inputs: ArrayLike | None = None,
    ) -> Iterator[Bifurcation]:
        """Yield the diagram as it fills, every 50 ms or so. Arguments as for `bifurcation`."""
        family = Family(self, param, values)
        step = self.time_step
        if section is None and step is not None:
            section = "maxima"
        usual = MAP_STEPS if step is None else int(np.ceil(_FLOW_TIME / step))
        steps = positive_int("steps", usual if steps is None else steps)
        warmup = positive_int("warmup", usual if warmup is None else warmup, minimum=0)
        keep = positive_int("keep", min(steps, 200 if step is None else 100) if keep is None else keep)
        if keep > steps:
            raise ValueError(f"keep must be at most steps, {steps}, got {keep}")
        states, alone = self._states(x0)
        if len(states) == 0:
            raise ValueError("x0 must hold at least one state, got none")
        shown, held = axis_of(axis, self.state_names), self._constant(inputs)
        order = np.arange(len(family.values))
        if follow is not None:
            rising = one_of("follow", follow, ("up", "down")) == "up"
            order = np.argsort(family.values if rising else -family.values, kind="stable")
        columns = Columns(
            param, family.values, self.state_names[shown], self.unit, None if alone else len(states), keep, self.d
        )
        common: dict[str, Any] = {
            "columns": columns, "x0": states, "inputs": held, "axis": shown, "steps": steps, "warmup": warmup,
            "follow": follow is not None, "dt": family.time_steps,
        }  # fmt: skip
        if section is not None:
            return follow_passes(self.cell, family.single, order=order, **common, **self._plane(section, shown))
        if family.stackable(states, held):
            return follow_bifurcation(self.cell, family.stacked, order=None if follow is None else order, **common)
        return follow_bifurcation(self.cell, lambda places: family.single(int(places[0])), order=order, **common)

    def basins(self, **options: Any) -> Basins:
        """Label every start of a plane by the attractor that its orbit ends up on; options as for `iter_basins`.

        Returns
        -------
        Basins

        Examples
        --------
        >>> from lyaplab import Model
        >>> basins = Model("tanh", preset="two-cycle").basins(resolution=(20, 20))
        >>> basins.periods, int((basins.labels == 0).sum())  # every start ends on the 2-cycle
        (array([2]), 400)
        """
        return last(self.iter_basins(**options))

    def iter_basins(
        self,
        *,
        low: ArrayLike | None = None,
        high: ArrayLike | None = None,
        resolution: tuple[int, int] = (160, 160),
        steps: int | None = None,
        attractors: ArrayLike | None = None,
        inputs: ArrayLike | None = None,
        axes: tuple[int | str, int | str] = (0, 1),
        x0: ArrayLike | None = None,
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
        attractors : array_like(float, shape=(K, d)), optional
            Stable fixed points. By default attractors of any kind are found from where the orbits end up.
        inputs : array_like(float, shape=(m,)), optional
            The constant input.
        axes : tuple of int or str, optional
            The two state variables of the plane, by number or name.
        x0 : array_like(float, shape=(d,)), optional
            What the other state variables start from, by default `start`.

        Yields
        ------
        Basins
        """
        if self.d < 2:
            raise ValueError("basins need a system of at least 2 state variables, got one of 1")
        if np.shape(axes) != (2,):
            raise ValueError(f"axes must be two state variables, got {axes!r}")
        across, up = (axis_of(axis, self.state_names) for axis in axes)
        if across == up:
            raise ValueError(f"axes must be two different state variables, got {axes!r}")
        if steps is None:
            steps = 100 if self.time_step is None else int(np.ceil(40.0 / self.time_step))
        corners = [
            finite_array(name, default[[across, up]] if given is None else given, shape=(2,))
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
            attractors=None if attractors is None else np.array(attractors, dtype=float).reshape(-1, self.d),
            inputs=self._constant(inputs),
            low=corners[0],
            high=corners[1],
            resolution=(nx, ny),
            steps=positive_int("steps", steps),
            x0=self._one_state(x0),
            axes=(across, up),
            dt=self.time_step,
        )

    def _plane(self, section: str | tuple[int | str, float], shown: int) -> dict[str, Any]:
        """Say which section is meant, in the words of the engine."""
        if isinstance(section, str):
            way = _TURNS[one_of("section", section, _TURNS)]
            return {"normal": np.eye(self.d)[shown], "offset": 0.0, "turning": True, "direction": way}
        if not isinstance(section, tuple) or len(section) != 2:
            raise ValueError(f'section must be "maxima", "minima" or (axis, value), got {section!r}')
        across = np.eye(self.d)[axis_of(section[0], self.state_names)]
        offset = number("section", section[1])
        return {"normal": across, "offset": offset, "turning": False, "direction": 1}


def bifurcation(model: Diagrams, param: str, values: ArrayLike | None = None, **options: Any) -> Bifurcation:
    """Show where orbits of a model end up at every value of a parameter; see `Model.bifurcation`.

    Parameters
    ----------
    model : Model
        The system.
    param, values, **options
        As for `Model.bifurcation`.

    Returns
    -------
    Bifurcation

    Examples
    --------
    >>> import lyaplab as ll
    >>> ll.bifurcation(ll.Model("henon"), param="a", values=[0.2, 0.7, 1.0, 1.25]).periods
    array([1, 2, 4, 7])
    """
    result: Bifurcation = _model(model).bifurcation(param, values, **options)
    return result


def basins(model: Diagrams, **options: Any) -> Basins:
    """Label every start of a plane by the attractor that its orbit ends up on; see `Model.iter_basins`.

    Parameters
    ----------
    model : Model
        The system.
    **options
        As for `Model.iter_basins`.

    Returns
    -------
    Basins

    Examples
    --------
    >>> import lyaplab as ll
    >>> ll.basins(ll.Model("tanh", preset="winner-take-all"), resolution=(100, 100))
    Basins(100 x 100 starts; shares 50%, 50%)
    """
    result: Basins = _model(model).basins(**options)
    return result


def _model(model: Any) -> Any:
    # By what it can do: a module that is loaded twice, as some tools do, has classes of its own.
    if not hasattr(model, "iter_bifurcation"):
        raise TypeError(f"the first argument must be a Model, got {type(model).__name__}: Model(...) makes one")
    return model
