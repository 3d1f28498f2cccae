"""Keras' networks taken over: the same orbits, and spectra as from automatic derivatives of its cells.

Keras calculates with PyTorch here. Skipped where either is not installed.
"""

from __future__ import annotations

import numpy as np
import pytest

import lyaplab as ll

torch = pytest.importorskip("torch")
keras = pytest.importorskip("keras")
if keras.backend.backend() != "torch":
    pytest.skip("keras is set to another backend than torch", allow_module_level=True)
L = keras.layers

N, M = 3, 2
KINDS = {
    "SimpleRNN": (L.SimpleRNN, {}),
    "GRU, reset after": (L.GRU, {}),
    "GRU, reset before": (L.GRU, {"reset_after": False}),
    "LSTM": (L.LSTM, {}),
}
# Every pile of layers is compiled by itself, which takes long: some of them stand for all.
ONE = [(kind, 1) for kind in KINDS]
PILES = [*ONE, ("LSTM", 2), ("SimpleRNN", 3)]


@pytest.fixture
def double(monkeypatch):
    """Keras' products in float64: with TensorFlow it has them, with other backends it rounds them to float32."""
    dtypes = pytest.importorskip("keras.src.backend.common.dtypes")
    monkeypatch.setitem(dtypes.BIT64_TO_BIT32_DTYPE, "float64", "float64")


def layer(kind, *, units=N, m=M, seed=0, **options):
    """A layer that contracts, in float64, with biases that are not zero."""
    keras.utils.set_random_seed(seed)
    make, own = KINDS[kind]
    made = make(units, **{"dtype": "float64", "bias_initializer": "random_normal", **own, **options})
    made.build((None, None, m))
    return made


def pile(kind, count, **options):
    return [layer(kind, m=N if k else M, seed=k, return_sequences=True, **options) for k in range(count)]


def width(theirs):
    return N * (2 if isinstance(theirs, L.LSTM) else 1)


def follow(layers, state, x):
    """One step of theirs from a state as ours has it: layer by layer, h and then c."""
    new, x = [], x[None]
    for theirs, own in zip(layers, state.split([width(each) for each in layers])):
        x, states = theirs.cell(x, [piece[None] for piece in own.split(N)])
        new += [piece[0] for piece in states]
    return torch.cat(new)


def exponents(layers, orbit, inputs):
    """All exponents by QR of the Jacobians that autograd gives along an orbit."""
    Q, sums = np.eye(orbit.shape[1]), np.zeros(orbit.shape[1])
    for state, x in zip(torch.as_tensor(orbit), torch.as_tensor(inputs)):
        J = torch.autograd.functional.jacobian(lambda state, x=x: follow(layers, state, x), state)
        Q, R = np.linalg.qr(J.numpy() @ Q)
        sums += np.log(np.abs(np.diag(R)))
    return np.sort(sums / len(inputs))[::-1]


@pytest.mark.parametrize("bias", [True, False], ids=["bias", "no bias"])
@pytest.mark.parametrize(("kind", "count"), PILES)
def test_orbits_are_the_same(kind, count, bias, double):
    theirs = pile(kind, count, use_bias=bias, dropout=0.3)
    ours = ll.from_keras(theirs)
    inputs = np.random.default_rng(1).standard_normal((200, M))
    shown = torch.as_tensor(inputs)[None]
    with torch.no_grad():
        for each in theirs:
            shown = each(shown, training=False)
    states = ours.orbit(x0=np.zeros(ours.d), inputs=inputs)
    top = slice(ours.d - width(theirs[-1]), ours.d - width(theirs[-1]) + N)
    # Our row 0 is the start, theirs the state after it.
    np.testing.assert_allclose(states[1:, top], shown[0, :-1].numpy(), rtol=0, atol=1e-10)


@pytest.mark.parametrize(("kind", "count"), PILES)
def test_spectra_are_those_of_automatic_derivatives(kind, count, double):
    theirs = pile(kind, count)
    ours = ll.from_keras(theirs)
    rng = np.random.default_rng(2)
    start, inputs = rng.uniform(-1, 1, ours.d), rng.standard_normal((60, M))
    spectrum = ours.lyapunov_spectrum(x0=start, inputs=inputs, warmup=0)
    expected = exponents(theirs, ours.orbit(x0=start, inputs=inputs), inputs)
    # Of themselves, as in test_interop_torch.py.
    np.testing.assert_allclose(spectrum.exponents, expected, rtol=1e-8, atol=0)


@pytest.mark.parametrize("kind", KINDS)
def test_keras_as_it_comes_agrees_to_its_own_rounding(kind):
    theirs = layer(kind, return_sequences=True, dtype="float32")
    ours = ll.from_keras(theirs)
    inputs = np.random.default_rng(3).standard_normal((100, M))
    with torch.no_grad():
        shown = theirs(torch.as_tensor(inputs[None], dtype=torch.float32))[0, :-1].numpy()
    np.testing.assert_allclose(ours.orbit(x0=np.zeros(ours.d), inputs=inputs)[1:, :N], shown, rtol=0, atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_layer_weights_and_cell_are_one(kind):
    theirs = layer(kind)
    wrapped = L.RNN(theirs.cell)
    nets = [ll.from_keras(each) for each in (theirs, theirs.get_weights(), theirs.cell, wrapped)]
    for name, array in nets[0].weights.items():
        assert all(net.weights[name].tobytes() == array.tobytes() for net in nets)


@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_numbers_of_less_precision_stay_what_they_are(dtype):
    theirs = layer("LSTM", dtype=dtype, recurrent_initializer="random_normal")
    kernel = theirs.get_weights()[0]
    assert kernel.dtype == dtype
    np.testing.assert_array_equal(ll.from_keras(theirs).weights["U"], kernel.T.astype(float))


def test_numbers_of_sixteen_bits_of_the_other_kind():
    theirs = layer("SimpleRNN", dtype="bfloat16", recurrent_initializer="random_normal")
    expected = theirs.cell.recurrent_kernel.value.detach().double().numpy().T
    assert np.any(expected)
    np.testing.assert_array_equal(ll.from_keras(theirs).weights["W"], expected)


def built(*layers, shape=(5, M)):
    return keras.Sequential([keras.Input(shape), *layers])


class TestModels:
    def test_recurrent_layers_that_follow_each_other(self):
        model = built(L.Dense(M), L.LSTM(4, return_sequences=True), L.Dropout(0.1), L.GRU(3, name="top"), L.Dense(1))
        with pytest.warns(UserWarning, match=r"only 'lstm\w*', 'top' is taken, .*\[model.get_layer\('lstm"):
            net = ll.from_keras(model)
        assert [(each.cell.name, each.n, each.m) for each in net.layers] == [("lstm", 4, 2), ("gru", 3, 4)]
        assert ll.from_keras(model, part="top").cell.name == "gru"
        with pytest.raises(ValueError, match="unknown part 'tip': did you mean 'top'"):
            ll.from_keras(model, part="tip")

    def test_the_only_one_is_taken_and_named(self):
        with pytest.warns(UserWarning, match=r"only 'memory' \(GRU\) is taken, nothing around it .part='memory'"):
            assert ll.from_keras(built(L.GRU(3, name="memory"), L.Dense(1))).n == 3

    def test_layers_that_something_lies_between(self):
        model = built(L.LSTM(4, return_sequences=True), L.Dense(3), L.GRU(3))
        with pytest.raises(ValueError, match="several recurrent networks, .*: say which, as in part='lstm"):
            ll.from_keras(model)

    def test_layers_side_by_side(self):
        x = keras.Input((5, M))
        model = keras.Model(x, [L.LSTM(4, name="a")(x), L.GRU(3, name="b")(x)])
        with pytest.raises(ValueError, match="several recurrent networks, 'a', 'b': say which, as in part='a'"):
            ll.from_keras(model)


class Twice(L.GRU):
    def call(self, sequences, **options):
        return super().call(sequences + sequences, **options)


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: L.Bidirectional(L.LSTM(3)), r"\(Bidirectional\) is bidirectional: it reads the future"),
        (lambda: built(L.Bidirectional(L.LSTM(3))), r"\(Bidirectional\) is bidirectional"),
        (lambda: layer("SimpleRNN", activation="relu"), r"\(SimpleRNN\) has activation='relu', .* expected 'tanh'"),
        (lambda: layer("LSTM", activation=None), r"\(LSTM\) has activation='linear'"),
        (lambda: layer("LSTM", activation=lambda x: x), r"\(LSTM\) has activation="),
        (
            lambda: layer("GRU, reset after", recurrent_activation="hard_sigmoid"),
            r"\(GRU\) has recurrent_activation='hard_sigmoid', .* expected 'sigmoid'",
        ),
        (lambda: layer("LSTM", go_backwards=True), r"\(LSTM\) has go_backwards=True"),
        (lambda: L.Dense(3), r"\(Dense\) is not supported: expected keras.layers.SimpleRNN, GRU and LSTM"),
        (lambda: L.ConvLSTM1D(3, 2), r"\(ConvLSTM1D\) is not supported"),
        (lambda: built(L.Dense(3)), r"the model 'sequential\w*' holds none of keras.layers.SimpleRNN"),
        (lambda: L.LSTM(3), r"\(LSTM\) has no weights yet: call it on some input, or build it"),
        (lambda: Twice(3), r"\(Twice\) has a call of its own, .* pass its get_weights"),
    ],
)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_what_is_not_supported_is_refused_by_name(make, text):
    with pytest.raises(ValueError, match=text):
        ll.from_keras(make())


def test_weights_that_are_not_finite_are_named():
    theirs = layer("LSTM")
    kernel, recurrent, bias = theirs.get_weights()
    bias[5] = np.nan
    theirs.set_weights([kernel, recurrent, bias])
    with pytest.raises(ValueError, match=r"bias of 'lstm\w*' must be finite, but .*\[5\] is nan"):
        ll.from_keras(theirs)


def test_one_framework_taken_for_the_other():
    with pytest.raises(TypeError, match=r"source is a layer of Keras \(LSTM\): take ll.from_keras"):
        ll.from_torch(layer("LSTM"))
    with pytest.raises(TypeError, match="source must be a layer or model of Keras, .*, got LSTM: take ll.from_torch"):
        ll.from_keras(torch.nn.LSTM(M, N))


def test_files_of_keras_are_refused_with_what_to_do(tmp_path):
    model = built(L.LSTM(3))
    model.save(tmp_path / "a.keras")
    model.save_weights(tmp_path / "b.weights.h5")
    for name in ("a.keras", "b.weights.h5"):
        with pytest.raises(ValueError, match=r"belongs to Keras: .* ll.from_keras"):
            ll.load(tmp_path / name)
