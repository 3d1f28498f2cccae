"""Loops in Python over NumPy and over PyTorch: one product and one QR decomposition a step."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from benchmarks.others import Array, Network
from benchmarks.others.formulas import BY_CELL

__all__ = ["by_numpy", "by_torch"]


def by_numpy(network: Network, steps: int) -> Callable[[], Array]:
    """Use np.linalg.qr."""
    advance, weights = BY_CELL[network.cell], network.weights

    def run() -> Array:
        x, Q = network.start, np.eye(len(network.start))
        growth = np.empty((steps, len(x)))
        for t in range(steps):
            x, Q = advance(np, weights, x, Q)
            Q, R = np.linalg.qr(Q)
            growth[t] = np.log(np.abs(np.diagonal(R)))
        return growth

    return run


def by_torch(network: Network, steps: int) -> Callable[[], Array]:
    """Use torch.linalg.qr on the CPU, without a tape."""
    import torch

    advance = BY_CELL[network.cell]
    weights = tuple(torch.tensor(array) for array in network.weights)
    start = torch.tensor(network.start)

    def run() -> Array:
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            with torch.inference_mode():
                x, Q = start, torch.eye(len(start), dtype=start.dtype)
                growth = torch.empty((steps, len(start)), dtype=start.dtype)
                for t in range(steps):
                    x, Q = advance(torch, weights, x, Q)
                    Q, R = torch.linalg.qr(Q)
                    growth[t] = R.diagonal().abs().log()
                return growth.numpy()
        finally:
            torch.set_num_threads(threads)

    return run
