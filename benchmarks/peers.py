"""Full spectra, one orthonormalisation a step, against what a user would take instead: JAX, lyapax, chaotax, ...

Before anything is timed, every peer has to agree with the engine over the first steps, along the one orbit that all
follow from the same start. `pip install "lyaplab[peers]"` brings the packages; those that are missing are left out.

    python -m benchmarks peers
"""

from __future__ import annotations

from collections.abc import Callable
from statistics import median

import numpy as np

from benchmarks.clock import BUSY, in_turn, ratio
from benchmarks.others import PACKAGES, Array, Network, Run, missing, peer
from lyaplab.engine.spectrum import BUDGET, TangentRun
from lyaplab.kernel import one_blas_thread
from lyaplab.model import Model

SIZES = (
    *(("tanh", n) for n in (2, 10, 32, 64, 100, 200)),
    *((cell, n) for cell in ("gru", "lstm") for n in (10, 32, 64)),
)
# Floating-point operations of one measurement, and the most steps: a step of Python's takes some 30 us at any size.
WORK, MOST_STEPS = 1.2e9, 2000
REPEATS = 7
# The steps over which all follow one orbit in every digit that counts, and how closely exponents agree over them.
AGREE_STEPS, AGREE = 16, 1e-8
# Marks of a run are not wanted here.
NEVER = 10**9


def network(cell: str, n: int, *, gain: float | None = None, seed: int = 1) -> Model:
    """Make a random network: a chaotic one of tanh by default, gated ones with biases.

    Without biases an LSTM would fall asleep, and half of its directions would be dead.
    """
    if cell == "tanh":
        return Model(cell, n=n, gain=1.5 if gain is None else gain, seed=seed)
    rows = {"gru": 3, "lstm": 4}[cell] * n
    bias = np.random.default_rng(seed).standard_normal(rows)
    return Model(cell, n=n, gain=3.0 if gain is None else gain, seed=seed, b=bias)


def tangents(net: Model, start: Array, *, budget: float = 0.0) -> TangentRun:
    """Begin a run of the engine at a start and at the unit vectors; by default it orthonormalises at every step."""
    return TangentRun(net.cell, net._p, x0=start, inputs=np.zeros((1, net.m)), k=net.d, warmup=0, budget=budget)


def growth_by_engine(net: Model, start: Array, steps: int) -> Array:
    """Return the growth that the engine adds up over the first steps, shape (d,)."""
    run = tangents(net, start)
    run.advance(steps, spacing=NEVER)
    return run.sums


def going_on(run: TangentRun, steps: int) -> Callable[[], object]:
    """Return what goes on with a run of the engine by so many steps at every call."""
    return lambda: run.advance(run.time + steps, spacing=NEVER)


def check(name: str, growth: Array, expected: Array) -> None:
    """Refuse to time a peer that calculates something else."""
    # lyapax returns its columns sorted.
    error = np.abs(np.sort(growth[:AGREE_STEPS].sum(axis=0)) - np.sort(expected)).max() / AGREE_STEPS
    if not error < AGREE:
        raise AssertionError(f"{name} differs by {error:.1g} in an exponent over {AGREE_STEPS} steps")


def runs(net: Model, steps: int) -> dict[str, Run]:
    """Return a run of every peer that is installed, each checked."""
    follows = Network.of(net)
    expected = growth_by_engine(net, follows.start, AGREE_STEPS)
    found = {}
    for name in PACKAGES:
        if not missing(name):
            found[name] = peer(name)(follows, steps)
            with one_blas_thread():
                check(name, found[name](), expected)
    return found


def steps_of(d: int) -> int:
    """Return how many steps of d tangents are measured at a time."""
    return int(np.clip(WORK / (12 * d**3), AGREE_STEPS, MOST_STEPS))


def main() -> None:
    """Print the table."""
    for name in PACKAGES:
        if missing(name):
            print(f"skipped: {name} (not installed: {', '.join(missing(name))})")
    print("how many times as long as lyaplab with an orthonormalisation at every step; agreement checked first")
    shown = [name for name in PACKAGES if not missing(name)]
    print("network       us a step   adaptive" + "".join(f"{name:>10s}" for name in shown))
    for cell, n in SIZES:
        net = network(cell, n)
        steps, start = steps_of(net.d), Network.of(net).start
        ours = {"every": going_on(tangents(net, start), steps)}
        ours["adaptive"] = going_on(tangents(net, start, budget=BUDGET), steps)
        times = in_turn(ours | runs(net, steps), repeats=REPEATS, clock=BUSY)
        columns = "".join(f"{ratio(times, name, 'every'):10.1f}" for name in shown)
        pace = 1e6 * median(times["every"]) / steps
        print(f"{cell:5s}{n:5d} {pace:12.2f} {ratio(times, 'adaptive', 'every'):10.2f}{columns}", flush=True)
    print("(wanted: above 1 everywhere, and 3 times JAX for GRU and LSTM up to n = 64)")
