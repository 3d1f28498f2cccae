"""How a model moves: steps, Jacobians, orbits, and the shapes that states and inputs may come in."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lyaplab.engine import linearise
from lyaplab.engine.orbit import orbit
from lyaplab.errors import finite_array, positive_int
from lyaplab.model.system import System

__all__ = ["Motion"]

Array = NDArray[np.float64]


class Motion(System):
    """A system that can be stepped, linearised and followed."""

    def _states(self, x: ArrayLike | None, name: str = "x0") -> tuple[Array, bool]:
        """Return states as (B, d), and whether one alone was given."""
        if x is None:
            return self.start[None].copy(), True
        shape = (self.d,) if np.ndim(x) < 2 else (None, self.d)
        array = finite_array(name, x, shape=shape)
        return array.reshape(-1, self.d), array.ndim == 1

    def _constant(self, inputs: ArrayLike | None) -> Array:
        return np.zeros(self.m) if inputs is None else finite_array("inputs", inputs, shape=(self.m,))

    def _sequence(
        self, inputs: ArrayLike | None, steps: int | None, warmup: int, default: int | None
    ) -> tuple[Array, int]:
        """Return inputs as (B, T, m) or (1, 1, m) without input, and the steps they leave beside the warm-up."""
        if inputs is None:
            if steps is None and default is None:
                raise TypeError("steps must be given where there are no inputs to fix it")
            return np.zeros((1, 1, self.m)), positive_int("steps", steps if steps is not None else default)
        array = finite_array("inputs", inputs, shape=(None, self.m) if np.ndim(inputs) < 3 else (None, None, self.m))
        array = array if array.ndim == 3 else array[None]
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
        >>> from lyaplab import Model
        >>> Model("logistic", r=2.0).orbit(3, x0=[0.25])[:, 0]
        array([0.25   , 0.375  , 0.46875])
        """
        warmup = positive_int("warmup", warmup, minimum=0)
        sequences, steps = self._sequence(inputs, steps, warmup, None)
        states, alone = self._states(x0)
        batch = max(len(states), len(sequences))
        if len(states) not in (1, batch) or len(sequences) not in (1, batch):
            raise ValueError(f"x0 and inputs must agree: {len(states)} states, {len(sequences)} sequences of inputs")
        alone = alone and (inputs is None or np.ndim(inputs) < 3)
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
