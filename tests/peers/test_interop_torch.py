"""PyTorch's networks taken over: the same orbits, and spectra as from its own automatic derivatives.

Skipped where PyTorch is not installed.
"""

from __future__ import annotations

import copy

import numpy as np
import pytest

import lyaplab as ll
from tests.test_readme import WITH_TORCH

torch = pytest.importorskip("torch")

N, M = 3, 2
CELLS = {"RNN": "tanh", "GRU": "gru", "LSTM": "lstm"}
# Every pile of layers is compiled by itself, which takes long: some of them stand for all.
ONE = [(kind, 1) for kind in CELLS]
ORBITS = [*ONE, ("GRU", 2), ("LSTM", 2), ("RNN", 3)]
SPECTRA = [*ONE, ("LSTM", 2), ("RNN", 3)]


def network(kind, *, layers=1, seed=0, **options):
    """A network that contracts, in float64."""
    torch.manual_seed(seed)
    return getattr(torch.nn, kind)(M, N, num_layers=layers, **options).double()


def follow(theirs, state, x):
    """One step of theirs from a state as ours has it: layer by layer, h and then c."""
    names, layers = (2 if isinstance(theirs, torch.nn.LSTM) else 1), theirs.num_layers
    pieces = state.reshape(layers, names, N).transpose(0, 1)
    _, last = theirs(x[None], (pieces[0], pieces[1]) if names == 2 else pieces[0])
    return torch.stack(last if names == 2 else (last,)).transpose(0, 1).flatten()


def exponents(theirs, orbit, inputs):
    """All exponents by QR of the Jacobians that autograd gives along an orbit."""
    Q, sums = np.eye(orbit.shape[1]), np.zeros(orbit.shape[1])
    for state, x in zip(torch.as_tensor(orbit), torch.as_tensor(inputs)):
        J = torch.autograd.functional.jacobian(lambda state, x=x: follow(theirs, state, x), state)
        Q, R = np.linalg.qr(J.numpy() @ Q)
        sums += np.log(np.abs(np.diag(R)))
    return np.sort(sums / len(inputs))[::-1]


@pytest.mark.parametrize(("kind", "layers"), ORBITS)
def test_orbits_are_the_same(kind, layers):
    theirs = network(kind, layers=layers, bias=layers != 2, batch_first=layers == 2, dropout=0.5 * (layers > 1)).eval()
    ours = ll.from_torch(theirs)
    assert ours.m == M and getattr(ours, "layers", [ours])[-1].cell.name == CELLS[kind]
    rng = np.random.default_rng(1)
    state, inputs = torch.as_tensor(rng.uniform(-1, 1, ours.d)), rng.standard_normal((200, M))
    rows = []
    with torch.no_grad():
        for x in torch.as_tensor(inputs):
            rows.append(state.numpy())
            state = follow(theirs, state, x)
    np.testing.assert_allclose(ours.orbit(x0=rows[0], inputs=inputs), rows, rtol=0, atol=1e-10)


@pytest.mark.parametrize(("kind", "layers"), SPECTRA)
def test_spectra_are_those_of_automatic_derivatives(kind, layers):
    theirs = network(kind, layers=layers)
    ours = ll.from_torch(theirs)
    rng = np.random.default_rng(2)
    start, inputs = rng.uniform(-1, 1, ours.d), rng.standard_normal((60, M))
    spectrum = ours.lyapunov_spectrum(x0=start, inputs=inputs, warmup=0)
    expected = exponents(theirs, ours.orbit(x0=start, inputs=inputs), inputs)
    # Of themselves: between two orthonormalisations the engine lets growth spread by up to 20 nats, which is 1e-7 of
    # a row; averaged over few steps, that is some 1e-9 of the lowest exponents.
    assert expected[0] < -0.1
    np.testing.assert_allclose(spectrum.exponents, expected, rtol=1e-8, atol=0)


@pytest.mark.parametrize("kind", CELLS)
def test_module_state_dict_and_file_are_one(kind, tmp_path):
    theirs = network(kind, layers=2)
    nets = [ll.from_torch(theirs), ll.from_torch(theirs.state_dict())]
    safetensors = pytest.importorskip("safetensors.torch")
    safetensors.save_file(theirs.state_dict(), tmp_path / "net.safetensors")
    nets.append(ll.load(tmp_path / "net.safetensors"))
    for name, array in nets[0].weights.items():
        assert all(net.weights[name].tobytes() == array.tobytes() for net in nets)
    with torch.no_grad():  # training goes on: the model stays as it was
        for tensor in theirs.parameters():
            tensor.add_(1.0)
    np.testing.assert_array_equal(nets[0].weights["W1"], nets[2].weights["W1"])


@pytest.mark.parametrize("kind", CELLS)
def test_a_cell_is_one_step(kind):
    torch.manual_seed(3)
    theirs = getattr(torch.nn, f"{kind}Cell")(M, N).double()
    ours = ll.from_torch(theirs)
    rng = np.random.default_rng(4)
    state, x = rng.uniform(-1, 1, ours.d), rng.standard_normal(M)
    pieces = torch.as_tensor(state).split(N)
    with torch.no_grad():
        last = theirs(torch.as_tensor(x), pieces if len(pieces) == 2 else pieces[0])
    expected = torch.cat(last) if isinstance(last, tuple) else last
    np.testing.assert_allclose(ours.step(state, inputs=x), expected.numpy(), rtol=0, atol=1e-14)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16], ids=str)
def test_numbers_of_less_precision_stay_what_they_are(dtype, tmp_path):
    theirs = torch.nn.LSTM(M, N).to(dtype)
    ours = ll.from_torch(theirs)
    np.testing.assert_array_equal(ours.weights["W"], theirs.weight_hh_l0.detach().double().numpy())
    safetensors = pytest.importorskip("safetensors.torch")
    safetensors.save_file(theirs.state_dict(), tmp_path / "net.safetensors")
    assert ll.load(tmp_path / "net.safetensors").weights["W"].tobytes() == ours.weights["W"].tobytes()


class Tagger(torch.nn.Module):
    """A network around a network."""

    def __init__(self, **parts):
        super().__init__()
        self.embed = torch.nn.Embedding(5, M)
        for name, part in parts.items():
            setattr(self, name, part)


class TestParts:
    def test_the_only_one_is_taken_and_named(self):
        theirs = Tagger(rnn=network("GRU"))
        with pytest.warns(UserWarning, match=r"of Tagger only 'rnn' \(GRU\) is taken, .*part='rnn'") as told:
            ours = ll.from_torch(torch.nn.Sequential(theirs)[0])
        assert told[0].filename == __file__  # where it was asked for
        np.testing.assert_array_equal(ours.weights["W"], theirs.rnn.weight_hh_l0.detach().numpy())

    @pytest.mark.filterwarnings("error")
    def test_of_several_one_has_to_be_chosen(self):
        theirs = Tagger(encoder=network("GRU"), decoder=network("LSTM"))
        with pytest.raises(ValueError, match="Tagger holds several recurrent networks, 'encoder', 'decoder'"):
            ll.from_torch(theirs)
        assert ll.from_torch(theirs, part="decoder").cell.name == "lstm"
        assert ll.from_torch(theirs.state_dict(), part="encoder").cell.name == "gru"

    def test_weights_in_force_are_those_of_a_parametrised_module(self):
        theirs = network("RNN")
        torch.nn.utils.parametrizations.weight_norm(theirs, "weight_hh_l0")
        with torch.no_grad():
            theirs.parametrizations.weight_hh_l0.original0.mul_(0.5)
        np.testing.assert_array_equal(ll.from_torch(theirs).weights["W"], theirs.weight_hh_l0.detach().numpy())

    def test_a_class_of_ones_own_without_another_forward(self):
        class Mine(torch.nn.LSTM):
            pass

        assert ll.from_torch(Mine(M, N)).cell.name == "lstm"


class Twice(torch.nn.GRU):
    def forward(self, x):
        return super().forward(x + x)


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: network("LSTM", bidirectional=True), "LSTM is bidirectional: it reads the future"),
        (lambda: network("LSTM", proj_size=2), r"LSTM has projections \(proj_size=2\)"),
        (lambda: network("LSTM", proj_size=2).state_dict(), "weight_hr_l0 belongs to a network with projections"),
        (lambda: network("GRU", bidirectional=True).state_dict(), "_reverse belongs to a bidirectional network"),
        (lambda: network("RNN", nonlinearity="relu"), "RNN has nonlinearity='relu', .* expected 'tanh'"),
        (lambda: torch.nn.RNNCell(2, 3, nonlinearity="relu"), "RNNCell has nonlinearity='relu'"),
        (lambda: torch.nn.Linear(2, 3), "Linear holds none of torch.nn.RNN, GRU and LSTM, or their cells"),
        (lambda: torch.nn.Linear(2, 3).state_dict(), "the state_dict holds none of the weights of torch.nn.RNN"),
        (lambda: Twice(M, N), "Twice has a forward of its own, .* pass its state_dict"),
        (lambda: torch.nn.LSTM(M, N, device="meta"), "weight_hh_l0 has no numbers to read, it is on the device meta"),
    ],
)
def test_what_is_not_supported_is_refused_by_name(make, text):
    with pytest.raises(ValueError, match=text):
        ll.from_torch(make())


def test_quantised_and_broken_weights_are_refused():
    theirs = network("RNN")
    state = copy.deepcopy(theirs.state_dict())
    state["weight_hh_l0"] = state["weight_hh_l0"].to(torch.int8)
    with pytest.raises(TypeError, match="weight_hh_l0 must be of floating-point numbers, got torch.int8"):
        ll.from_torch(state)
    with torch.no_grad():
        theirs.weight_hh_l0[1, 2] = torch.nan
    with pytest.raises(ValueError, match=r"weight_hh_l0 must be finite, but weight_hh_l0\[1, 2\] is nan"):
        ll.from_torch(theirs)


def test_a_file_of_torch_save_is_refused_with_what_to_do(tmp_path):
    theirs = network("GRU")
    torch.save(theirs.state_dict(), tmp_path / "new.pt")
    torch.save(theirs.state_dict(), tmp_path / "old.pth", _use_new_zipfile_serialization=False)
    for name in ("new.pt", "old.pth"):
        with pytest.raises(ValueError, match=r"torch.load\(path, weights_only=True\) and pass the state_dict"):
            ll.load(tmp_path / name)
        assert ll.from_torch(torch.load(tmp_path / name, weights_only=True)).cell.name == "gru"


def test_the_readmes_example(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (example,) = WITH_TORCH
    names: dict = {}
    torch.manual_seed(0)
    exec(compile(example, "README.md", "exec"), names)
    assert names["spectrum"].exponents.shape == (32,) and names["spectrum"].exponents[0] < 0
    assert "[" in capsys.readouterr().out
    back = ll.load("lstm.safetensors")
    np.testing.assert_array_equal(back.weights["W2"], names["lstm"].weight_hh_l1.detach().numpy())
