"""Weights on disk: exact, and nothing in a file is ever run."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import zipfile
from pathlib import Path

import numpy as np
import pytest

import lyaplab as ll

HEADER = {"format": "lyaplab-model", "version": 1, "cell": "tanh"}


def file_with(path, header=HEADER, **arrays):
    text = header if isinstance(header, str) else json.dumps(header)
    np.savez(path, **{"lyaplab.json": np.array(text)}, **arrays)
    return path


@pytest.mark.parametrize("suffix", [".npz", ".safetensors"])
@pytest.mark.parametrize(
    "net",
    [
        ll.Model("tanh", n=7, m=2, gain=1.3, seed=5),
        ll.Model("rate", preset="three-attractors", dt=0.037),
        ll.Model("logistic", r=np.nextafter(3.7, 4)),
        ll.Model("lorenz63", rho=1 / 3),
        ll.Model("linear", W=[[1e-320, 1e300], [-0.0, np.pi]]),
        ll.Model("shallow_plrnn", n=4, hidden=7, m=1, seed=2),
        ll.Model("dendritic_plrnn", preset="chaos"),
    ],
    ids=lambda net: net.cell.name,
)
def test_weights_come_back_to_the_last_bit(tmp_path, net, suffix):
    if suffix == ".safetensors":
        pytest.importorskip("safetensors")
    file = tmp_path / f"net{suffix}"
    net.save(file)
    back = ll.load(file)
    assert back.cell is net.cell and list(back.weights) == list(net.weights)
    for name, array in net.weights.items():
        assert back.weights[name].tobytes() == array.tobytes() and back.weights[name].shape == array.shape
    assert back.time_step == net.time_step and (back.d, back.m) == (net.d, net.m)


def test_loaded_network_moves_as_the_saved_one(tmp_path):
    net = ll.Model("tanh", n=5, m=1, gain=2.0, seed=1)
    net.save(str(tmp_path / "net"))
    inputs = np.random.default_rng(0).standard_normal((50, 1))
    np.testing.assert_array_equal(ll.load(tmp_path / "net").orbit(inputs=inputs), net.orbit(inputs=inputs))


def test_a_drawn_network_keeps_its_gain_and_seed(tmp_path):
    net = ll.Model("tanh", n=5, m=1, gain=1.7, seed=3)
    net.save(tmp_path / "net")
    assert dict(ll.load(tmp_path / "net").settings) == {"n": 5, "m": 1, "gain": 1.7, "seed": 3}


@pytest.mark.parametrize(
    "options",
    [
        {"init": "orthogonal"},
        {"init": "levy", "tail": 1.3, "symmetry": -0.4},
        {"init": "uniform", "p": 0.2, "zero_diagonal": True},
        {"outlier": 1.5},
    ],
    ids=str,
)
def test_a_drawn_network_keeps_how_it_was_drawn(tmp_path, options):
    net = ll.Model("tanh", n=6, seed=3, **options)
    net.save(tmp_path / "net")
    back = ll.load(tmp_path / "net")
    assert dict(back.settings) == dict(net.settings) and not back.own_weights
    assert back.weights["W"].tobytes() == net.weights["W"].tobytes()
    assert back.with_knobs(gain=2.0).settings["gain"] == 2.0 if "p" not in options else True


def test_weights_that_another_machine_rounded_otherwise_are_those_of_the_file(tmp_path):
    net = ll.Model("tanh", n=6, seed=3, init="orthogonal")
    weights = {**net.weights, "W": np.nextafter(net.weights["W"], 9.0)}
    header = {**HEADER, "settings": dict(net.settings)}
    back = ll.load(file_with(tmp_path / "net.npz", header, **weights))
    assert back.settings["init"] == "orthogonal" and back.weights["W"].tobytes() == weights["W"].tobytes()


def test_a_header_that_claims_another_seed_is_not_believed(tmp_path):
    net = ll.Model("tanh", n=4, seed=3)
    header = {**HEADER, "settings": {"n": 4, "m": 0, "gain": 1.0, "seed": 2}}
    back = ll.load(file_with(tmp_path / "net.npz", header, **net.weights))
    assert back.own_weights and back.weights["W"].tobytes() == net.weights["W"].tobytes()


def test_own_cells_are_given_never_read(tmp_path):
    @ll.map
    def doubling(x, a=2.0):
        return a * x % 1.0

    file = tmp_path / "own.npz"
    ll.Model(doubling, a=1.9).save(file)
    assert float(ll.load(file, cell=doubling).weights["a"]) == 1.9
    with pytest.raises(ValueError, match="unknown cell 'doubling'"):
        ll.load(file)
    with pytest.raises(ValueError, match="path holds weights of the cell 'doubling', got cell='logistic'"):
        ll.load(file, cell=ll.Model("logistic").cell)


def test_no_pickle_is_written(tmp_path):
    file = tmp_path / "net.npz"
    ll.Model("tanh", n=3).save(file)
    with np.load(file, allow_pickle=False) as arrays:
        assert set(arrays.files) == {"lyaplab.json", "W", "U", "b"}
        header = json.loads(str(arrays["lyaplab.json"]))
    assert header["cell"] == "tanh" and header["settings"]["seed"] == 0


def test_safetensors_hold_plain_tensors_and_the_same_header(tmp_path):
    safetensors = pytest.importorskip("safetensors")
    net = ll.Model.stack([ll.Model("tanh", n=4, m=1, gain=1.7, seed=3), ll.Model("gru", n=2, m=4, seed=5)])
    for name in ("net.npz", "net.safetensors"):
        net.save(tmp_path / name)
    with safetensors.safe_open(tmp_path / "net.safetensors", framework="numpy") as file:
        header = json.loads(file.metadata()["lyaplab.json"])
        assert set(file.keys()) == set(net.weights)
        np.testing.assert_array_equal(file.get_tensor("W2"), net.weights["W2"])
    with np.load(tmp_path / "net.npz") as arrays:
        assert header == json.loads(str(arrays["lyaplab.json"]))
    back = ll.load(tmp_path / "net.safetensors")
    assert [dict(layer.settings) for layer in back.layers] == [dict(layer.settings) for layer in net.layers]
    for name, array in net.weights.items():
        assert back.weights[name].tobytes() == array.tobytes() and back.weights[name].shape == array.shape


@contextlib.contextmanager
def files_of_at_most(size):
    """A disk that is full after so many bytes of a file: the system refuses to write more."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("name", ["net.npz", "net.safetensors"])
class TestAFileIsWhole:
    """At every moment the file is the old one or the new one."""

    def test_on_a_full_disk_the_old_one_stays(self, tmp_path, name):
        file = tmp_path / name
        old = ll.Model("tanh", n=3, seed=1)
        old.save(file)
        before = file.read_bytes()
        with files_of_at_most(5000), pytest.raises(OSError, match="the file that is there stays as it was") as failed:
            ll.Model("tanh", n=100).save(file)
        assert failed.value.errno == errno.EFBIG and failed.value.filename == str(file)
        assert file.read_bytes() == before and os.listdir(tmp_path) == [name]

    def test_on_a_full_disk_nothing_half_is_left(self, tmp_path, name):
        with files_of_at_most(5000), pytest.raises(OSError, match="File too large"):
            ll.Model("tanh", n=100).save(tmp_path / name)
        assert os.listdir(tmp_path) == []

    def test_who_reads_the_old_one_reads_it_to_its_end(self, tmp_path, name):
        ll.Model("tanh", n=3, seed=1).save(tmp_path / name)
        before = (tmp_path / name).read_bytes()
        with open(tmp_path / name, "rb", buffering=0) as reader:
            start = reader.read(10)
            ll.Model("tanh", n=50).save(tmp_path / name)
            assert start + reader.read() == before

    def test_who_may_read_it_stays(self, tmp_path, name):
        file = tmp_path / name
        ll.Model("tanh", n=3).save(file)
        file.chmod(0o640)
        ll.Model("tanh", n=4).save(file)
        assert file.stat().st_mode & 0o777 == 0o640 and ll.load(file).n == 4

    def test_a_link_stays_one(self, tmp_path, name):
        link = tmp_path / "sub" / name
        link.parent.mkdir()
        link.symlink_to(tmp_path / name)
        ll.Model("tanh", n=4).save(link)
        assert link.is_symlink() and ll.load(tmp_path / name).n == 4


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="no device that is always full")
def test_a_full_device_is_told_and_stays_a_device():
    with pytest.raises(OSError, match="No space left"):
        ll.Model("tanh", n=100).save("/dev/full")
    assert Path("/dev/full").is_char_device()


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        ll.Model("tanh", n=3).save(tmp_path / "nowhere" / "net.npz")


class TestRefused:
    def check(self, path, text):
        with pytest.raises(ValueError, match=text):
            ll.load(path)

    def test_pickled_objects(self, tmp_path):
        class Harmful:
            def __reduce__(self):
                return (tmp_path.joinpath("ran").touch, ())

        self.check(file_with(tmp_path / "a.npz", W=np.array([Harmful()], dtype=object)), "allow_pickle=False")
        np.savez(tmp_path / "b.npz", **{"lyaplab.json": np.array([Harmful()], dtype=object)})
        self.check(tmp_path / "b.npz", "path must be a file that Model.save wrote")
        import pickle

        (tmp_path / "c.npz").write_bytes(pickle.dumps(Harmful()))
        self.check(tmp_path / "c.npz", "not an npz file")
        assert not (tmp_path / "ran").exists()

    def test_foreign_files(self, tmp_path):
        np.savez(tmp_path / "a.npz", W=np.eye(2))
        self.check(tmp_path / "a.npz", "without its header")
        np.save(tmp_path / "b.npy", np.eye(2))
        self.check(tmp_path / "b.npy", "not an npz file")
        (tmp_path / "c.txt").write_text("hello")
        self.check(tmp_path / "c.txt", "not an npz file")
        (tmp_path / "d.npz").touch()
        self.check(tmp_path / "d.npz", "not an npz file")
        with zipfile.ZipFile(tmp_path / "e.npz", "w") as archive:
            archive.writestr("letter.txt", "hello")
        self.check(tmp_path / "e.npz", "without its header")
        ll.Model("henon").lyapunov_spectrum(10).save(tmp_path / "f.npz")
        self.check(tmp_path / "f.npz", "without its header")

    def test_truncated_and_damaged_files(self, tmp_path):
        file = tmp_path / "net.npz"
        ll.Model("tanh", n=20).save(file)
        good = file.read_bytes()
        for length in (1, 100, len(good) // 2, len(good) - 1):
            file.write_bytes(good[:length])
            self.check(file, "path must be a file that Model.save wrote")
        damaged = bytearray(good)
        damaged[len(good) // 2] ^= 0xFF
        file.write_bytes(bytes(damaged))
        self.check(file, "path must be a file that Model.save wrote")

    @pytest.mark.parametrize(
        ("header", "text"),
        [
            ("{not json", "path must be a file that Model.save wrote"),
            ("[1]", "without its header"),
            ({"format": "another"}, "without its header"),
            ({"format": "lyaplab-model"}, "damaged header"),
            ({**HEADER, "version": "x"}, "damaged header"),
            ({**HEADER, "cell": 3}, "damaged header"),
            ({**HEADER, "version": 99}, "written by a newer lyaplab .format 99.: update lyaplab"),
            ({**HEADER, "cell": "tahn"}, "unknown cell 'tahn': did you mean 'tanh'"),
        ],
    )
    def test_headers(self, tmp_path, header, text):
        self.check(file_with(tmp_path / "a.npz", header, W=np.eye(2)), text)

    def test_arrays_that_do_not_fit(self, tmp_path):
        self.check(file_with(tmp_path / "a.npz", W=np.eye(2) * np.nan), r"W must be finite, but W\[0, 0\] is nan")
        self.check(file_with(tmp_path / "b.npz", V=np.eye(2)), "unknown parameter 'V'")
        self.check(file_with(tmp_path / "c.npz", W=np.eye(2), b=np.ones(3)), r"b must have shape \(2,\), got \(3,\)")

    def test_missing_file(self, tmp_path):
        with pytest.raises(FileNotFoundError):
            ll.load(tmp_path / "none.npz")
