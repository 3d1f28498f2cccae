"""The settings of learning a filter, checked: what is trained, how, how fast, and when it is looked at."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lyaplab.errors import number, one_of, positive_int
from lyaplab.kernel import one_blas_thread
from lyaplab.theory.critical_rate import TRAINED, critical_rate
from lyaplab.theory.filter_task import FilterTask
from lyaplab.theory.lazy import tangent_kernel
from lyaplab.theory.population import population_gradient
from lyaplab.training.filter_steps import ADAM, RULES
from lyaplab.training.linear_filter import FilterNetwork

__all__ = ["FilterSettings"]

# Multiples of the critical rate when nothing is said, Adam's rate, and how often a run is looked at.
_RELATIVE, _LIMITED, _ADAM, _LOOKS = 0.5, 0.2, 1e-2, 40
# Lags of the tangent kernel at the start, and how many times as curved as it says the loss is taken to be there.
_SEEN, _SAFE = 100, 20.0


class FilterSettings:
    """The settings of a run; arguments as of `iter_learn_filter`, and `before`, those of a run that goes on."""

    def __init__(
        self,
        net: FilterNetwork,
        task: FilterTask,
        *,
        train: str,
        method: str,
        updates: int,
        rate: float | None,
        relative_rate: float | None,
        limited: bool,
        samples: int | None,
        seed: int,
        snapshots: int | Sequence[int] | None,
        before: Mapping[str, Any] | None = None,
    ) -> None:
        self._task = task
        self.train = one_of("train", train, TRAINED)
        self.method = one_of("method", method, RULES)
        self.rule = RULES[self.method]
        self.updates = positive_int("updates", updates)
        self.samples = 0 if samples is None else positive_int("samples", samples)
        if self.samples and task.horizon is None:
            raise ValueError("samples need a task with a horizon: sequences of noise have an end")
        if net.n == 1 and (task.poles.imag != 0.0).any():
            raise ValueError(f"net must have two units or more to oscillate: {task!r} asks for a pair of eigenvalues")
        if not math.isfinite(population_gradient(task, net.W, net.u, net.v).loss):
            radius = float(np.abs(np.linalg.eigvals(net.W)).max())
            raise ValueError(f"net must have a finite loss to begin with, got one of spectral radius {radius:.4g}")
        self.seed = positive_int("seed", seed, minimum=0)
        self.limited = bool(limited)
        self.relative_rate = self._multiple(rate, relative_rate)
        if before is not None and rate is None and before.get("relative_rate") == self.relative_rate:
            # Nothing is measured anew, which another machine might do with another last digit.
            self.rate = float(before["rate"])
        else:
            self.rate = self._paced(net, rate)
        if snapshots is None:
            snapshots = -(-self.updates // _LOOKS)
        if isinstance(snapshots, int):
            kept = range(0, self.updates + 1, positive_int("snapshots", snapshots))
            self.kept = {*kept, self.updates}
        else:
            self.kept = {positive_int("snapshots", update, minimum=0) for update in snapshots}
        self._looks = sorted(self.kept)

    def _multiple(self, rate: float | None, relative: float | None) -> float | None:
        """Return the multiple of the critical rate, if that is how the rate is said."""
        if rate is not None and relative is not None:
            raise ValueError(f"rate and relative_rate exclude each other, got {rate!r} and {relative!r}")
        if self.limited and (rate is not None or self.rule == ADAM):
            raise ValueError("limited is for a relative_rate: give it instead of a rate, and not to Adam")
        if self.rule == ADAM and relative is not None:
            raise ValueError("relative_rate is not for Adam, whose steps know no curvature: give its rate")
        if rate is not None or self.rule == ADAM:
            return None
        usual = _LIMITED if self.limited else _RELATIVE
        return _positive("relative_rate", usual if relative is None else relative)

    def _paced(self, net: FilterNetwork, rate: float | None) -> float:
        """Return the rate, or its multiple of the critical one where it is limited at every update."""
        if rate is not None:
            return _positive("rate", rate)
        if self.relative_rate is None:
            # Every entry moves by the rate, and all n*n of them together an eigenvalue by n times as much.
            return _ADAM / net.n
        if self.limited:
            return self.relative_rate
        critical = critical_rate(self._task, train=self.train)
        if self._may_be_steep(net, critical):
            with one_blas_thread():
                critical = min(critical, critical_rate(self._task, net, train=self.train))
        return self.relative_rate * critical

    def _may_be_steep(self, net: FilterNetwork, critical: float) -> bool:
        """Tell whether the loss may be curved more at the start than at the solution, by its tangent kernel there.

        That is most of the curvature, and found in a fraction of the time.
        """
        if self._task.continuous:
            return True
        horizon = _SEEN if self._task.weights is None else min(_SEEN, len(self._task.weights))
        with one_blas_thread():
            kernel = tangent_kernel(net, horizon, train=self.train)
            if self._task.weights is not None:
                root = self._task.weights[:horizon] ** 0.5
                kernel *= root[:, None] * root
            curvature = float(np.linalg.eigvalsh(kernel)[-1])
        return not curvature * critical * _SAFE < 2.0

    def rate_at(self, eigenvalue: float, slope: float) -> float:
        """Return the rate of an update of a task without a horizon.

        `eigenvalue` is the outermost one, `slope` the length of the gradient. A limited rate keeps to a share of the
        critical rate, and of the eigenvalue's way to instability.
        """
        if not self.limited:
            return self.rate
        pole = 1.0 - eigenvalue if self._task.continuous else eigenvalue
        critical = critical_rate(self._task, pole, train=self.train)
        return self.rate * min(critical, (1.0 - eigenvalue) / max(slope, 1e-300))

    def until_kept(self, done: int) -> int:
        """Return how many updates there are until the next snapshot, or until the end."""
        place = bisect_right(self._looks, done)
        end = self._looks[place] if place < len(self._looks) else self.updates
        return min(end, self.updates) - done

    @property
    def words(self) -> dict[str, Any]:
        """What has to be the same when a run goes on."""
        return {
            "task": self._task.words, "train": self.train, "method": self.method, "rate": self.rate,
            "relative_rate": self.relative_rate, "limited": self.limited, "samples": self.samples, "seed": self.seed,
        }  # fmt: skip


def _positive(name: str, value: float) -> float:
    value = number(name, value, low=0.0)
    if value == 0.0:
        raise ValueError(f"{name} must be positive, got 0: nothing would be learnt")
    return value
