"""A flow that runs c times as fast has exponents c times as great, if its step is c times as short."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lyaplab as ll


@ll.flow(dt=0.01)
def lorenz(x, y, z, c=1.0, rho=28.0):
    return c * 10.0 * (y - x), c * (x * (rho - z) - y), c * (x * y - 8.0 / 3.0 * z)


@ll.flow(dt=0.02)
def oscillator(x, y, c=1.0, mu=1.0):
    """Van der Pol's."""
    return c * y, c * (mu * (1.0 - x * x) * y - x)


@pytest.mark.parametrize("flow", [lorenz, oscillator], ids=["lorenz", "van der Pol"])
@settings(max_examples=15)
@given(c=st.floats(0.1, 10.0), shift=st.floats(-0.5, 0.5))
def test_rescaled_time(flow, c, shift):
    slow = ll.Model(flow)
    fast = ll.Model(flow, c=c, dt=slow.time_step / c)
    start = np.array([1.0, 2.0, 20.0])[: slow.d] + shift
    # So short that rounding, which chaos amplifies, stays small.
    one, other = (net.lyapunov_spectrum(300, x0=start, warmup=0).exponents for net in (slow, fast))
    np.testing.assert_allclose(other, c * one, rtol=1e-9, atol=1e-9 * c)
    path, faster = (net.orbit(300, x0=start) for net in (slow, fast))
    np.testing.assert_allclose(faster, path, rtol=0, atol=1e-9)
