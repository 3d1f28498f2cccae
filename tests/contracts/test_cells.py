"""What the functions of every cell promise, an own one too: derivatives of each other, and rows that do not mix."""

from __future__ import annotations

import math

import numpy as np
import pytest

import lyaplab as ll
from lyaplab.cells import find
from lyaplab.engine.orbit import orbit
from lyaplab.kernel import Cell, kernel
from lyaplab.kernel.cell import grad, pull, push, step


@ll.map(start=(0.2, 0.1))
def coupled(x, y, a=0.9, b=0.3):
    """Map a plane, with everything smooth."""
    return a * np.sin(x) + b * y, x * np.exp(-y * y) - b


def _step_alone(q, x, u, y, w):
    """A network that squashes rationally: x' = (W x + sum of u) / (1 + x²); it saves more than it has inputs."""
    for r in range(x.shape[0]):
        for i in range(x.shape[1]):
            total = 0.0
            for j in range(u.shape[1]):
                total += u[r, j]
            for j in range(x.shape[1]):
                total += q[0][i, j] * x[r, j]
            y[r, i] = total / (1.0 + x[r, i] * x[r, i])
            w[r, i] = total
        w[r, x.shape[1]] = total


STEP_ALONE = Cell(
    "step-alone",
    step=_step_alone,
    size=lambda p: (p[0].shape[-1], p[0].shape[-1] + 1, 0),
    inputs=2,
    card=ll.Card(
        parameters=(ll.Parameter("W", ("n", "n")),), hyper=find("tanh").card.hyper, state=("h",), title="own network"
    ),
)

OWN = {"coupled": coupled, "step-alone": STEP_ALONE}
NAMES = [*ll.cells(), *OWN]


def cell_of(name: str) -> Cell:
    return OWN[name] if name in OWN else find(name)


def sizes_of(cell: Cell) -> list[tuple[int, int]]:
    """Units and inputs to try."""
    if cell.card.size is not None:
        return [(cell.card.size, 0)]
    inputs = (2,) if cell.name == "step-alone" else (0, 2) if takes_inputs(cell) else (0,)
    return [(n, m) for n in (1, 2, 3, 11) if n >= least_units(cell) for m in inputs]


def takes_inputs(cell: Cell) -> bool:
    return any(number.name == "m" for number in cell.card.hyper)


def least_units(cell: Cell) -> int:
    return next((int(number.limits[0]) for number in cell.card.hyper if number.name == "n"), 1)


CASES = [(name, n, m) for name in NAMES for n, m in sizes_of(cell_of(name))]


@kernel
def _step(cell, q, x, u, y, w):
    step(cell, q, x, u, y, w)


@kernel
def _push(cell, q, w, V, A, Z):
    push(cell, q, w, V, A, Z)


@kernel
def _pull(cell, q, w, G, A, H):
    pull(cell, q, w, G, A, H)


@kernel
def _grad(cell, p, x, u, w, A, dp):
    grad(cell, p, x, u, w, A, dp)


def parameters(cell: Cell, n: int, m: int, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """Random parameters of the given sizes, every array filled, as the cell's functions receive them."""
    drawn = cell.card.init(cell.card, n, rng, m=m, gain=1.2)
    filled = []
    for parameter in cell.card.parameters:
        array = np.atleast_1d(np.array(drawn[parameter.name], dtype=float))
        varied = parameter.shape and parameter.trainable
        filled.append(array + 0.2 * rng.standard_normal(array.shape) if varied else array * 0.97)
    return tuple(filled)


def states(cell: Cell, d: int, rows: int, rng: np.random.Generator) -> np.ndarray:
    """Random states of d variables within the view of the card, which may hold a value for each name of a state."""
    low, high = (np.ravel(side) for side in (cell.card.view if cell.card.view is not None else (-1.0, 1.0)))
    return rng.uniform(np.repeat(low, d // len(low)), np.repeat(high, d // len(high)), (rows, d))


class Rows:
    """A cell at some states: the calls of a kernel, with the work space they need."""

    def __init__(self, cell: Cell, p: tuple[np.ndarray, ...], x: np.ndarray, u: np.ndarray) -> None:
        self.cell, self.p, self.q, self.x, self.u = cell, p, cell.prepare(p), x, u
        _, self.nw, self.na = cell.size(p)
        self.w = np.full((len(x), self.nw), np.nan)
        self.y = np.empty_like(x)
        _step(cell, self.q, x, u, self.y, self.w)

    def push(self, V: np.ndarray) -> np.ndarray:
        Z = np.full_like(V, np.nan)
        _push(self.cell, self.q, self.w, V, np.full((len(V), self.na), np.nan), Z)
        return Z

    def pull(self, G: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        H, A = np.full_like(G, np.nan), np.full((len(G), self.na), np.nan)
        _pull(self.cell, self.q, self.w, G, A, H)
        return H, A

    def grad(self, G: np.ndarray) -> tuple[np.ndarray, ...]:
        dp = tuple(np.zeros_like(array) for array in self.p)
        _, A = self.pull(G)
        _grad(self.cell, self.p, self.x, self.u, self.w, A, dp)
        return dp


def advance(cell: Cell, p: tuple[np.ndarray, ...], x: np.ndarray, u: np.ndarray) -> np.ndarray:
    return Rows(cell, p, np.ascontiguousarray(x), np.ascontiguousarray(u)).y


def relative(difference: np.ndarray, scale: np.ndarray) -> float:
    return float(np.abs(difference).max() / max(np.abs(scale).max(), 1e-300))


@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("each", [1, 2])
@pytest.mark.parametrize(("name", "n", "m"), CASES)
def test_push_is_the_derivative_of_step_and_pull_its_transpose(name, n, m, batch, each):
    cell = cell_of(name)
    rng = np.random.default_rng(n + 10 * m)
    p = parameters(cell, n, m, rng)
    d = cell.size(p)[0]
    x, u = states(cell, d, batch, rng), rng.standard_normal((batch, m))
    V, G = rng.standard_normal((2, batch * each, d))
    at = Rows(cell, p, x, u)
    Z, (H, _) = at.push(V), at.pull(G)
    assert np.isfinite(at.y).all()

    X, U = np.repeat(x, each, axis=0), np.repeat(u, each, axis=0)
    e = 1e-6 * max(1.0, np.abs(x).max())
    difference = (advance(cell, p, X + e * V, U) - advance(cell, p, X - e * V, U)) / (2 * e)
    assert relative(Z - difference, difference) < 1e-7

    left, right = (G * Z).sum(axis=1), (H * V).sum(axis=1)
    scale = np.linalg.norm(G, axis=1) * np.linalg.norm(Z, axis=1)
    exact = cell.derivatives != "central differences"
    assert relative(left - right, scale) < (1e-12 if exact else 1e-8)


@pytest.mark.parametrize(("name", "n", "m"), CASES)
def test_parameter_gradient_agrees_with_differences(name, n, m):
    cell = cell_of(name)
    if not cell.has("grad"):
        assert cell.derivatives == "central differences"  # a cell of ours has its gradient
        return
    rng = np.random.default_rng(100 + n)
    p = parameters(cell, n, m, rng)
    d = cell.size(p)[0]
    x, u = states(cell, d, 3, rng), rng.standard_normal((3, m))
    G = rng.standard_normal((3, d))
    dp = Rows(cell, p, x, u).grad(G)
    for parameter, array, slope in zip(cell.card.parameters, p, dp, strict=True):
        if not parameter.trainable:
            assert not slope.any()
            continue
        expected = np.empty_like(array)
        for place in np.ndindex(array.shape):
            e = 1e-6 * max(1.0, abs(array[place]))
            sides = []
            for sign in (1.0, -1.0):
                moved = tuple(a.copy() for a in p)
                moved[cell.card.names.index(parameter.name)][place] += sign * e
                sides.append((G * advance(cell, moved, x, u)).sum())
            expected[place] = (sides[0] - sides[1]) / (2 * e)
        if array.size:
            # A short step of a flow hardly depends on a parameter: rounding in the differences shows.
            rounding = 1e-15 * np.abs(G * advance(cell, p, x, u)).sum() / 1e-6
            assert np.abs(slope - expected).max() < 1e-7 * np.abs(expected).max() + rounding, parameter.name


@pytest.mark.parametrize("n", [1, 2, 11])
@pytest.mark.parametrize("name", [name for name in NAMES if name != "step-alone"])
def test_rows_with_parameters_of_their_own_agree_with_single_runs(name, n):
    cell = cell_of(name)
    n = cell.card.size or max(n, least_units(cell))
    m = 2 if takes_inputs(cell) else 0
    rng = np.random.default_rng(7)
    each = [parameters(cell, n, m, np.random.default_rng(seed)) for seed in range(4)]
    for i, p in enumerate(each):
        for array, parameter in zip(p, cell.card.parameters, strict=True):
            array *= 1.0 if parameter.shape else 1.0 - 0.01 * i
    stacked = tuple(
        np.concatenate(arrays) if not parameter.shape else np.stack(arrays)
        for parameter, *arrays in zip(cell.card.parameters, *each, strict=True)
    )
    d = cell.size(each[0])[0]
    x, u = states(cell, d, 4, rng), rng.standard_normal((4, m))
    V, G = rng.standard_normal((2, 8, d))
    together = Rows(cell, stacked, x, u)
    Z, (H, _) = together.push(V), together.pull(G)
    paths = orbit(cell, stacked, x0=x, inputs=u[None], steps=5)
    for i, p in enumerate(each):
        single = Rows(cell, p, x[i : i + 1].copy(), u[i : i + 1].copy())
        rows = slice(2 * i, 2 * i + 2)
        np.testing.assert_allclose(together.y[i], single.y[0], rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(Z[rows], single.push(V[rows].copy()), rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(H[rows], single.pull(G[rows].copy())[0], rtol=1e-12, atol=1e-12)
        path = orbit(cell, p, x0=x[i : i + 1].copy(), inputs=u[None, i : i + 1].copy(), steps=5)
        np.testing.assert_allclose(paths[:, i], path[:, 0], rtol=1e-10, atol=1e-10)


def test_discovery_finds_the_cells_of_this_issue():
    assert set(ll.cells()) >= {"gru", "henon", "leaky", "linear", "logistic", "lorenz63", "lstm", "rate", "tanh"}


def test_own_cell_by_step_alone_gets_its_spectrum():
    W = np.array([[0.5, 0.2, 0.0], [0.0, 0.4, 0.1], [0.3, 0.0, -0.6]])
    spectrum = ll.Model(STEP_ALONE, W=W).lyapunov_spectrum(2000)
    # It settles to the origin, where the Jacobian is W.
    expected = np.sort(np.log(np.abs(np.linalg.eigvals(W))))[::-1]
    np.testing.assert_allclose(spectrum.exponents, expected, atol=5e-3)
    assert math.isfinite(spectrum.sum_rule_error) and spectrum.sum_rule_error < 1e-6
