"""Files of others: by PyTorch's names or by a card's, in npz and in safetensors; and files that are refused."""

from __future__ import annotations

import json
import pickle
import sys
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lyaplab as ll
from lyaplab.model.encoding import decode, encode

save_file = pytest.importorskip("safetensors.numpy").save_file


def torch_names(n=3, m=2, prefix="", dtype=np.float32):
    rng = np.random.default_rng(0)
    shapes = {"weight_ih": (3 * n, m), "weight_hh": (3 * n, n), "bias_ih": (3 * n,), "bias_hh": (3 * n,)}
    return {f"{prefix}{name}_l0": rng.uniform(-1, 1, shape).astype(dtype) for name, shape in shapes.items()}


def write(path, arrays):
    if path.suffix == ".npz":
        np.savez(path, **arrays)
    else:
        save_file(arrays, path)
    return path


@pytest.fixture(params=["net.npz", "net.safetensors"])
def file(request, tmp_path):
    return tmp_path / request.param


def raw_safetensors(path, tensors):
    """A file written byte by byte, as the format's description says; tensors are (type, shape, bytes)."""
    header, data = {}, b""
    for name, (kind, shape, payload) in tensors.items():
        header[name] = {"dtype": kind, "shape": shape, "data_offsets": [len(data), len(data) + len(payload)]}
        data += payload
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)
    return path


class TestTaken:
    def test_by_pytorchs_names(self, file):
        tensors = torch_names()
        net = ll.load(write(file, tensors))
        assert net.cell.name == "gru" and (net.n, net.m) == (3, 2)
        for name, array in ll.from_torch(tensors).weights.items():
            np.testing.assert_array_equal(net.weights[name], array)

    def test_a_part_of_a_larger_network(self, file):
        write(file, torch_names(prefix="encoder.") | torch_names(prefix="decoder.") | {"head.bias": np.ones(2)})
        assert ll.load(file, part="decoder").cell.name == "gru"
        with pytest.raises(ValueError, match="holds several recurrent networks, 'decoder', 'encoder'|'encoder', 'deco"):
            ll.load(file)

    @pytest.mark.parametrize("cell", ["gru", "lstm"])
    def test_by_a_cards_names_where_they_fit_one_cell(self, file, cell):
        net = ll.Model(cell, n=4, m=2, seed=1)
        back = ll.load(write(file, dict(net.weights)))
        assert back.cell is net.cell
        for name, array in net.weights.items():
            assert back.weights[name].tobytes() == array.tobytes()

    def test_by_a_cards_names_where_they_fit_several(self, file):
        write(file, dict(ll.Model("tanh", n=3, m=1).weights))
        with pytest.raises(
            ValueError, match=r"W \(3, 3\).* may be of the cells .*linear, rate, tanh; say which, as in"
        ):
            ll.load(file)
        assert ll.load(file, cell="tanh").cell.name == "tanh"
        assert ll.load(file, cell=ll.Model("linear", n=2).cell).cell.name == "linear"

    def test_numbers_of_sixteen_bits_stay_what_they_are(self, tmp_path):
        W = np.array([[1.0, -0.5, 2.0**-126], [3.140625, 0.0, -(2.0**100)], [257.0 - 1.0, 0.1015625, 1.9921875]])
        upper = (W.astype("<f4").view("<u4") >> 16).astype("<u2")
        halves = np.arange(9, dtype="<f2").reshape(3, 3) / 8
        tensors = {"W": ("BF16", [3, 3], upper.tobytes()), "U": ("F16", [3, 3], halves.tobytes())}
        net = ll.load(raw_safetensors(tmp_path / "a.safetensors", tensors), cell="tanh")
        np.testing.assert_array_equal(net.weights["W"], W)
        np.testing.assert_array_equal(net.weights["U"], np.arange(9).reshape(3, 3) / 8)

    def test_a_file_is_known_by_its_contents(self, tmp_path):
        net = ll.Model("lstm", n=2, seed=1)
        net.save(tmp_path / "a.safetensors")
        (tmp_path / "a.safetensors").rename(tmp_path / "weights")
        assert dict(ll.load(tmp_path / "weights").settings) == dict(net.settings)


@given(
    st.dictionaries(
        st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=6),
        st.lists(st.floats(), max_size=5),
        max_size=4,
    ),
    st.booleans(),
    st.text(max_size=20),
)
def test_what_is_written_is_what_is_read(arrays, as_safetensors, header):
    held = {name: np.array(values, dtype=float) for name, values in arrays.items()}
    text, back = decode(encode(held, json.dumps(header), safetensors=as_safetensors))
    assert text is not None and json.loads(text) == header
    assert {name: array.tobytes() for name, array in back.items()} == {
        name: array.tobytes() for name, array in held.items()
    }


class TestRefused:
    def check(self, path, text, error=ValueError, **options):
        with pytest.raises(error, match=text):
            ll.load(path, **options)

    def test_arrays_that_do_not_fit(self, file):
        write(file, {"W": np.zeros((6, 2)), "U": np.zeros((6, 3)), "b": np.zeros(5), "b_n": np.zeros(2)})
        self.check(file, r"fit no cell \(gru: b must have shape \(6,\), got \(5,\)\)")
        write(file, torch_names() | {"bias_hh_l0": np.ones(4, dtype=np.float32)})
        self.check(file, r"bias_hh_l0 must have shape \(9,\), got \(4,\)")

    def test_numbers_that_are_none(self, file):
        write(file, {"W": np.full((8, 2), np.nan)})
        self.check(file, r"W must be finite, but W\[0, 0\] is nan")

    def test_arrays_that_are_of_no_network(self, file):
        write(file, {"pixels": np.ones((4, 4))})
        self.check(file, r"path must be a file that Model.save wrote, or an npz .*, which holds pixels \(4, 4\)")

    def test_options_without_effect(self, file):
        write(file, torch_names())
        self.check(file, "path holds weights of the cell 'gru', got cell='lstm'", cell="lstm")
        ll.Model("gru", n=2).save(file)
        self.check(file, "path holds weights of the cell 'gru', got cell='lstm'", cell="lstm")
        self.check(file, "part has no effect", part="rnn")

    def test_truncated_and_damaged_safetensors(self, tmp_path):
        file = tmp_path / "net.safetensors"
        ll.Model("tanh", n=20).save(file)
        good = file.read_bytes()
        for length in (0, 5, 100, len(good) // 2, len(good) - 1):
            file.write_bytes(good[:length])
            self.check(file, "path must be a file that Model.save wrote, .*, which is a damaged safetensors file")
        file.write_bytes(good[:20] + b"\xff" + good[21:])
        self.check(file, "damaged safetensors file")
        file.write_text("hello")
        self.check(file, "damaged safetensors file, or none")

    def test_types_that_are_unknown(self, tmp_path):
        tensors = {"W": ("F8_E4M3", [2, 2], b"\0" * 4)}
        self.check(
            raw_safetensors(tmp_path / "a.safetensors", tensors), "whose tensor 'W' is of the type F8_E4M3, expec"
        )

    def test_pickles_are_not_opened(self, tmp_path):
        class Harmful:
            def __reduce__(self):
                return (tmp_path.joinpath("ran").touch, ())

        np.savez(tmp_path / "a.npz", weight_hh_l0=np.array([Harmful()], dtype=object))
        self.check(tmp_path / "a.npz", "which holds pickled objects, and these may run code")
        # As torch.save writes them: a zip file with a pickle inside, and before PyTorch 1.6 a bare one.
        with zipfile.ZipFile(tmp_path / "b.pt", "w") as archive:
            archive.writestr("b/data.pkl", pickle.dumps(Harmful()))
        advice = r"is a pickle, which may run code .*torch.load\(path, weights_only=True\) .* ll.from_torch"
        self.check(tmp_path / "b.pt", advice)
        (tmp_path / "c.pth").write_bytes(pickle.dumps(Harmful(), protocol=2))
        self.check(tmp_path / "c.pth", advice)
        (tmp_path / "d.safetensors").write_bytes(pickle.dumps(Harmful()))
        self.check(tmp_path / "d.safetensors", advice)
        assert not (tmp_path / "ran").exists()

    def test_files_of_keras(self, tmp_path):
        (tmp_path / "a.h5").write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(100))
        with zipfile.ZipFile(tmp_path / "b.keras", "w") as archive:
            archive.writestr("model.weights.h5", b"")
        for name in ("a.h5", "b.keras"):
            self.check(tmp_path / name, r"belongs to Keras: .*keras.models.load_model\(path\) .* ll.from_keras")

    def test_without_the_package(self, tmp_path, monkeypatch):
        ll.Model("tanh", n=2).save(tmp_path / "net.npz")
        monkeypatch.setitem(sys.modules, "safetensors", None)
        monkeypatch.setitem(sys.modules, "safetensors.numpy", None)
        with pytest.raises(ModuleNotFoundError, match="needs the package safetensors .pip install safetensors."):
            ll.Model("tanh", n=2).save(tmp_path / "net.safetensors")
        assert ll.load(tmp_path / "net.npz").n == 2
