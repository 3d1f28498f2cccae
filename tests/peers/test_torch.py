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


@pytest.fixture(params=PEERS, ids=PEERS)
def stacks(request):
    """Two layers of PyTorch's, and ours with the same weights."""
    torch.manual_seed(1)
    theirs = getattr(torch.nn, PEERS[request.param])(M, N, num_layers=2, batch_first=True).double()
    with torch.no_grad():
        for weights in theirs.parameters():
            weights.mul_(2.5)
    return theirs, ll.Model.stack([layer_of(request.param, theirs, number) for number in range(2)])


def layer_of(kind, theirs, number):
    names = ("weight_hh", "weight_ih", "bias_hh", "bias_ih")
    W, U, b_h, b_x = (getattr(theirs, f"{name}_l{number}").detach().numpy().copy() for name in names)
    arrays = {"W": W, "U": U, "b": b_x + b_h}
    if kind == "gru":
        arrays["b"][2 * N :] = b_x[2 * N :]
        arrays["b_n"] = b_h[2 * N :]
    return ll.Model.from_arrays(kind, **arrays)


def test_two_layers_forward_and_jacobian(stacks):
    """PyTorch keeps h of all layers, then c of all; ours is layer by layer."""
    theirs, ours = stacks
    names = ours.d // (2 * N)  # h, or h and c
    rng = np.random.default_rng(3)
    start, inputs = rng.uniform(-1, 1, ours.d), rng.standard_normal((STEPS, M))

    def follow(state, x):
        pieces = state.reshape(2, names, N).transpose(0, 1).reshape(names, 2, 1, N)
        shown, last = theirs(x[None], (pieces[0], pieces[1]) if names == 2 else pieces[0])
        return torch.stack(last if names == 2 else (last,)).reshape(names, 2, N).transpose(0, 1).flatten(), shown

    with torch.no_grad():
        last, shown = follow(torch.as_tensor(start), torch.as_tensor(inputs))
    states = ours.orbit(x0=start, inputs=inputs)
    top = slice(names * N, names * N + N)
    np.testing.assert_allclose(states[1:, top], shown[0, :-1].numpy(), atol=1e-12)
    ours_next, J = ours.step(states[-1], inputs=inputs[-1]), ours.jacobian(start, inputs=inputs[0])
    np.testing.assert_allclose(ours_next, last.numpy(), atol=1e-12)
    expected = torch.autograd.functional.jacobian(
        lambda state: follow(state, torch.as_tensor(inputs[:1]))[0], torch.as_tensor(start)
    )
    np.testing.assert_allclose(J, expected.numpy(), atol=1e-12)
