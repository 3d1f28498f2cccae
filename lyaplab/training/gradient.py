"""The gradient of a loss through time, by everything that is trained."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lyaplab.kernel import one_blas_thread
from lyaplab.kernel.workspace import workspace
from lyaplab.training.batches import Batch, as_batch
from lyaplab.training.bptt import backward, forward
from lyaplab.training.forcing import Forcing, as_forcing
from lyaplab.training.layout import OF_READOUT
from lyaplab.training.network import Network

__all__ = ["BackThroughTime", "LossGradient", "loss_gradient", "through_inverse"]

Array = NDArray[np.float64]

# Numbers of the rows that are pulled back before their share of the gradient is taken: they stay in the cache.
_PIECE = 100_000


class LossGradient(NamedTuple):
    """A loss and its gradient.

    Parameters
    ----------
    loss : float
        Mean squared error over outputs and steps that count, or mean cross entropy in nats.
    gradient : dict of str to ndarray
        By the trainable arrays; those of the readout are called "readout.B" and "readout.bias".
    theta : ndarray(float, shape=(P,))
        The same in one vector.
    """

    loss: float
    gradient: dict[str, Array]
    theta: Array


def loss_gradient(
    network: Network,
    targets: ArrayLike,
    *,
    inputs: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    start: ArrayLike | None = None,
    x0: ArrayLike | None = None,
    ignore: int = 0,
    forcing: Forcing | int | tuple[int, int] | None = None,
    seed: int = 0,
) -> LossGradient:
    """Differentiate the loss of some sequences by everything that is trained, exactly, through all steps.

    Parameters
    ----------
    network : Network
        Its cell, weights and readout.
    targets : array_like(float, shape=(T, N) or (B, T, N))
        What the outputs after each step should be; of a softmax the numbers of the classes, (T,) or (B, T).
    inputs : array_like(float, shape=(T, m) or (B, T, m)), optional
        Where the network has any.
    weights : array_like(float, shape=(T,) or (B, T)), optional
        Of each step in the loss; all alike by default.
    start : array_like(float, shape=(N,) or (B, N)), optional
        Observations that the first states are inferred from.
    x0 : array_like(float, shape=(d,) or (B, d)), optional
        First states instead; zero by default.
    ignore : int, optional
        First steps that do not count.
    forcing : Forcing, int or (int, int), optional
        Teacher forcing; a number or a pair is its tau.
    seed : int, optional
        Of random distances between forced states.

    Returns
    -------
    LossGradient

    Examples
    --------
    >>> from lyaplab import Model, Readout
    >>> net = Network(Model("linear", W=[[0.5]]), Readout([[1.0]]))
    >>> loss, gradient, _ = loss_gradient(net, [[0.0]], x0=[2.0])  # z = 0.5 * 2, x = z, loss x^2
    >>> loss, gradient["W"], gradient["readout.B"]
    (1.0, array([[4.]]), array([[2.]]))
    """
    batch = as_batch(network, targets, inputs=inputs, weights=weights, start=start, x0=x0, ignore=ignore)
    steps, rows = batch.targets.shape[:2]
    run = BackThroughTime(network, steps=steps, rows=rows)
    run.theta[...] = network.theta
    with one_blas_thread():
        loss = run(batch, forcing=as_forcing(forcing), rng=np.random.default_rng(seed))
    return LossGradient(loss, network.layout.split(run.gradient), run.gradient)


class BackThroughTime:
    """Back-propagation through time with all its memory, for batches of one size.

    Parameters
    ----------
    network : Network
        What is trained; its own numbers are not looked at.
    steps, rows : int
        T and B of every batch.
    theta, gradient : ndarray(float, shape=(P,)), optional
        Where the trainable numbers are found and their gradient is left; by default memory of its own.
    """

    def __init__(
        self, network: Network, *, steps: int, rows: int, theta: Array | None = None, gradient: Array | None = None
    ) -> None:
        model, read, layout = network.model, network.readout, network.layout
        self._network, self._cell = network, model.cell
        own = workspace((layout.size,), (layout.size,))
        self.theta = own[0] if theta is None else theta
        self.gradient = own[1] if gradient is None else gradient
        values, slopes = layout.split(self.theta), layout.split(self.gradient)
        self._p = layout.parameters(self.theta, model._p)
        self._dp = layout.parameters(self.gradient, [np.zeros_like(array) for array in model._p])
        none = np.zeros(0)
        self._B = values.get(OF_READOUT + "B", read.B.copy())
        self._dB = slopes.get(OF_READOUT + "B", np.zeros_like(self._B))
        bias = none if read.bias is None else read.bias.copy()
        self._bias = values.get(OF_READOUT + "bias", bias)
        self._dbias = slopes.get(OF_READOUT + "bias", np.zeros_like(bias))
        self._inverse = None if read.trainable else read.inverse
        d, nw, na = model.cell.size(self._p)
        length = min(steps, max(1, _PIECE // (rows * (na + nw + d))))
        self._X, self._w, self._A, self._E, self._carried = workspace(
            (steps + 1, rows, d), (steps, rows, nw), (length * rows, na), (length * rows, network.outputs), (2, rows, d)
        )
        self._before, self._after, self._long_w = _long(self._X[:-1]), _long(self._X[1:]), _long(self._w)
        self._units = slice(network.first, network.first + read.units)
        absent = np.zeros((0, rows, read.units))
        self._unforced = np.zeros(0, dtype=np.bool_), np.zeros((0, rows)), absent, absent, absent

    def __call__(self, batch: Batch, *, forcing: Forcing | None = None, rng: np.random.Generator) -> float:
        """Return the loss of a batch at `theta`; its gradient is left in `gradient`. Run it on one BLAS thread."""
        network, first = self._network, self._network.first
        self.gradient[...] = 0.0
        q = self._cell.prepare(self._p)
        observed = batch.start is not None and not (forcing is not None and forcing.to == "zero")
        inverse = self._inverse
        if inverse is None and (observed or forcing is not None):
            inverse = np.asarray(np.linalg.pinv(self._B), dtype=np.float64)
        X, start = self._X[0], batch.start if observed else None
        X[...] = 0.0 if batch.x0 is None else batch.x0
        if start is not None and inverse is not None:
            X[:, self._units] = self._shown(start) @ inverse.T
        forced, share, inferred, read, taken = self._forced(batch, forcing, inverse, rng)
        forward(self._cell, q, self._X, batch.inputs, self._w, forced, share, inferred, read, first)
        loss, now = self._back(q, batch, forced, share, read, taken)
        self._dB *= -1.0  # the kernel has gathered minus the gradient
        self._dbias *= -1.0
        if network.readout.trainable and inverse is not None:
            self._through_inverse(batch, inverse, start, taken, self._carried[now][:, self._units], forcing)
        if network.layout.free is not None:
            self.gradient *= network.layout.free
        return loss

    def _shown(self, observed: Array) -> Array:
        """Return observations without the bias."""
        return observed - self._bias if self._bias.size else observed

    def _forced(
        self, batch: Batch, forcing: Forcing | None, inverse: Array | None, rng: np.random.Generator
    ) -> tuple[NDArray[np.bool_], Array, Array, Array, Array]:
        """Return what the kernels want to know of forcing: when, how much, towards what, and room for two records."""
        if forcing is None or inverse is None:
            return self._unforced
        steps, rows = batch.targets.shape[:2]
        share = forcing.shares(steps, rows, rng)
        inferred = np.zeros((steps, rows, inverse.shape[0]))
        if forcing.to == "data":
            inferred[1:] = self._shown(batch.targets[:-1]) @ inverse.T
        return np.asarray(share.any(axis=1)), share, inferred, np.empty_like(inferred), np.zeros_like(inferred)

    def _back(
        self, q: tuple[Array, ...], batch: Batch, forced: NDArray[np.bool_], share: Array, read: Array, taken: Array
    ) -> tuple[float, int]:
        """Go back; return the loss, and which half of `carried` holds the first states' adjoints."""
        softmax, first = self._network.readout.kind == "softmax", self._network.first
        weights = batch.weights.ravel() / (batch.weights.sum() * (1 if softmax else self._B.shape[0]))
        # Where states are forced, what was read of them before has been kept.
        states, of = (_long(read), 0) if len(forced) else (self._after, first)
        readout = self._B, self._B.T.copy(), self._bias, softmax, self._dB, self._dbias
        self._carried[0] = 0.0
        loss, now = backward(
            self._cell, q, self._p, (self._before, _long(batch.inputs), self._long_w), self._A, self._E, states, of,
            _long(batch.targets), weights, readout, self._carried, forced, share, taken, first, self._dp,
        )  # fmt: skip
        return loss, now

    def _through_inverse(
        self,
        batch: Batch,
        inverse: Array,
        start: Array | None,
        taken: Array,
        carried: Array,
        forcing: Forcing | None,
    ) -> None:
        """Add the gradient by the readout that comes by way of the states inferred from it."""
        pairs = [] if start is None else [(carried, start)]
        if len(taken) > 1 and forcing is not None and forcing.to == "data":
            pairs.append((_long(taken[1:]), _long(batch.targets[:-1])))
        by_inverse = np.zeros_like(inverse)
        for adjoint, observed in pairs:
            by_inverse += adjoint.T @ self._shown(observed)
            if self._bias.size:
                self._dbias -= (adjoint @ inverse).sum(axis=0)
        if pairs:
            self._dB += through_inverse(by_inverse, self._B, inverse)


def _long(array: Array) -> Array:
    """View steps and rows as one axis."""
    return array.reshape(array.shape[0] * array.shape[1], array.shape[2])


def through_inverse(G: Array, B: Array, P: Array) -> Array:
    """Return the gradient by B of something whose gradient by the pseudo-inverse P = B^+ is G.

    Parameters
    ----------
    G, P : ndarray(float, shape=(r, N))
    B : ndarray(float, shape=(N, r))

    Returns
    -------
    ndarray(float, shape=(N, r))

    Notes
    -----
    G. H. Golub and V. Pereyra, The differentiation of pseudo-inverses and nonlinear least squares problems whose
    variables separate, SIAM Journal on Numerical Analysis 10 (1973) 413-432. It holds where the rank of B stays.

    Examples
    --------
    >>> B = np.array([[2.0]])  # 1/B has the slope -1/B^2
    >>> through_inverse(np.array([[1.0]]), B, np.linalg.pinv(B))
    array([[-0.25]])
    """
    outside, inside = np.eye(len(B)) - B @ P, np.eye(len(P)) - P @ B
    return -P.T @ G @ P.T + outside @ G.T @ P @ P.T + P.T @ P @ G.T @ inside
