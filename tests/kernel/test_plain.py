"""Maps and flows from one plain function: derivatives both ways, parameters for each row, helpers, the card."""

from __future__ import annotations

import math

import numpy as np
import pytest

import lyaplab as ll
from lyaplab.kernel import Cell, kernel
from lyaplab.kernel.cell import field, field_push, grad, pull, push, step

SHIFT = 0.3
TABLE = np.array([0.5, 0.25])


def bend(x):
    """A helper of the learner's, which calls another."""
    return inner(x) * x


def inner(x):
    return SHIFT * x


@ll.map
def smooth(x, y, a=0.9, b=0.3):
    return a * np.sin(x) + b * y, x * np.exp(-y * y) - b


@ll.map
def kinked(x, y, a=0.7, b=0.2):
    return min(a * x, 1.0) + abs(y), (x + b * y) % 2.0


@ll.map
def branching(x, a=1.9):
    return a * x if x < 0.5 else a * (1.0 - x)


@ll.map
def helped(x, y, a=0.5):
    return a * bend(x) + y, TABLE[0] * x - TABLE[1] * y


@ll.flow(dt=0.05)
def spiral(x, y, a=0.2, b=1.5):
    return -a * x - b * y, b * x - a * y - x * x * x


@ll.flow(dt=0.05)
def kinked_flow(x, y, a=0.2):
    return abs(y) - a * x, -x - a * max(y, 0.0)


@ll.flow(dt=0.05)
def alone(x, rate=2.0):
    return -rate * x


SYSTEMS = {c.name: c for c in (smooth, kinked, branching, helped, spiral, kinked_flow, alone)}
ANALYTIC = {"smooth", "helped", "spiral", "alone"}
systems = pytest.mark.parametrize("name", SYSTEMS)


@kernel
def run_step(cell, q, x, u, y, w):
    step(cell, q, x, u, y, w)


@kernel
def run_push(cell, q, w, V, A, Z):
    push(cell, q, w, V, A, Z)


@kernel
def run_pull(cell, q, w, G, A, H):
    pull(cell, q, w, G, A, H)


@kernel
def run_grad(cell, p, x, u, w, A, dp):
    grad(cell, p, x, u, w, A, dp)


@kernel
def run_field(cell, q, x, u, y):
    field(cell, q, x, u, y)


@kernel
def run_field_push(cell, q, x, u, V, A, Z):
    field_push(cell, q, x, u, V, A, Z)


class Rows:
    """A cell with parameters at some rows: what the contract promises, as matrices."""

    def __init__(self, cell: Cell, B: int = 3, *, p: tuple[np.ndarray, ...] | None = None, seed: int = 0) -> None:
        self.cell, self.p = cell, ll.Model(cell)._p if p is None else p
        self.n, nw, self.na = cell.size(self.p)
        rng = np.random.default_rng(seed)
        self.x, self.u, self.w = rng.uniform(0.1, 0.4, (B, self.n)), np.zeros((B, 0)), np.empty((B, nw))
        self.y = np.empty_like(self.x)
        run_step(cell, self.p, self.x, self.u, self.y, self.w)

    def push(self, V: np.ndarray) -> np.ndarray:
        Z = np.empty_like(V)
        run_push(self.cell, self.p, self.w, V, np.empty((len(V), self.na)), Z)
        return Z

    def pull(self, G: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        H, A = np.empty_like(G), np.empty((len(G), self.na))
        run_pull(self.cell, self.p, self.w, G, A, H)
        return H, A

    def at(self, x: np.ndarray, p: tuple[np.ndarray, ...] | None = None) -> np.ndarray:
        y = np.empty_like(x)
        run_step(self.cell, self.p if p is None else p, x, self.u, y, np.empty_like(self.w))
        return y


@systems
def test_the_repr_says_how_derivatives_are_taken(name):
    how = "complex step" if name in ANALYTIC else "central differences"
    assert repr(SYSTEMS[name]) == f"Cell({name!r}, derivatives by {how})"


@systems
def test_push_is_the_derivative_of_the_step(name):
    rows, h = Rows(SYSTEMS[name]), 1e-6
    V = np.random.default_rng(1).standard_normal((6, rows.n))
    for k in range(2):
        part = V[k::2].copy()
        difference = (rows.at(rows.x + h * part) - rows.at(rows.x - h * part)) / (2 * h)
        np.testing.assert_allclose(rows.push(V)[k::2], difference, rtol=2e-8, atol=1e-8)


@systems
def test_pull_is_the_transpose_of_push(name):
    rows = Rows(SYSTEMS[name])
    rng = np.random.default_rng(2)
    V, G = rng.standard_normal((6, rows.n)), rng.standard_normal((6, rows.n))
    forward, backward = (G * rows.push(V)).sum(axis=1), (rows.pull(G)[0] * V).sum(axis=1)
    np.testing.assert_allclose(forward, backward, rtol=1e-12 if name in ANALYTIC else 1e-8, atol=1e-9)


@systems
def test_the_gradient_by_the_parameters(name):
    rows, h = Rows(SYSTEMS[name]), 1e-6
    G = np.random.default_rng(3).standard_normal(rows.x.shape)
    gradient = tuple(np.zeros_like(array) for array in rows.p)
    run_grad(rows.cell, rows.p, rows.x, rows.u, rows.w, rows.pull(G)[1], gradient)
    for place, parameter in enumerate(rows.cell.card.parameters):
        if not parameter.trainable:
            continue
        moved = [array.copy() for array in rows.p], [array.copy() for array in rows.p]
        moved[0][place] += h
        moved[1][place] -= h
        ahead, behind = (rows.at(rows.x, tuple(arrays)) for arrays in moved)
        np.testing.assert_allclose(gradient[place], [(G * (ahead - behind)).sum() / (2 * h)], rtol=1e-7, atol=1e-8)


@systems
def test_a_parameter_may_have_a_value_for_each_row(name):
    B = 4
    base = ll.Model(SYSTEMS[name])._p
    scales = np.linspace(0.8, 1.2, B)
    each = (base[0] * scales, *base[1:])
    rows = Rows(SYSTEMS[name], B, p=each)
    V = np.random.default_rng(4).standard_normal((2 * B, rows.n))
    for b in range(B):
        single = Rows(SYSTEMS[name], 1, p=(base[0] * scales[b], *base[1:]))
        single.x[:] = rows.x[b]
        run_step(single.cell, single.p, single.x, single.u[:1], single.y, single.w)
        np.testing.assert_allclose(rows.y[b], single.y[0], rtol=1e-14)
        part = V[2 * b : 2 * b + 2].copy()
        np.testing.assert_allclose(rows.push(V)[2 * b : 2 * b + 2], single.push(part), rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(rows.pull(V)[0][2 * b : 2 * b + 2], single.pull(part)[0], rtol=1e-9, atol=1e-12)


def test_gradients_of_a_parameter_for_each_row_stay_apart():
    rows = Rows(smooth, 2, p=(np.array([0.9, 0.8]), np.array([0.3])))
    gradient = (np.zeros(2), np.zeros(1))
    G = np.array([[1.0, 0.0], [0.0, 0.0]])
    run_grad(rows.cell, rows.p, rows.x, rows.u, rows.w, rows.pull(G)[1], gradient)
    np.testing.assert_allclose(gradient[0], [math.sin(rows.x[0, 0]), 0.0], rtol=1e-14)


@pytest.mark.parametrize("name", ["spiral", "kinked_flow", "alone"])
def test_the_field_of_a_flow_and_its_derivative(name):
    rows, h = Rows(SYSTEMS[name]), 1e-6
    functions = {"spiral": lambda s: spiral_by_hand(*s), "alone": lambda s: (-2.0 * s[0],)}
    functions["kinked_flow"] = lambda s: (abs(s[1]) - 0.2 * s[0], -s[0] - 0.2 * max(s[1], 0.0))
    F = functions[name]
    y = np.empty_like(rows.x)
    run_field(rows.cell, rows.p, rows.x, rows.u, y)
    np.testing.assert_allclose(y, [F(s) for s in rows.x], rtol=1e-13)
    V = np.random.default_rng(5).standard_normal(rows.x.shape)
    Z = np.empty_like(V)
    run_field_push(rows.cell, rows.p, rows.x, rows.u, V, np.empty((len(V), rows.na)), Z)
    wanted = [(np.array(F(s + h * v)) - np.array(F(s - h * v))) / (2 * h) for s, v in zip(rows.x, V)]
    np.testing.assert_allclose(Z, wanted, rtol=1e-7, atol=1e-8)


def spiral_by_hand(x, y):
    return -0.2 * x - 1.5 * y, 1.5 * x - 0.2 * y - x**3


def test_a_flow_takes_the_classical_runge_kutta_step():
    rows, h = Rows(spiral), 0.05
    for s, y in zip(rows.x, rows.y):
        k1 = np.array(spiral_by_hand(*s))
        k2 = np.array(spiral_by_hand(*(s + h / 2 * k1)))
        k3 = np.array(spiral_by_hand(*(s + h / 2 * k2)))
        k4 = np.array(spiral_by_hand(*(s + h * k3)))
        np.testing.assert_allclose(y, s + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4), rtol=1e-14)


def test_the_card_follows_from_the_signature():
    card = spiral.card
    assert card.state == ("x", "y")
    assert card.names == ("a", "b", "dt")
    assert card.time_step == "dt"
    assert [p.default for p in card.parameters] == [0.2, 1.5, 0.05]
    assert smooth.card.time_step is None


def test_ranges_and_start_are_checked():
    with pytest.raises(ValueError, match="did you mean 'rate'"):
        ll.map(lambda x, rate=1.0: rate * x, ranges={"rat": (0.0, 1.0)})
    with pytest.raises(ValueError, match="start must hold one number for each of x, y"):
        ll.map(lambda x, y: (x, y), start=(1.0,))
    with pytest.raises(ll.CellError, match="has a parameter dt"):
        ll.flow(lambda x, dt=0.1: -dt * x)


def test_written_derivatives_of_a_plain_function_are_used():
    def slope(x, a):
        return -a * x * x

    def jvp(x, vx, a):
        return -2.0 * a * x * vx

    card = ll.Card(
        parameters=(ll.Parameter("a", default=0.5), ll.Parameter("dt", default=0.1)),
        state=("x",), size=1, time_step="dt",
    )  # fmt: skip
    cell = ll.flow(slope, jvp=jvp, vjp=jvp, name="written", card=card)
    assert repr(cell) == "Cell('written')"
    assert not cell.has("grad")
    rows, h = Rows(cell), 1e-6
    V = np.ones_like(rows.x)
    difference = (rows.at(rows.x + h) - rows.at(rows.x - h)) / (2 * h)
    np.testing.assert_allclose(rows.push(V), difference, rtol=1e-8)
    np.testing.assert_allclose(rows.pull(V)[0], difference, rtol=1e-8)


def test_the_time_step_has_to_be_the_last_in_the_card():
    card = ll.Card(parameters=(ll.Parameter("dt", default=0.1), ll.Parameter("a")), size=1, time_step="dt")
    with pytest.raises(ValueError, match="the last parameter in the card of 'first'"):
        ll.flow(lambda x, a: -a * x, name="first", card=card)


def test_a_lorenz_written_by_a_learner_agrees_with_ours():
    @ll.flow(dt=0.01)
    def lorenz(x, y, z, sigma=10.0, rho=28.0, beta=8 / 3):
        return sigma * (y - x), x * (rho - z) - y, x * y - beta * z

    own, ours = (ll.Model(cell).orbit(200, x0=[1.0, 2.0, 20.0]) for cell in (lorenz, "lorenz63"))
    np.testing.assert_allclose(own, ours, rtol=1e-9)
    J, ours = (ll.Model(cell).jacobian([1.0, 2.0, 20.0]) for cell in (lorenz, "lorenz63"))
    np.testing.assert_allclose(J, ours, rtol=1e-12)


@pytest.mark.parametrize("x", [-1.3, -0.7, 0.4, 1.1])
def test_powers_of_negative_numbers_have_right_derivatives(x):
    def cube(x):
        return x**3

    @ll.map
    def directly(x, a=0.5):
        return a * x**3

    @ll.map
    def by_a_helper(x, a=0.5):
        return a * cube(x)

    for cell in (directly, by_a_helper):
        assert ll.Model(cell).jacobian([x]).item() == pytest.approx(1.5 * x * x, rel=1e-8)


_WORDS = {
    "tanh": np.tanh, "sin": np.sin, "cos": np.cos, "exp": np.exp, "sinh": np.sinh, "cosh": np.cosh,
    "arctan": np.arctan, "sqrt": lambda x: np.sqrt(2.0 + x), "log": lambda x: np.log(2.0 + x),
    "inverse": lambda x: 1.0 / x,
}  # fmt: skip


@pytest.mark.parametrize("word", sorted(_WORDS))
def test_the_compiled_complex_step_of_common_functions_is_right(word):
    """What is true in Python need not be true compiled: every common function, on both sides of zero."""
    of = _WORDS[word]

    @ll.map
    def system(x, a=0.9):
        return a * of(x)

    model = ll.Model(system)
    for x in (-1.4, -0.3, 0.6, 1.5):
        h = 1e-5
        difference = 0.9 * (float(of(x + h)) - float(of(x - h))) / (2 * h)
        assert model.jacobian([x]).item() == pytest.approx(difference, rel=1e-7, abs=1e-9)
