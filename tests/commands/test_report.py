"""``lyaplab report``: a page from a file, and one line for whatever is wrong with it."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from safetensors.numpy import save_file

import lyaplab as ll
from lyaplab.__main__ import main
from lyaplab.commands.report import read_inputs

NET = ll.Model("tanh", n=2, m=1, gain=0.6, seed=1)
INPUTS = np.random.default_rng(5).standard_normal((300, 1))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with a network and files that are none."""
    monkeypatch.chdir(tmp_path)
    NET.save("net.npz")
    np.savez("inputs.npz", inputs=INPUTS, targets=np.zeros(3))
    np.savez("two.npz", a=np.zeros(2), b=np.zeros(3))
    np.savez("objects.npz", inputs=np.array([{}], dtype=object))
    np.save("series.npy", INPUTS[:, 0])
    np.savetxt("plain.csv", INPUTS, delimiter=",")
    np.savetxt("named.csv", INPUTS, delimiter=",", header="force", comments="")
    (tmp_path / "words.csv").write_text("force\nstrong\nweak\n")
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "foreign.npz").write_text("hello")
    whole = (tmp_path / "inputs.npz").read_bytes()
    (tmp_path / "cut.npz").write_bytes(whole[: len(whole) // 2])
    return tmp_path


def test_the_page_goes_to_the_screen_and_the_charts_to_a_file(folder, capsys):
    status = main(["report", "net.npz", "--inputs", "inputs.npz", "--html", "page.html", "--k", "1", "--steps", "100"])
    printed = capsys.readouterr()
    page = ll.report(NET, INPUTS, k=1, steps=100)
    assert (status, printed.err) == (0, "")
    assert printed.out == f"{page}\n"
    assert (folder / "page.html").read_text(encoding="utf-8") == page.document()


def test_without_inputs(folder, capsys):
    assert main(["report", "net.npz", "--steps", "300", "--seed", "4"]) == 0
    assert capsys.readouterr().out == f"{ll.report(NET, steps=300, seed=4)}\n"


@pytest.mark.parametrize("name", ["inputs.npz", "series.npy", "plain.csv", "named.csv"])
def test_inputs_come_in_several_kinds_of_file(folder, name):
    assert read_inputs(folder / name) == pytest.approx(INPUTS)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nowhere.npz"], "there is no file nowhere.npz"),
        (["foreign.npz"], "not an npz file"),
        (["net.npz", "--inputs", "nowhere.csv"], "there is no file nowhere.csv"),
        (["net.npz", "--inputs", "two.npz"], "called 'inputs', got 'a', 'b'"),
        (["net.npz", "--inputs", "objects.npz"], "plain numbers, and objects.npz is not"),
        (["net.npz", "--inputs", "foreign.npz"], "plain numbers, and foreign.npz is not"),
        (["net.npz", "--inputs", "cut.npz"], "plain numbers, and cut.npz is not"),
        (["net.npz", "--inputs", "words.csv"], "rows of numbers, and words.csv is not"),
        (["net.npz", "--inputs", "empty.csv"], "got none in empty.csv"),
        (["net.npz", "--inputs", "page.txt"], "npz, npy or csv file, got page.txt"),
        (["net.npz", "--steps", "0"], "steps must be a whole number of at least 1, got 0"),
        (["net.npz", "--k", "9"], "k must be at most 2"),
        (["net.npz", "--steps", "50", "--html", "nowhere/page.html"], "there is no folder nowhere"),
    ],
)
def test_what_is_wrong_is_one_line(folder, capsys, words, said):
    assert main(["report", *words]) == 2
    told = capsys.readouterr().err
    assert said in told
    assert told.startswith("lyaplab: ") and told.count("\n") == 1


def test_a_process_of_its_own_shows_no_traceback(folder):
    done = subprocess.run(
        [sys.executable, "-m", "lyaplab", "report", "cut.npz"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("lyaplab: ") and "Traceback" not in done.stderr


def test_weights_of_other_frameworks(folder, capsys):
    weights = {"weight_ih_l0": np.zeros((2, 1)), "weight_hh_l0": 0.5 * np.eye(2)}
    save_file({**weights, "bias_ih_l0": np.zeros(2), "bias_hh_l0": np.zeros(2)}, folder / "w.safetensors")
    assert main(["report", "w.safetensors", "--steps", "100"]) == 0
    assert "spectral radius         0.5" in capsys.readouterr().out
