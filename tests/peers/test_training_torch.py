"""PyTorch's autograd and its Adam: the same gradients and the same path. Skipped where PyTorch is not installed."""

from __future__ import annotations

import numpy as np
import pytest

import lyaplab as ll

torch = pytest.importorskip("torch")

T, B, N = 9, 4, 3


def step_of(name, p):
    """One step of the cell in PyTorch, written from its equation."""
    if name == "tanh":
        return lambda z, u: torch.tanh(z @ p["W"].T + u @ p["U"].T + p["b"])
    if name == "plrnn":
        return lambda z, u: z * p["A"] + torch.relu(z) @ p["W"].T + u @ p["C"].T + p["h"]

    def lstm(z, u):
        n = p["W"].shape[1]
        h, c = z[:, :n], z[:, n:]
        i, f, g, o = (h @ p["W"].T + u @ p["U"].T + p["b"]).split(n, dim=1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        return torch.cat([torch.sigmoid(o) * torch.tanh(c), c], dim=1)

    return lstm


def parameters(net):
    arrays = {**net.model.weights, **{f"readout.{name}": array for name, array in net.readout.arrays.items()}}
    return {name: torch.tensor(array.copy(), requires_grad=True) for name, array in arrays.items()}


def loss_of(net, p, given, tau):
    """Mean squared error with sparse forcing, by PyTorch's own pseudo-inverse; or cross entropy without."""
    step, n = step_of(net.model.cell.name, p), net.readout.units
    B_, bias = p["readout.B"], p["readout.bias"]
    targets = torch.as_tensor(given["targets"])
    inputs = torch.as_tensor(given["inputs"]) if "inputs" in given else torch.zeros(B, T, 0, dtype=torch.float64)

    def infer(x):
        h = (x - bias) @ torch.linalg.pinv(B_).T
        return torch.cat([h, torch.zeros(B, net.model.d - n, dtype=torch.float64)], dim=1)

    z = infer(torch.as_tensor(given["start"])) if "start" in given else torch.zeros(B, net.model.d, dtype=torch.float64)
    outputs = []
    for t in range(T):
        if tau and t and t % tau == 0:
            z = infer(targets[:, t - 1])
        z = step(z, inputs[:, t])
        outputs.append(z[:, :n] @ B_.T + bias)
    outputs = torch.stack(outputs, dim=1)
    if net.readout.kind == "softmax":
        return torch.nn.functional.cross_entropy(outputs.reshape(-1, N), targets.reshape(-1))
    return torch.nn.functional.mse_loss(outputs, targets)


def case(name, *, kind="linear"):
    rng = np.random.default_rng(0)
    m = 0 if name == "plrnn" else 2
    net = ll.Network.random(name, N, n=5, m=m, seed=1, kind=kind)
    softmax = kind == "softmax"
    given = {"targets": rng.integers(0, N, (B, T)) if softmax else rng.standard_normal((B, T, N))}
    if m:
        given["inputs"] = rng.standard_normal((B, T, m))
    if not softmax:
        given["start"] = rng.standard_normal((B, N))
    return net, given


@pytest.mark.parametrize("tau", [None, 1, 4])
@pytest.mark.parametrize("name", ["tanh", "plrnn", "lstm"])
def test_gradients(name, tau):
    net, given = case(name)
    p = parameters(net)
    loss = loss_of(net, p, given, tau)
    loss.backward()
    ours = ll.loss_gradient(net, **given, forcing=tau)
    assert ours.loss == pytest.approx(loss.item(), rel=1e-12)
    free = net.layout.split(np.ones(net.layout.size) if net.layout.free is None else net.layout.free)
    for array, gradient in ours.gradient.items():
        expected = p[array].grad.numpy() * free[array]
        np.testing.assert_allclose(gradient, expected, rtol=0, atol=1e-10 * np.abs(expected).max(initial=0.0))


def test_cross_entropy():
    net, given = case("tanh", kind="softmax")
    p = parameters(net)
    loss = loss_of(net, p, given, None)
    loss.backward()
    ours = ll.loss_gradient(net, **given)
    assert ours.loss == pytest.approx(loss.item(), rel=1e-12)
    for array, gradient in ours.gradient.items():
        np.testing.assert_allclose(gradient, p[array].grad.numpy(), atol=1e-12)


def test_twenty_updates_of_adam():
    net, given = case("tanh")
    p = parameters(net)
    adam = torch.optim.Adam(p.values(), lr=1e-2)
    losses = []
    for _ in range(20):
        adam.zero_grad()
        loss = loss_of(net, p, given, 3)
        loss.backward()
        # By hand, since PyTorch's own clipping adds 1e-6 to the norm.
        length = torch.sqrt(sum((weights.grad**2).sum() for weights in p.values()))
        for weights in p.values():
            weights.grad *= min(1.0, 0.3 / length.item())
        adam.step()
        losses.append(loss.item())
    run = ll.train(net, given, updates=20, rate=1e-2, clip=0.3, forcing=3)
    np.testing.assert_allclose(run.loss, losses, rtol=1e-10)
    trained = net.layout.split(run.network.theta)
    for array in net.layout.names:
        np.testing.assert_allclose(trained[array], p[array].detach().numpy(), atol=1e-10)
