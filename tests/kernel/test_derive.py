"""Cells that give `step` alone, and flows that give a right-hand side over rows alone."""

from __future__ import annotations

import numpy as np
import pytest

import lyaplab as ll
from lyaplab.cells import find

NETWORK = find("tanh").card


def tanh_step(q, x, u, y, w):
    """The tanh network again, without derivatives; w is its own scratch."""
    W, U, b = q
    for r in range(x.shape[0]):
        for i in range(x.shape[1]):
            total = b[i]
            for j in range(x.shape[1]):
                total += W[i, j] * x[r, j]
            for j in range(u.shape[1]):
                total += U[i, j] * u[r, j]
            w[r, i] = total
            y[r, i] = np.tanh(total)


def size(p):
    n = p[0].shape[-1]
    return n, n, n


STEP_ALONE = ll.Cell("step alone", step=tanh_step, size=size, card=NETWORK)


@pytest.mark.parametrize("m", [0, 2])
@pytest.mark.parametrize("n", [1, 3, 12])
def test_a_step_alone_measures_what_the_full_cell_does(n, m):
    inputs = np.random.default_rng(0).standard_normal((260, m)) if m else None
    kept = {"warmup": 60, "inputs": inputs} if m else {"steps": 200, "warmup": 60}
    alone, full = (ll.Model(cell, n=n, m=m, gain=0.8, seed=3) for cell in (STEP_ALONE, "tanh"))
    np.testing.assert_allclose(alone.orbit(**kept), full.orbit(**kept), rtol=1e-10, atol=1e-14)
    np.testing.assert_allclose(
        alone.lyapunov_spectrum(**kept).exponents, full.lyapunov_spectrum(**kept).exponents, atol=1e-4
    )
    x, u = np.linspace(-0.5, 0.5, n), np.ones(m)
    np.testing.assert_allclose(alone.jacobian(x, u), full.jacobian(x, u), atol=1e-9)
    lags = {"inputs": inputs[:80], "warmup": 60} if m else {"warmup": 60}
    np.testing.assert_allclose(
        alone.gradient_norms(20, **lags).log_norms, full.gradient_norms(20, **lags).log_norms, atol=1e-6
    )


def test_the_repr_says_so_and_there_is_no_gradient():
    assert "central differences" in repr(STEP_ALONE)
    assert "central differences" in repr(ll.Model(STEP_ALONE, n=2))
    assert not STEP_ALONE.has("grad")


FLOW_CARD = ll.Card(
    parameters=(ll.Parameter("a", default=0.5), ll.Parameter("dt", default=0.05)),
    state=("x", "y"),
    size=2,
    time_step="dt",
)


def rhs(q, x, u, y):
    for r in range(x.shape[0]):
        y[r, 0] = x[r, 1]
        y[r, 1] = -np.sin(x[r, 0]) - q[0][0] * x[r, 1]


def test_a_right_hand_side_over_rows_alone_is_a_flow():
    rows = ll.flow(rhs, name="pendulum", card=FLOW_CARD)
    plain = ll.flow(lambda x, y, a=0.5: (y, -np.sin(x) - a * y), dt=0.05)
    one, two = ll.Model(rows), ll.Model(plain)
    assert "central differences" in repr(rows)
    np.testing.assert_allclose(one.orbit(50, x0=[1.0, 0.0]), two.orbit(50, x0=[1.0, 0.0]), rtol=1e-12)
    np.testing.assert_allclose(one.jacobian([0.3, 0.2]), two.jacobian([0.3, 0.2]), atol=1e-9)
    np.testing.assert_allclose(one.field_jacobian([0.3, 0.2]), two.field_jacobian([0.3, 0.2]), atol=1e-9)
    spectra = [net.lyapunov_spectrum(400, x0=[1.0, 0.0]).exponents for net in (one, two)]
    np.testing.assert_allclose(*spectra, atol=1e-7)
    np.testing.assert_allclose(one.gradient_norms(20).log_norms, two.gradient_norms(20).log_norms, atol=0.5)


def test_a_right_hand_side_over_rows_needs_a_card_with_a_time_step():
    with pytest.raises(ValueError, match="needs card="):
        ll.flow(rhs)
    with pytest.raises(ValueError, match="time_step"):
        ll.flow(rhs, card=ll.Card(size=2))
