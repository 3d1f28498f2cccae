"""The kernels of back-propagation through time, one for all cells: rows are sequences, and nothing is allocated.

    forward     x_{t+1} = F(x_t, u_t), keeping all that the derivatives need
    score       outputs of all T*B rows at once, their loss, and its gradient by the readout and by the units read
    backward    one pull a step; the adjoints stay where they are, and `grad` takes them in one product

The way back goes by pieces, score and all: their rows are still in the cache when `grad` takes them.

Forced rows: where `share[t, b]` is above 0, the state of row b before step t becomes (1 - share) x + share z, where z
holds the units inferred from an observation, and 0 in all that is not read.
"""

from __future__ import annotations

import numpy as np

from lyaplab.kernel import inline, kernel
from lyaplab.kernel.algebra import column_sums, gemm, gemm_sub, outer
from lyaplab.kernel.cell import grad, pull, step

__all__ = ["backward", "forward"]

# Helpers come before the kernels that call them: the name of a kernel's cached machine code is a digest of what it
# reaches when it is defined.


@inline
def _force(y, share, inferred, first):
    """Replace a share of each row."""
    for b in range(y.shape[0]):
        a = share[b]
        if a > 0.0:
            for i in range(y.shape[1]):
                y[b, i] = (1.0 - a) * y[b, i] if a < 1.0 else 0.0
            for i in range(inferred.shape[1]):
                y[b, first + i] += a * inferred[b, i]


@inline
def _squares(E, targets, weights):
    """From outputs to minus the gradient of the weighted sum of squared errors; return the sum."""
    loss = 0.0
    for v in range(E.shape[0]):
        total = 0.0
        for i in range(E.shape[1]):
            error = targets[v, i] - E[v, i]
            total += error * error
            E[v, i] = 2.0 * weights[v] * error
        loss += weights[v] * total
    return loss


@inline
def _cross_entropy(E, targets, weights):
    """From logits to minus the gradient of the weighted sum of -log p[target]; return the sum."""
    loss = 0.0
    for v in range(E.shape[0]):
        # By selection, so that NaN stays NaN.
        most = E[v, 0]
        for i in range(1, E.shape[1]):
            most = most if most > E[v, i] else E[v, i]
        right = int(targets[v, 0])
        shown = E[v, right] - most
        total = 0.0
        for i in range(E.shape[1]):
            E[v, i] = np.exp(E[v, i] - most)
            total += E[v, i]
        for i in range(E.shape[1]):
            E[v, i] *= -weights[v] / total
        E[v, right] += weights[v]
        loss += weights[v] * (np.log(total) - shown)
    return loss


@inline
def _cut(G, share, taken, first):
    """Part an adjoint into what goes to the observation and what goes on back."""
    for b in range(G.shape[0]):
        a = share[b]
        for i in range(taken.shape[1]):
            taken[b, i] = a * G[b, first + i] if a > 0.0 else 0.0
        if a > 0.0:
            for i in range(G.shape[1]):
                G[b, i] = (1.0 - a) * G[b, i] if a < 1.0 else 0.0


@kernel
def forward(cell, q, X, u, w, forced, share, inferred, read, first):
    """Fill X (T+1, B, d) from row 0 and w (T, B, nw); where anything is forced, keep in `read` what it was before.

    Parameters
    ----------
    u : (T, B, m)
        Inputs.
    forced : (T,)
        Whether any row is forced before step t; entry 0 is not looked at. Empty where there is no forcing.
    share, inferred : (T, B), (T, B, r)
        How much of the state is replaced, and the units by what.
    read : (T, B, r)
        The units after each step, before any forcing.
    first : int
        Where in the state the units begin.
    """
    for t in range(w.shape[0]):
        y = X[t + 1]
        step(cell, q, X[t], u[t], y, w[t])
        if forced.shape[0] > 0:
            units = read[t]
            for b in range(units.shape[0]):
                for i in range(units.shape[1]):
                    units[b, i] = y[b, first + i]
            if t + 1 < w.shape[0] and forced[t + 1]:
                _force(y, share[t + 1], inferred[t + 1], first)


@inline
def _score(states, first, BT, bias, softmax, targets, weights, E, dB, dbias):
    """Return the loss of some rows; leave minus its gradient by the outputs in E, and add minus that by the readout.

    Parameters
    ----------
    states : (rows, d)
        The units are r columns from `first` on.
    BT, bias : (r, N), (N,) or (0,)
        The readout, transposed.
    softmax : bool
        False: sum of weight (x - target)^2. True: minus the sum of weight log p[target].
    targets : (rows, N), or (rows, 1)
        Of a softmax the number of the class.
    weights : (rows,)
        Of a row in the loss.
    E : (rows, N)
        Minus the gradient, since there is a product that subtracts.
    dB, dbias : (N, r), (N,) or (0,)
    """
    units = states[:, first : first + BT.shape[0]]
    gemm(units, BT, E)
    if bias.shape[0] > 0:
        for v in range(E.shape[0]):
            for i in range(E.shape[1]):
                E[v, i] += bias[i]
    loss = _cross_entropy(E, targets, weights) if softmax else _squares(E, targets, weights)
    outer(E, units, dB)
    if bias.shape[0] > 0:
        column_sums(E, dbias)
    return loss


@inline
def _pull_piece(cell, q, p, x, u, w, A, E, B, carried, now, forced, share, taken, first, dp):
    """Pull the adjoints in carried[now] back over some steps, add to dp; return which half holds them then."""
    count = carried.shape[1]
    for t in range(w.shape[0] // count - 1, -1, -1):
        low, high = t * count, (t + 1) * count
        G, H = carried[now], carried[1 - now]
        gemm_sub(E[low:high], B, G[:, first : first + B.shape[1]])
        pull(cell, q, w[low:high], G, A[low:high], H)
        now = 1 - now
        if forced.shape[0] > 0 and forced[t]:
            _cut(H, share[t], taken[t], first)
    grad(cell, p, x, u, w, A, dp)
    return now


@kernel
def backward(cell, q, p, rows, A, E, states, of, targets, weights, readout, carried, forced, share, taken, first, dp):
    """Return the loss; add its gradient by the cell's parameters to dp, and minus that by the readout to its own.

    Parameters
    ----------
    rows : tuple of ndarray
        The states before each step (T*B, d), inputs (T*B, m) and w (T*B, nw): steps and rows are one axis.
    A, E : (S*B, na), (S*B, N)
        Memory for the S steps of a piece.
    states, of : (T*B, columns), int
        What is read after each step: r columns from `of` on.
    targets, weights : (T*B, N) or (T*B, 1), (T*B,)
        As in `_score`.
    readout : tuple
        B (N, r), its transpose, the bias, whether it is a softmax, and where its gradients go: dB, dbias.
    carried : (2, B, d)
        The adjoints of the states after the last step are in carried[0].
    forced, share : (T,), (T, B)
        As in `forward`; what is forced before the first of all steps is not cut here.
    taken : (T, B, r)
        Is given the adjoint of what was forced upon the units.

    Returns
    -------
    loss : float
    now : int
        Which half of `carried` holds the adjoints of the states before the first step.
    """
    x, u, w = rows
    B, BT, bias, softmax, dB, dbias = readout
    count = carried.shape[1]
    steps, length = w.shape[0] // count, A.shape[0] // count
    loss, now, stop = 0.0, 0, steps
    while stop > 0:
        begin = (stop - 1) // length * length
        low, high, size = begin * count, stop * count, (stop - begin) * count
        read, wanted, counted = states[low:high], targets[low:high], weights[low:high]
        loss += _score(read, of, BT, bias, softmax, wanted, counted, E[:size], dB, dbias)
        now = _pull_piece(
            cell, q, p, x[low:high], u[low:high], w[low:high], A[:size], E[:size], B, carried, now,
            forced[begin:stop], share[begin:stop], taken[begin:stop], first, dp,
        )  # fmt: skip
        stop = begin
    return loss, now
