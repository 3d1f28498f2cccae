"""One step of a state and of its tangents, written by hand for any library of arrays: NumPy, torch or jax.numpy.

``cell(xp, weights, x, V)`` takes a state (d,) and tangents as columns (d, k), and returns the next ones. Rows of W
and b are stacked as in PyTorch: r, z, n for a GRU and i, f, g, o for an LSTM.
"""

from __future__ import annotations

__all__ = ["BY_CELL"]


def sigmoid(xp, a):
    """Return 1 / (1 + exp(-a)) without overflow."""
    return 0.5 + 0.5 * xp.tanh(0.5 * a)


def tanh(xp, weights, x, V):
    """Advance a tanh network."""
    W, b = weights
    y = xp.tanh(W @ x + b)
    return y, (1.0 - y * y)[:, None] * (W @ V)


def gru(xp, weights, x, V):
    """Advance a GRU that resets after the product."""
    W, b, b_n = weights
    n = x.shape[0]
    a, A = W @ x, W @ V
    r, z = sigmoid(xp, a[:n] + b[:n]), sigmoid(xp, a[n : 2 * n] + b[n : 2 * n])
    product = a[2 * n :] + b_n
    content = xp.tanh(r * product + b[2 * n :])
    # Slopes of the next state by the pre-activations of r, z and n, and by the state itself.
    by_n = (1.0 - z) * (1.0 - content * content)
    by_r, by_z = by_n * product * r * (1.0 - r), (x - content) * z * (1.0 - z)
    Y = by_r[:, None] * A[:n] + by_z[:, None] * A[n : 2 * n] + (by_n * r)[:, None] * A[2 * n :] + z[:, None] * V
    return (1.0 - z) * content + z * x, Y


def lstm(xp, weights, x, V):
    """Advance an LSTM; its state is h and c together."""
    W, b = weights
    n = x.shape[0] // 2
    h, c = x[:n], x[n:]
    a, A = W @ h + b, W @ V[:n]
    i, f, o = (sigmoid(xp, a[k * n : (k + 1) * n]) for k in (0, 1, 3))
    g = xp.tanh(a[2 * n : 3 * n])
    memory = f * c + i * g
    shown = xp.tanh(memory)
    by_i, by_f, by_g = g * i * (1.0 - i), c * f * (1.0 - f), i * (1.0 - g * g)
    C = by_i[:, None] * A[:n] + by_f[:, None] * A[n : 2 * n] + by_g[:, None] * A[2 * n : 3 * n] + f[:, None] * V[n:]
    H = (shown * o * (1.0 - o))[:, None] * A[3 * n :] + (o * (1.0 - shown * shown))[:, None] * C
    return xp.concatenate((o * shown, memory)), xp.concatenate((H, C))


BY_CELL = {"tanh": tanh, "gru": gru, "lstm": lstm}
