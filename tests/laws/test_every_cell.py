"""Laws of every cell at random parameters: the sum rule, and adjoints that are dual to tangents along an orbit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import lyaplab as ll
from lyaplab.cells import find
from lyaplab.engine.linearise import jacobians
from lyaplab.engine.spectrum import TangentRun
from lyaplab.kernel import one_blas_thread
from tests.contracts.test_cells import Rows, least_units, parameters, states, takes_inputs

SEEDS = st.integers(0, 9999)


def case(name: str, n: int, seed: int) -> tuple:
    """A cell, random parameters, a state of it and a source of more."""
    cell, rng = find(name), np.random.default_rng(seed)
    n = cell.card.size or max(n, least_units(cell))
    m = 2 if takes_inputs(cell) else 0
    p = parameters(cell, n, m, rng)
    return cell, p, states(cell, cell.size(p)[0], 1, rng), m, rng


@pytest.mark.parametrize("name", ll.cells())
@settings(max_examples=5)
@given(n=st.integers(1, 6), seed=SEEDS, steps=st.integers(1, 10))
def test_adjoints_read_backwards_are_dual_to_tangents_read_forwards(name, n, seed, steps):
    """<g, J_T ... J_1 v> = <J_1' ... J_T' g, v>."""
    cell, p, x, m, rng = case(name, n, seed)
    v, g = rng.standard_normal((2, *x.shape))
    V, G, along = v, g, []
    for _ in range(steps):
        along.append(Rows(cell, p, x, rng.standard_normal((1, m))))
        V, x = along[-1].push(V), along[-1].y
    assume(np.isfinite(V).all() and np.abs(V).max() < 1e100)
    for at in reversed(along):
        G, _ = at.pull(G)
    scale = max(np.linalg.norm(g) * np.linalg.norm(V), np.linalg.norm(G) * np.linalg.norm(v))
    assert abs((g * V).sum() - (G * v).sum()) <= 1e-10 * scale


@pytest.mark.parametrize("name", ll.cells())
@settings(max_examples=5)
@given(n=st.integers(1, 6), seed=SEEDS)
def test_all_exponents_sum_to_the_mean_log_determinant(name, n, seed):
    """Sum rule, with determinants by NumPy along an orbit that is stepped one by one."""
    steps = 100
    cell, p, x, m, rng = case(name, n, seed)
    inputs = rng.standard_normal((steps, m))
    run = TangentRun(cell, p, x0=x[0], inputs=inputs, k=x.shape[1], warmup=0)
    total = 0.0
    for t in range(steps):
        y, J = jacobians(cell, p, x=x, inputs=inputs[t : t + 1])
        assume(np.isfinite(y).all() and np.abs(y).max() < 1e12)
        # No orthonormalisation resolves a single step that spreads lengths by more than some 33 nats.
        with one_blas_thread():
            assume(np.linalg.cond(J[0]) < 1e12)
        total += np.linalg.slogdet(J[0])[1]
        x = np.array(y)
    run.advance(steps, spacing=steps)
    assert run.sums.sum() / steps == pytest.approx(total / steps, abs=1e-6)
