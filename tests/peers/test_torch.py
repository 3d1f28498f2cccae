"""PyTorch's own networks: forward pass and Jacobian, to rounding. Skipped where PyTorch is not installed."""

from __future__ import annotations

import numpy as np
import pytest

import lyaplab as ll

torch = pytest.importorskip("torch")

STEPS, N, M = 30, 7, 3
PEERS = {"tanh": "RNN", "gru": "GRU", "lstm": "LSTM"}


@pytest.fixture(params=PEERS, ids=PEERS)
def pair(request):
    """A network of PyTorch's with random weights, and ours with the same ones."""
    torch.manual_seed(0)
    theirs = getattr(torch.nn, PEERS[request.param])(M, N, batch_first=True).double()
    with torch.no_grad():
        for weights in theirs.parameters():
            weights.mul_(2.5)
    names = ("weight_hh", "weight_ih", "bias_hh", "bias_ih")
    W, U, b_h, b_x = (getattr(theirs, f"{name}_l0").detach().numpy().copy() for name in names)
    arrays = {"W": W, "U": U, "b": b_x + b_h}
    if request.param == "gru":  # the bias inside the reset stays by itself
        arrays["b"][2 * N :] = b_x[2 * N :]
        arrays["b_n"] = b_h[2 * N :]
    return theirs, ll.Model.from_arrays(request.param, **arrays)


def parts(state):
    """A state of ours as PyTorch wants it: h, or (h, c)."""
    pieces = tuple(piece.reshape(1, 1, N) for piece in torch.as_tensor(state).split(N))
    return pieces if len(pieces) == 2 else pieces[0]


def test_forward_pass(pair):
    theirs, ours = pair
    rng = np.random.default_rng(1)
    start, inputs = rng.uniform(-1, 1, ours.d), rng.standard_normal((STEPS, M))
    with torch.no_grad():
        shown, last = theirs(torch.as_tensor(inputs)[None], parts(start))
    states = ours.orbit(x0=start, inputs=inputs)
    # Our row 0 is the start, theirs the state after it.
    np.testing.assert_allclose(states[1:, :N], shown[0, :-1].numpy(), atol=1e-12)
    final = ours.step(states[-1], inputs=inputs[-1])
    pieces = last if isinstance(last, tuple) else (last,)
    np.testing.assert_allclose(final, torch.cat([piece.flatten() for piece in pieces]).numpy(), atol=1e-12)


def test_jacobian(pair):
    theirs, ours = pair
    rng = np.random.default_rng(2)
    state, x = rng.uniform(-1, 1, ours.d), rng.standard_normal(M)

    def one_step(start):
        _, last = theirs(torch.as_tensor(x)[None, None], parts(start))
        return torch.cat([piece.flatten() for piece in (last if isinstance(last, tuple) else (last,))])

    J = torch.autograd.functional.jacobian(one_step, torch.as_tensor(state))
    np.testing.assert_allclose(ours.jacobian(state, inputs=x), J.numpy(), atol=1e-12)
