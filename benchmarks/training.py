"""One Adam step, 16 sequences of 200 steps, against its bare matrix products and against PyTorch's autograd.

The products that it cannot do without: one a step on the way there and one on the way back for the weights of all
gates, one over all rows for their gradient; and three for the readout. PyTorch runs in float64 on one thread: its own
layers where it has them, else the loop over steps that a user would write. Both get the same numbers, and have to agree
on the loss before anything is timed.

    python -m benchmarks training
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np

import lyaplab as ll
from benchmarks.clock import BUSY, in_turn, ratio
from lyaplab.kernel import kernel
from lyaplab.kernel.blas import gemm, gemm_add_tn
from lyaplab.training.batches import as_source
from lyaplab.training.settings import Settings
from lyaplab.training.trainer import _Run

BATCH, STEPS, OUTPUTS, REPEATS = 16, 200, 3, 9
# Cells, units, and the share of the products wanted.
CASES = {
    ("plrnn", 20): "near 100 %", ("plrnn", 100): "90 %", ("shallow_plrnn", 20): "", ("tanh", 20): "",
    ("tanh", 100): "90 %", ("gru", 20): "", ("gru", 100): "", ("lstm", 20): "", ("lstm", 100): "",
}  # fmt: skip


@kernel
def products(x, WT, y, G, W, H, A, dW, units, BT, E, B, dB):
    """The bare products of one update."""
    for t in range(x.shape[0]):
        gemm(x[t], WT, y[t])
    for t in range(x.shape[0] - 1, -1, -1):
        gemm(G[t], W, H)
    gemm_add_tn(A, units, dW)
    gemm(units, BT, E)
    gemm(E, B, units)
    gemm_add_tn(E, units, dB)


def bare(n: int, width: int) -> Callable[[], object]:
    """The products of a cell whose weights are a (width, n) matrix."""
    rng = np.random.default_rng(0)
    x, G = rng.standard_normal((STEPS, BATCH, n)), rng.standard_normal((STEPS, BATCH, width))
    W, B = rng.standard_normal((width, n)) / n, rng.standard_normal((OUTPUTS, n)) / n
    units, E = rng.standard_normal((STEPS * BATCH, n)) / n, np.empty((STEPS * BATCH, OUTPUTS))
    dW, dB = np.zeros_like(W), np.zeros_like(B)
    y, H, A = np.empty_like(G), np.empty((BATCH, n)), G.reshape(-1, width)
    WT, BT = W.T.copy(), B.T.copy()
    return lambda: products(x, WT, y, G, W, H, A, dW, units, BT, E, B, dB)


def ours(net: ll.Network, targets: np.ndarray) -> Callable[[], object]:
    """One update after another of a run."""
    settings = Settings(10**6, BATCH, 1e-6, None, None, 0, 0, STEPS, ())
    data = {"targets": targets}
    return _Run(net, as_source(net, data, steps=STEPS, batch=BATCH, ignore=0), settings, None)._update


def by_torch(net: ll.Network, targets: np.ndarray) -> Callable[[], float]:
    """One update after another by PyTorch."""
    import torch

    torch.set_num_threads(1)
    weights = {name: torch.tensor(array.copy(), requires_grad=True) for name, array in net.model.weights.items()}
    read = [torch.tensor(array.copy(), requires_grad=True) for array in net.readout.arrays.values()]
    follow, trained = _layer(net) if net.model.cell.name in ("tanh", "gru", "lstm") else _loop(net, weights)
    adam = torch.optim.Adam([*trained, *read], lr=1e-6)
    wanted = torch.as_tensor(targets)

    def update() -> float:
        adam.zero_grad()
        outputs = follow() @ read[0].T + read[1]
        loss = torch.nn.functional.mse_loss(outputs, wanted)
        loss.backward()
        adam.step()
        return float(loss.detach())

    return update


def _loop(net: ll.Network, p: dict[str, Any]) -> tuple[Callable[[], Any], list[Any]]:
    """The steps of a piecewise-linear network, one after the other."""
    import torch

    if net.model.cell.name == "plrnn":
        names = ("A", "W", "h")

        def step(z: Any) -> Any:
            return z * p["A"] + torch.relu(z) @ p["W"].T + p["h"]
    else:
        names = ("A", "W1", "W2", "h1", "h2")

        def step(z: Any) -> Any:
            return z * p["A"] + torch.relu(z @ p["W2"].T + p["h2"]) @ p["W1"].T + p["h1"]

    def follow() -> Any:
        z, states = torch.zeros(BATCH, net.model.d, dtype=torch.float64), []
        for _ in range(STEPS):
            z = step(z)
            states.append(z)
        return torch.stack(states, dim=1)

    return follow, [p[name] for name in names]


def _layer(net: ll.Network) -> tuple[Callable[[], Any], list[Any]]:
    """PyTorch's own layer, with our weights and one input that is always 0."""
    import torch

    kind = {"tanh": torch.nn.RNN, "gru": torch.nn.GRU, "lstm": torch.nn.LSTM}[net.model.cell.name]
    layer = kind(1, net.readout.units, batch_first=True).double()
    with torch.no_grad():
        layer.weight_hh_l0.copy_(torch.tensor(net.model.weights["W"].copy()))
        layer.bias_ih_l0.copy_(torch.tensor(net.model.weights["b"].copy()))
        layer.bias_hh_l0.zero_()
    nothing = torch.zeros(BATCH, STEPS, 1, dtype=torch.float64)
    return lambda: layer(nothing)[0], list(layer.parameters())


def agree(net: ll.Network, targets: np.ndarray, loss: float) -> None:
    """Refuse to time what calculates something else."""
    expected = ll.loss_gradient(net, targets).loss
    if not abs(loss - expected) < 1e-9 * expected:
        raise AssertionError(f"{net!r}: loss {expected:.12g}, by PyTorch {loss:.12g}")


def main() -> None:
    """Print the table."""
    peer = find_spec("torch") is not None
    if not peer:
        print("skipped: torch (not installed)")
    print(f"batch {BATCH} x {STEPS} steps, {OUTPUTS} outputs; one update: gradient and Adam")
    print("network            ms an update   share of the products    wanted   PyTorch / ours")
    rng = np.random.default_rng(0)
    targets = rng.standard_normal((BATCH, STEPS, OUTPUTS))
    for (cell, n), wanted in CASES.items():
        net = ll.Network.random(cell, OUTPUTS, n=n, seed=1, **({"hidden": 50} if cell == "shallow_plrnn" else {}))
        width = {"gru": 3 * n, "lstm": 4 * n, "shallow_plrnn": 100}.get(cell, n)
        things = {"products": bare(n, width), "ours": ours(net, targets)}
        if peer:
            things["torch"] = by_torch(net, targets)
            agree(net, targets, things["torch"]())
        times = in_turn(things, repeats=REPEATS, clock=BUSY)
        against = f"{ratio(times, 'torch', 'ours'):16.1f}" if peer else ""
        pace, share = 1e3 * min(times["ours"]), ratio(times, "products", "ours")
        print(f"{cell:14s}{n:5d} {pace:11.2f} {share:20.0%} {wanted:>13s}{against}", flush=True)
    print("(20 times PyTorch's autograd or more wanted for the piecewise-linear network of 20 units)")
