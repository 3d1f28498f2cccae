"""Benettin's method as a kernel: tangents pushed along an orbit, re-orthonormalised before they lose each other.

The interval between two orthonormalisations adapts to the spread of growth; an interval that spread too much is done
again, shorter.
"""

from __future__ import annotations

import numpy as np

from lyaplab.engine.orthonormal import orthonormalise_plane
from lyaplab.kernel import inline, kernel
from lyaplab.kernel.algebra import copy
from lyaplab.kernel.cell import push, step
from lyaplab.kernel.far import call_far

__all__ = ["DIVERGED", "FINISHED", "LENGTH", "MARKS", "NEXT_MARK", "QRS", "TIME", "push_along"]

# The kernel's counters, in the order of its array `count`.
TIME, LENGTH, QRS, MARKS, NEXT_MARK = range(5)
FINISHED, DIVERGED = 0, 1


@inline
def _stretch(r, alive):
    """Spread of growth in nats over one interval; directions already dead do not count."""
    low = np.inf
    high = 0.0
    for i in range(r.shape[0]):
        if alive[i]:
            low = min(low, r[i])
            high = max(high, r[i])
    if high == 0.0 and low == np.inf:
        return 0.0
    if low <= 0.0:
        return 1e300
    return np.log(max(high / low, high, 1.0 / high))


@inline
def _finite(x, r):
    total = 0.0
    for i in range(x.shape[1]):
        if not np.isfinite(x[0, i]):
            return False
    for i in range(r.shape[0]):
        total += r[i]
    return np.isfinite(total)


@inline
def _grow(sums, factors, r, alive):
    """Multiply the growth by r. Factors gather until they near the end of floats: a logarithm costs ten products."""
    for i in range(r.shape[0]):
        factor = factors[i] * r[i]
        if 1e-100 < factor < 1e100:
            factors[i] = factor
        else:
            sums[i] += np.log(factors[i]) + np.log(r[i])
            factors[i] = 1.0
            if r[i] == 0.0:
                alive[i] = 0


@inline
def _bury(r, alive):
    """Note the directions that died during the warm-up."""
    for i in range(r.shape[0]):
        if r[i] == 0.0:
            alive[i] = 0


@inline
def _settle(sums, factors):
    """Bring the gathered factors to account."""
    for i in range(sums.shape[0]):
        sums[i] += np.log(factors[i])
        factors[i] = 1.0


@kernel
def push_along(
    cell, q, u, drive, warmup, until, last, budget, X, x0, w, V, V0, A, S, r,
    sums, factors, alive, count, rate, marks, growth, spacing, frames, gram_schmidt,
):  # fmt: skip
    """Advance from the saved state (x0, V0) until the first orthonormalisation at or after step `until`.

    At step `last` there is one in any case. Where a run is cut before leaves no trace: not a bit of the growth depends
    on how often, or how late, the kernel has returned.

    States X and tangents V are pairs, the present and the next, that trade places by a number: arrays that trade names
    pass through memory at every step, which takes longer than a step of two units.

    With `frames`, nothing is orthonormalised: every step begins with V0, and frames[t] keeps what it became.
    """
    k, n = V0.shape
    in_plane = k == 2 and n == 2
    now = 0
    copy(x0, X[now])
    copy(V0, V[now, :k])
    t = count[TIME]
    start = t
    length = count[LENGTH]
    done = 0
    while t < until or done > 0:
        step(cell, q, X[now], u[(t + warmup) * drive], X[1 - now], w)
        push(cell, q, w, V[now, :k], A, V[1 - now, :k])
        now = 1 - now
        t += 1
        if frames.shape[0] > 0:
            copy(V[now, :k], frames[t - 1])
            copy(V0, V[now, :k])
            continue
        done += 1
        if done < length and t != last and t != 0:
            continue
        if in_plane:
            orthonormalise_plane(V[now, :k], r)
        else:
            call_far(gram_schmidt, V[now, :k], r, S)
        count[QRS] += 1
        good = _finite(X[now], r)
        if not good and done == 1:
            count[TIME] = t
            return DIVERGED
        if budget > 0.0:
            spread = _stretch(r, alive) if good else 1e300
            if done > 1 and spread > 1.25 * budget:
                # Too long: back to the last orthonormal state, with a shorter interval.
                copy(x0, X[now])
                copy(V0, V[now, :k])
                t = start
                rate[0] = max(rate[0], min(spread, 700.0) / done)
                length = 1 if not good else max(1, min(done // 2, int(budget / rate[0])))
                done = 0
                continue
            rate[0] = max(0.99 * rate[0], spread / done, 1e-3)
            length = max(1, min(50, int(budget / rate[0]), 2 * done))
            copy(V[now, :k], V0)
            copy(X[now], x0)
            start = t
        done = 0
        if t > 0:
            _grow(sums, factors, r, alive)
        else:
            _bury(r, alive)
        if t > 0 and t >= count[NEXT_MARK] and count[MARKS] < marks.shape[0]:
            _settle(sums, factors)
            marks[count[MARKS]] = t
            for i in range(k):
                growth[count[MARKS], i] = sums[i]
            count[MARKS] += 1
            count[NEXT_MARK] = (t // spacing + 1) * spacing
    if budget == 0.0:
        copy(V[now, :k], V0)
        copy(X[now], x0)
    count[TIME] = t
    count[LENGTH] = length
    return FINISHED
