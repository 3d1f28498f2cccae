"""Stacks of layers: against a loop over the layers, the laws of block triangular Jacobians, and what is refused.

All kinds of layers are tried in plain Python, which tests every formula; what is compiled is one stack of two kinds
here, and those of PyTorch in tests/peers.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lyaplab as ll
from lyaplab.kernel.helpers import in_python
from tests.contracts.test_cells import STEP_ALONE, Rows, parameters, relative

# Every kind of layer, each fed by another kind.
KINDS = {"tanh": 3, "lstm": 2, "gru": 3, "leaky": 2, "linear": 3, "tanh again": 2}


def mixture(kinds: dict[str, int] = KINDS, m: int = 2, seed: int = 0) -> ll.Model:
    """Make a stack with every array filled."""
    rng, layers, width = np.random.default_rng(seed), [], m
    for name, n in kinds.items():
        cell = ll.Model(name.split()[0], n=1).cell
        arrays = dict(zip(cell.card.names, parameters(cell, n, width, rng), strict=True))
        arrays = {key: a[0] if a.shape == (1,) and key in ("a", "reset_after") else a for key, a in arrays.items()}
        if "reset_after" in arrays:
            arrays["reset_after"] = seed % 2
        layers.append(ll.Model(cell, **arrays))
        width = n
    return ll.Model.stack(layers)


@cache
def plain(code: str, role: str, cell: ll.Cell):
    return in_python(cell.functions[role])


class Plain(Rows):
    """The same calls as of compiled rows, in plain Python."""

    def __init__(self, net: ll.Model, x: np.ndarray, u: np.ndarray) -> None:
        self.cell, self.p, self.x, self.u = net.cell, net._p, x, u
        self.q = self.cell.prepare(self.p)
        _, self.nw, self.na = self.cell.size(self.p)
        self.w, self.y = np.full((len(x), self.nw), np.nan), np.full_like(x, np.nan)
        self.call("step", self.q, x, u, self.y, self.w)

    def call(self, role: str, *arguments) -> None:
        plain(self.cell.code, role, self.cell)(*arguments)

    def push(self, V: np.ndarray) -> np.ndarray:
        Z = np.full_like(V, np.nan)
        self.call("push", self.q, self.w, V, np.full((len(V), self.na), np.nan), Z)
        return Z

    def pull(self, G: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        H, A = np.full_like(G, np.nan), np.full((len(G), self.na), np.nan)
        self.call("pull", self.q, self.w, G, A, H)
        return H, A

    def grad(self, G: np.ndarray) -> tuple[np.ndarray, ...]:
        dp = tuple(np.zeros_like(array) for array in self.p)
        _, A = self.pull(G)
        self.call("grad", self.p, self.x, self.u, self.w, A, dp)
        return dp


def by_layers(net: ll.Model, x: np.ndarray, u: np.ndarray) -> tuple[np.ndarray, list[np.ndarray]]:
    """The next states of all layers, each stepped by itself, and what each was fed with."""
    new, fed, first = [], [], 0
    for layer in net.layers:
        fed.append(u)
        new.append(Plain(layer, np.ascontiguousarray(x[:, first : first + layer.d]), u).y)
        first += layer.d
        u = np.ascontiguousarray(new[-1][:, : layer.n])
    return np.hstack(new), fed


def somewhere(net: ll.Model, rows: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.uniform(-1, 1, (rows, net.d)), rng.standard_normal((rows, net.m))


@pytest.mark.parametrize("seed", [0, 1])
def test_every_layer_is_fed_by_the_new_h_of_the_one_below(seed):
    net = mixture(seed=seed)
    x, u = somewhere(net, 3)
    np.testing.assert_array_equal(Plain(net, x, u).y, by_layers(net, x, u)[0])


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), batch=st.sampled_from([1, 3]), each=st.sampled_from([1, 2]))
def test_push_is_the_derivative_of_step_and_pull_its_transpose(seed, batch, each):
    net = mixture(seed=seed)
    x, u = somewhere(net, batch, seed)
    V, G = np.random.default_rng(seed).standard_normal((2, batch * each, net.d))
    at = Plain(net, x, u)
    Z, (H, _) = at.push(V), at.pull(G)
    X, U = np.repeat(x, each, axis=0), np.repeat(u, each, axis=0)
    difference = (Plain(net, X + 1e-6 * V, U).y - Plain(net, X - 1e-6 * V, U).y) / 2e-6
    assert relative(Z - difference, difference) < 1e-7
    scale = np.linalg.norm(G, axis=1) * np.linalg.norm(Z, axis=1)
    assert relative((G * Z).sum(axis=1) - (H * V).sum(axis=1), scale) < 1e-12


def gradient_by_differences(net: ll.Model, rows, G: np.ndarray) -> list[np.ndarray]:
    slopes = [np.zeros_like(array) for array in net._p]
    for parameter, array, slope in zip(net.card.parameters, net._p, slopes, strict=True):
        for place in np.ndindex(array.shape) if parameter.trainable else ():
            sides, before = [], array[place]
            for sign in (1e-6, -1e-6):
                array[place] = before + sign
                sides.append((G * rows()).sum())
            array[place] = before
            slope[place] = (sides[0] - sides[1]) / 2e-6
    return slopes


@pytest.mark.parametrize("seed", [0, 1])
def test_parameter_gradient_agrees_with_differences(seed):
    net = mixture(seed=seed)
    x, u = somewhere(net, 2)
    G = np.random.default_rng(3).standard_normal(x.shape)
    slopes = gradient_by_differences(net, lambda: Plain(net, x, u).y, G)
    for name, got, expected in zip(net.card.names, Plain(net, x, u).grad(G), slopes, strict=True):
        assert np.abs(got - expected).max() < 1e-7 * max(1.0, np.abs(expected).max()), name


def test_jacobian_is_block_lower_triangular_with_the_layers_own_on_the_diagonal():
    net = mixture()
    x, u = somewhere(net, 1)
    J = Plain(net, x, u).push(np.eye(net.d)).T
    _, fed = by_layers(net, x, u)
    first = 0
    for layer, given_ in zip(net.layers, fed, strict=True):
        last = first + layer.d
        assert not J[first:last, last:].any()
        own = Plain(layer, np.ascontiguousarray(x[:, first:last]), given_).push(np.eye(layer.d)).T
        np.testing.assert_allclose(J[first:last, first:last], own, atol=1e-14)
        first = last


def test_a_layer_by_step_alone_may_be_fed():
    W = np.array([[0.5, 0.2], [0.1, -0.4]])
    net = ll.Model.stack([ll.Model("tanh", n=2, m=1, gain=1.0), ll.Model(STEP_ALONE, W=W)])
    x, u = somewhere(net, 1)
    V, G = np.random.default_rng(0).standard_normal((2, 3, 4))
    at, U = Plain(net, x, u), np.repeat(u, 3, axis=0)
    Z, (H, _) = at.push(V), at.pull(G)
    difference = (Plain(net, x + 1e-6 * V, U).y - Plain(net, x - 1e-6 * V, U).y) / 2e-6
    assert relative(Z - difference, Z) < 1e-7
    np.testing.assert_allclose((G * Z).sum(axis=1), (H * V).sum(axis=1), atol=1e-8)
    assert net.cell.derivatives == "central differences"


# Compiled, and measured.


@pytest.fixture(scope="module")
def net() -> ll.Model:
    return mixture({"leaky": 2, "tanh": 3}, seed=3)


def test_compiled_it_does_what_it_does_in_plain_python(net):
    x, u = somewhere(net, 2)
    V, G = np.random.default_rng(0).standard_normal((2, 10, net.d))
    compiled, python = Rows(net.cell, net._p, x, u), Plain(net, x, u)
    np.testing.assert_allclose(compiled.y, python.y, atol=1e-14)
    np.testing.assert_allclose(compiled.push(V), python.push(V), atol=1e-13)
    np.testing.assert_allclose(compiled.pull(G)[0], python.pull(G)[0], atol=1e-13)
    for ours, theirs in zip(compiled.grad(G[:2]), python.grad(G[:2]), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-13)


def test_orbits_of_several_sequences(net):
    inputs = np.random.default_rng(5).standard_normal((3, 9, net.m))
    together = net.orbit(inputs=inputs)
    for row, sequence in enumerate(inputs):
        states = [net.start[None]]
        for x in sequence[:-1]:
            states.append(by_layers(net, states[-1], x[None])[0])
        np.testing.assert_allclose(together[:, row], np.vstack(states), atol=1e-13)


def test_spectrum_is_the_union_of_the_layers_own_along_the_driven_orbit(net):
    """Of a triangular product the exponents are those of its diagonal blocks."""
    inputs = np.random.default_rng(5).standard_normal((10_500, net.m))
    spectrum = net.lyapunov_spectrum(inputs=inputs, warmup=500)
    path = net.orbit(x0=net.start, inputs=inputs)
    below, above = net.layers
    # The second layer at time t sees the state of the first at t + 1.
    shown = np.vstack([path[1:, :2], by_layers(net, path[-1:], inputs[-1:])[0][:, :2]])
    alone = [
        layer.lyapunov_spectrum(inputs=fed, x0=start, warmup=500).exponents
        for layer, fed, start in ((below, inputs, net.start[:2]), (above, shown, net.start[2:]))
    ]
    union = np.sort(np.concatenate(alone))[::-1]
    np.testing.assert_allclose(spectrum.exponents, union, atol=2e-3)
    # Their sum is the mean of log|det J|, which has no end effects.
    assert abs(spectrum.exponents.sum() - union.sum()) < 1e-9
    assert spectrum.sum_rule_error < 1e-9


def test_at_rest_the_exponents_are_those_of_all_eigenvalues_and_gradients_follow_the_largest():
    """At the origin the slopes are 1: 1 - a + a 0.9 and 1 - a + a 0.2 below, 0.8, 0.7 and 0.2 above."""
    below = ll.Model("leaky", W=[[0.9, 0.3], [0.0, 0.2]], a=0.5)
    above = ll.Model("tanh", W=np.diag([0.8, 0.7, 0.2]) + np.diag([0.3, -0.4], -1), U=np.ones((3, 2)))
    net = ll.Model.stack([below, above])
    expected = np.log([0.95, 0.8, 0.7, 0.6, 0.2])
    np.testing.assert_allclose(net.lyapunov_spectrum(3000).exponents, expected, atol=1e-6)
    assert net.gradient_norms(200).slope == pytest.approx(np.log(0.95), abs=1e-6)
    points = net.fixed_points(30).points
    np.testing.assert_allclose(points, np.zeros((1, 5)), atol=1e-9)


def test_fixed_points_of_layers_lie_within_the_bounds_that_follow_from_theirs():
    layers = [ll.Model("lstm", n=2, m=1, gain=2.0, seed=3), ll.Model("lstm", n=1, m=2, gain=1.0, seed=4)]
    net = ll.Model.stack(layers)
    low, high = net._bounds(np.array([0.5]))
    x = np.zeros((1, net.d))
    for _ in range(300):
        x = Plain(net, x, np.array([[0.5]])).y
    np.testing.assert_allclose(Plain(net, x, np.array([[0.5]])).y, x, atol=1e-9)
    assert (low < x[0]).all() and (x[0] < high).all()
    assert ll.Model.stack([ll.Model("linear", n=2), ll.Model("tanh", n=2, m=2)]).bounds is None


@given(seed=st.integers(0, 500), gain=st.floats(0.5, 6.0))
@settings(max_examples=20, deadline=None)
def test_bounds_of_a_fed_lstm_hold_for_every_input_in_the_box(seed, gain):
    layer, rng = ll.Model("lstm", n=3, m=2, gain=gain, seed=seed), np.random.default_rng(seed)
    box = np.sort(rng.uniform(-1, 1, (2, 2)), axis=0)
    low, high = layer.card.bounds(layer._p, box)
    for share in rng.uniform(0, 1, (10, 2)):
        least, most = layer.card.bounds(layer._p, box[0] + share * (box[1] - box[0]))
        assert (low <= least + 1e-12).all() and (most <= high + 1e-12).all()


def test_a_stack_of_stacks_is_flat():
    a, b, c = (ll.Model("tanh", n=2, m=2, seed=seed) for seed in range(3))
    flat = ll.Model.stack([a, b, c])
    for nested in (ll.Model.stack([ll.Model.stack([a, b]), c]), ll.Model.stack([a, ll.Model.stack([b, c])])):
        assert nested.layers == flat.layers == (a, b, c)
        assert nested.cell.code == flat.cell.code
        assert all(nested.weights[name] is not flat.weights[name] for name in flat.weights)


def test_machine_code_belongs_to_the_kinds_of_layers_not_to_their_sizes():
    small, large = (
        ll.Model.stack([ll.Model("tanh", n=n, m=1), ll.Model("leaky", n=n + 1, m=n)]).cell.code for n in (2, 5)
    )
    other = ll.Model.stack([ll.Model("leaky", n=2, m=1), ll.Model("tanh", n=2, m=2)]).cell.code
    assert small == large != other


def test_names_of_states_and_weights_tell_the_layer():
    net = ll.Model.stack([ll.Model("leaky", n=2, m=1), ll.Model("tanh", n=1, m=2, W=[[0.5]])])
    assert net.state_names == ("layer1.h1", "layer1.h2", "layer2.h")
    assert list(net.weights) == ["W1", "U1", "b1", "a1", "W2", "U2", "b2"]
    assert (net.d, net.m, net.n) == (3, 1, 3)
    assert mixture({"lstm": 1, "tanh": 2}).state_names == ("layer1.h", "layer1.c", "layer2.h1", "layer2.h2")
    assert net.weights["U2"].shape == (1, 2)
    np.testing.assert_array_equal(net.layers[1].weights["W"], net.weights["W2"])
    text = repr(net)
    assert "Model('leaky', n=2, m=1, gain=1, seed=0, a=0.3)" in text and "3 state variables, 1 inputs" in text


def test_knobs_of_a_small_stack_turn_one_weight():
    net = ll.Model.stack([ll.Model("tanh", w=0.5), ll.Model("tanh", W=[[0.8]], U=[[1.0]])])
    assert list(net.knobs) == ["w1_11", "b1_1", "w2_11", "u2_11", "b2_1"]
    assert net.knobs["w2_11"].tex == "w^{(2)}_{11}"
    turned = net.with_knobs(w2_11=0.3)
    assert turned.weights["W2"] == 0.3 and turned.layers[1].weights["W"] == 0.3 and turned.weights["W1"] == 0.5
    assert turned.with_knobs(w1_11=0.1).weights["W2"] == 0.3


@pytest.mark.parametrize("again", [1, 2])
def test_a_stack_comes_back_from_disk_to_the_last_bit(tmp_path, net, again):
    kept = net
    for _ in range(again):
        kept.save(tmp_path / "net.npz")
        kept = ll.load(tmp_path / "net.npz")
    assert list(kept.weights) == list(net.weights)
    for name, array in net.weights.items():
        assert kept.weights[name].tobytes() == array.tobytes() and kept.weights[name].shape == array.shape
    inputs = np.random.default_rng(0).standard_normal((7, net.m))
    np.testing.assert_array_equal(kept.orbit(inputs=inputs), net.orbit(inputs=inputs))


def test_drawn_layers_keep_their_gain_and_seed_on_disk(tmp_path):
    net = ll.Model.stack([ll.Model("tanh", n=4, m=1, gain=1.7, seed=3), ll.Model("gru", n=2, m=4, seed=5)])
    net.save(tmp_path / "net.npz")
    layers = ll.load(tmp_path / "net.npz").layers
    assert [dict(layer.settings) for layer in layers] == [dict(layer.settings) for layer in net.layers]


def test_own_cells_are_given_when_a_stack_is_loaded(tmp_path):
    net = ll.Model.stack([ll.Model("tanh", n=2), ll.Model(STEP_ALONE, n=3, seed=1)])
    net.save(tmp_path / "net.npz")
    back = ll.load(tmp_path / "net.npz", cell=STEP_ALONE)
    np.testing.assert_array_equal(back.weights["W2"], net.weights["W2"])
    with pytest.raises(ValueError, match="step-alone"):
        ll.load(tmp_path / "net.npz")
    with pytest.raises(ValueError, match="path holds weights of the cell 'tanh', 'step-alone', got cell='quarter'"):
        ll.load(tmp_path / "net.npz", cell=ll.Cell("quarter", step=lambda q, x, u, y, w: None, size=(1, 0, 0)))


@pytest.mark.parametrize(
    ("layers", "error", "message"),
    [
        ([], ValueError, "layers must hold at least one model"),
        (3, TypeError, "layers must be a list of models, got int"),
        ([ll.Model("tanh", n=2), "tanh"], TypeError, r"layers\[1\] must be a Model, got str"),
        (
            [ll.Model("lstm", n=4), ll.Model("gru", n=2, m=8)],
            ValueError, r"layer 2 \(gru\) takes m=8 inputs, but layer 1 \(lstm\) shows h of 4: make it with m=4",
        ),
        ([ll.Model("tanh", n=3), ll.Model("tanh", n=3)], ValueError, "takes m=0 inputs, but layer 1"),
        ([ll.Model("rate", n=3, dt=0.1)], ValueError, r"layer 1 \(rate\) is a flow with dt=0.1"),
        (
            [ll.Model("tanh", n=3), ll.Model("rate", n=3, m=3)],
            ValueError, r"layers must be maps, but layer 2 \(rate\) is a flow",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_stacked_is_refused(layers, error, message):
    with pytest.raises(error, match=message):
        ll.Model.stack(layers)


def test_one_model_is_no_list():
    with pytest.raises(TypeError, match="layers must be a list of models, got Model"):
        ll.Model.stack(ll.Model("tanh", n=2))
