"""Which way neighbours of an orbit part: covariant Lyapunov vectors."""

from __future__ import annotations

from numpy.typing import ArrayLike

from lyaplab.engine.covariant import CovariantVectors, covariant_vectors
from lyaplab.errors import positive_int
from lyaplab.model.motion import Motion

__all__ = ["Directions"]

# Numbers of 8 bytes that vectors and factors may take up: 2 GB.
_MOST_NUMBERS = 250_000_000


class Directions(Motion):
    """A system whose directions of growth can be found."""

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
