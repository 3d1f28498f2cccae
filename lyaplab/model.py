"""Model: a cell and its weights, the one thing that people hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from os import PathLike
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lyaplab.cells import find
from lyaplab.engine import linearise
from lyaplab.engine.basins import Basins, follow_basins
from lyaplab.engine.fixed_points import FixedPoints, fixed_points
from lyaplab.engine.gradients import GradientNorms, gradient_norms
from lyaplab.engine.lyapunov import Spectrum, follow_spectrum, spectrum_of_batch
from lyaplab.engine.orbit import orbit
from lyaplab.engine.regime import Regime, regime
from lyaplab.errors import finite_array, number, positive_int
from lyaplab.kernel.card import Card
from lyaplab.kernel.cell import Cell
from lyaplab.settings import Knob, Settings, settle
from lyaplab.storage import read_model, write_model

__all__ = ["Model", "load"]

Array = NDArray[np.float64]

# Steps of a spectrum when nothing is said, and the cap of a run with `until`.
_STEPS = 10_000
_CAP = 1_000_000


class Model:
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

    def __init__(self, cell: str | Cell, preset: str | None = None, **params: Any) -> None:
        if isinstance(cell, str):
            cell = find(cell)
        elif not isinstance(cell, Cell):
            raise TypeError(f"cell must be a name or a Cell, got {type(cell).__name__}")
        chosen = dict(cell.card.preset(preset).params) if preset is not None else {}
        self._hold(cell, settle(cell.card, {**chosen, **params}), preset)

    def _hold(self, cell: Cell, settings: Settings, preset: str | None = None) -> None:
        self.cell = cell
        self.preset = preset
        self._settings = settings
        self._p = settings.arrays
        self.d = cell.size(self._p)[0]
        self.m = cell.inputs(self._p)

    @classmethod
    def from_arrays(cls, cell: str | Cell, **arrays: ArrayLike) -> Model:
        """Make a model of your own weights, in the field's usual layout (see the cell's card).

        Examples
        --------
        >>> Model.from_arrays("tanh", W=[[0.0, 1.0], [-1.0, 0.0]]).d
        2
        """
        return cls(cell, **arrays)

    @classmethod
    def _with(cls, cell: Cell, settings: Settings, preset: str | None = None) -> Model:
        model = cls.__new__(cls)
        model._hold(cell, settings, preset)
        return model

    # What it is.

    @property
    def card(self) -> Card:
        """Parameters, presets and known values of the cell."""
        return self.cell.card

    @property
    def n(self) -> int:
        """Number of units."""
        return self._settings.n

    @cached_property
    def weights(self) -> Mapping[str, Array]:
        """The parameter arrays by the card's names, read-only."""
        copies = {name: array.copy() for name, array in self._settings.weights.items()}
        for array in copies.values():
            array.flags.writeable = False
        return MappingProxyType(copies)

    @property
    def settings(self) -> Mapping[str, Any]:
        """The numbers that made the weights: n, m and, for a random network, gain and seed."""
        return MappingProxyType(self._settings.hyper)

    @property
    def own_weights(self) -> bool:
        """Whether the recurrent weights were given rather than drawn."""
        return self._settings.own

    @cached_property
    def knobs(self) -> dict[str, Knob]:
        """What sliders can turn: single weights of small systems, scalars, and what makes a random network."""
        return self._settings.knobs()

    def with_knobs(self, **values: float) -> Model:
        """Return a model with some knobs at other values.

        Examples
        --------
        >>> float(Model("logistic", r=3.0).with_knobs(r=3.2).weights["r"])
        3.2
        """
        return self._with(self.cell, self._settings.turned(values))

    @property
    def time_step(self) -> float | None:
        """Time step of a flow; None for a map."""
        name = self.card.time_step
        return None if name is None else float(self._settings.weights[name])

    @property
    def unit(self) -> str:
        """ "step" for maps, "time" for flows: exponents are per unit."""
        return "step" if self.card.time_step is None else "time"

    @property
    def state_names(self) -> tuple[str, ...]:
        """One name for each state variable."""
        names = self.card.state
        if len(names) == self.d:
            return names
        per_name = self.d // len(names)
        return tuple(f"{name}{i + 1}" for name in names for i in range(per_name))

    @cached_property
    def start(self) -> Array:
        """The state that orbits start from when none is given, shape (d,)."""
        preset = self.card.presets.get(self.preset) if self.preset else None
        for chosen in (preset.start if preset else None, self.card.start):
            if chosen is not None and len(chosen) == self.d:
                return np.array(chosen, dtype=float)
        return np.random.default_rng(0).uniform(-0.5, 0.5, self.d)

    @cached_property
    def view(self) -> tuple[Array, Array]:
        """A good window to plot: (low, high), each of shape (d,)."""
        if self.card.view is not None:
            low, high = (np.broadcast_to(np.asarray(side, dtype=float), (self.d,)) for side in self.card.view)
            return low.copy(), high.copy()
        states = self.orbit(1000, warmup=200)
        low, high = states.min(axis=0), states.max(axis=0)
        margin = 0.15 * np.maximum(high - low, 0.5)
        return low - margin, high + margin

    @property
    def bounds(self) -> tuple[Array, Array] | None:
        """Box within which every fixed point lies, if the card knows one."""
        bounds = self.card.bounds
        if bounds is None:
            return None
        low, high = bounds(self._p) if callable(bounds) else bounds
        return tuple(np.broadcast_to(np.asarray(side, dtype=float), (self.d,)) for side in (low, high))  # type: ignore[return-value]

    @cached_property
    def regime(self) -> Regime:
        """What the orbit from `start` does in the long run, without input."""
        steps = int(np.clip(2e8 / (self.d * self.d + 50), 500, 4000))
        if self.time_step is not None:
            steps = int(np.clip(100 / self.time_step, steps, 50_000))
        warmup = steps
        return regime(
            self.cell,
            self._p,
            x0=self.start,
            inputs=np.zeros(self.m),
            steps=steps,
            warmup=warmup,
            dt=self.time_step,
        )

    @property
    def verdict(self) -> str:
        """The regime in words."""
        return str(self.regime)

    def __repr__(self) -> str:
        said = [f"{name}={value:g}" for name, value in self.settings.items() if value or name != "m"]
        said += [f"{p.name}={float(self._settings.weights[p.name]):g}" for p in self.card.parameters if not p.shape]
        size = f"{self.d} state variable{'s' * (self.d != 1)}" + (f", {self.m} inputs" if self.m else "")
        how = self.cell.derivatives
        slow = "" if how == "given" else f"; derivatives by {how}"
        equation = self.card.equation_text or self.cell.name
        return f"Model({', '.join([repr(self.cell.name), *said])})\n  {equation}; {size}{slow}\n  {self.verdict}"

    # How it moves.

    def _states(self, x: ArrayLike | None, name: str = "x0") -> tuple[Array, bool]:
        """Return states as (B, d), and whether one alone was given."""
        if x is None:
            return self.start[None].copy(), True
        shape = (self.d,) if np.ndim(x) < 2 else (None, self.d)
        array = finite_array(name, x, shape=shape)
        return array.reshape(-1, self.d), array.ndim == 1

    def _constant(self, inputs: ArrayLike | None) -> Array:
        return np.zeros(self.m) if inputs is None else finite_array("inputs", inputs, shape=(self.m,))

    def _sequence(self, inputs: ArrayLike | None, steps: int | None, warmup: int, default: int | None) -> tuple[Array, int]:
        """Return inputs as (B, T, m) or (1, 1, m) without input, and the steps they leave beside the warm-up."""
        if inputs is None:
            if steps is None and default is None:
                raise TypeError("steps must be given where there are no inputs to fix it")
            return np.zeros((1, 1, self.m)), positive_int("steps", steps if steps is not None else default)
        array = finite_array("inputs", inputs, shape=(None, self.m) if np.ndim(inputs) < 3 else (None, None, self.m))
        array = array.reshape(-1, array.shape[-2], self.m)
        if array.shape[0] == 0 or array.shape[1] == 0:
            raise ValueError(f"inputs must hold at least one sequence of one step, got shape {np.shape(inputs)}")
        left = array.shape[1] - warmup
        if left < 1:
            raise ValueError(f"inputs must cover warmup ({warmup}) and at least one step, got {array.shape[1]} rows")
        count = left if steps is None else positive_int("steps", steps)
        if count > left:
            raise ValueError(
                f"inputs must cover warmup and steps ({warmup} + {count} = {warmup + count} rows),"
                f" got {array.shape[1]}: inputs are never recycled"
            )
        return array, count

    def step(self, x: ArrayLike, inputs: ArrayLike | None = None) -> Array:
        """Advance a state (d,) or states (B, d) by one step under a constant input (m,)."""
        states, alone = self._states(x, "x")
        driven = np.tile(self._constant(inputs), (len(states), 1))
        result = linearise.step_rows(self.cell, self._p, x=states, inputs=driven)
        return result[0] if alone else result

    def field(self, x: ArrayLike, inputs: ArrayLike | None = None) -> Array:
        """Return what an arrow at x shows, (d,) or (B, d): F(x) - x of a map, dx/dt of a flow."""
        states, alone = self._states(x, "x")
        driven = np.tile(self._constant(inputs), (len(states), 1))
        result = linearise.vector_field(self.cell, self._p, x=states, inputs=driven, dt=self.time_step)
        return result[0] if alone else result

    def jacobian(self, x: ArrayLike, inputs: ArrayLike | None = None) -> Array:
        """Return the Jacobian of one step at x: (d, d), or (B, d, d) for several states."""
        states, alone = self._states(x, "x")
        driven = np.tile(self._constant(inputs), (len(states), 1))
        _, J = linearise.jacobians(self.cell, self._p, x=states, inputs=driven)
        return J[0].copy() if alone else J.copy()

    def field_jacobian(self, x: ArrayLike, inputs: ArrayLike | None = None) -> Array:
        """Return the derivative of `field` at x: (d, d), or (B, d, d) for several states."""
        states, alone = self._states(x, "x")
        driven = np.tile(self._constant(inputs), (len(states), 1))
        _, J = linearise.field_jacobians(self.cell, self._p, x=states, inputs=driven, dt=self.time_step)
        return J[0].copy() if alone else J.copy()

    def orbit(
        self,
        steps: int | None = None,
        *,
        x0: ArrayLike | None = None,
        inputs: ArrayLike | None = None,
        warmup: int = 0,
    ) -> Array:
        """Return states one after another.

        Parameters
        ----------
        steps : int, optional
            Number of states; may be left out where `inputs` fixes it.
        x0 : array_like(float, shape=(d,) or (B, d)), optional
            First state or states.
        inputs : array_like(float, shape=(T, m) or (B, T, m)), optional
            One row for each step, warm-up included; zero when left out.
        warmup : int, optional
            Steps before the first state that is returned.

        Returns
        -------
        ndarray(float)
            (steps, d), or (steps, B, d) for several states or sequences. Row 0 is the state after `warmup` steps.

        Raises
        ------
        DivergenceError
            At the first step whose state is not finite.

        Examples
        --------
        >>> Model("logistic", r=2.0).orbit(3, x0=[0.25])[:, 0]
        array([0.25   , 0.375  , 0.46875])
        """
        warmup = positive_int("warmup", warmup, minimum=0)
        sequences, steps = self._sequence(inputs, steps, warmup, None)
        states, alone = self._states(x0)
        batch = max(len(states), len(sequences))
        if len(states) not in (1, batch) or len(sequences) not in (1, batch):
            raise ValueError(f"x0 and inputs must agree: {len(states)} states, {len(sequences)} sequences of inputs")
        alone = alone and np.ndim(inputs) < 3
        driven = np.broadcast_to(sequences.swapaxes(0, 1), (sequences.shape[1], batch, self.m))
        result = orbit(
            self.cell,
            self._p,
            x0=np.array(np.broadcast_to(states, (batch, self.d))),
            inputs=np.ascontiguousarray(driven),
            steps=steps,
            warmup=warmup,
        )
        return result[:, 0] if alone else result

    # What is measured.

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
        result = None
        for result in self.iter_lyapunov_spectrum(
            steps, k=k, x0=x0, inputs=inputs, warmup=warmup, until=until
        ):
            pass
        assert result is not None
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
        return gradient_norms(
            self.cell, self._p, x0=state[0], inputs=driven, lags=lags, dt=self.time_step
        )

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
        bounds = self.bounds
        low, high = bounds if bounds is not None else self.view
        guesses = np.random.default_rng(0).uniform(low, high, (count, self.d))
        guesses[0] = np.clip(0.0, low, high)
        return fixed_points(
            self.cell,
            self._p,
            starts=guesses,
            inputs=self._constant(inputs),
            dt=self.time_step,
            bounds=bounds,
        )

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

    # Where it is kept.

    def save(self, path: str | PathLike[str]) -> None:
        """Write cell name, sizes and weights to an npz file, without pickle; `lyaplab.load` reads it back exactly."""
        write_model(path, self.cell.name, self.settings, self._settings.weights)


def load(path: str | PathLike[str], *, cell: Cell | None = None) -> Model:
    """Read a model that `Model.save` wrote.

    Parameters
    ----------
    path : path
        An npz file.
    cell : Cell, optional
        The cell, where it is one of your own: code is never read from a file.

    Returns
    -------
    Model

    Raises
    ------
    ValueError
        If the file is not one of ours, or its arrays do not fit the cell.
    """
    name, weights = read_model(path)
    if cell is not None and cell.name != name:
        raise ValueError(f"path holds weights of the cell {name!r}, got cell={cell.name!r}")
    return Model.from_arrays(cell if cell is not None else name, **weights)
