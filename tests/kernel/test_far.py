"""Far kernels: the same numbers through an address as by name, and machine code that a second caller does not copy."""

from __future__ import annotations

import numpy as np

from lyaplab.kernel import kernel
from lyaplab.kernel.far import Far, call_far


def _scaled_rows(V, r, S):
    for i in range(V.shape[0]):
        for j in range(V.shape[1]):
            S[i, j] = r[i] * V[i, j]


@kernel
def _twice(address, V, r, S):
    call_far(address, V, r, S)
    call_far(address, S, r, V)


def test_a_kernel_calls_it_by_its_address():
    far = Far(_scaled_rows, (2, 1, 2))
    V, r, S = np.arange(6.0).reshape(2, 3), np.array([2.0, -3.0]), np.empty((2, 3))
    expected = V * (r * r)[:, None]
    _twice(far.address, V, r, S)
    np.testing.assert_array_equal(V, expected)


def test_the_address_stays_and_python_can_call_it_too():
    far = Far(_scaled_rows, (2, 1, 2))
    assert far.address == far.address != 0
    S = np.empty((1, 2))
    far(np.ones((1, 2)), np.array([5.0]), S)
    np.testing.assert_array_equal(S, [[5.0, 5.0]])
