"""The loss along a line in weight space: smooth for a short horizon, shattered for a long one where there is chaos."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lyaplab.engine.result import Result, last
from lyaplab.engine.sweep_rows import in_pieces
from lyaplab.training.line import Line, LineLosses, as_line

__all__ = ["LossSlice", "iter_loss_slice", "loss_slice"]

Array = NDArray[np.float64]

# Seconds from one partial result to the next.
_PIECE = 0.05


@dataclass(frozen=True, repr=False)
class LossSlice(Result):
    """Losses of the networks theta + distance * direction.

    Parameters
    ----------
    distances : ndarray(float, shape=(K,))
        Ascending, 0 among them: Euclidean, in the units of theta.
    horizons : ndarray(int, shape=(H,))
        Steps T of a loss.
    losses : ndarray(float, shape=(H, K))
        Mean squared error over outputs, starts and the steps 1 to T, or of step T where `alone`; inf where the orbit
        left the range of floats.
    direction : ndarray(float, shape=(P,))
        Unit vector.
    own : bool
        Whether the targets are what the network of distance 0 does itself.
    alone : bool
        Whether step T is scored alone.
    """

    distances: Array
    horizons: NDArray[np.int64]
    losses: Array
    direction: Array
    own: bool = True
    alone: bool = False

    @property
    def roughness(self) -> Array:
        """Of each horizon, how far the curve goes up and down, over its range: 1 or 2 if smooth, many if shattered.

        Shape (H,); NaN where a loss is infinite or the curve is flat.
        """
        with np.errstate(invalid="ignore", divide="ignore"):
            travelled = np.abs(np.diff(self.losses, axis=1)).sum(axis=1)
            rough: Array = np.asarray(travelled / np.ptp(self.losses, axis=1))
        return rough

    def table(self) -> dict[str, np.ndarray]:
        """Return the columns distance and, for each horizon T, loss_T."""
        columns = {f"loss_{T}": loss for T, loss in zip(self.horizons.tolist(), self.losses, strict=True)}
        return {"distance": self.distances, **columns}

    def __repr__(self) -> str:
        rough = ", ".join(f"{T}: {value:.1f}" for T, value in zip(self.horizons, self.roughness, strict=True))
        return (
            f"LossSlice({len(self.distances)} points from {self.distances[0]:g} to {self.distances[-1]:g};"
            f" roughness by horizon {rough})"
        )


def loss_slice(net: Any, targets: ArrayLike | None = None, **settings: Any) -> LossSlice:
    """Follow the loss along a line in weight space, for several horizons at once.

    Parameters
    ----------
    net : Model or Network
        The middle of the line.
    targets : array_like(float, shape=(T, N) or (B, T, N)), optional
        What the outputs after each step should be; by default what the network does itself, so that the loss is 0 in
        the middle.
    **settings
        As of `iter_loss_slice`: horizons, direction, span, points, x0, inputs, warmup, alone, seed.

    Returns
    -------
    LossSlice

    Raises
    ------
    TypeError, ValueError
        If an argument does not fit.

    Examples
    --------
    >>> from lyaplab import Model
    >>> cut = loss_slice(Model("logistic", r=3.9), horizons=(2, 40), span=0.05)
    >>> cut.losses[:, 100]  # the middle
    array([0., 0.])
    >>> smooth, shattered = cut.roughness
    >>> bool(smooth < 2.1 < 10 < shattered)
    True
    """
    return last(iter_loss_slice(net, targets, **settings))


def iter_loss_slice(
    net: Any,
    targets: ArrayLike | None = None,
    *,
    horizons: Sequence[int] = (10, 20, 50, 100),
    direction: ArrayLike | None = None,
    span: float = 0.1,
    points: int = 201,
    x0: ArrayLike | None = None,
    inputs: ArrayLike | None = None,
    warmup: int = 0,
    alone: bool = False,
    seed: int = 0,
) -> Iterator[LossSlice]:
    """Yield the slice every 50 ms or so, with ever more points on it, spread over all of it.

    Parameters
    ----------
    net : Model or Network
        The middle of the line. A model's outputs are its units as they stand.
    targets : array_like(float, shape=(T, N) or (B, T, N)), optional
        What the outputs after each step should be; by default what the network does itself, so that the loss is 0 in
        the middle.
    horizons : sequence of int, optional
        Steps of each loss.
    direction : array_like(float, shape=(P,)), optional
        Of the line, of any length; by default drawn at random, alike in all directions that are trainable.
    span : float, optional
        How far the line goes to either side, by Euclidean distance.
    points : int, optional
        Networks on it, an odd number: the middle is one of them.
    x0 : array_like(float, shape=(d,) or (B, d)), optional
        First state, or several whose losses are averaged.
    inputs : array_like(float, shape=(T, m)), optional
        One row for each step, warm-up included.
    warmup : int, optional
        Steps of the network in the middle before the losses begin, all of them in the state that it has come to.
    alone : bool, optional
        Whether a loss is that of its last step alone.
    seed : int, optional
        Of the direction.

    Yields
    ------
    LossSlice

    Raises
    ------
    TypeError, ValueError
        If an argument does not fit.

    Examples
    --------
    >>> from lyaplab import Model
    >>> [len(cut.distances) for cut in iter_loss_slice(Model("henon"), points=11)][-1]
    11
    """
    line = as_line(
        net, targets, horizons=horizons, direction=direction, span=span, points=points, x0=x0, inputs=inputs,
        warmup=warmup, alone=alone, seed=seed,
    )  # fmt: skip
    return in_pieces(_follow(line, own=targets is None))


def _coarse_first(count: int) -> list[int]:
    """Return the places 0 to count - 1 so that the first few are spread over all of them, the middle first.

    Examples
    --------
    >>> _coarse_first(9)
    [4, 0, 8, 2, 6, 1, 3, 5, 7]
    """
    middle = count // 2
    order, stride = [middle], 1 << max(0, (middle - 1).bit_length())
    while stride >= 1:
        order += range(middle % stride, count, stride)
        stride //= 2
    return list(dict.fromkeys(order))


def _follow(line: Line, *, own: bool) -> Iterator[LossSlice]:
    """Measure point by point, the middle first."""
    losses = np.full((len(line.horizons), len(line.distances)), np.nan)
    scored = LineLosses(line)
    done: list[int] = []
    shown = time.perf_counter()
    places = _coarse_first(len(line.distances))
    for place in places:
        losses[:, place] = scored(float(line.distances[place]))
        done.append(place)
        if len(done) == len(places) or (len(done) > 2 and time.perf_counter() - shown > _PIECE):
            chosen = sorted(done)
            yield LossSlice(
                line.distances[chosen], line.horizons, losses[:, chosen], line.direction, own=own, alone=line.alone
            )
            shown = time.perf_counter()
