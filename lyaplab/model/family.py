"""A model at many values of one of its parameters: the arrays that the cell's functions receive."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lyaplab.cells import cells, find
from lyaplab.engine.sweep_rows import RowSweep
from lyaplab.errors import CellError, finite_array, unknown
from lyaplab.kernel import one_blas_thread
from lyaplab.model.settings import Knob, Settings, settle
from lyaplab.model.system import System

__all__ = ["Family"]

Array = NDArray[np.float64]
Parameters = tuple[Array, ...]

# What decides on the number of state variables cannot be swept.
_SIZES = ("n", "m")
# Values of a sweep when nothing is said: over the range of the slider.
_VALUES = 800


class Family:
    """One system at many values of a parameter.

    Parameters
    ----------
    model : System
        The system, in between.
    param : str
        Name of a knob, or of a number that draws the weights, such as ``gain``.
    values : array_like(float, shape=(P,)), optional
        Its values; by default 800 over the range of the knob.

    Raises
    ------
    ValueError, TypeError
        Naming what came, with the nearest name.
    """

    def __init__(self, model: System, param: str, values: ArrayLike | None) -> None:
        self._model, self._settings, self.param = model, model._settings, param
        knob = _knob(model, param)
        if values is None:
            values = np.linspace(knob.low, knob.high, _VALUES)
        self.values = finite_array("values", values, shape=(None,))
        if len(self.values) == 0:
            raise ValueError("values must hold at least one number, got none")
        knob = replace(knob, name=f"values of {param}")
        for value in self.values[[0, -1]] if not knob.integer and knob.limits == (None, None) else self.values:
            knob.check(float(value))
        self._place = self._settings.place(param)

    @property
    def time_steps(self) -> Array | None:
        """Time step at every value, shape (P,); None for a map."""
        card, step = self._model.card, self._model.time_step
        if step is None:
            return None
        if self.param == card.time_step:
            return self.values
        index = card.names.index(str(card.time_step))
        if self._place is not None or not card.parameters[index].shape:
            return np.full(len(self.values), step)
        return np.array([self._drawn(value).weights[str(card.time_step)].flat[0] for value in self.values])

    def single(self, place: int) -> Parameters:
        """Return the parameters at one value, without a leading axis."""
        value = float(self.values[place])
        if self._place is None:
            return self._drawn(value).arrays
        index, entry = self._place
        p = list(self._settings.arrays)
        p[index] = p[index].copy()
        p[index][entry or 0] = value
        return tuple(p)

    def stacked(self, places: NDArray[np.int64]) -> Parameters:
        """Return the parameters at several values, each with a leading axis: of their number, or 1 if all agree."""
        scalar = [not parameter.shape for parameter in self._model.card.parameters]
        if self._place is None:
            each = [self._drawn(float(value)).arrays for value in self.values[places]]
            return tuple(
                np.concatenate(arrays) if alone else np.stack(arrays)
                for alone, arrays in zip(scalar, zip(*each, strict=True), strict=True)
            )
        index, entry = self._place
        p = [array if alone else array[None] for alone, array in zip(scalar, self._settings.arrays, strict=True)]
        p[index] = np.repeat(p[index], len(places), axis=0)
        where: tuple[slice | int, ...] = (slice(None), *entry)
        p[index][where] = self.values[places]
        return tuple(p)

    def stackable(self, x0: Array, inputs: Array) -> bool:
        """Whether the cell takes parameters of their own for each row, as all of lyaplab do and not all others need."""
        cell = self._model.cell
        if cell.name in cells() and find(cell.name) is cell:
            return True
        ends = np.array([0, len(self.values) - 1])
        near = x0[:1] + np.random.default_rng(0).uniform(-0.1, 0.1, x0[:1].shape)
        with one_blas_thread():
            try:
                together = RowSweep(cell, self.stacked(ends), x0=np.repeat(near, 2, axis=0), inputs=inputs)
                together.advance(1)
            except CellError:
                return False
            alone = [RowSweep(cell, self.single(place), x0=near, inputs=inputs) for place in ends.tolist()]
            for rows in alone:
                rows.advance(1)
        return np.allclose(together.states, np.concatenate([rows.states for rows in alone]), rtol=1e-9, atol=1e-12)

    def _drawn(self, value: float) -> Settings:
        """Draw the weights anew at a value of what they are drawn from."""
        settings = self._settings
        if self.param in settings.knobs():
            return settings.turned({self.param: value})
        kept = {name: settings.weights[name] for name in settings.given}
        scalars = {p.name: settings.weights[p.name] for p in settings.card.parameters if not p.shape}
        return settle(settings.card, {**settings.hyper, **scalars, **kept, self.param: value})


def _knob(model: System, param: str) -> Knob:
    """Find the knob of a parameter; for a small network also numbers that draw it, which no slider has."""
    if param in model.knobs and param not in _SIZES:
        return model.knobs[param]
    drawing = {p.name: p for p in model.card.hyper if p.name in model.settings and p.name not in _SIZES}
    if param in drawing:
        p = drawing[param]
        low, high = p.range
        return Knob(p.name, float(model.settings[param]), low, high, 0.0, p.integer, limits=p.limits)
    raise unknown("param", param, {*drawing, *model.knobs} - {*_SIZES})
