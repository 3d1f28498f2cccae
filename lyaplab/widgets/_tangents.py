"""Benettin's method by hand: push a frame of tangents, make it orthogonal, take the logarithms of what it lost.

The few lines that a learner would write, on the Jacobians of the very run that the meter measures.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lyaplab.model import Model
from lyaplab.widgets._drive import Drive

__all__ = ["Push", "TangentSteps", "orthogonal"]

Array = NDArray[np.float64]

# Steps of the warm-up between two orthonormalisations.
_TOGETHER = 4


@dataclass(frozen=True)
class Push:
    """One QR: what a frame becomes. Vectors are columns.

    Parameters
    ----------
    product : ndarray(float, shape=(d, d))
        The Jacobian of the steps between two orthonormalisations.
    before, pushed : ndarray(float, shape=(d, d))
        The orthonormal frame, and what the Jacobian makes of it.
    after : ndarray(float, shape=(d, d))
        The orthonormal frame of what was pushed.
    lengths : ndarray(float, shape=(d,))
        Diagonal of R: what is left of each vector at right angles to those before it.
    """

    product: Array
    before: Array
    pushed: Array
    after: Array
    lengths: Array

    @property
    def orthogonal(self) -> Array:
        """The vectors after Gram-Schmidt, before they are brought back to length 1."""
        return self.after * self.lengths

    @property
    def logs(self) -> Array:
        """What is added to the meter."""
        with np.errstate(divide="ignore"):
            return np.log(self.lengths)


def orthogonal(vectors: Array) -> tuple[Array, Array]:
    """Make columns orthonormal; return them and the diagonal of R, which is not negative.

    Examples
    --------
    >>> frame, lengths = orthogonal(np.array([[2.0, 1.0], [0.0, -3.0]]))
    >>> frame.round(12) + 0.0, lengths
    (array([[ 1.,  0.],
           [ 0., -1.]]), array([2., 3.]))
    """
    Q, R = np.linalg.qr(vectors)
    sign = np.where(np.diag(R) < 0, -1.0, 1.0)
    return Q * sign, np.abs(np.diag(R))


def _settled(jacobians: Array) -> Array:
    """Push the unit vectors along; some steps at a time, which is quick and costs no digit that could be seen."""
    count, d = jacobians.shape[:2]
    odd = count % _TOGETHER
    blocks = jacobians[odd:].reshape(-1, _TOGETHER, d, d)
    products = blocks[:, 0]
    for i in range(1, _TOGETHER):
        products = blocks[:, i] @ products
    frame = np.eye(d)
    for product in (*jacobians[:odd], *products):
        frame = orthogonal(product @ frame)[0]
    return frame


class TangentSteps:
    """The frames of one run, one QR after the other.

    Parameters
    ----------
    model : Model
    x0 : ndarray(float, shape=(d,))
        First state.
    warmup : int
        Steps that state and frame take before the first one that counts.
    drive : Drive
        The inputs of the run.

    Examples
    --------
    >>> steps = TangentSteps(Model("cat_map"), np.array([0.1, 0.2]), warmup=50, drive=Drive(m=0))
    >>> [push.logs.round(6) for push in steps.first(1, apart=1)]
    [array([ 0.962424, -0.962424])]
    """

    def __init__(self, model: Model, x0: Array, *, warmup: int, drive: Drive) -> None:
        self._model, self._x0, self._warmup, self._drive = model, x0, warmup, drive
        self._jacobians = np.empty((0, model.d, model.d))
        self._frame: Array | None = None

    def first(self, count: int, *, apart: int) -> list[Push]:
        """Return the first QRs, each after `apart` steps."""
        jacobians = self._after_warmup(count * apart)
        assert self._frame is not None
        frame, pushes = self._frame, []
        for i in range(min(count, len(jacobians) // apart)):
            product = np.eye(self._model.d)
            for J in jacobians[i * apart : (i + 1) * apart]:
                product = J @ product
            after, lengths = orthogonal(product @ frame)
            pushes.append(Push(product, frame, product @ frame, after, lengths))
            frame = after
        return pushes

    def _after_warmup(self, count: int) -> Array:
        """Give the Jacobians of the steps that count, at least so many where the inputs last."""
        if len(self._jacobians) < count or self._frame is None:
            steps = self._drive.steps(count, self._warmup)
            every = self._all(self._warmup + steps)
            if self._frame is None:
                self._frame = _settled(every[: self._warmup])
            self._jacobians = every[self._warmup :]
        return self._jacobians

    def _all(self, count: int) -> Array:
        inputs = self._drive.rows(count)
        states = self._model.orbit(count, x0=self._x0, inputs=inputs)
        if inputs is None:
            return self._model.jacobian(states)
        return np.stack([self._model.jacobian(x, u) for x, u in zip(states, inputs, strict=True)])
