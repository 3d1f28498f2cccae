"""Directions: in which an orbit spreads, neighbours of it part, and deviations from a place of rest grow."""

from __future__ import annotations

from numpy.typing import ArrayLike

from lyaplab.engine.components import Components, components
from lyaplab.engine.covariant import CovariantVectors, covariant_vectors
from lyaplab.engine.unstable import UnstableDirections, unstable_directions
from lyaplab.errors import finite_array, positive_int
from lyaplab.model.motion import Motion

__all__ = ["Directions"]

# Numbers of 8 bytes that vectors and factors may take up: 2 GB.
_MOST_NUMBERS = 250_000_000


class Directions(Motion):
    """A system whose directions can be found."""

    def components(
        self,
        steps: int | None = None,
        *,
        k: int = 3,
        x0: ArrayLike | None = None,
        inputs: ArrayLike | None = None,
        warmup: int = 0,
    ) -> Components:
        """Find the principal components of an orbit, or of several together.

        Parameters
        ----------
        steps, x0, inputs, warmup : optional
            As for `orbit`; by default 2,000 steps, or all that `inputs` cover.
        k : int, optional
            How many components, at most d.

        Returns
        -------
        Components

        Examples
        --------
        >>> from lyaplab import Model
        >>> found = Model("lorenz63").components(4000, warmup=500)
        >>> found.axes.shape, round(float(found.shares.sum()), 6)
        ((3, 3), 1.0)
        """
        k = positive_int("k", k)
        if k > self.d:
            raise ValueError(f"k must be at most {self.d}, the number of state variables, got {k}")
        if steps is None and inputs is None:
            steps = 2000
        return components(self.orbit(steps, x0=x0, inputs=inputs, warmup=warmup), k)

    def unstable_directions(self, x: ArrayLike, *, inputs: ArrayLike | None = None) -> UnstableDirections:
        """Find the directions along which small deviations from a place grow.

        Parameters
        ----------
        x : array_like(float, shape=(d,))
            A fixed point, or any other state.
        inputs : array_like(float, shape=(m,)), optional
            The constant input.

        Returns
        -------
        UnstableDirections
            Eigenvalues of the step's Jacobian outside the unit circle (of the field's, right of the imaginary axis, for
            a flow) and real vectors that span their directions.

        Examples
        --------
        >>> from lyaplab import Model
        >>> found = Model("tanh", w11=2.0, w12=0.0, w21=0.0, w22=0.5).unstable_directions([0.0, 0.0])
        >>> found.eigenvalues.real, found.vectors
        (array([2.]), array([[1., 0.]]))
        """
        flow = self.time_step is not None
        place = finite_array("x", x, shape=(self.d,))
        J = self.field_jacobian(place, inputs) if flow else self.jacobian(place, inputs)
        return unstable_directions(J, flow=flow)

    def covariant_vectors(
        self,
        steps: int | None = None,
        *,
        k: int | None = None,
        stride: int = 1,
        x0: ArrayLike | None = None,
        inputs: ArrayLike | None = None,
        warmup: int = 500,
        settle: int = 500,
    ) -> CovariantVectors:
        """Find the covariant Lyapunov vectors: directions that the dynamics carries into each other.

        Each grows by its own exponent, forwards and backwards in time; of a linear map they are the eigenvectors.

        Parameters
        ----------
        steps : int, optional
            Length of the orbit, by default 1,000; with `inputs`, all that they cover.
        k : int, optional
            Number of vectors, by default all d.
        stride : int, optional
            Vectors are kept at every `stride` steps: (steps/stride + 1) k d numbers, and up to steps k² on the way.
        x0 : array_like(float, shape=(d,)), optional
            First state.
        inputs : array_like(float, shape=(T, m)), optional
            One row for each step, warm-up and settling included.
        warmup, settle : int, optional
            Steps before and after, in which frames and vectors fall into place. Neighbouring exponents that are
            g nats apart leave a share exp(-g settle) of each other's vector.

        Returns
        -------
        CovariantVectors

        Raises
        ------
        DivergenceError
            At the first step that is not finite.
        ValueError
            If a direction dies (an exponent is -inf), or if the vectors would take more than 2 GB.

        Examples
        --------
        >>> from lyaplab import Model
        >>> found = Model("henon").covariant_vectors(2000)
        >>> found.vectors.shape
        (2001, 2, 2)
        >>> round(float(found.exponents.sum()), 3)  # log 0.3
        -1.204
        """
        stride, warmup, settle = (
            positive_int("stride", stride),
            positive_int("warmup", warmup, minimum=0),
            positive_int("settle", settle, minimum=0),
        )
        k = self.d if k is None else positive_int("k", k)
        if k > self.d:
            raise ValueError(f"k must be at most {self.d}, the number of state variables, got {k}")
        # Settling comes after: to the shapes of inputs it is more of the same.
        beside = warmup + settle
        sequences, count = self._sequence(inputs, steps, beside, 1000)
        if len(sequences) > 1:
            raise ValueError(f"inputs must be one sequence (T, m), got {len(sequences)} sequences")
        if count < stride:
            raise ValueError(f"stride must be at most {count}, the number of steps, got {stride}")
        needed = 2 * (count // stride + 1) * k * self.d + (count + settle) * k * k
        if needed > _MOST_NUMBERS:
            raise ValueError(
                f"steps must be fewer, stride larger or k smaller: these vectors take up to {8e-9 * needed:.1f} GB,"
                " at most 2 are allowed"
            )
        states, alone = self._states(x0)
        if not alone:
            raise ValueError(f"x0 must be one state of shape ({self.d},), got {len(states)} states")
        return covariant_vectors(
            self.cell,
            self._p,
            x0=states[0],
            inputs=sequences[0],
            k=k,
            steps=count,
            stride=stride,
            warmup=warmup,
            settle=settle,
            dt=self.time_step,
        )
