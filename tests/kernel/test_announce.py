"""The line that says why it takes so long: once, where a person reads, and never in a pipe."""

from __future__ import annotations

import os
import pty
import subprocess
import sys

import nbformat
import pytest
from nbclient import NotebookClient

from lyaplab.kernel import announce

SCRIPT = "import lyaplab as ll; m = ll.Model('logistic'); m.orbit(3); m.step(m.start); print('done')"


@pytest.fixture
def heard(monkeypatch):
    lines: list[str] = []
    monkeypatch.setattr(announce, "listeners", [lines.append])
    return lines


class CellType:
    cell_name = "tanh"


def test_a_listener_hears_the_cell_and_not_the_signature(heard):
    announce.announce("_run", (CellType(), "float64"))
    announce.announce("_run", ("float64",))
    assert "'tanh'" in heard[0] and "float64" not in heard[0]
    assert "_run" in heard[1]


def test_a_pipe_gets_nothing_but_what_the_script_prints(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        capture_output=True, text=True, check=True, env={**os.environ, "LYAPLAB_CACHE": str(tmp_path)},
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("done\n", "")


def test_a_terminal_gets_one_line_for_a_cell_and_none_when_all_is_there(tmp_path):
    first, second = on_a_terminal(tmp_path), on_a_terminal(tmp_path)
    assert first.count("compiling for 'logistic'") == 1
    assert first.count("\n") == 1
    assert second == ""


def on_a_terminal(cache) -> str:
    """What the script writes to stderr when that is a terminal."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT],
        stdout=subprocess.DEVNULL, stderr=theirs, env={**os.environ, "LYAPLAB_CACHE": str(cache)},
    )  # fmt: skip
    os.close(theirs)
    text = b""
    try:
        while part := os.read(ours, 4096):
            text += part
    except OSError:  # how Linux says that the other end is closed
        pass
    assert process.wait(timeout=250) == 0
    os.close(ours)
    return text.decode().replace("\r\n", "\n")


def test_a_notebook_shows_it_as_output_and_not_as_an_error(tmp_path, monkeypatch):
    monkeypatch.setenv("LYAPLAB_CACHE", str(tmp_path))
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(SCRIPT)])
    NotebookClient(notebook, timeout=250, kernel_name="python3").execute()
    outputs = notebook.cells[0].outputs
    assert {output["name"] for output in outputs} == {"stdout"}
    text = "".join(output["text"] for output in outputs)
    assert text.count("compiling for 'logistic'") == 1
