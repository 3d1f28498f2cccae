"""What is to be measured for a page, and how long: what was asked for, else what a few seconds buy."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lyaplab.errors import finite_array, one_of, positive_int
from lyaplab.model import Model
from lyaplab.report.matrices import recurrent_matrices

__all__ = ["SECTIONS", "Plan", "plan_of"]

Array = NDArray[np.float64]

# In the order of the page, which is also that of measuring.
SECTIONS = ("identity", "weights", "spectrum", "verdict", "memory", "gradients", "fixed_points", "echo")
# What a section is read off.
_NEEDS = {"verdict": "spectrum", "memory": "spectrum"}

# Networks of up to this many state variables get all their exponents, larger ones this many.
_ALL, _LEADING = 128, 32
# Steps of a map and time of a flow where nothing is said, as far as the work allows.
_STEPS, _TIME, _LEAST_STEPS = 10_000, 400.0, 1000
_WARMUP, _WARMUP_TIME = 500, 50.0
# Multiplications spent on a spectrum; cubes of the size that all starts of Newton, and all lags, may cost.
_SPECTRUM_WORK, _NEWTON_WORK, _LAG_WORK = 2e10, 3e8, 2e9
_LAGS, _LEAST_LAGS, _STARTS, _LEAST_STARTS = 200, 16, 256, 16


@dataclass(frozen=True)
class Plan:
    """The arguments of a report, as they were understood.

    Parameters
    ----------
    model : Model
        The network.
    sections : tuple of str
        Names of `SECTIONS`, in their order.
    inputs : ndarray(float, shape=(B, T, m)) or None
        The sequences that drive it.
    steps, warmup : int
        Steps that the spectrum counts, and steps before.
    k : int
        Number of exponents.
    starts : int
        Of Newton's method.
    lags : int
        Longest lag of gradients.
    seed : int
        Of the other starts.
    """

    model: Model
    sections: tuple[str, ...]
    inputs: Array | None
    steps: int
    warmup: int
    k: int
    starts: int
    lags: int
    seed: int

    @cached_property
    def mean_input(self) -> Array:
        """The constant input (m,) that stands for all of them: their mean, or none."""
        return np.zeros(self.model.m) if self.inputs is None else self.inputs.mean(axis=(0, 1))


def plan_of(
    model: Model,
    inputs: ArrayLike | None,
    *,
    sections: Iterable[str] | None,
    steps: int | None,
    warmup: int | None,
    k: int | None,
    starts: int | None,
    seed: int,
) -> Plan:
    """Check the arguments of a report, and choose what was left open."""
    if not isinstance(model, Model):
        raise TypeError(f"model must be a Model, got {type(model).__name__}: ll.Model(...) or ll.load(...) makes one")
    driven = None if inputs is None else _sequences(model, inputs)
    chosen = _chosen(sections, model, driven is not None)
    d, dt = model.d, model.time_step
    k = min(d, d if d <= _ALL else _LEADING) if k is None else positive_int("k", k)
    if k > d:
        raise ValueError(f"k must be at most {d}, the number of state variables, got {k}")
    length = None if driven is None else driven.shape[1]
    if warmup is None:
        usual = _WARMUP if dt is None else int(np.ceil(_WARMUP_TIME / dt))
        warmup = usual if length is None else min(usual, length // 5)
    warmup = positive_int("warmup", warmup, minimum=0)
    steps = _steps(steps, d * d * k + 50, dt) if length is None else _steps_within(length, steps, warmup)
    lags = int(np.clip(_LAG_WORK / d**3, _LEAST_LAGS, _LAGS if dt is None else 5 * _LAGS))
    starts = int(np.clip(_NEWTON_WORK / d**3, _LEAST_STARTS, _STARTS)) if starts is None else starts
    return Plan(
        model=model,
        sections=chosen,
        inputs=driven,
        steps=steps,
        warmup=warmup,
        k=k,
        starts=positive_int("starts", starts),
        lags=lags if length is None else min(lags, length - warmup),
        seed=positive_int("seed", seed, minimum=0),
    )


def _sequences(model: Model, inputs: ArrayLike) -> Array:
    """Return inputs as (B, T, m); one column may stand for one input."""
    if model.m == 0:
        raise ValueError("inputs need a network with inputs: this one has m=0")
    shape = (None, model.m) if np.ndim(inputs) < 3 else (None, None, model.m)
    array = finite_array("inputs", inputs, shape=shape)
    array = array if array.ndim == 3 else array[None]
    if 0 in array.shape[:2]:
        raise ValueError(f"inputs must hold at least one sequence of one step, got shape {np.shape(inputs)}")
    return array


def _chosen(sections: Iterable[str] | None, model: Model, driven: bool) -> tuple[str, ...]:
    if sections is None:
        # What a map like the logistic, or a network without inputs, has nothing to say about is left out.
        pointless = {"weights": not any(recurrent_matrices(model)), "echo": not driven}
        return tuple(name for name in SECTIONS if not pointless.get(name))
    names = [sections] if isinstance(sections, str) else list(sections)
    for name in names:
        one_of("section", name, SECTIONS)
    if "echo" in names and not driven:
        raise ValueError("sections: 'echo' asks what the network does under inputs, and none were given")
    # A page says whose it is.
    wanted = {"identity", *names, *(_NEEDS[name] for name in names if name in _NEEDS)}
    return tuple(name for name in SECTIONS if name in wanted)


def _steps(steps: int | None, work: int, dt: float | None) -> int:
    if steps is not None:
        return positive_int("steps", steps)
    usual = _STEPS if dt is None else max(_STEPS, int(np.ceil(_TIME / dt)))
    return int(np.clip(_SPECTRUM_WORK / work, _LEAST_STEPS, usual))


def _steps_within(length: int, steps: int | None, warmup: int) -> int:
    """Steps that the inputs leave beside the warm-up, or as many as are asked for."""
    left = length - warmup
    if left < 1:
        raise ValueError(f"inputs must cover warmup ({warmup}) and at least one step, got {length} rows")
    steps = left if steps is None else positive_int("steps", steps)
    if steps > left:
        raise ValueError(
            f"inputs must cover warmup and steps ({warmup} + {steps} = {warmup + steps} rows), got {length}:"
            " inputs are never recycled"
        )
    return steps
