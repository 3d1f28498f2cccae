"""Loss of a linear filter over a finite horizon, and its exact gradient, by the Krylov sequences of its weights.

With a_k = W^k u and b_k = (W^T)^k v the filter is k_tau = v.a_tau, and a loss with the slopes g_tau by k_tau has

    dL/dW = sum over k + m = tau - 1 of g_tau b_k a_m^T = sum_m r_m a_m^T,    r_m = sum_k g_(k+m+1) b_k,
    dL/du = sum_tau g_tau b_tau,    dL/dv = sum_tau g_tau a_tau.

The r_m are what back-propagation through time would find, r_m = g_(m+1) v + W^T r_(m+1): T products with W^T after the
T with W. Where the horizon is not much longer than the state, both sequences side by side are faster: W is read from
memory once for two products, and the r_m are one product with the Hankel matrix of the g.
"""

from __future__ import annotations

import numpy as np

from lyaplab.kernel import inline, kernel
from lyaplab.kernel.blas import gemm, gemm_add_tn
from lyaplab.kernel.workspace import workspace

__all__ = ["gradient", "krylov_gradient", "krylov_room", "pole"]

# A sequence that has become as small as this is over: its squares would leave the range of fast numbers.
_NOTHING = 1e-140


@inline
def _forward(W, a, y):
    """y = W a."""
    for i in range(W.shape[0]):
        total = 0.0
        for j in range(W.shape[1]):
            total += W[i, j] * a[j]
        y[i] = total


@inline
def _backward(W, b, z):
    """z += W^T b."""
    for i in range(W.shape[0]):
        for j in range(W.shape[1]):
            z[j] += b[i] * W[i, j]


@inline
def _both(W, a, y, b, z):
    """y = W a and z = W^T b, four rows of W at a time: each is read once and used twice."""
    n = W.shape[0]
    for j in range(n):
        z[j] = 0.0
    for i in range(0, n - 3, 4):
        w0, w1, w2, w3 = W[i], W[i + 1], W[i + 2], W[i + 3]
        b0, b1, b2, b3 = b[i], b[i + 1], b[i + 2], b[i + 3]
        y0, y1, y2, y3 = 0.0, 0.0, 0.0, 0.0
        for j in range(n):
            x = a[j]
            y0 += w0[j] * x
            y1 += w1[j] * x
            y2 += w2[j] * x
            y3 += w3[j] * x
            z[j] += b0 * w0[j] + b1 * w1[j] + b2 * w2[j] + b3 * w3[j]
        y[i], y[i + 1], y[i + 2], y[i + 3] = y0, y1, y2, y3
    for i in range(n - n % 4, n):
        w = W[i]
        total = 0.0
        for j in range(n):
            total += w[j] * a[j]
            z[j] += b[i] * w[j]
        y[i] = total


@inline
def _length(a):
    """Euclidean length."""
    total = 0.0
    for i in range(a.shape[0]):
        total += a[i] * a[i]
    return np.sqrt(total)


@inline
def _end(a):
    """Make nothing of a vector that is next to nothing."""
    if _length(a) < _NOTHING:
        for i in range(a.shape[0]):
            a[i] = 0.0


@inline
def _slopes(e, p, noise, averaged, g):
    """g_tau = p_tau e_tau, the slope of the loss; of sequences of noise (B, T) their estimate of it."""
    horizon, sequences = e.shape[0], noise.shape[0]
    if sequences == 0:
        for tau in range(horizon):
            g[tau] = p[tau] * e[tau]
        return
    for tau in range(horizon):
        g[tau] = 0.0
    for s in range(sequences):
        x = noise[s]
        if averaged:
            # Every output of the trial counts: x[t - tau] is what output t has heard tau steps ago.
            for t in range(horizon):
                error = 0.0
                for tau in range(t + 1):
                    error += e[tau] * x[t - tau]
                for tau in range(t + 1):
                    g[tau] += error * x[t - tau] / (sequences * horizon)
        else:
            # Only the last one does; x[tau] is what it has heard tau steps ago, as loud as its lag counts.
            error = 0.0
            for tau in range(horizon):
                error += e[tau] * np.sqrt(p[tau]) * x[tau]
            for tau in range(horizon):
                g[tau] += error * np.sqrt(p[tau]) * x[tau] / sequences


@inline
def gradient(W, u, v, f, p, noise, averaged, room, dW, du, dv):
    """Return the loss, and leave its gradient; arguments as of `krylov_gradient`."""
    A, B, R, H, e, g = room
    n, horizon = W.shape[0], f.shape[0]
    side_by_side = H.shape[0] > 0
    for i in range(n):
        A[0, i], B[0, i] = u[i], v[i]
    for k in range(horizon - 1):
        if side_by_side:
            _both(W, A[k], A[k + 1], B[k], B[k + 1])
            _end(B[k + 1])
        else:
            _forward(W, A[k], A[k + 1])
        _end(A[k + 1])
    loss = 0.0
    for tau in range(horizon):
        total = 0.0
        for i in range(n):
            total += v[i] * A[tau, i]
        e[tau] = total - f[tau]
        loss += 0.5 * p[tau] * e[tau] * e[tau]
    _slopes(e, p, noise, averaged, g)
    for i in range(n):
        du[i], dv[i] = g[0] * v[i], 0.0
        for j in range(n):
            dW[i, j] = 0.0
    for tau in range(horizon):
        for i in range(n):
            dv[i] += g[tau] * A[tau, i]
    if horizon == 1:
        return loss
    if side_by_side:
        for k in range(1, horizon):
            for i in range(n):
                du[i] += g[k] * B[k, i]
        for m in range(horizon - 1):
            for k in range(horizon - 1):
                H[m, k] = g[k + m + 1] if k + m + 1 < horizon else 0.0
        gemm(H, B[: horizon - 1], R)
    else:
        for m in range(horizon - 2, -1, -1):
            for i in range(n):
                R[m, i] = g[m + 1] * v[i]
            if m < horizon - 2:
                _backward(W, R[m + 1], R[m])
        _backward(W, R[0], du)
    gemm_add_tn(R, A[: horizon - 1], dW)
    return loss


@inline
def pole(A):
    """How much a sequence a_k shrinks from one lag to the next, over the later half of it; 0 where it has ended."""
    late = A.shape[0] - 1
    early = late // 2
    before, after = _length(A[early]), _length(A[late])
    if late == early or before == 0.0:
        return 0.0
    return (after / before) ** (1.0 / (late - early))


@kernel
def krylov_gradient(W, u, v, f, p, noise, averaged, room, dW, du, dv):
    """Return the loss 1/2 sum_tau p_tau (k_tau - f_tau)^2, and leave its gradient.

    Parameters
    ----------
    W : (N, N)
    u, v : (N,)
    f, p : (T,)
        Target filter, and how much each lag counts.
    noise : (B, T)
        White noise to estimate the slopes from; (0, T) for the exact gradient. The loss is exact in any case.
    averaged : bool
        Whether the loss of the noise is that of all outputs instead of the last one.
    room : tuple
        As `krylov_room` makes it.
    dW : (N, N)
    du, dv : (N,)
        Where the gradient is left.
    """
    return gradient(W, u, v, f, p, noise, averaged, room, dW, du, dv)


def krylov_room(n, horizon):
    """Make the work arrays of `krylov_gradient`: both sequences, the r_m, the Hankel matrix, errors and slopes."""
    side_by_side = horizon <= 2 * n
    rows, hankel = max(horizon - 1, 0), horizon - 1 if side_by_side else 0
    return workspace((horizon, n), (horizon, n), (rows, n), (hankel, hankel), (horizon,), (horizon,))
