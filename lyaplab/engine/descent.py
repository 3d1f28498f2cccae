"""The way down to a slow point: from many starts at once, then precisely.

The squared speed q = |F(x) - x|²/2 is brought down by damped Gauss-Newton steps from many starts at once (Levenberg and
Marquardt). At a minimum that is not zero the Jacobian is singular, and what curves q there is F's second derivative, of
which Gauss-Newton knows nothing: the end of the way is Newton's method on the gradient of q, and its Hessian also tells
whether the place is a minimum at all.
"""

from __future__ import annotations

from collections.abc import Generator

import numpy as np
from numpy.typing import NDArray

from lyaplab.engine.elimination import damped_square, downhill, eliminate, minus_field, transposed_jacobian
from lyaplab.engine.linearise import Linearisation
from lyaplab.engine.newton import RESIDUAL, box_of
from lyaplab.kernel import inline, kernel

__all__ = ["descended", "refining"]

Array = NDArray[np.float64]
Box = tuple[Array, Array] | None

_ROUNDS = 150
# Damping at first, and what a good and a bad step make of it.
_DAMPING, _EASIER, _HARDER = 1e-2, 0.3, 8.0
# What is left of a step after which q is no smaller.
_SHRUNK = 0.25
# A step that is shorter than this, relative to the state's size, leads nowhere.
_STUCK = 1e-12
# The gradient of q that counts as none, relative to the speed; at the end of the first way, and of the second.
_NEARLY_FLAT, _FLAT = 1e-5, 1e-8
_REFINEMENTS = 12
# Half the width of a central difference; the error of a second derivative is some 1e-9.
_DIFFERENCE = 1e-5
# An eigenvalue of the Hessian below this, relative to the largest, means that q falls on.
_FALLS = -1e-6


def descended(linearised: Linearisation, starts: Array, bounds: Box) -> tuple[Array, Array]:
    """Go downhill from every start; return where each ended, and q there."""
    batch, n = starts.shape
    trial, x, step = (np.array(starts, dtype=float, order="C") for _ in range(3))
    under_way = trial, x, step, np.full(batch, np.inf), np.full(batch, _DAMPING), np.arange(batch)
    ends = x.copy(), np.full(batch, np.inf)
    box, work = box_of(bounds, n), (np.empty((n, n)), np.empty((n + 3, n)))
    count = batch
    for _ in range(_ROUNDS):
        kept = 0
        for first in range(0, count, linearised.rows):
            last = min(count, first + linearised.rows)
            y, Z = linearised(trial[first:last])
            kept = _down(under_way, y, Z, linearised.scales, box, work, ends, (first, last, kept))
        count = kept
        if count == 0:
            break
    # Those still under way are about as far as they get.
    q, owner = under_way[3], under_way[5][:count]
    ends[0][owner], ends[1][owner] = x[:count], q[:count]
    return ends


@kernel
def _down(under_way, y, Z, scales, box, work, ends, rows):
    """Judge the trial of each row first..last-1, and make the next; write rows still under way from row `kept` on."""
    trial, x, step, q, damping, owner = under_way
    A, M = work
    first, last, kept = rows
    for row in range(first, last):
        b = row - first
        size = minus_field(trial[row], y[b], scales, M[len(A) + 1])
        reach = 0.0
        for i in range(x.shape[1]):
            reach = max(reach, abs(trial[row, i]))
        value = 0.5 * size * size
        better = value < q[row]
        owner[kept] = owner[row]
        if better:
            q[kept], damping[kept] = value, _EASIER * damping[row]
            square = transposed_jacobian(Z[b * len(A) : (b + 1) * len(A)], scales, A)
            slope = downhill(A, M)
            going = slope > _NEARLY_FLAT * size * np.sqrt(square) and size > RESIDUAL * (1.0 + reach)
            if going:
                damped_square(A, M, damping[kept] * square / len(A))
                eliminate(M, -1.0)
        else:
            q[kept], damping[kept] = q[row], _HARDER * damping[row]
            going = np.isfinite(q[row])
        longest = 0.0
        for i in range(x.shape[1]):
            x[kept, i] = trial[row, i] if better else x[row, i]
            step[kept, i] = M[len(A), i] if better else _SHRUNK * step[row, i]
            longest = max(longest, abs(step[kept, i]))
        if going and longest > _STUCK * (1.0 + reach):
            _try(trial[kept], x[kept], step[kept], box)
            kept += 1
        else:
            ends[1][owner[kept]] = q[kept]
            for i in range(x.shape[1]):
                ends[0][owner[kept], i] = x[kept, i]
    return kept


@inline
def _try(trial, x, step, box):
    """The next trial: x and a step, kept within the box."""
    low, high = box
    for i in range(x.shape[0]):
        new = x[i] + step[i]
        trial[i] = low[i] if new < low[i] else high[i] if new > high[i] else new


def refining(linearised: Linearisation, x: Array, bounds: Box) -> Generator[None, None, Array | None]:
    """Newton's method on the gradient of q from one candidate; None if it ends at no minimum, or at rest.

    It pauses after each round, which takes a good part of a second in a network of 200 units.
    """
    for _ in range(_REFINEMENTS):
        F, slope, H = _second_order(linearised, x)
        values, vectors = np.linalg.eigh(H)
        top = np.abs(values).max()
        speed = float(np.linalg.norm(F))
        if not np.isfinite(top) or speed <= RESIDUAL * (1.0 + np.abs(x).max()):
            return None
        if np.linalg.norm(slope) <= _FLAT * speed * np.sqrt(top):
            return x if values[0] >= _FALLS * top else None
        # Uphill directions of the quadratic are turned round, so that q goes down along all of them.
        step = -vectors @ ((vectors.T @ slope) / np.maximum(np.abs(values), 1e-10 * top))
        x = x + step * min(1.0, 0.1 * (1.0 + np.abs(x).max()) / np.linalg.norm(step))
        if bounds is not None and not ((bounds[0] <= x) & (x <= bounds[1])).all():
            return None
        yield
    return None


def _second_order(linearised: Linearisation, x: Array) -> tuple[Array, Array, Array]:
    """The field at x, and gradient and Hessian of q, the latter by central differences of the former."""
    n = len(x)
    h = _DIFFERENCE * (1.0 + np.abs(x).max())
    F, J = linearised.fields(np.concatenate([x[None], x + h * np.eye(n), x - h * np.eye(n)]))
    slopes = np.einsum("bij,bi->bj", J, F)
    H = (slopes[1 : n + 1] - slopes[n + 1 :]) / (2.0 * h)
    return F[0], slopes[0], 0.5 * (H + H.T)
