"""One exact update of a linear filter, horizon 100, against its bare products and against autograd.

The products that back-propagation through time cannot do without: one with W and one with its transpose for each lag,
and one of matrices at the end for the gradient. Ours needs fewer reads of W: both sequences are followed side by side.
PyTorch and JAX run in float64 on one thread: the loop over lags that a user would write, compiled as a scan by JAX.
All have to agree on the loss and the gradient before anything is timed.

    python -m benchmarks filter
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec

import numpy as np

import lyaplab as ll
from benchmarks.clock import BUSY, in_turn, of_fastest, ratio
from benchmarks.others import Array
from lyaplab.kernel import kernel
from lyaplab.kernel.blas import gemm, gemm_add_tn, gemm_nt
from lyaplab.training.filter_learning import _Run
from lyaplab.training.filter_settings import FilterSettings

HORIZON, REPEATS, UPDATES = 100, 9, {2: 500, 20: 100, 100: 20, 200: 8, 400: 3}
TASK = ll.FilterTask(0.9, horizon=HORIZON)


@kernel
def products(W, A, B, dW, updates):
    """The bare products of some updates."""
    for _ in range(updates):
        for k in range(A.shape[0] - 1):
            gemm_nt(A[k : k + 1], W, A[k + 1 : k + 2])
            gemm(B[k : k + 1], W, B[k + 1 : k + 2])
        gemm_add_tn(B, A, dW)


def bare(net: ll.FilterNetwork, updates: int) -> Callable[[], object]:
    """The products of a network."""
    A, B, dW = np.zeros((HORIZON + 1, net.n)), np.zeros((HORIZON + 1, net.n)), np.zeros((net.n, net.n))
    A[0], B[0], W = net.u, net.v, net.W.copy()
    return lambda: products(W, A, B, dW, updates)


def ours(net: ll.FilterNetwork, updates: int) -> Callable[[], object]:
    """Updates of a run, one after the other."""
    settings = FilterSettings(
        net, TASK, train="all", method="descent", updates=10**6, rate=1e-9, relative_rate=None, limited=False,
        samples=None, seed=0, snapshots=[0],
    )  # fmt: skip
    run = _Run(net, TASK, settings, None)
    return lambda: run._advance(updates)


def by_torch(net: ll.FilterNetwork, updates: int) -> tuple[Callable[[], object], Array]:
    """Updates by PyTorch's autograd, and its gradient by W."""
    import torch

    torch.set_num_threads(1)
    W, u, v = (torch.tensor(array.copy(), requires_grad=True) for array in (net.W, net.u, net.v))
    f = torch.tensor(TASK.filter(np.arange(HORIZON)))
    descent = torch.optim.SGD([W, u, v], lr=1e-9)

    def update() -> None:
        descent.zero_grad()
        a, k = u, []
        for _ in range(HORIZON):
            k.append(v @ a)
            a = W @ a
        (0.5 * ((torch.stack(k) - f) ** 2).sum()).backward()
        descent.step()

    def several() -> None:
        for _ in range(updates):
            update()

    update()
    return several, W.grad.numpy().copy()


def by_jax(net: ll.FilterNetwork, updates: int) -> tuple[Callable[[], object], Array]:
    """Updates by JAX, each one compiled program, and its gradient by W."""
    import jax

    jax.config.update("jax_enable_x64", True)
    f = jax.numpy.asarray(TASK.filter(np.arange(HORIZON)))

    def loss(theta):
        W, u, v = theta
        k = jax.lax.scan(lambda a, _: (W @ a, v @ a), u, None, length=HORIZON)[1]
        return 0.5 * ((k - f) ** 2).sum()

    slope = jax.grad(loss)
    update = jax.jit(lambda theta: jax.tree.map(lambda x, g: x - 1e-9 * g, theta, slope(theta)))
    held = [tuple(jax.numpy.asarray(array) for array in (net.W, net.u, net.v))]
    first = np.asarray(jax.jit(slope)(held[0])[0])

    def several() -> None:
        for _ in range(updates):
            held[0] = update(held[0])
        jax.block_until_ready(held[0])

    return several, first


PEERS = {"torch": by_torch, "jax": by_jax}


def main() -> None:
    """Print the table."""
    peers = {name: peer for name, peer in PEERS.items() if find_spec(name)}
    for name in PEERS.keys() - peers.keys():
        print(f"skipped: {name} (not installed)")
    print(f"horizon {HORIZON}; W, u and v by gradient descent; shares above 100 %: faster than the products alone")
    print(
        "units   ms an update   share of the products (fastest)" + "".join(f"{name + ' / ours':>15s}" for name in peers)
    )
    for n, updates in UPDATES.items():
        net = ll.FilterNetwork.random(n, g=0.9, seed=1)
        things: dict[str, Callable[[], object]] = {"products": bare(net, updates), "ours": ours(net, updates)}
        exact = ll.filter_gradient(net, TASK).W
        for name, peer in peers.items():
            things[name], found = peer(net, updates)
            if not np.allclose(found, exact, rtol=1e-9, atol=1e-9 * np.abs(exact).max()):
                raise AssertionError(f"{name} finds another gradient at {n} units")
        times = in_turn(things, repeats=REPEATS, clock=BUSY)
        pace, share = 1e3 * min(times["ours"]) / updates, ratio(times, "products", "ours")
        against = "".join(f"{ratio(times, name, 'ours'):15.1f}" for name in peers)
        fastest = of_fastest(times, "products", "ours")
        print(f"{n:5d} {pace:14.4f} {share:23.0%} {f'({fastest:.0%})':>9s}{against}", flush=True)
    net = ll.FilterNetwork.random(100, aligned=0.0, seed=1)
    run = {"run": lambda: ll.learn_filter(net, TASK, updates=1000, limited=True)}
    print(f"1,000 updates of 100 units with all snapshots: {min(in_turn(run, repeats=3, clock=BUSY)['run']):.2f} s")
    print("(wanted: 90 % of the products or more from 100 units on, ahead of PyTorch and JAX, and about 0.25 s)")
